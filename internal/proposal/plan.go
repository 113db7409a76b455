package proposal

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/slot"
)

// timeline is part 6 of DOMAIN 7.2: the plan of SCOPE.md's section 12.
func (m *maker) timeline() Timeline {
	var out Timeline
	out.Low, out.High = m.r.Weeks()
	for _, s := range m.r.Milestones() {
		out.Milestones = append(out.Milestones, Milestone{s.Name, s.Span.From, s.Span.Weeks(), s.Needs, s.Part})
	}
	out.Launch = m.launch(out.Low)
	if readiness := m.r.Values()[slot.ContentReadiness]; readiness != "ready" {
		if state := m.r.Told(slot.ContentReadiness, maxClause); state != "" {
			out.Notes = append(out.Notes, fmt.Sprintf("Your texts are %s. A page waits until its texts and pictures are there.", state))
		}
	}
	if outside := m.outside(); len(outside) > 0 {
		out.Notes = append(out.Notes, "Accounts of outside services are needed in time for: "+strings.Join(outside, ", ")+".")
	}
	return out
}

// launch compares the wished launch day with the shortest plan.
func (m *maker) launch(low int) string {
	day, exact, ok := m.r.Launch()
	if !ok {
		return "You have not named a launch date, so the weeks count from the kickoff."
	}
	asked, by := "around "+scope.Day(day), "around "
	if exact {
		asked, by = "on "+scope.Day(day), "by "
	}
	asked = fmt.Sprintf("You asked for a launch %s. The shortest plan takes %d weeks", asked, low)
	if latest := day.AddDate(0, 0, -7*low); !latest.Before(m.now.Truncate(24 * time.Hour)) {
		return fmt.Sprintf("%s, so the kickoff has to be %s%s.", asked, by, scope.Day(latest))
	}
	end := m.now.AddDate(0, 0, 7*low)
	late := max(1, int(math.Ceil(end.Sub(day).Hours()/24)))
	text := fmt.Sprintf("%s; with a kickoff on the day of this proposal it ends on %s, %s later.", asked, scope.Day(end), span(late))
	if late > 7 {
		text += " At kickoff we settle together what goes live first."
	}
	return text
}

// span writes a number of days, long ones in weeks.
func span(days int) string {
	if days < 14 {
		return scope.Plural(days, "day")
	}
	return "about " + scope.Plural((days+3)/7, "week")
}

// outside names what depends on services of others.
func (m *maker) outside() []string {
	var out []string
	for _, name := range m.r.Entries(slot.Integrations) {
		if !none(name) {
			out = append(out, name)
		}
	}
	for _, l := range m.e.Lines {
		f, _ := m.cat.Feature(l.Feature)
		if slices.ContainsFunc(f.Notes, func(n string) bool { return strings.HasPrefix(n, "Needs ") }) {
			out = append(out, scope.OneLine(l.Name))
		}
	}
	return out
}

// open says what is still to be settled, in sentences for the client.
func (m *maker) open() []string {
	var out []string
	if !m.r.Confirmed() {
		out = append(out, "Package and price are our suggestion; you have not confirmed them yet.")
	}
	if name, _ := m.r.Currency(); name != "" {
		out = append(out, fmt.Sprintf("You told us sums in %s, and our prices are in US dollars. We took your numbers as they are; please tell us which currency you count in.", name))
	}
	for _, c := range m.s.Conflicts {
		text := fmt.Sprintf("Two of your answers do not fit together: “%s” and “%s”.", scope.Shorten(c.Original, maxClause), scope.Shorten(c.Conflicting, maxClause))
		if c.Unread {
			text = fmt.Sprintf("You settled “%s” and “%s” in your own words, and the plan does not say so yet: “%s”.",
				scope.Shorten(c.Original, maxClause), scope.Shorten(c.Conflicting, maxClause), scope.Shorten(c.Label, maxClause))
		}
		if !c.Settled() && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	if missing := m.missing(); missing != "" {
		out = append(out, "Still to be settled: "+missing+".")
	}
	return out
}

// missing names what was asked for and not answered. Of details it tells the
// number only.
func (m *maker) missing() string {
	var names []string
	details := map[string]bool{}
	add := func(label string) {
		i := slices.IndexFunc(slot.Defs(), func(d slot.Def) bool { return d.Label == label })
		if i < 0 || !slot.Defs()[i].Item() || slot.Defs()[i].Priority == slot.NiceToHave {
			details[label] = true
		} else if !slices.Contains(names, label) {
			names = append(names, label)
		}
	}
	for _, o := range m.s.OpenPoints {
		if o.Slot != slot.PriceConfirmed && m.r.Value(o.Slot, maxClause) == "" {
			add(m.r.Label(o.Slot))
		}
	}
	if m.s.Completion != nil {
		for _, label := range m.s.Completion.Missing {
			add(label)
		}
	}
	if len(names) == 0 {
		return "" // details are settled at the kickoff in any case
	}
	if len(details) > 0 {
		return strings.Join(names, ", ") + " and " + scope.Plural(len(details), "detail")
	}
	return strings.Join(names, ", ")
}

// lacks says what the answers ask for and the price does not hold. What is
// among the options, or shut out by a chosen feature that takes its place, has
// been told already.
func (m *maker) lacks(options []Option) []string {
	var out []string
	for _, l := range m.r.Left() {
		if m.replaced(l.What) || slices.ContainsFunc(options, func(o Option) bool { return o.Name == l.What }) {
			continue
		}
		text := scope.Shorten(l.What, maxNeed)
		if len(l.Needs) > 0 {
			text = fmt.Sprintf("%s – this would take %s", text, strings.Join(l.Needs, " or "))
		} else if !slices.ContainsFunc(m.cat.Features, func(f catalog.Feature) bool { return scope.OneLine(f.Name) == l.What }) {
			text += " – not on our price list; we plan and price it with you at kickoff"
		}
		if text = sentence(text); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// replaced reports whether a chosen feature takes the place of the one with
// this name.
func (m *maker) replaced(name string) bool {
	return slices.ContainsFunc(m.e.Lines, func(l catalog.Line) bool {
		f, _ := m.cat.Feature(l.Feature)
		return slices.ContainsFunc(f.Conflicts, func(id catalog.FeatureID) bool {
			other, _ := m.cat.Feature(id)
			return scope.OneLine(other.Name) == name
		})
	})
}

// steps is part 8 of DOMAIN 7.2.
func (m *maker) steps(p Proposal) []Step {
	review := fmt.Sprintf("Read the proposal and tell us what to change. The prices hold until %s.", scope.Day(p.ValidUntil))
	if n := len(p.Open) + len(p.NotIncluded); n > 0 {
		review += " The open points are listed below."
	}
	out := []Step{
		{"Review", review},
		{"Sign", fmt.Sprintf("Sign the agreement for %s; it names the same features and prices.", p.Investment.Total)},
	}
	if len(p.Investment.Payments) > 0 {
		first := p.Investment.Payments[0]
		out = append(out, Step{"First payment", fmt.Sprintf("Pay %s, %d%% of the project total.", first.Amount, first.Percent)})
	}
	kickoff := "We meet for the kickoff; the weeks of the timeline count from it."
	if i := slices.IndexFunc(p.Timeline.Milestones, func(s Milestone) bool { return s.Duty != "" }); i >= 0 {
		kickoff += " What you do then: " + p.Timeline.Milestones[i].Duty + "."
	}
	return append(out, Step{"Kickoff", kickoff})
}

package scope

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/effort"
	"applicreations.com/introspect/internal/slot"
)

// support writes section 11.
func (w *sheet) support() string {
	var p page
	if w.chosen() {
		pkg, _ := w.cat.Package(w.s.Features.Selection.Package)
		kind := ""
		if pkg.PrioritySupport {
			kind = ", with priority"
		}
		p.named("Support in the package", Plural(pkg.SupportDays, "day")+" after launch"+kind)
		training := "not part of the package"
		if pkg.Training != "" {
			training = escape(pkg.Training)
		}
		p.named("Training in the package", training)
		p.named("Hosting", w.hosting())
	} else {
		p.named("Support in the package", "open until a package is chosen")
		p.named("Hosting", "open until a package is chosen")
	}
	w.list(&p, 11, false)
	w.list(&p, 11, true)
	w.require(&p, 11)
	return p.String()
}

// hosting describes the tier and its price.
func (w *sheet) hosting() string {
	e := w.s.Features.Estimate
	h, ok := w.cat.HostingTier(e.Hosting)
	if !ok {
		return fmt.Sprintf("%s a month", e.HostingMonthly)
	}
	visitors := "any number of visitors"
	if h.Visitors > 0 {
		visitors = "up to " + thousands(h.Visitors) + " visitors a month"
	}
	parts := []string{
		fmt.Sprintf("%s, %s a month: %s", escape(h.Name), e.HostingMonthly, visitors),
		fmt.Sprintf("%d GB", h.StorageGB), escape(lowerFirst(h.Backups)) + " backups",
		"availability " + escape(h.Uptime), escape(lowerFirst(h.Support)) + " support",
	}
	for _, extra := range h.Extras {
		parts = append(parts, escape(extra))
	}
	return strings.Join(parts, ", ")
}

// timeline writes section 12.
func (w *sheet) timeline() string {
	var p page
	w.list(&p, 12, false)
	w.list(&p, 12, true)
	p.named("Duration", fmt.Sprintf("%d to %d weeks from kickoff to launch (%s project)", w.low, w.high, w.level))
	p.sub("Base: " + map[effort.Level]string{
		effort.Simple: "4 weeks for a simple project", effort.Standard: "6 weeks for a standard project", effort.Complex: "10 weeks for a complex project",
	}[w.level])
	if effort.ContentMissing(w.v) {
		p.sub("Added: 2 weeks, because texts have to be written")
	}
	if effort.BrandMissing(w.v) {
		p.sub("Added: 1 week, because logo or colours are missing")
	}
	id, longest := effort.Longest(w.selected, w.cat)
	if longest > 0 {
		p.sub(fmt.Sprintf("Longest feature: %s, up to %s", w.names([]catalog.FeatureID{id}), Plural(longest, "week")))
	}
	w.kickoffDates(&p)
	plan := effort.NewPlan(w.v, w.selected, w.cat)
	p.head("Milestones of the shortest plan")
	p.table([]string{"Milestone", "Weeks after kickoff", "Needs", "Client's part"}, milestoneRows(w.milestones(plan)))
	p.head("Critical path")
	p.text(w.criticalPath(id, longest))
	p.head("Risks")
	for _, r := range w.risks(plan, longest) {
		p.item(r)
	}
	w.require(&p, 12)
	return p.String()
}

// launch is the wished launch day: the date named, or the weeks named counted
// from the end of the interview.
func (w *sheet) launch() (day time.Time, exact, ok bool) {
	if t, err := time.Parse(time.DateOnly, w.v[slot.LaunchDate]); err == nil {
		return t, true, true
	}
	if weeks, known := w.v.Number(slot.LaunchWeeks); known && weeks >= 0 && weeks < 1000 {
		return agreedOn(w.s).AddDate(0, 0, int(weeks*7)), false, true
	}
	return time.Time{}, false, false
}

// kickoffDates counts back from the launch.
func (w *sheet) kickoffDates(p *page) {
	day, exact, ok := w.launch()
	if !ok {
		p.named("Latest kickoff", "open, because no launch date was provided by client (gap)")
		return
	}
	about := "about "
	if exact {
		about = ""
	}
	p.named("Launch day planned for", about+date(day))
	p.named("Latest kickoff", about+w.before(day, w.low))
	p.named("Recommended kickoff", about+w.before(day, w.high))
}

// before is the day some weeks before the launch, and whether it has passed
// when the interview ends.
func (w *sheet) before(launch time.Time, weeks int) string {
	day := launch.AddDate(0, 0, -7*weeks)
	note := ""
	if day.Before(agreedOn(w.s).AddDate(0, 0, -1)) {
		note = ", already past at the end of the interview"
	}
	return fmt.Sprintf("%s (%s before launch%s)", date(day), Plural(weeks, "week"), note)
}

// Milestone is one step of the shortest plan (DOMAIN 7.1).
type Milestone struct {
	Name  string
	Span  effort.Span
	Needs string
	Part  string // what the client does, empty when there is nothing to do
}

// milestones are the steps of a plan in order.
func (w *sheet) milestones(plan effort.Plan) []Milestone {
	content := "deliver texts and images by the end of this span"
	if w.v[slot.ContentProvider] == "agency" {
		content = "answer questions, approve the drafts"
	}
	return []Milestone{
		{"Kickoff", plan.Kickoff, "signed agreement, first payment", "take part, hand over accesses and brand material"},
		{"Content delivery", plan.Content, "content list of the kickoff", content},
		{"Design", plan.Design, "brand material", "approve the design; second payment"},
		{"Development", plan.Development, "approved design for each page, accounts of outside services", "open accounts of outside services, answer questions"},
		{"Testing", plan.Testing, "all content in place", ""},
		{"Client review", plan.Review, "passed tests", "check every requirement, list remarks once"},
		{"Launch", plan.Launch, "approved review, access to the domain", "approve in writing; last payment"},
	}
}

// milestoneRows writes milestones as a table.
func milestoneRows(list []Milestone) [][]string {
	rows := make([][]string, 0, len(list))
	for _, m := range list {
		rows = append(rows, []string{m.Name, m.Span.String(), m.Needs, cmp.Or(m.Part, "none")})
	}
	return rows
}

func (w *sheet) criticalPath(id catalog.FeatureID, longest int) string {
	build := "development"
	if longest > 0 {
		build = fmt.Sprintf("development of %s (up to %s)", w.names([]catalog.FeatureID{id}), Plural(longest, "week"))
	}
	return "Kickoff, content delivery, design approval, " + build + ", testing, client review, launch. A delay in one of these moves the launch by the same time."
}

// risks lists what endangers the plan (DOMAIN 7.1).
func (w *sheet) risks(plan effort.Plan, longest int) []string {
	var out []string
	if w.v[slot.ContentReadiness] != "ready" {
		out = append(out, "Content is not ready: "+trimStop(w.field(slot.ContentReadiness))+". Pages wait for their texts and images.")
	}
	if outside := w.outside(); len(outside) > 0 {
		out = append(out, "Outside services can delay work: "+strings.Join(outside, ", ")+".")
	}
	day, _, ok := w.launch()
	if !ok {
		out = append(out, "No fixed launch date: the end of the project cannot be checked against this plan.")
	} else if weeks := int(math.Ceil(day.Sub(agreedOn(w.s)).Hours() / (24 * 7))); weeks < w.low {
		out = append(out, fmt.Sprintf("The launch is %s after the interview, the shortest plan takes %d.", Plural(max(weeks, 0), "week"), w.low))
	}
	if have := plan.Development.Weeks(); longest > have {
		out = append(out, fmt.Sprintf("The longest feature may take %d weeks, the shortest plan has %d for development: count on %d weeks in all.", longest, have, w.high))
	}
	if gaps := w.gaps(); gaps > 0 {
		out = append(out, fmt.Sprintf("Open gaps: %s of the checklist not provided by client, see section 14.", Plural(gaps, "item")))
	}
	if len(out) == 0 {
		out = append(out, "None known: content is ready, the launch date fits, nothing is open.")
	}
	return out
}

// outside names integrations, and features that need an account elsewhere.
func (w *sheet) outside() []string {
	var out []string
	for _, name := range w.v.List(slot.Integrations) {
		out = append(out, w.word(slot.Integrations, name))
	}
	for _, l := range w.lines() {
		if f, ok := w.cat.Feature(l.Feature); ok && len(f.Notes) > 0 {
			out = append(out, escape(l.Name))
		}
	}
	return out
}

// gaps counts the checklist items nobody answered.
func (w *sheet) gaps() int {
	n := 0
	for _, d := range w.defs {
		if _, ok := w.known(d.Key); d.Item() && !ok {
			n++
		}
	}
	return n
}

// Milestones are the steps of the shortest plan, in order.
func (r *Reading) Milestones() []Milestone {
	return r.w.milestones(effort.NewPlan(r.w.v, r.w.selected, r.w.cat))
}

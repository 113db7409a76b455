package proposal

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/slot"
)

// summary is part 2 of DOMAIN 7.2: the goal, the solution and what it brings.
func (m *maker) summary(p Proposal) []string {
	goal := fmt.Sprintf("This proposal is for a %s for %s", p.Kind, scope.Shorten(m.whom(), maxClause))
	if field := m.r.Told(slot.Industry, 60); field != "" && !strings.Contains(field, m.whom()) {
		goal += fmt.Sprintf(" (%s)", strings.TrimRight(field, ".…"))
	}
	goal = sentence(goal)
	if said := m.r.Quote(slot.PrimaryGoal, maxNeed); said != "" {
		said = FirstSentence(said)
		goal += fmt.Sprintf(" The goal, in your words: “%s”", said)
		if !strings.ContainsAny(said[len(said)-1:], ".!?") {
			goal += "."
		}
	} else if told := m.r.Told(slot.PrimaryGoal, maxNeed); told != "" {
		goal += sentence(" The goal: " + told)
	} else {
		goal += " The interview did not bring out a primary goal; settling it is the first thing we do together at kickoff."
	}
	out := []string{goal, m.offer(p)}
	if p.Worth.Annual > 0 && p.Worth.Payback != "" {
		out = append(out, fmt.Sprintf("By the figures you gave us, the chosen features bring %s a year. The project total is earned back after %s.", p.Worth.Annual, p.Worth.Payback))
	}
	if signs := m.r.Told(slot.SuccessMetrics, maxNeed); signs != "" {
		out = append(out, sentence("Success means: "+signs))
	}
	return out
}

// FirstSentence is the start of a text up to the end of its first sentence, or
// all of it when that is very short: what follows a goal is often small talk.
func FirstSentence(text string) string {
	const least = 25 // characters; "More sales." alone says too little
	for i, r := range text {
		if (r == '.' || r == '!' || r == '?') && i >= least && strings.HasPrefix(text[i+1:], " ") {
			return text[:i+1]
		}
	}
	return text
}

// whom is the business, or the person as long as the business has no name.
func (m *maker) whom() string {
	if name := scope.OneLine(m.s.Client.Name); name != "" && m.r.Value(slot.BusinessName, maxClause) == "" {
		return name
	}
	return m.r.Project()
}

// kind is the website type in words. What the foundation form calls another
// kind is named by the client's description, if there is one.
func (m *maker) kind() string {
	if m.s.Client.WebsiteType != "other" {
		return m.r.Kind()
	}
	if said := scope.Shorten(m.s.Client.OtherDescription, maxClause); said != "" {
		return "website (“" + said + "”)"
	}
	return "website"
}

// offer tells package, features, time and price in two sentences.
func (m *maker) offer(p Proposal) string {
	with := ""
	if names := names(p.Features); names != "" {
		with = " with " + names
	}
	text := fmt.Sprintf("We propose the %s package%s. It takes %d to %d weeks from kickoff to launch and costs %s, with hosting at %s a month.",
		p.Solution.Package, with, p.Timeline.Low, p.Timeline.High, p.Investment.Total, p.Investment.Monthly)
	switch {
	case m.r.Resold():
		text += " We changed package, features or price after the interview; please confirm them with this proposal."
	case !p.Confirmed:
		text += " You have not confirmed this package and its price yet; it is our suggestion from what we know so far."
	}
	return text
}

// names enumerates features: "A, B and C".
func names(list []Feature) string {
	all := make([]string, 0, len(list))
	for _, f := range list {
		all = append(all, f.Name)
	}
	switch {
	case len(all) > 6:
		return fmt.Sprintf("%s and %d more features", strings.Join(all[:5], ", "), len(all)-5)
	case len(all) > 1:
		return strings.Join(all[:len(all)-1], ", ") + " and " + all[len(all)-1]
	}
	return strings.Join(all, "")
}

// outcomes are the figures at a glance.
func outcomes(p Proposal) []Figure {
	out := []Figure{
		{p.Investment.Total.String(), "project total"},
		{fmt.Sprintf("%d to %d weeks", p.Timeline.Low, p.Timeline.High), "from kickoff to launch"},
	}
	if p.Worth.Annual > 0 {
		out = append(out, Figure{p.Worth.Annual.String(), "a year, by your figures"})
		if p.Worth.Payback != "" {
			out = append(out, Figure{p.Worth.Payback, "until it is earned back"})
		}
	}
	return out
}

// solution is part 4 of DOMAIN 7.2.
func (m *maker) solution() Solution {
	pkg, _ := m.cat.Package(m.s.Features.Selection.Package)
	sel := m.s.Features.Selection
	out := Solution{Package: scope.OneLine(m.e.Package.Name), Price: m.e.Package.Amount, From: pkg.From}
	// What the feature screen said was about what it recommended; this is about
	// what was chosen.
	out.Why = scope.OneLine(recommend.Rationale(m.cat, m.r.Values(), sel.Package, sel.Features))
	pages := "any number of pages"
	if pkg.Pages > 0 {
		pages = "up to " + scope.Plural(pkg.Pages, "page")
	}
	if asked := m.pages(); asked != "" {
		pages += "; you plan " + lower(asked)
	}
	out.Reasons = append(out.Reasons, Need{"Pages", pages})
	if _, cms := m.inclusion("cms"); cms {
		text := "by yourselves, without a developer"
		if often := m.r.Told(slot.UpdateFrequency, 40); often != "" {
			text += "; updates planned: " + often
		}
		out.Reasons = append(out.Reasons, Need{"Upkeep", text})
	}
	support := scope.Plural(pkg.SupportDays, "day") + " after launch"
	if pkg.PrioritySupport {
		support += ", with priority"
	}
	out.Reasons = append(out.Reasons, Need{"Support", support})
	if pkg.Training != "" {
		out.Reasons = append(out.Reasons, Need{"Training", lower(pkg.Training)})
	}
	return out
}

func (m *maker) inclusion(id string) (catalog.Inclusion, bool) {
	for _, inc := range m.cat.Inclusions(m.s.Features.Selection.Package) {
		if inc.ID == id {
			return inc, true
		}
	}
	return catalog.Inclusion{}, false
}

// features is part 5 of DOMAIN 7.2.
func (m *maker) features(worth scope.Worth) []Feature {
	out := make([]Feature, 0, len(m.e.Lines))
	for _, l := range m.e.Lines {
		feat, _ := m.cat.Feature(l.Feature)
		f := Feature{
			ID: l.Feature, Name: scope.OneLine(l.Name), Benefit: m.r.Reason(l.Feature), What: scope.OneLine(feat.Description),
			Price: l.Amount, Free: l.Free,
		}
		if f.Benefit == "" {
			f.Benefit = scope.OneLine(feat.Benefit)
		}
		if by, ok := m.cat.Feature(l.AutoAddedBy); ok {
			f.What += " It comes with " + scope.OneLine(by.Name) + "."
		}
		if i := slices.IndexFunc(worth.Features, func(w scope.FeatureWorth) bool { return w.Name == l.Name }); i >= 0 {
			f.Gain = worth.Features[i].Gain()
		}
		out = append(out, f)
	}
	return out
}

// options are what was offered and not chosen.
func (m *maker) options() []Option {
	var out []Option
	for _, o := range m.r.Options() {
		out = append(out, Option{o.Item.Feature, scope.OneLine(o.Item.Name), o.Item.Price, scope.OneLine(o.Item.Reasoning), strings.ReplaceAll(o.Why, "declined", "not chosen")})
	}
	return out
}

// investment is part 7 of DOMAIN 7.2.
func (m *maker) investment() Investment {
	out := Investment{
		Positions: m.r.Positions(), Total: m.e.Total, Monthly: m.e.HostingMonthly,
		FirstYear: m.e.FirstYear, Payments: slices.Clone(m.e.Schedule),
	}
	for i := range out.Positions {
		out.Positions[i].Name = scope.OneLine(out.Positions[i].Name)
	}
	for i := range out.Payments {
		out.Payments[i].Milestone = scope.OneLine(out.Payments[i].Milestone)
	}
	if tier, ok := m.cat.HostingTier(m.e.Hosting); ok {
		out.Hosting, out.HostingTerms = scope.OneLine(tier.Name), terms(tier)
	}
	if limit, ok := m.r.Values().Cents(slot.BudgetMax); ok && limit > 0 && m.r.Told(slot.BudgetMax, maxClause) != "" {
		switch over := m.e.Total - catalog.Cents(limit); {
		case over > 0:
			out.Budget = fmt.Sprintf("The project total is %s above the upper end of your budget of %s.", over, catalog.Cents(limit))
		default:
			out.Budget = fmt.Sprintf("The project total is within your budget of up to %s.", catalog.Cents(limit))
		}
	}
	return out
}

// terms are what a hosting tier gives.
func terms(h catalog.Hosting) []string {
	visitors := "any number of visitors"
	if h.Visitors > 0 {
		visitors = "up to " + number(float64(h.Visitors)) + " visitors a month"
	}
	out := []string{
		visitors, fmt.Sprintf("%d GB of storage", h.StorageGB), "backups: " + lower(h.Backups), "availability: " + lower(h.Uptime), "support: " + lower(h.Support),
	}
	for _, extra := range h.Extras {
		out = append(out, scope.OneLine(extra))
	}
	return out
}

// lower continues a sentence with a text.
func lower(text string) string {
	text = scope.OneLine(text)
	_, n := utf8.DecodeRuneInString(text)
	return strings.ToLower(text[:n]) + text[n:]
}

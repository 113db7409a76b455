package recommend

import (
	"fmt"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/slot"
)

// screen turns candidates into cards.
type screen struct {
	*client
	pkg   catalog.PackageID
	shown set
	lost  map[catalog.FeatureID]catalog.FeatureID // gave way in a conflict, to which
}

func (s screen) item(k candidate) Item {
	return Item{
		Feature: k.feature.ID, Name: k.feature.Name, Description: sentence(k.feature.Description), Price: k.feature.Price,
		Priority: k.priority, Reasoning: s.reasoning(k), ROI: k.roi, DependencyNote: s.note(k.feature),
	}
}

// additional lists every other feature: the relevant ones that found no place,
// then the rest in catalog order. What a recommended feature excludes is left
// out; the note of that feature says so.
func (s screen) additional(over []candidate) []Item {
	out := []Item{}
	known := setOf(over)
	for _, k := range over {
		k.priority = ""
		if !s.shown.contains(k.feature.Conflicts...) {
			out = append(out, s.item(k))
		}
	}
	for _, f := range s.cat.Features {
		_, gone := s.lost[f.ID]
		if s.shown[f.ID] || known[f.ID] || gone || s.shown.contains(f.Conflicts...) {
			continue
		}
		k := candidate{feature: f, uncalled: true}
		if with := s.freeWith(f.ID, s.shown); with != "" {
			k = candidate{feature: f, facts: []fact{{"it comes with " + with, false}}}
		}
		out = append(out, s.item(k))
	}
	return out
}

// note collects what belongs to the choice of f.
func (s screen) note(f catalog.Feature) string {
	var parts []string
	for _, a := range f.AutoAdds {
		if added, ok := s.cat.Feature(a.Feature); ok && a.Free {
			parts = append(parts, "Includes "+added.Name+" at no extra charge.")
		} else if ok {
			parts = append(parts, "Adds "+added.Name+" ("+added.Price.String()+").")
		}
	}
	if with := s.freeWith(f.ID, s.shown); with != "" {
		parts = append(parts, "Included at no extra charge with "+with+".")
	}
	for _, group := range f.Requires {
		parts = append(parts, s.needs(group)...)
	}
	parts = append(parts, s.upgrade(f)...)
	for _, other := range f.Conflicts {
		parts = append(parts, s.versus(f, other)...)
	}
	var pairs []string
	for _, id := range f.PairsWith {
		if other, ok := s.cat.Feature(id); ok && s.shown[id] && s.shown[f.ID] {
			pairs = append(pairs, other.Name)
		}
	}
	if len(pairs) > 0 {
		parts = append(parts, "Works best together with "+list(pairs)+".")
	}
	return strings.Join(append(parts, f.Notes...), " ")
}

// needs names a requirement that the recommended package does not fulfil.
func (s screen) needs(group []string) []string {
	var names []string
	for _, id := range group {
		if f, ok := s.cat.Feature(catalog.FeatureID(id)); ok {
			names = append(names, f.Name)
		}
		inc, from, ok := s.inclusion(id)
		if ok && slices.Contains(s.cat.Inclusions(s.pkg), inc) {
			return nil
		}
		if ok {
			names = append(names, inc.Name+" (from the "+from+" package on)")
		}
	}
	return []string{"Needs " + strings.Join(names, " or ") + "."}
}

// inclusion finds an inclusion and the smallest package that has it.
func (s screen) inclusion(id string) (inc catalog.Inclusion, from string, ok bool) {
	for _, p := range s.cat.Packages {
		if i := slices.IndexFunc(p.Inclusions, func(i catalog.Inclusion) bool { return i.ID == id }); i >= 0 {
			return p.Inclusions[i], p.Name, true
		}
	}
	return catalog.Inclusion{}, "", false
}

// upgrade says that the package has a basic form of f (DOMAIN 11.1 K-24).
func (s screen) upgrade(f catalog.Feature) []string {
	inc, _, ok := s.inclusion(f.Upgrades)
	if !ok || !slices.Contains(s.cat.Inclusions(s.pkg), inc) {
		return nil
	}
	return []string{fmt.Sprintf("The package already contains the basic form, %s; this is the extended one.", inc.Name)}
}

// versus says what f excludes, and why f was kept where both were wanted.
func (s screen) versus(f catalog.Feature, id catalog.FeatureID) []string {
	other, ok := s.cat.Feature(id)
	if !ok {
		return nil
	}
	if s.lost[id] == f.ID {
		return []string{"Chosen instead of " + other.Name + ", because " + s.why(f.ID) + "."}
	}
	return []string{"Cannot be combined with " + other.Name + "."}
}

// why explains a decision of DOMAIN 4.7.
func (s screen) why(kept catalog.FeatureID) string {
	switch kept {
	case "booking_system", "appointment_scheduling":
		return "the business works with " + s.visits()
	case "ecommerce_basic":
		return "up to 50 products need no larger shop"
	case "ecommerce_advanced":
		return "the catalogue is too large or too varied for the basic shop"
	case "membership_portal":
		return "it does what the other one does, and more"
	default:
		return "it fits better"
	}
}

// budgetNote compares the package and what is essential or highly recommended
// with the upper bound of the budget (DOMAIN 5.1, step 8).
func (c *client) budgetNote(pkg catalog.PackageID, shown []candidate) string {
	limit, ok := c.amount(slot.BudgetMax)
	if !ok {
		return ""
	}
	sel := catalog.Selection{Package: pkg}
	for _, k := range shown {
		if k.priority != NiceToHave {
			sel.Features = append(sel.Features, k.feature.ID)
		}
	}
	e, err := c.cat.Price(sel)
	if err != nil || e.Total <= catalog.FromDollars(limit) {
		return ""
	}
	return fmt.Sprintf("The package with all essential and highly recommended features comes to %s, which is more than the budget of %s. "+
		"Everything stays on the list; choose what matters most now, and the rest can follow in a later phase.", e.Total, dollars(limit))
}

// summary says in two or three sentences what the recommendation rests on.
func (c *client) summary() string {
	var out []string
	if s := c.who(); s != "" {
		out = append(out, s)
	}
	var aims []string
	if goal := quote(c.v[slot.PrimaryGoal]); goal != "" {
		aims = append(aims, `the goal is "`+goal+`"`)
	}
	if audience := quote(c.v[slot.TargetAudience]); audience != "" {
		aims = append(aims, `the audience is "`+audience+`"`)
	}
	if len(aims) > 0 {
		out = append(out, sentence(strings.Join(aims, ", and ")))
	}
	if figures := c.figures(); len(figures) > 0 {
		out = append(out, "Known figures: "+list(figures[:min(4, len(figures))])+".")
	}
	switch len(out) {
	case 0:
		return "Little is known about the business so far. The package and the features below are a starting point that can be changed freely."
	case 1:
		out = append(out, "The package and the features below follow from this.")
	}
	return strings.Join(out, " ")
}

// who is the first sentence of the summary, empty when nothing is known.
func (c *client) who() string {
	kinds := map[string]string{
		"service": "a service business", "product": "a business that sells products", "content": "a publisher",
		"membership": "a membership organisation", "hybrid": "a business with several sources of income",
	}
	name, industry, kind := c.short(slot.BusinessName), c.short(slot.Industry), kinds[c.v[slot.BusinessModel]]
	if c.v[slot.WebsiteType] == "nonprofit" && kind != "" {
		kind = "a non-profit organisation" // whatever it publishes or sells
	}
	var subject string
	switch {
	case name != "" && kind != "":
		subject = name + ", " + kind
	case name != "":
		subject = name
	case kind != "":
		subject = kind
	case industry != "":
		subject = "a business"
	default:
		return ""
	}
	if industry != "" {
		subject += " (" + industry + ")"
	}
	return "The website is for " + subject + "."
}

// Package recommend decides which features are shown to a client, how urgently
// and why, and which package they need (DOMAIN 5 and 6.1). Every sentence rests
// on the client's own facts, and every amount on the client's own figures; a
// missing figure removes the amount, never invents one. It does not price a
// selection; package catalog does. Start with Recommend.
package recommend

import (
	"slices"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/slot"
)

// Priority says how urgently a feature is recommended (DOMAIN 5.1).
type Priority string

// The priorities of DOMAIN 5.1.
const (
	Essential         Priority = "essential"
	HighlyRecommended Priority = "highly_recommended"
	NiceToHave        Priority = "nice_to_have"
)

// Recommendation is the content of the feature screen (DOMAIN 1.7).
type Recommendation struct {
	ContextSummary   string              `json:"contextSummary"` // two or three sentences
	Package          catalog.PackageID   `json:"package"`
	PackageRationale string              `json:"packageRationale"`
	Minimum          catalog.PackageID   `json:"minimum"`  // the outcome of DOMAIN 6.1; a smaller package needs a confirmation
	Included         []catalog.Inclusion `json:"included"` // what Package always contains
	Recommended      []Item              `json:"recommended"`
	Additional       []Item              `json:"additional"`
	BudgetNote       string              `json:"budgetNote,omitempty"`
}

// Item is one feature on the screen. Priority is empty under Additional.
type Item struct {
	Feature        catalog.FeatureID `json:"feature"`
	Name           string            `json:"name"`
	Description    string            `json:"description"`
	Price          catalog.Cents     `json:"price"`
	Priority       Priority          `json:"priority,omitempty"`
	Reasoning      string            `json:"reasoning"`
	ROI            *ROI              `json:"roi,omitempty"` // nil when an input is missing
	DependencyNote string            `json:"dependencyNote,omitempty"`
}

// ROI is the return of one feature, computed from the client's own figures
// only (DOMAIN 5.3).
type ROI struct {
	Annual        catalog.Cents `json:"annual"`                 // whole dollars a year, 0 when only hours are known
	Basis         string        `json:"basis"`                  // the formula with the client's inputs
	HoursPerYear  float64       `json:"hoursPerYear,omitempty"` // saved, when the cost of an hour is unknown
	Payback       string        `json:"payback,omitempty"`
	PaybackMonths float64       `json:"paybackMonths,omitempty"`
}

// Recommend builds the feature screen for the facts known so far (DOMAIN 5.1).
// It always has at least three features if the catalog has any that suit, and
// never two that exclude each other.
func Recommend(cat *catalog.Catalog, v slot.Values) Recommendation {
	c := newClient(cat, v)
	all, lost := c.candidates()
	shown, over := arrange(all)

	var firm []catalog.FeatureID
	for _, k := range shown {
		if k.priority != NiceToHave {
			firm = append(firm, k.feature.ID)
		}
	}
	pkg, reasons := c.packageFor(firm)
	shown, over = c.settle(shown, over, pkg)
	shown = c.fill(shown, setOf(over), pkg)

	s := screen{client: c, pkg: pkg, shown: setOf(shown), lost: lost}
	rec := Recommendation{
		ContextSummary: c.summary(), Package: pkg, PackageRationale: c.rationale(pkg, reasons), Minimum: pkg,
		Included: cat.Inclusions(pkg), Recommended: []Item{}, Additional: s.additional(over), BudgetNote: c.budgetNote(pkg, shown),
	}
	for _, k := range shown {
		rec.Recommended = append(rec.Recommended, s.item(k))
	}
	return rec
}

// Relevant lists the features whose context requirement holds (DOMAIN 5.2),
// after conflicts, without those that only a regulation calls for. DOMAIN 2.8
// wants three of them before the screen is shown.
func Relevant(cat *catalog.Catalog, v slot.Values) []catalog.FeatureID {
	all, _ := newClient(cat, v).candidates()
	var ids []catalog.FeatureID
	for _, k := range all {
		if !k.compliance {
			ids = append(ids, k.feature.ID)
		}
	}
	return ids
}

// setOf collects the features of groups of candidates.
func setOf(groups ...[]candidate) set {
	out := make(set)
	for _, group := range groups {
		for _, k := range group {
			out[k.feature.ID] = true
		}
	}
	return out
}

// settle moves what lacks something it requires from the screen to the rest;
// that can take away what another one requires, so it goes on until all fits.
func (c *client) settle(shown, over []candidate, pkg catalog.PackageID) (fit, rest []candidate) {
	for {
		in := setOf(shown)
		i := slices.IndexFunc(shown, func(k candidate) bool { return !c.fulfilled(k.feature, in, pkg) })
		if i < 0 {
			return shown, over
		}
		over = append(over, shown[i])
		shown = slices.Delete(slices.Clone(shown), i, i+1)
	}
}

// suits reports whether a feature that is not relevant can still fill the
// screen: nothing speaks against it and nothing is missing for it.
func (c *client) suits(f catalog.Feature, in set, pkg catalog.PackageID) bool {
	return !in[f.ID] && f.Compliance == nil && !c.rule(f.ID).never.holds(c) && c.freeWith(f.ID, in) == "" &&
		!in.contains(f.Conflicts...) && c.fulfilled(f, in, pkg)
}

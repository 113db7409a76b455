// Package effort tells how much work a project is: its complexity with reasons
// and the weeks it takes (helper table of DOMAIN 7.1). Both the engine, which
// compares the launch wish with the shortest duration (DOMAIN 2.11), and
// SCOPE.md, which explains it, ask here, so they can never disagree.
//
// It knows nothing of prices and sessions. Start with Complexity and Duration.
package effort

import (
	"slices"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/slot"
)

// WebsiteType is the key under which a caller puts the website type of the
// foundation form (business, personal, project, nonprofit, other) into the
// values: the form is no slot of the checklist, but the complexity starts with
// it. Without it the project counts as a business website.
const WebsiteType = slot.WebsiteType

// Level is the complexity of a project.
type Level string

// The levels of DOMAIN 7.1.
const (
	Simple   Level = "simple"   // score up to 3
	Standard Level = "standard" // score up to 6
	Complex  Level = "complex"
)

// Weeks of the shortest plan before additions (DOMAIN 7.1).
const (
	simpleWeeks   = 4
	standardWeeks = 6
	complexWeeks  = 10
)

// Additions and the width of the shown range, in weeks (DOMAIN 7.1).
const (
	contentWeeks = 2 // content must be created
	brandWeeks   = 1 // logo or colours are missing
	rangeWeeks   = 2 // shown as n to n+2
)

// Complexity scores a project by the helper table of DOMAIN 7.1 and gives one
// reason per point scored, in plain words that end with the points. Unknown
// values score nothing. The values should hold WebsiteType.
func Complexity(v slot.Values, selected []catalog.FeatureID) (level Level, score int, reasons []string) {
	for _, p := range append([]part{kind(v), features(selected)}, needs(v, selected)...) {
		if p.points == 0 {
			continue
		}
		score += p.points
		reasons = append(reasons, p.reason())
	}
	switch {
	case score <= 3:
		return Simple, score, reasons
	case score <= 6:
		return Standard, score, reasons
	}
	return Complex, score, reasons
}

// Duration gives the range of weeks from kickoff to launch: the shortest plan
// and two weeks more (DOMAIN 7.1). It is never shorter than the longest
// selected feature; a nil catalog knows no features.
func Duration(v slot.Values, selected []catalog.FeatureID, cat *catalog.Catalog) (low, high int) {
	level, _, _ := Complexity(v, selected)
	switch level {
	case Simple:
		low = simpleWeeks
	case Standard:
		low = standardWeeks
	case Complex:
		low = complexWeeks
	}
	if ContentMissing(v) {
		low += contentWeeks
	}
	if BrandMissing(v) {
		low += brandWeeks
	}
	_, longest := Longest(selected, cat)
	low = max(low, longest)
	return low, low + rangeWeeks
}

// ContentMissing reports whether the texts are known to be still unwritten:
// the client needs help with them or wants them written in full.
func ContentMissing(v slot.Values) bool {
	return Lacks(v[slot.ContentReadiness]) || v[slot.Copywriting] == "full"
}

// BrandMissing reports whether the logo or the colours are known to be missing.
func BrandMissing(v slot.Values) bool {
	return Lacks(v[slot.LogoStatus]) || Lacks(v[slot.BrandColors])
}

// Lacks reads an answer of the kind "need help", "none" or "not started".
// Anything else, also an unknown value, is not a lack.
func Lacks(value string) bool {
	value = strings.ToLower(strings.ReplaceAll(value, " ", "_"))
	switch value {
	case "no", "none", "not_started", "nothing", "guide_me":
		return true
	}
	return strings.HasPrefix(value, "need")
}

// holdsAny reports whether one of the features is selected.
func holdsAny(selected []catalog.FeatureID, ids ...catalog.FeatureID) bool {
	return slices.ContainsFunc(ids, func(id catalog.FeatureID) bool { return slices.Contains(selected, id) })
}

// workingDays of one week, as catalog.Feature counts its days.
const workingDays = 5

// Longest finds the selected feature that takes longest and its upper bound in
// whole weeks. It returns "" and 0 without a catalog or selected features.
func Longest(selected []catalog.FeatureID, cat *catalog.Catalog) (id catalog.FeatureID, weeks int) {
	if cat == nil {
		return "", 0
	}
	days := 0
	for _, s := range selected {
		if f, ok := cat.Feature(s); ok && f.MaxDays > days {
			id, days = s, f.MaxDays
		}
	}
	return id, (days + workingDays - 1) / workingDays
}

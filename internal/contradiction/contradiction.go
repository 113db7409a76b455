// Package contradiction finds statements of a client that cannot both hold
// (DOMAIN 2.11, references/intake.md 5.6) and works out three concrete ways to
// settle each, with what they do to price and date.
//
// It is pure and asks nobody; package intake shows what it finds, once. Start
// with Find.
package contradiction

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/effort"
	"applicreations.com/introspect/internal/slot"
)

// Kind is the type on the wire (DOMAIN 1.5).
type Kind string

// The kinds, in the order in which they are settled.
const (
	Budget   Kind = "budget_vs_features"
	Timeline Kind = "timeline_vs_scope"
	Content  Kind = "content_vs_launch"
	Other    Kind = "other"
)

// Statement is one side of a contradiction. Question is the number of the
// question that it answered, 0 for something that was worked out.
type Statement struct {
	Text     string
	Question int
}

// Option is one way to settle a contradiction.
type Option struct {
	Value, Label, Description string
	Effect                    string // what it does to price and date
}

// Finding is one contradiction. Key names the values that cannot both hold, so
// that the same one is never raised twice.
type Finding struct {
	Kind         Kind
	Key          string
	Description  string
	Earlier, Now Statement
	Options      []Option
	Rival        slot.Key // the slot with two values, else empty
}

// Rival is a slot that was given two values.
type Rival struct {
	Slot         slot.Key
	Label        string
	Older, Newer string // in plain words
	OlderValue   string
	NewerValue   string
	Earlier, Now Statement
}

// Must is a feature that was picked as a must, in words of the list.
type Must struct {
	Feature catalog.FeatureID
	Said    Statement
}

// Input is what the rules look at.
type Input struct {
	Catalog *catalog.Catalog
	Values  slot.Values // with the website type
	Now     time.Time
	// Chosen is nil until features were chosen; Estimate is its price.
	Chosen   *catalog.Selection
	Estimate catalog.Estimate
	// Rank is how important a feature is for this client: 2 essential, 1
	// highly recommended, 0 anything else.
	Rank map[catalog.FeatureID]int
	// Phased are the features that were put off to a later phase.
	Phased []catalog.FeatureID
	// Musts are the features that the client picked from a list of what the
	// website must have. What was only read out of a sentence is none of them.
	Musts []Must
	// Quote gives the client's words for a slot.
	Quote func(slot.Key) Statement
	// Fits names the smallest package that carries a selection.
	Fits   func([]catalog.FeatureID) catalog.PackageID
	Rivals []Rival
}

// Find lists the contradictions that hold now, the gravest first.
func Find(in Input) []Finding {
	var out []Finding
	for _, detect := range []func(Input) *Finding{
		budget, timeline, content, smallPackage, simplicity, compliance, musts, payments, updates, copywriting,
	} {
		if f := detect(in); f != nil {
			out = append(out, *f)
		}
	}
	for _, r := range in.Rivals {
		out = append(out, rival(in, r))
	}
	return out
}

// total is the price of a selection in words, or "" when it cannot be sold.
func (in Input) total(sel catalog.Selection) string {
	est, err := in.Catalog.Price(sel)
	if err != nil {
		return ""
	}
	return est.Total.String()
}

// weeks is the length of the work for a selection.
func (in Input) weeks(sel catalog.Selection) (low, high int) {
	return effort.Duration(in.Values, sel.Features, in.Catalog)
}

// outlook says what a selection costs and how long it takes.
func (in Input) outlook(sel catalog.Selection) string {
	low, high := in.weeks(sel)
	return fmt.Sprintf("%s, %d to %d weeks", in.total(sel), low, high)
}

// without is the selection less some features; what needs them goes too.
func (in Input) without(sel catalog.Selection, drop ...catalog.FeatureID) catalog.Selection {
	sel.Features = slices.DeleteFunc(slices.Clone(sel.Features), func(id catalog.FeatureID) bool { return slices.Contains(drop, id) })
	for {
		if _, err := in.Catalog.Price(sel); err == nil || len(sel.Features) == 0 {
			return sel
		}
		i := slices.IndexFunc(sel.Features, func(id catalog.FeatureID) bool { return !in.stands(sel, id) })
		if i < 0 {
			return sel
		}
		sel.Features = slices.Delete(sel.Features, i, i+1)
	}
}

// stands reports whether a feature has what it requires.
func (in Input) stands(sel catalog.Selection, id catalog.FeatureID) bool {
	f, ok := in.Catalog.Feature(id)
	if !ok {
		return false
	}
	for _, group := range f.Requires {
		if !slices.ContainsFunc(group, func(need string) bool {
			return slices.Contains(sel.Features, catalog.FeatureID(need)) || in.included(sel.Package, need)
		}) {
			return false
		}
	}
	return true
}

func (in Input) included(pkg catalog.PackageID, id string) bool {
	return slices.ContainsFunc(in.Catalog.Inclusions(pkg), func(i catalog.Inclusion) bool { return i.ID == id })
}

// names lists features in words.
func (in Input) names(ids []catalog.FeatureID) string {
	var out []string
	for _, id := range ids {
		if f, ok := in.Catalog.Feature(id); ok {
			out = append(out, f.Name)
		}
	}
	return series(out)
}

// series joins names as in a sentence.
func series(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// Phase moves what is not essential to a later phase, the least important
// first, until the total is within the limit; a negative limit moves all of
// it. It returns what is left and what was moved.
func Phase(cat *catalog.Catalog, sel catalog.Selection, rank map[catalog.FeatureID]int, limit catalog.Cents) (catalog.Selection, []catalog.FeatureID) {
	var moved []catalog.FeatureID
	order := slices.Clone(sel.Features)
	slices.SortStableFunc(order, func(a, b catalog.FeatureID) int { return rank[a] - rank[b] })
	est, _ := cat.Price(sel)
	for i := 0; i < len(order); {
		id := order[i]
		if rank[id] == 2 || limit >= 0 && est.Total <= limit {
			break
		}
		less := sel
		less.Features = slices.DeleteFunc(slices.Clone(sel.Features), func(x catalog.FeatureID) bool { return x == id })
		e, err := cat.Price(less)
		if err != nil {
			i++ // another chosen feature needs this one, and may be moved
			continue
		}
		sel, est = less, e
		moved = append(moved, id)
		order, i = slices.Delete(order, i, i+1), 0
	}
	return sel, moved
}

// said puts what was selected into one statement.
func (in Input) said() Statement {
	extras := "no extra features"
	if n := len(in.Chosen.Features); n == 1 {
		extras = "1 extra feature"
	} else if n > 1 {
		extras = fmt.Sprintf("%d extra features", n)
	}
	return Statement{Text: fmt.Sprintf("Selected: %s with %s, %s", in.Estimate.Package.Name, extras, in.outlook(*in.Chosen))}
}

// urgent reports whether the launch is within four weeks or called urgent
// (DOMAIN 2.11), and the weeks until it where they are known.
func (in Input) urgent() (urgent bool, weeks float64, known bool) {
	weeks, known = in.Values.Number(slot.LaunchWeeks)
	return in.Values.Yes(slot.IsUrgent) || known && weeks <= 4, weeks, known
}

// day is the date a number of weeks from now, in words.
func (in Input) day(weeks float64) string {
	return in.Now.Add(time.Duration(weeks * 7 * 24 * float64(time.Hour))).Format("January 2, 2006")
}

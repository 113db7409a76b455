package effort

import (
	"fmt"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/slot"
)

// Span is a run of whole weeks counted from kickoff; the first week is 1.
type Span struct{ From, To int }

// Weeks is the length of the span.
func (s Span) Weeks() int { return s.To - s.From + 1 }

// String writes "week 3" or "weeks 2-4".
func (s Span) String() string {
	if s.From == s.To {
		return fmt.Sprintf("week %d", s.From)
	}
	return fmt.Sprintf("weeks %d-%d", s.From, s.To)
}

// Plan is the shortest schedule, with the milestones of DOMAIN 7.1.
type Plan struct {
	Kickoff, Content, Design, Development, Testing, Review, Launch Span
}

// NewPlan lays the milestones into the lower bound of Duration. From eight
// weeks on they follow one another. A shorter plan cannot hold the lengths of
// DOMAIN 7.1 in a row, so it overlaps them: design begins with the kickoff,
// then review and launch share a week, then testing the last week of
// development. Development begins early enough for the longest feature, as far
// as the weeks before testing allow.
func NewPlan(v slot.Values, selected []catalog.FeatureID, cat *catalog.Catalog) Plan {
	level, _, _ := Complexity(v, selected)
	n, _ := Duration(v, selected, cat)
	_, longest := Longest(selected, cat)
	design, development := lengths(n, level)

	p := Plan{Kickoff: Span{1, 1}, Review: Span{n, n}, Launch: Span{n, n}}
	if n >= 7 {
		p.Review = Span{n - 1, n - 1}
	}
	p.Testing = Span{p.Review.From - 1, p.Review.From - 1}
	end := p.Testing.From - 1
	if n < 6 {
		end = p.Testing.From
	}
	first := 1
	if n >= 8 {
		first = 2
	}
	p.Design = Span{first, first + design - 1}
	p.Development = Span{max(1, end-max(development, longest)+1), end}
	p.Content = Span{first, first + 1}
	if ContentMissing(v) {
		p.Content.To = min(first+1+contentWeeks, end)
	}
	return p
}

// lengths are the weeks of design and development in a plan of n weeks. What
// exceeds eight weeks goes to them by turns, in complex projects first to
// development.
func lengths(n int, level Level) (design, development int) {
	design, development = 2, 2
	turns := []*int{&design, &development}
	if level == Complex {
		turns = []*int{&development, &development, &design}
	}
	for extra := n - 8; extra > 0; extra-- {
		grow := &development
		if len(turns) > 0 {
			grow, turns = turns[0], turns[1:]
		}
		*grow++
	}
	return design, development
}

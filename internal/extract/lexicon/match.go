package lexicon

import (
	"slices"
	"strings"

	"applicreations.com/introspect/internal/extract/token"
)

// Match is one occurrence of a pattern.
type Match struct {
	Rule        *Rule
	First, Last int // tokens, inclusive
	Figure      int // index of the figure inside, or -1
}

// Each calls f for every occurrence of every pattern, from left to right.
func (l *Lexicon) Each(d *token.Doc, f func(Match)) {
	for i, t := range d.Tokens {
		if _, ok := d.FigureAt(i); ok {
			l.try(d, i, l.byStart, f)
		}
		l.try(d, i, l.byWord[key(t.Low)], f)
		if len(l.byName) > 0 && t.Kind == token.Word && token.Capital(d.Text[t.Start:]) {
			l.try(d, i, l.byName, f)
		}
	}
}

func (l *Lexicon) try(d *token.Doc, i int, patterns []pattern, f func(Match)) {
	for _, p := range patterns {
		m := Match{Rule: p.rule, First: i, Figure: -1}
		end := m.run(d, p.elements, i)
		if end <= i {
			continue
		}
		raw := d.Text[d.Tokens[i].Start:d.Tokens[i].End]
		if p.rule.capital && !token.Capital(raw) || p.rule.raw && strings.ToUpper(raw) != raw {
			continue
		}
		m.Last = end - 1
		f(m)
	}
}

// run matches the elements from token at on and returns the token behind the
// match, or -1. Optional elements and gaps are tried both ways, the longer
// first for optional ones, the shorter first for gaps.
func (m *Match) run(d *token.Doc, elements []element, at int) int {
	if len(elements) == 0 {
		return at
	}
	e := &elements[0]
	if e.place == aGap {
		return m.gap(d, elements, at)
	}
	if m.open(d, at) {
		if n := m.takes(d, e, at); n > 0 {
			if end := m.run(d, elements[1:], at+n); end >= 0 {
				return end
			}
		}
	}
	if e.optional {
		return m.run(d, elements[1:], at)
	}
	return -1
}

// gap skips as few words as it can.
func (m *Match) gap(d *token.Doc, elements []element, at int) int {
	for n := 0; n <= elements[0].width; n++ {
		if n > 0 && !m.open(d, at+n-1) {
			return -1
		}
		if end := m.run(d, elements[1:], at+n); end >= 0 {
			return end
		}
	}
	return -1
}

// open reports whether the token may follow inside one match.
func (m *Match) open(d *token.Doc, at int) bool {
	if at >= len(d.Tokens) {
		return false
	}
	g := d.Tokens[at].Gap
	return at == m.First || g < token.GapComma || g == token.GapComma && m.Rule.commas
}

// takes returns how many tokens the element takes at the position.
func (m *Match) takes(d *token.Doc, e *element, at int) int {
	t := &d.Tokens[at]
	switch e.place {
	case aWord:
		return count(e.fits(t.Low))
	case aName:
		return count(t.Kind == token.Word && token.Capital(d.Text[t.Start:]))
	default:
	}
	n, ok := d.FigureAt(at)
	if !ok || !e.suits(d.Figures[n]) {
		return 0
	}
	m.Figure = n
	return d.Figures[n].Last - d.Figures[n].First + 1
}

// suits reports whether the figure is of the kind that the element asks for.
func (e *element) suits(f token.Figure) bool {
	switch e.place {
	case aCount:
		return !f.Money && !f.Percent
	case aMoney:
		return f.Money
	case aPercent:
		return f.Percent
	default:
		return e.place == aFigure && !f.Percent
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (e *element) fits(low string) bool {
	if low == "" || e.initials&initial(low) == 0 {
		return false
	}
	if slices.Contains(e.exact, low) {
		return true
	}
	for _, b := range e.begin {
		if strings.HasPrefix(low, b) {
			return true
		}
	}
	return false
}

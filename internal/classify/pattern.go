package classify

import (
	"maps"
	"slices"
	"strings"
)

// pattern is a choice of word sequences.
type pattern [][]element

// element is one place of a sequence: a choice of words and of classes of
// words, or a gap.
type element struct {
	alts    []alternative
	classes uint32 // a bit for each class of lexicon.go
	gap     bool
}

// alternative is a word beginning, or a whole word.
type alternative struct {
	text  string
	whole bool
}

// group is one cell of the table of DOMAIN 3.2.
type group struct {
	model   Model
	points  int
	entries string // separated by commas
}

// compile turns the cells into indicators, in order.
func compile(groups []group) []indicator {
	var out []indicator
	for _, g := range groups {
		for entry := range strings.SplitSeq(g.entries, ",") {
			out = append(out, indicator{g.model, g.points, parse(entry)})
		}
	}
	return out
}

// parse reads the notation that indicators explains.
func parse(entry string) pattern {
	var p pattern
	for spelling := range strings.SplitSeq(entry, "/") {
		var seq []element
		for field := range strings.FieldsSeq(spelling) {
			seq = append(seq, parseElement(field))
		}
		p = append(p, seq)
	}
	return p
}

func parseElement(field string) element {
	if field == "?" {
		return element{gap: true}
	}
	var e element
	for alt := range strings.SplitSeq(field, "|") {
		if name, isClass := strings.CutPrefix(alt, "{"); isClass {
			e.classes |= classBit(strings.TrimSuffix(name, "}"))
			continue
		}
		text, whole := strings.CutPrefix(alt, "=")
		e.alts = append(e.alts, alternative{text: text, whole: whole || len(text) <= keyLength})
	}
	return e
}

// classNames gives every class its bit by its place.
var classNames = slices.Sorted(maps.Keys(classes))

// classBit panics for a class that lexicon.go does not have, at start-up.
func classBit(name string) uint32 {
	i := slices.Index(classNames, name)
	if i < 0 {
		panic("classify: no class " + name)
	}
	return 1 << i
}

// matches reports whether the word can stand in this place.
func (e element) matches(w word) bool {
	if e.classes&w.classes != 0 {
		return true
	}
	for _, a := range e.alts {
		if a.matches(w.text) {
			return true
		}
	}
	return false
}

// matches compares without regard to the plural of whole words. "#" stands
// for a number and "$" for a sum of money.
func (a alternative) matches(s string) bool {
	if a.text == "#" || a.text == "$" {
		return key(s) == a.text
	}
	rest, ok := strings.CutPrefix(s, a.text)
	if !a.whole || rest == "" {
		return ok
	}
	if ok {
		return rest == "s" || rest == "es"
	}
	stem, y := strings.CutSuffix(a.text, "y")
	return y && s == stem+"ies"
}

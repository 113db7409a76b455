package classify

import "strings"

// pattern is a choice of word sequences.
type pattern [][]element

// element is one place of a sequence: a choice of words, or a gap.
type element struct {
	alts []alternative
	gap  bool
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
		text, whole := strings.CutPrefix(alt, "=")
		e.alts = append(e.alts, alternative{text: text, whole: whole})
	}
	return e
}

// matches compares without regard to a plural s on whole words.
func (e element) matches(s string) bool {
	for _, a := range e.alts {
		if a.text == "#" && s[0] >= '0' && s[0] <= '9' {
			return true
		}
		if a.whole && (s == a.text || s == a.text+"s") || !a.whole && strings.HasPrefix(s, a.text) {
			return true
		}
	}
	return false
}

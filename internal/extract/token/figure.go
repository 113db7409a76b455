package token

import "strings"

// Bound says which side of a figure is open.
type Bound uint8

// The bounds.
const (
	Exact   Bound = iota
	AtMost        // "under", "up to"
	AtLeast       // "over", "from", "10k+"
)

// Figure is one amount or a range of two, made of one or more tokens.
type Figure struct {
	First, Last int     // tokens, inclusive
	Lead        int     // first token including words such as "under"
	Tail        int     // last token including words such as "or less"
	Lo, Hi      float64 // equal for a single amount
	Money       bool
	Percent     bool
	Year        bool // it may be a year
	Bound       Bound
}

// Single reports whether the figure is no range.
func (f Figure) Single() bool { return f.Lo == f.Hi }

// figures finds all amounts and ranges, left to right, never overlapping.
func figures(text string, tokens []Token) []Figure {
	var out []Figure
	for i := 0; i < len(tokens); i++ {
		a, last, ok := amountAt(tokens, i)
		if !ok {
			continue
		}
		f := Figure{First: i, Last: last, Lo: a.Value, Hi: a.Value, Money: a.Money, Percent: a.Percent, Year: a.Year}
		if a.Plus {
			f.Bound = AtLeast
		}
		if b, end, ok := rangeAt(text, tokens, i, last); ok {
			f.join(a, b, end)
		}
		f.bounds(tokens)
		out = append(out, f)
		i = f.Last
	}
	return out
}

// join makes a range of two amounts. A suffix, currency or percent sign on
// one of them holds for both, as in "4-5k" or "€2-3k".
func (f *Figure) join(a, b Amount, end int) {
	lo, hi := a.Value, b.Value
	if b.Scaled && !a.Scaled {
		for _, factor := range []float64{1e6, 1e3} {
			if hi >= factor && lo*factor < hi {
				lo *= factor
				break
			}
		}
	}
	f.Lo, f.Hi, f.Last = lo, hi, end
	f.Money, f.Percent = a.Money || b.Money, a.Percent || b.Percent
	f.Year = a.Year && b.Year
	if b.Plus {
		f.Bound = Exact
	}
}

// rangeAt finds the second amount of a range whose first one ends at last.
func rangeAt(text string, tokens []Token, first, last int) (Amount, int, bool) {
	at := last + 1
	if at >= len(tokens) || tokens[at].Gap >= GapComma {
		return Amount{}, 0, false
	}
	hyphen := tokens[at].Gap == GapHyphen || tokens[at].Gap == GapDash
	if strings.Contains(text[tokens[last].End:tokens[at].Start], "_") {
		hyphen = true // the ids of options, such as 3k_5k
	}
	switch low := tokens[at].Low; {
	case hyphen:
	case low == "to" || low == "till" || low == "through" || low == "or":
		at++
	case low == "and" && next(tokens, first, -1) == "between":
		at++
	default:
		return Amount{}, 0, false
	}
	b, end, ok := amountAt(tokens, at)
	a := tokens[first].Num
	if !ok || b.Percent != a.Percent && a.Percent || !rising(tokens, first, b) {
		return Amount{}, 0, false
	}
	return b, end, true
}

// rising reports whether the amount at first, scaled like b if need be, is
// below b.
func rising(tokens []Token, first int, b Amount) bool {
	a, _, _ := amountAt(tokens, first)
	return a.Value < b.Value && (!a.Year || b.Year)
}

// bounds looks for words that open the figure to one side.
func (f *Figure) bounds(tokens []Token) {
	f.Lead, f.Tail = f.First, f.Last
	at := f.First - 1
	for at >= 0 && at > f.First-4 && tokens[at].Clause == tokens[f.First].Clause && filler(tokens[at].Low) {
		at--
	}
	if at >= 0 && tokens[at].Sentence == tokens[f.First].Sentence && tokens[f.First].Gap < GapComma {
		if b, first := boundBefore(tokens, at); b != Exact && f.Single() {
			f.Bound, f.Lead = b, first
			if tokens[first].Denied != Affirmed {
				f.Bound = flipped(tokens[at].Low, b)
			}
		}
	}
	if b, n := boundAfter(tokens, f.Last); b != Exact && f.Single() {
		f.Bound, f.Tail = b, f.Last+n
	}
}

// flipped turns a bound round when it is denied: who cannot spend more than
// five thousand has at most five thousand.
func flipped(low string, b Bound) Bound {
	switch {
	case b == AtLeast && (low == "over" || low == "above" || low == "than"):
		return AtMost
	case b == AtMost && (low == "under" || low == "below" || low == "than"):
		return AtLeast
	default:
		return b
	}
}

func filler(low string) bool {
	switch low {
	case "about", "around", "roughly", "approximately", "approx", "of", "a", "the", "total", "say", "is", "at":
		return true
	default:
		return false
	}
}

// boundBefore reads the bound that ends at the word and returns its first word.
func boundBefore(tokens []Token, at int) (Bound, int) {
	before := next(tokens, at, -1)
	switch tokens[at].Low {
	case "under", "below", "max", "maximum", "within", "exceed", "cap", "capped":
		return AtMost, at
	case "to":
		if before == "up" {
			return AtMost, at - 1
		}
	case "most", "than":
		return boundOfTwo(tokens, at, before)
	case "over", "above", "min", "minimum", "from":
		return AtLeast, at
	case "least":
		if before == "at" {
			return AtLeast, at - 1
		}
	}
	return Exact, at
}

// boundOfTwo reads "at most", "more than", "no less than" and the like.
func boundOfTwo(tokens []Token, at int, before string) (Bound, int) {
	first, negated := at-1, false
	if p := next(tokens, at, -2); p == "no" || p == "not" {
		first, negated = at-2, true
	}
	switch before {
	case "at":
		return AtMost, at - 1
	case "less", "fewer":
		if negated {
			return AtLeast, first
		}
		return AtMost, first
	case "more", "greater":
		if negated {
			return AtMost, first
		}
		return AtLeast, first
	}
	return Exact, at
}

// boundAfter reads a bound behind the figure and how many words it takes.
func boundAfter(tokens []Token, last int) (Bound, int) {
	one, two := next(tokens, last, 1), next(tokens, last, 2)
	if last+1 < len(tokens) && tokens[last+1].Gap >= GapComma {
		return Exact, 0
	}
	switch one {
	case "max", "maximum", "tops":
		return AtMost, 1
	case "or":
		switch two {
		case "less", "under", "below":
			return AtMost, 2
		case "more", "above":
			return AtLeast, 2
		}
	case "at":
		switch two {
		case "most":
			return AtMost, 2
		case "least":
			return AtLeast, 2
		}
	case "and":
		if two == "up" || two == "above" {
			return AtLeast, 2
		}
	case "minimum", "plus":
		return AtLeast, 1
	}
	return Exact, 0
}

package extract

import (
	"fmt"

	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/slot"
)

// ageRange reads "25-45", "between 30 and 50" and the like as ages when the
// words around say so, or the audience was asked (DOMAIN 2.10).
func (f *finder) ageRange() {
	for i := range f.Tokens {
		lo, hi, last, ok := f.agesAt(i)
		if !ok || lo >= hi || lo < 0 || hi > 110 {
			continue
		}
		rank := 1
		if !f.saysAge(i, last) {
			if !f.ctx.asked(slot.TargetAudience, slot.AudienceAgeRange) || f.counted(last) {
				continue
			}
			rank = 0
		}
		f.addRanked(slot.AudienceAgeRange, fmt.Sprintf("%d-%d", lo, hi), i, last, rank)
	}
}

// agesAt reads two numbers joined by to, and or a hyphen, and decades such as
// "30s and 40s".
func (f *finder) agesAt(i int) (lo, hi, last int, ok bool) {
	if n, ok := f.FigureAt(i); ok {
		fig := f.Figures[n]
		if fig.Money || fig.Percent {
			return 0, 0, 0, false
		}
		if !fig.Single() {
			return int(fig.Lo), int(fig.Hi), fig.Last, true
		}
	}
	a, ok := number(f.Tokens[i])
	at := f.joiner(i + 1)
	if ok && at < 0 && f.Next(i, 1) == "s" && f.Next(i, -1) == "their" {
		return a, a + 9, i + 1, true
	}
	if !ok || at < 0 {
		return 0, 0, 0, false
	}
	b, ok := number(f.Tokens[at])
	if !ok {
		return 0, 0, 0, false
	}
	if f.Next(at, 1) == "s" && f.Tokens[at+1].Gap == token.GapNone {
		return a, b + 9, at + 1, true // "40s" ends with 49
	}
	return a, b, at, true
}

// joiner returns the token behind "to", "and" or a hyphen at the token, or -1.
// The "s" of a decade may stand before.
func (f *finder) joiner(at int) int {
	if f.Next(at, 0) == "s" {
		at++
	}
	switch f.Next(at, 0) {
	case "and", "to", "or":
		at++
	default:
		if at >= len(f.Tokens) || f.Tokens[at].Gap != token.GapHyphen {
			return -1
		}
	}
	if at >= len(f.Tokens) {
		return -1
	}
	return at
}

func number(t token.Token) (int, bool) {
	return int(t.Num.Value), t.Kind == token.Number
}

// saysAge looks for words of age or for people around the range.
func (f *finder) saysAge(first, last int) bool {
	for n := 1; n <= 3; n++ {
		switch f.Next(first, -n) {
		case "aged", "age", "ages":
			return true
		case "women", "men", "moms", "mums", "dads", "adults", "professionals", "people",
			"couples", "parents", "their", "ladies", "families", "females", "males", "millennials", "kids", "children":
			return !f.counted(last)
		}
	}
	for n := 1; n <= 2; n++ {
		switch f.Next(last, n) {
		case "year", "years", "yr", "yrs", "yo":
			s := f.Next(last, n+1)
			return s == "old" || s == "olds" || s == "of" || f.Next(last, n) == "yo"
		case "old", "olds":
			return true
		case "women", "men", "moms", "mums", "adults", "professionals", "demographic":
			return n == 1
		}
	}
	return false
}

// counted reports whether the range counts things: "20 to 30 appointments".
func (f *finder) counted(last int) bool {
	switch f.Next(last, 1) {
	case "", "and", "who", "mostly", "mainly", "in", "with", "living", "looking", "that", "from", "years", "year", "but", "or",
		"women", "men", "people", "adults", "professionals", "old", "range", "age", "local", "locals", "s", "within", "near", "around", "couples", "parents", "families":
		return false
	default:
		return last+1 < len(f.Tokens) && f.Tokens[last+1].Gap < token.GapComma
	}
}

package typeset

import "strings"

// Class is how a character behaves among text of both directions (UAX 9).
type Class uint8

// The classes that text without explicit embeddings can have. Neutral stands
// for blanks and all punctuation that is no part of numbers.
const (
	Neutral          Class = iota
	LeftToRight            // L
	RightToLeft            // R
	ArabicLetter           // AL
	EuropeanNumber         // EN
	NumberSeparator        // ES
	NumberTerminator       // ET
	ArabicNumber           // AN
	CommonSeparator        // CS
	Mark                   // NSM
)

// Levels gives each character its embedding level: even ones run left to
// right, odd ones right to left; base is that of the text as a whole. It
// follows the Unicode Bidirectional Algorithm for one paragraph without
// explicit embeddings, and uses the classes up.
func Levels(text []rune, class []Class) (level []uint8, base uint8) {
	base = direction(class)
	weak(class, base)
	brackets(text, class, base)
	neutral(class, base)
	level = make([]uint8, len(text))
	for i, c := range class {
		level[i] = base
		switch {
		case base == 0 && c == RightToLeft, base == 1 && (c == LeftToRight || c == EuropeanNumber || c == ArabicNumber):
			level[i]++
		case base == 0 && (c == EuropeanNumber || c == ArabicNumber):
			level[i] += 2
		}
	}
	return level, base
}

// direction is that of the first strong character (rules P2 and P3).
func direction(class []Class) uint8 {
	for _, c := range class {
		switch c {
		case LeftToRight:
			return 0
		case RightToLeft, ArabicLetter:
			return 1
		default:
		}
	}
	return 0
}

// side is the direction of a level as a class.
func side(level uint8) Class {
	if level == 1 {
		return RightToLeft
	}
	return LeftToRight
}

// weak resolves numbers and their separators (rules W1 to W7).
func weak(class []Class, base uint8) {
	numbers(class, base)
	separators(class)
	terminators(class)
	before := side(base)
	for i, c := range class { // W7
		switch {
		case c == LeftToRight || c == RightToLeft:
			before = c
		case c == EuropeanNumber && before == LeftToRight:
			class[i] = LeftToRight
		}
	}
}

// numbers gives marks the class before them, and numbers behind Arabic letters
// theirs (rules W1 to W3).
func numbers(class []Class, base uint8) {
	last, before := side(base), side(base)
	for i, c := range class {
		if c == Mark {
			c = last
		}
		if c == EuropeanNumber && before == ArabicLetter {
			c = ArabicNumber
		}
		if c == LeftToRight || c == RightToLeft || c == ArabicLetter {
			before = c
		}
		class[i], last = c, c
	}
	for i, c := range class {
		if c == ArabicLetter {
			class[i] = RightToLeft
		}
	}
}

// separators between two numbers of one kind belong to them (rule W4).
func separators(class []Class) {
	for i := 1; i+1 < len(class); i++ {
		c, around := class[i], class[i-1]
		if around != class[i+1] {
			continue
		}
		if around == EuropeanNumber && (c == CommonSeparator || c == NumberSeparator) || around == ArabicNumber && c == CommonSeparator {
			class[i] = around
		}
	}
}

// terminators join the numbers beside them, e.g. a percent sign (rules W5 and
// W6); what is left of separators is neutral.
func terminators(class []Class) {
	number := func(i int) bool { return i >= 0 && i < len(class) && class[i] == EuropeanNumber }
	for i := range class { // from the left: those behind a number
		if class[i] == NumberTerminator && number(i-1) {
			class[i] = EuropeanNumber
		}
	}
	for i := len(class) - 1; i >= 0; i-- { // from the right: those before one
		if class[i] == NumberTerminator && number(i+1) {
			class[i] = EuropeanNumber
		}
	}
	for i, c := range class {
		if c == NumberSeparator || c == NumberTerminator || c == CommonSeparator {
			class[i] = Neutral
		}
	}
}

// brackets gives both of a pair one direction: that of the text if such
// letters are inside, else that of what stands before them and inside (rule
// N0).
func brackets(text []rune, class []Class, base uint8) {
	var open []int
	for i, r := range text {
		if class[i] != Neutral {
			continue
		}
		other := mirror(r)
		switch {
		case strings.ContainsRune("([{", r):
			open = append(open, i)
		case strings.ContainsRune(")]}", r):
			for n := len(open) - 1; n >= 0; n-- {
				if text[open[n]] == other {
					pair(class, open[n], i, base)
					open = open[:n]
					break
				}
			}
		}
	}
}

// pair sets the direction of the brackets at from and to.
func pair(class []Class, from, to int, base uint8) {
	along, against := side(base), side(1-base)
	found := false
	for _, c := range class[from+1 : to] {
		switch strong(c) {
		case along:
			class[from], class[to] = along, along
			return
		case against:
			found = true
		default:
		}
	}
	if !found {
		return
	}
	class[from], class[to] = along, along
	for i := from - 1; i >= 0; i-- {
		if c := strong(class[i]); c == along || c == against {
			class[from], class[to] = c, c
			return
		}
	}
}

// strong counts numbers as right to left, as neighbours of neutrals do.
func strong(c Class) Class {
	if c == EuropeanNumber || c == ArabicNumber {
		return RightToLeft
	}
	return c
}

// neutral gives blanks and punctuation the direction of their neighbours, or
// of the text when those differ (rules N1 and N2).
func neutral(class []Class, base uint8) {
	edge := side(base)
	settled := func(c Class) bool {
		return c == LeftToRight || c == RightToLeft || c == EuropeanNumber || c == ArabicNumber
	}
	beside := func(i int) Class {
		switch {
		case i < 0 || i >= len(class):
			return edge
		case class[i] == LeftToRight:
			return LeftToRight
		}
		return RightToLeft // numbers count as right to left here
	}
	for i := 0; i < len(class); {
		if settled(class[i]) {
			i++
			continue
		}
		j := i
		for j < len(class) && !settled(class[j]) {
			j++
		}
		to := edge
		if beside(i-1) == beside(j) {
			to = beside(j)
		}
		for ; i < j; i++ {
			class[i] = to
		}
	}
}

// Reorder turns a line into the order in which it is drawn (rules L1, L2 and
// L4): blanks at its end take the direction of the paragraph, runs of higher
// levels are turned round, brackets in them are mirrored.
func Reorder(line []Glyph, base uint8) {
	var highest uint8
	for i := len(line) - 1; i >= 0 && line[i].Rune == ' '; i-- {
		line[i].Level = base
	}
	for i := range line {
		highest = max(highest, line[i].Level)
		if line[i].Level%2 == 1 {
			line[i].Rune = mirror(line[i].Rune)
		}
	}
	for level := highest; level > 0; level-- {
		for i := 0; i < len(line); {
			j := i
			for j < len(line) && line[j].Level >= level {
				j++
			}
			for a, b := i, j-1; a < b; a, b = a+1, b-1 {
				line[a], line[b] = line[b], line[a]
			}
			i = max(j, i+1)
		}
	}
}

// mirror is the other one of a pair of brackets.
func mirror(r rune) rune {
	const pairs = "()[]{}<>«»‹›≤≥"
	for i, at := 0, []rune(pairs); i < len(at); i += 2 {
		switch r {
		case at[i]:
			return at[i+1]
		case at[i+1]:
			return at[i]
		}
	}
	return r
}

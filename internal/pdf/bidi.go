package pdf

import (
	"strings"

	"golang.org/x/text/unicode/bidi"
)

// levels gives each character its embedding level: even ones run left to
// right, odd ones right to left. It follows the Unicode Bidirectional
// Algorithm (UAX 9) for text without explicit embeddings, which clean takes
// out; the bidi package's own Paragraph reorders no runs and so is no help.
func levels(text []rune) (level []uint8, base uint8) {
	class := make([]bidi.Class, len(text))
	for i, r := range text {
		p, _ := bidi.LookupRune(r)
		class[i] = p.Class()
	}
	base = direction(class)
	weak(class, base)
	brackets(text, class, base)
	neutral(class, base)
	level = make([]uint8, len(text))
	for i, c := range class {
		level[i] = base
		switch {
		case base == 0 && c == bidi.R, base == 1 && (c == bidi.L || c == bidi.EN || c == bidi.AN):
			level[i]++
		case base == 0 && (c == bidi.EN || c == bidi.AN):
			level[i] += 2
		}
	}
	return level, base
}

// direction is that of the first strong character (rules P2 and P3).
func direction(class []bidi.Class) uint8 {
	for _, c := range class {
		switch c {
		case bidi.L:
			return 0
		case bidi.R, bidi.AL:
			return 1
		default:
		}
	}
	return 0
}

// weak resolves numbers and their separators (rules W1 to W7).
func weak(class []bidi.Class, base uint8) {
	start := bidi.L
	if base == 1 {
		start = bidi.R
	}
	last, strong := start, start
	for i, c := range class {
		if c == bidi.NSM { // W1
			c = last
		}
		if c == bidi.EN && strong == bidi.AL { // W2
			c = bidi.AN
		}
		if c == bidi.L || c == bidi.R || c == bidi.AL {
			strong = c
		}
		class[i], last = c, c
	}
	for i, c := range class { // W3 and W4
		if c == bidi.AL {
			class[i] = bidi.R
		}
		if i > 0 && i+1 < len(class) && class[i-1] == class[i+1] &&
			(c == bidi.CS && (class[i-1] == bidi.EN || class[i-1] == bidi.AN) || c == bidi.ES && class[i-1] == bidi.EN) {
			class[i] = class[i-1]
		}
	}
	terminators(class)
	strong = start
	for i, c := range class { // W7
		switch {
		case c == bidi.L || c == bidi.R:
			strong = c
		case c == bidi.EN && strong == bidi.L:
			class[i] = bidi.L
		}
	}
}

// terminators join the numbers beside them, e.g. a percent sign (rules W5 and
// W6); what is left of separators is neutral.
func terminators(class []bidi.Class) {
	for i := 0; i < len(class); {
		j := i
		for j < len(class) && class[j] == bidi.ET {
			j++
		}
		if j > i && (i > 0 && class[i-1] == bidi.EN || j < len(class) && class[j] == bidi.EN) {
			for ; i < j; i++ {
				class[i] = bidi.EN
			}
		}
		i = max(j, i+1)
	}
	for i, c := range class {
		if c == bidi.ES || c == bidi.ET || c == bidi.CS {
			class[i] = bidi.ON
		}
	}
}

// brackets gives both of a pair one direction: that of the text if such
// letters are inside, else that of what stands before them and inside (rule
// N0).
func brackets(text []rune, class []bidi.Class, base uint8) {
	var open []int
	for i, r := range text {
		if class[i] != bidi.ON {
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
func pair(class []bidi.Class, from, to int, base uint8) {
	along, against := bidi.L, bidi.R
	if base == 1 {
		along, against = bidi.R, bidi.L
	}
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
func strong(c bidi.Class) bidi.Class {
	if c == bidi.EN || c == bidi.AN {
		return bidi.R
	}
	return c
}

// neutral gives blanks and punctuation the direction of their neighbours, or
// of the text when those differ (rules N1 and N2).
func neutral(class []bidi.Class, base uint8) {
	edge := bidi.L
	if base == 1 {
		edge = bidi.R
	}
	settled := func(c bidi.Class) bool { return c == bidi.L || c == bidi.R || c == bidi.EN || c == bidi.AN }
	side := func(i int) bidi.Class {
		switch {
		case i < 0 || i >= len(class):
			return edge
		case class[i] == bidi.L:
			return bidi.L
		}
		return bidi.R // numbers count as right to left here
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
		if side(i-1) == side(j) {
			to = side(j)
		}
		for ; i < j; i++ {
			class[i] = to
		}
	}
}

// reorder turns a line into the order in which it is drawn (rules L1, L2 and
// L4): blanks at its end take the direction of the paragraph, runs of higher
// levels are turned round, brackets in them are mirrored.
func reorder(line []glyph, base uint8) {
	var highest uint8
	for i := len(line) - 1; i >= 0 && line[i].r == ' '; i-- {
		line[i].level = base
	}
	for i := range line {
		highest = max(highest, line[i].level)
		if line[i].level%2 == 1 {
			line[i].r = mirror(line[i].r)
		}
	}
	for level := highest; level > 0; level-- {
		for i := 0; i < len(line); {
			j := i
			for j < len(line) && line[j].level >= level {
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

// Package typeset holds what setting a line of text takes in any script: which
// characters a font has and how wide they are, where a line may break, how
// Arabic letters join, and in which order text of both directions is drawn.
//
// It draws nothing and knows no file format. Start with Levels, then Split and
// Reorder.
package typeset

import (
	"strings"
	"unicode"
)

// Glyph is a character ready to be drawn.
type Glyph struct {
	Rune  rune
	Face  uint8 // the caller's number of the font that has it
	Level uint8
	Width float64 // in thousandths of the font size
}

// Split finds how many glyphs fit into the room, and where the next line
// begins: at a blank or between two Han characters if there is one, else
// within a word.
func Split(glyphs []Glyph, room float64) (n, next int) {
	used, at, after := 0.0, 0, 0
	for i, g := range glyphs {
		if g.Rune == ' ' {
			at, after = i, i+1
		} else if i > 0 && breakable(glyphs[i-1].Rune, g.Rune) {
			at, after = i, i
		}
		used += g.Width
		if used <= room || g.Rune == ' ' {
			continue
		}
		if at > 0 {
			return at, after
		}
		return max(1, i), max(1, i)
	}
	return len(glyphs), len(glyphs)
}

// breakable reports whether a line may end between two characters that no
// blank separates.
func breakable(before, after rune) bool {
	if strings.ContainsRune("/–", before) && unicode.IsLetter(after) {
		return true
	}
	return (wide(before) || wide(after)) && !strings.ContainsRune("、。，．）」』】！？：；…,.)", after) && !strings.ContainsRune("（「『【(", before)
}

// wide reports the scripts that are written without blanks.
func wide(r rune) bool {
	return r >= 0x2e80 && r <= 0x9fff || r >= 0xf900 && r <= 0xfaff || r >= 0xff00 && r <= 0xffef
}

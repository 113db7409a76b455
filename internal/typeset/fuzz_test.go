package typeset_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/typeset"
)

// Whatever a text holds, setting it loses and adds nothing: lines hold all
// characters but the blanks between them, and reordering only moves them.
func FuzzSetting(f *testing.F) {
	for _, text := range []string{"", " ", "one two three", "של (abc) 12%, 1/2 $3", "لا إله ب\u200cب", "東京。（京）", "((([[)]]))", "a\u0301\u0302ש", "שש12ab[ג"} {
		f.Add(text, uint8(4))
	}
	f.Fuzz(func(t *testing.T, text string, room uint8) {
		runes := typeset.Shape([]rune(text))
		classes := make([]typeset.Class, len(runes))
		for i, r := range runes {
			classes[i] = class(r)
		}
		level, base := typeset.Levels(runes, classes)
		if base > 1 {
			t.Fatalf("Levels(%q) base = %d, want 0 or 1", text, base)
		}
		glyphs := make([]typeset.Glyph, len(runes))
		for i, r := range runes {
			if level[i] < base || level[i] > base+2 {
				t.Fatalf("Levels(%q)[%d] = %d with base %d", text, i, level[i], base)
			}
			glyphs[i] = typeset.Glyph{Rune: r, Level: level[i], Width: 1}
		}
		var out []rune
		for rest := glyphs; len(rest) > 0; {
			n, next := typeset.Split(rest, float64(room))
			if n < 1 && next < 1 || n > len(rest) || next < n || next > n+1 {
				t.Fatalf("Split(%d glyphs, %d) = %d, %d", len(rest), room, n, next)
			}
			line := slices.Clone(rest[:n])
			typeset.Reorder(line, base)
			typeset.Reorder(slices.Clone(line), base) // of a line in any order
			for _, g := range line {
				out = append(out, g.Rune)
			}
			rest = rest[next:]
		}
		if got, want := letters(out), letters(runes); got != want {
			t.Errorf("setting %q gives the characters %q, want %q", text, got, want)
		}
	})
}

// letters are the characters of a text in a fixed order, without blanks and
// brackets, which may be dropped and mirrored.
func letters(text []rune) string {
	var out []string
	for _, r := range text {
		if !strings.ContainsRune(" ()[]{}<>«»‹›≤≥", r) {
			out = append(out, string(r))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "")
}

func TestNewMetricsRefusesAFontWithoutItsMap(t *testing.T) {
	t.Parallel()
	// One table each of the needed kinds; the character map has no subtable.
	font := make([]byte, 12+4*16+100)
	font[5] = 4
	for i, name := range []string{"hmtx", "hhea", "head", "cmap"} {
		entry := font[12+16*i:]
		copy(entry, name)
		entry[11], entry[15] = 12+4*16, 60
	}
	if _, err := typeset.NewMetrics(font); err == nil || !strings.Contains(err.Error(), "convert the font") {
		t.Errorf("NewMetrics(no map) err = %v, want one that says what to do", err)
	}
}

func ExampleReorder() {
	fmt.Println(visual("to של (עו) go"))
	// Output: to (וע) לש go
}

package typeset_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"applicreations.com/introspect/internal/typeset"
)

// class knows the characters of these tests.
func class(r rune) typeset.Class {
	switch {
	case r >= '0' && r <= '9':
		return typeset.EuropeanNumber
	case r >= '٠' && r <= '٩':
		return typeset.ArabicNumber
	case unicode.Is(unicode.Mn, r):
		return typeset.Mark
	case unicode.Is(unicode.Hebrew, r):
		return typeset.RightToLeft
	case unicode.Is(unicode.Arabic, r):
		return typeset.ArabicLetter
	case unicode.IsLetter(r):
		return typeset.LeftToRight
	case strings.ContainsRune("%$#", r):
		return typeset.NumberTerminator
	case strings.ContainsRune("+-", r):
		return typeset.NumberSeparator
	case strings.ContainsRune(",.:/", r):
		return typeset.CommonSeparator
	}
	return typeset.Neutral
}

// visual is a text in the order in which it is drawn.
func visual(text string) string {
	runes := []rune(text)
	var classes []typeset.Class
	for _, r := range runes {
		classes = append(classes, class(r))
	}
	level, base := typeset.Levels(runes, classes)
	line := make([]typeset.Glyph, len(runes))
	for i, r := range runes {
		line[i] = typeset.Glyph{Rune: r, Level: level[i]}
	}
	typeset.Reorder(line, base)
	out := make([]rune, len(line))
	for i, g := range line {
		out[i] = g.Rune
	}
	return string(out)
}

func TestVisual(t *testing.T) {
	t.Parallel()
	// Lower case stands for itself; the expected side is what the eye sees.
	tests := []struct{ name, in, want string }{
		{"left to right stays", "ab (c) 12", "ab (c) 12"},
		{"Hebrew turns round", "שלום", "םולש"},
		{"a number in Hebrew keeps its order", "עד 2026 אז", "זא 2026 דע"},
		{"a percent sign stays with its number", "עם 18% פחות", "תוחפ 18% םע"},
		{"brackets in Hebrew are mirrored", "א (ב) ג", "ג (ב) א"},
		{"Hebrew in English", "to שלום go", "to םולש go"},
		{"brackets behind Hebrew in English", "to של (עו) go", "to (וע) לש go"},
		{"brackets around Hebrew in English", "to (של) go", "to (לש) go"},
		{"English in Hebrew", "של abc עו", "וע abc לש"},
		{"brackets with English in Hebrew", "של (abc) עו", "וע (abc) לש"},
		{"a number behind Hebrew in English", "a של 12", "a 12 לש"},
		{"a price in English", "a 1,200.50 b", "a 1,200.50 b"},
		{"a full stop ends Hebrew at the left", "של.", ".לש"},
		{"unpaired brackets", "של (ab", "ab) לש"},
		{"closing without opening", "ab) של]", "ab) לש]"},
		{"Arabic numbers", "ا ٢٣ ب", "ب ٢٣ ا"},
		{"European numbers behind Arabic letters", "ا 23/24", "23/24 ا"},
		{"a mark goes with its letter", "a\u0301ש", "a\u0301ש"},
		{"a dollar sign before a number in Hebrew", "של $12", "$12 לש"},
		{"nothing", "", ""},
		{"dates between numbers", "של 1/2 עו", "וע 1/2 לש"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := visual(tt.in); got != tt.want {
				t.Errorf("Visual(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestShape(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     []rune
	}{
		{"a letter alone", "ب", []rune{0xfe8f}},
		{"three that join", "ببب", []rune{0xfe91, 0xfe92, 0xfe90}},
		{"alef joins backwards only", "باب", []rune{0xfe91, 0xfe8e, 0xfe8f}},
		{"lam with alef is one", "لا", []rune{0xfefb}},
		{"lam with alef behind a letter", "بلا", []rune{0xfe91, 0xfefc}},
		{"hamza joins nothing", "بءب", []rune{0xfe8f, 0xfe80, 0xfe8f}},
		{"words do not join", "ب ب", []rune{0xfe8f, ' ', 0xfe8f}},
		{"Persian letters", "پگ", []rune{0xfb58, 0xfb93}},
		{"a joiner that keeps apart goes", "ب\u200cب", []rune{0xfe8f, 0xfe8f}},
		{"the last letter of the alphabet", "يي", []rune{0xfef3, 0xfef2}},
		{"other scripts stay", "abc", []rune("abc")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := typeset.Shape([]rune(tt.in)); string(got) != string(tt.want) {
				t.Errorf("shape(%q) = %U, want %U", tt.in, got, tt.want)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		room     float64
		want     []string
	}{
		{"what fits stays", "one two", 7, []string{"one two"}},
		{"breaks at the last blank that fits", "one two three", 9, []string{"one two", "three"}},
		{"a blank may stand beyond the edge", "one two", 3, []string{"one", "two"}},
		{"a long word breaks anywhere", "abcdefgh", 3, []string{"abc", "def", "gh"}},
		{"a long word begins a line of its own", "a bcdefgh", 4, []string{"a", "bcde", "fgh"}},
		{"no room still takes a character", "abc", 0, []string{"a", "b", "c"}},
		{"Han breaks between characters", "東京東京", 3, []string{"東京東", "京"}},
		{"no line begins with a full stop", "東京東。京", 3, []string{"東京", "東。京"}},
		{"no line ends with an opening bracket", "東京（東京", 3, []string{"東京", "（東京"}},
		{"a stroke may end a line", "ab/cd", 4, []string{"ab/", "cd"}},
		{"a hyphen does not", "no-show ab", 5, []string{"no-sh", "ow ab"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var glyphs []typeset.Glyph
			for _, r := range tt.in {
				glyphs = append(glyphs, typeset.Glyph{Rune: r, Width: 1})
			}
			var got []string
			for len(glyphs) > 0 {
				n, next := typeset.Split(glyphs, tt.room)
				var line []rune
				for _, g := range glyphs[:n] {
					line = append(line, g.Rune)
				}
				got, glyphs = append(got, string(line)), glyphs[next:]
			}
			if strings.Join(got, "|") != strings.Join(tt.want, "|") {
				t.Errorf("lines of %q in %g = %q, want %q", tt.in, tt.room, got, tt.want)
			}
		})
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	tests := []struct {
		font    string
		has     string
		lacks   string
		example rune
		width   float64
	}{
		{"Inter-Regular", "aŻЖΩ€…“□", "東שا\U0001f389", 'm', 876},
		{"NotoSansSC", "東京你好サ서", "שا", '東', 1000},
		{"NotoSansHebrew", "שלום", "東", 'ש', 730},
		{"NotoSansArabic", "\ufe8f\ufefb\ufef2", "東", '\ufefb', 0},
	}
	for _, tt := range tests {
		t.Run(tt.font, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(filepath.Join("..", "pdf", "fonts", tt.font+".ttf"))
			if err != nil {
				t.Fatal(err)
			}
			m, err := typeset.NewMetrics(data)
			if err != nil {
				t.Fatalf("NewMetrics(%s) err = %v", tt.font, err)
			}
			for _, r := range tt.has {
				if !m.Has(r) {
					t.Errorf("%s has no %q", tt.font, r)
				}
			}
			for _, r := range tt.lacks + "\uffff" {
				if m.Has(r) {
					t.Errorf("%s has %q", tt.font, r)
				}
			}
			if got := m.Width(tt.example); tt.width > 0 && (got < tt.width-1 || got > tt.width+1) {
				t.Errorf("width of %q in %s = %.1f, want %.0f", tt.example, tt.font, got, tt.width)
			}
		})
	}
}

package pdf_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"applicreations.com/introspect/internal/pdf"
)

func TestClean(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"plain text stays", "Bella Hair Studio", "Bella Hair Studio"},
		{"blanks become one", " a \t\n b ", "a b"},
		{"broken bytes are marked", "a\xffb", "a\ufffdb"},
		{"control characters go", "a\x00\x1b[31mb", "a[31mb"},
		{"direction marks go", "a\u202eb\u2066c\u200f", "abc"},
		{"emoji go with all that belongs to them", "Cut 💇‍♀️ & 1️⃣ 🏳️‍🌈!", "Cut & 1 !"},
		{"letters that are bold by themselves become plain", "𝗕𝗼𝗹𝗱", "Bold"},
		{"letters beyond the fonts become boxes", "𒀀", "□"},
		{"letters and accents are composed", "Z\u0307o\u0301łw", "Żółw"},
		{"vowel points go", "שָׁלוֹם", "שלום"},
		{"Persian letters stay apart", "می‌خواهم", "می‌خواهم"},
		{"nothing stays nothing", "\u200b\u200d🎉", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := pdf.Clean(tt.in); got != tt.want {
				t.Errorf("clean(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
	if got := utf8.RuneCountInString(pdf.Clean(strings.Repeat("ä", 9000))); got != 2001 {
		t.Errorf("clean of 9,000 letters has %d characters, want 2,001", got)
	}
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
		{"dates between numbers", "של 1/2 עו", "וע 1/2 לש"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := pdf.Visual(tt.in); got != tt.want {
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
			if got := pdf.Shape([]rune(tt.in)); string(got) != string(tt.want) {
				t.Errorf("shape(%q) = %U, want %U", tt.in, got, tt.want)
			}
		})
	}
}

func TestParseColour(t *testing.T) {
	t.Parallel()
	if c, err := pdf.ParseColour("#1f6A96"); err != nil || c != (pdf.Colour{R: 0x1f, G: 0x6a, B: 0x96}) {
		t.Errorf("ParseColour(#1f6A96) = %v, %v", c, err)
	}
	for _, text := range []string{"", "#", "1f6a96", "#1f6a9", "#1f6a961", "#gggggg", "#+f6a96", "blue"} {
		if c, err := pdf.ParseColour(text); err == nil {
			t.Errorf("ParseColour(%q) = %v, want an error", text, c)
		}
	}
	if got := pdf.Contrast(pdf.Colour{}, pdf.Colour{R: 255, G: 255, B: 255}); got < 20.9 || got > 21.1 {
		t.Errorf("contrast of black and white = %.2f, want 21", got)
	}
}

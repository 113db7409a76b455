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
		{"Persian letters stay apart", "می\u200cخواهم", "می\u200cخواهم"},
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

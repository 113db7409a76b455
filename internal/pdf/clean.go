package pdf

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// missing stands for a letter that no font of the document has.
const missing = '□'

// maxText bounds one text in characters; longer ones are cut. No place in the
// document holds as many.
const maxText = 2000

// clean makes a text that can be set: one line of composed characters within
// the first plane of Unicode. Control and formatting characters, emoji and the
// vowel points of Hebrew and Arabic, which names do without, are left out.
func clean(text string) string {
	if plainASCII(text) {
		return text
	}
	text = norm.NFC.String(strings.ToValidUTF8(text, "\ufffd"))
	var b strings.Builder
	n := 0
	for _, r := range text {
		if n++; n > maxText {
			b.WriteRune('…')
			break
		}
		switch {
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case r == '\u200c':
			b.WriteRune(r) // keeps Persian letters apart; shape takes it out
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r), unicode.Is(unicode.Co, r):
		case pointing(r), emoji(r):
		case r > 0xffff:
			b.WriteString(basic(r))
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func plainASCII(text string) bool {
	if len(text) > maxText || strings.HasPrefix(text, " ") || strings.HasSuffix(text, " ") || strings.Contains(text, "  ") {
		return false
	}
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// pointing reports vowel points and other marks around Hebrew and Arabic
// letters. Without the tables for placing marks they would miss their letter.
func pointing(r rune) bool {
	return unicode.Is(unicode.Mn, r) && (r >= 0x591 && r <= 0x5c7 || r >= 0x610 && r <= 0x6ed || r >= 0x8d3 && r <= 0x8ff)
}

// emoji reports pictures and what belongs to them.
func emoji(r rune) bool {
	return r >= 0x1f000 && r <= 0x1faff || r >= 0x2600 && r <= 0x27bf && r != '✓' && r != '✗' || r >= 0x2b00 && r <= 0x2bff || r == 0x20e3 || r >= 0xe0000 && r <= 0xe0fff
}

// basic writes a character beyond the first plane with one inside it, e.g. the
// letters that are bold by themselves.
func basic(r rune) string {
	text := norm.NFKC.String(string(r))
	for _, c := range text {
		if c > 0xffff {
			return string(missing)
		}
	}
	return text
}

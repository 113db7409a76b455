package persona

import (
	"slices"
	"strings"
	"unicode"
)

// silent are words that carry no meaning of their own.
func silent() []string {
	return strings.Fields(`a an and are as at be been being but by can could do does for from get give had has have how i if in into is it its
		just me my no not of on or our out over she should so some something than that the their them there these they this those to too up us was we
		were what when where which who will with would you your very really maybe about also any all each every more most much many only other etc like
		want wants need needs please thing things one`)
}

// Words lists the words of a text that carry meaning, as stems, each once.
func Words(text string) []string {
	var out []string
	stop := silent()
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if slices.Contains(stop, w) || len(w) < 2 && (w[0] < '0' || w[0] > '9') {
			continue
		}
		if w = stem(w); !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// stem takes the commonest English endings off.
func stem(w string) string {
	if len(w) < 5 {
		return strings.TrimSuffix(w, "s")
	}
	for _, end := range []string{"ations", "ation", "ments", "ment", "ings", "ing", "ies", "ers", "ed", "es", "er", "ly", "s", "y", "e"} {
		if base, ok := strings.CutSuffix(w, end); ok && len(base) >= 3 {
			if n := len(base); n > 3 && base[n-1] == base[n-2] {
				base = base[:n-1]
			}
			return base
		}
	}
	return w
}

// Overlap is the share of the meaning words of want that occur in got, from 0
// to 1; 0 when want has none.
func Overlap(want, got string) float64 {
	words, have, hits := Words(want), Words(got), 0
	for _, w := range words {
		if slices.Contains(have, w) {
			hits++
		}
	}
	if len(words) == 0 {
		return 0
	}
	return float64(hits) / float64(len(words))
}

// Squash makes every run of blanks one blank.
func Squash(s string) string { return strings.Join(strings.Fields(s), " ") }

// plain is a text in lower case with blanks for everything else, so that
// phrases can be looked up at the beginnings of words.
func plain(text string) string {
	text = strings.ReplaceAll(strings.ToLower(text), "’", "'")
	return " " + strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
	}), " ") + " "
}

// mentions counts the phrases that occur in a plain text, at the beginning of
// a word; short ones only as whole words.
func mentions(text string, phrases []string) int {
	n := 0
	for _, p := range phrases {
		if strings.Contains(text, needle(p)) {
			n++
		}
	}
	return n
}

// needle is a phrase as it stands in a plain text.
func needle(phrase string) string {
	p := " " + strings.TrimSpace(plain(phrase))
	if len(p) < 5 {
		p += " "
	}
	return p
}

// found counts the needles in a plain text.
func found(text string, needles []string) int {
	n := 0
	for _, p := range needles {
		if strings.Contains(text, p) {
			n++
		}
	}
	return n
}

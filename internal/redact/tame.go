package redact

import (
	"strings"
	"unicode"

	"applicreations.com/introspect/internal/extract"
)

// maxText is how many letters of a client's text are sent (intake.md 4.7).
const maxText = 5000

// Tame prepares a client's text for a model: no markup, no invisible
// characters, no letter repeated without end, and no more than 5,000 letters.
// Evidence is looked for in the tamed text, so a
// text is tamed before it is redacted and sent.
func Tame(text string) string {
	var b strings.Builder
	var last rune
	run, n := 0, 0
	for _, r := range extract.Clean(text) {
		if r == last {
			run++
		} else {
			last, run = r, 1
		}
		if run > 8 && !unicode.IsDigit(r) {
			continue
		}
		if n++; n > maxText {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

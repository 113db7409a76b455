package intake

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"applicreations.com/introspect/internal/extract"
)

// named finds a name of two to five words in front of what a business does.
var named = regexp.MustCompile(`(?:^|[.\n] *)((?:[A-Z][\w'’-]*)(?: (?:[A-Z0-9][\w'’-]*|&|and|of|the)){1,4}) (?:is|are|wants|sells|makes|offers|runs|provides|helps|publishes|rents|teaches|builds|designs|has|needs|does)\b`)

// doing finds a name of two to five words that begins the text, in front of any
// verb: "Second Plate collects surplus food".
var doing = regexp.MustCompile(`^((?:[A-Z][\w'’-]*)(?: (?:[A-Z0-9][\w'’-]*|&|and|of|the)){0,3} [A-Z][\w'’-]*) [a-z]{3,}s (?:[a-z]|[0-9])`)

// nameInside guesses a name from a later sentence: "Wick & Wax wants a shop."
// At least two of its words begin with a capital letter.
func nameInside(text string) string {
	for _, m := range named.FindAllStringSubmatch(text, -1) {
		capitals := 0
		for _, w := range strings.Fields(m[1]) {
			if w[0] >= 'A' && w[0] <= 'Z' {
				capitals++
			}
		}
		if capitals >= 2 {
			return m[1]
		}
	}
	return ""
}

// leadingName guesses a name from the start of a description: "Bella Hair, a
// salon ..." or "Bella Hair is a salon". It returns "" when nothing short
// stands in front.
func leadingName(text string) string {
	text = text[extract.Greeting(text):]
	name := text
	if m := doing.FindStringSubmatch(text); m != nil {
		name = m[1]
	}
	for _, sep := range []string{",", ".", "\n", ";", ":", " - ", " – ", " — ", "(", " is ", " are ", " sells ", " offers ", " makes ", " provides ", " helps ", " runs "} {
		if i := strings.Index(name, sep); i > 0 {
			name = name[:i]
		}
	}
	name = strings.TrimSpace(name)
	words := len(strings.Fields(name))
	low := strings.ToLower(name)
	if titled(low) {
		if _, rest, ok := strings.Cut(text, "\n"); ok {
			return leadingName(strings.TrimSpace(rest))
		}
		return ""
	}
	for _, start := range []string{"we", "i", "it", "our", "my", "this", "there", "not", "the site", "a", "an", "hello", "hi"} {
		if low == start || strings.HasPrefix(low, start+" ") {
			return ""
		}
	}
	if words == 0 || words > 6 || utf8.RuneCountInString(name) < 2 || extract.QualityOf(name) != extract.Good {
		return ""
	}
	return name
}

// titles finds the title of a document where a name is looked for.
var titles = regexp.MustCompile(`\b(?:request for|proposals?|rfp|rfq|tender|brief|specification|invitation|scope of|statement of|website|web site|homepage|project|introduction|background|overview)\b`)

// titled reports whether a line in lower case names a document rather than a
// business.
func titled(low string) bool { return titles.MatchString(low) }

// nameLike reports whether an answer to the question for a name can be one:
// people also answer it with something else that they have in mind.
func nameLike(text string) bool {
	words := strings.Fields(text)
	capital := strings.ContainsFunc(text, func(r rune) bool { return unicode.IsUpper(r) || unicode.IsDigit(r) || r > unicode.MaxASCII })
	return len(words) <= 3 || len(words) <= 8 && capital
}

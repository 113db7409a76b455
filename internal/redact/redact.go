// Package redact takes a person out of a text before it leaves the house: the
// name, and every e-mail address and telephone number. What it took out can be
// put in again, byte for byte.
//
// It knows texts only, no slots and no models; whoever sends something decides
// which texts go through it. Start with New.
package redact

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"applicreations.com/introspect/internal/extract/scrub"
)

// Person is whoever a text must not name.
type Person struct {
	Name, Email, Phone string
}

// Client is the placeholder of the first spelling of the person's name.
const Client = "{{client}}"

// Redactor remembers which placeholder stands for which spelling. One serves
// all texts of one message; it is not safe for use by two at once.
type Redactor struct {
	whole  string   // the person's name as it was given
	name   []string // the words of it
	bares  []string // the same as they are compared
	email  string
	digits string // the last digits of the person's telephone number
	latin  *strings.Replacer
	marks  map[string]string
	pairs  []string // placeholder, spelling, placeholder, spelling
	counts map[string]int
}

// New makes a redactor for one person. Empty fields are looked for nowhere.
func New(p Person) *Redactor {
	r := &Redactor{whole: strings.TrimSpace(p.Name), email: strings.TrimSpace(p.Email), latin: scrub.Latin(), marks: map[string]string{}, counts: map[string]int{}}
	for _, w := range wordsOf(p.Name) {
		r.name = append(r.name, p.Name[w.from:w.to])
		r.bares = append(r.bares, r.bare(p.Name[w.from:w.to]))
	}
	// Seven digits name a telephone with and without its country and area.
	if d := onlyDigits(p.Phone); len(d) >= 7 {
		r.digits = d[len(d)-7:]
	}
	return r
}

// span is a part of a text that has to go.
type span struct {
	from, to int
	kind     string
}

// Out replaces the name and every e-mail address and telephone number by
// placeholders such as {{client}}; the same spelling gets the same one.
func (r *Redactor) Out(text string) string {
	spans := slices.Concat(braces(text), r.emails(text), r.phones(text), r.names(text))
	slices.SortStableFunc(spans, func(a, b span) int { return a.from - b.from })
	var b strings.Builder
	at := 0
	for i := 0; i < len(spans); i++ {
		s := spans[i]
		// What overlaps goes as one, so that no half of it stays.
		for i+1 < len(spans) && spans[i+1].from < s.to {
			i++
			s.to = max(s.to, spans[i].to)
		}
		b.WriteString(text[at:s.from])
		b.WriteString(r.mark(s.kind, text[s.from:s.to]))
		at = s.to
	}
	b.WriteString(text[at:])
	return b.String()
}

// mark names a spelling; the same spelling gets the same placeholder.
func (r *Redactor) mark(kind, spelling string) string {
	if m, ok := r.marks[spelling]; ok {
		return m
	}
	r.counts[kind]++
	m := "{{" + kind + "}}"
	if n := r.counts[kind]; n > 1 {
		m = fmt.Sprintf("{{%s_%d}}", kind, n)
	}
	r.marks[spelling] = m
	r.pairs = append(r.pairs, m, spelling)
	return m
}

// Back returns the way back for every text that went through Out so far: Back
// of what Out returned is what Out got. A placeholder of the person that stood in
// none of these texts, because a model knows it by heart, becomes the name.
func (r *Redactor) Back() func(string) string {
	pairs := slices.Clone(r.pairs)
	if r.counts["client"] == 0 && r.whole != "" {
		pairs = append(pairs, Client, r.whole)
	}
	replacer := strings.NewReplacer(pairs...)
	return func(s string) string { return replacer.Replace(s) }
}

// braces hides what a client typed to look like a placeholder.
func braces(text string) (out []span) {
	for i := 0; i+1 < len(text); i++ {
		if text[i] == '{' && text[i+1] == '{' {
			out = append(out, span{i, i + 2, "brace"})
			i++
		}
	}
	return out
}

// emails finds every address, and the person's own in any surroundings.
func (r *Redactor) emails(text string) (out []span) {
	for i := 0; i < len(text); i++ {
		if text[i] != '@' {
			continue
		}
		from := i - len(text[:i]) + len(strings.TrimRightFunc(text[:i], localPart))
		to := i + 1 + len(text[i+1:]) - len(strings.TrimLeftFunc(text[i+1:], domainPart))
		to = from + len(strings.TrimRight(text[from:to], ".-"))
		if from < i && strings.Contains(text[i:max(to, i)], ".") {
			out = append(out, span{from, to, "email"})
		}
	}
	if strings.ContainsAny(text, "@[({") || strings.Contains(strings.ToLower(text), " dot ") { // else there is none, and looking takes long
		for _, at := range inWords.FindAllStringIndex(text, -1) {
			out = append(out, span{at[0], at[1], "email"})
		}
	}
	if r.email == "" {
		return out
	}
	for i := 0; i+len(r.email) <= len(text); i++ {
		if strings.EqualFold(text[i:i+len(r.email)], r.email) {
			out = append(out, span{i, i + len(r.email), "email"})
		}
	}
	return out
}

// inWords finds addresses that are written to hide from programs, such as "ann
// at bella dot example". "At" alone names a place, so it needs the dot.
var inWords = regexp.MustCompile(`(?i)[\p{L}\p{N}._%+-]+(?: ?[\[({] ?(?:at|@) ?[\])}] ?[\p{L}\p{N}-]+(?: ?[\[({] ?(?:dot|\.) ?[\])}] ?[\p{L}\p{N}-]+| dot [\p{L}\p{N}-]+|\.[\p{L}\p{N}-]+)+| at [\p{L}\p{N}-]+(?: ?[\[({] ?dot ?[\])}] ?| dot )[\p{L}\p{N}-]+(?: dot [\p{L}\p{N}-]+)*| @ ?[\p{L}\p{N}-]+ ?\. ?[\p{L}]{2,})`)

func localPart(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._%+-'", r)
}

func domainPart(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' || r == '-'
}

// names finds the person's whole name in any case and spelling, and parts of it
// that are no everyday words.
func (r *Redactor) names(text string) (out []span) {
	if len(r.name) == 0 {
		return nil
	}
	words := wordsOf(text)
	bares := make([]string, len(words))
	for i, w := range words {
		bares[i] = r.bare(text[w.from:w.to])
	}
	for i := 0; i < len(words); i++ {
		if n := len(r.name); n > 1 && r.wholeName(words[i:], bares[i:]) {
			out = append(out, span{words[i].from, words[i+n-1].to, "client"})
			i += n - 1
			continue
		}
		if w := words[i]; r.partOfName(text[w.from:w.to], bares[i]) {
			out = append(out, span{w.from, w.to, "client"})
		}
	}
	return append(out, r.withinWords(text)...)
}

func (r *Redactor) wholeName(words []span, bares []string) bool {
	if len(words) < len(r.name) {
		return false
	}
	for i, part := range r.bares {
		if bares[i] != part || i > 0 && words[i].from-words[i-1].to > 3 {
			return false
		}
	}
	return true
}

// partOfName is careful with names that are words: "Will" goes where it is
// written like the name, "will" stays. Initials alone name nobody.
func (r *Redactor) partOfName(word, bare string) bool {
	for i, part := range r.name {
		switch n := utf8.RuneCountInString(part); {
		case n < 2 || bare != r.bares[i]:
		case word == part, n >= 4 && !everyday(word), unicode.IsUpper(firstRune(word)):
			return true
		}
	}
	return false
}

// bare is a word as names are compared: in lower case and without accents, because
// who is called Zoë Müller may type Zoe Muller or Mueller.
func (r *Redactor) bare(word string) string {
	if strings.ContainsFunc(word, func(c rune) bool { return c >= utf8.RuneSelf }) {
		word = strings.Map(func(c rune) rune {
			if unicode.Is(unicode.Mn, c) {
				return -1
			}
			return c
		}, r.latin.Replace(word))
	}
	word = strings.ToLower(word)
	for _, twice := range []string{"ae", "oe", "ue"} { // umlauts are written in two ways in ASCII
		if strings.Contains(word, twice) {
			word = strings.ReplaceAll(word, twice, twice[:1])
		}
	}
	return word
}

// withinWords finds a name in a script that puts no spaces between words, or
// that ties endings to names.
func (r *Redactor) withinWords(text string) (out []span) {
	for _, part := range append(slices.Clone(r.name), strings.Join(r.name, "")) {
		if utf8.RuneCountInString(part) < 2 || !strings.ContainsFunc(part, unspaced) {
			continue
		}
		for at := 0; ; {
			i := strings.Index(text[at:], part)
			if i < 0 {
				break
			}
			out = append(out, span{at + i, at + i + len(part), "client"})
			at += i + len(part)
		}
	}
	return out
}

func unspaced(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

func everyday(word string) bool {
	return slices.Contains([]string{
		"baker", "bell", "berry", "bill", "black", "brook", "brown", "carpenter", "carter", "chase", "clay", "cook", "dawn", "dean", "drew", "faith", "field",
		"fields", "fisher", "frank", "gene", "grace", "grant", "green", "hall", "harmony", "hill", "hope", "hunter", "jewel", "king", "lane", "long", "mark",
		"marks", "mason", "melody", "mike", "miller", "park", "parker", "penny", "pepper", "price", "rich", "rock", "rose", "ruby", "short", "shop", "smith",
		"stone", "summer", "taylor", "walker", "ward", "white", "will", "wood", "woods", "young",
	}, strings.ToLower(word))
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// wordsOf lists the runs of letters and digits.
func wordsOf(text string) (out []span) {
	from := -1
	for i, r := range text {
		letter := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
		switch {
		case letter && from < 0:
			from = i
		case !letter && from >= 0:
			out = append(out, span{from: from, to: i})
			from = -1
		}
	}
	if from >= 0 {
		out = append(out, span{from: from, to: len(text)})
	}
	return out
}

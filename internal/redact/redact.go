// Package redact takes a person out of a text before it leaves the house: the
// name, and every e-mail address and telephone number. What it took out can be
// put in again, byte for byte.
//
// It knows texts only, no slots and no models; whoever sends something decides
// which texts go through it. Start with New.
package redact

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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
	name   []string // the words of the person's name
	email  string
	digits string // the last digits of the person's telephone number
	marks  map[string]string
	pairs  []string // placeholder, spelling, placeholder, spelling
	counts map[string]int
}

// New makes a redactor for one person. Empty fields are looked for nowhere.
func New(p Person) *Redactor {
	r := &Redactor{email: strings.TrimSpace(p.Email), marks: map[string]string{}, counts: map[string]int{}}
	for _, w := range wordsOf(p.Name) {
		r.name = append(r.name, p.Name[w.from:w.to])
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
// of what Out returned is what Out got.
func (r *Redactor) Back() func(string) string {
	replacer := strings.NewReplacer(r.pairs...)
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

func localPart(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._%+-'", r)
}

func domainPart(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' || r == '-'
}

// phones finds runs of digits that look like telephone numbers, and the
// person's own however it is grouped. Prices and dates are left alone.
func (r *Redactor) phones(text string) (out []span) {
	for i := 0; i < len(text); {
		if !strings.ContainsRune("0123456789+(", rune(text[i])) {
			i++
			continue
		}
		to := i + 1
		for j, gap := i+1, 0; j < len(text) && gap < 3; j++ {
			switch {
			case text[j] >= '0' && text[j] <= '9':
				to, gap = j+1, 0
			case strings.ContainsRune(" ()-./", rune(text[j])):
				gap++
			default:
				gap = 3
			}
		}
		if r.phone(text[i:to]) {
			out = append(out, span{i, to, "phone"})
		}
		i = to
	}
	return out
}

func (r *Redactor) phone(run string) bool {
	digits := onlyDigits(run)
	if r.digits != "" && strings.Contains(digits, r.digits) {
		return true
	}
	groups := strings.FieldsFunc(run, func(c rune) bool { return c < '0' || c > '9' })
	n := len(groups)
	american := n >= 3 && n <= 4 && len(groups[n-1]) == 4 && len(groups[n-2]) == 3 && len(groups[n-3]) == 3
	switch {
	case american:
		return true
	case len(digits) > 15:
		return false
	case run[0] == '+' || run[0] == '(':
		return len(digits) >= 8
	}
	return run[0] == '0' && len(digits) >= 9
}

// names finds the person's whole name in any case, and parts of it that are
// no everyday words.
func (r *Redactor) names(text string) (out []span) {
	words := wordsOf(text)
	for i := 0; i < len(words); i++ {
		if n := len(r.name); n > 1 && r.wholeName(text, words[i:]) {
			out = append(out, span{words[i].from, words[i+n-1].to, "client"})
			i += n - 1
			continue
		}
		if w := words[i]; r.partOfName(text[w.from:w.to]) {
			out = append(out, span{w.from, w.to, "client"})
		}
	}
	return out
}

func (r *Redactor) wholeName(text string, words []span) bool {
	if len(words) < len(r.name) {
		return false
	}
	for i, part := range r.name {
		w := words[i]
		if !strings.EqualFold(text[w.from:w.to], part) || i > 0 && w.from-words[i-1].to > 3 {
			return false
		}
	}
	return true
}

// partOfName is careful with names that are words: "Will" goes where it is
// written like the name, "will" stays. Initials alone name nobody.
func (r *Redactor) partOfName(word string) bool {
	for _, part := range r.name {
		switch n := utf8.RuneCountInString(part); {
		case n < 2 || !strings.EqualFold(word, part):
		case word == part, n >= 4 && !everyday(word), unicode.IsUpper(firstRune(word)):
			return true
		}
	}
	return false
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

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

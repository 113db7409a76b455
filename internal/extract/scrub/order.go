package scrub

import (
	"regexp"
	"sort"
	"strings"
	"unicode"
)

// sentence is text up to and with the end of a sentence or line.
var sentence = regexp.MustCompile(`[^.!?\n]*(?:[.!?]+|\n|$)`)

// WithoutOrders removes what Neutralise removes and the rest of its sentence:
// the words behind "ignore previous instructions" are the order itself, and
// left alone they would stand in a scope document. What stands before the
// phrase in its sentence stays, and text without such phrases comes back byte
// for byte.
func WithoutOrders(text string) (clean string, hits []Suspicion) {
	out, hits := Neutralise(text)
	if !high(hits) {
		return text, hits
	}
	var kept strings.Builder
	for _, s := range sentence.FindAllString(text, -1) {
		if s = beforeOrder(s); strings.ContainsFunc(s, speaks) || strings.Contains(s, "\n") {
			kept.WriteString(s)
		}
	}
	rest := kept.String()
	if clean, left := Neutralise(rest); high(left) {
		rest = clean // a phrase ran over the end of a sentence
	}
	if len(rest) > len(out) {
		rest = out
	}
	return strings.TrimSpace(rest), hits
}

// beforeOrder is the part of a sentence that stands before the first phrase
// that gives orders, or all of it.
func beforeOrder(s string) string {
	if _, hits := Neutralise(s); !high(hits) {
		return s
	}
	var ends []int
	for i := range len(s) {
		if s[i] == ' ' || i == len(s)-1 {
			ends = append(ends, i+1)
		}
	}
	// The shortest beginning that holds the phrase ends with it.
	n := sort.Search(len(ends), func(i int) bool {
		_, hits := Neutralise(s[:ends[i]])
		return high(hits)
	})
	if n == len(ends) {
		return ""
	}
	left, _ := Neutralise(s[:ends[n]])
	lead := s[:len(s)-len(strings.TrimLeft(s, " \t"))]
	return lead + strings.Trim(left, " \t,;:-")
}

// speaks reports letters and digits: a full stop alone says nothing.
func speaks(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func high(hits []Suspicion) bool {
	for _, h := range hits {
		if h.High {
			return true
		}
	}
	return false
}

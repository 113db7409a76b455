package recommend

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/slot"
)

// quoteLimit is the length in characters of the client's own words in a text.
const quoteLimit = 90

// passage is one sentence or list entry of the client's own words.
type passage struct {
	key  slot.Key
	text string
	low  string // padded, lower case, only letters and digits: " no show rate "
}

// ownWords lists where the client speaks about their own business, the most
// telling first. Competitors and the audience describe others, and later phases
// are no part of this project.
var ownWords = [...]slot.Key{
	slot.PainPoints, slot.MustHaves, slot.PrimaryGoal, slot.SuccessMetrics, slot.BusinessDescription,
	slot.UniqueValue, slot.BusinessType, slot.Industry,
}

func passages(v slot.Values) []passage {
	var out []passage
	for _, k := range ownWords {
		parts := sentences(v[k])
		if k == slot.PainPoints || k == slot.MustHaves {
			parts = v.List(k)
		}
		for _, p := range parts {
			if low := plain(p); low != " " {
				out = append(out, passage{k, p, low})
			}
		}
	}
	return out
}

func sentences(text string) []string {
	text = breaks.Replace(text)
	return strings.Split(text, "\n")
}

// plain prepares a text for word search: " " and a word find its beginning,
// a word and " " its end.
func plain(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return " "
	}
	return " " + strings.Join(words, " ") + " "
}

// says reports whether low holds one of the words. A word matches at its
// beginning, so "integrat" finds "integrates"; a trailing blank asks for the
// whole word. What is said not to be needed does not count.
func says(low string, words ...string) bool {
	for _, w := range words {
		if i := strings.Index(low, " "+w); i >= 0 && !unwanted(low[:i+1]) {
			return true
		}
	}
	return false
}

// unwanted reports whether the words right before a match refuse it.
func unwanted(before string) bool {
	words := strings.Fields(before)
	near := " " + strings.Join(words[max(0, len(words)-4):], " ") + " "
	for _, no := range []string{" without ", " t need ", " not need ", " no need ", " t want ", " not want "} {
		if strings.Contains(near, no) {
			return true
		}
	}
	return false
}

// find returns the first passage of the given slots, or of all, that says one
// of the words.
func (c *client) find(in []slot.Key, words ...string) (passage, bool) {
	for _, p := range c.own {
		if (len(in) == 0 || slices.Contains(in, p.key)) && says(p.low, words...) {
			return p, true
		}
	}
	return passage{}, false
}

// has reports whether the client speaks of one of the words anywhere.
func (c *client) has(words ...string) bool {
	_, ok := c.find(nil, words...)
	return ok
}

// breaks separates the sentences of a text; softer takes out what would break
// the sentence around a quotation.
var (
	breaks = strings.NewReplacer(". ", "\n", "? ", "\n", "! ", "\n", ";", "\n")
	softer = strings.NewReplacer(`"`, "'", "“", "'", "”", "'", "! ", "; ", "!", "", ". ", "; ", "? ", "; ")
)

var wish = regexp.MustCompile(`(?i)^(?:(?:our|the|my) (?:main |primary )?goal is|(?:we|i)(?:'d| would)? (?:want|need|like|hope|wish))(?: to)? `)

// quote makes the client's words fit for a sentence: one line, without shouts
// and quotation marks, cut at a word boundary to quoteLimit characters.
func quote(text string) string {
	if !strings.Contains(text, " ") {
		text = strings.ReplaceAll(text, "_", " ")
	}
	text = softer.Replace(strings.Join(strings.Fields(text), " "))
	if rest := wish.ReplaceAllString(text, ""); len(rest) >= 10 {
		text = rest
	}
	text = strings.TrimRight(text, " .,;:?")
	runes := []rune(text)
	if len(runes) <= quoteLimit {
		return text
	}
	cut := quoteLimit - 1
	for cut > quoteLimit/2 && !unicode.IsSpace(runes[cut]) {
		cut--
	}
	return strings.TrimRight(string(runes[:cut]), " .,;:-") + "…"
}

// number writes a figure for people: "1,200" or "12.5".
func number(n float64) string {
	text := strconv.FormatFloat(math.Round(n*100)/100, 'f', -1, 64)
	whole, part, fraction := strings.Cut(text, ".")
	if w, err := strconv.ParseInt(whole, 10, 64); err == nil {
		whole = strings.TrimPrefix(catalog.Cents(w*100).String(), "$")
	}
	if fraction {
		return whole + "." + part
	}
	return whole
}

// percent writes a fraction as percent: "18%".
func percent(rate float64) string { return number(rate*100) + "%" }

// dollars writes an amount: "$85" or "$12.50".
func dollars(d float64) string { return catalog.FromDollars(d).String() }

// sentence turns clauses into sentences.
func sentence(clause string) string {
	clause = strings.TrimSpace(clause)
	if clause == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(clause)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(clause[size:], ".") + "."
}

// list joins words as in "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

package extract

import (
	_ "embed" // the words
	"slices"
	"strings"
	"unicode"

	"applicreations.com/introspect/internal/extract/lexicon"
	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/slot"
)

//go:embed data/words.txt
var wordsText string

// words finds facets of an audience and signs of an answer's quality.
var words = lexicon.Must(wordsText)

// Quality judges an answer as a whole, before anybody asks whether it says
// enough about its slots.
type Quality string

// The qualities of an answer (references/intake.md 5.3).
const (
	Good     Quality = "good"
	Thin     Quality = "thin"      // no words, a filler, gibberish, "the usual stuff"
	Unsure   Quality = "unsure"    // "not sure", "idk", "?"
	OffTopic Quality = "off_topic" // small talk that is not about a website
)

// QualityOf judges the text. A hedge beside a fact ("not sure, about $5k") is
// Good, and so are "yes", "no", "none" and bare figures.
func QualityOf(text string) Quality {
	q, _ := Judge("", text)
	return q
}

// Judge gives the quality of a text and the facets of a slot that it covers, in
// one reading.
func Judge(k slot.Key, text string) (Quality, []string) {
	d := token.Read(text)
	heading, order := facetRules(k)
	covered, found := make([]bool, len(d.Tokens)), map[string]bool{}
	unsure, off, on := false, false, false
	words.Each(d, func(m lexicon.Match) {
		switch m.Rule.Slot {
		case ".unsure":
			unsure = true
			cover(covered, m)
		case ".filler", ".vague":
			cover(covered, m)
		case ".offtopic":
			off = true
		case ".onTopic":
			on = true
		case heading:
			found[m.Rule.Value] = true
		default:
		}
	})
	if k == slot.DesignReferences && slices.ContainsFunc(d.Tokens, func(t token.Token) bool { return t.Kind == token.Link }) {
		found["site"] = true
	}
	var facets []string
	for _, facet := range order {
		if found[facet] {
			facets = append(facets, facet)
		}
	}
	return quality(d, unsure, off && !on, !slices.Contains(covered, false)), facets
}

// quality judges a text by what was found in it; empty means that only fillers
// and doubts are there.
func quality(d *token.Doc, unsure, off, empty bool) Quality {
	switch {
	case len(d.Tokens) == 0 && strings.ContainsRune(d.Text, '?'):
		return Unsure
	case len(d.Tokens) == 0 || gibberish(d):
		return Thin
	case unsure && empty:
		return Unsure
	case off && len(d.Tokens) <= 12:
		return OffTopic
	case empty && !answers(d):
		return Thin
	default:
		return Good
	}
}

func cover(covered []bool, m lexicon.Match) {
	for i := m.First; i <= m.Last; i++ {
		covered[i] = true
	}
}

// answers reports whether a text of nothing but fillers still answers a closed
// question.
func answers(d *token.Doc) bool {
	_, closed := yesNo(d.Tokens[0].Low)
	return closed
}

// gibberish reports whether no token could be a word: keys hit at random, one
// letter over and over, a single letter.
func gibberish(d *token.Doc) bool {
	for _, t := range d.Tokens {
		if t.Kind != token.Word || !mashed(t.Low) {
			return false
		}
	}
	return true
}

// mashed reports whether the word is no word of a language in Latin letters.
// Words in other scripts are never called mashed.
func mashed(low string) bool {
	switch low {
	case "asdf", "asdfg", "qwerty", "qwert", "test", "testing", "blah", "foo", "bar", "baz", "lorem", "ipsum", "xxx", "abc", "xyz", "hjkl", "zxcv":
		return true
	case "i", "y", "n", "&":
		return low == "i"
	}
	letters, vowels, run, longest, ascii := 0, 0, 0, 0, true
	var before rune
	for _, r := range low {
		ascii = ascii && r < 0x80
		letters++
		if strings.ContainsRune("aeiouy", r) {
			vowels++
		}
		if run++; r != before {
			run = 1
		}
		longest, before = max(longest, run), r
	}
	if !ascii || !strings.ContainsFunc(low, unicode.IsLetter) {
		return false
	}
	switch {
	case letters == 1 || longest >= 4 || longest == letters:
		return true
	case keyRow(low):
		return true
	default:
		return letters >= 5 && vowels == 0 || letters >= 8 && vowels*6 < letters
	}
}

// keyRow reports whether the word runs along a row of the keyboard.
func keyRow(low string) bool {
	if len(low) < 4 {
		return false
	}
	for _, row := range []string{"qwertyuiop", "asdfghjkl", "zxcvbnm", "poiuytrewq", "lkjhgfdsa", "mnbvcxz"} {
		if strings.Contains(row+row, low) || strings.Contains(low, row[:5]) || strings.Contains(low, row[:4]+row[:4]) {
			return true
		}
	}
	return false
}

// facetRules names the headings of words.txt that tell the facets of a slot's
// text (references/intake.md 5.2), in the order in which they are listed.
func facetRules(k slot.Key) (heading slot.Key, facets []string) {
	switch k {
	case slot.TargetAudience:
		return ".facet", []string{"who", "where", "need"}
	case slot.PrimaryGoal:
		return ".goal", []string{"result", "measure"}
	case slot.UniqueValue:
		return ".value", []string{"difference", "proof"}
	case slot.DesignReferences:
		return ".ref", []string{"site", "reason"}
	case slot.BusinessDescription:
		return ".about", []string{"what", "whom"}
	default:
		return "", nil
	}
}

// Facets lists what a text covers of the parts that its slot should have; see
// slot.Def.Facets. Other slots have none.
func Facets(k slot.Key, text string) []string {
	_, facets := Judge(k, text)
	return facets
}

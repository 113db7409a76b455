package scrub

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Suspicion is one suspected attempt to steer a language model (DOMAIN 8.2).
type Suspicion struct {
	PatternID string
	High      bool // removed; otherwise only flagged
}

// Neutralise removes every phrase that is certainly an attempt to give a
// language model orders, and flags phrases that may be one (DOMAIN 8.2, F-3).
// Letter case, repeated or exotic white space, invisible characters, full-width
// letters and common look-alikes from other alphabets do not hide a phrase, and
// what is left over never makes a new one. Text without such phrases comes
// back byte for byte.
func Neutralise(text string) (clean string, hits []Suspicion) {
	p := purge{text: text, kept: make([]letter, 0, len(text))}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		p.take(r, i, i+size)
		i += size
	}
	p.bounded()
	hits = append(p.hits, p.flags()...)
	if len(p.hits) == 0 {
		return text, hits
	}
	return p.String(), hits
}

// highPhrases are the phrases that are removed, in folded form. A phrase that
// ends in a space counts only at the end of a word: "you are now" is an order,
// "you are nowhere" is not.
var highPhrases = []struct{ id, text string }{
	{"ignore_previous", "ignore previous instructions"},
	{"ignore_previous", "ignore all previous instructions"},
	{"ignore_previous", "ignore the previous instructions"},
	{"ignore_previous", "ignore all the previous instructions"},
	{"ignore_previous", "ignore all of the previous instructions"},
	{"ignore_previous", "ignore any previous instructions"},
	{"ignore_previous", "ignore your previous instructions"},
	{"ignore_previous", "ignore all your previous instructions"},
	{"ignore_previous", "ignore prior instructions"},
	{"ignore_previous", "ignore all prior instructions"},
	{"forget_everything", "forget everything"},
	{"forget_role", "forget your role"},
	{"disregard_all", "disregard all "},
	{"you_are_now", "you are now "},
	{"new_instructions", "new instructions"},
	{"system_prompt_colon", "system prompt:"},
	{"system_prompt_colon", "system prompt :"},
}

// lowPhrases are only flagged, as whole words.
var lowPhrases = []struct{ id, text string }{
	{"act_as", "act as"},
	{"override", "override"},
	{"system_prompt", "system prompt"},
}

// letter is one character as it is compared, and the bytes it came from.
// Invisible characters belong to the letter before them.
type letter struct {
	r          rune
	start, end int
}

// purge is the text so far without phrases. A phrase is looked for whenever a
// character arrives, so the text so far never contains one.
type purge struct {
	text string
	kept []letter
	hits []Suspicion
}

// take adds one character of the text.
func (p *purge) take(r rune, start, end int) {
	r = fold(r)
	if r >= 0 && !unicode.IsLetter(r) {
		p.bounded()
	}
	if n := len(p.kept); n > 0 && (r < 0 || r == ' ' && p.kept[n-1].r == ' ') {
		if p.kept[n-1].end == start {
			p.kept[n-1].end = end
		}
		return // or it stood on the other side of a removed phrase
	}
	p.kept = append(p.kept, letter{r, start, end})
	for _, h := range highPhrases {
		if rune(h.text[len(h.text)-1]) == r && r != ' ' && p.cut(h.text) {
			p.hits = append(p.hits, Suspicion{h.id, true})
			return
		}
	}
	p.order(r)
}

// bounded removes phrases that count only at the end of a word.
func (p *purge) bounded() {
	for again := true; again; {
		again = false
		for _, h := range highPhrases {
			if phrase, ok := strings.CutSuffix(h.text, " "); ok && p.cut(phrase) {
				p.hits = append(p.hits, Suspicion{h.id, true})
				again = true
			}
		}
	}
}

// cut removes the phrase when the text so far ends in it.
func (p *purge) cut(phrase string) bool {
	at := len(p.kept)
	for i := len(phrase) - 1; i >= 0; i-- {
		at--
		for at >= 0 && p.kept[at].r < 0 {
			at--
		}
		if at < 0 || p.kept[at].r != rune(phrase[i]) {
			return false
		}
	}
	p.kept = p.kept[:at]
	return true
}

// String joins what was kept.
func (p *purge) String() string {
	var b strings.Builder
	for _, l := range p.kept {
		b.WriteString(p.text[l.start:l.end])
	}
	return strings.TrimSpace(b.String())
}

// flags finds the low phrases in what was kept.
func (p *purge) flags() []Suspicion {
	type flag struct {
		at int
		id string
	}
	var found []flag
	folded := make([]byte, 0, len(p.kept))
	for _, l := range p.kept {
		switch {
		case l.r < 0:
		case l.r < utf8.RuneSelf:
			folded = append(folded, byte(l.r))
		case unicode.IsLetter(l.r):
			folded = append(folded, 'a'|0x80)
		default:
			folded = append(folded, 0)
		}
	}
	s := string(folded)
	for _, low := range lowPhrases {
		for from := 0; ; {
			i := strings.Index(s[from:], low.text)
			if i < 0 {
				break
			}
			i += from
			from = i + len(low.text)
			if !wordByte(s, i-1) && !wordByte(s, from) {
				found = append(found, flag{i, low.id})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b flag) int { return cmp.Compare(a.at, b.at) })
	out := make([]Suspicion, len(found))
	for i, f := range found {
		out[i] = Suspicion{PatternID: f.id}
	}
	return out
}

func wordByte(s string, i int) bool {
	return i >= 0 && i < len(s) && (asciiLetter(s[i]) || s[i] >= '0' && s[i] <= '9' || s[i] >= 0x80)
}

// fold makes the character as it is compared: lower case, any white space a
// space, look-alikes their Latin letter; -1 for what cannot be seen.
func fold(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		return foldASCII(r)
	case invisible(r) || unicode.Is(unicode.Mn, r):
		return -1
	case unicode.IsSpace(r) || r == '\u2800':
		return ' '
	case r >= 0xff01 && r <= 0xff5e:
		return foldASCII(r - 0xff01 + '!')
	}
	r = unicode.ToLower(r)
	n := 0
	for _, look := range lookalikes {
		if r == look {
			return rune(latin[n])
		}
		n++
	}
	return r
}

// lookalikes are Cyrillic, Greek and Armenian letters that look like the Latin
// letter at the same place in latin.
const (
	lookalikes = "аαсϲеεіıιјмոνоοрρѕтτυսѵԝу"
	latin      = "aacceeiiijmnnooppsttuuvwy"
)

func foldASCII(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z':
		return r + 'a' - 'A'
	case r == '\t' || r == '\n' || r == '\v' || r == '\f' || r == '\r' || r == '_' || r == '\u00a0':
		return ' '
	case r == '*' || r == '`' || r == '~' || r < ' ' || r == 0x7f:
		return -1
	default:
		return r
	}
}

// Package token cuts a client's text into words, numbers, links and the like,
// in one pass and without ever failing. It marks what the client denies or
// hedges, and finds amounts and ranges.
//
// It knows nothing about slots or lexicons. Start with Read and Doc.
package token

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind tells what a token is.
type Kind uint8

// The kinds of tokens.
const (
	Word    Kind = iota
	Number       // one amount, with its currency, suffix and percent sign
	Ordinal      // 15th
	Date         // a date in digits
	Link         // a URL or a domain
	Mail         // an e-mail address
	Hex          // a colour such as #0a84ff
	Other        // phone numbers, times of day, version numbers
)

// Gap is what stands between a token and the one before it, in rising order
// of how far it separates them.
type Gap uint8

// The gaps.
const (
	GapNone  Gap = iota
	GapSpace     // spaces, brackets, quotes, colons
	GapHyphen
	GapSlash
	GapDash  // a dash between spaces, or a long dash
	GapComma // commas, bullets
	GapStop  // the end of a sentence or line
)

// Token is one word, number, link or the like.
type Token struct {
	Start, End int    // byte offsets in the text
	Low        string // the form to compare: lower case, slips put right
	Kind       Kind
	Gap        Gap // between the token before and this one
	Clause     int // running number of the clause
	Sentence   int // running number of the sentence
	Denied     Denial
	Hedged     bool
	Num        Amount // for Number and Ordinal
}

// Amount is a number as written.
type Amount struct {
	Value   float64
	Money   bool // a currency sign or word stood there
	Percent bool
	Scaled  bool // k, m or "thousand" was already applied
	Plus    bool // 10+
	Year    bool // four plain digits that may be a year
	Letters bool // written in letters
}

// scanner cuts a text into tokens in one pass.
type scanner struct {
	text   string
	pos    int
	tokens []Token
}

// tokenise never fails: bytes that are no valid UTF-8 separate tokens.
func tokenise(text string) []Token {
	s := &scanner{text: text, tokens: make([]Token, 0, len(text)/5+4)}
	for s.pos < len(text) {
		r, size := s.runeAt(s.pos)
		switch {
		case opensAmount(r) && s.lexAmount():
		case r == '#' && s.lexHex():
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			s.lexWord()
		case r == '&':
			s.add(s.pos, s.pos+1, "and", Word)
		default:
			s.pos += size
		}
	}
	s.boundaries()
	return s.tokens
}

func (s *scanner) runeAt(i int) (rune, int) {
	if i >= len(s.text) {
		return 0, 0
	}
	if c := s.text[i]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(s.text[i:])
}

// add appends a token and moves behind it.
func (s *scanner) add(start, end int, low string, k Kind) {
	s.tokens = append(s.tokens, Token{Start: start, End: end, Low: low, Kind: k})
	s.pos = end
}

// lexWord takes a word with inner apostrophes, or a link or address when one
// starts here. Unknown mixtures such as "10am" count as Other.
func (s *scanner) lexWord() {
	if end, k := LinkAt(s.text, s.pos); end > 0 {
		s.add(s.pos, end, strings.ToLower(s.text[s.pos:end]), k)
		return
	}
	start, end := s.pos, s.pos
	for end < len(s.text) {
		r, size := s.runeAt(end)
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) {
			end += size
			continue
		}
		if next, _ := s.runeAt(end + size); (r == '\'' || r == '’') && unicode.IsLetter(next) {
			end += size
			continue
		}
		break
	}
	k := Word
	for digitAt(s.text, end-1) && end+1 < len(s.text) && s.text[end] == '.' && digitAt(s.text, end+1) {
		k, end = Other, end+2 // version numbers such as v1.2
		for digitAt(s.text, end) {
			end++
		}
	}
	raw := s.text[start:end]
	if first := raw[0]; first >= '0' && first <= '9' {
		k = Other
	}
	s.add(start, end, plain(raw), k)
}

// plain is the form in which words are compared: lower case, straight
// apostrophes, usual contractions with their apostrophe, plain misspellings
// of long words put right.
func plain(raw string) string {
	low := strings.ToLower(raw)
	if strings.Contains(low, "’") {
		low = strings.ReplaceAll(low, "’", "'")
	}
	switch low {
	case "dont", "doesnt", "didnt", "cant", "wont", "isnt", "arent", "havent", "hasnt", "wasnt", "couldnt", "wouldnt", "shouldnt":
		return low[:len(low)-1] + "'t"
	}
	return spell(low)
}

// lexHex takes a colour such as #fff or #0a84ff.
func (s *scanner) lexHex() bool {
	end := s.pos + 1
	for end < len(s.text) && isHexDigit(s.text[end]) {
		end++
	}
	if n := end - s.pos - 1; n != 3 && n != 6 {
		return false
	}
	if r, _ := s.runeAt(end); unicode.IsLetter(r) || unicode.IsDigit(r) {
		return false
	}
	s.add(s.pos, end, strings.ToLower(s.text[s.pos:end]), Hex)
	return true
}

func isHexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// boundaries fills in gap, clause and sentence.
func (s *scanner) boundaries() {
	clause, sentence := 0, 0
	for i := range s.tokens {
		t := &s.tokens[i]
		if i > 0 {
			t.Gap = gapBetween(s.text[s.tokens[i-1].End:t.Start], s.tokens[i-1].Low)
		}
		switch {
		case t.Gap == GapStop:
			sentence++
			clause++
		case t.Gap >= GapDash || opensClause(s.tokens, i):
			clause++
		}
		t.Clause, t.Sentence = clause, sentence
	}
}

// gapBetween classifies the characters between two tokens. A full stop after
// an abbreviation does not end the sentence.
func gapBetween(between, before string) Gap {
	g := GapNone
	for i, r := range between {
		switch r {
		case '\n', '!', '?', ';':
			return GapStop
		case '.', '…':
			if !abbreviation(before) && i+utf8.RuneLen(r) < len(between) || r == '…' {
				return GapStop
			}
			g = max(g, GapSpace)
		case ',', '•', '|', '·':
			g = max(g, GapComma)
		case '–', '—':
			g = max(g, GapDash)
		case '-':
			g = max(g, GapHyphen)
		case '/':
			g = max(g, GapSlash)
		default:
			g = max(g, GapSpace)
		}
	}
	if g == GapHyphen && len(between) > 1 {
		return GapDash
	}
	return g
}

func abbreviation(low string) bool {
	switch low {
	case "approx", "e", "g", "vs", "st", "dr", "mr", "mrs", "ms", "inc", "ltd", "est", "avg", "hrs", "wk", "appt", "appts", "ca":
		return true
	default:
		return false
	}
}

// opensClause reports whether a new thought starts at the word, as in "and we".
func opensClause(tokens []Token, i int) bool {
	switch tokens[i].Low {
	case "but", "however", "although", "though", "because", "while", "whereas":
		return true
	case "and", "so":
		if i+1 < len(tokens) {
			switch tokens[i+1].Low {
			case "we", "i", "they", "our", "my", "it", "we're", "i'm", "we've", "we'd", "i'd", "customers", "clients", "people", "then":
				return true
			}
		}
	}
	return false
}

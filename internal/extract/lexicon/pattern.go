// Package lexicon finds phrases in a text that has been cut into tokens. A
// lexicon is a plain text of headings and patterns; its notation is explained
// at the top of data/figures.txt beside this package.
//
// It says where a pattern occurs and what its heading says, and leaves all
// judgement to the caller. Start with Must and Each.
package lexicon

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/slot"
)

// place is the kind of one element of a pattern.
type place uint8

const (
	aWord    place = iota
	aGap           // up to n words of any kind
	aCount         // a plain number
	aMoney         // an amount with a currency
	aFigure        // a plain number or an amount with a currency
	aPercent       // a share
	aName          // a word with a capital letter
)

// element is one place of a pattern.
type element struct {
	place    place
	exact    []string
	begin    []string // word beginnings
	initials uint64   // which first bytes occur, modulo 64
	optional bool
	width    int // of a gap
}

// pattern is a sequence of elements that never crosses a comma or the end of
// a sentence. The notation is explained at the top of lexicon.txt.
type pattern struct {
	elements []element
	rule     *Rule
}

// Mode says what a rule makes of a denied match.
type Mode uint8

// The modes.
const (
	Drops Mode = iota // nothing is known then
	Says              // it is "no"
	Want              // it is "no", unless it is merely missing today
	Deaf              // the pattern carries its own denial
)

// Rule is one heading of a lexicon.
type Rule struct {
	Slot   slot.Key
	Value  string     // a literal, or # for the figure inside, or a quotation mark for the words
	Deny   Mode       // what a denial makes of it
	Asked  []slot.Key // fires only when one of these was asked
	Cue    []string   // the sentence must have a word of each of these lists
	Not    []string   // the sentence must have no word of these lists
	Now    bool       // not behind words such as "want" and "goal"
	Goal   bool       // only behind such words
	High   bool       // of a range take the upper end
	Short  bool       // only in answers of a few words
	Hedged bool       // a hint only
	Factor float64    // for figures
	Rank   int        // higher wins over lower

	capital bool // the first word must have a capital letter
	raw     bool // the first word must be all capitals
	commas  bool // patterns may cross commas
}

// Lexicon is a compiled list of rules. It never changes.
type Lexicon struct {
	lists   map[string]element
	byWord  map[string][]pattern // by the first three bytes of the first word
	byStart []pattern            // first element is a figure
	byName  []pattern            // first element is a name
}

// Must compiles the text of a lexicon and panics on a mistake in it.
func Must(text string) *Lexicon {
	l := &Lexicon{lists: map[string]element{}, byWord: map[string][]pattern{}}
	lets := []string{}
	var r *Rule
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "//"):
		case strings.HasPrefix(line, "let "):
			name, body, _ := strings.Cut(line[len("let "):], " ")
			body = strings.NewReplacer(lets...).Replace(body)
			if at := slices.Index(lets, "{"+name+"}"); at >= 0 && lets[at+1] != body {
				panic("lexicon: the list " + name + " is defined twice, differently")
			}
			lets = append(lets, "{"+name+"}", body)
			if !strings.Contains(body, " ") {
				l.lists[name] = parseElement(body)
			}
		case strings.HasPrefix(line, "= "):
			r = parseRule(line[2:])
		case r == nil:
			panic("lexicon: pattern without heading: " + line)
		default:
			for p := range strings.SplitSeq(strings.ToLower(line), ",") {
				l.spread(strings.Fields(p), lets, r)
			}
		}
	}
	return l
}

// spread puts the lists into a pattern and adds it. A list of several words that
// is optional as a whole, such as "?{week}", makes two patterns: a "?" before
// its text would make only its first word optional.
func (l *Lexicon) spread(fields, lets []string, r *Rule) {
	for i, f := range fields {
		name, optional := strings.CutPrefix(f, "?")
		at := slices.Index(lets, name)
		if !optional || at < 0 || !strings.Contains(lets[at+1], " ") {
			continue
		}
		l.spread(slices.Delete(slices.Clone(fields), i, i+1), lets, r)
		with := slices.Clone(fields)
		with[i] = name
		l.spread(with, lets, r)
		return
	}
	l.add(strings.NewReplacer(lets...).Replace(strings.Join(fields, " ")), r)
}

// add files a pattern under its first word. A leading optional element is
// filed with and without.
func (l *Lexicon) add(text string, r *Rule) {
	p := pattern{rule: r}
	for f := range strings.FieldsSeq(text) {
		p.elements = append(p.elements, parseElement(f))
	}
	for len(p.elements) > 1 && p.elements[0].optional {
		with := pattern{elements: slices.Clone(p.elements), rule: r}
		with.elements[0].optional = false
		l.file(with)
		p.elements = p.elements[1:]
	}
	l.file(p)
}

func (l *Lexicon) file(p pattern) {
	first := p.elements[0]
	switch first.place {
	case aWord:
		var keys []string
		for _, w := range slices.Concat(first.exact, first.begin) {
			if k := key(w); !slices.Contains(keys, k) {
				keys = append(keys, k)
				l.byWord[k] = append(l.byWord[k], p)
			}
		}
	case aCount, aMoney, aFigure, aPercent:
		l.byStart = append(l.byStart, p)
	case aName:
		l.byName = append(l.byName, p)
	default:
		panic(fmt.Sprintf("lexicon: pattern of %s starts with a gap", p.rule.Slot))
	}
}

// key is what a word is filed under. Word beginnings have three letters at
// least, so that a word and its beginning share the key.
func key(w string) string {
	return w[:min(3, len(w))]
}

// parseElement reads one field of a pattern.
func parseElement(f string) element {
	var e element
	if f, e.optional = strings.CutPrefix(f, "?"); f == "" {
		panic("lexicon: empty optional element")
	}
	switch {
	case f == "#":
		e.place = aCount
	case f == "$":
		e.place = aMoney
	case f == "$#":
		e.place = aFigure
	case f == "%":
		e.place = aPercent
	case f == "^":
		e.place = aName
	case strings.HasPrefix(f, "~"):
		e.place = aGap
		n, err := strconv.Atoi(f[1:])
		if err != nil {
			panic("lexicon: bad gap " + f)
		}
		e.width = n
	default:
		e.words(f)
	}
	return e
}

func (e *element) words(f string) {
	for w := range strings.SplitSeq(f, "|") {
		w = strings.TrimPrefix(w, "?")
		if w == "" {
			panic("lexicon: empty word in " + f)
		}
		e.initials |= initial(w)
		begin, star := strings.CutSuffix(w, "*")
		switch {
		case star && len(begin) < 3:
			panic("lexicon: word beginning too short: " + w)
		case star:
			e.begin = append(e.begin, begin)
		default:
			e.exact = append(e.exact, w)
		}
	}
}

func initial(s string) uint64 { return 1 << (s[0] & 63) }

// parseRule reads a heading: the slot, the value, then options.
func parseRule(line string) *Rule {
	fields := strings.Fields(line)
	if len(fields) < 2 {
		panic("lexicon: bad heading " + line)
	}
	r := &Rule{Slot: slot.Key(fields[0]), Value: fields[1], Factor: 1}
	for _, f := range fields[2:] {
		name, arg, _ := strings.Cut(f, "=")
		if !r.option(name, arg) {
			panic("lexicon: bad option " + f + " in " + line)
		}
	}
	return r
}

func (r *Rule) option(name, arg string) bool {
	switch name {
	case "deny":
		r.Deny = map[string]Mode{"no": Says, "want": Want, "deaf": Deaf}[arg]
	case "asked":
		for a := range strings.SplitSeq(arg, "+") {
			r.Asked = append(r.Asked, slot.Key(a))
		}
	case "cue":
		r.Cue = strings.Split(arg, "+")
	case "not":
		r.Not = strings.Split(arg, "+")
	case "now":
		r.Now = true
	case "goal":
		r.Goal = true
	case "high":
		r.High = true
	case "cap":
		r.capital = true
	case "raw":
		r.raw = true
	case "short":
		r.Short = true
	case "hedged":
		r.Hedged = true
	case "commas":
		r.commas = true
	case "rank":
		r.Rank = int(ratio(arg))
	case "times":
		r.Factor = ratio(arg)
	default:
		return false
	}
	return true
}

// ratio reads "12/52", "3" or "-1".
func ratio(arg string) float64 {
	num, den, divided := strings.Cut(arg, "/")
	a, err := strconv.ParseFloat(num, 64)
	if err != nil {
		panic("lexicon: bad number " + arg)
	}
	if !divided {
		return a
	}
	b, err := strconv.ParseFloat(den, 64)
	if err != nil || b == 0 {
		panic("lexicon: bad number " + arg)
	}
	return a / b
}

// Has reports whether the word stands in the list of that name.
func (l *Lexicon) Has(list, low string) bool {
	e, ok := l.lists[list]
	return ok && e.fits(low)
}

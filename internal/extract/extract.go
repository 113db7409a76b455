// Package extract reads facts out of a client's answer by fixed rules: it runs
// on every answer, for all slots, with and without a language model
// (DOMAIN 2.10). It also cleans client text, takes injected instructions out of
// it and judges how much an answer says (DOMAIN 8.1, 8.2).
//
// It never guesses: each hit carries the words it was read from, what the
// client denies is dropped or becomes "no", and what is put off is marked as
// hedged. Start with All; the words are in data/*.txt.
package extract

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/extract/lexicon"
	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/slot"
)

// Hit is one fact found in a text. There is at most one hit per slot: the
// values of a Multi slot are joined in the order of the text, and the span is
// that of the first. Values that are merely hedged are left out of a Multi slot
// as long as it has firm ones.
type Hit struct {
	Slot       slot.Key
	Value      string // canonical text of the slot's type, see slot.Type
	Quote      string // text[Start:End]
	Start, End int    // byte offsets
	Hedged     bool   // the client put it off, or is not sure
}

// Context is what the rules know besides the text.
type Context struct {
	// Now is the moment of the answer; dates without a year and "next month"
	// are read from it, in its zone.
	Now time.Time
	// Asked lists what the question was about. A bare "50" or "$4,000-5,000"
	// says something only then.
	Asked []slot.Key
	// Open lists what is still wanted without being asked now: people tell the
	// fee of a club when asked what members get. Figures are read only with a
	// unit.
	Open []slot.Key
}

func (c Context) asked(keys ...slot.Key) bool {
	return slices.ContainsFunc(keys, func(k slot.Key) bool { return slices.Contains(c.Asked, k) })
}

// All finds every fact in the text, sorted by position, then slot. It accepts
// any bytes.
func All(text string, c Context) []Hit {
	told := passages(text)
	f := finder{Doc: token.Read(text), ctx: c, found: map[slot.Key][]candidate{}, picky: true, wishes: wishes(told)}
	f.match()
	f.businessName()
	f.ageRange()
	f.links()
	f.colours()
	f.budget()
	f.times()
	f.namedTools()
	f.daily()
	f.askedTexts()
	f.terse()
	return withProse(f.hits(), text, told, c)
}

// candidate is one possible value of a slot.
type candidate struct {
	value       string
	first, last int // tokens, inclusive
	hedged      bool
	rank        int
	wide        bool // its words lie apart, and what is between them is free
}

// finder gathers candidates.
type finder struct {
	*token.Doc
	ctx    Context
	found  map[slot.Key][]candidate
	blocks []lexicon.Match
	used   []bool // per figure: some rule has taken it
	prices []bool // per figure: its words say that it is what the project may cost
	picky  bool   // industries must be claimed by the client
	wishes []span // where the text tells what is to be, not what is
}

// shortAnswer is the number of words up to which a terse answer is read as
// an answer to the very question.
const shortAnswer = 8

// match applies all rules of the lexicon.
func (f *finder) match() {
	f.used, f.prices = make([]bool, len(f.Figures)), make([]bool, len(f.Figures))
	var all []lexicon.Match
	facts.Each(f.Doc, func(m lexicon.Match) {
		switch {
		case m.Rule.Slot == price:
			f.prices[m.Figure] = true
		case m.Rule.Slot != block:
			all = append(all, m)
		case len(m.Rule.Asked) == 0 || f.ctx.asked(m.Rule.Asked...):
			f.blocks = append(f.blocks, m)
		}
	})
	for _, m := range all {
		f.apply(m)
	}
	f.pickIndustry()
}

// add notes a candidate whose words are tokens first to last.
func (f *finder) add(k slot.Key, value string, first, last int) {
	f.addRanked(k, value, first, last, 0)
}

func (f *finder) addRanked(k slot.Key, value string, first, last, rank int) {
	if f.wished(k, f.Tokens[first].Start) {
		return
	}
	hedged := false
	for _, t := range f.Tokens[first : last+1] {
		hedged = hedged || t.Hedged
	}
	f.found[k] = append(f.found[k], candidate{value: value, first: first, last: last, hedged: hedged, rank: rank})
}

// hits settles on one candidate per slot.
func (f *finder) hits() []Hit {
	out := make([]Hit, 0, len(f.found))
	for k, cs := range f.found {
		if strings.HasPrefix(string(k), ".") || len(cs) == 0 {
			continue
		}
		slices.SortStableFunc(cs, better)
		c := cs[0]
		switch {
		case types[k] == slot.Multi:
			c = joined(cs)
		case k == slot.SuccessMetrics:
			c.value = f.listed(cs)
		}
		h := Hit{Slot: k, Value: c.value, Start: f.Tokens[c.first].Start, End: f.Tokens[c.last].End, Hedged: c.hedged}
		h.Quote = f.Text[h.Start:h.End]
		if strings.Count(h.Quote, "(") > strings.Count(h.Quote, ")") && strings.HasPrefix(f.Text[h.End:], ")") {
			h.End++
			h.Quote = f.Text[h.Start:h.End]
		}
		if h.Value == `"` {
			h.Value = strings.Join(strings.Fields(h.Quote), " ")
		}
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Slot, b.Slot))
	})
	return out
}

// better sorts firm before hedged, higher ranks first, "yes" before "no", and
// then by position; of two at one place the longer first.
func better(a, b candidate) int {
	return cmp.Or(
		cmp.Compare(count(a.hedged), count(b.hedged)),
		cmp.Compare(b.rank, a.rank),
		cmp.Compare(count(a.value == "no"), count(b.value == "no")),
		cmp.Compare(a.first, b.first),
		cmp.Compare(b.last, a.last),
	)
}

// joined makes one candidate of the values of a Multi slot. "none" counts
// only when it stands alone.
func joined(cs []candidate) candidate {
	c := cs[0]
	cs = slices.Clone(cs)
	slices.SortStableFunc(cs, func(a, b candidate) int { return cmp.Compare(a.first, b.first) })
	var values []string
	span := -1
	for i, x := range cs {
		if x.hedged != c.hedged || x.value == "none" || slices.Contains(values, x.value) {
			continue
		}
		if span < 0 {
			span = i
		}
		values = append(values, x.value)
	}
	if span >= 0 {
		c = cs[span]
	}
	c.value = slot.Join(values)
	return c
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

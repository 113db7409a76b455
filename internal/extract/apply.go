package extract

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/extract/lexicon"
	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/slot"
)

// apply turns a match into a candidate unless its rule's conditions fail.
func (f *finder) apply(m lexicon.Match) {
	r := m.Rule
	if len(r.Asked) > 0 && !f.ctx.asked(r.Asked...) && !f.stillOpen(m) || r.Short && len(f.Tokens) > shortAnswer {
		return
	}
	if f.blocked(m) || !f.cued(m) || (r.Now || r.Goal) && f.aspired(m.First) != r.Goal {
		return
	}
	value, ok := f.value(m)
	if !ok {
		return
	}
	if r.Deny != lexicon.Deaf {
		if value, ok = answered(value, r.Deny, f.denial(m)); !ok {
			return
		}
	}
	if m.Figure >= 0 && r.Rank >= 0 && len(r.Asked) == 0 {
		f.used[m.Figure] = true
	}
	f.file(m, value)
}

// stillOpen reports whether a rule for an asked slot may read one that is merely
// still wanted: for a figure it must have seen an amount or a share.
func (f *finder) stillOpen(m lexicon.Match) bool {
	if !slices.Contains(f.ctx.Open, m.Rule.Slot) || m.Rule.Short {
		return false
	}
	if m.Figure < 0 {
		return types[m.Rule.Slot] == slot.Enum
	}
	fig := f.Figures[m.Figure]
	return fig.Money || fig.Percent || m.Rule.Slot == slot.ProductsToSell
}

// answered is what is left of a value when it is denied: "no" instead of
// "yes", or nothing.
func answered(value string, mode lexicon.Mode, d token.Denial) (string, bool) {
	switch {
	case d == token.Affirmed:
		return value, true
	case mode == lexicon.Drops || mode == lexicon.Want && d == token.Lacking || value != "yes":
		return "", false
	default:
		return "no", true
	}
}

// file stores the value under the slots that the rule's slot stands for.
func (f *finder) file(m lexicon.Match, value string) {
	k, rank := m.Rule.Slot, m.Rule.Rank
	switch k {
	case pain:
		k = slot.PainPoints
	case comply:
		k = slot.ComplianceRequirements
	case tool:
		k, value = f.toolSlot(m), strings.ReplaceAll(value, "_", " ")
	case slot.Downloads, slot.MaintenancePlan:
		value = strings.ReplaceAll(value, "_", " ")
	default:
	}
	f.addRanked(k, value, m.First, m.Last, rank)
	if m.Rule.Hedged {
		cs := f.found[k]
		cs[len(cs)-1].hedged = true
	}
}

// toolSlot tells tools in use from services to be connected.
func (f *finder) toolSlot(m lexicon.Match) slot.Key {
	wired := f.sentenceHas(m.First, "keepcue")
	switch {
	case wired || f.ctx.asked(slot.Integrations) && !f.ctx.asked(slot.CurrentTools):
		return slot.Integrations
	default:
		return slot.CurrentTools
	}
}

// value computes what the match says.
func (f *finder) value(m lexicon.Match) (string, bool) {
	switch m.Rule.Value {
	case `"`:
		return `"`, true
	case `'`:
		for _, t := range f.Tokens[m.First : m.Last+1] {
			if facts.Has("shade", t.Low) || facts.Has("tongue", t.Low) {
				return t.Low, true
			}
		}
		return "", false
	case "#":
		if m.Figure < 0 {
			return "", false
		}
		return canonical(m.Rule, f.Figures[m.Figure])
	default:
		return m.Rule.Value, true
	}
}

// leastRevenue is the smallest sum, in units of currency, that is taken for what
// a business turns over: "we sell 60 a year" is none.
const leastRevenue = 1000

// canonical writes a figure in the form of the rule's slot (slot.Type).
func canonical(r *lexicon.Rule, fig token.Figure) (string, bool) {
	v := fig.Lo
	if r.High {
		v = fig.Hi
	}
	switch types[r.Slot] {
	case slot.Money:
		return cents(v * r.Factor), v > 0 && (r.Slot != slot.AnnualRevenue || v >= leastRevenue)
	case slot.Percent:
		if v > 1 || fig.Percent {
			v /= 100 // DOMAIN 0.1: above 1 is read as percent
		}
		return decimal(v, 4), v <= 1
	default:
		if fig.Year && !strings.Contains(string(r.Slot), "Visitors") {
			return "", false
		}
		places := 4
		if r.Factor != 1 {
			places = 1
		}
		return decimal(v*r.Factor, places), true
	}
}

func cents(amount float64) string {
	return strconv.FormatInt(int64(math.Round(amount*100)), 10)
}

// decimal writes a number without trailing zeros.
func decimal(v float64, places int) string {
	p := math.Pow(10, float64(places))
	return strconv.FormatFloat(math.Round(v*p)/p, 'f', -1, 64)
}

// blocked reports whether the match shares a word with a block for its slot.
func (f *finder) blocked(m lexicon.Match) bool {
	for _, b := range f.blocks {
		if b.First <= m.Last && m.First <= b.Last && slices.Contains(strings.Split(b.Rule.Value, "+"), string(m.Rule.Slot)) {
			return true
		}
	}
	return false
}

// cued reports whether the sentence has the rule's cues and none of its
// counter-cues.
func (f *finder) cued(m lexicon.Match) bool {
	for _, name := range m.Rule.Cue {
		if !f.sentenceHas(m.First, name) {
			return false
		}
	}
	for _, name := range m.Rule.Not {
		if f.sentenceHas(m.First, name) {
			return false
		}
	}
	return true
}

// sentenceHas reports whether the sentence around token i has a word of the
// list.
func (f *finder) sentenceHas(i int, list string) bool {
	from, to := f.Sentence(i)
	for _, t := range f.Tokens[from:to] {
		if facts.Has(list, t.Low) {
			return true
		}
	}
	return false
}

// aspired reports whether a word of wanting stands before the token in its
// clause: the figure is a goal then, not today's state.
func (f *finder) aspired(i int) bool {
	for n := i; n >= 0 && n > i-7 && f.Tokens[n].Clause == f.Tokens[i].Clause; n-- {
		if facts.Has("goal", f.Tokens[n].Low) && (f.Tokens[n].Low != "like" || f.Next(n, -1) != "more") { // "more like 60"
			return true
		}
	}
	return false
}

// denial tells whether a word of the match is denied, or words behind the
// match say that it is not needed.
func (f *finder) denial(m lexicon.Match) token.Denial {
	d := token.Affirmed
	for _, t := range f.Tokens[m.First : m.Last+1] {
		d = max(d, t.Denied)
	}
	if d != token.Affirmed {
		return d
	}
	for n := m.Last + 1; n < len(f.Tokens) && n <= m.Last+5 && f.Tokens[n].Clause == f.Tokens[m.First].Clause; n++ {
		switch f.Tokens[n].Low {
		case "unnecessary", "irrelevant":
			return token.Refused
		case "needed", "necessary", "required", "important", "relevant", "wanted", "priority", "interesting":
			if f.Tokens[n].Denied != token.Affirmed {
				return token.Refused
			}
		}
	}
	return token.Affirmed
}

// listed joins the client's words of several candidates.
func (f *finder) listed(cs []candidate) string {
	slices.SortStableFunc(cs, func(a, b candidate) int { return a.first - b.first })
	var parts []string
	end := -1
	for _, c := range cs {
		if c.first > end {
			parts = append(parts, strings.Join(strings.Fields(f.Quote(c.first, c.last)), " "))
			end = c.last
		}
	}
	return strings.Join(parts, "; ")
}

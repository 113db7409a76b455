// Package choose ranks the questions that an interview could ask next by the
// information they are expected to bring per second of the client's time
// (references/intake.md 5.5). It knows no session and keeps no state.
//
// The uncertainties rest on beliefs that were made by hand, not measured; the
// bank holds them as data. Start with New and Chooser.Rank.
package choose

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/slot"
)

// MaxGroups is how many slots one screen asks about at the most.
const MaxGroups = 7

// The shares of the score. Unlocking and moving the price count less than
// what an answer settles itself.
const (
	unlockShare   = 0.6
	priceShare    = 0.3
	overhead      = 8.0  // seconds that any screen costs
	sameSubject   = 1.25 // flow: the client's mind is there already
	jump          = 0.85
	writing       = 0.7 // a long text right after another one
	answerable    = 95  // percent of clients, where the bank says nothing
	besideText    = 0.6 // share of a slot that a text settles beside its own
	severalAtOnce = 1.4
	opens         = 0.25
)

// State is what the choice depends on.
type State struct {
	Values slot.Values
	// Open reports whether a slot is neither sufficiently known nor closed,
	// and may still be asked.
	Open func(slot.Key) bool
	// Missing is the share of a slot that is still unknown, 0 to 1, where
	// something is known already; other slots count as 1.
	Missing map[slot.Key]float64
	// Asked holds the ids of questions that were asked.
	Asked map[string]bool
	// Last is the question asked last, nil when there is none.
	Last *bank.Entry
}

// Candidate is one question that may be asked now. Open lists the slots it
// would ask about, in the order of the bank.
type Candidate struct {
	Entry                         *bank.Entry // of the bank, never changed
	Open                          []slot.Key
	Value, Unlock, Price          float64
	Seconds, Answers, Flow, Score float64
}

// Chooser ranks the questions of one bank. It is immutable and safe for
// concurrent use.
type Chooser struct {
	bank    *bank.Bank
	defs    map[slot.Key]slot.Def
	beliefs map[slot.Key][]belief
	unlocks map[slot.Key][]slot.Def // what may be asked once the slot is known
}

type belief struct {
	when    []slot.When
	entropy float64 // normalised, 0 to 1
}

// New prepares a bank for ranking.
func New(b *bank.Bank, defs map[slot.Key]slot.Def) *Chooser {
	c := &Chooser{bank: b, defs: defs, beliefs: map[slot.Key][]belief{}, unlocks: map[slot.Key][]slot.Def{}}
	options := map[slot.Key]map[string]bool{}
	for _, q := range b.Questions {
		for _, g := range q.Groups {
			if options[g.Slot] == nil {
				options[g.Slot] = map[string]bool{}
			}
			for _, o := range g.Options {
				options[g.Slot][o.Value] = true
			}
		}
	}
	for _, x := range b.Beliefs {
		c.beliefs[x.Slot] = append(c.beliefs[x.Slot], belief{x.When, entropy(x.Chances, len(options[x.Slot]))})
	}
	for _, d := range slot.Defs() {
		for _, k := range conditions(d) {
			c.unlocks[k] = append(c.unlocks[k], d)
		}
	}
	return c
}

func conditions(d slot.Def) []slot.Key {
	var out []slot.Key
	for _, w := range d.RequiredIf {
		if !slices.Contains(out, w.Slot) {
			out = append(out, w.Slot)
		}
	}
	return out
}

// entropy is Shannon's, in units of the highest that n options can have.
// Options that are not named share what is left.
func entropy(chances map[string]int, n int) float64 {
	left, sum := 100, 0.0
	for _, p := range chances {
		left -= p
	}
	rest := n - len(chances)
	add := func(p float64) {
		if p > 0 {
			sum -= p * math.Log2(p)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(chances)) { // one order, so that sums are the same bits
		add(float64(chances[key]) / 100)
	}
	for range rest {
		add(float64(max(left, 0)) / 100 / float64(rest))
	}
	if n < 2 {
		return 1
	}
	return min(1, sum/math.Log2(float64(n)))
}

// Uncertainty is how little is known about a slot before it is asked, 0 to 1.
func (c *Chooser) Uncertainty(k slot.Key, s State) float64 {
	if share, ok := s.Missing[k]; ok {
		return share
	}
	for _, b := range c.beliefs[k] {
		if len(b.when) == 0 || slot.AnyHolds(b.when, s.Values) {
			return b.entropy
		}
	}
	return 1
}

// Rank lists the questions that may be asked now, best first. The order of the
// bank settles ties.
func (c *Chooser) Rank(s State) []Candidate {
	out := make([]Candidate, 0, len(c.bank.Questions))
	for i := range c.bank.Questions {
		q := &c.bank.Questions[i]
		if q.Queued || s.Asked[q.ID] || slot.AnyHolds(q.NotIf, s.Values) || len(q.AskIf) > 0 && !slot.AnyHolds(q.AskIf, s.Values) {
			continue
		}
		if cand, ok := c.Weigh(q, s); ok {
			out = append(out, cand)
		}
	}
	slices.SortStableFunc(out, func(a, b Candidate) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

// Weigh scores one question. It reports false when nothing of it is open.
func (c *Chooser) Weigh(q *bank.Entry, s State) (Candidate, bool) {
	open := c.shown(q, s)
	if len(open) == 0 {
		return Candidate{}, false
	}
	cand := Candidate{Entry: q, Open: open, Answers: answerable / 100.0, Flow: flow(q, s.Last), Seconds: seconds(q, open)}
	if q.Answerable > 0 {
		cand.Answers = float64(q.Answerable) / 100
	}
	for _, k := range open {
		d, left := c.defs[k], c.Uncertainty(k, s)
		cand.Value += float64(max(d.Weight, 1)) * left * c.gain(q, d) * cand.Answers
		for _, u := range c.unlocks[k] {
			if !u.Required(s.Values) && u.Weight > 0 {
				cand.Unlock += float64(u.Weight) * opens * left
			}
		}
		cand.Price += priceSpread(k) * left
	}
	cand.Score = (cand.Value + unlockShare*cand.Unlock + priceShare*cand.Price) / (overhead + cand.Seconds) * cand.Flow
	return cand, true
}

// gain is the share of a slot's uncertainty that an answer is expected to take
// away. A list of options settles several things at once, and what stands
// beside a text of its own is answered only sometimes.
func (c *Chooser) gain(q *bank.Entry, d slot.Def) float64 {
	switch {
	case slices.ContainsFunc(q.Groups, func(g bank.OptionGroup) bool { return g.Slot == d.Key }):
		if d.Type == slot.Multi {
			return severalAtOnce
		}
		return 1
	case q.Takes == d.Key || q.Takes == "" && len(q.Groups) == 0:
		return 1
	}
	return besideText
}

// shown lists the open slots of a question; of a long screen only the groups
// that settle the most.
func (c *Chooser) shown(q *bank.Entry, s State) []slot.Key {
	var open []slot.Key
	for _, k := range q.Slots() {
		if s.Open(k) && c.defs[k].Required(s.Values) {
			open = append(open, k)
		}
	}
	if len(q.Groups) == 0 || len(open) <= MaxGroups {
		return open
	}
	worth := func(k slot.Key) float64 { return float64(c.defs[k].Weight) * c.Uncertainty(k, s) }
	best := slices.Clone(open)
	slices.SortStableFunc(best, func(a, b slot.Key) int { return cmp.Compare(worth(b), worth(a)) })
	best = best[:MaxGroups]
	return slices.DeleteFunc(open, func(k slot.Key) bool { return !slices.Contains(best, k) })
}

// seconds estimates how long a screen takes to read and answer.
func seconds(q *bank.Entry, open []slot.Key) float64 {
	if q.Seconds > 0 && len(open) == len(q.Slots()) {
		return float64(q.Seconds)
	}
	words := 0
	for _, text := range q.Text[""] {
		words = max(words, len(strings.Fields(text)))
	}
	sum := 2 + 0.3*float64(words)
	for _, g := range q.Groups {
		if slices.Contains(open, g.Slot) {
			sum += 1.5 + 0.6*float64(len(g.Options))
		}
	}
	switch q.Type {
	case bank.TextArea:
		sum += 22
	case bank.TextLine:
		sum += 9
	case bank.Select, bank.MultiSelect:
	}
	return sum
}

// flow favours staying with a subject and spares the client one long text
// after another.
func flow(q, last *bank.Entry) float64 {
	f := jump
	if last == nil || q.Category == last.Category || q.Section == last.Section {
		f = sameSubject
	}
	if last != nil && q.Type == bank.TextArea && last.Type == bank.TextArea {
		f *= writing
	}
	return f
}

// priceSpread says how far the answers about a slot can move the price, in
// the units of a slot's weight. Made by hand from the catalog's prices.
func priceSpread(k slot.Key) float64 {
	switch k {
	case slot.MustHaves, slot.ProductsToSell:
		return 5
	case slot.VisitorActions, slot.ComplianceRequirements, slot.Integrations, slot.BusinessModel:
		return 4
	case slot.PageCount, slot.Languages, slot.MemberDetails, slot.ToolDetails, slot.DeliveryOptions:
		return 3
	case slot.CheckoutDetails, slot.BookingDetails, slot.GivingDetails, slot.Notifications, slot.SecurityNeeds:
		return 2
	default:
		return 0
	}
}

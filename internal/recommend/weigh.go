package recommend

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/slot"
)

// candidate is a feature on its way to the screen.
type candidate struct {
	feature    catalog.Feature
	priority   Priority
	facts      []fact // why, in the client's terms
	roi        *ROI
	claim      string
	uncalled   bool // nothing known so far calls for it
	compliance bool // called for by a regulation: outside the caps (DOMAIN 4.4)
}

// The lines of DOMAIN 5.1 above which any feature is essential or highly
// recommended.
const (
	essentialLoss = 10_000 // dollars a year, computed
	highHours     = 5      // hours a week
)

// candidates weighs every relevant feature of the catalog. Of features that
// exclude each other one survives; lost maps the other one to it.
func (c *client) candidates() (out []candidate, lost map[catalog.FeatureID]catalog.FeatureID) {
	in := make(set)
	for _, f := range c.cat.Features {
		if c.relevant(f.ID) || c.regulated(f) {
			in[f.ID] = true
		}
	}
	lost = c.settleConflicts(in)
	for _, f := range c.cat.Features {
		if in[f.ID] && c.freeWith(f.ID, in) == "" {
			out = append(out, c.weigh(f, in))
		}
	}
	return out, lost
}

// settleConflicts takes the losers out of the set and says to whom they lost.
func (c *client) settleConflicts(in set) map[catalog.FeatureID]catalog.FeatureID {
	lost := make(map[catalog.FeatureID]catalog.FeatureID)
	for _, f := range c.cat.Features {
		for _, other := range f.Conflicts {
			if !in[f.ID] || !in[other] {
				continue
			}
			kept, gone := f.ID, other
			if c.survivor(f.ID, other, in) == other {
				kept, gone = other, f.ID
			}
			lost[gone] = kept
			delete(in, gone)
		}
	}
	for _, f := range c.cat.Features { // ruled out beforehand by what is known
		if i := slices.IndexFunc(f.Conflicts, func(id catalog.FeatureID) bool { return in[id] }); i >= 0 && !in[f.ID] && lost[f.ID] == "" && c.wanted(f.ID) {
			lost[f.ID] = f.Conflicts[i]
		}
	}
	return lost
}

// survivor tells which of two excluding features stays (DOMAIN 4.7). Pairs
// that an agency added are decided by priority, then by catalog order.
func (c *client) survivor(a, b catalog.FeatureID, in set) catalog.FeatureID {
	pair := set{a: true, b: true}
	pick := func(first bool, x, y catalog.FeatureID) catalog.FeatureID {
		if first {
			return x
		}
		return y
	}
	switch {
	case pair["booking_system"] && pair["appointment_scheduling"]:
		return pick(reserves(c), "booking_system", "appointment_scheduling")
	case pair["ecommerce_advanced"] && pair["ecommerce_basic"]:
		return pick(largeShop(c), "ecommerce_advanced", "ecommerce_basic")
	case pair["membership_portal"] && pair["customer_portal"]:
		return "membership_portal"
	}
	fa, _ := c.cat.Feature(a)
	fb, _ := c.cat.Feature(b)
	return pick(rank(c.weigh(fb, in).priority) < rank(c.weigh(fa, in).priority), b, a)
}

func rank(p Priority) int {
	return slices.Index([]Priority{Essential, HighlyRecommended, NiceToHave}, p)
}

// regulated reports whether a regulation that applies calls for f.
func (c *client) regulated(f catalog.Feature) bool {
	return f.Compliance != nil && slices.Contains(c.required(), f.Compliance.Regulation)
}

// freeWith is the name of the feature of the set that contains id at no
// charge; then id is no choice of its own (DOMAIN 11.1 K-23).
func (c *client) freeWith(id catalog.FeatureID, in set) string {
	for _, f := range c.cat.Features {
		if in[f.ID] && slices.ContainsFunc(f.AutoAdds, func(a catalog.AutoAdd) bool { return a.Feature == id && a.Free }) {
			return f.Name
		}
	}
	return ""
}

// weigh decides the priority of a relevant feature (DOMAIN 5.1, steps 2 to 4).
func (c *client) weigh(f catalog.Feature, in set) candidate {
	r, w := c.rule(f.ID), c.worth(f.ID, in)
	out := candidate{feature: f, claim: r.claim, roi: c.roi(w, f.Price)}
	top, high, context := r.top.facts(c), r.high.facts(c), r.context.facts(c)
	if w.loss > essentialLoss {
		top = append(top, fact{wholeDollars(w.loss) + " a year are lost today and can be kept", true})
	}
	if c.over(slot.HoursPerWeekOnTask, highHours) && c.hoursOwner(in) == f.ID {
		high = append(high, fact{c.show(slot.HoursPerWeekOnTask) + " hours a week go into work by hand", true})
	}
	if p, ok := c.entry(f.ID); ok && !slices.Contains(high, p.fact()) {
		high = append(high, p.fact())
	}
	switch {
	case c.regulated(f):
		out.compliance, out.priority = true, Priority(f.Compliance.Priority)
		out.facts = c.choose(r, append([]fact{{reason(f.Compliance.Regulation), false}}, top...), nil)
	case len(top) > 0:
		out.priority, out.facts = Essential, c.choose(r, top, append(high, context...))
	case len(high) > 0:
		out.priority, out.facts = HighlyRecommended, c.choose(r, high, context)
	default:
		out.priority, out.facts = NiceToHave, c.choose(r, context, nil)
	}
	return out
}

// choose takes two facts, so that a card stays short. One fact at least is
// solid if there is any, and the number a week is named where it must be.
func (c *client) choose(r rule, from, others []fact) []fact {
	picked := slices.Clone(from[:min(2, len(from))])
	has := func(good func(fact) bool) bool { return slices.ContainsFunc(picked, good) }
	add := func(good func(fact) bool) {
		all := slices.Concat(from, others)
		if i := slices.IndexFunc(all, good); i >= 0 && !has(good) {
			picked = append([]fact{all[i]}, picked...)
		}
	}
	add(func(f fact) bool { return f.solid })
	if r.volume && c.over(perWeek, 0) {
		add(func(f fact) bool { return strings.Contains(f.text, c.show(perWeek)) })
	}
	return picked
}

// reasoning is the text of a card: facts of this client, what the feature does
// for them, and the amount if there is one (DOMAIN 5.1, step 3).
func (c *client) reasoning(k candidate) string {
	if k.uncalled { // the list says so once, and twenty times would be noise
		return sentence(k.feature.Benefit)
	}
	picked := slices.Clone(k.facts)
	if len(picked) == 0 {
		picked = []fact{{"this fits what is planned", false}}
	}
	if !slices.ContainsFunc(picked, func(f fact) bool { return f.solid }) {
		picked[0].text = c.anchor() + picked[0].text
	}
	var parts []string
	for _, f := range picked {
		parts = append(parts, sentence(f.text))
	}
	parts = append(parts, sentence(k.feature.Benefit))
	if k.roi != nil && k.roi.Annual > 0 {
		parts = append(parts, "Calculated with the known figures, "+fmt.Sprintf(cmp.Or(k.claim, "that is worth %s annually"), k.roi.Annual)+".")
	}
	if k.roi != nil && k.roi.HoursPerYear > 0 {
		parts = append(parts, "It can free up to "+number(k.roi.HoursPerYear)+" hours a year.")
	}
	return strings.Join(parts, " ")
}

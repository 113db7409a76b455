package recommend

import (
	"cmp"
	"slices"

	"applicreations.com/introspect/internal/catalog"
)

// minShown is the least number of features on the screen (DOMAIN 5.1).
const minShown = 3

// caps are the groups of the screen in their order (DOMAIN 5.1, step 6).
func caps() []struct {
	priority Priority
	limit    int
} {
	return []struct {
		priority Priority
		limit    int
	}{{Essential, 3}, {HighlyRecommended, 5}, {NiceToHave, 5}}
}

// arrange sorts the candidates into their groups. What a group cannot hold
// moves down one group; what the last cannot hold is over. Features that a
// regulation calls for stand first in their group and do not count.
func arrange(all []candidate) (shown, over []candidate) {
	var carry []candidate
	for _, g := range caps() {
		group := carry
		for _, k := range all {
			if k.priority != g.priority {
				continue
			}
			if k.compliance {
				shown = append(shown, k)
			} else {
				group = append(group, k)
			}
		}
		for i := range group {
			group[i].priority = g.priority
		}
		slices.SortStableFunc(group, order(g.priority))
		n := min(g.limit, len(group))
		shown = append(shown, group[:n]...)
		carry = slices.Clone(group[n:])
	}
	return shown, carry
}

// order is step 7 of DOMAIN 5.1.
func order(p Priority) func(a, b candidate) int {
	price := func(a, b candidate) int { return cmp.Compare(a.feature.Price, b.feature.Price) }
	switch p {
	case Essential:
		return func(a, b candidate) int { return cmp.Or(cmp.Compare(annual(b), annual(a)), -price(a, b)) }
	case HighlyRecommended:
		return func(a, b candidate) int { return cmp.Or(payback(a, b), price(a, b)) }
	case NiceToHave:
		return price
	default:
		return price
	}
}

func annual(k candidate) catalog.Cents {
	if k.roi == nil {
		return 0
	}
	return k.roi.Annual
}

// payback puts the feature that is earned back sooner first; unknown is last.
func payback(a, b candidate) int {
	known := func(k candidate) int {
		if annual(k) > 0 {
			return 0
		}
		return 1
	}
	if known(a) == 1 || known(b) == 1 {
		return cmp.Compare(known(a), known(b))
	}
	return cmp.Compare(a.roi.PaybackMonths, b.roi.PaybackMonths)
}

// general lists the features that suit nearly every website, with what they
// are good for, in the order in which they fill an almost empty screen.
func general() []struct {
	feature catalog.FeatureID
	clause  string
} {
	return []struct {
		feature catalog.FeatureID
		clause  string
	}{
		{"seo_package", "people who do not know the name yet arrive through search"},
		{"social_media_integration", "posts made elsewhere can keep the site fresh"},
		{"email_marketing", "staying in touch after the first visit is a good next step"},
		{"custom_forms", "enquiries are complete when a form asks the right questions"},
		{"analytics_dashboard", "key figures show whether the website does its work"},
		{"newsletter", "regular news keeps the website in mind"},
		{"live_chat", "some visitors ask before they decide"},
		{"event_calendar", "dates can be shown as soon as there are some"},
	}
}

// fill adds generally useful features as nice to have until minShown are on
// the screen (compliance not counted), so that it is never empty.
func (c *client) fill(shown []candidate, over set, pkg catalog.PackageID) []candidate {
	count := 0
	for _, k := range shown {
		if !k.compliance {
			count++
		}
	}
	add := func(id catalog.FeatureID, clause string) {
		f, ok := c.cat.Feature(id)
		if ok && count < minShown && !over[id] && c.suits(f, setOf(shown), pkg) {
			shown = append(shown, candidate{feature: f, priority: NiceToHave, facts: []fact{{clause, false}}})
			count++
		}
	}
	for _, g := range general() {
		add(g.feature, g.clause)
	}
	for _, f := range c.cat.Features {
		add(f.ID, "this can be added at any time")
	}
	return shown
}

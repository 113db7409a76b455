package eval

import (
	"fmt"
	"slices"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
)

// priceError recomputes the price of a session's selection from the catalog's
// data alone (DOMAIN 4.5, 6.2), by trying every set of bundles. It returns what
// differs, or nothing.
func priceError(cat *catalog.Catalog, s *intake.Session) string {
	if s.Features == nil || !s.Features.Answered {
		return "no price at the end"
	}
	sel, est := s.Features.Selection, s.Features.Estimate
	total, hosting := price(cat, sel)
	if total != est.Total || hosting != est.HostingMonthly {
		return fmt.Sprintf("total %s and %s a month, recomputed %s and %s", est.Total, est.HostingMonthly, total, hosting)
	}
	return ""
}

func price(cat *catalog.Catalog, sel catalog.Selection) (total, hosting catalog.Cents) {
	paid := map[catalog.FeatureID]catalog.Cents{}
	free := map[catalog.FeatureID]bool{}
	todo := slices.Clone(sel.Features)
	for len(todo) > 0 {
		id := todo[0]
		todo = todo[1:]
		if _, seen := paid[id]; seen {
			continue
		}
		f, _ := cat.Feature(id)
		paid[id] = f.Price * catalog.Cents(max(1, sel.Quantities[id]))
		for _, a := range f.AutoAdds {
			free[a.Feature] = free[a.Feature] || a.Free
			todo = append(todo, a.Feature)
		}
	}
	for id, p := range paid {
		if free[id] {
			delete(paid, id)
			continue
		}
		total += p
	}
	best := catalog.Cents(0)
	for set := range 1 << len(cat.Bundles) {
		best = max(best, discount(cat, paid, set))
	}
	pkg, _ := cat.Package(sel.Package)
	return total + pkg.Price - best, monthly(cat, pkg.Hosting, sel.MonthlyVisitors)
}

// discount is that of a set of bundles (a bit each), or 0 when one is not
// earned or two share a feature.
func discount(cat *catalog.Catalog, paid map[catalog.FeatureID]catalog.Cents, set int) catalog.Cents {
	var sum catalog.Cents
	used := map[catalog.FeatureID]bool{}
	for i, b := range cat.Bundles {
		if set&(1<<i) == 0 {
			continue
		}
		for _, m := range b.Members {
			if _, ok := paid[m]; !ok || used[m] {
				return 0
			}
			used[m] = true
		}
		sum += b.Discount
	}
	return sum
}

// monthly is the price of the package's hosting, or of the first larger tier
// that carries the visitors.
func monthly(cat *catalog.Catalog, id catalog.HostingID, visitors int) catalog.Cents {
	reached := false
	var last catalog.Cents
	for _, h := range cat.Hosting {
		reached = reached || h.ID == id
		if !reached {
			continue
		}
		last = h.Monthly
		if h.Visitors == 0 || visitors <= h.Visitors {
			break
		}
	}
	return last
}

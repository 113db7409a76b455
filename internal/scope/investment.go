package scope

import (
	"fmt"
	"reflect"
	"strconv"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// validDays is how long prices hold (DOMAIN 7.1).
const validDays = 30

// investment writes section 13.
func (w *sheet) investment() string {
	var p page
	if !w.chosen() {
		p.text(gap + " No package was chosen, so there is no price.")
		w.list(&p, 13, false)
		w.list(&p, 13, true)
		return p.String()
	}
	e := w.s.Features.Estimate
	p.table([]string{"Position", "Quantity", "Price"}, priceRows(e))
	if pkg, ok := w.cat.Package(w.s.Features.Selection.Package); ok && pkg.From {
		p.text(fmt.Sprintf("The %s package starts at the price shown.", escape(e.Package.Name)))
	}
	p.head("Running cost")
	p.named("Hosting", fmt.Sprintf("%s a month, %s for twelve months", e.HostingMonthly, 12*e.HostingMonthly))
	p.named("First year", fmt.Sprintf("%s (project and twelve months of hosting)", e.FirstYear))
	p.head("Payment schedule")
	rows := make([][]string, 0, len(e.Schedule))
	for _, part := range e.Schedule {
		rows = append(rows, []string{escape(part.Milestone), fmt.Sprintf("%d %%", part.Percent), part.Amount.String()})
	}
	p.table([]string{"When", "Share", "Amount"}, rows)
	w.returns(&p)
	p.head("Budget and validity")
	w.list(&p, 13, false)
	w.list(&p, 13, true)
	w.budget(&p)
	p.named("Validity", fmt.Sprintf("all prices hold for %d days, until %s", validDays, date(agreedOn(w.s).AddDate(0, 0, validDays))))
	return p.String()
}

// priceRows are the positions, the discounts and the total.
func priceRows(e catalog.Estimate) [][]string {
	rows := [][]string{{escape(e.Package.Name) + " package", "1", e.Package.Amount.String()}}
	for _, l := range e.Lines {
		name := escape(l.Name)
		if l.Free {
			name += " (no charge)"
		}
		rows = append(rows, []string{name, strconv.Itoa(l.Quantity), l.Amount.String()})
	}
	for _, b := range e.Bundles {
		rows = append(rows, []string{escape(b.Name) + " bundle discount", "1", (-b.Discount).String()})
	}
	return append(rows, []string{"**Project total**", "", "**" + e.Total.String() + "**"})
}

// budget compares the total with the upper bound of the budget.
func (w *sheet) budget(p *page) {
	limit, ok := w.v.Cents(slot.BudgetMax)
	if !ok || limit <= 0 {
		return
	}
	over := w.s.Features.Estimate.Total - catalog.Cents(limit)
	if over <= 0 {
		p.named("Compared with the budget", fmt.Sprintf("the project total is within it (%s below its upper bound)", -over))
		return
	}
	p.named("Compared with the budget", fmt.Sprintf("the project total is %s above its upper bound", over))
	w.open("Project total above the budget", fmt.Sprintf("The project total is %s above the upper bound of the budget.", over))
}

// returns shows what the features bring, only from the client's own figures
// (DOMAIN 5.3).
func (w *sheet) returns(p *page) {
	ids := make([]catalog.FeatureID, 0, len(w.lines()))
	for _, l := range w.lines() {
		ids = append(ids, l.Feature)
	}
	annual, by := recommend.Value(w.cat, w.v, ids)
	p.head("Return on investment")
	if annual <= 0 && len(by) == 0 {
		p.text("Not computed: the client gave no figures that the formulas need.")
		return
	}
	for _, l := range w.lines() {
		roi, ok := by[l.Feature]
		switch {
		case !ok:
		case roi.Annual > 0:
			p.named(escape(l.Name), fmt.Sprintf("%s annually; %s", roi.Annual, escape(roi.Basis)))
		case roi.HoursPerYear > 0:
			p.named(escape(l.Name), fmt.Sprintf("%.0f hours a year; %s", roi.HoursPerYear, escape(roi.Basis)))
		}
	}
	if annual <= 0 {
		return
	}
	p.named("Together", annual.String()+" annually")
	if text, _ := recommend.Payback(w.s.Features.Estimate.Total, annual); text != "" {
		p.named("Payback of the project total", escape(text))
	}
}

// mismatch prices the selection once more and compares.
func mismatch(s *intake.Session, cat *catalog.Catalog) error {
	if s.Features == nil || !s.Features.Answered {
		return nil
	}
	stored := s.Features.Estimate
	computed, err := cat.Price(s.Features.Selection)
	if err != nil {
		return &PriceMismatch{Stored: stored, Err: err}
	}
	if !samePrices(stored, computed) {
		return &PriceMismatch{Stored: stored, Computed: computed}
	}
	return nil
}

// samePrices compares everything that costs or saves money. Names may change.
func samePrices(a, b catalog.Estimate) bool {
	return reflect.DeepEqual(amounts(a), amounts(b))
}

func amounts(e catalog.Estimate) []string {
	out := []string{fmt.Sprint(e.Package.Amount, e.AddOns, e.Discount, e.Total, e.HostingMonthly, e.FirstYear, e.Hosting)}
	for _, l := range e.Lines {
		out = append(out, fmt.Sprint(l.Feature, l.Unit, l.Quantity, l.Amount))
	}
	for _, b := range e.Bundles {
		out = append(out, fmt.Sprint(b.ID, b.Discount))
	}
	for _, p := range e.Schedule {
		out = append(out, fmt.Sprint(p.Percent, p.Amount))
	}
	return out
}

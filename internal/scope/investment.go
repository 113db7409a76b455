package scope

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

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
		rows = append(rows, []string{escape(part.Milestone), fmt.Sprintf("%d%%", part.Percent), part.Amount.String()})
	}
	p.table([]string{"When", "Share", "Amount"}, rows)
	w.returns(&p)
	p.head("Budget and validity")
	w.list(&p, 13, false)
	w.list(&p, 13, true)
	w.budget(&p)
	p.named("Validity", fmt.Sprintf("all prices hold for %d days, until %s", validDays, date(w.validUntil())))
	return p.String()
}

// validUntil is the last day on which the prices hold.
func (w *sheet) validUntil() time.Time { return agreedOn(w.s).AddDate(0, 0, validDays) }

// priceRows writes the positions and the total as a table.
func priceRows(e catalog.Estimate) [][]string {
	var rows [][]string
	for _, p := range positions(e) {
		name := escape(p.Name)
		if p.Free {
			name += " (no charge)"
		}
		rows = append(rows, []string{name, strconv.Itoa(p.Quantity), p.Amount.String()})
	}
	return append(rows, []string{"**Project total**", "", "**" + e.Total.String() + "**"})
}

// Position is one line of the price: the package, an add-on or a discount,
// which has a negative amount.
type Position struct {
	Feature  catalog.FeatureID // of an add-on
	Name     string
	Quantity int
	Unit     catalog.Cents // list price of one piece, even when Free
	Amount   catalog.Cents
	Free     bool
}

// positions are what adds up to the total, in the order of the document.
func positions(e catalog.Estimate) []Position {
	out := []Position{{Name: e.Package.Name + " package", Quantity: 1, Unit: e.Package.Unit, Amount: e.Package.Amount}}
	for _, l := range e.Lines {
		out = append(out, Position{Feature: l.Feature, Name: l.Name, Quantity: l.Quantity, Unit: l.Unit, Amount: l.Amount, Free: l.Free})
	}
	for _, b := range e.Bundles {
		out = append(out, Position{Name: b.Name + " bundle discount", Quantity: 1, Unit: -b.Discount, Amount: -b.Discount})
	}
	if e.Rebate > 0 {
		out = append(out, Position{Name: rebateName(e), Quantity: 1, Unit: -e.Rebate, Amount: -e.Rebate})
	}
	return out
}

// rebateName is what the agency takes off, with its reason.
func rebateName(e catalog.Estimate) string {
	if why := fold(e.RebateFor); why != "" {
		return "Rebate: " + shorten(why, maxRebate)
	}
	return "Rebate"
}

// maxRebate is how much of the reason of a rebate a line of the price shows.
const maxRebate = 60

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

// returns shows what the features bring.
func (w *sheet) returns(p *page) {
	all := w.worth()
	p.head("Return on investment")
	if len(all.Features) == 0 {
		p.text("Not computed: the client gave no figures that the formulas need.")
		return
	}
	for _, f := range all.Features {
		p.named(escape(f.Name), fmt.Sprintf("%s; %s", f.Gain(), escape(f.Basis)))
	}
	if all.Annual <= 0 {
		return
	}
	p.named("Together", all.Annual.String()+" annually")
	if all.Payback != "" {
		p.named("Payback of the project total", escape(all.Payback))
	}
}

// Worth is what the chosen features bring in a year, only from the client's
// own figures (DOMAIN 5.3).
type Worth struct {
	Features []FeatureWorth // those with a computed return
	Annual   catalog.Cents  // together, capped as recommend.Value says
	Payback  string         // of the project total, empty without an amount
}

// FeatureWorth is the return of one feature.
type FeatureWorth struct {
	Name   string
	Annual catalog.Cents // 0 when only hours are known
	Hours  float64       // saved a year
	Basis  string        // the formula with the client's figures
}

// Gain writes the return in words.
func (f FeatureWorth) Gain() string {
	if f.Annual > 0 {
		return f.Annual.String() + " annually"
	}
	return fmt.Sprintf("%.0f hours a year", f.Hours)
}

func (w *sheet) worth() Worth {
	ids := make([]catalog.FeatureID, 0, len(w.lines()))
	for _, l := range w.lines() {
		ids = append(ids, l.Feature)
	}
	annual, by := recommend.Value(w.cat, w.v, ids)
	out := Worth{Annual: annual}
	for _, l := range w.lines() {
		if roi, ok := by[l.Feature]; ok && (roi.Annual > 0 || roi.HoursPerYear > 0) {
			out.Features = append(out.Features, FeatureWorth{Name: l.Name, Annual: roi.Annual, Hours: roi.HoursPerYear, Basis: roi.Basis})
		}
	}
	if annual > 0 {
		out.Payback, _ = recommend.Payback(w.s.Features.Estimate.Total, annual)
	}
	return out
}

// Mismatch prices the selection of a session once more. It returns a
// *PriceMismatch when that gives other prices than the stored estimate, and nil
// when they agree or nothing is chosen.
func Mismatch(s *intake.Session, cat *catalog.Catalog) error {
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
	out := []string{fmt.Sprint(e.Package.Amount, e.AddOns, e.Discount, e.Rebate, e.Total, e.HostingMonthly, e.FirstYear, e.Hosting)}
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

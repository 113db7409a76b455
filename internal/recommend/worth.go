package recommend

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/slot"
)

// worth is what a feature brings in a year, in whole dollars, from figures of
// the client only (DOMAIN 5.3).
type worth struct {
	annual float64
	loss   float64 // the part of annual that is a loss avoided
	hours  float64 // saved a year, when the cost of an hour is unknown
	basis  []string
}

// add puts the result of one formula to the account. More than a trillion
// dollars is a slip of the pen and no amount at all.
func (w *worth) add(amount float64, format string, args ...any) {
	if amount = math.Round(amount); amount > 0 && amount <= 1e12 {
		w.annual += amount
		w.basis = append(w.basis, fmt.Sprintf(format, args...)+" = "+wholeDollars(amount)+" a year")
	}
}

// wholeDollars writes a computed amount.
func wholeDollars(d float64) string { return dollars(math.Round(d)) }

// inputs reads the figures of one formula; ok ends up false when one of them
// is missing, and then there is no amount.
type inputs struct {
	c  *client
	ok bool
}

func (c *client) inputs() *inputs { return &inputs{c, true} }

func (i *inputs) get(k slot.Key) float64 {
	n, ok := i.c.amount(k)
	i.ok = i.ok && ok
	return n
}

// first reads the first of several figures that is known.
func (i *inputs) first(keys ...slot.Key) float64 {
	for _, k := range keys {
		if d, ok := i.c.amount(k); ok {
			return d
		}
	}
	i.ok = false
	return 0
}

// product multiplies figures with a factor; format shows the figures.
func product(factor float64, format string, keys ...slot.Key) func(*client, set) worth {
	return func(c *client, _ set) (w worth) {
		i, amount, shown := c.inputs(), factor, make([]any, len(keys))
		for n, k := range keys {
			amount *= i.get(k)
			shown[n] = c.show(k)
		}
		if i.ok {
			w.add(amount, format, shown...)
		}
		return w
	}
}

// loss marks a worth as a loss avoided.
func loss(compute func(*client, set) worth) func(*client, set) worth {
	return func(c *client, in set) worth {
		w := compute(c, in)
		w.loss = w.annual
		return w
	}
}

// hoursOwner says which of several features is credited with the hours of
// manual work, because they are saved only once: online booking where visits
// are known to be arranged by hand, else the first other one.
func (c *client) hoursOwner(in set) catalog.FeatureID {
	booking := []catalog.FeatureID{"appointment_scheduling", "booking_system"}
	order := []catalog.FeatureID{"api_integration", "customer_portal", "custom_forms", "event_calendar", "analytics_dashboard"}
	if either(known(perWeek), yes(slot.ManualCalendar), yes(slot.RequiresScheduling), does("book", "schedule", "reserve"))(c) {
		order = slices.Concat(booking, order)
	} else {
		order = slices.Concat(order, booking)
	}
	if i := slices.IndexFunc(order, func(id catalog.FeatureID) bool { return in[id] }); i >= 0 {
		return order[i]
	}
	return ""
}

// time credits the hours of manual work to their owner: in dollars when the
// client gave the cost of an hour, else as hours.
func (w *worth) time(c *client, in set, self catalog.FeatureID) {
	hours, ok := c.amount(slot.HoursPerWeekOnTask)
	if !ok || hours <= 0 || c.hoursOwner(in) != self {
		return
	}
	if wage, ok := c.amount(slot.HourlyRate); ok && wage > 0 {
		w.add(hours*wage*52, "%s hours a week × %s × 52 weeks", number(hours), dollars(wage))
		return
	}
	w.hours = hours * 52
	w.basis = append(w.basis, fmt.Sprintf("%s hours a week × 52 weeks = %s hours a year", number(hours), number(w.hours)))
}

// hoursWorth is the worth of a feature that saves time and nothing else.
func hoursWorth(self catalog.FeatureID) func(*client, set) worth {
	return func(c *client, in set) (w worth) {
		w.time(c, in, self)
		return w
	}
}

// bookingWorth is the no-shows avoided, from the client's rate down to
// bookedRate, and the time saved.
func bookingWorth(self catalog.FeatureID) func(*client, set) worth {
	return func(c *client, in set) (w worth) {
		i := c.inputs()
		n, value, r := i.get(perWeek), i.get(slot.AverageAppointmentValue), i.get(slot.CurrentNoShowRate)
		if i.ok && r > bookedRate {
			w.add(n*value*(r-bookedRate)*52, "%s %s a week × %s × (%s no-shows - 5%%) × 52 weeks", number(n), c.visits(), dollars(value), percent(r))
			w.loss = w.annual
		}
		w.time(c, in, self)
		return w
	}
}

// smsWorth is what reminders add. Next to online booking only the further
// reduction counts, so no no-show is credited twice; a client whose rate is
// lower already is credited only with what is left.
func smsWorth(c *client, in set) (w worth) {
	const perMessage, reminders = 0.0075, 2
	i := c.inputs()
	n, value := i.get(perWeek), i.get(slot.AverageAppointmentValue)
	rate, known := c.amount(slot.CurrentNoShowRate)
	from, to := rate, bookedRate
	if in["appointment_scheduling"] || in["booking_system"] {
		from, to, known = bookedRate, remindedRate, true
		if r, ok := c.amount(slot.CurrentNoShowRate); ok {
			from = min(r, bookedRate)
		}
	}
	cost := n * reminders * 52 * perMessage
	if i.ok && known && from > to {
		w.add(n*value*(from-to)*52-cost, "%s %s a week × %s × (%s no-shows - %s) × 52 weeks - %s for messages",
			number(n), c.visits(), dollars(value), percent(from), percent(to), wholeDollars(cost))
	}
	if to == bookedRate {
		w.loss = w.annual
	}
	return w
}

// shopWorth is the lower end of what online sales usually add to the revenue;
// without a revenue, the orders the client counts on.
func shopWorth(c *client, in set) (w worth) {
	revenue, ok := c.amount(slot.AnnualRevenue)
	if !ok {
		return product(12, "%s orders a month × %s × 12 months", slot.MonthlyOrders, slot.AverageOrderValue)(c, in)
	}
	w.add(0.40*revenue, "40%% of %s annual revenue, the lower end of 40%% to 60%% (%s to %s)", dollars(revenue), wholeDollars(0.40*revenue), wholeDollars(0.60*revenue))
	return w
}

func emailWorth(c *client, in set) (w worth) {
	if online, ok := c.amount(slot.OnlineRevenue); ok && (in["ecommerce_basic"] || in["ecommerce_advanced"] || sellsProducts(c)) {
		w.add(0.25*online, "25%% of %s online revenue, the lower end of 25%% to 30%% (%s to %s)", dollars(online), wholeDollars(0.25*online), wholeDollars(0.30*online))
		return w
	}
	i := c.inputs()
	contacts := i.get(slot.CustomerBase)
	sale := i.first(slot.AverageTransaction, slot.AverageAppointmentValue, slot.AverageOrderValue)
	if i.ok {
		w.add(contacts*0.02*sale*12, "%s contacts × 2%% × %s × 12 months", number(contacts), dollars(sale))
	}
	return w
}

// paymentWorth is checkouts rescued, from the client's rate of abandoned ones
// down to 8 %.
func paymentWorth(c *client, _ set) (w worth) {
	i := c.inputs()
	orders, value, lost := i.get(slot.MonthlyOrders), i.get(slot.AverageOrderValue), i.get(slot.CartAbandonmentRate)
	if i.ok && lost > 0.08 {
		w.add(orders*value*(lost-0.08)*12, "%s checkouts a month × %s × (%s abandoned - 8%%) × 12 months", number(orders), dollars(value), percent(lost))
	}
	w.loss = w.annual
	return w
}

// leadsWorth is what the leads from content would cost as paid ones. Blog and
// newsletter bring the same leads, so the blog is credited when both are there.
func leadsWorth(self catalog.FeatureID) func(*client, set) worth {
	leads := product(12, "%s leads a month × %s for a paid lead × 12 months", slot.LeadsPerMonth, slot.CustomerAcquisitionCost)
	return func(c *client, in set) worth {
		if self != "blog_system" && in["blog_system"] {
			return worth{}
		}
		return leads(c, in)
	}
}

// roi turns a worth into the return of a feature with this price; nothing is
// worth more than all the client earns in a year.
func (c *client) roi(w worth, price catalog.Cents) *ROI {
	basis := strings.Join(w.basis, "; ")
	if revenue, ok := c.amount(slot.AnnualRevenue); ok && w.annual > math.Floor(revenue) {
		w.annual = math.Floor(revenue)
		basis += "; limited to the annual revenue of " + dollars(revenue)
	}
	if w.annual <= 0 && w.hours <= 0 {
		return nil
	}
	r := &ROI{Annual: catalog.FromDollars(w.annual), Basis: basis, HoursPerYear: w.hours}
	r.Payback, r.PaybackMonths = Payback(price, r.Annual)
	return r
}

// Payback says after how long a price is earned back: price / (annual / 12)
// months. Below one month the text is in weeks, rounded up; below one week it
// is "under one week". Without an annual value there is none.
func Payback(price, annual catalog.Cents) (text string, months float64) {
	if annual <= 0 || price < 0 {
		return "", 0
	}
	months = float64(price) / (float64(annual) / 12)
	switch weeks := months * 52 / 12; {
	case weeks < 1:
		text = "under one week"
	case weeks == 1:
		text = "1 week"
	case months < 1:
		text = fmt.Sprintf("%.0f weeks", math.Ceil(weeks-1e-9))
	case math.Round(months*10) == 10:
		text = "1 month"
	default:
		text = number(math.Round(months*10)/10) + " months"
	}
	return text, months
}

// Value sums what the selected features bring in a year (DOMAIN 6.2, step 9),
// with no-shows, hours and leads credited once. The sum never exceeds the
// client's annual revenue. Features without an amount are missing in byFeature,
// unless hours are known.
func Value(cat *catalog.Catalog, v slot.Values, selected []catalog.FeatureID) (annual catalog.Cents, byFeature map[catalog.FeatureID]ROI) {
	c := newClient(cat, v)
	in := make(set, len(selected))
	for _, id := range selected {
		if _, ok := cat.Feature(id); ok {
			in[id] = true
		}
	}
	byFeature = make(map[catalog.FeatureID]ROI)
	for _, f := range cat.Features {
		if !in[f.ID] {
			continue
		}
		if r := c.roi(c.worth(f.ID, in), f.Price); r != nil {
			byFeature[f.ID] = *r
			annual += r.Annual
		}
	}
	if revenue, ok := c.amount(slot.AnnualRevenue); ok {
		annual = min(annual, catalog.FromDollars(math.Floor(revenue)))
	}
	return annual, byFeature
}

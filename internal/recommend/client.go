package recommend

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/slot"
)

// client is what the rules know about one client.
type client struct {
	cat   *catalog.Catalog
	v     slot.Values
	own   []passage
	types map[slot.Key]slot.Type
	rules map[catalog.FeatureID]rule
	named map[catalog.FeatureID]int // what entry found, -1 for nothing: it is asked for again and again
	shop  *bool                     // what hasShop and hasMembers found, for the same reason
	club  *bool
}

func newClient(cat *catalog.Catalog, v slot.Values) *client {
	return &client{cat: cat, v: v, own: passages(v), types: slotTypes, rules: ruleOf, named: make(map[catalog.FeatureID]int)}
}

// Both tables are built once and never change.
var (
	slotTypes = func() map[slot.Key]slot.Type {
		m := make(map[slot.Key]slot.Type)
		for _, d := range slot.Defs() {
			m[d.Key] = d.Type
		}
		return m
	}()
	ruleOf = func() map[catalog.FeatureID]rule {
		m := make(map[catalog.FeatureID]rule)
		for _, r := range rules() {
			m[r.feature] = r
		}
		return m
	}()
)

// perWeek stands for the number of appointments or reservations a week,
// whichever the business has.
const perWeek slot.Key = "perWeek"

// amount reads a figure: a number, a fraction from 0 to 1, or dollars. What is
// no finite amount of at least 0 is unknown.
func (c *client) amount(k slot.Key) (float64, bool) {
	switch {
	case k == perWeek:
		return c.weekly()
	case c.types[k] == slot.Money:
		cents, ok := c.v.Cents(k)
		return float64(cents) / 100, ok && cents >= 0 && cents < 1e14
	}
	n, ok := c.v.Number(k)
	if !ok || math.IsNaN(n) || n < 0 || n > 1e12 || n > 1 && c.types[k] == slot.Percent {
		return 0, false
	}
	return n, true
}

// over reports whether a figure is known and above limit.
func (c *client) over(k slot.Key, limit float64) bool {
	n, ok := c.amount(k)
	return ok && n > limit
}

// show writes a figure for people: "50 appointments", "18%", "$85", "1,200".
func (c *client) show(k slot.Key) string {
	n, _ := c.amount(k)
	switch {
	case k == perWeek:
		return number(n) + " " + c.visits()
	case c.types[k] == slot.Money:
		return dollars(n)
	case c.types[k] == slot.Percent:
		return percent(n)
	default:
		return number(n)
	}
}

// does reports whether visitors are meant to do one of the actions.
func (c *client) does(actions ...string) bool {
	return slices.ContainsFunc(actions, func(a string) bool { return c.v.Holds(slot.VisitorActions, a) })
}

// mixed reports whether the model leaves room for others beside the named one.
func mixed(c *client) bool { return model("hybrid")(c) || !c.v.Has(slot.BusinessModel) }

func sellsService(c *client) bool {
	return model("service")(c) || mixed(c) &&
		either(known(slot.AppointmentsPerWeek), known(slot.BookingsPerWeek), yes(slot.RequiresScheduling), does("book", "schedule", "reserve"), answered(slot.BookingDetails))(c)
}

func sellsProducts(c *client) bool {
	return model("product")(c) || mixed(c) && either(known(slot.ProductsToSell), known(slot.MonthlyOrders), yes(slot.HasInventory))(c)
}

func publishes(c *client) bool {
	return model("content")(c) || mixed(c) && either(yes(slot.PublishesContent), known(slot.PostsPerWeek))(c)
}

// reserves tells reservations from appointments (DOMAIN 0.5 serviceSubtype);
// when the subtype is unknown the figures and actions decide.
func reserves(c *client) bool {
	if sub := c.v[slot.ServiceSubtype]; sub != "" {
		return sub == "reservation"
	}
	if c.v.Has(slot.BookingsPerWeek) != c.v.Has(slot.AppointmentsPerWeek) {
		return c.v.Has(slot.BookingsPerWeek)
	}
	return c.does("reserve") && !c.does("book", "schedule")
}

// weekly is the number behind perWeek. Clients call either of them bookings,
// so the other figure stands in for a missing one.
func (c *client) weekly() (float64, bool) {
	first, second := slot.AppointmentsPerWeek, slot.BookingsPerWeek
	if reserves(c) {
		first, second = second, first
	}
	if n, ok := c.amount(first); ok {
		return n, true
	}
	return c.amount(second)
}

// visits names what is booked.
func (c *client) visits() string {
	if reserves(c) {
		return "reservations"
	}
	return "appointments"
}

// mainIncome reports whether appointments or reservations bring at least half
// of the annual revenue; without figures, whether the trade lives from them.
func mainIncome(c *client) bool {
	i := c.inputs()
	n, value, revenue := i.get(perWeek), i.get(slot.AverageAppointmentValue), i.get(slot.AnnualRevenue)
	if i.ok && revenue > 0 {
		return n*value*52 >= revenue/2
	}
	words := appointmentTrades[:]
	if reserves(c) {
		words = reservationTrades[:]
	}
	_, lives := c.inTrade(words...)
	return lives && !c.over(perWeek, -1) && !contactOnly(c)
}

// contactOnly reports whether the client has said what visitors do, and booking
// is not part of it.
func contactOnly(c *client) bool {
	return c.v.Has(slot.VisitorActions) && !c.does("book", "schedule", "reserve") && len(c.v.List(slot.BookingDetails)) == 0
}

// largeShop reports whether the shop must be the large one (DOMAIN 4.7);
// exactly 50 products still fit the small one.
func largeShop(c *client) bool {
	return either(over(slot.ProductsToSell, 50), yes(slot.ProductVariants), speaks("wholesale"))(c)
}

// hasShop reports whether an online shop is relevant. Who sells, but neither
// wants to sell online nor has visitors buy, needs none.
func hasShop(c *client) bool { return once(&c.shop, c, shop) }

func shop(c *client) bool {
	if c.names("ecommerce_basic") || c.names("ecommerce_advanced") {
		return true
	}
	if c.v[slot.WantsOnlineSales] == "no" && !c.does("buy") {
		return false
	}
	checkout := either(yes(slot.WantsOnlineSales), answered(slot.CheckoutDetails), answered(slot.DeliveryOptions))
	return sellsProducts(c) || checkout(c) && !model("membership")(c)
}

// hasMembers reports whether a membership portal is needed.
func hasMembers(c *client) bool { return once(&c.club, c, club) }

func club(c *client) bool {
	if c.names("membership_portal") {
		return true
	}
	return c.v[slot.HasMembers] != "no" &&
		either(model("membership"), known(slot.MemberCount), known(slot.MemberFee), answered(slot.MemberDetails))(c)
}

// once works a condition out the first time that it is asked for.
func once(kept **bool, c *client, holds func(*client) bool) bool {
	if *kept == nil {
		found := holds(c)
		*kept = &found
	}
	return **kept
}

// hasAccounts reports whether visitors of a site without shop get a login.
func hasAccounts(c *client) bool {
	return !hasShop(c) && either(ticked(slot.VisitorAccounts, "order_history", "profile", "saved_details", "favourites"), ticked(slot.ToolDetails, "login", "upload"))(c)
}

// gives reports whether people give money on the site.
func gives(c *client) bool {
	return either(does("donate"), ticked(slot.GivingDetails, "one_off", "recurring", "suggested_amounts"))(c)
}

// deposits reports whether a part is paid when something is booked.
func deposits(c *client) bool {
	return ticked(slot.BookingDetails, "deposit", "packages")(c) && books(c)
}

// textsWanted reports whether messages by text or reminders are to go out.
func textsWanted(c *client) bool {
	return books(c) && ticked(slot.Notifications, "text_message", "reminder")(c) || hasShop(c) && ticked(slot.Notifications, "text_message")(c)
}

// name is what a language is called, no sentence.
var name = regexp.MustCompile(`^[a-z]{4,12}$`)

// tongues lists the languages of the site, for people.
func (c *client) tongues() []string {
	var out []string
	for _, s := range c.v.List(slot.Languages) {
		if name.MatchString(s) {
			out = append(out, strings.ToUpper(s[:1])+s[1:])
		}
	}
	return out
}

// polyglot is the condition that the site is to speak several languages.
func polyglot(c *client) (fact, bool) {
	l := c.tongues()
	return fact{"the site is to be read in " + list(l), false}, len(l) > 1
}

func severalTongues(c *client) bool { return len(c.tongues()) > 1 }

// books reports whether appointments or reservations are relevant.
func books(c *client) bool {
	return relevantBooking(c) || relevantScheduling(c) || c.names("appointment_scheduling") || c.names("booking_system")
}

// regulars reports whether the same people come back to a service business.
func regulars(c *client) bool {
	return sellsService(c) && !reserves(c) && either(yes(slot.WantsRepeatCustomers), over(perWeek, 15))(c)
}

// bringsPayment reports whether a relevant feature already contains payment.
func bringsPayment(c *client) bool { return hasShop(c) || hasMembers(c) }

// inTrade finds the words where the client names the line of business.
func (c *client) inTrade(words ...string) (passage, bool) {
	return c.find([]slot.Key{slot.BusinessType, slot.Industry, slot.BusinessDescription}, words...)
}

// names reports whether the must-haves name a feature: by its id, its name in
// the catalog, or one of the words of its rule.
func (c *client) names(id catalog.FeatureID) bool {
	_, ok := c.entry(id)
	return ok
}

// entry returns the must-have that names a feature.
func (c *client) entry(id catalog.FeatureID) (passage, bool) {
	i, seen := c.named[id]
	if !seen {
		f, _ := c.cat.Feature(id)
		name, words := plain(f.Name), c.rule(id).words
		i = slices.IndexFunc(c.own, func(p passage) bool {
			return p.key == slot.MustHaves && (p.text == string(id) || p.low == name || says(p.low, words...))
		})
		c.named[id] = i
	}
	if i < 0 {
		return passage{}, false
	}
	return c.own[i], true
}

// systems lists the other systems that the site has to exchange data with.
func (c *client) systems() []string {
	var out []string
	for _, s := range c.v.List(slot.Integrations) {
		if low := plain(s); low != " " && !says(low, covered[:]...) && !slices.Contains(out, quote(s)) {
			out = append(out, quote(s))
		}
	}
	return out
}

// figures lists the known volumes in words, the most telling first.
func (c *client) figures() []string {
	var out []string
	for _, f := range []struct {
		key    slot.Key
		format string
	}{
		{slot.AppointmentsPerWeek, "%s appointments a week"},
		{slot.BookingsPerWeek, "%s bookings a week"},
		{slot.AverageAppointmentValue, "%s per visit"},
		{slot.CurrentNoShowRate, "%s no-shows"},
		{slot.ProductsToSell, "%s products"},
		{slot.MonthlyOrders, "%s orders a month"},
		{slot.AverageOrderValue, "%s per order"},
		{slot.MemberCount, "%s members"},
		{slot.MemberFee, "%s per member and month"},
		{slot.PostsPerWeek, "%s posts a week"},
		{slot.SubscriberCount, "%s subscribers"},
		{slot.LeadsPerMonth, "%s leads a month"},
		{slot.CustomerBase, "%s contacts on the list"},
		{slot.HoursPerWeekOnTask, "%s hours of manual work a week"},
		{slot.AnnualRevenue, "%s of revenue a year"},
		{slot.OnlineRevenue, "%s of online revenue a year"},
		{slot.MonthlyAdSpend, "%s of advertising a month"},
		{slot.LostSalesPerMonth, "%s of sales a month lost to empty stock"},
		{slot.MonthlyVisitors, "%s visitors a month"},
		{slot.OtherLanguageShare, "%s of customers in another language"},
		{slot.PageCount, "%s pages"},
		{slot.LaunchWeeks, "%s weeks until launch"},
		{slot.BudgetMax, "a budget of up to %s"},
	} {
		if c.over(f.key, 0) {
			out = append(out, fmt.Sprintf(f.format, c.show(f.key)))
		}
	}
	return out
}

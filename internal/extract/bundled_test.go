package extract_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/slot"
)

// The figures that the bundled questions ask for.
var (
	askedOfAppointments = []slot.Key{slot.AppointmentsPerWeek, slot.AverageAppointmentValue, slot.CurrentNoShowRate, slot.HoursPerWeekOnTask}
	askedOfBookings     = []slot.Key{slot.BookingsPerWeek, slot.AverageAppointmentValue, slot.CurrentNoShowRate, slot.HoursPerWeekOnTask}
	askedOfProducts     = []slot.Key{slot.ProductsToSell, slot.MonthlyOrders, slot.AverageOrderValue, slot.AnnualRevenue}
	askedOfContent      = []slot.Key{slot.PostsPerWeek, slot.SubscriberCount, slot.LeadsPerMonth}
	askedOfMembers      = []slot.Key{slot.MemberCount, slot.MemberFee, slot.ChurnRate}
)

// TestFiguresAskedTogether reads answers to questions that ask for several
// figures at once, as people give them: in any order, some left out, with and
// without units. A figure that is missed is asked again; one that lands in the
// wrong slot ends as a wrong sum in the client's documents.
func TestFiguresAskedTogether(t *testing.T) {
	for _, c := range []struct {
		asked []slot.Key
		text  string
		want  string // of all figures, "slot=value ..." in the order of the slots asked
	}{
		{askedOfProducts, "80 products, 60 orders a month at $55, about $40,000 a year.", "productsToSell=80 monthlyOrders=60 averageOrderValue=5500 annualRevenue=4000000"},
		{askedOfProducts, "About 25 different things, maybe 30 orders now, 35 pounds each. I dont know the revenue exactly, perhaps 14,000", "productsToSell=25 monthlyOrders=30 averageOrderValue=3500 annualRevenue=1400000"},
		{askedOfProducts, "25 things, 30 orders, 35 each, 14k", "productsToSell=25 monthlyOrders=30 averageOrderValue=3500 annualRevenue=1400000"},
		{askedOfProducts, "Around 25 products. We get 30 orders a month at £35. Revenue is around £14,000.", "productsToSell=25 monthlyOrders=30 averageOrderValue=3500 annualRevenue=1400000"},
		{askedOfProducts, "I have 25 pieces, sell about thirty a month for 35 pounds on average so it's maybe 12,600 a year", "productsToSell=25 monthlyOrders=30 averageOrderValue=3500 annualRevenue=1260000"},
		{askedOfProducts, "25 / 30 / 35 / 14000", "productsToSell=25 monthlyOrders=30 averageOrderValue=3500 annualRevenue=1400000"},
		{askedOfProducts, "No idea about revenue. 25 products and perhaps 30 sales per month", "productsToSell=25 monthlyOrders=30"},
		{askedOfProducts, "200 products, turnover last year was $220k", "productsToSell=200 annualRevenue=22000000"},
		{askedOfProducts, "We carry 1,200 items and ship 400 parcels a month. Average basket is $62. Turnover: $300,000.", "productsToSell=1200 monthlyOrders=400 averageOrderValue=6200 annualRevenue=30000000"},
		{askedOfProducts, "12 wines, 90 orders monthly, average order $140", "productsToSell=12 monthlyOrders=90 averageOrderValue=14000"},
		{askedOfProducts, "Revenue 150000, 300 products, 250 orders per month, $50 average", "productsToSell=300 monthlyOrders=250 averageOrderValue=5000 annualRevenue=15000000"},
		{askedOfProducts, "none yet, we start with 15 products", "productsToSell=15"},
		{askedOfProducts, "About 40. Roughly 20 orders a week, $30 each.", "productsToSell=40 monthlyOrders=86.7 averageOrderValue=3000"},
		{askedOfProducts, "we make 90k a year", "annualRevenue=9000000"},

		{askedOfAppointments, "50 appointments a week at $85, 15 % no-shows, 10 hours a week on the phone.", "appointmentsPerWeek=50 averageAppointmentValue=8500 currentNoShowRate=0.15 hoursPerWeekOnTask=10"},
		{askedOfAppointments, "about 40 clients, 90 dollars each, 1 in 10 don't turn up, 5 hours", "appointmentsPerWeek=40 averageAppointmentValue=9000 currentNoShowRate=0.1 hoursPerWeekOnTask=5"},
		{askedOfAppointments, "40, $90, 10%, 5", "appointmentsPerWeek=40 averageAppointmentValue=9000 currentNoShowRate=0.1 hoursPerWeekOnTask=5"},
		{askedOfAppointments, "We see 12 patients a day, five days a week. A visit is $120. No-shows are maybe 8%. My receptionist spends 15 hours a week on it.", "appointmentsPerWeek=60 averageAppointmentValue=12000 currentNoShowRate=0.08 hoursPerWeekOnTask=15"},
		{askedOfAppointments, "Roughly 200 appointments a month, $75 per session, hardly any no-shows, an hour a day on the phone", "appointmentsPerWeek=46.2 averageAppointmentValue=7500"},
		{askedOfAppointments, "30 a week. 65 pounds. 5 percent. 4 hours.", "appointmentsPerWeek=30 averageAppointmentValue=6500 currentNoShowRate=0.05 hoursPerWeekOnTask=4"},
		{askedOfAppointments, "I do 25 haircuts a week for 45, two or three people don't show up, 3 hours a week of texting", "appointmentsPerWeek=25 averageAppointmentValue=4500 hoursPerWeekOnTask=3"},

		{askedOfAppointments, "two dentists see maybe 14 patients each a day, 5 days. checkup is 60 quid, hygienist 75. no shows maybe one in eight. Reception is on the phone 3 hours a day", "averageAppointmentValue=6000 currentNoShowRate=0.125 hoursPerWeekOnTask=15"},
		{askedOfAppointments, "9 dogs a day, 5 days a week, 40 each, 2 hours a day of texting", "appointmentsPerWeek=45 averageAppointmentValue=4000 hoursPerWeekOnTask=10"},
		{askedOfAppointments, "2 hours a day on the phone", ""},

		{askedOfBookings, "40 bookings a week at $120, 8 % no-shows, 6 hours a week on e-mails.", "bookingsPerWeek=40 averageAppointmentValue=12000 currentNoShowRate=0.08 hoursPerWeekOnTask=6"},
		{askedOfBookings, "In season about 30 bookings a week, in winter hardly 5. A room is 95 euros a night and they stay 3 nights. No-shows are rare, 2%. I do 1 hour a day of mails", "bookingsPerWeek=30 averageAppointmentValue=9500 currentNoShowRate=0.02"},
		{askedOfBookings, "in July 50 tables a night, off season maybe 12. A table is worth about €70. 1 in 12 don't turn up. Two hours every morning on the phone", "averageAppointmentValue=7000 currentNoShowRate=0.0833"},
		{askedOfBookings, "around 60 tables a night, 5 nights a week, $70 a table", "bookingsPerWeek=300 averageAppointmentValue=7000"},
		{askedOfBookings, "15 tours a week, $45 per person, 5% don't show, maybe 4 hours of emails", "bookingsPerWeek=15 averageAppointmentValue=4500 currentNoShowRate=0.05 hoursPerWeekOnTask=4"},

		{askedOfContent, "Two posts a week, 3,000 subscribers, 20 enquiries a month.", "postsPerWeek=2 subscriberCount=3000 leadsPerMonth=20"},
		{askedOfContent, "2, 3000, 20", "postsPerWeek=2 subscriberCount=3000 leadsPerMonth=20"},
		{askedOfContent, "We publish once a week. The list has 1,800 people. About 5 leads.", "postsPerWeek=1 subscriberCount=1800 leadsPerMonth=5"},
		{askedOfContent, "an article every two weeks, 450 readers", "postsPerWeek=0.5 subscriberCount=450"},

		{askedOfMembers, "400 members, $15 a month, about 10 % leave each year.", "memberCount=400 memberFee=1500 churnRate=0.1"},
		{askedOfMembers, "400, 15, 10%", "memberCount=400 memberFee=1500 churnRate=0.1"},
		{askedOfMembers, "We have around 120 people paying 30 euros monthly, few leave", "memberCount=120 memberFee=3000"},
		{askedOfMembers, "250 members, 240 dollars a year, 5% churn", "memberCount=250 memberFee=2000 churnRate=0.05"},
	} {
		found := map[slot.Key]string{}
		for _, h := range extract.All(c.text, extract.Context{Now: now(), Asked: c.asked}) {
			found[h.Slot] = h.Value
		}
		var got []string
		for _, k := range slices.Concat(c.asked, slices.Sorted(maps.Keys(found))) {
			if v, ok := found[k]; ok && figures[k] {
				got = append(got, string(k)+"="+v)
				delete(found, k)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.text, strings.Join(got, " "), c.want)
		}
	}
}

// figures are the slots whose value is an amount, a count or a share.
var figures = amounts()

func amounts() map[slot.Key]bool {
	out := map[slot.Key]bool{}
	for _, d := range slot.Defs() {
		out[d.Key] = d.Type == slot.Number || d.Type == slot.Money || d.Type == slot.Percent
	}
	return out
}

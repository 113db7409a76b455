package extract_test

import (
	"testing"

	"applicreations.com/introspect/internal/extract"
)

func TestFigures(t *testing.T) {
	t.Parallel()
	check(t, []row{
		// Appointments and bookings.
		{text: "We do about 50 appointments a week.", slot: "appointmentsPerWeek", want: "50", quote: "50 appointments a week"},
		{text: "I see around 30 clients per week", slot: "appointmentsPerWeek", want: "30"},
		{text: "50 client appointments each week", slot: "appointmentsPerWeek", want: "50"},
		{text: "Twenty-five sessions a week, give or take.", slot: "appointmentsPerWeek", want: "25"},
		{text: "Appointments per week: 45", slot: "appointmentsPerWeek", want: "45"},
		{text: "We book 200 appointments a month.", slot: "appointmentsPerWeek", want: "46.2"},
		{text: "between 40 and 60 appointments a week", slot: "appointmentsPerWeek", want: "40", quote: "40 and 60 appointments a week"},
		{text: "50 apointments/week", slot: "appointmentsPerWeek", want: "50"},
		{text: "50", asked: "appointmentsPerWeek", slot: "appointmentsPerWeek", want: "50"},
		{text: "about fifty a week", asked: "appointmentsPerWeek", slot: "appointmentsPerWeek", want: "50"},
		{text: "50", slot: "appointmentsPerWeek"},
		{text: "Our goal is 80 appointments a week.", slot: "appointmentsPerWeek"},
		{text: "We have 50 employees who work 40 hours a week.", slot: "appointmentsPerWeek"},
		{text: "60 bookings a week in summer", slot: "bookingsPerWeek", want: "60"},
		{text: "We get 40 reservations per week", slot: "bookingsPerWeek", want: "40"},
		{text: "50 bookings a week", asked: "appointmentsPerWeek", slot: "appointmentsPerWeek", want: "50"},

		// What an appointment is worth, and no-shows.
		{text: "Appointments are $85 each.", slot: "averageAppointmentValue", want: "8500"},
		{text: "around $85 per appointment", slot: "averageAppointmentValue", want: "8500", quote: "$85 per appointment"},
		{text: "The average visit costs $120.50", slot: "averageAppointmentValue", want: "12050"},
		{text: "A haircut is 45 dollars.", slot: "averageAppointmentValue", want: "4500"},
		{text: "Clients pay about €60", slot: "averageAppointmentValue", want: "6000"},
		{text: "$85", asked: "appointmentsPerWeek,averageAppointmentValue", slot: "averageAppointmentValue", want: "8500"},
		{text: "40 candles at $20 each", slot: "averageAppointmentValue"},
		{text: "We lose a lot, 18% no-shows", slot: "currentNoShowRate", want: "0.18"},
		{text: "Our no-show rate is around 12 percent.", slot: "currentNoShowRate", want: "0.12"},
		{text: "about 15% of clients don't show up", slot: "currentNoShowRate", want: "0.15"},
		{text: "one in five people never turn up", slot: "currentNoShowRate", want: "0.2"},
		{text: "no show rate 8", slot: "currentNoShowRate", want: "0.08"},
		{text: "18%", asked: "currentNoShowRate", slot: "currentNoShowRate", want: "0.18"},
		{text: "18", asked: "currentNoShowRate", slot: "currentNoShowRate", want: "0.18"},
		{text: "We give 18% off in May", slot: "currentNoShowRate"},
		{text: "We spend 12 hours a week on phone scheduling.", slot: "hoursPerWeekOnTask", want: "12"},
		{text: "I waste about 5 hrs per week answering emails", slot: "hoursPerWeekOnTask", want: "5"},
		{text: "We are open 40 hours a week.", slot: "hoursPerWeekOnTask"},
		{text: "My assistant costs $25 an hour", slot: "hourlyRate", want: "2500"},
		{text: "25 an hour", asked: "hourlyRate", slot: "hourlyRate", want: "2500"},
		{text: "The hourly rate is 30 dollars", slot: "hourlyRate", want: "3000"},

		// Selling goods.
		{text: "We have about 40 products.", slot: "productsToSell", want: "40"},
		{text: "2,000 SKUs in the warehouse", slot: "productsToSell", want: "2000"},
		{text: "30-40 different items to start with", slot: "productsToSell", want: "40"},
		{text: "3 product lines", slot: "productsToSell"},
		{text: "150 orders a month", slot: "monthlyOrders", want: "150"},
		{text: "We ship 30 orders per week.", slot: "monthlyOrders", want: "130"},
		{text: "The average order is $60.", slot: "averageOrderValue", want: "6000"},
		{text: "AOV about 72.50", slot: "averageOrderValue", want: "7250"},
		{text: "We make $120,000 a year in revenue", slot: "annualRevenue", want: "12000000"},
		{text: "annual revenue of 1.2 million", slot: "annualRevenue", want: "120000000"},
		{text: "We turn over $10k a month.", slot: "annualRevenue", want: "12000000"},
		{text: "Turnover last year was 210k.", slot: "annualRevenue", want: "21000000"},
		{text: "Last year's revenue was about $95,000", slot: "annualRevenue", want: "9500000"},
		{text: "We sold more than last year, revenue is fine.", slot: "annualRevenue"},
		{text: "We spend $20,000 a year on rent.", slot: "annualRevenue"},
		{text: "online sales of $120k a year", slot: "onlineRevenue", want: "12000000"},
		{text: "online sales of $120k a year", slot: "annualRevenue"},
		{text: "20% abandon the cart", slot: "cartAbandonmentRate", want: "0.2"},
		{text: "We lose about $400 a month to stock-outs", slot: "lostSalesPerMonth", want: "40000"},

		// Members, readers, audience.
		{text: "120 members pay $25 a month.", slot: "memberCount", want: "120"},
		{text: "120 members pay $25 a month.", slot: "memberFee", want: "2500"},
		{text: "A club of 340 members, each pays 45 a month.", slot: "memberFee", want: "4500"},
		{text: "The stylists each pay 300 a month for the chair.", slot: "memberFee"},
		{text: "340 members, roughly one in ten leaves every year.", slot: "churnRate", want: "0.1"},
		{text: "Dues are $120 a year.", slot: "memberFee", want: "1000"},
		{text: "Five team members work here", slot: "memberCount"},
		{text: "Churn is 4% monthly", slot: "churnRate", want: "0.04"},
		{text: "We have 800 customers on our mailing list.", slot: "customerBase", want: "800"},
		{text: "an email list of 1,500", slot: "customerBase", want: "1500"},
		{text: "We see 50 clients a week.", slot: "customerBase"},
		{text: "We spend $500 a month on Google Ads.", slot: "monthlyAdSpend", want: "50000"},
		{text: "about $800 on ads every month", slot: "monthlyAdSpend", want: "80000"},
		{text: "10 leads a month from the blog", slot: "leadsPerMonth", want: "10"},
		{text: "around $40 per lead", slot: "customerAcquisitionCost", want: "4000"},
		{text: "I publish 3 articles a week", slot: "postsPerWeek", want: "3"},
		{text: "We post twice a week.", slot: "postsPerWeek", want: "2"},
		{text: "a newsletter with 12,000 subscribers", slot: "subscriberCount", want: "12000"},
		{text: "roughly 9k visitors a month", slot: "monthlyVisitors", want: "9000"},
		{text: "It will have 8 pages.", slot: "pageCount", want: "8"},
		{text: "an 8-page site", slot: "pageCount", want: "8"},
		{text: "80,000 page views a month", slot: "pageCount"},
		{text: "30% of our customers speak Spanish", slot: "otherLanguageShare", want: "0.3"},

		// Ages.
		{text: "women aged 25 to 45", slot: "audienceAgeRange", want: "25-45"},
		{text: "between 30 and 50 years old", slot: "audienceAgeRange", want: "30-50"},
		{text: "people in their 30s and 40s", slot: "audienceAgeRange", want: "30-49"},
		{text: "mostly locals, 35-60", asked: "targetAudience", slot: "audienceAgeRange", want: "35-60"},
		{text: "20-30 appointments", asked: "targetAudience", slot: "audienceAgeRange"},
		{text: "moms in their 30s", slot: "audienceAgeRange", want: "30-39"},
		{text: "back in the 80s", slot: "audienceAgeRange"},
		{text: "open 9 to 17", slot: "audienceAgeRange"},
	})
}

func TestTerseFigures(t *testing.T) {
	t.Parallel()
	const salon = "appointmentsPerWeek,averageAppointmentValue,currentNoShowRate,hoursPerWeekOnTask"
	check(t, []row{
		{text: "50 / $85 / 18% / 12", asked: salon, slot: "appointmentsPerWeek", want: "50"},
		{text: "50 / $85 / 18% / 12", asked: salon, slot: "averageAppointmentValue", want: "8500"},
		{text: "50 / $85 / 18% / 12", asked: salon, slot: "currentNoShowRate", want: "0.18"},
		{text: "50 / $85 / 18% / 12", asked: salon, slot: "hoursPerWeekOnTask", want: "12"},
		{text: "50, 85, 18, 12", asked: salon, slot: "averageAppointmentValue", want: "8500"},
		{text: "50, 12", asked: salon, slot: "appointmentsPerWeek"},
		{text: "50, 12", asked: salon, slot: "averageAppointmentValue"},
		{text: "$85", asked: salon, slot: "averageAppointmentValue", want: "8500"},
		{text: "18%", asked: salon, slot: "currentNoShowRate", want: "0.18"},
		{text: "50 a week, $85, 18%, 12 hours", asked: salon, slot: "hoursPerWeekOnTask", want: "12"},
		{text: "120, $25, 4%", asked: "memberCount,memberFee,churnRate", slot: "memberFee", want: "2500"},
		{text: "forty", asked: "productsToSell", slot: "productsToSell", want: "40"},
		{text: "60", asked: "averageOrderValue", slot: "averageOrderValue", want: "6000"},
		{text: "60", asked: "budgetMin,launchWeeks", slot: "launchWeeks"},
		{text: "since 2015", asked: "pageCount", slot: "pageCount"},
		{text: "about 40 of them I think, but we would have to go and count all of that properly", asked: "productsToSell", slot: "productsToSell"},
	})
}

func TestBudget(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{text: "Our budget is $4,000-$5,000.", slot: "budgetMin", want: "400000"},
		{text: "Our budget is $4,000-$5,000.", slot: "budgetMax", want: "500000", quote: "$4,000-$5,000"},
		{text: "Our budget is $4,000-$5,000.", slot: "budgetText", want: "$4,000-$5,000"},
		{text: "$4,000-5,000", asked: "budgetText", slot: "budgetMin", want: "400000"},
		{text: "$4,000-5,000", slot: "budgetMin"},
		{text: "under $4,000", asked: "budgetText", slot: "budgetMax", want: "400000"},
		{text: "under $4,000", asked: "budgetText", slot: "budgetMin"},
		{text: "Over $10k", asked: "budgetText", slot: "budgetMin", want: "1000000"},
		{text: "Over $10k", asked: "budgetText", slot: "budgetMax"},
		{text: "€2.5k", asked: "budgetText", slot: "budgetMax", want: "250000"},
		{text: "3_5k", asked: "budgetText", slot: "budgetMax", want: "500000"},
		{text: "3-5k", asked: "budgetText", slot: "budgetMin", want: "300000"},
		{text: "up to 6 000", asked: "budgetText", slot: "budgetMax", want: "600000"},
		{text: "at least 3k but no more than 5k", asked: "budgetText", slot: "budgetMin", want: "300000"},
		{text: "at least 3k but no more than 5k", asked: "budgetText", slot: "budgetMax", want: "500000"},
		{text: "We can spend between 4 and 5 thousand dollars", slot: "budgetMax", want: "500000"},
		{text: "We can't spend more than $5,000 on this.", slot: "budgetMax", want: "500000"},
		{text: "We can't spend more than $5,000 on this.", slot: "budgetMin"},
		{text: "Not sure, maybe 5k", asked: "budgetText", slot: "budgetMax", want: "500000", hedged: true},
		{text: "five thousand", asked: "budgetText", slot: "budgetMax", want: "500000"},
		{text: "We spend $500 a month on ads", asked: "budgetText", slot: "budgetMax"},
		{text: "Our marketing budget is $2,000 a month", slot: "budgetMax"},
		{text: "We have 1,200 members", asked: "budgetText", slot: "budgetMax"},
		{text: "We started in 2015", asked: "budgetText", slot: "budgetMax"},
		{text: "The room costs $4,000", slot: "budgetMax"},
		{text: "Budget is 5-6k, could go to 7k", slot: "budgetMax", want: "700000"},
		{text: "Our friends paid $6,000 for theirs", asked: "budgetText", slot: "budgetMax"},
		{text: "We were quoted 8k, our budget is lower", slot: "budgetMax"},
		{text: "$5k for the site plus $100 a month", asked: "budgetText", slot: "budgetMax", want: "500000"},
		{text: "under_3k", asked: "budgetText", slot: "budgetMax", want: "300000"},
		{text: "over_10k", asked: "budgetText", slot: "budgetMin", want: "1000000"},
		{text: "Around 5k. We have eight pages.", asked: "budgetText", slot: "budgetText", want: "Around 5k"},
		{text: "3 to 5", asked: "budgetText", slot: "budgetMax"},
		{text: "20%", asked: "budgetText", slot: "budgetMax"},
		{text: "call 555-123-4567", asked: "budgetText", slot: "budgetMax"},
		{text: "We can afford $6,000", slot: "budgetMax", want: "600000"},
		{text: "We'd invest 6k in this", slot: "budgetMax", want: "600000"},
		{text: "I would pay up to 6k", slot: "budgetMax", want: "600000"},
		{text: "The price range is 4-6k", slot: "budgetMax", want: "600000"},
		{text: "We set aside $6,000", slot: "budgetMax", want: "600000"},
		{text: "$6,000 is allocated", slot: "budgetMax", want: "600000"},
		{text: "Clients pay $6,000 for a wedding", slot: "budgetMax"},
		{text: "We have to pay $6,000 in rent", slot: "budgetMax"},
		{text: "I want to spend $600 on ads", slot: "budgetMax"},
		{text: "Our ad budget is $6,000", slot: "budgetMax"},
		{text: "5000 or so, depending on features", asked: "budgetText", slot: "budgetMax", want: "500000"},
		{text: "maximum 5000", asked: "budgetText", slot: "budgetMax", want: "500000"},
		{text: "5000 minimum", asked: "budgetText", slot: "budgetMin", want: "500000"},
		{text: "not under 5k", asked: "budgetText", slot: "budgetMin", want: "500000"},
		{text: "5000 customers", asked: "budgetText", slot: "budgetMax"},
		{text: "$85 per appointment", asked: "budgetText", slot: "budgetMax"},
		{text: "5,000 monthly", asked: "budgetText", slot: "budgetMax"},
		{text: "$5,000 each", asked: "budgetText", slot: "budgetMax"},
		{text: "we paid someone, the budget is 5k", slot: "budgetMax", want: "500000"},
		{text: "It depends", asked: "budgetText", slot: "budgetText"},
	})
}

func TestLaunch(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{text: "We want to launch in 6 weeks.", slot: "launchWeeks", want: "6"},
		{text: "We want to launch in 6 weeks.", slot: "launchText", want: "in 6 weeks"},
		{text: "We want to launch in 6 weeks.", slot: "isUrgent"},
		{text: "The site must be live within 3 weeks", slot: "isUrgent", want: "yes"},
		{text: "4-6 weeks", asked: "launchText", slot: "launchWeeks", want: "6"},
		{text: "in two months", asked: "launchText", slot: "launchWeeks", want: "8.7"},
		{text: "90 days", asked: "launchText", slot: "launchWeeks", want: "12.9"},
		{text: "by March 15", asked: "launchText", slot: "launchDate", want: "2027-03-15"},
		{text: "The website has to be online by 15 March 2027.", slot: "launchDate", want: "2027-03-15"},
		{text: "We open on December 12th", asked: "launchText", slot: "launchDate", want: "2026-12-12"},
		{text: "We open on December 12th", asked: "launchText", slot: "isUrgent", want: "yes"},
		{text: "2027-02-01", asked: "launchText", slot: "launchDate", want: "2027-02-01"},
		{text: "3/15/2027", asked: "launchText", slot: "launchDate", want: "2027-03-15"},
		{text: "We need it before Easter.", slot: "launchDate", want: "2027-03-28"},
		{text: "mid March", asked: "launchText", slot: "launchDate", want: "2027-03-15"},
		{text: "end of Q1", asked: "launchText", slot: "launchDate", want: "2027-03-31"},
		{text: "ready by Christmas", slot: "launchDate", want: "2026-12-25"},
		{text: "ASAP!", asked: "launchText", slot: "isUrgent", want: "yes"},
		{text: "ASAP!", asked: "launchText", slot: "launchDate"},
		{text: "We needed it yesterday", slot: "isUrgent", want: "yes"},
		{text: "There is no rush.", asked: "launchText", slot: "isUrgent", want: "no"},
		{text: "We run an urgent care clinic.", slot: "isUrgent"},
		{text: "soon", asked: "launchText", slot: "launchWeeks"},
		{text: "We have been open since March 2019", asked: "launchText", slot: "launchDate"},
		{text: "We're open 6 days a week", asked: "launchText", slot: "launchWeeks"},
		{text: "May I ask how long it takes?", asked: "launchText", slot: "launchDate"},
		{text: "The copy will be ready by the end of March", slot: "contentReadyDate", want: "by the end of March"},
		{text: "in three weeks", asked: "contentReadyDate", slot: "contentReadyDate", want: "in three weeks"},
		{text: "in three weeks", asked: "contentReadyDate", slot: "launchWeeks"},
		{text: "six weeks from now we go live", slot: "launchWeeks", want: "6"},
		{text: "We want it done next month", slot: "launchDate", want: "2026-12-31"},
		{text: "The deadline is January 31", slot: "launchDate", want: "2027-01-31"},
		{text: "It needs to be up by Friday", slot: "launchDate", want: "2026-11-27"},
		{text: "a month from now", asked: "launchText", slot: "launchWeeks", want: "4.3"},
		{text: "in a month", asked: "launchText", slot: "launchWeeks", want: "4.3"},
		{text: "half a year", asked: "launchText", slot: "launchWeeks", want: "26"},
		{text: "under two months", asked: "launchText", slot: "launchText", want: "under two months"},
		{text: "We open in the spring", asked: "launchText", slot: "launchDate", want: "2027-05-31"},
		{text: "The project took 6 weeks", asked: "launchText", slot: "launchWeeks"},
		{text: "3 weeks ago", asked: "launchText", slot: "launchWeeks"},
		{text: "every two weeks", asked: "launchText", slot: "launchWeeks"},
		{text: "The site is 6 years old", asked: "launchText", slot: "launchWeeks"},
		{text: "for two weeks", asked: "launchText", slot: "launchWeeks"},
		{text: "a day later", asked: "launchText", slot: "launchWeeks"},
		{text: "We closed last March", asked: "launchText", slot: "launchDate"},
		{text: "Christmas is our busiest time", slot: "launchDate"},
		{text: "We sell most in December", slot: "launchDate"},
		{text: "March 15, 2020", asked: "launchText", slot: "launchDate"},
		{text: "Launch by May or at least before June 15", slot: "launchDate", want: "2027-05-01"},
		{text: "We want to go live on March 1 and have photos by February 1", slot: "launchDate", want: "2027-03-01"},
	})
}

func TestMoney(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text   string
		lo, hi int64
	}{
		{"$4,000-$5,000", 400000, 500000}, // F-1
		{"$4,000–5,000", 400000, 500000},
		{"4,000 - 5,000 dollars", 400000, 500000},
		{"4000 to 5000", 400000, 500000},
		{"between $4k and $5k", 400000, 500000},
		{"4-5k", 400000, 500000},
		{"4.5k", 450000, 450000},
		{"4,5k", 450000, 450000},
		{"4 000", 400000, 400000},
		{"4\u00a0000 €", 400000, 400000},
		{"CHF 4'000", 400000, 400000},
		{"€2.500", 250000, 250000},
		{"$4,000.50", 400050, 400050},
		{"fifty dollars", 5000, 5000},
		{"ninety-nine bucks", 9900, 9900},
		{"one hundred", 10000, 10000},
		{"1.2 million", 120000000, 120000000},
		{"under $4,000", 0, 400000},
		{"less than 3k", 0, 300000},
		{"up to 5 grand", 0, 500000},
		{"$5k max", 0, 500000},
		{"no more than $5,000", 0, 500000},
		{"$5,000 or less", 0, 500000},
		{"over 10k", 1000000, 0},
		{"at least $3,000", 300000, 0},
		{"10k+", 1000000, 0},
		{"$3,000 minimum, $6,000 maximum", 300000, 600000},
		{"4,000, maybe 5,000", 400000, 500000},
		{"500-1k", 50000, 100000},
	} {
		lo, hi, ok := extract.Money(tc.text)
		if lo != tc.lo || hi != tc.hi || !ok {
			t.Errorf("Money(%q) = %d, %d, %v, want %d, %d, true", tc.text, lo, hi, ok, tc.lo, tc.hi)
		}
	}
	for _, text := range []string{"", "soon", "20%", "555-123-4567", "v1.2.3", "$", "999999999999999999999"} {
		if lo, hi, ok := extract.Money(text); ok {
			t.Errorf("Money(%q) = %d, %d, true, want nothing", text, lo, hi)
		}
	}
}

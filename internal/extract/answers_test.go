package extract_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/extract"
)

// TestWholeAnswers lists everything that is read from an answer, so that a rule
// which fires where it should not is seen too.
func TestWholeAnswers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, asked, text string
		want              []string // slot = value, in the order of the text
	}{
		{
			name: "a salon in one breath",
			text: "I run Bella's Salon, a hair salon in Portland. About 50 appointments a week, $85 each, 18% no-shows and 12 hours a week on phone scheduling with a paper book.",
			want: []string{
				"businessName = Bella's Salon",
				"industry = hair salon",
				"appointmentsPerWeek = 50",
				"requiresScheduling = yes",
				"averageAppointmentValue = 8500",
				"currentNoShowRate = 0.18",
				"painPoints = no_shows,time_consuming,manual_process",
				"hoursPerWeekOnTask = 12",
				"manualCalendar = yes",
			},
		},
		{
			name: "a dentist introduces the practice", asked: "businessName,industry,currentWebsite",
			text: "It's Harbor View Dental, we're a family dental practice in Tacoma. Our current site is harborviewdental.com, built around 2014, and it doesn't work on phones.",
			want: []string{
				"businessName = Harbor View Dental",
				"industry = dental practice",
				"currentWebsite = harborviewdental.com",
				"websiteUrl = harborviewdental.com",
				"painPoints = outdated_site",
			},
		},
		{
			name: "families as audience", asked: "targetAudience",
			text: "Mostly families with kids, parents aged 30-50 within 10 miles. They are busy, want evening slots and hate waiting on hold.",
			want: []string{
				"audienceAgeRange = 30-50",
			},
		},
		{
			name: "goals of a dentist", asked: "primaryGoal,successMetrics",
			text: "Get more new patients from Google, about 25 a month instead of 15, and cut phone calls by half.",
			want: []string{
				"successMetrics = 25 a month; cut phone calls by half",
			},
		},
		{
			name: "competitors with online booking", asked: "uniqueValue,competitors",
			text: "We do same-day crowns and we're open on Saturdays. Competitors are Bright Smiles and Tacoma Dental Group, both have online scheduling.",
			want: []string{
				"competitors = Competitors are Bright Smiles and Tacoma Dental Group, both have online scheduling",
				"competitorsBookOnline = yes",
			},
		},
		{
			name: "figures of a dentist", asked: "appointmentsPerWeek,averageAppointmentValue,currentNoShowRate,hoursPerWeekOnTask,hourlyRate",
			text: "Around 110 appointments a week, average value about $180. No-shows are roughly 9%. My two receptionists spend 15 hours a week on the phone, at $22 an hour.",
			want: []string{
				"appointmentsPerWeek = 110",
				"requiresScheduling = yes",
				"averageAppointmentValue = 18000",
				"currentNoShowRate = 0.09",
				"painPoints = no_shows,time_consuming",
				"hoursPerWeekOnTask = 15",
				"hourlyRate = 2200",
			},
		},
		{
			name: "what visitors do", asked: "visitorActions,mustHaves",
			text: "Book an appointment, fill in the new patient form, pay bills online, and read about treatments. No blog.",
			want: []string{
				"mustHaves = appointment_scheduling,custom_forms,payment_processing",
				"requiresScheduling = yes",
				"visitorActions = book,learn",
				"bookingDetails = intake_form",
				"acceptsPayments = yes",
				"publishesContent = no",
			},
		},
		{
			name: "tools and compliance of a dentist", asked: "currentTools,integrations,dataMigration,complianceRequirements",
			text: "We use Dentrix and Mailchimp. It should sync with Google Calendar. Patient data is involved so HIPAA. No EU stuff.",
			want: []string{
				"currentTools = Dentrix,Mailchimp",
				"bookingDetails = calendar_sync",
				"mustHaves = api_integration",
				"integrations = Google Calendar",
				"complianceRequirements = HIPAA",
				"complianceStated = HIPAA",
			},
		},
		{
			name: "budget and deciders", asked: "budgetText,decisionMakers",
			text: "Somewhere between 6 and 8 thousand. My husband and I decide, our office manager Kim has a say.",
			want: []string{
				"budgetText = Somewhere between 6 and 8 thousand",
				"budgetMax = 800000",
				"budgetMin = 600000",
				"decisionMakers = My husband and I",
			},
		},
		{
			name: "launch before the season", asked: "launchText,internalResources",
			text: "We would like to be live by end of February, before the spring rush.",
			want: []string{
				"launchText = We would like to be live by end of February, before the spring rush",
				"launchDate = 2027-02-28",
			},
		},
		{
			name: "copy in the making", asked: "contentProvider,contentReadiness,contentReadyDate,copywriting",
			text: "We'll write a draft but we need help polishing. Texts should be done mid January.",
			want: []string{
				"contentProvider = mixed",
				"contentReadiness = need_help",
				"contentReadyDate = mid January",
			},
		},
		{
			name: "brand in a line", asked: "logoStatus,brandColors,brandTypography,styleGuide",
			text: "Logo yes (vector file), colours are teal and white, no style guide.",
			want: []string{
				"logoStatus = have_vector",
				"brandColors = teal, white",
				"styleGuide = no",
			},
		},
		{
			name: "photos are coming", asked: "photoStatus,video,galleries",
			text: "We have some old photos; a photographer is coming next month. No video.",
			want: []string{
				"photoStatus = planned",
				"contentReadyDate = next month",
				"video = none",
			},
		},
		{
			name: "ceramics with everything",
			text: "We make ceramics and sell at two markets. I have 60 products, ship about 20 orders a month, average order $48. I'd love an online shop but keep it simple. Budget is 3k tops and I need it before Black Friday next year.",
			want: []string{
				"industry = ceramics",
				"productsToSell = 60",
				"deliveryOptions = shipping",
				"monthlyOrders = 20",
				"averageOrderValue = 4800",
				"wantsOnlineSales = yes",
				"acceptsPayments = yes",
				"mustHaves = ecommerce_basic",
				"simpleSite = yes",
				"budgetMax = 300000",
				"budgetText = 3k tops",
				"launchText = before Black Friday next year",
				"launchDate = 2027-11-26",
			},
		},
		{
			name: "a parenting blog",
			text: "I publish two articles a week on my parenting blog, 80k page views a month, 4,200 newsletter subscribers and revenue of $30,000 a year from ads.",
			want: []string{
				"postsPerWeek = 2",
				"publishesContent = yes",
				"industry = parenting blog",
				"mustHaves = blog_system,newsletter",
				"monthlyVisitors = 80000",
				"subscriberCount = 4200",
				"annualRevenue = 3000000",
			},
		},
		{
			name: "a club with dues",
			text: "Our club has 340 members who pay $60 a year. Renewals are by paper form. About 10% leave each year.",
			want: []string{
				"memberCount = 340",
				"hasMembers = yes",
				"memberFee = 500",
				"painPoints = manual_process",
			},
		},
		{
			name: "a restaurant by phone",
			text: "The restaurant seats 40. We take 60 reservations a week by phone, no-shows are about 10% and each table spends around $90.",
			want: []string{
				"industry = restaurant",
				"bookingsPerWeek = 60",
				"manualCalendar = yes",
				"requiresScheduling = yes",
				"currentNoShowRate = 0.1",
				"painPoints = no_shows",
				"averageAppointmentValue = 9000",
			},
		},
		{
			name: "numbers that mean nothing",
			text: "We started in 2015 with 3 people and now 12 employees. We work 9 to 5. Our office is at 100 Main Street, call (555) 123-4567.",
			want: []string{
				"postalAddress = 100 Main Street",
				"contactPhone = (555) 123-4567",
			},
		},
		{
			name: "what is not wanted",
			text: "I don't want anything fancy. No online payments, no membership stuff. We never had a website.",
			want: []string{
				"avoid = I don't want anything fancy.",
				"simpleSite = yes",
				"acceptsPayments = no",
				"hasMembers = no",
				"currentWebsite = none",
			},
		},
		{
			name: "later and not needed",
			text: "Is it possible to have a chat? Maybe later. We don't need SMS.",
			want: nil,
		},
		{
			name: "sales lost offline",
			text: "We can't take card payments at the moment and customers can't book online after hours, so we lose clients to competitors.",
			want: []string{
				"losesSalesOffline = yes",
				"painPoints = losing_customers",
			},
		},
		{
			name: "a friend's price is no budget", asked: "budgetText",
			text: "We haven't set a budget yet, but our friends paid around $6,000 for theirs.",
			want: nil,
		},
		{
			name: "looks only",
			text: "I love the clean look, lots of white space. Not too corporate.",
			want: []string{"designStyle = clean,minimal"},
		},
		{
			name: "visitors now and then",
			text: "We had 300 visitors a month last year; the goal is 1,000 visitors a month.",
			want: []string{
				"monthlyVisitors = 300",
				"primaryGoal = the goal is 1,000 visitors a month.",
				"successMetrics = 1,000 visitors a month",
			},
		},
		{
			name: "a nonprofit for kids",
			text: "We're a nonprofit running after-school programs for kids aged 6 to 12. Donations online are a must, and a volunteer signup form.",
			want: []string{
				"industry = nonprofit",
				"complianceRequirements = ADA (hedged)",
				"audienceAgeRange = 6-12",
				"acceptsPayments = yes",
				"mustHaves = payment_processing,custom_forms",
				"givingDetails = volunteer_form",
			},
		},
		{
			name: "a subscription idea",
			text: "We want people to subscribe monthly and get access to videos. About 200 people would pay $15 a month.",
			want: nil,
		},
		{
			name: "customers in Europe",
			text: "Our customers in Germany and France complain about the checkout. 20% of carts are abandoned.",
			want: []string{
				"complianceRequirements = GDPR",
				"acceptsPayments = yes",
				"mustHaves = payment_processing",
				"cartAbandonmentRate = 0.2",
			},
		},
		{
			name: "tills and books",
			text: "We'd like to integrate with our POS (Lightspeed) and accounting (Xero).",
			want: []string{
				"mustHaves = api_integration",
				"integrations = Lightspeed,Xero",
			},
		},
		{
			name: "stock in a spreadsheet",
			text: "Sometimes we run out of bestsellers because the spreadsheet is wrong.",
			want: []string{
				"stockOuts = yes",
				"painPoints = manual_process",
			},
		},
		{
			name: "a visual brand",
			text: "We're on Instagram mostly, 5,000 followers, and we post twice a week.",
			want: []string{
				"socialActive = yes",
				"postsPerWeek = 2",
			},
		},
		{
			name: "no urgency",
			text: "It isn't urgent. Sometime in the summer would be fine.",
			want: []string{
				"isUrgent = no",
				"launchText = isn't urgent",
			},
		},
		{
			name: "two dates, the bound wins", asked: "launchText",
			text: "Sometime in the summer would be fine, no later than August.",
			want: []string{
				"launchText = Sometime in the summer would be fine, no later than August",
				"launchDate = 2027-08-31",
			},
		},
		{
			name: "soon and three weeks", asked: "launchText",
			text: "As soon as possible, ideally 3 weeks",
			want: []string{
				"isUrgent = yes",
				"launchText = As soon as possible, ideally 3 weeks",
				"launchWeeks = 3",
			},
		},
		{
			name: "hours that are billed",
			text: "We bill around 40 hours a week at $150 an hour.",
			want: []string{
				"hourlyRate = 15000",
			},
		},
		{
			name: "items per order",
			text: "We ship to the US, Canada and the UK. Orders average 2 items.",
			want: []string{
				"deliveryOptions = shipping",
			},
		},
		{
			name: "members of something else",
			text: "Our hourly classes run every day. We have been members of the chamber since 2010.",
			want: nil,
		},
		{
			name: "one in six",
			text: "The no-show problem: roughly 1 in 6 clients never turns up, and each appointment is worth $70.",
			want: []string{
				"currentNoShowRate = 0.1667",
				"painPoints = no_shows",
				"averageAppointmentValue = 7000",
				"requiresScheduling = yes",
			},
		},
		{
			name: "neither nor", asked: "photoStatus,logoStatus",
			text: "We have neither logo nor photos",
			want: []string{
				"logoStatus = need",
				"photoStatus = need",
			},
		},
		{
			name: "cards and PCI", asked: "complianceRequirements",
			text: "we accept credit cards so PCI, nothing else",
			want: []string{
				"acceptsPayments = yes",
				"mustHaves = payment_processing",
				"complianceRequirements = PCI-DSS",
				"complianceStated = PCI-DSS",
			},
		},
		{
			name: "a page on a network", asked: "currentWebsite",
			text: "we only have a facebook page",
			want: []string{
				"currentWebsite = none",
				"socialActive = yes",
			},
		},
		{
			name: "a bakery with a café",
			text: "We're Maple & Rye, a small bakery in Burlington with a café. We want people to pre-order cakes online and pick them up.",
			want: []string{
				"businessName = Maple & Rye",
				"industry = bakery",
				"wantsOnlineSales = yes",
				"mustHaves = ecommerce_basic",
			},
		},
		{
			name: "a budget that stretches",
			text: "Budget wise, I was thinking 5-6k but could go to 7k if it really saves us time.",
			want: []string{
				"budgetMax = 700000",
				"budgetMin = 500000",
				"budgetText = 5-6k but could go to 7k",
			},
		},
		{
			name: "events but no shop",
			text: "Please don't include a shop, we don't do e-commerce. But an events page would be great.",
			want: []string{
				"acceptsPayments = no",
				"mustHaves = event_calendar",
			},
		},
		{
			name: "therapists guess",
			text: "I guess HIPAA? We're therapists. Clients' health information is sensitive.",
			want: []string{
				"complianceRequirements = HIPAA (hedged)",
				"complianceStated = HIPAA (hedged)",
				"industry = therapists",
			},
		},
		{
			name: "French guests",
			text: "We might need multilingual later since 15% of our guests speak French.",
			want: []string{
				"multipleLanguages = yes (hedged)",
				"mustHaves = multilingual (hedged)",
				"otherLanguageShare = 0.15 (hedged)",
				"languages = french (hedged)",
			},
		},
		{
			name: "unsure about all", asked: "budgetText,launchText",
			text: "I don't know, what do you recommend?",
			want: nil,
		},
		{
			name: "sloppy typing",
			text: "we're a restarant, 40 reservatons a week, the websitte is outdated n we want online bookings asap",
			want: []string{
				"industry = restaurant",
				"bookingsPerWeek = 40",
				"requiresScheduling = yes",
				"currentWebsite = outdated",
				"painPoints = outdated_site",
				"mustHaves = booking_system",
				"isUrgent = yes",
				"launchText = asap",
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, listing(all(tc.text, tc.asked))); diff != "" {
				t.Errorf("All(%q, asked %q) (-want +got):\n%s", tc.text, tc.asked, diff)
			}
		})
	}
}

func listing(hits []extract.Hit) []string {
	var out []string
	for _, h := range hits {
		s := string(h.Slot) + " = " + h.Value
		if h.Hedged {
			s += " (hedged)"
		}
		out = append(out, s)
	}
	return out
}

// TestLabelsWithinAParagraph: a brief pasted as one paragraph is read like one
// with a line for each point.
func TestLabelsWithinAParagraph(t *testing.T) {
	t.Parallel()
	const text = "Riverkeepers Trust restores rivers. Goals: win 300 new regular donors within a year. Audience: people aged 30 to 65 who walk by rivers; " +
		"they look for projects near them. Note: the board meets in May. We work with Salesforce as our donor database. What sets us apart: we publish readings each week."
	check(t, []row{
		{text: text, slot: "primaryGoal", want: "win 300 new regular donors within a year."},
		{text: text, slot: "targetAudience", want: "people aged 30 to 65 who walk by rivers; they look for projects near them."},
		{text: text, slot: "uniqueValue", want: "we publish readings each week."},
		{text: "Goal: more donors. Audience: anglers in Leeds.", slot: "primaryGoal", want: "more donors."},
		{text: "Goal: more donors. Audience: anglers in Leeds.", slot: "targetAudience", want: "anglers in Leeds."},
		{text: "We work with HubSpot as our system.", slot: "targetAudience"},
		{text: "We work with families in Leeds.", slot: "targetAudience", want: "We work with families in Leeds."},
		{text: "It is simple. Please call us at: 555", slot: "primaryGoal"},
	})
}

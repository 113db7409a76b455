package recommend_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// Every condition of the table of DOMAIN 5.2 with the clause it puts on the
// card. The client is called Kraft, so "For Kraft, " marks a clause that had no
// figure or words of its own.
func TestConditionsSay(t *testing.T) {
	t.Parallel()
	base := slot.Values{slot.BusinessName: "Kraft", slot.ComplianceRequirements: "none"}
	service := with(base, slot.Values{slot.BusinessModel: "service", slot.ServiceSubtype: "appointment"})
	table := with(service, slot.Values{slot.ServiceSubtype: "reservation"})
	shop := with(base, slot.Values{slot.BusinessModel: "product"})
	mixed := with(base, slot.Values{slot.BusinessModel: "hybrid"})
	content := with(base, slot.Values{slot.BusinessModel: "content"})
	members := with(base, slot.Values{slot.BusinessModel: "membership"})
	tests := []struct {
		name    string
		v       slot.Values
		feature catalog.FeatureID
		says    string
	}{
		{"scheduling, no volume", service, "appointment_scheduling", "For Kraft, times have to be agreed with every client. Clients book"},
		{"scheduling, many", with(service, slot.Values{slot.AppointmentsPerWeek: "1200"}), "appointment_scheduling", "1,200 appointments a week no longer fit well into phone calls and a paper book. Clients"},
		{"scheduling, some", with(service, slot.Values{slot.AppointmentsPerWeek: "7.5"}), "appointment_scheduling", "7.5 appointments a week are enough to make self-booking pay. Clients"},
		{"scheduling, bookings stand in", with(service, slot.Values{slot.BookingsPerWeek: "9"}), "appointment_scheduling", "9 appointments a week are enough"},
		{"scheduling, rate only", with(service, slot.Values{slot.CurrentNoShowRate: "0.125"}), "appointment_scheduling", "12.5% of the appointments end as no-shows. Clients"},
		{"scheduling, rate and volume", with(service, slot.Values{slot.CurrentNoShowRate: "0.2", slot.AppointmentsPerWeek: "8"}), "appointment_scheduling", "At 20% no-shows, 1.6 of 8 appointments are lost each week. Clients"},
		{"scheduling, trade", with(service, slot.Values{slot.Industry: "barber shop"}), "appointment_scheduling", "For Kraft, the income depends on what is booked. Clients"},
		{"scheduling, competitors", with(service, slot.Values{slot.CompetitorsBookOnline: "yes"}), "appointment_scheduling", "For Kraft, competitors already offer online booking. Clients"},
		{"scheduling, competitors and volume", with(service, slot.Values{slot.CompetitorsBookOnline: "yes", slot.AppointmentsPerWeek: "6"}), "appointment_scheduling", "6 appointments a week are enough to make self-booking pay. Competitors already offer online booking. Clients"},
		{"scheduling, time zones", with(service, slot.Values{slot.TimezoneComplexity: "yes"}), "appointment_scheduling", "For Kraft, clients sit in several time zones. Clients"},
		{"scheduling, by hand", with(service, slot.Values{slot.ManualCalendar: "yes"}), "appointment_scheduling", "For Kraft, the calendar is kept by hand. Clients"},
		{"scheduling, action", with(service, slot.Values{slot.VisitorActions: "schedule"}), "appointment_scheduling", "For Kraft, visitors are meant to book on the site. Clients"},
		{"scheduling, pain", with(service, slot.Values{slot.PainPoints: "phone tag all day"}), "appointment_scheduling", `A known problem is "phone tag all day". Clients`},
		{"scheduling, hours", with(service, slot.Values{slot.HoursPerWeekOnTask: "9", slot.RequiresScheduling: "yes"}), "appointment_scheduling", "9 hours a week go into work by hand. Clients"},
		{"scheduling, must-have in own words", with(service, slot.Values{slot.MustHaves: "appointments by phone and web"}), "appointment_scheduling", `"appointments by phone and web" is a must-have. Clients`},
		{"scheduling, must-have from a list", with(service, slot.Values{slot.MustHaves: "appointment_scheduling"}), "appointment_scheduling", `For Kraft, "appointment scheduling" is a must-have. Clients`},
		{"booking, hours of the day", with(table, slot.Values{slot.PrimaryGoal: "Guests reserve around the clock"}), "booking_system", `The goal is "Guests reserve around the clock". Guests see`},
		{"booking, peaks", with(table, slot.Values{slot.PainPoints: "peak times on Friday"}), "booking_system", `A known problem is "peak times on Friday". Guests see`},
		{"booking, loss", with(table, slot.Values{slot.BookingsPerWeek: "9", slot.AverageAppointmentValue: "50000", slot.CurrentNoShowRate: "0.1"}), "booking_system", "9 reservations a week have to be arranged. $11,700 a year are lost today and can be kept. Guests see"},
		{"booking, trade", with(table, slot.Values{slot.BusinessType: "boutique hotel"}), "booking_system", "For Kraft, the income depends on what is booked. Guests see"},
		{"SMS, no volume", service, "sms_notifications", "For Kraft, agreed times are easily forgotten. A short text"},
		{"SMS, volume", with(service, slot.Values{slot.AppointmentsPerWeek: "6"}), "sms_notifications", "6 appointments a week can be forgotten. A short text"},
		{"SMS, rate", with(service, slot.Values{slot.CurrentNoShowRate: "0.1"}), "sms_notifications", "10% of all visits end as no-shows. A short text"},
		{"SMS, core without volume", with(service, slot.Values{slot.Industry: "massage"}), "sms_notifications", "For Kraft, the business runs on what is booked. A short text"},
		{"SMS, wish", with(service, slot.Values{slot.WantsReminders: "yes"}), "sms_notifications", "For Kraft, better reminders are wanted. A short text"},
		{"SMS, deliveries", with(shop, slot.Values{slot.UniqueValue: "Delivered the same day by courier"}), "sms_notifications", `What sets the business apart is "Delivered the same day by courier". A short text`},
		{"SMS, delivery status", with(shop, slot.Values{slot.PainPoints: "calls about the delivery status"}), "sms_notifications", `A known problem is "calls about the delivery status". A short text`},
		{"SMS, short notice", with(service, slot.Values{slot.PainPoints: "cancellations at short notice"}), "sms_notifications", `A known problem is "cancellations at short notice". A short text`},
		{"events, trade", with(service, slot.Values{slot.RunsEvents: "yes", slot.Industry: "festival agency"}), "event_calendar", `The line of business is "festival agency". Visitors see`},
		{"events, members", with(members, slot.Values{slot.RunsEvents: "yes"}), "event_calendar", "For Kraft, members come together at events. Visitors see"},
		{"events, lists", with(service, slot.Values{slot.RunsEvents: "yes", slot.PainPoints: "guest lists in notebooks"}), "event_calendar", `A known problem is "guest lists in notebooks". Visitors see`},
		{"shop, main income", shop, "ecommerce_basic", "For Kraft, selling products is the main income. Customers order"},
		{"shop, products", with(shop, slot.Values{slot.ProductsToSell: "12"}), "ecommerce_basic", "The business sells 12 products. Customers order"},
		{"shop, wish and loss", with(mixed, slot.Values{slot.WantsOnlineSales: "yes", slot.LosesSalesOffline: "yes"}), "ecommerce_basic", "For Kraft, online sales are wanted. Sales are lost without an online channel. Customers order"},
		{"shop, few products", with(mixed, slot.Values{slot.ProductsToSell: "3"}), "ecommerce_basic", "3 products are for sale. Customers order"},
		{"shop, enough products", with(mixed, slot.Values{slot.ProductsToSell: "30"}), "ecommerce_basic", "30 products are enough for a shop of their own. Customers order"},
		{"shop, share of revenue", with(mixed, slot.Values{slot.MonthlyOrders: "10", slot.AverageOrderValue: "10000", slot.AnnualRevenue: "4000000"}), "ecommerce_basic", "10 orders a month at $100 are a large part of the revenue. Customers order"},
		{"shop, stock-outs", with(mixed, slot.Values{slot.StockOuts: "yes", slot.HasInventory: "yes"}), "ecommerce_basic", "For Kraft, stock is hard to keep track of. Customers order"},
		{"shop, reach", with(mixed, slot.Values{slot.ProductsToSell: "3", slot.PrimaryGoal: "Orders from other states"}), "ecommerce_basic", `The goal is "Orders from other states". Customers order`},
		{"shop, nothing more", with(mixed, slot.Values{slot.HasInventory: "yes"}), "ecommerce_basic", "For Kraft, products are what the business sells. Customers order"},
		{"large shop, channels", with(mixed, slot.Values{slot.ProductsToSell: "3", slot.ProductVariants: "yes", slot.BusinessDescription: "Lamps, sold on Etsy today."}), "ecommerce_advanced", `The business is described as "Lamps, sold on Etsy today". The products come in variants or are sold wholesale. A large`},
		{"payment, wish", with(service, slot.Values{slot.MustHaves: "deposit for weddings"}), "payment_processing", `"deposit for weddings" is a must-have. People pay`},
		{"payment, buying", with(service, slot.Values{slot.VisitorActions: "buy"}), "payment_processing", "For Kraft, visitors are meant to buy on the site. People pay"},
		{"payment, separate service", with(service, slot.Values{slot.CurrentTools: "Square"}), "payment_processing", "For Kraft, payments run through a separate service today. People pay"},
		{"payment, flag", with(service, slot.Values{slot.AcceptsPayments: "yes"}), "payment_processing", "For Kraft, payments belong on the site. People pay"},
		{"payment, invoices", with(service, slot.Values{slot.AcceptsPayments: "yes", slot.PainPoints: "unpaid invoices pile up"}), "payment_processing", `A known problem is "unpaid invoices pile up". People pay`},
		{"stock, kept", with(mixed, slot.Values{slot.HasInventory: "yes"}), "inventory_management", "For Kraft, stock has to be kept. The shop shows"},
		{"stock, lost sales", with(mixed, slot.Values{slot.HasInventory: "yes", slot.LostSalesPerMonth: "10000"}), "inventory_management", "$100 of sales a month are lost to empty stock. Stock has to be kept. The shop shows"},
		{"stock, many", with(shop, slot.Values{slot.ProductsToSell: "60", slot.HasInventory: "yes"}), "inventory_management", "Stock of 60 products cannot be kept by hand. The shop shows"},
		{"stock, out", with(shop, slot.Values{slot.StockOuts: "yes"}), "inventory_management", "For Kraft, products run out of stock today. The shop shows"},
		{"stock, places", with(shop, slot.Values{slot.HasInventory: "yes", slot.BusinessDescription: "Shoes from two locations."}), "inventory_management", `The business is described as "Shoes from two locations". The shop shows`},
		{"stock, enough products", with(shop, slot.Values{slot.ProductsToSell: "26"}), "inventory_management", "26 products are for sale. The shop shows"},
		{"stock, spreadsheet", with(shop, slot.Values{slot.HasInventory: "yes", slot.PainPoints: "counting in a spreadsheet"}), "inventory_management", `A known problem is "counting in a spreadsheet". The shop shows`},
		{"chat, wish", with(service, slot.Values{slot.LiveSupportWanted: "yes"}), "live_chat", "For Kraft, answers in real time are wanted. Questions are"},
		{"chat, wish with orders", with(shop, slot.Values{slot.LiveSupportWanted: "yes", slot.MonthlyOrders: "40"}), "live_chat", "40 orders a month come in. Answers in real time are wanted. Questions are"},
		{"chat, explanation", with(shop, slot.Values{slot.UniqueValue: "Every telescope needs advice before it fits"}), "live_chat", `What sets the business apart is "Every telescope needs advice before it fits". Questions are`},
		{"mail, orders", with(shop, slot.Values{slot.MonthlyOrders: "40"}), "email_marketing", "40 orders a month bring addresses of people who buy. Mail usually brings 25% to 30% of a shop's revenue. People"},
		{"mail, shop", shop, "email_marketing", "For Kraft, mail usually brings 25% to 30% of a shop's revenue. People"},
		{"mail, audience", with(content, slot.Values{slot.BuildsAudience: "yes"}), "email_marketing", "For Kraft, building an audience is the goal. People"},
		{"mail, repeat", with(service, slot.Values{slot.WantsRepeatCustomers: "yes"}), "email_marketing", "For Kraft, clients are meant to come back. People"},
		{"mail, regulars", with(service, slot.Values{slot.AppointmentsPerWeek: "16"}), "email_marketing", "16 appointments a week mean many clients who can come back. People"},
		{"mail, members", members, "email_marketing", "For Kraft, members have to be kept informed. People"},
		{"mail, number of members", with(members, slot.Values{slot.MemberCount: "300"}), "email_marketing", "300 members have to be kept informed. People"},
		{"mail, sign-up", with(service, slot.Values{slot.VisitorActions: "newsletter"}), "email_marketing", "For Kraft, visitors are meant to sign up for news. People"},
		{"mail, loyalty", with(service, slot.Values{slot.PrimaryGoal: "More loyal guests"}), "email_marketing", `The goal is "More loyal guests". People`},
		{"mail, contacts", with(service, slot.Values{slot.CustomerBase: "150"}), "email_marketing", "150 contacts are already on the list. People"},
		{"mail, readers", content, "email_marketing", "For Kraft, readers return when they hear about new content. People"},
		{"newsletter, subscribers", with(content, slot.Values{slot.SubscriberCount: "900"}), "newsletter", "900 subscribers are the core of the audience. Publishing lives from readers who return. Regular"},
		{"newsletter, audience of others", with(service, slot.Values{slot.BuildsAudience: "yes"}), "newsletter", "For Kraft, building an audience is the goal. Regular"},
		{"newsletter, distribution", with(service, slot.Values{slot.PublishesContent: "yes", slot.SubscriberCount: "9"}), "newsletter", "9 subscribers wait for news. Published content needs distribution. Regular"},
		{"newsletter, touch", with(service, slot.Values{slot.SubscriberCount: "9", slot.PrimaryGoal: "Keep in touch with guests"}), "newsletter", `The goal is "Keep in touch with guests". Regular`},
		{"blog, offer", with(content, slot.Values{slot.PostsPerWeek: "2"}), "blog_system", "2 posts a week are the main offer. Publishing is the main function of the site. Articles"},
		{"blog, leads", with(service, slot.Values{slot.LeadsPerMonth: "4"}), "blog_system", "Content already brings 4 leads a month. Articles"},
		{"blog, posts", with(service, slot.Values{slot.PostsPerWeek: "2"}), "blog_system", "2 posts a week need a place. Articles"},
		{"blog, few posts", with(service, slot.Values{slot.PostsPerWeek: "0.5"}), "blog_system", "0.5 posts a week are published. Articles"},
		{"blog, search", with(service, slot.Values{slot.PublishesContent: "yes", slot.SearchIsMainChannel: "yes"}), "blog_system", "For Kraft, content is what search engines find. Articles"},
		{"blog, flag", with(service, slot.Values{slot.PublishesContent: "yes"}), "blog_system", "For Kraft, content is published regularly. Articles"},
		{"blog, expertise", with(service, slot.Values{slot.PrimaryGoal: "Become a thought leader in tax law"}), "blog_system", `The goal is "Become a thought leader in tax law". Articles`},
		{"search, channel", with(service, slot.Values{slot.SearchIsMainChannel: "yes"}), "seo_package", "For Kraft, search is the main way clients find the business. Pages"},
		{"search, place", with(service, slot.Values{slot.PrimaryGoal: "First for plumber near me"}), "seo_package", `The goal is "First for plumber near me". Pages`},
		{"search, advertising", with(service, slot.Values{slot.MonthlyAdSpend: "123450"}), "seo_package", "$1,234.50 a month go into advertising. Pages"},
		{"search, own words", with(service, slot.Values{slot.PainPoints: "not on page one of Google"}), "seo_package", `A known problem is "not on page one of Google". Pages`},
		{"search, content", content, "seo_package", "For Kraft, published content is found through search. Pages"},
		{"social, accounts", with(service, slot.Values{slot.SocialActive: "yes"}), "social_media_integration", "For Kraft, the social media accounts are active. Fresh"},
		{"social, network", with(service, slot.Values{slot.PrimaryGoal: "Show the Instagram feed"}), "social_media_integration", `The goal is "Show the Instagram feed". Fresh`},
		{"social, trade", with(service, slot.Values{slot.Industry: "fashion", slot.SocialActive: "yes"}), "social_media_integration", `The line of business is "fashion". Fresh`},
		{"languages, share", with(service, slot.Values{slot.OtherLanguageShare: "0.05"}), "multilingual", "5% of the customers speak another language. Visitors read"},
		{"languages, flag", with(service, slot.Values{slot.MultipleLanguages: "yes"}), "multilingual", "For Kraft, several languages are served. Visitors read"},
		{"languages, tourists", with(service, slot.Values{slot.MultipleLanguages: "yes", slot.BusinessDescription: "A shop in a tourist town."}), "multilingual", `The business is described as "A shop in a tourist town". Visitors read`},
		{"members, model", members, "membership_portal", "For Kraft, membership is what the business sells. Members join"},
		{"members, fee", with(mixed, slot.Values{slot.MemberFee: "1999"}), "membership_portal", "Members pay $19.99 a month, again and again. Members join"},
		{"members, tiers", with(members, slot.Values{slot.UniqueValue: "Three tiers of access"}), "membership_portal", `Membership is what the business sells. What sets the business apart is "Three tiers of access". Members join`},
		{"members, flag", with(mixed, slot.Values{slot.HasMembers: "yes"}), "membership_portal", "For Kraft, there are members to be served. Members join"},
		{"members, community", with(mixed, slot.Values{slot.MemberCount: "40", slot.PrimaryGoal: "Grow the community"}), "membership_portal", `40 members have to be served. The goal is "Grow the community". Members join`},
		{"portal, documents", with(service, slot.Values{slot.WantsSelfService: "yes", slot.BusinessDescription: "B2B bookkeeping with many contracts."}), "customer_portal", `The business is described as "B2B bookkeeping with many contracts". Customers find`},
		{"portal, login", with(service, slot.Values{slot.WantsSelfService: "yes"}), "customer_portal", "For Kraft, clients ask for a login of their own. Customers find"},
		{"portal, support", with(service, slot.Values{slot.WantsRepeatCustomers: "yes", slot.PainPoints: "too many support requests"}), "customer_portal", `A known problem is "too many support requests". Customers find`},
		{"portal, regulars", with(service, slot.Values{slot.AppointmentsPerWeek: "40"}), "customer_portal", "40 appointments a week come from clients who return. Customers find"},
		{"dashboard, need", with(service, slot.Values{slot.ReportingNeed: "yes"}), "analytics_dashboard", "For Kraft, the business is steered by key figures. The figures"},
		{"dashboard, board", with(service, slot.Values{slot.ReportingNeed: "yes", slot.SuccessMetrics: "A board report each month"}), "analytics_dashboard", `The goal is "A board report each month". The figures`},
		{"dashboard, revenue", with(service, slot.Values{slot.ReportingNeed: "yes", slot.AnnualRevenue: "60000000"}), "analytics_dashboard", "At $600,000 of revenue a year, decisions should rest on figures. The figures"},
		{"dashboard, hours", with(content, slot.Values{slot.ReportingNeed: "yes", slot.HoursPerWeekOnTask: "5", slot.PainPoints: "writing reports"}), "analytics_dashboard", "5 hours a week go into manual work such as reports. The figures"},
		{"systems, a kind", with(service, slot.Values{slot.Integrations: "calendar,CRM"}), "api_integration", "The site is to work with a calendar and a CRM. Data moves"},
		{"systems, one", with(service, slot.Values{slot.Integrations: "Xero"}), "api_integration", "The site is to work with Xero. Data moves"},
		{"systems, in use", with(service, slot.Values{slot.Integrations: "Xero,Toast", slot.CurrentTools: "Toast"}), "api_integration", "Toast is in use today. Data moves"},
		{"systems, three", with(service, slot.Values{slot.Integrations: "Xero,Toast,Asana"}), "api_integration", "Several systems are to work together: Xero, Toast and Asana. Data moves"},
		{"forms, application", with(service, slot.Values{slot.VisitorActions: "apply"}), "custom_forms", "For Kraft, visitors are meant to apply on the site. People fill"},
		{"forms, paper", with(service, slot.Values{slot.PainPoints: "paper forms at the desk"}), "custom_forms", `A known problem is "paper forms at the desk". People fill`},
		{"forms, consent", with(service, slot.Values{slot.PainPoints: "unsigned consent forms"}), "custom_forms", `A known problem is "unsigned consent forms". People fill`},
		{"forms, survey", with(service, slot.Values{slot.PrimaryGoal: "Run a survey every spring"}), "custom_forms", `The goal is "Run a survey every spring". People fill`},
		{"safety, encryption", with(service, slot.Values{slot.SecurityNeeds: "encryption"}), "secure_forms", "For Kraft, stored answers are to be encrypted. Health"},
		{"safety, second factor", with(service, slot.Values{slot.SecurityNeeds: "two_factor"}), "user_authentication", "For Kraft, access with a second factor is wanted. Only"},
		{"safety, WCAG", with(service, slot.Values{slot.AccessibilityLevel: "wcag_aa"}), "wcag_compliance", "For Kraft, pages that meet WCAG are wanted. People with"},
		{"law, PCI", with(service, slot.Values{slot.ComplianceRequirements: "PCI-DSS"}), "payment_processing", "For Kraft, PCI-DSS applies, which protects card data. People pay"},
		{"law, GDPR", with(service, slot.Values{slot.ComplianceRequirements: "GDPR"}), "cookie_consent", "For Kraft, GDPR applies, which protects the data of people in Europe. European"},
		{"law, ADA", with(service, slot.Values{slot.ComplianceRequirements: "ADA"}), "accessibility_audit", "For Kraft, ADA applies, which asks for websites that everybody can use. Barriers"},
	}
	cat := defaultCatalog(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := recommend.Recommend(cat, tt.v)
			if got := find(t, r.Recommended, tt.feature).Reasoning; !strings.HasPrefix(got, tt.says) {
				t.Errorf("reasoning of %s = %q, want it to start with %q", tt.feature, got, tt.says)
			}
		})
	}
}

// Without a name, something else ties a sentence to the client.
func TestAnchors(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a long description of what the business does ", 4)
	tests := []struct {
		name string
		v    slot.Values
		want string
	}{
		{"a name", slot.Values{slot.BusinessName: "Kraft", slot.Industry: "law"}, "For Kraft, mail usually"},
		{"a field", slot.Values{slot.Industry: "law", slot.PrimaryGoal: "More clients"}, "In the field of law, mail usually"},
		{"a goal", slot.Values{slot.PrimaryGoal: "More clients", slot.TargetAudience: "Families"}, `With the goal "More clients", mail usually`},
		{"an audience", slot.Values{slot.TargetAudience: "Families", slot.PageCount: "4"}, `For the audience "Families", mail usually`},
		{"a figure", slot.Values{slot.PageCount: "4", slot.BusinessDescription: "A law firm."}, "With 4 pages, mail usually"},
		{"any own words", slot.Values{slot.BusinessDescription: "A law firm."}, `With "A law firm" in mind, mail usually`},
		{"a whole sentence for a name", slot.Values{slot.BusinessName: long}, `For "a long description of what the business does a long description of what the business does…", mail usually`},
		{"an empty goal", slot.Values{slot.PrimaryGoal: "!!"}, "Mail usually"},
		{"nothing", slot.Values{}, "Mail usually"},
	}
	cat := defaultCatalog(t)
	for _, tt := range tests {
		v := maps.Clone(tt.v)
		v[slot.WantsOnlineSales] = "yes" // calls for mail by a sign alone
		got := find(t, recommend.Recommend(cat, v).Recommended, "email_marketing").Reasoning
		if !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: reasoning = %q, want it to start with %q", tt.name, got, tt.want)
		}
	}
}

// What counts as speaking of a thing: beginnings of words, in the client's
// words about the own business, and no refusals.
func TestWordSearch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		v    slot.Values
		want bool // whether a blog is relevant
	}{
		{"a plain word", slot.Values{slot.PrimaryGoal: "Start a blog"}, true},
		{"the beginning of a word", slot.Values{slot.PrimaryGoal: "Blogging about bread"}, true},
		{"capitals and punctuation", slot.Values{slot.PrimaryGoal: "Goal: (BLOG)!"}, true},
		{"the inside of a word", slot.Values{slot.PrimaryGoal: "A weblog of ships"}, false},
		{"two words with a hyphen", slot.Values{slot.PrimaryGoal: "Be a thought-leader"}, true},
		{"a refusal with need", slot.Values{slot.PrimaryGoal: "We do not need a blog"}, false},
		{"a refusal with want", slot.Values{slot.PrimaryGoal: "I don't want any blog"}, false},
		{"a refusal with without", slot.Values{slot.PrimaryGoal: "A site without a blog"}, false},
		{"a refusal of something else before", slot.Values{slot.PrimaryGoal: "We do not need a shop. A blog matters."}, true},
		{"competitors speak", slot.Values{slot.Competitors: "They all have a blog"}, false},
		{"the audience speaks", slot.Values{slot.TargetAudience: "People who read blogs"}, false},
		{"later phases speak", slot.Values{slot.FuturePhases: "a blog"}, false},
	}
	cat := defaultCatalog(t)
	for _, tt := range tests {
		if got := slices.Contains(recommend.Relevant(cat, tt.v), "blog_system"); got != tt.want {
			t.Errorf("%s: blog relevant = %v, want %v", tt.name, got, tt.want)
		}
	}
}

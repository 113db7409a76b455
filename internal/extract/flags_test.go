package extract_test

import (
	"testing"

	"applicreations.com/introspect/internal/slot"
)

// TestFlagWords says each flag in several ways, and then says what looks like
// it. An empty want means that nothing may be concluded.
func TestFlagWords(t *testing.T) {
	t.Parallel()
	for k, says := range map[slot.Key]map[string][]string{
		slot.RequiresScheduling: {
			"yes": {"appointments by phone", "booking a lesson", "scheduling is a pain", "reservations come by mail", "we keep a calendar", "they reserve a table"},
			"no":  {"no appointments needed", "we don't take bookings", "scheduling isn't required"},
			"":    {"we can't take bookings online", "an events calendar", "our content calendar", "schedule social posts", "my schedule is full", "a booked-out accountant's books", "our competitors take bookings"},
		},
		slot.AcceptsPayments: {
			"yes": {"sell online", "selling our prints online", "a shopping cart", "checkout", "online payments", "customers pay online", "deposits: we take deposits", "credit cards", "an online shop", "donations online"},
			"no":  {"no payments please", "we don't want a checkout"},
			"":    {"we don't have an online store yet", "payday", "they pay attention", "our rivals sell online"},
		},
		slot.HasMembers: {
			"yes": {"200 members", "the membership fee", "a subscription", "a member portal"},
			"no":  {"no members", "we don't have members", "we're without subscriptions"},
			"":    {"team members", "members of our team", "a family member", "board members decide", "we are members of a guild", "remembering", "the team has 5 members"},
		},
		slot.PublishesContent: {
			"yes": {"a blog about food", "we write articles", "club news", "a podcast", "our magazine"},
			"no":  {"no blog", "we don't want a podcast"},
			"":    {"good news", "we don't have a blog yet", "featured in a magazine", "newsworthy", "their competitor has a blog"},
		},
		slot.HasInventory: {
			"yes": {"our inventory", "we keep stock", "out of stock", "a warehouse", "200 SKUs", "physical products", "stock levels change"},
			"no":  {"no inventory", "we don't keep stock", "without a warehouse"},
			"":    {"stock photos", "the stock market", "stockings"},
		},
		slot.SimpleSite: {
			"yes": {"a simple website", "just a basic site", "nothing fancy", "keep it simple", "a one-page site", "a brochure site", "we don't need anything complicated"},
			"":    {"a website for small businesses", "the simple life", "not a simple website", "small business websites"},
		},
		slot.WantsOnlineSales: {
			"yes": {"we want to sell online", "I'd like an online store", "customers could buy our honey online", "online ordering", "we plan to start selling online"},
			"no":  {"we don't want an online store"},
			"":    {"online since 1999", "we sell at markets"},
		},
		slot.LosesSalesOffline: {
			"yes": {"we lose orders because we aren't online", "people can't buy online", "we miss bookings after hours", "we can't sell online"},
			"":    {"we sell online", "customers can buy online"},
		},
		slot.CompetitorsBookOnline: {
			"yes": {"our competitors let people book online", "the competition offers online scheduling", "Competitors are A and B, both with online booking"},
			"":    {"our competitors are slow", "we offer online booking"},
		},
		slot.TimezoneComplexity: {
			"yes": {"several time zones", "timezones are a mess", "clients all over the world", "customers in different countries"},
			"":    {"on time", "zone pricing"},
		},
		slot.WantsRepeatCustomers: {
			"yes": {"more repeat business", "keep them coming back", "customer loyalty matters", "a loyalty program", "clients should rebook", "returning guests"},
			"":    {"please repeat that", "come back to me"},
		},
		slot.BuildsAudience: {
			"yes": {"grow our audience", "build a community", "more subscribers", "new readers", "expand our following"},
			"":    {"our audience is old", "build a house"},
		},
		slot.SearchIsMainChannel: {
			"yes": {"most clients find us through Google", "people search for us", "found us on Google", "from search engines", "we want to rank first", "organic traffic"},
			"no":  {"people don't find us on Google"},
			"":    {"Google Ads", "Google Calendar", "we want more leads from Google", "job search"},
		},
		slot.LiveSupportWanted: {
			"yes": {"live chat", "a chat window", "real-time help", "answer questions live"},
			"no":  {"we don't want live chat", "no chat widget"},
			"":    {"live music", "let's chat"},
		},
		slot.ProductVariants: {
			"yes": {"many sizes", "different colors", "size and colour", "variants", "wholesale too"},
			"no":  {"no variants"},
			"":    {"all sizes of company", "color scheme"},
		},
		slot.ManualCalendar: {
			"yes": {"a paper diary", "an appointment book", "a wall calendar", "we schedule by phone", "appointments are kept in a notebook", "bookings by hand"},
			"":    {"made by hand", "a notebook", "by phone"},
		},
		slot.StockOuts: {
			"yes": {"often out of stock", "stock-outs", "we run out of sizes", "products run out"},
			"no":  {"never out of stock"},
			"":    {"we run out of time", "a run out of town"},
		},
		slot.WantsReminders: {
			"yes": {"reminders", "remind people the day before"},
			"no":  {"we don't want reminders", "no reminders"},
			"":    {"this reminds me", "the remainder"},
		},
		slot.WantsSelfService: {
			"yes": {"self-service", "a client login", "patient portal", "log in", "reschedule their own appointments", "manage their bookings"},
			"no":  {"no customer accounts"},
			"":    {"service", "we log everything"},
		},
		slot.MultipleLanguages: {
			"yes": {"bilingual", "in English and Spanish", "two languages", "a French version", "translated pages"},
			"no":  {"not bilingual", "we don't need several languages"},
			"":    {"a translation agency", "Italian restaurant", "Spanish lessons", "plain language"},
		},
		slot.RunsEvents: {
			"yes": {"we host events", "weekly workshops", "we run tastings", "an event calendar", "upcoming concerts"},
			"":    {"eventually", "in the event of rain"},
		},
		slot.SocialActive: {
			"yes": {"Instagram", "we're on TikTok", "social media", "followers"},
			"no":  {"no social media", "we aren't on Facebook"},
			"":    {"Facebook ads", "a social club"},
		},
		slot.ReportingNeed: {
			"yes": {"KPIs", "a dashboard", "monthly reports", "track our results", "analytics"},
			"no":  {"no reporting", "we don't need analytics"},
			"":    {"Google Analytics", "report to me", "a customer dashboard"},
		},
		slot.IsUrgent: {
			"yes": {"asap", "it's urgent", "we need it immediately", "we need it right away", "I needed the site yesterday", "as soon as possible please, the site is down"},
			"no":  {"no rush", "it's not urgent", "there is no hurry", "no fixed deadline"},
			"":    {"urgent care", "emergency repairs", "seen yesterday", "customers see it immediately", "a rush order"},
		},
	} {
		for want, texts := range says {
			for _, text := range texts {
				if got := hit(all(text, ""), k).Value; got != want {
					t.Errorf("All(%q) gives %s = %q, want %q", text, k, got, want)
				}
			}
		}
	}
}

func TestBoolAnswers(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{text: "yeah", asked: "hasMembers", slot: "hasMembers", want: "yes"},
		{text: "Definitely!", asked: "runsEvents", slot: "runsEvents", want: "yes"},
		{text: "no, not really", asked: "runsEvents", slot: "runsEvents", want: "no"},
		{text: "no", asked: "runsEvents,socialActive", slot: "runsEvents"},
		{text: "no", asked: "runsEvents,industry", slot: "runsEvents", want: "no"},
		{text: "yes we have twelve of them and more to come", asked: "runsEvents", slot: "runsEvents"},
		{text: "yes", asked: "industry", slot: "industry"},
		{text: "We host concerts, yes", asked: "runsEvents", slot: "runsEvents", want: "yes"},
	})
}

func TestFirmWordsBeatHedgedOnes(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{text: "Maybe reminders. Yes, we want reminders.", slot: "wantsReminders", want: "yes", quote: "reminders"},
		{text: "We don't need a blog, but we publish news.", slot: "publishesContent", want: "yes", quote: "news"},
		{text: "About 50 appointments a week, later maybe 80 appointments a week", slot: "appointmentsPerWeek", want: "50"},
		{text: "Later 80 appointments a week, now 50 appointments a week", slot: "appointmentsPerWeek", want: "50"},
		{text: "Perhaps HIPAA, GDPR for sure", slot: "complianceStated", want: "GDPR"},
	})
}

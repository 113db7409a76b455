package extract_test

import "testing"

// TestProjectWords reads what clients write about looks, media and upkeep, and
// leaves alone what only sounds like it. An empty want means nothing.
func TestProjectWords(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{text: "We want a clean, modern look.", asked: "", slot: "designStyle", want: "clean"},
		{text: "The site should feel warm and playful.", asked: "", slot: "designStyle", want: "playful"},
		{text: "Nothing corporate please, the look must stay rustic.", asked: "", slot: "designStyle", want: "rustic"},
		{text: "We teach modern dance.", asked: "", slot: "designStyle", want: ""},
		{text: "elegant and a bit bold", asked: "designStyle", slot: "designStyle", want: "elegant,bold"},
		{text: "An unusual layout would be nice.", asked: "", slot: "layoutStyle", want: "asymmetric"},
		{text: "a serif font", asked: "", slot: "typeFeel", want: "elegant"},
		{text: "We have a brand book.", asked: "", slot: "styleGuide", want: "yes"},
		{text: "There are no brand guidelines.", asked: "", slot: "styleGuide", want: "no"},
		{text: "We need a short video made for the home page.", asked: "", slot: "video", want: "creation"},
		{text: "We embed YouTube videos.", asked: "", slot: "video", want: "embed"},
		{text: "no videos", asked: "", slot: "video", want: "none"},
		{text: "We make video games.", asked: "", slot: "video", want: ""},
		{text: "I take the photos myself.", asked: "", slot: "photoApproach", want: "client"},
		{text: "We are photographers with our own photos studio.", asked: "", slot: "photoApproach", want: ""},
		{text: "Please hire a photographer.", asked: "", slot: "photoApproach", want: "custom"},
		{text: "stock photos are fine", asked: "", slot: "photoApproach", want: "stock"},
		{text: "Subtle animations are welcome.", asked: "", slot: "animation", want: "simple"},
		{text: "no animations", asked: "", slot: "animation", want: "none"},
		{text: "People download our price list as a PDF.", asked: "", slot: "downloads", want: "PDF files"},
		{text: "We run a podcast.", asked: "", slot: "audio", want: "podcast"},
		{text: "no music", asked: "", slot: "audio", want: "none"},
		{text: "Visitors should be able to book a table.", asked: "", slot: "visitorActions", want: "book"},
		{text: "Donors can give every month and parents must apply online.", asked: "", slot: "visitorActions", want: "donate,apply"},
		{text: "Patients call to schedule.", asked: "", slot: "visitorActions", want: ""},
		{text: "All our articles must be moved over.", asked: "", slot: "dataMigration", want: "pages"},
		{text: "We must move 300 articles to the new site.", asked: "", slot: "dataMigration", want: "pages"},
		{text: "Please import the customers and their orders.", asked: "", slot: "dataMigration", want: "records"},
		{text: "There is nothing to migrate.", asked: "", slot: "dataMigration", want: "none"},
		{text: "80% of our traffic is mobile.", asked: "", slot: "mobileImportance", want: "first"},
		{text: "We take bookings over the phone.", asked: "", slot: "mobileImportance", want: ""},
		{text: "It must work with a screen reader.", asked: "", slot: "accessibilityLevel", want: "wcag_aa"},
		{text: "We want 2FA for staff and an audit trail.", asked: "", slot: "securityNeeds", want: "two_factor,audit_log"},
		{text: "We update the menu every week.", asked: "", slot: "updateFrequency", want: "weekly"},
		{text: "Twice a month I'd change prices.", asked: "", slot: "updateFrequency", want: "monthly"},
		{text: "The texts rarely change, we hardly ever update them.", asked: "", slot: "updateFrequency", want: "almost_never"},
		{text: "a few times a year", asked: "updateFrequency", slot: "updateFrequency", want: "every_few_months"},
		{text: "We publish three articles a week.", asked: "", slot: "updateFrequency", want: ""},
		{text: "We want to edit everything ourselves.", asked: "", slot: "maintainer", want: "client"},
		{text: "You look after the site, please.", asked: "", slot: "maintainer", want: "agency"},
		{text: "me, once I've been shown", asked: "maintainer", slot: "maintainer", want: "training"},
		{text: "We offer personal training.", asked: "", slot: "trainingNeeds", want: ""},
		{text: "A short introduction would help.", asked: "", slot: "trainingNeeds", want: "basic"},
		{text: "no training needed", asked: "", slot: "trainingNeeds", want: "none"},
		{text: "Backups and security updates please.", asked: "", slot: "maintenancePlan", want: "backups,updates"},
		{text: "We'd want an answer within 4 hours.", asked: "", slot: "supportLevel", want: "priority"},
		{text: "The website must be available in English and Welsh.", asked: "", slot: "languages", want: "english,welsh"},
		{text: "We give French lessons on our website.", asked: "", slot: "languages", want: ""},
		{text: "German and Turkish", asked: "languages", slot: "languages", want: "german,turkish"},
		{text: "Find us at 12 Mill Lane, Leeds.", asked: "", slot: "postalAddress", want: "12 Mill Lane"},
		{text: "We have 12 people on the team.", asked: "", slot: "postalAddress", want: ""},
		{text: "blue buttons", asked: "", slot: "accentColor", want: "blue"},
		{text: "The decision is made by the board.", asked: "", slot: "decisionMakers", want: "decision is made by the board"},
	})
}

// TestPlainSpeech reads figures, dates and tools as people say them.
func TestPlainSpeech(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{text: "14 dogs a day, five days a week", asked: "appointmentsPerWeek", slot: "appointmentsPerWeek", want: "70"},
		{text: "14 dogs a day", asked: "appointmentsPerWeek", slot: "appointmentsPerWeek", want: ""}, // of how many days?
		{text: "40 grooms per week, 8 hrs a week of messages", asked: "appointmentsPerWeek,hoursPerWeekOnTask", slot: "appointmentsPerWeek", want: "40"},
		{text: "8 hrs a week of messages", asked: "appointmentsPerWeek,hoursPerWeekOnTask", slot: "appointmentsPerWeek", want: ""},
		{text: "55 quid a pop", asked: "averageAppointmentValue", slot: "averageAppointmentValue", want: "5500"},
		{text: "three and a half grand", asked: "budgetText", slot: "budgetMax", want: "350000"},
		{text: "maybe 25 orders a month", asked: "", slot: "monthlyOrders", want: "25"},
		{text: "We get 25 orders a month through Instagram.", asked: "", slot: "monthlyAdSpend", want: ""},
		{text: "We sell soaps, about 60 different bars.", asked: "", slot: "productsToSell", want: "60"},
		{text: "before the spring rush, so end of March latest", asked: "launchText", slot: "launchDate", want: "2027-03-31"},
		{text: "whenever, just not in August", asked: "launchText", slot: "launchDate", want: ""},
		{text: "Live in time for Mothering Sunday", asked: "launchText", slot: "launchDate", want: "2027-03-07"},
		{text: "Timeline: launch no later than 1 September 2027.", asked: "", slot: "launchDate", want: "2027-09-01"},
		{text: "about 5 thousand people visit the blog every month", asked: "", slot: "monthlyVisitors", want: "5000"},
		{text: "We lose 4% of members per month, dues are $20 a month.", asked: "", slot: "churnRate", want: "0.04"},
		{text: "we don't have any of that", asked: "currentTools,integrations", slot: "integrations", want: "none"},
		{text: "we don't have any of that", asked: "currentTools,integrations", slot: "avoid", want: ""},
		{text: "Colours are forest green; we hate pink.", asked: "brandColors", slot: "brandColors", want: "forest green"},
		{text: "The look should be calm, with a bit of sage green.", asked: "", slot: "colorPreferences", want: "sage green"},
		{text: "It must integrate with our booking program Symitar.", asked: "", slot: "integrations", want: "Symitar"},
		{text: "It should sync with Xero. Members are happy.", asked: "", slot: "integrations", want: "Xero"},
		{text: "We're GDPR exposed.", asked: "", slot: "businessName", want: ""},
	})
}

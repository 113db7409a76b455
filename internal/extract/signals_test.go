package extract_test

import "testing"

func TestSignals(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{text: "Clients call to book an appointment.", slot: "requiresScheduling", want: "yes"},
		{text: "We don't need appointments, people walk in.", slot: "requiresScheduling", want: "no"},
		{text: "We don't have a booking system.", slot: "requiresScheduling"},
		{text: "Appointments are not needed.", slot: "requiresScheduling", want: "no"},
		{text: "We want an event calendar.", slot: "requiresScheduling"},
		{text: "Our bookkeeping is done elsewhere.", slot: "requiresScheduling"},
		{text: "We'd like to sell online.", slot: "acceptsPayments", want: "yes"},
		{text: "We don't sell online yet.", slot: "acceptsPayments"},
		{text: "No payments on the site.", slot: "acceptsPayments", want: "no"},
		{text: "We have 120 members.", slot: "hasMembers", want: "yes"},
		{text: "Our staff members are great.", slot: "hasMembers"},
		{text: "We have no members.", slot: "hasMembers", want: "no"},
		{text: "There is a weekly podcast.", slot: "publishesContent", want: "yes"},
		{text: "We do not want a blog.", slot: "publishesContent", want: "no"},
		{text: "No blog, newsletter or chat please.", slot: "liveSupportWanted"},
		{text: "That's good news.", slot: "publishesContent"},
		{text: "We track inventory in a spreadsheet.", slot: "hasInventory", want: "yes"},
		{text: "We keep no stock.", slot: "hasInventory", want: "no"},
		{text: "No inventory here.", slot: "hasInventory", want: "no"},
		{text: "Stock photos are fine.", slot: "hasInventory"},
		{text: "Just a simple website, nothing fancy.", slot: "simpleSite", want: "yes"},
		{text: "A website for small business owners", slot: "simpleSite"},
		{text: "We want to sell our prints online.", slot: "wantsOnlineSales", want: "yes"},
		{text: "We lose sales because we have no online store.", slot: "losesSalesOffline", want: "yes"},
		{text: "All our competitors offer online booking.", slot: "competitorsBookOnline", want: "yes"},
		{text: "Clients are in different time zones.", slot: "timezoneComplexity", want: "yes"},
		{text: "We want more repeat customers.", slot: "wantsRepeatCustomers", want: "yes"},
		{text: "The goal is to grow my audience.", slot: "buildsAudience", want: "yes"},
		{text: "Most people find us on Google.", slot: "searchIsMainChannel", want: "yes"},
		{text: "We run Google Ads.", slot: "searchIsMainChannel"},
		{text: "A live chat would help.", slot: "liveSupportWanted", want: "yes"},
		{text: "We don't need live chat.", slot: "liveSupportWanted", want: "no"},
		{text: "Shirts come in different sizes.", slot: "productVariants", want: "yes"},
		{text: "Everything is in a paper book by the phone, appointments too.", slot: "manualCalendar", want: "yes"},
		{text: "We are often out of stock.", slot: "stockOuts", want: "yes"},
		{text: "We're never out of stock.", slot: "stockOuts", want: "no"},
		{text: "Better reminders would be nice.", slot: "wantsReminders", want: "yes"},
		{text: "Clients want to cancel their appointments themselves.", slot: "wantsSelfService", want: "yes"},
		{text: "A client login would save time.", slot: "wantsSelfService", want: "yes"},
		{text: "The site must be in English and Spanish.", slot: "multipleLanguages", want: "yes"},
		{text: "We're a translation agency.", slot: "multipleLanguages"},
		{text: "We host workshops every month.", slot: "runsEvents", want: "yes"},
		{text: "We're very active on Instagram.", slot: "socialActive", want: "yes"},
		{text: "We are not on Facebook.", slot: "socialActive", want: "no"},
		{text: "The board wants monthly reports.", slot: "reportingNeed", want: "yes"},
		{text: "Maybe a live chat later.", slot: "liveSupportWanted", want: "yes", hedged: true},
		{text: "We may eventually add reminders.", slot: "wantsReminders", want: "yes", hedged: true},
		{text: "Not sure if we need reminders", slot: "wantsReminders", want: "yes", hedged: true},
		{text: "Deliver it no later than May, with reminders", slot: "wantsReminders", want: "yes"},
		{text: "Yes", asked: "hasInventory", slot: "hasInventory", want: "yes"},
		{text: "nope", asked: "hasInventory", slot: "hasInventory", want: "no"},
		{text: "Yes", slot: "hasInventory"},
	})
}

func TestPainPoints(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{text: "Too many no-shows.", slot: "painPoints", want: "no_shows"},
		{text: "no show problems", slot: "painPoints", want: "no_shows"},
		{text: "Noshows hurt us", slot: "painPoints", want: "no_shows"},
		{text: "people don't show up", slot: "painPoints", want: "no_shows"},
		{text: "We get double-booked and it's all by hand.", slot: "painPoints", want: "double_booking,manual_process"},
		{text: "Answering the phone takes too much time.", slot: "painPoints", want: "time_consuming"},
		{text: "The process is clunky and we are losing customers.", slot: "painPoints", want: "inefficient,losing_customers"},
		{text: "Our site looks outdated.", slot: "painPoints", want: "outdated_site"},
		{text: "We have no double-booking.", slot: "painPoints"},
		{text: "We show our work in a gallery.", slot: "painPoints"},
	})
}

func TestCompliance(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{text: "We must be HIPAA compliant.", slot: "complianceRequirements", want: "HIPAA"},
		{text: "We must be HIPAA compliant.", slot: "complianceStated", want: "HIPAA"},
		{text: "The forms hold patient data.", slot: "complianceRequirements", want: "HIPAA", hedged: true},
		{text: "The forms hold patient data.", slot: "complianceStated"},
		{text: "We handle PHI.", slot: "complianceRequirements", want: "HIPAA"},
		{text: "Phi is a Greek letter.", slot: "complianceRequirements"},
		{text: "PCI-DSS and GDPR", slot: "complianceRequirements", want: "PCI-DSS,GDPR"},
		{text: "Some European customers buy from us.", slot: "complianceRequirements", want: "GDPR"},
		{text: "We're a public school.", slot: "complianceRequirements", want: "ADA"},
		{text: "We're a public school.", slot: "complianceStated"},
		{text: "It has to be ADA compliant.", slot: "complianceStated", want: "ADA"},
		{text: "Ada runs our front desk.", slot: "complianceRequirements"},
		{text: "WCAG AA please", slot: "complianceStated", want: "ADA"},
		{text: "We like the old school look.", slot: "complianceRequirements"},
		{text: "HIPAA does not matter; we don't need HIPAA.", slot: "complianceStated", want: "HIPAA"},
		{text: "We don't need GDPR or HIPAA.", slot: "complianceRequirements"},
		{text: "scholarships and universities' lipids", slot: "complianceStated"},
		{text: "none", asked: "complianceRequirements", slot: "complianceRequirements", want: "none"},
		{text: "None of these", asked: "complianceRequirements", slot: "complianceRequirements", want: "none"},
	})
}

func TestFeatures(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{text: "We need online booking and text reminders.", slot: "mustHaves", want: "appointment_scheduling,sms_notifications"},
		{text: "Guests should reserve a table online.", slot: "mustHaves", want: "booking_system"},
		{text: "An online store with credit card payments", slot: "mustHaves", want: "ecommerce_basic,payment_processing"},
		{text: "A newsletter, a blog and better SEO", slot: "mustHaves", want: "newsletter,blog_system,seo_package"},
		{text: "A member area and a client portal", slot: "mustHaves", want: "membership_portal,customer_portal"},
		{text: "live chat, an intake form and an events calendar", slot: "mustHaves", want: "live_chat,custom_forms,event_calendar"},
		{text: "It must connect to Salesforce.", slot: "mustHaves", want: "api_integration"},
		{text: "Show our Instagram feed, and track stock.", slot: "mustHaves", want: "social_media_integration,inventory_management"},
		{text: "An English and Spanish version", slot: "mustHaves", want: "multilingual"},
		{text: "email campaigns and an analytics dashboard", slot: "mustHaves", want: "email_marketing,analytics_dashboard"},
		{text: "No blog, newsletter or chat.", slot: "mustHaves"},
		{text: "We need booking online, and maybe a blog later.", slot: "mustHaves", want: "appointment_scheduling"},
		{text: "Maybe a blog later.", slot: "mustHaves", want: "blog_system", hedged: true},
		{text: "payments, forms", asked: "mustHaves", slot: "mustHaves", want: "payment_processing,custom_forms"},
		{text: "payments, forms", slot: "mustHaves"},
		{text: "Stock photos will do.", slot: "mustHaves"},
	})
}

func TestTools(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{text: "We use Square and Mailchimp today.", slot: "currentTools", want: "Square,Mailchimp"},
		{text: "Everything runs on wordpress", slot: "currentTools", want: "WordPress"},
		{text: "It must sync with QuickBooks.", slot: "integrations", want: "QuickBooks"},
		{text: "It must sync with QuickBooks.", slot: "currentTools"},
		{text: "HubSpot and Zapier", asked: "integrations", slot: "integrations", want: "HubSpot,Zapier"},
		{text: "Google Calendar", asked: "currentTools", slot: "currentTools", want: "Google Calendar"},
		{text: "We have 900 square feet.", slot: "currentTools"},
		{text: "The shop is on Times Square.", slot: "currentTools"},
		{text: "We have some slack in summer.", slot: "currentTools"},
		{text: "Slack and Notion for the team", slot: "currentTools", want: "Slack,Notion"},
		{text: "We list on booking.com and Airbnb.", slot: "currentTools", want: "Booking.com,Airbnb"},
		{text: "none", asked: "currentTools", slot: "currentTools", want: "none"},
	})
}

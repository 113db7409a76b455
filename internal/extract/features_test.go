package extract_test

import "testing"

// TestFeatureWords names each feature of the catalog in the words of clients.
func TestFeatureWords(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, want string }{
		{"online scheduling", "appointment_scheduling"},
		{"Clients should book sessions online", "appointment_scheduling"},
		{"an appointment calendar", "appointment_scheduling"},
		{"self booking", "appointment_scheduling"},
		{"a booking tool", "appointment_scheduling"},
		{"online reservations for our tables", "booking_system"},
		{"a reservation system", "booking_system"},
		{"room booking", "booking_system"},
		{"an availability calendar for the cabins", "booking_system"},
		{"a web shop", "ecommerce_basic"},
		{"webshop", "ecommerce_basic"},
		{"e-commerce", "ecommerce_basic"},
		{"a shopping cart", "ecommerce_basic"},
		{"let people order online", "ecommerce_basic"},
		{"online payments", "payment_processing"},
		{"take deposits", "payment_processing"},
		{"accept donations", "payment_processing"},
		{"pay online", "payment_processing"},
		{"a payment gateway", "payment_processing"},
		{"SMS", "sms_notifications"},
		{"text reminders", "sms_notifications"},
		{"text message confirmations", "sms_notifications"},
		{"e-mail marketing", "email_marketing"},
		{"email campaigns", "email_marketing"},
		{"a mailing list", "email_marketing"},
		{"a newsletter", "newsletter"},
		{"a blog", "blog_system"},
		{"a news section", "blog_system"},
		{"publish articles", "blog_system"},
		{"SEO", "seo_package"},
		{"search engine optimization", "seo_package"},
		{"rank higher on Google", "seo_package"},
		{"a members area", "membership_portal"},
		{"members-only content", "membership_portal"},
		{"a paywall", "membership_portal"},
		{"recurring billing", "membership_portal"},
		{"a client portal", "customer_portal"},
		{"customer login", "customer_portal"},
		{"secure documents", "customer_portal"},
		{"live chat", "live_chat"},
		{"a chat widget", "live_chat"},
		{"a chatbot", "live_chat"},
		{"an analytics dashboard", "analytics_dashboard"},
		{"KPI tracking", "analytics_dashboard"},
		{"API integration", "api_integration"},
		{"integrate with Salesforce", "api_integration"},
		{"a CRM integration", "api_integration"},
		{"sync our stock to Shopify", "api_integration"},
		{"a contact form", "custom_forms"},
		{"quote requests", "custom_forms"},
		{"an online application", "custom_forms"},
		{"surveys", "custom_forms"},
		{"an event calendar", "event_calendar"},
		{"a calendar of events", "event_calendar"},
		{"RSVPs", "event_calendar"},
		{"multilingual", "multilingual"},
		{"a Spanish version", "multilingual"},
		{"two languages", "multilingual"},
		{"an Instagram feed", "social_media_integration"},
		{"social media links", "social_media_integration"},
		{"inventory management", "inventory_management"},
		{"stock tracking", "inventory_management"},
		// Nothing of that.
		{"a clean look", ""},
		{"no newsletter", ""},
		{"we don't need a blog", ""},
		{"without live chat", ""},
		{"a blog is not needed", ""},
		{"our competitors have a blog", ""},
		{"chatting with friends", ""},
		{"blogosphere", ""},
		{"transform", ""},
		{"the store is on Main Street", ""},
	} {
		if got := hit(all(tc.text, ""), "mustHaves").Value; got != tc.want {
			t.Errorf("All(%q) gives mustHaves = %q, want %q", tc.text, got, tc.want)
		}
	}
}

func TestAskedFeaturesMayBeTerse(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, want string }{
		{"booking", "appointment_scheduling"},
		{"reservations", "booking_system"},
		{"shop, checkout", "ecommerce_basic,payment_processing"},
		{"donate", "payment_processing"},
		{"a form", "custom_forms"},
		{"events", "event_calendar"},
		{"chat", "live_chat"},
		{"reports", "analytics_dashboard"},
		{"reminders", "sms_notifications"},
		{"inventory", "inventory_management"},
		{"nothing", "none"},
		{"something nice", ""},
	} {
		if got := hit(all(tc.text, "mustHaves"), "mustHaves").Value; got != tc.want {
			t.Errorf("All(%q, asked mustHaves) gives mustHaves = %q, want %q", tc.text, got, tc.want)
		}
	}
}

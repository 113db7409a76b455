package recommend_test

import (
	"strings"
	"testing"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// TestDetailsCount shows for every list of details that ticking it changes what
// is recommended, and what the reason then says.
func TestDetailsCount(t *testing.T) {
	t.Parallel()
	service := slot.Values{
		slot.BusinessName: "Studio Ten", slot.BusinessModel: "service", slot.ServiceSubtype: "appointment",
		slot.AppointmentsPerWeek: "8", slot.ComplianceRequirements: "none",
	}
	shop := slot.Values{slot.BusinessName: "Wool", slot.BusinessModel: "product", slot.ProductsToSell: "12", slot.ComplianceRequirements: "none"}
	cause := slot.Values{slot.BusinessName: "River Trust", slot.BusinessModel: "service", slot.ComplianceRequirements: "none", slot.WebsiteType: "nonprofit"}
	magazine := slot.Values{slot.BusinessName: "Field Notes", slot.ComplianceRequirements: "none"}
	for _, tc := range []struct {
		name          string
		v             slot.Values
		key           slot.Key
		options       string
		feature       catalog.FeatureID
		before, after recommend.Priority
		says          string
	}{
		{"text messages call for SMS", service, slot.Notifications, "text_message", "sms_notifications", recommend.NiceToHave, recommend.Essential, "by text"},
		{"reminders call for SMS", service, slot.Notifications, "reminder", "sms_notifications", recommend.NiceToHave, recommend.Essential, "Reminders"},
		{"text messages of a shop call for SMS", shop, slot.Notifications, "text_message", "sms_notifications", "", recommend.Essential, "by text"},
		{"reminders of a shop do not", shop, slot.Notifications, "reminder", "sms_notifications", "", "", ""},
		{"follow-ups call for mail", service, slot.Notifications, "follow_up", "email_marketing", "", recommend.HighlyRecommended, "after a visit"},
		{"a newsletter among the messages calls for the newsletter", service, slot.Notifications, "newsletter", "newsletter", "", recommend.HighlyRecommended, "newsletter"},
		{"deposits call for payment", service, slot.BookingDetails, "deposit", "payment_processing", "", recommend.HighlyRecommended, "deposits"},
		{"packages call for payment", service, slot.BookingDetails, "packages", "payment_processing", "", recommend.HighlyRecommended, "packages"},
		{"a choice of staff does not", service, slot.BookingDetails, "choose_staff", "payment_processing", "", "", ""},
		{"an intake form calls for forms", service, slot.BookingDetails, "intake_form", "custom_forms", "", recommend.HighlyRecommended, "before the visit"},
		{"checkout details call for a shop", magazine, slot.CheckoutDetails, "guest_checkout", "ecommerce_basic", "", recommend.NiceToHave, "ordering and delivery"},
		{"delivery calls for a shop", magazine, slot.DeliveryOptions, "shipping", "ecommerce_basic", "", recommend.NiceToHave, "ordering and delivery"},
		{"recurring gifts call for payment", cause, slot.GivingDetails, "recurring", "payment_processing", "", recommend.Essential, "again and again"},
		{"single gifts call for payment", cause, slot.GivingDetails, "one_off", "payment_processing", "", recommend.Essential, "donate"},
		{"impact stories do not", cause, slot.GivingDetails, "impact_stories", "payment_processing", "", "", ""},
		{"volunteers call for a form", cause, slot.GivingDetails, "volunteer_form", "custom_forms", "", recommend.HighlyRecommended, "olunteers"},
		{"a newsletter box calls for the newsletter", service, slot.ArticleDetails, "newsletter_box", "newsletter", "", recommend.HighlyRecommended, "newsletter"},
		{"charts call for a dashboard", service, slot.ToolDetails, "charts", "analytics_dashboard", "", recommend.HighlyRecommended, "charts"},
		{"a dashboard is at least nice to have", service, slot.ToolDetails, "dashboard", "analytics_dashboard", "", recommend.NiceToHave, "part of the tool"},
		{"a login calls for a portal", service, slot.ToolDetails, "login", "customer_portal", "", recommend.HighlyRecommended, "account"},
		{"accounts call for a portal", service, slot.VisitorAccounts, "profile", "customer_portal", "", recommend.HighlyRecommended, "account"},
		{"accounts of a shop do not", shop, slot.VisitorAccounts, "order_history", "customer_portal", "", "", ""},
		{"no accounts do not", service, slot.VisitorAccounts, "none", "customer_portal", "", "", ""},
		{"tiers call for a members' area", magazine, slot.MemberDetails, "tiers", "membership_portal", "", recommend.Essential, "levels"},
		{"members' content calls for a members' area", magazine, slot.MemberDetails, "member_content", "membership_portal", "", recommend.Essential, "members only"},
		{"a directory makes it nice to have", magazine, slot.MemberDetails, "directory", "membership_portal", "", recommend.NiceToHave, "of their own"},
		{"two languages call for a multilingual site", service, slot.Languages, "english,spanish", "multilingual", "", recommend.HighlyRecommended, "English and Spanish"},
		{"one language does not", service, slot.Languages, "english", "multilingual", "", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got, _ := card(t, tc.v, tc.feature); got != tc.before {
				t.Errorf("priority of %s without details = %q, want %q", tc.feature, got, tc.before)
			}
			got, reason := card(t, with(tc.v, slot.Values{tc.key: tc.options}), tc.feature)
			if got != tc.after {
				t.Errorf("priority of %s with %s %s = %q, want %q", tc.feature, tc.key, tc.options, got, tc.after)
			}
			if !strings.Contains(reason, tc.says) {
				t.Errorf("reasoning of %s = %q, want %q in it", tc.feature, reason, tc.says)
			}
		})
	}
}

// TestRefusalsCount shows that an explicit no rules a feature out.
func TestRefusalsCount(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		v       slot.Values
		feature catalog.FeatureID
	}{
		{"no scheduling wanted", slot.Values{slot.BusinessModel: "service", slot.ServiceSubtype: "appointment", slot.RequiresScheduling: "no"}, "appointment_scheduling"},
		{"no reservations wanted", slot.Values{slot.BusinessModel: "service", slot.ServiceSubtype: "reservation", slot.RequiresScheduling: "no"}, "booking_system"},
		{"no sales online", slot.Values{slot.BusinessModel: "product", slot.ProductsToSell: "20", slot.WantsOnlineSales: "no"}, "ecommerce_basic"},
		{"no members", slot.Values{slot.BusinessModel: "membership", slot.HasMembers: "no"}, "membership_portal"},
		{"visitors who only look and write do not book", slot.Values{slot.BusinessModel: "service", slot.ServiceSubtype: "appointment", slot.VisitorActions: "portfolio,contact"}, "appointment_scheduling"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got, _ := card(t, tc.v, tc.feature); got != "" {
				t.Errorf("priority of %s = %q, want none", tc.feature, got)
			}
		})
	}
}

// card is the priority and the reasoning of a feature on the screen.
func card(tb testing.TB, v slot.Values, id catalog.FeatureID) (recommend.Priority, string) {
	tb.Helper()
	for _, it := range recommend.Recommend(defaultCatalog(tb), v).Recommended {
		if it.Feature == id {
			return it.Priority, it.Reasoning
		}
	}
	return "", ""
}

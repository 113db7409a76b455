package recommend_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// salon is the worked case of DOMAIN 5.4.
func salon() slot.Values {
	return slot.Values{
		slot.BusinessName: "Studio Moreau", slot.BusinessModel: "service", slot.ServiceSubtype: "appointment", slot.Industry: "hair salon",
		slot.PrimaryGoal:    "We want to fill the calendar without the phone. 30 online bookings a week!",
		slot.TargetAudience: "Women aged 25 to 55 in Portland who work during the day and need to book a reliable appointment in the evening.",
		slot.PainPoints:     "no-show,phone calls in the evening", slot.VisitorActions: "contact,learn,book",
		slot.AppointmentsPerWeek: "50", slot.AverageAppointmentValue: "8500", slot.CurrentNoShowRate: "0.18", slot.HoursPerWeekOnTask: "12",
		slot.ManualCalendar: "yes", slot.WantsRepeatCustomers: "yes", slot.BudgetMin: "400000", slot.BudgetMax: "500000", slot.LaunchWeeks: "6",
		slot.ComplianceRequirements: "none",
	}
}

// rows writes what is recommended as "priority feature annual payback".
func rows(r recommend.Recommendation) []string {
	var out []string
	for _, i := range r.Recommended {
		row := string(i.Priority) + " " + string(i.Feature)
		if i.ROI != nil {
			row += fmt.Sprintf(" %v %s", i.ROI.Annual, i.ROI.Payback)
		}
		out = append(out, row)
	}
	return out
}

func find(tb testing.TB, items []recommend.Item, id catalog.FeatureID) recommend.Item {
	tb.Helper()
	i := slices.IndexFunc(items, func(i recommend.Item) bool { return i.Feature == id })
	if i < 0 {
		tb.Fatalf("%s is not on the list", id)
	}
	return items[i]
}

func TestSalon(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	r := recommend.Recommend(cat, salon())
	want := []string{
		"essential appointment_scheduling $28,730 2 weeks",
		"essential sms_notifications $4,381 4 weeks",
		"highly_recommended email_marketing",
		"highly_recommended payment_processing",
		"nice_to_have social_media_integration",
		"nice_to_have customer_portal",
	}
	if diff := cmp.Diff(want, rows(r)); diff != "" {
		t.Errorf("Recommend(salon) mismatch (-want +got):\n%s", diff)
	}
	if r.Package != catalog.Professional || r.Minimum != catalog.Professional {
		t.Errorf("Recommend(salon) package = %s, minimum %s, want professional", r.Package, r.Minimum)
	}
	if len(r.Included) != 14 {
		t.Errorf("Recommend(salon) includes %d things, want the 14 of professional", len(r.Included))
	}
	wantText := "50 appointments a week no longer fit well into phone calls and a paper book. " +
		"At 18% no-shows, 9 of 50 appointments are lost each week, which is $39,780 a year. " +
		"Clients book a free time themselves at any hour, which takes calls off the phone and makes missed appointments rarer. " +
		"Calculated with the known figures, that is worth $28,730 annually. It can free up to 624 hours a year."
	if diff := cmp.Diff(wantText, r.Recommended[0].Reasoning); diff != "" {
		t.Errorf("reasoning of scheduling mismatch (-want +got):\n%s", diff)
	}
	if r.Recommended[0].ROI.HoursPerYear != 624 {
		t.Errorf("hours of scheduling = %v, want 624", r.Recommended[0].ROI.HoursPerYear)
	}
	wantSummary := `The website is for Studio Moreau, a service business (hair salon). ` +
		`The goal is "fill the calendar without the phone; 30 online bookings a week", and the audience is ` +
		`"Women aged 25 to 55 in Portland who work during the day and need to book a reliable…". ` +
		`Known figures: 50 appointments a week, $85 per visit, 18% no-shows and 12 hours of manual work a week.`
	if diff := cmp.Diff(wantSummary, r.ContextSummary); diff != "" {
		t.Errorf("summary mismatch (-want +got):\n%s", diff)
	}
	if !strings.Contains(r.PackageRationale, "4 add-on features") || !strings.HasPrefix(r.PackageRationale, "Professional fits") {
		t.Errorf("rationale = %q, want it to name the 4 add-on features", r.PackageRationale)
	}
	if !strings.Contains(r.BudgetNote, "$6,400") || !strings.Contains(r.BudgetNote, "$5,000") {
		t.Errorf("budget note = %q, want $6,400 against $5,000", r.BudgetNote)
	}
	annual, _ := recommend.Value(cat, salon(), ids("appointment_scheduling", "sms_notifications", "email_marketing", "payment_processing"))
	if text, _ := recommend.Payback(640000, annual); annual != 3311100 || text != "2.3 months" {
		t.Errorf("value of the four features = %v, payback %s, want $33,111, 2.3 months", annual, text)
	}
}

func TestSalonVariants(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	tests := []struct {
		name string
		more slot.Values
		want string // one row that must be there
	}{
		{"an hourly rate shortens the payback", slot.Values{slot.HourlyRate: "2500"}, "essential appointment_scheduling $44,330 under one week"},
		{"200 contacts make mail a figure", slot.Values{slot.CustomerBase: "200"}, "highly_recommended email_marketing $4,080 1.2 months"},
		{"payment on the must-haves is essential", slot.Values{slot.MustHaves: "payment_processing"}, "essential payment_processing"},
		{"a portal the client names is highly recommended", slot.Values{slot.MustHaves: "client login"}, "highly_recommended customer_portal $0 "},
		{"requests for self-service raise the portal", slot.Values{slot.WantsSelfService: "yes"}, "highly_recommended customer_portal"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := rows(recommend.Recommend(cat, with(salon(), tt.more)))
			if !slices.ContainsFunc(got, func(row string) bool { return strings.HasPrefix(row, strings.TrimSuffix(tt.want, " $0 ")) }) {
				t.Errorf("Recommend(salon with %v) = %q, want a row %q", tt.more, got, tt.want)
			}
		})
	}
	if note := recommend.Recommend(cat, with(salon(), slot.Values{slot.BudgetMax: "640000"})).BudgetNote; note != "" {
		t.Errorf("budget note at exactly the total = %q, want none", note)
	}
}

func TestThresholds(t *testing.T) {
	t.Parallel()
	service := slot.Values{slot.BusinessName: "Kraft Law", slot.BusinessModel: "service", slot.ServiceSubtype: "appointment", slot.ComplianceRequirements: "none"}
	table := with(service, slot.Values{slot.ServiceSubtype: "reservation"})
	shop := slot.Values{slot.BusinessName: "Wool & Co", slot.BusinessModel: "product", slot.ComplianceRequirements: "none"}
	hybrid := with(shop, slot.Values{slot.BusinessModel: "hybrid"})
	publisher := slot.Values{slot.BusinessName: "Green Fork", slot.BusinessModel: "content"}
	tests := []struct {
		name    string
		v       slot.Values
		feature catalog.FeatureID
		want    recommend.Priority // "" when it is not recommended by a rule
	}{
		{"4 appointments a week need no scheduling", with(service, slot.Values{slot.AppointmentsPerWeek: "4"}), "appointment_scheduling", ""},
		{"5 appointments a week make scheduling worth while", with(service, slot.Values{slot.AppointmentsPerWeek: "5"}), "appointment_scheduling", recommend.HighlyRecommended},
		{"15 are still highly recommended", with(service, slot.Values{slot.AppointmentsPerWeek: "15"}), "appointment_scheduling", recommend.HighlyRecommended},
		{"16 are essential", with(service, slot.Values{slot.AppointmentsPerWeek: "16"}), "appointment_scheduling", recommend.Essential},
		{"an unknown volume is nice to have", service, "appointment_scheduling", recommend.NiceToHave},
		{"a no-show rate of 10 % is not enough", with(service, slot.Values{slot.CurrentNoShowRate: "0.1"}), "appointment_scheduling", recommend.NiceToHave},
		{"11 % are essential", with(service, slot.Values{slot.CurrentNoShowRate: "0.11"}), "appointment_scheduling", recommend.Essential},
		{"competitors who book online make it essential", with(service, slot.Values{slot.CompetitorsBookOnline: "yes"}), "appointment_scheduling", recommend.Essential},
		{"time zones make it highly recommended", with(service, slot.Values{slot.TimezoneComplexity: "yes"}), "appointment_scheduling", recommend.HighlyRecommended},
		{"half of the revenue from few visits is the core", with(service, slot.Values{slot.AppointmentsPerWeek: "5", slot.AverageAppointmentValue: "20000", slot.AnnualRevenue: "10400000"}), "appointment_scheduling", recommend.Essential},
		{"less than half is not", with(service, slot.Values{slot.AppointmentsPerWeek: "5", slot.AverageAppointmentValue: "20000", slot.AnnualRevenue: "10400100"}), "appointment_scheduling", recommend.HighlyRecommended},
		{"a shop has no appointments", shop, "appointment_scheduling", ""},
		{"reservations are not scheduled", with(table, slot.Values{slot.BookingsPerWeek: "30"}), "appointment_scheduling", ""},
		{"9 reservations are nice to have", with(table, slot.Values{slot.BookingsPerWeek: "9"}), "booking_system", recommend.NiceToHave},
		{"10 reservations are highly recommended", with(table, slot.Values{slot.BookingsPerWeek: "10"}), "booking_system", recommend.HighlyRecommended},
		{"20 still are", with(table, slot.Values{slot.BookingsPerWeek: "20"}), "booking_system", recommend.HighlyRecommended},
		{"21 are essential", with(table, slot.Values{slot.BookingsPerWeek: "21"}), "booking_system", recommend.Essential},
		{"a loss above $10,000 is essential", with(table, slot.Values{slot.BookingsPerWeek: "9", slot.AverageAppointmentValue: "50000", slot.CurrentNoShowRate: "0.10"}), "booking_system", recommend.Essential},
		{"SMS at 7 % no-shows is nice", with(service, slot.Values{slot.CurrentNoShowRate: "0.07"}), "sms_notifications", recommend.NiceToHave},
		{"SMS at 8 % is highly recommended", with(service, slot.Values{slot.CurrentNoShowRate: "0.08"}), "sms_notifications", recommend.HighlyRecommended},
		{"SMS at 15 % still is", with(service, slot.Values{slot.CurrentNoShowRate: "0.15"}), "sms_notifications", recommend.HighlyRecommended},
		{"SMS at 16 % is essential", with(service, slot.Values{slot.CurrentNoShowRate: "0.16"}), "sms_notifications", recommend.Essential},
		{"reminders that are wanted make SMS essential", with(service, slot.Values{slot.WantsReminders: "yes"}), "sms_notifications", recommend.Essential},
		{"a shop that delivers can use SMS", with(shop, slot.Values{slot.BusinessDescription: "Flowers, delivered by courier."}), "sms_notifications", recommend.NiceToHave},
		{"a shop without deliveries cannot", shop, "sms_notifications", ""},
		{"deposits are highly recommended", with(service, slot.Values{slot.CurrentNoShowRate: "0.06"}), "payment_processing", recommend.HighlyRecommended},
		{"no-shows at the target need no deposits", with(service, slot.Values{slot.CurrentNoShowRate: "0.05"}), "payment_processing", ""},
		{"buying on the site makes payment essential", with(service, slot.Values{slot.VisitorActions: "buy"}), "payment_processing", recommend.Essential},
		{"payments somewhere make it relevant", with(service, slot.Values{slot.AcceptsPayments: "yes"}), "payment_processing", recommend.NiceToHave},
		{"PayPal today makes it highly recommended", with(service, slot.Values{slot.CurrentTools: "Excel,PayPal"}), "payment_processing", recommend.HighlyRecommended},
		{"payment comes with a shop", with(shop, slot.Values{slot.MustHaves: "payment_processing"}), "payment_processing", ""},
		{"9 products of a mixed business are nice", with(hybrid, slot.Values{slot.ProductsToSell: "9"}), "ecommerce_basic", recommend.NiceToHave},
		{"10 products are highly recommended", with(hybrid, slot.Values{slot.ProductsToSell: "10"}), "ecommerce_basic", recommend.HighlyRecommended},
		{"selling online makes the shop essential", with(hybrid, slot.Values{slot.ProductsToSell: "9", slot.WantsOnlineSales: "yes"}), "ecommerce_basic", recommend.Essential},
		{"an unknown catalogue gets the small shop", shop, "ecommerce_basic", recommend.Essential},
		{"variants need the large shop", with(shop, slot.Values{slot.ProductsToSell: "5", slot.ProductVariants: "yes"}), "ecommerce_advanced", recommend.Essential},
		{"24 products need no stock keeping", with(shop, slot.Values{slot.ProductsToSell: "24"}), "inventory_management", ""},
		{"25 products do", with(shop, slot.Values{slot.ProductsToSell: "25"}), "inventory_management", recommend.HighlyRecommended},
		{"51 products without known stock are highly recommended", with(shop, slot.Values{slot.ProductsToSell: "51"}), "inventory_management", recommend.HighlyRecommended},
		{"51 products in stock are essential", with(shop, slot.Values{slot.ProductsToSell: "51", slot.HasInventory: "yes"}), "inventory_management", recommend.Essential},
		{"digital goods have no stock", with(shop, slot.Values{slot.ProductsToSell: "80", slot.HasInventory: "no"}), "inventory_management", ""},
		{"stock-outs above $10,000 a year are essential", with(hybrid, slot.Values{slot.ProductsToSell: "9", slot.LostSalesPerMonth: "83400"}), "inventory_management", recommend.Essential},
		{"a loss of exactly $10,000 is not", with(hybrid, slot.Values{slot.ProductsToSell: "9", slot.LostSalesPerMonth: "83333"}), "inventory_management", recommend.NiceToHave},
		{"orders of 30 % of the revenue raise the shop", with(hybrid, slot.Values{slot.MonthlyOrders: "10", slot.AverageOrderValue: "10000", slot.AnnualRevenue: "4000000"}), "ecommerce_basic", recommend.HighlyRecommended},
		{"orders of less do not", with(hybrid, slot.Values{slot.MonthlyOrders: "10", slot.AverageOrderValue: "10000", slot.AnnualRevenue: "4000100"}), "ecommerce_basic", recommend.NiceToHave},
		{"orders without a known revenue do not", with(hybrid, slot.Values{slot.MonthlyOrders: "10", slot.AverageOrderValue: "10000"}), "ecommerce_basic", recommend.NiceToHave},
		{"a shop on the must-haves is enough", with(service, slot.Values{slot.MustHaves: "online shop"}), "ecommerce_basic", recommend.HighlyRecommended},
		{"a wish to sell online is enough", with(service, slot.Values{slot.WantsOnlineSales: "yes"}), "ecommerce_basic", recommend.Essential},
		{"members who pay online need no shop", slot.Values{slot.BusinessModel: "membership", slot.WantsOnlineSales: "yes"}, "ecommerce_basic", ""},
		{"live support makes chat essential", with(shop, slot.Values{slot.LiveSupportWanted: "yes"}), "live_chat", recommend.Essential},
		{"mail is essential for shops", shop, "email_marketing", recommend.Essential},
		{"repeat customers make mail highly recommended", with(service, slot.Values{slot.WantsRepeatCustomers: "yes"}), "email_marketing", recommend.HighlyRecommended},
		{"contacts alone make it nice", with(service, slot.Values{slot.CustomerBase: "10"}), "email_marketing", recommend.NiceToHave},
		{"an audience makes mail essential for publishers", with(publisher, slot.Values{slot.BuildsAudience: "yes"}), "email_marketing", recommend.Essential},
		{"a newsletter is essential for publishers", publisher, "newsletter", recommend.Essential},
		{"a sign-up for news makes it highly recommended", with(service, slot.Values{slot.VisitorActions: "newsletter"}), "newsletter", recommend.HighlyRecommended},
		{"a blog is essential for publishers", publisher, "blog_system", recommend.Essential},
		{"leads from content make it essential for anybody", with(service, slot.Values{slot.LeadsPerMonth: "2"}), "blog_system", recommend.Essential},
		{"one post a week is highly recommended", with(service, slot.Values{slot.PostsPerWeek: "1"}), "blog_system", recommend.HighlyRecommended},
		{"a post now and then is nice", with(service, slot.Values{slot.PostsPerWeek: "0.25"}), "blog_system", recommend.NiceToHave},
		{"search as main channel is essential", with(service, slot.Values{slot.SearchIsMainChannel: "yes"}), "seo_package", recommend.Essential},
		{"paid advertising makes search highly recommended", with(service, slot.Values{slot.MonthlyAdSpend: "100"}), "seo_package", recommend.HighlyRecommended},
		{"members without a fee are worth a portal", with(hybrid, slot.Values{slot.MemberCount: "80"}), "membership_portal", recommend.HighlyRecommended},
		{"a fee makes it essential", with(hybrid, slot.Values{slot.MemberFee: "1000"}), "membership_portal", recommend.Essential},
		{"the word member alone is no reason for a salon", with(service, slot.Values{slot.HasMembers: "yes"}), "membership_portal", ""},
		{"members replace the customer portal", with(hybrid, slot.Values{slot.MemberCount: "80", slot.WantsSelfService: "yes"}), "customer_portal", ""},
		{"business clients with documents need a portal", with(service, slot.Values{slot.BusinessDescription: "B2B accounting. Clients exchange documents and invoices by mail.", slot.WantsSelfService: "yes"}), "customer_portal", recommend.Essential},
		{"key figures make the dashboard essential", with(service, slot.Values{slot.SuccessMetrics: "Weekly KPI report for the board"}), "analytics_dashboard", recommend.Essential},
		{"$500,000 are not enough for it", with(service, slot.Values{slot.ReportingNeed: "yes", slot.AnnualRevenue: "50000000"}), "analytics_dashboard", recommend.NiceToHave},
		{"more than $500,000 are", with(service, slot.Values{slot.ReportingNeed: "yes", slot.AnnualRevenue: "50000001"}), "analytics_dashboard", recommend.HighlyRecommended},
		{"one system is nice to connect", with(service, slot.Values{slot.Integrations: "Xero"}), "api_integration", recommend.NiceToHave},
		{"one in daily use is highly recommended", with(service, slot.Values{slot.Integrations: "Xero", slot.CurrentTools: "Xero"}), "api_integration", recommend.HighlyRecommended},
		{"double entry makes it essential", with(service, slot.Values{slot.Integrations: "Xero", slot.PainPoints: "double entry of invoices"}), "api_integration", recommend.Essential},
		{"Google Analytics needs no integration", with(service, slot.Values{slot.Integrations: "Google Analytics"}), "api_integration", ""},
		{"applications are highly recommended as a form", with(service, slot.Values{slot.VisitorActions: "apply"}), "custom_forms", recommend.HighlyRecommended},
		{"a waiver is essential", with(service, slot.Values{slot.PainPoints: "signing the waiver on paper"}), "custom_forms", recommend.Essential},
		{"a contact form is no custom form", with(service, slot.Values{slot.MustHaves: "contact form"}), "custom_forms", ""},
		{"events are nice to have", with(service, slot.Values{slot.RunsEvents: "yes"}), "event_calendar", recommend.NiceToHave},
		{"events of a community are highly recommended", with(service, slot.Values{slot.RunsEvents: "yes", slot.Industry: "community garden"}), "event_calendar", recommend.HighlyRecommended},
		{"events as a trade are essential", with(service, slot.Values{slot.RunsEvents: "yes", slot.Industry: "concerts"}), "event_calendar", recommend.Essential},
		{"9 % in another language are nice", with(service, slot.Values{slot.OtherLanguageShare: "0.09"}), "multilingual", recommend.NiceToHave},
		{"10 % are highly recommended", with(service, slot.Values{slot.OtherLanguageShare: "0.1"}), "multilingual", recommend.HighlyRecommended},
		{"30 % still are", with(service, slot.Values{slot.OtherLanguageShare: "0.3"}), "multilingual", recommend.HighlyRecommended},
		{"31 % are essential", with(service, slot.Values{slot.OtherLanguageShare: "0.31"}), "multilingual", recommend.Essential},
		{"accounts are nice to show", with(service, slot.Values{slot.SocialActive: "yes"}), "social_media_integration", recommend.NiceToHave},
		{"accounts of a restaurant are highly recommended", with(table, slot.Values{slot.SocialActive: "yes", slot.Industry: "restaurant"}), "social_media_integration", recommend.HighlyRecommended},
		{"more than 5 hours by hand are highly recommended", with(service, slot.Values{slot.ManualCalendar: "", slot.RequiresScheduling: "yes", slot.HoursPerWeekOnTask: "5.5"}), "appointment_scheduling", recommend.HighlyRecommended},
		{"5 hours are not", with(service, slot.Values{slot.RequiresScheduling: "yes", slot.HoursPerWeekOnTask: "5"}), "appointment_scheduling", recommend.NiceToHave},
		{"what is named is highly recommended", with(service, slot.Values{slot.MustHaves: "multilingual"}), "multilingual", recommend.HighlyRecommended},
		{"own words name it as well", with(service, slot.Values{slot.MustHaves: "Spanish version of all pages"}), "multilingual", recommend.HighlyRecommended},
		{"a refusal names nothing", with(service, slot.Values{slot.BusinessDescription: "We don't need a blog."}), "blog_system", ""},
		{"encryption calls for secure forms", with(service, slot.Values{slot.SecurityNeeds: "encryption"}), "secure_forms", recommend.HighlyRecommended},
		{"a wish for WCAG calls for the package", with(service, slot.Values{slot.AccessibilityLevel: "wcag_aa"}), "wcag_compliance", recommend.HighlyRecommended},
	}
	cat := defaultCatalog(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			relevant := recommend.Relevant(cat, tt.v)
			r := recommend.Recommend(cat, tt.v)
			var got recommend.Priority
			if i := slices.IndexFunc(r.Recommended, func(i recommend.Item) bool { return i.Feature == tt.feature }); i >= 0 && slices.Contains(relevant, tt.feature) {
				got = r.Recommended[i].Priority
			}
			if got != tt.want {
				t.Errorf("Recommend(%v) gives %s priority %q, want %q\nall: %q", tt.v, tt.feature, got, tt.want, rows(r))
			}
		})
	}
}

// The session keeps its recommendation as JSON; nothing may get lost on the way.
func TestRecommendationSurvivesStorage(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	for _, p := range profiles() {
		want := recommend.Recommend(cat, p.v)
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatalf("%s: Marshal err = %v", p.name, err)
		}
		var got recommend.Recommendation
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("%s: Unmarshal err = %v", p.name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: stored recommendation (-want +got):\n%s", p.name, diff)
		}
	}
}

// Order within the groups (DOMAIN 5.1, step 7), for three of each kind.
func TestOrder(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	tests := []struct {
		name string
		v    slot.Values
		want []string
	}{
		{"essential by value, then by price from the dearest", slot.Values{
			slot.BusinessModel: "content", slot.OtherLanguageShare: "0.5", slot.LeadsPerMonth: "2", slot.CustomerAcquisitionCost: "1000", slot.ComplianceRequirements: "none",
		}, []string{"essential blog_system $240 20 months", "essential multilingual", "essential newsletter"}},
		{"highly recommended by payback, unknown ones last and cheapest first", slot.Values{
			slot.BusinessModel: "service", slot.ServiceSubtype: "appointment", slot.AppointmentsPerWeek: "3", slot.ComplianceRequirements: "none",
			slot.MonthlyAdSpend: "50000", slot.OtherLanguageShare: "0.2", slot.VisitorActions: "newsletter", slot.CustomerBase: "1000", slot.AverageTransaction: "10000",
		}, []string{"highly_recommended email_marketing $24,000 under one week", "highly_recommended seo_package $6,000 1.2 months", "highly_recommended newsletter", "highly_recommended multilingual"}},
		{"nice to have by price", slot.Values{
			slot.BusinessModel: "service", slot.ServiceSubtype: "appointment", slot.MultipleLanguages: "yes", slot.SocialActive: "yes", slot.AcceptsPayments: "yes", slot.ComplianceRequirements: "none",
		}, []string{"nice_to_have social_media_integration", "nice_to_have sms_notifications", "nice_to_have payment_processing", "nice_to_have appointment_scheduling", "nice_to_have multilingual"}},
	}
	for _, tt := range tests {
		got := rows(recommend.Recommend(cat, tt.v))
		if diff := cmp.Diff(tt.want, got[:min(len(tt.want), len(got))]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestCaps(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	// Nearly everything is essential: the fourth and later ones move down.
	v := slot.Values{
		slot.BusinessName: "Everything Ltd", slot.BusinessModel: "hybrid", slot.ServiceSubtype: "appointment",
		slot.AppointmentsPerWeek: "60", slot.AverageAppointmentValue: "10000", slot.CurrentNoShowRate: "0.2", slot.ProductsToSell: "80", slot.HasInventory: "yes",
		slot.WantsOnlineSales: "yes", slot.MonthlyOrders: "100", slot.AverageOrderValue: "5000", slot.LiveSupportWanted: "yes", slot.PostsPerWeek: "2",
		slot.PublishesContent: "yes", slot.BuildsAudience: "yes", slot.SearchIsMainChannel: "yes", slot.OtherLanguageShare: "0.4", slot.RunsEvents: "yes",
		slot.Integrations: "Xero", slot.SocialActive: "yes", slot.VisitorActions: "apply,newsletter,buy", slot.WantsSelfService: "yes", slot.ReportingNeed: "yes",
		slot.SecurityNeeds: "encryption,two_factor", slot.AccessibilityLevel: "wcag_aa", slot.ComplianceRequirements: "GDPR",
		slot.MustHaves: "Security Audit Package,Accessibility Audit & Remediation,event calendar",
	}
	r := recommend.Recommend(cat, v)
	count := map[recommend.Priority]int{}
	for _, i := range r.Recommended {
		if i.Feature != "cookie_consent" && i.Feature != "privacy_tools" {
			count[i.Priority]++
		}
	}
	wantCount := map[recommend.Priority]int{recommend.Essential: 3, recommend.HighlyRecommended: 5, recommend.NiceToHave: 5}
	if diff := cmp.Diff(wantCount, count); diff != "" {
		t.Errorf("groups without compliance (-want +got):\n%s\n%q", diff, rows(r))
	}
	if got := rows(r)[3:5]; got[0] != "highly_recommended cookie_consent" || got[1] != "highly_recommended privacy_tools" {
		t.Errorf("first in the second group = %q, want the features that GDPR calls for", got)
	}
	relevant := recommend.Relevant(cat, v)
	for n, i := range r.Additional[:len(relevant)-13] {
		if !slices.Contains(relevant, i.Feature) || i.Priority != "" {
			t.Errorf("additional %d is %s with priority %q, want the relevant overflow first and without priority", n, i.Feature, i.Priority)
		}
	}
}

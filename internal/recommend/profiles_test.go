package recommend_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// profile is one kind of client with what it must be shown.
type profile struct {
	name string
	v    slot.Values
	pkg  catalog.PackageID
	rows []string
}

func profiles() []profile {
	clinic := slot.Values{
		slot.BusinessName: "Bright Smile Clinic", slot.Industry: "healthcare", slot.BusinessModel: "service", slot.ServiceSubtype: "appointment",
		slot.PrimaryGoal: "Fewer missed appointments and less paperwork", slot.AppointmentsPerWeek: "120", slot.AverageAppointmentValue: "15000",
		slot.CurrentNoShowRate: "0.12", slot.ComplianceRequirements: "HIPAA", slot.ComplianceStated: "HIPAA", slot.MustHaves: "appointment_scheduling,medical history form",
	}
	shop := slot.Values{
		slot.BusinessName: "Wool & Co", slot.Industry: "knitting supplies", slot.BusinessModel: "product", slot.ProductsToSell: "50", slot.HasInventory: "yes",
		slot.MonthlyOrders: "50", slot.AverageOrderValue: "6000", slot.PrimaryGoal: "Sell yarn beyond the region", slot.ComplianceRequirements: "PCI-DSS",
	}
	return []profile{
		{"a clinic under HIPAA", clinic, catalog.Custom, []string{
			"essential security_audit", "essential secure_forms",
			"essential appointment_scheduling $65,520 under one week", "essential sms_notifications $18,626 under one week", "essential custom_forms",
			"highly_recommended user_authentication", "highly_recommended email_marketing", "highly_recommended payment_processing",
			"nice_to_have customer_portal",
		}},
		{"a clinic that has not been asked yet", with(clinic, slot.Values{slot.ComplianceRequirements: "", slot.ComplianceStated: ""}), catalog.Custom, []string{
			"essential security_audit", "essential secure_forms",
			"essential appointment_scheduling $65,520 under one week", "essential sms_notifications $18,626 under one week", "essential custom_forms",
			"highly_recommended user_authentication", "highly_recommended email_marketing", "highly_recommended payment_processing",
			"nice_to_have customer_portal",
		}},
		{"a clinic that names no regulation", with(clinic, slot.Values{slot.ComplianceRequirements: "none", slot.ComplianceStated: ""}), catalog.Professional, []string{
			"essential appointment_scheduling $65,520 under one week", "essential sms_notifications $18,626 under one week", "essential custom_forms",
			"highly_recommended email_marketing", "highly_recommended payment_processing",
			"nice_to_have customer_portal",
		}},
		{"a shop with exactly 50 products", shop, catalog.Starter, []string{
			"essential ecommerce_basic $36,000 2 weeks", "essential email_marketing", "highly_recommended inventory_management",
		}},
		{"a shop with 51 products", with(shop, slot.Values{slot.ProductsToSell: "51"}), catalog.Custom, []string{
			"essential ecommerce_advanced $36,000 4 weeks", "essential inventory_management", "essential email_marketing",
		}},
		{"a professional association", slot.Values{
			slot.BusinessName: "State Nurses Association", slot.BusinessModel: "membership", slot.MemberCount: "120", slot.MemberFee: "2500",
			slot.PrimaryGoal: "Members renew online", slot.RunsEvents: "yes", slot.HasMembers: "yes", slot.ComplianceRequirements: "none",
		}, catalog.Custom, []string{
			"essential membership_portal $36,000 3 weeks", "highly_recommended event_calendar", "highly_recommended email_marketing",
		}},
		{"a food blogger", slot.Values{
			slot.BusinessName: "Green Fork", slot.BusinessModel: "content", slot.PostsPerWeek: "3", slot.SubscriberCount: "1200", slot.BuildsAudience: "yes",
			slot.LeadsPerMonth: "10", slot.CustomerAcquisitionCost: "4000", slot.PrimaryGoal: "Reach 10,000 readers",
		}, catalog.Professional, []string{
			"essential blog_system $4,800 1 month", "essential email_marketing", "essential newsletter", "nice_to_have seo_package",
		}},
		{"a restaurant", slot.Values{
			slot.BusinessName: "Harbour Table", slot.Industry: "restaurant", slot.BusinessModel: "service", slot.ServiceSubtype: "reservation", slot.BookingsPerWeek: "60",
			slot.AverageAppointmentValue: "4000", slot.CurrentNoShowRate: "0.15", slot.SocialActive: "yes", slot.OtherLanguageShare: "0.2", slot.VisitorActions: "reserve",
		}, catalog.Professional, []string{
			"essential booking_system $12,480 4 weeks", "essential sms_notifications $2,449 1.5 months",
			"highly_recommended social_media_integration", "highly_recommended payment_processing", "highly_recommended multilingual",
		}},
		{"a consultancy with software of its own", slot.Values{
			slot.BusinessModel: "service", slot.ServiceSubtype: "appointment", slot.PrimaryGoal: "Win larger corporate clients", slot.Integrations: "QuickBooks,HubSpot,Slack",
			slot.BusinessDescription: "IT consulting for corporate clients. Double entry between QuickBooks and HubSpot costs time.", slot.HoursPerWeekOnTask: "5",
			slot.HourlyRate: "3000", slot.WantsSelfService: "yes", slot.ComplianceRequirements: "none",
		}, catalog.Custom, []string{
			"essential api_integration $7,800 1.2 months", "highly_recommended customer_portal", "nice_to_have sms_notifications", "nice_to_have appointment_scheduling",
		}},
		{"a portfolio of a photographer", slot.Values{
			slot.BusinessName: "Mira Lind", slot.Industry: "wedding photography", slot.BusinessModel: "service", slot.ServiceSubtype: "appointment",
			slot.SocialActive: "yes", slot.VisitorActions: "portfolio,contact", slot.ComplianceRequirements: "none", slot.SimpleSite: "yes",
		}, catalog.Starter, []string{"nice_to_have social_media_integration", "nice_to_have seo_package", "nice_to_have email_marketing"}},
		{"a nonprofit that takes donations", slot.Values{
			slot.BusinessName: "River Trust", slot.Industry: "nonprofit", slot.BusinessModel: "hybrid", slot.VisitorActions: "donate,newsletter,learn",
			slot.RunsEvents: "yes", slot.TargetAudience: "Families near the river", slot.ComplianceRequirements: "none",
		}, catalog.Professional, []string{
			"essential payment_processing", "highly_recommended event_calendar", "highly_recommended newsletter", "highly_recommended email_marketing",
		}},
		{"a school", slot.Values{
			slot.BusinessName: "Hill School", slot.Industry: "education", slot.BusinessModel: "service", slot.ServiceSubtype: "appointment", slot.VisitorActions: "apply",
			slot.OtherLanguageShare: "0.4", slot.MustHaves: "event_calendar,application form",
		}, catalog.Custom, []string{
			"essential wcag_compliance", "essential multilingual",
			"highly_recommended accessibility_audit", "highly_recommended custom_forms", "highly_recommended event_calendar",
		}},
		{"a shop for customers in Europe", slot.Values{
			slot.BusinessName: "Cork Lane", slot.BusinessModel: "product", slot.ProductsToSell: "12", slot.TargetAudience: "Design lovers in Europe and the US",
		}, catalog.Custom, []string{
			"essential ecommerce_basic", "essential email_marketing", "highly_recommended cookie_consent", "highly_recommended privacy_tools", "nice_to_have seo_package",
		}},
		{"a pottery with workshops", slot.Values{
			slot.BusinessName: "Sommer Pottery", slot.BusinessModel: "product", slot.ProductsToSell: "25", slot.VisitorActions: "buy,reserve", slot.ComplianceRequirements: "none",
		}, catalog.Professional, []string{
			"essential ecommerce_basic", "essential email_marketing", "highly_recommended booking_system", "highly_recommended inventory_management", "nice_to_have sms_notifications",
		}},
		{"a service that sells a few products too", slot.Values{
			slot.BusinessName: "Studio Ten", slot.BusinessModel: "hybrid", slot.ServiceSubtype: "appointment", slot.AppointmentsPerWeek: "30", slot.ProductsToSell: "20",
			slot.ComplianceRequirements: "none",
		}, catalog.Professional, []string{
			"essential appointment_scheduling", "essential email_marketing", "essential sms_notifications", "highly_recommended ecommerce_basic", "nice_to_have customer_portal",
		}},
		{"payments that a salon states under PCI", with(salon(), slot.Values{slot.ComplianceRequirements: "PCI-DSS", slot.ComplianceStated: "PCI-DSS", slot.VisitorActions: "contact"}), catalog.Custom, []string{
			"essential payment_processing", "essential appointment_scheduling $28,730 2 weeks", "essential sms_notifications $4,381 4 weeks",
			"highly_recommended email_marketing", "nice_to_have social_media_integration", "nice_to_have customer_portal",
		}},
		{"a plumber with bookkeeping", slot.Values{
			slot.BusinessName: "Pipe & Son", slot.BusinessModel: "service", slot.ServiceSubtype: "appointment", slot.Integrations: "Xero", slot.RunsEvents: "yes",
		}, catalog.Starter, []string{
			"nice_to_have event_calendar", "nice_to_have sms_notifications", "nice_to_have api_integration", "nice_to_have appointment_scheduling",
		}},
		{"nobody known", slot.Values{}, catalog.Starter, []string{
			"nice_to_have seo_package", "nice_to_have social_media_integration", "nice_to_have email_marketing",
		}},
	}
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	for _, p := range profiles() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			r := recommend.Recommend(cat, p.v)
			if diff := cmp.Diff(p.rows, rows(r)); diff != "" {
				t.Errorf("Recommend mismatch (-want +got):\n%s", diff)
			}
			if r.Package != p.pkg {
				t.Errorf("Recommend package = %s (%s), want %s", r.Package, r.PackageRationale, p.pkg)
			}
		})
	}
}

// Reasons are read by clients, so some are pinned to the letter.
func TestReasoning(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	by := map[string]recommend.Recommendation{}
	for _, p := range profiles() {
		by[p.name] = recommend.Recommend(cat, p.v)
	}
	tests := []struct {
		profile string
		feature catalog.FeatureID
		starts  string
	}{
		{"a clinic under HIPAA", "security_audit", "For Bright Smile Clinic, HIPAA applies, which protects health data. Gaps are found"},
		{"a clinic under HIPAA", "custom_forms", `"medical history form" is a must-have. People fill in`},
		{"a shop with exactly 50 products", "ecommerce_basic", "The business sells 50 products. Customers order"},
		{"a professional association", "membership_portal", "120 members have to be served. Membership is what the business sells. Members join"},
		{"a restaurant", "social_media_integration", `The line of business is "restaurant". Fresh pictures`},
		{"a restaurant", "booking_system", "60 reservations a week no longer fit well into phone calls and a paper book. At 15% no-shows, 9 of 60 reservations are lost each week, which is $18,720 a year. Guests see"},
		{"a consultancy with software of its own", "api_integration", `The business is described as "Double entry between QuickBooks and HubSpot costs time". Data moves`},
		{"a consultancy with software of its own", "customer_portal", `With the goal "Win larger corporate clients", clients ask for a login of their own. Customers find`},
		{"a nonprofit that takes donations", "payment_processing", "For River Trust, visitors are meant to donate on the site. People pay"},
		{"a service that sells a few products too", "sms_notifications", "The business runs on 30 appointments a week. A short text"},
		{"a plumber with bookkeeping", "api_integration", "The site is to work with Xero. Data moves"},
		{"a plumber with bookkeeping", "event_calendar", "For Pipe & Son, regular events are part of the plan. Visitors see"},
		{"nobody known", "seo_package", "People who do not know the name yet arrive through search. Pages built"},
	}
	for _, tt := range tests {
		if got := find(t, by[tt.profile].Recommended, tt.feature).Reasoning; !strings.HasPrefix(got, tt.starts) {
			t.Errorf("%s: reasoning of %s = %q, want it to start with %q", tt.profile, tt.feature, got, tt.starts)
		}
	}
}

func TestAdditional(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	r := recommend.Recommend(cat, profiles()[4].v) // the shop with 51 products
	listed := func(id catalog.FeatureID) bool {
		return slices.ContainsFunc(r.Additional, func(i recommend.Item) bool { return i.Feature == id })
	}
	if listed("ecommerce_basic") {
		t.Error("the small shop is on the list next to the recommended large one")
	}
	if !listed("appointment_scheduling") || !listed("booking_system") {
		t.Error("two features that nobody recommended exclude each other; both can be offered")
	}
	if got, want := len(r.Recommended)+len(r.Additional), len(cat.Features)-1; got != want {
		t.Errorf("the screen holds %d features, want all %d but the small shop", got, want)
	}
	chat := find(t, r.Additional, "live_chat")
	if want := "Questions are answered"; !strings.HasPrefix(chat.Reasoning, want) || chat.Priority != "" {
		t.Errorf("additional chat = %q with priority %q, want it to start with %q and no priority", chat.Reasoning, chat.Priority, want)
	}
	pay := find(t, r.Additional, "payment_processing")
	if !strings.Contains(pay.Reasoning, "it comes with E-commerce (Advanced)") {
		t.Errorf("reasoning of payment = %q, want it to say that the shop brings it", pay.Reasoning)
	}
}

func TestDependencyNotes(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	shop51 := recommend.Recommend(cat, profiles()[4].v)
	shop50 := recommend.Recommend(cat, profiles()[3].v)
	members := recommend.Recommend(cat, slot.Values{slot.BusinessModel: "membership", slot.WantsSelfService: "yes"})
	table := recommend.Recommend(cat, slot.Values{slot.BusinessModel: "service", slot.ServiceSubtype: "reservation", slot.MustHaves: "appointment_scheduling"})
	starter := recommend.Recommend(cat, slot.Values{slot.BusinessName: "Mira Lind"})
	both := recommend.Recommend(cat, slot.Values{
		slot.BusinessModel: "hybrid", slot.AppointmentsPerWeek: "30", slot.BookingsPerWeek: "30", slot.MustHaves: "booking_system,appointment_scheduling",
	})
	tests := []struct {
		name  string
		items []recommend.Item
		id    catalog.FeatureID
		says  []string
	}{
		{"a shop brings payment", shop51.Recommended, "ecommerce_advanced", []string{"Includes Payment Processing Integration at no extra charge.", "Chosen instead of E-commerce (Basic), because the catalogue is too large or too varied for the basic shop.", "Works best together with Inventory Management System and Email Marketing Integration."}},
		{"the small shop says why it is enough", shop50.Recommended, "ecommerce_basic", []string{"Chosen instead of E-commerce (Advanced), because up to 50 products need no larger shop."}},
		{"members supersede customers", members.Recommended, "membership_portal", []string{"Chosen instead of Customer Portal, because it does what the other one does, and more.", "Includes Payment Processing Integration at no extra charge."}},
		{"reservations beat appointments", table.Recommended, "booking_system", []string{"Chosen instead of Appointment Scheduling System, because the business works with reservations."}},
		{"what nobody wanted is only excluded", table.Additional, "ecommerce_basic", []string{"Cannot be combined with E-commerce (Advanced)."}},
		{"stock needs a shop", shop51.Recommended, "inventory_management", []string{"Needs E-commerce (Basic) or E-commerce (Advanced)."}},
		{"mail is an upgrade of the package", shop51.Recommended, "email_marketing", []string{"already contains the basic form, Email Marketing Integration; this is the extended one", "account with a mail service"}},
		{"payment is free with the shop", shop51.Additional, "payment_processing", []string{"Included at no extra charge with E-commerce (Advanced)."}},
		{"a blog needs a larger package than starter", starter.Additional, "blog_system", []string{"Needs Content Management System (from the Professional package on)."}},
		{"the survivor of a conflict says why", both.Recommended, "appointment_scheduling", []string{"Chosen instead of Booking System, because the business works with appointments."}},
	}
	for _, tt := range tests {
		note := find(t, tt.items, tt.id).DependencyNote
		for _, word := range tt.says {
			if !strings.Contains(note, word) {
				t.Errorf("%s: note of %s = %q, want it to say %q", tt.name, tt.id, note, word)
			}
		}
	}
	if note := find(t, starter.Recommended, "seo_package").DependencyNote; strings.Contains(note, "already contains") {
		t.Errorf("note of search on starter = %q, but starter has no advanced form", note)
	}
	if note := find(t, shop51.Additional, "blog_system").DependencyNote; strings.Contains(note, "Needs") {
		t.Errorf("note of a blog on custom = %q, want no need", note)
	}
	if slices.ContainsFunc(both.Additional, func(i recommend.Item) bool { return i.Feature == "booking_system" }) {
		t.Error("the loser of a conflict is still offered")
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	tests := []struct {
		name string
		v    slot.Values
		want string
	}{
		{"nothing", nil, "Little is known about the business so far. The package and the features below are a starting point that can be changed freely."},
		{"a name", slot.Values{slot.BusinessName: "Ada & Sons"}, "The website is for Ada & Sons. The package and the features below follow from this."},
		{"a model and a field", slot.Values{slot.BusinessModel: "service", slot.Industry: "plumbing"}, "The website is for a service business (plumbing). The package and the features below follow from this."},
		{"a charity that publishes", slot.Values{slot.WebsiteType: "nonprofit", slot.BusinessName: "Riverkeepers Trust", slot.BusinessModel: "content", slot.Industry: "charity"}, "The website is for Riverkeepers Trust, a non-profit organisation (charity). The package and the features below follow from this."},
		{"a field", slot.Values{slot.Industry: "plumbing"}, "The website is for a business (plumbing). The package and the features below follow from this."},
		{"a goal", slot.Values{slot.PrimaryGoal: "Our goal is to get more calls!!"}, `The goal is "get more calls". The package and the features below follow from this.`},
		{"an audience and a figure", slot.Values{slot.TargetAudience: "Home owners\nin \"old\" houses.", slot.PageCount: "8"}, `The audience is "Home owners in 'old' houses". Known figures: 8 pages.`},
	}
	for _, tt := range tests {
		if got := recommend.Recommend(cat, tt.v).ContextSummary; got != tt.want {
			t.Errorf("%s: summary = %q, want %q", tt.name, got, tt.want)
		}
	}
}

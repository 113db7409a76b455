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

func TestPackageFor(t *testing.T) {
	t.Parallel()
	open := slot.Values{slot.ComplianceRequirements: "none"}
	tests := []struct {
		name     string
		v        slot.Values
		selected []catalog.FeatureID
		want     catalog.PackageID
	}{
		{"nothing known", slot.Values{}, nil, catalog.Starter},
		{"50 products", slot.Values{slot.ProductsToSell: "50"}, nil, catalog.Starter},
		{"51 products", slot.Values{slot.ProductsToSell: "51"}, nil, catalog.Custom},
		{"custom functions", slot.Values{slot.MustHaves: "a custom function for quotes"}, nil, catalog.Custom},
		{"a web application", slot.Values{slot.PrimaryGoal: "Turn the spreadsheet into a web application."}, nil, catalog.Custom},
		{"two integrations", slot.Values{slot.Integrations: "Xero,HubSpot"}, nil, catalog.Starter},
		{"three integrations", slot.Values{slot.Integrations: "Xero,HubSpot,Slack"}, nil, catalog.Custom},
		{"three, one of which a feature covers", slot.Values{slot.Integrations: "Xero,HubSpot,mailing list"}, nil, catalog.Starter},
		{"no integrations", slot.Values{slot.Integrations: "none"}, nil, catalog.Starter},
		{"HIPAA required", slot.Values{slot.ComplianceRequirements: "HIPAA"}, nil, catalog.Custom},
		{"GDPR required", slot.Values{slot.ComplianceRequirements: "GDPR"}, nil, catalog.Custom},
		{"ADA required", slot.Values{slot.ComplianceRequirements: "PCI-DSS,ADA"}, nil, catalog.Custom},
		{"PCI derived", slot.Values{slot.ComplianceRequirements: "PCI-DSS"}, nil, catalog.Starter},
		{"PCI of a shop", slot.Values{slot.BusinessModel: "product"}, ids("ecommerce_basic"), catalog.Starter},
		{"PCI stated", slot.Values{slot.ComplianceRequirements: "PCI-DSS", slot.ComplianceStated: "PCI-DSS"}, nil, catalog.Custom},
		{"a membership portal", open, ids("membership_portal"), catalog.Custom},
		{"five pages", slot.Values{slot.PageCount: "5"}, nil, catalog.Starter},
		{"six pages", slot.Values{slot.PageCount: "6"}, nil, catalog.Professional},
		{"a content system", slot.Values{slot.MustHaves: "CMS"}, nil, catalog.Professional},
		{"a blog chosen", open, ids("blog_system"), catalog.Professional},
		{"a publisher", slot.Values{slot.BusinessModel: "content"}, nil, catalog.Professional},
		{"daily updates", slot.Values{slot.UpdateFrequency: "daily"}, nil, catalog.Professional},
		{"weekly updates", slot.Values{slot.UpdateFrequency: "weekly"}, nil, catalog.Professional},
		{"monthly updates", slot.Values{slot.UpdateFrequency: "monthly"}, nil, catalog.Professional},
		{"rarer updates", slot.Values{slot.UpdateFrequency: "every_few_months"}, nil, catalog.Starter},
		{"three add-ons", open, ids("sms_notifications", "live_chat", "event_calendar"), catalog.Starter},
		{"four add-ons", open, ids("sms_notifications", "live_chat", "event_calendar", "multilingual"), catalog.Professional},
		{"three add-ons, one twice", open, ids("sms_notifications", "live_chat", "event_calendar", "live_chat"), catalog.Starter},
		{"custom comes before professional", slot.Values{slot.PageCount: "9", slot.ProductsToSell: "80"}, nil, catalog.Custom},
	}
	cat := defaultCatalog(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := recommend.PackageFor(cat, tt.v, tt.selected); got != tt.want {
				t.Errorf("PackageFor(%v, %v) = %s, want %s", tt.v, tt.selected, got, tt.want)
			}
		})
	}
}

func TestPackageRationale(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	tests := []struct {
		name string
		v    slot.Values
		want string
	}{
		{"starter has nothing against it", slot.Values{slot.PageCount: "4"}, "Starter fits, because nothing known so far needs more than 5 pages, regular changes or many add-on features."},
		{"pages and changes", slot.Values{slot.PageCount: "8", slot.UpdateFrequency: "weekly"}, "Professional fits, because 8 pages are planned and the content changes weekly."},
		{
			"three reasons at most",
			slot.Values{slot.ProductsToSell: "120", slot.Integrations: "Xero,HubSpot,Slack", slot.ComplianceRequirements: "HIPAA,GDPR"},
			"Custom fits, because 120 products are more than a standard shop holds, 3 other systems have to be connected and HIPAA applies.",
		},
	}
	for _, tt := range tests {
		if got := recommend.Recommend(cat, tt.v).PackageRationale; got != tt.want {
			t.Errorf("%s: rationale = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestComplianceStated(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		v    slot.Values
		want string
	}{
		{"nothing known", slot.Values{}, ""},
		{"all of them in the order of the list", slot.Values{slot.ComplianceRequirements: "ADA,GDPR,PCI-DSS,HIPAA"}, "HIPAA GDPR ADA"},
		{"PCI counts when stated", slot.Values{slot.ComplianceStated: "PCI-DSS"}, "PCI-DSS"},
		{"a shop brings PCI, but does not state it", slot.Values{slot.BusinessModel: "product"}, ""},
		{"health data before the question", slot.Values{slot.BusinessDescription: "We keep patient records."}, "HIPAA"},
		{"health data after a clear no", slot.Values{slot.BusinessDescription: "We keep patient records.", slot.ComplianceRequirements: "none"}, ""},
		{"visitors from Europe", slot.Values{slot.TargetAudience: "Hikers in Europe"}, "GDPR"},
		{"a public school", slot.Values{slot.Industry: "public school"}, "ADA"},
		{"competitors in Europe mean nothing", slot.Values{slot.Competitors: "European Clinic Group"}, ""},
	}
	for _, tt := range tests {
		var got []string
		for _, r := range recommend.ComplianceStated(tt.v) {
			got = append(got, string(r))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: ComplianceStated(%v) = %v, want %q", tt.name, tt.v, got, tt.want)
		}
	}
}

// An agency can leave features out and add its own.
func TestReplacedCatalog(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	cat.Features = slices.DeleteFunc(cat.Features, func(f catalog.Feature) bool {
		return f.ID == "sms_notifications" || f.ID == "seo_package"
	})
	sms, _ := defaultCatalog(t).Feature("sms_notifications")
	tour, form := sms, sms
	tour.ID, tour.Name, tour.Price, tour.PairsWith = "virtual_tour", "Virtual Tour", 150000, nil
	form.ID, form.Name, form.Requires, form.PairsWith = "deep_form", "Deep Form", [][]string{{"database"}, {"payment_processing"}}, nil
	rival := tour
	rival.ID, rival.Name, rival.Conflicts = "photo_tour", "Photo Tour", ids("virtual_tour")
	tour.Conflicts = ids("photo_tour")
	cat.Features = append(cat.Features, tour, rival, form)

	r := recommend.Recommend(cat, salon())
	for _, i := range slices.Concat(r.Recommended, r.Additional) {
		if i.Feature == "sms_notifications" || i.Feature == "seo_package" {
			t.Errorf("%s is shown although the catalog has none", i.Feature)
		}
	}
	if i := find(t, r.Additional, "virtual_tour"); i.Reasoning == "" || i.Price != 150000 {
		t.Errorf("a feature of the agency's own = %+v, want it under additional with its price", i)
	}

	named := recommend.Recommend(cat, with(salon(), slot.Values{slot.MustHaves: "virtual tour,photo tour,deep form,payment_processing"}))
	if i := find(t, named.Recommended, "virtual_tour"); i.Priority != recommend.HighlyRecommended || !strings.Contains(i.DependencyNote, "Chosen instead of Photo Tour") {
		t.Errorf("virtual tour that is named = %+v, want it highly recommended instead of its rival", i)
	}
	if slices.ContainsFunc(slices.Concat(named.Recommended, named.Additional), func(i recommend.Item) bool { return i.Feature == "photo_tour" }) {
		t.Error("the rival of a recommended feature is shown")
	}
	if i := find(t, named.Recommended, "deep_form"); named.Package != catalog.Custom || !strings.Contains(named.PackageRationale, "Deep Form needs it") {
		t.Errorf("%s needs a database; package = %s (%s), want custom", i.Feature, named.Package, named.PackageRationale)
	}

	lacking := recommend.Recommend(cat, slot.Values{slot.MustHaves: "deep form", slot.ComplianceRequirements: "none"})
	find(t, lacking.Additional, "deep_form") // payment is not on the screen, so the form cannot be either

	few := &catalog.Catalog{Packages: cat.Packages, Hosting: cat.Hosting, Features: slices.DeleteFunc(defaultCatalog(t).Features, func(f catalog.Feature) bool {
		return !slices.Contains(ids("booking_system", "appointment_scheduling", "custom_forms"), f.ID)
	})}
	want := []string{"nice_to_have custom_forms", "nice_to_have appointment_scheduling"}
	if diff := cmp.Diff(want, rows(recommend.Recommend(few, slot.Values{slot.BusinessName: "Mira"}))); diff != "" {
		t.Errorf("a small catalog fills the screen (-want +got):\n%s", diff)
	}

	empty := &catalog.Catalog{Packages: cat.Packages, Hosting: cat.Hosting}
	if r := recommend.Recommend(empty, salon()); len(r.Recommended)+len(r.Additional) != 0 || r.ContextSummary == "" {
		t.Errorf("Recommend without features = %d items and summary %q", len(r.Recommended), r.ContextSummary)
	}
}

func TestRationale(t *testing.T) {
	t.Parallel()
	cat, err := catalog.Default()
	if err != nil {
		t.Fatal(err)
	}
	eight := slot.Values{slot.PageCount: "8"}
	tests := []struct {
		name     string
		v        slot.Values
		pkg      catalog.PackageID
		selected []catalog.FeatureID
		want     string
	}{
		{"the reasons of the package", eight, catalog.Professional, nil, "Professional fits, because 8 pages are planned."},
		{
			"features as they are selected", nil, catalog.Professional,
			[]catalog.FeatureID{"live_chat", "custom_forms", "sms_notifications", "social_media_integration"},
			"Professional fits, because 4 add-on features come together.",
		},
		{"another package", eight, catalog.Starter, nil, ""},
		{"the smallest", nil, catalog.Starter, nil, "Starter fits, because nothing known so far needs more than 5 pages, regular changes or many add-on features."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := recommend.Rationale(cat, tt.v, tt.pkg, tt.selected); got != tt.want {
				t.Errorf("Rationale(%v, %s) = %q, want %q", tt.v, tt.pkg, got, tt.want)
			}
		})
	}
}

package catalog_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
)

// The tables of DOMAIN 4, written out once more by hand.
func TestDefaultFollowsTheTables(t *testing.T) {
	t.Parallel()
	c := defaultCatalog(t)
	var got []string
	for _, p := range c.Packages {
		got = append(got, fmt.Sprintf("%s %v pages=%d support=%d priority=%v hosting=%s popular=%v from=%v parts=%d",
			p.ID, p.Price, p.Pages, p.SupportDays, p.PrioritySupport, p.Hosting, p.Popular, p.From, len(c.Inclusions(p.ID))))
	}
	for _, h := range c.Hosting {
		got = append(got, fmt.Sprintf("%s %v visitors=%d storage=%d", h.ID, h.Monthly, h.Visitors, h.StorageGB))
	}
	for _, b := range c.Bundles {
		got = append(got, fmt.Sprintf("%s %v-%v=%v", b.ID, c.BundleList(b), b.Discount, c.BundleList(b)-b.Discount))
	}
	want := []string{
		"starter $2,500 pages=5 support=30 priority=false hosting=basic popular=false from=false parts=7",
		"professional $4,500 pages=8 support=90 priority=true hosting=standard popular=true from=false parts=14",
		"custom $6,000 pages=0 support=180 priority=true hosting=premium popular=false from=true parts=20",
		"basic $75 visitors=10000 storage=10",
		"standard $150 visitors=50000 storage=50",
		"premium $300 visitors=0 storage=100",
		"service_provider $1,600-$100=$1,500",
		"ecommerce_starter $2,200-$300=$1,900",
		"content_publisher $2,000-$250=$1,750",
		"professional_services $3,000-$400=$2,600",
		"compliance $1,600-$200=$1,400",
		"marketing_suite $1,950-$350=$1,600",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Default() mismatch (-want +got):\n%s", diff)
	}
}

func TestDefaultFeatures(t *testing.T) {
	t.Parallel()
	c := defaultCatalog(t)
	var got []string
	for _, f := range c.Features {
		line := fmt.Sprintf("%s %v %s %d-%d", f.ID, f.Price, f.Complexity, f.MinDays, f.MaxDays)
		if f.Compliance != nil {
			line += fmt.Sprintf(" %s %s", f.Compliance.Regulation, f.Compliance.Priority)
		}
		got = append(got, line)
	}
	want := []string{
		"analytics_dashboard $700 moderate 5-10",
		"seo_package $600 moderate 5-5",
		"api_integration $800 moderate-high 5-10",
		"appointment_scheduling $800 moderate 10-10",
		"blog_system $400 simple 3-5",
		"booking_system $800 moderate 10-10",
		"custom_forms $200 simple-moderate 2-3",
		"customer_portal $1,200 high 10-15",
		"ecommerce_basic $1,200 moderate 10-15",
		"ecommerce_advanced $2,500 high 20-30",
		"email_marketing $400 simple 3-5",
		"event_calendar $300 simple 3-5",
		"inventory_management $900 moderate 5-10",
		"live_chat $500 simple 2-3",
		"membership_portal $1,500 high 15-20",
		"multilingual $800 moderate 5-10",
		"newsletter $350 simple 5-7",
		"payment_processing $500 moderate 5-5 PCI-DSS essential",
		"sms_notifications $300 simple 3-5",
		"social_media_integration $250 simple 2-3",
		"security_audit $600 moderate 5-5 HIPAA essential",
		"secure_forms $400 moderate 5-5 HIPAA essential",
		"user_authentication $600 moderate 5-10 HIPAA highly_recommended",
		"cookie_consent $200 simple 2-3 GDPR highly_recommended",
		"privacy_tools $300 simple 3-5 GDPR highly_recommended",
		"wcag_compliance $800 moderate 5-10 ADA essential",
		"accessibility_audit $500 moderate 5-5 ADA highly_recommended",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Default() features mismatch (-want +got):\n%s", diff)
	}
	for _, f := range c.Features {
		if want := f.ID == integration || f.ID == forms; f.Each != want {
			t.Errorf("%s Each = %v, want %v", f.ID, f.Each, want)
		}
	}
}

// Texts are read by clients: one sentence, no first person, no shouting.
func TestDefaultTexts(t *testing.T) {
	t.Parallel()
	bad := regexp.MustCompile(`\b(I|me|my|we|our|us)\b|!|\bTODO\b|\.\s+\S`)
	c := defaultCatalog(t)
	sentence := func(where, text string) {
		if !strings.HasSuffix(text, ".") || bad.MatchString(text) || len(text) > 160 {
			t.Errorf("%s text %q, want one plain sentence", where, text)
		}
	}
	seen := map[string]string{}
	for _, f := range c.Features {
		sentence(string(f.ID), f.Description)
		sentence(string(f.ID), f.Benefit)
		for _, text := range []string{f.Description, f.Benefit, f.Name} {
			if other, ok := seen[text]; ok {
				t.Errorf("%s and %s share the text %q", f.ID, other, text)
			}
			seen[text] = string(f.ID)
		}
	}
	for _, inc := range c.Inclusions(catalog.Custom) {
		sentence(inc.ID, inc.Description)
	}
}

func TestLookups(t *testing.T) {
	t.Parallel()
	c := defaultCatalog(t)
	if f, ok := c.Feature(sms); !ok || f.Price != 30000 {
		t.Errorf("Feature(%q) = %v, %v, want $300", sms, f.Price, ok)
	}
	if p, ok := c.Package(catalog.Custom); !ok || p.Name != "Custom" {
		t.Errorf("Package(custom) = %q, %v", p.Name, ok)
	}
	if h, ok := c.HostingTier("premium"); !ok || h.Monthly != 30000 {
		t.Errorf("HostingTier(premium) = %v, %v", h.Monthly, ok)
	}
	_, okF := c.Feature("x")
	_, okP := c.Package("x")
	_, okH := c.HostingTier("x")
	if okF || okP || okH || len(c.Inclusions("x")) != 0 {
		t.Errorf("unknown ids were found: feature %v, package %v, hosting %v, inclusions %v", okF, okP, okH, c.Inclusions("x"))
	}
	var names []string
	for _, inc := range c.Inclusions(catalog.Professional) {
		names = append(names, inc.ID)
	}
	want := strings.Fields("responsive ssl seo contact_form analytics performance browser_testing advanced_seo cms blog social email_signup custom_contact_forms maps")
	if !slices.Equal(names, want) {
		t.Errorf("Inclusions(professional) = %v, want %v", names, want)
	}
}

func TestDefaultIsFresh(t *testing.T) {
	t.Parallel()
	a, b := defaultCatalog(t), defaultCatalog(t)
	a.Features[0].Price = 1
	if b.Features[0].Price == 1 {
		t.Error("two calls of Default share their features")
	}
}

func ExampleCatalog_Price() {
	c, err := catalog.Default()
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := c.Price(catalog.Selection{
		Package:  catalog.Professional,
		Features: []catalog.FeatureID{"appointment_scheduling", "sms_notifications", "payment_processing"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Total, e.Bundles[0].Name, e.HostingMonthly)
	// Output: $6,000 Service Provider $150
}

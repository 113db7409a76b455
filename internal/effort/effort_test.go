package effort_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/effort"
	"applicreations.com/introspect/internal/slot"
)

func TestComplexity(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		v        slot.Values
		selected []catalog.FeatureID
		level    effort.Level
		score    int
		reasons  []string
	}{
		{
			name:    "a portfolio with nothing else is simple",
			v:       slot.Values{effort.WebsiteType: "personal", slot.BusinessModel: "product"},
			level:   effort.Simple,
			score:   1,
			reasons: []string{"personal website or portfolio (+1)"},
		},
		{
			name:    "nothing known counts as a business website",
			level:   effort.Simple,
			score:   2,
			reasons: []string{"business website (+2)"},
		},
		{
			name: "the salon with four features, payments and weekly updates is standard",
			v: slot.Values{
				effort.WebsiteType: "business", slot.BusinessModel: "service", slot.UpdateFrequency: "weekly",
			},
			selected: []catalog.FeatureID{"appointment_scheduling", "sms_notifications", "email_marketing", "payment_processing"},
			level:    effort.Standard,
			score:    5,
			reasons: []string{
				"business website that sells services (+2)",
				"4 selected features (+1)",
				"content management by the client (+1)",
				"payments online (+1)",
			},
		},
		{
			name: "a shop with accounts, three integrations and a regulation is complex",
			v: slot.Values{
				effort.WebsiteType: "business", slot.BusinessModel: "product", slot.HasMembers: "yes",
				slot.Integrations: "stripe,quickbooks,shipstation", slot.ComplianceRequirements: "GDPR",
			},
			selected: []catalog.FeatureID{"ecommerce_basic", "a", "b", "c", "d", "e"},
			level:    effort.Complex,
			score:    9,
			reasons: []string{
				"business website that sells products (+3)",
				"6 selected features (+2)",
				"user accounts (+1)",
				"payments online (+1)",
				"3 integrations (+1)",
				"compliance with GDPR (+1)",
			},
		},
		{
			name:    "two integrations and no compliance score nothing",
			v:       slot.Values{effort.WebsiteType: "nonprofit", slot.Integrations: "stripe,zapier", slot.ComplianceRequirements: "none"},
			level:   effort.Simple,
			score:   2,
			reasons: []string{"website of a non-profit organization (+2)"},
		},
		{
			name:     "two features score nothing",
			v:        slot.Values{effort.WebsiteType: "project"},
			selected: []catalog.FeatureID{"a", "b"},
			level:    effort.Simple,
			score:    1,
			reasons:  []string{"project or campaign website (+1)"},
		},
		{
			name:     "five features still score one, and four points are standard",
			v:        slot.Values{effort.WebsiteType: "business", slot.BusinessModel: "membership"},
			selected: []catalog.FeatureID{"a", "b", "c", "d", "e"},
			level:    effort.Standard,
			score:    4,
			reasons:  []string{"business website with memberships (+3)", "5 selected features (+1)"},
		},
		{
			name:     "three points are still simple",
			v:        slot.Values{effort.WebsiteType: "other"},
			selected: []catalog.FeatureID{"customer_portal"},
			level:    effort.Simple,
			score:    3,
			reasons:  []string{"website of a special kind (+2)", "user accounts (+1)"},
		},
		{
			name: "six points are still standard",
			v: slot.Values{
				effort.WebsiteType: "business", slot.BusinessModel: "hybrid", slot.PublishesContent: "yes",
				slot.AcceptsPayments: "yes", slot.HasMembers: "yes",
			},
			level: effort.Standard,
			score: 6,
			reasons: []string{
				"business website with a mixed model (+3)",
				"user accounts (+1)", "content management by the client (+1)", "payments online (+1)",
			},
		},
		{
			name:     "a publisher with a blog and yearly updates needs a CMS",
			v:        slot.Values{effort.WebsiteType: "business", slot.BusinessModel: "content", slot.UpdateFrequency: "almost_never"},
			selected: []catalog.FeatureID{"blog_system"},
			level:    effort.Simple,
			score:    2,
			reasons:  []string{"business website that publishes (+1)", "content management by the client (+1)"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			level, score, reasons := effort.Complexity(tt.v, tt.selected)
			if level != tt.level || score != tt.score {
				t.Errorf("Complexity(%v, %v) = %v, %d, want %v, %d", tt.v, tt.selected, level, score, tt.level, tt.score)
			}
			if diff := cmp.Diff(tt.reasons, reasons); diff != "" {
				t.Errorf("Complexity reasons (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	// Days as of DOMAIN 4.3: 3-5 days, 2 weeks, 4-6 weeks, and one odd length.
	cat := &catalog.Catalog{Features: []catalog.Feature{
		{ID: "blog_system", MinDays: 3, MaxDays: 5},
		{ID: "appointment_scheduling", MinDays: 10, MaxDays: 10},
		{ID: "ecommerce_advanced", MinDays: 20, MaxDays: 30},
		{ID: "odd", MinDays: 20, MaxDays: 21},
	}}
	standard := slot.Values{
		slot.BusinessModel: "service", slot.AcceptsPayments: "yes", slot.UpdateFrequency: "monthly",
	}
	tests := []struct {
		name     string
		v        slot.Values
		selected []catalog.FeatureID
		cat      *catalog.Catalog
		low      int
	}{
		{name: "simple projects take four weeks", cat: cat, low: 4},
		{name: "standard projects take six weeks", v: standard, cat: cat, low: 6},
		{
			name: "complex projects take ten weeks",
			v: slot.Values{
				slot.BusinessModel: "membership", slot.AcceptsPayments: "yes", slot.UpdateFrequency: "daily",
				slot.HasMembers: "yes", slot.ComplianceRequirements: "HIPAA",
			},
			cat: cat, low: 10,
		},
		{name: "texts to be written add two weeks", v: slot.Values{slot.ContentReadiness: "need_help"}, cat: cat, low: 6},
		{name: "full copywriting adds two weeks", v: slot.Values{slot.Copywriting: "full"}, cat: cat, low: 6},
		{name: "partial copywriting adds nothing", v: slot.Values{slot.Copywriting: "partial"}, cat: cat, low: 4},
		{name: "texts in progress add nothing", v: slot.Values{slot.ContentReadiness: "in_progress"}, cat: cat, low: 4},
		{name: "a missing logo adds one week", v: slot.Values{slot.LogoStatus: "need"}, cat: cat, low: 5},
		{name: "missing colours add one week", v: slot.Values{slot.BrandColors: "Need help"}, cat: cat, low: 5},
		{name: "missing logo and colours add one week only", v: slot.Values{slot.LogoStatus: "none", slot.BrandColors: "none"}, cat: cat, low: 5},
		{name: "a logo at hand adds nothing", v: slot.Values{slot.LogoStatus: "have_vector", slot.BrandColors: "#1a2b3c"}, cat: cat, low: 4},
		{
			name: "everything missing adds three weeks",
			v:    slot.Values{slot.ContentReadiness: "not_started", slot.LogoStatus: "need_logo"},
			cat:  cat, low: 7,
		},
		{
			name: "never shorter than the longest feature", selected: []catalog.FeatureID{"blog_system", "ecommerce_advanced"},
			v: slot.Values{effort.WebsiteType: "personal"}, cat: cat, low: 6,
		},
		{
			name: "a started week of the longest feature counts in full", selected: []catalog.FeatureID{"odd"},
			v: slot.Values{effort.WebsiteType: "personal"}, cat: cat, low: 5,
		},
		{
			name: "a short feature changes nothing", selected: []catalog.FeatureID{"appointment_scheduling"},
			v: slot.Values{effort.WebsiteType: "personal"}, cat: cat, low: 4,
		},
		{
			name: "without a catalog features have no length", selected: []catalog.FeatureID{"ecommerce_advanced"},
			v: slot.Values{effort.WebsiteType: "personal"}, low: 4,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			low, high := effort.Duration(tt.v, tt.selected, tt.cat)
			if low != tt.low || high != tt.low+2 {
				t.Errorf("Duration(%v, %v) = %d, %d, want %d, %d", tt.v, tt.selected, low, high, tt.low, tt.low+2)
			}
		})
	}
}

func TestLongest(t *testing.T) {
	t.Parallel()
	cat := &catalog.Catalog{Features: []catalog.Feature{{ID: "short", MaxDays: 5}, {ID: "long", MaxDays: 11}}}
	id, weeks := effort.Longest([]catalog.FeatureID{"short", "long", "unknown"}, cat)
	if id != "long" || weeks != 3 {
		t.Errorf("Longest(short, long, unknown) = %q, %d, want long, 3", id, weeks)
	}
	if id, weeks = effort.Longest(nil, cat); id != "" || weeks != 0 {
		t.Errorf("Longest(nothing) = %q, %d, want none", id, weeks)
	}
}

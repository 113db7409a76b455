package recommend_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

func defaultCatalog(tb testing.TB) *catalog.Catalog {
	tb.Helper()
	cat, err := catalog.Default()
	if err != nil {
		tb.Fatalf("catalog.Default() err = %v", err)
	}
	return cat
}

func ids(features ...catalog.FeatureID) []catalog.FeatureID { return features }

// with returns v with further facts; an empty value takes a fact away.
func with(v, more slot.Values) slot.Values {
	out := maps.Clone(v)
	for k, s := range more {
		out[k] = s
		if s == "" {
			delete(out, k)
		}
	}
	return out
}

// The worked examples of DOMAIN 5.3. Every figure of v is an input: without
// any one of them there must be no amount.
var workedExamples = []struct {
	name    string
	feature catalog.FeatureID
	also    []catalog.FeatureID
	v       slot.Values
	want    catalog.Cents
	basis   []string
}{
	{
		name: "scheduling saves no-shows", feature: "appointment_scheduling", want: 2873000,
		v:     slot.Values{slot.AppointmentsPerWeek: "50", slot.AverageAppointmentValue: "8500", slot.CurrentNoShowRate: "0.18"},
		basis: []string{"50 appointments a week", "$85", "18% no-shows - 5%", "52 weeks", "$28,730"},
	},
	{
		name: "scheduling saves paid hours", feature: "appointment_scheduling", want: 1560000,
		v:     slot.Values{slot.HoursPerWeekOnTask: "12", slot.HourlyRate: "2500"},
		basis: []string{"12 hours a week × $25 × 52 weeks = $15,600"},
	},
	{
		name: "booking saves no-shows", feature: "booking_system", want: 1248000,
		v:     slot.Values{slot.BookingsPerWeek: "60", slot.AverageAppointmentValue: "4000", slot.CurrentNoShowRate: "0.15"},
		basis: []string{"60 reservations a week × $40 × (15% no-shows - 5%) × 52 weeks = $12,480"},
	},
	{
		name: "SMS next to scheduling", feature: "sms_notifications", also: ids("appointment_scheduling"), want: 438100,
		v:     slot.Values{slot.AppointmentsPerWeek: "50", slot.AverageAppointmentValue: "8500"},
		basis: []string{"5% no-shows - 3%) × 52 weeks", "$39 for messages", "$4,381"},
	},
	{
		name: "SMS alone", feature: "sms_notifications", want: 2869100,
		v:     slot.Values{slot.AppointmentsPerWeek: "50", slot.AverageAppointmentValue: "8500", slot.CurrentNoShowRate: "0.18"},
		basis: []string{"18% no-shows - 5%", "$39 for messages", "$28,691"},
	},
	{
		name: "a shop by revenue", feature: "ecommerce_basic", want: 4800000,
		v:     slot.Values{slot.AnnualRevenue: "12000000"},
		basis: []string{"40% of $120,000", "$48,000 to $72,000"},
	},
	{
		name: "a shop by orders", feature: "ecommerce_advanced", want: 3600000,
		v:     slot.Values{slot.MonthlyOrders: "50", slot.AverageOrderValue: "6000"},
		basis: []string{"50 orders a month × $60 × 12 months = $36,000"},
	},
	{
		name: "mail of a shop", feature: "email_marketing", also: ids("ecommerce_basic"), want: 3000000,
		v:     slot.Values{slot.OnlineRevenue: "12000000"},
		basis: []string{"25% of $120,000 online revenue", "$30,000 to $36,000"},
	},
	{
		name: "mail of others", feature: "email_marketing", want: 408000,
		v:     slot.Values{slot.CustomerBase: "200", slot.AverageTransaction: "8500"},
		basis: []string{"200 contacts × 2% × $85 × 12 months = $4,080"},
	},
	{
		name: "mail of others at the value of a visit", feature: "email_marketing", want: 408000,
		v:     slot.Values{slot.CustomerBase: "200", slot.AverageAppointmentValue: "8500"},
		basis: []string{"200 contacts"},
	},
	{
		name: "live chat", feature: "live_chat", want: 3240000,
		v:     slot.Values{slot.MonthlyOrders: "300", slot.AverageOrderValue: "6000"},
		basis: []string{"300 orders a month × $60 × 15% × 12 months = $32,400"},
	},
	{
		name: "payment rescues checkouts", feature: "payment_processing", want: 864000,
		v:     slot.Values{slot.MonthlyOrders: "100", slot.AverageOrderValue: "6000", slot.CartAbandonmentRate: "0.2"},
		basis: []string{"100 checkouts a month × $60 × (20% abandoned - 8%) × 12 months = $8,640"},
	},
	{
		name: "search saves advertising", feature: "seo_package", want: 600000,
		v: slot.Values{slot.MonthlyAdSpend: "50000"}, basis: []string{"can be avoided over time", "$500 a month × 12"},
	},
	{
		name: "stock saves sales", feature: "inventory_management", want: 480000,
		v: slot.Values{slot.LostSalesPerMonth: "40000"}, basis: []string{"$400 of sales lost"},
	},
	{
		name: "members pay fees", feature: "membership_portal", want: 3600000,
		v: slot.Values{slot.MemberCount: "120", slot.MemberFee: "2500"}, basis: []string{"120 members × $25 a month × 12 months = $36,000"},
	},
	{
		name: "blog brings leads", feature: "blog_system", want: 480000,
		v: slot.Values{slot.LeadsPerMonth: "10", slot.CustomerAcquisitionCost: "4000"}, basis: []string{"10 leads a month × $40"},
	},
	{
		name: "newsletter brings leads", feature: "newsletter", want: 480000,
		v: slot.Values{slot.LeadsPerMonth: "10", slot.CustomerAcquisitionCost: "4000"}, basis: []string{"10 leads a month × $40"},
	},
	{name: "dashboard saves hours", feature: "analytics_dashboard", want: 780000, v: slot.Values{slot.HoursPerWeekOnTask: "5", slot.HourlyRate: "3000"}},
	{name: "integration saves hours", feature: "api_integration", want: 780000, v: slot.Values{slot.HoursPerWeekOnTask: "5", slot.HourlyRate: "3000"}},
	{name: "forms save hours", feature: "custom_forms", want: 780000, v: slot.Values{slot.HoursPerWeekOnTask: "5", slot.HourlyRate: "3000"}},
	{name: "portal saves hours", feature: "customer_portal", want: 780000, v: slot.Values{slot.HoursPerWeekOnTask: "5", slot.HourlyRate: "3000"}},
	{name: "calendar saves hours", feature: "event_calendar", want: 780000, v: slot.Values{slot.HoursPerWeekOnTask: "5", slot.HourlyRate: "3000"}},
	{
		name: "languages open a market", feature: "multilingual", want: 3000000,
		v: slot.Values{slot.OtherLanguageShare: "0.15", slot.AnnualRevenue: "20000000"}, basis: []string{"market at stake: 15% of $200,000"},
	},
}

func TestValueWorkedExamples(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	for _, tt := range workedExamples {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, by := recommend.Value(cat, tt.v, append(ids(tt.feature), tt.also...))
			if got := by[tt.feature].Annual; got != tt.want {
				t.Errorf("Value(%v)[%s] = %v, want %v", tt.v, tt.feature, got, tt.want)
			}
			for _, word := range tt.basis {
				if !strings.Contains(by[tt.feature].Basis, word) {
					t.Errorf("Value(%v)[%s] basis = %q, want it to say %q", tt.v, tt.feature, by[tt.feature].Basis, word)
				}
			}
			for missing := range tt.v {
				_, by := recommend.Value(cat, with(tt.v, slot.Values{missing: ""}), append(ids(tt.feature), tt.also...))
				if got := by[tt.feature].Annual; got != 0 {
					t.Errorf("Value without %s = %v, want no amount", missing, got)
				}
			}
		})
	}
}

func TestValueOfASet(t *testing.T) {
	t.Parallel()
	visits := slot.Values{slot.AppointmentsPerWeek: "50", slot.AverageAppointmentValue: "8500", slot.CurrentNoShowRate: "0.18"}
	hours := slot.Values{slot.HoursPerWeekOnTask: "12", slot.HourlyRate: "2500"}
	leads := slot.Values{slot.LeadsPerMonth: "10", slot.CustomerAcquisitionCost: "4000"}
	tests := []struct {
		name     string
		v        slot.Values
		selected []catalog.FeatureID
		want     catalog.Cents
	}{
		{"a no-show is credited once", visits, ids("appointment_scheduling", "sms_notifications"), 3311100},
		{"the salon with an hourly rate", with(visits, hours), ids("appointment_scheduling", "sms_notifications", "email_marketing", "payment_processing"), 4871100},
		{"saved hours are credited once", with(visits, hours), ids("appointment_scheduling", "api_integration", "custom_forms"), 4433000},
		{"hours go to the integration where nothing is booked", hours, ids("appointment_scheduling", "api_integration"), 1560000},
		{"leads are credited once", leads, ids("blog_system", "newsletter"), 480000},
		{"a feature chosen twice counts once", visits, ids("appointment_scheduling", "appointment_scheduling"), 2873000},
		{"an unknown feature counts nothing", visits, ids("zeppelin"), 0},
		{"nothing is worth more than the annual revenue", with(visits, slot.Values{slot.AnnualRevenue: "2000050"}), ids("appointment_scheduling"), 2000000},
		{"nor are all features together", with(visits, slot.Values{slot.AnnualRevenue: "3000000"}), ids("appointment_scheduling", "sms_notifications"), 3000000},
		{"a rate at the target saves nothing", with(visits, slot.Values{slot.CurrentNoShowRate: "0.05"}), ids("appointment_scheduling"), 0},
		{"SMS saves only what is left of a low rate", with(visits, slot.Values{slot.CurrentNoShowRate: "0.04"}), ids("appointment_scheduling", "sms_notifications"), 217100},
		{"SMS that costs more than it saves counts nothing", slot.Values{slot.AppointmentsPerWeek: "50", slot.AverageAppointmentValue: "50"}, ids("appointment_scheduling", "sms_notifications"), 0},
		{"checkouts abandoned below the target save nothing", slot.Values{slot.MonthlyOrders: "100", slot.AverageOrderValue: "6000", slot.CartAbandonmentRate: "0.08"}, ids("payment_processing"), 0},
		{"mail of a shop without online revenue goes by contacts", slot.Values{slot.CustomerBase: "200", slot.AverageOrderValue: "8500"}, ids("email_marketing", "ecommerce_basic"), 408000},
		{"online revenue counts for whoever sells products", slot.Values{slot.BusinessModel: "product", slot.OnlineRevenue: "12000000"}, ids("email_marketing"), 3000000},
		{"online revenue counts next to a large shop", slot.Values{slot.BusinessModel: "service", slot.OnlineRevenue: "12000000"}, ids("email_marketing", "ecommerce_advanced"), 3000000},
		{"online revenue counts for shops only", slot.Values{slot.BusinessModel: "service", slot.OnlineRevenue: "12000000"}, ids("email_marketing"), 0},
		{"a rate above one is no rate", with(visits, slot.Values{slot.CurrentNoShowRate: "18"}), ids("appointment_scheduling"), 0},
		{"a negative figure is no figure", with(visits, slot.Values{slot.AppointmentsPerWeek: "-50"}), ids("appointment_scheduling"), 0},
		{"NaN is no figure", with(visits, slot.Values{slot.AppointmentsPerWeek: "NaN"}), ids("appointment_scheduling"), 0},
		{"words are no figure", with(visits, slot.Values{slot.AppointmentsPerWeek: "many"}), ids("appointment_scheduling"), 0},
		{"a slip of the pen is no figure", with(visits, slot.Values{slot.AppointmentsPerWeek: "1e11", slot.AverageAppointmentValue: "99999999999999"}), ids("appointment_scheduling"), 0},
		{"compliance and social features are worth words only", with(visits, leads), ids("social_media_integration", "security_audit", "wcag_compliance"), 0},
	}
	cat := defaultCatalog(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, by := recommend.Value(cat, tt.v, tt.selected)
			if got != tt.want {
				t.Errorf("Value(%v, %v) = %v, want %v (%v)", tt.v, tt.selected, got, tt.want, by)
			}
		})
	}
}

func TestValueOfHours(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	annual, by := recommend.Value(cat, slot.Values{slot.HoursPerWeekOnTask: "12"}, ids("appointment_scheduling"))
	want := map[catalog.FeatureID]recommend.ROI{
		"appointment_scheduling": {HoursPerYear: 624, Basis: "12 hours a week × 52 weeks = 624 hours a year"},
	}
	if diff := cmp.Diff(want, by); diff != "" || annual != 0 {
		t.Errorf("Value(12 hours without a rate) = %v, mismatch (-want +got):\n%s", annual, diff)
	}
}

func TestPayback(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		price, annual catalog.Cents
		text          string
		months        float64
	}{
		{"scheduling of the salon", 80000, 2873000, "2 weeks", 0.3341},
		{"scheduling with paid hours", 80000, 4433000, "under one week", 0.2166},
		{"SMS of the salon", 30000, 438100, "4 weeks", 0.8217},
		{"the whole project of the salon", 640000, 3311100, "2.3 months", 2.3195},
		{"the whole project with paid hours", 640000, 4871100, "1.6 months", 1.5766},
		{"exactly one month", 10000, 120000, "1 month", 1},
		{"a little below one month", 9990, 120000, "5 weeks", 0.999},
		{"exactly one week", 1000, 52000, "1 week", 0.2308},
		{"exactly two weeks", 2000, 52000, "2 weeks", 0.4615},
		{"a bit above two weeks", 2001, 52000, "3 weeks", 0.4618},
		{"more than a year", 1200000, 100000, "144 months", 144},
		{"no value", 80000, 0, "", 0},
		{"nothing to pay", 0, 1000, "under one week", 0},
	}
	for _, tt := range tests {
		text, months := recommend.Payback(tt.price, tt.annual)
		if text != tt.text || months < tt.months-0.0001 || months > tt.months+0.0001 {
			t.Errorf("%s: Payback(%v, %v) = %q, %.4f, want %q, %.4f", tt.name, tt.price, tt.annual, text, months, tt.text, tt.months)
		}
	}
}

// The sum of the parts is the whole unless the revenue limits it.
func TestValueAddsUp(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	v := slot.Values{}
	var selected []catalog.FeatureID
	for _, tt := range workedExamples {
		v = with(tt.v, v)
		selected = append(selected, tt.feature)
	}
	v[slot.AnnualRevenue] = "99999999999"
	annual, by := recommend.Value(cat, v, selected)
	var sum catalog.Cents
	for _, id := range slices.Sorted(maps.Keys(by)) {
		sum += by[id].Annual
	}
	if annual != sum || len(by) < 10 {
		t.Errorf("Value of everything = %v, parts add up to %v over %d features", annual, sum, len(by))
	}
}

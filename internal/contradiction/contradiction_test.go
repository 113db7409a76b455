package contradiction_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/contradiction"
	"applicreations.com/introspect/internal/effort"
	"applicreations.com/introspect/internal/slot"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func builtIn(tb testing.TB) *catalog.Catalog {
	tb.Helper()
	cat, err := catalog.Default()
	if err != nil {
		tb.Fatal(err)
	}
	return cat
}

// input is a client with values and, unless the package is empty, a selection.
func input(tb testing.TB, v slot.Values, pkg catalog.PackageID, features ...catalog.FeatureID) contradiction.Input {
	tb.Helper()
	cat := builtIn(tb)
	in := contradiction.Input{
		Catalog: cat, Values: v, Now: now, Rank: map[catalog.FeatureID]int{},
		Quote: func(k slot.Key) contradiction.Statement {
			return contradiction.Statement{Text: fmt.Sprintf("words about %s", k), Question: 7}
		},
		Fits: func([]catalog.FeatureID) catalog.PackageID { return catalog.Professional },
	}
	if pkg != "" {
		in.Chosen = &catalog.Selection{Package: pkg, Features: features}
		est, err := cat.Price(*in.Chosen)
		if err != nil {
			tb.Fatalf("price %v: %v", *in.Chosen, err)
		}
		in.Estimate = est
	}
	return in
}

// of finds the finding whose kind and key begin as given.
func of(fs []contradiction.Finding, kind contradiction.Kind, key string) *contradiction.Finding {
	for i, f := range fs {
		if f.Kind == kind && strings.HasPrefix(f.Key, key) {
			return &fs[i]
		}
	}
	return nil
}

// total is the price of the professional package with features.
func total(tb testing.TB, features ...catalog.FeatureID) catalog.Cents {
	tb.Helper()
	est, err := builtIn(tb).Price(catalog.Selection{Package: catalog.Professional, Features: features})
	if err != nil {
		tb.Fatal(err)
	}
	return est.Total
}

func cents(c catalog.Cents) string { return strconv.FormatInt(int64(c), 10) }

// TestRulesFireExactlyWhenTheyShould walks both sides of every boundary
// (DOMAIN 2.11).
func TestRulesFireExactlyWhenTheyShould(t *testing.T) {
	t.Parallel()
	price := total(t, "appointment_scheduling", "sms_notifications")
	limit := price * 10 / 12 // the total is then 1.2 times this, up to a cent
	for limit*12/10 < price {
		limit++
	}
	low, _ := effort.Duration(slot.Values{}, []catalog.FeatureID{"ecommerce_advanced", "inventory_management"}, builtIn(t))
	for _, tt := range []struct {
		name     string
		v        slot.Values
		pkg      catalog.PackageID
		features []catalog.FeatureID
		kind     contradiction.Kind
		key      string
		fires    bool
	}{
		{"a budget a fifth below the total is still fine", slot.Values{slot.BudgetMax: cents(limit)}, catalog.Professional, []catalog.FeatureID{"appointment_scheduling", "sms_notifications"}, contradiction.Budget, "", false},
		{"a smaller one is not", slot.Values{slot.BudgetMax: cents(limit - 100)}, catalog.Professional, []catalog.FeatureID{"appointment_scheduling", "sms_notifications"}, contradiction.Budget, "", true},
		{"no budget, no contradiction", slot.Values{}, catalog.Custom, nil, contradiction.Budget, "", false},
		{"a budget of nothing is none", slot.Values{slot.BudgetMax: "0"}, catalog.Professional, nil, contradiction.Budget, "", false},
		{"a budget before any selection", slot.Values{slot.BudgetMax: "100"}, "", nil, contradiction.Budget, "", false},
		{"just enough weeks", slot.Values{slot.LaunchWeeks: strconv.Itoa(low)}, catalog.Professional, []catalog.FeatureID{"ecommerce_advanced", "inventory_management"}, contradiction.Timeline, "", false},
		{"a week less", slot.Values{slot.LaunchWeeks: strconv.Itoa(low - 1)}, catalog.Professional, []catalog.FeatureID{"ecommerce_advanced", "inventory_management"}, contradiction.Timeline, "", true},
		{"urgent and custom", slot.Values{slot.IsUrgent: "yes"}, catalog.Custom, nil, contradiction.Timeline, "", true},
		{"urgent and small", slot.Values{slot.IsUrgent: "yes"}, catalog.Starter, nil, contradiction.Timeline, "", false},
		{"content two weeks and a day before the launch", slot.Values{slot.ContentReadyDate: "2027-01-03", slot.LaunchWeeks: "8"}, "", nil, contradiction.Content, "", false},
		{"content later than that", slot.Values{slot.ContentReadyDate: "2027-01-06", slot.LaunchWeeks: "8"}, "", nil, contradiction.Content, "", true},
		{"content by a date, and no launch", slot.Values{slot.ContentReadyDate: "2027-01-06"}, "", nil, contradiction.Content, "", false},
		{"texts to be written for an urgent launch", slot.Values{slot.ContentReadiness: "need_help", slot.LaunchWeeks: "4"}, "", nil, contradiction.Content, "", true},
		{"texts to be written, and five weeks", slot.Values{slot.ContentReadiness: "need_help", slot.LaunchWeeks: "5"}, "", nil, contradiction.Content, "", false},
		{"simple with one heavy function", slot.Values{slot.SimpleSite: "yes", slot.MustHaves: "ecommerce_basic"}, "", nil, contradiction.Other, "simple/", false},
		{"simple with two", slot.Values{slot.SimpleSite: "yes", slot.MustHaves: "ecommerce_basic,membership_portal"}, "", nil, contradiction.Other, "simple/", true},
		{"two without simple", slot.Values{slot.MustHaves: "ecommerce_basic,membership_portal"}, "", nil, contradiction.Other, "simple/", false},
		{"HIPAA without its features", slot.Values{slot.ComplianceRequirements: "HIPAA"}, catalog.Custom, nil, contradiction.Other, "compliance/HIPAA", true},
		{"HIPAA with one of its features", slot.Values{slot.ComplianceRequirements: "HIPAA"}, catalog.Custom, []catalog.FeatureID{"security_audit"}, contradiction.Other, "compliance/HIPAA", true},
		{"HIPAA with both", slot.Values{slot.ComplianceRequirements: "HIPAA"}, catalog.Custom, []catalog.FeatureID{"security_audit", "secure_forms"}, contradiction.Other, "compliance/HIPAA", false},
		{"no regulation", slot.Values{slot.ComplianceRequirements: "none"}, catalog.Custom, nil, contradiction.Other, "compliance/", false},
		{"HIPAA in the smallest package", slot.Values{slot.ComplianceRequirements: "HIPAA"}, catalog.Starter, nil, contradiction.Other, "package/", true},
		{"payments refused and chosen", slot.Values{slot.AcceptsPayments: "no"}, catalog.Professional, []catalog.FeatureID{"payment_processing"}, contradiction.Other, "payments/", true},
		{"payments wanted and chosen", slot.Values{slot.AcceptsPayments: "yes"}, catalog.Professional, []catalog.FeatureID{"payment_processing"}, contradiction.Other, "payments/", false},
		{"weekly changes by the client without an editor", slot.Values{slot.UpdateFrequency: "weekly", slot.Maintainer: "client"}, catalog.Starter, nil, contradiction.Other, "updates/", true},
		{"monthly ones", slot.Values{slot.UpdateFrequency: "monthly", slot.Maintainer: "client"}, catalog.Starter, nil, contradiction.Other, "updates/", false},
		{"weekly ones by the agency", slot.Values{slot.UpdateFrequency: "weekly", slot.Maintainer: "agency"}, catalog.Starter, nil, contradiction.Other, "updates/", false},
		{"texts ready and all to be written", slot.Values{slot.ContentReadiness: "ready", slot.Copywriting: "full"}, "", nil, contradiction.Other, "copywriting/", true},
		{"texts ready and some help", slot.Values{slot.ContentReadiness: "ready", slot.Copywriting: "partial"}, "", nil, contradiction.Other, "copywriting/", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := of(contradiction.Find(input(t, tt.v, tt.pkg, tt.features...)), tt.kind, tt.key)
			if (got != nil) != tt.fires {
				t.Fatalf("fires = %v, want %v (%+v)", got != nil, tt.fires, got)
			}
			if got != nil {
				complete(t, got)
			}
		})
	}
}

// complete checks that a finding shows both sides and three ways out with
// their effects.
func complete(t *testing.T, f *contradiction.Finding) {
	t.Helper()
	if n := len(f.Options); n != 3 && (n != 2 || f.Kind != contradiction.Timeline) {
		t.Errorf("%d ways out, want three, or two where nothing else brings the launch nearer", n)
	}
	if f.Earlier.Text == "" || f.Now.Text == "" || f.Description == "" {
		t.Errorf("a side has no words: %+v", f)
	}
	for _, o := range f.Options {
		if o.Label == "" || o.Effect == "" || strings.HasPrefix(o.Effect, ",") {
			t.Errorf("way out %q says nothing of its effect: %q", o.Value, o.Effect)
		}
	}
}

func TestTwoValuesOfOneSlot(t *testing.T) {
	t.Parallel()
	in := input(t, slot.Values{}, "")
	in.Rivals = []contradiction.Rival{{
		Slot: slot.AppointmentsPerWeek, Label: "Appointments per week", Older: "50", Newer: "400", OlderValue: "50", NewerValue: "400",
		Earlier: contradiction.Statement{Text: "50 a week", Question: 9}, Now: contradiction.Statement{Text: "400 a week", Question: 13},
	}}
	fs := contradiction.Find(in)
	if len(fs) != 1 || fs[0].Rival != slot.AppointmentsPerWeek || fs[0].Earlier.Text != "50 a week" || fs[0].Now.Question != 13 || len(fs[0].Options) != 3 {
		t.Errorf("Find = %+v, want one finding with both quotes and three ways out", fs)
	}
}

// TestOnlyWhatSavesAWeekIsOffered: a way out of a launch that comes too early
// shortens the work, is a later date, or is the team's advice.
func TestOnlyWhatSavesAWeekIsOffered(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		v        slot.Values
		features []catalog.FeatureID
		rank     map[catalog.FeatureID]int
		want     string
	}{
		{"nothing chosen that could go", slot.Values{slot.LaunchWeeks: "2"}, nil, nil, "extend_timeline team_decides"},
		{"a small feature sets no pace", slot.Values{slot.LaunchWeeks: "2"}, []catalog.FeatureID{"seo_package"}, nil, "extend_timeline team_decides"},
		{"the texts take the time, not the features", slot.Values{slot.LaunchWeeks: "3", slot.ContentReadiness: "need_help"}, []catalog.FeatureID{"live_chat"}, nil, "extend_timeline team_decides"},
		{"a long feature that can wait", slot.Values{slot.LaunchWeeks: "4"}, []catalog.FeatureID{"ecommerce_advanced"}, nil, "extend_timeline reduce_scope mvp_first"},
		{"a long feature that is essential", slot.Values{slot.LaunchWeeks: "4"}, []catalog.FeatureID{"ecommerce_advanced"}, map[catalog.FeatureID]int{"ecommerce_advanced": 2}, "extend_timeline reduce_scope team_decides"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := input(t, tt.v, catalog.Professional, tt.features...)
			in.Rank = tt.rank
			f := of(contradiction.Find(in), contradiction.Timeline, "")
			if f == nil {
				t.Fatal("not found")
			}
			complete(t, f)
			var got []string
			for _, o := range f.Options {
				got = append(got, o.Value)
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("offered: %s, want %s (%+v)", s, tt.want, f.Options)
			}
		})
	}
}

// TestTheTimelineSaysWhatIsTrue: a custom project that fits the weeks is not
// said to be longer than them.
func TestTheTimelineSaysWhatIsTrue(t *testing.T) {
	t.Parallel()
	for weeks, want := range map[string]string{"4": "nothing to spare", "1": "longer than the time", "": "is urgent"} {
		v := slot.Values{slot.IsUrgent: "yes"}
		if weeks != "" {
			v[slot.LaunchWeeks] = weeks
		}
		f := of(contradiction.Find(input(t, v, catalog.Custom)), contradiction.Timeline, "")
		if f == nil || !strings.Contains(f.Description, want) {
			t.Errorf("launch in %q weeks: %+v, want %q in the description", weeks, f, want)
		}
	}
}

// TestEffectsAreComputed holds the prices in the ways out to the catalog.
func TestEffectsAreComputed(t *testing.T) {
	t.Parallel()
	all := []catalog.FeatureID{"appointment_scheduling", "sms_notifications", "analytics_dashboard", "live_chat"}
	in := input(t, slot.Values{slot.BudgetMax: cents(total(t, "appointment_scheduling") - 1)}, catalog.Professional, all...)
	in.Rank = map[catalog.FeatureID]int{"appointment_scheduling": 2, "sms_notifications": 1}
	f := of(contradiction.Find(in), contradiction.Budget, "")
	if f == nil {
		t.Fatal("the selection exceeds the budget by more than a fifth, and nothing was found")
	}
	for value, want := range map[string]catalog.Cents{
		"raise_budget":    total(t, all...),
		"reduce_features": total(t),
		"phase_features":  total(t, "appointment_scheduling"),
	} {
		i := slices.IndexFunc(f.Options, func(o contradiction.Option) bool { return o.Value == value })
		if i < 0 || !strings.Contains(f.Options[i].Effect, want.String()) {
			t.Errorf("%s promises %q, want %s in it", value, f.Options[max(i, 0)].Effect, want)
		}
		if !regexp.MustCompile(`\d+ to \d+ weeks`).MatchString(f.Options[max(i, 0)].Effect) && value != "reduce_features" {
			t.Errorf("%s says nothing of the date: %q", value, f.Options[max(i, 0)].Effect)
		}
	}
	left, moved := contradiction.Phase(in.Catalog, *in.Chosen, in.Rank, in.Estimate.Total)
	if len(moved) != 0 || len(left.Features) != 4 {
		t.Errorf("Phase within the limit moves %v, want nothing", moved)
	}
	if _, moved := contradiction.Phase(in.Catalog, *in.Chosen, in.Rank, -1); slices.Contains(moved, "appointment_scheduling") || len(moved) != 3 {
		t.Errorf("Phase moves %v, want all that is not essential", moved)
	}
}

// TestSimpleHasPricesBeforeAnySelection: the client decides with figures also
// when the feature screen is still to come.
func TestSimpleHasPricesBeforeAnySelection(t *testing.T) {
	t.Parallel()
	f := of(contradiction.Find(input(t, slot.Values{slot.SimpleSite: "yes", slot.MustHaves: "ecommerce_basic,membership_portal,payment_processing"}, "")), contradiction.Other, "simple/")
	if f == nil {
		t.Fatal("not found")
	}
	for _, o := range f.Options {
		if !strings.Contains(o.Effect, "$") {
			t.Errorf("%s has no price: %q", o.Value, o.Effect)
		}
	}
}

func TestTheOrderIsAlwaysTheSame(t *testing.T) {
	t.Parallel()
	v := slot.Values{
		slot.BudgetMax: "100000", slot.LaunchWeeks: "1", slot.ContentReadiness: "need_help", slot.SimpleSite: "yes",
		slot.MustHaves: "ecommerce_basic,membership_portal", slot.ComplianceRequirements: "GDPR,HIPAA", slot.AcceptsPayments: "no",
	}
	in := input(t, v, catalog.Custom, "payment_processing")
	first := contradiction.Find(in)
	var kinds []contradiction.Kind
	for _, f := range first {
		kinds = append(kinds, f.Kind)
	}
	if len(first) < 5 || kinds[0] != contradiction.Budget || kinds[1] != contradiction.Timeline || kinds[2] != contradiction.Content {
		t.Errorf("kinds = %v, want budget, timeline and content before the others", kinds)
	}
	for range 20 {
		for i, f := range contradiction.Find(in) {
			if f.Key != first[i].Key {
				t.Fatalf("finding %d is %s, and was %s", i, f.Key, first[i].Key)
			}
		}
	}
}

func TestWithoutPayments(t *testing.T) {
	t.Parallel()
	cat := builtIn(t)
	sel := contradiction.WithoutPayments(cat, catalog.Selection{Package: catalog.Professional, Features: []catalog.FeatureID{"ecommerce_basic", "payment_processing", "seo_package"}})
	if !slices.Equal(sel.Features, []catalog.FeatureID{"seo_package"}) {
		t.Errorf("features = %v, want only what takes no money", sel.Features)
	}
	// The stock needs the shop and goes with it; the analytics need what the package holds.
	sel = contradiction.WithoutPayments(cat, catalog.Selection{Package: catalog.Professional, Features: []catalog.FeatureID{"analytics_dashboard", "ecommerce_basic", "inventory_management"}})
	if !slices.Equal(sel.Features, []catalog.FeatureID{"analytics_dashboard"}) {
		t.Errorf("features = %v, want the analytics alone", sel.Features)
	}
}

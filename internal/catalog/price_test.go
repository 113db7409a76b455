package catalog_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
)

const (
	scheduling   catalog.FeatureID = "appointment_scheduling"
	booking      catalog.FeatureID = "booking_system"
	sms          catalog.FeatureID = "sms_notifications"
	payment      catalog.FeatureID = "payment_processing"
	shop         catalog.FeatureID = "ecommerce_basic"
	bigShop      catalog.FeatureID = "ecommerce_advanced"
	email        catalog.FeatureID = "email_marketing"
	social       catalog.FeatureID = "social_media_integration"
	newsletter   catalog.FeatureID = "newsletter"
	blog         catalog.FeatureID = "blog_system"
	seo          catalog.FeatureID = "seo_package"
	dashboard    catalog.FeatureID = "analytics_dashboard"
	portal       catalog.FeatureID = "customer_portal"
	members      catalog.FeatureID = "membership_portal"
	inventory    catalog.FeatureID = "inventory_management"
	integration  catalog.FeatureID = "api_integration"
	forms        catalog.FeatureID = "custom_forms"
	chat         catalog.FeatureID = "live_chat"
	audit        catalog.FeatureID = "security_audit"
	secureForms  catalog.FeatureID = "secure_forms"
	signIn       catalog.FeatureID = "user_authentication"
	events       catalog.FeatureID = "event_calendar"
	multilingual catalog.FeatureID = "multilingual"
)

func defaultCatalog(tb testing.TB) *catalog.Catalog {
	tb.Helper()
	c, err := catalog.Default()
	if err != nil {
		tb.Fatalf("Default() err = %v", err)
	}
	return c
}

func ids(features ...catalog.FeatureID) []catalog.FeatureID { return features }

// figures is what a price check compares, in dollars.
type figures struct {
	AddOns, Discount, Total, Hosting, FirstYear float64
	Bundles                                     []catalog.BundleID
}

func figuresOf(e catalog.Estimate) figures {
	f := figures{e.AddOns.Dollars(), e.Discount.Dollars(), e.Total.Dollars(), e.HostingMonthly.Dollars(), e.FirstYear.Dollars(), nil}
	for _, b := range e.Bundles {
		f.Bundles = append(f.Bundles, b.ID)
	}
	return f
}

func TestPrice(t *testing.T) {
	t.Parallel()
	c := defaultCatalog(t)
	tests := []struct {
		name string
		sel  catalog.Selection
		want figures
	}{
		{
			"scheduling, payment and SMS earn the service bundle",
			catalog.Selection{Package: catalog.Professional, Features: ids(scheduling, payment, sms)},
			figures{1600, 100, 6000, 150, 7800, []catalog.BundleID{"service_provider"}},
		},
		{
			"scheduling, SMS and email earn nothing",
			catalog.Selection{Package: catalog.Professional, Features: ids(scheduling, sms, email)},
			figures{1500, 0, 6000, 150, 7800, nil},
		},
		{
			"a starter site without add-ons costs its package",
			catalog.Selection{Package: catalog.Starter},
			figures{0, 0, 2500, 75, 3400, nil},
		},
		{
			"a membership portal brings payment along for nothing",
			catalog.Selection{Package: catalog.Custom, Features: ids(members)},
			figures{1500, 0, 7500, 300, 11100, nil},
		},
		{
			"the small shop earns its bundle and payment is free",
			catalog.Selection{Package: catalog.Professional, Features: ids(shop, email, social, newsletter)},
			figures{2200, 300, 6400, 150, 8200, []catalog.BundleID{"ecommerce_starter"}},
		},
		{
			"the three health features earn the compliance bundle",
			catalog.Selection{Package: catalog.Custom, Features: ids(audit, secureForms, signIn)},
			figures{1600, 200, 7400, 300, 11000, []catalog.BundleID{"compliance"}},
		},
		{
			"the salon with four features",
			catalog.Selection{Package: catalog.Professional, Features: ids(scheduling, sms, email, payment)},
			figures{2000, 100, 6400, 150, 8200, []catalog.BundleID{"service_provider"}},
		},
		{
			"payment chosen by hand next to a shop is free",
			catalog.Selection{Package: catalog.Professional, Features: ids(payment, shop)},
			figures{1200, 0, 5700, 150, 7500, nil},
		},
		{
			"payment that a shop covers does not count for a bundle",
			catalog.Selection{Package: catalog.Professional, Features: ids(scheduling, sms, payment, shop)},
			figures{2300, 0, 6800, 150, 8600, nil},
		},
		{
			"of two bundles that share a member the larger discount wins",
			catalog.Selection{Package: catalog.Professional, Features: ids(email, social, newsletter, blog, seo, dashboard)},
			figures{2700, 350, 6850, 150, 8650, []catalog.BundleID{"marketing_suite"}},
		},
		{
			"bundles without a common member add up",
			catalog.Selection{Package: catalog.Custom, Features: ids(scheduling, payment, sms, audit, secureForms, signIn, email, seo, social, dashboard)},
			figures{5150, 650, 10500, 300, 14100, []catalog.BundleID{"service_provider", "compliance", "marketing_suite"}},
		},
		{
			"pieces multiply the price of each",
			catalog.Selection{Package: catalog.Professional, Features: ids(integration, forms), Quantities: map[catalog.FeatureID]int{integration: 3, forms: 2, chat: 9}},
			figures{2800, 0, 7300, 150, 9100, nil},
		},
		{
			"a repeated feature is charged once",
			catalog.Selection{Package: catalog.Starter, Features: ids(sms, sms)},
			figures{300, 0, 2800, 75, 3700, nil},
		},
		{
			"10,000 visitors still fit the basic tier",
			catalog.Selection{Package: catalog.Starter, MonthlyVisitors: 10000},
			figures{0, 0, 2500, 75, 3400, nil},
		},
		{
			"10,001 visitors need the standard tier",
			catalog.Selection{Package: catalog.Starter, MonthlyVisitors: 10001},
			figures{0, 0, 2500, 150, 4300, nil},
		},
		{
			"50,001 visitors need the premium tier even on starter",
			catalog.Selection{Package: catalog.Starter, MonthlyVisitors: 50001},
			figures{0, 0, 2500, 300, 6100, nil},
		},
		{
			"few visitors never lower the tier of the package",
			catalog.Selection{Package: catalog.Custom, MonthlyVisitors: 10},
			figures{0, 0, 6000, 300, 9600, nil},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, err := c.Price(tt.sel)
			if err != nil {
				t.Fatalf("Price(%v) err = %v", tt.sel, err)
			}
			if diff := cmp.Diff(tt.want, figuresOf(e)); diff != "" {
				t.Errorf("Price(%v) mismatch (-want +got):\n%s", tt.sel, diff)
			}
		})
	}
}

func TestPriceLines(t *testing.T) {
	t.Parallel()
	c := defaultCatalog(t)
	e, err := c.Price(catalog.Selection{Package: catalog.Professional, Features: ids(sms, shop)})
	if err != nil {
		t.Fatalf("Price err = %v", err)
	}
	want := []catalog.Line{
		{Feature: shop, Name: "E-commerce (Basic)", Unit: 120000, Quantity: 1, Amount: 120000},
		{Feature: payment, Name: "Payment Processing Integration", Unit: 50000, Quantity: 1, AutoAddedBy: shop, Free: true},
		{Feature: sms, Name: "SMS Notifications", Unit: 30000, Quantity: 1, Amount: 30000},
	}
	if diff := cmp.Diff(want, e.Lines); diff != "" {
		t.Errorf("Lines mismatch (-want +got):\n%s", diff)
	}
	wantPackage := catalog.Line{Name: "Professional", Unit: 450000, Quantity: 1, Amount: 450000}
	if diff := cmp.Diff(wantPackage, e.Package); diff != "" {
		t.Errorf("Package mismatch (-want +got):\n%s", diff)
	}

	e, err = c.Price(catalog.Selection{Package: catalog.Professional, Features: ids(payment, members)})
	if err != nil {
		t.Fatalf("Price err = %v", err)
	}
	if l := e.Lines[1]; l.Feature != payment || !l.Free || l.AutoAddedBy != "" {
		t.Errorf("payment chosen by hand next to a portal = %+v, want free and not marked as added", l)
	}
}

func TestPriceSchedule(t *testing.T) {
	t.Parallel()
	c := defaultCatalog(t)
	c.Packages[0].Price = 250003 // cents that do not divide by four
	tests := []struct {
		name string
		sel  catalog.Selection
		want []catalog.Cents
	}{
		{"a round total splits into 50, 25 and 25 percent", catalog.Selection{Package: catalog.Professional, Features: ids(scheduling, sms, email, payment)}, []catalog.Cents{320000, 160000, 160000}},
		{"odd cents are rounded and the last part takes the remainder", catalog.Selection{Package: catalog.Starter}, []catalog.Cents{125002, 62501, 62500}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, err := c.Price(tt.sel)
			if err != nil {
				t.Fatalf("Price err = %v", err)
			}
			got, percent := []catalog.Cents{}, 0
			for _, p := range e.Schedule {
				got = append(got, p.Amount)
				percent += p.Percent
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || percent != 100 {
				t.Errorf("Schedule percent = %d, amounts (-want +got):\n%s", percent, diff)
			}
		})
	}
}

// A rebate leaves something to pay; what is taken off is the total, with which the
// first year and the payments go down.
func TestPriceRebate(t *testing.T) {
	t.Parallel()
	c := defaultCatalog(t)
	sel := catalog.Selection{Package: catalog.Professional, Features: ids(chat)}
	whole, err := c.Price(sel)
	if err != nil {
		t.Fatal(err)
	}
	for _, rebate := range []catalog.Cents{-1, whole.Total, whole.Total + 1} {
		sel.Rebate = rebate
		_, err := c.Price(sel)
		if bad, ok := errors.AsType[*catalog.BadRebate](err); !ok || bad.Rebate != rebate || bad.Before != whole.Total {
			t.Errorf("Price with a rebate of %d err = %v, want a BadRebate off %d", rebate, err, whole.Total)
		}
	}
	for _, rebate := range []catalog.Cents{0, 1, whole.Total - 1} {
		sel.Rebate, sel.RebateFor = rebate, "Returning client"
		got, err := c.Price(sel)
		if err != nil || got.Rebate != rebate || got.Total != whole.Total-rebate || got.FirstYear != whole.FirstYear-rebate || (got.RebateFor != "") != (rebate > 0) {
			t.Errorf("Price with a rebate of %d = %+v, %v, want so much less than %d", rebate, got, err, whole.Total)
		}
		var paid catalog.Cents
		for _, p := range got.Schedule {
			paid += p.Amount
		}
		if paid != got.Total {
			t.Errorf("with a rebate of %d the payments come to %d, want %d", rebate, paid, got.Total)
		}
	}
}

func TestPriceErrors(t *testing.T) {
	t.Parallel()
	c := defaultCatalog(t)
	tests := []struct {
		name string
		sel  catalog.Selection
		want error
		says []string
	}{
		{
			"scheduling and booking exclude each other",
			catalog.Selection{Package: catalog.Professional, Features: ids(booking, scheduling)},
			&catalog.Conflict{A: scheduling, B: booking, NameA: "Appointment Scheduling System", NameB: "Booking System"},
			[]string{"Appointment Scheduling System", "Booking System", "Please keep one"},
		},
		{
			"the two shops exclude each other",
			catalog.Selection{Package: catalog.Professional, Features: ids(shop, bigShop)},
			&catalog.Conflict{A: shop, B: bigShop, NameA: "E-commerce (Basic)", NameB: "E-commerce (Advanced)"},
			[]string{"E-commerce (Basic)", "E-commerce (Advanced)"},
		},
		{
			"the two portals exclude each other",
			catalog.Selection{Package: catalog.Custom, Features: ids(members, portal)},
			&catalog.Conflict{A: portal, B: members, NameA: "Customer Portal", NameB: "Membership Portal"},
			[]string{"Customer Portal", "Membership Portal"},
		},
		{
			"stock keeping needs a shop",
			catalog.Selection{Package: catalog.Professional, Features: ids(inventory)},
			&catalog.MissingDependency{Feature: inventory, Name: "Inventory Management System", NeedsOneOf: ids(shop, bigShop), OptionNames: []string{"E-commerce (Basic)", "E-commerce (Advanced)"}},
			[]string{"Inventory Management System was chosen without E-commerce (Basic) or E-commerce (Advanced)", "Please add"},
		},
		{
			"a blog needs a package with a content system",
			catalog.Selection{Package: catalog.Starter, Features: ids(blog)},
			&catalog.MissingDependency{
				Feature: blog, Name: "Blog/News System", Inclusion: "Content Management System",
				Packages: []catalog.PackageID{catalog.Professional, catalog.Custom}, PackageNames: []string{"Professional", "Custom"},
			},
			[]string{"Content Management System", "choose the Professional or Custom package"},
		},
		{
			"an unknown feature is refused",
			catalog.Selection{Package: catalog.Starter, Features: ids(sms, "zeppelin", "airship")},
			&catalog.UnknownFeature{ID: "airship"},
			[]string{`"airship"`, "Please choose"},
		},
		{
			"an unknown package is refused",
			catalog.Selection{Package: "deluxe"},
			&catalog.UnknownPackage{ID: "deluxe"},
			[]string{`"deluxe"`, "Please choose"},
		},
		{
			"two pieces of something sold once are refused",
			catalog.Selection{Package: catalog.Starter, Features: ids(sms), Quantities: map[catalog.FeatureID]int{sms: 2}},
			&catalog.BadQuantity{Feature: sms, Name: "SMS Notifications", Quantity: 2},
			[]string{"SMS Notifications", "Please choose it once"},
		},
		{
			"no pieces of something chosen are refused",
			catalog.Selection{Package: catalog.Starter, Features: ids(forms), Quantities: map[catalog.FeatureID]int{forms: 0}},
			&catalog.BadQuantity{Feature: forms, Name: "Custom Forms", Quantity: 0, Each: true},
			[]string{"Custom Forms", "from 1 to 100"},
		},
		{
			"101 pieces are refused",
			catalog.Selection{Package: catalog.Starter, Features: ids(forms), Quantities: map[catalog.FeatureID]int{forms: 101}},
			&catalog.BadQuantity{Feature: forms, Name: "Custom Forms", Quantity: 101, Each: true},
			[]string{"101"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, err := c.Price(tt.sel)
			if diff := cmp.Diff(tt.want, err); diff != "" {
				t.Fatalf("Price(%v) err mismatch (-want +got):\n%s", tt.sel, diff)
			}
			for _, word := range tt.says {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("Price(%v) err = %q, want it to say %q", tt.sel, err, word)
				}
			}
			if e.Total != 0 {
				t.Errorf("Price(%v) total = %v next to an error, want 0", tt.sel, e.Total)
			}
		})
	}
}

func TestPriceOneOfBoundary(t *testing.T) {
	t.Parallel()
	c := defaultCatalog(t)
	for _, sel := range []catalog.Selection{
		{Package: catalog.Professional, Features: ids(inventory, bigShop)},
		{Package: catalog.Starter, Features: ids(inventory, shop, dashboard)},
		{Package: catalog.Professional, Features: ids(blog)},
		{Package: catalog.Starter, Features: ids(forms), Quantities: map[catalog.FeatureID]int{forms: 100}},
		{Package: catalog.Starter, Features: ids(sms), Quantities: map[catalog.FeatureID]int{sms: 1}},
	} {
		if _, err := c.Price(sel); err != nil {
			t.Errorf("Price(%v) err = %v, want none", sel, err)
		}
	}
}

// Ties go to the bundle that stands first; here two of equal discount share a
// member, and a third one makes a pair possible only with the second.
func TestPriceBundleTies(t *testing.T) {
	t.Parallel()
	c := defaultCatalog(t)
	c.Bundles = []catalog.Bundle{
		{ID: "first", Name: "First", Members: ids(sms, chat), Discount: 5000},
		{ID: "second", Name: "Second", Members: ids(chat, events), Discount: 5000},
	}
	sel := catalog.Selection{Package: catalog.Starter, Features: ids(sms, chat, events, multilingual)}
	check := func(want ...catalog.BundleID) {
		t.Helper()
		e, err := c.Price(sel)
		if err != nil {
			t.Fatalf("Price err = %v", err)
		}
		if got := figuresOf(e).Bundles; !slices.Equal(got, want) {
			t.Errorf("Bundles = %v, want %v", got, want)
		}
	}
	check("first")
	c.Bundles = append(c.Bundles, catalog.Bundle{ID: "third", Name: "Third", Members: ids(sms, multilingual), Discount: 100})
	check("second", "third")
	c.Bundles[0].Discount = 5100
	check("first")
}

// The first feature of the catalog can be needed as well as any other.
func TestPriceNeedsTheFirstFeature(t *testing.T) {
	t.Parallel()
	c := defaultCatalog(t)
	i := slices.IndexFunc(c.Features, func(f catalog.Feature) bool { return f.ID == chat })
	c.Features[i].Requires = [][]string{{string(dashboard), "cms"}}
	_, err := c.Price(catalog.Selection{Package: catalog.Starter, Features: ids(chat)})
	want := "Live Chat Integration was chosen without Advanced Analytics Dashboard or Content Management System, and it cannot work alone. " +
		"Please add Advanced Analytics Dashboard or choose the Professional or Custom package, or remove Live Chat Integration."
	if err == nil || err.Error() != want {
		t.Errorf("Price(chat) err = %v, want %q", err, want)
	}
	for _, sel := range []catalog.Selection{
		{Package: catalog.Starter, Features: ids(chat, dashboard)},
		{Package: catalog.Professional, Features: ids(chat)},
	} {
		if _, err := c.Price(sel); err != nil {
			t.Errorf("Price(%v) err = %v, want none", sel, err)
		}
	}
}

func TestErrorsAreTyped(t *testing.T) {
	t.Parallel()
	_, err := defaultCatalog(t).Price(catalog.Selection{Package: catalog.Professional, Features: ids(booking, scheduling)})
	conflict, ok := errors.AsType[*catalog.Conflict](err)
	if !ok || conflict.A != scheduling {
		t.Errorf("Price(booking, scheduling) err = %#v, want a *Conflict", err)
	}
}

package slot_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/slot"
)

// TestDefs checks the checklist against the figures of DOMAIN 2.4 and 2.5.
func TestDefs(t *testing.T) {
	t.Parallel()
	got := map[slot.Category]int{}
	seen := map[slot.Key]bool{}
	items := 0
	for _, d := range slot.Defs() {
		if seen[d.Key] {
			t.Errorf("slot %s is defined twice", d.Key)
		}
		seen[d.Key] = true
		if d.Label == "" || d.Type == "" || d.Section < 1 || d.Section > 14 {
			t.Errorf("slot %s is incomplete: %+v", d.Key, d)
		}
		if !d.Item() {
			continue
		}
		items++
		got[d.Category]++
		if d.Priority == "" {
			t.Errorf("item %s has no priority", d.Key)
		}
	}
	want := map[slot.Category]int{
		slot.Business: 8, slot.Brand: 6, slot.Content: 6, slot.Technical: 11,
		slot.Media: 6, slot.Design: 6, slot.Support: 6, slot.Parameters: 4,
	}
	if diff := cmp.Diff(want, got); diff != "" || items != 53 {
		t.Errorf("%d items, want 53; per category (-want +got):\n%s", items, diff)
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	v := slot.Values{
		slot.AppointmentsPerWeek: "50", slot.CurrentNoShowRate: "0.18", slot.BudgetMax: "500000",
		slot.Video: "none", slot.IsUrgent: "yes", slot.SimpleSite: "no",
		slot.MustHaves: slot.Join([]string{"a shop, with vouchers", " blog "}), slot.Integrations: slot.Join(nil),
	}
	if n, ok := v.Number(slot.CurrentNoShowRate); !ok || n != 0.18 {
		t.Errorf("Number(rate) = %v, %v, want 0.18", n, ok)
	}
	if c, ok := v.Cents(slot.BudgetMax); !ok || c != 500_000 {
		t.Errorf("Cents(budget) = %v, %v, want 500000", c, ok)
	}
	if diff := cmp.Diff([]string{"a shop; with vouchers", "blog"}, v.List(slot.MustHaves)); diff != "" {
		t.Errorf("List(Join(...)) (-want +got):\n%s", diff)
	}
	for name, got := range map[string]bool{
		"a known number above the limit is over it": v.Over(slot.AppointmentsPerWeek, 15),
		"a number at the limit is not over it":      !v.Over(slot.AppointmentsPerWeek, 50),
		"an unknown number is over nothing":         !v.Over(slot.MonthlyOrders, -1),
		"yes is yes":                                v.Yes(slot.IsUrgent),
		"no is not yes, but known":                  !v.Yes(slot.SimpleSite) && v.Has(slot.SimpleSite),
		"none is a known, empty list":               v.Has(slot.Integrations) && len(v.List(slot.Integrations)) == 0,
		"a list holds its entries":                  v.Holds(slot.MustHaves, "blog"),
		"an unknown slot holds nothing":             !v.Holds(slot.CurrentTools, ""),
		"a text is no amount":                       notCents(v, slot.Video),
	} {
		if !got {
			t.Errorf("it does not hold that %s", name)
		}
	}
}

func notCents(v slot.Values, k slot.Key) bool {
	_, ok := v.Cents(k)
	return !ok
}

// TestWhen: a condition holds for a value or an entry of a list, without values for
// whatever is known, and never for what is not known (DOMAIN 5.1).
func TestWhen(t *testing.T) {
	t.Parallel()
	v := slot.Values{slot.BusinessModel: "service", slot.MustHaves: "blog_system,live_chat", slot.Integrations: "none"}
	for _, tt := range []struct {
		name string
		when slot.When
		want bool
	}{
		{"the value", slot.When{Slot: slot.BusinessModel, Any: []string{"product", "service"}}, true},
		{"another value", slot.When{Slot: slot.BusinessModel, Any: []string{"product"}}, false},
		{"an entry of a list", slot.When{Slot: slot.MustHaves, Any: []string{"live_chat"}}, true},
		{"a part of an entry", slot.When{Slot: slot.MustHaves, Any: []string{"live"}}, false},
		{"an empty list by its name", slot.When{Slot: slot.Integrations, Any: []string{"none"}}, true},
		{"anything that is known", slot.When{Slot: slot.MustHaves}, true},
		{"an empty list is known", slot.When{Slot: slot.Integrations}, true},
		{"what is not known, by value", slot.When{Slot: slot.Video, Any: []string{"none"}}, false},
		{"what is not known", slot.When{Slot: slot.Video}, false},
	} {
		if got := tt.when.Holds(v); got != tt.want {
			t.Errorf("%s: Holds = %v, want %v", tt.name, got, tt.want)
		}
		other := slot.When{Slot: slot.Video}
		if got := slot.AnyHolds([]slot.When{other, tt.when, other}, v); got != tt.want {
			t.Errorf("%s among others: AnyHolds = %v, want %v", tt.name, got, tt.want)
		}
	}
	if slot.AnyHolds(nil, v) {
		t.Error("one of no conditions holds")
	}
}

// TestWhatBelongsToWhom: figures and details that only some projects have.
func TestWhatBelongsToWhom(t *testing.T) {
	t.Parallel()
	always := 0
	for _, d := range slot.Defs() {
		if len(d.RequiredIf) == 0 {
			always++
			if !d.Required(nil) {
				t.Errorf("%s has no condition and belongs to nobody", d.Key)
			}
		} else if d.Required(nil) {
			t.Errorf("%s has conditions and belongs to a project of which nothing is known", d.Key)
		}
	}
	if always == 0 {
		t.Error("no slot belongs to every project")
	}
	defs := slot.ByKey()
	for name, tt := range map[string]struct {
		v      slot.Values
		has    []slot.Key
		hasNot []slot.Key
	}{
		"a practice":                   {slot.Values{slot.BusinessModel: "service", slot.ServiceSubtype: "appointment"}, []slot.Key{slot.AppointmentsPerWeek, slot.CurrentNoShowRate, slot.BookingDetails}, []slot.Key{slot.BookingsPerWeek, slot.MonthlyOrders, slot.MemberFee}},
		"a restaurant":                 {slot.Values{slot.BusinessModel: "service", slot.ServiceSubtype: "reservation"}, []slot.Key{slot.BookingsPerWeek, slot.AverageAppointmentValue}, []slot.Key{slot.AppointmentsPerWeek, slot.ProductsToSell}},
		"a shop":                       {slot.Values{slot.BusinessModel: "product"}, []slot.Key{slot.ProductsToSell, slot.MonthlyOrders, slot.CheckoutDetails}, []slot.Key{slot.CurrentNoShowRate, slot.PostsPerWeek}},
		"a service whose visitors buy": {slot.Values{slot.BusinessModel: "service", slot.VisitorActions: "read,buy"}, []slot.Key{slot.ProductsToSell, slot.CurrentNoShowRate}, []slot.Key{slot.MemberFee}},
		"a mix with members":           {slot.Values{slot.BusinessModel: "hybrid", slot.SecondaryModels: "content,membership"}, []slot.Key{slot.MemberFee, slot.PostsPerWeek}, []slot.Key{slot.MonthlyOrders}},
		"a site that asked for a blog": {slot.Values{slot.MustHaves: "blog_system"}, []slot.Key{slot.SubscriberCount}, []slot.Key{slot.MemberCount}},
	} {
		for _, k := range tt.has {
			if !defs[k].Required(tt.v) {
				t.Errorf("%s: %s does not belong to it", name, k)
			}
		}
		for _, k := range tt.hasNot {
			if defs[k].Required(tt.v) {
				t.Errorf("%s: %s belongs to it", name, k)
			}
		}
	}
}

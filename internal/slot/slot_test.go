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

package contradiction_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/contradiction"
	"applicreations.com/introspect/internal/slot"
)

// TestAMustThatWasNotChosen: only what was picked as a must, is essential for the
// client and comes in no other way is missing.
func TestAMustThatWasNotChosen(t *testing.T) {
	t.Parallel()
	essential := map[catalog.FeatureID]int{"ecommerce_advanced": 2, "appointment_scheduling": 2, "payment_processing": 2, "sms_notifications": 1}
	for name, tt := range map[string]struct {
		musts, chosen, phased []catalog.FeatureID
		values                slot.Values
		pkg                   catalog.PackageID
		want                  string
	}{
		"chosen":                       {musts: ids("appointment_scheduling"), chosen: ids("appointment_scheduling")},
		"left out":                     {musts: ids("appointment_scheduling"), want: "must/appointment_scheduling"},
		"two of them":                  {musts: ids("appointment_scheduling", "ecommerce_advanced"), want: "must/appointment_scheduling,ecommerce_advanced"},
		"one of two":                   {musts: ids("appointment_scheduling", "ecommerce_advanced"), chosen: ids("appointment_scheduling"), want: "must/ecommerce_advanced"},
		"the larger shop is advised":   {musts: ids("ecommerce_basic"), want: "must/ecommerce_advanced"},
		"another shop will do":         {musts: ids("ecommerce_advanced"), chosen: ids("ecommerce_basic")},
		"named twice":                  {musts: ids("ecommerce_basic", "ecommerce_advanced"), want: "must/ecommerce_advanced"},
		"planned for later":            {musts: ids("appointment_scheduling"), phased: ids("appointment_scheduling")},
		"comes along with another":     {musts: ids("payment_processing"), chosen: ids("ecommerce_basic")},
		"useful, not essential":        {musts: ids("sms_notifications")},
		"nobody picked anything":       {values: slot.Values{slot.MustHaves: "appointment_scheduling"}},
		"payment was ruled out":        {musts: ids("payment_processing"), values: slot.Values{slot.AcceptsPayments: "no"}},
		"before anything was chosen":   {musts: ids("appointment_scheduling"), pkg: "none"},
		"what the package has already": {musts: ids("cms")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(t, tt.values, catalog.Professional, tt.chosen...)
			if tt.pkg != "" {
				in = input(t, tt.values, "")
			}
			in.Rank, in.Phased = essential, tt.phased
			for _, id := range tt.musts {
				in.Musts = append(in.Musts, contradiction.Must{Feature: id, Said: contradiction.Statement{Text: "A must: " + string(id), Question: 3}})
			}
			got := of(contradiction.Find(in), contradiction.Other, "must/")
			if got == nil {
				if tt.want != "" {
					t.Fatalf("nothing is missing, want %s", tt.want)
				}
				return
			}
			if got.Key != tt.want {
				t.Fatalf("missing is %s, want %q", got.Key, tt.want)
			}
			complete(t, got)
			if want := in.Musts[len(in.Musts)-1].Said; len(in.Musts) == 1 && got.Earlier != want {
				t.Errorf("it quotes %+v, want %+v", got.Earlier, want)
			}
		})
	}
}

// What is added is priced, in a package that carries it.
func TestAddingAMustIsPriced(t *testing.T) {
	t.Parallel()
	in := input(t, slot.Values{}, catalog.Starter)
	in.Rank = map[catalog.FeatureID]int{"appointment_scheduling": 2}
	in.Musts = []contradiction.Must{{Feature: "appointment_scheduling"}}
	got := of(contradiction.Find(in), contradiction.Other, "must/")
	if got == nil {
		t.Fatal("nothing is missing")
	}
	if want := total(t, "appointment_scheduling").String() + ", "; !strings.HasPrefix(got.Options[0].Effect, want) {
		t.Errorf("adding it comes to %q, want %q, the price in the package that fits", got.Options[0].Effect, want)
	}
	labels := []string{got.Options[0].Label, got.Options[1].Label, got.Options[2].Label}
	if diff := cmp.Diff([]string{"Add it", "Build it later", "Leave it out"}, labels); diff != "" {
		t.Error(diff)
	}
}

func ids(list ...catalog.FeatureID) []catalog.FeatureID { return list }

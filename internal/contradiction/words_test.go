package contradiction_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/contradiction"
	"applicreations.com/introspect/internal/slot"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// clients are some for every rule.
func clients(t *testing.T) map[string]contradiction.Input {
	t.Helper()
	ranked := func(in contradiction.Input) contradiction.Input {
		in.Rank = map[catalog.FeatureID]int{"appointment_scheduling": 2, "sms_notifications": 1}
		return in
	}
	unsaid := input(t, slot.Values{slot.ContentReadiness: "need_help", slot.LaunchWeeks: "3"}, "")
	unsaid.Quote = func(k slot.Key) contradiction.Statement {
		if k == slot.ContentReadyDate {
			return contradiction.Statement{}
		}
		return contradiction.Statement{Text: "words about " + string(k), Question: 7}
	}
	apart := func(k slot.Key, older, newer string, chosen ...catalog.FeatureID) contradiction.Input {
		pkg := catalog.Professional
		if len(chosen) == 0 {
			pkg = "" // nothing is chosen so far
		}
		in := input(t, slot.Values{k: older}, pkg, chosen...)
		in.Rivals = []contradiction.Rival{{
			Slot: k, Label: "unused", Older: older, Newer: newer, OlderValue: older, NewerValue: newer,
			Earlier: contradiction.Statement{Text: "earlier words", Question: 5}, Now: contradiction.Statement{Text: "later words", Question: 9},
		}}
		return in
	}
	return map[string]contradiction.Input{
		"budget, something can wait":                    ranked(input(t, slot.Values{slot.BudgetMax: "500000"}, catalog.Professional, "appointment_scheduling", "sms_notifications", "live_chat")),
		"budget, nothing can wait":                      ranked(input(t, slot.Values{slot.BudgetMax: "100000"}, catalog.Professional, "appointment_scheduling")),
		"launch in a week":                              ranked(input(t, slot.Values{slot.LaunchWeeks: "1"}, catalog.Professional, "appointment_scheduling", "sms_notifications", "live_chat")),
		"launch in a week, no extras":                   input(t, slot.Values{slot.LaunchWeeks: "1"}, catalog.Professional),
		"content by a date":                             input(t, slot.Values{slot.ContentReadyDate: "2027-01-06", slot.LaunchWeeks: "8"}, catalog.Professional, "ecommerce_advanced", "inventory_management", "membership_portal", "api_integration"),
		"content in some weeks":                         input(t, slot.Values{slot.ContentReadyDate: "in six weeks", slot.LaunchWeeks: "7"}, ""),
		"content without a date":                        unsaid,
		"small package":                                 input(t, slot.Values{slot.ComplianceRequirements: "HIPAA"}, catalog.Starter, "api_integration", "membership_portal", "security_audit", "secure_forms"),
		"simple":                                        input(t, slot.Values{slot.SimpleSite: "yes", slot.MustHaves: "inventory_management,ecommerce_basic,nothing_known,payment_processing"}, ""),
		"simple, without the shop that the stock needs": input(t, slot.Values{slot.SimpleSite: "yes", slot.MustHaves: "inventory_management,payment_processing"}, ""),
		"simple, chosen":                                ranked(input(t, slot.Values{slot.SimpleSite: "yes"}, catalog.Professional, "appointment_scheduling", "ecommerce_basic", "inventory_management")),
		"HIPAA":                                         input(t, slot.Values{slot.ComplianceRequirements: "HIPAA"}, catalog.Starter, "secure_forms"),
		"texts ready and to be written":                 apart(slot.ContentReadiness, "ready", "need_help"),
		"texts to be written and ready":                 apart(slot.ContentReadiness, "need_help", "ready", "live_chat"),
		"a logo and none":                               apart(slot.LogoStatus, "have_vector", "need", "live_chat"),
		"no photos and some":                            apart(slot.PhotoStatus, "need", "have"),
		"payments":                                      input(t, slot.Values{slot.AcceptsPayments: "no"}, catalog.Professional, "ecommerce_basic", "inventory_management", "payment_processing", "live_chat"),
		"payments, one feature":                         input(t, slot.Values{slot.AcceptsPayments: "no"}, catalog.Professional, "payment_processing"),
		"updates":                                       input(t, slot.Values{slot.UpdateFrequency: "weekly", slot.Maintainer: "client"}, catalog.Starter, "live_chat"),
		"copywriting":                                   input(t, slot.Values{slot.ContentReadiness: "ready", slot.Copywriting: "full", slot.LogoStatus: "none"}, ""),
	}
}

// TestWords holds every word of what is shown, with the prices, weeks and dates
// that were worked out.
func TestWords(t *testing.T) {
	t.Parallel()
	all := clients(t)
	var b strings.Builder
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range all {
			if !yield(name) {
				return
			}
		}
	}) {
		fmt.Fprintf(&b, "# %s\n", name)
		for _, f := range contradiction.Find(all[name]) {
			fmt.Fprintf(&b, "%s %s\n  %s\n  %d: %s\n  %d: %s\n", f.Kind, f.Key, f.Description, f.Earlier.Question, f.Earlier.Text, f.Now.Question, f.Now.Text)
			for _, o := range f.Options {
				fmt.Fprintf(&b, "  - %s: %s. %s %s\n", o.Value, o.Label, o.Description, o.Effect)
			}
		}
	}
	const file = "testdata/words.txt"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s differs; read the change and run with -update (-want +got):\n%s", file, diff)
	}
}

// What the client may put off is put off, in whatever order it was chosen: only
// what is essential stays, and what that needs. With a limit no more is moved than
// the limit asks for.
func TestPhaseMovesWhatCanWait(t *testing.T) {
	t.Parallel()
	cat := builtIn(t)
	ids := []catalog.FeatureID{"ecommerce_basic", "inventory_management", "appointment_scheduling", "sms_notifications", "live_chat"}
	price := func(sel catalog.Selection) catalog.Cents {
		t.Helper()
		est, err := cat.Price(sel)
		if err != nil {
			t.Fatalf("price %v: %v", sel, err)
		}
		return est.Total
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		r.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		sel := catalog.Selection{Package: catalog.Professional, Features: slices.Clone(ids)}
		rank := map[catalog.FeatureID]int{}
		var stays []catalog.FeatureID
		for _, id := range ids {
			if rank[id] = r.IntN(3); rank[id] == 2 {
				stays = append(stays, id)
			}
		}
		if rank["inventory_management"] == 2 && rank["ecommerce_basic"] != 2 {
			stays = append(stays, "ecommerce_basic") // which the stock needs
		}
		left, moved := contradiction.Phase(cat, sel, rank, -1)
		if got := slices.Sorted(slices.Values(left.Features)); !slices.Equal(got, slices.Sorted(slices.Values(stays))) || len(left.Features)+len(moved) != len(ids) {
			t.Fatalf("of %v with %v stay %v, want %v", ids, rank, got, stays)
		}
		limit := catalog.Cents(450_000 + r.IntN(400_000))
		some, late := contradiction.Phase(cat, sel, rank, limit)
		if price(some) > limit && len(late) != len(moved) {
			t.Fatalf("%v stay for %s, above the limit of %s, and more can wait", some.Features, price(some), limit)
		}
		if len(late) > 0 {
			some.Features = append(some.Features, late[len(late)-1])
			if price(some) <= limit {
				t.Fatalf("%s was moved, and is within the limit", late[len(late)-1])
			}
		}
	}
}

// A regulation whose features were chosen does not hide the next one, and a
// feature that came along with another is there.
func TestEveryRegulationIsLookedAt(t *testing.T) {
	t.Parallel()
	v := slot.Values{slot.ComplianceRequirements: "HIPAA,PCI-DSS,ADA"}
	in := input(t, v, catalog.Professional, "security_audit", "secure_forms", "ecommerce_basic")
	if got := of(contradiction.Find(in), contradiction.Other, "compliance/"); got == nil || got.Key != "compliance/ADA" {
		t.Errorf("found %+v, want ADA, which alone lacks something", got)
	}
	if got := contradiction.LackedBy(in, catalog.GDPR); len(got) != 0 {
		t.Errorf("GDPR lacks %v, want nothing: it calls for nothing as essential", got)
	}
}

func TestReadyDate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2027-01-06": "2027-01-06", "by March 15": "2027-03-15", "in six weeks": "2027-01-04", "soon": "", "": "",
	} {
		got, ok := contradiction.ReadyDate(slot.Values{slot.ContentReadyDate: text}, now)
		if ok != (want != "") || ok && got.Format(time.DateOnly) != want {
			t.Errorf("ReadyDate(%q) = %v, %v, want %q", text, got, ok, want)
		}
	}
}

// TestABareNoOpposesNothing: it may answer another part of the question.
func TestABareNoOpposesNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		slot     slot.Key
		there    string
		sentence string
		want     bool
	}{
		{slot.LogoStatus, "have_vector", "no", false},
		{slot.LogoStatus, "have", "No, nothing yet.", false},
		{slot.LogoStatus, "have", "no logo", true},
		{slot.PhotoStatus, "have", "no", false},
		{slot.PhotoStatus, "have", "There are no pictures.", true},
	} {
		there := contradiction.Told{Value: tt.there, Sentence: "The file is there.", Chosen: true}
		if got := contradiction.Opposed(tt.slot, there, contradiction.Told{Value: "need", Sentence: tt.sentence}); got != tt.want {
			t.Errorf("%s %s beside %q: opposed is %v, want %v", tt.slot, tt.there, tt.sentence, got, tt.want)
		}
	}
}

package advice_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/slot"
)

const whole = `{"facts":[{"evidence":"a logo","slot":"logoStatus","value":"has_logo","certainty":"Stated"}],` +
	`"conflicts":[{"slot_a":"budgetMax","slot_b":"launchWeeks","explanation":"Both are tight."}],` +
	`"answer_quality":"GOOD","action":"Ask","question_id":"logo","slot_focus":"logoStatus","wording":"Is there a logo?","why":"open"}`

func TestParse(t *testing.T) {
	t.Parallel()
	want := advice.Advice{
		Facts:     []advice.Fact{{Evidence: "a logo", Slot: slot.LogoStatus, Value: "has_logo", Certainty: advice.Stated}},
		Conflicts: []advice.Conflict{{SlotA: slot.BudgetMax, SlotB: slot.LaunchWeeks, Explanation: "Both are tight."}},
		Quality:   advice.Good, Action: advice.Ask, QuestionID: "logo", SlotFocus: slot.LogoStatus, Wording: "Is there a logo?", Why: "open",
	}
	if diff := cmp.Diff(want, mustParse(t, whole)); diff != "" {
		t.Errorf("Parse (-want +got):\n%s", diff)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	swap := func(from, to string) string { return strings.Replace(whole, from, to, 1) }
	for name, raw := range map[string]string{
		"nothing":                  "",
		"null":                     "null",
		"a list":                   "[" + whole + "]",
		"a code fence":             "```json\n" + whole + "\n```",
		"words before":             "Sure! " + whole,
		"words behind":             whole + " Done.",
		"two answers":              whole + whole,
		"half an answer":           whole[:len(whole)/2],
		"HTML":                     "<!doctype html><title>502</title>",
		"an unknown field":         swap(`"why"`, `"tools":[],"why"`),
		"an unknown field inside":  swap(`"certainty"`, `"price":"1","certainty"`),
		"a missing field":          swap(`"action":"Ask",`, ""),
		"a missing field inside":   swap(`"value":"has_logo",`, ""),
		"a field twice":            swap(`"why"`, `"action":"review","why"`),
		"null for a text":          swap(`"open"`, "null"),
		"null for a list":          swap(`[{"slot_a":"budgetMax","slot_b":"launchWeeks","explanation":"Both are tight."}]`, "null"),
		"a number for a text":      swap(`"open"`, "1"),
		"an object for a list":     swap(`"conflicts":[`, `"conflicts":{"a":[`),
		"a field in other letters": swap(`"action"`, `"Action"`),
		"bytes that are no UTF-8":  swap("Is there", "Is \xff there"),
		"too long":                 swap("Is there", strings.Repeat("a", 64<<10)),
		"nested without end":       strings.Repeat("[", 20000),
		"too many facts": swap(`{"evidence"`, strings.Repeat(`{"evidence":"a","slot":"logoStatus","value":"x","certainty":"stated"},`, 40)+
			`{"evidence"`),
	} {
		a, err := advice.Parse([]byte(raw))
		if !errors.Is(err, advice.ErrMalformed) {
			t.Errorf("%s: Parse() = %v, want ErrMalformed", name, err)
		}
		if !reflect.DeepEqual(a, advice.Advice{}) {
			t.Errorf("%s: Parse() left %+v behind", name, a)
		}
		if err != nil && (strings.Contains(err.Error(), "logo") || len(err.Error()) > 200) {
			t.Errorf("%s: the error quotes the answer: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(`{"facts":[],"conflicts":[],"answer_quality":"","action":"","question_id":"","slot_focus":"","wording":"","why":""}`))
	f.Add([]byte(`{"facts":[{}],"why":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := advice.Parse(raw)
		if err != nil {
			if !errors.Is(err, advice.ErrMalformed) {
				t.Fatalf("Parse() = %v, want ErrMalformed", err)
			}
			return
		}
		// Whatever was read passes the review without a panic, and what stands
		// after it stands again.
		invariants(t, a, salon("We have a logo and 40 chairs, 4.5k at most, by March 15"))
	})
}

package persona_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/persona"
	"applicreations.com/introspect/internal/slot"
)

func library(tb testing.TB) *persona.Library {
	tb.Helper()
	lib, err := persona.Open()
	if err != nil {
		tb.Fatal(err)
	}
	return lib
}

// TestBriefs checks the data: every brief is whole, and every name in it is
// defined.
func TestBriefs(t *testing.T) {
	t.Parallel()
	lib := library(t)
	ids, halves, sites := map[string]bool{}, map[bool]int{}, map[string]bool{}
	for _, b := range lib.Briefs {
		if ids[b.ID] {
			t.Errorf("%s is there twice", b.ID)
		}
		ids[b.ID], sites[b.Site] = true, true
		halves[b.Test]++
		if n := len(b.Truths); n < 12 || n > 20 {
			t.Errorf("%s has %d truths, want 12 to 20", b.ID, n)
		}
		for _, fault := range slices.Concat(truthFaults(lib, b), wishFaults(lib, b)) {
			t.Errorf("%s: %s", b.ID, fault)
		}
	}
	if diff := cmp.Diff(map[bool]int{false: 22, true: 22}, halves); diff != "" {
		t.Errorf("briefs in the tuning and the test half (-want +got):\n%s", diff)
	}
	for _, site := range []string{"business", "personal", "project", "nonprofit", "other"} {
		if !sites[site] {
			t.Errorf("no brief is about a %s website", site)
		}
	}
}

func truthFaults(lib *persona.Library, b persona.Brief) []string {
	var out []string
	defs, held := slot.ByKey(), map[slot.Key]bool{}
	for _, truth := range b.Truths {
		if _, ok := defs[truth.Slot]; !ok || truth.Value == "" || len(truth.Says) == 0 {
			out = append(out, fmt.Sprintf("the truth about %q lacks a slot, a value or a sentence", truth.Slot))
		}
		if held[truth.Slot] {
			out = append(out, fmt.Sprintf("two truths about %s", truth.Slot))
		}
		held[truth.Slot] = true
		if len(lib.Subjects[truth.Slot]) == 0 {
			out = append(out, fmt.Sprintf("%s has no subject", truth.Slot))
		}
		out = append(out, topicFaults(lib, lib.Subjects[truth.Slot])...)
	}
	for _, x := range b.Contradictions {
		for _, k := range x.Needs {
			if !held[k] {
				out = append(out, fmt.Sprintf("the contradiction %s needs %s, which the brief does not hold", x.Kind, k))
			}
		}
	}
	return out
}

func wishFaults(lib *persona.Library, b persona.Brief) []string {
	var out []string
	aspects := map[string]int{}
	for _, r := range b.Implicit {
		aspects[r.Aspect]++
		if r.Text == "" || len(r.Topics) == 0 {
			out = append(out, fmt.Sprintf("the requirement %q lacks words or topics", r.Text))
		}
		out = append(out, topicFaults(lib, r.Topics)...)
	}
	if len(b.Implicit) != 8 || aspects["interaction"] < 2 || aspects["content"] < 2 || aspects["style"] < 2 {
		out = append(out, fmt.Sprintf("requirements by aspect = %v, want eight, two of each aspect at least", aspects))
	}
	return out
}

func topicFaults(lib *persona.Library, topics []string) []string {
	var out []string
	for _, topic := range topics {
		if len(lib.Topics[topic]) == 0 {
			out = append(out, fmt.Sprintf("there is no topic %q", topic))
		}
	}
	return out
}

// ask is a question as a client sees it.
func ask(text string, options ...intake.Option) intake.Action {
	q := intake.Question{ID: "q", Text: text, Type: intake.TextArea, Options: options}
	if len(options) > 0 {
		q.Type = intake.MultiSelect
	}
	return intake.Action{ID: "a", Kind: intake.AskQuestion, Question: &intake.Ask{Question: q}}
}

// started is a client who has given the opening.
func started(tb testing.TB, b persona.Brief) *persona.Client {
	tb.Helper()
	c := library(tb).New(b, persona.Presets()[0], 0)
	c.Answer(ask("What do you do?"))
	c.Taken()
	return c
}

func shopkeeper() persona.Brief {
	return persona.Brief{
		ID: "shopkeeper", Opening: "We sell soap.",
		Truths: []persona.Truth{
			{Slot: slot.BudgetMax, Value: "500000", Says: []string{"The budget is $5,000"}},
			{Slot: slot.OpeningHours, Value: "nine to five", Says: []string{"We are open from nine to five"}},
			{Slot: slot.LogoStatus, Value: "need", Says: []string{"There is no logo"}},
		},
		Implicit: []persona.Requirement{{Aspect: "interaction", Text: "buyers cancel by themselves", Topics: []string{"cancelling a booking"}}},
	}
}

// TestClientSays checks what questions bring out of a client, and what not.
func TestClientSays(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, question, want string
	}{
		{"what is asked for is told", "What budget is planned?", "The budget is $5,000."},
		{"what is not asked for is not told", "Which music do you like?", ""},
		{"a requirement is told when its subject comes up", "May people cancel?", "buyers cancel by themselves."},
		{"two subjects bring two answers", "What budget is planned, and when are you open?", "The budget is $5,000. We are open from nine to five."},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := started(t, shopkeeper()).Answer(ask(row.question)).Text; got != row.want {
				t.Errorf("%q brings %q, want %q", row.question, got, row.want)
			}
		})
	}
}

// TestClientReadsLabels checks that a client chooses by what labels say: the
// values behind them mean nothing.
func TestClientReadsLabels(t *testing.T) {
	t.Parallel()
	a := ask("What is there of the logo?", intake.Option{Value: "need", Label: "Exists as a vector file"}, intake.Option{Value: "x7", Label: "Needed"})
	if diff := cmp.Diff([]string{"x7"}, started(t, shopkeeper()).Answer(a).Values); diff != "" {
		t.Errorf("chosen values (-want +got):\n%s", diff)
	}
}

// TestRefusedAnswersTellNothing checks that only accepted answers count.
func TestRefusedAnswersTellNothing(t *testing.T) {
	t.Parallel()
	c := started(t, shopkeeper())
	c.Answer(ask("What budget is planned?"))
	if len(c.Told) != 0 {
		t.Errorf("before the answer was taken, %d truths count as told", len(c.Told))
	}
	c.Taken()
	if len(c.Told) != 1 {
		t.Errorf("after the answer was taken, %d truths count as told, want 1", len(c.Told))
	}
}

package choose_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/choose"
	"applicreations.com/introspect/internal/slot"
)

// options are n of them.
func options(n int) (out []bank.Pick) {
	for i := range n {
		out = append(out, bank.Pick{Value: string(rune('a' + i))})
	}
	return out
}

// small is a bank whose scores can be worked out by hand.
func small() *bank.Bank {
	ten := bank.Wordings{"": {"one two three four five six seven eight nine ten", "in short"}, "shop": {strings.Repeat("word ", 50)}}
	return &bank.Bank{Questions: []bank.Entry{
		{ID: "media", Type: bank.Select, Category: "Media", Section: 8, Text: ten, Groups: []bank.OptionGroup{{Slot: slot.Video, Options: options(2)}, {Slot: slot.Galleries, Options: options(3)}}},
		{ID: "goal", Type: bank.TextArea, Category: "Business", Section: 4, Text: ten, Takes: slot.PrimaryGoal, Fills: []slot.Key{slot.UniqueValue}, Seconds: 30, Answerable: 60},
		{ID: "line", Type: bank.TextLine, Category: "Parameters", Section: 3, Text: ten, Fills: []slot.Key{slot.DecisionMakers}},
		{ID: "links", Type: bank.MultiSelect, Category: "Technical", Section: 7, Text: ten, Groups: []bank.OptionGroup{{Slot: slot.Integrations, Options: options(5)}}},
		{ID: "model", Type: bank.Select, Category: "Business", Section: 2, Text: ten, Groups: []bank.OptionGroup{{Slot: slot.BusinessModel, Options: options(5)}}},
		{ID: "booking", Type: bank.Select, Category: "Parameters", Section: 4, Text: ten, Groups: []bank.OptionGroup{{Slot: slot.AppointmentsPerWeek, Options: options(2)}}},
		{ID: "signal", Type: bank.Select, Category: "Technical", Section: 7, Text: ten, Groups: []bank.OptionGroup{{Slot: slot.RequiresScheduling, Options: options(2)}}},
	}}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// TestThePartsOfAScore works out by hand what a question is worth (ADR 0009): what
// its slots weigh and how unsure they are, how many can answer, how far it moves the
// price, how long it takes, and whether it stays with the subject.
func TestThePartsOfAScore(t *testing.T) {
	t.Parallel()
	c := choose.New(small(), slot.ByKey())
	type parts struct{ Value, Price, Seconds, Answers, Flow float64 }
	for name, row := range map[string]struct {
		id     string
		values slot.Values
		last   string
		want   parts
	}{
		"two slots of weight 2":                 {"media", slot.Values{}, "", parts{(2 + 2) * 0.95, 0, 2 + 3 + 2.7 + 3.3, 0.95, 1.25}},
		"one of them is known":                  {"media", slot.Values{slot.Video: "a"}, "", parts{2 * 0.95, 0, 2 + 3 + 3.3, 0.95, 1.25}},
		"a text and what stands beside it":      {"goal", slot.Values{}, "", parts{(5 + 0.6*4) * 0.6, 0, 30, 0.6, 1.25}},
		"a part of it takes as long as it does": {"goal", slot.Values{slot.UniqueValue: "x"}, "", parts{5 * 0.6, 0, 2 + 3 + 22, 0.6, 1.25}},
		"a line that takes nothing whole":       {"line", slot.Values{}, "", parts{3 * 0.95, 0, 2 + 3 + 9, 0.95, 1.25}},
		"a list settles several at once":        {"links", slot.Values{}, "", parts{4 * 1.4 * 0.95, 4, 2 + 3 + 4.5, 0.95, 1.25}},
		"a signal without a weight":             {"signal", slot.Values{}, "", parts{0.95, 0, 2 + 3 + 2.7, 0.95, 1.25}},
		"after the same category":               {"model", slot.Values{}, "goal", parts{5 * 0.95, 4, 2 + 3 + 4.5, 0.95, 1.25}},
		"after the same section":                {"goal", slot.Values{}, "booking", parts{(5 + 0.6*4) * 0.6, 0, 30, 0.6, 1.25}},
		"after another subject":                 {"links", slot.Values{}, "goal", parts{4 * 1.4 * 0.95, 4, 2 + 3 + 4.5, 0.95, 0.85}},
		"a long text after a long text":         {"goal", slot.Values{}, "goal", parts{(5 + 0.6*4) * 0.6, 0, 30, 0.6, 1.25 * 0.7}},
		"a long text after a choice":            {"goal", slot.Values{}, "media", parts{(5 + 0.6*4) * 0.6, 0, 30, 0.6, 0.85}},
		"a choice after a long text":            {"media", slot.Values{}, "goal", parts{(2 + 2) * 0.95, 0, 2 + 3 + 2.7 + 3.3, 0.95, 0.85}},
	} {
		s := state(row.values)
		b := small()
		if last, ok := b.Find(row.last); ok {
			s.Last = &last
		}
		got, ok := find(c.Rank(s), row.id)
		if p := (parts{got.Value, got.Price, got.Seconds, got.Answers, got.Flow}); !ok || !near(p.Value, row.want.Value) || !near(p.Price, row.want.Price) ||
			!near(p.Seconds, row.want.Seconds) || !near(p.Answers, row.want.Answers) || !near(p.Flow, row.want.Flow) {
			t.Errorf("%s: %+v, want %+v", name, p, row.want)
		}
	}
	if _, ok := find(c.Rank(state(slot.Values{})), "booking"); ok {
		t.Error("appointments a week are asked of somebody who may have none")
	}
}

// TestUnlock: a slot that decides what belongs to a project is worth a part of the
// weights of what it may bring, and of nothing that belongs to it already.
func TestUnlock(t *testing.T) {
	t.Parallel()
	c := choose.New(small(), slot.ByKey())
	for name, v := range map[string]slot.Values{"nothing is known": {}, "a shop": {slot.VisitorActions: "buy"}} {
		sum := 0
		for _, d := range slot.Defs() {
			for _, w := range d.RequiredIf {
				if w.Slot == slot.BusinessModel && !d.Required(v) {
					sum += d.Weight // once, whatever number of conditions
					break
				}
			}
		}
		got, _ := find(c.Rank(state(v)), "model")
		if want := 0.25 * float64(sum); sum == 0 || !near(got.Unlock, want) {
			t.Errorf("%s: the business model unlocks %v, want %v", name, got.Unlock, want)
		}
		half := state(v)
		half.Missing[slot.BusinessModel] = 0.5
		if again, _ := find(c.Rank(half), "model"); !near(again.Unlock, got.Unlock/2) || !near(again.Value, got.Value/2) || !near(again.Price, got.Price/2) {
			t.Errorf("%s: half known it is %+v, want half of %+v", name, again, got)
		}
	}
}

// TestUncertaintyIsEntropy: beliefs are Shannon's entropy in units of the highest;
// the first that applies counts, and options that are not named share the rest.
func TestUncertaintyIsEntropy(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		options int
		chances map[string]int
		want    float64
	}{
		"as likely as the other":   {2, map[string]int{"a": 50, "b": 50}, 1},
		"one of ten":               {2, map[string]int{"a": 90, "b": 10}, 0.4689955935892812},
		"certain":                  {2, map[string]int{"a": 100}, 0},
		"three share the rest":     {4, map[string]int{"a": 40}, (0.4*math.Log2(2.5) + 0.6*math.Log2(5)) / 2},
		"more than all of it":      {3, map[string]int{"a": 50, "b": 60}, (0.5 + 0.6*math.Log2(1/0.6)) / math.Log2(3)},
		"one option says nothing":  {1, map[string]int{"a": 100}, 1},
		"no option, and no belief": {0, nil, 1},
	} {
		b := &bank.Bank{Questions: []bank.Entry{{ID: "q", Type: bank.Select, Groups: []bank.OptionGroup{{Slot: slot.Video, Options: options(row.options)}}}}}
		if row.chances != nil {
			b.Beliefs = []bank.Belief{{Slot: slot.Video, Chances: row.chances}}
		}
		if got := choose.New(b, slot.ByKey()).Uncertainty(slot.Video, state(slot.Values{})); !near(got, row.want) {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
	b := small()
	b.Beliefs = []bank.Belief{
		{Slot: slot.Video, When: []slot.When{{Slot: slot.BusinessModel, Any: []string{"content"}}}, Chances: map[string]int{"a": 50, "b": 50}},
		{Slot: slot.Video, Chances: map[string]int{"a": 100}},
	}
	c := choose.New(b, slot.ByKey())
	for model, want := range map[string]float64{"content": 1, "service": 0} {
		if got := c.Uncertainty(slot.Video, state(slot.Values{slot.BusinessModel: model})); !near(got, want) {
			t.Errorf("video of a %s business: %v, want %v", model, got, want)
		}
	}
}

// TestALongScreenShowsWhatSettlesMost keeps the seven groups that are worth most, in
// the order of the bank.
func TestALongScreenShowsWhatSettlesMost(t *testing.T) {
	t.Parallel()
	keys := []slot.Key{
		slot.Audio /* 1 */, slot.LogoStatus /* 4 */, slot.Video /* 2 */, slot.UpdateFrequency /* 4 */, slot.StyleGuide, /* 1 */
		slot.ContentProvider /* 5 */, slot.Maintainer /* 4 */, slot.PhotoStatus /* 3 */, slot.DataMigration, /* 4 */
	}
	q := bank.Entry{ID: "long", Type: bank.Select}
	for _, k := range keys {
		q.Groups = append(q.Groups, bank.OptionGroup{Slot: k, Options: options(2)})
	}
	c := choose.New(&bank.Bank{Questions: []bank.Entry{q}}, slot.ByKey())
	s := state(slot.Values{})
	got, _ := c.Weigh(&q, s)
	if diff := cmp.Diff([]slot.Key{keys[1], keys[2], keys[3], keys[5], keys[6], keys[7], keys[8]}, got.Open); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
	s.Missing[slot.ContentProvider] = 0.1 // hardly anything of it is unknown
	got, _ = c.Weigh(&q, s)
	if diff := cmp.Diff([]slot.Key{keys[0], keys[1], keys[2], keys[3], keys[6], keys[7], keys[8]}, got.Open); diff != "" {
		t.Errorf("shown when the provider is nearly known (-want +got):\n%s", diff)
	}
	text := bank.Entry{ID: "text", Type: bank.TextArea, Fills: keys}
	if got, _ := c.Weigh(&text, state(slot.Values{})); len(got.Open) != len(keys) {
		t.Errorf("a text is about %d slots, want all %d: it shows no groups", len(got.Open), len(keys))
	}
}

// TestTiesKeepTheOrderOfTheBank: of two questions of the same worth the first is asked.
func TestTiesKeepTheOrderOfTheBank(t *testing.T) {
	t.Parallel()
	b := &bank.Bank{}
	for _, id := range []string{"z", "a", "m", "b"} {
		b.Questions = append(b.Questions, bank.Entry{ID: id, Type: bank.TextLine, Takes: slot.DecisionMakers})
	}
	var order []string
	for _, cand := range choose.New(b, slot.ByKey()).Rank(state(slot.Values{})) {
		order = append(order, cand.Entry.ID)
	}
	if diff := cmp.Diff([]string{"z", "a", "m", "b"}, order); diff != "" {
		t.Errorf("not the order of the bank (-want +got):\n%s", diff)
	}
}

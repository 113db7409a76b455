package intake_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// sameState compares what a client would notice of two sessions.
func sameState() cmp.Options {
	return cmp.Options{
		cmpopts.IgnoreFields(intake.Session{}, "Events", "Turns", "Answered", "LastActivity", "Withdrawn", "Draft", "Edited", "Marks", "Suspicious", "Furthest"),
		cmpopts.IgnoreFields(intake.Action{}, "ID"),
		cmpopts.IgnoreFields(intake.Asked{}, "At"),
		cmpopts.IgnoreFields(intake.ConflictRecord{}, "At"),
		cmpopts.IgnoreFields(intake.LoopAnswer{}, "At"),
		cmpopts.EquateEmpty(),
	}
}

// TestBackUndoesOneAnswer takes answers back at random and gives them again:
// the interview must go on as if nothing had happened.
func TestBackUndoesOneAnswer(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	steps := 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 7))
		i := begin(t, e, ada())
		client := anyone(r, e.Catalog())
		for i.s.Current.Kind != intake.Complete {
			before := copySession(t, i.s)
			a := client(i.s.Current)
			i.answer(a)
			if i.s.Status != intake.InProgress || r.IntN(3) > 0 {
				continue
			}
			after := copySession(t, i.s)
			steps++
			if _, err := e.Back(i.s, i.s.Current.ID, i.now); err != nil {
				t.Fatalf("seed %d: Back after %s = %v", seed, before.Current.Kind, err)
			}
			if diff := cmp.Diff(before, copySession(t, i.s), sameState()); diff != "" {
				t.Fatalf("seed %d: Back did not undo the answer (-before +after back):\n%s", seed, diff)
			}
			checkDraft(t, i.s, a)
			i.answer(a)
			if diff := cmp.Diff(after, copySession(t, i.s), sameState()); diff != "" {
				t.Fatalf("seed %d: the same answer again leads elsewhere (-first +second):\n%s", seed, diff)
			}
		}
		checkIDs(t, i, seed)
	}
	if steps < 200 {
		t.Errorf("only %d answers were taken back; the test should try at least 200", steps)
	}
}

// checkDraft holds what Back offers for the form to what was answered.
func checkDraft(t *testing.T, s *intake.Session, a intake.Answer) {
	t.Helper()
	if s.Draft == nil {
		t.Fatalf("no draft after Back to %s", s.Current.Kind)
	}
	if !slices.Equal(s.Draft.Values, a.Values) || s.Draft.Choice != a.Choice || s.Draft.Package != a.Package || s.Draft.ActionID != s.Current.ID {
		t.Fatalf("draft = %+v, want the answer taken back %+v for %s", s.Draft, a, s.Current.ID)
	}
}

func checkIDs(t *testing.T, i *interviewed, seed uint64) {
	t.Helper()
	seen := map[event.ID]bool{}
	for _, e := range i.events {
		if seen[e.ID] {
			t.Fatalf("seed %d: event id %s (%s) occurs twice", seed, e.ID, e.Name)
		}
		seen[e.ID] = true
	}
}

func TestBackToTheStart(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	i := begin(t, e, ada())
	start := copySession(t, i.s)
	if _, err := e.Back(i.s, i.s.Current.ID, i.now); !errors.Is(err, intake.ErrNoWayBack) {
		t.Errorf("Back at the first question = %v, want ErrNoWayBack", err)
	}
	n := 0
	for ; i.s.Current.Kind != intake.RecommendFeatures; n++ {
		i.answer(salon(i.s.Current))
	}
	if _, err := e.Back(i.s, "a001", i.now); !errors.Is(err, intake.ErrStale) {
		t.Errorf("Back from an old page = %v, want ErrStale", err)
	}
	for range n {
		if _, err := e.Back(i.s, i.s.Current.ID, i.now); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(start, copySession(t, i.s), sameState()); diff != "" {
		t.Errorf("all the way back is not the start (-start +now):\n%s", diff)
	}
	if len(i.s.Withdrawn) == 0 {
		t.Error("no fact was kept as withdrawn")
	}
	i.run(salon)
	if _, err := e.Back(i.s, i.s.Current.ID, i.now); !errors.Is(err, intake.ErrClosed) {
		t.Errorf("Back after the end = %v, want ErrClosed", err)
	}
}

// edit changes a slot of the current session.
func (i *interviewed) edit(ed intake.Edit) {
	i.tb.Helper()
	turn, err := i.e.Edit(i.s, i.s.Current.ID, ed, i.now)
	if err != nil {
		i.tb.Fatalf("Edit(%+v) = %v", ed, err)
	}
	i.events = append(i.events, turn.Events...)
}

// toFeatures answers until the feature screen is shown.
func toFeatures(i *interviewed) {
	i.tb.Helper()
	for i.s.Current.Kind != intake.RecommendFeatures {
		i.answer(salon(i.s.Current))
	}
}

func TestEditChangesOneFact(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	i := begin(t, e, ada())
	toFeatures(i)
	before := i.s.Values()
	at := i.s.Questions
	const audience = "Men over 40 in Salem who want a quick cut on the way home."
	i.edit(intake.Edit{Slot: slot.TargetAudience, Text: audience})
	got := i.s.Values()
	if got[slot.TargetAudience] != audience {
		t.Errorf("audience = %q, want the edited words", got[slot.TargetAudience])
	}
	f, _ := i.s.Fact(slot.TargetAudience)
	if f.Source != "edit" || f.Supersedes == 0 || i.s.Facts[f.Supersedes-1].Value != before[slot.TargetAudience] {
		t.Errorf("fact = %+v, want one of source edit that supersedes the old words", f)
	}
	if i.s.Questions != at || i.s.Current.Kind != intake.RecommendFeatures {
		t.Errorf("after the edit: question %d, %s; want %d and the feature screen still", i.s.Questions, i.s.Current.Kind, at)
	}
	if i.s.Edited == nil || i.s.Edited.Slot != slot.TargetAudience || i.s.Edited.Turn != i.s.Turns {
		t.Errorf("Edited = %+v, want a note about the audience", i.s.Edited)
	}
	delete(before, slot.TargetAudience)
	for k, v := range before {
		if got[k] != v {
			t.Errorf("the edit of the audience changed %s from %q to %q", k, v, got[k])
		}
	}
	if n := len(i.named(event.NameFactEdited)); n != 1 {
		t.Errorf("%d fact_edited events, want 1", n)
	}
	i.run(salon)
}

// TestEditAndBackAgain edits a value and sets the old one again: everything
// that is known must be as before.
func TestEditAndBackAgain(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	for _, tt := range []struct {
		name        string
		there, back intake.Edit
	}{
		{"a text", intake.Edit{Slot: slot.PrimaryGoal, Text: "Fewer calls: 10 a day instead of 40."}, intake.Edit{Slot: slot.PrimaryGoal, Text: "More appointments booked online instead of by phone: 30 online bookings a week within three months."}},
		{"a figure", intake.Edit{Slot: slot.PageCount, Values: []string{"15"}}, intake.Edit{Slot: slot.PageCount, Values: []string{"8"}}},
		{"a list", intake.Edit{Slot: slot.CurrentTools, Values: []string{"Mailchimp", "Calendly"}}, intake.Edit{Slot: slot.CurrentTools, Values: []string{"Google Workspace"}}},
		{"a budget with its bounds", intake.Edit{Slot: slot.BudgetMax, Values: []string{"over_10k"}}, intake.Edit{Slot: slot.BudgetText, Values: []string{"3k_5k"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			i := begin(t, e, ada())
			toFeatures(i)
			for !i.s.Values().Has(slot.BudgetText) {
				i.answer(salon(i.s.Current))
			}
			before := i.s.Values()
			i.edit(tt.there)
			if diff := cmp.Diff(before, i.s.Values()); diff == "" {
				t.Errorf("Edit(%+v) changed nothing", tt.there)
			}
			i.edit(tt.back)
			if diff := cmp.Diff(before, i.s.Values()); diff != "" {
				t.Errorf("after the way back (-before +now):\n%s", diff)
			}
			i.run(salon)
		})
	}
}

func TestEditRefused(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	i := begin(t, e, ada())
	toFeatures(i)
	for _, tt := range []struct {
		name string
		give intake.Edit
		want string // "" for ErrNotEditable
	}{
		{"a slot that does not exist", intake.Edit{Slot: "shoeSize", Text: "44"}, ""},
		{"a slot that follows from others", intake.Edit{Slot: slot.ServiceSubtype, Text: "x"}, ""},
		{"nothing at all", intake.Edit{Slot: slot.TargetAudience}, "text"},
		{"words where a figure belongs", intake.Edit{Slot: slot.AppointmentsPerWeek, Text: "many"}, "text"},
		{"an option that is not offered", intake.Edit{Slot: slot.CurrentTools, Values: []string{"abacus"}}, "values"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := copySession(t, i.s)
			_, err := e.Edit(s, s.Current.ID, tt.give, i.now)
			var invalid *intake.Invalid
			if tt.want == "" && !errors.Is(err, intake.ErrNotEditable) || tt.want != "" && (!errors.As(err, &invalid) || invalid.Field != tt.want) {
				t.Errorf("Edit = %v, want %q", err, tt.want)
			}
			if diff := cmp.Diff(i.s, s, sameState()); diff != "" {
				t.Errorf("the refused edit changed the session:\n%s", diff)
			}
		})
	}
}

// TestEditReopensWhatDependsOnIt: a rule that appears late brings the feature
// screen back, a harmless edit does not.
func TestEditReopensWhatDependsOnIt(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	i := begin(t, e, ada())
	toFeatures(i)
	i.answer(salon(i.s.Current))
	s := copySession(t, i.s)
	if _, err := e.Edit(s, s.Current.ID, intake.Edit{Slot: slot.CurrentTools, Values: []string{"Mailchimp"}}, i.now); err != nil {
		t.Fatal(err)
	}
	if s.Edited.Features || s.Current.Kind == intake.RecommendFeatures {
		t.Errorf("an edit of the tools opened the feature screen: %+v, %s", s.Edited, s.Current.Kind)
	}
	if _, err := e.Edit(i.s, i.s.Current.ID, intake.Edit{Slot: slot.ComplianceRequirements, Values: []string{"HIPAA"}}, i.now); err != nil {
		t.Fatal(err)
	}
	if !i.s.Edited.Features {
		t.Errorf("HIPAA did not open the feature screen again: %+v", i.s.Edited)
	}
	i.run(salon)
}

func TestEveryFactCanBeEditedOrSaysWhyNot(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	i := begin(t, e, ada())
	toFeatures(i)
	for _, f := range i.s.CurrentFacts() {
		form, ok := e.EditForm(i.s, f.Slot)
		if !ok {
			continue
		}
		if form.Question.Text == "" || form.Now.Text == "" && len(form.Now.Values) == 0 {
			t.Errorf("form for %s = %+v, filled with %+v; want a question and the present value %q", f.Slot, form.Question, form.Now, f.Value)
		}
		s := copySession(t, i.s)
		if _, err := e.Edit(s, s.Current.ID, intake.Edit{Slot: f.Slot, Text: form.Now.Text, Values: form.Now.Values}, i.now); err != nil {
			t.Errorf("saving the form for %s unchanged (%+v) = %v", f.Slot, form.Now, err)
		}
	}
}

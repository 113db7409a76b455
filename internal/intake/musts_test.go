package intake_test

import (
	"slices"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// overlooks runs the salon's interview, in which online scheduling is picked as a
// must and then not chosen, and settles that in one way.
func overlooks(t *testing.T, choice string) *interviewed {
	t.Helper()
	return when(t, func(a intake.Action) (intake.Answer, bool) {
		switch {
		case a.Kind == intake.RecommendFeatures:
			return intake.Answer{Package: "professional", Features: []catalog.FeatureID{"email_marketing"}}, true
		case a.Kind == intake.ConflictResolution && strings.Contains(a.Conflict.Key, "must/"):
			return intake.Answer{Choice: choice, Unsure: choice == ""}, true
		}
		return intake.Answer{}, false
	})
}

// aboutMusts are the contradictions about what was called a must.
func (i *interviewed) aboutMusts() []intake.ConflictRecord {
	var out []intake.ConflictRecord
	for _, c := range i.s.Conflicts {
		if strings.Contains(c.Key, "must/") {
			out = append(out, c)
		}
	}
	return out
}

// TestAMustThatWasOverlookedIsAskedAbout: nothing is ticked at the start of the
// feature screen, so that a must may be overlooked. It is asked about once, and what
// is said holds for selection, wishes and plan alike.
func TestAMustThatWasOverlookedIsAskedAbout(t *testing.T) {
	t.Parallel()
	for choice, want := range map[string]struct{ chosen, phased, must bool }{
		"add_features": {chosen: true, must: true},
		"later_phase":  {phased: true, must: true},
		"no_must":      {},
		"":             {must: true}, // left to the team
	} {
		t.Run(choice, func(t *testing.T) {
			t.Parallel()
			i := overlooks(t, choice)
			asked := i.aboutMusts()
			if len(asked) != 1 {
				t.Fatalf("%d contradictions about musts, want one: %+v", len(asked), i.s.Conflicts)
			}
			if c := asked[0]; !strings.Contains(c.Key, "appointment_scheduling") || !strings.Contains(c.Original, "Online scheduling of appointments") {
				t.Errorf("raised is %s, quoting %q", c.Key, c.Original)
			}
			const id = catalog.FeatureID("appointment_scheduling")
			f := i.s.Features
			priced := slices.ContainsFunc(f.Estimate.Lines, func(l catalog.Line) bool { return l.Feature == id })
			if got := slices.Contains(f.Selection.Features, id); got != want.chosen || priced != want.chosen {
				t.Errorf("chosen = %v, priced = %v, want %v", got, priced, want.chosen)
			}
			if got := slices.Contains(f.Phased, id); got != want.phased || strings.Contains(i.value(slot.FuturePhases), "Appointment") != want.phased {
				t.Errorf("put off = %v, planned as %q, want %v", got, i.value(slot.FuturePhases), want.phased)
			}
			if got := i.s.Values().Holds(slot.MustHaves, string(id)); got != want.must {
				t.Errorf("still a must = %v, want %v: %s", got, want.must, i.value(slot.MustHaves))
			}
			if !slices.Contains(f.Selection.Features, "email_marketing") {
				t.Error("what had been chosen is gone")
			}
		})
	}
}

// Words that sound like a must are none that anybody picked.
func TestASentenceIsNoPickedMust(t *testing.T) {
	t.Parallel()
	i := when(t, func(a intake.Action) (intake.Answer, bool) {
		switch {
		case asks(a, slot.MustHaves):
			return intake.Answer{Values: prefixed(a, slot.VisitorActions, "book"), Text: "Clients should book an appointment online."}, true
		case a.Kind == intake.RecommendFeatures:
			return intake.Answer{Package: "professional"}, true
		}
		return intake.Answer{}, false
	})
	if !i.s.Values().Holds(slot.MustHaves, "appointment_scheduling") {
		t.Fatalf("the sentence was not read as a wish, so nothing is shown: %q", i.value(slot.MustHaves))
	}
	if asked := i.aboutMusts(); len(asked) > 0 {
		t.Errorf("asked about %+v", asked)
	}
}

package intake_test

import (
	"testing"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// TestWordsBesideChoices writes into the field beside the choices of what the
// website must have: a list is a list, and a sentence with commas stays whole.
func TestWordsBesideChoices(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a recipe calculator, and photos of dogs": "payment_processing,a recipe calculator,photos of dogs",
		"just me":    "payment_processing",
		"under 7000": "payment_processing",
		"x":          "payment_processing",
		"予約":         "payment_processing,予約",
		"They should see what is on the wheel this month, hold the mug they like, and smell the clay.": "payment_processing,They should see what is on the wheel this month; hold the mug they like; and smell the clay.",
	} {
		i := when(t, func(a intake.Action) (intake.Answer, bool) {
			if a.Kind != intake.AskQuestion || a.Question.Question.ID != "actions" {
				return intake.Answer{}, false
			}
			return intake.Answer{Values: []string{"mustHaves.payment_processing", "visitorActions.book"}, Text: text}, true
		})
		if got := i.s.Values()[slot.MustHaves]; got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

package intake_test

import (
	"strings"
	"testing"

	"applicreations.com/introspect/internal/intake"
)

// TestTheWordsFitTheProgress: what the client reads beside the number agrees
// with it, and nobody is promised more minutes than questions.
func TestTheWordsFitTheProgress(t *testing.T) {
	t.Parallel()
	e := newEngine(t)
	for _, tt := range []struct {
		percent, questions, minutes int
		notice                      string
	}{
		{36, 19, 11, ""},
		{36, 20, 10, "At most 10 more questions, about the important details only."},
		{74, 22, 5, "At most 8 more questions, about the important details only."},
		{75, 22, 5, "Nearly done: only the important details are left."},
		{36, 25, 5, "5 questions remaining, only the essentials."},
		{36, 29, 1, "1 question remaining, only the essentials."},
		{36, 30, 1, "This is the last question; the documents come next."},
	} {
		p := e.Progress(&intake.Session{Furthest: tt.percent, Questions: tt.questions})
		if p.Notice != tt.notice || p.MinutesLeft != tt.minutes {
			t.Errorf("%d %% after %d questions: %q and %d minutes, want %q and %d", tt.percent, tt.questions, p.Notice, p.MinutesLeft, tt.notice, tt.minutes)
		}
	}
}

// TestNobodyIsNearlyDoneTooEarly holds it in a whole interview of few words.
func TestNobodyIsNearlyDoneTooEarly(t *testing.T) {
	t.Parallel()
	i := begin(t, newEngine(t), ada())
	i.run(func(a intake.Action) intake.Answer {
		p := i.e.Progress(i.s)
		if strings.Contains(p.Notice, "Nearly done") && p.Percent < 75 {
			t.Errorf("%q at %d %%", p.Notice, p.Percent)
		}
		if a.Kind == intake.AskQuestion && len(i.s.Asked) > 4 {
			return intake.Answer{Unsure: true}
		}
		return salon(a)
	})
}

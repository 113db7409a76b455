package intake_test

import (
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/intake/intaketest"
)

// left begins a session and returns it with the time of its beginning.
func left(t *testing.T) (*intake.Engine, *intake.Session, time.Time) {
	t.Helper()
	_, e := intaketest.Engine(t)
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	s, _, err := e.Start("s1", intake.Client{Name: "Ada Moreau", Email: "ada@example.com", WebsiteType: "business"}, at)
	if err != nil {
		t.Fatal(err)
	}
	return e, s, at
}

func made(t intake.Turn) event.Name {
	if len(t.Events) != 1 {
		return ""
	}
	return t.Events[0].Name
}

func TestLapseAndRecover(t *testing.T) {
	t.Parallel()
	e, s, at := left(t)
	day := at.Add(intake.AbandonedAfter)
	if got := made(e.Lapse(s, day.Add(-time.Second))); got != "" || s.Status != intake.InProgress {
		t.Errorf("Lapse before the day is over made %q of a session that is %s", got, s.Status)
	}
	if got := made(e.Lapse(s, day)); got != event.NameSessionAbandoned || s.Status != intake.Abandoned {
		t.Errorf("Lapse after a day made %q of a session that is %s", got, s.Status)
	}
	if !s.LastActivity.Equal(at) {
		t.Errorf("after the lapse the client's last activity is %v, want %v: giving up is nothing that the client did", s.LastActivity, at)
	}
	if got := made(e.Lapse(s, day.Add(time.Hour))); got != "" {
		t.Errorf("Lapse twice made %q", got)
	}
	late := *s
	if got := made(e.Recover(&late, day.Add(intake.RecoverWithin))); got != "" || late.Status != intake.Abandoned {
		t.Errorf("Recover after 48 hours made %q of a session that is %s", got, late.Status)
	}
	back := day.Add(intake.RecoverWithin - time.Second)
	if got := made(e.Recover(s, back)); got != event.NameSessionRecovered || s.Status != intake.InProgress || !s.LastActivity.Equal(back) {
		t.Errorf("Recover in time made %q of a session that is %s since %v", got, s.Status, s.LastActivity)
	}
	if got := made(e.Recover(s, back.Add(time.Hour))); got != "" || !s.LastActivity.Equal(back.Add(time.Hour)) {
		t.Errorf("Recover of an open session made %q, last activity %v; want no event and the new time", got, s.LastActivity)
	}
}

// TestTimeSpentEndsWithTheClient: the day of waiting is not the client's.
func TestTimeSpentEndsWithTheClient(t *testing.T) {
	t.Parallel()
	spent := func(turn intake.Turn) string { return string(turn.Events[0].Properties) }
	e, s, at := left(t)
	s.LastActivity = at.Add(6 * time.Minute)
	if got := spent(e.Lapse(s, at.Add(25*time.Hour))); !strings.Contains(got, `"timeSpent":6`) {
		t.Errorf("after a lapse: %s, want 6 minutes", got)
	}
	e, s, at = left(t)
	if got := spent(e.Abandon(s, at.Add(9*time.Minute))); !strings.Contains(got, `"timeSpent":9`) || !s.LastActivity.Equal(at.Add(9*time.Minute)) {
		t.Errorf("started over: %s and last activity %v, want 9 minutes", got, s.LastActivity)
	}
}

// TestSessionsOfEarlierVersionsComeBack: they have the time of giving up as that
// of their last activity.
func TestSessionsOfEarlierVersionsComeBack(t *testing.T) {
	t.Parallel()
	_, s, at := left(t)
	s.Status, s.LastActivity = intake.Abandoned, at.Add(intake.AbandonedAfter)
	if end := s.LastActivity.Add(intake.RecoverWithin); !s.Open(end.Add(-time.Second)) || s.Open(end) {
		t.Errorf("a session that was given up at %v is open just before %v: %v, and then: %v", s.LastActivity, end, s.Open(end.Add(-time.Second)), s.Open(end))
	}
}

func TestStartedOverIsForGood(t *testing.T) {
	t.Parallel()
	e, s, at := left(t)
	if got := made(e.Abandon(s, at.Add(time.Minute))); got != event.NameSessionAbandoned {
		t.Fatalf("Abandon made %q", got)
	}
	if got := made(e.Recover(s, at.Add(2*time.Minute))); got != "" || s.Open(at.Add(2*time.Minute)) {
		t.Errorf("a session that was started over came back: %q", got)
	}
}

func TestAtRisk(t *testing.T) {
	t.Parallel()
	_, s, at := left(t)
	if s.AtRisk(at.Add(intake.RiskAfter)) {
		t.Error("five minutes are no risk yet")
	}
	if !s.AtRisk(at.Add(intake.RiskAfter + time.Second)) {
		t.Error("more than five minutes are a risk")
	}
	s.Current = intake.Action{ID: "f", Kind: intake.RecommendFeatures}
	if !s.AtRisk(at) {
		t.Error("features that nobody chose from are a risk")
	}
	s.Status = intake.Completed
	if s.AtRisk(at.Add(time.Hour)) {
		t.Error("a finished session is at no risk")
	}
}

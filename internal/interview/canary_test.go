package interview_test

import (
	"errors"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/interview"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// complete answers a session to its end.
func complete(tb testing.TB, s *interview.Service, b interview.Begun) {
	tb.Helper()
	sess := b.Session
	for sess.Current.Kind != intake.Complete {
		var err error
		if sess, err = s.Answer(tb.Context(), b.Session.ID, b.Token, reply(sess)); err != nil {
			tb.Fatalf("Answer(%s): %v", sess.Current.Kind, err)
		}
	}
}

// figures is everything that counts sessions.
func figures(tb testing.TB, st *store.Store, now time.Time) (rows int, today store.HealthFigures, listed, active int) {
	tb.Helper()
	all, err := st.Rollups(tb.Context(), metric.Needed(now, time.UTC))
	if err != nil {
		tb.Fatal(err)
	}
	if today, err = st.Today(tb.Context(), now.Add(-24*time.Hour)); err != nil {
		tb.Fatal(err)
	}
	list, err := st.Sessions(tb.Context(), store.SessionFilter{})
	if err != nil {
		tb.Fatal(err)
	}
	if active, err = st.ActiveSessions(tb.Context(), now.Add(-time.Hour)); err != nil {
		tb.Fatal(err)
	}
	return len(all), today, len(list), active
}

func TestACanaryCountsNowhere(t *testing.T) {
	t.Parallel()
	s, st, c := newService(t)
	b, err := s.BeginCanary(t.Context(), ada())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, active := figures(t, st, c.Now()); active != 0 {
		t.Errorf("a canary at work counts as %d active sessions, want none", active)
	}
	complete(t, s, b)
	// What a browser would tell of it, and so much of it that a rebuild has
	// something to count.
	if err := s.Record(t.Context(), event.New(b.Session.ID, -1, c.Now(), event.LandingView{Device: "phone"})); err != nil {
		t.Fatal(err)
	}
	check := func(when string, sessions int) {
		t.Helper()
		rows, today, listed, _ := figures(t, st, c.Now())
		if (rows > 0) != (sessions > 0) || today.SessionsToday != sessions || today.CompletionsToday != sessions || listed != sessions {
			t.Errorf("%s: %d rollup rows, figures %+v, %d listed; want those of %d sessions", when, rows, today, listed, sessions)
		}
		storetest.NoDrift(t, st)
	}
	check("with a canary", 0)
	if doc, err := s.Scope(t.Context(), b.Session.ID); err != nil || doc.Words == 0 {
		t.Errorf("Scope of a canary = %d words, %v; want its document", doc.Words, err)
	}

	client, err := s.Begin(t.Context(), "", ada())
	if err != nil {
		t.Fatal(err)
	}
	complete(t, s, client)
	check("with a canary and a client", 1)
	if _, err := st.RebuildRollups(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	check("made again", 1)

	if n, err := s.RemoveCanary(t.Context(), client.Session.ID); err != nil || n != 0 {
		t.Errorf("RemoveCanary(a client) = %d, %v; want nothing touched", n, err)
	}
	if n, err := s.RemoveCanary(t.Context(), b.Session.ID); err != nil || n != 1 {
		t.Errorf("RemoveCanary = %d, %v; want one", n, err)
	}
	check("without the canary", 1)
	if _, err := s.Load(t.Context(), b.Session.ID, b.Token); !errors.Is(err, interview.ErrUnknown) {
		t.Errorf("Load after removal err = %v, want unknown", err)
	}
	if events, err := st.Events(t.Context(), b.Session.ID); err != nil || len(events) != 0 {
		t.Errorf("%d events stay, %v; want none", len(events), err)
	}
}

func TestForgottenCanaries(t *testing.T) {
	t.Parallel()
	s, _, c := newService(t)
	for range 2 {
		if _, err := s.BeginCanary(t.Context(), ada()); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.RemoveCanary(t.Context(), "none"); err != nil || n != 0 {
		t.Errorf("RemoveCanary(none) = %d, %v; want young ones left alone", n, err)
	}
	c.Move(2 * time.Hour)
	if n, err := s.RemoveCanary(t.Context(), "none"); err != nil || n != 2 {
		t.Errorf("RemoveCanary(none) two hours later = %d, %v; want both", n, err)
	}
}

// TestAForgottenCanaryIsNobody: of a smoke test that was cut off, nobody is told
// that a client gave up, and no list of interviews has it until it is removed.
func TestAForgottenCanaryIsNobody(t *testing.T) {
	t.Parallel()
	s, st, c := newService(t)
	if _, err := s.BeginCanary(t.Context(), ada()); err != nil {
		t.Fatal(err)
	}
	began := c.Now()
	if n, err := st.Conversing(t.Context(), began.Add(-time.Hour)); err != nil || n != 0 {
		t.Errorf("Conversing = %d, %v; want none: it would take a client's place", n, err)
	}
	if got, err := st.SessionCounts(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("SessionCounts = %v, %v; want none", got, err)
	}
	c.Move(25 * time.Hour)
	if n, first, err := st.Silent(t.Context(), began.Add(-time.Hour), c.Now()); err != nil || n != 0 || len(first) != 0 {
		t.Errorf("Silent = %d, %v, %v; want none", n, first, err)
	}
	if n, err := s.AbandonIdle(t.Context()); err != nil || n != 0 {
		t.Errorf("AbandonIdle = %d, %v; want none: webhooks would be told of it", n, err)
	}
}

// TestNothingStaysOfACanary: neither its work nor its address.
func TestNothingStaysOfACanary(t *testing.T) {
	t.Parallel()
	l := newLeaving(t)
	b, err := l.BeginCanary(t.Context(), intake.Client{Name: "Canary", Email: "canary@example.com", WebsiteType: "business"})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Consent(t.Context(), b.Session.ID); err != nil {
		t.Fatal(err)
	}
	left := func() (addresses []event.SessionID, jobs []store.Job) {
		t.Helper()
		if addresses, err = l.st.SessionsOf(t.Context(), "canary@example.com"); err != nil {
			t.Fatal(err)
		}
		return addresses, l.jobs(t, "remind")
	}
	if addresses, jobs := left(); len(addresses) != 1 || len(jobs) != 1 {
		t.Fatalf("before: %d addresses, %d jobs; want something to remove", len(addresses), len(jobs))
	}
	if n, err := l.RemoveCanary(t.Context(), b.Session.ID); err != nil || n != 1 {
		t.Fatalf("RemoveCanary = %d, %v", n, err)
	}
	if addresses, jobs := left(); len(addresses) != 0 || len(jobs) != 0 {
		t.Errorf("afterwards: addresses of %v, jobs %v; want none", addresses, jobs)
	}
}

func TestACanaryIsCheckedLikeAClient(t *testing.T) {
	t.Parallel()
	s, _, _ := newService(t)
	var invalid *intake.Invalid
	if _, err := s.BeginCanary(t.Context(), intake.Client{Name: "Ada"}); !errors.As(err, &invalid) {
		t.Errorf("BeginCanary(no address) err = %v, want invalid", err)
	}
}

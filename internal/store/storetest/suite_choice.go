//nolint:thelper // these are the tests of the suite, not helpers
package storetest

import (
	"errors"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
)

func analyticsChoices(t *testing.T, open Open) {
	now := Start()
	s := open(t, store.Config{Now: func() time.Time { return now }})
	choose := func(id event.SessionID, allowed bool) error {
		return s.ChooseAnalytics(t.Context(), id, store.AnalyticsChoice{Allowed: allowed, Since: now})
	}
	holds := func(id event.SessionID, want store.AnalyticsChoice) {
		t.Helper()
		got, err := s.AnalyticsChoice(t.Context(), id)
		if err != nil || got.Allowed != want.Allowed || !got.Since.Equal(want.Since) {
			t.Errorf("AnalyticsChoice(%s) = %+v, %v; want %+v", id, got, err, want)
		}
	}
	if _, err := s.AnalyticsChoice(t.Context(), "v1"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("AnalyticsChoice of silence: %v, want ErrNotFound", err)
	}
	first := now
	for _, allowed := range []bool{true, true, false, false, true} {
		if err := choose("v1", allowed); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
		if allowed && now.Before(first.Add(3*time.Hour)) {
			holds("v1", store.AnalyticsChoice{Allowed: true, Since: first}) // the same again changes nothing
		}
	}
	holds("v1", store.AnalyticsChoice{Allowed: true, Since: first.Add(4 * time.Hour)})

	choicesEnd(t, s, now, choose, holds)
}

// choicesEnd prunes and erases those who chose.
func choicesEnd(t *testing.T, s *store.Store, now time.Time, choose func(event.SessionID, bool) error, holds func(event.SessionID, store.AnalyticsChoice)) {
	sess := Session("v2", now)
	if err := s.CreateSession(t.Context(), sess, []byte("x"), FirstTurn(sess)); err != nil {
		t.Fatal(err)
	}
	for _, id := range []event.SessionID{"v2", "old"} {
		if err := choose(id, true); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Prune(t.Context(), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AnalyticsChoice(t.Context(), "old"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the choice of a visit of which nothing is left: %v, want ErrNotFound", err)
	}
	holds("v2", store.AnalyticsChoice{Allowed: true, Since: now})
	if err := s.Erase(t.Context(), "v2", "client"); err != nil {
		t.Fatal(err)
	}
	if err := choose("v2", true); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a choice of an erased session: %v, want ErrNotFound", err)
	}
	if err := s.KeepAdvice(t.Context(), "v2", "late", []byte("late"), 10); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("advice on an erased session: %v, want ErrNotFound", err)
	}
}

func settled(t *testing.T, open Open) {
	s := open(t, store.Config{})
	sess := Session("s1", Start())
	if err := s.CreateSession(t.Context(), sess, []byte("x"), FirstTurn(sess)); err != nil {
		t.Fatal(err)
	}
	bytes, err := s.Settle(t.Context())
	if err != nil || bytes <= 0 {
		t.Fatalf("Settle = %d bytes, %v", bytes, err)
	}
	if _, err := s.Session(t.Context(), "s1"); err != nil {
		t.Errorf("the session after Settle: %v", err)
	}
	NoDrift(t, s)
}

//nolint:thelper // these are the tests of the suite, not helpers
package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
)

func advisorCalls(t *testing.T, open Open) {
	s := open(t, store.Config{})
	cost := int64(1500)
	calls := []store.AdvisorCall{
		{ID: "1", Session: "v1", At: Start(), Outcome: store.AdvisorOK, MicroUSD: &cost, Usage: advice.Usage{Input: 10, Output: 5}, Latency: 900 * time.Millisecond, First: 200 * time.Millisecond, Tries: 1},
		{ID: "2", Session: "v1", At: Start().Add(time.Minute), Outcome: store.AdvisorOK, Latency: 300 * time.Millisecond, Tries: 1, Dropped: 2},
		{ID: "3", Session: "v2", At: Start().Add(25 * time.Hour), Outcome: store.AdvisorSkipped, Cause: "fallback", MicroUSD: new(int64)},
	}
	if err := s.AddAdvisorCalls(t.Context(), calls...); err != nil {
		t.Fatalf("AddAdvisorCalls: %v", err)
	}
	for _, row := range []struct {
		id             event.SessionID
		since          time.Time
		spent, unknown int64
	}{{"", Start(), 1500, 1}, {"v1", Start(), 1500, 1}, {"v2", Start(), 0, 0}, {"", Start().Add(time.Second), 0, 1}} {
		spent, unknown, err := s.AdvisorSpent(t.Context(), row.id, row.since)
		if err != nil || spent != row.spent || unknown != row.unknown {
			t.Errorf("AdvisorSpent(%q, %s) = %d, %d, %v; want %d, %d", row.id, row.since, spent, unknown, err, row.spent, row.unknown)
		}
	}
	f, err := s.AdvisorFigures(t.Context(), Start(), Start().Add(48*time.Hour))
	if err != nil {
		t.Fatalf("AdvisorFigures: %v", err)
	}
	same(t, "figures", f, store.AdvisorFigures{
		Outcomes: map[string]int64{"ok": 2, "skipped": 1}, Calls: 2, Asked: 3, MicroUSD: 1500, Unpriced: 1, Tokens: advice.Usage{Input: 10, Output: 5},
		Dropped: 2, Sessions: 2, Latency: []int64{300, 900}, First: []int64{200},
		Days: []store.AdvisorDay{{Day: "2026-11-18", Asked: 2, MicroUSD: 1500, Unpriced: 1}, {Day: "2026-11-19", Asked: 1, Missed: 1}},
	})
	// The conventions count what the vendor's cache gave and took among the input.
	told := store.AdvisorCall{Session: "v1", At: Start(), Usage: advice.Usage{Input: 10, CacheRead: 4, CacheWrite: 2, CacheWriteHour: 1}}.Event()
	if !bytes.Contains(told.Properties, []byte(`"gen_ai.usage.input_tokens":17,`)) {
		t.Errorf("the event tells %s, want an input of 17 tokens", told.Properties)
	}
	// A call starts no session, whoever says that there was one.
	forged := calls[0].Event()
	forged.ID, forged.SessionID = "forged", "v9"
	got := record(t, s, store.Incoming{Event: forged})
	same(t, "verdict of a call from outside", got[0].Result, store.ResultWarning)
	active, err := s.ActiveSessions(t.Context(), Start().Add(-time.Hour))
	if err != nil || active != 0 {
		t.Errorf("ActiveSessions = %d, %v; want 0, because calls count nowhere", active, err)
	}
	NoDrift(t, s)
}

func cachedAdvice(t *testing.T, open Open) {
	now := Start()
	s := open(t, store.Config{Now: func() time.Time { return now }})
	for i := range 12 {
		now = now.Add(time.Second)
		if err := s.KeepAdvice(t.Context(), "v1", fmt.Sprint("h", i), fmt.Append(nil, "answer ", i), 10); err != nil {
			t.Fatalf("KeepAdvice: %v", err)
		}
	}
	for hash, want := range map[string]string{"h11": "answer 11", "h2": "answer 2", "h1": "", "unknown": ""} {
		got, err := s.CachedAdvice(t.Context(), hash)
		if want == "" && !errors.Is(err, store.ErrNotFound) || want != "" && (err != nil || string(got) != want) {
			t.Errorf("CachedAdvice(%s) = %q, %v; want %q", hash, got, err, want)
		}
	}
	now = now.Add(8 * 24 * time.Hour)
	if err := s.KeepAdvice(t.Context(), "v1", "new", []byte("new"), 10); err != nil {
		t.Fatalf("KeepAdvice: %v", err)
	}
	if _, err := s.CachedAdvice(t.Context(), "h11"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("CachedAdvice after a week err = %v, want ErrNotFound, because it may quote a client", err)
	}
}

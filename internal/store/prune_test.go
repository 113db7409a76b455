package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// TestPrune deletes old events: figures stay, the file shrinks, and sessions that
// come back go on counting from where they were.
func TestPrune(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	now := storetest.Start()
	s := storetest.SQLite(t, store.Config{Path: dir, Now: func() time.Time { return now }})
	see := func(id string, n int) {
		t.Helper()
		e := event.New(event.SessionID(id), n, now, event.Plain{Name: event.NameCTAClick})
		e.Properties = []byte(`{"pad":"` + strings.Repeat("x", 2000) + `"}`)
		in := store.Incoming{Event: e, Clocked: true, Skew: time.Duration(10-n) * time.Second}
		if v, err := s.Record(t.Context(), []store.Incoming{in}); err != nil || v[0].Result != store.ResultOK {
			t.Fatalf("Record: %+v, %v", v, err)
		}
	}
	for i := range 500 {
		see(fmt.Sprintf("old-%03d", i), 1)
	}
	before := funnel(t, s, now)
	for _, id := range []event.SessionID{"old-001", "old-007", "never-seen", "conducted"} {
		if err := s.ChooseAnalytics(t.Context(), id, store.AnalyticsChoice{Allowed: true, Since: now}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.CreateSession(t.Context(), storetest.Session("conducted", now), []byte("x"), intake.Turn{}); err != nil {
		t.Fatal(err)
	}
	now = now.Add(60 * 24 * time.Hour)
	see("old-007", 2) // comes back in time
	now = now.Add(40 * 24 * time.Hour)
	see("new", 1)
	size := fileSize(t, dir)
	if n, err := s.Prune(t.Context(), now.Add(-90*24*time.Hour)); n != 499 || err != nil {
		t.Fatalf("Prune = %d, %v, want 499 sessions", n, err)
	}
	if n, err := s.Prune(t.Context(), now.Add(-90*24*time.Hour)); n != 0 || err != nil {
		t.Errorf("Prune again = %d, %v, want 0", n, err)
	}
	if after := fileSize(t, dir); after > size/2 {
		t.Errorf("the file has %d bytes after pruning, %d before", after, size)
	}
	if n := len(events(t, s, "old-001")) + 10*len(events(t, s, "old-007")) + 100*len(events(t, s, "new")); n != 120 {
		t.Errorf("events left: %d, want none, two and one", n)
	}
	for id, want := range map[event.SessionID]error{"old-001": store.ErrNotFound, "never-seen": store.ErrNotFound, "old-007": nil, "conducted": nil} {
		if _, err := s.AnalyticsChoice(t.Context(), id); !errors.Is(err, want) {
			t.Errorf("the choice of %s after pruning: %v, want %v", id, err, want)
		}
	}
	storetest.NoDrift(t, s)
	see("old-001", 5) // comes back too late, with a clock that would move what is gone
	see("old-001", 9)
	storetest.NoDrift(t, s)
	if after := funnel(t, s, storetest.Start()); after != before {
		t.Errorf("clicks of the first day are %d after pruning, %d before", after, before)
	}
	if got, err := s.AuditDay(t.Context(), metric.DayBucket(storetest.Start(), time.UTC)); err != nil || got.Drift+got.Wrong != 0 {
		t.Errorf("audit: %+v, %v", got, err)
	}
}

func funnel(t *testing.T, s *store.Store, day time.Time) int64 {
	t.Helper()
	bucket := metric.DayBucket(day, time.UTC)
	rows, err := s.Rollups(t.Context(), []metric.Range{{Tier: metric.Day, Metric: metric.Funnel, Dimension: metric.All, From: bucket, To: bucket}})
	if err != nil || len(rows) != 1 {
		t.Fatalf("funnel: %v, %v", rows, err)
	}
	return rows[0].Vector[1]
}

// fileSize is the size of the database once its log is written into it.
func fileSize(t *testing.T, dir string) int64 {
	t.Helper()
	change(t, raw(t, dir), `PRAGMA wal_checkpoint(TRUNCATE)`)
	info, err := os.Stat(filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// landed is the first step of another visit, which every such step before it
// shares its rows of figures with.
func landed(id event.SessionID) event.Event {
	return event.New(id, 1, storetest.Start(), event.LandingView{Source: "ads"})
}

// landings reads how many visits the figures of the day count.
func landings(t *testing.T, s *store.Store) int64 {
	t.Helper()
	day := metric.DayBucket(storetest.Start(), time.UTC)
	rows, err := s.Rollups(t.Context(), []metric.Range{{Tier: metric.Day, Metric: metric.Funnel, Dimension: metric.All, From: day, To: day, One: true}})
	if err != nil {
		t.Fatalf("Rollups: %v", err)
	}
	if len(rows) == 0 {
		return 0
	}
	return rows[0].Vector[0]
}

// TestALostGroupLeavesNoFigures breaks a group after its differences were added to
// the rows in memory. The rows must not be believed any more: the next group would
// write what was rolled back. (hot.go: it is emptied whenever it might not be what is
// on disk.)
func TestALostGroupLeavesNoFigures(t *testing.T) {
	t.Parallel()
	many := make([]event.Event, 40) // a group that is worked on by several goroutines
	for i := range many {
		many[i] = landed(event.SessionID(fmt.Sprintf("many-%d", i)))
	}
	for name, lost := range map[string][]event.Event{
		"one visit": {landed("bad")}, "many visits": append(many, landed("bad")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storetest.SQLite(t, store.Config{})
			run := func(statement string) {
				t.Helper()
				if err := s.Do(t.Context(), func(exec func(string, ...any) error) error { return exec(statement) }); err != nil {
					t.Fatal(err)
				}
			}
			record := func(list ...event.Event) error {
				_, err := s.Record(t.Context(), storetest.Outside(list...))
				return err
			}
			run(`CREATE TRIGGER breaks BEFORE INSERT ON event_chunks WHEN NEW.session_id = 'bad' BEGIN SELECT RAISE(ABORT, 'a torn page'); END`)
			if err := record(landed("first")); err != nil {
				t.Fatal(err)
			}
			if err := record(lost...); err == nil {
				t.Fatal("the group was to break, and did not")
			}
			run(`DROP TRIGGER breaks`)
			if err := record(landed("second")); err != nil {
				t.Fatal(err)
			}
			if got := landings(t, s); got != 2 {
				t.Errorf("the figures count %d visits, want the two that were taken", got)
			}
			if err := record(lost...); err != nil {
				t.Fatalf("the lost group again = %v", err)
			}
			if got, want := landings(t, s), int64(2+len(lost)); got != want {
				t.Errorf("the figures count %d visits, want %d", got, want)
			}
			storetest.NoDrift(t, s)
		})
	}
}

// TestACommitThatFails breaks at the very last: the operations ran, and COMMIT is
// refused. Everybody of the group is told that the outcome is not known, nothing
// of it stays in memory, and the store goes on.
func TestACommitThatFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	if _, err := s.Record(t.Context(), storetest.Outside(landed("first"))); err != nil {
		t.Fatal(err)
	}
	release := hold(t, dir) // lets the operations gather in one group
	var wg sync.WaitGroup
	var visit, orphan error
	wg.Go(func() { _, visit = s.Record(context.Background(), storetest.Outside(landed("lost"))) })
	wg.Go(func() {
		orphan = s.Do(context.Background(), func(exec func(string, ...any) error) error {
			if err := exec(`PRAGMA defer_foreign_keys = ON`); err != nil {
				return err
			}
			return exec(`INSERT INTO messages (session_id, n, role, question_id, number, at, text) VALUES ('nobody', 1, '', '', 1, 1, x'00')`)
		})
	})
	release()
	wg.Wait()
	if !errors.Is(orphan, store.ErrUnknown) {
		t.Errorf("the operation that spoiled the commit = %v, want ErrUnknown", orphan)
	}
	taken := int64(1)
	switch {
	case visit == nil: // it came into a group of its own
		taken++
	case !errors.Is(visit, store.ErrUnknown):
		t.Errorf("another operation of the group = %v, want ErrUnknown", visit)
	}
	if _, err := s.Record(t.Context(), storetest.Outside(landed("second"))); err != nil {
		t.Fatalf("Record afterwards: %v", err)
	}
	if got := landings(t, s); got != taken+1 {
		t.Errorf("the figures count %d visits, want %d", got, taken+1)
	}
	if v, err := s.Record(t.Context(), storetest.Outside(landed("lost"))); err != nil || visit != nil && v[0].Result != store.ResultOK {
		t.Errorf("the visit that was lost, again = %v, %v", v, err)
	}
	storetest.NoDrift(t, s)
}

// TestMendedFiguresStayMended: what introspect rollup rebuild puts right in a running
// server is not undone by the wrong row that the server had in memory.
func TestMendedFiguresStayMended(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func() *store.Store { return storetest.SQLite(t, store.Config{Path: dir}) }
	record := func(s *store.Store, id event.SessionID) {
		t.Helper()
		if _, err := s.Record(t.Context(), storetest.Outside(landed(id))); err != nil {
			t.Fatal(err)
		}
	}
	s := open()
	record(s, "first")
	err := s.Do(t.Context(), func(exec func(string, ...any) error) error {
		return exec(`UPDATE rollups SET vector = $1 WHERE metric = 'funnel' AND dimension = 'all' AND bucket = $2`, metric.Vector{0: 41}.Encode(), metric.DayBucket(storetest.Start(), time.UTC))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open()
	if record(s, "second"); landings(t, s) != 42 {
		t.Fatalf("the figures count %d visits, want the wrong row and one more", landings(t, s))
	}
	if n, err := s.RebuildRollups(t.Context(), false); n == 0 || err != nil {
		t.Fatalf("RebuildRollups = %d, %v; want rows that were mended", n, err)
	}
	if record(s, "third"); landings(t, s) != 3 {
		t.Errorf("the figures count %d visits, want 3", landings(t, s))
	}
	storetest.NoDrift(t, s)
}

package store_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// TestAnotherProcessMendsTheRollups: what a process beside the server writes is
// not undone by rows that the server holds decoded in memory.
func TestAnotherProcessMendsTheRollups(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	see := func(id event.SessionID) {
		t.Helper()
		if _, err := s.Record(t.Context(), storetest.Outside(event.New(id, 1, storetest.Start(), event.LandingView{}))); err != nil {
			t.Fatal(err)
		}
	}
	see("first") // now the row is in memory
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	day := metric.DayBucket(storetest.Start(), time.UTC)
	if _, err := db.ExecContext(t.Context(), `UPDATE rollups SET vector = ? WHERE metric = 'funnel' AND dimension = 'all' AND bucket = ?`,
		metric.Vector{0: 41}.Encode(), day); err != nil {
		t.Fatal(err)
	}
	see("second")
	rows, err := s.Rollups(t.Context(), []metric.Range{{Tier: metric.Day, Metric: metric.Funnel, Dimension: metric.All, From: day, To: day, One: true}})
	if err != nil || len(rows) != 1 || rows[0].Vector[0] != 42 {
		t.Errorf("after another process wrote 41 and one more visit: %v, %v; want 42", rows, err)
	}
}

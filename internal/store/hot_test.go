package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
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

// TestAFullBatchOfStrangers sends a batch of new and known sessions to a store
// that has none in memory: they are looked up in pages, and each is told from the
// others.
func TestAFullBatchOfStrangers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	var old, fresh []event.Event
	for i := range 50 {
		old = append(old, event.New(event.SessionID(fmt.Sprintf("old-%d", i)), 1, storetest.Start(), event.LandingView{Source: "news"}))
		fresh = append(fresh, event.New(event.SessionID(fmt.Sprintf("new-%d", i)), 1, storetest.Start(), event.LandingView{Source: "ads"}))
	}
	if _, err := s.Record(t.Context(), storetest.Outside(old...)); err != nil {
		t.Fatal(err)
	}
	if err := s.Erase(t.Context(), "old-7", "test"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = storetest.SQLite(t, store.Config{Path: dir})
	var both []event.Event
	for i := range old {
		both = append(both, fresh[i], old[i])
	}
	verdicts, err := s.Record(t.Context(), storetest.Outside(both...))
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range verdicts {
		want := store.Verdict{ID: both[i].ID, Result: store.ResultOK}
		switch {
		case both[i].SessionID == "old-7":
			want.Result, want.Details = store.ResultDrop, store.DetailErased
		case i%2 == 1:
			want.Result = store.ResultDuplicate
		}
		if v != want {
			t.Errorf("event of %s: %+v, want %+v", both[i].SessionID, v, want)
		}
	}
	storetest.NoDrift(t, s)
}

// TestTheLogIsBroughtIntoTheDatabase: pages reach the database file while the
// store is open and its log is far from full.
func TestTheLogIsBroughtIntoTheDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	if err := s.SetLogPiece(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
	size := func() int64 {
		info, err := os.Stat(filepath.Join(dir, store.FileName))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	before := size()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for seed := uint64(1); size() <= before; seed++ {
		if _, err := s.Record(ctx, storetest.Outside(storetest.Stream(seed, 5, storetest.Start())...)); err != nil {
			t.Fatalf("the file has still %d bytes: %v", before, err)
		}
		if seed == 500 {
			t.Fatal("500 batches later the file has not grown")
		}
	}
	storetest.NoDrift(t, s)
}

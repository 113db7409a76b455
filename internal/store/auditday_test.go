package store_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// TestAuditFindsWhatIsWrong audits days that are right, then spoils a row, loses
// one, invents one and spoils facts, and expects each to be found.
func TestAuditFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	if _, err := s.Record(t.Context(), storetest.Outside(storetest.Stream(3, 60, storetest.Start())...)); err != nil {
		t.Fatal(err)
	}
	day := metric.DayBucket(storetest.Start(), time.UTC)
	sessions := 0
	for d := day - 1; d <= day+2; d++ {
		got, err := s.AuditDay(t.Context(), d)
		if err != nil || got.Drift != 0 || got.Wrong != 0 {
			t.Fatalf("Audit(%d) = %+v, %v; want no drift", d, got, err)
		}
		sessions += got.Sessions
	}
	right, err := s.AuditDay(t.Context(), day)
	if err != nil || right.Rows < 20 || right.Folded < 10 || sessions < 60 {
		t.Fatalf("Audit = %+v, %v over %d sessions; want rows and sessions to look at", right, err, sessions)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, spoil := range []struct {
		name, query  string
		drift, wrong int
	}{
		{"a count is wrong", `UPDATE rollups SET vector = x'0204' WHERE bucket = ? AND metric = 'funnel' AND dimension = 'all'`, 1, 0},
		{"a row is lost as well", `DELETE FROM rollups WHERE bucket = ? AND metric = 'survival' AND dimension = 'all'`, 2, 0},
		{"a row is invented as well", `INSERT INTO rollups SELECT tier, metric, bucket, 'source', 'nowhere', vector FROM rollups WHERE bucket = ? AND metric = 'loops' AND dimension = 'all'`, 3, 0},
	} {
		res, err := db.ExecContext(t.Context(), spoil.query, day)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			t.Fatalf("%s: %d rows spoilt, %v", spoil.name, n, err)
		}
		if got, err := s.AuditDay(t.Context(), day); err != nil || got.Drift != spoil.drift || got.Wrong != spoil.wrong {
			t.Errorf("%s: %+v, %v; want drift %d", spoil.name, got, err, spoil.drift)
		}
	}
	if _, err := s.RebuildRollups(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE event_chunks SET events = json_remove(events, '$[0]') WHERE json_array_length(events) > 1`); err != nil {
		t.Fatal(err)
	}
	if got, err := s.AuditDay(t.Context(), day); err != nil || got.Drift != 0 || got.Wrong == 0 {
		t.Errorf("events are lost: %+v, %v; want wrong facts", got, err)
	}
}

// TestAuditBesideADayWithoutMidnight: in Chile the clocks went from midnight to one
// on 2026-09-06. The last hour of the day before belongs to that day, for the audit
// and for views of several filters.
func TestAuditBesideADayWithoutMidnight(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	s := storetest.Any(t, store.Config{Zone: zone})
	late := time.Date(2026, 9, 5, 23, 30, 0, 0, zone)
	if _, err := s.Record(t.Context(), storetest.Outside(event.New("v", 1, late, event.LandingView{Source: "news", Device: "phone"}))); err != nil {
		t.Fatal(err)
	}
	day := metric.DayBucket(late, zone)
	if got, err := s.AuditDay(t.Context(), day); err != nil || got.Drift != 0 || got.Sessions != 1 {
		t.Errorf("Audit = %+v, %v; want one session and no drift", got, err)
	}
	view := metric.View{From: day, To: day}.Narrow(metric.Label{Dimension: metric.DimSource, Value: "news"}).Narrow(metric.Label{Dimension: metric.DimDevice, Value: "phone"})
	rows, err := s.Cut(t.Context(), view)
	if err != nil || !slices.ContainsFunc(rows, func(r metric.Row) bool { return r.Key.Metric == metric.Funnel && r.Vector[0] == 1 }) {
		t.Errorf("Cut = %v, %v; want the visit of the last hour", rows, err)
	}
}

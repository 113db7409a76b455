package storetest

import (
	"maps"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
)

// Expected folds events without a store: what the rollups have to hold when
// each of these events, known by its id, counts once.
func Expected(evs []event.Event, zone *time.Location) metric.Delta {
	facts, seen := make(map[event.SessionID]metric.Facts), make(map[event.ID]bool)
	for _, e := range evs {
		if seen[e.ID] {
			continue
		}
		seen[e.ID] = true
		e.At = e.At.Truncate(time.Microsecond)
		f := facts[e.SessionID]
		f.Apply(e)
		facts[e.SessionID] = f
	}
	d := metric.Delta{}
	for _, f := range facts {
		d.Merge(metric.Contribution(f, zone), 1)
	}
	return d
}

// Stored reads all rollups of the metrics that a delta names.
func Stored(tb testing.TB, s *store.Store, named metric.Delta) metric.Delta {
	tb.Helper()
	ranges := make(map[metric.Range]bool)
	for k := range named {
		ranges[metric.Range{Tier: k.Tier, Metric: k.Metric, From: math.MinInt64, To: math.MaxInt64}] = true
	}
	var list []metric.Range
	for r := range maps.Keys(ranges) {
		list = append(list, r)
	}
	rows, err := s.Rollups(tb.Context(), list)
	if err != nil {
		tb.Fatalf("Rollups: %v", err)
	}
	got := metric.Delta{}
	for _, row := range rows {
		if got[row.Key] != nil {
			tb.Errorf("Rollups returned %+v twice", row.Key)
		}
		got[row.Key] = row.Vector
	}
	return got
}

// Exact fails the test unless the store's rollups are what the events say,
// row by row, and both audits agree.
func Exact(tb testing.TB, s *store.Store, evs []event.Event, zone *time.Location) {
	tb.Helper()
	want := Expected(evs, zone)
	if len(want) == 0 && len(evs) > 0 {
		tb.Fatal("these events make no rollups, so nothing would be checked")
	}
	if diff := cmp.Diff(want, Stored(tb, s, want)); diff != "" {
		tb.Errorf("rollups (-want +got):\n%s", diff)
	}
	NoDrift(tb, s)
}

// NoDrift fails the test unless rollups follow from facts and facts from
// events.
func NoDrift(tb testing.TB, s *store.Store) {
	tb.Helper()
	if n, err := s.RebuildRollups(tb.Context(), true); n != 0 || err != nil {
		tb.Errorf("RebuildRollups(verify) = %d, %v, want 0, nil", n, err)
	}
	if n, err := s.VerifyFacts(tb.Context()); n != 0 || err != nil {
		tb.Errorf("VerifyFacts = %d, %v, want 0, nil", n, err)
	}
}

// record stores events and fails the test on an error.
func record(tb testing.TB, s *store.Store, in ...store.Incoming) []store.Verdict {
	tb.Helper()
	verdicts, err := s.Record(tb.Context(), in)
	if err != nil {
		tb.Fatalf("Record(%d events): %v", len(in), err)
	}
	return verdicts
}

// create stores a sample session with its first turn.
func create(tb testing.TB, s *store.Store, id event.SessionID, at time.Time) store.Record {
	tb.Helper()
	sess := Session(id, at)
	if err := s.CreateSession(tb.Context(), sess, []byte("hash of "+id), FirstTurn(sess)); err != nil {
		tb.Fatalf("CreateSession(%s): %v", id, err)
	}
	return load(tb, s, id)
}

// load reads a session and fails the test on an error.
func load(tb testing.TB, s *store.Store, id event.SessionID) store.Record {
	tb.Helper()
	rec, err := s.Session(tb.Context(), id)
	if err != nil {
		tb.Fatalf("Session(%s): %v", id, err)
	}
	return rec
}

// answer commits one more turn of a session.
func answer(tb testing.TB, s *store.Store, id event.SessionID, text string, at time.Time) {
	tb.Helper()
	rec := load(tb, s, id)
	t := NextTurn(rec.Session, text, at)
	if err := s.CommitTurn(tb.Context(), rec, t); err != nil {
		tb.Fatalf("CommitTurn(%s, version %d): %v", id, rec.Version, err)
	}
}

// same fails the test when two values differ.
func same(tb testing.TB, what string, got, want any) {
	tb.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

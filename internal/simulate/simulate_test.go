package simulate_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/intake/intaketest"
	"applicreations.com/introspect/internal/interview"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/simulate"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

func until() time.Time { return time.Date(2026, 11, 26, 18, 0, 0, 0, time.UTC) }

// world is an empty installation in simulated time.
type world struct {
	tb     testing.TB
	dir    string
	store  *store.Store
	clock  *simulate.Clock
	engine *intake.Engine
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	_, engine := intaketest.Engine(tb)
	w := &world{tb: tb, dir: tb.TempDir(), clock: new(simulate.Clock), engine: engine}
	w.clock.Set(until())
	w.store = storetest.SQLite(tb, store.Config{Path: w.dir, Now: w.clock.Now})
	return w
}

func (w *world) simulate(ctx context.Context, visits int, seed uint64, progress func(int)) (simulate.Result, error) {
	w.tb.Helper()
	return simulate.Run(ctx, simulate.Config{
		Store: w.store, Engine: w.engine, Clock: w.clock, Visits: visits, Days: 20, Seed: seed, Until: until(), Progress: progress,
	})
}

// table dumps a table, every column of every row.
func (w *world) table(name string) []string {
	w.tb.Helper()
	db, err := sql.Open("sqlite", filepath.Join(w.dir, store.FileName))
	if err != nil {
		w.tb.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(w.tb.Context(), "SELECT * FROM "+name)
	if err != nil {
		w.tb.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		w.tb.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			w.tb.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%v", values))
	}
	if err := rows.Err(); err != nil {
		w.tb.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// TestTheSameSeedIsTheSameMonth compares what two runs leave: the rollups, the
// facts and the events, whose ids and times are part of them.
func TestTheSameSeedIsTheSameMonth(t *testing.T) {
	t.Parallel()
	a, b, c := newWorld(t), newWorld(t), newWorld(t)
	first, err := a.simulate(t.Context(), 40, 7, nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.simulate(t.Context(), 40, 7, nil)
	if err != nil || first != second {
		t.Fatalf("the same seed made %+v and %+v, %v", first, second, err)
	}
	if _, err := c.simulate(t.Context(), 40, 8, nil); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"rollups", "session_facts"} {
		if diff := cmp.Diff(a.table(table), b.table(table)); diff != "" {
			t.Errorf("%s of the same seed (-first +second):\n%.1000s", table, diff)
		}
		if cmp.Equal(a.table(table), c.table(table)) {
			t.Errorf("another seed made the same %s", table)
		}
	}
	if first.Started < 10 || first.Completed < 3 || first.Completed == first.Started {
		t.Errorf("made %+v; want a month with some of everything", first)
	}
	storetest.NoDrift(t, a.store)
	if late := a.latest(); late.After(until()) {
		t.Errorf("an event of %v lies after the end of the simulation", late)
	}
}

func (w *world) latest() time.Time {
	w.tb.Helper()
	var last time.Time
	list, err := w.store.Sessions(w.tb.Context(), store.SessionFilter{Limit: 1000})
	if err != nil {
		w.tb.Fatal(err)
	}
	for _, sum := range list {
		if sum.LastActivity.After(last) {
			last = sum.LastActivity
		}
	}
	return last
}

// TestRemovedWithoutATrace: with a real session among them, taking the
// simulated visits out leaves every table as it was before.
func TestRemovedWithoutATrace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	talk := interview.New(interview.Config{Store: w.store, Engine: w.engine, Now: w.clock.Now})
	begun, err := talk.Begin(t.Context(), "", intake.Client{Name: "Ada Moreau", Email: "ada@example.com", WebsiteType: "business"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := talk.Answer(t.Context(), begun.Session.ID, begun.Token, intake.Answer{
		ActionID: begun.Session.Current.ID, Text: "Studio Moreau is a hair salon in Portland with four stylists.",
	}); err != nil {
		t.Fatal(err)
	}
	tables := []string{"sessions", "messages", "events", "session_facts", "rollups", "clocks", "event_names", "simulated"}
	before := map[string][]string{}
	for _, name := range tables {
		before[name] = w.table(name)
	}
	if _, err := w.simulate(t.Context(), 120, 3, nil); err != nil {
		t.Fatal(err)
	}
	if n, err := w.store.Simulated(t.Context()); err != nil || n != 120 {
		t.Errorf("%d visits are marked, %v; want 120", n, err)
	}
	if cmp.Equal(before["rollups"], w.table("rollups")) {
		t.Fatal("the simulation changed nothing")
	}
	if n, err := w.store.RemoveSimulated(t.Context()); err != nil || n != 120 {
		t.Fatalf("RemoveSimulated = %d, %v; want 120", n, err)
	}
	for _, name := range tables {
		if diff := cmp.Diff(before[name], w.table(name)); diff != "" {
			t.Errorf("%s after the removal (-before +after):\n%.800s", name, diff)
		}
	}
	storetest.NoDrift(t, w.store)
	if n, err := w.store.RemoveSimulated(t.Context()); err != nil || n != 0 {
		t.Errorf("removing again = %d, %v", n, err)
	}
}

// TestAStoppedSimulationCanBeRemoved ends in the middle.
func TestAStoppedSimulationCanBeRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	got, err := w.simulate(ctx, 500, 5, func(done int) {
		if done == 12 {
			cancel()
		}
	})
	if err == nil || !strings.Contains(err.Error(), "visit 13") || got.Visits != 12 {
		t.Fatalf("a stopped run = %+v, %v; want twelve visits and an error", got, err)
	}
	storetest.NoDrift(t, w.store)
	if _, err := w.store.RemoveSimulated(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sessions", "messages", "events", "session_facts", "rollups"} {
		if left := w.table(name); len(left) > 0 {
			t.Errorf("%d rows are left in %s", len(left), name)
		}
	}
}

// TestPastDaysGetTheirOwnFigures: the visits lie on the days on which they are
// said to have happened.
func TestPastDaysGetTheirOwnFigures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made, err := w.simulate(t.Context(), 80, 11, nil)
	if err != nil {
		t.Fatal(err)
	}
	view := metric.Last(21, until(), time.UTC)
	rows, err := w.store.Rollups(t.Context(), view.Needed())
	if err != nil {
		t.Fatal(err)
	}
	days, landed, mailed := map[int64]bool{}, int64(0), int64(0)
	for _, row := range rows {
		if row.Key.Metric == metric.Funnel {
			days[row.Key.Bucket] = true
			landed += row.Vector[0]
			if last, _ := metric.StageOf(event.NameEmailsSent); len(row.Vector) > last {
				mailed += row.Vector[last]
			}
		}
	}
	if len(days) < 12 || landed != 80 {
		t.Errorf("%d landing views on %d days, want all 80 over most of the twenty", landed, len(days))
	}
	if made.Completed < 10 || mailed != int64(made.Completed) {
		t.Errorf("%d of %d finished interviews got their mails, want all", mailed, made.Completed)
	}
	if evs, err := w.store.Events(t.Context(), event.SessionID("none")); err != nil || len(evs) != 0 {
		t.Errorf("%d events of nobody, %v", len(evs), err)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.simulate(t.Context(), 0, 1, nil); err == nil {
		t.Error("no visits = nil, want an error")
	}
}

// TestFinishedInterviewsAreMailed: an agency that looks at a demo must not see
// mails that all fail.
func TestFinishedInterviewsAreMailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made, err := w.simulate(t.Context(), 40, 7, nil)
	if err != nil {
		t.Fatal(err)
	}
	list, err := w.store.Sessions(t.Context(), store.SessionFilter{Status: string(intake.Completed), Limit: 100})
	if err != nil || len(list) != made.Completed {
		t.Fatalf("%d finished sessions of %d, %v", len(list), made.Completed, err)
	}
	for _, sum := range list {
		events, err := w.store.Events(t.Context(), sum.ID)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range events {
			if e.Name == event.NameEmailsSent {
				n++
			}
		}
		if n != 2 {
			t.Errorf("session %s has %d mails, want those to the client and the team", sum.ID, n)
		}
	}
	storetest.NoDrift(t, w.store)
}

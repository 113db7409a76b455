package watch_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
	"applicreations.com/introspect/internal/watch"
)

// noon is a Tuesday.
func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// world is an installation with a clock of its own and somebody who reads what
// is told.
type world struct {
	tb     testing.TB
	dir    string
	now    time.Time
	store  *store.Store
	watch  *watch.Service
	runner *job.Runner
	cfg    watch.Config
	level  map[string]float64 // what the rules measure
	broken error              // of measuring

	mu    sync.Mutex
	told  []alert.Parcel // in order, what was accepted
	deny  func(alert.Parcel) error
	tries int
}

// plainRule looks at one figure, every ten seconds.
func plainRule(id alert.RuleID, severity alert.Severity, channels ...alert.Channel) alert.Rule {
	clear := 5.0
	return alert.Rule{
		ID: id, Version: 1, Title: "Too much " + string(id), Severity: severity, Enabled: true, Metric: string(id), Group: "test", Runbook: "test",
		Every: alert.Duration(10 * time.Second), ClearEvaluations: 1,
		Tell: alert.Policy{Channels: channels, Repeat: alert.Duration(30 * time.Minute), RepeatAcked: alert.Duration(4 * time.Hour), GroupWait: alert.Duration(10 * time.Second)},
		When: condition.Condition{Threshold: &condition.Threshold{Op: condition.AtLeast, Fire: 10, Clear: &clear}},
	}
}

func newWorld(tb testing.TB, rules ...alert.Rule) *world {
	tb.Helper()
	w := &world{tb: tb, dir: tb.TempDir(), now: noon(), level: map[string]float64{}}
	w.cfg = watch.Config{
		Keys: storetest.Keys(tb), Rules: rules, Now: func() time.Time { return w.now }, Base: func() string { return "https://example.com" },
		Channels: map[alert.Channel]watch.Channel{"page": w.receive, "slack": w.receive}, Sources: map[string]gauge.Source{},
		Wait: 15 * time.Minute, // a busy machine is no fault of the rules
		To:   letter.Address{Email: "team@example.com"}, Agency: letter.Agency{Name: "Applicreations", From: letter.Address{Email: "introspect@example.com"}},
	}
	for _, r := range rules {
		w.cfg.Sources[r.Metric] = w.measure
	}
	w.store = storetest.SQLite(tb, store.Config{Path: w.dir, Now: func() time.Time { return w.now }})
	w.start()
	return w
}

// start begins a new process on the same database.
func (w *world) start() {
	w.tb.Helper()
	w.cfg.Store = w.store
	s, err := watch.New(w.cfg)
	if err != nil {
		w.tb.Fatalf("New: %v", err)
	}
	w.watch = s
	w.runner = job.New(job.Config{Store: w.store, Kinds: s.Kinds(), Workers: 1, Now: func() time.Time { return w.now }})
}

func (w *world) measure(_ context.Context, r alert.Rule, _ time.Time) ([]alert.Reading, error) {
	return []alert.Reading{{Value: w.level[r.Metric]}}, w.broken
}

// receive is a channel that keeps what it takes.
func (w *world) receive(_ context.Context, p alert.Parcel) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tries++
	if w.deny != nil {
		if err := w.deny(p); err != nil {
			return "", err
		}
	}
	for _, old := range w.told {
		if old.Key == p.Key {
			return "known", nil
		}
	}
	w.told = append(w.told, p)
	return "ok", nil
}

// step lets time pass and makes a round, and does the work of it.
func (w *world) step(d time.Duration) {
	w.tb.Helper()
	w.now = w.now.Add(d)
	if err := w.watch.Tick(w.tb.Context()); err != nil {
		w.tb.Fatalf("Tick at %s: %v", w.now, err)
	}
	if _, err := w.runner.RunDue(w.tb.Context()); err != nil {
		w.tb.Fatalf("RunDue at %s: %v", w.now, err)
	}
}

// steps makes rounds every ten seconds.
func (w *world) steps(d time.Duration) {
	w.tb.Helper()
	for ; d > 0; d -= 10 * time.Second {
		w.step(10 * time.Second)
	}
}

// heard writes what was told, one line a notice.
func (w *world) heard() (out []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.told {
		for _, n := range p.Notices {
			out = append(out, fmt.Sprintf("%s %s %s", n.Channel, n.Kind, n.Rule))
		}
	}
	return out
}

func (w *world) state(id alert.RuleID) string {
	w.tb.Helper()
	v, ok := w.watch.Board().Rule(id)
	if !ok || len(v.States) == 0 {
		return "none"
	}
	return v.States[0].State.Name()
}

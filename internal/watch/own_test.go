package watch_test

import (
	"slices"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/gauge"
)

// house is a rule of the house that only tells the page.
func house(t *testing.T, id alert.RuleID) alert.Rule {
	t.Helper()
	rules, err := alert.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	r := rules[slices.IndexFunc(rules, func(r alert.Rule) bool { return r.ID == id })]
	r.InhibitedBy = nil
	return r
}

// A round that comes after two minutes without one tells that nothing was
// watched; the first of a process does not.
func TestEvaluatorStalled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, house(t, "evaluator_stalled"))
	w.cfg.Sources = map[string]gauge.Source{}
	w.start()
	w.steps(time.Minute)
	w.now = w.now.Add(time.Hour)
	w.start() // another process: it was not there
	w.steps(time.Minute)
	same(t, "told", w.heard(), []string(nil))
	w.step(3 * time.Minute)
	w.steps(time.Minute)
	if got := w.heard(); len(got) == 0 || got[0] != "page firing evaluator_stalled" {
		t.Errorf("told %v, want that rules were not evaluated", got)
	}
}

// The database does not answer: two pings of three are lost, and somebody is told
// within a minute although nothing can be stored.
func TestPingOfTheDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, house(t, "db_ping"))
	w.cfg.Sources = map[string]gauge.Source{}
	w.start()
	w.steps(time.Minute)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	fault := w.now
	for len(w.heard()) == 0 && w.now.Sub(fault) < 5*time.Minute {
		w.now = w.now.Add(10 * time.Second)
		_ = w.watch.Tick(t.Context()) // says that it was not stored
	}
	if took := w.now.Sub(fault); took >= time.Minute {
		t.Errorf("told %v after %s, want within a minute", w.heard(), took)
	}
}

package vitals_test

import (
	"testing"
	"time"

	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
	"applicreations.com/introspect/internal/vitals"
	"applicreations.com/introspect/internal/watch"
)

// Failures count until one of the kind works, by the time at which they ended:
// one that is told late, because the installation was down, does not undo what
// worked since.
func TestFailedDeployments(t *testing.T) {
	t.Parallel()
	cfg := everything(t)
	v := vitals.New(cfg)
	tell := func(id, kind string, ago time.Duration, good bool) {
		t.Helper()
		if _, err := cfg.Store.NoteResult(t.Context(), store.OperationResult{ID: id, Kind: kind, At: noon().Add(-ago), Good: good}); err != nil {
			t.Fatal(err)
		}
	}
	want := func(when string, deploys, smokes float64, at time.Time) {
		t.Helper()
		same(t, "deployments "+when, read(t, v, "deploy_failed", at).Value, deploys)
		same(t, "smoke tests "+when, read(t, v, "smoke_failed", at).Value, smokes)
	}
	want("before any", 0, 0, noon())
	tell("a", store.OperationDeploy, 2*time.Hour, false)
	tell("b", store.OperationRollback, time.Hour, false)
	tell("b", store.OperationRollback, time.Hour, false) // told twice
	want("after both failed", 2, 0, noon())
	tell("c", store.OperationSmoke, 30*time.Minute, false)
	want("after the check failed, too", 2, 1, noon())
	tell("d", store.OperationRollback, 20*time.Minute, true)
	want("after the rollback worked", 0, 1, noon())
	tell("e", store.OperationDeploy, 40*time.Minute, false)
	want("after one was told late", 0, 1, noon())
	tell("f", store.OperationDeploy, time.Minute, false)
	want("after another failed", 1, 1, noon())
	want("a day later", 0, 0, noon().Add(24*time.Hour))
}

// A deployment that is told to have failed pages, by the rule of the house and the
// rounds of the evaluator, and is over when one is told to have worked.
func TestAFailedDeploymentPages(t *testing.T) {
	t.Parallel()
	cfg := vitals.Config{Store: storetest.New(t), Began: noon()}
	v := vitals.New(cfg)
	now := noon()
	w, err := watch.New(watch.Config{Store: cfg.Store, Keys: storetest.Keys(t), Sources: v.Sources(), Reasons: v.Reasons(), Requests: new(gauge.Requests), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	firing := func() bool {
		t.Helper()
		for range 12 {
			now = now.Add(10 * time.Second)
			if err := w.Tick(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		rule, known := w.Board().Rule("deploy_failed")
		return known && rule.Firing()
	}
	for i, good := range []bool{true, false, true} {
		r := store.OperationResult{ID: string(rune('a' + i)), Kind: store.OperationDeploy, At: now, Good: good, Step: "site"}
		if _, err := cfg.Store.NoteResult(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if got := firing(); got == good {
			t.Errorf("after result %d, good %t, it fires: %t", i, good, got)
		}
	}
}

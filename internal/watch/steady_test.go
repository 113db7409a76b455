package watch_test

import (
	"slices"
	"testing"
	"time"
	"unsafe"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/vitals"
)

// setAhead is what time.Now says after somebody set the wall clock ahead: the
// reading of the clock that is never set stays. Package time has no way to make
// such a time, so this one knows how it keeps the seconds of the wall.
func setAhead(t time.Time, seconds uint64) time.Time {
	(*struct {
		wall uint64
		ext  int64
		loc  *time.Location
	})(unsafe.Pointer(&t)).wall += seconds << 30
	return t
}

// A wall clock that is set ahead makes nothing old that this process did a moment
// ago. What does get old is told as ever.
func TestWallClockSetAhead(t *testing.T) {
	t.Parallel()
	var rules []alert.Rule
	for _, id := range []alert.RuleID{"evaluator_stalled", "heartbeat_missing", "backup_stale", "restore_drill_stale", "replication_lag", "job_missed"} {
		rules = append(rules, house(t, id))
	}
	w := newWorld(t, rules...)
	w.now = time.Now()
	if before, after := w.now, setAhead(w.now, 3600); after.Sub(before) != 0 || after.UTC().Sub(before.UTC()) != time.Hour {
		t.Fatalf("the clock that was set ahead from %s says %s; package time keeps it otherwise now", before, after)
	}
	did := w.now // when the process did all that it does
	var work vitals.Schedule
	work.Expect("tidying", 20*time.Minute, time.Minute, did)
	v := vitals.New(vitals.Config{
		Store: w.store, Began: did, Work: &work, Beat: func() time.Time { return did }, Synced: func() time.Time { return did },
		Backups: func() backup.Status {
			return backup.Status{Newest: backup.Manifest{ID: "b", At: did}, Tried: did, Drill: backup.Drill{At: did, OK: true}}
		},
	})
	w.cfg.Sources = v.Sources()
	w.start()
	w.steps(time.Minute)
	for range 3 { // together more than any of them may be old
		w.now = setAhead(w.now, 60*60*24)
		did = w.now
		work.Did("tidying", did)
		w.now = setAhead(w.now, 60*60*24)
		w.step(10 * time.Second)
		w.steps(20 * time.Second)
	}
	if got := w.heard(); len(got) > 0 {
		t.Errorf("told %v after the wall clock was set ahead, want nothing", got)
	}
	if at := w.watch.Board().At; w.now.Sub(at) >= time.Millisecond || at.Sub(did) > time.Minute {
		t.Errorf("the board is of %s, want of now with the reading of the clock that is never set", at)
	}
	w.now = w.now.Add(49 * time.Hour) // nothing was done in all that time
	w.steps(3 * time.Minute)
	got := w.heard()
	slices.Sort(got)
	same(t, "told", got, []string{
		"page firing backup_stale", "page firing evaluator_stalled", "page firing heartbeat_missing", "page resolved evaluator_stalled",
		"slack firing backup_stale", "slack firing evaluator_stalled", "slack firing heartbeat_missing", "slack firing job_missed",
		"slack firing replication_lag", "slack firing restore_drill_stale", "slack resolved evaluator_stalled",
	})
}

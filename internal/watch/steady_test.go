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

// setBack is the same for a wall clock that is set back.
func setBack(t time.Time, seconds uint64) time.Time { return setAhead(t, -seconds) }

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

// What fires is as old as before when the wall clock is set, so that neither a
// reminder nor an escalation comes before its time, and what must hold for a while
// must hold for all of it.
func TestTroublesAreAsOldAsBefore(t *testing.T) {
	t.Parallel()
	fires, waits := plainRule("load", alert.Critical, "page"), plainRule("disk", alert.Critical, "page")
	fires.Tell.Escalation = []alert.Step{{After: alert.Duration(20 * time.Minute), Channels: []alert.Channel{"slack"}}}
	waits.For, waits.Evaluations = alert.Duration(10*time.Minute), 2
	w := newWorld(t, fires, waits)
	w.now = time.Now()
	w.start()
	w.level["load"], w.level["disk"] = 20, 20
	w.steps(5 * time.Minute)
	w.now = setAhead(w.now, 60*60)
	w.steps(4 * time.Minute)
	same(t, "told after the wall clock was set ahead", w.heard(), []string{"page firing load"})
	w.steps(2 * time.Minute)
	same(t, "told when the time has come", w.heard(), []string{"page firing load", "page firing disk"})
	w.steps(10 * time.Minute)
	if got := w.heard(); len(got) != 3 || got[2] != "slack escalated load" {
		t.Errorf("told %v, want the escalation after 20 minutes", got)
	}
	began := w.watch.Board().Firing()[0].States[0].State.Episode.From
	if lasts := w.now.UTC().Sub(began); lasts > 22*time.Minute {
		t.Errorf("a trouble of 21 minutes lasts %s by the wall clock", lasts)
	}
}

// A notice that waits for company when the wall clock is set back is not kept up
// until the clock is there again.
func TestWallClockSetBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"))
	w.now = time.Now()
	w.start()
	w.level["load"] = 20
	w.step(0)
	w.now = setBack(w.now, 60*60)
	w.steps(time.Minute)
	same(t, "told", w.heard(), []string{"page firing load"})
}

package watch_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/hindsight"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/watch"
)

// A cause explains its effect from the round in which both are found, and for as
// long as it may not be over.
func TestCauseExplainsItsEffect(t *testing.T) {
	t.Parallel()
	cause, effect := plainRule("power", alert.Critical, "page"), plainRule("load", alert.Critical, "page")
	cause.Every, cause.KeepFiring = alert.Duration(10*time.Minute), alert.Duration(25*time.Minute)
	effect.InhibitedBy = []alert.RuleID{"power"}
	w := newWorld(t, cause, effect)
	w.level["power"], w.level["load"] = 20, 20
	w.steps(9 * time.Minute)
	same(t, "told of both", w.heard(), []string{"page firing power"})
	w.level["power"] = 0
	w.steps(10 * time.Minute)
	same(t, "state of the cause", w.state("power"), "recovering")
	w.steps(10 * time.Minute) // it is measured twice meanwhile, and counts in every round
	same(t, "told while the cause may be over", w.heard(), []string{"page firing power"})
	w.steps(20 * time.Minute)
	same(t, "told after it", w.heard(), []string{"page firing power", "page resolved power", "page firing load"})
}

// A rule is measured as often as it says, which may cost much, and at once when
// somebody changed it; what fires is repeated by the clock meanwhile.
func TestMeasuredAsOftenAsARuleSays(t *testing.T) {
	t.Parallel()
	r := plainRule("load", alert.Critical, "page")
	r.Every = alert.Duration(time.Hour)
	w := newWorld(t, r)
	measured := 0
	w.cfg.Sources["load"] = func(ctx context.Context, r alert.Rule, now time.Time) ([]alert.Reading, error) {
		measured++
		return w.measure(ctx, r, now)
	}
	w.start()
	w.level["load"] = 20
	w.step(0)
	w.steps(59 * time.Minute)
	same(t, "told within the hour", w.heard(), []string{"page firing load", "page reminder load"})
	same(t, "measured within the hour", measured, 1)
	w.steps(time.Minute)
	same(t, "measured after the hour", measured, 2)
	limit := 30.0
	if err := w.watch.EditRule(t.Context(), "load", watch.Edit{Limit: &limit}, "user-1"); err != nil {
		t.Fatal(err)
	}
	w.step(10 * time.Second)
	same(t, "measured after the edit", measured, 3)
}

// A release that brings a newer rule of the house wins over an edit of the one
// before: in what is evaluated as in what is edited.
func TestAReleaseWinsOverAnOlderEdit(t *testing.T) {
	t.Parallel()
	r := plainRule("load", alert.Critical, "page")
	w := newWorld(t, r)
	limit, lower := 30.0, 15.0
	if err := w.watch.EditRule(t.Context(), "load", watch.Edit{Limit: &limit}, "user-1"); err != nil {
		t.Fatal(err)
	}
	r.Version = 2
	w.cfg.Rules = []alert.Rule{r}
	w.start()
	w.level["load"] = 20
	w.steps(time.Minute)
	same(t, "told by the limit of the release", w.heard(), []string{"page firing load"})
	if err := w.watch.EditRule(t.Context(), "load", watch.Edit{Limit: &lower}, "user-1"); err != nil {
		t.Fatal(err)
	}
	list, err := w.store.RuleVersions(t.Context(), "load")
	if err != nil || len(list) != 2 || list[0].Rule.Version != 3 || list[0].Note != "limit 15 instead of 10" {
		t.Errorf("RuleVersions() = %+v, %v; want a third version, which changes the rule of the release", list, err)
	}
}

// One look is enough for a rule that need not hold; with a time that it must hold
// it takes two, which the edit sees to.
func TestAnEditOfTheTimeAsksForTwoLooks(t *testing.T) {
	t.Parallel()
	r := plainRule("load", alert.Critical, "page")
	r.Evaluations = 1
	w := newWorld(t, r)
	long := alert.Duration(time.Minute)
	if err := w.watch.EditRule(t.Context(), "load", watch.Edit{For: &long}, "user-1"); err != nil {
		t.Fatal(err)
	}
	list, err := w.store.RuleVersions(t.Context(), "load")
	if err != nil || len(list) != 1 || list[0].Rule.Evaluations != 2 || list[0].Rule.For != long {
		t.Errorf("RuleVersions() = %+v, %v; want one that holds for a minute and two looks", list, err)
	}
}

// What is tried on a rule counts its last minutes, which wait to be stored.
func TestTryKnowsTheLastMinutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Warning, "page"))
	w.level["load"] = 3
	w.step(0) // is stored
	w.level["load"] = 8
	w.steps(time.Minute)
	limit := 7.0
	got, err := w.watch.Try(t.Context(), "load", watch.Edit{Limit: &limit})
	if err != nil || got.Would != 1 {
		t.Errorf("Try() = %+v, %v; want the trouble of the last minute", got, err)
	}
}

// The readings that wait to be stored are stored when the process ends.
func TestTheLastReadingsAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Warning, "page"))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	w.steps(time.Minute)
	w.watch.Run(ctx) // one round more
	var last time.Time
	if _, err := w.store.Readings(t.Context(), "load", w.now.Add(-hindsight.Retention), func(_ alert.Fingerprint, s *alert.Stretch) {
		last = s.Times[len(s.Times)-1]
	}); err != nil || !last.Equal(w.now) {
		t.Errorf("the last reading that is kept is of %s, %v; want that of %s", last, err, w.now)
	}
}

// The figures of the process say how often each channel took what it was told.
func TestTallies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Warning, "page"), plainRule("disk", alert.Warning, "slack"))
	w.deny = func(p alert.Parcel) error {
		if p.Channel == "slack" && w.tries < 3 {
			return &letter.SendError{Status: 503}
		}
		return nil
	}
	w.level["load"], w.level["disk"] = 20, 20
	w.steps(10 * time.Minute)
	w.level["load"] = 0
	w.steps(time.Minute)
	const began, over = alert.KindFiring, alert.KindResolved
	same(t, "tallies", w.watch.Tallies(), []watch.Tally{
		{Channel: watch.Log, Kind: began},
		{Channel: "page", Kind: began, Accepted: 1, Took: 10 * time.Second},
		{Channel: "page", Kind: over, Accepted: 1},
		{Channel: "slack", Kind: began, Accepted: 1, Refused: w.refused(), Took: 20 * time.Second},
	})
}

// refused is how many attempts failed.
func (w *world) refused() int64 { return int64(w.tries - len(w.told)) }

// A notice that waits for a channel that is not set up any more dies, and says
// so: nobody was told.
func TestAChannelThatIsTakenAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Warning, "page"))
	w.deny = func(alert.Parcel) error { return &letter.SendError{Status: 503} }
	w.level["load"] = 20
	w.steps(30 * time.Second)
	delete(w.cfg.Channels, "page")
	w.start()
	w.steps(10 * time.Minute)
	n, err := w.store.DeadNotices(t.Context(), noon(), "")
	if err != nil || n != 1 {
		t.Errorf("DeadNotices() = %d, %v; want the one that nobody can be told", n, err)
	}
	jobs, err := w.store.Jobs(t.Context(), store.JobFilter{State: store.JobDead})
	if err != nil || len(jobs) != 1 || !strings.Contains(jobs[0].Error, "channel page is not set up any more; nobody was told of [WARNING] Too much load") {
		t.Errorf("Jobs() = %+v, %v; want one that says who is not there", jobs, err)
	}
}

// Where the database does not answer, nobody is told that a trouble is over, or
// that a channel was tried.
func TestAckWithoutADatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"))
	w.level["load"] = 20
	w.steps(time.Minute)
	id := w.watch.Board().Firing()[0].States[0].State.Episode.ID
	token := w.watch.AckPath(id, w.now)[len("/alerts/ack?token="):]
	w.now = w.now.Add(7*24*time.Hour - time.Minute)
	if e, err := w.watch.AckOf(t.Context(), token); err != nil || e.ID != id {
		t.Errorf("AckOf() = %v, %v a minute before the link ends, want episode %s", e.ID, err, id)
	}
	if _, ok := w.watch.Board().Rule("nothing"); ok {
		t.Error("the board shows a rule that nobody made")
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	_, read := w.watch.AckOf(t.Context(), token)
	_, tried := w.watch.Test(t.Context(), "page")
	for what, err := range map[string]error{"AckOf": read, "Acknowledge": w.watch.Acknowledge(t.Context(), id, "Ana", 0), "Test": tried} {
		if err == nil || errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s err = %v without a database, want that it is away", what, err)
		}
	}
}

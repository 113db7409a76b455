package watch_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/watch"
)

func same(tb testing.TB, what string, got, want any) {
	tb.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestFromTheFaultToTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page", "slack"))
	w.step(0)
	same(t, "told of nothing", w.heard(), []string(nil))
	w.level["load"] = 20
	fault := w.now
	for len(w.heard()) == 0 && w.now.Sub(fault) < time.Hour {
		w.step(10 * time.Second)
	}
	if took := w.now.Sub(fault); took >= time.Minute {
		t.Errorf("a critical alert took %s from its fault to the receiver, want less than a minute", took)
	}
	w.steps(time.Minute)
	same(t, "told while it fires", w.heard(), []string{"page firing load", "slack firing load"})
	w.level["load"] = 1
	w.steps(time.Minute)
	same(t, "told in the end", w.heard(), []string{"page firing load", "slack firing load", "page resolved load", "slack resolved load"})
	list, err := w.store.Episodes(t.Context(), store.EpisodeFilter{})
	if err != nil || len(list) != 1 || list[0].To.IsZero() || list[0].Title != "Too much load" || list[0].Told.Before(fault) || list[0].Told.After(fault.Add(time.Minute)) {
		t.Errorf("Episodes() = %+v, %v; want one that is over, told within a minute", list, err)
	}
	open, err := w.store.OpenNotices(t.Context())
	if err != nil || len(open) != 0 {
		t.Errorf("OpenNotices() = %v, %v; want none", open, err)
	}
}

func TestRestartWhileFiring(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"))
	w.level["load"] = 20
	w.steps(time.Minute)
	w.start()
	w.steps(time.Minute)
	same(t, "told after a restart", w.heard(), []string{"page firing load"})
	w.steps(30 * time.Minute)
	same(t, "told after half an hour", w.heard(), []string{"page firing load", "page reminder load"})
	w.start()
	w.level["load"] = 0
	w.steps(time.Minute)
	same(t, "told after the end", w.heard(), []string{"page firing load", "page reminder load", "page resolved load"})
}

func TestNoticesTravelTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("a", alert.Critical, "page"), plainRule("b", alert.Critical, "page"))
	w.level["a"], w.level["b"] = 20, 20
	w.steps(time.Minute)
	same(t, "told", w.heard(), []string{"page firing a", "page firing b"})
	if len(w.told) != 1 {
		t.Errorf("%d messages were sent, want both in one", len(w.told))
	}
}

func TestFallbackWhenNobodyTakesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"))
	w.cfg.Fallback = []alert.Channel{"slack"}
	w.start()
	w.deny = func(p alert.Parcel) error {
		if p.Channel == "page" {
			return &letter.SendError{Status: 503}
		}
		return nil
	}
	w.level["load"] = 20
	w.steps(2 * time.Minute)
	same(t, "told", w.heard(), []string{"slack firing load"})
	w.start() // knows that it went that way
	w.steps(time.Minute)
	w.level["load"] = 0
	w.steps(2 * time.Minute)
	same(t, "told in the end", w.heard(), []string{"slack firing load", "slack resolved load"})
}

func TestDeadNoticesHaveReceipts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Warning, "page"))
	w.deny = func(alert.Parcel) error { return &letter.SendError{Permanent: true, Status: 404} }
	w.level["load"] = 20
	w.steps(time.Minute)
	if w.tries != 1 {
		t.Errorf("a refusal for good was tried %d times, want once", w.tries)
	}
	n, err := w.store.DeadNotices(t.Context(), w.now.Add(-time.Hour), "")
	if n != 1 || err != nil {
		t.Errorf("DeadNotices() = %d, %v, want 1", n, err)
	}
	w.deny = nil
	w.steps(31 * time.Minute)
	same(t, "told once the channel is back", w.heard(), []string{"page reminder load"})
}

func TestWithoutADatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"), plainRule("warn", alert.Warning, "slack"))
	w.step(0)
	w.level["load"], w.level["warn"] = 20, 20
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		w.now = w.now.Add(10 * time.Second)
		if err := w.watch.Tick(t.Context()); err == nil {
			t.Fatal("Tick() = nil although the database is closed")
		}
	}
	same(t, "told without a database", w.heard(), []string{"page firing load"})
}

func TestAcknowledgedByLink(t *testing.T) {
	t.Parallel()
	r := plainRule("load", alert.Critical, "page")
	r.Tell.Escalation = []alert.Step{{After: alert.Duration(5 * time.Minute), Channels: []alert.Channel{"slack"}}}
	w := newWorld(t, r)
	w.level["load"] = 20
	w.steps(time.Minute)
	id := w.watch.Board().Firing()[0].States[0].State.Episode.ID
	token := w.watch.AckPath(id, w.now)[len("/alerts/ack?token="):]
	for _, bad := range []string{"", token[1:], token[:len(token)-2] + "AA", string(id) + ".99999999999." + token} {
		if _, err := w.watch.AckOf(t.Context(), bad); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("AckOf(%q) err = %v, want %v", bad, err, store.ErrNotFound)
		}
	}
	e, err := w.watch.AckOf(t.Context(), token)
	if err != nil || e.ID != id {
		t.Fatalf("AckOf() = %v, %v; want episode %s", e.ID, err, id)
	}
	if err := w.watch.Acknowledge(t.Context(), e.ID, "Ana", 0); err != nil {
		t.Fatal(err)
	}
	w.steps(20 * time.Minute)
	same(t, "told after somebody took it on", w.heard(), []string{"page firing load"})
	w.now = w.now.Add(8 * 24 * time.Hour)
	if _, err := w.watch.AckOf(t.Context(), token); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("AckOf(old token) err = %v, want %v", err, store.ErrNotFound)
	}
}

func TestSilence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"))
	var bad *watch.BadSilence
	if _, err := w.watch.Silence(t.Context(), alert.Silence{}); !errors.As(err, &bad) {
		t.Errorf("Silence(empty) err = %v, want a BadSilence", err)
	}
	id, err := w.watch.Silence(t.Context(), alert.Silence{
		Match: []alert.Matcher{{Label: "rule", Value: "load"}}, Author: "Ana", Reason: "a new disk", From: w.now, To: w.now.Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.level["load"] = 20
	w.steps(2 * time.Minute)
	same(t, "told in a silence", w.heard(), []string(nil))
	same(t, "state in a silence", w.state("load"), "firing")
	if err := w.watch.EndSilence(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := w.watch.EndSilence(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("EndSilence(twice) err = %v, want %v", err, store.ErrNotFound)
	}
	w.steps(time.Minute)
	same(t, "told after it", w.heard(), []string{"page firing load"})
}

func TestEditsOfRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"))
	edit := func(e watch.Edit) error { return w.watch.EditRule(t.Context(), "load", e, "user-1") }
	limit, off, on, long := 30.0, false, true, alert.Duration(time.Minute)
	if err := edit(watch.Edit{Limit: &limit, For: &long}); err != nil {
		t.Fatal(err)
	}
	w.level["load"] = 20
	w.steps(3 * time.Minute)
	same(t, "told below the new limit", w.heard(), []string(nil))
	w.level["load"] = 31
	w.steps(3 * time.Minute)
	same(t, "told above it", w.heard(), []string{"page firing load"})
	if err := edit(watch.Edit{Enabled: &off}); err != nil {
		t.Fatal(err)
	}
	w.steps(time.Minute)
	same(t, "told when it was disabled", w.heard(), []string{"page firing load", "page resolved load"})
	if err := edit(watch.Edit{Enabled: &on}); err != nil {
		t.Fatal(err)
	}
	if err := edit(watch.Edit{Enabled: &on}); err != nil { // changes nothing
		t.Fatal(err)
	}
	list, err := w.store.RuleVersions(t.Context(), "load")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range list {
		got = append(got, fmt.Sprintf("%d %s %s", v.Rule.Version, v.By, v.Note))
	}
	same(t, "history", got, []string{"4 user-1 enabled", "3 user-1 disabled", "2 user-1 limit 30 instead of 10, holds for 1m instead of 0s"})
	if got, want := *list[0].Rule.When.Threshold.Clear, 15.0; got != want {
		t.Errorf("over at %v with the new limit, want %v", got, want)
	}
	nonsense := alert.Duration(-time.Minute)
	var bad *alert.Invalid
	if err := edit(watch.Edit{For: &nonsense}); !errors.As(err, &bad) {
		t.Errorf("EditRule(for -1m) err = %v, want an Invalid", err)
	}
	if err := w.watch.EditRule(t.Context(), "nothing", watch.Edit{}, ""); !errors.Is(err, watch.ErrNoRule) {
		t.Errorf("EditRule(unknown) err = %v, want %v", err, watch.ErrNoRule)
	}
}

func TestARuleThatIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"), plainRule("other", alert.Critical, "page"))
	w.level["load"] = 20
	w.steps(time.Minute)
	w.cfg.Rules = w.cfg.Rules[1:]
	w.start()
	w.steps(time.Minute)
	same(t, "told", w.heard(), []string{"page firing load", "page resolved load"})
	states, _, err := w.store.AlertStates(t.Context())
	if err != nil || len(states) != 1 || states[0].Rule != "other" {
		t.Errorf("AlertStates() = %v, %v; want that of the rule that is left", states, err)
	}
	list, err := w.store.Episodes(t.Context(), store.EpisodeFilter{})
	if err != nil || len(list) != 1 || list[0].To.IsZero() {
		t.Errorf("Episodes() = %+v, %v; want one that is over", list, err)
	}
}

func TestChannelsThatNobodySetUp(t *testing.T) {
	t.Parallel()
	r := plainRule("load", alert.Critical, "pager_of_somebody")
	r.Tell.Escalation = []alert.Step{{After: alert.Duration(time.Minute), Channels: []alert.Channel{"cto"}}}
	w := newWorld(t, r)
	w.level["load"] = 20
	w.steps(5 * time.Minute)
	v, _ := w.watch.Board().Rule("load")
	same(t, "channels", v.Rule.Tell.Channels, []alert.Channel{watch.Log})
	if n, err := w.store.DeadNotices(t.Context(), noon(), ""); n != 0 || err != nil {
		t.Errorf("DeadNotices() = %d, %v, want none for channels that are not there", n, err)
	}
}

func TestMeasuringFails(t *testing.T) {
	t.Parallel()
	r := plainRule("load", alert.Critical, "page")
	r.OnError = alert.Missing{Policy: alert.Alarm, After: alert.Duration(time.Minute)}
	w := newWorld(t, r)
	w.broken = errors.New("the meter is broken")
	w.steps(50 * time.Second)
	same(t, "state", w.state("load"), "error")
	w.steps(2 * time.Minute)
	same(t, "told", w.heard(), []string{"page firing load"})
}

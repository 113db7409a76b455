package watch_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/watch"
)

// Troubles come and go, channels fail and come back, and the process is started
// again, all by chance. Whatever happens, no fingerprint has two open episodes,
// the end is told to those who were told the beginning, and each notice once.
func TestByChance(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			dice := rand.New(rand.NewPCG(seed, 1))
			w := newWorld(t, plainRule("one", alert.Critical, "page", "slack"), plainRule("two", alert.Warning, "slack"))
			down := map[alert.Channel]bool{}
			w.deny = func(p alert.Parcel) error {
				if down[p.Channel] {
					return &letter.SendError{Status: 503, Permanent: dice.IntN(4) == 0}
				}
				return nil
			}
			for range 200 {
				switch dice.IntN(12) {
				case 0, 1:
					w.level["one"] = float64(dice.IntN(20))
				case 2, 3:
					w.level["two"] = float64(dice.IntN(20))
				case 4:
					down["page"] = !down["page"]
				case 5:
					down["slack"] = !down["slack"]
				case 6:
					w.start()
				}
				w.step(time.Duration(1+dice.IntN(60)) * time.Second)
				oneOpenEpisode(t, w)
			}
			w.level["one"], w.level["two"], down = 0, 0, map[alert.Channel]bool{}
			for range 100 {
				w.step(time.Hour) // all attempts together take four days at most
			}
			settled(t, w)
		})
	}
}

func oneOpenEpisode(t *testing.T, w *world) {
	t.Helper()
	list, err := w.store.Episodes(t.Context(), store.EpisodeFilter{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	open := map[alert.Fingerprint]int{}
	for _, e := range list {
		if e.To.IsZero() {
			open[e.Fingerprint]++
		}
	}
	for f, n := range open {
		if n > 1 {
			t.Fatalf("fingerprint %s has %d open episodes", f, n)
		}
	}
}

// settled checks what was told once nothing happens any more.
func settled(t *testing.T, w *world) {
	t.Helper()
	began, ended, seen := map[string]bool{}, map[string]bool{}, map[alert.Key]bool{}
	for _, p := range w.told {
		for _, n := range p.Notices {
			if seen[n.Key] {
				t.Errorf("notice %s was told twice", n.Key)
			}
			seen[n.Key] = true
			who := string(n.Episode) + " " + string(n.Channel)
			if n.Kind == alert.KindMissed {
				if began[who] {
					t.Errorf("%s was told that it missed what it had heard of", who)
				}
				continue
			}
			if n.Kind == alert.KindResolved {
				if !began[who] {
					t.Errorf("%s heard of an end without a beginning", who)
				}
				ended[who] = true
			} else {
				began[who] = true
			}
		}
	}
	open, err := w.store.OpenNotices(t.Context())
	if err != nil || len(open) != 0 {
		t.Errorf("OpenNotices() = %d, %v in the end, want none", len(open), err)
	}
	dead := map[string]bool{} // ends that were given up
	list, err := w.store.Episodes(t.Context(), store.EpisodeFilter{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		notices, err := w.store.EpisodeNotices(t.Context(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range notices {
			dead[string(n.Episode)+" "+string(n.Channel)] = n.Kind == alert.KindResolved && n.Outcome == store.NoticeDead
		}
		if e.To.IsZero() {
			t.Errorf("episode %s is open although nothing is wrong", e.ID)
		}
	}
	for who := range began {
		if !ended[who] && !dead[who] {
			t.Errorf("%s never heard of the end", who)
		}
	}
}

func TestEscalation(t *testing.T) {
	t.Parallel()
	r := plainRule("load", alert.Critical, "page")
	r.Tell.Escalation = []alert.Step{{After: alert.Duration(5 * time.Minute), Channels: []alert.Channel{"slack", "cto"}}}
	w := newWorld(t, r)
	w.level["load"] = 20
	w.steps(6 * time.Minute)
	same(t, "told", w.heard(), []string{"page firing load", "slack escalated load"})
}

func TestSnooze(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"))
	w.level["load"] = 20
	w.steps(time.Minute)
	id := w.watch.Board().Firing()[0].States[0].State.Episode.ID
	if err := w.watch.Acknowledge(t.Context(), id, "Ana", time.Hour); err != nil {
		t.Fatal(err)
	}
	w.steps(58 * time.Minute)
	same(t, "told while it is snoozed", w.heard(), []string{"page firing load"})
	w.steps(5 * time.Minute)
	same(t, "told after it", w.heard(), []string{"page firing load", "page reminder load"})
	w.level["load"] = 0
	w.steps(time.Minute)
	if err := w.watch.Acknowledge(t.Context(), id, "Ana", 0); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Acknowledge(what is over) err = %v, want %v", err, store.ErrNotFound)
	}
}

func TestWeeklyWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"))
	id, err := w.watch.AddWindow(t.Context(), alert.Window{Name: "Tuesday", Days: []time.Weekday{time.Tuesday}, From: 12 * 60, To: 12*60 + 10, ZoneName: "UTC"})
	if err != nil {
		t.Fatal(err)
	}
	w.level["load"] = 20
	w.steps(14 * time.Minute)
	same(t, "told in the window and its grace", w.heard(), []string(nil))
	w.steps(3 * time.Minute)
	same(t, "told after it", w.heard(), []string{"page firing load"})
	if err := w.watch.RemoveWindow(t.Context(), id); err != nil {
		t.Fatal(err)
	}
}

// Labels that are measured no more keep their state until they are seen again.
func TestLabelsThatVanish(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("disk", alert.Critical, "page"))
	disks := map[string]float64{"a": 20, "b": 1}
	w.cfg.Sources["disk"] = func(context.Context, alert.Rule, time.Time) (out []alert.Reading, _ error) {
		for name, level := range disks {
			out = append(out, alert.Reading{Labels: map[string]string{"disk": name}, Value: level})
		}
		return out, nil
	}
	w.start()
	w.steps(time.Minute)
	delete(disks, "a")
	w.steps(10 * time.Minute)
	same(t, "told", w.heard(), []string{"page firing disk"})
	v, _ := w.watch.Board().Rule("disk")
	var names []string
	for _, st := range v.States {
		names = append(names, st.State.Labels["disk"]+" "+st.State.Name())
	}
	if got := strings.Join(names, ", "); got != "a no_data, b inactive" && got != "b inactive, a no_data" {
		t.Errorf("states = %s, want a without data and b inactive", got)
	}
	disks["a"] = 0
	w.steps(time.Minute)
	same(t, "told once it is seen again", w.heard(), []string{"page firing disk", "page resolved disk"})
}

func TestClockSetBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"))
	w.level["load"] = 20
	w.steps(time.Minute)
	w.now = w.now.Add(-2 * time.Hour)
	w.steps(time.Minute)
	w.level["load"] = 0
	w.steps(time.Minute)
	same(t, "told", w.heard(), []string{"page firing load", "page resolved load"})
}

// A trouble that began soon after a deployment is told with its version.
func TestAfterADeployment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"))
	if err := w.store.NoteRelease(t.Context(), store.Release{Version: "3.2.0", At: w.now.Add(-48 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if err := w.store.NoteRelease(t.Context(), store.Release{Version: "3.3.0", At: w.now}); err != nil {
		t.Fatal(err)
	}
	w.level["load"] = 20
	w.steps(time.Minute)
	if len(w.told) != 1 || !strings.Contains(w.told[0].Notices[0].Reason, "3.3.0") {
		t.Errorf("told %+v, want the version as the reason", w.told)
	}
}

// The first start of an installation is no deployment that could be rolled back.
func TestAfterTheFirstStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"))
	if err := w.store.NoteRelease(t.Context(), store.Release{Version: "3.2.0", At: w.now}); err != nil {
		t.Fatal(err)
	}
	w.level["load"] = 20
	w.steps(time.Minute)
	if len(w.told) != 1 || w.told[0].Notices[0].Reason != "" {
		t.Errorf("told %+v, want no reason", w.told)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"))
	ticks, measured := make(chan time.Time), make(chan struct{})
	w.cfg.Tick = ticks
	w.cfg.Sources["load"] = func(context.Context, alert.Rule, time.Time) ([]alert.Reading, error) {
		measured <- struct{}{}
		w.now = w.now.Add(10 * time.Second)
		return []alert.Reading{{Value: 1}}, nil
	}
	w.start()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { w.watch.Run(ctx); close(ended) }()
	<-measured
	ticks <- time.Time{}
	<-measured
	stop()
	<-ended
}

// The record tells what fired, and what the limits of today would have done.
func TestRecord(t *testing.T) {
	t.Parallel()
	r := plainRule("visits", alert.Warning, "page")
	r.Metric, r.Every = "funnel_cta", alert.Duration(time.Hour)
	r.When = condition.Condition{Drop: &condition.Drop{
		Least: 0.2, Clear: 0.1, Confidence: 0.99, Usual: 0.9, Age: alert.Duration(2 * time.Hour),
		Windows: []condition.Lookback{{Span: alert.Duration(24 * time.Hour), Before: alert.Duration(7 * 24 * time.Hour), Sample: 20}},
	}}
	w := newWorld(t, r)
	w.cfg.Sources = map[string]gauge.Source{}
	w.start()
	var list []store.Incoming
	for i := range 960 { // forty a day; on two days nobody clicks
		at := w.now.Add(-time.Duration(i) * 36 * time.Minute)
		id := event.SessionID(fmt.Sprintf("visit-%d", i))
		list = append(list, store.Incoming{Event: event.New(id, 1, at, event.LandingView{Source: "ads"})})
		if day := i / 40; day != 5 && day != 6 {
			list = append(list, store.Incoming{Event: event.New(id, 2, at.Add(time.Minute), event.Plain{Name: event.NameCTAClick})})
		}
	}
	if _, err := w.store.Record(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	w.step(10 * time.Second)
	v, _ := w.watch.Board().Rule("visits")
	got, err := w.watch.Record(t.Context(), v.Rule)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Tried() || got.Would != 1 || got.Fired != 0 || got.PerDay < 39 || !got.DropKnown || got.Drop <= 0 || got.Drop >= 0.5 {
		t.Errorf("Record() = %+v, want one trouble that would have fired, 40 a day, and a drop below a half that is found", got)
	}
	same(t, "state", w.state("visits"), "inactive")
}

func TestTestOfAChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"))
	if _, err := w.watch.Test(t.Context(), "cto"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Test(unknown) err = %v, want %v", err, store.ErrNotFound)
	}
	key, err := w.watch.Test(t.Context(), "page")
	if err != nil {
		t.Fatal(err)
	}
	w.step(10 * time.Second)
	jobs, err := w.store.Jobs(t.Context(), store.JobFilter{Key: key})
	if err != nil || len(jobs) != 1 || string(jobs[0].Result) != "ok" {
		t.Errorf("Jobs(%s) = %+v, %v; want the answer of the channel", key, jobs, err)
	}
	same(t, "channels", w.watch.Channels(), []alert.Channel{watch.Log, "page", "slack"})
}

func TestARuleThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.Rules = []alert.Rule{{ID: "Not a name"}}
	var bad *alert.Invalid
	if _, err := watch.New(w.cfg); !errors.As(err, &bad) {
		t.Errorf("New() err = %v, want an Invalid", err)
	}
}

// What a maintenance window swallowed is not part of what is usual.
func TestMaintenanceIsLeftOutOfWhatIsUsual(t *testing.T) {
	t.Parallel()
	r := plainRule("visits", alert.Warning, "page")
	r.Metric, r.Every = "funnel_cta", alert.Duration(time.Hour)
	r.When = condition.Condition{Drop: &condition.Drop{
		Least: 0.2, Clear: 0.1, Confidence: 0.99, Usual: 0.9, Age: alert.Duration(2 * time.Hour),
		Windows: []condition.Lookback{{Span: alert.Duration(24 * time.Hour), Before: alert.Duration(7 * 24 * time.Hour), Sample: 1}},
	}}
	w := newWorld(t, r)
	w.cfg.Sources = map[string]gauge.Source{}
	w.start()
	if _, err := w.watch.AddWindow(t.Context(), alert.Window{Name: "Night", From: 2 * 60, To: 4 * 60, ZoneName: "UTC"}); err != nil {
		t.Fatal(err)
	}
	var list []store.Incoming
	for i := range 300 { // every hour; at night nobody gets on
		at := w.now.Add(-time.Duration(i) * time.Hour)
		id := event.SessionID(fmt.Sprintf("visit-%d", i))
		list = append(list, store.Incoming{Event: event.New(id, 1, at, event.LandingView{Source: "ads"})})
		if at.Hour() != 2 && at.Hour() != 3 {
			list = append(list, store.Incoming{Event: event.New(id, 2, at.Add(time.Minute), event.Plain{Name: event.NameCTAClick})})
		}
	}
	if _, err := w.store.Record(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	w.step(10 * time.Second)
	v, _ := w.watch.Board().Rule("visits")
	if len(v.States) != 1 || !strings.Contains(v.States[0].Text, "22 of 24 = 91.67% in 24h, before 147 of 147 = 100%") {
		t.Errorf("states = %+v, want the nights of today, and none of those before", v.States)
	}
}

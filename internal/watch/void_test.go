package watch_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/watch"
)

// away is a refusal of a receiver that takes nothing at the moment.
func away() error { return &letter.SendError{Status: 503} }

// cut is an attempt whose end nobody knows.
func cut() error { return &letter.SendError{Reason: "no answer"} }

// outage makes channels fail until it is over.
func (w *world) outage(err func() error, channels ...alert.Channel) (over func()) {
	down := true
	w.deny = func(p alert.Parcel) error {
		if down && slices.Contains(channels, p.Channel) {
			return err()
		}
		return nil
	}
	return func() { down = false }
}

// became writes what became of every notice of every episode, in order.
func (w *world) became() (out []string) {
	w.tb.Helper()
	list, err := w.store.Episodes(w.tb.Context(), store.EpisodeFilter{Limit: 500})
	if err != nil {
		w.tb.Fatal(err)
	}
	for _, e := range list {
		notices, err := w.store.EpisodeNotices(w.tb.Context(), e.ID)
		if err != nil {
			w.tb.Fatal(err)
		}
		for _, n := range notices {
			out = append(out, fmt.Sprintf("%s %s %s", n.Channel, n.Kind, n.Outcome))
		}
	}
	slices.Sort(out)
	return out
}

// episode is the one that is open.
func (w *world) episode() alert.EpisodeID {
	w.tb.Helper()
	return w.watch.Board().Firing()[0].States[0].State.Episode.ID
}

// A notice that was kept up until its trouble was over wakes nobody. Who heard of
// the trouble hears of its end; who did not is told once of what was critical, and
// of anything else by the mail of the morning.
func TestWhatIsOverWakesNobody(t *testing.T) {
	t.Parallel()
	steps := []alert.Step{{After: alert.Duration(5 * time.Minute), Channels: []alert.Channel{"lead"}}}
	for _, tt := range []struct {
		name     string
		severity alert.Severity
		channels []alert.Channel
		do       func(w *world)
		told     []string // once everybody takes what comes
		became   []string // nil: not looked at
		unsure   bool     // somebody may have heard what nobody accepted
	}{
		{"a warning during an outage of its channel", alert.Warning, []alert.Channel{"page"}, func(w *world) {
			back := w.outage(away, "page")
			w.trouble(2 * time.Minute)
			back()
		}, nil, []string{"page firing dropped"}, false},
		{"a critical one during an outage", alert.Critical, []alert.Channel{"page"}, func(w *world) {
			back := w.outage(away, "page")
			w.trouble(50 * time.Second)
			back()
		}, []string{"page missed load"}, []string{"page firing dropped", "page missed accepted"}, false},
		{"only the channel that is away misses it", alert.Critical, []alert.Channel{"page", "slack"}, func(w *world) {
			back := w.outage(away, "page")
			w.trouble(50 * time.Second)
			back()
		}, []string{"slack firing load", "slack resolved load", "page missed load"}, nil, false},
		{"a warning that somebody else heard of", alert.Warning, []alert.Channel{"page", "slack"}, func(w *world) {
			back := w.outage(away, "page")
			w.trouble(2 * time.Minute)
			back()
		}, []string{"slack firing load", "slack resolved load"}, []string{"page firing dropped", "slack firing accepted", "slack resolved accepted"}, false},
		{"it was over while it waited for company", alert.Warning, []alert.Channel{"page"}, func(w *world) {
			w.rule().Tell.GroupWait = alert.Duration(time.Minute)
			w.start()
			w.trouble(30 * time.Second)
		}, nil, []string{"page firing dropped"}, false},
		{"critical, and over while it waited for company", alert.Critical, []alert.Channel{"page"}, func(w *world) {
			w.rule().Tell.GroupWait = alert.Duration(time.Minute)
			w.start()
			w.trouble(30 * time.Second)
		}, []string{"page missed load"}, nil, false},
		{"the receiver asked for a pause", alert.Warning, []alert.Channel{"page"}, func(w *world) {
			w.outage(func() error { return &letter.SendError{Status: 429, RetryAfter: 30 * time.Minute} }, "page")
			w.trouble(2 * time.Minute)
			w.deny = nil
		}, nil, []string{"page firing dropped"}, false},
		{"given up before it was over", alert.Critical, []alert.Channel{"page"}, func(w *world) {
			back := w.outage(func() error { return &letter.SendError{Status: 404, Permanent: true} }, "page")
			w.level["load"] = 20
			w.steps(2 * time.Minute)
			back()
			w.level["load"] = 0
		}, []string{"page missed load"}, []string{"page firing dead", "page missed accepted"}, false},
		{"given up, and replayed by a person after it was over", alert.Warning, []alert.Channel{"page"}, func(w *world) {
			back := w.outage(func() error { return &letter.SendError{Status: 404, Permanent: true} }, "page")
			w.trouble(2 * time.Minute)
			back()
			w.replay()
		}, nil, []string{"page firing dropped"}, false},
		{"an attempt whose end nobody knows may have woken somebody", alert.Warning, []alert.Channel{"page"}, func(w *world) {
			back := w.outage(cut, "page")
			w.trouble(2 * time.Minute)
			back()
		}, []string{"page resolved load"}, []string{"page firing dropped", "page resolved accepted"}, true},
		{"a refusal after such an attempt does not take it back", alert.Warning, []alert.Channel{"page"}, func(w *world) {
			w.outage(cut, "page")
			w.level["load"] = 20
			w.steps(30 * time.Second)
			w.outage(away, "page")
			w.steps(8 * time.Minute)
			w.level["load"] = 0
			w.steps(time.Minute)
			w.deny = nil
		}, []string{"page resolved load"}, nil, true},
		{"a reminder that comes too late", alert.Critical, []alert.Channel{"page"}, func(w *world) {
			w.level["load"] = 20
			w.steps(29 * time.Minute)
			back := w.outage(away, "page")
			w.steps(3 * time.Minute)
			w.level["load"] = 0
			w.steps(time.Minute)
			back()
		}, []string{"page firing load", "page resolved load"}, []string{"page firing accepted", "page reminder dropped", "page resolved accepted"}, false},
		{"an escalation that comes too late", alert.Critical, []alert.Channel{"page"}, func(w *world) {
			w.rule().Tell.Escalation = steps
			w.start()
			back := w.outage(away, "lead")
			w.trouble(7 * time.Minute)
			back()
		}, []string{"page firing load", "page resolved load"}, []string{"lead escalated dropped", "page firing accepted", "page resolved accepted"}, false},
		{"an escalation that is under way when somebody takes it on", alert.Critical, []alert.Channel{"page"}, func(w *world) {
			w.rule().Tell.Escalation = steps
			w.start()
			back := w.outage(away, "lead")
			w.level["load"] = 20
			w.steps(6 * time.Minute)
			w.take()
			w.steps(time.Minute)
			back()
			w.steps(10 * time.Minute)
			w.level["load"] = 0
		}, []string{"page firing load", "page resolved load"}, []string{"lead escalated dropped", "page firing accepted", "page resolved accepted"}, false},
		{"a beginning that is under way when somebody takes it on is still told", alert.Critical, []alert.Channel{"page"}, func(w *world) {
			back := w.outage(away, "page")
			w.level["load"] = 20
			w.steps(30 * time.Second)
			w.take()
			w.steps(time.Minute)
			back()
			w.steps(5 * time.Minute)
			w.level["load"] = 0
		}, []string{"page firing load", "page resolved load"}, nil, false},
		{"the process is started again in every state of it", alert.Critical, []alert.Channel{"page"}, func(w *world) {
			back := w.outage(away, "page")
			w.level["load"] = 20
			for range 5 {
				w.step(10 * time.Second)
				w.start()
			}
			w.level["load"] = 0
			for range 3 {
				w.step(10 * time.Second)
				w.start()
			}
			back()
		}, []string{"page missed load"}, []string{"page firing dropped", "page missed accepted"}, false},
		{"a rule that is no more", alert.Critical, []alert.Channel{"page"}, func(w *world) {
			back := w.outage(away, "page")
			w.level["load"] = 20
			w.steps(30 * time.Second)
			w.cfg.Rules = w.cfg.Rules[1:]
			w.start()
			w.steps(30 * time.Second)
			back()
		}, nil, []string{"page firing dropped"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, plainRule("load", tt.severity, tt.channels...), plainRule("other", alert.Info, "page"))
			w.cfg.Channels["lead"] = w.receive
			w.cfg.Fallback = []alert.Channel{"none"}
			w.start()
			tt.do(w)
			w.steps(10 * time.Minute)
			w.step(24 * time.Hour) // whatever is tried again is tried again
			w.steps(time.Minute)
			same(t, "told", w.heard(), tt.told)
			if tt.became != nil {
				same(t, "outcomes", w.became(), tt.became)
			}
			if !tt.unsure {
				settled(t, w)
			}
		})
	}
}

// trouble lets the first rule fire for a while.
func (w *world) trouble(d time.Duration) {
	w.tb.Helper()
	w.level["load"] = 20
	w.steps(d)
	w.level["load"] = 0
	w.steps(30 * time.Second)
}

func (w *world) rule() *alert.Rule { return &w.cfg.Rules[0] }

func (w *world) take() {
	w.tb.Helper()
	if err := w.watch.Acknowledge(w.tb.Context(), w.episode(), "Ana", 0); err != nil {
		w.tb.Fatal(err)
	}
}

// replay lets the jobs that were given up be done once more.
func (w *world) replay() {
	w.tb.Helper()
	jobs, err := w.store.Jobs(w.tb.Context(), store.JobFilter{State: store.JobDead})
	if err != nil || len(jobs) == 0 {
		w.tb.Fatalf("Jobs(dead) = %d, %v; want some", len(jobs), err)
	}
	for _, j := range jobs {
		if err := w.store.ReplayJob(w.tb.Context(), j.ID); err != nil {
			w.tb.Fatal(err)
		}
	}
}

// What nobody heard of says from when to when it was there, and how it ended.
func TestWhatAMissedNoticeSays(t *testing.T) {
	t.Parallel()
	for _, acked := range []bool{false, true} {
		w := newWorld(t, plainRule("load", alert.Critical, "page"))
		back := w.outage(away, "page")
		w.level["load"] = 20
		w.step(10 * time.Second)
		began := w.now
		w.steps(20 * time.Second)
		if acked {
			w.take()
		}
		w.steps(20 * time.Second)
		w.level["load"] = 0
		w.step(10 * time.Second)
		ended := w.now
		w.steps(5 * time.Minute)
		back()
		w.steps(15 * time.Minute)
		if len(w.told) != 1 || len(w.told[0].Notices) != 1 {
			t.Fatalf("told %v, want one notice", w.heard())
		}
		n := w.told[0].Notices[0]
		why := map[bool]string{false: "it was over by itself before this could be told", true: "it was over before this could be told; Ana had taken it on"}[acked]
		if !n.From.Equal(began) || !n.To.Equal(ended) || n.Reason != why {
			t.Errorf("missed from %s to %s because %q, want %s to %s because %q", n.From, n.To, n.Reason, began, ended, why)
		}
		want := "[CRITICAL] Too much load (test): over, was firing from 2026-11-24 12:00 UTC to 2026-11-24 12:01 UTC"
		same(t, "headline", w.told[0].Headline(), want)
	}
}

// Of several troubles in one message those that are over are left out, and what is
// left is a message of its own.
func TestAMessageOfWhichAPartIsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("a", alert.Warning, "page"), plainRule("b", alert.Warning, "page"), plainRule("c", alert.Warning, "page"))
	back := w.outage(away, "page")
	w.level["a"], w.level["b"], w.level["c"] = 20, 20, 20
	w.steps(time.Minute)
	w.level["a"] = 0
	w.steps(time.Minute)
	jobs, err := w.store.Jobs(t.Context(), store.JobFilter{Kinds: []string{watch.KindNotice}})
	if err != nil || len(jobs) != 1 {
		t.Fatalf("Jobs() = %d, %v; want one for all three", len(jobs), err)
	}
	back()
	w.steps(10 * time.Minute)
	same(t, "told", w.heard(), []string{"page firing b", "page firing c"})
	if key := w.told[0].Key; strings.HasSuffix(jobs[0].Key, string(key)) {
		t.Errorf("what is left travels as %s, which is the key of the whole", key)
	}
	same(t, "outcomes", w.became(), []string{"page firing accepted", "page firing accepted", "page firing dropped"})
	w.level["b"], w.level["c"] = 0, 0
	w.steps(time.Minute)
	same(t, "told in the end", w.heard(), []string{"page firing b", "page firing c", "page resolved b", "page resolved c"})
}

// After an attempt whose end nobody knows the message is repeated as it was, while
// anything in it is so: the receiver may have it under its key.
func TestAMessageThatMayHaveArrivedIsRepeatedWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("a", alert.Warning, "page"), plainRule("b", alert.Warning, "page"))
	back := w.outage(cut, "page")
	w.level["a"], w.level["b"] = 20, 20
	w.steps(time.Minute)
	w.level["a"] = 0
	w.steps(time.Minute)
	back()
	w.steps(10 * time.Minute)
	same(t, "told", w.heard(), []string{"page firing a", "page firing b", "page resolved a"})
}

// A trouble that is over before the mailbox took what nobody else had taken is
// told there once.
func TestTheFallbackMissesIt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		down []alert.Channel // until after the end
		told []string
	}{
		{"nobody took it", []alert.Channel{"page", "slack"}, []string{"page missed load", "slack missed load"}},
		{"the fallback took it", []alert.Channel{"page"}, []string{"slack firing load", "slack resolved load", "page missed load"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, plainRule("load", alert.Critical, "page"))
			w.cfg.Fallback = []alert.Channel{"slack"}
			w.start()
			back := w.outage(away, tt.down...)
			w.trouble(2 * time.Minute)
			back()
			w.steps(10 * time.Minute)
			heard := w.heard()
			if len(tt.down) > 1 {
				slices.Sort(heard) // attempts are spread by chance
			}
			same(t, "told", heard, tt.told)
			settled(t, w)
		})
	}
}

// A channel that calls people is not called for what is over; somebody who reads
// hears of it.
func TestAPagerIsNotCalledForWhatIsOver(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		channels []alert.Channel
		told     []string
	}{
		{"beside a chat", []alert.Channel{"page", "slack"}, []string{"slack firing load", "slack resolved load"}},
		{"alone", []alert.Channel{"page"}, []string{"log missed load"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, plainRule("load", alert.Critical, tt.channels...))
			w.cfg.Channels[watch.Log] = w.receive
			w.cfg.Taken = map[alert.Channel]watch.Taken{"page": func(context.Context, alert.EpisodeID) (string, error) { return "ok", nil }}
			w.start()
			back := w.outage(away, "page")
			w.trouble(40 * time.Second)
			back()
			w.steps(10 * time.Minute)
			same(t, "told", w.heard(), tt.told)
		})
	}
}

// What is not critical and nobody heard of is in the mail of the next morning, as
// over, once; and so is what waited for that mail.
func TestTheMorningTellsWhatNobodyHeardOf(t *testing.T) {
	t.Parallel()
	w, sent := mailed(t, "UTC", noon())
	w.cfg.Rules = []alert.Rule{plainRule("load", alert.Warning, "page"), plainRule("page", alert.Info, "digest")}
	w.start()
	w.step(0)
	back := w.outage(away, "page")
	w.level["load"], w.level["page"] = 20, 20
	w.steps(2 * time.Minute)
	w.level["load"], w.level["page"] = 0, 0
	w.steps(time.Minute)
	back()
	for range 50 {
		w.step(time.Hour)
	}
	same(t, "told", w.heard(), []string(nil))
	if len(*sent) != 1 {
		t.Fatalf("%d mails, want that of the next morning", len(*sent))
	}
	_, over, _ := strings.Cut((*sent)[0].Text, "Over by now")
	for _, title := range []string{"Too much load", "Too much page"} {
		if line := "- " + title + ": 20 (alerts at 10), November 24, 12:00 to 12:02 UTC"; strings.Count((*sent)[0].Text, title) != 1 || !strings.Contains(over, line) {
			t.Errorf("the mail lacks %q among what is over, or says it twice:\n%s", line, (*sent)[0].Text)
		}
	}
}

// Notices that were over before anybody took them are counted for their channel,
// once, whatever process learns of it.
func TestDroppedNoticesAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Warning, "page"))
	w.outage(away, "page")
	w.trouble(2 * time.Minute)
	w.steps(time.Minute)
	at := slices.IndexFunc(w.watch.Tallies(), func(n watch.Tally) bool { return n.Channel == "page" })
	if got := w.watch.Tallies()[at]; got.Dropped != 1 || got.Accepted != 0 {
		t.Errorf("tally = %+v, want one that was dropped", got)
	}
}

// A trouble that is over before the database is back is not told as firing then.
func TestOverBeforeTheDatabaseIsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"))
	w.step(0)
	well := w.outage(away, "page")
	back := w.refusing()
	w.level["load"] = 20
	w.away(3)
	w.level["load"] = 0
	w.away(2)
	tries := w.tries
	well()
	w.away(2)
	same(t, "attempts after the end", w.tries, tries)
	back()
	w.steps(time.Minute)
	same(t, "told once it is back", w.heard(), []string{"page missed load"})
	same(t, "outcomes", w.became(), []string{"page firing dropped", "page missed accepted"})
}

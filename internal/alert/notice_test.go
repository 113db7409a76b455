package alert_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
)

func (r *run) ack(minute int, until time.Duration) *run {
	a := alert.Ack{Episode: r.state.Episode.ID, By: "ann", At: start.Add(time.Duration(minute) * time.Minute)}
	if until > 0 {
		a.Until = start.Add(until)
	}
	r.env.Acks = append(r.env.Acks, a)
	return r
}

func (r *run) wants(log ...string) {
	r.tb.Helper()
	if diff := cmp.Diff(log, r.log); diff != "" {
		r.tb.Errorf("notices (-want +got):\n%s", diff)
	}
}

func TestEscalation(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		do   func(*run)
		want []string
	}{
		{"step by step until somebody takes it on", func(r *run) {
			r.value(0, 11).value(4, 11).value(5, 11).value(14, 11).ack(14, 0).value(15, 11).value(40, 11)
		}, []string{"12:00 firing page 1", "12:05 escalated lead 1"}},
		{
			"all steps that are due after a gap, each once", func(r *run) { r.value(0, 11).value(20, 11).value(21, 11) },
			[]string{"12:00 firing page 1", "12:20 escalated lead 1", "12:20 escalated cto 1", "12:20 escalated page 1"},
		},
		{"a snooze that ends starts the waiting anew", func(r *run) {
			r.value(0, 11).ack(1, 60*time.Minute).value(10, 11).value(59, 11).value(60, 11).value(65, 11)
		}, []string{"12:00 firing page 1", "13:00 reminder page 1", "13:05 escalated lead 1"}},
		{
			"a snooze is longer than any repeat", func(r *run) { r.value(0, 11).ack(1, 600*time.Minute).value(300, 11).value(599, 11).value(600, 11) },
			[]string{"12:00 firing page 1", "22:00 reminder page 1"},
		},
		{
			"whoever heard of it hears of its end", func(r *run) { r.value(0, 11).value(5, 11).value(6, 1) },
			[]string{"12:00 firing page 1", "12:05 escalated lead 1", "12:06 resolved page 1", "12:06 resolved lead 1"},
		},
		{
			"an acknowledged one is repeated slowly", func(r *run) { r.value(0, 11).ack(1, 0).value(31, 11).value(239, 11).value(240, 11) },
			[]string{"12:00 firing page 1", "16:00 reminder page 1"},
		},
		{"a new episode is not covered by an old acknowledgement", func(r *run) {
			r.value(0, 11).ack(1, 0).value(2, 1).value(3, 11).value(8, 11)
		}, []string{"12:00 firing page 1", "12:02 resolved page 1", "12:03 firing page 1", "12:08 escalated lead 1"}},
		{"nobody is woken while it recovers", func(r *run) {
			r.rule.KeepFiring = minutes(60)
			r.value(0, 11).value(4, 1).value(30, 1).value(31, 11)
		}, []string{"12:00 firing page 1", "12:31 escalated lead 1", "12:31 escalated cto 1", "12:31 escalated page 1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRun(t, simple())
			tt.do(r)
			r.wants(tt.want...)
		})
	}
}

func TestEscalationToOneChannelTwice(t *testing.T) {
	t.Parallel()
	rule := simple()
	rule.Tell.Escalation[1].Channels = []alert.Channel{"lead"}
	r := newRun(t, rule).value(0, 11).value(5, 11).value(15, 11)
	r.wants("12:00 firing page 1", "12:05 escalated lead 1", "12:15 escalated lead 2")
	r.rule.Tell.Channels = []alert.Channel{"page", "lead"} // it knows already
	r.value(16, 11).wants("12:00 firing page 1", "12:05 escalated lead 1", "12:15 escalated lead 2")
}

func TestTheNewestAckCounts(t *testing.T) {
	t.Parallel()
	r := newRun(t, lonely()).value(0, 11).ack(2, 0).ack(1, 60*time.Minute)
	if r.value(90, 11); r.state.Episode.Acked != "ann" {
		t.Error("an older snooze ends a newer acknowledgement")
	}
	r = newRun(t, lonely()).value(0, 11).ack(1, 0).ack(2, 60*time.Minute)
	if r.value(90, 11); r.state.Episode.Acked != "" {
		t.Error("a newer snooze does not end")
	}
}

// TestLateNoticesEndOnce delivers two notices of one channel after the end.
func TestLateNoticesEndOnce(t *testing.T) {
	t.Parallel()
	r := newRun(t, simple())
	r.deliver = false
	r.value(0, 11).value(15, 11).value(16, 1)
	told := []string{"12:00 firing page 1", "12:15 escalated lead 1", "12:15 escalated cto 1", "12:15 escalated page 1"}
	r.wants(told...)
	for _, n := range r.notices {
		if n.Channel == "page" {
			r.env.Receipts = append(r.env.Receipts, alert.Receipt{Key: n.Key, At: r.env.Now})
		}
	}
	r.value(17, 1).wants(append(told, "12:17 resolved page 1")...)
	if n := len(r.state.Closed); n != 1 {
		t.Errorf("%d closed episodes wait for receipts, want 1 for lead and cto", n)
	}
}

// TestClosedEpisodesAreBounded lets every delivery hang.
func TestClosedEpisodesAreBounded(t *testing.T) {
	t.Parallel()
	r := newRun(t, lonely())
	r.deliver = false
	for hour := range 50 {
		r.value(60*hour, 11).value(60*hour+30, 1)
	}
	if n := len(r.state.Closed); n != 8 {
		t.Errorf("%d closed episodes are remembered, want 8", n)
	}
}

func TestAckIsShown(t *testing.T) {
	t.Parallel()
	r := newRun(t, simple()).value(0, 11).ack(1, 30*time.Minute).value(2, 11)
	if got := r.state.Episode.Acked; got != "ann" {
		t.Errorf("during the snooze acked by %q, want ann", got)
	}
	if got := r.value(30, 11).state.Episode.Acked; got != "" {
		t.Errorf("after the snooze acked by %q, want nobody", got)
	}
}

// lonely has no escalation, so that only reminders are seen.
func lonely() alert.Rule {
	r := simple()
	r.Tell.Escalation = nil
	return r
}

func TestRepeatCountsFromTheLastSuccess(t *testing.T) {
	t.Parallel()
	r := newRun(t, lonely())
	r.deliver = false
	r.value(0, 11).value(40, 11)
	r.wants("12:00 firing page 1") // it is still under way
	r.env.Receipts = []alert.Receipt{{Key: r.notices[0].Key, At: start.Add(45 * time.Minute)}}
	r.value(46, 11).value(74, 11).value(75, 11)
	r.wants("12:00 firing page 1", "13:15 reminder page 1")
	r.env.Receipts = []alert.Receipt{{Key: r.notices[1].Key, At: start.Add(80 * time.Minute), Dead: true}}
	r.value(81, 11).value(109, 11).value(110, 11)
	r.wants("12:00 firing page 1", "13:15 reminder page 1", "13:50 reminder page 2")
}

func TestAnEditKeepsTheClockOfReminders(t *testing.T) {
	t.Parallel()
	r := newRun(t, lonely()).value(0, 11).value(1, 11)
	r.rule.Version, r.rule.Tell.Channels = 2, []alert.Channel{"page", "slack"}
	r.value(20, 11).value(30, 11)
	r.wants("12:00 firing page 1", "12:20 firing slack 1", "12:30 reminder page 1")
	if got := r.notices[2].Version; got != 2 {
		t.Errorf("the reminder is of version %d, want 2", got)
	}
}

// TestReceiptsOutOfOrder holds that the last success counts, not the last news.
func TestReceiptsOutOfOrder(t *testing.T) {
	t.Parallel()
	r := newRun(t, simple())
	r.deliver = false
	r.value(0, 11).value(15, 11) // firing and escalated are under way to page
	for _, n := range []int{3, 0} {
		r.env.Receipts = []alert.Receipt{{Key: r.notices[n].Key, At: start.Add(time.Duration(10+5*n) * time.Minute)}}
		r.value(30, 11)
	}
	if got, want := r.state.Episode.Told[0].Arrived, start.Add(25*time.Minute); !got.Equal(want) {
		t.Errorf("the last success was at %s, want %s", got, want)
	}
}

func TestInfoIsNeverRepeated(t *testing.T) {
	t.Parallel()
	r := lonely()
	r.Severity, r.Tell.Repeat = alert.Info, 0
	newRun(t, r).value(0, 11).value(1, 11).value(10_000, 11).wants("12:00 firing page 1")
}

func TestResolvedFollowsADeliveredFiring(t *testing.T) {
	t.Parallel()
	t.Run("nobody heard of it", func(t *testing.T) {
		t.Parallel()
		r := newRun(t, lonely())
		r.deliver = false
		r.value(0, 11)
		r.env.Receipts = []alert.Receipt{{Key: r.notices[0].Key, At: start, Dead: true}}
		r.value(1, 1).value(2, 1).wants("12:00 firing page 1", "12:01 missed page 1")
		if r.state.Closed != nil {
			t.Errorf("still remembers %v", r.state.Closed)
		}
	})
	t.Run("somebody heard of it when it was over", func(t *testing.T) {
		t.Parallel()
		r := newRun(t, lonely())
		r.deliver = false
		r.value(0, 11).value(1, 1).value(2, 1).wants("12:00 firing page 1")
		r.env.Receipts = []alert.Receipt{{Key: r.notices[0].Key, At: start.Add(3 * time.Minute)}}
		r.value(4, 1).wants("12:00 firing page 1", "12:04 resolved page 1")
		r.env.Receipts = []alert.Receipt{{Key: r.notices[0].Key, At: start.Add(3 * time.Minute)}}
		r.value(5, 1).wants("12:00 firing page 1", "12:04 resolved page 1")
		if got := r.notices[1]; got.Episode != r.notices[0].Episode || got.Reason == "" {
			t.Errorf("the end is of episode %s for %q, want that of %s with a reason", got.Episode, got.Reason, r.notices[0].Episode)
		}
	})
	t.Run("given up after it was over", func(t *testing.T) {
		t.Parallel()
		r := newRun(t, lonely())
		r.deliver = false
		r.value(0, 11).value(1, 1)
		r.env.Receipts = []alert.Receipt{{Key: r.notices[0].Key, Dead: true}}
		if r.value(2, 1); r.state.Closed != nil {
			t.Errorf("still remembers %v", r.state.Closed)
		}
		r.wants("12:00 firing page 1", "12:02 missed page 1")
	})
	t.Run("a disabled rule ends its episode", func(t *testing.T) {
		t.Parallel()
		r := newRun(t, lonely()).value(0, 11)
		r.rule.Enabled = false
		r.value(1, 11).value(2, 11).wants("12:00 firing page 1", "12:01 resolved page 1")
		if got := r.notices[1].Reason; got != "the rule was disabled" {
			t.Errorf("reason %q", got)
		}
	})
}

func TestFlapping(t *testing.T) {
	t.Parallel()
	t.Run("is one trouble after the fourth turn", func(t *testing.T) {
		t.Parallel()
		r := newRun(t, lonely()).value(0, 11).value(1, 1).value(2, 11).value(3, 1)
		if got := r.state.Name(); got != "flapping" {
			t.Fatalf("after four turns the state is %q", got)
		}
		for m := 4; m < 40; m++ {
			r.value(m, float64(20*(m%2)))
		}
		want := []string{"12:00 firing page 1", "12:01 resolved page 1", "12:02 firing page 1", "12:03 reminder page 1"}
		r.wants(want...)
		r.value(64, 0).value(69, 0) // quiet since 12:40
		r.wants(append(want, "13:04 reminder page 2")...)
	})
	t.Run("ends when it is quiet for half an hour", func(t *testing.T) {
		t.Parallel()
		r := newRun(t, lonely()).value(0, 11).value(1, 1).value(2, 11).value(3, 1).value(32, 1)
		if got := r.state.Name(); got != "flapping" {
			t.Errorf("after 29 quiet minutes the state is %q", got)
		}
		if got := r.value(33, 1).state.Name(); got != "resolved" {
			t.Errorf("after 30 quiet minutes the state is %q", got)
		}
		if got := r.value(34, 11).state.Name(); got != "firing" {
			t.Errorf("the next trouble is %q, want firing", got)
		}
	})
	t.Run("ends as firing when the trouble stays", func(t *testing.T) {
		t.Parallel()
		r := newRun(t, lonely()).value(0, 11).value(1, 1).value(2, 11).value(3, 1).value(4, 11).value(20, 7)
		if got := r.value(34, 11).state.Name(); got != "firing" {
			t.Errorf("after 30 bad minutes the state is %q", got)
		}
	})
	t.Run("begins with a firing where the turns began with an end", func(t *testing.T) {
		t.Parallel()
		r := newRun(t, lonely()).value(0, 11).value(59, 1).value(61, 11).value(62, 1).value(63, 11)
		if got := r.state.Name(); got != "flapping" {
			t.Errorf("the state is %q", got)
		}
		r.wants("12:00 firing page 1", "12:59 resolved page 1", "13:01 firing page 1", "13:02 resolved page 1", "13:03 firing page 1")
		if got := r.notices[4].Reason; !strings.Contains(got, "comes and goes") {
			t.Errorf("the last notice gives as reason %q", got)
		}
	})
	t.Run("half an hour of quiet counts from the last trouble, which was the firing that began it", func(t *testing.T) {
		t.Parallel()
		r := newRun(t, lonely()).value(0, 11).value(59, 1).value(61, 11).value(62, 1).value(63, 11).value(64, 1)
		if got := r.value(93, 1).state.Name(); got != "flapping" {
			t.Errorf("29 minutes after the trouble went the state is %q", got)
		}
		if got := r.value(94, 1).state.Name(); got != "resolved" {
			t.Errorf("30 minutes after the trouble went the state is %q", got)
		}
	})
	t.Run("nobody more is woken while it is away", func(t *testing.T) {
		t.Parallel()
		rule := lonely()
		rule.Tell.Escalation = []alert.Step{{After: long("5m"), Channels: []alert.Channel{"lead"}}}
		r := newRun(t, rule).value(0, 11).value(1, 1).value(2, 11).value(3, 1).value(10, 1)
		want := []string{"12:00 firing page 1", "12:01 resolved page 1", "12:02 firing page 1", "12:03 reminder page 1"}
		r.wants(want...)
		r.value(11, 11)
		r.wants(append(want, "12:11 escalated lead 1")...)
	})
	t.Run("every reminder says that it flaps", func(t *testing.T) {
		t.Parallel()
		r := newRun(t, lonely())
		r.env.Deploy = alert.Deploy{Version: "3.2.1", At: start}
		r.value(0, 11).value(1, 1).value(2, 11).value(3, 1)
		for m := 4; m < 64; m++ {
			r.value(m, float64(20*(m%2)))
		}
		last := r.notices[len(r.notices)-1]
		if last.N != 2 || !strings.Contains(last.Reason, "comes and goes") {
			t.Errorf("reminder %d gives as reason %q", last.N, last.Reason)
		}
	})
	t.Run("slow turns are none", func(t *testing.T) {
		t.Parallel()
		r := newRun(t, lonely()).value(0, 11).value(30, 1).value(60, 11).value(90, 1)
		if got := r.state.Name(); got != "resolved" {
			t.Errorf("the state is %q", got)
		}
	})
}

func TestNoticeSaysWhatIsKnown(t *testing.T) {
	t.Parallel()
	r := rule(t, "error_rate")
	labels := map[string]string{"route": "/api/turn"}
	in := alert.Reading{Labels: labels, Causes: []string{"s1"}, Counts: in("5m", 17, 61).Counts}
	s, _ := alert.Evaluate(r, alert.State{}, in, alert.Env{Now: start})
	_, got := alert.Evaluate(r, s, in, alert.Env{Now: start.Add(time.Minute)})
	if len(got) != 2 {
		t.Fatalf("%d notices, want one for page and one for slack", len(got))
	}
	id := alert.EpisodeID(fmt.Sprintf("%s-%d-1", alert.FingerprintOf("error_rate", labels), start.Add(time.Minute).Unix()))
	want := alert.Notice{
		Key: alert.Key(id + "/page/firing/1"), Kind: alert.KindFiring, Episode: id, Channel: "page", N: 1,
		Rule: "error_rate", Version: 1, Fingerprint: alert.FingerprintOf("error_rate", labels), Severity: alert.Critical,
		Title: "Too many requests fail", Group: "errors", Runbook: "errors", Labels: labels, Causes: []string{"s1"},
		From: start, At: start.Add(time.Minute), Detail: "17 of 61 = 27.87% in 5m (alerts above 5%)", Wait: long("10s"),
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("notice (-want +got):\n%s", diff)
	}
}

// The board and the notice that goes another way show the sessions of the last
// reading, which the open episode keeps.
func TestEpisodeKeepsTheNewestCauses(t *testing.T) {
	t.Parallel()
	r := newRun(t, lonely())
	r.at(0, alert.Reading{Value: 11, Causes: []string{"s1"}}).at(time.Minute, alert.Reading{Value: 12, Causes: []string{"s2", "s3"}})
	if diff := cmp.Diff([]string{"s2", "s3"}, r.state.Episode.Causes); diff != "" {
		t.Errorf("causes (-want +got):\n%s", diff)
	}
}

// manyLabels returns the firing notices of n label sets of one rule.
func manyLabels(tb testing.TB, n int) []alert.Notice {
	tb.Helper()
	r := lonely()
	r.Tell.GroupWait = long("30s")
	var all []alert.Notice
	for i := range n {
		in := alert.Reading{Value: 11, Labels: map[string]string{"route": strconv.Itoa(i)}}
		_, out := alert.Evaluate(r, alert.State{}, in, alert.Env{Now: start.Add(time.Duration(i) * time.Millisecond)})
		all = append(all, out...)
	}
	return all
}

func TestTogether(t *testing.T) {
	t.Parallel()
	all := manyLabels(t, 10_000)
	got := alert.Together(all)
	if len(got) != 1 || len(got[0].Notices) != 10_000 {
		t.Fatalf("10,000 label sets make %d parcels", len(got))
	}
	if want := start.Add(30 * time.Second); !got[0].After.Equal(want) {
		t.Errorf("waits until %s, want %s", got[0].After, want)
	}
	if got, want := got[0].Headline(), "[CRITICAL] It is hot and 9999 more (oven): firing, began 2026-03-04 12:00 UTC"; got != want {
		t.Errorf("headline %q, want %q", got, want)
	}
	if got, want := alert.Together(all[:2])[0].Headline(), "[CRITICAL] It is hot and 1 more (oven): firing, began 2026-03-04 12:00 UTC"; got != want {
		t.Errorf("headline of two %q, want %q", got, want)
	}
	if n := len(got[0].Receipts(start, false)); n != 10_000 {
		t.Errorf("%d receipts, want one for every notice", n)
	}
	shuffled := append(slices.Clone(all), all[:50]...) // some come twice
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if diff := cmp.Diff(got, alert.Together(shuffled)); diff != "" {
		t.Errorf("another order makes another parcel:\n%s", diff)
	}
	if other := alert.Together(all[1:])[0].Key; other == got[0].Key {
		t.Error("a parcel of fewer notices has the same key")
	}
	if one := alert.Together(all[:1])[0].Key; one != all[0].Key {
		t.Errorf("a single notice travels as %s, want its own key %s", one, all[0].Key)
	}
}

func TestTogetherKeepsApart(t *testing.T) {
	t.Parallel()
	n := func(c alert.Channel, k alert.NoticeKind, s alert.Severity, group string) alert.Notice {
		return alert.Notice{Key: alert.Key(fmt.Sprint(c, k, s, group)), Channel: c, Kind: k, Severity: s, Group: group}
	}
	base := n("slack", alert.KindFiring, alert.Info, "a")
	got := alert.Together([]alert.Notice{
		base, n("page", alert.KindFiring, alert.Info, "a"), n("slack", alert.KindResolved, alert.Info, "a"),
		n("slack", alert.KindFiring, alert.Critical, "a"), n("slack", alert.KindFiring, alert.Info, "b"), base,
	})
	if len(got) != 5 || got[0].Severity != alert.Critical {
		t.Errorf("%d parcels, the first is %s; want 5 and the critical one first", len(got), got[0].Severity)
	}
	if empty := (alert.Parcel{}).Headline(); empty != "" {
		t.Errorf("the headline of nothing is %q", empty)
	}
}

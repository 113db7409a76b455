package metric_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

// TestBoundsOfASession: whatever one session sends, and in whatever order, its
// facts stay small and count the same.
func TestBoundsOfASession(t *testing.T) {
	t.Parallel()
	v := newVisit("s-1", now.Add(-time.Hour))
	var trials []string
	for i := range 150 {
		trials = append(trials, fmt.Sprintf("t%03d:a", i))
		id := fmt.Sprintf("q%03d", i)
		v.did(plain(event.NameCTAClick), event.MessageSent{QuestionNumber: i + 1, QuestionID: id, TimeToRespond: 3}, event.Feedback{QuestionID: id, Rating: "helpful"})
		v.at = now.Add(-time.Hour).Add(time.Duration(i) * time.Second)
	}
	v.did(event.LandingView{Trials: trials[:100]}, event.LandingView{Trials: trials[50:]})
	want := factsOf(v.events)
	if n := len(want.Encode()); n > 5000 {
		t.Errorf("the facts take %d bytes", n)
	}
	rows := metric.Contribution(want, berlin)
	tests := map[string]bool{}
	for k := range rows {
		if k.Dimension == metric.DimTrial {
			tag, _, _ := strings.Cut(k.Value, "\x1f")
			tests[tag] = true
		}
	}
	if diff := cmp.Diff(trials[:8], slices.Sorted(maps.Keys(tests))); diff != "" {
		t.Errorf("trials that count (-want +got):\n%s", diff)
	}
	var answered, votes int64
	for _, q := range reportOf(metric.Last(7, now, berlin), v).Asked {
		answered, votes = answered+q.Answered, votes+q.Helpful.Of
	}
	if answered != 64 || votes != 64 {
		t.Errorf("%d answers and %d votes count, want 64 of each", answered, votes)
	}
	steps := newVisit("s-2", now)
	for range 64 {
		steps.did(plain(event.NameCTAClick))
	}
	some := len(factsOf(steps.events).Encode())
	for range 64 {
		steps.did(plain(event.NameCTAClick))
	}
	if more := len(factsOf(steps.events).Encode()); more > some+8 {
		t.Errorf("64 steps take %d bytes and 128 take %d, want no more steps", some, more)
	}
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 15))
		r.Shuffle(len(v.events), func(i, j int) { v.events[i], v.events[j] = v.events[j], v.events[i] })
		if got := factsOf(v.events); !bytes.Equal(got.Encode(), want.Encode()) {
			t.Fatalf("seed %d: in another order the session counts otherwise", seed)
		}
	}
}

// TestWhatATrialCompares: a test of two versions is judged by the funnel, by the
// figures of the sessions, by the questions and by the way through the stages.
func TestWhatATrialCompares(t *testing.T) {
	t.Parallel()
	v := newVisit("s-1", now).did(event.LandingView{Trials: []string{"hero:treatment"}})
	rest := interview("s-1", now)
	v.events = append(v.events, rest.events[1:]...)
	v.did(event.MessageSent{QuestionNumber: 23, QuestionID: "goal", TimeToRespond: 3})
	got := map[string]bool{}
	for k := range metric.Contribution(factsOf(v.events), berlin) {
		if k.Dimension == metric.DimTrial {
			got[k.Metric] = true
		}
	}
	want := map[string]bool{metric.Funnel: true, metric.Sessions: true, metric.Asked: true, metric.Ordered: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics by trial (-want +got):\n%s", diff)
	}
}

// TestLedgerMeetsItself: rows that were added up elsewhere and rows of sessions
// at hand are the same rows.
func TestLedgerMeetsItself(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(16, 16))
	none := metric.Facts{}
	for range 20 {
		f := factsOf(randomEvents(r, "s-1", 60))
		whole, twice, less := metric.Contribution(f, berlin), metric.Delta{}, metric.Delta{}
		twice.Merge(whole, 1)
		twice.Merge(whole, 1)
		less.Merge(whole, -1)
		var l metric.Ledger
		l.Merge(whole)
		l.Change(&none, &f, berlin)
		if diff := cmp.Diff(twice, l.Take()); diff != "" {
			t.Fatalf("the same session twice (-want +got):\n%s", diff)
		}
		l.Merge(less)
		l.Change(&none, &f, berlin)
		if got := l.Take(); len(got) != 0 {
			t.Fatalf("a session that was taken away leaves %v", got)
		}
	}
}

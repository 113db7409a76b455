package metric_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

func signsOf(age time.Duration, at []time.Duration, list ...event.Payload) metric.Signs {
	begin := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	var f metric.Facts
	for i, p := range list {
		f.Apply(event.New("visit-1", i+1, begin.Add(at[i]), p))
	}
	return f.Signs(age)
}

// The signs of one session, by what happened in it and when.
func TestSigns(t *testing.T) {
	t.Parallel()
	full := []event.Payload{
		event.LandingView{Source: "ads"},
		event.Plain{Name: event.NameCTAClick},
		event.NewBusinessModelClassified("service", 60, 9),
		event.NewFeaturesRecommended([]string{"a", "b", "c"}, "professional", 6500, 11), event.NewFeaturesSelected([]string{"a"}, []string{"b", "c"}, 100),
		event.NewSessionComplete(24, time.Hour, 96),
	}
	times := []time.Duration{0, time.Minute, 5 * time.Minute, 10 * time.Minute, 11 * time.Minute, 3 * time.Hour}
	got := signsOf(2*time.Hour, times, full...)
	var want metric.Signs
	for sign, n := range map[int]int64{
		metric.SignVisits: 1, metric.SignCTA: 1, metric.SignCTA + 1: 1, metric.SignFoundation: 1, metric.SignComplete: 1, metric.SignOverall: 1,
		metric.SignDue: 1, metric.SignClassified: 1, metric.SignUnsure: 1, metric.SignCounted: 1, metric.SignQuestions: 24, metric.SignOffering: 1,
		metric.SignOffered: 3, metric.SignSelected: 1, metric.SignOffered2: 9, metric.SignSelected2: 1, metric.SignOfferedSelected: 3,
	} {
		want[sign] = n
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a session that took longer than two hours (-want +got):\n%s", diff)
	}
	want[metric.SignComplete+1], want[metric.SignOverall+1] = 1, 1
	if diff := cmp.Diff(want, signsOf(4*time.Hour, times, full...)); diff != "" {
		t.Errorf("the same within four hours (-want +got):\n%s", diff)
	}
	sure := signsOf(time.Hour, make([]time.Duration, 4), event.NewBusinessModelClassified("service", 80, 9), event.NewFeaturesSelected([]string{"a", "b"}, []string{"c"}, 100),
		event.ValidationLoop{LoopNumber: 1, Response: "correct"}, event.ValidationLoop{LoopNumber: 2, Response: "clarify"})
	if sure[metric.SignUnsure] != 0 || sure[metric.SignOffered2] != 9 || sure[metric.SignSelected2] != 4 || sure[metric.SignOfferedSelected] != 6 {
		t.Errorf("a sure model and two features of three have the signs %v", sure)
	}
	if sure[metric.SignLoops] != 2 || sure[metric.SignClarified] != 1 {
		t.Errorf("two checks of understanding, one of them not right, have the signs %v", sure)
	}
	if got := signsOf(time.Hour, []time.Duration{0}, event.LandingView{Bot: "crawler"}); got != (metric.Signs{}) {
		t.Errorf("a robot has the signs %v, want none", got)
	}
	if got := (metric.Facts{}).Signs(time.Hour); got != (metric.Signs{}) {
		t.Errorf("a session without events has the signs %v, want none", got)
	}
	sum := got
	sum.Add(&got, 1)
	sum.Add(&got, -1)
	if sum != got {
		t.Errorf("added and taken away = %v, want %v", sum, got)
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	var r metric.Requests
	for _, took := range []time.Duration{time.Millisecond, 2 * time.Second, 4 * time.Second, 12 * time.Second} {
		r.Observe(took, 200)
	}
	r.Observe(time.Second, 503)
	for _, v := range r.Delta(time.Unix(0, 0)) {
		all, failed, slow := metric.Outcomes(v, 3*time.Second, 10*time.Second)
		if all != 5 || failed != 1 || slow[0] != 2 || slow[1] != 1 {
			t.Errorf("Outcomes() = %d, %d, %v; want 5, 1, [2 1]", all, failed, slow)
		}
	}
	for _, v := range metric.Probe(false, time.Unix(0, 0), nil) {
		if up, all := metric.Probed(v); up != 0 || all != 1 {
			t.Errorf("Probed() = %d of %d, want 0 of 1", up, all)
		}
	}
}

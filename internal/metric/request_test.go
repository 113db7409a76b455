package metric_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/metric"
)

// performance shows what a dashboard makes of the deltas.
func performance(at time.Time, deltas ...metric.Delta) metric.Performance {
	all := metric.Delta{}
	for _, d := range deltas {
		all.Merge(d, 1)
	}
	return metric.NewDashboard(rows(all), metric.Live{Now: at, Zone: berlin}, prices).Performance
}

// TestP95IsWithinOnePercent compares with the sorted latencies themselves.
func TestP95IsWithinOnePercent(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 9))
		var reqs metric.Requests
		var all []float64
		for range 1 + r.IntN(3000) {
			ms := 20 * math.Exp(1.5*r.NormFloat64())
			all = append(all, ms)
			reqs.Observe(time.Duration(ms*float64(time.Millisecond)), 200)
		}
		slices.Sort(all)
		exact := all[int(math.Ceil(0.95*float64(len(all))))-1]
		got := performance(now, reqs.Delta(now))
		if math.Abs(got.APILatencyP95-exact) > 0.01*exact+0.05 || got.Requests != int64(len(all)) {
			t.Errorf("seed %d: p95 of %d requests = %v ms, want %v within 1 %%", seed, got.Requests, got.APILatencyP95, exact)
		}
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	var reqs metric.Requests
	if d := reqs.Delta(now); len(d) != 0 {
		t.Errorf("Delta without requests = %v, want nothing", d)
	}
	for _, status := range []int{200, 303, 404, 499, 500, 503, 200, 200} {
		reqs.Observe(100*time.Millisecond, status)
	}
	d := reqs.Delta(now)
	if len(d) != 1 {
		t.Errorf("Delta has %d rows, want one", len(d))
	}
	for k := range d {
		want := metric.Key{Tier: metric.Quarter, Metric: "api", Dimension: "all", Bucket: now.Unix() / 900}
		if diff := cmp.Diff(want, k); diff != "" {
			t.Errorf("key (-want +got):\n%s", diff)
		}
	}
	got := performance(now, d)
	if got.ErrorRate != 25 || got.Requests != 8 || math.Abs(got.APILatencyP95-100) > 1 {
		t.Errorf("2 of 8 requests of 100 ms failed: %+v", got)
	}
	if d := reqs.Delta(now); len(d) != 0 {
		t.Errorf("a second Delta = %v, want nothing: it was told", d)
	}
}

func TestExtremeLatencies(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]float64{
		-time.Second: 0, 0: 0, time.Nanosecond: 0, 500 * time.Nanosecond: 0, time.Microsecond: 0,
		time.Hour: 3_600_000, 48 * time.Hour: 3_600_000, math.MaxInt64: 3_600_000,
	} {
		var reqs metric.Requests
		reqs.Observe(d, 200)
		if got := performance(now, reqs.Delta(now)).APILatencyP95; math.Abs(got-want) > want/100 {
			t.Errorf("p95 of one request of %v = %v ms, want %v", d, got, want)
		}
	}
}

// TestPerformanceWindows counts requests of 96 quarters and probes of 30 days.
func TestPerformanceWindows(t *testing.T) {
	t.Parallel()
	observe := func(at time.Time, d time.Duration, status int) metric.Delta {
		var reqs metric.Requests
		reqs.Observe(d, status)
		return reqs.Delta(at)
	}
	got := performance(now,
		observe(now, 10*time.Millisecond, 200),
		observe(now.Add(-95*quarter), 10*time.Millisecond, 200),
		observe(now.Add(-96*quarter), time.Hour, 500),
		observe(now.Add(quarter), time.Hour, 500),
		metric.Probe(true, now, berlin), metric.Probe(true, now, berlin),
		metric.Probe(false, time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC), berlin),  // 00:00 on the first day
		metric.Probe(false, time.Date(2026, 10, 24, 21, 59, 0, 0, time.UTC), berlin), // a minute before
	)
	want := metric.Performance{APILatencyP95: got.APILatencyP95, ErrorRate: 0, Uptime: 66.66, Requests: 2, Probes: 3}
	if diff := cmp.Diff(want, got); diff != "" || math.Abs(got.APILatencyP95-10) > 0.15 {
		t.Errorf("performance (-want +got):\n%s", diff)
	}
}

func BenchmarkObserve(b *testing.B) {
	var reqs metric.Requests
	for i := 0; b.Loop(); i++ {
		reqs.Observe(time.Duration(i%10_000)*time.Microsecond, 200)
	}
}

package metric_test

import (
	"math"
	"testing"
	"time"

	"applicreations.com/introspect/internal/metric"
)

func TestServed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	var reqs metric.Requests
	for i := range 1000 {
		status := 200
		if i >= 990 {
			status = 503
		}
		reqs.Observe(time.Duration(i+1)*time.Millisecond, status)
	}
	rows := []metric.Row{{Key: metric.Key{Metric: metric.Probes}, Vector: metric.Vector{0: 7}}} // of somebody else; passed over
	asked := metric.ServedSince(now.Add(-time.Hour), now)
	for k, v := range reqs.Delta(now) {
		rows = append(rows, metric.Row{Key: k, Vector: v})
		if k.Bucket < asked.From || k.Bucket > asked.To || k.Tier != asked.Tier || k.Metric != asked.Metric {
			t.Errorf("ServedSince asks for %+v, which misses %+v", asked, k)
		}
	}
	got := metric.NewServed(rows)
	for name, pair := range map[string][2]float64{
		"p50": {got.P50, 500}, "p95": {got.P95, 950}, "p99": {got.P99, 990}, "requests": {float64(got.Requests), 1000}, "error rate": {got.ErrorRate(), 1},
	} {
		if math.Abs(pair[0]-pair[1]) > pair[1]/100 {
			t.Errorf("%s = %v, want %v within 1 %%", name, pair[0], pair[1])
		}
	}
	if got := metric.NewServed(nil); got != (metric.Served{}) || got.ErrorRate() != 0 {
		t.Errorf("without requests = %+v", got)
	}
}

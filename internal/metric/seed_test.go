package metric_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestSeedBatch takes a batch exactly as the seed's collector posts it, two
// sessions with all nine events, through to the dashboard that the seed's page
// fetches. One session began at 00:40 of the day in Berlin, which was still
// yesterday in UTC.
func TestSeedBatch(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("testdata/seed_batch.json")
	if err != nil {
		t.Fatal(err)
	}
	batch, err := event.Decode(body, event.Options{Now: now})
	if err != nil || len(batch.Bad) != 0 || len(batch.Events) != 22 {
		t.Fatalf("Decode = %d events, %v, err = %v, want 22 and nothing bad", len(batch.Events), batch.Bad, err)
	}
	facts, kinds := map[event.SessionID]metric.Facts{}, map[event.Name]bool{}
	for _, in := range batch.Events {
		f := facts[in.SessionID]
		f.Apply(in.Event)
		facts[in.SessionID], kinds[in.Name] = f, true
	}
	if len(kinds) != 9 {
		t.Errorf("the batch has %d kinds of events, want all nine", len(kinds))
	}
	all := metric.Delta{}
	for _, f := range facts {
		all.Merge(metric.Contribution(f, berlin), 1)
	}
	var reqs metric.Requests
	for i := range 50 {
		reqs.Observe(time.Duration(i+1)*10*time.Millisecond, map[bool]int{true: 500, false: 200}[i == 7])
	}
	all.Merge(reqs.Delta(now), 1)
	all.Merge(metric.Probe(true, now, berlin), 299)
	all.Merge(metric.Probe(false, now, berlin), 1)
	got := metric.NewDashboard(rows(all), metric.Live{ActiveSessions: 1, Now: now, Zone: berlin}, prices)

	const golden = "testdata/seed_dashboard.json"
	text, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(generic(t, want), generic(t, text)); diff != "" {
		t.Errorf("dashboard of the seed batch (-want +got):\n%s", diff)
	}
	checkSeedShape(t, text)
	checkBounds(t, got)
}

func generic(tb testing.TB, text []byte) any {
	tb.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		tb.Fatal(err)
	}
	return v
}

// checkSeedShape reads the JSON by the seed's interface DashboardMetrics: each
// key must be there, with the type that TypeScript expects.
func checkSeedShape(tb testing.TB, text []byte) {
	tb.Helper()
	d, ok := generic(tb, text).(map[string]any)
	if !ok {
		tb.Fatalf("the dashboard is not an object: %s", text)
	}
	check := func(where string, v any, fields map[string]any) {
		o, _ := v.(map[string]any)
		for key, kind := range fields {
			if got := fmt.Sprintf("%T", o[key]); got != fmt.Sprintf("%T", kind) {
				tb.Errorf("%s.%s is a %s, want a %T", where, key, got, kind)
			}
		}
	}
	check("dashboard", d, map[string]any{"activeSessions": 0., "sessionsToday": 0., "completionsToday": 0.})
	check("performance", d["performance"], map[string]any{"apiLatencyP95": 0., "errorRate": 0., "uptime": 0.})
	for key, fields := range map[string]map[string]any{
		"funnelMetrics":      {"stage": "", "count": 0., "rate": 0.},
		"businessModels":     {"model": "", "count": 0., "percentage": 0.},
		"featureAdoption":    {"feature": "", "adoptionRate": 0., "revenue": 0.},
		"questionEfficiency": {"date": "", "average": 0., "target": 0.},
		"validationStats":    {"loopNumber": 0., "correctRate": 0., "clarificationRate": 0.},
	} {
		list, ok := d[key].([]any)
		if !ok {
			tb.Errorf("%s is a %T, want a list", key, d[key])
		}
		for _, v := range list {
			check(key, v, fields)
		}
	}
}

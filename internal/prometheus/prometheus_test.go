package prometheus_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/prometheus"
)

func read(tb testing.TB, e *prometheus.Exposition, accept string) (body, kind string) {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodGet, "/metrics", http.NoBody)
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		tb.Fatalf("status = %d: %s", w.Code, w.Body)
	}
	return w.Body.String(), w.Header().Get("Content-Type")
}

func full(context.Context) (prometheus.Snapshot, error) {
	return prometheus.Snapshot{
		Jobs: map[string]int{"waiting": 2, "dead": 1}, Sessions: map[string]int{"completed": 7}, Active: 3, Drift: 4,
		Checks: map[string]string{"disk": "warn"}, Components: map[string]bool{"intake": true, "api": false}, Bytes: 4096, Maintenance: true,
		Notices: []prometheus.Told{{Channel: "slack", Kind: "firing", Accepted: 2, Refused: 3, Took: 25 * time.Second}}, Waiting: 2, Oldest: 90 * time.Second, Outside: []prometheus.Tally{{Way: "posthog", Outcome: "sent", Count: 12}},
	}, nil
}

func TestEverythingIsShown(t *testing.T) {
	t.Parallel()
	e := prometheus.New(prometheus.Config{Version: "3.2.0", Commit: "abc", Snapshot: full})
	e.Request("GET /intake", 200, 4*time.Millisecond)
	e.Request("GET /intake", 204, 4*time.Second)
	e.Request("POST /api/sessions", 503, time.Second)
	e.Events(3, 2, 1, 0)
	body, kind := read(t, e, "")
	if !strings.HasPrefix(kind, "text/plain; version=0.0.4") {
		t.Errorf("content type = %q, want the text form", kind)
	}
	for _, want := range []string{
		`introspect_http_requests_total{route="GET /intake",status_class="2xx"} 2`,
		`introspect_http_requests_total{route="POST /api/sessions",status_class="5xx"} 1`,
		`introspect_http_request_duration_seconds_bucket{route="GET /intake",le="3"} 1`,
		`introspect_http_request_duration_seconds_bucket{route="GET /intake",le="10"} 2`,
		`introspect_ingest_events_total{verdict="accepted"} 3`,
		`introspect_ingest_events_total{verdict="retry"} 0`,
		`introspect_jobs{state="dead"} 1`,
		`introspect_sessions{state="completed"} 7`,
		`introspect_sessions_active 3`,
		`introspect_rollup_drift_rows 4`,
		`introspect_health_check{check="disk",status="warn"} 1`,
		`introspect_health_check{check="disk",status="fail"} 0`,
		`introspect_component_up{component="api"} 0`,
		`introspect_database_size_bytes 4096`,
		`introspect_maintenance_active 1`,
		`introspect_notifications_total{channel="slack",kind="firing",outcome="refused"} 3`,
		`introspect_notifications_total{channel="slack",kind="firing",outcome="dropped"} 0`,
		`introspect_notifications_delivery_seconds_sum{channel="slack",kind="firing"} 25`,
		`introspect_notifications_delivery_seconds_count{channel="slack",kind="firing"} 2`,
		`introspect_notifications_queue_depth 2`,
		`introspect_notifications_oldest_pending_seconds 90`,
		`introspect_outside_total{outcome="sent",service="posthog"} 12`,
		`introspect_snapshot_failures_total 0`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("there is no line %q", want)
		}
	}
	if !regexp.MustCompile(`introspect_build_info\{commit="abc",go_version="go[^"]+",version="3.2.0"\} 1\n`).MatchString(body) {
		t.Error("there is no build info")
	}
	for _, line := range regexp.MustCompile(`(?m)^# TYPE (\S+)`).FindAllStringSubmatch(body, -1) {
		if !regexp.MustCompile(`^(introspect|go|process)_[a-z0-9_]+$`).MatchString(line[1]) {
			t.Errorf("name %q", line[1])
		}
	}
}

func TestOpenMetrics(t *testing.T) {
	t.Parallel()
	body, kind := read(t, prometheus.New(prometheus.Config{}), "application/openmetrics-text; version=1.0.0")
	if !strings.HasPrefix(kind, "application/openmetrics-text") || !strings.HasSuffix(body, "# EOF\n") {
		t.Errorf("content type %q, end %q", kind, body[max(0, len(body)-20):])
	}
}

func TestSnapshotThatFails(t *testing.T) {
	t.Parallel()
	e := prometheus.New(prometheus.Config{Snapshot: func(context.Context) (prometheus.Snapshot, error) {
		return prometheus.Snapshot{}, errors.New("no database")
	}})
	e.Request("GET /", 200, time.Millisecond)
	read(t, e, "")
	body, _ := read(t, e, "")
	if strings.Contains(body, "introspect_jobs") || !strings.Contains(body, `introspect_http_requests_total{route="GET /"`) || strings.Contains(body, "introspect_snapshot_failures_total 0") {
		t.Errorf("without a database:\n%s", body)
	}
}

// Two expositions share nothing, and counting at once loses nothing.
func TestOwnRegistry(t *testing.T) {
	t.Parallel()
	a, b := prometheus.New(prometheus.Config{Snapshot: full}), prometheus.New(prometheus.Config{Snapshot: full})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				a.Request("GET /", 200, time.Millisecond)
				a.Events(1, 0, 0, 0)
			}
			read(t, a, "")
		})
	}
	all.Wait()
	if body, _ := read(t, a, ""); !strings.Contains(body, `{route="GET /",status_class="2xx"} 800`) || !strings.Contains(body, `{verdict="accepted"} 800`) {
		t.Error("a count was lost")
	}
	if body, _ := read(t, b, ""); strings.Contains(body, `route="GET /"`) {
		t.Error("another exposition shows what this one counted")
	}
}

func BenchmarkRequest(b *testing.B) {
	e := prometheus.New(prometheus.Config{})
	for b.Loop() {
		e.Request("GET /intake", 200, time.Millisecond)
	}
}

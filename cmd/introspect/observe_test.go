package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

func TestMetricsOfARunningServer(t *testing.T) {
	t.Parallel()
	p := serving(t, map[string]string{"DATA_DIR": t.TempDir(), "METRICS_TOKEN": "a token of sixteen characters"})
	if status, _ := fetch(t, p.base+"/metrics"); status != http.StatusUnauthorized {
		t.Errorf("GET /metrics without the token = %d, want 401", status)
	}
	fetch(t, p.base+"/intake")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.base+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer a token of sixteen characters")
	rec, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Body.Close()
	var body strings.Builder
	if err := rec.Write(&body); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`introspect_http_requests_total{route="GET /intake",status_class="2xx"} 1`, `introspect_jobs{state="dead"} 0`, "introspect_build_info{", "introspect_database_size_bytes ",
		`introspect_health_check{check="disk",status="`, "introspect_snapshot_failures_total 0",
	} {
		if !strings.Contains(body.String(), want) {
			t.Errorf("the metrics lack %q", want)
		}
	}
	if strings.Contains(body.String(), "introspect_sessions{") && strings.Contains(body.String(), "@") {
		t.Error("the metrics hold something like an address")
	}
}

func TestStatusIsExported(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "public")
	p := serving(t, map[string]string{"DATA_DIR": t.TempDir(), "STATUS_EXPORT_DIR": dir})
	deadline := time.Now().Add(2 * time.Minute)
	for {
		if html, err := os.ReadFile(filepath.Join(dir, "index.html")); err == nil {
			if !strings.Contains(string(html), `href="status.css"`) || strings.Contains(string(html), "/static/") {
				t.Errorf("the copy needs files of the server:\n%.800s", html)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no copy of the status page within two minutes")
		}
		fetch(t, p.base+"/livez")
	}
	for _, name := range []string{"status.json", "status.rss", "status.css", "app.css", "theme.css"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("the copy lacks %s: %v", name, err)
		}
	}
}

// A dead-man switch hears of an installation only that would tell of any trouble.
func TestHeartbeat(t *testing.T) {
	t.Parallel()
	at := func(ago time.Duration) func() time.Time { return func() time.Time { return time.Now().Add(-ago) } }
	for _, tt := range []struct {
		name      string
		claude    func(context.Context) error
		evaluated func() time.Time
		late      time.Duration // for how long a job has been due
		looked    time.Duration // how long ago the checks were made
		closed    bool          // the database is away
		want      bool
	}{
		{name: "all is well", evaluated: at(10 * time.Second), want: true},
		{name: "a vendor is down, which the alerts tell", claude: func(context.Context) error { return errors.New("no") }, evaluated: at(0), want: true},
		{name: "rules are not evaluated", evaluated: at(4 * time.Minute)},
		{name: "work is not done", evaluated: at(0), late: 20 * time.Minute},
		{name: "the checks are not made", evaluated: at(0), looked: 4 * time.Minute},
		{name: "no database", evaluated: at(0), closed: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			heard := make(chan struct{}, 10)
			dead := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard <- struct{}{} }))
			t.Cleanup(dead.Close)
			st := storetest.New(t)
			if _, err := st.Enqueue(t.Context(), store.NewJob{Kind: "x", Payload: []byte("{}"), Due: time.Now().Add(-tt.late)}); err != nil {
				t.Fatal(err)
			}
			a := &app{log: slog.New(slog.DiscardHandler), health: health.New(health.Config{
				Store: st, Claude: tt.claude, Heartbeat: tt.evaluated, Now: func() time.Time { return time.Now().Add(-tt.looked) },
			})}
			a.health.Examine(t.Context())
			if tt.closed {
				if err := st.Close(); err != nil {
					t.Fatal(err)
				}
			}
			a.cfg.status.heartbeatURL = dead.URL
			ticks := make(chan time.Time)
			ctx, stop := context.WithCancel(t.Context())
			var done sync.WaitGroup
			done.Go(func() { a.heartbeat(ctx, ticks) })
			for range 3 {
				ticks <- time.Time{} // taken only when the one before is done
			}
			stop()
			done.Wait()
			if got := len(heard) >= 2; got != tt.want {
				t.Errorf("heard %d beats, want some: %v", len(heard), tt.want)
			}
		})
	}
}

func TestStatusConfigRefuses(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"HEARTBEAT_URL": "hc-ping.com/x", "METRICS_TOKEN": "short"} {
		var c statusConfig
		err := c.read(func(names ...string) string { return map[string]string{name: value}[names[0]] })
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: %v, want a refusal", name, value, err)
		}
	}
}

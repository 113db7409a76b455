package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// The switch of the command line works on the database of a running server,
// within two seconds and without a restart (S135, S136).
func TestMaintenanceOfARunningServer(t *testing.T) {
	t.Parallel()
	vars := map[string]string{"DATA_DIR": t.TempDir()}
	p := serving(t, vars)
	command := func(args ...string) string {
		t.Helper()
		out, log := new(output), new(output)
		if code := run(t.Context(), environment{getenv(vars), out, log, nil}, append([]string{"maintenance"}, args...)); code != 0 {
			t.Fatalf("maintenance %v ended with %d: %s", args, code, log)
		}
		return out.String()
	}
	within := func(want int) time.Duration {
		t.Helper()
		start := time.Now()
		for {
			if status, _ := fetch(t, p.base+"/"); status == want {
				return time.Since(start)
			}
			if time.Since(start) > 2*time.Minute { // the least that a busy machine is given
				t.Fatalf("visitors do not get %d within two minutes", want)
			}
		}
	}
	within(http.StatusOK)
	if got := command("on", "--message", "New disk.", "--until", "90m"); !strings.Contains(got, "is on until") {
		t.Errorf("maintenance on says %q", got)
	}
	t.Logf("noticed after %s", within(http.StatusServiceUnavailable))
	if _, body := fetch(t, p.base+"/"); !strings.Contains(body, "New disk.") {
		t.Errorf("visitors are not told the message:\n%.500s", body)
	}
	for _, path := range []string{"/livez", "/readyz", "/api/health", "/status", "/status.json", "/status.rss", "/admin/login", "/metrics", "/collector.js", "/openapi.json", "/privacy"} {
		if status, _ := fetch(t, p.base+path); status != http.StatusOK {
			t.Errorf("GET %s = %d during maintenance, want 200", path, status)
		}
	}
	if _, body := fetch(t, p.base+"/metrics"); !strings.Contains(body, "introspect_maintenance_active 1") {
		t.Error("the metrics do not tell of the maintenance")
	}
	command("off")
	within(http.StatusOK)
	if got := command("status"); !strings.Contains(got, "is off") {
		t.Errorf("maintenance status says %q", got)
	}
}

func TestMaintenanceRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no verb":                           {nil, 2, "usage:"},
		"another verb":                      {[]string{"maybe"}, 2, "usage:"},
		"an end that was":                   {[]string{"on", "--until", "2001-01-01 10:00"}, 1, "has passed"},
		"an end that is none":               {[]string{"on", "--until", "soon"}, 1, "set it to a time"},
		"an emergency without the way back": {[]string{"on", "--emergency"}, 1, "--rollback"},
	} {
		log := new(output)
		vars := map[string]string{"DATA_DIR": t.TempDir()}
		if code := run(t.Context(), environment{getenv(vars), new(output), log, nil}, append([]string{"maintenance"}, tt.args...)); code != tt.code || !strings.Contains(log.String(), tt.want) {
			t.Errorf("%s: exit code %d, %q; want %d and %q", name, code, log, tt.code, tt.want)
		}
	}
}

func TestMomentOfAnEnd(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 28, 12, 0, 0, 0, zone) // the clocks go forward tonight
	for text, want := range map[string]time.Time{
		"":                     {},
		"90m":                  now.Add(90 * time.Minute),
		"14:30":                time.Date(2026, 3, 28, 14, 30, 0, 0, zone),
		"11:00":                time.Date(2026, 3, 29, 11, 0, 0, 0, zone), // 22 hours later
		"2026-03-29 10:00":     time.Date(2026, 3, 29, 10, 0, 0, 0, zone),
		"2026-03-29T10:00:00Z": time.Date(2026, 3, 29, 10, 0, 0, 0, time.UTC),
	} {
		if got, err := moment(text, now, zone); err != nil || !got.Equal(want) {
			t.Errorf("moment(%q) = %s, %v, want %s", text, got, err, want)
		}
	}
}

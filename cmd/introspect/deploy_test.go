package main

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/deploy"
	"applicreations.com/introspect/internal/render/rendertest"
)

const (
	smokeToken   = "a-token-for-the-smoke-test-0123456789"
	servedCommit = "c0ffee0000000000000000000000000000000000"
)

// stepClock moves only when somebody waits.
type stepClock struct{ now time.Time }

func (c *stepClock) Now() time.Time { return c.now }

func (c *stepClock) Wait(ctx context.Context, d time.Duration) error {
	c.now = c.now.Add(d)
	return ctx.Err()
}

// source is a checked-out commit without git.
type source struct{}

func (source) Run(_ context.Context, name string, args ...string) (string, error) {
	switch line := strings.Join(append([]string{name}, args...), " "); {
	case line == "go env GOVERSION":
		return "go1.26.8", nil
	case line == "git rev-parse HEAD":
		return servedCommit, nil
	case strings.HasPrefix(line, "git branch"):
		return "origin/main", nil
	case strings.HasPrefix(line, "git rev-parse"):
		return "", errors.New("no such tag")
	}
	return "", nil
}

type noLock struct{}

func (noLock) Take() (func() error, error) { return func() error { return nil }, nil }

// hosted is a real server whose host is the fake API.
func hosted(t *testing.T) (p *process, api *rendertest.API, vars map[string]string) {
	t.Helper()
	house := map[string]string{"DATA_DIR": t.TempDir(), "INTROSPECT_ADMIN_TOKEN": smokeToken, "RENDER_GIT_COMMIT": servedCommit}
	h := &backupHouse{vars: house}
	h.run(t, 0, "token", "create", "first")
	h.run(t, 0, "backup", "create") // a deployment wants a fresh one
	p = serving(t, house)
	api = rendertest.New(t, time.Now)
	api.Variables = []string{"ENCRYPTION_KEY"}
	return p, api, map[string]string{
		"RENDER_BASE_URL": api.URL, "RENDER_API_KEY": rendertest.Key, "RENDER_SERVICE_ID": rendertest.Service,
		"APP_URL": p.base + "/", "INTROSPECT_ADMIN_TOKEN": smokeToken, "DEPLOY_REQUIRED": "ENCRYPTION_KEY",
	}
}

// TestDeployToARealServer: the host is a fake, the product is not.
func TestDeployToARealServer(t *testing.T) {
	t.Parallel()
	p, api, vars := hosted(t)
	api.Was("live", "01dc0de")
	var out output
	env := environment{getenv(vars), &out, t.Output(), nil}
	cfg := deployConfig(t.Context(), env, deployFlags{dir: t.TempDir()})
	clock := &stepClock{now: time.Now()}
	cfg.Exec, cfg.Clock, cfg.Lock, cfg.Print.Now = source{}, clock, noLock{}, clock.Now
	if err := deploy.Run(t.Context(), cfg); err != nil {
		t.Fatalf("Run: %v\n%s", err, &out)
	}
	for _, want := range []string{
		"commit c0ffee000 answers, healthy, at attempt 1", "a whole intake works, and nothing counted it", "Version " + version + " is now live at " + p.base,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not said:\n%s", want, &out)
		}
	}
	// The canary is gone, and nobody counted it.
	_, body := fetch(t, p.base+"/api/health")
	var h struct {
		Commit  string
		Metrics map[string]float64
	}
	if err := json.Unmarshal([]byte(body), &h); err != nil || h.Commit != servedCommit {
		t.Errorf("health %s, %v; want the commit", body, err)
	}
	for name, n := range h.Metrics {
		if n != 0 {
			t.Errorf("%s = %v after the smoke test, want 0", name, n)
		}
	}
}

func TestDeployCommands(t *testing.T) {
	t.Parallel()
	_, api, vars := hosted(t)
	api.Was("live", servedCommit)
	without := func(names ...string) map[string]string {
		out := maps.Clone(vars)
		for _, n := range names {
			delete(out, n)
		}
		return out
	}
	elsewhere := t.TempDir()
	for _, tt := range []struct {
		name string
		vars map[string]string
		args []string
		code int
		says []string
	}{
		{"status", vars, []string{"status"}, 0, []string{"dep-1 c0ffee000", "healthy, version " + version + ", commit c0ffee000"}},
		{"status for programs", vars, []string{"status", "--json"}, 0, []string{`"stage":"site","status":"ok"`}},
		{"status without a key", without("RENDER_API_KEY"), []string{"status"}, 1, []string{"RENDER_API_KEY is not set"}},
		{"status of a machine of one's own", without("RENDER_API_KEY", "RENDER_SERVICE_ID"), []string{"status"}, 0, []string{"healthy, version " + version, "Only the site is asked"}},
		{"status of one that is down", map[string]string{"APP_URL": "http://127.0.0.1:1"}, []string{"status"}, 1, []string{"refused"}},
		{"status of nothing", nil, []string{"status"}, 1, []string{"RENDER_API_KEY is not set"}},
		{"restart without a service", without("RENDER_SERVICE_ID"), []string{"restart"}, 1, []string{"RENDER_SERVICE_ID is not set"}},
		{"rollback without an address", without("APP_URL"), []string{"rollback"}, 1, []string{"APP_URL is not set"}},
		{"rollback with nothing before", vars, []string{"rollback"}, deploy.CodeRollbackFailed, []string{"no former release"}},
		{"deploy names what is missing", without("RENDER_API_KEY", "INTROSPECT_ADMIN_TOKEN"), []string{"deploy"}, 10, []string{"Missing required environment variable: INTROSPECT_ADMIN_TOKEN", "Missing required environment variable: RENDER_API_KEY"}},
		{"deploy outside a clone", vars, []string{"deploy", "--dry-run", "--dir", elsewhere}, 11, []string{"no git repository"}},
		{"deploy takes no words", vars, []string{"deploy", "now"}, 2, []string{`no word "now"`}},
		{"an unknown flag", vars, []string{"rollback", "--now"}, 2, []string{"-over-migrations"}},
		{"help", vars, []string{"deploy", "--help"}, 0, []string{"-dry-run"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out, log output
			code := run(t.Context(), environment{getenv(tt.vars), &out, &log, nil}, tt.args)
			both := out.String() + log.String()
			if code != tt.code {
				t.Errorf("introspect %v = %d, want %d\n%s", tt.args, code, tt.code, both)
			}
			for _, want := range tt.says {
				if !strings.Contains(both, want) {
					t.Errorf("%q is not said:\n%s", want, both)
				}
			}
			if strings.Contains(both, rendertest.Key) || strings.Contains(both, smokeToken) || strings.Contains(both, "\x1b") {
				t.Errorf("a secret or an escape is printed:\n%q", both)
			}
		})
	}
}

func TestOnTerminal(t *testing.T) {
	t.Parallel()
	file, err := os.Open(os.DevNull) // a character device, like a terminal
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, tt := range []struct {
		name, noColour, term string
		want                 bool
	}{
		{"a device", "", "xterm", true},
		{"no colour wanted", "1", "xterm", false},
		{"a dumb device", "", "dumb", false},
	} {
		if got := onTerminal(file, tt.noColour, tt.term); got != tt.want {
			t.Errorf("%s: onTerminal = %t, want %t", tt.name, got, tt.want)
		}
	}
	if onTerminal(&output{}, "", "xterm") {
		t.Error("a buffer is no terminal")
	}
}

func TestSmokeCommand(t *testing.T) {
	t.Parallel()
	p, _, vars := hosted(t)
	for _, tt := range []struct {
		name string
		vars map[string]string
		args []string
		code int
		says string
	}{
		{"all well", vars, []string{"smoke", p.base}, 0, "canary removed"},
		{"for programs", vars, []string{"smoke", "--json", "--commit", servedCommit, p.base}, 0, `{"step":"metrics","status":"ok"`},
		{"another commit", vars, []string{"smoke", "--commit", "beef", p.base}, 1, `want "beef"`},
		{"without a token", nil, []string{"smoke", p.base}, 1, "introspect token create"},
		{"nobody there", vars, []string{"smoke", "http://127.0.0.1:1"}, 1, "readiness"},
		{"no address", vars, []string{"smoke"}, 2, "usage: introspect smoke"},
		{"an unknown flag", vars, []string{"smoke", "--hard"}, 2, "hard"},
		{"help", vars, []string{"smoke", "-h"}, 0, "commit"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out, log output
			code := run(t.Context(), environment{getenv(tt.vars), &out, &log, nil}, tt.args)
			if both := out.String() + log.String(); code != tt.code || !strings.Contains(both, tt.says) {
				t.Errorf("introspect %v = %d, want %d and %q:\n%s", tt.args, code, tt.code, tt.says, both)
			}
		})
	}
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	p := serving(t, map[string]string{"DATA_DIR": t.TempDir()})
	port := p.base[strings.LastIndex(p.base, ":")+1:]
	ask := func(vars map[string]string) (int, string) {
		var out, log output
		code := run(t.Context(), environment{getenv(vars), &out, &log, nil}, []string{"healthcheck"})
		return code, out.String() + log.String()
	}
	for _, host := range []string{"", "127.0.0.1", "0.0.0.0"} {
		if code, says := ask(map[string]string{"PORT": port, "HOST": host}); code != 0 || says != "" {
			t.Errorf("healthcheck of host %q = %d %q, want a quiet 0", host, code, says)
		}
	}
	p.stop()
	if code, says := ask(map[string]string{"PORT": port}); code != 1 || !strings.Contains(says, "is it running") {
		t.Errorf("healthcheck of nothing = %d %q, want 1 with advice", code, says)
	}
	if code, _ := ask(map[string]string{"PORT": "http"}); code != 1 {
		t.Errorf("healthcheck of a bad port = %d, want 1", code)
	}
}

// A server that drains is not ready, and says so by the exit code.
func TestHealthcheckOfAnUnreadyServer(t *testing.T) {
	t.Parallel()
	srv := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Second}
	ln := listen(t)
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(func() { _ = srv.Close() })
	_, port, _ := strings.Cut(ln.Addr().String(), ":")
	var out, log output
	code := run(t.Context(), environment{getenv(map[string]string{"PORT": port}), &out, &log, nil}, []string{"healthcheck"})
	if code != 1 || !strings.Contains(log.String(), "404") {
		t.Errorf("healthcheck = %d %q, want 1 and the status", code, log.String())
	}
}

func TestVersionNamesTheCommit(t *testing.T) {
	t.Parallel()
	var out, log output
	env := environment{getenv(map[string]string{"RENDER_GIT_COMMIT": servedCommit}), &out, &log, nil}
	if code := run(t.Context(), env, []string{"version"}); code != 0 || !strings.HasPrefix(out.String(), version+"\ncommit "+servedCommit+"\ngo1") {
		t.Errorf("version = %d %q %q", code, out.String(), log.String())
	}
}

// listen takes a free port of this machine.
func listen(t *testing.T) net.Listener {
	t.Helper()
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

package deploy_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/deploy"
	"applicreations.com/introspect/internal/render"
	"applicreations.com/introspect/internal/render/rendertest"
)

const (
	oldCommit = "0ldc0mmit00000000000000000000000000000000"
	newCommit = "newc0mmit00000000000000000000000000000000"
)

// clock moves only when somebody waits.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	waits []time.Duration
	// at is called after every wait; nil: nothing.
	at func(now time.Time)
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Wait(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	c.now = c.now.Add(d)
	c.waits = append(c.waits, d)
	c.mu.Unlock()
	if c.at != nil {
		c.at(c.now)
	}
	return ctx.Err()
}

// shell answers commands by their words. What it does not know succeeds
// without a word.
type shell struct {
	says  map[string]string
	fails map[string]string // command to its output
	ran   []string
	tags  []string // commits that the remote keeps as seen healthy
}

func (s *shell) Run(_ context.Context, name string, args ...string) (string, error) {
	line := strings.Join(append([]string{name}, args...), " ")
	s.ran = append(s.ran, line)
	for prefix, out := range s.fails {
		if strings.HasPrefix(line, prefix) {
			return out, errors.New(name + " ended with 1")
		}
	}
	if rest, ok := strings.CutPrefix(line, "git push origin "); ok && strings.Contains(rest, ":refs/tags/healthy/") {
		commit, _, _ := strings.Cut(rest, ":")
		s.tags = append(s.tags, commit)
	}
	if line == "git ls-remote origin refs/tags/healthy/*" {
		var out strings.Builder
		for _, commit := range s.tags {
			out.WriteString(commit + "\trefs/tags/healthy/" + commit[:min(9, len(commit))] + "\n")
		}
		return out.String(), nil
	}
	for prefix, out := range s.says {
		if strings.HasPrefix(line, prefix) {
			return out, nil
		}
	}
	return "", nil
}

// site is the installation as the deployment sees it.
type site struct {
	mu       sync.Mutex
	commit   string
	code     int
	status   string
	requests int
	errors   int
	tells    int            // status of /api/admin/operations
	backup   map[string]any // what it says of backups
	firing   []any          // and of alerts
	told     []string       // bodies of the webhook
	webhook  int            // its status
}

func (s *site) set(change func(*site)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.URL.Path {
	case "/hook-of-somebody":
		body, _ := io.ReadAll(r.Body)
		s.told = append(s.told, string(body))
		w.WriteHeader(s.webhook)
	case "/api/health":
		w.WriteHeader(s.code)
		if s.status == "" {
			fmt.Fprint(w, "<html>Bad gateway</html>")
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"status": s.status, "version": "3.2.0", "commit": s.commit, "checks": map[string]bool{"database": s.status != "unhealthy"},
		})
	case "/api/admin/metrics":
		if r.Header.Get("Authorization") != "Bearer token" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"performance": map[string]any{"errors": s.errors, "requests": s.requests}})
	case "/api/admin/operations":
		if r.Header.Get("Authorization") != "Bearer token" {
			w.WriteHeader(http.StatusUnauthorized)
		} else {
			w.WriteHeader(s.tells)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"backups": s.backup, "firing": s.firing})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// lock may be held by somebody.
type lock struct{ held, returned bool }

func (l *lock) Take() (func() error, error) {
	if l.held {
		return nil, errors.New("somebody deploys already")
	}
	return func() error { l.returned = true; return nil }, nil
}

// world is a deployment with everything around it.
type world struct {
	tb    testing.TB
	cfg   deploy.Config
	api   *rendertest.API
	clock *clock
	shell *shell
	site  *site
	lock  *lock
	out   strings.Builder
}

// newWorld has one release that serves and a commit that is ready.
func newWorld(tb testing.TB) *world {
	tb.Helper()
	w := &world{tb: tb, clock: &clock{now: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)}, lock: &lock{}}
	w.site = &site{commit: oldCommit, code: 200, status: "healthy", requests: 1000, errors: 10, webhook: 204, tells: 200}
	w.site.backup = map[string]any{"kept": true, "newestAt": w.clock.Now().Add(-2 * time.Hour)}
	server := httptest.NewServer(w.site)
	tb.Cleanup(server.Close)
	w.api = rendertest.New(tb, w.clock.Now)
	w.api.Was("deactivated", "older")
	w.api.Was("live", oldCommit)
	w.api.Variables = []string{"ENCRYPTION_KEY", "ANTHROPIC_API_KEY"}
	w.api.OnLive = func(commit string) { w.site.set(func(s *site) { s.commit = commit }) }
	w.shell = &shell{fails: map[string]string{"git rev-parse --verify": ""}, says: map[string]string{
		"go env GOVERSION": "go1.26.8\n", "git rev-parse HEAD": newCommit + "\n", "git branch --remotes": "  origin/main\n",
	}}
	w.cfg = deploy.Config{
		Version: "3.2.0", URL: server.URL, Token: "token", Webhook: server.URL + "/hook-of-somebody", Go: "1.26",
		Local:    map[string]string{"RENDER_API_KEY": "rnd", "RENDER_SERVICE_ID": "srv-test"},
		Required: []string{"ENCRYPTION_KEY", "ANTHROPIC_API_KEY"}, Test: []string{"./scripts/test"}, Build: []string{"go", "build", "./..."},
		Migrations: "internal/store/migrations", Exec: w.shell, HTTP: http.DefaultClient, Clock: w.clock, Lock: w.lock,
		Host: render.Target{ID: rendertest.Service, Client: &render.Client{
			BaseURL: w.api.URL, Key: rendertest.Key, Wait: w.clock.Wait, Now: w.clock.Now,
		}},
		Smoke: func(context.Context, string, bool) error { return nil },
		Print: &deploy.Printer{Out: &w.out, Now: w.clock.Now},
	}
	return w
}

// deploy runs and returns the failure, nil when there is none.
func (w *world) deploy() *deploy.Failure {
	w.tb.Helper()
	return w.failure(deploy.Run(w.tb.Context(), w.cfg))
}

func (w *world) failure(err error) *deploy.Failure {
	w.tb.Helper()
	var f *deploy.Failure
	if err != nil && !errors.As(err, &f) {
		w.tb.Fatalf("err = %v, want a *deploy.Failure", err)
	}
	return f
}

// text is what was printed, without addresses that differ between runs.
func (w *world) text() string {
	return strings.ReplaceAll(w.out.String(), w.cfg.URL, "https://introspect.example")
}

// ordered lists what was ordered from the host.
func (w *world) ordered() string {
	var out []string
	for _, c := range w.api.Calls(false) {
		c = strings.ReplaceAll(c, "/services/"+rendertest.Service, "")
		out = append(out, strings.TrimSpace(c))
	}
	return strings.Join(out, ", ")
}

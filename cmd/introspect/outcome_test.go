package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"applicreations.com/introspect/internal/deploy"
)

// told are the results that an installation keeps, as "deploy false site".
func told(t *testing.T, base string) (out []string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/api/admin/operations", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+smokeToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var o struct {
		Results []struct {
			Kind, Step, Detail string
			Good               bool
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&o); err != nil {
		t.Fatal(err)
	}
	for _, r := range o.Results {
		line := r.Kind + " failed at " + r.Step
		if r.Good {
			line = r.Kind + " worked"
		}
		out = append(out, line)
	}
	return out
}

// A deployment that fails at the host is told to the installation, which goes on
// with the former release; one that never got so far, and a dry run, are not.
func TestFailedDeploymentIsTold(t *testing.T) {
	t.Parallel()
	p, api, vars := hosted(t)
	api.Was("live", "01dc0de")
	env := environment{getenv(vars), &output{}, t.Output(), nil}
	attempt := func(change func(*deploy.Config)) error {
		cfg := deployConfig(t.Context(), env, deployFlags{dir: t.TempDir()})
		clock := &stepClock{now: time.Now()}
		cfg.Exec, cfg.Clock, cfg.Lock, cfg.Print.Now = source{}, clock, noLock{}, clock.Now
		change(&cfg)
		err := deploy.Run(t.Context(), cfg)
		tellDeployment(t.Context(), env, "deploy", cfg, err)
		return err
	}
	if err := attempt(func(c *deploy.Config) { c.Go = "9.0" }); err == nil {
		t.Fatal("a toolchain that is too old does")
	}
	if err := attempt(func(c *deploy.Config) { c.DryRun = true }); err != nil {
		t.Fatal(err)
	}
	if got := told(t, p.base); len(got) != 0 {
		t.Errorf("told %v of what never reached the host, want nothing", got)
	}
	api.Script("build_failed")
	var f *deploy.Failure
	if err := attempt(func(*deploy.Config) {}); !errors.As(err, &f) || !f.Ordered {
		t.Fatalf("Run = %v, want a failure at the host", err)
	}
	if got, want := strings.Join(told(t, p.base), ", "), "deploy failed at "+f.Stage; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	api.Script("live")
	if err := attempt(func(*deploy.Config) {}); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(told(t, p.base), ", "), "deploy worked, deploy failed at "+f.Stage; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}

// A smoke test of an installation that is down fails, and is told when the next
// one finds it up again.
func TestSmokeTestIsToldLater(t *testing.T) {
	t.Parallel()
	p, _, vars := hosted(t)
	behind, err := url.Parse(p.base)
	if err != nil {
		t.Fatal(err)
	}
	var down atomic.Bool
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(behind) }}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			http.Error(w, "nobody is there", http.StatusBadGateway)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	vars["INTROSPECT_STATE_DIR"] = t.TempDir()
	smoke := func() (int, string) {
		var out, log output
		code := run(t.Context(), environment{getenv(vars), &out, &log, nil}, []string{"smoke", front.URL + "/"})
		return code, out.String() + log.String()
	}
	down.Store(true)
	if code, says := smoke(); code != 1 || !strings.Contains(says, "results that wait in "+vars["INTROSPECT_STATE_DIR"]+" and are told the next time: 1;") || strings.Contains(says, smokeToken) {
		t.Errorf("smoke of nobody = %d:\n%s", code, says)
	}
	if got := told(t, p.base); len(got) != 0 {
		t.Errorf("told %v, want nothing yet", got)
	}
	down.Store(false)
	if code, says := smoke(); code != 0 {
		t.Errorf("smoke = %d:\n%s", code, says)
	}
	if got, want := strings.Join(told(t, p.base), ", "), "smoke worked, smoke failed at readiness"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	if files, err := os.ReadDir(vars["INTROSPECT_STATE_DIR"]); err != nil || len(files) != 0 {
		t.Errorf("%d files wait, %v; want none", len(files), err)
	}
}

func TestStateDir(t *testing.T) {
	t.Parallel()
	for want, vars := range map[string]map[string]string{
		"/own":                              {"INTROSPECT_STATE_DIR": "/own", "HOME": "/home/ann"},
		"/state/introspect":                 {"XDG_STATE_HOME": "/state", "HOME": "/home/ann"},
		"/home/ann/.local/state/introspect": {"HOME": "/home/ann"},
		"":                                  nil,
	} {
		if got := stateDir(environment{getenv(vars), nil, nil, nil}); got != want {
			t.Errorf("stateDir of %v = %q, want %q", vars, got, want)
		}
	}
}

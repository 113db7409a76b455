package main

import (
	"bytes"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDemoServesAMonthAndLeavesNothing starts the demo, signs in with what it
// printed, finds the simulated month behind its banner, and looks that its
// folder is gone afterwards.
func TestDemoServesAMonthAndLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	p := running(t, nil, "demo", "--port", "0", "--sessions", "25")
	if status, body := fetch(t, p.base+"/"); status != http.StatusOK || !strings.Contains(body, demoBanner) {
		t.Errorf("the landing page = %d without the banner", status)
	}
	login := regexp.MustCompile(`Sign in with (\S+) and the password (\S+)`).FindStringSubmatch(p.out.String())
	if login == nil {
		t.Fatalf("no way to sign in:\n%s", p.out)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	res, err := browser.PostForm(p.base+"/admin/login", url.Values{"email": {login[1]}, "password": {login[2]}})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var page bytes.Buffer
	if _, err := page.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{demoBanner, "Conversion Funnel", "26 <span class=\"unit\">sessions</span>"} { // with our own look at the landing page
		if !strings.Contains(page.String(), want) {
			t.Errorf("the dashboard lacks %q", want)
		}
	}
	if left, err := filepath.Glob(filepath.Join(temp, "introspect-demo-*")); err != nil || len(left) != 1 {
		t.Errorf("folders while it runs: %v, %v; want one", left, err)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit code = %d, want 0", code)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestDemoStaysOnThisMachine(t *testing.T) {
	t.Parallel()
	var out, log bytes.Buffer
	code := run(t.Context(), environment{getenv(nil), &out, &log, nil}, []string{"demo", "--host", "0.0.0.0"})
	if code != 1 || !strings.Contains(log.String(), "this machine only") {
		t.Errorf("demo for everybody = %d, %s; want a refusal", code, log.String())
	}
}

// TestSimulateAndRemove adds visits to a database, proves the counters, and
// takes the visits out again.
func TestSimulateAndRemove(t *testing.T) {
	t.Parallel()
	vars := map[string]string{"DATA_DIR": t.TempDir()}
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"simulate", "--sessions", "12", "--days", "3", "--seed", "4"}, "simulated 12 visits"},
		{[]string{"rollup", "rebuild", "--verify"}, "session_facts_drift 0\nrollup_drift 0"},
		{[]string{"simulate", "--remove"}, "removed 12 simulated visits"},
		{[]string{"rollup", "rebuild", "--verify"}, "session_facts_drift 0\nrollup_drift 0"},
		{[]string{"simulate", "--remove"}, "removed 0 simulated visits"},
	} {
		var out, log bytes.Buffer
		if code := run(t.Context(), environment{getenv(vars), &out, &log, nil}, step.args); code != 0 || !strings.Contains(out.String(), step.want) {
			t.Fatalf("%v = %d, want %q:\n%s%s", step.args, code, step.want, out.String(), log.String())
		}
	}
	if code := run(t.Context(), environment{getenv(vars), new(bytes.Buffer), new(bytes.Buffer), nil}, []string{"simulate", "--sessions", "0"}); code != 1 {
		t.Errorf("no visits = %d, want 1", code)
	}
}

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// mailbox is a mail provider that takes everything and remembers it.
type mailbox struct {
	mu     sync.Mutex
	mails  map[string]string // by idempotency key
	server *httptest.Server
	got    chan struct{}
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	m := &mailbox{mails: map[string]string{}, got: make(chan struct{}, 100)}
	m.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Idempotency-Key") == "" { // a check of the health of the provider
			fmt.Fprint(w, `{}`)
			return
		}
		m.mu.Lock()
		m.mails[r.Header.Get("Idempotency-Key")] = string(body)
		m.mu.Unlock()
		fmt.Fprint(w, `{"id":"mail-42"}`)
		m.got <- struct{}{}
	}))
	t.Cleanup(m.server.Close)
	return m
}

// rulesFile fires as soon as one login failed, and tells without waiting.
const rulesFile = `{"format": 1, "severities": {"critical": {"channels": ["email"], "repeat": "30m"}}, "rules": [
  {"id": "logins", "version": 1, "severity": "critical", "enabled": true, "group": "security", "runbook": "security",
   "title": "Somebody tried a password", "metric": "auth_failed", "every": "1s",
   "when": {"threshold": {"op": "atLeast", "fire": 1, "clear": 0, "unit": " in 15 min"}}}]}`

// An alert of the running program arrives in the mailbox, once, also when the
// program is started again while it fires.
func TestAlertArrivesOnce(t *testing.T) {
	t.Parallel()
	box := newMailbox(t)
	dir := t.TempDir()
	rules := filepath.Join(dir, "rules.json")
	if err := os.WriteFile(rules, []byte(rulesFile), 0o600); err != nil {
		t.Fatal(err)
	}
	vars := map[string]string{"DATA_DIR": dir, "RESEND_API_KEY": "re_test", "RESEND_BASE_URL": box.server.URL, "ALERT_RULES": rules, "ALERT_EMAIL": "Night shift <night@example.com>"}
	p := serving(t, vars)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.base+"/admin/login", strings.NewReader(url.Values{"email": {"a@example.com"}, "password": {"wrong password"}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	fault := time.Now()
	<-box.got // that it takes less than a minute is checked by the clock of the tests of watch
	t.Logf("the alert took %s from its fault to the mailbox", time.Since(fault))
	if code := p.stop(); code != 0 {
		t.Errorf("exit code = %d, want 0", code)
	}
	again := serving(t, vars)
	if status, _ := fetch(t, again.base+"/readyz"); status != http.StatusOK {
		t.Fatalf("GET /readyz = %d", status)
	}
	again.stop()
	box.mu.Lock()
	defer box.mu.Unlock()
	if len(box.mails) != 1 {
		t.Errorf("%d mails, want one", len(box.mails))
	}
	for _, body := range box.mails {
		for _, want := range []string{"night@example.com", "[CRITICAL] Somebody tried a password", "/alerts/ack?token="} {
			if !strings.Contains(body, want) {
				t.Errorf("the mail lacks %q:\n%s", want, body)
			}
		}
	}
	var out, log output
	if code := run(t.Context(), environment{getenv(vars), &out, &log, nil}, []string{"alerts", "list"}); code != 0 || !strings.Contains(out.String(), "firing") {
		t.Errorf("alerts list = %d:\n%s%s", code, &out, &log)
	}
}

func TestAlertsCommand(t *testing.T) {
	t.Parallel()
	box := newMailbox(t)
	dir := t.TempDir()
	vars := map[string]string{"DATA_DIR": dir, "RESEND_API_KEY": "re_test", "RESEND_BASE_URL": box.server.URL}
	bad := filepath.Join(dir, "bad.json")
	if err := os.WriteFile(bad, []byte("{\"format\": 1,\n\"rules\": [\n{\"id\": \"x\"}]}"), 0o600); err != nil {
		t.Fatal(err)
	}
	(&backupHouse{vars: vars}).run(t, 0, "token", "create", "first")
	for _, c := range []struct {
		name  string
		args  []string
		rules string
		code  int
		says  string
	}{
		{"the rules of the house", []string{"list"}, "", 0, "error_rate"},
		{"what nothing measures", []string{"list"}, "", 0, "not_measured"},
		{"a test of the mailbox", []string{"test", "email"}, "", 0, "email: accepted: taken by the mail provider as mail-42"},
		{"a test of all channels", []string{"test"}, "", 0, "log: accepted: written to the log"},
		{"a channel that is not there", []string{"test", "slack"}, "", 1, `there is no channel "slack"`},
		{"no verb", nil, "", 2, "usage"},
		{"an unknown verb", []string{"fire"}, "", 2, "usage"},
		{"a file of rules with mistakes", []string{"list"}, bad, 1, "line 3"},
		{"a file of rules that is not there", []string{"list"}, filepath.Join(dir, "none.json"), 1, "ALERT_RULES"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			with := map[string]string{"ALERT_RULES": c.rules}
			for k, v := range vars {
				with[k] = v
			}
			var out, log output
			code := run(t.Context(), environment{getenv(with), &out, &log, nil}, append([]string{"alerts"}, c.args...))
			if said := out.String() + log.String(); code != c.code || !strings.Contains(said, c.says) {
				t.Errorf("exit code %d, want %d; it said:\n%s\nwant %q", code, c.code, said, c.says)
			}
		})
	}
}

func TestAlertEmailRefused(t *testing.T) {
	t.Parallel()
	var out, log output
	vars := map[string]string{"DATA_DIR": t.TempDir(), "ALERT_EMAIL": "nobody"}
	if code := run(t.Context(), environment{getenv(vars), &out, &log, nil}, []string{"alerts", "list"}); code != 1 || !strings.Contains(log.String(), "ALERT_EMAIL") {
		t.Errorf("exit code %d, said %q; want 1 and the name of the setting", code, &log)
	}
}

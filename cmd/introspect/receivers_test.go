package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
	"applicreations.com/introspect/internal/watch"
)

// vendor is a receiver of alerts that misbehaves as its script says, and then
// answers as the real one does.
type vendor struct {
	mu       sync.Mutex
	script   []http.HandlerFunc
	attempts []string // the bodies of all of them
	accepted []string
	times    []time.Time // of the attempts, on the clock of the test
	took     chan struct{}
}

func newVendor(t *testing.T, status int, answer string, now func() time.Time, script ...http.HandlerFunc) (*vendor, string) {
	t.Helper()
	v := &vendor{script: script, took: make(chan struct{}, 100)}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		v.mu.Lock()
		v.attempts, v.times = append(v.attempts, string(body)), append(v.times, now())
		if len(v.script) > 0 {
			misbehave := v.script[0]
			v.script = v.script[1:]
			v.mu.Unlock()
			misbehave(w, r)
			return
		}
		v.accepted = append(v.accepted, string(body))
		v.mu.Unlock()
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
		v.took <- struct{}{}
	}))
	t.Cleanup(s.Close)
	return v, s.URL
}

func (v *vendor) seen() (attempts, accepted []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.attempts), slices.Clone(v.accepted)
}

// The ways in which a receiver can fail.
func tooMany(seconds string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", seconds)
		w.WriteHeader(http.StatusTooManyRequests)
	}
}

func hangs(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func resets(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func page(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<!doctype html><html><body>Please sign in to the network</body></html>")
	}
}

// allVendors sets up one receiver for each channel, with the settings that lead
// to them.
func allVendors(t *testing.T, now func() time.Time, scripts map[alert.Channel][]http.HandlerFunc) (map[alert.Channel]*vendor, map[string]string) {
	t.Helper()
	vendors, vars := map[alert.Channel]*vendor{}, map[string]string{
		"WEBHOOKS_PRIVATE": "1", "PAGERDUTY_ROUTING_KEY": strings.Repeat("k", 32), "MONITORING_WEBHOOK_SECRET": monitoringSecret,
		"INTROSPECT_ENV": "production", "ENCRYPTION_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "APP_URL": "https://intake.example.com",
	}
	for _, c := range []struct {
		channel        alert.Channel
		setting, paths string
		status         int
		answer         string
	}{
		{chanSlack, "SLACK_WEBHOOK_URL", "/services/T/B/x", 200, "ok"},
		{chanDiscord, "DISCORD_WEBHOOK_URL", "/api/webhooks/1/x", 200, `{"id":"77"}`},
		{chanTeams, "TEAMS_WEBHOOK_URL", "/workflows/x", 202, ""},
		{chanPagerDuty, "PAGERDUTY_BASE_URL", "", 202, `{"status":"success","message":"Event processed","dedup_key":"x"}`},
		{chanWebhook, "MONITORING_WEBHOOK_URL", "/hook", 204, ""},
		{chanSentry, "SENTRY_DSN", "/7", 200, `{"id":"x"}`},
	} {
		v, address := newVendor(t, c.status, c.answer, now, scripts[c.channel]...)
		vendors[c.channel], vars[c.setting] = v, address+c.paths
		if c.channel == chanSentry {
			vars[c.setting] = strings.Replace(vars[c.setting], "http://", "http://public@", 1)
		}
	}
	return vendors, vars
}

// night is a program with a clock of its own and one rule that everybody hears
// of.
type night struct {
	t      *testing.T
	now    time.Time
	mu     sync.Mutex
	level  float64
	store  *store.Store
	watch  *watch.Service
	runner *job.Runner
}

func (n *night) clock() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now
}

func (n *night) start(vars map[string]string) {
	n.t.Helper()
	env := environment{getenv(vars), io.Discard, io.Discard, nil}
	cfg, _, err := load(env, "serve", nil)
	if err != nil {
		n.t.Fatal(err)
	}
	n.store = storetest.SQLite(n.t, store.Config{Now: n.clock})
	a := &app{cfg: cfg, log: logger(cfg, env), store: n.store}
	if err := a.openSentry(n.t.Context()); err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(a.close)
	rule := alert.Rule{
		ID: "load", Version: 1, Title: "Too much load", Severity: alert.Critical, Enabled: true, Metric: "load", Group: "test", Runbook: "memory",
		Every: alert.Duration(10 * time.Second), ClearEvaluations: 1, Tell: alert.Policy{Channels: []alert.Channel{"page", "slack"}},
		When: condition.Condition{Threshold: &condition.Threshold{Op: condition.AtLeast, Fire: 10}},
	}
	o := cfg.outside
	a.watch, err = watch.New(watch.Config{
		Store: n.store, Keys: storetest.Keys(n.t), Rules: []alert.Rule{rule}, Channels: a.channels(), Routes: o.routes.behind, Taken: a.acknowledging(), Now: n.clock, Base: a.address,
		Sources: map[string]gauge.Source{"load": func(context.Context, alert.Rule, time.Time) ([]alert.Reading, error) {
			return []alert.Reading{{Value: n.level}}, nil
		}},
	})
	if err != nil {
		n.t.Fatal(err)
	}
	n.watch = a.watch
	kinds := n.watch.Kinds()
	for name, k := range kinds {
		k.Timeout = 500 * time.Millisecond // of the attempt that hangs
		kinds[name] = k
	}
	n.runner = job.New(job.Config{Store: n.store, Kinds: kinds, Workers: 6, Now: n.clock})
}

// pass lets time go by in rounds of ten seconds.
func (n *night) pass(d time.Duration) {
	n.t.Helper()
	for ; d > 0; d -= 10 * time.Second {
		n.mu.Lock()
		n.now = n.now.Add(10 * time.Second)
		n.mu.Unlock()
		if err := n.watch.Tick(n.t.Context()); err != nil {
			n.t.Fatal(err)
		}
		if _, err := n.runner.RunDue(n.t.Context()); err != nil {
			n.t.Fatal(err)
		}
	}
}

// Whatever every receiver does, each accepts one notice of the beginning and one
// of the end, every attempt is the same message, and a receiver that asks for a
// pause gets it.
func TestEveryChannelMeetsEveryFault(t *testing.T) {
	t.Parallel()
	n := &night{t: t, now: time.Date(2026, 11, 27, 3, 0, 0, 0, time.UTC)}
	faults := []http.HandlerFunc{tooMany("60"), hangs, resets, page(http.StatusBadGateway), page(http.StatusOK)}
	scripts := map[alert.Channel][]http.HandlerFunc{chanWebhook: faults[:4]} // whose 200 is enough
	for _, c := range []alert.Channel{chanSlack, chanDiscord, chanTeams, chanPagerDuty, chanSentry} {
		scripts[c] = faults
	}
	vendors, vars := allVendors(t, n.clock, scripts)
	n.start(vars)
	n.level = 20
	n.pass(15 * time.Minute)
	n.level = 0
	n.pass(time.Minute)
	for c, v := range vendors {
		attempts, accepted := v.seen()
		if len(attempts) != len(scripts[c])+2 || len(accepted) != 2 {
			t.Errorf("%s: %d attempts, %d accepted; want %d and 2", c, len(attempts), len(accepted), len(scripts[c])+2)
			continue
		}
		if wait := v.times[1].Sub(v.times[0]); wait < time.Minute {
			t.Errorf("%s: the second attempt came after %s, although a minute was asked for", c, wait)
		}
		if c != chanSentry && slices.ContainsFunc(attempts[:len(attempts)-1], func(body string) bool { return body != attempts[0] }) {
			t.Errorf("%s: the attempts differ: %q", c, attempts)
		}
		if !strings.Contains(accepted[0], "Too much load") || strings.Contains(accepted[0], "localhost") {
			t.Errorf("%s was told %s", c, accepted[0])
		}
	}
	_, events := vendors[chanPagerDuty].seen()
	if dedup := string(alert.FingerprintOf("load", nil)); len(events) == 2 && (!strings.Contains(events[0], `"event_action":"trigger","dedup_key":"`+dedup) || !strings.Contains(events[1], `"event_action":"resolve","dedup_key":"`+dedup)) {
		t.Errorf("PagerDuty got %v, want the trigger and the end of %s", events, dedup)
	}
	for _, v := range n.watch.Tallies() {
		if v.Channel != watch.Log && v.Accepted != 1 {
			t.Errorf("tally of %s = %+v, want one accepted of the beginning, and one of the end", v.Channel, v)
		}
	}
}

// An alert names what was changed just before it, and no incident of which somebody
// told visitors.
func TestWhatChangedBefore(t *testing.T) {
	t.Parallel()
	n := &night{t: t, now: time.Date(2026, 11, 27, 3, 0, 0, 0, time.UTC)}
	vendors, vars := allVendors(t, n.clock, nil)
	n.start(vars)
	for kind, text := range map[string]string{store.KindDeployment: "Version 3.2.1", store.KindIncident: "Mails arrive late"} {
		if _, err := n.store.Annotate(t.Context(), store.Annotation{At: n.clock().Add(-time.Minute), Kind: kind, Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	n.level = 20
	n.pass(time.Minute)
	_, got := vendors[chanSlack].seen()
	if len(got) != 1 || !strings.Contains(got[0], "Version 3.2.1") || strings.Contains(got[0], "Mails arrive late") {
		t.Errorf("Slack was told %q, want the deployment and not the incident", got)
	}
}

// Who takes the alert on here is heard in PagerDuty.
func TestPagerDutyIsAcknowledged(t *testing.T) {
	t.Parallel()
	n := &night{t: t, now: time.Date(2026, 11, 27, 3, 0, 0, 0, time.UTC)}
	vendors, vars := allVendors(t, n.clock, nil)
	n.start(vars)
	n.level = 20
	n.pass(time.Minute)
	if err := n.watch.Acknowledge(t.Context(), n.watch.Board().Firing()[0].States[0].State.Episode.ID, "Ana", 0); err != nil {
		t.Fatal(err)
	}
	n.pass(10 * time.Second)
	_, events := vendors[chanPagerDuty].seen()
	if len(events) != 2 || !strings.Contains(events[1], `"event_action":"acknowledge","dedup_key":"`+string(alert.FingerprintOf("load", nil))) {
		t.Errorf("PagerDuty got %v, want a trigger and its acknowledgement", events)
	}
}

// The running program tells every channel once, although each fails in its own
// way at first.
func TestTheProgramTellsEveryChannelOnce(t *testing.T) {
	t.Parallel()
	scripts := map[alert.Channel][]http.HandlerFunc{
		chanSlack: {tooMany("2")}, chanDiscord: {page(http.StatusOK)}, chanTeams: {page(http.StatusBadGateway)}, chanPagerDuty: {hangs}, chanWebhook: {resets}, chanSentry: {tooMany("1")},
	}
	vendors, vars := allVendors(t, time.Now, scripts)
	rules := filepath.Join(t.TempDir(), "rules.json")
	if err := os.WriteFile(rules, []byte(strings.Replace(rulesFile, `["email"]`, `["page", "slack"]`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	maps.Copy(vars, map[string]string{"DATA_DIR": t.TempDir(), "ALERT_RULES": rules, "APP_URL": ""}) // it says its own address
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
	for c, v := range vendors {
		select {
		case <-v.took:
			t.Logf("%s was told after %s", c, time.Since(fault)) // watch checks the minute, by a clock of its own
		case <-time.After(5*time.Minute - time.Since(fault)):
			t.Errorf("%s was not told within five minutes", c)
		}
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit code = %d, want 0", code)
	}
	for c, v := range vendors {
		attempts, accepted := v.seen()
		notices := 0 // Sentry gets traces as well
		for _, body := range accepted {
			if strings.Contains(body, "Somebody tried a password") {
				notices++
			}
		}
		if notices != 1 {
			t.Errorf("%s accepted %d notices of %d attempts, want one: %s", c, notices, len(attempts), fmt.Sprint(accepted))
		}
	}
}

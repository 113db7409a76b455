package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// answering is a server whose status a test sets; 0 is a connection that breaks.
func answering(t *testing.T, status *atomic.Int32) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		code := int(status.Load())
		if code == 0 {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(code)
	}))
	t.Cleanup(s.Close)
	return s
}

// What goes wrong out there, and what somebody is told of it.
func TestWatchTellsOfOutages(t *testing.T) {
	t.Parallel()
	var target, control, refused atomic.Int32
	site, elsewhere := answering(t, &target), answering(t, &control)
	var told []string
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refused.Load() == 1 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		var body struct{ Text string }
		raw, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(raw, &body); err != nil || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("the webhook got %s, %v", raw, err)
		}
		word, _, _ := strings.Cut(body.Text, ":")
		told = append(told, word)
	}))
	t.Cleanup(hook.Close)
	now := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	log := new(output)
	w := &watcher{
		controls: []string{"http://127.0.0.1:1", elsewhere.URL}, // one of two is enough
		webhook:  hook.URL, client: http.DefaultClient, now: func() time.Time { return now }, log: slog.New(slog.NewTextHandler(log, nil)),
	}
	if err := errors.Join(w.check([]string{site.URL + "/"}, watchEvery), w.equip(func(...string) string { return "" })); err != nil {
		t.Fatal(err)
	}
	round := func(site, elsewhere int32) {
		target.Store(site)
		control.Store(elsewhere)
		w.round(t.Context())
		now = now.Add(watchEvery)
	}
	round(200, 200)
	round(503, 200)
	if len(told) != 0 {
		t.Errorf("after one failure somebody was told %v", told)
	}
	refused.Store(1)
	round(0, 404) // the control host is reached, whatever it says
	refused.Store(0)
	round(503, 200) // the notice that was refused comes now
	round(200, 200)
	if diff := cmp.Diff([]string{"DOWN", "UP"}, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	told = nil
	round(0, 0)
	round(0, 0)
	round(0, 0)
	if len(told) != 0 || strings.Count(log.String(), "The network of this host is down") != 1 {
		t.Errorf("without a network somebody was told %v; the log says\n%s", told, log)
	}
	round(200, 200)
	if len(told) != 0 {
		t.Errorf("when the network is back somebody was told %v", told)
	}
}

// The channels of alerts that are set on the host are told as well, each by itself:
// a pager that is away holds up no chat. The end of an outage closes the incident
// of its beginning.
func TestWatchPages(t *testing.T) {
	t.Parallel()
	var target, away atomic.Int32
	site := answering(t, &target)
	var mu sync.Mutex
	var heard []string
	fake := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodGet: // the control host
			return
		case r.URL.Path == "/v2/enqueue" && away.Load() == 1:
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		raw, _ := io.ReadAll(r.Body)
		var body struct {
			Action string `json:"event_action"`
			Dedup  string `json:"dedup_key"`
			Text   string
		}
		if err := json.Unmarshal(raw, &body); err != nil {
			t.Errorf("%s got %s, %v", r.URL.Path, raw, err)
		}
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path == "/v2/enqueue" {
			heard = append(heard, body.Action+" "+body.Dedup)
			_, _ = io.WriteString(rw, `{"status":"success"}`)
			return
		}
		text, _, _ := strings.Cut(body.Text, ":")
		heard = append(heard, text)
		_, _ = io.WriteString(rw, "ok")
	}))
	t.Cleanup(fake.Close)
	settings := map[string]string{
		"PAGERDUTY_ROUTING_KEY": strings.Repeat("k", 32), "PAGERDUTY_BASE_URL": fake.URL, "SLACK_WEBHOOK_URL": fake.URL + "/slack", "WEBHOOKS_PRIVATE": "1",
	}
	now := time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	begin := func() *watcher {
		w := &watcher{controls: []string{fake.URL}, client: http.DefaultClient, now: func() time.Time { return now }, log: slog.New(slog.DiscardHandler)}
		if err := errors.Join(w.check([]string{site.URL}, watchEvery), w.equip(func(names ...string) string { return settings[names[0]] })); err != nil {
			t.Fatal(err)
		}
		return w
	}
	w := begin()
	round := func(status int32) {
		target.Store(status)
		w.round(t.Context())
		now = now.Add(watchEvery)
	}
	away.Store(1)
	round(200)
	round(503)
	round(503)
	mu.Lock()
	if diff := cmp.Diff([]string{"[CRITICAL] The site does not answer"}, heard); diff != "" {
		t.Errorf("heard while the pager is away (-want +got):\n%s", diff)
	}
	heard = nil
	mu.Unlock()
	away.Store(0)
	round(503)
	round(200)
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(heard)
	if len(heard) != 3 || heard[0] != "[OVER] The site does not answer" || !strings.HasPrefix(heard[1], "resolve watch-") || heard[2] != strings.Replace(heard[1], "resolve", "trigger", 1) {
		t.Errorf("heard %q, want the end in the chat, and the beginning and the end of one incident", heard)
	}
}

func TestWatchEndsWhenStopped(t *testing.T) {
	t.Parallel()
	var status atomic.Int32
	status.Store(200)
	site := answering(t, &status)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	log := new(output)
	if code := run(ctx, environment{getenv(map[string]string{"WATCH_WEBHOOK_URL": site.URL}), new(output), log, nil}, []string{"watch", site.URL}); code != 0 {
		t.Errorf("exit code = %d, want 0:\n%s", code, log)
	}
	if strings.Contains(log.String(), "DOWN") {
		t.Errorf("an interrupted probe counts as a failure:\n%s", log)
	}
}

func TestWatchRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"nothing to watch":  {nil, "nothing to watch"},
		"no address":        {[]string{"intake.example.com"}, "is no address"},
		"probes in a flood": {[]string{"--every", "1ms", "https://a.example"}, "once a second"},
		"a strange control": {[]string{"--control", "https://a.example,b", "https://a.example"}, "WATCH_CONTROL_URL"},
		"a strange webhook": {[]string{"--webhook", "ftp://x", "https://a.example"}, "webhook is no address"},
	} {
		log := new(output)
		if code := run(t.Context(), environment{getenv(nil), new(output), log, nil}, append([]string{"watch"}, tt.args...)); code != 1 || !strings.Contains(log.String(), tt.want) {
			t.Errorf("%s: exit code %d, %q; want 1 and %q", name, code, log, tt.want)
		}
	}
}

package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
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
	w := &watcher{control: elsewhere.URL, webhook: hook.URL, client: http.DefaultClient, now: func() time.Time { return now }, log: slog.New(slog.NewTextHandler(log, nil))}
	if err := w.check([]string{site.URL + "/"}, watchEvery); err != nil {
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
		"a strange webhook": {[]string{"--webhook", "ftp://x", "https://a.example"}, "webhook is no address"},
	} {
		log := new(output)
		if code := run(t.Context(), environment{getenv(nil), new(output), log, nil}, append([]string{"watch"}, tt.args...)); code != 1 || !strings.Contains(log.String(), tt.want) {
			t.Errorf("%s: exit code %d, %q; want 1 and %q", name, code, log, tt.want)
		}
	}
}

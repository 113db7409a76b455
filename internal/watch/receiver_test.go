package watch_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/resend"
)

// provider is a mail provider that answers as its script says, and then well.
type provider struct {
	mu     sync.Mutex
	script []func(http.ResponseWriter, *http.Request)
	keys   []string // of every attempt
	bodies map[string]bool
	server *httptest.Server
}

func newProvider(t *testing.T, script ...func(http.ResponseWriter, *http.Request)) *provider {
	t.Helper()
	p := &provider{script: script, bodies: map[string]bool{}}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		p.mu.Lock()
		p.keys = append(p.keys, r.Header.Get("Idempotency-Key"))
		p.bodies[string(body)] = true
		answer := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"id":"mail-7"}`) }
		if len(p.script) > 0 {
			answer, p.script = p.script[0], p.script[1:]
		}
		p.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(p.server.Close)
	return p
}

// attempts are the keys of all attempts so far.
func (p *provider) attempts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.keys)
}

// Whatever a receiver does, the alert arrives in the end, and every attempt is
// the same mail under the same key.
func TestAReceiverThatMisbehaves(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	p := newProvider(
		t,
		func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "60")
			http.Error(w, `{"name":"rate_limit_exceeded","message":"slow down"}`, http.StatusTooManyRequests)
		},
		func(_ http.ResponseWriter, r *http.Request) { // hangs until nobody waits any more
			<-r.Context().Done()
			close(gone)
		},
		func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, // resets the connection
		func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			fmt.Fprint(w, "<html>Bad gateway</html>")
		},
		func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html>Please sign in to the network</html>")
		},
	)
	w := newWorld(t, plainRule("load", alert.Critical, "email"))
	w.cfg.Mail = resend.Client{BaseURL: p.server.URL, Key: "key", Now: func() time.Time { return w.now }}.Send
	w.start()
	kinds := w.watch.Kinds()
	for name, k := range kinds {
		k.Timeout = 250 * time.Millisecond // of the attempt that hangs
		kinds[name] = k
	}
	w.runner = job.New(job.Config{Store: w.store, Kinds: kinds, Workers: 1, Now: func() time.Time { return w.now }})
	w.level["load"] = 20
	fault := w.now
	w.steps(30 * time.Second)
	if len(p.attempts()) != 1 {
		t.Fatalf("%d attempts at first, want one", len(p.attempts()))
	}
	w.steps(40 * time.Second)
	if len(p.attempts()) != 1 {
		t.Errorf("%d attempts although the provider asked for a minute, want one", len(p.attempts()))
	}
	for len(p.attempts()) < 6 && w.now.Sub(fault) < time.Hour {
		w.step(10 * time.Second)
	}
	<-gone
	w.steps(10 * time.Minute)
	keys := p.attempts()
	if len(keys) != 6 || len(p.bodies) != 1 {
		t.Errorf("%d attempts with %d different mails, want six of one", len(keys), len(p.bodies))
	}
	for _, key := range keys {
		if key != keys[0] {
			t.Errorf("the attempts have the keys %v, want one", keys)
		}
	}
	jobs, err := w.store.EpisodeNotices(t.Context(), w.watch.Board().Firing()[0].States[0].State.Episode.ID)
	if err != nil || len(jobs) != 1 || jobs[0].Outcome != "accepted" || !jobs[0].Received {
		t.Errorf("EpisodeNotices() = %+v, %v; want one that was accepted and received", jobs, err)
	}
}

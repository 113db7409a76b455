package client_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/client"
	"applicreations.com/introspect/internal/web"
)

const session = "s-1"

// quick are options for tests that let the network fail: no long pauses.
func quick() client.Options {
	return client.Options{MinPause: time.Millisecond, MaxPause: 4 * time.Millisecond, FlushEvery: time.Hour}
}

func start(tb testing.TB, endpoint string, opt client.Options) *client.Client {
	tb.Helper()
	c, err := client.New(endpoint, opt)
	if err != nil {
		tb.Fatalf("New: %v", err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = c.Close(ctx) // Does nothing when the test has closed it.
	})
	return c
}

// track tracks n numbered events.
func track(tb testing.TB, c *client.Client, n int) {
	tb.Helper()
	for i := range n {
		if err := c.Track(client.Event{Name: "shop_event", SessionID: session, Properties: map[string]any{"number": i}}); err != nil {
			tb.Fatalf("Track: %v", err)
		}
	}
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	p := newPeer(t, web.Collect{Keys: []string{"wk-1"}})
	opt := quick()
	opt.WriteKey = "wk-1"
	c := start(t, p.serve(t), opt)
	at := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	for _, e := range []client.Event{
		{Name: "landing_view", SessionID: session, UserID: "u-1", Time: at, ID: "mine", Seq: 1},
		{Name: "cta_click", SessionID: session, Seq: 2, Properties: map[string]any{"text": strings.Repeat("long ", 300)}},
	} {
		if err := c.Track(e); err != nil {
			t.Fatalf("Track: %v", err)
		}
	}
	if err := c.Close(t.Context()); err != nil {
		t.Fatalf("Close: %v", err)
	}
	evs := p.stored(t)
	if len(evs) != 2 {
		t.Fatalf("%d events are stored, want 2", len(evs))
	}
	if e := evs[0]; e.ID != "mine" || e.Name != "landing_view" || e.UserID != "u-1" || e.Seq != 1 || e.At.Sub(at).Abs() > time.Minute || !e.Counted {
		t.Errorf("stored %+v", e)
	}
	if id := evs[1].ID; !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(string(id)) {
		t.Errorf("id %s is no UUIDv7", id)
	}
	q := p.requests()[0]
	if !q.Packed || q.Key != "Bearer wk-1" || q.Attempt != 1 || q.Events[0].Mono != 0 || q.Events[1].Mono <= 0 || q.Events[1].Mono > q.SentMono {
		t.Errorf("the request was %+v", q)
	}
	if err := c.Track(client.Event{Name: "late", SessionID: session}); !errors.Is(err, client.ErrClosed) {
		t.Errorf("Track after Close err = %v, want ErrClosed", err)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Errorf("second Close err = %v", err)
	}
}

// TestFailingPeer lets attempts fail in every way: in the end every event is
// stored once.
func TestFailingPeer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		bad  func(p *peer) func(http.ResponseWriter, *http.Request)
		want string // of the error of the attempt
	}{
		{"503 with Retry-After", func(*peer) func(http.ResponseWriter, *http.Request) {
			return func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusServiceUnavailable)
				_, _ = w.Write([]byte(`{"type":"urn:introspect:problem:busy","detail":"One moment."}`))
			}
		}, "503 busy: One moment."},
		{"502 of a proxy", func(*peer) func(http.ResponseWriter, *http.Request) {
			return func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, "<h1>Bad Gateway</h1>", http.StatusBadGateway)
			}
		}, "502"},
		{"an answer that ends in the middle, after the events were stored", func(p *peer) func(http.ResponseWriter, *http.Request) {
			return func(w http.ResponseWriter, r *http.Request) {
				full := httptest.NewRecorder()
				p.handler.ServeHTTP(full, r)
				w.Header().Set("Content-Length", strconv.Itoa(full.Body.Len()))
				_, _ = w.Write(full.Body.Bytes()[:20])
				_ = http.NewResponseController(w).Flush()
				panic(http.ErrAbortHandler)
			}
		}, "unexpected EOF"},
		{"a connection that is cut before the answer", func(p *peer) func(http.ResponseWriter, *http.Request) {
			return func(_ http.ResponseWriter, r *http.Request) {
				p.handler.ServeHTTP(httptest.NewRecorder(), r)
				panic(http.ErrAbortHandler)
			}
		}, "EOF"},
		{"an answer that never comes", func(*peer) func(http.ResponseWriter, *http.Request) {
			return func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		}, "deadline exceeded"},
		{"a page to sign in to a network", func(*peer) func(http.ResponseWriter, *http.Request) {
			return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`<p>Welcome`)) }
		}, "invalid character"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t, web.Collect{Open: true})
			var mu sync.Mutex
			var failures []string
			opt := quick()
			if strings.Contains(tt.want, "deadline") {
				opt.Timeout = 300 * time.Millisecond // a slow machine may need more attempts, and passes all the same
			}
			opt.OnError = func(err error) {
				mu.Lock()
				defer mu.Unlock()
				failures = append(failures, err.Error())
			}
			c := start(t, p.serve(t), opt)
			p.fails(tt.bad(p), tt.bad(p))
			track(t, c, 3)
			if err := c.Close(t.Context()); err != nil {
				t.Fatalf("Close: %v", err)
			}
			if got := len(p.stored(t)); got != 3 {
				t.Errorf("%d events are stored, want 3", got)
			}
			requests := p.requests()
			if len(requests) < 3 || requests[1].Attempt != 2 || requests[2].Attempt != 3 {
				t.Errorf("%d requests, want three attempts that are counted", len(requests))
			}
			for _, q := range requests {
				if len(q.Events) != 3 || q.Events[0] != requests[0].Events[0] {
					t.Errorf("an attempt has other events: %+v", q.Events)
				}
			}
			if len(failures) < 2 || !strings.Contains(failures[0], tt.want) {
				t.Errorf("failures: %q, want two with %q", failures, tt.want)
			}
		})
	}
}

func TestRefusedConnection(t *testing.T) {
	t.Parallel()
	var free net.ListenConfig
	l, err := free.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	refused := make(chan error, 1)
	opt := quick()
	opt.OnError = func(err error) {
		select {
		case refused <- err:
		default:
		}
	}
	c := start(t, "http://"+address, opt)
	track(t, c, 2)
	short, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() { failed <- c.Flush(short) }()
	first := <-refused
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "2 events still wait") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("Flush err = %v, want the reasons; the attempt: %v", err, first)
	}
	p := newPeer(t, web.Collect{Open: true})
	if l, err = free.Listen(t.Context(), "tcp", address); err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: p, ReadHeaderTimeout: time.Minute}}
	server.Start()
	defer server.Close()
	if err := c.Close(t.Context()); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if got := len(p.stored(t)); got != 2 {
		t.Errorf("%d events are stored, want 2", got)
	}
}

// TestVerdicts gets every kind of verdict in one answer.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	p := newPeer(t, web.Collect{Open: true})
	var got []string
	opt := quick()
	opt.OnVerdict = func(v client.Verdict) { got = append(got, v.ID+" "+v.Result+" "+v.Details) }
	c := start(t, p.serve(t), opt)
	p.fails(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"results":[{"id":"a","result":"retry","details":"session_rate"},{"id":"b","result":"drop","details":"too_old"}]}`))
	})
	old := time.Now().Add(-8 * 24 * time.Hour)
	for _, e := range []client.Event{{ID: "a"}, {ID: "b"}, {ID: "c"}, {ID: "c"}, {ID: "d", Time: old}, {ID: "e", Time: time.Now().Add(time.Hour)}} {
		e.Name, e.SessionID = "shop_event", session
		if err := c.Track(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(t.Context()); err != nil {
		t.Fatalf("Close: %v", err)
	}
	want := []string{"a retry session_rate", "b drop too_old", "a ok ", "c ok ", "c duplicate ", "d drop too_old", "e warning future_clamped"}
	if !slices.Equal(got, want) {
		t.Errorf("verdicts %q, want %q", got, want)
	}
	if n := len(p.stored(t)); n != 3 || c.Dropped() != 0 {
		t.Errorf("%d events are stored and %d dropped, want 3 and none", n, c.Dropped())
	}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	p := newPeer(t, web.Collect{Open: true})
	opt := quick()
	opt.FlushAt = 5000
	c := start(t, p.serve(t), opt)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() { track(t, c, 300) })
	}
	wait.Wait()
	for n := range 40 { // 30 KB each: more than one request takes
		if err := c.Track(client.Event{Name: "large", SessionID: session, Properties: map[string]any{"number": n, "text": strings.Repeat("x", 30<<10)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatalf("Flush: %v", err)
	}
	var sizes []int
	for _, q := range p.requests() {
		sizes = append(sizes, len(q.Events))
	}
	if len(sizes) < 5 || sizes[0] != 500 || sizes[1] != 500 || slices.Max(sizes) > 500 || len(p.stored(t)) != 1240 {
		t.Errorf("requests of %v events and %d stored, want 500 at most and 1240", sizes, len(p.stored(t)))
	}
	for i := 1; i < len(sizes); i++ {
		if a, b := p.requests()[i-1].Events, p.requests()[i].Events; a[len(a)-1].ID >= b[0].ID {
			t.Errorf("ids do not sort as events were tracked: %s, %s", a[len(a)-1].ID, b[0].ID)
		}
	}
}

// TestTooLarge stands behind a proxy that takes four events at once, and never
// the one with the id 7.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	p := newPeer(t, web.Collect{Open: true})
	narrow := func(w http.ResponseWriter, r *http.Request) {
		q := p.requests()
		last := q[len(q)-1].Events
		if len(last) > 4 || slices.ContainsFunc(last, func(e sent) bool { return e.ID == "id-7" }) {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		p.handler.ServeHTTP(w, r)
	}
	for range 40 {
		p.fails(narrow)
	}
	var dropped []string
	opt := quick()
	opt.OnVerdict = func(v client.Verdict) {
		if v.Result == "drop" {
			dropped = append(dropped, v.ID+" "+v.Details)
		}
	}
	c := start(t, p.serve(t), opt)
	for i := range 10 {
		if err := c.Track(client.Event{ID: fmt.Sprint("id-", i), Name: "shop_event", SessionID: session}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(t.Context()); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if got := len(p.stored(t)); got != 9 || !slices.Equal(dropped, []string{"id-7 too_large"}) {
		t.Errorf("%d events are stored and %q dropped, want all but one", got, dropped)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "intake.example.com", "ftp://intake.example.com", "http://", "http://%zz"} {
		if c, err := client.New(bad, client.Options{}); err == nil {
			t.Errorf("New(%q) = %v, want an error", bad, c)
		}
	}
	c := start(t, "http://127.0.0.1:1", quick())
	for _, tt := range []struct {
		want string
		e    client.Event
	}{
		{"without a name", client.Event{SessionID: session}},
		{"without a session", client.Event{Name: "a"}},
		{"encode", client.Event{Name: "a", SessionID: session, Properties: map[string]any{"f": func() {}}}},
		{"at most 36864", client.Event{Name: "a", SessionID: session, Properties: map[string]any{"t": strings.Repeat("x", 40000)}}},
	} {
		if err := c.Track(tt.e); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Track(%s) err = %v", tt.want, err)
		}
	}
	if err := c.Close(t.Context()); err != nil {
		t.Errorf("Close of an empty client err = %v", err)
	}
}

func TestAnonymous(t *testing.T) {
	t.Parallel()
	p := newPeer(t, web.Collect{Open: true})
	opt := quick()
	opt.Anonymous = true
	c := start(t, p.serve(t)+"/api/metrics/batch", opt)
	if err := c.Track(client.Event{Name: "landing_view", SessionID: session, UserID: "u-1"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(p.stored(t)); got != 0 || p.requests()[0].Privacy != "anonymous" {
		t.Errorf("%d events are stored under their session, want none", got)
	}
}

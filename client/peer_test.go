package client_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"applicreations.com/introspect/internal/account"
	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/ingest"
	"applicreations.com/introspect/internal/intake/intaketest"
	"applicreations.com/introspect/internal/interview"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
	"applicreations.com/introspect/internal/web"
)

// peer is a whole installation over an empty store. In front of it stands what
// a test lets go wrong.
type peer struct {
	store   *store.Store
	handler http.Handler

	mu    sync.Mutex
	wrong []func(http.ResponseWriter, *http.Request) // what happens to the next requests, in order
	seen  []request
}

// request is one that arrived, in front of everything.
type request struct {
	Packed   bool
	Key      string
	Attempt  int
	Dropped  int
	Privacy  string
	SentMono float64 `json:"sent_mono"`
	Events   []sent
}

type sent struct {
	ID   string
	Mono float64
}

func newPeer(tb testing.TB, collect web.Collect) *peer {
	tb.Helper()
	p := &peer{store: storetest.New(tb)}
	cat, engine := intaketest.Engine(tb)
	server, err := web.New(web.Config{
		Agency:    web.Agency{Name: "Applicreations", Email: "david@applicreations.com"},
		Deliver:   deliver.New(deliver.Config{Store: p.store, Catalog: cat, Keys: storetest.Keys(tb)}),
		Interview: interview.New(interview.Config{Store: p.store, Engine: engine}), Ingest: ingest.New(ingest.Config{Store: p.store}),
		Account: account.New(account.Config{Store: p.store}), Health: health.New(health.Config{Store: p.store}),
		Store: p.store, Catalog: cat, Engine: engine, Keys: storetest.Keys(tb), Collect: collect,
	})
	if err != nil {
		tb.Fatalf("New: %v", err)
	}
	p.handler = server.Handler()
	return p
}

// serve puts the installation on a port.
func (p *peer) serve(tb testing.TB) string {
	tb.Helper()
	server := httptest.NewServer(p)
	tb.Cleanup(server.Close)
	return server.URL
}

// fails lets the next requests go wrong, one after the other.
func (p *peer) fails(wrong ...func(http.ResponseWriter, *http.Request)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wrong = append(p.wrong, wrong...)
}

// ServeHTTP implements http.Handler.
func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // The client left; nothing arrived.
	}
	p.mu.Lock()
	p.seen = append(p.seen, read(body, r.Header))
	handle := p.handler.ServeHTTP
	if len(p.wrong) > 0 {
		handle, p.wrong = p.wrong[0], p.wrong[1:]
	}
	p.mu.Unlock()
	r.Body = io.NopCloser(bytes.NewReader(body))
	handle(w, r)
}

func read(body []byte, header http.Header) request {
	q := request{Packed: header.Get("Content-Encoding") == "gzip", Key: header.Get("Authorization")}
	var in io.Reader = bytes.NewReader(body)
	if q.Packed {
		if z, err := gzip.NewReader(in); err == nil {
			in = z
		}
	}
	if err := json.NewDecoder(in).Decode(&q); err != nil {
		q.Key = "unreadable: " + err.Error()
	}
	return q
}

func (p *peer) requests() []request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]request(nil), p.seen...)
}

// stored lists the events of the session that the tests use.
func (p *peer) stored(tb testing.TB) []store.StoredEvent {
	tb.Helper()
	list, err := p.store.Events(tb.Context(), session)
	if err != nil {
		tb.Fatalf("Events: %v", err)
	}
	return list
}

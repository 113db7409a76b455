package telemetry_test

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"applicreations.com/introspect/internal/telemetry"
)

// receiver reads OTLP as a collector does.
type receiver struct {
	mu     sync.Mutex
	spans  []string // name, attributes, trace id
	text   string
	status int
}

func (c *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		body, _ = gzip.NewReader(r.Body)
	}
	raw, err := io.ReadAll(body)
	var q collector.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("X-Key") != "k-1" || proto.Unmarshal(raw, &q) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.status != 0 {
		w.WriteHeader(c.status)
		return
	}
	c.text += q.String()
	for _, rs := range q.GetResourceSpans() {
		for _, ss := range rs.GetScopeSpans() {
			for _, s := range ss.GetSpans() {
				c.spans = append(c.spans, s.GetName())
			}
		}
	}
}

func open(t *testing.T, c *receiver, sample float64) *telemetry.Tracer {
	t.Helper()
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	tr, err := telemetry.New(t.Context(), telemetry.Config{Endpoint: s.URL + "/", Sample: sample, Version: "3.2.1", Environment: "production", Headers: map[string]string{"x-key": "k-1"}})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestRequest(t *testing.T) {
	t.Parallel()
	c := &receiver{}
	tr := open(t, c, 1)
	parent := http.Header{"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}, "Tracestate": {"who=ana-at-example"}}
	ctx, end := tr.Request(t.Context(), http.MethodPost, "POST /api/conversation", parent)
	if got := trace.SpanContextFromContext(ctx).TraceID().String(); got != "0af7651916cd43dd8448eb211c80319c" {
		t.Errorf("trace = %s, want that of the caller", got)
	}
	end(503)
	if err := tr.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(c.spans) != 1 || c.spans[0] != "POST /api/conversation" {
		t.Fatalf("spans = %v, want the route", c.spans)
	}
	if strings.Contains(c.text, "ana-at-example") {
		t.Errorf("the span has words of the caller: %s", c.text)
	}
	for _, want := range []string{"http.route", `"/api/conversation"`, "introspect", "3.2.1", "telemetry.sdk.language", "STATUS_CODE_ERROR", "error.type", "503"} {
		if !strings.Contains(c.text, want) {
			t.Errorf("the span does not say %s: %s", want, c.text)
		}
	}
	if sent, failed := tr.Counts(); sent != 1 || failed != 0 {
		t.Errorf("counts = %d sent, %d failed, want 1 and 0", sent, failed)
	}
}

func TestOneInTen(t *testing.T) {
	t.Parallel()
	c := &receiver{}
	tr := open(t, c, 0)
	for range 1000 {
		_, end := tr.Request(t.Context(), http.MethodGet, "GET /", nil)
		end(200)
	}
	if err := tr.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(c.spans); n < 40 || n > 180 {
		t.Errorf("%d of 1000 requests are traced, want about 100", n)
	}
}

func TestDeadCollector(t *testing.T) {
	t.Parallel()
	tr := open(t, &receiver{status: 400}, 1)
	_, end := tr.Request(t.Context(), http.MethodGet, "GET /", nil)
	end(200)
	_ = tr.Close(t.Context()) // the loss is counted
	if sent, failed := tr.Counts(); sent != 0 || failed != 1 {
		t.Errorf("counts = %d sent, %d failed, want 0 and 1", sent, failed)
	}

	hold := make(chan struct{})
	hang := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	defer hang.Close()
	defer close(hold)
	tr, err := telemetry.New(t.Context(), telemetry.Config{Endpoint: hang.URL, Sample: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, end = tr.Request(t.Context(), http.MethodGet, "GET /", nil)
	end(200)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := tr.Close(ctx); err == nil {
		t.Error("Close(hanging collector) = nil, want an error when the time is over")
	}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "localhost:4318", "ftp://x", "http://bad host"} {
		if _, err := telemetry.New(t.Context(), telemetry.Config{Endpoint: bad}); err == nil {
			t.Errorf("New(%q) = nil, want an error", bad)
		}
	}
}

// A call of the model is a span inside that of its request, by the names of the
// conventions for generative AI.
func TestChat(t *testing.T) {
	t.Parallel()
	c := &receiver{}
	tr := open(t, c, 1)
	ctx, end := tr.Request(t.Context(), http.MethodPost, "POST /api/conversation", http.Header{})
	inner, told := tr.Chat(ctx, "anthropic", "claude-haiku")
	if trace.SpanContextFromContext(inner).TraceID() != trace.SpanContextFromContext(ctx).TraceID() {
		t.Error("the call is not in the trace of its request")
	}
	cost := int64(731)
	told(telemetry.Call{
		Model: "claude-haiku-4", Input: 1200, Output: 80, CacheRead: 900, CacheWrite: 100, FirstToken: 417 * time.Millisecond, Prompt: "interview-7",
		MicroUSD: &cost, Fault: "overloaded",
	})
	end(200)
	if err := tr.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(c.spans) != 2 || c.spans[0] != "chat claude-haiku" {
		t.Errorf("spans = %v", c.spans)
	}
	for _, want := range []string{"gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "claude-haiku-4", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_creation.input_tokens", "firstTokenMs", "interview-7", "costMicroUsd", "error.type", "overloaded"} {
		if !strings.Contains(c.text, want) {
			t.Errorf("the span lacks %q", want)
		}
	}
}

// The router's own marks are no part of a route.
func TestRoutes(t *testing.T) {
	t.Parallel()
	c := &receiver{}
	tr := open(t, c, 1)
	for _, pattern := range []string{"GET /{$}", "GET /admin/alerts/{id}", "/legacy"} {
		_, end := tr.Request(t.Context(), http.MethodGet, pattern, nil)
		end(200)
	}
	if err := tr.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.spans, ", "); got != "GET /, GET /admin/alerts/{id}, GET /legacy" {
		t.Errorf("spans = %s", got)
	}
}

// While a collector hangs every request goes on, and what it will never get is
// counted: not one span is lost without a word.
func TestEverySpanOfAHangingCollectorIsCounted(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	hang := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	defer hang.Close()
	tr, err := telemetry.New(t.Context(), telemetry.Config{Endpoint: hang.URL, Sample: 1})
	if err != nil {
		t.Fatal(err)
	}
	const made = 10_000
	for range made {
		_, end := tr.Request(t.Context(), http.MethodGet, "GET /", nil)
		end(200) // would hang here
	}
	if _, failed := tr.Counts(); failed < made-3000 {
		t.Errorf("%d of %d spans are counted as lost while nobody takes any, want all but those that wait", failed, made)
	}
	close(hold)
	if err := tr.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if sent, failed := tr.Counts(); sent+failed != made {
		t.Errorf("%d sent and %d lost of %d spans", sent, failed, made)
	}
}

// Who runs the program is told once that the collector fails, and once that it is
// back.
func TestAFaultIsToldOnce(t *testing.T) {
	t.Parallel()
	c := &receiver{status: 400}
	answered := make(chan struct{}, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.ServeHTTP(w, r)
		answered <- struct{}{}
	}))
	defer s.Close()
	told := make(chan error, 100)
	tr, err := telemetry.New(t.Context(), telemetry.Config{Endpoint: s.URL, Sample: 1, Headers: map[string]string{"x-key": "k-1"}, Note: func(err error) { told <- err }})
	if err != nil {
		t.Fatal(err)
	}
	batches := func(n int) {
		for range n * 512 { // as many as the library sends at once
			_, end := tr.Request(t.Context(), http.MethodGet, "GET /", nil)
			end(200)
		}
	}
	batches(3)
	if err := <-told; err == nil || tr.Fault() == "" {
		t.Errorf("told %v, fault %q; want both to say that it fails", err, tr.Fault())
	}
	for range 3 {
		<-answered
	}
	c.mu.Lock()
	c.status = 0
	c.mu.Unlock()
	batches(2)
	if err := <-told; err != nil {
		t.Errorf("told %v, want that it takes them again", err)
	}
	if err := tr.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(told) > 0 || tr.Fault() != "" {
		t.Errorf("told %d times more, fault %q; want nothing more", len(told), tr.Fault())
	}
}

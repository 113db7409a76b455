// Package claudetest is a fake of the Anthropic Messages API for tests. It
// speaks the real protocol, plain and streamed, checks requests as the vendor
// does, and misbehaves on demand.
//
// It knows nothing about package claude, so that a mistake there cannot hide
// behind the same mistake here. Start with New, or with Pipe for a test that
// runs on fake time, and with Faults.
package claudetest

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"applicreations.com/introspect/internal/advice"
)

// Key is the only key that the fake accepts.
const Key = "sk-ant-test-0d4f"

// Request is one call as the vendor understood it.
type Request struct {
	Header    http.Header
	Body      []byte
	Model     string
	MaxTokens int64
	Stream    bool
	System    string
	State     string // the first block of the message
	Untrusted string // the last block of the message
}

// LastAnswer is the client's text.
func (r Request) LastAnswer() string {
	var u struct {
		Answer string `json:"last_answer"`
	}
	if json.Unmarshal([]byte(r.Untrusted), &u) != nil {
		return ""
	}
	return u.Answer
}

// Offered lists the ids of the questions that the model may choose from.
func (r Request) Offered() (ids []string) {
	var state struct {
		Questions []advice.Question `json:"allowed_questions"`
	}
	if json.Unmarshal([]byte(r.State), &state) != nil {
		return nil
	}
	for _, q := range state.Questions {
		ids = append(ids, q.ID)
	}
	return ids
}

// Step answers one call. It may block until the request's context ends.
type Step func(w http.ResponseWriter, r *http.Request, req Request)

// Server is a fake vendor.
type Server struct {
	// URL is where it listens.
	URL string

	transport http.RoundTripper
	stop      func()

	mu     sync.Mutex
	script []Step
	always Step
	calls  []Request
}

// New starts a fake on a real connection. It ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{always: Helpful()}
	web := httptest.NewServer(s)
	transport := &http.Transport{}
	s.URL, s.transport, s.stop = web.URL, transport, web.Close
	tb.Cleanup(func() {
		transport.CloseIdleConnections()
		web.Close()
	})
	return s
}

// Pipe starts a fake that is reached through memory only, by Transport, so
// that a testing/synctest bubble can hold both ends and skip all waiting. It
// ends with the test or its bubble.
func Pipe(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{URL: "http://claude.test", always: Helpful()}
	l := &memory{conns: make(chan net.Conn), closed: make(chan struct{})}
	web := &http.Server{Handler: s}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = web.Serve(l) // ends by Close
	}()
	transport := &http.Transport{DialContext: l.dial}
	s.transport = transport
	s.stop = sync.OnceFunc(func() {
		_ = web.Close() // nothing is lost with a fake
		transport.CloseIdleConnections()
		<-done
	})
	tb.Cleanup(s.stop)
	return s
}

// Transport reaches the fake.
func (s *Server) Transport() http.RoundTripper { return s.transport }

// Stop ends the fake; later calls find nobody listening.
func (s *Server) Stop() { s.stop() }

// Play answers the next calls by these steps, in turn.
func (s *Server) Play(steps ...Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = append(s.script, steps...)
}

// Always answers all calls beyond the script by one step.
func (s *Server) Always(step Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always = step
}

// Calls lists the messages that were asked for so far.
func (s *Server) Calls() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Forget drops the calls so far, which a long run would fill the memory with,
// and returns how many they were.
func (s *Server) Forget() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.calls)
	s.calls = nil
	return n
}

// ServeHTTP is the API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Request-Id", "req_test_1")
	switch {
	case r.Header.Get("X-Api-Key") != Key:
		fail(w, http.StatusUnauthorized, "authentication_error", "invalid x-api-key")
	case r.Header.Get("Anthropic-Version") == "":
		fail(w, http.StatusBadRequest, "invalid_request_error", "anthropic-version: header is required")
	case r.Method == http.MethodGet && r.URL.Path == "/v1/models":
		writeJSON(w, http.StatusOK, map[string]any{
			"data":     []any{map[string]any{"type": "model", "id": "claude-haiku-5-5", "display_name": "Claude Haiku 5.5", "created_at": "2026-10-07T00:00:00Z"}},
			"has_more": false, "first_id": "claude-haiku-5-5", "last_id": "claude-haiku-5-5",
		})
	case r.Method == http.MethodPost && r.URL.Path == "/v1/messages":
		s.message(w, r)
	default:
		fail(w, http.StatusNotFound, "not_found_error", "no such path")
	}
}

func (s *Server) message(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	if err != nil {
		return // the caller left
	}
	req, wrong := understand(body)
	req.Header = r.Header.Clone()
	s.mu.Lock()
	s.calls = append(s.calls, req)
	step := s.always
	if wrong == "" && len(s.script) > 0 {
		step, s.script = s.script[0], s.script[1:]
	}
	s.mu.Unlock()
	if wrong != "" {
		fail(w, http.StatusBadRequest, "invalid_request_error", wrong)
		return
	}
	step(w, r, req)
}

// wire is the part of a request that the fake reads.
type wire struct {
	Model     string  `json:"model"`
	MaxTokens int64   `json:"max_tokens"`
	Stream    bool    `json:"stream"`
	System    []block `json:"system"`
	Messages  []struct {
		Role    string  `json:"role"`
		Content []block `json:"content"`
	} `json:"messages"`
	Thinking *struct {
		Type string `json:"type"`
	} `json:"thinking"`
	Temperature  *float64 `json:"temperature"`
	OutputConfig struct {
		Effort string `json:"effort"`
		Format struct {
			Type   string          `json:"type"`
			Schema json.RawMessage `json:"schema"`
		} `json:"format"`
	} `json:"output_config"`
}

type block struct {
	Type         string `json:"type"`
	Text         string `json:"text"`
	CacheControl *struct {
		Type string `json:"type"`
		TTL  string `json:"ttl"`
	} `json:"cache_control"`
}

// understand reads a request and says what the vendor would refuse about it.
func understand(body []byte) (Request, string) {
	var in wire
	out := Request{Body: body}
	if err := json.Unmarshal(body, &in); err != nil {
		return out, "the body is not valid JSON"
	}
	out.Model, out.MaxTokens, out.Stream = in.Model, in.MaxTokens, in.Stream
	for _, b := range in.System {
		out.System += b.Text
	}
	if len(in.Messages) == 1 && len(in.Messages[0].Content) == 2 {
		out.State, out.Untrusted = in.Messages[0].Content[0].Text, in.Messages[0].Content[1].Text
	}
	return out, refusal(in)
}

// refusal holds the rules of references/intake.md 4.3 and 4.4.
func refusal(in wire) string {
	haiku := strings.HasPrefix(in.Model, "claude-haiku-5-5")
	thinking := ""
	if in.Thinking != nil {
		thinking = in.Thinking.Type
	}
	schema := string(in.OutputConfig.Format.Schema)
	switch {
	case in.Model == "" || in.MaxTokens < 1:
		return "model and max_tokens: field required"
	case len(in.Messages) == 0 || in.Messages[0].Role != "user":
		return "messages: first message must use the user role"
	case in.Temperature != nil:
		return "temperature: not supported by this model"
	case thinking == "disabled" && !haiku, thinking == "enabled", thinking == "between_tools" && haiku:
		return "thinking: type not supported by this model"
	case in.OutputConfig.Format.Type != "json_schema" || !json.Valid([]byte(schema)):
		return "output_config.format: a json_schema is required"
	case strings.Count(schema, `"type":"object"`) != strings.Count(schema, `"additionalProperties":false`):
		return "output_config.format.schema: additionalProperties must be false"
	case strings.Contains(schema, `"maxLength"`) || strings.Contains(schema, `"minimum"`):
		return "output_config.format.schema: keyword not supported"
	}
	return ""
}

// memory is a listener whose connections are pipes.
type memory struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (m *memory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case m.conns <- theirs:
		return ours, nil
	case <-m.closed:
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: io.ErrClosedPipe}
	case <-ctx.Done():
		return nil, ctx.Err() //nolint:wrapcheck // net/http expects it bare
	}
}

// Accept waits for a caller.
func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (m *memory) Close() error {
	m.once.Do(func() { close(m.closed) })
	return nil
}

// Addr names the listener.
func (m *memory) Addr() net.Addr { return &net.UnixAddr{Name: "claude.test", Net: "pipe"} }

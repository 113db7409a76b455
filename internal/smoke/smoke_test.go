package smoke_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/account"
	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/ingest"
	"applicreations.com/introspect/internal/intake/intaketest"
	"applicreations.com/introspect/internal/interview"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/smoke"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
	"applicreations.com/introspect/internal/web"
)

const token = "a token of the tests, long enough"

func moment() time.Time { return time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC) }

// house is an installation in production, whose answers a test may spoil.
type house struct {
	url   string
	store *store.Store

	mu    sync.Mutex
	spoil func(w http.ResponseWriter, r *http.Request) bool // true: answered
	asked []string
	seen  metric.Requests
}

func newHouse(tb testing.TB) *house {
	tb.Helper()
	h := &house{store: storetest.New(tb)}
	cat, engine := intaketest.Engine(tb)
	srv, err := web.New(web.Config{
		Deliver: deliver.New(deliver.Config{Store: h.store, Catalog: cat, Keys: storetest.Keys(tb), Now: moment}),
		Agency:  web.Agency{Name: "Applicreations", Email: "hello@example.com"}, Interview: interview.New(interview.Config{Store: h.store, Engine: engine, Now: moment}),
		Ingest: ingest.New(ingest.Config{Store: h.store, Now: moment}), Account: account.New(account.Config{Store: h.store, Now: moment, BootstrapToken: token}),
		Health: health.New(health.Config{Store: h.store, Now: moment, Commit: "abc", Version: "3.2.0"}), Store: h.store,
		Catalog: cat, Engine: engine, Keys: storetest.Keys(tb), Production: true, Now: moment, Observe: func(took time.Duration, status int) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.seen.Observe(took, status)
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		spoil := h.spoil
		h.asked = append(h.asked, r.Method+" "+r.URL.Path)
		h.mu.Unlock()
		if spoil == nil || !spoil(w, r) {
			srv.Handler().ServeHTTP(w, r)
		}
	}))
	tb.Cleanup(s.Close)
	h.url = s.URL
	return h
}

func names(r smoke.Report) (all, failed []string) {
	for _, s := range r.Steps {
		all = append(all, s.Name)
		if s.Err != nil {
			failed = append(failed, s.Name)
		}
	}
	return all, failed
}

func TestAWholeTry(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	noted := 0
	r := smoke.Run(t.Context(), smoke.Config{URL: h.url + "/", Token: token, Commit: "abc", Now: moment, Note: func(s smoke.Step) {
		noted++
		t.Logf("%-17s %s", s.Name, s.Detail)
	}})
	if err := r.Err(); err != nil {
		t.Fatalf("smoke: %v", err)
	}
	if len(r.Steps) != 9 || noted != 9 {
		t.Errorf("%d steps, %d told; want 9", len(r.Steps), noted)
	}
	for _, s := range r.Steps {
		if s.Detail == "" {
			t.Errorf("step %s says nothing", s.Name)
		}
	}
	h.untouched(t)
}

// untouched checks that a try left nothing.
func (h *house) untouched(t *testing.T) {
	t.Helper()
	rows, err := h.store.Rollups(t.Context(), metric.Needed(moment(), time.UTC))
	if err != nil || len(rows) != 0 {
		t.Errorf("%d rollup rows, %v; want none", len(rows), err)
	}
	if list, err := h.store.Sessions(t.Context(), store.SessionFilter{}); err != nil || len(list) != 0 {
		t.Errorf("%d sessions listed, %v; want none", len(list), err)
	}
	if today, err := h.store.Today(t.Context(), moment().Add(-time.Hour)); err != nil || today != (store.HealthFigures{}) {
		t.Errorf("figures of today %+v, %v; want none", today, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if d := h.seen.Delta(moment()); len(d) != 0 {
		t.Errorf("latencies were measured: %v", d)
	}
	storetest.NoDrift(t, h.store)
}

// A failure is found by its own step, and the canary goes in any case.
func TestWhatIsFound(t *testing.T) {
	t.Parallel()
	status := func(path string, code int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == path {
				http.Error(w, "<html>broken</html>", code)
			}
			return r.URL.Path == path
		}
	}
	stripped := func(name string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/" {
				return false
			}
			w.Header().Set("Content-Type", "text/html")
			for k, v := range map[string]string{
				"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Content-Type-Options": "nosniff",
				"Referrer-Policy": "strict-origin-when-cross-origin", "Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "camera=()",
			} {
				if k != name {
					w.Header().Set(k, v)
				}
			}
			return true
		}
	}
	for _, tt := range []struct {
		name  string
		spoil func(http.ResponseWriter, *http.Request) bool
		step  string
		says  string
	}{
		{"a page fails", status("/privacy", 500), "pages", "GET /privacy answered 500, want 200"},
		{"a page is none", status("/collector.js", 200), "pages", "text/javascript"},
		{"health fails", status("/api/health", 502), "health", "502"},
		{"a page may be framed", stripped("Content-Security-Policy"), "security headers", "Content-Security-Policy"},
		{"a page may be sniffed", stripped("X-Content-Type-Options"), "security headers", "nosniff"},
		{"the dashboard is open", status("/admin/dashboard", 200), "dashboard", "a stranger is not led"},
		{"the figures fail", status("/api/admin/metrics", 500), "dashboard", "500"},
		{"no session opens", status("/api/sessions", 500), "canary begins", "500"},
		{"an answer fails", status("/api/conversation", 500), "canary interview", "step 1, ask_question"},
		{"events are lost", status("/api/metrics/batch", 503), "metrics", "503"},
		{"another program answers", status("/api/conversation", 200), "canary interview", "is a proxy in front"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.spoil = tt.spoil
			r := smoke.Run(t.Context(), smoke.Config{URL: h.url, Token: token, Now: moment})
			_, failed := names(r)
			if len(failed) != 1 || failed[0] != tt.step {
				t.Fatalf("failed steps %v, want %q only:\n%v", failed, tt.step, r.Err())
			}
			if !strings.Contains(r.Err().Error(), tt.says) {
				t.Errorf("error %q, want %q in it", r.Err(), tt.says)
			}
			h.untouched(t)
		})
	}
}

// TestWhatOnlyLooksWell: answers of the right status whose content is wrong.
func TestWhatOnlyLooksWell(t *testing.T) {
	t.Parallel()
	says := func(method, prefix, answer string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != method || !strings.HasPrefix(r.URL.Path, prefix) {
				return false
			}
			_, _ = io.WriteString(w, answer)
			return true
		}
	}
	owner := func(next func(http.ResponseWriter, *http.Request) bool, is bool) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			return (r.Header.Get("Authorization") != "") == is && next(w, r)
		}
	}
	for name, tt := range map[string]struct {
		spoil func(http.ResponseWriter, *http.Request) bool
		step  string
		says  string
	}{
		"a stranger is led astray": {func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/admin/dashboard" {
				return false
			}
			http.Redirect(w, r, "/somewhere", http.StatusSeeOther)
			return true
		}, "dashboard", `led to "/somewhere"`},
		"the figures are open to strangers": {owner(says("GET", "/api/admin/metrics", `{"funnelMetrics":[{"stage":"landing"}]}`), false), "dashboard", "answered 200, want 401"},
		"the figures are empty":             {owner(says("GET", "/api/admin/metrics", "{}"), true), "dashboard", "no funnel"},
		"events are not taken":              {says("POST", "/api/metrics/batch", `{"accepted":0}`), "metrics", "accepted 0 events of one"},
		"a page may run anything": {func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/" {
				return false
			}
			for k, v := range map[string]string{
				"Content-Type": "text/html", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; script-src 'unsafe-inline'", "X-Content-Type-Options": "nosniff",
				"Referrer-Policy": "strict-origin-when-cross-origin", "Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "camera=()",
			} {
				w.Header().Set(k, v)
			}
			return true
		}, "security headers", "unsafe"},
		"an action of tomorrow":       {says("POST", "/api/conversation", `{"actionId":"x","action":"dance"}`), "canary interview", `action "dance" is unknown`},
		"an interview without end":    {says("POST", "/api/conversation", `{"actionId":"x","action":"ask_question","content":{"question":{"id":"goal","type":"textarea"}},"progress":{"percent":7}}`), "canary interview", "does not end: 80 steps, 7 %"},
		"an interview that stays":     {says("GET", "/api/sessions/", `{"status":"in_progress"}`), "canary interview", `its status is "in_progress"`},
		"a document that says little": {says("GET", "/api/documents/scope/", "# Scope"), "canary interview", "SCOPE.md has 2 words"},
		"a canary that nobody knew":   {says("DELETE", "/api/admin/canaries/", `{"removed":0}`), "canary removed", "did not know the interview as a canary"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.spoil = tt.spoil
			r := smoke.Run(t.Context(), smoke.Config{URL: h.url, Token: token, Now: moment})
			if _, failed := names(r); len(failed) != 1 || failed[0] != tt.step || !strings.Contains(r.Err().Error(), tt.says) {
				t.Errorf("failed steps %v, want %q only with %q:\n%v", failed, tt.step, tt.says, r.Err())
			}
		})
	}
}

// TestAnAnswerThatIsRefused is given once more, as a client would.
func TestAnAnswerThatIsRefused(t *testing.T) {
	t.Parallel()
	for code, well := range map[int]bool{http.StatusUnprocessableEntity: true, http.StatusBadRequest: true, http.StatusInternalServerError: false} {
		h := newHouse(t)
		refused := 0
		h.spoil = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/api/conversation" || refused > 0 {
				return false
			}
			refused++
			w.WriteHeader(code)
			return true
		}
		r := smoke.Run(t.Context(), smoke.Config{URL: h.url, Token: token, Now: moment})
		if (r.Err() == nil) != well {
			t.Errorf("the first answer got %d: %v, want it to be well: %v", code, r.Err(), well)
		}
	}
}

// TestWithTLS wants browsers to be told to stay with it.
func TestWithTLS(t *testing.T) {
	t.Parallel()
	for header, wrong := range map[string]bool{"": true, "max-age=31536000": false} {
		s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Strict-Transport-Security", header)
		}))
		r := smoke.Run(t.Context(), smoke.Config{URL: s.URL, Client: s.Client(), Now: moment})
		s.Close()
		if got := strings.Contains(fmt.Sprint(r.Err()), "Strict-Transport-Security"); got != wrong {
			t.Errorf("with the header %q it is named: %v, want %v", header, got, wrong)
		}
	}
}

func TestNobodyIsThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.spoil = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true }
	r := smoke.Run(t.Context(), smoke.Config{URL: h.url, Token: token})
	if all, failed := names(r); len(all) != 1 || len(failed) != 1 {
		t.Errorf("steps %v, failed %v; want readiness alone", all, failed)
	}
	if r := smoke.Run(t.Context(), smoke.Config{URL: "::", Token: token}); r.Err() == nil || !strings.Contains(r.Err().Error(), "give one such as") {
		t.Errorf("a bad address: %v, want advice", r.Err())
	}
}

// Without a token, nothing is begun that would count.
func TestWithoutAToken(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := smoke.Run(t.Context(), smoke.Config{URL: h.url, Now: moment})
	if _, failed := names(r); len(failed) != 2 || !strings.Contains(r.Err().Error(), "introspect token create") {
		t.Errorf("failed %v: %v; want the two steps of the owner, with advice", failed, r.Err())
	}
	for _, a := range h.asked {
		if strings.HasPrefix(a, "POST") {
			t.Errorf("%s was asked without a token", a)
		}
	}
}

func TestAWrongToken(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := smoke.Run(t.Context(), smoke.Config{URL: h.url, Token: "wrong", Now: moment})
	if all, failed := names(r); len(all) != 1 || len(failed) != 1 || !strings.Contains(r.Err().Error(), "401") {
		t.Errorf("steps %v, failed %v: %v; want a refusal at once", all, failed, r.Err())
	}
	h.untouched(t)
}

func TestTheWrongRelease(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := smoke.Run(t.Context(), smoke.Config{URL: h.url, Token: token, Commit: "def", Now: moment})
	if _, failed := names(r); len(failed) != 1 || failed[0] != "health" || !strings.Contains(r.Err().Error(), `commit "abc" answers, want "def"`) {
		t.Errorf("failed %v: %v; want the old commit to be named", failed, r.Err())
	}
}

func TestADegradedHouse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ accepted, database, want bool }{{false, true, false}, {true, true, true}, {true, false, false}} {
		h := newHouse(t)
		h.spoil = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/api/health" {
				return false
			}
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = fmt.Fprintf(w, `{"status":"degraded","version":"3.2.0","checks":{"database":%t}}`, tt.database)
			return true
		}
		r := smoke.Run(t.Context(), smoke.Config{URL: h.url, Token: token, Degraded: tt.accepted, Now: moment})
		if (r.Err() == nil) != tt.want {
			t.Errorf("%+v: %v", tt, r.Err())
		}
	}
}

// The canary goes even when the operator interrupts the try.
func TestAnInterruptedTry(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, cancel := context.WithCancel(t.Context())
	turns := 0
	h.spoil = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/api/conversation" {
			if turns++; turns == 3 {
				cancel()
			}
		}
		return false
	}
	r := smoke.Run(ctx, smoke.Config{URL: h.url, Token: token, Now: moment})
	last := r.Steps[len(r.Steps)-1]
	if !errors.Is(r.Err(), context.Canceled) || last.Name != "canary removed" || last.Err != nil {
		t.Errorf("steps %+v; want the interruption, and the canary removed", r.Steps)
	}
	h.untouched(t)
}

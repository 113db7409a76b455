package web_test

import (
	"compress/gzip"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/web"
)

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	v := newSite(t).visitor(t)
	for _, path := range []string{"/", "/nothing", "/api/nothing", "/api/health", "/livez", "/robots.txt", "/static/nothing.css"} {
		h := v.send(http.MethodGet, path, "", http.NoBody).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin", "Strict-Transport-Security": "",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s %s = %q, want %q", path, name, got, want)
			}
		}
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(csp, want) || strings.Contains(csp, "unsafe") {
				t.Errorf("%s policy = %q, want %s", path, csp, want)
			}
		}
		if h.Get("X-Request-Id") == "" {
			t.Errorf("%s has no request id", path)
		}
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*web.Config)
		prep   func(*http.Request)
		secure bool
	}{
		{"plain", func(*web.Config) {}, func(*http.Request) {}, false},
		{"our own TLS", func(*web.Config) {}, func(r *http.Request) { r.TLS = &tls.ConnectionState{} }, true},
		{"a trusted proxy says https", func(c *web.Config) { c.TrustedProxy = true }, func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https") }, true},
		{"a stranger says https", func(*web.Config) {}, func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https") }, false},
		{"the public address is https", func(c *web.Config) { c.AppURL = "https://example.com" }, func(*http.Request) {}, true},
		{"a health check beside the public address", func(c *web.Config) { c.AppURL = "https://public.example" }, func(*http.Request) {}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, tt.change)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
			tt.prep(r)
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			cookie := w.Result().Cookies()[0]
			if cookie.Secure != tt.secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" {
				t.Errorf("cookie = %v, want Secure %v", cookie, tt.secure)
			}
			if got := w.Header().Get("Strict-Transport-Security") != ""; got != tt.secure {
				t.Errorf("HSTS is %v, want %v", got, tt.secure)
			}
		})
	}
}

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, token, action := s.visitor(t).open()
	batch := `{"events":[]}`
	for _, tt := range []struct {
		name, path, kind, body, token string
		want                          int
	}{
		{"a foreign form cannot begin", "/intake/begin", "application/x-www-form-urlencoded", "", "", 403},
		{"a foreign form cannot start over", "/intake/restart", "application/x-www-form-urlencoded", "", "", 403},
		{"a foreign form cannot answer", "/intake/conversation", "application/x-www-form-urlencoded", "go=answer", "", 403},
		{"a foreign page may begin by the API", "/api/sessions", "application/json", client, "", 201},
		{"a foreign page may answer by its token", "/api/conversation", "application/json", turn(action, `{"text":"A salon."}`), token, 200},
		{"a foreign page may send events", "/api/metrics/batch", "text/plain", batch, "", 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := s.visitor(t)
			v.header.Set("Origin", "https://evil.example")
			v.header.Set("Sec-Fetch-Site", "cross-site")
			if tt.token != "" {
				v.header.Set("Authorization", "Bearer "+tt.token)
			}
			a := v.send(http.MethodPost, tt.path, tt.kind, strings.NewReader(tt.body))
			if a.Code != tt.want {
				t.Fatalf("POST %s = %d, want %d\n%s", tt.path, a.Code, tt.want, a.Body)
			}
			if got := a.Header().Get("Access-Control-Allow-Origin"); (got == "*") != strings.HasPrefix(tt.path, "/api/") {
				t.Errorf("Allow-Origin = %q", got)
			}
			if got := a.Header().Get("Access-Control-Allow-Credentials"); got != "" {
				t.Errorf("Allow-Credentials = %q, want none", got)
			}
		})
	}
	v := s.visitor(t)
	v.header.Set("Origin", "https://shop.example")
	v.header.Set("Access-Control-Request-Method", "POST")
	a := v.send(http.MethodOptions, "/api/metrics/batch", "", http.NoBody)
	if a.Code != http.StatusNoContent || !strings.Contains(a.Header().Get("Access-Control-Allow-Headers"), "Authorization") || !strings.Contains(a.Header().Get("Access-Control-Allow-Methods"), "POST") {
		t.Errorf("preflight = %d %v", a.Code, a.Header())
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		change  func(*web.Config)
		addr    string
		send    func(v *visitor) answer
		allowed int // in one minute; 0: more than 200
	}{
		{"conversation", nil, "203.0.113.7:1", func(v *visitor) answer { return v.post("/intake/conversation", url.Values{}) }, 20},
		{"the API", nil, "203.0.113.7:1", func(v *visitor) answer { return v.bearer("x.y", "/api/sessions/x") }, 20},
		{"documents", nil, "203.0.113.7:1", func(v *visitor) answer { return v.bearer("x.y", "/api/documents/scope/x") }, 20},
		{"event batches", nil, "203.0.113.7:1", func(v *visitor) answer {
			return v.send(http.MethodPost, "/api/metrics/batch", "application/json", strings.NewReader(`{"events":[]}`))
		}, 60},
		{"prices", nil, "203.0.113.7:1", func(v *visitor) answer { return v.post("/intake/price", nil) }, 60},
		{"pages", nil, "203.0.113.7:1", func(v *visitor) answer { return v.get("/privacy") }, 0},
		{"health", nil, "203.0.113.7:1", func(v *visitor) answer { return v.get("/livez") }, 0},
		{"loopback in development", nil, "127.0.0.1:1", func(v *visitor) answer { return v.bearer("x.y", "/api/sessions/x") }, 0},
		{"loopback in production", func(c *web.Config) { c.Production = true }, "[::1]:1", func(v *visitor) answer { return v.bearer("x.y", "/api/sessions/x") }, 20},
		{"a configured limit", func(c *web.Config) { c.Limits.PerMinute = 5 }, "203.0.113.7:1", func(v *visitor) answer { return v.bearer("x.y", "/api/sessions/x") }, 5},
		{"the bypass", func(c *web.Config) { c.Limits.Bypass = "let me" }, "203.0.113.7:1", func(v *visitor) answer {
			v.header.Set("X-Introspect-Bypass", "let me")
			return v.bearer("x.y", "/api/sessions/x")
		}, 0},
		{"a wrong bypass", func(c *web.Config) { c.Limits.Bypass = "let me" }, "203.0.113.7:1", func(v *visitor) answer {
			v.header.Set("X-Introspect-Bypass", "let us")
			return v.bearer("x.y", "/api/sessions/x")
		}, 20},
		{"behind our proxy, by the last hop", func(c *web.Config) { c.TrustedProxy = true }, "10.0.0.1:1", func(v *visitor) answer {
			v.header.Set("X-Forwarded-For", fmt.Sprintf("198.51.100.%d, 203.0.113.9", len(v.header)))
			return v.bearer("x.y", "/api/sessions/x")
		}, 20},
		{"a stranger's forwarded header", nil, "203.0.113.7:1", func(v *visitor) answer {
			v.header.Set("X-Forwarded-For", v.site.clock().String())
			return v.bearer("x.y", "/api/sessions/x")
		}, 20},
		{"one network of IPv6", nil, "[2001:db8:1:2::1]:1", func(v *visitor) answer {
			v.addr = fmt.Sprintf("[2001:db8:1:2::%x]:1", time.Now().UnixNano()&0xffff)
			return v.bearer("x.y", "/api/sessions/x")
		}, 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			change := tt.change
			if change == nil {
				change = func(*web.Config) {}
			}
			v := newSite(t, change).visitor(t)
			v.addr = tt.addr
			for n := 1; n <= 201; n++ {
				a := tt.send(v)
				limited := a.Code == http.StatusTooManyRequests
				if limited && a.Header().Get("Retry-After") == "" {
					t.Fatal("429 without Retry-After")
				}
				switch {
				case limited && tt.allowed == 0, limited && n <= tt.allowed, !limited && tt.allowed > 0 && n > tt.allowed:
					t.Fatalf("request %d = %d, want %d allowed", n, a.Code, tt.allowed)
				case limited:
					return
				}
			}
		})
	}
}

// TestLimitOverTime slides the window and doubles the back-off.
func TestLimitOverTime(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *web.Config) { c.Limits.PerHour = 1000 })
	v := s.visitor(t)
	v.addr = "203.0.113.7:1"
	burst := func() (allowed int, retry string) {
		for {
			a := v.bearer("x.y", "/api/sessions/x")
			if a.Code == http.StatusTooManyRequests {
				return allowed, a.Header().Get("Retry-After")
			}
			allowed++
		}
	}
	for i, want := range []struct {
		allowed int
		retry   string
	}{{20, "63"}, {20, "120"}, {20, "240"}, {20, "480"}} {
		allowed, retry := burst()
		if allowed != want.allowed || retry != want.retry {
			t.Errorf("burst %d: %d allowed, then Retry-After %s, want %d and %s", i+1, allowed, retry, want.allowed, want.retry)
		}
		var seconds int
		if _, err := fmt.Sscan(retry, &seconds); err != nil {
			t.Fatal(err)
		}
		s.wait(time.Duration(seconds)*time.Second - time.Second)
		if a := v.bearer("x.y", "/api/sessions/x"); a.Code != http.StatusTooManyRequests || a.Header().Get("Retry-After") != "1" {
			t.Errorf("a second too early = %d, Retry-After %s", a.Code, a.Header().Get("Retry-After"))
		}
		s.wait(time.Minute + time.Second)
	}
	s.wait(time.Hour + 10*time.Minute)
	if allowed, retry := burst(); allowed != 20 || retry != "63" {
		t.Errorf("after a clean hour: %d allowed, Retry-After %s, want 20 and 63", allowed, retry)
	}
}

func TestHourlyLimit(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	v.addr = "203.0.113.7:1"
	for n := 1; n <= 100; n++ {
		if a := v.bearer("x.y", "/api/sessions/x"); a.Code == http.StatusTooManyRequests {
			t.Fatalf("request %d of an hour is refused", n)
		}
		s.wait(10 * time.Second)
	}
	if a := v.bearer("x.y", "/api/sessions/x"); a.Code != http.StatusTooManyRequests {
		t.Errorf("request 101 of an hour = %d, want 429", a.Code)
	}
}

func TestMetricsBatch(t *testing.T) {
	t.Parallel()
	good := fmt.Sprintf(`{"events":[{"name":"landing_view","sessionId":"01936000-0000-7000-8000-000000000031","timestamp":%q,"properties":{}}]}`, opening.Format(time.RFC3339))
	closed := func(c *web.Config) {
		c.Collect = web.Collect{Origins: []string{"https://shop.example"}, Keys: []string{"write-key"}}
	}
	for _, tt := range []struct {
		name   string
		change func(*web.Config)
		header map[string]string
		kind   string
		body   string
		want   int
	}{
		{"an open installation", nil, nil, "application/json", good, 200},
		{"a closing page", nil, nil, "text/plain;charset=UTF-8", good, 200},
		{"an empty batch", nil, nil, "application/json", `{"events":[]}`, 200},
		{"broken JSON", nil, nil, "application/json", `{"events":`, 400},
		{"no list", nil, nil, "application/json", `{"events":7}`, 400},
		{"a form", nil, nil, "application/x-www-form-urlencoded", "a=b", 415},
		{"more than 1 MB", nil, nil, "application/json", good + strings.Repeat(" ", 1<<20), 413},
		{"a stranger", closed, nil, "application/json", good, 401},
		{"a known origin without its write key", closed, map[string]string{"Origin": "https://shop.example"}, "application/json", good, 401},
		{"a known origin with its write key", closed, map[string]string{"Origin": "https://shop.example", "Authorization": "Bearer write-key"}, "application/json", good, 200},
		{"a wrong origin", closed, map[string]string{"Origin": "https://evil.example"}, "application/json", good, 403},
		{"a wrong origin with a write key", closed, map[string]string{"Origin": "https://evil.example", "Authorization": "Bearer write-key"}, "application/json", good, 403},
		{"our own page", closed, map[string]string{"Origin": "http://example.com"}, "text/plain", good, 200},
		{"a write key", closed, map[string]string{"Authorization": "Bearer write-key"}, "application/json", good, 200},
		{"a wrong write key", closed, map[string]string{"Authorization": "Bearer other"}, "application/json", good, 401},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			change := tt.change
			if change == nil {
				change = func(*web.Config) {}
			}
			v := newSite(t, change).visitor(t)
			for k, value := range tt.header {
				v.header.Set(k, value)
			}
			a := v.send(http.MethodPost, "/api/metrics/batch", tt.kind, strings.NewReader(tt.body))
			if a.Code != tt.want {
				t.Fatalf("POST = %d, want %d\n%s", a.Code, tt.want, a.Body)
			}
			if tt.want == 200 && !strings.Contains(a.Body.String(), `"results":[`) {
				t.Errorf("answer has no results: %s", a.Body)
			}
		})
	}
}

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	v := newSite(t).visitor(t)
	names := regexp.MustCompile(`/static/[a-z]+\.[0-9a-f]{10}\.(?:css|js|svg)`).FindAllString(v.get("/").Body.String(), -1)
	if len(names) != 4 {
		t.Fatalf("landing uses %v, want icon, two styles and one script", names)
	}
	script := 0
	for _, name := range names {
		a := v.get(name)
		if a.Code != 200 || a.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("GET %s = %d %q", name, a.Code, a.Header().Get("Cache-Control"))
		}
		v.header.Set("Accept-Encoding", "gzip")
		zipped := v.get(name)
		v.header.Del("Accept-Encoding")
		if zipped.Header().Get("Content-Encoding") == "gzip" {
			r, err := gzip.NewReader(zipped.Body)
			if err != nil {
				t.Fatal(err)
			}
			if plain, err := io.ReadAll(r); err != nil || string(plain) != a.Body.String() {
				t.Errorf("%s differs when zipped: %v", name, err)
			}
		}
		if strings.HasSuffix(name, ".js") {
			script += a.Body.Len()
		}
	}
	if script > 15<<10 {
		t.Errorf("scripts have %d bytes, want at most 15 KB", script)
	}
	for _, path := range []string{"/static/app.css", "/static/app.0000000000.css", "/static/", "/static/..%2fweb.go"} {
		if a := v.get(path); a.Code != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", path, a.Code)
		}
	}
	if a := v.send(http.MethodHead, names[1], "", http.NoBody); a.Code != 200 || a.Body.Len() != 0 || a.Header().Get("Content-Length") == "0" {
		t.Errorf("HEAD %s = %d with %d bytes", names[1], a.Code, a.Body.Len())
	}
	if a := v.get("/robots.txt"); !strings.Contains(a.Body.String(), "Disallow: /intake") {
		t.Errorf("robots.txt = %s", a.Body)
	}
}

func TestWrongMethodOnPage(t *testing.T) {
	t.Parallel()
	a := newSite(t).visitor(t).send(http.MethodDelete, "/intake", "", http.NoBody)
	checkHTML(t, a)
	if a.Code != http.StatusMethodNotAllowed || a.Header().Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("DELETE /intake = %d, Allow %q", a.Code, a.Header().Get("Allow"))
	}
}

func TestProbes(t *testing.T) {
	t.Parallel()
	var checker *health.Checker
	s := newSite(t, func(c *web.Config) { checker = c.Health })
	v := s.visitor(t)
	if a := v.get("/livez"); a.Code != 200 {
		t.Errorf("livez = %d, want 200", a.Code)
	}
	if a := v.get("/readyz"); a.Code != 200 {
		t.Errorf("readyz = %d, want 200: %s", a.Code, a.Body)
	}
	var report map[string]any
	a := v.get("/api/health")
	if err := json.Unmarshal(a.Body.Bytes(), &report); err != nil || report["checks"] == nil {
		t.Errorf("health = %d %s %v", a.Code, a.Body, err)
	}
	checker.Drain()
	if a := v.get("/readyz"); a.Code != http.StatusServiceUnavailable {
		t.Errorf("readyz while draining = %d, want 503", a.Code)
	}
}

func TestClosedStore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	id, token, action := v.open()
	page := s.visitor(t).with(token)
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	if a := v.get("/"); a.Code != 200 {
		t.Errorf("landing without a database = %d, want 200: an event is lost, not a client", a.Code)
	}
	a, p := v.call(http.MethodPost, "/api/conversation", token, turn(action, `{"text":"A salon."}`))
	if a.Code != 503 && a.Code != 500 || strings.Contains(fmt.Sprint(p), "sql") {
		t.Errorf("answer without a database = %d %v", a.Code, p)
	}
	shown := page.get("/intake/conversation")
	checkHTML(t, shown)
	if shown.Code < 500 || strings.Contains(shown.Body.String(), id) {
		t.Errorf("page without a database = %d:\n%s", shown.Code, shown.Body)
	}
}

func TestLogHasNoPersonalData(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	a := begun(v)
	form := eagerly(a.form(t, "/intake/conversation"))
	v.post("/intake/conversation", form)
	v.get("/?utm_source=secretcampaign&email=ada@example.com")
	_, token, _ := v.open()
	for _, private := range []string{"Ada", "ada@example.com", "Bella", "secretcampaign", "203.0.113", token, v.cookies["introspect_session"].Value} {
		if strings.Contains(s.log.String(), private) {
			t.Errorf("log holds %q:\n%s", private, s.log)
		}
	}
	for _, want := range []string{`pattern="POST /intake/conversation"`, "status=303", "request_id="} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("log lacks %q:\n%s", want, s.log)
		}
	}
}

func TestRequestsAreMeasured(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	if len(s.requests.Delta(opening)) != 0 {
		t.Fatal("something was measured before the first request")
	}
	v.get("/livez")
	v.get("/robots.txt")
	v.get("/nothing")
	if len(s.requests.Delta(opening)) != 0 {
		t.Error("probes, files or unknown paths are measured")
	}
	v.get("/privacy")
	if len(s.requests.Delta(opening)) == 0 {
		t.Error("a page is not measured")
	}
}

// Faults of our own are told with their route and error, and requests of the
// public with their network; the agency's pages and probes are not.
func TestFaultsAndCallersAreTold(t *testing.T) {
	t.Parallel()
	var failed []web.Failure
	var called []string
	s := newSite(t, func(c *web.Config) {
		c.Failed = func(f web.Failure) { failed = append(failed, f) }
		c.Called = func(network string) { called = append(called, network) }
		c.Ingest = failingIngest(errors.New("the disk is on fire"))
	})
	v := s.visitor(t)
	for _, path := range []string{"/livez", "/robots.txt", "/admin/login", "/api/admin/metrics"} {
		v.get(path)
	}
	if len(called) != 0 || len(failed) != 0 {
		t.Errorf("told of %v and %v, want nothing yet", called, failed)
	}
	v.get("/privacy")
	v.send(http.MethodPost, "/api/metrics/batch", "application/json", strings.NewReader(`{"events":[{"name":"cta_click","properties":{},"timestamp":"2026-11-23T12:00:00Z","sessionId":"visit-1"}]}`))
	if len(called) != 2 || called[0] != called[1] || called[0] == "" {
		t.Errorf("called = %v, want one network twice", called)
	}
	if len(failed) != 1 || failed[0].Route != "POST /api/metrics/batch" || failed[0].Kind != "internal" || !strings.Contains(failed[0].Text, "on fire") || failed[0].Network == "" || failed[0].Network == called[0] {
		t.Errorf("failed = %+v, want the fault with its route, its error and a hash of the network", failed)
	}
}

func TestNewRefusesBadConfig(t *testing.T) {
	t.Parallel()
	if _, err := web.New(web.Config{}); err == nil || !strings.Contains(err.Error(), "web needs agency name") || !strings.Contains(err.Error(), "web needs keys") {
		t.Errorf("New(empty) = %v, want all that is missing", err)
	}
	for name, change := range map[string]func(*web.Config){
		"a colour by name":     func(c *web.Config) { c.Agency.Colour = "teal" },
		"an injected colour":   func(c *web.Config) { c.Agency.Colour = "#fff}*{x:y" },
		"a logo that is text":  func(c *web.Config) { c.Agency.Logo = []byte("hello") },
		"an address with path": func(c *web.Config) { c.AppURL = "https://example.com/intake" },
		"an address without":   func(c *web.Config) { c.AppURL = "example.com" },
	} {
		if err := tryNew(t, change); err == nil {
			t.Errorf("New takes %s", name)
		}
	}
}

func tryNew(t *testing.T, change func(*web.Config)) (err error) {
	t.Helper()
	newSite(t, func(c *web.Config) {
		changed := *c
		change(&changed)
		_, err = web.New(changed)
	})
	return err
}

func TestAgencyLooks(t *testing.T) {
	t.Parallel()
	for colour, want := range map[string]string{
		"":        ":root{}",
		"#1f6a96": "--brand:#1f6a96;--brand-ink:#ffffff",
		"#ffe600": "--brand-ink:#ffffff", // too light for text: darkened until it can be read
		"#0a0a0a": "prefers-color-scheme:dark){:root{--brand:#",
	} {
		s := newSite(t, func(c *web.Config) {
			c.Agency.Colour, c.Agency.Logo = colour, []byte(`<svg xmlns="http://www.w3.org/2000/svg"></svg>`)
		})
		v := s.visitor(t)
		page := v.get("/").Body.String()
		theme := regexp.MustCompile(`/static/theme\.[0-9a-f]{10}\.css`).FindString(page)
		if got := v.get(theme).Body.String(); !strings.Contains(got, want) {
			t.Errorf("theme of %q = %s, want %s", colour, got, want)
		}
		logo := regexp.MustCompile(`src="(/static/logo\.[0-9a-f]{10}\.svg)" alt="Applicreations"`).FindStringSubmatch(page)
		if logo == nil || v.get(logo[1]).Header().Get("Content-Type") != "image/svg+xml" {
			t.Errorf("the logo is not shown: %v", logo)
		}
	}
}

// TestErrorsKeepTheirStatus lets the recorder behind the collector fail.
func TestErrorsKeepTheirStatus(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]int{store.ErrBusy: 503, store.ErrConflict: 409, store.ErrNotFound: 404} {
		s := newSite(t, func(c *web.Config) { c.Ingest = failingIngest(err) })
		a, p := s.visitor(t).call(http.MethodPost, "/api/metrics/batch", "", fmt.Sprintf(`{"events":[{"name":"cta_click","sessionId":"s","timestamp":%q}]}`, opening.Format(time.RFC3339)))
		if a.Code != want || p["status"] != float64(want) {
			t.Errorf("%v = %d %v, want %d", err, a.Code, p, want)
		}
		if (want == 503) != (a.Header().Get("Retry-After") != "") {
			t.Errorf("%v has Retry-After %q", err, a.Header().Get("Retry-After"))
		}
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/channeltest"
	"applicreations.com/introspect/internal/forward"
	"applicreations.com/introspect/internal/signature"
)

const monitoringSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

// assembled builds the program with an environment, without a listener.
func assembled(t *testing.T, vars map[string]string) (*app, error) {
	t.Helper()
	all := map[string]string{"DATA_DIR": t.TempDir(), "WEBHOOKS_PRIVATE": "1"}
	maps.Copy(all, vars)
	env := environment{getenv(all), io.Discard, io.Discard, nil}
	cfg, _, err := load(env, "serve", nil)
	if err != nil {
		return nil, err
	}
	a, err := assemble(t.Context(), cfg, logger(cfg, env))
	if err == nil {
		t.Cleanup(a.close)
	}
	return a, err
}

func TestChannelsAreOffWithoutTheirSettings(t *testing.T) {
	t.Parallel()
	a, err := assembled(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := a.channels()
	if len(got) != 0 || a.sentry != nil || a.traces != nil || a.report() != nil || a.trace() != nil || len(a.forward.Status()) != 0 {
		t.Errorf("channels = %v; something is on that nobody set", got)
	}
}

func TestChannelsOfEverySetting(t *testing.T) {
	t.Parallel()
	a, err := assembled(t, map[string]string{
		"SLACK_WEBHOOK_URL": "https://hooks.slack.com/x", "DISCORD_WEBHOOK_URL": "https://discord.com/api/webhooks/x", "TEAMS_WEBHOOK_URL": "https://x.logic.azure.com/y",
		"PAGERDUTY_ROUTING_KEY": strings.Repeat("k", 32), "MONITORING_WEBHOOK_URL": "https://x.example/hook", "RESEND_API_KEY": "re_x",
		"NEXT_PUBLIC_SENTRY_DSN": "http://public@127.0.0.1:1/7", "INTROSPECT_ENV": "production", "ENCRYPTION_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
		"NEXT_PUBLIC_POSTHOG_KEY": "phc_x", "GA_ID": "G-1", "GA_API_SECRET": "s", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []alert.Channel{"discord", "email", "log", "pagerduty", "sentry", "slack", "teams", "webhook"}
	if diff := cmp.Diff(want, a.watch.Channels()); diff != "" {
		t.Errorf("channels (-want +got):\n%s", diff)
	}
	if n := len(a.forward.Status()); n != 3 || a.report() == nil || a.trace() == nil {
		t.Errorf("%d vendors of events, want 3, and reports and traces on", n)
	}
}

func TestOutsideSettingsThatCannotWork(t *testing.T) {
	t.Parallel()
	for setting, vars := range map[string]map[string]string{
		"SLACK_WEBHOOK_URL":           {"SLACK_WEBHOOK_URL": "hooks.slack.com/secret-7c1f"},
		"MONITORING_WEBHOOK_FORMAT":   {"MONITORING_WEBHOOK_FORMAT": "xml"},
		"MONITORING_WEBHOOK_SECRET":   {"MONITORING_WEBHOOK_URL": "https://x.example", "MONITORING_WEBHOOK_FORMAT": "signed"},
		"whsec_":                      {"MONITORING_WEBHOOK_SECRET": "secret-7c1f"},
		"GA_API_SECRET":               {"NEXT_PUBLIC_GA_ID": "G-1"},
		"ANALYTICS_CONSENT":           {"ANALYTICS_CONSENT": "maybe"},
		"OTEL_TRACES_SAMPLER_ARG":     {"OTEL_TRACES_SAMPLER_ARG": "2"},
		"OTEL_EXPORTER_OTLP_ENDPOINT": {"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"},
		"SENTRY_DSN":                  {"SENTRY_DSN": "https://secret-7c1f@/x", "INTROSPECT_ENV": "production", "ENCRYPTION_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="},
	} {
		_, err := assembled(t, vars)
		if err == nil || !strings.Contains(err.Error(), setting) || strings.Contains(err.Error(), "secret-7c1f") {
			t.Errorf("%v: %v, want an error that names %s and no secret", vars, err, setting)
		}
	}
}

// received is one request to the receiver of a test.
type received struct {
	header http.Header
	body   []byte
}

func receiver(t *testing.T) (string, chan received) {
	t.Helper()
	got := make(chan received, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- received{r.Header.Clone(), body}
		_, _ = io.WriteString(w, "thanks")
	}))
	t.Cleanup(s.Close)
	return s.URL, got
}

// The seed's receivers get the seed's body (S64), and nothing is signed.
func TestMonitoringWebhookOfTheSeed(t *testing.T) {
	t.Parallel()
	address, got := receiver(t)
	a, err := assembled(t, map[string]string{"MONITORING_WEBHOOK_URL": address})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := a.channels()["webhook"](t.Context(), channeltest.Parcel(alert.KindFiring))
	if err != nil || answer != "thanks" {
		t.Fatalf("Send = %q, %v", answer, err)
	}
	r := <-got
	var body struct {
		Type, Message, Timestamp string
		Context                  map[string]any
	}
	if err := json.Unmarshal(r.body, &body); err != nil || body.Type != "alert" || body.Message == "" || body.Context["rule"] != "error_rate" {
		t.Errorf("body = %s, want type, message, context and timestamp", r.body)
	}
	if _, err := time.Parse(time.RFC3339, body.Timestamp); err != nil || r.header.Get("Webhook-Signature") != "" {
		t.Errorf("timestamp %q, signature %q", body.Timestamp, r.header.Get("Webhook-Signature"))
	}
}

func TestMonitoringWebhookSigned(t *testing.T) {
	t.Parallel()
	address, got := receiver(t)
	a, err := assembled(t, map[string]string{"MONITORING_WEBHOOK_URL": address, "MONITORING_WEBHOOK_SECRET": monitoringSecret})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := a.channels()["webhook"](t.Context(), channeltest.Parcel(alert.KindFiring)); err != nil {
			t.Fatal(err)
		}
	}
	first, second := <-got, <-got
	if !bytes.Contains(first.body, []byte(`"type":"alert.firing"`)) || first.header.Get("Webhook-Id") == "" || first.header.Get("Webhook-Id") != second.header.Get("Webhook-Id") {
		t.Errorf("ids %q and %q, body %s", first.header.Get("Webhook-Id"), second.header.Get("Webhook-Id"), first.body)
	}
	key, err := signature.Parse(monitoringSecret)
	if err != nil {
		t.Fatal(err)
	}
	var at int64
	if err := json.Unmarshal([]byte(first.header.Get("Webhook-Timestamp")), &at); err != nil {
		t.Fatal(err)
	}
	if want := key.Sign(first.header.Get("Webhook-Id"), time.Unix(at, 0), first.body); first.header.Get("Webhook-Signature") != want {
		t.Errorf("signature = %q, want %q", first.header.Get("Webhook-Signature"), want)
	}
}

// A page that panics or fails is reported with the id that the client sees, and
// in production only (S43).
func TestFaultsAreReported(t *testing.T) {
	t.Parallel()
	envelopes := make(chan string, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		envelopes <- string(body)
		_, _ = io.WriteString(w, `{}`)
	}))
	defer s.Close()
	a, err := assembled(t, map[string]string{
		"SENTRY_DSN": strings.Replace(s.URL, "http://", "http://public@", 1) + "/7", "INTROSPECT_ENV": "production", "ENCRYPTION_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "INGEST": "open",
	})
	if err != nil {
		t.Fatal(err)
	}
	// A closed store fails every request that needs it.
	if err := a.store.Close(); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	batch := `{"events":[{"name":"cta_click","sessionId":"11111111-1111-4111-8111-111111111111","properties":{}}]}`
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/metrics/batch?email=ana@bellanails.example", strings.NewReader(batch))
	r.Header.Set("Content-Type", "application/json")
	a.handler.ServeHTTP(w, r)
	if w.Code < 500 {
		t.Fatalf("a batch for a closed store = %d: %s", w.Code, w.Body)
	}
	got := <-envelopes
	if !strings.Contains(got, w.Header().Get("X-Request-Id")) || !strings.Contains(got, "POST /api/metrics/batch") || strings.Contains(got, "ana@") {
		t.Errorf("report = %s, want the id %s, the pattern, and nothing of the query", got, w.Header().Get("X-Request-Id"))
	}
}

// posthogCounts is a PostHog that counts the events it takes, or is away.
type posthogCounts struct {
	events atomic.Int64
	away   atomic.Bool
}

func (p *posthogCounts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct{ Batch []any }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || p.away.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	p.events.Add(int64(len(body.Batch)))
	_, _ = io.WriteString(w, `{"status":1}`)
}

// stroller is a browser that keeps its cookies.
type stroller struct {
	a       *app
	cookies map[string]string
	header  http.Header
}

func (b *stroller) send(t *testing.T, method, path, body string) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	maps.Copy(r.Header, b.header)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.a.handler.ServeHTTP(w, r)
	if w.Code >= 400 {
		t.Fatalf("%s %s = %d: %s", method, path, w.Code, w.Body)
	}
	for _, c := range w.Result().Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return w.Body.String()
}

// With ANALYTICS_CONSENT=ask PostHog gets what visitors do who said yes, from then
// on, and nothing of the others. Taking it back holds also for what waits.
func TestEventsGoOnWhenAVisitorAgrees(t *testing.T) {
	t.Parallel()
	hog := &posthogCounts{}
	receiver := httptest.NewServer(hog)
	defer receiver.Close()
	a, err := assembled(t, map[string]string{"POSTHOG_KEY": "phc_x", "POSTHOG_HOST": receiver.URL, "ANALYTICS_CONSENT": "ask", "INGEST": "open"})
	if err != nil {
		t.Fatal(err)
	}
	a.forward.Once(t.Context())
	yes, no, silent := &stroller{a, map[string]string{}, nil}, &stroller{a, map[string]string{}, nil}, &stroller{a, map[string]string{}, nil}
	signal := &stroller{a, map[string]string{"introspect_choice": "yes"}, http.Header{"Sec-Gpc": {"1"}}}
	gone := func(want int64, why string) {
		t.Helper()
		a.forward.Once(t.Context())
		if got := hog.events.Load(); got != want {
			t.Fatalf("PostHog has %d events, want %d: %s (%+v)", got, want, why, a.forward.Status())
		}
	}
	for _, b := range []*stroller{yes, no, silent, signal} {
		b.send(t, http.MethodGet, "/", "")
	}
	if page := silent.send(t, http.MethodGet, "/", ""); !strings.Contains(page, "May PostHog count this visit?") {
		t.Error("nobody is asked")
	}
	gone(0, "nobody has agreed")
	yes.send(t, http.MethodPost, "/privacy/choice", "choice=yes")
	no.send(t, http.MethodPost, "/privacy/choice", "choice=no")
	for _, b := range []*stroller{yes, no, silent, signal} {
		b.send(t, http.MethodPost, "/intake/begin", "")
	}
	gone(1, "one of four agreed")
	collect := func(feature string) {
		t.Helper()
		batch := `{"events":[{"name":"feature_viewed","sessionId":"` + yes.cookies["introspect_visit"] + `","properties":{"featureId":"` + feature + `"}}]}`
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/metrics/batch", strings.NewReader(batch))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		if a.handler.ServeHTTP(w, r); w.Code != http.StatusOK {
			t.Fatalf("the batch was refused with %d: %s", w.Code, w.Body)
		}
	}
	collect("booking")
	gone(2, "the collector's events of the visit go, too")
	hog.away.Store(true)
	collect("shop")
	gone(2, "PostHog is away")
	yes.send(t, http.MethodPost, "/privacy/choice", "choice=no")
	hog.away.Store(false)
	collect("blog")
	again := forward.New(forward.Config{Store: a.store, Vendors: a.vendors(), Consent: a.mayLeave}) // without the pause after a failure
	again.Once(t.Context())
	if got := hog.events.Load(); got != 2 || again.Status()[0].Private != 2 {
		t.Errorf("PostHog has %d events after the yes was taken back, want 2; %+v", got, again.Status())
	}
}

// Events reach PostHog with the session as the distinct id (S59), and only when
// the agency says that visitors agreed.
func TestEventsGoOnWithConsent(t *testing.T) {
	t.Parallel()
	for consent, want := range map[string]int{"given": 1, "none": 0} {
		address, got := receiver(t)
		a, err := assembled(t, map[string]string{"NEXT_PUBLIC_POSTHOG_KEY": "phc_x", "NEXT_PUBLIC_POSTHOG_HOST": address, "ANALYTICS_CONSENT": consent})
		if err != nil {
			t.Fatal(err)
		}
		a.forward.Once(t.Context())
		privacy := httptest.NewRecorder()
		a.handler.ServeHTTP(privacy, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/privacy", http.NoBody))
		if said := strings.Contains(privacy.Body.String(), "also go to PostHog, from"); said != (want > 0) {
			t.Errorf("consent %s: the privacy page names PostHog: %t", consent, said)
		}
		batch := `{"events":[{"name":"cta_click","sessionId":"11111111-1111-4111-8111-111111111111","userId":"u-1","properties":{"email":"ana@bellanails.example"}}]}`
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/metrics/batch", strings.NewReader(batch))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		if a.handler.ServeHTTP(w, r); w.Code != http.StatusOK {
			t.Fatalf("the batch was refused with %d: %s", w.Code, w.Body)
		}
		a.forward.Once(t.Context())
		if len(got) != want {
			t.Fatalf("consent %s: %d requests to PostHog, want %d (%+v)", consent, len(got), want, a.forward.Status())
		}
		if want == 0 {
			continue
		}
		body := string((<-got).body)
		if !strings.Contains(body, `"distinct_id":"11111111-1111-4111-8111-111111111111"`) || !strings.Contains(body, `"event":"cta_click"`) || strings.Contains(body, "ana@") || strings.Contains(body, "u-1") {
			t.Errorf("PostHog got %s", body)
		}
	}
}

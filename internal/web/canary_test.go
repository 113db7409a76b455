package web_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/ingest"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/web"
)

// TestACanaryThroughTheDoor: what a smoke test does is served in production
// with its limits and closed collector, and counts nowhere.
func TestACanaryThroughTheDoor(t *testing.T) {
	t.Parallel()
	var seen []string
	s := newSite(t, func(c *web.Config) {
		c.Production, c.Collect = true, web.Collect{}
		c.Seen = func(route string, _ int, _ time.Duration) { seen = append(seen, route) }
		c.Taken = func(ingest.Report) { seen = append(seen, "its event") }
	})
	v := s.visitor(t)
	v.addr = "203.0.113.7:1"
	v.header.Set("X-Introspect-Canary", bootstrapToken)
	for range 30 { // more than a client may in a minute
		if a := v.send(http.MethodPost, "/api/sessions", "application/json", strings.NewReader(client)); a.Code != http.StatusCreated {
			t.Fatalf("POST /api/sessions = %d\n%s", a.Code, a.Body)
		}
	}
	a := v.send(http.MethodPost, "/api/sessions", "application/json", strings.NewReader(client))
	var begun struct{ SessionID, Token string }
	if err := json.Unmarshal(a.Body.Bytes(), &begun); err != nil || begun.SessionID == "" {
		t.Fatalf("answer %s: %v", a.Body, err)
	}
	batch := `{"events":[{"id":"00000000-0000-4000-8000-000000000001","name":"foundation_field","sessionId":"` + begun.SessionID +
		`","timestamp":"2026-11-23T10:00:00.000Z","properties":{"field":"name","timeSpent":2}}]}`
	if a := v.send(http.MethodPost, "/api/metrics/batch", "application/json", strings.NewReader(batch)); a.Code != http.StatusOK || !strings.Contains(a.Body.String(), `"accepted":1`) {
		t.Errorf("POST /api/metrics/batch = %d %s, want one event accepted", a.Code, a.Body)
	}
	for _, path := range []string{"/", "/intake"} {
		if a := v.get(path); a.Code != http.StatusOK {
			t.Errorf("GET %s = %d, want the page", path, a.Code)
		}
	}
	today, err := s.store.Today(t.Context(), opening.Add(-time.Hour))
	if err != nil || today != (store.HealthFigures{}) {
		t.Errorf("figures of today = %+v, %v; want nothing", today, err)
	}
	if d := s.requests.Delta(opening); len(d) != 0 {
		t.Errorf("%d figures of latencies, want none", len(d))
	}
	open := 0
	if err := s.store.OpenFacts(t.Context(), opening.Add(-48*time.Hour), func(metric.Facts) { open++ }); err != nil || open != 0 {
		t.Errorf("%d open sessions, %v; want none", open, err)
	}
	if len(seen) != 0 {
		t.Errorf("/metrics counts its requests: %v", seen)
	}
	s.removeCanary(t, begun.SessionID)
}

// removeCanary checks who may remove, and that it goes.
func (s *site) removeCanary(t *testing.T, id string) {
	t.Helper()
	v := s.visitor(t)
	path := "/api/admin/canaries/" + id
	if a := v.send(http.MethodDelete, path, "", http.NoBody); a.Code != http.StatusUnauthorized {
		t.Errorf("DELETE without a token = %d, want 401", a.Code)
	}
	v.header.Set("Authorization", "Bearer "+bootstrapToken)
	for _, want := range []string{`{"removed":1}`, `{"removed":0}`} {
		if a := v.send(http.MethodDelete, path, "", http.NoBody); a.Code != http.StatusOK || strings.TrimSpace(a.Body.String()) != want {
			t.Errorf("DELETE = %d %s, want %s", a.Code, a.Body, want)
		}
	}
}

// A wrong token must not make a smoke test count as a client.
func TestAWrongCanaryIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	v.header.Set("X-Introspect-Canary", "nonsense")
	for _, call := range []struct{ method, path string }{
		{http.MethodPost, "/api/sessions"}, {http.MethodPost, "/api/metrics/batch"}, {http.MethodGet, "/"},
	} {
		if a := v.send(call.method, call.path, "application/json", strings.NewReader(client)); a.Code != http.StatusUnauthorized {
			t.Errorf("%s %s = %d, want 401", call.method, call.path, a.Code)
		}
	}
	if today, err := s.store.Today(t.Context(), opening.Add(-time.Hour)); err != nil || today.SessionsToday != 0 {
		t.Errorf("%+v, %v; want no session", today, err)
	}
}

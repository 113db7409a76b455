package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/web"
)

// Our own faults are reported with the id that the client was told and the
// pattern of the route; refusals are nobody's business.
func TestReport(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		err    error
		status int
	}{
		{"a fault of ours", errors.New("disk fell out"), 500},
		{"an overload", store.ErrBusy, 503},
		{"a refusal", store.ErrConflict, 409},
	} {
		var faults []*web.Fault
		var ended []int
		s := newSite(t, func(c *web.Config) {
			c.Ingest = failingIngest(tt.err)
			c.Report = func(_ context.Context, err error) {
				var f *web.Fault
				if errors.As(err, &f) {
					faults = append(faults, f)
				}
			}
			c.Trace = func(ctx context.Context, method, route string, h http.Header) (context.Context, func(int)) {
				if method != http.MethodPost || route != "POST /api/metrics/batch" || h == nil {
					t.Errorf("traced %s %q", method, route)
				}
				return ctx, func(status int) { ended = append(ended, status) }
			}
		})
		w := httptest.NewRecorder()
		body := `{"events":[{"name":"cta_click","sessionId":"11111111-1111-4111-8111-111111111111","timestamp":"2026-11-27T09:00:00Z","properties":{}}]}`
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/metrics/batch?email=ana@bellanails.example", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		s.handler.ServeHTTP(w, r)
		if w.Code != tt.status || len(ended) != 1 || ended[0] != tt.status {
			t.Errorf("%s: status %d, traces ended with %v, want %d", tt.name, w.Code, ended, tt.status)
		}
		if tt.status < 500 {
			if len(faults) != 0 {
				t.Errorf("%s: reported %v", tt.name, faults)
			}
			continue
		}
		if len(faults) != 1 || faults[0].RequestID != w.Header().Get("X-Request-Id") || faults[0].Route != "POST /api/metrics/batch" || faults[0].Status != tt.status || !errors.Is(faults[0], tt.err) {
			t.Errorf("%s: reported %+v, want one with the id %s", tt.name, faults, w.Header().Get("X-Request-Id"))
		}
	}
}

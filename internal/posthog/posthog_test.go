package posthog_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"applicreations.com/introspect/internal/channeltest"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/posthog"
)

type captured struct {
	UUID       string `json:"uuid"`
	Event      string
	DistinctID string `json:"distinct_id"`
	Timestamp  string
	Properties map[string]any
}

// vendor keeps events by their id, as PostHog does in the end.
type vendor struct {
	mu       sync.Mutex
	requests int
	events   map[string]captured
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	var batch struct {
		Key   string     `json:"api_key"`
		Batch []captured `json:"batch"`
	}
	if json.NewDecoder(r.Body).Decode(&batch) != nil || r.URL.Path != "/batch/" || batch.Key != "phc_key" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	v.requests++
	for _, e := range batch.Batch {
		v.events[e.UUID] = e
	}
	_, _ = io.WriteString(w, `{"status":1}`)
}

func some(n int) (out []event.Event) {
	for i := range n {
		out = append(out, event.Event{
			ID: event.ID(fmt.Sprintf("e-%d", i)), Name: event.NameFeatureViewed, SessionID: "s-1", At: channeltest.At(),
			Properties: json.RawMessage(`{"featureId":"booking"}`),
		})
	}
	return out
}

func TestSend(t *testing.T) {
	t.Parallel()
	v := &vendor{events: map[string]captured{}}
	s := httptest.NewServer(v)
	defer s.Close()
	c := posthog.Client{Key: "phc_key", BaseURL: s.URL + "/"}
	for range 2 { // the same again is the same
		if err := c.Send(t.Context(), some(600)); err != nil {
			t.Fatal(err)
		}
	}
	if len(v.events) != 600 || v.requests != 6 {
		t.Errorf("%d events in %d requests, want 600 in twice three", len(v.events), v.requests)
	}
	got := v.events[string(event.DeriveID("s-1", "e-7"))]
	if got.DistinctID != "s-1" || got.Event != "feature_viewed" || !strings.HasPrefix(got.Timestamp, "2026-11-27T09:04:00") ||
		got.Properties["featureId"] != "booking" || got.Properties["$process_person_profile"] != false {
		t.Errorf("event = %+v, want the session as its distinct id and no person", got)
	}
	if err := c.Send(t.Context(), nil); err != nil {
		t.Errorf("Send(nothing) = %v", err)
	}
}

func TestWrongKeyIsPermanent(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(&vendor{events: map[string]captured{}})
	defer s.Close()
	err := posthog.Client{Key: "phc_other", BaseURL: s.URL}.Send(t.Context(), some(1))
	var e *letter.SendError
	if !errors.As(err, &e) || !e.Permanent || e.Status != 401 {
		t.Errorf("Send(wrong key) = %v, want a permanent refusal", err)
	}
	if err := (posthog.Client{Key: "", BaseURL: s.URL}).Send(t.Context(), some(1)); err == nil {
		t.Error("Send(no key) = nil, want an error")
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	channeltest.Faults(t, func(ctx context.Context, address string) (string, error) {
		return "", posthog.Client{Key: "secret-7c1f", BaseURL: address}.Send(ctx, some(1))
	})
}

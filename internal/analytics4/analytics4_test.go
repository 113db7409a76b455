package analytics4_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/analytics4"
	"applicreations.com/introspect/internal/channeltest"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/letter"
)

type request struct {
	ClientID string `json:"client_id"`
	Consent  map[string]string
	Events   []struct {
		Name   string
		Params map[string]any
		At     int64 `json:"timestamp_micros"`
	}
}

func serve(t *testing.T) (client analytics4.Client, requests func() []request) {
	t.Helper()
	got := make(chan request, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var q request
		if err := json.Unmarshal(body, &q); err != nil || r.URL.Path != "/mp/collect" || r.FormValue("measurement_id") != "G-1" || r.FormValue("api_secret") != "secret-7c1f" || len(body) > 130<<10 {
			t.Errorf("got %s with %d bytes, %v", r.URL, len(body), err)
		}
		got <- q
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(s.Close)
	return client4(s.URL), func() (out []request) {
		for len(got) > 0 {
			out = append(out, <-got)
		}
		return out
	}
}

func client4(address string) analytics4.Client {
	return analytics4.Client{ID: "G-1", Secret: "secret-7c1f", BaseURL: address, Now: channeltest.At}
}

func one(session string, name event.Name, props string) event.Event {
	return event.Event{ID: "e", Name: name, SessionID: event.SessionID(session), At: channeltest.At().Add(-time.Minute), Properties: json.RawMessage(props)}
}

func TestSend(t *testing.T) {
	t.Parallel()
	c, requests := serve(t)
	err := c.Send(t.Context(), []event.Event{
		one("s-1", event.NameSessionStart, `{"websiteType":"shop"}`),
		one("s-2", event.NameCTAClick, `{}`),
		one("s-1", event.NameFeaturesSelected, `{"selected":["booking","seo"],"totalPrice":745000,"timedCorrectly":true}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	got := requests()
	if len(got) != 2 || got[0].ClientID != "s-1" || got[1].ClientID != "s-2" || len(got[0].Events) != 2 {
		t.Fatalf("requests = %+v, want one for each session", got)
	}
	start, chosen := got[0].Events[0], got[0].Events[1]
	// Google keeps session_start for itself and would drop ours.
	if start.Name != "intake_session_start" || start.At != channeltest.At().Add(-time.Minute).UnixMicro() || start.Params["websiteType"] != "shop" {
		t.Errorf("first event = %+v", start)
	}
	if chosen.Params["selected"] != "booking,seo" || chosen.Params["totalPrice"] != 745000.0 || chosen.Params["timedCorrectly"] != "true" {
		t.Errorf("second event = %+v", chosen)
	}
	if id, _ := start.Params["session_id"].(string); !regexp.MustCompile(`^\d+$`).MatchString(id) || id != chosen.Params["session_id"] {
		t.Errorf("session ids %v and %v, want the same digits", id, chosen.Params["session_id"])
	}
	if got[0].Consent["ad_user_data"] != "DENIED" || got[0].Consent["ad_personalization"] != "DENIED" {
		t.Errorf("consent = %v, want advertising denied", got[0].Consent)
	}
}

// Google says 204 and ignores what is beyond its limits.
func TestSendStaysWithinTheLimits(t *testing.T) {
	t.Parallel()
	c, requests := serve(t)
	props := map[string]any{"ga_x": 1, "_y": 2, "9z": 3, "nested": map[string]any{"a": 1}, "nothing": nil, "list": []any{strings.Repeat("x", 300), 7}}
	for i := range 60 {
		props[fmt.Sprintf("property with a very long name that google does not take %d", i)] = strings.Repeat("ü", 300)
	}
	raw, err := json.Marshal(props)
	if err != nil {
		t.Fatal(err)
	}
	var list []event.Event
	for range 60 {
		list = append(list, one("s-1", "_odd name/with everything that is not allowed in a name", string(raw)))
	}
	old := one("s-1", event.NameCTAClick, `{}`)
	old.At = channeltest.At().Add(-73 * time.Hour)
	if err := c.Send(t.Context(), append(list, old, one("s-1", "", `"no object"`))); err != nil {
		t.Fatal(err)
	}
	name, total := regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,39}$`), 0
	for _, r := range requests() {
		if total += len(r.Events); len(r.Events) > 25 {
			t.Errorf("%d events in one request, Google takes 25", len(r.Events))
		}
		for _, e := range r.Events {
			if !name.MatchString(e.Name) || len(e.Params) > 25 {
				t.Errorf("event %q with %d parameters", e.Name, len(e.Params))
			}
			for k, v := range e.Params {
				s, _ := v.(string)
				if !name.MatchString(k) || utf8.RuneCountInString(s) > 100 || strings.HasPrefix(k, "ga_") {
					t.Errorf("parameter %q = %q", k, s)
				}
			}
		}
	}
	if total != 61 {
		t.Errorf("%d events arrived, want 61 without the one of three days ago", total)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	channeltest.Faults(t, func(ctx context.Context, address string) (string, error) {
		return "", client4(address).Send(ctx, []event.Event{one("s-1", event.NameCTAClick, `{}`)})
	})
}

func TestSecretStaysSecret(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://127.0.0.1:1", "http://bad host"} {
		err := client4(address).Send(t.Context(), []event.Event{one("s-1", event.NameCTAClick, `{}`)})
		var e *letter.SendError
		if !errors.As(err, &e) || strings.Contains(err.Error(), "secret-7c1f") {
			t.Errorf("Send(%s) = %v, want a SendError without the secret", address, err)
		}
	}
}

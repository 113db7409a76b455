package pagerduty_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/channeltest"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/pagerduty"
)

const key = "0123456789abcdef0123456789abcdef"

type event struct {
	Key     string `json:"routing_key"`
	Action  string `json:"event_action"`
	Dedup   string `json:"dedup_key"`
	Payload *struct {
		Summary, Source, Severity, Timestamp, Component, Group, Class string
		Details                                                       map[string]any `json:"custom_details"`
	}
	Links []struct{ Href, Text string }
}

// vendor keeps incidents by key as PagerDuty does, and refuses after so many.
type vendor struct {
	mu     sync.Mutex
	open   map[string]string // key -> triggered, acknowledged
	events []event
	raw    [][]byte
	refuse int // the number of the event that is refused once
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	var e event
	if err := json.Unmarshal(body, &e); err != nil || r.URL.Path != "/v2/enqueue" || len(e.Key) != 32 || e.Dedup == "" {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"status":"invalid event"}`)
		return
	}
	v.events, v.raw = append(v.events, e), append(v.raw, body)
	if len(v.events) == v.refuse {
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	switch e.Action {
	case "trigger":
		if v.open[e.Dedup] == "" {
			v.open[e.Dedup] = "triggered"
		}
	case "acknowledge":
		if v.open[e.Dedup] != "" {
			v.open[e.Dedup] = "acknowledged"
		}
	case "resolve":
		delete(v.open, e.Dedup)
	}
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"success","message":"Event processed","dedup_key":"`+e.Dedup+`"}`)
}

func serve(t *testing.T, refuse int) (*vendor, pagerduty.Client) {
	t.Helper()
	v := &vendor{open: map[string]string{}, refuse: refuse}
	s := httptest.NewServer(v)
	t.Cleanup(s.Close)
	return v, client(s.URL)
}

func client(address string) pagerduty.Client {
	return pagerduty.Client{Key: key, URL: address, Source: "https://intake.example.com", Speak: channeltest.Speak, Post: channeltest.Post, Now: channeltest.At}
}

func TestIncidentFromFiringToResolved(t *testing.T) {
	t.Parallel()
	v, c := serve(t, 0)
	firing := channeltest.Parcel(alert.KindFiring)
	id := firing.Notices[0].Episode
	step := func(name string, want map[string]string, do func() (string, error)) {
		t.Helper()
		if answer, err := do(); err != nil || !strings.Contains(answer, "success") {
			t.Fatalf("%s: %q, %v, want success", name, answer, err)
		}
		if diff := cmp.Diff(want, v.open); diff != "" {
			t.Errorf("%s: incidents (-want +got):\n%s", name, diff)
		}
	}
	send := func(p alert.Parcel) func() (string, error) {
		return func() (string, error) { return c.Send(t.Context(), p) }
	}
	step("firing", map[string]string{string(id): "triggered"}, send(firing))
	step("the same again", map[string]string{string(id): "triggered"}, send(firing))
	step("a reminder", map[string]string{string(id): "triggered"}, send(channeltest.Parcel(alert.KindReminder)))
	step("taken on", map[string]string{string(id): "acknowledged"}, func() (string, error) { return c.Acknowledge(t.Context(), id) })
	step("resolved", map[string]string{}, send(channeltest.Parcel(alert.KindResolved)))

	first := v.events[0]
	if first.Action != "trigger" || first.Payload == nil || first.Payload.Severity != "critical" || first.Payload.Class != "error_rate" ||
		first.Payload.Timestamp != "2026-11-27T09:00:00Z" || first.Payload.Details["figures"] != "17 of 61 = 27.87% in 5m (alerts above 5%)" || len(first.Links) != 3 {
		t.Errorf("first event = %+v %+v", first, first.Payload)
	}
}

// The end of one episode arrives late, when the next one of the same trouble is open
// already: it closes its own incident and not that one.
func TestALateEndClosesItsOwnIncident(t *testing.T) {
	t.Parallel()
	v, c := serve(t, 0)
	ended, next := channeltest.Parcel(alert.KindResolved), channeltest.Parcel(alert.KindFiring)
	next.Notices[0].Episode += "0"
	for _, p := range []alert.Parcel{channeltest.Parcel(alert.KindFiring), next, ended} {
		if _, err := c.Send(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(map[string]string{string(next.Notices[0].Episode): "triggered"}, v.open); diff != "" {
		t.Errorf("incidents (-want +got):\n%s", diff)
	}
}

func TestSeverities(t *testing.T) {
	t.Parallel()
	for _, s := range []alert.Severity{alert.Critical, alert.Warning, alert.Info} {
		v, c := serve(t, 0)
		p := channeltest.Parcel(alert.KindFiring)
		p.Severity = s
		if _, err := c.Send(t.Context(), p); err != nil || v.events[0].Payload.Severity != string(s) {
			t.Errorf("severity %s arrives as %s, %v", s, v.events[0].Payload.Severity, err)
		}
	}
}

// A parcel that broke off in the middle is sent again as a whole, and every
// trouble has one incident.
func TestParcelBrokenOffInTheMiddle(t *testing.T) {
	t.Parallel()
	v, c := serve(t, 3)
	p := channeltest.Hostile(12)
	if _, err := c.Send(t.Context(), p); err == nil || len(v.events) != 3 {
		t.Fatalf("Send = %v after %d events, want it to stop at the third", err, len(v.events))
	}
	answer, err := c.Send(t.Context(), p)
	if err != nil || len(v.open) != 12 || !strings.HasPrefix(answer, "12 events") {
		t.Errorf("Send again = %q, %v with %d incidents, want 12", answer, err, len(v.open))
	}
	for i, e := range v.events {
		channeltest.Clean(t, v.raw[i])
		if n := utf8.RuneCountInString(e.Payload.Summary); n == 0 || n > 1024 || len(v.raw[i]) > 512<<10 {
			t.Errorf("summary has %d characters and the event %d bytes", n, len(v.raw[i]))
		}
	}
}

// Whoever decides whether an incident may be open must know that a refusal in the
// middle is not one of all.
func TestARefusalInTheMiddleTookAPart(t *testing.T) {
	t.Parallel()
	for refuse, part := range map[int]bool{1: false, 3: true} {
		_, c := serve(t, refuse)
		_, err := c.Send(t.Context(), channeltest.Hostile(12))
		var refusal *letter.SendError
		if !errors.As(err, &refusal) || refusal.Part != part || refusal.Refused() == part {
			t.Errorf("a refusal of event %d: %+v, want that a part was taken: %t", refuse, refusal, part)
		}
	}
}

// What was over before PagerDuty had it opens nothing and closes nothing.
func TestNothingIsSentOfWhatWasMissed(t *testing.T) {
	t.Parallel()
	v, c := serve(t, 0)
	if answer, err := c.Send(t.Context(), channeltest.Parcel(alert.KindMissed)); err != nil || len(v.events) != 0 || !strings.Contains(answer, "not sent") {
		t.Errorf("Send(missed) = %q, %v with %d events, want none", answer, err, len(v.events))
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	channeltest.Faults(t, func(ctx context.Context, address string) (string, error) {
		return client(address).Send(ctx, channeltest.Parcel(alert.KindFiring))
	})
}

func TestKeyStaysSecret(t *testing.T) {
	t.Parallel()
	address, _ := channeltest.Receiver(t, 400, `{"status":"invalid event","errors":["`+key+` is unknown"]}`)
	answer, err := client(address).Send(t.Context(), channeltest.Parcel(alert.KindFiring))
	if err == nil || strings.Contains(answer+err.Error(), key) {
		t.Errorf("Send = %q, %v, want an error without the key", answer, err)
	}
	short := client(address)
	short.Key = "short"
	if _, err := short.Send(t.Context(), channeltest.Parcel(alert.KindFiring)); err == nil || !strings.Contains(err.Error(), "PAGERDUTY_ROUTING_KEY") {
		t.Errorf("Send(short key) = %v, want the setting named", err)
	}
}

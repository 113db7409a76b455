// Package pagerduty tells PagerDuty's Events API v2 of alerts: one event for
// each trouble, with its episode as the key, so that a second attempt and a
// reminder join the incident that is there. It pages nobody by itself: who is
// woken is decided in PagerDuty. It does not retry. Start with Client.Send.
package pagerduty

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/speak"
	"applicreations.com/introspect/internal/letter"
)

// Vendor is the base address of the public API; accounts in the EU have
// https://events.eu.pagerduty.com.
const Vendor = "https://events.pagerduty.com"

const (
	maxSummary = 1024
	maxDedup   = 255
	keyLength  = 32
	// timeout bounds one attempt.
	timeout = 10 * time.Second
)

// Client speaks for one integration. Key, Speak and Post are required.
type Client struct {
	Key    string // routing key of the integration
	URL    string // empty: Vendor
	Source string // what is watched, such as its public address; empty: introspect
	Speak  func(context.Context, alert.Parcel) speak.Message
	// Post sends a body as webhook.Client.Post does: every error is a
	// *letter.SendError.
	Post func(ctx context.Context, endpoint, secret, id string, at time.Time, body []byte) (status int, answer string, err error)
	Now  func() time.Time // nil: time.Now
}

// Send tells of every notice of a parcel, in order, and stops at the first that
// is not accepted. The whole parcel can then be sent again: the keys are the
// same. Every error is a *letter.SendError.
func (c Client) Send(ctx context.Context, p alert.Parcel) (string, error) {
	if p.Kind == alert.KindMissed {
		return "not sent: it was over before PagerDuty had opened an incident", nil
	}
	var answer string
	for n, notice := range p.Notices {
		one := p
		one.Notices, one.Key = p.Notices[n:n+1], notice.Key
		m := c.Speak(ctx, one)
		if len(m.Items) == 0 {
			continue
		}
		said, err := c.enqueue(ctx, m.ID(), c.event(m))
		var refusal *letter.SendError
		if n > 0 && errors.As(err, &refusal) {
			refusal.Part = true // incidents of this parcel are open
		}
		if err != nil {
			return said, err
		}
		answer = said
	}
	if len(p.Notices) > 1 {
		answer = fmt.Sprintf("%d events, the last: %s", len(p.Notices), answer)
	}
	return answer, nil
}

// Acknowledge says that somebody took an episode on, so that PagerDuty stops
// escalating.
func (c Client) Acknowledge(ctx context.Context, id alert.EpisodeID) (string, error) {
	key := dedup(string(id))
	return c.enqueue(ctx, "acknowledge-"+key, event{Action: "acknowledge", Dedup: key})
}

type event struct {
	Key       string   `json:"routing_key"`
	Action    string   `json:"event_action"`
	Dedup     string   `json:"dedup_key"`
	Payload   *payload `json:"payload,omitempty"`
	Links     []link   `json:"links,omitempty"`
	Client    string   `json:"client,omitempty"`
	ClientURL string   `json:"client_url,omitempty"`
}

type payload struct {
	Summary   string         `json:"summary"`
	Source    string         `json:"source"`
	Severity  string         `json:"severity"`
	Timestamp string         `json:"timestamp,omitempty"`
	Component string         `json:"component,omitempty"`
	Group     string         `json:"group,omitempty"`
	Class     string         `json:"class,omitempty"`
	Details   map[string]any `json:"custom_details,omitempty"`
}

type link struct {
	Href string `json:"href"`
	Text string `json:"text"`
}

// event makes one of a message about one trouble.
func (c Client) event(m speak.Message) event {
	i := m.Items[0]
	e := event{Action: "trigger", Dedup: dedup(cmp.Or(string(i.Episode), string(i.Fingerprint)))}
	if m.Kind == alert.KindResolved {
		e.Action = "resolve"
		return e
	}
	details := map[string]any{}
	for _, f := range i.Facts() {
		details[strings.ToLower(f[0])] = f[1]
	}
	if len(m.Before) > 0 {
		details["changed before"] = m.Before
	}
	e.Payload = &payload{
		Summary: speak.Cut(cmp.Or(m.Short, i.Title, "alert"), maxSummary), Source: cmp.Or(c.Source, "introspect"), Severity: severity(m.Severity),
		Component: m.Group, Group: m.Group, Class: string(i.Rule), Details: details,
	}
	if !i.From.IsZero() {
		e.Payload.Timestamp = i.From.UTC().Format(time.RFC3339)
	}
	for _, l := range i.Links {
		e.Links = append(e.Links, link{l.URL, l.Label})
	}
	e.Client, e.ClientURL = "Introspect", m.Link.URL
	return e
}

func (c Client) enqueue(ctx context.Context, id string, e event) (string, error) {
	if len(c.Key) != keyLength {
		return "", &letter.SendError{Permanent: true, Reason: "the routing key has not 32 characters; set PAGERDUTY_ROUTING_KEY to the integration key of an Events API v2 integration"}
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	e.Key = c.Key
	body, err := json.Marshal(e)
	if err != nil {
		panic("encode an event for PagerDuty: " + err.Error()) // texts always have a JSON form
	}
	status, answer, err := c.Post(ctx, strings.TrimRight(cmp.Or(c.URL, Vendor), "/")+"/v2/enqueue", "", id, now(), body)
	answer = strings.ReplaceAll(answer, c.Key, "[key]")
	var refusal *letter.SendError
	if errors.As(err, &refusal) {
		hidden := *refusal
		hidden.Reason = strings.ReplaceAll(refusal.Reason, c.Key, "[key]")
		return answer, &hidden
	}
	if err != nil {
		return answer, err
	}
	var said struct{ Status string }
	if json.Unmarshal([]byte(answer), &said) != nil || said.Status != "success" {
		return answer, &letter.SendError{Status: status, Reason: "the answer is not PagerDuty's, so nobody is paged; check PAGERDUTY_BASE_URL"}
	}
	return answer, nil
}

// severity maps ours to PagerDuty's, which has one more.
func severity(s alert.Severity) string {
	switch s {
	case alert.Critical:
		return "critical"
	case alert.Warning:
		return "warning"
	case alert.Info:
	}
	return "info"
}

// dedup is the key of the incident, as long as PagerDuty takes. Every episode is an
// incident of its own: an end that was kept up must not close the next one.
func dedup(key string) string { return key[:min(len(key), maxDedup)] }

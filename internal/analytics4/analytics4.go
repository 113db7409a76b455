// Package analytics4 hands events to Google Analytics 4 through its Measurement
// Protocol (S60): the session id is the client id, and advertising is denied.
// Google answers 204 to everything it could read, also to what it then ignores,
// so names and values are brought into its limits here. It does not retry and
// decides about nobody's consent. Start with Client.Send.
package analytics4

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/alert/speak"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/letter"
)

// Vendor is the address of the collector.
const Vendor = "https://www.google-analytics.com"

// Google's limits.
const (
	maxEvents = 25
	maxParams = 25
	maxName   = 40
	maxValue  = 100
	maxAge    = 72 * time.Hour
)

const (
	timeout   = 10 * time.Second
	maxAnswer = 2 << 10
)

// Client sends to one data stream. ID and Secret are required.
type Client struct {
	ID      string // measurement id, G-…
	Secret  string // API secret of the stream
	BaseURL string // empty: Vendor
	Now     func() time.Time
}

// Send hands over events: one request for 25 of a session. Those older than 72
// hours are left out, because Google would count them today. Every error is a
// *letter.SendError; a part may have arrived then, and would count twice when it
// is sent again, because Google knows no keys.
func (c Client) Send(ctx context.Context, events []event.Event) error {
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	var order []event.SessionID
	bySession := map[event.SessionID][]hit{}
	for _, e := range events {
		if now().Sub(e.At) > maxAge {
			continue
		}
		if _, ok := bySession[e.SessionID]; !ok {
			order = append(order, e.SessionID)
		}
		bySession[e.SessionID] = append(bySession[e.SessionID], hitOf(e))
	}
	for _, id := range order {
		for part := range slices.Chunk(bySession[id], maxEvents) {
			if err := c.collect(ctx, id, part, now()); err != nil {
				return err
			}
		}
	}
	return nil
}

type hit struct {
	Name   string         `json:"name"`
	Params map[string]any `json:"params"`
	At     int64          `json:"timestamp_micros"`
}

// collect posts the events of one session.
func (c Client) collect(ctx context.Context, id event.SessionID, hits []hit, now time.Time) error {
	body, err := json.Marshal(map[string]any{
		"client_id": string(id), "events": hits, "non_personalized_ads": true,
		"consent": map[string]string{"ad_user_data": "DENIED", "ad_personalization": "DENIED"},
	})
	if err != nil {
		return &letter.SendError{Permanent: true, Reason: "the events have no JSON form", Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	query := url.Values{"measurement_id": {c.ID}, "api_secret": {c.Secret}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(cmp.Or(c.BaseURL, Vendor), "/")+"/mp/collect?"+query.Encode(), bytes.NewReader(body))
	if err != nil {
		return &letter.SendError{Permanent: true, Reason: "Google Analytics cannot be asked; check GA_ID and GA_API_SECRET"}
	}
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		// The outer error repeats the address with the secret.
		var outer *url.Error
		if errors.As(err, &outer) {
			err = outer.Err
		}
		return &letter.SendError{Reason: letter.Line("no answer from Google Analytics: "+err.Error(), 200), Err: err}
	}
	defer func() { _ = resp.Body.Close() }() // nothing that was read can be lost
	said, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return judge(resp, string(said), now)
}

func judge(resp *http.Response, said string, now time.Time) error {
	e := &letter.SendError{Status: resp.StatusCode, Reason: cmp.Or(letter.Line(said, 200), "Google said nothing more")}
	switch {
	case resp.StatusCode == http.StatusOK && strings.HasPrefix(strings.TrimSpace(said), "<"):
		e.Reason = "the answer is a page and not Google's"
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		return nil
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusRequestTimeout, resp.StatusCode >= http.StatusInternalServerError:
		e.RetryAfter = letter.RetryAfter(resp.Header.Get("Retry-After"), now)
	default:
		e.Permanent = true
	}
	return e
}

// hitOf brings an event into Google's form.
func hitOf(e event.Event) hit {
	h := hit{Name: nameOf(string(e.Name)), At: e.At.UnixMicro(), Params: map[string]any{"session_id": number(e.SessionID), "engagement_time_msec": 1}}
	var props map[string]any
	// What is no object has no properties that a report could use.
	_ = json.Unmarshal(e.Properties, &props)
	keys := make([]string, 0, len(props))
	for k := range props {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		if len(h.Params) == maxParams {
			break
		}
		if v := value(props[k]); v != nil {
			h.Params[nameOf(k)] = v
		}
	}
	return h
}

// nameOf makes a name that Google takes: letters, digits and underscores, not
// one of its own, and not with its prefixes.
func nameOf(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, s)
	reserved := slices.Contains([]string{"session_start", "first_visit", "user_engagement", "session_id", "engagement_time_msec"}, s)
	for _, prefix := range []string{"_", "firebase_", "ga_", "google_", "gtag_"} {
		reserved = reserved || strings.HasPrefix(s, prefix)
	}
	if reserved || s == "" || s[0] >= '0' && s[0] <= '9' {
		s = "intake_" + strings.TrimLeft(s, "_")
	}
	return s[:min(len(s), maxName)]
}

// value keeps numbers, truths and short texts, and joins lists.
func value(v any) any {
	switch v := v.(type) {
	case float64:
		return v
	case bool:
		return strconv.FormatBool(v)
	case string:
		return speak.Cut(v, maxValue)
	case []any:
		var parts []string
		for _, one := range v {
			if s, ok := one.(string); ok {
				parts = append(parts, s)
			}
		}
		return speak.Cut(strings.Join(parts, ","), maxValue)
	}
	return nil
}

// number is the session as the digits that Google wants.
func number(id event.SessionID) string {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(id)) // a hash takes everything
	return strconv.FormatUint(uint64(binary.BigEndian.Uint32(sum.Sum(nil))), 10)
}

// Package posthog hands events to PostHog (S59): the session id is the distinct
// id, and no person is made of it. It sends what it is given, so the caller
// decides whose events may leave and takes out what could name somebody. It does
// not retry and keeps no queue. Start with Client.Send.
package posthog

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	sdk "github.com/posthog/posthog-go"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/letter"
)

// Vendor is the address of the public service, as the seed has it.
const Vendor = "https://app.posthog.com"

const (
	// timeout bounds one batch.
	timeout = 15 * time.Second
	// maxBatch is how many events go in one request.
	maxBatch = 250
	// maxAnswer is how much of an answer is read.
	maxAnswer = 2 << 10
)

// Client sends to one project.
type Client struct {
	Key     string // of the project; it can only write
	BaseURL string // empty: Vendor
}

// Send hands over events, in order, and waits for the answer. The same event has
// the same id however often it is sent, by which PostHog drops what it has.
// Every error is a *letter.SendError; nothing may be known of the events then.
func (c Client) Send(ctx context.Context, events []event.Event) error {
	for len(events) > 0 {
		n := min(len(events), maxBatch)
		if err := c.batch(ctx, events[:n]); err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}

// batch makes a client of the SDK for one batch, because only closing it tells
// that everything was tried.
func (c Client) batch(ctx context.Context, events []event.Event) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	w := &wire{ctx: ctx}
	client, err := sdk.NewWithConfig(c.Key, sdk.Config{
		Endpoint: strings.TrimRight(cmp.Or(c.BaseURL, Vendor), "/"), Transport: w, Callback: w, Logger: silent{}, BatchSize: maxBatch,
		Interval: time.Hour, RetryAfter: func(int) time.Duration { return time.Hour }, // closing ends the wait: one attempt
	})
	if err != nil {
		return &letter.SendError{Permanent: true, Reason: "PostHog cannot be asked; check POSTHOG_HOST"}
	}
	for _, e := range events {
		if err := client.Enqueue(capture(e)); err != nil {
			w.Failure(nil, err)
		}
	}
	if err := client.Close(); err != nil {
		w.Failure(nil, err)
	}
	return w.verdict()
}

func capture(e event.Event) sdk.Capture {
	props := sdk.Properties{}
	// What is no object has no properties that a report could use.
	_ = json.Unmarshal(e.Properties, &props)
	props["$process_person_profile"] = false
	props["$geoip_disable"] = true // it would place our server
	props["$ip"] = ""
	return sdk.Capture{
		Uuid: string(event.DeriveID(string(e.SessionID), string(e.ID))), DistinctId: string(e.SessionID), Event: string(e.Name), Timestamp: e.At, Properties: props,
	}
}

// wire is the round trip and the ear of one batch.
type wire struct {
	ctx context.Context //nolint:containedctx // of the one call it lives for

	mu     sync.Mutex
	failed error
	status int
	answer string
	wait   time.Duration
}

// RoundTrip implements http.RoundTripper with our deadline, a bounded answer and
// no redirects.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r.WithContext(w.ctx))
	if err != nil {
		return nil, err
	}
	head, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // a broken body still has a status
	_ = resp.Body.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.status < 300 { // the first refusal is the one to tell
		w.status, w.answer = resp.StatusCode, string(head)
		w.wait = letter.RetryAfter(resp.Header.Get("Retry-After"), time.Now())
	}
	resp.Header.Del("Location")
	resp.Body = io.NopCloser(strings.NewReader(string(head)))
	return resp, nil
}

// Success implements sdk.Callback.
func (w *wire) Success(sdk.APIMessage) {}

// Failure implements sdk.Callback.
func (w *wire) Failure(_ sdk.APIMessage, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		w.failed = err
	}
}

// verdict says what became of the batch.
func (w *wire) verdict() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	said := letter.Line(w.answer, 200)
	switch {
	case w.status >= 200 && w.status < 300 && w.failed == nil:
		if strings.HasPrefix(strings.TrimSpace(w.answer), "<") {
			return &letter.SendError{Status: w.status, Reason: "the answer is a page and not PostHog's; check POSTHOG_HOST"}
		}
		return nil
	case w.status == 0 || w.status < 300:
		return &letter.SendError{Status: w.status, Reason: "no answer from PostHog", Err: w.failed}
	}
	e := &letter.SendError{Status: w.status, Reason: cmp.Or(said, "PostHog said nothing more")}
	switch {
	case w.status == http.StatusTooManyRequests, w.status == http.StatusRequestTimeout, w.status >= http.StatusInternalServerError:
		e.RetryAfter = w.wait
	default:
		e.Permanent = true
	}
	return e
}

// silent keeps the SDK from writing to standard error; the verdict says it.
type silent struct{}

// Debugf implements sdk.Logger.
func (silent) Debugf(string, ...any) {}

// Logf implements sdk.Logger.
func (silent) Logf(string, ...any) {}

// Warnf implements sdk.Logger.
func (silent) Warnf(string, ...any) {}

// Errorf implements sdk.Logger.
func (silent) Errorf(string, ...any) {}

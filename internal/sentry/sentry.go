// Package sentry reports our own faults and alerts to Sentry (S43-S45, S62,
// S63). What could name a person is taken out of every report before it leaves:
// bodies, cookies, headers, query strings, users, addresses and numbers. A dead
// or slow Sentry never holds anybody up: reports wait in a short queue, and what
// does not fit is dropped and counted. Start with New.
package sentry

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	sdk "github.com/getsentry/sentry-go"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/speak"
	"applicreations.com/introspect/internal/letter"
)

const (
	// timeout bounds one report on the wire.
	timeout = 5 * time.Second
	// waiting is how many reports may wait.
	waiting = 64
	// maxCrumbs is how many events before a fault are told.
	maxCrumbs = 30
	// maxStack bounds the stack of a panic.
	maxStack = 8 << 10
)

// Config says where reports go. A DSN is required.
type Config struct {
	DSN         string
	Release     string
	Environment string
	Traces      float64 // share of requests that are traced; the seed asks for 0.1 (S44)
	Speak       func(context.Context, alert.Parcel) speak.Message
}

// Client reports to one project. It is safe for concurrent use.
type Client struct {
	cfg   Config
	hub   *sdk.Hub
	queue *queue

	mu     sync.Mutex
	crumbs []*sdk.Breadcrumb
}

// Counts is what became of the reports so far.
type Counts struct {
	Sent    int64 // accepted by Sentry
	Dropped int64 // the queue was full, or Sentry was closed
	Failed  int64 // refused, or no answer in time
}

// New checks the DSN and starts the sender, which goes on until Close whatever
// becomes of the context.
func New(ctx context.Context, c Config) (*Client, error) {
	q := newQueue(context.WithoutCancel(ctx))
	client, err := sdk.NewClient(options(c, q))
	if err != nil {
		q.end(ctx)
		// The cause may repeat the DSN, which holds the key of the project.
		return nil, errors.New("the DSN is unreadable, so no fault could be reported; set it as Sentry shows it, such as https://key@o1.ingest.sentry.io/2")
	}
	return &Client{cfg: c, hub: sdk.NewHub(client, sdk.NewScope()), queue: q}, nil
}

func options(c Config, t sdk.Transport) sdk.ClientOptions {
	return sdk.ClientOptions{
		Dsn: c.DSN, Release: c.Release, Environment: c.Environment, ServerName: "introspect", Transport: t,
		EnableTracing: c.Traces > 0, TracesSampleRate: c.Traces, MaxBreadcrumbs: maxCrumbs, DisableClientReports: true,
		HTTPTransport: trip{}, BeforeSend: scrub, BeforeSendTransaction: scrub,
		Integrations: func([]sdk.Integration) []sdk.Integration { return nil }, // they read the machine and its modules
	}
}

// Fault is something that went wrong on our side.
type Fault struct {
	Err       error
	RequestID string // as the client was told it
	Route     string // the pattern, never the path
	Status    int
}

// Report queues a fault. It never waits.
func (c *Client) Report(f Fault) {
	e := sdk.NewEvent()
	e.Level = sdk.LevelError
	first, stack, _ := strings.Cut(f.Err.Error(), "\n")
	e.Exception = []sdk.Exception{{Type: kindOf(f), Value: first}}
	e.Transaction = f.Route
	e.Tags = map[string]string{"request_id": f.RequestID, "route": f.Route, "status": strconv.Itoa(f.Status)}
	// The same fault with other numbers is the same fault.
	e.Fingerprint = []string{kindOf(f), f.Route, regexp.MustCompile(`[0-9a-f]*[0-9][0-9a-f]*`).ReplaceAllString(first, "#")}
	if stack != "" {
		e.Contexts = map[string]sdk.Context{"panic": {"stack": stack[:min(len(stack), maxStack)]}}
	}
	c.capture(e)
}

func (c *Client) capture(e *sdk.Event) {
	c.mu.Lock()
	e.Breadcrumbs = append(e.Breadcrumbs, c.crumbs...)
	c.mu.Unlock()
	c.hub.Client().CaptureEvent(e, nil, nil)
}

// kindOf names the innermost error by its type.
func kindOf(f Fault) string {
	if strings.HasPrefix(f.Err.Error(), "panic: ") {
		return "panic"
	}
	err := f.Err
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return fmt.Sprintf("%T", err)
}

// Breadcrumb remembers an event for the faults that may follow (S62). Only its
// name and the session, a random id, are kept.
func (c *Client) Breadcrumb(at time.Time, name, session string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.crumbs) == maxCrumbs {
		c.crumbs = append([]*sdk.Breadcrumb(nil), c.crumbs[1:]...)
	}
	c.crumbs = append(c.crumbs, &sdk.Breadcrumb{
		Category: "event", Message: name, Level: sdk.LevelInfo, Timestamp: at, Data: map[string]any{"session": session},
	})
}

// Trace begins a request, and returns what ends it. One in so many is told to
// Sentry, see Config.Traces.
func (c *Client) Trace(ctx context.Context, method, route string) func(status int) {
	tx := sdk.StartTransaction(sdk.SetHubOnContext(ctx, c.hub.Clone()), route, sdk.WithOpName("http.server"), sdk.WithTransactionSource(sdk.SourceRoute))
	return func(status int) {
		tx.Status = sdk.HTTPtoSpanStatus(status)
		tx.SetData("http.request.method", method)
		tx.SetData("http.response.status_code", status)
		tx.Finish()
	}
}

// Send reports an alert as a message with context (S63): a warning, or an error
// when it is critical. It waits for the answer, and the same parcel is the same
// event however often it is sent. Every error is a *letter.SendError.
func (c *Client) Send(ctx context.Context, p alert.Parcel) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	m := c.cfg.Speak(ctx, p)
	d := &direct{ctx: ctx, wire: sdk.NewHTTPSyncTransport()}
	client, err := sdk.NewClient(options(c.cfg, d))
	if err != nil {
		return "", &letter.SendError{Permanent: true, Reason: "the DSN is unreadable; check SENTRY_DSN"}
	}
	defer client.Close()
	client.CaptureEvent(message(m), nil, nil)
	return d.result()
}

func message(m speak.Message) *sdk.Event {
	e := sdk.NewEvent()
	sum := sha256.Sum256([]byte(m.Key))
	e.EventID = sdk.EventID(hex.EncodeToString(sum[:16]))
	e.Message, e.Level = cmp.Or(m.Title, "alert"), sdk.LevelWarning
	switch {
	case m.Kind.Ends(), m.Severity == alert.Info:
		e.Level = sdk.LevelInfo
	case m.Severity == alert.Critical:
		e.Level = sdk.LevelError
	}
	custom := sdk.Context{"group": m.Group, "more": m.More}
	e.Tags = map[string]string{"kind": string(m.Kind), "severity": string(m.Severity)}
	if len(m.Items) > 0 {
		first := m.Items[0]
		e.Fingerprint = []string{"alert", string(first.Fingerprint)}
		e.Tags["rule"] = string(first.Rule)
		for _, f := range first.Facts() {
			custom[strings.ToLower(f[0])] = f[1]
		}
		for _, l := range first.Links {
			custom[strings.ToLower(l.Label)] = l.URL
		}
	}
	e.Contexts = map[string]sdk.Context{"custom": custom}
	return e
}

// Counts tells what became of the reports.
func (c *Client) Counts() Counts {
	return Counts{Sent: c.queue.sent.Load(), Dropped: c.queue.dropped.Load(), Failed: c.queue.failed.Load()}
}

// Close sends what waits, as long as the context lasts, and ends the sender.
// Reports after it are dropped.
func (c *Client) Close(ctx context.Context) error {
	done := c.queue.end(ctx)
	c.hub.Client().Close()
	if !done {
		return fmt.Errorf("close the error tracker: the last reports are lost: %w", errLate)
	}
	return nil
}

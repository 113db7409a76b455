package sentry

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	sdk "github.com/getsentry/sentry-go"

	"applicreations.com/introspect/internal/letter"
)

// outcome is what the wire saw of one report; nothing when it was not tried,
// because Sentry asked for a pause before.
type outcome struct {
	status int
	answer string
	wait   time.Duration
	err    error
}

func (o outcome) tried() bool    { return o.status != 0 || o.err != nil }
func (o outcome) accepted() bool { return o.status >= 200 && o.status < 300 }

type outcomeKey struct{}

// deliver sends one report and says what became of it, which the SDK does not.
func deliver(ctx context.Context, wire *sdk.HTTPSyncTransport, e *sdk.Event) outcome {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var o outcome
	wire.SendEventWithContext(context.WithValue(ctx, outcomeKey{}, &o), e)
	return o
}

// trip is the round trip of a report: no redirects, a bounded answer, and a
// note of the outcome.
type trip struct{}

// RoundTrip implements http.RoundTripper.
func (trip) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	o, ok := r.Context().Value(outcomeKey{}).(*outcome)
	if !ok {
		o = &outcome{}
	}
	if err != nil {
		o.err = err
		return nil, err
	}
	head, _ := io.ReadAll(io.LimitReader(resp.Body, 2<<10)) // a broken body still has a status
	_ = resp.Body.Close()
	resp.Body = http.NoBody
	o.status, o.answer = resp.StatusCode, letter.Line(string(head), 200)
	o.wait = letter.RetryAfter(resp.Header.Get("Retry-After"), time.Now())
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		resp.Header.Del("Location") // our reports go where the DSN says
	}
	return resp, nil
}

// queue is the transport of faults: one sender, a bounded queue, no waiting.
type queue struct {
	wire   *sdk.HTTPSyncTransport
	events chan *sdk.Event
	life   context.Context //nolint:containedctx // of the sender, not of a call
	stop   context.CancelFunc

	mu       sync.RWMutex // held for reading while a report is put into events
	closed   bool
	begun    bool
	finished chan struct{}

	sent, dropped, failed atomic.Int64
}

func newQueue(ctx context.Context) *queue {
	life, stop := context.WithCancel(ctx)
	return &queue{wire: sdk.NewHTTPSyncTransport(), events: make(chan *sdk.Event, waiting), life: life, stop: stop, finished: make(chan struct{})}
}

// Configure implements sdk.Transport: it starts the sender.
func (q *queue) Configure(o sdk.ClientOptions) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.begun {
		return
	}
	q.begun = true
	q.wire.Configure(o)
	go q.run()
}

func (q *queue) run() {
	defer close(q.finished)
	for e := range q.events {
		switch o := deliver(q.life, q.wire, e); {
		case o.accepted():
			q.sent.Add(1)
		case o.tried():
			q.failed.Add(1)
		default:
			q.dropped.Add(1)
		}
	}
}

// SendEvent implements sdk.Transport.
func (q *queue) SendEvent(e *sdk.Event) {
	q.mu.RLock()
	defer q.mu.RUnlock()
	if q.closed {
		q.dropped.Add(1)
		return
	}
	select {
	case q.events <- e:
	default:
		q.dropped.Add(1)
	}
}

// end sends what waits as long as ctx lasts, then breaks off. It reports
// whether everything was tried.
func (q *queue) end(ctx context.Context) bool {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.events)
	}
	begun := q.begun
	q.mu.Unlock()
	defer q.stop()
	if !begun {
		return true
	}
	select {
	case <-q.finished:
		return true
	case <-ctx.Done():
		q.stop()
		<-q.finished // every report that is left fails at once
		return false
	}
}

// Flush implements sdk.Transport. Only end waits, and only the owner calls it.
func (q *queue) Flush(time.Duration) bool { return true }

// FlushWithContext implements sdk.Transport.
func (q *queue) FlushWithContext(context.Context) bool { return true }

// Close implements sdk.Transport.
func (q *queue) Close() {}

// direct is the transport of one alert, which waits for the answer.
type direct struct {
	ctx  context.Context //nolint:containedctx // of the one call it lives for
	wire *sdk.HTTPSyncTransport
	got  outcome
}

// Configure implements sdk.Transport.
func (d *direct) Configure(o sdk.ClientOptions) { d.wire.Configure(o) }

// SendEvent implements sdk.Transport.
func (d *direct) SendEvent(e *sdk.Event) { d.got = deliver(d.ctx, d.wire, e) }

// Flush implements sdk.Transport.
func (d *direct) Flush(time.Duration) bool { return true }

// FlushWithContext implements sdk.Transport.
func (d *direct) FlushWithContext(context.Context) bool { return true }

// Close implements sdk.Transport.
func (d *direct) Close() {}

// result says what the answer means.
func (d *direct) result() (string, error) {
	o := d.got
	switch {
	case o.accepted() && o.answer != "" && o.answer[0] != '{':
		return o.answer, &letter.SendError{Status: o.status, Reason: "the answer is not Sentry's; check SENTRY_DSN"}
	case o.accepted():
		return o.answer, nil
	case !o.tried():
		return "", &letter.SendError{Reason: "the report was not sent"}
	case o.err != nil:
		return "", &letter.SendError{Reason: letter.Line("no answer from Sentry: "+o.err.Error(), 200), Err: o.err}
	}
	e := &letter.SendError{Status: o.status, Reason: o.answer}
	switch {
	case o.status == http.StatusTooManyRequests, o.status == http.StatusRequestTimeout, o.status >= http.StatusInternalServerError:
		e.RetryAfter = o.wait
	default:
		e.Permanent = true
		e.Reason = "Sentry refuses reports; check SENTRY_DSN: " + o.answer
	}
	return o.answer, e
}

// errLate is the cause when reports were left at the end.
var errLate = errors.New("the time for the last reports was over")

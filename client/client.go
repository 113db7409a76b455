// Package client sends events from a Go program to an installation of
// Introspect: POST /api/metrics/batch. It keeps events in a bounded queue,
// sends them in batches and repeats what got no verdict; an event keeps its id,
// so that nothing counts twice.
//
// It writes nothing to disk: what is not delivered when the program ends is
// lost, and Close says how much that is. It imports the standard library only.
// Start with New.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// The limits of the server, and what Options take when they say nothing.
const (
	MaxBatch = 500       // events in one request; the server takes 1,000
	MaxBytes = 512 << 10 // of events in one request, unpacked; the server takes 1 MB
	MaxEvent = 36 << 10  // bytes of one event

	DefaultTimeout    = 10 * time.Second
	DefaultFlushEvery = 30 * time.Second
	DefaultFlushAt    = 50
	DefaultMaxQueue   = 10_000
	DefaultMinPause   = time.Second
	DefaultMaxPause   = 5 * time.Minute
)

// ErrClosed means that the client was closed before.
var ErrClosed = errors.New("the client is closed")

// Event is one fact to tell. Name and SessionID are needed.
type Event struct {
	ID         string    // the same id counts once; empty: Track makes a UUIDv7
	Name       string    // e.g. cta_click
	SessionID  string    // of the visit
	UserID     string    // an opaque id, never an e-mail address; may be empty
	Time       time.Time // when it happened; zero: now
	Seq        int64     // running number within the session from 1, if the program keeps one; else 0
	Properties map[string]any
}

// Verdict is what the server did with an event.
type Verdict struct {
	ID      string `json:"id"`
	Result  string `json:"result"`  // ok, duplicate, warning, drop, or retry: it stays in the queue
	Details string `json:"details"` // reasons for machines, joined by commas
	Hint    string `json:"hint"`    // why it was dropped, for people
}

// Options change how a Client works. The zero value is useful.
type Options struct {
	WriteKey  string       // of the installation, when it asks for one
	Anonymous bool         // ask the server to forget who it was
	HTTP      *http.Client // nil: one of its own

	Timeout    time.Duration // of one request, answer included; 0: 10 s
	FlushEvery time.Duration // how long an event waits at most for others; 0: 30 s
	FlushAt    int           // how many waiting events are sent at once; 0: 50
	MaxQueue   int           // how many events wait at most, then the oldest are dropped; 0: 10,000
	MinPause   time.Duration // after the first failure, doubled after each one more; 0: 1 s
	MaxPause   time.Duration // 0: 5 min. A server that asks for more gets it

	OnVerdict func(Verdict) // called for every verdict, by the goroutine that sends; nil: nobody
	OnError   func(error)   // called after every failed attempt, by the same; nil: nobody
}

// Client collects events and sends them. It is safe for concurrent use. Close
// ends it.
type Client struct {
	endpoint string
	opt      Options
	began    time.Time // origin of the steady clock
	kick     chan struct{}
	stop     context.CancelFunc
	done     chan struct{} // closed when the sender has ended

	mu      sync.Mutex
	q       queue
	ids     ids
	closed  bool
	failure error         // of the last attempt
	settled chan struct{} // closed and made anew when events leave the queue
}

// New makes a client for an installation, which is named by its address, such
// as https://intake.example.com, or by the whole address of its collector.
func New(endpoint string, opt Options) (*Client, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("read the address of the collector: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is no address of a collector; give one such as https://intake.example.com", endpoint)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/api/metrics/batch"
	}
	ctx, stop := context.WithCancel(context.Background())
	c := &Client{
		endpoint: u.String(), opt: opt.withDefaults(), began: time.Now(), stop: stop,
		kick: make(chan struct{}, 1), done: make(chan struct{}), settled: make(chan struct{}),
	}
	c.q.most = c.opt.MaxQueue
	go c.run(ctx)
	return c, nil
}

func (o Options) withDefaults() Options {
	if o.HTTP == nil {
		o.HTTP = &http.Client{}
	}
	for _, d := range []struct {
		value    *time.Duration
		standard time.Duration
	}{{&o.Timeout, DefaultTimeout}, {&o.FlushEvery, DefaultFlushEvery}, {&o.MinPause, DefaultMinPause}, {&o.MaxPause, DefaultMaxPause}} {
		if *d.value <= 0 {
			*d.value = d.standard
		}
	}
	if o.FlushAt <= 0 {
		o.FlushAt = DefaultFlushAt
	}
	if o.MaxQueue <= 0 {
		o.MaxQueue = DefaultMaxQueue
	}
	return o
}

// wireEvent is an event as the collector reads it.
type wireEvent struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	SessionID  string         `json:"sessionId"`
	UserID     string         `json:"userId,omitempty"`
	Timestamp  time.Time      `json:"timestamp"`
	Mono       float64        `json:"mono,omitempty"`
	Seq        int64          `json:"seq,omitempty"`
	Properties map[string]any `json:"properties,omitempty"`
}

// Track queues an event and never waits for the network. A full queue drops
// its oldest event; see Dropped. The errors are ErrClosed and faults of the
// event itself, which would be refused or cannot be spelled.
func (c *Client) Track(e Event) error {
	switch {
	case e.Name == "":
		return errors.New("track an event without a name; set Event.Name")
	case e.SessionID == "":
		return fmt.Errorf("track %s without a session; set Event.SessionID", e.Name)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return fmt.Errorf("track %s: %w", e.Name, ErrClosed)
	}
	now := time.Now()
	w := wireEvent{ID: e.ID, Name: e.Name, SessionID: e.SessionID, Timestamp: e.Time, Seq: e.Seq, Properties: e.Properties}
	if !c.opt.Anonymous {
		w.UserID = e.UserID
	}
	if e.ID == "" {
		w.ID = c.ids.next(now)
	}
	if e.Time.IsZero() {
		w.Timestamp, w.Mono = now, c.steady(now)
	}
	text, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("track %s: encode it: %w", e.Name, err)
	}
	if len(text) > MaxEvent {
		return fmt.Errorf("track %s: it has %d bytes and at most %d are taken; put less into its properties", e.Name, len(text), MaxEvent)
	}
	c.q.add(w.ID, text)
	if len(c.q.waiting) >= c.opt.FlushAt {
		c.wake()
	}
	return nil
}

// steady reads a clock that nobody sets, in milliseconds since New.
func (c *Client) steady(now time.Time) float64 {
	return float64(now.Sub(c.began).Microseconds()) / 1000
}

// wake tells the sender that there is something to do now.
func (c *Client) wake() {
	select {
	case c.kick <- struct{}{}:
	default: // it has been told
	}
}

// Dropped tells how many events were given up because the queue was full.
func (c *Client) Dropped() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.q.dropped
}

// Flush waits until every event that was tracked before has a verdict, or has
// been dropped. Failed attempts are repeated until ctx ends; then the error
// holds that of ctx and that of the last attempt, and the events still wait.
func (c *Client) Flush(ctx context.Context) error {
	c.mu.Lock()
	mark := c.q.last
	c.mu.Unlock()
	for {
		c.mu.Lock()
		left, settled, failure := c.q.until(mark), c.settled, c.failure
		c.mu.Unlock()
		if left == 0 {
			return nil
		}
		c.wake()
		select {
		case <-settled:
		case <-ctx.Done():
			return fmt.Errorf("flush: %d events still wait: %w", left, errors.Join(context.Cause(ctx), failure))
		case <-c.done:
			return fmt.Errorf("flush: %d events will not be sent: %w", left, errors.Join(ErrClosed, failure))
		}
	}
}

// Close takes no more events, flushes, and ends the client, at the latest when
// ctx does. Events that were not delivered by then are lost, and the error says
// how many. Closing again does nothing.
func (c *Client) Close(ctx context.Context) error {
	c.mu.Lock()
	again := c.closed
	c.closed = true
	c.mu.Unlock()
	if again {
		<-c.done
		return nil
	}
	err := c.Flush(ctx)
	c.stop()
	<-c.done
	if err != nil {
		return fmt.Errorf("close the client: %w", err)
	}
	return nil
}

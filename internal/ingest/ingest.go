// Package ingest takes a batch of events from outside (POST
// /api/metrics/batch, S69): it checks the body, has the good events recorded
// in one durable commit and tells the sender about each of them. A bad event
// never costs the others, and sending a batch again never counts it twice
// (ARCHITECTURE 4).
//
// It knows nothing of HTTP beyond content type and encoding: who may send and
// how often is the door's business. Start with Service.Take.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
)

// The limits of a batch unless the configuration says otherwise
// (references/analytics.md 4.2: 1,000 events and 1 MB), and of all batches that
// are being read or wait for the store together.
const (
	DefaultMaxEvents  = event.MaxBatch
	DefaultMaxBytes   = 1 << 20
	DefaultMaxPending = 64 << 20
)

// The details of verdicts that come from the event itself or its sender; those
// of the id, the name and of server-only names are the store's.
const (
	DetailClamped = "future_clamped"  // the time lay in the future and was set to now
	DetailUndated = "no_timestamp"    // there was no time: it is the time of arrival
	DetailJumped  = "clock_jump"      // the sender's clock was set back; the time comes from its steady clock
	DetailBot     = "bot"             // the sender looks automated; the dashboard leaves the session out
	DetailValues  = "too_many_values" // kept, but not counted: it brings one more value than a day may have
	DetailRate    = "session_rate"    // the session sends too much; send this event again later
)

// ResultRetry is the result of an event that was not taken now but may be sent
// again later (references/analytics.md 4.2).
const ResultRetry = "retry"

// Store keeps events durably.
type Store interface {
	// Record returns a verdict for each event, in order.
	Record(ctx context.Context, evs []store.Incoming) ([]store.Verdict, error)
	// Salt returns the secret of a day; see store.Store.Salt.
	Salt(ctx context.Context, day, oldest string, fresh []byte) ([]byte, error)
}

// Config holds what a Service needs.
type Config struct {
	Store      Store            // must not be nil
	Now        func() time.Time // nil means time.Now
	MaxEvents  int              // per batch, at most event.MaxBatch; 0 means that
	MaxBytes   int              // per body, unpacked too; 0 means 1 MB
	MaxPending int              // bytes of all bodies in work; 0 means 64 MB
}

// Service takes batches. It is safe for concurrent use.
type Service struct {
	store      Store
	now        func() time.Time
	maxEvents  int
	maxBytes   int
	maxPending int64
	pending    atomic.Int64
	unpackers  sync.Pool // of *gzip.Reader
	spaces     sync.Pool // of *space
	salts      salts
	values     values
}

// New makes a Service.
func New(cfg Config) *Service {
	s := &Service{
		store: cfg.Store, now: cfg.Now, maxEvents: cfg.MaxEvents, maxBytes: cfg.MaxBytes, maxPending: int64(cfg.MaxPending),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.maxEvents <= 0 || s.maxEvents > event.MaxBatch {
		s.maxEvents = DefaultMaxEvents
	}
	if s.maxBytes <= 0 {
		s.maxBytes = DefaultMaxBytes
	}
	if s.maxPending <= 0 {
		s.maxPending = DefaultMaxPending
	}
	return s
}

// Result tells what became of one event. Result is one of the store's results
// (ok, duplicate, warning or drop) or retry.
type Result struct {
	ID      event.ID `json:"id"` // "index:N" for a dropped event without an id
	Result  string   `json:"result"`
	Details string   `json:"details,omitempty"` // reasons for machines, joined by commas
	Hint    string   `json:"hint,omitempty"`    // why an event was dropped, for people
}

// Report is the answer to a batch, with one result for each event in the
// order of the body.
type Report struct {
	Accepted   int      `json:"accepted"`   // stored by this call: ok or warning
	Duplicates int      `json:"duplicates"` // known before, which is a success
	Dropped    int      `json:"dropped"`
	Retry      int      `json:"retry,omitempty"` // not taken now
	Results    []Result `json:"results"`

	Evicted    int           `json:"-"` // events that the sender gave up before it could send them
	RetryAfter time.Duration `json:"-"` // how long to wait with those to retry
}

// Malformed is a body that cannot be read as a batch (400).
type Malformed struct {
	Reason string // a sentence for the sender's developer
	Offset int64  // byte at which reading ended
}

// Error implements error.
func (e *Malformed) Error() string { return "malformed batch: " + e.Reason }

// TooLarge is a body beyond a limit (413).
type TooLarge struct {
	Limit int
	Unit  string // "bytes" or "events"
}

// Error implements error.
func (e *TooLarge) Error() string { return fmt.Sprintf("batch has more than %d %s", e.Limit, e.Unit) }

// Unsupported is a content type or encoding that is not taken (415).
type Unsupported struct {
	ContentType string
	Encoding    string // empty when the type is what is wrong
}

// Error implements error.
func (e *Unsupported) Error() string {
	if e.Encoding != "" {
		return fmt.Sprintf("content encoding %q is not gzip", e.Encoding)
	}
	return fmt.Sprintf("content type %q is not application/json, application/x-ndjson or text/plain", e.ContentType)
}

// Limited means that every event of the batch belongs to a session that sends
// too much (429). Nothing was taken.
type Limited struct{ Wait time.Duration }

// Error implements error.
func (e *Limited) Error() string { return fmt.Sprintf("the session sends too much; wait %v", e.Wait) }

// Take takes one request and returns when every good event in it is on disk.
// The errors are *Unsupported, *TooLarge, *Malformed, *Limited, what reading
// the body brings, and the store's: store.ErrBusy means that nothing was taken
// and the sender should try again later. Sending the same body again is safe
// after any error.
func (s *Service) Take(ctx context.Context, r Request) (Report, error) {
	form, err := r.form()
	if err != nil {
		return Report{}, err
	}
	sp := s.space()
	defer s.giveBack(sp)
	done, err := s.read(r, sp)
	defer done()
	if err != nil {
		return Report{}, err
	}
	alias := s.alias(ctx)
	batch, err := event.Decode(sp.body, event.Options{Now: s.now(), Form: form, Anonymous: r.Anonymous, Alias: alias.of, Space: &sp.batch})
	if err = errors.Join(err, alias.err); err != nil {
		return Report{}, s.refused(err)
	}
	if len(batch.Events)+len(batch.Bad) > s.maxEvents {
		return Report{}, &TooLarge{Limit: s.maxEvents, Unit: "events"}
	}
	waits := admit(r.Admit, batch.Events)
	if waits.all() {
		return Report{}, &Limited{Wait: waits.longest}
	}
	suspect(&batch, r.Bot)
	verdicts, err := s.record(ctx, sp, batch, waits)
	if err != nil {
		return Report{}, fmt.Errorf("ingest %d events: %w", len(batch.Events), err)
	}
	return report(batch, verdicts, waits), nil
}

// refused translates what Decode has against a body.
func (s *Service) refused(err error) error {
	var malformed *event.Malformed
	var many *event.TooMany
	switch {
	case errors.As(err, &malformed):
		return &Malformed{Reason: malformed.Details, Offset: malformed.Offset}
	case errors.As(err, &many):
		return &TooLarge{Limit: s.maxEvents, Unit: "events"}
	}
	return err
}

// space is the memory of one batch, which others use after it.
type space struct {
	body   []byte
	batch  event.Space
	reader metric.Reader
	in     []store.Incoming
}

func (s *Service) space() *space {
	sp, _ := s.spaces.Get().(*space)
	if sp == nil {
		sp = new(space)
	}
	return sp
}

// giveBack keeps the memory of a batch of usual size for others.
func (s *Service) giveBack(sp *space) {
	if cap(sp.body) <= 2*firstPiece {
		sp.reader.Reset()
		s.spaces.Put(sp)
	}
}

// record hands the good events to the store; without any it need not be asked.
func (s *Service) record(ctx context.Context, sp *space, batch event.Batch, waits waits) ([]store.Verdict, error) {
	in := sp.in[:0]
	for i := range batch.Events {
		e := &batch.Events[i]
		if !waits.holds(i) {
			in = append(in, store.Incoming{
				Event: e.Event, Checked: true, Properties: sp.reader.Read(e), Derived: e.Derived, Clocked: e.Clocked, Skew: batch.Skew,
			})
		}
	}
	sp.in = in
	if len(in) == 0 {
		return nil, nil
	}
	s.values.admit(in, s.now())
	verdicts, err := s.store.Record(ctx, in)
	if err == nil && len(verdicts) != len(in) {
		err = fmt.Errorf("the store returned %d verdicts", len(verdicts))
	}
	return verdicts, err
}

// report puts verdicts and refusals back into the order of the body.
func report(batch event.Batch, verdicts []store.Verdict, waits waits) Report {
	r := Report{
		Results: make([]Result, len(batch.Events)+len(batch.Bad)), Evicted: batch.Evicted, RetryAfter: waits.longest,
	}
	for i := range batch.Events {
		e := &batch.Events[i]
		if waits.holds(i) {
			r.Results[e.Index] = Result{ID: e.ID, Result: ResultRetry, Details: DetailRate}
			continue
		}
		r.Results[e.Index] = result(e, verdicts[0])
		verdicts = verdicts[1:]
	}
	for _, bad := range batch.Bad {
		r.Results[bad.Index] = Result{ID: bad.ID, Result: store.ResultDrop, Details: bad.Reason, Hint: bad.Details}
	}
	for i := range r.Results {
		switch r.Results[i].Result {
		case store.ResultDuplicate:
			r.Duplicates++
		case store.ResultDrop:
			r.Dropped++
		case ResultRetry:
			r.Retry++
		default:
			r.Accepted++
		}
	}
	return r
}

// result joins what the store and the decoder have to say about an event. What
// was not counted, or not stored now, needs no remark about its time.
func result(e *event.Incoming, v store.Verdict) Result {
	out := Result{ID: v.ID, Result: v.Result, Details: v.Details}
	if v.Details == store.DetailNames {
		out.Hint = "There are too many different event names already; put values into properties, not into names."
	}
	counted := v.Result == store.ResultOK ||
		v.Result == store.ResultWarning && v.Details != store.DetailServerOnly && v.Details != DetailValues
	if !counted {
		return out
	}
	var remarks []string
	if v.Details != "" {
		remarks = append(remarks, v.Details)
	}
	if e.Clamped {
		remarks = append(remarks, DetailClamped)
	}
	if e.Undated {
		remarks = append(remarks, DetailUndated)
	}
	if e.Jumped {
		remarks = append(remarks, DetailJumped)
	}
	if e.Bot != "" {
		remarks = append(remarks, DetailBot)
	}
	if len(remarks) > 0 {
		out.Result, out.Details = store.ResultWarning, strings.Join(remarks, ",")
	}
	return out
}

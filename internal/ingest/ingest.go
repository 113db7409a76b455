// Package ingest takes a batch of events from outside (POST
// /api/metrics/batch, S69): it checks the body, has the good events recorded
// in one durable commit and tells the sender about each of them. A bad event
// never costs the others, and sending a batch again never counts it twice
// (ARCHITECTURE 4).
//
// It knows nothing of HTTP beyond the content type: who may send and how often
// is the door's business. Start with Service.Batch.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"strings"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
)

// The limits of a batch unless the configuration says otherwise
// (references/analytics.md 4.2: 1,000 events and 1 MB).
const (
	DefaultMaxEvents = event.MaxBatch
	DefaultMaxBytes  = 1 << 20
)

// The details of warnings that come from the event's time; those of the id
// and of server-only names are the store's.
const (
	DetailClamped = "future_clamped" // the time lay in the future and was set to now
	DetailUndated = "no_timestamp"   // there was no time: it is the time of arrival
)

// Recorder stores events durably and returns a verdict for each, in order.
type Recorder interface {
	Record(ctx context.Context, evs []store.Incoming) ([]store.Verdict, error)
}

// Config holds what a Service needs.
type Config struct {
	Store     Recorder         // must not be nil
	Now       func() time.Time // nil means time.Now
	MaxEvents int              // per batch, at most event.MaxBatch; 0 means that
	MaxBytes  int              // per body; 0 means 1 MB
}

// Service takes batches. It is safe for concurrent use.
type Service struct {
	store     Recorder
	now       func() time.Time
	maxEvents int
	maxBytes  int
}

// New makes a Service.
func New(cfg Config) *Service {
	s := &Service{store: cfg.Store, now: cfg.Now, maxEvents: cfg.MaxEvents, maxBytes: cfg.MaxBytes}
	if s.now == nil {
		s.now = time.Now
	}
	if s.maxEvents <= 0 || s.maxEvents > event.MaxBatch {
		s.maxEvents = DefaultMaxEvents
	}
	if s.maxBytes <= 0 {
		s.maxBytes = DefaultMaxBytes
	}
	return s
}

// Result tells what became of one event. Result is one of the store's results:
// ok, duplicate, warning or drop.
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
	Results    []Result `json:"results"`
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

// Unsupported is a content type that is not taken (415).
type Unsupported struct{ ContentType string }

// Error implements error.
func (e *Unsupported) Error() string {
	return fmt.Sprintf("content type %q is not application/json or text/plain", e.ContentType)
}

// Batch takes one request body and returns when every good event in it is on
// disk. The content type is that of the request: application/json, or
// text/plain, which beacons use. The errors are *Unsupported, *TooLarge,
// *Malformed, and the store's: store.ErrBusy means that nothing was taken and
// the sender should try again later. Sending the same body again is safe after
// any error.
func (s *Service) Batch(ctx context.Context, body []byte, contentType string) (Report, error) {
	if !supported(contentType) {
		return Report{}, &Unsupported{ContentType: contentType}
	}
	if len(body) > s.maxBytes {
		return Report{}, &TooLarge{Limit: s.maxBytes, Unit: "bytes"}
	}
	batch, err := event.DecodeBatch(body, s.now())
	if err != nil {
		return Report{}, s.refused(err)
	}
	if len(batch.Events)+len(batch.Bad) > s.maxEvents {
		return Report{}, &TooLarge{Limit: s.maxEvents, Unit: "events"}
	}
	verdicts, err := s.record(ctx, batch.Events)
	if err != nil {
		return Report{}, fmt.Errorf("ingest %d events: %w", len(batch.Events), err)
	}
	return report(batch, verdicts), nil
}

func supported(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || kind == "text/plain")
}

// refused translates what DecodeBatch has against a body.
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

// record hands the good events to the store; without any it need not be asked.
func (s *Service) record(ctx context.Context, events []event.Incoming) ([]store.Verdict, error) {
	if len(events) == 0 {
		return nil, nil
	}
	in := make([]store.Incoming, len(events))
	for i, e := range events {
		in[i] = store.Incoming{Event: e.Event, Derived: e.Derived}
	}
	verdicts, err := s.store.Record(ctx, in)
	if err == nil && len(verdicts) != len(in) {
		err = fmt.Errorf("the store returned %d verdicts", len(verdicts))
	}
	return verdicts, err
}

// report puts verdicts and refusals back into the order of the body.
func report(batch event.Batch, verdicts []store.Verdict) Report {
	r := Report{Results: make([]Result, len(batch.Events)+len(batch.Bad))}
	for i, e := range batch.Events {
		r.Results[e.Index] = result(e, verdicts[i])
	}
	for _, bad := range batch.Bad {
		r.Results[bad.Index] = Result{ID: bad.ID, Result: store.ResultDrop, Details: bad.Reason, Hint: bad.Details}
	}
	for _, one := range r.Results {
		switch one.Result {
		case store.ResultDuplicate:
			r.Duplicates++
		case store.ResultDrop:
			r.Dropped++
		default:
			r.Accepted++
		}
	}
	return r
}

// result joins what the store and the decoder have to say about an event. What
// was not counted, or not stored now, needs no remark about its time.
func result(e event.Incoming, v store.Verdict) Result {
	out := Result{ID: v.ID, Result: v.Result, Details: v.Details}
	counted := v.Result == store.ResultOK || v.Result == store.ResultWarning && v.Details != store.DetailServerOnly
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
	if len(remarks) > 0 {
		out.Result, out.Details = store.ResultWarning, strings.Join(remarks, ",")
	}
	return out
}

// Package forward passes events on to outside analytics, in the order of their
// arrival. It remembers how far each vendor is, so a restart goes on where it
// was; a vendor that is away is asked again later, and what it refuses for good
// is counted and left behind. It never blocks anybody: it only reads.
//
// Only sessions whose visitors agreed are passed on, and of their events only
// known names and known properties. Start with New and Service.Run.
package forward

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/store"
)

const (
	// page is how many events are read and sent at once.
	page = 200
	// longest is the most a vendor that fails is left alone.
	longest = 15 * time.Minute
	// cursorPrefix and the vendor's name are the setting that holds its place.
	cursorPrefix = "forward_cursor/"
)

// Vendor is one service that wants events.
type Vendor struct {
	Name string
	// Send hands over a batch. A *letter.SendError that is permanent leaves the
	// batch behind; every other error sends it again.
	Send func(context.Context, []event.Event) error
	// Inside marks one that only repeats our own events to ourselves, such as
	// the breadcrumbs of the error tracker, and needs nobody's consent.
	Inside bool
}

// Config is what a Service needs.
type Config struct {
	Store   *store.Store
	Vendors []Vendor
	// Consent reports whether the visitor agrees to analytics now, and since when:
	// what happened before stays here. It is asked again for every batch and every
	// attempt, so that taking it back works at once. nil: nobody agrees.
	Consent func(context.Context, event.SessionID) (since time.Time, yes bool, err error)
	Log     *slog.Logger     // nil: discarded
	Now     func() time.Time // nil: time.Now
}

// Status is how far a vendor is.
type Status struct {
	Vendor  string
	At      time.Time // everything that arrived before is done
	Sent    int       // events accepted since the start
	Refused int       // given up for good
	Private int       // not passed on: no consent, or not for outside
	Failed  int       // attempts that will be made again
	Last    string    // why the last attempt failed; empty when it did not
	Again   time.Time // not before this is the next attempt; zero: at the next tick
}

// Service passes events on. Status may be asked at any time.
type Service struct {
	cfg Config

	mu   sync.Mutex
	list []*line
}

// line is the state of one vendor.
type line struct {
	Vendor

	status Status
	place  store.Place
	known  bool // place was read or set
	inRow  int  // failures in a row
}

// New makes the service; without vendors it does nothing.
func New(cfg Config) *Service {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Consent == nil {
		cfg.Consent = func(context.Context, event.SessionID) (time.Time, bool, error) { return time.Time{}, false, nil }
	}
	s := &Service{cfg: cfg}
	for _, v := range cfg.Vendors {
		s.list = append(s.list, &line{Vendor: v, status: Status{Vendor: v.Name}})
	}
	return s
}

// Run passes on what is there at every tick, until ctx or the ticks end. Vendors
// do not wait for one another.
func (s *Service) Run(ctx context.Context, ticks <-chan time.Time) {
	if len(s.list) == 0 {
		return
	}
	for {
		s.Once(ctx)
		select {
		case <-ctx.Done():
			return
		case _, open := <-ticks:
			if !open {
				return
			}
		}
	}
}

// Once passes on everything that is there now. A vendor that starts anew begins
// with what arrives from now on: the past was not promised to it.
func (s *Service) Once(ctx context.Context) {
	var wg sync.WaitGroup
	for _, l := range s.list {
		wg.Go(func() {
			if err := s.pass(ctx, l); err != nil && ctx.Err() == nil {
				s.fail(ctx, l, err)
			}
		})
	}
	wg.Wait()
}

// Status lists the vendors.
func (s *Service) Status() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Status
	for _, l := range s.list {
		out = append(out, l.status)
	}
	return out
}

// pass sends page after page until nothing is left.
func (s *Service) pass(ctx context.Context, l *line) error {
	if s.cfg.Now().Before(l.status.Again) {
		return nil
	}
	if err := s.locate(ctx, l); err != nil {
		return err
	}
	for ctx.Err() == nil {
		events, next, err := s.cfg.Store.Arrived(ctx, l.place, page)
		if err != nil || len(events) == 0 {
			return err
		}
		batch, err := s.allowed(ctx, l, events)
		if err != nil {
			return err
		}
		refused, err := l.hand(ctx, batch)
		if err != nil {
			return err
		}
		if err := s.cfg.Store.SetSetting(ctx, cursorPrefix+l.Name, next.String()); err != nil {
			return err
		}
		s.advance(ctx, l, next, len(events), len(batch), refused)
	}
	return nil
}

// hand sends a batch; refused is why the vendor will never take it.
func (l *line) hand(ctx context.Context, batch []event.Event) (refused *letter.SendError, err error) {
	if len(batch) == 0 {
		return nil, nil
	}
	err = l.Send(ctx, batch)
	if errors.As(err, &refused) && refused.Permanent {
		return refused, nil
	}
	return nil, err
}

func (s *Service) advance(ctx context.Context, l *line, next store.Place, read, tried int, refused *letter.SendError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.place, l.inRow = next, 0
	l.status.At, l.status.Again, l.status.Last = next.At(), time.Time{}, ""
	l.status.Private += read - tried
	if refused == nil {
		l.status.Sent += tried
		return
	}
	l.status.Refused += tried
	l.status.Last = refused.Error()
	s.cfg.Log.WarnContext(ctx, "events were refused and are left behind", "vendor", l.Name, "events", tried, "error", refused.Error())
}

// fail notes an attempt that will be made again, later each time.
func (s *Service) fail(ctx context.Context, l *line, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := min(time.Minute<<min(l.inRow, 10), longest)
	var e *letter.SendError
	if errors.As(err, &e) {
		wait = max(wait, e.RetryAfter)
	}
	l.inRow++
	l.status.Failed++
	l.status.Last, l.status.Again = err.Error(), s.cfg.Now().Add(wait)
	s.cfg.Log.WarnContext(ctx, "events wait for their vendor", "vendor", l.Name, "again", l.status.Again, "error", err.Error())
}

// locate finds the place of a vendor once.
func (s *Service) locate(ctx context.Context, l *line) error {
	if l.known {
		return nil
	}
	text, err := s.cfg.Store.Setting(ctx, cursorPrefix+l.Name)
	switch {
	case errors.Is(err, store.ErrNotFound):
		l.place = store.PlaceAt(s.cfg.Now())
		err = s.cfg.Store.SetSetting(ctx, cursorPrefix+l.Name, l.place.String())
	case err == nil:
		l.place, err = store.ParsePlace(text)
	}
	if err != nil {
		return fmt.Errorf("find the place of %s: %w", l.Name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l.known, l.status.At = true, l.place.At()
	return nil
}

// allowed picks what may leave.
func (s *Service) allowed(ctx context.Context, l *line, events []store.StoredEvent) ([]event.Event, error) {
	type answer struct {
		yes   bool
		since time.Time
	}
	answers := map[event.SessionID]answer{}
	var out []event.Event
	for _, e := range events {
		a, asked := answers[e.SessionID]
		if !asked && !l.Inside {
			var err error
			if a.since, a.yes, err = s.cfg.Consent(ctx, e.SessionID); err != nil {
				return nil, fmt.Errorf("ask for the consent of %s: %w", e.SessionID, err)
			}
			answers[e.SessionID] = a
		}
		agreed := l.Inside || a.yes && !e.At.Before(a.since)
		if !agreed || !e.Counted {
			continue
		}
		if slim, ok := Slim(e.Event); ok {
			out = append(out, slim)
		}
	}
	return out, nil
}

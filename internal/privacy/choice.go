package privacy

import (
	"context"
	"errors"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
)

// Choose writes down whether the steps of visits may go to analytics services,
// from now on. Saying no holds at once, also for what happened before and was not
// sent yet. Visits that were erased are passed over.
func (s *Service) Choose(ctx context.Context, allowed bool, ids ...event.SessionID) error {
	for _, id := range ids {
		err := s.cfg.Store.ChooseAnalytics(ctx, id, store.AnalyticsChoice{Allowed: allowed, Since: s.cfg.Now()})
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// Allowed reports whether a visitor agreed, and since when: what happened before
// that may not go out. Nothing said is no.
func (s *Service) Allowed(ctx context.Context, id event.SessionID) (since time.Time, yes bool, err error) {
	c, err := s.cfg.Store.AnalyticsChoice(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return time.Time{}, false, nil
	}
	return c.Since, c.Allowed, err
}

// Carry takes what was said about a visit over to the session that follows it
// under another id. What was said about the session itself goes before.
func (s *Service) Carry(ctx context.Context, visit, session event.SessionID) error {
	c, err := s.cfg.Store.AnalyticsChoice(ctx, visit)
	if err == nil {
		if _, err = s.cfg.Store.AnalyticsChoice(ctx, session); errors.Is(err, store.ErrNotFound) {
			err = s.cfg.Store.ChooseAnalytics(ctx, session, c)
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

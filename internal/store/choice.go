package store

import (
	"context"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/event"
)

// AnalyticsChoice is what a visitor said about analytics services.
type AnalyticsChoice struct {
	Allowed bool
	Since   time.Time // when they said so first, until they said otherwise
}

// ChooseAnalytics writes down what a visitor said about a visit or session. To
// say the same again does not change since when it holds. A session that was
// erased is ErrNotFound.
func (s *Store) ChooseAnalytics(ctx context.Context, id event.SessionID, c AnalyticsChoice) error {
	err := s.w.do(ctx, func(w *tx) error {
		if err := w.refuseErased(id); err != nil {
			return err
		}
		return w.run(`INSERT INTO analytics_choices (session_id, allowed, at) VALUES ($1, $2, $3) ON CONFLICT (session_id)
			DO UPDATE SET allowed = excluded.allowed, at = excluded.at WHERE analytics_choices.allowed <> excluded.allowed`, string(id), c.Allowed, c.Since.UnixMilli())
	})
	if err != nil {
		return fmt.Errorf("write down the choice of visit %s: %w", id, err)
	}
	return nil
}

// AnalyticsChoice reads it. Without an answer the error is ErrNotFound.
func (s *Store) AnalyticsChoice(ctx context.Context, id event.SessionID) (AnalyticsChoice, error) {
	var c AnalyticsChoice
	var at int64
	err := s.read.QueryRowContext(ctx, `SELECT allowed, at FROM analytics_choices WHERE session_id = $1`, string(id)).Scan(&c.Allowed, &at)
	if err != nil {
		return AnalyticsChoice{}, fmt.Errorf("read the choice of visit %s: %w", id, explain(found(err)))
	}
	c.Since = time.UnixMilli(at).UTC()
	return c, nil
}

package store

import (
	"context"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/event"
)

// noCanary narrows a query of sessions to those of real clients.
const noCanary = `NOT EXISTS (SELECT 1 FROM canaries x WHERE x.session_id = sessions.id)`

// MarkCanary notes, before anything else of it is written, that a session only
// tries whether the product works. Its state, messages and events are kept
// like those of others, but it has no facts, so no figure counts it, and no
// list shows it. Marking it again changes nothing.
func (s *Store) MarkCanary(ctx context.Context, id event.SessionID, at time.Time) error {
	err := s.w.do(ctx, func(w *tx) error {
		w.w.hot.drop(id) // it counts no more
		return w.run(`INSERT INTO canaries (session_id, at) VALUES ($1, $2) ON CONFLICT DO NOTHING`, string(id), at.UnixMilli())
	})
	if err != nil {
		return fmt.Errorf("mark session %s as a canary: %w", id, err)
	}
	return nil
}

// RemoveCanaries takes out one canary, and those marked before a moment, which
// somebody forgot. It returns how many there were. A session that is no canary
// is not touched.
func (s *Store) RemoveCanaries(ctx context.Context, id event.SessionID, before time.Time) (int, error) {
	removed := 0
	err := s.w.doAlone(ctx, func(w *tx) error {
		var ids []string
		err := w.each(`SELECT session_id FROM canaries WHERE session_id = $1 OR at < $2 ORDER BY session_id`,
			[]any{string(id), before.UnixMilli()}, func(r scanner) error {
				var id string
				err := r.Scan(&id)
				ids = append(ids, id)
				return err
			})
		if err != nil {
			return err
		}
		for _, id := range ids {
			for _, query := range []string{
				`DELETE FROM event_chunks WHERE session_id = $1`, `DELETE FROM clocks WHERE session_id = $1`,
				`DELETE FROM messages WHERE session_id = $1`, `DELETE FROM jobs WHERE session_id = $1`, `DELETE FROM drafts WHERE session_id = $1`,
				`DELETE FROM session_addresses WHERE session_id = $1`, `DELETE FROM reminders WHERE session_id = $1`,
				`DELETE FROM sessions WHERE id = $1`, `DELETE FROM canaries WHERE session_id = $1`,
			} {
				if err := w.run(query, id); err != nil {
					return fmt.Errorf("session %s: %w", id, err)
				}
			}
		}
		removed = len(ids)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("remove canaries: %w", err)
	}
	return removed, nil
}

// IsCanary reports whether a session is one of introspect smoke.
func (s *Store) IsCanary(ctx context.Context, id event.SessionID) (bool, error) {
	var canary bool
	if err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM canaries WHERE session_id = $1)`, string(id)).Scan(&canary); err != nil {
		return false, fmt.Errorf("look at canary %s: %w", id, explain(err))
	}
	return canary, nil
}

package store

import (
	"context"
	"fmt"

	"applicreations.com/introspect/internal/event"
)

// MarkSimulated notes, before anything else of it is written, that a visit is
// none. Marking it again changes nothing.
func (s *Store) MarkSimulated(ctx context.Context, id event.SessionID) error {
	err := s.w.do(ctx, func(w *tx) error {
		return w.run(`INSERT INTO simulated (session_id) VALUES ($1) ON CONFLICT DO NOTHING`, string(id))
	})
	if err != nil {
		return fmt.Errorf("mark visit %s as simulated: %w", id, err)
	}
	return nil
}

// IsSimulated reports whether a visit is none.
func (s *Store) IsSimulated(ctx context.Context, id event.SessionID) (bool, error) {
	var simulated bool
	if err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM simulated WHERE session_id = $1)`, string(id)).Scan(&simulated); err != nil {
		return false, fmt.Errorf("ask whether visit %s is simulated: %w", id, explain(err))
	}
	return simulated, nil
}

// Simulated counts the visits that are none.
func (s *Store) Simulated(ctx context.Context) (int, error) {
	var n int
	if err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM simulated`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count simulated visits: %w", explain(err))
	}
	return n, nil
}

// removePage is how many simulated visits one operation takes out.
const removePage = 50

// RemoveSimulated takes out every simulated visit: what it added to the
// rollups, its facts, events, messages and session. It returns how many there
// were; a call that is cut short leaves the rest for the next one.
func (s *Store) RemoveSimulated(ctx context.Context) (int, error) {
	removed := 0
	for {
		n := 0
		err := s.w.doAlone(ctx, func(w *tx) (err error) {
			n, err = w.removeSimulated()
			return err
		})
		if err != nil {
			return removed, fmt.Errorf("remove simulated visits: %w", err)
		}
		if removed += n; n < removePage {
			return removed, nil
		}
	}
}

func (t *tx) removeSimulated() (int, error) {
	var ids []event.SessionID
	err := t.each(`SELECT session_id FROM simulated ORDER BY session_id LIMIT $1`, []any{removePage}, func(r scanner) error {
		var id event.SessionID
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		for _, query := range []string{
			`DELETE FROM event_chunks WHERE session_id = $1`, `DELETE FROM clocks WHERE session_id = $1`,
			`DELETE FROM messages WHERE session_id = $1`, `DELETE FROM sessions WHERE id = $1`, `DELETE FROM simulated WHERE session_id = $1`,
		} {
			if err := t.run(query, string(id)); err != nil {
				return 0, fmt.Errorf("remove visit %s: %w", id, err)
			}
		}
		t.learned[id] = &learned{touched: true, gone: true} // its facts and its counts go at the end of the group
	}
	return len(ids), nil
}

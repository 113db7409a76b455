package store

import (
	"context"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/event"
)

// prunePage is how many sessions lose their events in one operation.
const prunePage = 200

// freePages is how many free pages one operation gives back to the disk.
const freePages = 2000

// Prune deletes the events of sessions in which nothing happened since a moment
// and gives their room back to the disk. Facts and figures stay: they no longer
// can be made again from events, so nothing that verifies or repeats them touches
// these sessions again. What visitors chose goes with the last that is kept of
// them. It returns how many sessions lost their events.
func (s *Store) Prune(ctx context.Context, before time.Time) (int, error) {
	ids, err := s.old(ctx, before)
	if err != nil {
		return 0, fmt.Errorf("look for old events: %w", err)
	}
	pruned := 0
	for len(ids) > 0 {
		n := min(len(ids), prunePage)
		page := ids[:n]
		err := s.w.doAlone(ctx, func(w *tx) error { return w.prune(page, before) })
		if err != nil {
			return pruned, fmt.Errorf("delete old events: %w", err)
		}
		pruned, ids = pruned+n, ids[n:]
	}
	if _, err := s.expireRows(ctx, `DELETE FROM analytics_choices WHERE session_id IN (SELECT session_id FROM analytics_choices c WHERE at < $1
		AND NOT EXISTS (SELECT 1 FROM event_chunks WHERE session_id = c.session_id) AND NOT EXISTS (SELECT 1 FROM sessions WHERE id = c.session_id) LIMIT $2)`,
		before.UnixMilli()); err != nil {
		return pruned, fmt.Errorf("delete what visitors without events chose: %w", err)
	}
	if err := s.d.giveBack(ctx, s); err != nil {
		return pruned, fmt.Errorf("give back the room of old events: %w", err)
	}
	return pruned, nil
}

// old lists the sessions that have events and were quiet since a moment. It
// reads the whole list of chunks, which holds up nobody.
func (s *Store) old(ctx context.Context, before time.Time) ([]event.SessionID, error) {
	var ids []event.SessionID
	err := s.each(ctx, `SELECT c.session_id FROM event_chunks c LEFT JOIN session_facts f ON f.session_id = c.session_id
		GROUP BY c.session_id HAVING max(c.received_at) < $1 AND coalesce(max(f.last_seen), 0) < $1`,
		[]any{before.UnixMicro()}, func(r scanner) error {
			var id event.SessionID
			err := r.Scan(&id)
			ids = append(ids, id)
			return err
		})
	return ids, err
}

// prune deletes the events of sessions, unless new ones came meanwhile.
func (t *tx) prune(ids []event.SessionID, before time.Time) error {
	for _, id := range ids {
		n, err := t.exec(`DELETE FROM event_chunks WHERE session_id = $1
			AND NOT EXISTS (SELECT 1 FROM event_chunks WHERE session_id = $1 AND received_at >= $2)`, string(id), before.UnixMicro())
		if err == nil && n > 0 {
			err = t.run(`UPDATE session_facts SET pruned = 1 WHERE session_id = $1`, string(id))
		}
		if err == nil && n > 0 {
			err = t.run(`DELETE FROM clocks WHERE session_id = $1`, string(id))
		}
		if err != nil {
			return fmt.Errorf("session %s: %w", id, err)
		}
	}
	return nil
}

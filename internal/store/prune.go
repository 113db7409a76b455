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
// these sessions again. It returns how many sessions lost their events.
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
	if err := s.giveBack(ctx); err != nil {
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

// giveBack shortens the file by its free pages, some at a time so that nobody
// waits long. A file from before the program knew how keeps them for new rows.
func (s *Store) giveBack(ctx context.Context) error {
	for {
		free := 0
		err := s.w.doAlone(ctx, func(w *tx) error {
			var mode int
			if err := w.one(`PRAGMA auto_vacuum`, nil, &mode); err != nil || mode != incremental {
				return err
			}
			if err := w.each(fmt.Sprintf(`PRAGMA incremental_vacuum(%d)`, freePages), nil, func(scanner) error { return nil }); err != nil {
				return err
			}
			return w.one(`PRAGMA freelist_count`, nil, &free)
		})
		if err != nil || free == 0 {
			return err
		}
	}
}

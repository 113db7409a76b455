package store

import (
	"bytes"
	"context"
	"fmt"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

// Audited is what an audit of one day found. Both drifts must be 0.
type Audited struct {
	Day      int64 // local day
	Sessions int   // whose facts were added up again
	Rows     int   // of the rollups of the day
	Drift    int   // rows that differ from what the facts give
	Folded   int   // sessions whose facts were made again from their events
	Wrong    int   // of these, the ones with other facts stored
}

// maxFolded is how many sessions an audit folds again.
const maxFolded = 100

// AuditDay adds up one local day again from the facts of its sessions, and folds
// some of these again from their events. It reads a snapshot and holds up
// nobody. What RebuildRollups proves for everything, this proves a day at a
// time, cheaply enough to run all the time (references/analytics.md 5.9).
func (s *Store) AuditDay(ctx context.Context, day int64) (Audited, error) {
	out := Audited{Day: day}
	err := s.snapshot(ctx, func(q querier) error {
		want := metric.Delta{}
		ids, err := s.addUp(ctx, q, day, want, &out)
		if err != nil {
			return err
		}
		if err := auditRows(ctx, q, day, want, &out); err != nil {
			return err
		}
		return auditFacts(ctx, q, ids, &out)
	})
	if err != nil {
		return Audited{}, fmt.Errorf("audit day %s: %w", metric.Date(day), err)
	}
	return out, nil
}

// addUp adds what the sessions of a day contribute to it, and returns some of
// their ids with the facts that are stored.
func (s *Store) addUp(ctx context.Context, q querier, day int64, want metric.Delta, out *Audited) (map[event.SessionID][]byte, error) {
	ids := make(map[event.SessionID][]byte)
	err := each(ctx, q, `SELECT session_id, state, pruned FROM session_facts WHERE last_seen >= $1 AND entry < $2`,
		[]any{s.midnight(day).UnixMicro(), s.midnight(day + 1).UnixMicro()}, func(r scanner) error {
			var id event.SessionID
			var state []byte
			var pruned bool
			if err := r.Scan(&id, &state, &pruned); err != nil {
				return err
			}
			f, err := metric.DecodeFacts(state)
			if err != nil {
				return fmt.Errorf("session %s: %w", id, err)
			}
			out.Sessions++
			for k, v := range metric.Contribution(f, s.zone) {
				if k.Tier == metric.Day && k.Bucket == day {
					want.Merge(metric.Delta{k: v}, 1)
				}
			}
			if len(ids) < maxFolded && !pruned {
				ids[id] = f.Encode()
			}
			return nil
		})
	return ids, err
}

// auditRows compares the stored rows of a day.
func auditRows(ctx context.Context, q querier, day int64, want metric.Delta, out *Audited) error {
	for _, m := range metric.PerSession() {
		rows, err := rollupsIn(ctx, q, metric.Range{Tier: metric.Day, Metric: m, From: day, To: day})
		if err != nil {
			return err
		}
		out.Rows += len(rows)
		for _, row := range rows {
			if !bytes.Equal(row.Vector.Encode(), want[row.Key].Encode()) {
				out.Drift++
			}
			delete(want, row.Key)
		}
	}
	out.Drift += len(want)
	return nil
}

// auditFacts folds sessions again.
func auditFacts(ctx context.Context, q querier, ids map[event.SessionID][]byte, out *Audited) error {
	for id, stored := range ids {
		var f metric.Facts
		events := 0
		err := each(ctx, q, `SELECT `+chunkColumns+`, `+isConducted+` FROM `+chunkTables+` WHERE c.session_id = $1`,
			[]any{string(id)}, func(r scanner) error {
				var conducted bool
				c, err := scanChunk(r, &conducted)
				if err != nil {
					return err
				}
				return c.each(func(e StoredEvent) {
					if e.Counted {
						f.Apply(marked(e.Event, e.Outside && conducted))
						events++
					}
				})
			})
		if err != nil {
			return fmt.Errorf("fold session %s: %w", id, err)
		}
		if events == 0 {
			continue // its events are gone, and its facts stay
		}
		out.Folded++
		if !bytes.Equal(f.Encode(), stored) {
			out.Wrong++
		}
	}
	return nil
}

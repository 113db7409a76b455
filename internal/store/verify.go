package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

// factsPage is how many sessions are folded at a time while verifying. It
// bounds memory, whatever the number of events.
const factsPage = 500

// VerifyFacts folds the counted events of every session again and returns how
// many sessions have other facts stored. It changes nothing and holds up
// nobody. Together with RebuildRollups it proves that the dashboard follows
// from the events (ARCHITECTURE 4).
func (s *Store) VerifyFacts(ctx context.Context) (drift int, err error) {
	err = s.snapshot(ctx, func(q querier) error {
		after := ""
		for {
			stored, last, whole, err := factsAfter(ctx, q, after)
			if err != nil {
				return err
			}
			folded, err := foldBetween(ctx, q, after, last, whole)
			if err != nil {
				return err
			}
			drift += differing(stored, folded)
			if whole {
				return nil
			}
			after = last
		}
	})
	if err != nil {
		return 0, fmt.Errorf("verify facts: %w", err)
	}
	return drift, nil
}

// factsAfter reads one page of stored facts and the last id on it, and reports
// whether it is the last page. Sessions whose events were deleted are left out.
func factsAfter(ctx context.Context, q querier, after string) (stored map[string][]byte, last string, whole bool, err error) {
	stored, last = make(map[string][]byte), after
	n := 0
	err = each(ctx, q, `SELECT session_id, state, pruned FROM session_facts WHERE session_id > $1 ORDER BY session_id LIMIT $2`,
		[]any{after, factsPage}, func(r scanner) error {
			var state []byte
			var pruned bool
			if err := r.Scan(&last, &state, &pruned); err != nil {
				return err
			}
			n++
			if pruned {
				return nil // nothing to compare with
			}
			if f, err := metric.DecodeFacts(state); err == nil {
				state = f.Encode() // what an older version encoded counts the same
			}
			stored[last] = state
			return nil
		})
	return stored, last, n < factsPage, err
}

// foldBetween folds the counted events of the sessions after one id up to
// another, or to the end.
func foldBetween(ctx context.Context, q querier, after, last string, toEnd bool) (map[string][]byte, error) {
	folded := make(map[string]metric.Facts)
	query, args := `SELECT `+chunkColumns+`, `+isConducted+` FROM `+chunkTables+` WHERE c.session_id > $1
		AND NOT EXISTS (SELECT 1 FROM session_facts p WHERE p.session_id = c.session_id AND p.pruned <> 0)
		AND NOT EXISTS (SELECT 1 FROM canaries x WHERE x.session_id = c.session_id)`, []any{after}
	if !toEnd {
		query, args = query+` AND c.session_id <= $2`, append(args, last)
	}
	err := each(ctx, q, query, args, func(r scanner) error {
		var conducted bool
		c, err := scanChunk(r, &conducted)
		if err != nil {
			return err
		}
		f, counted := folded[string(c.session)]
		err = c.each(func(e StoredEvent) {
			if e.Counted {
				f.Apply(marked(e.Event, e.Outside && conducted))
				counted = true
			}
		})
		if counted {
			folded[string(c.session)] = f
		}
		return err
	})
	out := make(map[string][]byte, len(folded))
	for id, f := range folded {
		out[id] = f.Encode()
	}
	return out, err
}

// differing counts the ids whose values are not the same on both sides.
func differing(a, b map[string][]byte) int {
	n := 0
	for id, v := range a {
		if w, ok := b[id]; !ok || !bytes.Equal(v, w) {
			n++
		}
	}
	for id := range b {
		if _, ok := a[id]; !ok {
			n++
		}
	}
	return n
}

// The settings that say how the figures of the store were made: in which zone
// days are cut, and by which version of the facts.
const (
	zoneSetting    = "reporting_zone"
	figuresSetting = "figures_version"
)

// settleZone takes the zone of last time, if that is wanted and there is one.
// Who only looks cannot make the figures again, so it takes it as well.
func (s *Store) settleZone(ctx context.Context) error {
	if s.look {
		if err := s.Migrated(ctx); err != nil {
			return err // such tables may have no settings
		}
	}
	if !s.keep && !s.look {
		return nil
	}
	name, err := s.Setting(ctx, zoneSetting)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return fmt.Errorf("days of the database are cut in zone %q, which this program does not know; start the server with a zone that it knows: %w", name, err)
	}
	s.zone = zone
	return nil
}

// checkFigures makes facts and rollups again when they are those of an older
// program or of another zone. A zone is known by its name, so it should come
// from the zone database rather than be time.Local.
func (s *Store) checkFigures(ctx context.Context) error {
	zone, errZone := s.Setting(ctx, zoneSetting)
	version, errVersion := s.Setting(ctx, figuresSetting)
	for _, err := range []error{errZone, errVersion} {
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	if zone == s.zone.String() && version == metric.Version {
		return nil
	}
	var changed int
	err := s.w.doAlone(ctx, func(w *tx) (err error) {
		if version != metric.Version {
			err = w.refold()
		}
		if err == nil {
			changed, err = s.rebuild(ctx, w)
		}
		if err != nil {
			return err
		}
		return errors.Join(w.saveSetting(figuresSetting, metric.Version), w.saveSetting(zoneSetting, s.zone.String()))
	})
	if err != nil {
		return fmt.Errorf("make figures of version %q in zone %q again for %q in %q: %w", version, zone, metric.Version, s.zone, err)
	}
	if s.remade = zone != ""; s.remade {
		s.log.InfoContext(ctx, "figures made again", "from_zone", zone, "to_zone", s.zone.String(), "from_version", version, "rows", changed)
	}
	return nil
}

// refold makes the facts of every session again from its events. A session
// whose events are gone keeps the facts that it has.
func (t *tx) refold() error {
	for after, more := "", true; more; {
		ids := make(map[event.SessionID]bool, factsPage)
		err := t.each(`SELECT f.session_id, EXISTS (SELECT 1 FROM sessions s WHERE s.id = f.session_id) FROM session_facts f
			WHERE f.session_id > $1 AND f.pruned = 0 ORDER BY f.session_id LIMIT $2`, []any{after, factsPage}, func(r scanner) error {
			var conducted bool
			err := r.Scan(&after, &conducted)
			ids[event.SessionID(after)] = conducted
			return err
		})
		if err != nil {
			return err
		}
		if err := t.refoldEach(ids); err != nil {
			return err
		}
		more = len(ids) == factsPage
	}
	return t.remakers()
}

// refoldEach folds sessions again; the values tell whether this server conducts
// them.
func (t *tx) refoldEach(ids map[event.SessionID]bool) error {
	for id, conducted := range ids {
		f, n, err := t.fold(id, conducted)
		if err == nil && n > 0 {
			err = t.saveFacts(id, &f, f.Encode(), !conducted)
		}
		if err != nil {
			return fmt.Errorf("fold session %s again: %w", id, err)
		}
	}
	return nil
}

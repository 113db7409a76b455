package store

import (
	"context"
	"fmt"
	"slices"

	"applicreations.com/introspect/internal/alert"
)

// StageSending is the stage of a job whose last attempt began to tell somebody
// and has not heard a clear no: what it tells may have arrived.
const StageSending = "sending"

// several is how many keys one statement names.
const several = 500

// saveVoid drops notices that are of no use any more. One that is just being told
// is left for the next round. An attempt whose end nobody knows is repeated as it
// was while anything of its parcel is of use, because receivers know it by its
// key and its text.
func (s *Store) saveVoid(w *tx, c AlertChange) error {
	sure, unsure, err := w.voidable(c.Void)
	if err != nil {
		return err
	}
	for parcel, keys := range unsure {
		left, err := w.undecided(parcel)
		if err != nil {
			return err
		}
		if left == len(keys) {
			sure[parcel] = append(sure[parcel], keys...)
		}
	}
	for _, keys := range sure {
		if err := s.dropNotices(w, keys); err != nil {
			return err
		}
	}
	return s.endEmpty(w, sure)
}

// voidable finds the notices that nobody is being told, by parcel: those that
// surely did not arrive, and the others.
func (t *tx) voidable(list []alert.Key) (sure, unsure map[string][]alert.Key, err error) {
	sure, unsure = map[string][]alert.Key{}, map[string][]alert.Key{}
	for keys := range slices.Chunk(list, several) {
		known, args := listed(texts(keys), 0)
		err := t.each(`SELECT n.key, n.parcel, coalesce(j.state, ''), coalesce(j.stage, '') FROM alert_notices n
			LEFT JOIN jobs j ON j.key = n.parcel AND n.parcel <> '' WHERE n.outcome = '' AND n.key IN (`+known+`)`, args, func(r scanner) error {
			var key alert.Key
			var parcel, stage string
			var state JobState
			if err := r.Scan(&key, &parcel, &state, &stage); err != nil {
				return err
			}
			switch {
			case state != "" && state != JobWaiting:
			case stage == StageSending:
				unsure[parcel] = append(unsure[parcel], key)
			default:
				sure[parcel] = append(sure[parcel], key)
			}
			return nil
		})
		if err != nil {
			return nil, nil, fmt.Errorf("find notices to drop: %w", err)
		}
	}
	return sure, unsure, nil
}

// undecided counts the notices of a parcel without an outcome.
func (t *tx) undecided(parcel string) (n int, err error) {
	err = t.each(`SELECT count(*) FROM alert_notices WHERE parcel = $1 AND outcome = ''`, []any{parcel}, func(r scanner) error { return r.Scan(&n) })
	if err != nil {
		return 0, fmt.Errorf("count the notices of %s: %w", parcel, err)
	}
	return n, nil
}

// endEmpty lets the jobs of parcels of which nothing is left end at once.
func (s *Store) endEmpty(w *tx, parcels map[string][]alert.Key) error {
	for parcel := range parcels {
		if parcel == "" {
			continue // no job sends them yet
		}
		left, err := w.undecided(parcel)
		if err != nil {
			return err
		}
		if left > 0 {
			continue
		}
		w.jobs = true
		if err := w.run(`UPDATE jobs SET due_at = $1 WHERE key = $2 AND state = 'waiting'`, s.now().UnixMilli(), parcel); err != nil {
			return fmt.Errorf("end %s: %w", parcel, err)
		}
	}
	return nil
}

// dropNotices notes that nobody is told any more.
func (s *Store) dropNotices(w *tx, list []alert.Key) error {
	for keys := range slices.Chunk(list, several) {
		known, args := listed(texts(keys), 1)
		if err := w.run(`UPDATE alert_notices SET outcome = 'dropped', known_at = $1 WHERE outcome IN ('', 'dead') AND key IN (`+known+`)`,
			append([]any{s.now().UnixMilli()}, args...)...); err != nil {
			return fmt.Errorf("drop notices: %w", err)
		}
	}
	return nil
}

// VoidNotices tells which notices are not to be told any more: those that were
// dropped, and those that were given up before their trouble was over, which a
// person may have replayed.
func (s *Store) VoidNotices(ctx context.Context, list []alert.Key) (map[alert.Key]bool, error) {
	out := map[alert.Key]bool{}
	for keys := range slices.Chunk(list, several) {
		known, args := listed(texts(keys), 0)
		err := s.each(ctx, `SELECT n.key FROM alert_notices n LEFT JOIN alert_episodes e ON e.id = n.episode
			WHERE n.key IN (`+known+`) AND n.kind NOT IN ('resolved', 'missed') AND (n.outcome = 'dropped' OR n.outcome = 'dead' AND e.to_at <> 0)`,
			args, func(r scanner) error {
				var key alert.Key
				err := r.Scan(&key)
				out[key] = true
				return err
			})
		if err != nil {
			return nil, fmt.Errorf("read which notices were dropped: %w", err)
		}
	}
	return out, nil
}

func texts(keys []alert.Key) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = string(k)
	}
	return out
}

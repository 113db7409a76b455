package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"applicreations.com/introspect/internal/metric"
)

// perCall reports whether a metric counts calls of this process instead of
// sessions. Such a metric cannot be computed again from facts.
func perCall(name string) bool { return name == metric.API || name == metric.Probes }

// AddRollups adds the differences of per-call metrics (metric.API and
// metric.Probes), which have no session to follow from. Any other metric is refused: the next
// rebuild would rightly delete it.
func (s *Store) AddRollups(ctx context.Context, d metric.Delta) error {
	for k := range d {
		if !perCall(k.Metric) {
			return fmt.Errorf("add rollups: metric %q follows from sessions and cannot be added to", k.Metric)
		}
	}
	if len(d) == 0 {
		return nil
	}
	err := s.w.do(ctx, func(w *tx) error {
		w.delta.Merge(d, 1)
		return nil
	})
	if err != nil {
		return fmt.Errorf("add rollups: %w", err)
	}
	return nil
}

// Rollups reads all ranges as they were at one moment, so that the panels of a
// dashboard always describe the same sessions. Both ends are included; an
// empty dimension means every dimension.
func (s *Store) Rollups(ctx context.Context, ranges []metric.Range) ([]metric.Row, error) {
	var out []metric.Row
	err := s.snapshot(ctx, func(q querier) error {
		for _, r := range ranges {
			rows, err := rollupsIn(ctx, q, r)
			if err != nil {
				return err
			}
			out = append(out, rows...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read rollups: %w", err)
	}
	return out, nil
}

// oneByOne reads the rows of a dimension day by day: the bucket stands before
// the dimension in the tree, so this touches only the rows that are asked for,
// while a scan of the stretch would read those of every dimension.
const oneByOne = `WITH RECURSIVE days (day) AS (SELECT CAST($3 AS BIGINT) UNION ALL SELECT day + 1 FROM days WHERE day < $4)
	SELECT r.tier, r.metric, r.dimension, r.value, r.bucket, r.vector FROM days CROSS JOIN rollups r
	WHERE r.tier = $1 AND r.metric = $2 AND r.bucket = days.day AND r.dimension = $5`

func rollupsIn(ctx context.Context, q querier, r metric.Range) ([]metric.Row, error) {
	query := `SELECT tier, metric, dimension, value, bucket, vector FROM rollups
		WHERE tier = $1 AND metric = $2 AND bucket BETWEEN $3 AND $4`
	args := []any{int64(r.Tier), r.Metric, r.From, r.To}
	if r.Dimension != "" {
		query, args = oneByOne, append(args, r.Dimension)
		if first, end := r.Span(); end != "" {
			query, args = query+` AND r.value >= $6 AND r.value < $7`, append(args, first, end)
		}
	}
	var out []metric.Row
	err := each(ctx, q, query, args, func(row scanner) error {
		k, b, err := scanRollup(row)
		if err != nil {
			return err
		}
		v, err := metric.DecodeVector(b)
		if err != nil {
			return fmt.Errorf("rollup %+v: %w", k, err)
		}
		out = append(out, metric.Row{Key: k, Vector: v})
		return nil
	})
	return out, err
}

// OpenFacts hands over the facts of the sessions that began since a moment, one after
// the other, however many there are: of visits that only looked around, and of
// finished interviews, whose documents may still wait for a person.
func (s *Store) OpenFacts(ctx context.Context, since time.Time, use func(metric.Facts)) error {
	err := s.each(ctx, `SELECT state FROM session_facts WHERE last_seen >= $1 AND entry >= $1`, []any{since.UnixMicro()}, func(r scanner) error {
		var state []byte
		if err := r.Scan(&state); err != nil {
			return err
		}
		f, err := metric.DecodeFacts(state)
		if err == nil {
			use(f)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read open sessions: %w", err)
	}
	return nil
}

func scanRollup(r scanner) (k metric.Key, vector []byte, err error) {
	err = r.Scan(&k.Tier, &k.Metric, &k.Dimension, &k.Value, &k.Bucket, &vector)
	return k, vector, err
}

// RebuildRollups computes every session-derived rollup again from the facts
// and returns how many rows differed from what was stored. With verify it only
// looks, on a snapshot and without holding up writers; without, it corrects
// them in one transaction. The per-call metrics are not touched.
func (s *Store) RebuildRollups(ctx context.Context, verify bool) (drift int, err error) {
	if verify {
		err = s.snapshot(ctx, func(q querier) error {
			wrong, err := s.compare(ctx, q)
			drift = len(wrong)
			return err
		})
	} else {
		err = s.w.doAlone(ctx, func(w *tx) error {
			drift, err = s.rebuild(ctx, w)
			return err
		})
	}
	if err != nil {
		return 0, fmt.Errorf("rebuild rollups: %w", err)
	}
	return drift, nil
}

func (s *Store) rebuild(ctx context.Context, w *tx) (int, error) {
	// Once an operation runs it is never given up, so its reads must not end
	// with the caller either.
	wrong, err := s.compare(context.WithoutCancel(ctx), w.w.conn)
	if err != nil {
		return 0, err
	}
	for _, row := range wrong {
		if err := w.saveRollup(row.Key, row.Vector.Encode()); err != nil {
			return 0, err
		}
	}
	return len(wrong), nil
}

// compare lists the rows as they should be, as far as they are not; an empty
// vector stands for a row that should not exist.
func (s *Store) compare(ctx context.Context, q querier) ([]metric.Row, error) {
	want := metric.Delta{}
	err := each(ctx, q, `SELECT state FROM session_facts`, nil, func(r scanner) error {
		var state []byte
		if err := r.Scan(&state); err != nil {
			return err
		}
		f, err := metric.DecodeFacts(state)
		if err != nil {
			return err
		}
		want.Merge(metric.Contribution(f, s.zone), 1)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	var wrong []metric.Row
	err = each(ctx, q, `SELECT tier, metric, dimension, value, bucket, vector FROM rollups`, nil, func(r scanner) error {
		k, stored, err := scanRollup(r)
		if err != nil || perCall(k.Metric) {
			return err
		}
		if !bytes.Equal(stored, want[k].Encode()) {
			wrong = append(wrong, metric.Row{Key: k, Vector: want[k]})
		}
		delete(want, k)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read rollups: %w", err)
	}
	for k, v := range want {
		wrong = append(wrong, metric.Row{Key: k, Vector: v})
	}
	slices.SortFunc(wrong, func(a, b metric.Row) int { return compareKeys(a.Key, b.Key) })
	return wrong, nil
}

// flush writes the rollups that a group changed, each once and in key order.
func (t *tx) flush(changes []rollupChange) error {
	t.changed = make([]metric.Key, 0, len(changes))
	for _, c := range changes {
		if !c.done {
			v, err := t.vector(c.key)
			if err != nil {
				return fmt.Errorf("read rollup %+v: %w", c.key, err)
			}
			v.Merge(c.by, 1)
			c.row = v.Encode()
		}
		if err := t.saveRollup(c.key, c.row); err != nil {
			return err
		}
		t.changed = append(t.changed, c.key)
	}
	clear(t.delta)
	return nil
}

func (t *tx) rollup(k metric.Key) (metric.Vector, error) {
	var b []byte
	err := t.one(`SELECT vector FROM rollups
		WHERE tier = $1 AND metric = $2 AND bucket = $3 AND dimension = $4 AND value = $5`, keyArgs(k), &b)
	if errors.Is(err, ErrNotFound) {
		return metric.Vector{}, nil
	}
	if err != nil {
		return nil, err
	}
	return metric.DecodeVector(b)
}

// saveRollup writes an encoded vector; an empty one deletes its row.
func (t *tx) saveRollup(k metric.Key, vector []byte) error {
	var err error
	if len(vector) == 0 {
		err = t.run(`DELETE FROM rollups
			WHERE tier = $1 AND metric = $2 AND bucket = $3 AND dimension = $4 AND value = $5`, keyArgs(k)...)
	} else {
		err = t.run(`INSERT INTO rollups (tier, metric, bucket, dimension, value, vector)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (tier, metric, bucket, dimension, value) DO UPDATE SET vector = excluded.vector`,
			append(keyArgs(k), vector)...)
	}
	if err != nil {
		return fmt.Errorf("write rollup %+v: %w", k, err)
	}
	return nil
}

func keyArgs(k metric.Key) []any {
	return []any{int64(k.Tier), k.Metric, k.Bucket, k.Dimension, k.Value}
}

func compareKeys(a, b metric.Key) int {
	return cmp.Or(cmp.Compare(a.Tier, b.Tier), cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Bucket, b.Bucket),
		cmp.Compare(a.Dimension, b.Dimension), cmp.Compare(a.Value, b.Value))
}

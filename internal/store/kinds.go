package store

import (
	"context"
	"fmt"
	"time"
)

// ErrorKind is a kind of our own errors: where it happened and what it was,
// without the figures that make two of them differ.
type ErrorKind struct {
	Hash  string
	What  string // for people, without personal data
	First time.Time
	Last  time.Time
	Count int64
}

// keepKinds is how long a kind that does not come any more is known, and
// maxKinds how many are; those that have not come for longest go first.
const (
	keepKinds = 90 * 24 * time.Hour
	maxKinds  = 10_000
)

// AddErrorKinds counts errors by kind, each with the time of its last one and
// how many there were, and forgets the kinds that have not come for long. In
// list, First becomes the time at which the kind was first seen ever.
func (s *Store) AddErrorKinds(ctx context.Context, list []ErrorKind) error {
	if len(list) == 0 {
		return nil
	}
	err := s.w.do(ctx, func(w *tx) error {
		err := w.run(`DELETE FROM error_kinds WHERE last_at < $1 OR last_at < (SELECT last_at FROM error_kinds ORDER BY last_at DESC LIMIT 1 OFFSET $2)`,
			s.now().Add(-keepKinds).UnixMilli(), maxKinds-1)
		if err != nil {
			return err
		}
		for i, k := range list {
			var first int64
			err := w.one(`INSERT INTO error_kinds (hash, what, first_at, last_at, count) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (hash) DO UPDATE SET count = error_kinds.count + excluded.count,
					last_at = CASE WHEN excluded.last_at > error_kinds.last_at THEN excluded.last_at ELSE error_kinds.last_at END
				RETURNING first_at`, []any{k.Hash, k.What, k.First.UnixMilli(), k.Last.UnixMilli(), k.Count}, &first)
			if err != nil {
				return err
			}
			list[i].First = fromMilli(first)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count kinds of errors: %w", err)
	}
	return nil
}

// CountErrorKinds counts the kinds of errors that were first seen since a
// moment.
func (s *Store) CountErrorKinds(ctx context.Context, since time.Time) (n int, err error) {
	err = s.each(ctx, `SELECT COUNT(*) FROM error_kinds WHERE first_at >= $1`, []any{since.UnixMilli()}, func(r scanner) error { return r.Scan(&n) })
	if err != nil {
		return 0, fmt.Errorf("count kinds of errors: %w", err)
	}
	return n, nil
}

// ErrorKinds lists the kinds of errors that were first seen since a moment, the
// newest first, a hundred at most.
func (s *Store) ErrorKinds(ctx context.Context, since time.Time) ([]ErrorKind, error) {
	var out []ErrorKind
	err := s.each(ctx, `SELECT hash, what, first_at, last_at, count FROM error_kinds WHERE first_at >= $1 ORDER BY first_at DESC, hash LIMIT 100`,
		[]any{since.UnixMilli()}, func(r scanner) error {
			var k ErrorKind
			var first, last int64
			err := r.Scan(&k.Hash, &k.What, &first, &last, &k.Count)
			k.First, k.Last = fromMilli(first), fromMilli(last)
			out = append(out, k)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read kinds of errors: %w", err)
	}
	return out, nil
}

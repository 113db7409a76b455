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

// keepKinds is how long a kind that does not come any more is known.
const keepKinds = 90 * 24 * time.Hour

// AddErrorKinds counts errors by kind, each with the time of its last one and
// how many there were, and forgets the kinds that have not come for long.
func (s *Store) AddErrorKinds(ctx context.Context, list []ErrorKind) error {
	if len(list) == 0 {
		return nil
	}
	err := s.w.do(ctx, func(w *tx) error {
		if err := w.run(`DELETE FROM error_kinds WHERE last_at < $1`, s.now().Add(-keepKinds).UnixMilli()); err != nil {
			return err
		}
		for _, k := range list {
			err := w.run(`INSERT INTO error_kinds (hash, what, first_at, last_at, count) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (hash) DO UPDATE SET count = error_kinds.count + excluded.count,
					last_at = CASE WHEN excluded.last_at > error_kinds.last_at THEN excluded.last_at ELSE error_kinds.last_at END`,
				k.Hash, k.What, k.First.UnixMilli(), k.Last.UnixMilli(), k.Count)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count kinds of errors: %w", err)
	}
	return nil
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

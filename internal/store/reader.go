package store

import (
	"context"
	"database/sql"
	"errors"
)

// scanner is the row at hand.
type scanner interface{ Scan(into ...any) error }

// querier is a pool, a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// errEnough ends a reading before its last row, without an error.
var errEnough = errors.New("enough rows")

// each reads rows from the read pool and hands each to scan.
func (s *Store) each(ctx context.Context, query string, args []any, scan func(scanner) error) error {
	return s.w.troubles.note(explain(each(ctx, s.read, query, args, scan)))
}

// snapshot hands out a transaction that sees the database as it is now,
// whatever is written meanwhile.
func (s *Store) snapshot(ctx context.Context, use func(q querier) error) error {
	view, err := s.read.BeginTx(ctx, nil)
	if err != nil {
		return s.w.troubles.note(explain(err))
	}
	defer view.Rollback() //nolint:errcheck // nothing was written
	return s.w.troubles.note(explain(use(view)))
}

func each(ctx context.Context, q querier, query string, args []any, scan func(scanner) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	return drain(rows, scan)
}

// drain hands each row to scan and closes rows.
func drain(rows *sql.Rows, scan func(scanner) error) error {
	defer rows.Close() //nolint:errcheck // Err below reports what matters
	for rows.Next() {
		if err := scan(rows); errors.Is(err, errEnough) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return rows.Err()
}

// found turns "no rows" into ErrNotFound.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

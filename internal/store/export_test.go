package store

import (
	"context"
	"fmt"
)

// What opening is made of.
var (
	AcceptVersion = acceptVersion
	Patiently     = patiently
)

// Do runs an operation of a test through the writer.
func (s *Store) Do(ctx context.Context, run func(exec func(query string, args ...any) error) error) error {
	return s.w.do(ctx, func(t *tx) error { return run(t.run) })
}

// Pragma reads a setting of the writing connection and of a reading one.
func (s *Store) Pragma(ctx context.Context, name string) (writer, reader string, err error) {
	err = s.w.do(ctx, func(t *tx) error { return t.one("PRAGMA "+name, nil, &writer) })
	if err != nil {
		return "", "", err
	}
	err = s.read.QueryRowContext(ctx, "PRAGMA "+name).Scan(&reader)
	return writer, reader, err
}

// SetRoom limits the database file to a number of pages, 0 meaning no limit. A
// file that may not grow is what a full disk looks like to a writer.
func (s *Store) SetRoom(ctx context.Context, pages int) error {
	if pages == 0 {
		pages = 4_294_967_294
	}
	return s.w.do(ctx, func(t *tx) error {
		var now int64
		return t.w.conn.QueryRowContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Scan(&now)
	})
}

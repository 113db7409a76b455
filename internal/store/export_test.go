package store

import "context"

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

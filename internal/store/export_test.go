package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pressly/goose/v3"
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

// SetHot bounds what stays decoded in memory.
func (s *Store) SetHot(ctx context.Context, sessions, marks, rollups int) error {
	return s.w.do(ctx, func(t *tx) error {
		t.w.hot.room = room{sessions, marks, rollups}
		return nil
	})
}

// SetLogPiece sets how many bytes of events are written between two checkpoints.
func (s *Store) SetLogPiece(ctx context.Context, bytes int) error {
	return s.w.do(ctx, func(t *tx) error {
		t.w.piece = bytes
		return nil
	})
}

// Waiting is how many operations wait for the writer.
func (s *Store) Waiting() int { return len(s.w.queue) }

// MigrateTo brings a database up or down to a version.
func MigrateTo(ctx context.Context, file string, version int64) error {
	db, err := sql.Open(driverName, dsn(file, true))
	if err != nil {
		return err
	}
	defer db.Close()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if have, _, err := p.GetVersions(ctx); err != nil || have < version {
		_, upErr := p.UpTo(ctx, version)
		return errors.Join(err, upErr)
	}
	_, err = p.DownTo(ctx, version)
	return err
}

// MigrateMore applies the migrations of this program and one more.
func MigrateMore(ctx context.Context, file, name, text string) error {
	db, err := sql.Open(driverName, dsn(file, true))
	if err != nil {
		return err
	}
	defer db.Close()
	all := fstest.MapFS{name: &fstest.MapFile{Data: []byte(text)}}
	entries, err := migrations.ReadDir("migrations")
	for _, e := range entries {
		data, readErr := migrations.ReadFile("migrations/" + e.Name())
		err = errors.Join(err, readErr)
		all[e.Name()] = &fstest.MapFile{Data: data}
	}
	return errors.Join(err, migrate(ctx, db, goose.DialectSQLite3, all, slog.New(slog.DiscardHandler)))
}

// Orphan writes a message without its session, past the rules.
func Orphan(ctx context.Context, file string) error {
	db, err := sql.Open(driverName, settleDSN(file))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, `INSERT INTO messages (session_id, n, role, question_id, number, at, text) VALUES ('nobody', 1, '', '', 1, 1, x'00')`)
	return err
}

// SetSilence makes servers of Postgres answer sooner, until back is called or the
// test ends.
func SetSilence(tb testing.TB, limit time.Duration) (back func()) {
	tb.Helper()
	before := silence.Swap(int64(limit))
	back = func() { silence.Store(before) }
	tb.Cleanup(back)
	return back
}

// HurryLocks makes lost locks of Postgres be noticed sooner.
func HurryLocks(tb testing.TB) {
	tb.Helper()
	before := watchLock.Swap(int64(20 * time.Millisecond))
	tb.Cleanup(func() { watchLock.Store(before) })
}

// Fail runs an operation whose reading fails in the database.
func (s *Store) Fail(ctx context.Context) error {
	return s.w.do(ctx, func(t *tx) error {
		var n int
		return t.one(`SELECT 1 / (length($1) - 1)`, []any{"x"}, &n)
	})
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"testing/fstest"

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
	p, err := goose.NewProvider(gooseDialect, db, files, goose.WithDisableGlobalRegistry(true))
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
	return errors.Join(err, migrateWith(ctx, db, all, slog.New(slog.DiscardHandler)))
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

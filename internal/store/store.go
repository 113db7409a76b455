// Package store keeps everything Introspect must not lose: sessions, messages,
// events, the facts and rollups computed from them, accounts and settings. All
// writes pass one goroutine that commits many operations at once and answers
// each only when it is durable (ARCHITECTURE 4, references/storage.md).
// Personal data is sealed before it reaches SQL (DOMAIN 8.3).
//
// It decides nothing about an interview and computes no metric. Start with
// Open, then Store.CommitTurn for our own sessions and Store.Record for events
// from outside; what SQLite and Postgres do differently is in dialect.go.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"applicreations.com/introspect/internal/seal"
)

var (
	// ErrNotFound means that there is no such row.
	ErrNotFound = errors.New("not found")
	// ErrExists means that the id, e-mail address or hash is taken.
	ErrExists = errors.New("exists already")
	// ErrConflict means that the session has moved on since it was read:
	// read it again and decide anew.
	ErrConflict = errors.New("session has moved on")
	// ErrBusy means that too much is waiting, or that the database is out of
	// reach or held by somebody else. Nothing was
	// written; trying again a little later is right.
	ErrBusy = errors.New("the database cannot take it now; try again a little later")
	// ErrFull means that the disk has no room left. Nothing was written, reads
	// go on, and writes succeed again as soon as there is room.
	ErrFull = errors.New("no room on the disk of the database")
	// ErrClosed means that the store was closed before the write began.
	ErrClosed = errors.New("store is closed")
	// ErrUnknown means that the commit itself failed, as with a broken disk:
	// the write may turn out to be there or not. Repeating it is safe, since
	// events are known by id and turns by version.
	ErrUnknown = errors.New("outcome of the write is unknown")
	// ErrDamaged means that the database file cannot be read as one.
	ErrDamaged = errors.New("database file is damaged or not a database of Introspect")
)

// FileName is the name of the database inside a data directory.
const FileName = "introspect.db"

// defaultQueue is how many operations may wait before ErrBusy. At the measured
// commit rates that is far below a second of work.
const defaultQueue = 1024

// readers is the size of the read pool. Reads are short and mostly cached;
// more connections only cost memory.
const readers = 4

// Config says where the data lives and how it is protected.
type Config struct {
	Path  string           // data directory, or a file ending in .db, .sqlite or .sqlite3, made when missing; or the postgres:// address of an existing database
	Keys  *seal.Keyring    // must not be nil
	Zone  *time.Location   // reporting zone, in which days are cut, see KeepZone; nil means UTC
	Log   *slog.Logger     // rare notes about migrations and rebuilds; nil means none
	Now   func() time.Time // stamps received_at, updated_at and expiry; nil means time.Now
	Queue int              // operations that may wait; 0 means 1024
	HotMB int              // memory for what was committed last, decoded, in megabytes; 0 means 32

	// KeepZone is for everybody but the server, whose zone is the one that
	// counts: days stay cut in the zone in which they were cut last time, and
	// Zone is only for a database that has none yet.
	KeepZone bool

	// Scratch is for a copy that may be lost: nothing waits for the disk, and
	// nothing is durable.
	Scratch bool

	// Look is for examining a database: opening it changes nothing, neither
	// tables nor figures nor keys, so it has to be at the migration of this
	// program already.
	Look bool
}

// Store is an open database. It is safe for concurrent use and must be closed.
type Store struct {
	d    dialect
	name string // path of the file, or address without a password
	keys *seal.Keyring
	zone *time.Location
	log  *slog.Logger
	now  func() time.Time
	read *sql.DB
	w    *writer

	meter  *meter // of both pools
	look   bool   // Config.Look
	keep   bool   // Config.KeepZone
	remade bool   // Open made the figures again
	sheets sheets
	spaces sync.Pool // of *arrivals
	behind sync.WaitGroup

	unfollow func() // ends what follows other writers, and waits for it

	latest int64 // number of the newest migration that this program knows
}

// Open opens or creates the database, brings its tables up to date and, when
// the reporting zone is another than last time, recomputes the rollups before
// it returns. It refuses an SQLite that can corrupt its log, a key that does
// not fit the data and a file that is no database of ours.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Keys == nil || cfg.Keys.ID() == "" {
		return nil, errors.New("open store: no encryption keys; set ENCRYPTION_KEY")
	}
	d, name, err := locate(cfg.Path)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s := &Store{d: d, name: name, keys: cfg.Keys, zone: cfg.Zone, log: cfg.Log, now: cfg.Now, meter: newMeter(), look: cfg.Look, keep: cfg.KeepZone}
	if s.zone == nil {
		s.zone = time.UTC
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.latest, err = latestMigration(); err != nil {
		return nil, err
	}
	queue := cfg.Queue
	if queue <= 0 {
		queue = defaultQueue
	}
	if !cfg.Scratch && !cfg.Look && !IsURL(cfg.Path) {
		if err := RescueLog(ctx, name, s.log); err != nil {
			return nil, fmt.Errorf("open store: %w", err)
		}
	}
	if err := s.start(ctx, queue, cfg.Scratch); err != nil {
		return nil, fmt.Errorf("open store %s: %w", name, explain(err))
	}
	if cfg.HotMB > 0 {
		err = s.w.do(ctx, func(t *tx) error { t.w.hot.room = roomOf(cfg.HotMB); return nil })
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", name, err), s.Close())
	}
	return s, nil
}

// start opens both pools and runs what has to precede the first operation.
// On error nothing stays open.
func (s *Store) start(ctx context.Context, queue int, scratch bool) (err error) {
	write, read, err := s.d.pools(s.meter, scratch)
	if err != nil {
		return err
	}
	s.read = read
	defer func() {
		if err != nil {
			_, _ = read.Close(), write.Close() // the first error says more
		}
	}()
	write.SetMaxOpenConns(1)
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	err = patiently(ctx, func() error {
		if err := s.d.accept(ctx, write); err != nil {
			return err
		}
		if s.look {
			return nil
		}
		return s.d.migrate(ctx, write, s.log)
	})
	if err != nil {
		return err
	}
	if err := s.settleZone(ctx); err != nil {
		return err
	}
	if s.w, err = newWriter(ctx, s.d, write, s.zone, s.now, queue); err != nil {
		return err
	}
	if statement := s.d.checkpoint(); statement != "" {
		s.behind.Go(func() { s.checkpoints(context.WithoutCancel(ctx), statement) })
	}
	if err := s.prepare(ctx); err != nil {
		_ = s.Close() // closes the writer's pool too; the first error says more
		return err
	}
	return nil
}

// prepare checks the keys, and that the figures are those of this program and zone.
func (s *Store) prepare(ctx context.Context) error {
	if err := s.checkKeys(ctx); err != nil || s.look {
		return err
	}
	if err := s.checkFigures(ctx); err != nil {
		return err
	}
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	wg.Go(func() { s.d.follow(following, s) })
	s.unfollow = func() { stop(); wg.Wait() }
	return nil
}

// Close writes what is waiting, refuses what comes later with ErrClosed and
// closes the database. Closing again does nothing.
func (s *Store) Close() error {
	if !s.w.drain() {
		return nil
	}
	if s.unfollow != nil {
		s.unfollow()
	}
	s.behind.Wait()
	// The connection that closes last empties the write-ahead log into the
	// database, so it has to be the one that may write.
	if err := errors.Join(s.read.Close(), s.w.close()); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// Zone is the reporting zone, in which the days of the figures are cut.
func (s *Store) Zone() *time.Location { return s.zone }

// Remade tells whether Open had to make the figures again, because those that
// were there were of another version of the facts or of another zone.
func (s *Store) Remade() bool { return s.remade }

// Ping reads from the sessions table (S17).
func (s *Store) Ping(ctx context.Context) error {
	var one int
	err := s.read.QueryRowContext(ctx, `SELECT 1 FROM sessions LIMIT 1`).Scan(&one)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("query sessions: %w", explain(err))
	}
	return nil
}

// Migrated reports, by an error, whether the tables are older or newer than
// this program expects.
func (s *Store) Migrated(ctx context.Context) error {
	var got int64
	err := s.read.QueryRowContext(ctx, schemaVersion).Scan(&got)
	if err != nil {
		return fmt.Errorf("read migration version: %w", explain(err))
	}
	if got != s.latest {
		return fmt.Errorf("database is at migration %d, this program needs %d", got, s.latest)
	}
	return nil
}

// locateFile turns the configured path into a file that exists with permissions
// for its owner only, since SQLite gives its log the same.
func locateFile(path string) (string, error) {
	if path == "" || strings.Contains(path, ":memory:") {
		return "", fmt.Errorf("path %q: a data directory or a file is needed", path)
	}
	file := path
	if !slices.Contains([]string{".db", ".sqlite", ".sqlite3"}, filepath.Ext(path)) || isDir(path) {
		file = filepath.Join(path, FileName)
	}
	file, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return "", fmt.Errorf("make data directory: %w", err)
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator names the path
	if err != nil {
		return "", fmt.Errorf("data file is not writable: %w", err)
	}
	return file, f.Close()
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

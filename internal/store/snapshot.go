package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"applicreations.com/introspect/internal/metric"
)

// Counts says how much a database holds.
type Counts struct {
	Sessions int64 `json:"sessions"`
	Messages int64 `json:"messages"`
	Chunks   int64 `json:"chunks"` // of events
	Facts    int64 `json:"facts"`  // sessions that have any
	Rollups  int64 `json:"rollups"`
}

// File is the path of the database.
func (s *Store) File() string { return s.file }

// Snapshot writes the database as it is now to a new file. It reads one state
// of the write-ahead log, so writers go on, and the copy is compact. The file
// must not exist; after an error it is gone.
func (s *Store) Snapshot(ctx context.Context, path string) (err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("snapshot to %s: there is a file already, which is not overwritten", path)
	}
	db, err := sql.Open(driverName, copyDSN(s.file))
	if err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	defer db.Close() //nolint:errcheck // nothing was written through it
	defer trickle(path)()
	if _, err := db.ExecContext(ctx, `VACUUM INTO $1`, path); err != nil {
		_ = os.Remove(path) // it may not exist
		return fmt.Errorf("snapshot to %s: %w", path, explain(err))
	}
	return nil
}

// trickleEvery is how often a growing copy is brought to the disk.
const trickleEvery = 25 * time.Millisecond

// trickle brings a file that is being written to the disk piece by piece, until
// the returned function is called. A disk that gets all of it at once makes the
// commits of the database wait behind it. Closing the file drops what locks
// SQLite holds on it in this process, which nobody else asks for.
func trickle(path string) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(trickleEvery)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			f, err := os.Open(path) //nolint:gosec // the copy that Snapshot makes
			if err != nil {
				continue // it does not exist yet
			}
			_ = f.Sync() // only to spread the work; whoever keeps the copy syncs it
			_ = f.Close()
		}
	}()
	return func() { close(done); <-ended }
}

// CheckIntegrity reads every page and index and every reference between tables.
// The error is ErrDamaged when they do not fit, and names the first findings.
func (s *Store) CheckIntegrity(ctx context.Context) error {
	var found []string
	err := s.each(ctx, `PRAGMA integrity_check(5)`, nil, func(r scanner) error {
		var line string
		err := r.Scan(&line)
		if line != "ok" {
			found = append(found, line)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("check integrity: %w", err)
	}
	err = s.each(ctx, `SELECT "table", coalesce(rowid, 0), parent FROM pragma_foreign_key_check LIMIT 5`, nil, func(r scanner) error {
		var table, parent string
		var row int64
		err := r.Scan(&table, &row, &parent)
		found = append(found, fmt.Sprintf("row %d of %s has no row in %s", row, table, parent))
		return err
	})
	if err != nil {
		return fmt.Errorf("check references: %w", err)
	}
	if len(found) > 0 {
		return fmt.Errorf("check integrity: %w: %s", ErrDamaged, strings.Join(found, "; "))
	}
	return nil
}

// Counts counts rows, all in one state of the database.
func (s *Store) Counts(ctx context.Context) (Counts, error) {
	var c Counts
	err := s.read.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM messages),
		(SELECT count(*) FROM event_chunks), (SELECT count(*) FROM session_facts), (SELECT count(*) FROM rollups)`).
		Scan(&c.Sessions, &c.Messages, &c.Chunks, &c.Facts, &c.Rollups)
	if err != nil {
		return Counts{}, fmt.Errorf("count rows: %w", explain(err))
	}
	return c, nil
}

// Days lists the local days that have figures, oldest first.
func (s *Store) Days(ctx context.Context) ([]int64, error) {
	var days []int64
	err := s.each(ctx, `SELECT DISTINCT bucket FROM rollups WHERE tier = $1 ORDER BY bucket`, []any{int(metric.Day)}, func(r scanner) error {
		var day int64
		err := r.Scan(&day)
		days = append(days, day)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list days: %w", err)
	}
	return days, nil
}

// Schema is the number of the newest migration that this program knows.
func Schema() (int64, error) { return latestMigration() }

// Settle empties the write-ahead log of a database into its file and removes
// the log, so that the file alone is the whole database. The error is ErrBusy
// while any other process has the database open, and ErrDamaged when it cannot
// be read.
func Settle(ctx context.Context, file string) error {
	db, err := sql.Open(driverName, settleDSN(file))
	if err != nil {
		return fmt.Errorf("settle %s: %w", file, err)
	}
	db.SetMaxOpenConns(1)
	var mode string
	err = db.QueryRowContext(ctx, `PRAGMA journal_mode = DELETE`).Scan(&mode)
	if err == nil && mode != "delete" {
		err = fmt.Errorf("%w: the journal stays %q, another process has it open", ErrBusy, mode)
	}
	if err = errors.Join(explain(err), db.Close()); err != nil {
		return fmt.Errorf("settle %s: %w", file, err)
	}
	return nil
}

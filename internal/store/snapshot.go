package store

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
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

// File is the path of the database, or its address without a password.
func (s *Store) File() string { return s.name }

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
	if err := s.d.snapshot(ctx, s, path); err != nil {
		_ = os.Remove(path) // it may not exist
		return fmt.Errorf("snapshot to %s: %w", path, explain(err))
	}
	return nil
}

// CheckIntegrity looks for damage: in SQLite it reads every page and index and
// every reference between tables; of Postgres it asks what that found itself.
// The error is ErrDamaged when something does not fit, and names the first
// findings.
func (s *Store) CheckIntegrity(ctx context.Context) error {
	if err := s.d.integrity(ctx, s); err != nil {
		return fmt.Errorf("check integrity: %w", explain(err))
	}
	return nil
}

// damage is ErrDamaged when something was found.
func damage(found []string) error {
	if len(found) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrDamaged, strings.Join(found, "; "))
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

// Days lists the local days that have figures or were some session's last, oldest
// first: a day whose figures are all lost is there as well.
func (s *Store) Days(ctx context.Context) ([]int64, error) {
	days := map[int64]bool{}
	add := func(day func(n int64) int64) func(r scanner) error {
		return func(r scanner) error {
			var n int64
			err := r.Scan(&n)
			days[day(n)] = true
			return err
		}
	}
	err := s.each(ctx, `SELECT DISTINCT bucket FROM rollups WHERE tier = $1`, []any{int(metric.Day)}, add(func(n int64) int64 { return n }))
	if err == nil { // in quarters of an hour, at which every zone begins its days
		err = s.each(ctx, `SELECT DISTINCT last_seen / 900000000 FROM session_facts`, nil,
			add(func(n int64) int64 { return metric.DayBucket(time.Unix(n*900, 0), s.zone) }))
	}
	if err != nil {
		return nil, fmt.Errorf("list days: %w", err)
	}
	return slices.Sorted(maps.Keys(days)), nil
}

// Schema is the number of the newest migration that this program knows.
func Schema() (int64, error) { return latestMigration() }

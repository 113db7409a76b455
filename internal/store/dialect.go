package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// Everything that another database would do differently is in this file and in
// migrations/: opening, locking, versions, error codes, STRICT and WITHOUT
// ROWID tables. Statements elsewhere keep to what SQLite and Postgres share:
// $1 placeholders, ON CONFLICT, row values, integers for times.

const (
	driverName   = "sqlite"
	gooseDialect = goose.DialectSQLite3

	// beginWrite takes the write lock at once, so that a transaction never
	// has to be repeated because another process wrote in between.
	beginWrite = "BEGIN IMMEDIATE"
)

// incremental is the value of auto_vacuum that lets a file be shortened.
const incremental = 2

// minVersion is the first SQLite without the reset bug of the write-ahead log,
// which could corrupt a database under load.
const minVersion = "3.51.3"

// Codes of SQLite that decide something here.
const (
	codeBusy    = 5
	codeIO      = 10
	codeCorrupt = 11
	codeFull    = 13
	codeNotADB  = 26
)

// dsn is the address of a database file. The writer alone sets the journal
// mode, a property of the file; readers cannot write at all.
func dsn(file string, write bool) string {
	pragmas := []string{
		"busy_timeout(5000)", // another process, such as a backup, may hold the lock for a moment
		"foreign_keys(ON)",
		"temp_store(MEMORY)",
		"mmap_size(67108864)",
	}
	v := url.Values{"_defensive": {"1"}, "_dqs": {"0"}}
	if write {
		v.Set("_txlock", "immediate")
		pragmas = append(pragmas, "auto_vacuum(INCREMENTAL)", // of a new file
			"journal_mode(WAL)", "synchronous(FULL)", "cache_size(-16384)",
			"secure_delete(FAST)",          // what is deleted is overwritten where its page is written anyway; scrub does the rest
			"wal_autocheckpoint(4000)",     // 16 MB between checkpoints: fewer, longer writes
			"journal_size_limit(67108864)") // a log that once grew gives its space back
	} else {
		v.Set("_txlock", "deferred")
		pragmas = append(pragmas, "query_only(ON)", "cache_size(-4096)")
	}
	v["_pragma"] = pragmas
	return "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + v.Encode()
}

// scratchDSN is the address of a copy that may be lost. The last word on a
// pragma counts.
func scratchDSN(file string) string {
	return dsn(file, true) + "&" + url.Values{"_pragma": {"synchronous(OFF)"}}.Encode()
}

// copyDSN is the address for VACUUM INTO: query_only would forbid it to write
// the copy, and mode=ro keeps the database itself untouched. The copy is not
// synced at its end, because Snapshot brings it to the disk while it grows.
func copyDSN(file string) string {
	v := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(5000)", "temp_store(MEMORY)", "synchronous(OFF)"}}
	return "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + v.Encode()
}

// settleDSN opens a file that must exist, and changes nothing by itself.
func settleDSN(file string) string {
	v := url.Values{"mode": {"rw"}, "_pragma": {"busy_timeout(1000)"}}
	return "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + v.Encode()
}

// patiently repeats an attempt to open while another process is opening the
// same database: the change to write-ahead logging does not wait for a lock,
// whatever busy_timeout says.
func patiently(ctx context.Context, open func() error) error {
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for deadline := time.Now().Add(5 * time.Second); ; {
		err := open()
		if !errors.Is(explain(err), ErrBusy) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// checkVersion refuses an SQLite older than minVersion.
func checkVersion(ctx context.Context, db *sql.DB) error {
	var got string
	if err := db.QueryRowContext(ctx, `SELECT sqlite_version()`).Scan(&got); err != nil {
		return fmt.Errorf("ask SQLite for its version: %w", err)
	}
	return acceptVersion(got)
}

func acceptVersion(got string) error {
	if versionNumber(got) < versionNumber(minVersion) {
		return fmt.Errorf("SQLite %s can damage a database under load; Introspect needs %s or newer, build it with a current modernc.org/sqlite", got, minVersion)
	}
	return nil
}

// versionNumber orders versions as SQLITE_VERSION_NUMBER does. What is not a
// version is older than everything.
func versionNumber(v string) int {
	parts := strings.Split(v, ".")
	if len(parts) < 3 {
		return 0
	}
	number := 0
	for _, part := range parts[:3] {
		n, err := strconv.Atoi(part)
		if err != nil {
			return 0
		}
		number = number*1000 + n
	}
	return number
}

// explain adds ErrDamaged, ErrFull or ErrBusy to an error of SQLite that means
// it.
func explain(err error) error {
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		return err
	}
	switch lite.Code() & 0xff {
	case codeCorrupt, codeNotADB:
		return fmt.Errorf("%w; restore it from a backup: %w", ErrDamaged, err)
	case codeFull:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case codeBusy:
		return fmt.Errorf("%w: another process holds the database: %w", ErrBusy, err)
	}
	return err
}

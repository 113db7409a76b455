package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// driverName is that of SQLite with database/sql.
const driverName = "sqlite"

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
			"journal_mode(WAL)", "synchronous(FULL)", "cache_size(-8192)",
			"secure_delete(FAST)",          // what is deleted is overwritten where its page is written anyway; scrub does the rest
			"wal_autocheckpoint(12000)",    // 48 MB: checkpoint.go does most before, and this lets the log begin anew
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

// explainSQLite adds what an error of SQLite means.
func explainSQLite(lite *sqlite.Error, err error) error {
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

// lite is SQLite, with the path of its file.
type lite struct{ file string }

func (l lite) pools(m *meter, scratch bool) (write, read *sql.DB, err error) {
	address := dsn(l.file, true)
	if scratch {
		address = scratchDSN(l.file)
	}
	writes, err := sqlite.NewConnector(address)
	if err != nil {
		return nil, nil, err
	}
	reads, err := sqlite.NewConnector(dsn(l.file, false))
	if err != nil {
		return nil, nil, err
	}
	return m.open(writes), m.open(reads), nil
}

func (lite) accept(ctx context.Context, db *sql.DB) error { return checkVersion(ctx, db) }

func (lite) migrate(ctx context.Context, write *sql.DB, log *slog.Logger) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	return migrate(ctx, write, goose.DialectSQLite3, files, log)
}

// begin takes the write lock at once, so that a transaction never has to be
// repeated because another process wrote in between.
func (lite) begin() string { return "BEGIN IMMEDIATE" }

func (lite) text(param string) string { return "CAST(" + param + " AS TEXT)" }
func (lite) textOf(b []byte) any      { return b }

func (lite) foreign(t *tx) (bool, error) {
	var version int64
	if err := t.one(`PRAGMA data_version`, nil, &version); err != nil {
		return false, fmt.Errorf("read version of the data: %w", err)
	}
	changed := version != t.w.hot.version
	t.w.hot.version = version
	return changed, nil
}

// follow has nobody to follow: one server has the file.
func (lite) follow(context.Context, *Store) {}

func (lite) mends() bool { return false }

func (lite) checkpoint() string { return "PRAGMA wal_checkpoint(PASSIVE)" }

func (lite) engine(ctx context.Context, s *Store) (Engine, error) {
	e := Engine{Name: "SQLite"}
	err := s.read.QueryRowContext(ctx, `SELECT sqlite_version(), p.page_count * z.page_size, f.freelist_count * z.page_size,
		EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1')
		FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size z`).Scan(&e.Version, &e.Bytes, &e.Free, &e.Analyzed)
	return e, err
}

func (lite) names(ctx context.Context, s *Store) ([]string, error) {
	return s.texts(ctx, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
}

func (lite) indexes(ctx context.Context, s *Store) (all []Index, err error) {
	err = s.each(ctx, `SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name`, nil, func(r scanner) error {
		var i Index
		err := r.Scan(&i.Name, &i.Table)
		all = append(all, i)
		return err
	})
	return all, err
}

func (l lite) plan(ctx context.Context, s *Store, query string, args int) (Plan, error) {
	p := Plan{SQL: query}
	tables, err := l.names(ctx, s)
	if err != nil {
		return Plan{}, err
	}
	err = s.each(ctx, `EXPLAIN QUERY PLAN `+query, make([]any, args), func(r scanner) error {
		var id, parent, unused int
		var step string
		if err := r.Scan(&id, &parent, &unused, &step); err != nil {
			return err
		}
		p.add(step, tables)
		return nil
	})
	return p, err
}

var (
	usesIndex  = regexp.MustCompile(`USING (?:COVERING )?INDEX (\w+)`)
	usesKey    = regexp.MustCompile(`USING (?:INTEGER )?PRIMARY KEY`)
	scansTable = regexp.MustCompile(`^SCAN (\w+)`)
)

// add reads one step of a plan.
func (p *Plan) add(step string, tables []string) {
	p.Steps = append(p.Steps, step)
	if m := usesIndex.FindStringSubmatch(step); m != nil && !slices.Contains(p.Indexes, m[1]) {
		p.Indexes = append(p.Indexes, m[1])
	}
	m := scansTable.FindStringSubmatch(step)
	if m == nil || usesKey.MatchString(step) {
		return
	}
	if table := behind(p.SQL, m[1]); slices.Contains(tables, table) && !slices.Contains(p.Scans, table) {
		p.Scans = append(p.Scans, table)
	}
}

// behind is the table that a name in a plan stands for: the plan has the alias.
func behind(query, name string) string {
	alias := regexp.MustCompile(`(?i)(?:from|join|,)\s+(\w+)\s+(?:as\s+)?` + regexp.QuoteMeta(name) + `\b`)
	if m := alias.FindStringSubmatch(query); m != nil {
		return m[1]
	}
	return name
}

// analyze looks at so many rows of an index only, which keeps it below a second
// on a database of any size.
func (lite) analyze(t *tx) error {
	if err := t.run(`PRAGMA analysis_limit = ` + strconv.Itoa(analysisLimit)); err != nil {
		return err
	}
	return t.run(`ANALYZE`)
}

// integrity reads every page and index and every reference between tables.
func (lite) integrity(ctx context.Context, s *Store) error {
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
		return err
	}
	err = s.each(ctx, `SELECT "table", coalesce(rowid, 0), parent FROM pragma_foreign_key_check LIMIT 5`, nil, func(r scanner) error {
		var table, parent string
		var row int64
		err := r.Scan(&table, &row, &parent)
		found = append(found, fmt.Sprintf("row %d of %s has no row in %s", row, table, parent))
		return err
	})
	if err != nil {
		return fmt.Errorf("references: %w", err)
	}
	return damage(found)
}

// size counts the file and its log.
func (l lite) size(ctx context.Context, s *Store) (bytes int64, err error) {
	var name, file string
	var seq int
	if err := s.read.QueryRowContext(ctx, `PRAGMA database_list`).Scan(&seq, &name, &file); err != nil {
		return 0, err
	}
	for _, path := range []string{file, file + "-wal"} {
		if info, err := os.Stat(path); err == nil { // A log that is not there is empty.
			bytes += info.Size()
		}
	}
	return bytes, nil
}

// giveBack shortens the file by its free pages, some at a time so that nobody
// waits long. A file from before the program knew how keeps them for new rows.
func (lite) giveBack(ctx context.Context, s *Store) error {
	for {
		free := 0
		err := s.w.doAlone(ctx, func(w *tx) error {
			var mode int
			if err := w.one(`PRAGMA auto_vacuum`, nil, &mode); err != nil || mode != incremental {
				return err
			}
			if err := w.each(fmt.Sprintf(`PRAGMA incremental_vacuum(%d)`, freePages), nil, func(scanner) error { return nil }); err != nil {
				return err
			}
			return w.one(`PRAGMA freelist_count`, nil, &free)
		})
		if err != nil || free == 0 {
			return err
		}
	}
}

// rewritable is the size of a file, in bytes, up to which scrub writes it anew.
// That takes about a second, in which writes wait.
const rewritable = 128 << 20

// scrub: what is deleted is overwritten (secure_delete), free pages are cut off
// the file, and the write-ahead log is emptied. The ends of pages that were used
// again may still hold something older, so a file that is not large is written
// anew; in a large one they go as pages are used, or by settle. A log that somebody else still
// reads, such as the replica, is emptied by them later; that is no error.
func (l lite) scrub(ctx context.Context, _ *Store) error {
	info, err := os.Stat(l.file)
	if err != nil {
		return err
	}
	if err := settleErased(ctx, l.file, info.Size() <= rewritable); err != nil && !errors.Is(err, ErrBusy) {
		return err
	}
	return nil
}

// settle writes the file anew, whatever its size.
func (l lite) settle(ctx context.Context, _ *Store) error { return settleErased(ctx, l.file, true) }

// settleErased writes a file anew, when that is asked for, and brings the
// write-ahead log into it and cuts that to nothing.
func settleErased(ctx context.Context, file string, rewrite bool) error {
	db, err := sql.Open(driverName, settleDSN(file))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if rewrite {
		_, err = db.ExecContext(ctx, `VACUUM`)
	}
	var busy, log, done int
	if err == nil {
		err = db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &done)
	}
	if err == nil && busy != 0 {
		err = ErrBusy
	}
	return errors.Join(explain(err), db.Close())
}

func (l lite) snapshot(ctx context.Context, _ *Store, path string) error {
	db, err := sql.Open(driverName, copyDSN(l.file))
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // nothing was written through it
	defer trickle(path)()
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, path)
	return err
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

func peekSQLite(ctx context.Context, file string) (schema int64, err error) {
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("look at %s: %w", file, ErrNotFound)
	}
	db, err := sql.Open(driverName, copyDSN(file))
	if err != nil {
		return 0, fmt.Errorf("look at %s: %w", file, err)
	}
	defer db.Close() //nolint:errcheck // nothing was written through it
	var tables int
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version'`).Scan(&tables)
	if err == nil && tables > 0 {
		err = db.QueryRowContext(ctx, schemaVersion).Scan(&schema)
	}
	if err != nil {
		return 0, fmt.Errorf("look at %s: %w", file, explain(err))
	}
	return schema, nil
}

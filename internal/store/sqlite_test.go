package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// raw opens the database of a directory beside the store.
func raw(t *testing.T, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName)+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatalf("open %s beside the store: %v", dir, err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

func change(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// newSession stores a sample session with one answer.
func newSession(t *testing.T, s *store.Store, id event.SessionID, answer string) {
	t.Helper()
	sess := storetest.Session(id, storetest.Start())
	if err := s.CreateSession(t.Context(), sess, nil, storetest.FirstTurn(sess)); err != nil {
		t.Fatalf("CreateSession: %v", err)
	}
	rec, err := s.Session(t.Context(), id)
	if err != nil {
		t.Fatalf("Session: %v", err)
	}
	if err := s.CommitTurn(t.Context(), rec, storetest.NextTurn(rec.Session, answer, storetest.Start())); err != nil {
		t.Fatalf("CommitTurn: %v", err)
	}
}

func TestPersonalDataNeverReachTheDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	const answer = "We bake sourdough bread in Lisbon"
	newSession(t, s, "s1", answer)
	if err := s.AdminSessions().Commit("tok", []byte("login of Ann Example"), time.Now().Add(time.Hour)); err != nil {
		t.Fatalf("Commit: %v", err)
	}
	secrets := []string{"Maria Ortega", "ortega.example", "555 0100", answer, "sourdough", "What do you sell?", "Ann Example"}
	scan := func(when string) int {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil {
			t.Fatalf("list %s: %v", dir, err)
		}
		total := 0
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("read %s: %v", file, err)
			}
			total += len(b)
			for _, secret := range secrets {
				if bytes.Contains(bytes.ToLower(b), []byte(strings.ToLower(secret))) {
					t.Errorf("%s: %s contains %q", when, filepath.Base(file), secret)
				}
			}
		}
		return total
	}
	wal, err := os.Stat(filepath.Join(dir, store.FileName+"-wal"))
	if err != nil || wal.Size() == 0 {
		t.Fatalf("no write-ahead log to look into: %v, %v", wal, err)
	}
	if n := scan("while open"); n < 50_000 {
		t.Errorf("looked at %d bytes only", n)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	scan("after closing")
	// The same search finds what is not sealed, so it would find the rest.
	b, err := os.ReadFile(filepath.Join(dir, store.FileName))
	if err != nil || !bytes.Contains(b, []byte("question_efficiency")) {
		t.Errorf("the search does not find the name of an event: %v", err)
	}
}

func TestSealedValuesCannotBeSwapped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	newSession(t, s, "s1", "A bakery")
	newSession(t, s, "s2", "A barber")
	db := raw(t, dir)
	change(t, db, `UPDATE sessions SET state = (SELECT state FROM sessions WHERE id = 's2') WHERE id = 's1'`)
	if _, err := s.Session(t.Context(), "s1"); err == nil {
		t.Error("Session with the state of another session = nil error, want one")
	}
	change(t, db, `UPDATE messages SET text = (SELECT text FROM messages WHERE session_id = 's2' AND n = 3) WHERE session_id = 's2' AND n = 2`)
	if got, err := s.Messages(t.Context(), "s2"); err == nil {
		t.Errorf("Messages with one line in place of another = %v, want an error", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		prepare func(t *testing.T, dir string)
		change  func(cfg *store.Config)
		want    []string // parts of the error
		is      error
	}{
		{
			name:   "a key that does not fit the data",
			change: func(cfg *store.Config) { cfg.Keys = storetest.Keys(t, "a secret that nobody ever used") },
			want:   []string{"ENCRYPTION_KEY"},
		},
		{
			name:   "no key",
			change: func(cfg *store.Config) { cfg.Keys = nil },
			want:   []string{"ENCRYPTION_KEY"},
		},
		{
			name:   "a database in memory",
			change: func(cfg *store.Config) { cfg.Path = ":memory:" },
			want:   []string{"data directory"},
		},
		{
			name:   "no path",
			change: func(cfg *store.Config) { cfg.Path = "" },
			want:   []string{"data directory"},
		},
		{
			name: "a file that is no database",
			prepare: func(t *testing.T, dir string) {
				t.Helper()
				write(t, dir, bytes.Repeat([]byte("not a database "), 1000))
			},
			want: []string{"damaged", "backup", store.FileName},
			is:   store.ErrDamaged,
		},
		{
			name: "a database whose pages were overwritten",
			prepare: func(t *testing.T, dir string) {
				t.Helper()
				b := fileOf(t, dir)
				write(t, dir, append(b[:4096:4096], bytes.Repeat([]byte{0xA5}, len(b)-4096)...))
			},
			want: []string{"damaged", "backup"},
			is:   store.ErrDamaged,
		},
		{
			name: "a database that was cut short",
			prepare: func(t *testing.T, dir string) {
				t.Helper()
				write(t, dir, fileOf(t, dir)[:8192])
			},
			want: []string{"damaged", "backup"},
			is:   store.ErrDamaged,
		},
		{
			name: "a database of a newer program",
			prepare: func(t *testing.T, dir string) {
				t.Helper()
				change(t, raw(t, dir), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
			},
			want: []string{"9999", "newer Introspect"},
		},
		{
			name: "a directory that cannot be made",
			prepare: func(t *testing.T, dir string) {
				t.Helper()
				if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			},
			change: func(cfg *store.Config) { cfg.Path = filepath.Join(cfg.Path, "file", "data") },
			want:   []string{"data directory"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := storetest.SQLite(t, store.Config{Path: dir})
			newSession(t, s, "s1", "A bakery")
			if err := s.Close(); err != nil {
				t.Fatalf("Close: %v", err)
			}
			if tt.prepare != nil {
				tt.prepare(t, dir)
			}
			cfg := store.Config{Path: dir, Keys: storetest.Keys(t)}
			if tt.change != nil {
				tt.change(&cfg)
			}
			_, err := store.Open(t.Context(), cfg)
			if err == nil || tt.is != nil && !errors.Is(err, tt.is) {
				t.Fatalf("Open err = %v, want %v", err, tt.is)
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("Open err = %q, want it to say %q", err, part)
				}
			}
		})
	}
}

func fileOf(t *testing.T, dir string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, dir string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, store.FileName), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOldSQLiteIsRefused(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{
		"3.51.2": false, "3.51.3": true, "3.51.10": true, "3.52.0": true, "3.9.9": false, "4.0.0": true, "3.54.1": true,
		"2.99.99": false, "": false, "unknown": false, "3.51": false, "3.51.x": false,
	} {
		err := store.AcceptVersion(version)
		if (err == nil) != want {
			t.Errorf("AcceptVersion(%q) = %v, want acceptance %v", version, err, want)
		}
		if err != nil && !strings.Contains(err.Error(), "3.51.3 or newer") {
			t.Errorf("AcceptVersion(%q) = %q, want it to name the version that is needed", version, err)
		}
	}
}

func TestPathsOfAllKinds(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, path, file string }{
		{"a directory that exists", ".", store.FileName},
		{"a directory to be made", "a/b", "a/b/" + store.FileName},
		{"a file by its ending", "shop.db", "shop.db"},
		{"a file of another ending in a new directory", "x/y.sqlite", "x/y.sqlite"},
		{"letters that mean something in an address", "odd ?a=b#c%20&d+e", "odd ?a=b#c%20&d+e/" + store.FileName},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			s := storetest.SQLite(t, store.Config{Path: filepath.Join(root, tt.path)})
			newSession(t, s, "s1", "A bakery")
			if err := s.Close(); err != nil {
				t.Fatalf("Close: %v", err)
			}
			info, err := os.Stat(filepath.Join(root, tt.file))
			if err != nil || info.Size() == 0 {
				t.Fatalf("data file: %v, %v, want it at %s", info, err, tt.file)
			}
			if got := info.Mode().Perm(); got != 0o600 {
				t.Errorf("data file has permissions %o, want 600", got)
			}
			if left, _ := filepath.Glob(filepath.Join(filepath.Dir(filepath.Join(root, tt.file)), "*-wal")); len(left) > 0 {
				t.Errorf("closing left %v behind", left)
			}
		})
	}
}

func TestConnectionsAreSetUp(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	tests := []struct{ pragma, writer, reader string }{
		{"journal_mode", "wal", "wal"},
		{"synchronous", "2", "2"}, // FULL: acknowledged means on disk
		{"foreign_keys", "1", "1"},
		{"query_only", "0", "1"},
		{"busy_timeout", "5000", "5000"},
		{"temp_store", "2", "2"},
	}
	for _, tt := range tests {
		writer, reader, err := s.Pragma(t.Context(), tt.pragma)
		if err != nil || writer != tt.writer || reader != tt.reader {
			t.Errorf("%s = %s for the writer, %s for readers, %v; want %s, %s", tt.pragma, writer, reader, err, tt.writer, tt.reader)
		}
	}
}

// TestProcessesMayOpenANewStoreAtOnce races the first start of several
// processes, such as the server and a command, more than once.
func TestProcessesMayOpenANewStoreAtOnce(t *testing.T) {
	t.Parallel()
	const rounds, processes = 3, 8
	keys := storetest.Keys(t)
	evs := storetest.Stream(3, 4, storetest.Start())
	for range rounds {
		dir := t.TempDir()
		stores := make([]*store.Store, processes)
		start := make(chan struct{})
		var wg sync.WaitGroup
		for i := range processes {
			wg.Go(func() {
				<-start
				s, err := store.Open(context.WithoutCancel(t.Context()), store.Config{Path: dir, Keys: keys})
				if err != nil {
					t.Errorf("Open %d of %d at once: %v", i+1, processes, err)
					return
				}
				stores[i] = s
			})
		}
		close(start)
		wg.Wait()
		for i, s := range stores {
			if s == nil {
				continue
			}
			if err := s.Migrated(t.Context()); err != nil {
				t.Errorf("Migrated of process %d: %v", i, err)
			}
			if _, err := s.Record(t.Context(), storetest.Outside(evs...)); err != nil {
				t.Errorf("Record of process %d: %v", i, err)
			}
		}
		for i, s := range stores {
			if s == nil {
				continue
			}
			if i == 0 {
				storetest.Exact(t, s, evs, time.UTC)
			}
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
	}
}

// TestOpeningIsPatient uses a real error of a locked database.
func TestOpeningIsPatient(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	storetest.SQLite(t, store.Config{Path: dir})
	release := hold(t, dir)
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, locked := db.ExecContext(t.Context(), `DELETE FROM settings`)
	if locked == nil {
		t.Fatal("the database is not locked")
	}
	release()

	calls := 0
	err = store.Patiently(t.Context(), func() error {
		if calls++; calls < 3 {
			return locked
		}
		return nil
	})
	if err != nil || calls != 3 {
		t.Errorf("Patiently = %v after %d attempts, want nil after the third", err, calls)
	}
	calls = 0
	other := errors.New("no such table")
	if err := store.Patiently(t.Context(), func() error { calls++; return other }); !errors.Is(err, other) || calls != 1 {
		t.Errorf("Patiently = %v after %d attempts, want another error at once", err, calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := store.Patiently(ctx, func() error { return locked }); !errors.Is(err, context.Canceled) || !errors.Is(err, locked) {
		t.Errorf("Patiently with an ended context = %v, want both reasons", err)
	}
}

func TestMigratedNoticesAnotherVersion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	change(t, raw(t, dir), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
	if err := s.Migrated(t.Context()); err == nil || !strings.Contains(err.Error(), "9999") {
		t.Errorf("Migrated with a newer table = %v, want an error that names it", err)
	}
}

func TestPingFailsWithoutSessions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	change(t, raw(t, dir), `ALTER TABLE sessions RENAME TO gone`)
	if err := s.Ping(t.Context()); err == nil {
		t.Error("Ping without the table sessions = nil, want an error (S17)")
	}
}

// Who waits no longer is told just that: a file is not too busy for it, and has no
// connection that could be lost.
func TestACallerWhoseTimeIsUp(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t, store.Config{})
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	_, err := s.OpenNotices(late)
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, store.ErrBusy) || strings.Contains(err.Error(), "Postgres") {
		t.Errorf("OpenNotices() err = %v, want %v and nothing of Postgres", err, context.DeadlineExceeded)
	}
}

func TestDriftIsFoundAndCorrected(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	evs := storetest.Stream(11, 30, storetest.Start())
	if _, err := s.Record(t.Context(), storetest.Outside(evs...)); err != nil {
		t.Fatalf("Record: %v", err)
	}
	db := raw(t, dir)
	lie := metric.Vector{0: 1_000_000}.Encode()
	// A changed row, a missing row and a row too many.
	change(t, db, `UPDATE rollups SET vector = ? WHERE metric = ? AND dimension = ? AND tier = ?`, lie, metric.Sessions, metric.All, metric.Day)
	var changed int
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM rollups WHERE vector = ?`, lie).Scan(&changed); err != nil || changed == 0 {
		t.Fatalf("no rollup was changed: %v", err)
	}
	change(t, db, `DELETE FROM rollups WHERE (tier, metric, bucket, dimension, value) =
		(SELECT tier, metric, bucket, dimension, value FROM rollups WHERE metric = ? LIMIT 1)`, metric.Funnel)
	change(t, db, `INSERT INTO rollups (tier, metric, bucket, dimension, value, vector) VALUES (1, 'invented', 5, 'all', '', ?)`, lie)
	want := changed + 2
	if n, err := s.RebuildRollups(t.Context(), true); n != want || err != nil {
		t.Errorf("RebuildRollups(verify) = %d, %v, want %d", n, err, want)
	}
	if n, err := s.RebuildRollups(t.Context(), false); n != want || err != nil {
		t.Errorf("RebuildRollups = %d, %v, want %d", n, err, want)
	}
	storetest.Exact(t, s, evs, time.UTC)

	// Facts that do not follow from the events, on a page of their own each.
	change(t, db, `UPDATE session_facts SET state = (SELECT state FROM session_facts ORDER BY length(state) DESC LIMIT 1)
		WHERE session_id IN (SELECT session_id FROM session_facts ORDER BY length(state) LIMIT 2)`)
	change(t, db, `DELETE FROM session_facts WHERE session_id = (SELECT max(session_id) FROM session_facts)`)
	change(t, db, `INSERT INTO session_facts SELECT 'a ghost', entry, last_seen, started, completed, external, state, pruned, maker FROM session_facts LIMIT 1`)
	if n, err := s.VerifyFacts(t.Context()); n != 4 || err != nil {
		t.Errorf("VerifyFacts = %d, %v, want 4: two changed, one missing, one too many", n, err)
	}
}

func TestVerifyFactsReadsEveryPage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	var evs []event.Event
	for i := range 1100 { // more than two pages of sessions
		id := event.SessionID(fmt.Sprintf("s%04d", i))
		evs = append(evs, event.New(id, 1, storetest.Start(), event.LandingView{}),
			event.New(id, 2, storetest.Start(), event.SessionStart{WebsiteType: "business", Timestamp: storetest.Start()}))
	}
	if _, err := s.Record(t.Context(), storetest.Outside(evs...)); err != nil {
		t.Fatalf("Record: %v", err)
	}
	storetest.NoDrift(t, s)
	change(t, raw(t, dir), `UPDATE event_chunks SET events = json_set(events, '$[0][0]', 1) WHERE session_id IN
		(SELECT session_id FROM session_facts ORDER BY session_id LIMIT 1 OFFSET 499)
		OR session_id = (SELECT max(session_id) FROM session_facts)`)
	if n, err := s.VerifyFacts(t.Context()); n != 2 || err != nil {
		t.Errorf("VerifyFacts = %d, %v, want 2", n, err)
	}
}

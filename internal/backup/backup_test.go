package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// site is an installation with some clients, and its backups.
type site struct {
	*backup.Keeper
	st    *store.Store
	clock *clock
	data  string // file of the database
	dir   string // folder of the backups
	to    *backup.Dir
	cfg   backup.Config
}

func newSite(tb testing.TB) *site {
	tb.Helper()
	base := tb.TempDir()
	s := &site{
		data: filepath.Join(base, "data", "introspect.db"), dir: filepath.Join(base, "backups"),
		clock: &clock{now: storetest.Start().Add(48 * time.Hour)},
	}
	s.st = storetest.SQLite(tb, store.Config{Path: s.data})
	s.to = backup.NewDir(s.dir)
	s.cfg = backup.Config{Store: s.st, Keys: storetest.Keys(tb), To: s.to, Program: "3.2.0", Now: s.clock.Now}
	s.Keeper = keeper(tb, s.cfg)
	s.fill(tb, "s1", 1)
	return s
}

func keeper(tb testing.TB, cfg backup.Config) *backup.Keeper {
	tb.Helper()
	k, err := backup.New(cfg)
	if err != nil {
		tb.Fatalf("New: %v", err)
	}
	return k
}

// fill adds a session of ours with one answer, and visits from outside.
func (s *site) fill(tb testing.TB, id event.SessionID, seed uint64) {
	tb.Helper()
	sess := storetest.Session(id, storetest.Start())
	if err := s.st.CreateSession(tb.Context(), sess, nil, storetest.FirstTurn(sess)); err != nil {
		tb.Fatalf("CreateSession: %v", err)
	}
	rec, err := s.st.Session(tb.Context(), id)
	if err != nil {
		tb.Fatalf("Session: %v", err)
	}
	turn := storetest.NextTurn(rec.Session, "a bakery", storetest.Start().Add(time.Minute))
	if err := s.st.CommitTurn(tb.Context(), rec, turn); err != nil {
		tb.Fatalf("CommitTurn: %v", err)
	}
	if _, err := s.st.Record(tb.Context(), storetest.Outside(storetest.Stream(seed, 20, storetest.Start())...)); err != nil {
		tb.Fatalf("Record: %v", err)
	}
}

func (s *site) create(tb testing.TB) backup.Manifest {
	tb.Helper()
	m, err := s.Create(tb.Context())
	if err != nil {
		tb.Fatalf("Create: %v", err)
	}
	return m
}

// close ends the server, so that its database may be replaced.
func (s *site) close(tb testing.TB) {
	tb.Helper()
	if err := s.st.Close(); err != nil {
		tb.Fatalf("Close: %v", err)
	}
}

// offline is a keeper of a command, which has no database open.
func (s *site) offline(tb testing.TB, keys *seal.Keyring) *backup.Keeper {
	tb.Helper()
	cfg := s.cfg
	cfg.Store, cfg.File, cfg.Keys = nil, s.data, keys
	return keeper(tb, cfg)
}

func counts(tb testing.TB, st *store.Store) store.Counts {
	tb.Helper()
	c, err := st.Counts(tb.Context())
	if err != nil {
		tb.Fatalf("Counts: %v", err)
	}
	return c
}

// holds fails the test unless the database at path is sound and has the session.
func holds(tb testing.TB, path string, id event.SessionID) *store.Store {
	tb.Helper()
	st := storetest.SQLite(tb, store.Config{Path: path})
	if err := st.CheckIntegrity(tb.Context()); err != nil {
		tb.Errorf("restored: %v", err)
	}
	storetest.NoDrift(tb, st)
	rec, err := st.Session(tb.Context(), id)
	if err != nil {
		tb.Fatalf("session %s in what was restored: %v", id, err)
	}
	if want := "Maria Ortega-" + string(id); rec.Session.Client.Name != want {
		tb.Errorf("client of %s = %q, want %q", id, rec.Session.Client.Name, want)
	}
	return st
}

func files(tb testing.TB, dir string) []string {
	tb.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		tb.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestCreateAndRestore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m := s.create(t)
	want := counts(t, s.st)
	known, err := store.Schema()
	if err != nil {
		t.Fatal(err)
	}
	if m.Counts != want || m.Schema != known || m.Program != "3.2.0" || m.Key != s.cfg.Keys.ID() || !m.At.Equal(s.clock.Now()) ||
		!m.VerifiedAt.Equal(s.clock.Now()) || want.Sessions != 1 || want.Messages != 3 || want.Chunks == 0 {
		t.Errorf("manifest = %+v, want the counts %+v, migration %d and this moment", m, want, known)
	}
	stored, err := os.ReadFile(filepath.Join(s.dir, string(m.ID)+".backup"))
	if err != nil || int64(len(stored)) != m.Size || m.Size >= m.PlainSize {
		t.Errorf("stored %d bytes, %v; want the %d of the manifest, less than the %d of the database", len(stored), err, m.Size, m.PlainSize)
	}
	if bytes.Contains(stored, []byte("SQLite format")) || bytes.Contains(stored, []byte("landing_view")) {
		t.Error("the backup is readable without its key")
	}
	s.fill(t, "s2", 2)
	s.clock.Add(time.Hour)
	to := filepath.Join(t.TempDir(), "new", "restored.db")
	got, err := s.Restore(t.Context(), backup.Point{ID: m.ID}, to)
	if err != nil {
		t.Fatalf("Restore: %v", err)
	}
	if got.RPO != time.Hour || got.Path != to || got.Aside != "" {
		t.Errorf("Restore = %+v, want an hour lost and nothing put aside", got)
	}
	st := holds(t, to, "s1")
	if c := counts(t, st); c != want {
		t.Errorf("restored counts = %+v, want %+v", c, want)
	}
	if _, err := st.Session(t.Context(), "s2"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a session of later is there: %v", err)
	}
	if _, err := s.Restore(t.Context(), backup.Point{ID: m.ID}, to); err == nil {
		t.Error("Restore overwrote a database")
	}
	if _, err := s.Restore(t.Context(), backup.Point{ID: m.ID}, filepath.Join(t.TempDir(), "folder")); err == nil || !strings.Contains(err.Error(), ".db") {
		t.Errorf("Restore to a strange name err = %v, want which names are taken", err)
	}
	if v, err := s.Verify(t.Context(), ""); err != nil || v.ID != m.ID {
		t.Errorf("Verify = %s, %v, want %s", v.ID, err, m.ID)
	}
	if left := files(t, filepath.Join(filepath.Dir(s.data), "backup-work")); left != nil {
		t.Errorf("work folder holds %v, want nothing", left)
	}
}

func TestListAndAt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, err := s.Verify(t.Context(), ""); !errors.Is(err, backup.ErrNone) {
		t.Errorf("Verify without any err = %v, want ErrNone", err)
	}
	first := s.create(t)
	s.clock.Add(6 * time.Hour)
	second := s.create(t)
	// What is not ours, or was never finished, is no backup.
	for _, name := range []string{"notes.txt", "x.json", "20260101T000000Z-00000000.backup"} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.List(t.Context())
	if err != nil {
		t.Fatalf("List: %v", err)
	}
	if diff := cmp.Diff([]backup.Entry{{Manifest: second}, {Manifest: first}}, all); diff != "" {
		t.Errorf("List (-want +got):\n%s", diff)
	}
	tests := []struct {
		name string
		at   time.Duration // after the first
		want backup.ID
	}{
		{"the moment of a backup is in it", 0, first.ID},
		{"between two the older is taken", 5 * time.Hour, first.ID},
		{"now is the newest", 7 * time.Hour, second.ID},
		{"before the first there is nothing", -time.Second, ""},
	}
	for _, tt := range tests {
		got, err := s.At(t.Context(), first.At.Add(tt.at))
		if got != tt.want || (err != nil) != (tt.want == "") || err != nil && !errors.Is(err, backup.ErrNone) {
			t.Errorf("%s: At = %q, %v, want %q", tt.name, got, err, tt.want)
		}
		if oldest := "the oldest is of " + first.At.UTC().Format(time.RFC3339); err != nil && (!strings.Contains(err.Error(), oldest) || strings.Contains(err.Error(), "make one")) {
			t.Errorf("%s: At err = %v, want %q and no advice to make one", tt.name, err, oldest)
		}
	}
	if _, err := s.Verify(t.Context(), "20200101T000000Z-00000000"); err == nil || !strings.Contains(err.Error(), "backup list") {
		t.Errorf("Verify of an unknown id err = %v, want where to look", err)
	}
}

func TestRestoreInPlace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m := s.create(t)
	s.fill(t, "s2", 2)
	if _, err := s.RestoreInPlace(t.Context(), backup.Point{ID: m.ID}); !errors.Is(err, store.ErrBusy) {
		t.Errorf("RestoreInPlace under an open store err = %v, want ErrBusy", err)
	}
	lock, err := store.Acquire(t.Context(), s.data, "introspect serve", s.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	var held *store.HeldError
	if _, err := s.RestoreInPlace(t.Context(), backup.Point{ID: m.ID}); !errors.As(err, &held) || !strings.Contains(err.Error(), "introspect serve") {
		t.Errorf("RestoreInPlace under a server err = %v, want a HeldError that names it", err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	s.close(t)
	s.clock.Add(90 * time.Minute)
	got, err := s.offline(t, s.cfg.Keys).RestoreInPlace(t.Context(), backup.Point{})
	if err != nil {
		t.Fatalf("RestoreInPlace: %v", err)
	}
	if got.RPO != 90*time.Minute || got.Path != s.data || !strings.Contains(got.Aside, ".replaced-2026") {
		t.Errorf("RestoreInPlace = %+v, want 90 minutes lost and the old file aside", got)
	}
	st := holds(t, s.data, "s1")
	if _, err := st.Session(t.Context(), "s2"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the new database has a session of later: %v", err)
	}
	old := got.Aside + ".db"
	if err := os.Rename(got.Aside, old); err != nil {
		t.Fatal(err)
	}
	holds(t, old, "s2")
}

// Where the database was lost with its folder, restoring in place makes both.
func TestRestoreInPlaceOfNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create(t)
	s.close(t)
	if err := os.RemoveAll(filepath.Dir(s.data)); err != nil {
		t.Fatal(err)
	}
	got, err := s.offline(t, s.cfg.Keys).RestoreInPlace(t.Context(), backup.Point{})
	if err != nil || got.Aside != "" {
		t.Fatalf("RestoreInPlace = %+v, %v, want nothing aside", got, err)
	}
	holds(t, s.data, "s1")
}

// A database that cannot even be opened is kept with its log, and replaced.
func TestRestoreInPlaceOfJunk(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create(t)
	s.close(t)
	junk := []byte(strings.Repeat("no database at all ", 1000))
	for _, suffix := range []string{"", "-wal"} {
		if err := os.WriteFile(s.data+suffix, junk, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.offline(t, s.cfg.Keys).RestoreInPlace(t.Context(), backup.Point{})
	if err != nil {
		t.Fatalf("RestoreInPlace: %v", err)
	}
	holds(t, s.data, "s1")
	for _, suffix := range []string{"", "-wal"} {
		if kept, err := os.ReadFile(got.Aside + suffix); err != nil || !bytes.Equal(kept, junk) {
			t.Errorf("%s%s holds %d bytes, %v, want what was there", got.Aside, suffix, len(kept), err)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	keys, to := storetest.Keys(t), backup.NewDir(t.TempDir())
	tests := []struct {
		name string
		cfg  backup.Config
		want string
	}{
		{"without a key", backup.Config{To: to, File: "x.db"}, "ENCRYPTION_KEY"},
		{"with an empty ring", backup.Config{To: to, File: "x.db", Keys: &seal.Keyring{}}, "ENCRYPTION_KEY"},
		{"without a destination", backup.Config{Keys: keys, File: "x.db"}, "BACKUP_DIR"},
		{"without a database", backup.Config{Keys: keys, To: to}, "database"},
	}
	for _, tt := range tests {
		if _, err := backup.New(tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("New %s err = %v, want one that says %s", tt.name, err, tt.want)
		}
	}
	k := keeper(t, backup.Config{Keys: keys, To: to, File: filepath.Join(t.TempDir(), "x.db")})
	if _, err := k.Create(t.Context()); err == nil {
		t.Error("Create without an open database succeeded")
	}
}

// Two at once would clear away each other's work.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create(t)
	lock, err := store.Acquire(t.Context(), filepath.Join(filepath.Dir(s.data), "backup-work"), "introspect backup create", s.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	var held *store.HeldError
	if _, err := s.Create(t.Context()); !errors.As(err, &held) {
		t.Errorf("Create beside another err = %v, want a HeldError", err)
	}
	if _, err := s.Drill(t.Context()); !errors.As(err, &held) {
		t.Errorf("Drill beside another err = %v, want a HeldError", err)
	}
	if d, err := backup.LastDrill(t.Context(), s.st); err != nil || !d.At.IsZero() {
		t.Errorf("a drill that could not begin was written down: %+v, %v", d, err)
	}
}

// What is cancelled leaves nothing, wherever it is.
func TestCancel(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"copied", "sealed", "stored", "manifest"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s.OnStep(func(p string) {
				if p == point {
					cancel()
				}
			})
			_, err := s.Create(ctx)
			if point != "manifest" && !errors.Is(err, context.Canceled) {
				t.Errorf("Create err = %v, want context.Canceled", err)
			}
			if all, err := s.List(t.Context()); err != nil || point != "manifest" && len(all)+len(files(t, s.dir)) > 0 {
				t.Errorf("left are %v and files %v, %v, want none", all, files(t, s.dir), err)
			}
		})
	}
}

func ExampleStatus_Problem() {
	now := time.Date(2026, time.November, 27, 12, 0, 0, 0, time.UTC)
	s := backup.Status{Newest: backup.Manifest{ID: "b", At: now.Add(-13 * time.Hour)}, Reason: "the bucket is gone"}
	fmt.Println(s.Problem(now))
	// Output: the newest backup is 13h0m0s old, it should be at most 6h0m0s: the bucket is gone
}

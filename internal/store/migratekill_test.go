package store_test

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

const (
	migratorArg    = "store-migrator"
	migratorRounds = 4
)

// runMigrator opens a database, which brings it to the newest schema.
func runMigrator(dir string) {
	keys, err := seal.NewKeyring(storetest.Secret)
	if err != nil {
		panic(err)
	}
	s, err := store.Open(context.Background(), store.Config{Path: dir, Keys: keys})
	if err != nil {
		panic(err)
	}
	if err := s.Close(); err != nil {
		panic(err)
	}
}

// TestKillMigration: a process that dies anywhere while it brings an old
// database to the newest schema leaves one that the next start brings there,
// with everything that was in it.
func TestKillMigration(t *testing.T) {
	t.Parallel()
	const oldest = 4 // events were rows of their own: the migration that moves the most
	old := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: old})
	want := map[event.SessionID][]store.StoredEvent{}
	for seed := range uint64(4) {
		in := storetest.Outside(storetest.Stream(seed, 40, storetest.Start().Add(time.Duration(seed)*time.Hour))...)
		if _, err := s.Record(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		for _, e := range in {
			want[e.Event.SessionID] = nil
		}
	}
	for id := range want {
		want[id] = events(t, s, id)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := store.MigrateTo(t.Context(), s.File(), oldest); err != nil {
		t.Fatal(err)
	}
	whole := migrate(t, clone(t, old), 0) // what it takes undisturbed
	r := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	for range migratorRounds {
		dir := clone(t, old)
		after := time.Duration(r.Int64N(int64(whole)) + 1)
		migrate(t, dir, after)
		s := storetest.SQLite(t, store.Config{Path: dir})
		for id, evs := range want {
			if diff := cmp.Diff(evs, events(t, s, id)); diff != "" {
				t.Fatalf("killed after %s of %s: events of %s (-before +after):\n%s", after, whole, id, diff)
			}
		}
		storetest.NoDrift(t, s)
		if err := s.CheckIntegrity(t.Context()); err != nil {
			t.Fatalf("killed after %s of %s: %v", after, whole, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// migrate runs a migrator and kills it after a while, 0: never. It returns how
// long the process lived.
func migrate(t *testing.T, dir string, after time.Duration) time.Duration {
	t.Helper()
	var said strings.Builder
	cmd := exec.CommandContext(t.Context(), os.Args[0], migratorArg, dir, "-")
	cmd.Stderr = &said
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		kill := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
	}
	if err := cmd.Wait(); err != nil && after == 0 || said.Len() > 0 {
		t.Fatalf("the migrator ended with %v: %s", err, said.String())
	}
	return time.Since(begun)
}

// clone copies the files of a closed database to a folder of their own.
func clone(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "clone")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// TestHalfAMigration: one that fails in its middle changes nothing, and the
// program that knows the older schema goes on.
func TestHalfAMigration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	in := storetest.Outside(storetest.Stream(3, 5, storetest.Start())...)
	if _, err := s.Record(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	id := in[0].Event.SessionID
	want := events(t, s, id)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	const half = "-- +goose Up\nDELETE FROM event_chunks;\nDROP TABLE rollups;\nINSERT INTO no_such_table VALUES (1);\n"
	err := store.MigrateMore(t.Context(), s.File(), "9999_half.sql", half)
	if err == nil || !strings.Contains(err.Error(), "nothing of the migration that failed was kept") {
		t.Fatalf("MigrateMore = %v, want an error that says what is left", err)
	}
	s = storetest.SQLite(t, store.Config{Path: dir})
	if diff := cmp.Diff(want, events(t, s, id)); diff != "" {
		t.Errorf("events (-before +after):\n%s", diff)
	}
	storetest.NoDrift(t, s)
}

package backup_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// forgotten fails the test unless a restored database lacks the session, keeps
// its neighbour and has the figures of both.
func forgotten(t *testing.T, path string, id event.SessionID, clients int) {
	t.Helper()
	st := storetest.SQLite(t, store.Config{Path: path})
	if _, err := st.Session(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("session %s in %s: err = %v, want ErrNotFound", id, path, err)
	}
	if err := st.CheckIntegrity(t.Context()); err != nil {
		t.Error(err)
	}
	storetest.NoDrift(t, st)
	if n := counts(t, st).Sessions; n != int64(clients) {
		t.Errorf("%d sessions are left, want %d", n, clients)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(path); err != nil || bytes.Contains(content, []byte(id)) {
		t.Errorf("the id of %s is in the restored file, or %v", id, err)
	}
}

const asked = event.SessionID("0193d5a0-0000-7000-8000-00000000a5ed")

// A backup that is older than an erasure is made to forget again, wherever it is
// restored: beside the running database, in its place, or on a new machine that
// has nothing but the backups.
func TestErasuresAreReplayed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fill(t, asked, 2)
	s.create(t)
	if err := s.st.Erase(t.Context(), asked, "client"); err != nil {
		t.Fatal(err)
	}
	if err := s.SyncErasures(t.Context()); err != nil {
		t.Fatalf("SyncErasures: %v", err)
	}
	log, write := s.stored(t, "erasures.log")
	if bytes.Contains(log, []byte(asked)) {
		t.Error("the log names the session")
	}
	beside := filepath.Join(t.TempDir(), "beside.db")
	if got, err := s.offline(t, s.cfg.Keys).Restore(t.Context(), backup.Point{}, beside); err != nil || got.Erased != 1 {
		t.Errorf("Restore = %+v, %v, want one erased again", got, err)
	}
	forgotten(t, beside, asked, 1)

	machine := s.cfg
	machine.Store, machine.File = nil, filepath.Join(t.TempDir(), "introspect.db")
	if got, err := keeper(t, machine).RestoreInPlace(t.Context(), backup.Point{}); err != nil || got.Erased != 1 {
		t.Errorf("Restore on a new machine = %+v, %v, want one erased again", got, err)
	}
	forgotten(t, machine.File, asked, 1)

	write(bytes.Replace(log, []byte(`"by":"client"`), []byte(`"by":"nobody"`), 1))
	if _, err := s.offline(t, s.cfg.Keys).Restore(t.Context(), backup.Point{}, filepath.Join(t.TempDir(), "x.db")); !errors.Is(err, backup.ErrBad) || !strings.Contains(err.Error(), "erasures.log") {
		t.Errorf("Restore with a changed log: err = %v, want ErrBad that names the log", err)
	}
}

// An erasure that did not reach the place of the backups is still known to the
// database that is replaced.
func TestErasureOfTheReplacedDatabase(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fill(t, asked, 2)
	s.create(t)
	if err := s.st.Erase(t.Context(), asked, "operator"); err != nil {
		t.Fatal(err)
	}
	s.close(t)
	if got, err := s.offline(t, s.cfg.Keys).RestoreInPlace(t.Context(), backup.Point{}); err != nil || got.Erased != 1 {
		t.Errorf("RestoreInPlace = %+v, %v, want one erased again", got, err)
	}
	forgotten(t, s.data, asked, 1)
}

// A database that was brought back by other means learns from the log when its
// server starts, and the log from the database at the next backup.
func TestSyncErasures(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fill(t, asked, 2)
	old := filepath.Join(t.TempDir(), "old.db")
	if err := s.st.Snapshot(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if err := s.st.Erase(t.Context(), asked, "client"); err != nil {
		t.Fatal(err)
	}
	s.create(t)
	cfg := s.cfg
	cfg.Store = storetest.SQLite(t, store.Config{Path: old})
	if err := keeper(t, cfg).SyncErasures(t.Context()); err != nil {
		t.Fatalf("SyncErasures: %v", err)
	}
	if _, err := cfg.Store.Session(t.Context(), asked); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("session in the old database: err = %v, want ErrNotFound", err)
	}
	storetest.NoDrift(t, cfg.Store)
}

// A snapshot of the settings tells names and changes, and keeps values to
// who holds the key.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.cfg.Settings = []backup.Setting{{Name: "APP_URL", Value: "https://intake.example"}, {Name: "RESEND_API_KEY", Value: "re_secret", Secret: true}, {Name: "PORT", Value: "8080"}}
	k := keeper(t, s.cfg)
	ticks, done := make(chan time.Time), make(chan struct{})
	go func() { defer close(done); k.Run(t.Context(), ticks, func(err error) { t.Error(err) }) }()
	for range 4 { // the fourth is taken only after the third was worked on
		ticks <- s.clock.Now()
	}
	s.clock.Add(6 * 24 * time.Hour)
	ticks <- s.clock.Now()
	ticks <- s.clock.Now()
	ids, err := k.Environments(t.Context())
	if err != nil || len(ids) != 1 {
		t.Fatalf("Environments after six days = %v, %v, want one", ids, err)
	}
	s.clock.Add(25 * time.Hour)
	ticks <- s.clock.Now()
	ticks <- s.clock.Now()
	if ids, err = k.Environments(t.Context()); err != nil || len(ids) != 2 {
		t.Fatalf("Environments after a week = %v, %v, want two", ids, err)
	}
	content, write := s.stored(t, string(ids[0])+".environment")
	for _, value := range []string{"https://intake.example", "re_secret", "8080"} {
		if bytes.Contains(content, []byte(value)) {
			t.Errorf("the snapshot holds the value %q", value)
		}
	}
	e, err := k.Environment(t.Context(), "")
	if err != nil || e.ID != ids[0] || len(e.Settings) != 3 {
		t.Fatalf("Environment = %+v, %v, want the newest with three settings", e, err)
	}
	if secrets, err := k.Secrets(e); err != nil || len(secrets) != 1 || secrets["RESEND_API_KEY"] != "re_secret" {
		t.Errorf("Secrets = %v, %v, want the one", secrets, err)
	}
	now := s.cfg
	now.Settings = []backup.Setting{{Name: "APP_URL", Value: "https://other.example"}, {Name: "RESEND_API_KEY", Value: "re_secret", Secret: true}, {Name: "LOG_LEVEL", Value: "debug"}}
	diff, err := keeper(t, now).Compare(e)
	if want := []backup.Difference{{Name: "APP_URL", Word: "changed"}, {Name: "LOG_LEVEL", Word: "added"}, {Name: "PORT", Word: "removed"}}; err != nil || !slices.Equal(diff, want) {
		t.Errorf("Compare = %v, %v, want %v", diff, err, want)
	}
	stranger := s.offline(t, storetest.Keys(t, "another secret of thirty-two bytes and more"))
	if _, err := stranger.Environment(t.Context(), e.ID); !errors.Is(err, backup.ErrBad) {
		t.Errorf("Environment with another key: err = %v, want ErrBad", err)
	}
	if _, err := stranger.Secrets(e); !errors.Is(err, backup.ErrKey) {
		t.Errorf("Secrets with another key: err = %v, want ErrKey", err)
	}
	write(bytes.Replace(content, []byte("APP_URL"), []byte("APP_URI"), 1))
	if _, err := k.Environment(t.Context(), ids[0]); !errors.Is(err, backup.ErrBad) {
		t.Errorf("Environment that was changed: err = %v, want ErrBad", err)
	}
	older, _ := s.stored(t, string(ids[1])+".environment")
	write(older)
	if _, err := k.Environment(t.Context(), ids[0]); !errors.Is(err, backup.ErrBad) {
		t.Errorf("Environment in the place of a newer one: err = %v, want ErrBad", err)
	}
}

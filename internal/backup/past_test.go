package backup_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/store"
)

// history is a finer past that holds one state.
type history struct {
	state time.Time
	file  string // of the database as it was
	err   error
}

func (h *history) Restore(_ context.Context, _ time.Time, to string) (time.Time, error) {
	if h.err != nil {
		return time.Time{}, h.err
	}
	b, err := os.ReadFile(h.file)
	if err != nil {
		return time.Time{}, err
	}
	return h.state, os.WriteFile(to, b, 0o600)
}

// A time is restored from the finer past when there is one, from a backup when
// that one cannot do it, and the difference is told.
func TestRestoreAt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m := s.create(t)
	s.clock.Add(2 * time.Hour)
	s.fill(t, "s2", 2)
	past := &history{state: s.clock.Now(), file: filepath.Join(t.TempDir(), "past.db")}
	if err := s.st.Snapshot(t.Context(), past.file); err != nil {
		t.Fatal(err)
	}
	s.cfg.Past = past
	s.Keeper = keeper(t, s.cfg)
	at := s.clock.Now().Add(3 * time.Second)
	s.clock.Add(time.Hour)

	to := filepath.Join(t.TempDir(), "fine.db")
	got, err := s.Restore(t.Context(), backup.Point{At: at}, to)
	if err != nil || got.RPO != 3*time.Second || got.Note != "" || got.Manifest.ID != "" || !got.State.Equal(past.state) {
		t.Errorf("Restore from the past = %+v, %v, want 3 seconds lost", got, err)
	}
	holds(t, to, "s2")
	if d, err := s.Drill(t.Context()); err != nil || !d.OK || !d.Past.Equal(past.state) {
		t.Errorf("Drill = %+v, %v, want one that restored the past too", d, err)
	}

	good := past.file
	for name, breakIt := range map[string]func(){
		"fails": func() { past.err = errors.New("replica is empty") },
		"is bad": func() {
			past.err, past.file = nil, filepath.Join(t.TempDir(), "bad.db")
			if err := os.WriteFile(past.file, []byte(strings.Repeat("bad", 5000)), 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		breakIt()
		to := filepath.Join(t.TempDir(), "coarse.db")
		got, err := s.Restore(t.Context(), backup.Point{At: at}, to)
		if err != nil || got.Manifest.ID != m.ID || got.RPO != at.Sub(m.At) || got.Note == "" {
			t.Errorf("past %s: Restore = %+v, %v, want the backup and a note", name, got, err)
		}
		st := holds(t, to, "s1")
		if _, err := st.Session(t.Context(), "s2"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("past %s: a session of later is there: %v", name, err)
		}
		if d, err := s.Drill(t.Context()); err == nil || d.OK || !strings.Contains(d.Reason, "point-in-time") {
			t.Errorf("past %s: Drill = %+v, %v, want one that says so", name, d, err)
		}
		past.file, past.err = good, nil
	}

	past.err = errors.New("replica is empty")
	_, err = s.Restore(t.Context(), backup.Point{At: m.At.Add(-time.Hour)}, filepath.Join(t.TempDir(), "x.db"))
	if !errors.Is(err, backup.ErrNone) || !strings.Contains(err.Error(), "replica is empty") {
		t.Errorf("Restore before everything err = %v, want ErrNone and why the past did not help", err)
	}
	past.err = nil
	s.close(t)
	if got, err := s.offline(t, s.cfg.Keys).RestoreInPlace(t.Context(), backup.Point{At: at}); err != nil || got.Aside == "" {
		t.Fatalf("RestoreInPlace to a time = %+v, %v", got, err)
	}
	holds(t, s.data, "s2")
}

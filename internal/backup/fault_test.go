package backup_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// stored reads the data of a backup and returns how to change it.
func (s *site) stored(tb testing.TB, name string) (content []byte, write func(b []byte)) {
	tb.Helper()
	path := filepath.Join(s.dir, name)
	content, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return content, func(b []byte) {
		tb.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
}

// Each single byte that changes in the data or the manifest is noticed, and
// nothing is put in the place of the database.
func TestFlippedBytes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m := s.create(t)
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{string(m.ID) + ".backup", string(m.ID) + ".json"} {
		good, write := s.stored(t, name)
		for i := range 200 {
			at := r.IntN(len(good))
			if i < 60 {
				at = i // the header, wholly
			}
			b := bytes.Clone(good)
			b[at] ^= 1 << r.IntN(8)
			write(b)
			to := filepath.Join(t.TempDir(), "x.db")
			_, err := s.Restore(t.Context(), backup.Point{ID: m.ID}, to)
			if !errors.Is(err, backup.ErrBad) && !errors.Is(err, backup.ErrKey) {
				t.Errorf("byte %d of %s flipped: Restore err = %v, want ErrBad or ErrKey", at, name, err)
			}
			if left := files(t, filepath.Dir(to)); len(left) > 1 || len(left) == 1 && left[0] != "x.db.lock" {
				t.Errorf("byte %d of %s flipped: left are %v", at, name, left)
			}
		}
		write(good)
	}
	if _, err := s.Verify(t.Context(), m.ID); err != nil {
		t.Errorf("Verify of the backup as it was: %v", err)
	}
}

func TestTruncatedAndSwapped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	old := s.create(t)
	s.clock.Add(time.Hour)
	m := s.create(t)
	oldData, _ := s.stored(t, string(old.ID)+".backup")
	oldManifest, _ := s.stored(t, string(old.ID)+".json")
	data, write := s.stored(t, string(m.ID)+".backup")
	bad := map[string][]byte{
		"empty": nil, "half": data[:len(data)/2], "without its last byte": data[:len(data)-1], "with a byte more": append(bytes.Clone(data), 0),
		"that of another backup": oldData,
	}
	for name, b := range bad {
		write(b)
		if _, err := s.Verify(t.Context(), m.ID); !errors.Is(err, backup.ErrBad) {
			t.Errorf("data %s: Verify err = %v, want ErrBad", name, err)
		}
		if d, err := s.Drill(t.Context()); err == nil || d.OK || d.Reason == "" || d.ID != m.ID {
			t.Errorf("data %s: Drill = %+v, %v, want one that failed", name, d, err)
		}
	}
	write(data)
	manifest, writeManifest := s.stored(t, string(m.ID)+".json")
	for name, b := range map[string][]byte{
		"empty": nil, "cut": manifest[:len(manifest)/2], "that of another backup": oldManifest, "with a space more": append([]byte(" "), manifest...),
	} {
		writeManifest(b)
		if _, err := s.Verify(t.Context(), m.ID); !errors.Is(err, backup.ErrBad) {
			t.Errorf("manifest %s: Verify err = %v, want ErrBad", name, err)
		}
		all, err := s.List(t.Context())
		if err != nil || len(all) != 2 || !errors.Is(all[0].Err, backup.ErrBad) || all[0].ID != m.ID || all[1].Err != nil {
			t.Errorf("manifest %s: List = %+v, %v, want the newest bad and the other good", name, all, err)
		}
		if v, err := s.Verify(t.Context(), ""); err != nil || v.ID != old.ID {
			t.Errorf("manifest %s: Verify of the newest = %s, %v, want the last good one", name, v.ID, err)
		}
	}
	writeManifest(manifest)
	if err := os.Remove(filepath.Join(s.dir, string(m.ID)+".backup")); err != nil {
		t.Fatal(err)
	}
	if all, err := s.List(t.Context()); err != nil || !errors.Is(all[0].Err, backup.ErrBad) {
		t.Errorf("List without data = %+v, %v, want the newest bad", all, err)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m := s.create(t)
	to := func() string { return filepath.Join(t.TempDir(), "x.db") }
	const fresh = "the secret of next year, 32 bytes"
	wrong := s.offline(t, storetest.Keys(t, fresh))
	for name, id := range map[string]backup.ID{"by id": m.ID, "the newest": ""} {
		_, err := wrong.Restore(t.Context(), backup.Point{ID: id}, to())
		if !errors.Is(err, backup.ErrKey) || !strings.Contains(err.Error(), m.Key) || !strings.Contains(err.Error(), "ENCRYPTION_KEYS_OLD") {
			t.Errorf("Restore %s with another key err = %v, want ErrKey, which key and what to set", name, err)
		}
	}
	if all, err := wrong.List(t.Context()); err != nil || len(all) != 1 || !errors.Is(all[0].Err, backup.ErrKey) {
		t.Errorf("List with another key = %+v, %v, want the backup with its reason", all, err)
	}
	rotated := s.offline(t, storetest.Keys(t, fresh, storetest.Secret))
	path := to()
	if _, err := rotated.Restore(t.Context(), backup.Point{}, path); err != nil {
		t.Fatalf("Restore after a rotation: %v", err)
	}
	st := storetest.SQLite(t, store.Config{Path: path, Keys: storetest.Keys(t, fresh, storetest.Secret)})
	if _, err := st.Session(t.Context(), "s1"); err != nil {
		t.Errorf("session after a rotation: %v", err)
	}
	// A ring that knows the backup's key and not that of the values inside.
	s.st = st
	s.cfg.Store, s.cfg.Keys = st, storetest.Keys(t, fresh)
	if _, err := keeper(t, s.cfg).Create(t.Context()); err == nil || !strings.Contains(err.Error(), "ENCRYPTION_KEY") {
		t.Errorf("Create with half of the keys err = %v, want one that names the setting", err)
	}
	if all, err := rotated.List(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("List = %+v, %v, want the one good backup", all, err)
	}
}

// A backup of a newer program is refused, with what to do.
func TestNewerSchema(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m := s.create(t)
	m.Schema, m.Program = 999, "9.9.9"
	b, err := m.Encode(s.cfg.Keys)
	if err != nil {
		t.Fatal(err)
	}
	_, write := s.stored(t, string(m.ID)+".json")
	write(b)
	for _, id := range []backup.ID{m.ID, ""} {
		_, err = s.Restore(t.Context(), backup.Point{ID: id}, filepath.Join(t.TempDir(), "x.db"))
		if !errors.Is(err, backup.ErrNewer) || !strings.Contains(err.Error(), "9.9.9") || !strings.Contains(err.Error(), "999") {
			t.Errorf("Restore(%q) of a newer backup err = %v, want ErrNewer, its version and migration", id, err)
		}
	}
}

// A manifest that says another number of rows than the database holds is not
// believed, though all hashes are right.
func TestCountsDiffer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m := s.create(t)
	m.Counts.Messages++
	b, err := m.Encode(s.cfg.Keys)
	if err != nil {
		t.Fatal(err)
	}
	_, write := s.stored(t, string(m.ID)+".json")
	write(b)
	if _, err := s.Verify(t.Context(), m.ID); !errors.Is(err, backup.ErrBad) {
		t.Errorf("Verify with other counts err = %v, want ErrBad", err)
	}
}

// TestHashDiffers has data that open and unpack well, and are not those that the
// manifest speaks of.
func TestHashDiffers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m := s.create(t)
	m.SHA256 = strings.Repeat("0", 64)
	b, err := m.Encode(s.cfg.Keys)
	if err != nil {
		t.Fatal(err)
	}
	_, write := s.stored(t, string(m.ID)+".json")
	write(b)
	if _, err := s.Verify(t.Context(), m.ID); !errors.Is(err, backup.ErrBad) || !strings.Contains(err.Error(), "the manifest says") {
		t.Errorf("Verify with another hash err = %v, want ErrBad", err)
	}
}

// A backup that is not there is none, and the error says where to look.
func TestABackupThatIsNotThere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m := s.create(t)
	other := backup.ID(strings.Replace(string(m.ID), "2", "1", 1))
	for what, do := range map[string]func() error{
		"Verify": func() error { _, err := s.Verify(t.Context(), other); return err },
		"Restore": func() error {
			_, err := s.Restore(t.Context(), backup.Point{ID: other}, filepath.Join(t.TempDir(), "out.db"))
			return err
		},
	} {
		if err := do(); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "introspect backup list") {
			t.Errorf("%s(%s) err = %v, want that it is not there and how to see what is", what, other, err)
		}
	}
}

// Figures that do not follow from the events are reported and never become a good
// backup, on the newest day as on the oldest.
func TestDriftIsNoBackup(t *testing.T) {
	t.Parallel()
	for name, day := range map[string]string{"newest": "max", "oldest": "min"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			click := event.New("old", 1, storetest.Start().AddDate(0, 0, -5), event.Plain{Name: event.NameCTAClick})
			if _, err := s.st.Record(t.Context(), storetest.Outside(click)); err != nil {
				t.Fatal(err)
			}
			db, err := sql.Open("sqlite", s.data+"?_pragma=busy_timeout(10000)")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.ExecContext(t.Context(), `DELETE FROM rollups WHERE tier = $1 AND metric = $2 AND bucket = (SELECT `+day+`(bucket) FROM rollups WHERE tier = $1 AND metric = $2)`, int(metric.Day), metric.Funnel); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Create(t.Context()); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "introspect rollup rebuild") {
				t.Errorf("Create err = %v, want ErrDamaged and what to do", err)
			}
			if left := files(t, s.dir); len(left) > 0 {
				t.Errorf("Create left %v", left)
			}
		})
	}
}

// A damaged page of the database is reported and never becomes a good backup,
// wherever it lies. Only a map of pages that SQLite can make again may be bad,
// and then the copy has to be the same as that of the sound database.
func TestCorruptSource(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for seed := range uint64(8) {
		s.fill(t, event.SessionID(fmt.Sprintf("x%d", seed)), seed+10)
	}
	want := snapshot(t, s.st)
	s.close(t)
	good, err := os.ReadFile(s.data)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	tried, reported := 0, 0
	for n := 1; n < len(good)/page; n++ {
		if n > 24 && n%9 > 0 {
			continue // each takes a while, and many pages are alike
		}
		b := bytes.Clone(good)
		for i := range 64 {
			b[n*page+i] ^= 0xa5 // the header of the page and its first cells
		}
		path, dir := filepath.Join(t.TempDir(), "bad.db"), t.TempDir()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		tried++
		got, err := backUp(t, path, dir)
		switch {
		case err == nil && !bytes.Equal(got, want):
			t.Errorf("page %d of %d damaged: Create succeeded with another content", n+1, len(good)/page)
		case err != nil && len(files(t, dir)) > 0:
			t.Errorf("page %d damaged: Create err = %v, but left %v", n+1, err, files(t, dir))
		case errors.Is(err, store.ErrDamaged):
			reported++
		}
	}
	t.Logf("%d pages damaged, %d reported as damage of the database", tried, reported)
	if reported < tried*9/10 {
		t.Errorf("%d of %d damaged pages reported as damage", reported, tried)
	}
}

// snapshot is the content of a database in a form that can be compared.
func snapshot(t *testing.T, st *store.Store) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "snapshot.db")
	if err := st.Snapshot(t.Context(), path); err != nil {
		t.Fatalf("Snapshot: %v", err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// backUp opens a database and backs it up once.
func backUp(t *testing.T, path, dir string) (content []byte, err error) {
	t.Helper()
	st, err := store.Open(t.Context(), store.Config{Path: path, Keys: storetest.Keys(t)})
	if err != nil {
		return nil, err
	}
	defer st.Close()
	k, err := backup.New(backup.Config{Store: st, Keys: storetest.Keys(t), To: backup.NewDir(dir), Now: func() time.Time { return storetest.Start() }})
	if err != nil {
		return nil, err
	}
	if _, err = k.Create(t.Context()); err != nil {
		return nil, err
	}
	return snapshot(t, st), nil
}

// full is a disk with room for some bytes.
func full(room int) func(n int) error {
	return func(n int) error {
		if room -= n; room < 0 {
			return backup.ErrNoRoom
		}
		return nil
	}
}

func nothing(int) error { return nil }

// A full disk, in the work folder or at the destination, ends an attempt with
// its own error and leaves nothing; the next attempt works.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	kept := s.create(t)
	for _, room := range []int{0, 1, 100, 3000, 20_000} {
		s.clock.Add(time.Hour)
		for name, set := range map[string]func(f func(int) error){"work folder": s.OnWrite, "destination": s.to.OnWrite} {
			set(full(room))
			if _, err := s.Create(t.Context()); !errors.Is(err, backup.ErrNoRoom) || errors.Is(err, backup.ErrBad) {
				t.Errorf("Create with room for %d in the %s err = %v, want that of the disk", room, name, err)
			}
			set(nothing)
			all, err := s.List(t.Context())
			if err != nil || len(all) != 1 || all[0].ID != kept.ID || len(files(t, s.dir)) != 2 {
				t.Errorf("after a full %s: List = %+v, %v, files %v, want the backup of before", name, all, err, files(t, s.dir))
			}
			if s.Status().Reason == "" || s.Status().Newest.ID != kept.ID {
				t.Errorf("Status after a full %s = %+v, want the reason and the backup of before", name, s.Status())
			}
		}
		s.OnWrite(full(room))
		to := filepath.Join(t.TempDir(), "x.db")
		if _, err := s.Restore(t.Context(), backup.Point{ID: kept.ID}, to); !errors.Is(err, backup.ErrNoRoom) || errors.Is(err, backup.ErrBad) {
			t.Errorf("Restore with room for %d err = %v, want that of the disk", room, err)
		}
		if left := files(t, filepath.Dir(to)); len(left) != 1 {
			t.Errorf("Restore with room for %d left %v, want the lock only", room, left)
		}
		s.OnWrite(nothing)
	}
	s.create(t)
}

// A disk that takes no more for a while holds up the backup alone: the server
// writes on, a second attempt is refused with the name of the first, and one
// that was cancelled meanwhile leaves nothing.
// A folder that takes no file says who has to do what.
func TestAFolderThatTakesNoFile(t *testing.T) {
	t.Parallel()
	for cause, want := range map[error]string{
		syscall.EROFS:    "set BACKUP_DIR to another folder",
		fs.ErrPermission: "let the user of the server write there",
		syscall.ENOSPC:   "free some room there",
	} {
		d := backup.NewDir(t.TempDir())
		d.OnWrite(func(int) error { return cause })
		if err := d.Put(t.Context(), "x", strings.NewReader("four"), 4); !errors.Is(err, cause) || !strings.Contains(err.Error(), want) {
			t.Errorf("Put on %v = %v, want %q", cause, err, want)
		}
	}
}

func TestSlowDisk(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(s *site, f func(int) error){
		"work folder": func(s *site, f func(int) error) { s.OnWrite(f) },
		"destination": func(s *site, f func(int) error) { s.to.OnWrite(f) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.create(t)
			s.clock.Add(time.Hour)
			stuck, room := make(chan struct{}, 1000), make(chan struct{})
			set(s, func(int) error {
				stuck <- struct{}{}
				<-room
				return nil
			})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error, 1)
			go func() {
				_, err := s.Create(ctx)
				ended <- err
			}()
			<-stuck
			s.fill(t, "meanwhile", 3)
			held, second := (*store.HeldError)(nil), keeper(t, s.cfg)
			if _, err := second.Create(t.Context()); !errors.As(err, &held) || held.By.What != "introspect backup create" {
				t.Errorf("a second attempt err = %v, want a HeldError that names the first", err)
			}
			cancel()
			close(room)
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("Create err = %v, want context.Canceled", err)
			}
			if all, err := s.List(t.Context()); err != nil || len(all) != 1 || len(files(t, s.dir)) != 2 {
				t.Errorf("List = %+v, %v, files %v, want the backup of before", all, err, files(t, s.dir))
			}
			set(s, nothing)
			s.create(t)
		})
	}
}

package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

const victimArg = "backup-victim"

// TestMain turns the test binary into a victim of TestKill when it is started
// that way.
func TestMain(m *testing.M) {
	if len(os.Args) == 6 && os.Args[1] == victimArg {
		runVictim(os.Args[2], os.Args[3], os.Args[4], os.Args[5])
		return
	}
	goleak.VerifyTestMain(m)
}

// die ends the process as a power cut does.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	<-time.After(time.Hour) // a select without cases would be called a deadlock before the signal arrives
}

// runVictim creates or restores, and dies at a named point, or once so many
// bytes were written, whichever the last argument names.
func runVictim(what, data, dir, where string) {
	keys, err := seal.NewKeyring(storetest.Secret)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	to := backup.NewDir(dir)
	cfg := backup.Config{File: data, Keys: keys, To: to, Now: func() time.Time { return storetest.Start().Add(100 * time.Hour) }}
	if what == "create" {
		if cfg.Store, err = store.Open(ctx, store.Config{Path: data, Keys: keys}); err != nil {
			panic(err)
		}
	}
	k, err := backup.New(cfg)
	if err != nil {
		panic(err)
	}
	k.OnStep(func(point string) {
		if point == where {
			die()
		}
	})
	if room, err := strconv.Atoi(where); err == nil {
		count := func(n int) error {
			if room -= n; room < 0 {
				die()
			}
			return nil
		}
		k.OnWrite(count)
		to.OnWrite(count)
	}
	if limit, ok := strings.CutPrefix(where, "largest file "); ok {
		n, err := strconv.ParseUint(limit, 10, 64)
		signal.Ignore(syscall.SIGXFSZ)
		if err = errors.Join(err, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n})); err != nil {
			panic(err)
		}
	}
	if what == "create" {
		_, err = k.Create(ctx)
	} else {
		_, err = k.RestoreInPlace(ctx, backup.Point{})
	}
	fmt.Println("survived", err)
}

// victim runs one and reports whether it died on the way.
func victim(t *testing.T, what string, s *site, where string) (died bool) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), os.Args[0], victimArg, what, s.data, s.dir, where).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return true
	}
	if err != nil || !strings.Contains(string(out), "survived <nil>") {
		t.Fatalf("victim of %s at %s: %v\n%s", what, where, err, out)
	}
	return false
}

// A process that is killed while it makes a backup leaves the old ones or a
// good new one, and whatever it left does not disturb the next attempt.
func TestKillCreate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m := s.create(t)
	s.close(t)
	points := []string{"copied", "sealed", "stored", "manifest", "-"}
	// The sealed file is written twice, here and there, and then the manifest.
	for _, n := range []int64{0, m.Size / 2, m.Size - 200, m.Size + 200, 3 * m.Size / 2, 2*m.Size - 200, 2*m.Size + 200} {
		points = append(points, strconv.FormatInt(n, 10))
	}
	deaths := 0
	for _, where := range points {
		before := goodOnes(t, s)
		died := victim(t, "create", s, where)
		if died {
			deaths++
		}
		after := goodOnes(t, s)
		if n := after - before; n < 0 || n > 1 || n == 1 && died && where != "manifest" {
			t.Errorf("killed at %s: %d good backups, before %d", where, after, before)
		}
	}
	if deaths != len(points)-1 {
		t.Errorf("%d victims died, want %d, or not all was tested", deaths, len(points)-1)
	}
	again := storetest.SQLite(t, store.Config{Path: s.data})
	s.cfg.Store, s.st = again, again
	s.Keeper = keeper(t, s.cfg)
	s.clock.Add(200 * time.Hour)
	m = s.create(t)
	if left := files(t, filepath.Join(filepath.Dir(s.data), "backup-work")); left != nil {
		t.Errorf("work folder holds %v", left)
	}
	for _, name := range files(t, s.dir) {
		if strings.HasPrefix(name, ".") {
			t.Errorf("%s of a dead attempt is still there after %s", name, m.ID)
		}
	}
}

// goodOnes counts the backups that are listed as good, and proves each.
func goodOnes(t *testing.T, s *site) (n int) {
	t.Helper()
	k := s.offline(t, s.cfg.Keys)
	all, err := k.List(t.Context())
	if err != nil {
		t.Fatalf("List: %v", err)
	}
	for _, e := range all {
		if e.Err != nil {
			t.Errorf("backup %s: %v", e.ID, e.Err)
			continue
		}
		if _, err := k.Verify(t.Context(), e.ID); err != nil {
			t.Errorf("Verify(%s): %v", e.ID, err)
		}
		n++
	}
	return n
}

// A process that is killed while it restores leaves the old database or the
// new one, whole, and the next attempt works.
func TestKillRestore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create(t)
	s.fill(t, "s2", 2)
	s.close(t)
	original, err := os.ReadFile(s.data)
	if err != nil {
		t.Fatal(err)
	}
	deaths := 0
	for _, where := range []string{"0", "1", "100000", "extracted", "settled", "aside", "replaced", "-"} {
		if err := os.WriteFile(s.data, original, 0o600); err != nil {
			t.Fatal(err)
		}
		died := victim(t, "restore", s, where)
		if died {
			deaths++
		}
		if fresh := isNew(t, s.data); fresh != (!died || where == "replaced") {
			t.Errorf("killed at %s: the new database is there: %t", where, fresh)
		}
		asides, err := filepath.Glob(s.data + ".replaced-*")
		if err != nil {
			t.Fatal(err)
		}
		for _, aside := range asides { // all victims live at the same moment
			if err := os.Rename(aside, filepath.Join(t.TempDir(), "old.db")); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Remove(s.data); err != nil { // it may be linked to what was aside
			t.Fatal(err)
		}
	}
	if deaths != 7 {
		t.Errorf("%d victims died, want 7, or not all was tested", deaths)
	}
	if _, err := s.offline(t, s.cfg.Keys).RestoreInPlace(t.Context(), backup.Point{}); err != nil {
		t.Fatalf("RestoreInPlace after all: %v", err)
	}
	holds(t, s.data, "s1")
	for _, name := range files(t, filepath.Dir(s.data)) {
		if strings.HasPrefix(name, ".restoring") {
			t.Errorf("%s of a dead attempt is still there", name)
		}
	}
}

// What a killed restore leaves is cleared by the next one, which may come within
// the same second, and by the start of the server: no name of the database in use
// may look like one that was put aside.
func TestClearInterrupted(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"settled", "aside"} {
		for _, next := range []string{"restore", "start"} {
			t.Run(where+" then "+next, func(t *testing.T) {
				t.Parallel()
				s := newSite(t)
				s.create(t)
				s.fill(t, "s2", 2)
				s.close(t)
				if !victim(t, "restore", s, where) {
					t.Fatal("the victim survived")
				}
				if next == "start" {
					if err := backup.ClearInterrupted(s.data); err != nil {
						t.Fatal(err)
					}
				} else if victim(t, "restore", s, "-") {
					t.Fatal("the second attempt died")
				}
				var asides []string
				for _, name := range files(t, filepath.Dir(s.data)) {
					if strings.HasPrefix(name, ".restoring") {
						t.Errorf("%s is left", name)
					}
					if strings.Contains(name, ".replaced-") {
						asides = append(asides, name)
					}
				}
				want := 0
				if next == "restore" {
					want = 1
				}
				if len(asides) != want || isNew(t, s.data) != (next == "restore") {
					t.Errorf("put aside are %v, want %d", asides, want)
				}
			})
		}
	}
}

// The log of a damaged database is kept with it, also when the attempt that
// kept it was killed before it put the database aside. Two restores within a
// second put both aside.
func TestLogOfADamagedDatabase(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create(t)
	s.close(t)
	const at = "20261120T120000Z"
	junk, log := bytes.Repeat([]byte("junk"), 4096), []byte("all there is of the log")
	if err := os.WriteFile(s.data, junk, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.data+".replaced-20261120T110000Z-wal", log, 0o600); err != nil {
		t.Fatal(err)
	}
	k := s.offline(t, s.cfg.Keys)
	for i, want := range []string{at, at + "-2"} {
		got, err := k.RestoreInPlace(t.Context(), backup.Point{})
		if err != nil || got.Aside != s.data+".replaced-"+want {
			t.Fatalf("restore %d: RestoreInPlace = %+v, %v, want %s", i+1, got, err, want)
		}
	}
	if b, err := os.ReadFile(s.data + ".replaced-" + at + "-wal"); err != nil || !bytes.Equal(b, log) {
		t.Errorf("the log beside the damaged database is %q, %v", b, err)
	}
	if b, err := os.ReadFile(s.data + ".replaced-" + at); err != nil || !bytes.Equal(b, junk) {
		t.Errorf("the damaged database is not what it was, %v", err)
	}
}

// isNew proves the database and tells whether it is that of the backup.
func isNew(t *testing.T, path string) bool {
	t.Helper()
	st := storetest.SQLite(t, store.Config{Path: path})
	defer st.Close()
	if err := st.CheckIntegrity(t.Context()); err != nil {
		t.Errorf("after a kill: %v", err)
	}
	storetest.NoDrift(t, st)
	_, err := st.Session(t.Context(), "s2")
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after a kill: %v", err)
	}
	return err != nil
}

// A disk that takes no more while SQLite writes the copy, or while anything else
// is written, is an error, and the database and the backups are as before. The
// kernel plays the disk: no file of the victim may grow beyond a size.
func TestNoRoomInTheKernel(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m := s.create(t)
	s.close(t)
	info, err := os.Stat(s.data)
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int64{m.Size / 2, info.Size() / 4, info.Size() / 2} {
		out, err := exec.CommandContext(t.Context(), os.Args[0], victimArg, "create", s.data, s.dir, fmt.Sprint("largest file ", limit)).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "survived back up") {
			t.Errorf("limit of %d bytes: the victim ended with %v and said %q, want an error of Create", limit, err, out)
		}
		if n := goodOnes(t, s); n != 1 || len(files(t, s.dir)) != 2 {
			t.Errorf("limit of %d bytes: %d good backups, files %v, want those of before", limit, n, files(t, s.dir))
		}
		if isNew(t, s.data); t.Failed() {
			return
		}
	}
}

package store_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

const holderArg = "store-holder"

// runHolder takes a lock, says so and keeps it until it is killed or nobody listens
// any more.
func runHolder(path string) {
	l, err := store.Acquire(context.Background(), path, "introspect serve", storetest.Start())
	if err != nil {
		panic(err)
	}
	os.Stdout.WriteString("held\n")
	_, _ = io.Copy(io.Discard, os.Stdin)
	runtime.KeepAlive(l)
}

// The second process is refused with a sentence that names the first, and the
// death of the first frees the lock, however it came.
func TestLockAcrossProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "introspect.db")
	cmd := exec.CommandContext(t.Context(), os.Args[0], holderArg, path, "")
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil { // open until Wait
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("the holder said %q, %v", line, err)
	}
	_, err = store.Acquire(t.Context(), path, "introspect restore", storetest.Start())
	var held *store.HeldError
	if !errors.As(err, &held) || held.By.PID != cmd.Process.Pid || held.By.What != "introspect serve" {
		t.Fatalf("second Acquire err = %v, want a HeldError that names process %d", err, cmd.Process.Pid)
	}
	host, _ := os.Hostname()
	for _, want := range []string{path, "introspect serve", host, "2026-11-18T12:00:00Z", "stop that one"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("refusal %q does not say %q", err, want)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // reports the kill
	l, err := store.Acquire(t.Context(), path, "introspect restore", storetest.Start())
	if err != nil {
		t.Fatalf("Acquire after the holder's death: %v", err)
	}
	if _, err := store.Acquire(t.Context(), path, "again", storetest.Start()); !errors.As(err, &held) || held.By.What != "introspect restore" {
		t.Errorf("Acquire twice in one process err = %v, want a HeldError", err)
	}
	if err := l.Release(); err != nil {
		t.Fatalf("Release: %v", err)
	}
	l, err = store.Acquire(t.Context(), path, "again", storetest.Start())
	if err != nil {
		t.Fatalf("Acquire after Release: %v", err)
	}
	if err := l.Release(); err != nil {
		t.Fatalf("Release: %v", err)
	}
	if err := os.WriteFile(path+".lock", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := (&store.HeldError{Path: path}).Error(); !strings.Contains(got, "another process") {
		t.Errorf("refusal without a name = %q", got)
	}
	if _, err := store.Acquire(t.Context(), filepath.Join(path, "no", "such"), "x", storetest.Start()); err == nil || errors.As(err, &held) {
		t.Errorf("Acquire in no folder err = %v, want an ordinary error", err)
	}
}

// A snapshot taken while everybody writes is a whole database of one moment.
func TestSnapshotUnderWrites(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	copies := filepath.Join(t.TempDir(), "a b#?%", "copy.db")
	if err := os.MkdirAll(filepath.Dir(copies), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Record(t.Context(), storetest.Outside(storetest.Stream(99, 40, storetest.Start())...)); err != nil {
		t.Fatalf("Record: %v", err)
	}
	var wg sync.WaitGroup
	for writer := range 3 {
		wg.Go(func() {
			for k := range 12 {
				evs := storetest.Stream(uint64(writer*100+k), 10, storetest.Start())
				if _, err := s.Record(t.Context(), storetest.Outside(evs...)); err != nil {
					t.Errorf("Record during a snapshot: %v", err)
				}
			}
		})
	}
	err := s.Snapshot(t.Context(), copies)
	wg.Wait()
	if err != nil {
		t.Fatalf("Snapshot: %v", err)
	}
	if err := s.Snapshot(t.Context(), copies); err == nil {
		t.Error("Snapshot overwrote a file")
	}
	if err := s.CheckIntegrity(t.Context()); err != nil {
		t.Errorf("CheckIntegrity of the source: %v", err)
	}
	c := storetest.SQLite(t, store.Config{Path: copies})
	if c.File() != copies {
		t.Errorf("File = %s, want %s", c.File(), copies)
	}
	if err := c.CheckIntegrity(t.Context()); err != nil {
		t.Errorf("CheckIntegrity of the copy: %v", err)
	}
	storetest.NoDrift(t, c)
	counts, err := c.Counts(t.Context())
	if err != nil || counts.Chunks < 40 || counts.Facts < 40 || counts.Rollups == 0 {
		t.Errorf("Counts of the copy = %+v, %v, want those of at least 40 visits", counts, err)
	}
	if days, err := c.Days(t.Context()); err != nil || len(days) == 0 {
		t.Errorf("Days = %v, %v, want some", days, err)
	}
	if err := s.Snapshot(t.Context(), filepath.Join(t.TempDir(), "no", "such", "folder.db")); err == nil {
		t.Error("Snapshot into no folder succeeded")
	}
}

// A row without its session is found, though every page is fine.
func TestCheckIntegrityFindsOrphans(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	if err := s.CheckIntegrity(t.Context()); err != nil {
		t.Errorf("CheckIntegrity of a sound store: %v", err)
	}
	if err := store.Orphan(t.Context(), s.File()); err != nil {
		t.Fatalf("make an orphan: %v", err)
	}
	if err := s.CheckIntegrity(t.Context()); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "messages") {
		t.Errorf("CheckIntegrity with an orphan err = %v, want ErrDamaged that names the table", err)
	}
}

// Settle leaves one file that is the whole database, and refuses while somebody
// has it open.
func TestSettle(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	e := event.New("v1", 1, storetest.Start(), event.LandingView{Source: "ads"})
	if _, err := s.Record(t.Context(), storetest.Outside(e)); err != nil {
		t.Fatalf("Record: %v", err)
	}
	if err := store.Settle(t.Context(), s.File()); !errors.Is(err, store.ErrBusy) {
		t.Errorf("Settle of an open database err = %v, want ErrBusy", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := store.Settle(t.Context(), s.File()); err != nil {
		t.Fatalf("Settle: %v", err)
	}
	if _, err := os.Stat(s.File() + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the write-ahead log is still there: %v", err)
	}
	again := storetest.SQLite(t, store.Config{Path: s.File()})
	if evs, err := again.Events(t.Context(), "v1"); err != nil || len(evs) != 1 {
		t.Errorf("Events after Settle = %v, %v, want one", evs, err)
	}
	missing := filepath.Join(t.TempDir(), "none.db")
	if err := store.Settle(t.Context(), missing); err == nil {
		t.Error("Settle of no file succeeded")
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("Settle made a file")
	}
	junk := filepath.Join(t.TempDir(), "junk.db")
	if err := os.WriteFile(junk, []byte(strings.Repeat("this is no database ", 400)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.Settle(t.Context(), junk); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("Settle of junk err = %v, want ErrDamaged", err)
	}
	if n, err := store.Schema(); err != nil || n < 5 {
		t.Errorf("Schema = %d, %v", n, err)
	}
}

// A scratch store does not wait for the disk, and is the same otherwise.
func TestScratch(t *testing.T) {
	t.Parallel()
	for scratch, want := range map[bool]string{false: "2", true: "0"} {
		s := storetest.SQLite(t, store.Config{Scratch: scratch})
		if got, _, err := s.Pragma(t.Context(), "synchronous"); got != want || err != nil {
			t.Errorf("synchronous of a store with Scratch %t = %s, %v, want %s", scratch, got, err, want)
		}
	}
}

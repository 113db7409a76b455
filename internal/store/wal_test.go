package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// visitsInLog makes so many acknowledged writes, and returns the database and
// its log as a process leaves them that is killed then.
func visitsInLog(t *testing.T, n int) (file, log []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), store.FileName)
	if err := storetest.SQLite(t, store.Config{Path: path}).Close(); err != nil {
		t.Fatal(err)
	}
	s := storetest.SQLite(t, store.Config{Path: path})
	for i := range n {
		if _, err := s.Record(t.Context(), storetest.Outside(visit(i)...)); err != nil {
			t.Fatalf("Record: %v", err)
		}
	}
	return read(t, path), read(t, path+"-wal")
}

func visit(n int) []event.Event {
	id := event.SessionID(fmt.Sprintf("v%d", n))
	return []event.Event{
		event.New(id, 1, storetest.Start(), event.LandingView{Source: "ads"}),
		event.New(id, 2, storetest.Start(), event.SessionStart{WebsiteType: "business", Timestamp: storetest.Start()}),
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path) // #nosec G304 -- of this test
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// reopened opens a database with a log and tells how many visits are there, and
// what was logged. They must be the first ones, each whole.
func reopened(t *testing.T, n int, file, log []byte) (there int, said string, kept []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), store.FileName)
	for suffix, b := range map[string][]byte{"": file, "-wal": log} {
		if err := os.WriteFile(path+suffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	s := storetest.SQLite(t, store.Config{Path: path, Log: slog.New(slog.NewTextHandler(&out, nil))})
	defer s.Close()
	if err := s.CheckIntegrity(t.Context()); err != nil {
		t.Error(err)
	}
	storetest.NoDrift(t, s)
	for i := range n {
		evs, err := s.Events(t.Context(), visit(i)[0].SessionID)
		if err != nil {
			t.Fatal(err)
		}
		if len(evs) != 0 && len(evs) != 2 || len(evs) == 2 && there != i {
			t.Errorf("visit %d has %d events, and %d visits before it are there: a mixture", i, len(evs), there)
		}
		if len(evs) == 2 {
			there++
		}
	}
	if kept, err := filepath.Glob(path + "-wal.damaged-*"); err == nil {
		return there, out.String(), kept
	}
	return there, out.String(), nil
}

// A byte that changed in the write-ahead log of a killed process never leads to
// a mixture: the database is whole, as it was after one of the writes. Where
// writes are lost that must have been acknowledged, it is said, and the log is
// kept.
func TestDamagedLog(t *testing.T) {
	t.Parallel()
	const n = 20
	file, log := visitsInLog(t, n)
	if there, said, kept := reopened(t, n, file, log); there != n || said != "" || kept != nil {
		t.Fatalf("undamaged: %d of %d visits, said %q, kept %v", there, n, said, kept)
	}
	r := rand.New(rand.NewPCG(3, 4))
	places := []int{0, 3, 5, 17, 25} // of the header
	for range 30 {
		places = append(places, 32+r.IntN(len(log)-32))
	}
	lost := 0
	for _, at := range places {
		bad := bytes.Clone(log)
		bad[at] ^= 1 << r.IntN(8)
		there, said, kept := reopened(t, n, file, bad)
		told := strings.Contains(said, "write-ahead log is damaged") && strings.Contains(said, "introspect restore") && len(kept) == 1
		if told && !bytes.Equal(read(t, kept[0]), bad) {
			t.Errorf("byte %d: what was kept is not the log", at)
		}
		if !told && (said != "" || kept != nil) {
			t.Errorf("byte %d: it said %q and kept %v", at, said, kept)
		}
		if there < n {
			lost++
		}
		// Of the transaction that is damaged and the last one, nothing sure is known.
		if told && there == n || !told && there < n-2 {
			t.Errorf("byte %d of %d: %d of %d visits are there, and it was told: %t", at, len(log), there, n, told)
		}
	}
	if lost < len(places)/2 {
		t.Errorf("%d of %d damages lost anything, or not much was tested", lost, len(places))
	}
}

// A log that cannot be kept is no log that was kept: the next start tries again, and
// says what is lost.
func TestDamagedLogThatCannotBeKept(t *testing.T) {
	t.Parallel()
	file, log := visitsInLog(t, 20)
	log[len(log)/3] ^= 1
	_, _, kept := reopened(t, 20, file, log)
	if len(kept) != 1 {
		t.Fatalf("kept %v, so nothing is shown", kept)
	}
	path := filepath.Join(t.TempDir(), store.FileName)
	name := path + strings.TrimPrefix(filepath.Base(kept[0]), store.FileName)
	if err := errors.Join(os.WriteFile(path, file, 0o600), os.WriteFile(path+"-wal", log, 0o600), os.Mkdir(name+".part", 0o700)); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	rescue := func() error { return store.RescueLog(t.Context(), path, slog.New(slog.NewTextHandler(&out, nil))) }
	if err := rescue(); err == nil || out.Len() > 0 {
		t.Errorf("RescueLog without a place = %v, and it said %q", err, out.String())
	}
	if err := os.Remove(name + ".part"); err != nil {
		t.Fatal(err)
	}
	if err := rescue(); err != nil || !strings.Contains(out.String(), "log is damaged") || !bytes.Equal(read(t, name), log) {
		t.Errorf("RescueLog again = %v, and it said %q", err, out.String())
	}
}

// A log that ends anywhere, as after a kill or a loss of power, is nothing to
// speak of.
func TestLogThatEndsEarly(t *testing.T) {
	t.Parallel()
	const n = 6
	file, log := visitsInLog(t, n)
	for _, size := range []int{0, 10, 32, 40, 32 + 24 + 4096, len(log) / 2, len(log) - 4096, len(log) - 1} {
		if _, said, kept := reopened(t, n, file, log[:size]); said != "" || kept != nil {
			t.Errorf("a log of %d of %d bytes: said %q, kept %v", size, len(log), said, kept)
		}
	}
}

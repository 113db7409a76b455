package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/replica"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

const killSecret = "a secret for the tests that kill, of 32 bytes"

// kills is how many rounds a test has; INTROSPECT_KILLS asks for a long run.
func kills(t *testing.T, usual int) int {
	t.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("INTROSPECT_KILLS"), strconv.Itoa(usual)))
	if err != nil {
		t.Fatalf("INTROSPECT_KILLS: %v", err)
	}
	return n
}

// killHouse is an installation of the real binary that is killed.
type killHouse struct {
	bin, data string
	vars      map[string]string
}

func newKillHouse(t *testing.T, bin string) *killHouse {
	t.Helper()
	h := &killHouse{bin: bin, data: filepath.Join(t.TempDir(), "data")}
	h.vars = map[string]string{
		"HOME": h.data, "DATA_DIR": h.data, "ENCRYPTION_KEY": killSecret, "INTROSPECT_ZONE": "UTC", "LOG_LEVEL": "error",
		"BACKUP_DIR":        filepath.Join(filepath.Dir(h.data), "backups"),
		"INGEST_PER_MINUTE": "1000000", "INGEST_NETWORK_PER_MINUTE": "1000000", "INGEST_SESSION_PER_MINUTE": "1000000",
	}
	return h
}

func (h *killHouse) file() string { return filepath.Join(h.data, store.FileName) }

// command is one of the program that does not run yet.
func (h *killHouse) command(ctx context.Context, args ...string) (*exec.Cmd, *output) {
	cmd := exec.CommandContext(ctx, h.bin, args...) // #nosec G204 -- built by the test
	for name, v := range h.vars {
		cmd.Env = append(cmd.Env, name+"="+v)
	}
	out := new(output)
	cmd.Stdout, cmd.Stderr = out, out
	return cmd, out
}

// run runs a command to its end, which has to be a good one, and tells how long
// it took.
func (h *killHouse) run(t *testing.T, args ...string) (string, time.Duration) {
	t.Helper()
	cmd, out := h.command(t.Context(), args...)
	begun := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatalf("introspect %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out.String(), time.Since(begun)
}

// runKilled runs a command and kills it after a while; false when it had ended
// well before.
func (h *killHouse) runKilled(t *testing.T, after time.Duration, args ...string) bool {
	t.Helper()
	cmd, out := h.command(t.Context(), args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	timer.Stop()
	if err != nil && !wasKilled(err) {
		t.Fatalf("introspect %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return err != nil
}

// killAfter is when to kill what usually takes so long. Every other one lies in its
// last third, where things are put in their places.
func killAfter(usual time.Duration) time.Duration {
	at := rand.Float64() * 1.02
	if rand.IntN(2) == 0 {
		at = 0.66 + at*0.35
	}
	return time.Duration(at * float64(usual))
}

func wasKilled(err error) bool {
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signal() == syscall.SIGKILL
}

// serve starts the server and returns its address and a function that ends it,
// which returns only when it is gone.
func (h *killHouse) serve(t *testing.T) (base string, end func(syscall.Signal)) {
	t.Helper()
	return h.served(t, h.command)
}

// served is serve with a way to start the program.
func (h *killHouse) served(t *testing.T, command func(ctx context.Context, args ...string) (*exec.Cmd, *output)) (base string, end func(syscall.Signal)) {
	t.Helper()
	cmd, out := command(context.WithoutCancel(t.Context()), "serve", "--port", "0", "--host", "127.0.0.1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var once sync.Once
	end = func(s syscall.Signal) {
		once.Do(func() {
			_ = cmd.Process.Signal(s)
			<-ended
		})
	}
	t.Cleanup(func() { end(syscall.SIGKILL) })
	address := regexp.MustCompile(`Intake: +http://localhost:(\d+)/`)
	for {
		if m := address.FindStringSubmatch(out.String()); m != nil {
			return "http://127.0.0.1:" + m[1], end
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the server ended with %v:\n%s", err, out)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// open opens a database in this process.
func (h *killHouse) open(t *testing.T, file string) *store.Store {
	t.Helper()
	keys, err := seal.NewKeyring(killSecret)
	if err != nil {
		t.Fatal(err)
	}
	return storetest.SQLite(t, store.Config{Path: file, Keys: keys})
}

// wrote is an event whose storing was acknowledged.
type wrote struct {
	session event.SessionID
	id      event.ID
	at      time.Time // when the answer was here
}

// senders write over HTTP until their server is gone or they are stopped, and
// remember what was acknowledged.
type senders struct {
	mu   sync.Mutex
	acks []wrote

	refusal error // what ended one of them

	stop context.CancelFunc
	wg   sync.WaitGroup
}

// perVisit is how many events a session of a sender has.
const perVisit = 20

// steadily begins to write as fast as answers come, or with a pause between.
func steadily(t *testing.T, base, name string, count int, pause time.Duration) *senders {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &senders{stop: cancel}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: count}}
	for n := range count {
		s.wg.Go(func() {
			for k := 0; ctx.Err() == nil; k++ {
				id := event.SessionID(fmt.Sprintf("%s-%d-%d", name, n, k/perVisit))
				e := event.New(id, k, time.Now().Add(-time.Minute), event.LandingView{Source: "ads"})
				body := fmt.Sprintf(`{"events":[{"id":%q,"name":%q,"sessionId":%q,"timestamp":%q,"properties":%s}]}`,
					e.ID, e.Name, e.SessionID, e.At.Format(time.RFC3339Nano), e.Properties)
				if err := send(client, base, []byte(body), 1); err != nil {
					s.mu.Lock()
					s.refusal = err // the server is gone, or has no room
					s.mu.Unlock()
					return
				}
				s.mu.Lock()
				s.acks = append(s.acks, wrote{id, e.ID, time.Now()})
				s.mu.Unlock()
				if pause > 0 {
					select {
					case <-ctx.Done():
					case <-time.After(pause):
					}
				}
			}
		})
	}
	t.Cleanup(s.end)
	return s
}

// until waits for so many acknowledgements and returns them.
func (s *senders) until(t *testing.T, n int) []wrote {
	t.Helper()
	for t.Context().Err() == nil {
		s.mu.Lock()
		acks := slices.Clone(s.acks)
		s.mu.Unlock()
		if len(acks) >= n {
			return acks
		}
		time.Sleep(time.Millisecond)
	}
	return nil
}

func (s *senders) end() { s.stop(); s.wg.Wait() }

// missing counts the acknowledged events that a database does not have, and
// returns the place of the first one.
func missing(t *testing.T, st *store.Store, acks []wrote) (count, first int) {
	t.Helper()
	known, first := make(map[event.SessionID]map[event.ID]bool), len(acks)
	for i, a := range acks {
		if known[a.session] == nil {
			evs, err := st.Events(t.Context(), a.session)
			if err != nil {
				t.Fatalf("Events: %v", err)
			}
			known[a.session] = make(map[event.ID]bool, len(evs))
			for _, e := range evs {
				known[a.session][e.ID] = true
			}
		}
		if !known[a.session][a.id] {
			first = min(first, i)
			count++
		}
	}
	return count, first
}

// sound proves that a database is whole.
func sound(t *testing.T, st *store.Store, when string) {
	t.Helper()
	if err := st.CheckIntegrity(t.Context()); err != nil {
		t.Errorf("%s: %v", when, err)
	}
	storetest.NoDrift(t, st)
}

// TestKillProgram kills the real program at random moments. INTROSPECT_KILLS
// says how often.
func TestKillProgram(t *testing.T) {
	t.Parallel()
	bin := build(t)
	for name, rounds := range map[string]func(*testing.T, string){
		"backup create": killBackupCommand, "restore in place": killRestoreInPlace, "replica": killReplicated, "between two writes": restoreBetweenTwoWrites,
		"no room for a backup": noRoomForABackup, "no room for the database": noRoomForTheDatabase,
		"no room for the log": noRoomForTheLog,
		"a damaged log":       damagedLog,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rounds(t, bin)
		})
	}
}

// killBackupCommand kills introspect backup create at random moments while
// a server writes. The backups of before stay good, a half one is none, the next
// attempt succeeds and holds everything that was acknowledged before it, and the
// server notices nothing.
func killBackupCommand(t *testing.T, bin string) {
	t.Helper()
	h := newKillHouse(t, bin)
	h.run(t, "token", "create", "first")
	h.run(t, "backup", "create")
	h.run(t, "backup", "drill") // or the server would do it after a minute, and refuse others meanwhile
	base, end := h.serve(t)
	s := steadily(t, base, "steady", 2, 40*time.Millisecond)
	s.until(t, 40)
	seen := 0
	_, usual := h.run(t, "backup", "create")
	rounds, died, whole := kills(t, 5), 0, 0
	for round := range rounds {
		before := goodBackups(t, h)
		if h.runKilled(t, killAfter(usual), "backup", "create") {
			died++
		}
		after := goodBackups(t, h)
		for _, id := range before {
			if !slices.Contains(after, id) {
				t.Errorf("round %d: backup %s of before is not listed as good any more", round, id)
			}
		}
		for _, id := range after {
			if !slices.Contains(before, id) {
				whole++
				h.run(t, "backup", "verify", id)
			}
		}
		acks := s.until(t, 1)
		var out string
		out, usual = h.run(t, "backup", "create")
		restoredHolds(t, h, backupID.FindString(out), acks[seen:]) // the others were looked for before
		seen = len(acks)
		if left := listed(t, filepath.Join(h.data, "backup-work")); len(left) > 0 {
			t.Errorf("round %d: the work folder holds %v after a backup that succeeded", round, left)
		}
		keepFirstBackup(t, h, after[len(after)-1])
		if t.Failed() {
			t.Fatalf("round %d failed", round)
		}
	}
	s.end()
	end(syscall.SIGTERM)
	st := h.open(t, h.file())
	if n, _ := missing(t, st, s.acks); n > 0 {
		t.Errorf("%d of %d acknowledged events are missing", n, len(s.acks))
	}
	sound(t, st, "after all")
	t.Logf("%d rounds, %d killed, of which %d had finished their backup; %d events acknowledged meanwhile", rounds, died, whole-(rounds-died), len(s.acks))
}

// goodBackups lists the good backups, newest first; a bad one is a fault.
func goodBackups(t *testing.T, h *killHouse) []string {
	t.Helper()
	out := new(output)
	if code := run(t.Context(), environment{getenv(h.vars), out, out, nil}, []string{"backup", "list"}); code != 0 {
		t.Fatalf("backup list = %d:\n%s", code, out)
	}
	if strings.Contains(out.String(), "BAD") {
		t.Errorf("a half backup is listed:\n%s", out)
	}
	return backupID.FindAllString(out.String(), -1)
}

// restoredHolds restores a backup and looks for acknowledged events.
func restoredHolds(t *testing.T, h *killHouse, id string, acks []wrote) {
	t.Helper()
	to := filepath.Join(t.TempDir(), "restored.db")
	h.run(t, "restore", "--id", id, "--to", to)
	st := h.open(t, to)
	defer st.Close()
	if n, _ := missing(t, st, acks); n > 0 {
		t.Errorf("backup %s misses %d of %d events that were acknowledged before it was begun", id, n, len(acks))
	}
	sound(t, st, "backup "+id)
}

func listed(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// keepFirstBackup deletes all backups but one, so that a long run stays quick.
func keepFirstBackup(t *testing.T, h *killHouse, first string) {
	t.Helper()
	for _, name := range listed(t, h.vars["BACKUP_DIR"]) {
		if !strings.Contains(name, first) {
			if err := os.Remove(filepath.Join(h.vars["BACKUP_DIR"], name)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// killRestoreInPlace kills introspect restore --in-place at random moments,
// on the database of a server that was killed itself, with its last writes in
// the log only. The database is the old or the new one, whole; what the old one
// held is there or kept aside; the next attempt succeeds.
func killRestoreInPlace(t *testing.T, bin string) {
	t.Helper()
	h := newKillHouse(t, bin)
	base, end := h.serve(t)
	s := steadily(t, base, "first", 2, 0)
	s.until(t, 60)
	s.end()
	first := s.acks
	h.run(t, "backup", "create")
	s = steadily(t, base, "second", 2, 0)
	s.until(t, 60)
	end(syscall.SIGKILL)
	s.end()
	second := s.acks
	image := make(map[string][]byte)
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(h.file() + suffix)
		if err != nil || len(b) == 0 {
			t.Fatalf("the killed server left %d bytes of %s%s, %v", len(b), store.FileName, suffix, err)
		}
		image[suffix] = b
	}
	again := []string{"restore", "--in-place", "--confirm", store.FileName}
	_, usual := h.run(t, again...)
	rounds, died, old := kills(t, 6), 0, 0
	for round := range rounds {
		reset(t, h, image)
		killed := h.runKilled(t, killAfter(usual), again...)
		if killed {
			died++
		}
		isOld := oldOrNew(t, h, h.file(), first, second)
		if isOld {
			old++
		}
		if isOld && !killed {
			t.Errorf("round %d: a restore that ended well left the old database", round)
		}
		_, usual = h.run(t, again...)
		if oldOrNew(t, h, h.file(), first, second) {
			t.Errorf("round %d: the second attempt left the old database", round)
		}
		keptAside(t, h, first, second)
		if t.Failed() {
			t.Fatalf("round %d failed, files are %v", round, listed(t, h.data))
		}
	}
	t.Logf("%d rounds, %d killed; the old database was in place %d times, the new one %d times; 0 mixtures", rounds, died, old, rounds-old)
}

// reset puts the files of the killed server back, and nothing else.
func reset(t *testing.T, h *killHouse, image map[string][]byte) {
	t.Helper()
	if err := os.RemoveAll(h.data); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(h.data, 0o700); err != nil {
		t.Fatal(err)
	}
	for suffix, b := range image {
		if err := os.WriteFile(h.file()+suffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// oldOrNew proves a database and tells whether it is the old one; it must be
// wholly one of both.
func oldOrNew(t *testing.T, h *killHouse, file string, first, second []wrote) (old bool) {
	t.Helper()
	st := h.open(t, file)
	defer st.Close()
	sound(t, st, file)
	lost, _ := missing(t, st, first)
	later, _ := missing(t, st, second)
	if lost > 0 || later > 0 && later < len(second) {
		t.Errorf("%s is a mixture: of the first writes %d of %d are missing, of the second ones %d of %d", file, lost, len(first), later, len(second))
	}
	return later == 0
}

// keptAside looks for the old database beside the new one. Nothing that looks
// like an old one may be the new one itself, and no scratch is left.
func keptAside(t *testing.T, h *killHouse, first, second []wrote) {
	t.Helper()
	live, err := os.Stat(h.file())
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, name := range listed(t, h.data) {
		path := filepath.Join(h.data, name)
		switch {
		case strings.HasPrefix(name, ".restoring"):
			t.Errorf("%s is left of an attempt that was killed", name)
		case strings.HasSuffix(name, "-wal") && strings.Contains(name, ".replaced-"):
			t.Errorf("%s is left, a log without its database", name)
		case strings.Contains(name, ".replaced-"):
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if os.SameFile(live, info) {
				t.Errorf("%s is the database that is in use", name)
			}
			b, err := os.ReadFile(path) // #nosec G304 -- of this test
			if err != nil {
				t.Fatal(err)
			}
			as := filepath.Join(t.TempDir(), "aside.db")
			if err := os.WriteFile(as, b, 0o600); err != nil {
				t.Fatal(err)
			}
			found = oldOrNew(t, h, as, first, second) || found
		}
	}
	if !found {
		t.Error("the old database is nowhere")
	}
}

// killReplicated kills a server that is followed into a replica, takes the
// replica away as if the disk of the database had burnt, and restores from it
// alone. It measures how old the restored state was at the instant of the kill.
func killReplicated(t *testing.T, bin string) {
	t.Helper()
	h := newKillHouse(t, bin)
	dir := filepath.Join(filepath.Dir(h.data), "replica")
	h.vars["BACKUP_REPLICA_DIR"] = dir
	var past []wrote
	var ages []time.Duration
	rounds := kills(t, 2)
	for round := range rounds {
		base, end := h.serve(t)
		s := steadily(t, base, fmt.Sprint("r", round), 2, 5*time.Millisecond)
		s.until(t, 20)
		time.Sleep(time.Duration(rand.Int64N(int64(3 * time.Second))))
		end(syscall.SIGKILL)
		killed := time.Now()
		s.end()
		burnt := filepath.Join(t.TempDir(), "replica")
		if err := os.CopyFS(burnt, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		acks := s.acks
		slices.SortFunc(acks, func(a, b wrote) int { return a.at.Compare(b.at) })
		st := restoredFrom(t, h, burnt)
		if n, _ := missing(t, st, past); n > 0 {
			t.Errorf("round %d: the replica misses %d of %d events of earlier rounds", round, n, len(past))
		}
		_, lost := missing(t, st, acks)
		age := time.Duration(0)
		if lost < len(acks) {
			age = killed.Sub(acks[lost].at) // everything before is there
		}
		ages = append(ages, age)
		sound(t, st, "the replica")
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(burnt); err != nil {
			t.Fatal(err)
		}
		past = append(past, acks...)
		if t.Failed() {
			t.Fatalf("round %d failed", round)
		}
	}
	st := h.open(t, h.file())
	if n, _ := missing(t, st, past); n > 0 {
		t.Errorf("%d of %d acknowledged events are missing in the database itself", n, len(past))
	}
	sound(t, st, "the database")
	slices.Sort(ages)
	t.Logf("%d kills, %d events acknowledged; age of what the replica held: median %s, 99th percentile %s, most %s",
		rounds, len(past), ages[len(ages)/2], ages[len(ages)*99/100], ages[len(ages)-1])
	if most := ages[len(ages)-1]; most > time.Minute { // the 10 s of a quiet machine are measured by BenchmarkLoss
		t.Errorf("a replica was %s behind, want far less than a minute on the busiest machine", most)
	}
}

// restoredFrom restores the newest state of a replica on a machine that has
// nothing else.
func restoredFrom(t *testing.T, h *killHouse, dir string, more ...string) *store.Store {
	t.Helper()
	fresh := &killHouse{bin: h.bin, data: t.TempDir(), vars: map[string]string{}}
	for name, v := range h.vars {
		fresh.vars[name] = v
	}
	fresh.vars["DATA_DIR"], fresh.vars["BACKUP_DIR"], fresh.vars["BACKUP_REPLICA_DIR"] = fresh.data, filepath.Join(fresh.data, "none"), dir
	if len(more) == 0 {
		more = []string{"--at", time.Now().UTC().Format(time.RFC3339Nano)}
	}
	to := filepath.Join(fresh.data, "restored.db")
	out, _ := fresh.run(t, append([]string{"restore", "--to", to}, more...)...)
	if !strings.Contains(out, "from the replica") {
		t.Fatalf("the restore says %q, want one from the replica", out)
	}
	t.Log(strings.TrimSpace(out))
	return h.open(t, to)
}

// restoreBetweenTwoWrites goes back, with the real program, to an instant
// between two writes that were acknowledged.
func restoreBetweenTwoWrites(t *testing.T, bin string) {
	t.Helper()
	h := newKillHouse(t, bin)
	h.run(t, "token", "create", "first")
	dir := filepath.Join(filepath.Dir(h.data), "replica")
	h.vars["BACKUP_REPLICA_DIR"] = dir
	base, end := h.serve(t)
	one := func(name string) wrote {
		s := steadily(t, base, name, 1, time.Hour)
		a := s.until(t, 1)[0]
		s.end()
		return a
	}
	first := one("before")
	between := replicated(t, h, dir, []wrote{first})
	second := one("after")
	replicated(t, h, dir, []wrote{first, second})
	end(syscall.SIGTERM)
	for _, tt := range []struct {
		at       time.Time
		after    int // how often the second write is missing
		sentence string
	}{{between, 1, "between"}, {time.Now().Add(time.Second), 0, "after both"}} {
		st := restoredFrom(t, h, dir, "--at", tt.at.UTC().Format(time.RFC3339Nano))
		n, _ := missing(t, st, []wrote{first})
		m, _ := missing(t, st, []wrote{second})
		if n != 0 || m != tt.after {
			t.Errorf("restored to an instant %s: the first write is missing %d times, the second %d times, want 0 and %d", tt.sentence, n, m, tt.after)
		}
		t.Logf("writes were acknowledged at %s and %s; restored to %s: first there: %t, second there: %t",
			first.at.UTC().Format(time.RFC3339Nano), second.at.UTC().Format(time.RFC3339Nano), tt.at.UTC().Format(time.RFC3339Nano), n == 0, m == 0)
	}
}

// replicated waits until the newest state of the replica holds what was
// acknowledged, and returns its time. The time alone does not tell that: a state is
// read first and gets its time when it is written, which a busy machine does later.
func replicated(t *testing.T, h *killHouse, dir string, acks []wrote) time.Time {
	t.Helper()
	past := replica.In(dir)
	for {
		_, newest, err := past.Bounds(t.Context())
		to := filepath.Join(t.TempDir(), "state.db")
		if err == nil {
			_, err = past.Restore(t.Context(), newest, to)
		}
		if err == nil {
			st := h.open(t, to)
			n, _ := missing(t, st, acks)
			_, still, err := past.Bounds(t.Context())
			if err := errors.Join(err, st.Close()); err != nil {
				t.Fatal(err)
			}
			if n == 0 && still.Equal(newest) {
				return newest
			}
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("the replica never held what was acknowledged: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// limited runs the program where no file may grow beyond so many bytes. The
// kernel plays the full disk, which needs neither mounts nor rights.
func (h *killHouse) limited(ctx context.Context, most int64, args ...string) (*exec.Cmd, *output) {
	plain, out := h.command(ctx, args...)
	cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", `ulimit -f "$1" && shift && exec "$@"`, "sh", strconv.FormatInt(most/512, 10)}, plain.Args...)...) // #nosec G204 -- the same program
	cmd.Env, cmd.Stdout, cmd.Stderr = plain.Env, out, out
	return cmd, out
}

// noRoomForABackup runs out of room in the middle of the copy, of the real
// program. The files of before stay, and with room again it succeeds.
func noRoomForABackup(t *testing.T, bin string) {
	t.Helper()
	h := newKillHouse(t, bin)
	base, end := h.serve(t)
	s := steadily(t, base, "steady", 2, 0)
	s.until(t, 200)
	s.end()
	end(syscall.SIGTERM) // all is in one file then
	h.run(t, "backup", "create")
	before := goodBackups(t, h)
	info, err := os.Stat(h.file())
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []int64{8, 4, 2} {
		cmd, out := h.limited(t.Context(), info.Size()/part, "backup", "create")
		if err := cmd.Run(); err == nil || wasKilled(err) || !strings.Contains(out.String(), "introspect: back up ") {
			t.Errorf("with room for one %dth of the copy it ended with %v and said %q, want an error of the backup", part, err, out)
		}
		if after := goodBackups(t, h); !slices.Equal(after, before) || len(listed(t, h.vars["BACKUP_DIR"])) != 2 {
			t.Errorf("with room for one %dth of the copy: backups %v, files %v, want those of before", part, after, listed(t, h.vars["BACKUP_DIR"]))
		}
		if left := listed(t, filepath.Join(h.data, "backup-work")); len(left) > 0 {
			t.Errorf("with room for one %dth of the copy: %v is left and takes room", part, left)
		}
	}
	out, _ := h.run(t, "backup", "create")
	restoredHolds(t, h, backupID.FindString(out), s.acks)
}

// narrow serves a database none of whose files may grow by more than 400 KB.
func narrow(t *testing.T, bin string) (h *killHouse, base string, end func(syscall.Signal)) {
	t.Helper()
	h = newKillHouse(t, bin)
	h.run(t, "token", "create", "first")
	info, err := os.Stat(h.file())
	if err != nil {
		t.Fatal(err)
	}
	base, end = h.served(t, func(ctx context.Context, args ...string) (*exec.Cmd, *output) {
		return h.limited(ctx, info.Size()+400<<10, args...)
	})
	return h, base, end
}

// noRoomForTheDatabase lets the files of a server not grow any more: it stays
// up, reads and refuses; with room again everything that was acknowledged is
// there.
func noRoomForTheDatabase(t *testing.T, bin string) {
	t.Helper()
	h, base, end := narrow(t, bin)
	s := steadily(t, base, "steady", 2, 0)
	s.wg.Wait() // until a write is refused
	if err := s.refusal; err == nil || !strings.Contains(err.Error(), "batch = 5") {
		t.Errorf("without room a write ended with %v, want an answer of the server that it failed", err)
	}
	for _, path := range []string{"/livez", "/", "/privacy"} {
		if code, _ := fetch(t, base+path); code != http.StatusOK {
			t.Errorf("without room %s is %d, want that reading goes on", path, code)
		}
	}
	if len(s.acks) == 0 {
		t.Error("nothing was acknowledged, or nothing was tested")
	}
	end(syscall.SIGTERM)
	base, end = h.serve(t)
	again := steadily(t, base, "again", 1, 0)
	again.until(t, 10)
	again.end()
	end(syscall.SIGTERM)
	st := h.open(t, h.file())
	if n, _ := missing(t, st, append(s.acks, again.acks...)); n > 0 {
		t.Errorf("%d of %d acknowledged events are missing", n, len(s.acks)+len(again.acks))
	}
	sound(t, st, "with room again")
}

// noRoomForTheLog fills what the log may take, while the database itself still
// has room: the write that finds no room is refused, and the log begins anew for
// those after it.
func noRoomForTheLog(t *testing.T, bin string) {
	t.Helper()
	h, base, end := narrow(t, bin)
	var acks []wrote
	for round := range 4 {
		s := steadily(t, base, fmt.Sprintf("round%d", round), 1, 0)
		s.wg.Wait() // until a write is refused
		if s.refusal == nil {
			t.Errorf("round %d ended, want a refusal", round)
		}
		if len(s.acks) < 10 {
			t.Errorf("round %d: %d writes were taken until the next refusal, want many in a log that begins anew", round, len(s.acks))
		}
		acks = append(acks, s.acks...)
	}
	end(syscall.SIGTERM)
	st := h.open(t, h.file())
	if n, _ := missing(t, st, acks); n > 0 {
		t.Errorf("%d of %d acknowledged events are missing", n, len(acks))
	}
	sound(t, st, "with room again")
}

// damagedLog changes a byte in the log of a server that was killed. The next
// start says so and keeps the log, and what it cannot read any more comes back
// from the replica, as the sentence and the runbook say.
func damagedLog(t *testing.T, bin string) {
	t.Helper()
	h := newKillHouse(t, bin)
	h.run(t, "token", "create", "first")
	dir := filepath.Join(filepath.Dir(h.data), "replica")
	h.vars["BACKUP_REPLICA_DIR"] = dir
	base, end := h.serve(t)
	s := steadily(t, base, "steady", 2, 0)
	s.until(t, 60)
	s.end()
	replicated(t, h, dir, s.acks)
	end(syscall.SIGKILL)
	log, err := os.ReadFile(h.file() + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	log[len(log)/3] ^= 1
	if err := os.WriteFile(h.file()+"-wal", log, 0o600); err != nil {
		t.Fatal(err)
	}
	before := time.Now()
	cmd, out := h.command(t.Context(), "serve", "--port", "0", "--host", "127.0.0.1")
	_, end = h.served(t, func(context.Context, ...string) (*exec.Cmd, *output) { return cmd, out })
	end(syscall.SIGTERM)
	kept, err := filepath.Glob(h.file() + "-wal.damaged-*")
	if err != nil || len(kept) != 1 || strings.Count(out.String(), "write-ahead log is damaged") != 1 {
		t.Errorf("the start kept %v, %v, and said:\n%s", kept, err, out)
	}
	st := h.open(t, h.file())
	if n, _ := missing(t, st, s.acks); n == 0 || n == len(s.acks) {
		t.Errorf("%d of %d events are missing in the database, want some, or nothing was tested", n, len(s.acks))
	}
	sound(t, st, "after the damage")
	if n, _ := missing(t, restoredFrom(t, h, dir, "--at", before.UTC().Format(time.RFC3339Nano)), s.acks); n > 0 {
		t.Errorf("%d of %d events are missing in the replica", n, len(s.acks))
	}
}

// send brings a batch and wants all of it taken.
func send(client *http.Client, base string, body []byte, size int) error {
	res, err := client.Post(base+"/api/metrics/batch", "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if want := fmt.Sprintf(`"accepted":%d,`, size); res.StatusCode != http.StatusOK || !strings.Contains(string(answer), want) {
		return fmt.Errorf("batch = %d, %.300s", res.StatusCode, answer)
	}
	return nil
}

package replica_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/replica"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// The rounds of a victim that leaves it to the replica when to follow are named
// freely.
const (
	victimArg = "replica-victim"
	freely    = "freely"
)

// TestMain turns the test binary into the victim of TestKill when it is started
// that way.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == victimArg {
		runVictim(os.Args[2], os.Args[3])
		return
	}
	goleak.VerifyTestMain(m)
}

// pair is a database and its replica.
type pair struct {
	r    *replica.Replica
	st   *store.Store
	file string
	past replica.Past
	dir  string
}

// begin starts both in the right order; end closes them in the right order.
func begin(t *testing.T, file, dir string) *pair {
	t.Helper()
	if _, err := os.Stat(file); err != nil { // the library wants a database
		st := storetest.SQLite(t, store.Config{Path: file})
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
	}
	r, err := replica.Start(t.Context(), replica.Config{File: file, Dir: dir})
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	return &pair{r: r, st: storetest.SQLite(t, store.Config{Path: file}), file: file, past: replica.In(dir), dir: dir}
}

func (p *pair) end(t *testing.T) {
	t.Helper()
	if err := errors.Join(p.st.Close(), p.r.Close(t.Context())); err != nil {
		t.Fatalf("close store and replica: %v", err)
	}
}

// visit records the visit of a number and returns the time of the state that
// has it.
func (p *pair) visit(t *testing.T, n int) time.Time {
	t.Helper()
	e := event.New(event.SessionID(fmt.Sprintf("v%d", n)), 1, storetest.Start(), event.LandingView{Source: "ads"})
	if _, err := p.st.Record(t.Context(), storetest.Outside(e)); err != nil {
		t.Fatalf("Record: %v", err)
	}
	return p.sync(t)
}

func (p *pair) sync(t *testing.T) time.Time {
	t.Helper()
	if err := p.r.Sync(t.Context()); err != nil {
		t.Fatalf("Sync: %v", err)
	}
	_, newest, err := p.past.Bounds(t.Context())
	if err != nil {
		t.Fatalf("Bounds: %v", err)
	}
	return newest
}

// visits restores and tells which visits are there, one character each.
func visits(t *testing.T, past replica.Past, at time.Time, n int) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "restored.db")
	if _, err := past.Restore(t.Context(), at, to); err != nil {
		t.Fatalf("Restore(%s): %v", at, err)
	}
	st := storetest.SQLite(t, store.Config{Path: to})
	if err := st.CheckIntegrity(t.Context()); err != nil {
		t.Errorf("Restore(%s): %v", at, err)
	}
	storetest.NoDrift(t, st)
	var out strings.Builder
	for i := range n {
		evs, err := st.Events(t.Context(), event.SessionID(fmt.Sprintf("v%d", i)))
		if err != nil {
			t.Fatalf("Events: %v", err)
		}
		out.WriteString(strconv.Itoa(len(evs)))
	}
	return out.String()
}

// The database comes back as it was between two known writes, and goes on being
// followed after the server was started anew.
func TestInstant(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := begin(t, filepath.Join(dir, "data", "introspect.db"), filepath.Join(dir, "replica"))
	first := p.visit(t, 0)
	second := p.visit(t, 1)
	for second.Equal(first) { // the library counts milliseconds
		second = p.visit(t, 1)
	}
	if p.r.Synced().IsZero() {
		t.Error("Synced is zero after a sync")
	}
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{first, "100"}, {second.Add(-time.Millisecond), "100"}, {second, "110"}, {second.Add(time.Hour), "110"},
	} {
		if got := visits(t, p.past, tt.at, 3); got != tt.want {
			t.Errorf("restored to %s (writes at %s and %s) there are visits %s, want %s", tt.at, first, second, got, tt.want)
		}
	}
	oldest, _, err := p.past.Bounds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.past.Restore(t.Context(), oldest.Add(-time.Second), filepath.Join(dir, "early.db")); !errors.Is(err, replica.ErrNothing) {
		t.Errorf("Restore before the first state err = %v, want ErrNothing", err)
	}
	p.end(t)

	p = begin(t, p.file, p.dir)
	third := p.visit(t, 2)
	if got := visits(t, p.past, third, 3); got != "111" {
		t.Errorf("after a restart there are visits %s, want 111", got)
	}
	if got := visits(t, p.past, first, 3); got != "100" {
		t.Errorf("after a restart the first state has visits %s, want 100", got)
	}
	p.end(t)
}

// Everything that was acknowledged before a sync is there, whatever was written
// at the same time by several senders.
func TestUnderLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := begin(t, filepath.Join(dir, "introspect.db"), filepath.Join(dir, "replica"))
	var wg sync.WaitGroup
	defer wg.Wait()
	for writer := range 3 {
		wg.Go(func() {
			for k := range 15 {
				evs := append(storetest.Stream(uint64(writer*100+k), 20, storetest.Start()), bulky(writer, k)...)
				if _, err := p.st.Record(t.Context(), storetest.Outside(evs...)); err != nil {
					t.Errorf("Record: %v", err)
				}
			}
		})
	}
	for range 5 { // in the middle of it
		visits(t, p.past, p.sync(t), 0)
	}
	wg.Wait()
	want, err := p.st.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.sync(t)
	to := filepath.Join(dir, "restored.db")
	if _, err := p.past.Restore(t.Context(), time.Now(), to); err != nil {
		t.Fatalf("Restore: %v", err)
	}
	if got, err := storetest.SQLite(t, store.Config{Path: to}).Counts(t.Context()); err != nil || got != want {
		t.Errorf("restored counts = %+v, %v, want %+v", got, err, want)
	}
	if _, err := p.past.Restore(t.Context(), time.Now(), to); err == nil {
		t.Error("Restore overwrote a database")
	}
	p.end(t)
}

// bulky makes 400 kB of events, so that the log is emptied several times.
func bulky(writer, k int) []event.Event {
	out := make([]event.Event, 0, 100)
	for i := range 100 {
		e := event.New(event.SessionID(fmt.Sprintf("bulk%d-%d", writer, k)), i, storetest.Start(), event.Plain{Name: event.NameCTAClick})
		e.Properties = []byte(`{"a":"` + strings.Repeat("x", 4000) + `"}`)
		out = append(out, e)
	}
	return out
}

// BenchmarkRecord is what a write costs with and without a replica.
func BenchmarkRecord(b *testing.B) {
	for _, followed := range []bool{false, true} {
		b.Run(fmt.Sprintf("replica=%t", followed), func(b *testing.B) {
			file := filepath.Join(b.TempDir(), "introspect.db")
			st := storetest.SQLite(b, store.Config{Path: file})
			if followed {
				if err := st.Close(); err != nil {
					b.Fatal(err)
				}
				r, err := replica.Start(b.Context(), replica.Config{File: file, Dir: b.TempDir()})
				if err != nil {
					b.Fatal(err)
				}
				defer r.Close(context.WithoutCancel(b.Context()))
				st = storetest.SQLite(b, store.Config{Path: file})
			}
			var longest time.Duration
			n := 0
			for b.Loop() {
				n++
				e := event.New(event.SessionID("v"+strconv.Itoa(n)), 1, storetest.Start(), event.LandingView{Source: "ads"})
				begun := time.Now()
				if _, err := st.Record(b.Context(), storetest.Outside(e)); err != nil {
					b.Fatal(err)
				}
				longest = max(longest, time.Since(begun))
			}
			b.ReportMetric(float64(longest.Milliseconds()), "ms-longest")
			if err := st.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkLoss kills a server that writes without pause, and measures from when
// on its acknowledged writes are not in the replica.
func BenchmarkLoss(b *testing.B) {
	var worst time.Duration
	for b.Loop() {
		dir := b.TempDir()
		file := filepath.Join(dir, "introspect.db")
		if err := storetest.SQLite(b, store.Config{Path: file}).Close(); err != nil {
			b.Fatal(err)
		}
		acked := acknowledged(b, dir, 3000)
		to := filepath.Join(dir, "restored.db")
		if _, err := replica.In(filepath.Join(dir, "replica")).Restore(b.Context(), time.Now().Add(time.Hour), to); err != nil {
			b.Fatal(err)
		}
		st := storetest.SQLite(b, store.Config{Path: to})
		for n, at := range acked {
			evs, err := st.Events(b.Context(), event.SessionID("r"+freely+"-"+strconv.Itoa(n)))
			if err != nil {
				b.Fatal(err)
			}
			if len(evs) == 0 {
				worst = max(worst, time.Duration(acked[len(acked)-1]-at)*time.Microsecond)
				break
			}
		}
	}
	b.ReportMetric(float64(worst.Milliseconds()), "ms-lost")
}

// acknowledged runs a victim, kills it after so many writes, and returns when
// each was acknowledged, in microseconds.
func acknowledged(b *testing.B, dir string, count int) (acked []int64) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), os.Args[0], victimArg, dir, freely)
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var n int
		var at int64
		if _, err := fmt.Sscanf(lines.Text(), "acknowledged %d %d", &n, &at); err != nil {
			b.Fatalf("the victim said %q", lines.Text())
		}
		if acked = append(acked, at); len(acked) == count {
			if err := cmd.Process.Kill(); err != nil {
				b.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // reports the kill
	return acked
}

func TestNothing(t *testing.T) {
	t.Parallel()
	for _, past := range []replica.Past{replica.In(t.TempDir()), replica.In(filepath.Join(t.TempDir(), "none"))} {
		if _, err := past.Restore(t.Context(), storetest.Start(), filepath.Join(t.TempDir(), "x.db")); !errors.Is(err, replica.ErrNothing) {
			t.Errorf("Restore of an empty folder err = %v, want ErrNothing", err)
		}
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := replica.Start(t.Context(), replica.Config{File: filepath.Join(t.TempDir(), "x.db"), Dir: blocked}); err == nil {
		t.Error("Start into a file succeeded")
	}
}

// runVictim writes without end and tells what is in the replica, until it is
// killed.
func runVictim(dir, round string) {
	ctx := context.Background()
	file := filepath.Join(dir, "introspect.db")
	r, err := replica.Start(ctx, replica.Config{File: file, Dir: filepath.Join(dir, "replica")})
	if err != nil {
		panic(err)
	}
	keys, err := seal.NewKeyring(storetest.Secret)
	if err != nil {
		panic(err)
	}
	st, err := store.Open(ctx, store.Config{Path: file, Keys: keys})
	if err != nil {
		panic(err)
	}
	for n := 0; ; n++ {
		e := event.New(event.SessionID("r"+round+"-"+strconv.Itoa(n)), 1, storetest.Start(), event.LandingView{Source: "ads"})
		if _, err := st.Record(ctx, storetest.Outside(e)); err != nil {
			panic(err)
		}
		if round == freely {
			fmt.Println("acknowledged", n, time.Now().UnixMicro())
			continue
		}
		if n%10 == 9 {
			if err := r.Sync(ctx); err != nil {
				panic(err)
			}
			fmt.Println("synced", n)
		}
	}
}

// What was in the replica is there after the server was killed, and after it was
// started again and killed again.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := begin(t, filepath.Join(dir, "introspect.db"), filepath.Join(dir, "replica"))
	p.end(t)
	last := make(map[string]int)
	for _, round := range []string{"0", "1", "2"} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], victimArg, dir, round)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(out); lines.Scan(); {
			n := 0
			if _, err := fmt.Sscanf(lines.Text(), "synced %d", &n); err != nil {
				t.Fatalf("the victim said %q", lines.Text())
			}
			if last[round] = n; n >= 99 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // reports the kill
		to := filepath.Join(t.TempDir(), "restored.db")
		if _, err := p.past.Restore(t.Context(), time.Now().Add(time.Hour), to); err != nil {
			t.Fatalf("round %s: Restore: %v", round, err)
		}
		st := storetest.SQLite(t, store.Config{Path: to})
		if err := st.CheckIntegrity(t.Context()); err != nil {
			t.Errorf("round %s: %v", round, err)
		}
		storetest.NoDrift(t, st)
		for r, n := range last {
			for i := range n + 1 {
				if evs, err := st.Events(t.Context(), event.SessionID("r"+r+"-"+strconv.Itoa(i))); err != nil || len(evs) != 1 {
					t.Fatalf("round %s: visit %d of round %s, which was in the replica, is there %d times, %v", round, i, r, len(evs), err)
				}
			}
		}
	}
}

// After the database was replaced by an older one, as a restore in place does,
// the replica follows the new one, and the time before is still there.
func TestReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := begin(t, filepath.Join(dir, "introspect.db"), filepath.Join(dir, "replica"))
	p.visit(t, 0)
	older := filepath.Join(dir, "older.db")
	if err := p.st.Snapshot(t.Context(), older); err != nil {
		t.Fatal(err)
	}
	both := p.visit(t, 1)
	p.end(t)
	if err := store.Settle(t.Context(), p.file); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(older, p.file); err != nil {
		t.Fatal(err)
	}
	p = begin(t, p.file, p.dir)
	now := p.visit(t, 2)
	if got := visits(t, p.past, now, 3); got != "101" {
		t.Errorf("after the database was replaced there are visits %s, want 101", got)
	}
	if got := visits(t, p.past, both, 3); got != "110" {
		t.Errorf("at the time before there are visits %s, want 110", got)
	}
	p.end(t)
}

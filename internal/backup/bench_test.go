package backup_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// benchBytes is the size of the database of the benchmarks; INTROSPECT_BENCH_MB
// sets another one in megabytes.
func benchBytes(b *testing.B) int64 {
	b.Helper()
	text := os.Getenv("INTROSPECT_BENCH_MB")
	if text == "" {
		return 200 << 20
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		b.Fatalf("INTROSPECT_BENCH_MB is %q, want a number", text)
	}
	return n << 20
}

// large makes a store of that size: whole visits with all their figures, and
// events with long properties that do not compress well.
func large(b *testing.B) *store.Store {
	b.Helper()
	st := storetest.SQLite(b, store.Config{Path: filepath.Join(b.TempDir(), "introspect.db")})
	for seed := range uint64(200) {
		record(b, st, storetest.Stream(seed, 50, storetest.Start().Add(time.Duration(seed)*3*time.Hour)))
	}
	r, size := rand.New(rand.NewPCG(1, 2)), benchBytes(b)
	for n := 0; ; n++ {
		info, err := os.Stat(st.File())
		if err != nil {
			b.Fatal(err)
		}
		if info.Size() >= size {
			return st
		}
		record(b, st, bulky(r, n, 400))
	}
}

func record(b *testing.B, st *store.Store, evs []event.Event) {
	b.Helper()
	if _, err := st.Record(b.Context(), storetest.Outside(evs...)); err != nil {
		b.Fatal(err)
	}
}

// bulky makes events of 4 kB.
func bulky(r *rand.Rand, n, count int) []event.Event {
	out := make([]event.Event, 0, count)
	for i := range count {
		e := event.New(event.SessionID(fmt.Sprintf("bulk%d", n)), i, storetest.Start(), event.Plain{Name: event.NameCTAClick})
		text := make([]byte, 0, 4096)
		for len(text) < 4000 {
			text = fmt.Appendf(text, "%x", r.Uint64()>>r.IntN(48))
		}
		e.Properties = fmt.Appendf(nil, `{"a":%q}`, text)
		out = append(out, e)
	}
	return out
}

// writers are four senders that record small visits without pause, and what
// the slowest of their writes took.
type writers struct {
	stop func()

	mu      sync.Mutex
	longest time.Duration
	writes  int
}

// worst returns the longest wait since it was last asked.
func (w *writers) worst() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.longest
	w.longest = 0
	return d
}

func writing(b *testing.B, st *store.Store, round int) *writers {
	b.Helper()
	done := make(chan struct{})
	var wg sync.WaitGroup
	w := &writers{stop: func() { close(done); wg.Wait() }}
	for sender := range 4 {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				id := event.SessionID(fmt.Sprintf("w%d-%d-%d", round, sender, n))
				begun := time.Now()
				record(b, st, []event.Event{event.New(id, 1, storetest.Start(), event.LandingView{Source: "ads"})})
				took := time.Since(begun)
				w.mu.Lock()
				w.longest, w.writes = max(w.longest, took), w.writes+1
				w.mu.Unlock()
			}
		})
	}
	return w
}

// BenchmarkCreate makes backups of 200 MB while four senders write without
// pause, and measures how long one of these waited at most, in each stage.
func BenchmarkCreate(b *testing.B) {
	st := large(b)
	k := keeper(b, backup.Config{Store: st, Keys: storetest.Keys(b), To: backup.NewDir(b.TempDir())})
	worst := make(map[string]time.Duration)
	took := make(map[string]time.Duration)
	round, writes := 0, 0
	for b.Loop() {
		w := writing(b, st, round)
		begun := time.Now()
		stage := func(name string) {
			worst[name] = max(worst[name], w.worst())
			took[name] += time.Since(begun)
			begun = time.Now()
		}
		k.OnStep(stage)
		m, err := k.Create(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		stage("end")
		w.stop()
		b.ReportMetric(float64(m.PlainSize)/1e6, "MB-plain")
		b.ReportMetric(float64(m.Size)/1e6, "MB-stored")
		writes, round = writes+w.writes, round+1
	}
	for name, d := range worst {
		b.ReportMetric(float64(d.Milliseconds()), "ms-stall-to-"+name)
		b.ReportMetric(float64(took[name].Milliseconds())/float64(round), "ms-to-"+name)
	}
	b.ReportMetric(float64(writes)/b.Elapsed().Seconds(), "writes/s")
}

// BenchmarkSnapshot is the copy alone, with the same senders.
func BenchmarkSnapshot(b *testing.B) {
	st := large(b)
	var worst time.Duration
	round := 0
	for b.Loop() {
		path := filepath.Join(b.TempDir(), fmt.Sprintf("%d.db", round))
		w := writing(b, st, round)
		if err := st.Snapshot(b.Context(), path); err != nil {
			b.Fatal(err)
		}
		w.stop()
		worst, round = max(worst, w.worst()), round+1
		if err := os.Remove(path); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(worst.Milliseconds()), "ms-longest-stall")
}

// BenchmarkDrill restores and proves a backup of 200 MB.
func BenchmarkDrill(b *testing.B) {
	k := keeper(b, backup.Config{Store: large(b), Keys: storetest.Keys(b), To: backup.NewDir(b.TempDir())})
	if _, err := k.Create(b.Context()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := k.Drill(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWriters is what the senders wait without any backup.
func BenchmarkWriters(b *testing.B) {
	st := large(b)
	var worst time.Duration
	round := 0
	for b.Loop() {
		w := writing(b, st, round)
		for range 2000 {
			record(b, st, []event.Event{event.New("x", round, storetest.Start(), event.LandingView{Source: "ads"})})
			round++
		}
		w.stop()
		worst = max(worst, w.worst())
	}
	b.ReportMetric(float64(worst.Milliseconds()), "ms-longest-stall")
}

// BenchmarkErase forgets one session while the same senders write, as a client
// does who erases their data: up to 128 MB the file is written anew. Then Settle writes it anew, whatever its
// size.
func BenchmarkErase(b *testing.B) {
	st := large(b)
	var worst time.Duration
	for round := 0; b.Loop(); round++ {
		sess := storetest.Session(event.SessionID(fmt.Sprintf("e%d", round)), storetest.Start())
		if err := st.CreateSession(b.Context(), sess, []byte("x"), storetest.FirstTurn(sess)); err != nil {
			b.Fatal(err)
		}
		w := writing(b, st, round)
		if err := st.Erase(b.Context(), sess.ID, "client"); err != nil {
			b.Fatal(err)
		}
		w.stop()
		worst = max(worst, w.worst())
	}
	b.ReportMetric(float64(worst.Milliseconds()), "ms-longest-stall")
	begun := time.Now()
	if _, err := st.Settle(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(begun).Milliseconds()), "ms-to-settle")
}

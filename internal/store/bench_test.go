package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// BenchmarkOpen measures opening and closing an empty store, tables included.
func BenchmarkOpen(b *testing.B) {
	keys := storetest.Keys(b)
	n := 0
	for b.Loop() {
		n++
		s, err := store.Open(b.Context(), store.Config{Path: fmt.Sprintf("%s/%d", b.TempDir(), n), Keys: keys})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReopen measures opening and closing a store that exists.
func BenchmarkReopen(b *testing.B) {
	cfg := store.Config{Path: b.TempDir(), Keys: storetest.Keys(b)}
	for b.Loop() {
		s, err := store.Open(b.Context(), cfg)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRecord sends whole visits, forty at a time as they happen, in
// batches of 500 from one sender.
func BenchmarkRecord(b *testing.B) {
	for _, senders := range []int{1, 8} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) { benchmarkRecord(b, senders) })
	}
}

func benchmarkRecord(b *testing.B, senders int) {
	b.Helper()
	s := storetest.New(b)
	const size = 500
	var wg sync.WaitGroup
	queue := make(chan []event.Event)
	for range senders {
		wg.Go(func() {
			for batch := range queue {
				if _, err := s.Record(b.Context(), storetest.Outside(batch...)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	sent, seed := 0, uint64(0)
	var pending []event.Event
	for b.Loop() {
		for len(pending) < size {
			b.StopTimer()
			seed++
			visits := storetest.Stream(seed, 40, storetest.Start().Add(time.Duration(seed)*time.Minute))
			slices.SortFunc(visits, func(x, y event.Event) int { return x.At.Compare(y.At) })
			pending = append(pending, visits...)
			b.StartTimer()
		}
		queue <- pending[:size:size]
		pending = pending[size:]
		sent += size
	}
	close(queue)
	wg.Wait()
	b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkCommitTurn measures turns of 200 sessions at once, each waiting for
// its own answer as a client does.
func BenchmarkCommitTurn(b *testing.B) {
	const sessions = 200
	s := storetest.New(b)
	recs := make([]store.Record, sessions)
	for i := range recs {
		sess := storetest.Session(event.SessionID(fmt.Sprintf("s%03d", i)), storetest.Start())
		if err := s.CreateSession(b.Context(), sess, nil, storetest.FirstTurn(sess)); err != nil {
			b.Fatal(err)
		}
		recs[i] = store.Record{Session: sess, Version: 1}
	}
	var took []time.Duration
	var mu sync.Mutex
	for b.Loop() {
		var wg sync.WaitGroup
		for i := range recs {
			wg.Go(func() {
				rec := &recs[i]
				turn := storetest.NextTurn(rec.Session, "A bakery with two shops", storetest.Start().Add(time.Minute))
				if len(rec.Session.Facts) > 60 {
					rec.Session.Facts = rec.Session.Facts[:60:60]
				}
				begun := time.Now()
				if err := s.CommitTurn(b.Context(), *rec, turn); err != nil {
					b.Error(err)
				}
				lasted := time.Since(begun)
				rec.Version++
				mu.Lock()
				took = append(took, lasted)
				mu.Unlock()
			})
		}
		wg.Wait()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "turns/s")
}

package deliver_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// BenchmarkCompletions ends 20 interviews at the same moment and measures how
// long each waits for its documents, on a real store with its fsyncs: from the
// end of the interview, when the client sees the screen of making, to the commit
// of SCOPE.md and PDF.
func BenchmarkCompletions(b *testing.B) {
	const clients = 20
	h := newHouse(b, "details")
	st := storetest.SQLite(b, store.Config{})
	d := deliver.New(deliverConfig(b, st, time.Now))
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		job.New(job.Config{Store: st, Kinds: d.Kinds()}).Run(ctx)
	}()
	var waits []time.Duration
	for n := 0; b.Loop(); n++ {
		ids := make([]event.SessionID, clients)
		for i := range ids {
			s := *h.session
			s.ID = event.SessionID(fmt.Sprintf("0193a1b2-c3d4-7e5f-8a9b-%06d%06d", n, i))
			ids[i] = s.ID
			start := event.New(s.ID, 1, s.CreatedAt, event.SessionStart{WebsiteType: s.Client.WebsiteType, Timestamp: s.CreatedAt})
			if err := st.CreateSession(ctx, &s, []byte("hash"), intake.Turn{Events: []event.Event{start}}); err != nil {
				b.Fatal(err)
			}
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		for _, id := range ids {
			wg.Go(func() {
				began := time.Now()
				if _, err := st.Enqueue(ctx, d.Finished(id)...); err != nil {
					b.Error(err)
					return
				}
				for {
					p, err := d.Progress(ctx, id)
					if err != nil {
						b.Error(err)
						return
					}
					if p.State == store.JobDone {
						break
					}
					<-time.After(50 * time.Millisecond) // the page looks every 500
				}
				mu.Lock()
				waits = append(waits, time.Since(began))
				mu.Unlock()
			})
		}
		wg.Wait()
	}
	stop()
	<-ended
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)/2].Milliseconds()), "ms/p50")
	b.ReportMetric(float64(waits[len(waits)-1].Milliseconds()), "ms/max")
}

package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// TestAFullDisk runs out of room under several senders: what was acknowledged
// is there, what was not is not, reads go on, and writes succeed again as soon
// as there is room, without anybody's help.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t, store.Config{})
	big := []byte(`{"a":"` + strings.Repeat("x", 8000) + `"}`)
	one := func(sender, n int) event.Event {
		e := event.New("v1", sender*10_000+n, storetest.Start(), event.Plain{Name: event.NameCTAClick})
		e.Properties = big
		return e
	}
	if err := s.SetRoom(t.Context(), 200); err != nil {
		t.Fatalf("SetRoom: %v", err)
	}
	stored := make(map[event.ID]bool)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for sender := range 4 {
		wg.Go(func() {
			for n := range 100 {
				e := one(sender, n)
				_, err := s.Record(t.Context(), storetest.Outside(e))
				if err != nil && !errors.Is(err, store.ErrFull) {
					t.Errorf("Record on a full disk = %v, want ErrFull", err)
				}
				if errors.Is(err, store.ErrUnknown) {
					t.Errorf("Record on a full disk = %v, but nothing can have been stored", err)
				}
				mu.Lock()
				if err == nil {
					stored[e.ID] = true
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	// Several in one group may find no room where one alone still would.
	for n, full := 0, false; !full; n++ {
		e := one(8, n)
		_, err := s.Record(t.Context(), storetest.Outside(e))
		if full = errors.Is(err, store.ErrFull); err != nil && !full {
			t.Fatalf("Record on a full disk = %v, want ErrFull", err)
		}
		if err == nil {
			stored[e.ID] = true
		}
	}
	if len(stored) == 0 || len(stored) >= 400 {
		t.Fatalf("%d of 400 events were taken, want some and not all", len(stored))
	}
	checkStored(t, s, stored)
	if got := s.Troubles(); got.Storage == 0 || got.Waits != 0 {
		t.Errorf("Troubles on a full disk = %+v, want errors of the storage", got)
	}
	if _, err := s.Rollups(t.Context(), []metric.Range{{Tier: metric.Day, Metric: metric.Funnel, To: 1 << 40}}); err != nil {
		t.Errorf("Rollups on a full disk: %v", err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping on a full disk: %v", err)
	}
	// Names that a lost group brought must not be taken for kept.
	odd := one(9, 1)
	odd.Name = "theirs"
	if _, err := s.Record(t.Context(), storetest.Outside(odd)); !errors.Is(err, store.ErrFull) {
		t.Errorf("Record of another name = %v, want ErrFull", err)
	}
	if err := s.SetRoom(t.Context(), 0); err != nil {
		t.Fatalf("SetRoom: %v", err)
	}
	for _, e := range []event.Event{odd, one(9, 2)} {
		if v, err := s.Record(t.Context(), storetest.Outside(e)); err != nil || v[0].Result != store.ResultOK {
			t.Fatalf("Record with room again = %v, %v", v, err)
		}
		stored[e.ID] = true
	}
	checkStored(t, s, stored)
	again := one(0, 0)
	if v, err := s.Record(t.Context(), storetest.Outside(again)); err != nil || v[0].Result != store.ResultDuplicate {
		t.Errorf("Record of what was kept before = %v, %v, want %s", v, err, store.ResultDuplicate)
	}
	var more []event.Event
	for n := range store.MaxNames + 5 {
		name := fmt.Sprintf("n%d", n)
		more = append(more, event.Event{ID: event.ID(name), Name: event.Name(name), SessionID: "v2", At: storetest.Start()})
	}
	verdicts, err := s.Record(t.Context(), storetest.Outside(more...))
	if err != nil {
		t.Fatalf("Record: %v", err)
	}
	names := 0
	for _, v := range verdicts {
		if v.Result == store.ResultOK {
			names++
		}
	}
	if names != store.MaxNames-1 {
		t.Errorf("%d more names were taken, want %d", names, store.MaxNames-1)
	}
}

// A deadline that passes looks like an error of the network; of a file nobody may
// be told that the connection to Postgres is lost.
func TestALateAnswerOfAFile(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t, store.Config{})
	late, stop := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer stop()
	_, _, err := s.AlertStates(late)
	if !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "Postgres") || s.Troubles().Server != 0 {
		t.Errorf("a reading after its deadline = %v, %+v", err, s.Troubles())
	}
}

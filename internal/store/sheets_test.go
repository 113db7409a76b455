package store_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// cutViews are views of two and three values that occur in a stream.
func cutViews(from, to int64) []metric.View {
	whole := metric.View{From: from, To: to}
	var out []metric.View
	for _, source := range []string{"ads", "mail", "nowhere"} {
		for _, kind := range []string{"business", "personal"} {
			v := whole.Narrow(metric.Label{Dimension: metric.DimSource, Value: source}).Narrow(metric.Label{Dimension: metric.DimWebsite, Value: kind})
			out = append(out, v, v.Narrow(metric.Label{Dimension: metric.DimModel, Value: "service"}))
		}
	}
	return out
}

// checkCut compares every view with the report that only its sessions would
// have.
func checkCut(t *testing.T, s *store.Store, evs []event.Event, zone *time.Location) {
	t.Helper()
	first, last := evs[0].At, evs[0].At
	of := make(map[event.SessionID][]event.Event)
	for _, e := range evs {
		of[e.SessionID] = append(of[e.SessionID], e)
		if e.At.Before(first) {
			first = e.At
		}
		if e.At.After(last) {
			last = e.At
		}
	}
	price := func(id string) (string, int64) { return id, 100 }
	some := 0
	for _, v := range cutViews(metric.DayBucket(first, zone), metric.DayBucket(last, zone)) {
		var own []event.Event
		for _, list := range of {
			has := storetest.Expected(list, zone)
			if !slices.ContainsFunc(v.Labels(), func(l metric.Label) bool {
				return !slices.ContainsFunc([]int64{metric.DayBucket(first, zone), metric.DayBucket(first, zone) + 1, metric.DayBucket(last, zone)}, func(day int64) bool {
					return has[metric.Key{Tier: metric.Day, Metric: metric.Funnel, Dimension: l.Dimension, Value: l.Value, Bucket: day}] != nil
				})
			}) {
				own = append(own, list...)
			}
		}
		var rows []metric.Row
		for k, counts := range storetest.Expected(own, zone) {
			rows = append(rows, metric.Row{Key: k, Vector: counts})
		}
		got, err := s.Cut(t.Context(), v, v.Previous())
		if err != nil {
			t.Fatal(err)
		}
		plain := metric.View{From: v.From, To: v.To}
		want, have := metric.NewReport(plain, rows, rows, metric.Open{}, price), metric.NewReport(v, got, got, metric.Open{}, price)
		want.View, want.Before, have.View, have.Before = metric.View{}, metric.View{}, metric.View{}, metric.View{}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Fatalf("%v (-own sessions +cut):\n%s", v.Labels(), diff)
		}
		if want.Started > 0 {
			some++
		}
	}
	if some < 6 {
		t.Errorf("only %d views have sessions", some)
	}
}

// TestCutFollowsEveryCommit: views of several filters are exact after every
// write of this process and of another one, and after the zone cuts days anew.
func TestCutFollowsEveryCommit(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: path, Zone: zone})
	evs := storetest.Stream(5, 90, storetest.Start())
	half := len(evs) / 2
	write := func(s *store.Store, list []event.Event) {
		t.Helper()
		if _, err := s.Record(t.Context(), storetest.Outside(list...)); err != nil {
			t.Fatal(err)
		}
	}
	write(s, evs[:half])
	checkCut(t, s, evs[:half], zone)
	for at := half; at < len(evs)-200; at += 100 { // sessions go on
		write(s, evs[at:at+100])
		half = at + 100
	}
	checkCut(t, s, evs[:half], zone)
	other := storetest.SQLite(t, store.Config{Path: path, Zone: zone})
	write(other, evs[half:len(evs)-50])
	checkCut(t, s, evs[:len(evs)-50], zone)
	checkCut(t, other, evs[:len(evs)-50], zone)
	write(s, evs[len(evs)-50:])
	checkCut(t, s, evs, zone)
	checkCut(t, other, evs, zone)
	// What no total tells: one more check of understanding in each finished session.
	more := make(map[event.SessionID]event.Event)
	for _, e := range evs {
		if e.Name != event.NameSessionComplete {
			continue
		}
		more[e.SessionID] = event.New(e.SessionID, 1000, e.At, event.ValidationLoop{LoopNumber: 4, Response: "clarify"})
	}
	var late []event.Event
	for _, e := range more {
		late = append(late, e)
	}
	write(s, late)
	checkCut(t, s, append(evs, late...), zone)
}

// TestCutUnderLoad: reading while events arrive never leaves a day behind.
func TestCutUnderLoad(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	evs := storetest.Stream(6, 80, storetest.Start())
	views := cutViews(metric.DayBucket(storetest.Start(), time.UTC), metric.DayBucket(storetest.Start(), time.UTC)+2)
	done := make(chan struct{})
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, err := s.Cut(t.Context(), views...); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for list := range slices.Chunk(evs, 25) {
		if _, err := s.Record(t.Context(), storetest.Outside(list...)); err != nil {
			t.Error(err)
		}
	}
	close(done)
	group.Wait()
	checkCut(t, s, evs, time.UTC)
}

package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// TestEventsOfAnOlderDatabase takes a database down to rows of single events and
// up again: nothing of them may change, nor the facts and rollups.
func TestEventsOfAnOlderDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, store.FileName)
	s := storetest.SQLite(t, store.Config{Path: dir})
	in := storetest.Outside(storetest.Stream(7, 40, storetest.Start())...)
	for i := range in {
		switch i % 4 {
		case 0:
			in[i].Clocked, in[i].Skew = true, time.Duration(i)*time.Second
		case 1:
			in[i].Event.Seq, in[i].Event.UserID = int64(i), "u\"1"
		case 2:
			in[i].Aside, in[i].Event.Properties = "odd", []byte("no JSON")
		}
	}
	sessions := make(map[event.SessionID][]store.StoredEvent)
	for len(in) > 0 {
		n := min(len(in), 13)
		if _, err := s.Record(t.Context(), in[:n]); err != nil {
			t.Fatal(err)
		}
		for _, e := range in[:n] {
			sessions[e.Event.SessionID] = nil
		}
		in = in[n:]
	}
	for id := range sessions {
		sessions[id] = events(t, s, id)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, version := range []int64{4, 1_000_000} {
		if err := store.MigrateTo(t.Context(), file, min(version, 5)); err != nil {
			t.Fatalf("migrate to %d: %v", version, err)
		}
	}
	s = storetest.SQLite(t, store.Config{Path: dir})
	for id, want := range sessions {
		if diff := cmp.Diff(want, events(t, s, id)); diff != "" {
			t.Errorf("events of %s (-before +after):\n%s", id, diff)
		}
	}
	storetest.NoDrift(t, s)
}

func events(t *testing.T, s *store.Store, id event.SessionID) []store.StoredEvent {
	t.Helper()
	out, err := s.Events(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestASessionCanBeFull: nobody fills memory under one session id, and what was
// taken stays known.
func TestASessionCanBeFull(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t, store.Config{})
	var in []store.Incoming
	for n := range store.MaxSessionEvents + 5 {
		in = append(in, storetest.Outside(event.New("s", n, storetest.Start(), event.Plain{Name: event.NameCTAClick}))...)
	}
	for _, again := range []string{store.ResultOK, store.ResultDuplicate} {
		verdicts, err := s.Record(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range verdicts {
			want := store.Verdict{ID: in[i].Event.ID, Result: again}
			if i >= store.MaxSessionEvents {
				want.Result, want.Details = store.ResultDrop, store.DetailSession
			}
			if v != want {
				t.Fatalf("event %d: %+v, want %+v", i, v, want)
			}
		}
	}
	own := store.Incoming{Event: event.New("s", 1, storetest.Start(), event.Plain{Name: event.NameFoundationStart}), Own: true}
	if v, err := s.Record(t.Context(), []store.Incoming{own}); err != nil || v[0].Result != store.ResultOK {
		t.Errorf("an event of our own: %+v, %v; want it taken", v, err)
	}
	storetest.NoDrift(t, s)
}

// TestAGroupDisownsWhatItHolds: an outside event and the beginning of its
// session reach the writer together, in one commit.
func TestAGroupDisownsWhatItHolds(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t, store.Config{})
	fake := event.New("s1", 99, storetest.Start(), event.NewSessionComplete(20, time.Minute, 99))
	robot := event.New("s1", 98, storetest.Start(), event.LandingView{Source: "news"})
	robot.Bot = "headless"
	sess := storetest.Session("s1", storetest.Start())
	together(t, s,
		func() error { _, err := s.Record(t.Context(), storetest.Outside(fake, robot)); return err },
		func() error { return s.CreateSession(t.Context(), sess, []byte("hash"), storetest.FirstTurn(sess)) },
		func() error { _, err := s.Record(t.Context(), storetest.Outside(fake)); return err },
	)
	counted := map[event.ID]bool{}
	for _, e := range events(t, s, "s1") {
		counted[e.ID] = e.Counted
	}
	if len(counted) != 3 || counted[fake.ID] || !counted[robot.ID] {
		t.Errorf("counted: %v, want the landing view and the start of the session", counted)
	}
	day := metric.DayBucket(storetest.Start(), time.UTC)
	rows, err := s.Rollups(t.Context(), []metric.Range{{Tier: metric.Day, Metric: metric.Sessions, Dimension: metric.All, From: day, To: day}})
	if err != nil || len(rows) != 1 || rows[0].Vector[0] != 1 || rows[0].Vector[1] != 0 {
		t.Errorf("sessions %v, %v; want one that started and did not finish", rows, err)
	}
	storetest.NoDrift(t, s)
}

// together hands operations to the writer in this order while it is held up,
// so that they share a commit.
func together(t *testing.T, s *store.Store, ops ...func() error) {
	t.Helper()
	release, held := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Do(t.Context(), func(func(string, ...any) error) error { close(held); <-release; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-held
	for i, run := range ops {
		wg.Go(func() {
			if err := run(); err != nil {
				t.Errorf("operation %d: %v", i, err)
			}
		})
		for s.Waiting() <= i {
			runtime.Gosched() // until it stands in the queue
		}
	}
	close(release)
	wg.Wait()
}

// TestAnythingTogether runs batches with repetitions, sessions that begin among
// their events, and operations that fail, all at once, with next to no memory
// for what was decoded. Nothing may be lost or counted twice.
func TestAnythingTogether(t *testing.T) {
	t.Parallel()
	for _, room := range [][3]int{{1, 1, 1}, {7, 60, 30}, {10_000, 100_000, 10_000}} {
		t.Run(fmt.Sprint(room), func(t *testing.T) {
			t.Parallel()
			s := storetest.SQLite(t, store.Config{})
			if err := s.SetHot(t.Context(), room[0], room[1], room[2]); err != nil {
				t.Fatal(err)
			}
			want := anything(t, s, uint64(room[0]))
			for id, ids := range want {
				got := map[event.ID]int{}
				for _, e := range events(t, s, id) {
					got[e.ID]++
				}
				if diff := cmp.Diff(ids, got); diff != "" {
					t.Errorf("events of %s (-want +got):\n%s", id, diff)
				}
			}
			storetest.NoDrift(t, s)
		})
	}
}

var errOnPurpose = errors.New("on purpose")

// anything runs the load and returns the ids that must be there, once each.
func anything(t *testing.T, s *store.Store, seed uint64) map[event.SessionID]map[event.ID]int {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	stream := storetest.Outside(storetest.Stream(seed, 30, storetest.Start())...)
	want := make(map[event.SessionID]map[event.ID]int)
	var sessions []event.SessionID
	for i := range stream {
		e := &stream[i]
		if want[e.Event.SessionID] == nil {
			want[e.Event.SessionID] = map[event.ID]int{}
			sessions = append(sessions, e.Event.SessionID)
		}
		want[e.Event.SessionID][e.Event.ID] = 1
		if r.IntN(3) == 0 {
			e.Clocked, e.Skew = true, time.Duration(r.IntN(1000))*time.Millisecond
		}
	}
	var ops []func() error
	for range 120 {
		n := r.IntN(len(stream))
		batch := stream[n:min(len(stream), n+1+r.IntN(20))]
		ops = append(ops, func() error { _, err := s.Record(t.Context(), batch); return err })
	}
	for i := 0; i < len(stream); i += 25 {
		batch := stream[i:min(len(stream), i+25)]
		ops = append(ops, func() error { _, err := s.Record(t.Context(), batch); return err })
	}
	for _, id := range sessions[:len(sessions)/2] {
		sess := storetest.Session(id, storetest.Start())
		turn := storetest.FirstTurn(sess)
		want[id][turn.Events[0].ID] = 1
		ops = append(ops, func() error { return s.CreateSession(t.Context(), sess, []byte("h"), turn) },
			func() error { return createTwice(t, s, sess, turn) })
	}
	r.Shuffle(len(ops), func(i, j int) { ops[i], ops[j] = ops[j], ops[i] })
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := worker; i < len(ops); i += 8 {
				if err := ops[i](); err != nil && !errors.Is(err, store.ErrExists) && !errors.Is(err, errOnPurpose) {
					t.Errorf("operation %d: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
	return want
}

// createTwice writes something that is then rolled back.
func createTwice(t *testing.T, s *store.Store, sess *intake.Session, turn intake.Turn) error {
	t.Helper()
	if err := s.Do(t.Context(), func(exec func(string, ...any) error) error {
		return errors.Join(exec(`DELETE FROM event_chunks`), errOnPurpose)
	}); !errors.Is(err, errOnPurpose) {
		return err
	}
	return s.CreateSession(t.Context(), sess, []byte("h"), turn)
}

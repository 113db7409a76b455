package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// hold takes the write lock of a store's file, as another process might, and
// returns what gives it back.
func hold(t *testing.T, dir string) (release func()) {
	t.Helper()
	conn, err := raw(t, dir).Conn(t.Context())
	if err != nil {
		t.Fatalf("connect beside the store: %v", err)
	}
	if _, err := conn.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatalf("take the write lock: %v", err)
	}
	return func() {
		t.Helper()
		if _, err := conn.ExecContext(t.Context(), `ROLLBACK`); err != nil {
			t.Errorf("give the write lock back: %v", err)
		}
		if err := conn.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

func click(n int) event.Event {
	return event.New("v1", n, storetest.Start(), event.Plain{Name: event.NameCTAClick})
}

func TestAFullQueueRefusesAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir, Queue: 2})
	release := hold(t, dir)
	// One operation waits for the lock and two in the queue, so of four at
	// least one is refused; while the lock is held, only a refusal returns.
	const senders = 4
	type answer struct {
		n   int
		err error
	}
	answers := make(chan answer, senders)
	for n := range senders {
		go func() {
			_, err := s.Record(context.Background(), storetest.Outside(click(n)))
			answers <- answer{n, err}
		}()
	}
	first := <-answers
	if !errors.Is(first.err, store.ErrBusy) {
		t.Errorf("first answer while nothing can be written = %v, want ErrBusy", first.err)
	}
	if got := s.Troubles(); got.Waits == 0 || got.Storage != 0 {
		t.Errorf("Troubles = %+v, want writes that found no room", got)
	}
	release()
	stored := map[event.ID]bool{}
	for range senders - 1 {
		a := <-answers
		if a.err == nil {
			stored[click(a.n).ID] = true
		} else if !errors.Is(a.err, store.ErrBusy) {
			t.Errorf("Record = %v, want nil or ErrBusy", a.err)
		}
	}
	if len(stored) == 0 {
		t.Error("nobody got through after the lock was given back")
	}
	checkStored(t, s, stored)
}

// checkStored expects exactly these events in the sample session.
func checkStored(t *testing.T, s *store.Store, want map[event.ID]bool) {
	t.Helper()
	evs, err := s.Events(t.Context(), "v1")
	if err != nil {
		t.Fatalf("Events: %v", err)
	}
	got := map[event.ID]bool{}
	for _, e := range evs {
		got[e.ID] = true
	}
	if len(got) != len(want) || len(evs) != len(want) {
		t.Errorf("%d events are stored, want %d", len(evs), len(want))
	}
	for id := range want {
		if !got[id] {
			t.Errorf("event %s was acknowledged and is not stored", id)
		}
	}
	storetest.NoDrift(t, s)
}

func TestAnOperationThatWaitsCanBeWithdrawn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	release := hold(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	const withdrawn = 5
	errs := make(chan error, withdrawn)
	for n := range withdrawn {
		go func() {
			_, err := s.Record(ctx, storetest.Outside(click(n)))
			errs <- err
		}()
	}
	cancel()
	for range withdrawn {
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("Record withdrawn while it waited = %v, want context.Canceled", err)
		}
	}
	if got := s.Troubles(); got != (store.Troubles{}) {
		t.Errorf("Troubles = %+v, want none: the callers left by themselves", got)
	}
	late, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	if _, err := s.Record(late, storetest.Outside(click(98))); !errors.Is(err, context.DeadlineExceeded) || s.Troubles().Waits != 1 {
		t.Errorf("Record that waits in vain = %v, and Troubles = %+v, want one wait", err, s.Troubles())
	}
	release()
	if _, err := s.Record(t.Context(), storetest.Outside(click(99))); err != nil {
		t.Fatalf("Record afterwards: %v", err)
	}
	checkStored(t, s, map[event.ID]bool{click(99).ID: true})
}

// TestTheAnswerIsTheTruth races callers that give up against the writer: what
// was answered with nil is stored, what was answered with an error is not.
func TestTheAnswerIsTheTruth(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	const rounds = 400
	stored := map[event.ID]bool{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for n := range rounds {
		ctx, cancel := context.WithCancel(context.Background())
		wg.Go(func() {
			_, err := s.Record(ctx, storetest.Outside(click(n)))
			if err == nil {
				mu.Lock()
				stored[click(n).ID] = true
				mu.Unlock()
			} else if !errors.Is(err, context.Canceled) {
				t.Errorf("Record = %v, want nil or context.Canceled", err)
			}
		})
		if n%3 != 0 {
			wg.Go(cancel)
		} else {
			defer cancel()
		}
	}
	wg.Wait()
	checkStored(t, s, stored)
}

func TestAnOperationThatRunsIsAwaited(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	began, finish, result := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		result <- s.Do(ctx, func(exec func(string, ...any) error) error {
			close(began)
			<-finish
			return exec(`INSERT INTO settings (key, value) VALUES ('late', 'x')`)
		})
	}()
	<-began
	cancel()
	for range 100 { // gives a caller that would give up the time to do so
		if err := s.Ping(t.Context()); err != nil {
			t.Fatalf("Ping: %v", err)
		}
	}
	select {
	case err := <-result:
		t.Errorf("Do returned %v while its operation was running", err)
	default:
	}
	close(finish)
	if err := <-result; err != nil {
		t.Errorf("Do whose context ended while it ran = %v, want nil, since it was committed", err)
	}
	if _, err := s.Setting(t.Context(), "late"); err != nil {
		t.Errorf("Setting = %v, want what was written", err)
	}
}

func TestAFailingOperationFailsAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	release := hold(t, dir) // lets the operations gather in one group
	type op = func(exec func(string, ...any) error) error
	set := func(key string, then func() error) op {
		return func(exec func(string, ...any) error) error {
			if err := exec(`INSERT INTO settings (key, value) VALUES ($1, 'x')`, key); err != nil {
				return err
			}
			return then()
		}
	}
	fine := func() error { return nil }
	refused := errors.New("I changed my mind")
	ops := []struct {
		name string
		run  op
		want string // part of the error; empty for none
	}{
		{"first", set("first", fine), ""},
		{"refused", set("refused", func() error { return refused }), "changed my mind"},
		{"never wrote", func(func(string, ...any) error) error { return errors.New("nothing to write") }, "nothing to write"},
		{"panics", set("panics", func() error { panic("out of luck") }), "out of luck"},
		{"breaks", set("breaks", func() error { return nil }), ""},
		{"syntax", func(exec func(string, ...any) error) error { return exec(`this is no SQL`) }, "syntax"},
		{"taken", func(exec func(string, ...any) error) error {
			return exec(`INSERT INTO settings (key, value) VALUES ('reporting_zone', 'x')`)
		}, "UNIQUE"},
		{"last", set("last", fine), ""},
	}
	errs := make([]error, len(ops))
	var wg sync.WaitGroup
	for i, op := range ops {
		wg.Go(func() { errs[i] = s.Do(context.Background(), op.run) })
	}
	release()
	wg.Wait()
	for i, op := range ops {
		if op.want == "" && errs[i] != nil || op.want != "" && (errs[i] == nil || !strings.Contains(errs[i].Error(), op.want)) {
			t.Errorf("operation %s = %v, want %q", op.name, errs[i], op.want)
		}
		_, err := s.Setting(t.Context(), op.name)
		if kept := err == nil; kept != (op.want == "") {
			t.Errorf("what operation %s wrote is kept = %v, want %v", op.name, kept, op.want == "")
		}
	}
	if !errors.Is(errs[1], refused) {
		t.Errorf("operation refused = %v, want its own error", errs[1])
	}
}

// TestALostTransactionFailsItsGroup rolls the transaction back under the
// writer's feet, as SQLite does when the disk is full: everything of that
// group is lost, all are told so, and the store goes on.
func TestALostTransactionFailsItsGroup(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	release := hold(t, dir)
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		wg.Go(func() {
			if i == 3 {
				errs[i] = s.Do(context.Background(), func(exec func(string, ...any) error) error {
					if err := exec(`ROLLBACK`); err != nil {
						return err
					}
					return errors.New("disk is full")
				})
				return
			}
			_, errs[i] = s.Record(context.Background(), storetest.Outside(click(i)))
		})
	}
	release()
	wg.Wait()
	stored := map[event.ID]bool{}
	for i, err := range errs {
		if err == nil {
			stored[click(i).ID] = true
		}
	}
	if errs[3] == nil {
		t.Error("the operation that lost the transaction = nil, want an error")
	}
	if _, err := s.Record(t.Context(), storetest.Outside(click(50))); err != nil {
		t.Fatalf("Record afterwards: %v", err)
	}
	stored[click(50).ID] = true
	checkStored(t, s, stored)
}

func TestAForeignLockIsReportedAsBusy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	release := hold(t, dir)
	_, err := s.Record(t.Context(), storetest.Outside(click(1)))
	if !errors.Is(err, store.ErrBusy) || !strings.Contains(fmt.Sprint(err), "another process") {
		t.Errorf("Record while another process holds the lock = %v, want ErrBusy that says so", err)
	}
	release()
	if _, err := s.Record(t.Context(), storetest.Outside(click(1))); err != nil {
		t.Errorf("Record afterwards = %v, want nil", err)
	}
}

func TestCloseWritesWhatWaits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	release := hold(t, dir)
	const waiting = 20
	errs := make([]error, waiting)
	var wg sync.WaitGroup
	for i := range waiting {
		wg.Go(func() { _, errs[i] = s.Record(context.Background(), storetest.Outside(click(i))) })
	}
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	release()
	if err := <-closed; err != nil {
		t.Fatalf("Close: %v", err)
	}
	wg.Wait()
	stored := map[event.ID]bool{}
	for i, err := range errs {
		if err == nil {
			stored[click(i).ID] = true
		} else if !errors.Is(err, store.ErrClosed) {
			t.Errorf("Record during Close = %v, want nil or ErrClosed", err)
		}
	}
	checkStored(t, storetest.SQLite(t, store.Config{Path: dir}), stored)
}

func TestRebuildBesideWriters(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	evs := storetest.Stream(21, 60, storetest.Start())
	var wg sync.WaitGroup
	for chunk := range slices.Chunk(evs, 40) {
		wg.Go(func() {
			if _, err := s.Record(t.Context(), storetest.Outside(chunk...)); err != nil {
				t.Errorf("Record: %v", err)
			}
		})
		wg.Go(func() {
			if n, err := s.RebuildRollups(t.Context(), false); n != 0 || err != nil {
				t.Errorf("RebuildRollups beside writers = %d, %v, want 0, nil", n, err)
			}
		})
	}
	wg.Wait()
	storetest.Exact(t, s, evs, time.UTC)
}

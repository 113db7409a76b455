package job_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("JOB_TEST_CHILD"); dir != "" {
		child(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

// clock is a time that a test moves.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.at.Store(storetest.Start().UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.at.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.at.Add(int64(d)) }

func open(t *testing.T, c *clock) *store.Store {
	t.Helper()
	return storetest.Any(t, store.Config{Now: c.now})
}

func enqueue(t *testing.T, s *store.Store, jobs ...store.NewJob) {
	t.Helper()
	if _, err := s.Enqueue(t.Context(), jobs...); err != nil {
		t.Fatal(err)
	}
}

func only(t *testing.T, s *store.Store) store.Job {
	t.Helper()
	jobs, err := s.Jobs(t.Context(), store.JobFilter{})
	if err != nil || len(jobs) != 1 {
		t.Fatalf("jobs: %v, %v, want one", jobs, err)
	}
	return jobs[0]
}

func run(t *testing.T, r *job.Runner) int {
	t.Helper()
	n, err := r.RunDue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAttempts(t *testing.T) {
	t.Parallel()
	bad := errors.New("the vendor is away")
	for _, tt := range []struct {
		name  string
		errs  []error         // of the attempts, the last one repeats
		waits []time.Duration // the least wait before each further attempt
		state store.JobState
		tries int // counted at the end
	}{
		{"works at once", []error{nil}, nil, store.JobDone, 1},
		{"works at last", []error{bad, bad, bad, nil}, []time.Duration{5 * time.Second, 25 * time.Second, 125 * time.Second}, store.JobDone, 4},
		{"never works", []error{bad}, []time.Duration{5 * time.Second, 25 * time.Second, 125 * time.Second}, store.JobDead, 4},
		{"is of no use", []error{&job.Failure{Err: bad, Permanent: true}}, nil, store.JobDead, 1},
		{"the vendor says when", []error{&job.Failure{Err: bad, After: time.Hour}, nil}, []time.Duration{time.Hour}, store.JobDone, 2},
		{"is too early", []error{&job.Later{At: storetest.Start().Add(48 * time.Hour)}, nil}, []time.Duration{48 * time.Hour}, store.JobDone, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			s := open(t, c)
			calls := 0
			var dead []string
			r := job.New(job.Config{Store: s, Now: c.now, OnDead: func(_ context.Context, j store.Job) { dead = append(dead, j.ID) }, Kinds: map[string]job.Kind{
				"k": {Handle: func(context.Context, *job.Task) (store.Effects, error) {
					err := tt.errs[min(calls, len(tt.errs)-1)]
					calls++
					return store.Effects{Result: []byte("fine")}, err
				}},
			}})
			enqueue(t, s, store.NewJob{Kind: "k"})
			if n := run(t, r); n != 1 {
				t.Fatalf("%d attempts at first, want 1", n)
			}
			for i, wait := range tt.waits {
				c.advance(wait - time.Second)
				if n := run(t, r); n != 0 {
					t.Errorf("attempt %d came before %v", i+2, wait)
				}
				c.advance(wait/4 + 2*time.Second)
				if n := run(t, r); n != 1 {
					t.Errorf("attempt %d did not come after %v", i+2, wait)
				}
			}
			c.advance(24 * time.Hour)
			run(t, r)
			j := only(t, s)
			if j.State != tt.state || j.Attempts != tt.tries || (len(dead) == 1) != (tt.state == store.JobDead) {
				t.Errorf("state %s after %d attempts (%d told), want %s after %d", j.State, j.Attempts, len(dead), tt.state, tt.tries)
			}
			if failed := j.State == store.JobDead; failed != (j.Error == bad.Error()) || failed == (string(j.Result) == "fine") {
				t.Errorf("error %q, result %q", j.Error, j.Result)
			}
		})
	}
}

func TestADeadJobIsReplayed(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := open(t, c)
	works := false
	r := job.New(job.Config{Store: s, Now: c.now, Kinds: map[string]job.Kind{"k": {Handle: func(context.Context, *job.Task) (store.Effects, error) {
		if !works {
			panic("no good")
		}
		return store.Effects{}, nil
	}, Backoff: []time.Duration{}}}})
	enqueue(t, s, store.NewJob{Kind: "k"})
	run(t, r)
	j := only(t, s)
	if j.State != store.JobDead || !strings.Contains(j.Error, "no good") {
		t.Fatalf("state %s, error %.60q, want it dead of its panic", j.State, j.Error)
	}
	works = true
	if err := s.ReplayJob(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	run(t, r)
	if j := only(t, s); j.State != store.JobDone {
		t.Errorf("state %s after the replay, want done", j.State)
	}
	if err := s.ReplayJob(t.Context(), j.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("replaying what is done: %v, want ErrNotFound", err)
	}
}

// TestAKeyIsDoneOnce: a second job about the same thing is not made, and effects
// are stored with the end of the job or not at all.
func TestAKeyIsDoneOnce(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := open(t, c)
	seen := event.New("s1", 1, c.now(), event.LandingView{})
	r := job.New(job.Config{Store: s, Now: c.now, Kinds: map[string]job.Kind{
		"first": {Handle: func(context.Context, *job.Task) (store.Effects, error) {
			return store.Effects{
				Jobs: []store.NewJob{{Kind: "second", Key: "b", Session: "s1"}, {Kind: "second", Key: "b", Session: "s1"}}, Events: []event.Event{seen},
			}, nil
		}},
		"second": {Handle: func(_ context.Context, t *job.Task) (store.Effects, error) { return store.Effects{}, t.Stage("far") }},
	}})
	for range 2 {
		enqueue(t, s, store.NewJob{Kind: "first", Key: "a", Session: "s1"})
	}
	if n := run(t, r); n != 2 {
		t.Errorf("%d attempts, want one of each", n)
	}
	jobs, err := s.Jobs(t.Context(), store.JobFilter{Kinds: []string{"second"}, State: store.JobDone, Session: "s1", Key: "b"})
	if err != nil || len(jobs) != 1 || jobs[0].Stage != "far" {
		t.Errorf("second: %v, %v, want one that came far", jobs, err)
	}
	if evs, err := s.Events(t.Context(), "s1"); err != nil || len(evs) != 1 {
		t.Errorf("events %v, %v, want one", evs, err)
	}
}

// TestALostLease: who is too slow leaves nothing.
func TestALostLease(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := open(t, c)
	enqueue(t, s, store.NewJob{Kind: "k", Session: "s1"})
	slow, err := s.Lease(t.Context(), []string{"k"}, 1, time.Minute)
	if err != nil || len(slow) != 1 {
		t.Fatal(slow, err)
	}
	if again, err := s.Lease(t.Context(), []string{"k"}, 1, time.Minute); err != nil || len(again) != 0 {
		t.Fatalf("leased twice: %v, %v", again, err)
	}
	c.advance(2 * time.Minute)
	second, err := s.Lease(t.Context(), []string{"k"}, 1, time.Minute)
	if err != nil || len(second) != 1 || second[0].Attempts != 2 {
		t.Fatalf("after the lease ended: %v, %v", second, err)
	}
	effects := store.Effects{Events: []event.Event{event.New("s1", 1, c.now(), event.LandingView{})}}
	for name, err := range map[string]error{
		"finish": s.FinishJob(t.Context(), slow[0], effects), "retry": s.RetryJob(t.Context(), slow[0], c.now(), ""),
		"bury": s.BuryJob(t.Context(), slow[0], ""), "stage": s.StageJob(t.Context(), &slow[0], "x", time.Minute),
	} {
		if !errors.Is(err, store.ErrLost) {
			t.Errorf("%s by the slow one: %v, want ErrLost", name, err)
		}
	}
	if evs, err := s.Events(t.Context(), "s1"); err != nil || len(evs) != 0 {
		t.Errorf("the slow one left events: %v, %v", evs, err)
	}
	if err := s.FinishJob(t.Context(), second[0], effects); err != nil {
		t.Error(err)
	}
}

// TestAJobThatKills is given up in the end; until then what was cut short does
// not count as an attempt.
func TestAJobThatKills(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := open(t, c)
	enqueue(t, s, store.NewJob{Kind: "k"})
	deaths := 0
	for ; only(t, s).State != store.JobDead; deaths++ {
		j, err := s.Lease(t.Context(), []string{"k"}, 1, time.Minute)
		if err != nil || len(j) != 1 || j[0].Attempts != 1 || deaths > 100 {
			t.Fatalf("after %d deaths: %v, %v, want it leased for its first attempt", deaths, j, err)
		}
		if err := s.RecoverJobs(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if j := only(t, s); deaths != 21 || !strings.Contains(j.Error, "died 20 times") {
		t.Errorf("given up after %d deaths: %q", deaths, j.Error)
	}
}

// TestRunGoesOn: the loop takes what is added while it sleeps, does several at
// once, leaves unknown kinds alone, and ends with the last job.
func TestRunGoesOn(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t, store.Config{})
	both := make(chan struct{}, 2)
	go1 := make(chan struct{})
	r := job.New(job.Config{Store: s, Kinds: map[string]job.Kind{"k": {Handle: func(context.Context, *job.Task) (store.Effects, error) {
		both <- struct{}{}
		<-go1
		return store.Effects{}, nil
	}}}})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { r.Run(ctx) })
	enqueue(t, s, store.NewJob{Kind: "unknown"}, store.NewJob{Kind: "k"})
	enqueue(t, s, store.NewJob{Kind: "k"})
	<-both
	<-both
	cancel()
	close(go1)
	wg.Wait()
	counts, err := s.JobCounts(t.Context())
	if err != nil || counts[store.JobDone] != 2 || counts[store.JobWaiting] != 1 {
		t.Errorf("counts %v, %v, want two done and one left alone", counts, err)
	}
}

// TestKill kills a process that does jobs, again and again. Every job is done,
// its effects are stored once, and the outside sees every repetition under the
// same key.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	const jobs = 60
	for i := range jobs {
		enqueue(t, s, store.NewJob{Kind: "send", Key: fmt.Sprint("mail/", i), Session: event.SessionID(fmt.Sprint("s", i))})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	had := 0
	for round := 0; round < 40 && lines(t, dir) < jobs; round++ {
		cmd := exec.CommandContext(t.Context(), os.Args[0]) // #nosec G204 -- this test
		cmd.Env = append(os.Environ(), "JOB_TEST_CHILD="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for said := bufio.NewScanner(out); said.Scan(); { // a line for each mail
			if had++; had%(1+round%5) == 0 {
				break
			}
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
	}
	s = storetest.SQLite(t, store.Config{Path: dir})
	if err := s.RecoverJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	run(t, sender(s, dir))
	keys := sent(t, dir)
	for i := range jobs {
		key := fmt.Sprint("mail/", i)
		if keys[key] < 1 {
			t.Errorf("%s was never sent", key)
		}
		if evs, err := s.Events(t.Context(), event.SessionID(fmt.Sprint("s", i))); err != nil || len(evs) != 1 {
			t.Errorf("%s left %d events, %v, want one", key, len(evs), err)
		}
	}
	if len(keys) != jobs {
		t.Errorf("%d keys were sent, want %d", len(keys), jobs)
	}
	counts, err := s.JobCounts(t.Context())
	if err != nil || counts[store.JobDone] != jobs || len(counts) != 1 {
		t.Errorf("counts %v, %v, want all done", counts, err)
	}
}

// sender does the jobs of TestKill: the provider is a file.
func sender(s *store.Store, dir string) *job.Runner {
	return job.New(job.Config{Store: s, Workers: 3, Kinds: map[string]job.Kind{"send": {Handle: func(_ context.Context, t *job.Task) (store.Effects, error) {
		f, err := os.OpenFile(filepath.Join(dir, "sent"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) // #nosec G304 -- a folder of the test
		if err != nil {
			return store.Effects{}, err
		}
		_, err = f.WriteString(t.Key + "\n")
		fmt.Println(t.Key)
		// The event's id is the job's, so that doing it twice leaves one.
		e := event.New(t.Session, 1, time.Now(), event.LandingView{})
		return store.Effects{Events: []event.Event{e}}, errors.Join(err, f.Close())
	}}}})
}

func child(dir string) {
	keys, err := seal.NewKeyring(storetest.Secret)
	if err != nil {
		panic(err)
	}
	s, err := store.Open(context.Background(), store.Config{Path: dir, Keys: keys})
	if err == nil {
		err = s.RecoverJobs(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	sender(s, dir).Run(context.Background())
}

func lines(t *testing.T, dir string) int {
	t.Helper()
	n := 0
	for _, count := range sent(t, dir) {
		n += count
	}
	return n
}

func sent(t *testing.T, dir string) map[string]int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "sent")) // #nosec G304 -- a folder of the test
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	keys := make(map[string]int)
	for line := range strings.Lines(string(text)) {
		keys[strings.TrimSpace(line)]++
	}
	return keys
}

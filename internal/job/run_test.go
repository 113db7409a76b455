package job_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// TestWorkers: so many jobs are done at once and never more, and whoever is free
// takes the next.
func TestWorkers(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t, store.Config{})
	began, end := make(chan string), make(chan struct{})
	r := job.New(job.Config{Store: s, Workers: 2, Kinds: map[string]job.Kind{"k": {Handle: func(_ context.Context, t *job.Task) (store.Effects, error) {
		began <- t.ID
		<-end
		return store.Effects{}, nil
	}}}})
	for range 7 {
		enqueue(t, s, store.NewJob{Kind: "k"})
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { r.Run(ctx) })
	seen := map[string]bool{<-began: true, <-began: true}
	for range 5 {
		// The store says how many were taken; each of them would begin by itself.
		if counts, err := s.JobCounts(t.Context()); err != nil || counts[store.JobRunning] != 2 {
			t.Errorf("counts %v, %v, want two at work", counts, err)
		}
		end <- struct{}{}
		seen[<-began] = true
	}
	end <- struct{}{}
	end <- struct{}{}
	cancel()
	wg.Wait()
	counts, err := s.JobCounts(t.Context())
	if err != nil || counts[store.JobDone] != 7 || len(seen) != 7 {
		t.Errorf("%d jobs began, counts %v, %v, want seven, each once", len(seen), counts, err)
	}
}

// TestALeaseOutlastsItsAttempt: nobody else takes a job before its deadline and the
// time that its end needs; a stage begins it anew, and is refused once it is lost.
func TestALeaseOutlastsItsAttempt(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := open(t, c)
	enqueue(t, s, store.NewJob{Kind: "k"})
	left := func() time.Duration { return only(t, s).Due.Sub(c.now()) }
	var first, staged time.Duration
	var lost error
	r := job.New(job.Config{Store: s, Now: c.now, Kinds: map[string]job.Kind{"k": {Timeout: 10 * time.Minute, Handle: func(ctx context.Context, task *job.Task) (store.Effects, error) {
		if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > 10*time.Minute || time.Until(deadline) < 5*time.Minute {
			t.Errorf("the attempt has until %v, want ten minutes", deadline)
		}
		first = left()
		c.advance(5 * time.Minute)
		if err := task.Stage("half"); err != nil {
			return store.Effects{}, err
		}
		staged = left()
		c.advance(11 * time.Minute)
		if jobs, err := s.Lease(ctx, []string{"k"}, 1, time.Minute); err != nil || len(jobs) != 1 {
			t.Errorf("Lease after the end of the first = %v, %v, want the job", jobs, err)
		}
		lost = task.Stage("late")
		return store.Effects{}, lost
	}}}})
	run(t, r)
	if first != 10*time.Minute+30*time.Second || staged != first {
		t.Errorf("leased for %s and at the stage for %s, want half a minute more than an attempt", first, staged)
	}
	if j := only(t, s); !errors.Is(lost, store.ErrLost) || j.State != store.JobRunning || j.Stage != "half" {
		t.Errorf("a stage of a lost job: %v, and the job is %s at %q; want ErrLost and nothing changed", lost, j.State, j.Stage)
	}
}

// TestWhatAFailureLeaves: the mails that were not sent, as long as the job is tried
// waiting and then failed, and why, cut where it is too long, between letters.
func TestWhatAFailureLeaves(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := open(t, c)
	bad := errors.New("x" + strings.Repeat("ü", 400))
	r := job.New(job.Config{Store: s, Now: c.now, Kinds: map[string]job.Kind{"k": {Backoff: []time.Duration{time.Minute}, Handle: func(context.Context, *job.Task) (store.Effects, error) {
		return store.Effects{}, &job.Failure{Err: bad, Mails: []store.Mail{{ID: "m", Session: "s", Kind: "client", State: store.MailPending, Message: []byte("{}")}}}
	}}}})
	enqueue(t, s, store.NewJob{Kind: "k", Session: "s"})
	mail := func() store.MailState {
		t.Helper()
		list, err := s.Mails(t.Context(), store.MailFilter{ID: "m"})
		if err != nil || len(list) != 1 {
			t.Fatalf("Mails = %v, %v", list, err)
		}
		return list[0].State
	}
	run(t, r)
	if got := mail(); got != store.MailPending {
		t.Errorf("while it is tried the mail is %s, want pending", got)
	}
	c.advance(2 * time.Minute)
	run(t, r)
	if got := mail(); got != store.MailFailed {
		t.Errorf("when it was given up the mail is %s, want failed", got)
	}
	j := only(t, s)
	if !utf8.ValidString(j.Error) || !strings.HasSuffix(j.Error, "ü …") || len(j.Error) > 510 || j.State != store.JobDead {
		t.Errorf("a %s job says %d bytes: %q", j.State, len(j.Error), j.Error)
	}
	if f := error(&job.Failure{Err: bad}); !errors.Is(f, bad) {
		t.Errorf("%v does not say what failed", f)
	}
}

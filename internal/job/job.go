// Package job does durable work: it takes jobs that are due from the store, has
// each done by the handler of its kind, and stores its end with everything that
// it leaves in one commit. A job that fails is tried again after a while, and
// given up for a person to look at when its attempts are used up. Whatever kills
// the process, a job is done at least once and its effects are stored once
// (docs/adr/0018).
//
// It does not know what any job is about. Start with New and Runner.Run.
package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"applicreations.com/introspect/internal/store"
)

// Handler does one job and returns what it leaves. It may be called again for
// the same job, after a failure or when the process died, so what it does outside
// the store must bear repeating. The context carries its deadline.
type Handler func(ctx context.Context, t *Task) (store.Effects, error)

// Task is a job in the hands of its handler.
type Task struct {
	store.Job

	stage func(string) error
}

// Stage tells people how far the job is.
func (t *Task) Stage(name string) error { return t.stage(name) }

// Kind says how jobs of one kind are done.
type Kind struct {
	Handle  Handler
	Timeout time.Duration   // of one attempt; 0 is 30 s
	Backoff []time.Duration // before each further attempt; nil is 5 s, 25 s, 125 s (DOMAIN 7.5)
}

// Failure is an error with advice about the next attempt. Any other error is
// tried again by the rule of its kind.
type Failure struct {
	Err       error
	Permanent bool          // trying again is of no use
	After     time.Duration // the least time to wait; 0: by the rule
	Mails     []store.Mail  // stored with the outcome
}

// Error implements error.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// Later asks to be called again at a time, which counts as no attempt and no
// failure.
type Later struct{ At time.Time }

// Error implements error.
func (l *Later) Error() string { return "not due before " + l.At.Format(time.RFC3339) }

// Config is what a Runner needs.
type Config struct {
	Store   *store.Store
	Kinds   map[string]Kind
	Now     func() time.Time // nil is time.Now
	Workers int              // jobs at once; 0 is 4
	Log     *slog.Logger     // nil: none
	// OnDead is told of each job that was given up; nil: nobody.
	OnDead func(ctx context.Context, j store.Job)
}

// Runner does jobs until it is stopped.
type Runner struct{ cfg Config }

// New makes a Runner.
func New(cfg Config) *Runner {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.Workers = cmp.Or(cfg.Workers, 4)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Runner{cfg: cfg}
}

// The longest sleep, after which jobs are looked for anyway, and the pause after
// the store could not be asked.
const (
	longSleep  = 30 * time.Second
	afterError = 2 * time.Second
	margin     = 30 * time.Second // of a lease beyond the deadline of its attempt
)

func defaultBackoff() []time.Duration {
	return []time.Duration{5 * time.Second, 25 * time.Second, 125 * time.Second}
}

// Run does jobs until ctx ends, and returns when those that had begun are done.
// Jobs of kinds that nobody knows are left alone for a newer program.
func (r *Runner) Run(ctx context.Context) {
	added, stop := r.cfg.Store.WatchJobs()
	defer stop()
	ended := make(chan struct{}, r.cfg.Workers) // room for all of them, so that nobody waits for a reader
	var wg sync.WaitGroup
	defer wg.Wait()
	busy := 0
	for ctx.Err() == nil {
		var jobs []store.Job
		var err error
		if busy < r.cfg.Workers {
			if jobs, err = r.lease(ctx, r.cfg.Workers-busy); err != nil && ctx.Err() == nil {
				r.cfg.Log.WarnContext(ctx, "jobs could not be taken", "error", err)
			}
		}
		for _, j := range jobs {
			busy++
			wg.Go(func() {
				r.do(context.WithoutCancel(ctx), j)
				ended <- struct{}{}
			})
		}
		if len(jobs) > 0 && busy < r.cfg.Workers {
			continue
		}
		sleep := time.NewTimer(r.sleep(ctx, err, busy))
		select {
		case <-ctx.Done():
		case <-added:
		case <-ended:
			busy--
		case <-sleep.C:
		}
		sleep.Stop()
	}
}

// sleep is how long nothing is due, or nobody free.
func (r *Runner) sleep(ctx context.Context, err error, busy int) time.Duration {
	if err != nil {
		return afterError
	}
	if busy >= r.cfg.Workers {
		return longSleep
	}
	due, ok, err := r.cfg.Store.NextJob(ctx, r.kinds())
	if err != nil || !ok {
		return longSleep
	}
	return min(max(due.Sub(r.cfg.Now()), 10*time.Millisecond), longSleep)
}

// RunDue does what is due now, and what that adds, and returns how many attempts
// were made. It is for tests and for commands that end.
func (r *Runner) RunDue(ctx context.Context) (attempts int, err error) {
	for {
		jobs, err := r.lease(ctx, r.cfg.Workers)
		if err != nil || len(jobs) == 0 {
			return attempts, err
		}
		var wg sync.WaitGroup
		for _, j := range jobs {
			attempts++
			wg.Go(func() { r.do(ctx, j) })
		}
		wg.Wait()
	}
}

func (r *Runner) lease(ctx context.Context, limit int) ([]store.Job, error) {
	longest := time.Duration(0)
	for _, k := range r.cfg.Kinds {
		longest = max(longest, k.timeout())
	}
	return r.cfg.Store.Lease(ctx, r.kinds(), limit, longest+margin)
}

func (r *Runner) kinds() []string { return slices.Sorted(maps.Keys(r.cfg.Kinds)) }

func (k Kind) timeout() time.Duration { return cmp.Or(k.Timeout, 30*time.Second) }

// do makes one attempt and stores its outcome.
func (r *Runner) do(ctx context.Context, j store.Job) {
	kind := r.cfg.Kinds[j.Kind]
	limited, cancel := context.WithTimeout(ctx, kind.timeout())
	defer cancel()
	t := &Task{Job: j}
	t.stage = func(name string) error { return r.cfg.Store.StageJob(limited, &t.Job, name, kind.timeout()+margin) }
	effects, err := protect(limited, kind.Handle, t)
	if err == nil {
		err = r.cfg.Store.FinishJob(ctx, t.Job, effects)
		if err == nil {
			return
		}
	}
	if errors.Is(err, store.ErrLost) {
		r.cfg.Log.WarnContext(ctx, "a job was held for too long; its outcome is not kept", "job", j.ID, "kind", j.Kind)
		return
	}
	r.failed(ctx, t.Job, kind, err)
}

// protect turns a panic of a handler into its error.
func protect(ctx context.Context, h Handler, t *Task) (e store.Effects, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the job panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return h(ctx, t)
}

// failed gives a job back or up.
func (r *Runner) failed(ctx context.Context, j store.Job, kind Kind, cause error) {
	var later *Later
	if errors.As(cause, &later) {
		if err := r.cfg.Store.PostponeJob(ctx, j, later.At); err != nil {
			r.cfg.Log.ErrorContext(ctx, "a job could not be put off; its lease will end", "job", j.ID, "error", err)
		}
		return
	}
	var f *Failure
	if !errors.As(cause, &f) {
		f = &Failure{Err: cause}
	}
	backoff := kind.Backoff
	if backoff == nil {
		backoff = defaultBackoff()
	}
	why := short(cause)
	var err error
	if f.Permanent || j.Attempts > len(backoff) {
		r.cfg.Log.ErrorContext(ctx, "a job was given up; see /admin/jobs", "job", j.ID, "kind", j.Kind, "attempts", j.Attempts, "error", why)
		for i := range f.Mails {
			f.Mails[i].State = store.MailFailed
		}
		if err = r.cfg.Store.BuryJob(ctx, j, why, f.Mails...); err == nil && r.cfg.OnDead != nil {
			r.cfg.OnDead(ctx, j)
		}
	} else {
		wait := backoff[j.Attempts-1]
		wait = max(wait+rand.N(wait/4+1), f.After) //nolint:gosec // spreads attempts, hides nothing
		r.cfg.Log.WarnContext(ctx, "a job will be tried again", "job", j.ID, "kind", j.Kind, "attempt", j.Attempts, "in", wait.Round(time.Second), "error", why)
		err = r.cfg.Store.RetryJob(ctx, j, r.cfg.Now().Add(wait), why, f.Mails...)
	}
	if err != nil {
		r.cfg.Log.ErrorContext(ctx, "the outcome of a job could not be stored; its lease will end", "job", j.ID, "error", err)
	}
}

// maxWhy is how much of an error is kept for people.
const maxWhy = 500

func short(err error) string {
	text := err.Error()
	if len(text) > maxWhy {
		text = strings.ToValidUTF8(text[:maxWhy], "") + " …"
	}
	return text
}

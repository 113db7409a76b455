package vitals

import (
	"context"
	"errors"
	"sync"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/store"
)

// troubleWindow is how long an error of the storage counts, and waitWindow how
// long a write that waited in vain does (operations 2.9).
const (
	troubleWindow = 5 * time.Minute
	waitWindow    = time.Minute
)

// window remembers a count that only grows, to say how much it grew lately.
type window struct {
	mu    sync.Mutex
	notes []noted
}

type noted struct {
	at time.Time
	store.Troubles
}

// grew is how much the counts grew in the spans that end now: five minutes for
// the storage, one for the others.
func (w *window) grew(now time.Time, t store.Troubles) (grown store.Troubles) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.notes); n > 0 && now.Before(w.notes[n-1].at) {
		w.notes = nil // the clock was set back
	}
	w.notes = append(w.notes, noted{now, t})
	for len(w.notes) > 1 && now.Sub(w.notes[1].at) >= troubleWindow {
		w.notes = w.notes[1:]
	}
	before := w.notes[0]
	grown.Storage = t.Storage - before.Storage
	for _, n := range w.notes {
		if now.Sub(n.at) >= waitWindow {
			before = n
		}
	}
	grown.Waits, grown.Server = t.Waits-before.Waits, t.Server-before.Server
	return grown
}

func (v *Vitals) waits(now time.Time) (alert.Reading, error) {
	return value(float64(v.troubles.grew(now, v.cfg.Store.Troubles()).Waits)), nil
}

func (v *Vitals) storage(now time.Time) (alert.Reading, error) {
	return value(float64(v.troubles.grew(now, v.cfg.Store.Troubles()).Storage)), nil
}

// refused counts the connections to Postgres that broke or were refused in a
// minute (S111).
func (v *Vitals) refused(now time.Time) (alert.Reading, error) {
	return value(float64(v.troubles.grew(now, v.cfg.Store.Troubles()).Server)), nil
}

// public is what the last probes of the public address came to.
func (v *Vitals) public(_ context.Context, r alert.Rule, now time.Time) ([]alert.Reading, error) {
	rate, known := v.cfg.Public.Last(now)
	if !known {
		return []alert.Reading{nothing()}, nil
	}
	in, err := rates(r, func(time.Duration) (stat.Rate, error) { return rate, nil })
	return []alert.Reading{in}, err
}

// beat is when the dead-man switch last took a sign of life. Before the first
// one it is the start of the process, so that a switch that never answers is
// noticed.
func (v *Vitals) beat(now time.Time) (alert.Reading, error) {
	last := v.cfg.Beat()
	if last.Before(v.cfg.Began) {
		last = v.cfg.Began
	}
	return alert.Reading{Last: gauge.Ago(now, last)}, nil
}

// finding is the figure of a check of this installation.
func (v *Vitals) finding(name, unit string) measure {
	return func(time.Time) (alert.Reading, error) {
		for _, f := range v.cfg.Health() {
			switch {
			case f.Name != name:
			case f.At.IsZero():
				return nothing(), nil
			case f.Unit != unit:
				return alert.Reading{}, errors.New(f.Detail) // it saw no figure, and says why
			default:
				return value(f.Value), nil
			}
		}
		return nothing(), nil
	}
}

// settling is how long a process that just began may leave alone what was due
// while nobody was there.
const settling = 15 * time.Minute

// backupAge is how old the newest backup is, in hours. What got old while the
// process was away is made up for within minutes, and is no trouble by itself.
func (v *Vitals) backupAge(now time.Time) (alert.Reading, error) {
	s := v.cfg.Backups()
	if s.Newest.ID == "" || s.Tried.IsZero() && now.Sub(v.cfg.Began) < settling {
		return nothing(), nil
	}
	return value(now.Sub(s.Newest.At).Hours()), nil
}

func (v *Vitals) backupFailed(time.Time) (alert.Reading, error) {
	return value(float64(v.cfg.Backups().Failed)), nil
}

func (v *Vitals) drillFailed(time.Time) (alert.Reading, error) {
	d := v.cfg.Backups().Drill
	if d.At.IsZero() {
		return nothing(), nil
	}
	if !d.OK {
		return value(1), nil
	}
	return value(0), nil
}

// drillAge is how long ago a backup was last restored for practice, in hours.
func (v *Vitals) drillAge(now time.Time) (alert.Reading, error) {
	d := v.cfg.Backups().Drill
	if d.At.IsZero() || now.Sub(v.cfg.Began) < settling {
		return nothing(), nil
	}
	return value(now.Sub(d.At).Hours()), nil
}

// lag is how long ago the replica last held everything, in seconds.
func (v *Vitals) lag(now time.Time) (alert.Reading, error) {
	last := v.cfg.Synced()
	if last.Before(v.cfg.Began) {
		last = v.cfg.Began
	}
	return value(max(0, now.Sub(last).Seconds())), nil
}

func (v *Vitals) drift(time.Time) (alert.Reading, error) {
	a := v.cfg.Audit()
	if a == (health.Audit{}) {
		return nothing(), nil
	}
	return value(float64(a.Found)), nil
}

func (v *Vitals) waiting(now time.Time) (alert.Reading, error) {
	n, _ := v.cfg.Queue(now)
	return value(float64(n)), nil
}

func (v *Vitals) oldest(now time.Time) (alert.Reading, error) {
	_, oldest := v.cfg.Queue(now)
	return value(oldest.Seconds()), nil
}

// waitingJobs is for how long the oldest job that is due has waited, in seconds.
func (v *Vitals) waitingJobs(ctx context.Context, _ alert.Rule, now time.Time) ([]alert.Reading, error) {
	due, ok, err := v.cfg.Store.DueJob(ctx)
	if err != nil {
		return nil, err
	}
	if !ok || now.Before(due) {
		return []alert.Reading{value(0)}, nil
	}
	since := due
	if since.Before(v.cfg.Began) {
		since = v.cfg.Began // nobody could have done it before
	}
	return []alert.Reading{value(now.Sub(since).Seconds())}, nil
}

// jobWindow is how long a job that was given up counts.
const jobWindow = time.Hour

// deadJobs counts the jobs that were given up, but for those that have a rule of
// their own: documents, mails, webhooks and the notices of alerts.
func (v *Vitals) deadJobs(ctx context.Context, _ alert.Rule, now time.Time) ([]alert.Reading, error) {
	kinds, err := v.cfg.Store.DeadJobs(ctx, now.Add(-jobWindow))
	if err != nil {
		return nil, err
	}
	var out alert.Reading
	for kind, n := range kinds {
		switch kind {
		case "documents", "mail", "webhook", "notice", "notice_urgent":
			continue
		}
		out.Value += float64(n)
		sessions, err := v.cfg.Store.DeadSessions(ctx, kind, now.Add(-jobWindow))
		if err != nil {
			return nil, err
		}
		out.Causes = append(out.Causes, sessions...)
	}
	out.Causes = out.Causes[:min(len(out.Causes), mostCauses)]
	return []alert.Reading{out}, nil
}

// mostCauses is how many sessions a reading names.
const mostCauses = 5

// bounces is the share of mails that came back, or that their reader complained
// about.
func (v *Vitals) bounces(ctx context.Context, r alert.Rule, now time.Time) ([]alert.Reading, error) {
	var out alert.Reading
	for _, span := range spans(r) {
		taken, bounced, sessions, err := v.cfg.Store.MailOutcomes(ctx, now.Add(-span.Long()))
		if err != nil {
			return nil, err
		}
		out.Counts = append(out.Counts, condition.Count{Span: span, Now: stat.Rate{Hits: bounced, Of: taken}})
		out.Causes = sessions
	}
	return []alert.Reading{out}, nil
}

// webhooks is the share of webhooks that were given up.
func (v *Vitals) webhooks(ctx context.Context, r alert.Rule, now time.Time) ([]alert.Reading, error) {
	in, err := rates(r, func(span time.Duration) (stat.Rate, error) {
		done, dead, err := v.cfg.Store.JobOutcomes(ctx, "webhook", now.Add(-span))
		return stat.Rate{Hits: dead, Of: done + dead}, err
	})
	return []alert.Reading{in}, err
}

// Schedule knows which work should be done now and then, and when it was. The
// zero value is ready, and it is safe for concurrent use.
type Schedule struct {
	mu    sync.Mutex
	tasks map[string]task
}

type task struct {
	every, grace time.Duration
	last         time.Time
	told         func() time.Time // when it was done, by itself; nil: Did says so
}

// Expect adds a task that should be done every so often, and that may be late by
// so much. It counts as done at its beginning.
func (s *Schedule) Expect(name string, every, grace time.Duration, begins time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tasks == nil {
		s.tasks = map[string]task{}
	}
	s.tasks[name] = task{every: every, grace: grace, last: begins}
}

// Follow is Expect for a task that knows by itself when it was done.
func (s *Schedule) Follow(name string, every, grace time.Duration, begins time.Time, told func() time.Time) {
	s.Expect(name, every, grace, begins)
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tasks[name]
	t.told = told
	s.tasks[name] = t
}

// Did notes that a task was done, well or not.
func (s *Schedule) Did(name string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, known := s.tasks[name]; known {
		t.last = at
		s.tasks[name] = t
	}
}

// source says of every task whether it is missing.
func (s *Schedule) source(_ context.Context, _ alert.Rule, now time.Time) ([]alert.Reading, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]alert.Reading, 0, len(s.tasks))
	for name, t := range s.tasks {
		in := alert.Reading{Labels: map[string]string{"task": name}}
		if t.told != nil {
			if last := t.told(); last.After(t.last) {
				t.last = last
			}
		}
		if now.Sub(t.last) > t.every+t.grace {
			in.Value = 1
		}
		out = append(out, in)
	}
	return out, nil
}

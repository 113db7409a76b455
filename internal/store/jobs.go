package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/event"
)

// ErrLost means that a job is no longer held by the one who reports on it: its
// lease ended and somebody else has it, or it was ended by hand. What was done
// for it is not stored.
var ErrLost = errors.New("the job is held by somebody else")

// JobState is where a job is in its life.
type JobState string

// The states of a job.
const (
	JobWaiting JobState = "waiting" // until it is due
	JobRunning JobState = "running" // somebody holds its lease
	JobDone    JobState = "done"
	JobDead    JobState = "dead" // given up; a person may replay it
)

// NewJob is work to be done once, whatever happens to the process.
type NewJob struct {
	ID      string // empty: a fresh one
	Kind    string
	Key     string // what it is about: a second job of the same key is not made. Empty: no bound
	Session event.SessionID
	Payload []byte // JSON, sealed at rest
	Due     time.Time
}

// Job is durable work as it is kept.
type Job struct {
	ID        string
	Kind      string
	Key       string
	Session   event.SessionID
	Payload   []byte
	State     JobState
	Stage     string
	Attempts  int // begun so far
	Due       time.Time
	Error     string
	Result    []byte
	CreatedAt time.Time
	UpdatedAt time.Time

	lease string
}

// NewJobID makes an id, for who has to know it before the job is there.
func NewJobID() string { return uuid.Must(uuid.NewV7()).String() }

// Enqueue adds jobs, and tells how many are new.
func (s *Store) Enqueue(ctx context.Context, jobs ...NewJob) (added int, err error) {
	err = s.w.do(ctx, func(w *tx) error {
		added, err = s.enqueue(w, jobs)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("enqueue jobs: %w", err)
	}
	return added, nil
}

func (s *Store) enqueue(w *tx, jobs []NewJob) (added int, err error) {
	for _, j := range jobs {
		if j.Session != "" {
			if err := w.refuseErased(j.Session); err != nil {
				return added, fmt.Errorf("enqueue %s: %w", j.Kind, err)
			}
		}
		id := cmp.Or(j.ID, NewJobID())
		payload, err := s.keys.Seal(j.Payload, place("jobs.payload", id))
		if err != nil {
			return added, err
		}
		var key any
		if j.Key != "" {
			key = j.Key
		}
		now := s.now().UnixMilli()
		n, err := w.exec(`INSERT INTO jobs (id, kind, key, session_id, payload, state, stage, attempts, due_at, lease, error, result, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, '', 0, $7, '', '', $8, $9, $9) ON CONFLICT DO NOTHING`,
			id, j.Kind, key, string(j.Session), payload, string(JobWaiting), max(j.Due.UnixMilli(), 0), []byte{}, now)
		if err != nil {
			return added, fmt.Errorf("enqueue %s: %w", j.Kind, err)
		}
		added += int(n)
		w.jobs = true
	}
	return added, nil
}

// Lease takes up to limit jobs of some kinds that are due, for a while each. A
// job whose holder did not end it in time is due again.
func (s *Store) Lease(ctx context.Context, kinds []string, limit int, lease time.Duration) ([]Job, error) {
	var none int
	now := s.now()
	known, args := listed(kinds, 1)
	err := s.read.QueryRowContext(ctx, `SELECT 1 FROM jobs WHERE state IN ('waiting', 'running') AND due_at <= $1 AND kind IN (`+known+`) LIMIT 1`,
		append([]any{now.UnixMilli()}, args...)...).Scan(&none)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil // as nearly always: nobody is held up for it
	}
	if err != nil {
		return nil, fmt.Errorf("look for jobs: %w", s.noted(explain(err)))
	}
	var out []Job
	err = s.w.do(ctx, func(w *tx) error {
		out = nil
		err := w.each(`SELECT `+jobColumns+` FROM jobs WHERE state IN ('waiting', 'running') AND due_at <= $1 AND kind IN (`+known+`) ORDER BY due_at, id LIMIT `+strconv.Itoa(limit),
			append([]any{now.UnixMilli()}, args...), func(r scanner) error {
				j, err := s.scanJob(r)
				out = append(out, j)
				return err
			})
		if err != nil {
			return err
		}
		for i := range out {
			j := &out[i]
			j.State, j.Due, j.lease = JobRunning, now.Add(lease), uuid.NewString()
			j.Attempts++
			if err := w.run(`UPDATE jobs SET state = $1, due_at = $2, lease = $3, attempts = $4, updated_at = $5 WHERE id = $6`,
				string(j.State), j.Due.UnixMilli(), j.lease, j.Attempts, now.UnixMilli(), j.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("lease jobs: %w", err)
	}
	return out, nil
}

// NextJob is when the next job of some kinds is due, false when none waits.
func (s *Store) NextJob(ctx context.Context, kinds []string) (time.Time, bool, error) {
	var due sql.NullInt64
	known, args := listed(kinds, 0)
	err := s.read.QueryRowContext(ctx, `SELECT min(due_at) FROM jobs WHERE state IN ('waiting', 'running') AND kind IN (`+known+`)`, args...).Scan(&due)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("look for the next job: %w", s.noted(explain(err)))
	}
	return time.UnixMilli(due.Int64).UTC(), due.Valid, nil
}

// WatchJobs returns a channel that gets a signal when jobs were added, and a
// function that ends it.
func (s *Store) WatchJobs() (added <-chan struct{}, stop func()) { return s.w.jobs.watch() }

// StageJob notes how far a job is and keeps its lease for another while.
func (s *Store) StageJob(ctx context.Context, j *Job, stage string, lease time.Duration) error {
	due := s.now().Add(lease)
	err := s.w.do(ctx, func(w *tx) error {
		return held(w.exec(`UPDATE jobs SET stage = $1, due_at = $2, updated_at = $3 WHERE id = $4 AND lease = $5 AND state = 'running'`,
			stage, due.UnixMilli(), s.now().UnixMilli(), j.ID, j.lease))
	})
	if err != nil {
		return fmt.Errorf("note stage of job %s: %w", j.ID, err)
	}
	j.Stage, j.Due = stage, due
	return nil
}

// Effects is what a job leaves, stored together with its end.
type Effects struct {
	Result    []byte // what came of it, for people; sealed at rest
	Jobs      []NewJob
	Events    []event.Event // of its session, made by this server
	Documents []Document
	Mails     []Mail
	Delivery  *Delivery
	Sent      bool        // its reminder went out
	Accepted  alert.Key   // the parcel of notices that was taken
	Dropped   []alert.Key // notices of it that were left out because they are of no use any more
}

// FinishJob ends a job well and stores its effects, all or nothing. ErrLost
// means that the job is held by somebody else and nothing was stored.
func (s *Store) FinishJob(ctx context.Context, j Job, e Effects) error {
	result, err := s.keys.Seal(e.Result, place("jobs.result", j.ID))
	if err != nil {
		return fmt.Errorf("finish job %s: %w", j.ID, err)
	}
	err = s.w.do(ctx, func(w *tx) error {
		if err := held(w.exec(`UPDATE jobs SET state = 'done', lease = '', error = '', result = $1, updated_at = $2 WHERE id = $3 AND lease = $4 AND state = 'running'`,
			result, s.now().UnixMilli(), j.ID, j.lease)); err != nil {
			return err
		}
		return s.effects(w, j.Session, e)
	})
	if err != nil {
		return fmt.Errorf("finish job %s: %w", j.ID, err)
	}
	return nil
}

// effects stores what a job leaves.
func (s *Store) effects(w *tx, id event.SessionID, e Effects) error {
	if _, err := s.enqueue(w, e.Jobs); err != nil {
		return err
	}
	for _, d := range e.Documents {
		if err := s.saveDocument(w, d); err != nil {
			return err
		}
	}
	for _, m := range e.Mails {
		if err := s.saveMail(w, m); err != nil {
			return err
		}
	}
	if e.Delivery != nil {
		if err := s.saveDelivery(w, *e.Delivery); err != nil {
			return err
		}
	}
	if e.Sent {
		if err := w.run(`UPDATE reminders SET sent_at = $1 WHERE session_id = $2`, s.now().UnixMilli(), string(id)); err != nil {
			return err
		}
	}
	if err := s.dropNotices(w, e.Dropped); err != nil {
		return err
	}
	if err := s.accept(w, e.Accepted); err != nil {
		return err
	}
	return s.ownEvents(w, id, e.Events)
}

// ownEvents records events that this server made in a session of its own.
func (s *Store) ownEvents(w *tx, id event.SessionID, evs []event.Event) error {
	if len(evs) == 0 {
		return nil
	}
	if err := ofSession(id, evs); err != nil {
		return err
	}
	own := make([]arrival, len(evs))
	for i, e := range evs {
		own[i] = read(e, false)
		own[i].Counted = true
	}
	if err := w.visits(own); err != nil {
		return err
	}
	_, err := w.take(own)
	return err
}

// RetryJob gives a job back, to be tried again later; why is shown to people
// and must hold no personal data. Mails are stored with it.
func (s *Store) RetryJob(ctx context.Context, j Job, due time.Time, why string, mails ...Mail) error {
	return s.failJob(ctx, j, JobWaiting, due, why, mails)
}

// PostponeJob puts a job off: the attempt does not count.
func (s *Store) PostponeJob(ctx context.Context, j Job, due time.Time) error {
	j.Attempts--
	return s.failJob(ctx, j, JobWaiting, due, "", nil)
}

// maxInterrupted is with how many deaths of its process a job is given up: it
// may be what kills it.
const maxInterrupted = 20

// RecoverJobs makes the jobs that a dead process held due at once. It is for the
// start of the only process that does jobs. An attempt that was cut short does
// not count.
func (s *Store) RecoverJobs(ctx context.Context) error {
	err := s.w.do(ctx, func(w *tx) error {
		w.jobs = true
		now := s.now().UnixMilli()
		if err := w.run(`UPDATE jobs SET state = 'dead', lease = '', due_at = $1, updated_at = $1,
			error = 'the process died ' || interrupted || ' times while it ran' WHERE state = 'running' AND interrupted >= $2`, now, maxInterrupted); err != nil {
			return err
		}
		return w.run(`UPDATE jobs SET state = 'waiting', lease = '', due_at = $1, attempts = attempts - 1, interrupted = interrupted + 1
			WHERE state = 'running'`, now)
	})
	if err != nil {
		return fmt.Errorf("recover jobs: %w", err)
	}
	return nil
}

// BuryJob gives a job up, until a person replays it.
func (s *Store) BuryJob(ctx context.Context, j Job, why string, mails ...Mail) error {
	return s.failJob(ctx, j, JobDead, s.now(), why, mails)
}

func (s *Store) failJob(ctx context.Context, j Job, state JobState, due time.Time, why string, mails []Mail) error {
	err := s.w.do(ctx, func(w *tx) error {
		if err := held(w.exec(`UPDATE jobs SET state = $1, due_at = $2, lease = '', error = $3, attempts = $4, updated_at = $5 WHERE id = $6 AND lease = $7 AND state = 'running'`,
			string(state), due.UnixMilli(), why, j.Attempts, s.now().UnixMilli(), j.ID, j.lease)); err != nil {
			return err
		}
		w.jobs = true
		return s.effects(w, j.Session, Effects{Mails: mails})
	})
	if err != nil {
		return fmt.Errorf("give back job %s: %w", j.ID, err)
	}
	return nil
}

// ReplayJob makes a dead job, or one that waits for its next attempt, due now
// with all its attempts. ErrNotFound means that there is no such job to replay.
func (s *Store) ReplayJob(ctx context.Context, id string) error {
	err := s.w.do(ctx, func(w *tx) error {
		now := s.now().UnixMilli()
		w.jobs = true
		if err := changed(w.exec(`UPDATE jobs SET state = 'waiting', attempts = 0, interrupted = 0, due_at = $1, updated_at = $1 WHERE id = $2 AND state IN ('dead', 'waiting')`, now, id)); err != nil {
			return err
		}
		return w.run(`UPDATE mails SET state = 'pending', error = '', updated_at = $1 WHERE id = $2 AND state = 'failed'`, now, id)
	})
	if err != nil {
		return fmt.Errorf("replay job %s: %w", id, err)
	}
	return nil
}

// JobFilter narrows a list of jobs; empty fields let everything through.
type JobFilter struct {
	ID      string
	State   JobState
	Kinds   []string
	Session event.SessionID
	Key     string
	About   string // beginning of the key
	Before  string // id: only older ones, for the next page
	Limit   int    // 0: 100
}

// Jobs lists jobs, the newest first.
func (s *Store) Jobs(ctx context.Context, f JobFilter) ([]Job, error) {
	where, args := []string{"1 = 1"}, []any{}
	add := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if f.State != "" {
		add("state = $%d", string(f.State))
	}
	if f.Session != "" {
		add("session_id = $%d", string(f.Session))
	}
	if f.ID != "" {
		add("id = $%d", f.ID)
	}
	if f.Key != "" {
		add("key = $%d", f.Key)
	}
	if f.About != "" {
		add("substr(key, 1, length($%[1]d)) = $%[1]d", f.About)
	}
	if f.Before != "" {
		add("id < $%d", f.Before)
	}
	if len(f.Kinds) > 0 {
		kinds, more := listed(f.Kinds, len(args))
		where, args = append(where, "kind IN ("+kinds+")"), append(args, more...)
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 100
	}
	var out []Job
	err := s.each(ctx, `SELECT `+jobColumns+` FROM jobs WHERE `+strings.Join(where, " AND ")+fmt.Sprintf(` ORDER BY id DESC LIMIT %d`, limit),
		args, func(r scanner) error {
			j, err := s.scanJob(r)
			out = append(out, j)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	return out, nil
}

// listed makes the placeholders of a list that follows so many arguments.
func listed(values []string, after int) (placeholders string, args []any) {
	var b strings.Builder
	for i, v := range values {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", after+i+1)
		args = append(args, v)
	}
	return b.String(), args
}

// JobCounts tells how many jobs there are in each state.
func (s *Store) JobCounts(ctx context.Context) (map[JobState]int, error) {
	out := make(map[JobState]int)
	err := s.each(ctx, `SELECT state, count(*) FROM jobs GROUP BY state`, nil, func(r scanner) error {
		var state JobState
		var n int
		err := r.Scan(&state, &n)
		out[state] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	return out, nil
}

const jobColumns = `id, kind, coalesce(key, ''), session_id, payload, state, stage, attempts, due_at, lease, error, result, created_at, updated_at`

func (s *Store) scanJob(r scanner) (Job, error) {
	var j Job
	var due, created, updated int64
	var payload, result []byte
	if err := r.Scan(&j.ID, &j.Kind, &j.Key, &j.Session, &payload, &j.State, &j.Stage, &j.Attempts, &due, &j.lease, &j.Error, &result, &created, &updated); err != nil {
		return Job{}, err
	}
	var err error
	if j.Payload, err = s.keys.Open(payload, place("jobs.payload", j.ID)); err != nil {
		return Job{}, fmt.Errorf("job %s: %w", j.ID, err)
	}
	if len(result) > 0 {
		if j.Result, err = s.keys.Open(result, place("jobs.result", j.ID)); err != nil {
			return Job{}, fmt.Errorf("job %s: %w", j.ID, err)
		}
	}
	j.Due, j.CreatedAt, j.UpdatedAt = time.UnixMilli(due).UTC(), time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return j, nil
}

// held turns "no row was changed" into ErrLost.
func held(n int64, err error) error {
	if err == nil && n == 0 {
		return ErrLost
	}
	return err
}

package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"applicreations.com/introspect/internal/store"
)

// How often Run works, and how long it waits after a failure.
const (
	createEvery = 6 * time.Hour
	drillEvery  = 24 * time.Hour
	retryAfter  = 15 * time.Minute
)

// Beyond these ages Status.Problem complains.
const (
	staleBackup = 2 * createEvery
	staleDrill  = 2 * drillEvery
)

// DrillSetting is the setting that holds the last Drill as JSON.
const DrillSetting = "backup_drill"

// Drill is the result of restoring the newest backup for practice.
type Drill struct {
	At     time.Time     `json:"at"`
	ID     ID            `json:"id,omitempty"`
	OK     bool          `json:"ok"`
	Reason string        `json:"reason,omitempty"` // why it is not OK
	RPO    time.Duration `json:"rpo_ns"`           // what a crash at that moment would have lost
	RTO    time.Duration `json:"rto_ns"`           // how long it would have taken to have a proven database
	Counts store.Counts  `json:"counts"`
	Past   time.Time     `json:"past,omitzero"` // newest state of the finer past, when there is one
}

// Drill restores the newest backup to the work folder, opens and proves it,
// measures, and writes the result down as a setting, also when it is bad. When
// there is a finer past, its newest state is restored as well.
func (k *Keeper) Drill(ctx context.Context) (Drill, error) {
	begun := k.cfg.Now()
	d := Drill{At: begun.UTC()}
	err := k.working(ctx, "introspect backup drill", func(dir string) error {
		m, err := k.pick(ctx, "")
		if err != nil {
			return err
		}
		d.ID, d.Counts, d.RPO = m.ID, m.Counts, d.At.Sub(m.At)
		err = k.extract(ctx, m, filepath.Join(dir, "drill.db"), false)
		d.RTO = k.cfg.Now().Sub(begun)
		if k.cfg.Past == nil {
			return err
		}
		var pastErr error
		if d.Past, pastErr = k.fetchPast(ctx, d.At, filepath.Join(dir, "past.db")); pastErr != nil {
			pastErr = fmt.Errorf("point-in-time recovery: %w", pastErr)
		}
		return errors.Join(err, pastErr)
	})
	var held *store.HeldError
	if errors.As(err, &held) || ctx.Err() != nil {
		return d, errors.Join(err, ctx.Err()) // nothing was learned
	}
	if d.OK = err == nil; !d.OK {
		d.Reason = err.Error()
		err = fmt.Errorf("restore drill: %w", err)
	}
	k.mu.Lock()
	k.rememberDrill(d)
	k.mu.Unlock()
	return d, errors.Join(err, k.saveDrill(ctx, d))
}

// steady is a time of the wall clock that has a reading of the clock which is never
// set, so that its age stays right when the wall clock is set. Zero stays zero.
func (k *Keeper) steady(at time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	now := k.cfg.Now()
	return now.Add(at.Sub(now))
}

func (k *Keeper) saveDrill(ctx context.Context, d Drill) error {
	if k.cfg.Store == nil {
		return nil
	}
	b, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("write down the drill: %w", err)
	}
	return k.cfg.Store.SetSetting(ctx, DrillSetting, string(b))
}

// LastDrill reads the result that the last drill wrote down; the zero Drill
// when there was none.
func LastDrill(ctx context.Context, st *store.Store) (Drill, error) {
	var d Drill
	text, err := st.Setting(ctx, DrillSetting)
	if errors.Is(err, store.ErrNotFound) {
		return d, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &d)
	}
	if err != nil {
		return Drill{}, fmt.Errorf("read the last drill: %w", err)
	}
	return d, nil
}

// Task is what a person may ask of Run at once.
type Task string

// The tasks.
const (
	TaskBackup Task = "backup"
	TaskDrill  Task = "drill"
)

// Ask makes Run do a task now. It answers false when another one is waiting
// already.
func (k *Keeper) Ask(t Task) bool {
	select {
	case k.asks <- t:
		return true
	default:
		return false
	}
}

// Status is how backups stand, for health checks and pages.
type Status struct {
	To     string   // where backups go
	Newest Manifest // zero when there is none yet
	Reason string   // why the last attempt failed; empty when it worked
	Failed int      // attempts that failed since the last one that worked
	Tried  time.Time
	Drill  Drill // zero when there was none yet
	Busy   Task  // what Run is doing; empty: nothing

	// The times of Newest and Drill have a reading of the clock that is never set.
}

// Status tells how backups stand. It reads memory only; Run fills it.
func (k *Keeper) Status() Status {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.status
	s.To = k.cfg.To.String()
	return s
}

// Problem says what is wrong, in a sentence; empty when nothing is.
func (s Status) Problem(now time.Time) string {
	switch {
	case s.Newest.ID == "" && s.Reason != "":
		return "there is no backup, the last attempt failed: " + s.Reason
	case s.Newest.ID == "":
		return "there is no backup yet"
	case now.Sub(s.Newest.At) > staleBackup:
		return fmt.Sprintf("the newest backup is %s old, it should be at most %s: %s", now.Sub(s.Newest.At).Round(time.Minute), createEvery, s.Reason)
	case !s.Drill.At.IsZero() && !s.Drill.OK:
		return "the last restore drill failed: " + s.Drill.Reason
	case !s.Drill.At.IsZero() && now.Sub(s.Drill.At) > staleDrill:
		return fmt.Sprintf("the last restore drill was %s ago", now.Sub(s.Drill.At).Round(time.Minute))
	}
	return ""
}

// busy says what is under way until the returned function is called.
func (k *Keeper) busy(t Task) (done func()) {
	set := func(t Task) {
		k.mu.Lock()
		k.status.Busy = t
		k.mu.Unlock()
	}
	set(t)
	return func() { set("") }
}

// note keeps the outcome of an attempt.
func (k *Keeper) note(m Manifest, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.status.Tried, k.status.Reason = k.cfg.Now(), ""
	if err == nil {
		k.status.Failed = 0
	}
	if m.ID != "" {
		k.remember(m)
	}
	if err != nil {
		k.status.Reason = err.Error()
		if _, held := errors.AsType[*store.HeldError](err); !held { // another process makes one
			k.status.Failed++
		}
	}
}

// Run makes a backup every six hours, a drill every day and a snapshot of the
// settings every week until ctx ends. Each
// tick is an occasion to look at the time; once a minute is enough. What fails
// is in Status, handed to report, and tried again a quarter of an hour later.
func (k *Keeper) Run(ctx context.Context, ticks <-chan time.Time, report func(error)) {
	if err := k.Recall(ctx); err != nil && ctx.Err() == nil {
		report(err)
	}
	w := &work{keeper: k, report: report}
	if d := k.Status().Drill; d.OK {
		w.drilled = d.At
	}
	if err := k.SyncErasures(ctx); err != nil && ctx.Err() == nil { // of a database that was brought back by other means, too
		report(err)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
			k.learn(ctx)
			w.create(ctx)
			w.environment(ctx)
			w.drill(ctx)
		case t := <-k.asks:
			if t == TaskDrill {
				w.drilled, w.failing = time.Time{}, time.Time{}
				w.drill(ctx)
				continue
			}
			w.createNow(ctx)
		}
	}
}

// work is what Run remembers between ticks.
type work struct {
	keeper             *Keeper
	report             func(error)
	drilled            time.Time // last good drill
	described          time.Time // last snapshot of the settings
	uncreated, failing time.Time // last attempt that failed, of backups and of drills
	undescribed        time.Time // the same of snapshots of the settings
}

// create makes a backup when it is time.
func (w *work) create(ctx context.Context) {
	now := w.keeper.cfg.Now()
	if now.Sub(w.keeper.Status().Newest.At) < createEvery || now.Sub(w.uncreated) < retryAfter {
		return
	}
	w.createNow(ctx)
}

func (w *work) createNow(ctx context.Context) {
	defer w.keeper.busy(TaskBackup)()
	if _, err := w.keeper.Create(ctx); err != nil && ctx.Err() == nil {
		w.uncreated = w.keeper.cfg.Now()
		w.report(err)
	}
}

// environment keeps a snapshot of the settings when it is time.
func (w *work) environment(ctx context.Context) {
	now := w.keeper.cfg.Now()
	if len(w.keeper.cfg.Settings) == 0 || now.Sub(w.described) < environmentEvery || now.Sub(w.undescribed) < retryAfter {
		return
	}
	ids, err := w.keeper.Environments(ctx)
	if err == nil && len(ids) > 0 {
		if at, ok := ids[0].time(); ok && now.Sub(at) < environmentEvery {
			w.described = at // by the process before this one
			return
		}
	}
	if err == nil {
		_, err = w.keeper.CreateEnvironment(ctx)
	}
	switch {
	case err == nil:
		w.described = now
	case ctx.Err() == nil:
		w.undescribed = now
		w.report(err)
	}
}

// drill restores the newest backup when it is time and there is one.
func (w *work) drill(ctx context.Context) {
	now := w.keeper.cfg.Now()
	if w.keeper.Status().Newest.ID == "" || now.Sub(w.drilled) < drillEvery || now.Sub(w.failing) < retryAfter {
		return
	}
	defer w.keeper.busy(TaskDrill)()
	_, err := w.keeper.Drill(ctx)
	switch {
	case err == nil:
		w.drilled = now
	case ctx.Err() == nil:
		w.failing = now
		w.report(err)
	}
}

// Recall finds what was done before this process began, for Status. Run begins
// with it; whoever shows Status before calls it as well.
func (k *Keeper) Recall(ctx context.Context) error {
	m, err := k.pick(ctx, "")
	if errors.Is(err, ErrNone) {
		err = nil
	}
	d, derr := LastDrill(ctx, k.cfg.Store)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.rememberDrill(d)
	if m.ID != "" {
		k.remember(m)
	}
	return errors.Join(err, derr)
}

// remember keeps the newest backup, and rememberDrill the last drill. The caller
// holds mu.
func (k *Keeper) remember(m Manifest) {
	m.At = k.steady(m.At)
	k.status.Newest = m
}

func (k *Keeper) rememberDrill(d Drill) {
	d.At = k.steady(d.At)
	k.status.Drill = d
}

// learn hears of a backup that another process made, and of a drill that it
// held. What it cannot read, the next attempt of its own reports.
func (k *Keeper) learn(ctx context.Context) {
	m, err := k.pick(ctx, "")
	d, derr := LastDrill(ctx, k.cfg.Store)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil && m.At.After(k.status.Newest.At) {
		k.remember(m)
	}
	if derr == nil && d.At.After(k.status.Drill.At) {
		k.rememberDrill(d)
	}
}

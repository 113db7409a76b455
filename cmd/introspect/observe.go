package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/ingest"
	"applicreations.com/introspect/internal/prometheus"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/watch"
)

// activeFor is how recent the last activity of a session is that counts as
// active (DOMAIN 9.4).
const activeFor = 5 * time.Minute

// exposition shows the figures of this process and of its database.
func (a *app) exposition() *prometheus.Exposition {
	return prometheus.New(prometheus.Config{Version: version, Commit: a.cfg.commit, Snapshot: func(ctx context.Context) (prometheus.Snapshot, error) {
		s, err := snapshot(ctx, a.store, a.health, time.Now())
		s.Notices, s.Outside = a.tallies()
		return s, err
	}})
}

// tallies count what was handed to others.
func (a *app) tallies() (notices []prometheus.Told, outside []prometheus.Tally) {
	for _, t := range a.watch.Tallies() {
		notices = append(notices, prometheus.Told{Channel: string(t.Channel), Kind: string(t.Kind), Accepted: t.Accepted, Refused: t.Refused, Dropped: t.Dropped, Took: t.Took})
	}
	for _, o := range a.outgoing() {
		for outcome, n := range map[string]int64{"sent": o.Sent, "lost": o.Lost, "kept": o.Kept} {
			outside = append(outside, prometheus.Tally{Way: strings.ToLower(strings.ReplaceAll(o.Service, " ", "_")), Outcome: outcome, Count: n})
		}
	}
	return notices, outside
}

// snapshot asks for the state of things.
func snapshot(ctx context.Context, st *store.Store, checker *health.Checker, now time.Time) (s prometheus.Snapshot, err error) {
	jobs, err := st.JobCounts(ctx)
	if err != nil {
		return s, err
	}
	s.Jobs = map[string]int{string(store.JobWaiting): 0, string(store.JobRunning): 0, string(store.JobDone): 0, string(store.JobDead): 0}
	for state, n := range jobs {
		s.Jobs[string(state)] = n
	}
	if s.Sessions, err = st.SessionCounts(ctx); err != nil {
		return s, err
	}
	if s.Active, err = st.ActiveSessions(ctx, now.Add(-activeFor)); err != nil {
		return s, err
	}
	if s.Bytes, err = st.Size(ctx); err != nil {
		return s, err
	}
	var made time.Time
	if s.Waiting, made, err = st.WaitingNotices(ctx, watch.Digest); err != nil {
		return s, err
	}
	if s.Waiting > 0 {
		s.Oldest = max(0, now.Sub(made))
	}
	mode, err := st.Mode(ctx)
	if err != nil {
		return s, err
	}
	s.Maintenance, s.Drift = mode.Active(now), checker.LastAudit().Found
	s.Checks, s.Components = make(map[string]string), make(map[string]bool)
	for _, f := range checker.Findings() {
		s.Checks[f.Name] = string(f.Grade)
	}
	for component, state := range checker.Components() {
		s.Components[string(component)] = state.Serves()
	}
	return s, nil
}

// countEvents tells the exposition what became of a batch.
func countEvents(e *prometheus.Exposition) func(ingest.Report) {
	return func(r ingest.Report) { e.Events(r.Accepted, r.Duplicates, r.Dropped, r.Retry) }
}

// How often the dead-man switch is told that all is well, and how long that may
// take.
const (
	beatEvery = time.Minute
	beatWait  = 10 * time.Second
)

// heartbeat tells a dead-man switch elsewhere, every minute until ctx ends, that
// this process would tell of any trouble. When the switch hears nothing, it calls
// somebody: that also notices a host that is gone.
func (a *app) heartbeat(ctx context.Context, ticks <-chan time.Time) {
	if a.cfg.status.heartbeatURL == "" {
		return
	}
	if ticks == nil {
		t := time.NewTicker(beatEvery)
		defer t.Stop()
		ticks = t.C
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
		if err := a.canTell(ctx, time.Now()); err != nil {
			a.log.WarnContext(ctx, "the dead-man switch hears nothing, so that it calls somebody", "reason", err)
			continue // silence is the message
		}
		if err := beat(ctx, a.cfg.status.heartbeatURL); err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "the dead-man switch was not reached; the next minute tries again", "error", err)
		} else if err == nil {
			a.signs.beat.Taken(time.Now())
		}
	}
}

// checksStale is how old the checks may be that the dead-man switch stands on.
const checksStale = 3 * time.Minute

// canTell says why a trouble might be told to nobody: the database does not keep
// what is to be told, rules are not evaluated, or work that is due is not done. A
// vendor that is down is no such reason; the alerts tell of it.
func (a *app) canTell(ctx context.Context, now time.Time) error {
	if r, _ := a.health.Report(ctx); !r.Checks.Database || r.Status == health.Unhealthy {
		return errors.New("the database does not answer, or takes no row")
	}
	for _, f := range a.health.Findings() {
		switch f.Name {
		case "database_write", "evaluator", "jobs_waiting":
		default:
			continue
		}
		switch {
		case now.Sub(f.At) > checksStale:
			return fmt.Errorf("%s was not looked at lately", f.Title)
		case f.Grade != health.Pass:
			return fmt.Errorf("%s: %s", f.Title, f.Detail)
		}
	}
	return nil
}

// beat fetches an address and ignores what it says.
func beat(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, beatWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close() // nothing is in it for us
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}

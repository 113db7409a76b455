package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"applicreations.com/introspect/internal/store"
)

// leadAgain is how often a server asks whether it may lead.
const leadAgain = 2 * time.Second

// lead does, until ctx ends, the work of which one server at a time is enough:
// evaluating alerts, backups, retention. On the embedded database that is this
// one, which holds its lock. Of several servers on one Postgres it is whichever
// has the lock; the others serve visitors, and one of them takes over when it
// ends (docs/adr/0033).
func (a *app) lead(ctx context.Context) {
	if a.cfg.databaseURL == "" {
		a.leads(ctx)
		return
	}
	told := false
	for ctx.Err() == nil {
		lock, err := store.Acquire(ctx, a.cfg.databaseURL, "introspect serve", time.Now())
		if err == nil {
			told = false
			a.log.InfoContext(ctx, "this server leads")
			a.leadsUnder(ctx, lock)
			continue
		}
		if held := (*store.HeldError)(nil); errors.As(err, &held) && !told {
			told = true
			a.log.InfoContext(ctx, "another server leads; this one serves, and takes over when that one ends", "leader", held.By.What, "pid", held.By.PID, "host", held.By.Host)
		} else if held == nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "who leads is not known; it is asked again", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(leadAgain):
		}
	}
}

// leadsUnder leads until ctx ends or another server has the lock.
func (a *app) leadsUnder(ctx context.Context, lock *store.Lock) {
	leading, stop := context.WithCancel(ctx)
	defer func() { _ = lock.Release() }() // it goes with its connection anyway
	defer stop()
	go func() {
		select {
		case <-leading.Done():
		case <-lock.Lost():
			a.log.WarnContext(ctx, "another server leads since the database was out of reach")
			stop()
		}
	}()
	a.leads(leading)
}

// leads is the work of a leader.
func (a *app) leads(ctx context.Context) {
	a.leading.Store(true)
	defer a.leading.Store(false)
	a.expectWork()
	var wg sync.WaitGroup
	for _, work := range []func(context.Context){
		a.watch.Run, a.abandonIdle, a.pruneDaily, a.keepBackups, a.keepStatements, a.runForward,
		func(ctx context.Context) { a.health.RunAudits(ctx, a.log, nil) },
		func(ctx context.Context) { a.heartbeat(ctx, nil) },
	} {
		wg.Go(func() { work(ctx) })
	}
	if a.signs.public != nil {
		wg.Go(func() { a.signs.public.Run(ctx, nil) })
	}
	wg.Wait()
}

// evaluated is when alerts were evaluated last. A server that does not lead
// leaves that to the one that does, and answers for itself only.
func (a *app) evaluated() time.Time {
	if !a.leading.Load() && a.cfg.databaseURL != "" {
		return time.Now()
	}
	return a.watch.Board().At
}

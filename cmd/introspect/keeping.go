package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"applicreations.com/introspect/internal/replica"
)

// follow begins to follow the database for recovery to any moment, where a
// folder for it is set, before the program opens it. synced tells when the copy
// last held everything, nil where there is none; stop ends it, after the database
// was closed. A database that does not exist yet is followed
// from the next start on.
func follow(ctx context.Context, env environment, cfg config, log *slog.Logger) (synced func() time.Time, stop func(), err error) {
	nothing := func() {}
	dir := replicaDir(env)
	if dir == "" {
		return nil, nothing, nil
	}
	if _, err := os.Stat(cfg.databasePath()); errors.Is(err, fs.ErrNotExist) { // #nosec G703 -- the operator names the folder
		log.WarnContext(ctx, "the database is new; it is followed for recovery to any moment from the next start on")
		return nil, nothing, nil
	}
	r, err := replica.Start(ctx, replica.Config{File: cfg.databasePath(), Dir: dir, Log: log})
	if err != nil {
		return nil, nothing, err
	}
	return r.Synced, func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.shutdown)
		defer cancel()
		if err := r.Close(ending); err != nil {
			log.ErrorContext(ctx, "the last writes may be missing from the replica", "error", err)
		}
	}, nil
}

// recallWait bounds how long a start waits for the place of backups.
const recallWait = 3 * time.Second

// recallBackups lets the first request know of the backups that are there.
func (a *app) recallBackups(ctx context.Context) {
	looking, cancel := context.WithTimeout(ctx, recallWait)
	defer cancel()
	if err := a.keeper.Recall(looking); err != nil {
		a.log.WarnContext(ctx, "the newest backup is not known yet; it is looked for again in the background", "error", err)
	}
}

// keepBackups makes backups and proves them, where the program keeps any.
func (a *app) keepBackups(ctx context.Context) {
	if a.keeper == nil {
		return
	}
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	a.keeper.Run(ctx, tick.C, func(err error) {
		a.log.ErrorContext(ctx, "a backup or its proof failed; it is tried again in a quarter of an hour", "error", err)
	})
}

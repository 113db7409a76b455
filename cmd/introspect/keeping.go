package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/replica"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
)

// follow begins to follow the database for recovery to any moment, where a
// folder for it is set, before the program opens it. synced tells when the copy
// last held everything, nil where there is none; stop ends it, after the database
// was closed. A database that does not exist yet is made first, because only one
// that is there can be followed.
func follow(ctx context.Context, env environment, cfg config, keys *seal.Keyring, log *slog.Logger) (synced func() time.Time, stop func(), err error) {
	nothing := func() {}
	dir := replicaDir(env)
	if cfg.databaseURL != "" && strings.TrimSpace(env.get("BACKUP_S3_BUCKET")+env.get("BACKUP_DIR")) == "" {
		log.WarnContext(ctx, "backups lie in DATA_DIR on this machine; set BACKUP_S3_BUCKET or BACKUP_DIR where that does not last")
	}
	if dir == "" {
		return nil, nothing, nil
	}
	if cfg.databaseURL != "" {
		log.WarnContext(ctx, "BACKUP_REPLICA_DIR follows the embedded database only; for recovery to any moment let Postgres archive its log")
		return nil, nothing, nil
	}
	if _, err := os.Stat(cfg.databasePath()); errors.Is(err, fs.ErrNotExist) { // #nosec G703 -- the operator names the folder
		st, err := store.Open(ctx, store.Config{Path: cfg.databasePath(), Keys: keys, Zone: cfg.zone, Log: log})
		if err != nil {
			return nil, nothing, fmt.Errorf("open database: %w", err)
		}
		if err := st.Close(); err != nil {
			return nil, nothing, err
		}
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
	newest := a.keeper.Status().Newest
	if newest.ID == "" || newest.Counts.Sessions == 0 {
		return
	}
	// A lost disk looks like a new machine, and everything else would say that
	// all is well.
	if now, err := a.store.Counts(ctx); err == nil && now.Sessions == 0 {
		a.log.WarnContext(ctx, "the database is empty, but there is a backup with sessions; if a disk was lost, stop the server and restore it",
			"command", "introspect restore --in-place --confirm "+a.cfg.confirmed(), "backup", newest.ID, "sessions", newest.Counts.Sessions)
	}
}

// backupState is how backups stand, for the checks. Before the first attempt of
// this process the first backup is about to be made.
func backupState(s backup.Status) health.Backup {
	return health.Backup{At: s.Newest.At, Coming: s.Busy == backup.TaskBackup || s.Tried.IsZero(), Reason: s.Reason}
}

// drillState is what the last restore for practice showed, for the checks.
func drillState(d backup.Drill) health.Drill {
	return health.Drill{At: d.At, Reason: d.Reason, RPO: d.RPO, RTO: d.RTO}
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

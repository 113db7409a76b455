package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
)

const databaseUsage = "usage: introspect database copy TO (a postgres:// address, or a file that ends in .db)"

// database moves the data between the embedded database and Postgres. It copies
// what DATA_DIR or DATABASE_URL names, and proves the copy before it says so.
func database(ctx context.Context, env environment, args []string) error {
	cfg, rest, err := load(env, "database", args)
	if err != nil {
		return err
	}
	if len(rest) != 2 || rest[0] != "copy" {
		fmt.Fprintln(env.err, databaseUsage)
		return errUsage
	}
	if err := present(ctx, cfg); err != nil {
		return err
	}
	keys, err := cfg.keyring(logger(cfg, env))
	if err != nil {
		return err
	}
	from, to := cfg.database(), rest[1]
	if err := vacant(ctx, to); err != nil {
		return err
	}
	// A server that went on writing would write into the old one.
	lock, err := store.Acquire(ctx, from, "introspect database copy", time.Now())
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }() // it goes with the process anyway
	counts, err := copyDatabase(ctx, env, cfg, keys, to)
	if err != nil {
		return fmt.Errorf("copy %s to %s: %w", store.Name(from), store.Name(to), err)
	}
	fmt.Fprintf(env.out, "%s holds what %s holds: %s, %s, %s of events. Every figure was made again from its events and is the same.\n",
		store.Name(to), store.Name(from), scope.Plural(counts.Sessions, "session"), scope.Plural(counts.Messages, "message"), scope.Plural(counts.Chunks, "row"))
	fmt.Fprintln(env.out, "Now let DATABASE_URL name the new one, or nothing for a file that lies in DATA_DIR as "+store.FileName+", and start the server. The old one is as it was.")
	return nil
}

// vacant refuses a place that holds something already.
func vacant(ctx context.Context, to string) error {
	if !store.IsURL(to) {
		if filepath.Ext(to) != ".db" {
			return fmt.Errorf("%s is neither a postgres:// address nor a file that ends in .db", to)
		}
		if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) { // #nosec G703 -- the operator names the file
			return errors.Join(fmt.Errorf("%s exists already, and is not overwritten", to), err)
		}
		return nil
	}
	at, err := store.Peek(ctx, to)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("%s holds tables of ours already, at migration %d, and is not overwritten; name another database or schema, or empty that one", store.Name(to), at)
}

// copyDatabase copies by way of a file beside the data, and proves the result.
func copyDatabase(ctx context.Context, env environment, cfg config, keys *seal.Keyring, to string) (counts store.Counts, err error) {
	st, err := openStore(ctx, env, cfg)
	if err != nil {
		return counts, err
	}
	file := to
	if store.IsURL(to) {
		if err := os.MkdirAll(cfg.dataDir, 0o700); err != nil {
			return counts, errors.Join(err, st.Close())
		}
		dir, err := os.MkdirTemp(cfg.dataDir, "copy-") // with the same room and rights as the data
		if err != nil {
			return counts, errors.Join(err, st.Close())
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		file = filepath.Join(dir, store.FileName)
	}
	want, err := st.Counts(ctx)
	if err == nil {
		err = st.Snapshot(ctx, file)
	}
	if err = errors.Join(err, st.Close()); err != nil {
		return counts, err
	}
	if file != to {
		if err := store.Load(ctx, to, file); err != nil {
			return counts, err
		}
	}
	counts, err = proven(ctx, store.Config{Path: to, Keys: keys, Zone: cfg.zone, KeepZone: true})
	if err == nil && counts != want {
		err = fmt.Errorf("the copy holds %+v, the original %+v", counts, want)
	}
	return counts, err
}

// proven opens a copy as a server would, and makes every figure of it again.
func proven(ctx context.Context, c store.Config) (counts store.Counts, err error) {
	st, err := store.Open(ctx, c)
	if err != nil {
		return counts, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if err := st.CheckIntegrity(ctx); err != nil {
		return counts, err
	}
	wrong, err := st.VerifyFacts(ctx)
	if err != nil {
		return counts, err
	}
	drift, err := st.RebuildRollups(ctx, true)
	if err != nil {
		return counts, err
	}
	if wrong+drift > 0 {
		return counts, fmt.Errorf("the facts of %s and %s of the copy do not follow from its events", scope.Plural(wrong, "session"), scope.Plural(drift, "figure"))
	}
	return st.Counts(ctx)
}

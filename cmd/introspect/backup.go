package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/bucket"
	"applicreations.com/introspect/internal/replica"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/store"
)

const backupUsage = "usage: introspect backup create | backup list | backup verify [ID] | backup drill | backup environment"

const restoreUsage = `usage: introspect restore [--id ID | --at TIME] --to FILE
       introspect restore [--id ID | --at TIME] --in-place --confirm introspect.db
Without --id and --at the newest backup is restored. TIME is like 2026-11-27T09:00:00Z.`

// runBackup makes, lists and proves backups. It works beside a running server.
func runBackup(ctx context.Context, env environment, args []string) error {
	cfg, rest, err := load(env, "backup", args)
	if err != nil {
		return err
	}
	verb, rest := first(rest)
	if verb == "environment" {
		return runEnvironment(ctx, env, cfg, rest)
	}
	if len(rest) > 1 || len(rest) == 1 && verb != "verify" {
		verb = ""
	}
	switch verb {
	case "create", "drill":
		return changeBackups(ctx, env, cfg, verb)
	case "list", "verify":
		id, _ := first(rest)
		return readBackups(ctx, env, cfg, verb, backup.ID(id))
	}
	fmt.Fprintln(env.err, backupUsage)
	return errUsage
}

// changeBackups runs the verbs that need the database.
func changeBackups(ctx context.Context, env environment, cfg config, verb string) error {
	st, err := openStore(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	k, err := newKeeper(env, cfg, st)
	if err != nil {
		return err
	}
	if verb == "drill" {
		return drillBackup(ctx, env, k)
	}
	return createBackup(ctx, env, k)
}

// readBackups runs the verbs that work without a database.
func readBackups(ctx context.Context, env environment, cfg config, verb string, id backup.ID) error {
	k, err := newKeeper(env, cfg, nil)
	if err != nil {
		return err
	}
	if verb == "list" {
		return listBackups(ctx, env, k)
	}
	m, err := k.Verify(ctx, id)
	if err == nil {
		fmt.Fprintf(env.out, "%s is good: %s\n", m.ID, describe(m))
	}
	return err
}

func first(args []string) (string, []string) {
	if len(args) == 0 {
		return "", nil
	}
	return args[0], args[1:]
}

// newKeeper makes the keeper of backups from the settings; st may be nil for
// commands that need no open database.
func newKeeper(env environment, cfg config, st *store.Store) (*backup.Keeper, error) {
	keys, err := cfg.keyring(logger(cfg, env))
	if err != nil {
		return nil, err
	}
	to, err := destination(env, cfg)
	if err != nil {
		return nil, err
	}
	file, err := filepath.Abs(cfg.databasePath())
	if err != nil {
		return nil, err
	}
	b := backup.Config{Store: st, File: file, Address: cfg.databaseURL, Keys: keys, Zone: cfg.zone, To: to, Program: version, Settings: settings(env)}
	if dir := replicaDir(env); dir != "" {
		b.Past = replica.In(dir)
	}
	return backup.New(b)
}

// destination is the bucket that is configured, or else a folder.
func destination(env environment, cfg config) (backup.Destination, error) {
	get := func(name string) string { return strings.TrimSpace(env.get(name)) }
	if get("BACKUP_S3_BUCKET") == "" {
		return backup.NewDir(cmp.Or(get("BACKUP_DIR"), filepath.Join(cfg.dataDir, "backups"))), nil
	}
	b, err := bucket.Open(bucket.Config{
		Endpoint: cmp.Or(get("BACKUP_S3_ENDPOINT"), "https://s3.amazonaws.com"), Region: get("BACKUP_S3_REGION"),
		Bucket: get("BACKUP_S3_BUCKET"), Prefix: get("BACKUP_S3_PREFIX"),
		AccessKey: get("BACKUP_S3_ACCESS_KEY"), Secret: get("BACKUP_S3_SECRET_KEY"),
	})
	if err != nil {
		return nil, fmt.Errorf("BACKUP_S3_BUCKET is set; check BACKUP_S3_ENDPOINT, BACKUP_S3_ACCESS_KEY and BACKUP_S3_SECRET_KEY: %w", err)
	}
	return b, nil
}

// replicaDir is the folder of point-in-time recovery; empty when it is off.
// BACKUP_PITR=off is the switch for the day when the library misbehaves.
func replicaDir(env environment) string {
	if strings.TrimSpace(env.get("BACKUP_PITR")) == "off" {
		return ""
	}
	return strings.TrimSpace(env.get("BACKUP_REPLICA_DIR"))
}

// describe says in a line what a backup holds.
func describe(m backup.Manifest) string {
	return fmt.Sprintf("%s, %s, %s of events, %.1f MB of a database of %.1f MB",
		scope.Plural(m.Counts.Sessions, "session"), scope.Plural(m.Counts.Messages, "message"), scope.Plural(m.Counts.Chunks, "row"), float64(m.Size)/1e6, float64(m.PlainSize)/1e6)
}

// confirmed is the word by which a restore in place is confirmed: the name of the file
// or database.
func (c config) confirmed() string {
	plain, _, _ := strings.Cut(store.Name(c.database()), "?")
	return filepath.Base(plain)
}

func createBackup(ctx context.Context, env environment, k *backup.Keeper) error {
	m, err := k.Create(ctx)
	if m.ID != "" {
		fmt.Fprintf(env.out, "%s is in %s: %s\nIt was read back and checked.\n", m.ID, k.Status().To, describe(m))
	}
	return err
}

func drillBackup(ctx context.Context, env environment, k *backup.Keeper) error {
	d, err := k.Drill(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.out, "%s was restored and proven.\n", d.ID)
	measured(env, d.RPO, d.RTO)
	if !d.Past.IsZero() {
		fmt.Fprintf(env.out, "Point-in-time recovery was restored and proven, its newest state is of %s.\n", d.Past.UTC().Format(time.RFC3339))
	}
	return nil
}

func measured(env environment, rpo, rto time.Duration) {
	fmt.Fprintf(env.out, "RPO %s (what is lost), RTO %s (until the database was proven)\n", rpo.Round(time.Millisecond), rto.Round(time.Millisecond))
}

func listBackups(ctx context.Context, env environment, k *backup.Keeper) error {
	all, err := k.List(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(env.out, 0, 0, 2, ' ', 0)
	for _, e := range all {
		if e.Err != nil {
			fmt.Fprintf(w, "%s\tBAD\t%v\n", e.ID, e.Err)
			continue
		}
		fmt.Fprintf(w, "%s\tverified %s\t%s\n", e.ID, e.VerifiedAt.Format(time.RFC3339), describe(e.Manifest))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(all) == 0 {
		fmt.Fprintf(env.out, "There is no backup in %s; make one with: introspect backup create\n", k.Status().To)
	}
	return nil
}

// restoreFlags are the words of introspect restore.
type restoreFlags struct {
	id, at, to, confirm string
	inPlace             bool
}

func (r *restoreFlags) add(f *flag.FlagSet) {
	f.StringVar(&r.id, "id", "", "backup to restore, as introspect backup list shows it")
	f.StringVar(&r.at, "at", "", "time to go back to, such as 2026-11-27T09:00:00Z")
	f.StringVar(&r.to, "to", "", "new file to write, ending in .db")
	f.BoolVar(&r.inPlace, "in-place", false, "replace the database; the server must be stopped")
	f.StringVar(&r.confirm, "confirm", "", "name of the database file, to replace it")
}

// point is what the flags ask for.
func (r *restoreFlags) point() (backup.Point, error) {
	p := backup.Point{ID: backup.ID(r.id)}
	if r.at == "" {
		return p, nil
	}
	at, err := time.Parse(time.RFC3339, r.at)
	if err != nil {
		return p, fmt.Errorf("--at is %q; write a time such as 2026-11-27T09:00:00Z or 2026-11-27T10:00:00+01:00", r.at)
	}
	p.At = at
	return p, nil
}

// runRestore brings back a backup, or the state of a time, as a new file or in
// the place of the database.
func runRestore(ctx context.Context, env environment, args []string) error {
	var r restoreFlags
	cfg, rest, err := load(env, "restore", args, r.add)
	if err != nil {
		return err
	}
	if len(rest) > 0 || (r.to == "") != r.inPlace || r.id != "" && r.at != "" {
		fmt.Fprintln(env.err, restoreUsage)
		return errUsage
	}
	p, err := r.point()
	if err != nil {
		return err
	}
	if name := cfg.confirmed(); r.inPlace && r.confirm != name {
		return fmt.Errorf("--in-place replaces %s, and everything since that backup is lost to the server; if you mean it, add --confirm %s", store.Name(cfg.database()), name)
	}
	k, err := newKeeper(env, cfg, nil)
	if err != nil {
		return err
	}
	var done backup.Restored
	if r.inPlace {
		done, err = k.RestoreInPlace(ctx, p)
	} else {
		done, err = k.Restore(ctx, p, r.to)
	}
	if err != nil {
		return err
	}
	reportRestored(env, done)
	return nil
}

func reportRestored(env environment, done backup.Restored) {
	source := "the replica"
	if done.Manifest.ID != "" {
		source = "backup " + string(done.Manifest.ID)
	}
	fmt.Fprintf(env.out, "%s holds the state of %s, from %s, and was proven.\n", done.Path, done.State.UTC().Format(time.RFC3339), source)
	measured(env, done.RPO, done.RTO)
	if done.Erased > 0 {
		fmt.Fprintf(env.out, "What was erased since then was erased again: %s.\n", scope.Plural(done.Erased, "session"))
	}
	if done.Note != "" {
		fmt.Fprintf(env.err, "A backup was taken, which is older, because: %s\n", done.Note)
	}
	if done.Aside != "" {
		fmt.Fprintf(env.out, "The replaced database is %s; delete it when you are sure.\n", done.Aside)
	}
}

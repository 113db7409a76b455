// Package replica follows the write-ahead log of the database into a folder, so
// that it can be restored as it was at a chosen second. It speaks to the
// Litestream library only, whose interface is not promised to stay and which is
// never the only backup (package backup makes the others). What lies in the
// folder is sealed only where the database itself is, so the folder needs the
// same protection as the database. Start with Start, then Restore.
package replica

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/benbjohnson/litestream"
	"github.com/benbjohnson/litestream/file"
)

// How finely the past is kept: by second for some minutes, then by half a
// minute, then by five minutes, until it is forgotten.
const (
	syncEvery     = time.Second
	keepFine      = 15 * time.Minute
	coarse        = 30 * time.Second
	coarser       = 5 * time.Minute
	snapshotEvery = 6 * time.Hour
	keepAll       = 7 * 24 * time.Hour
	closeWithin   = 5 * time.Second
	patience      = 5 * time.Second // the wait for the lock of the database, as the program's own
)

// ErrNothing means that the folder holds no state of the time that was asked
// for.
var ErrNothing = errors.New("the replica does not reach back to that time, or is empty")

// Config says what is followed and where to.
type Config struct {
	File string       // path of the database
	Dir  string       // folder of the replica, for this database alone
	Log  *slog.Logger // rare complaints of the library; nil means none
}

// Replica is a running replication. Close ends it.
type Replica struct {
	dir   string
	db    *litestream.DB
	store *litestream.Store
}

// Start begins to follow a database, which must exist. It must be called before
// the program opens the database, in the same process, and Close after the
// program closed it, because the last connection to close empties the log, and
// what the library has not seen by then it would have to find out by reading
// everything.
func Start(ctx context.Context, cfg Config) (*Replica, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("replicate to %s: %w", cfg.Dir, err)
	}
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	log = slog.New(quiet{log.Handler()})
	db := litestream.NewDB(cfg.File)
	client := file.NewReplicaClient(cfg.Dir)
	db.Replica = litestream.NewReplicaWithClient(db, client)
	client.Replica = db.Replica
	db.Replica.SyncInterval = syncEvery
	db.MonitorInterval = syncEvery
	db.BusyTimeout = patience
	st := litestream.NewStore([]*litestream.DB{db}, litestream.CompactionLevels{
		{Level: 0}, {Level: 1, Interval: coarse}, {Level: 2, Interval: coarser},
	})
	st.Logger = log
	db.SetLogger(log)
	st.SnapshotInterval, st.SnapshotRetention = snapshotEvery, keepAll
	st.SetL0Retention(keepFine)
	st.SetVerifyCompaction(true)
	st.SetShutdownSyncTimeout(closeWithin)
	if err := st.Open(ctx); err != nil {
		return nil, fmt.Errorf("replicate %s to %s: %w", cfg.File, cfg.Dir, err)
	}
	r := &Replica{dir: cfg.Dir, db: db, store: st}
	// The first look at the database needs its lock, so it is best had before
	// the program writes.
	if err := r.Sync(ctx); err != nil {
		return nil, errors.Join(err, r.Close(ctx))
	}
	return r, nil
}

// quiet keeps back what the library says of its daily work: lines every half
// minute, among which nobody would see a complaint.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}
func (q quiet) WithAttrs(a []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(a)} }
func (q quiet) WithGroup(name string) slog.Handler   { return quiet{q.Handler.WithGroup(name)} }

// Sync waits until everything that is committed is in the replica.
func (r *Replica) Sync(ctx context.Context) error {
	if err := r.db.SyncAndWait(ctx); err != nil {
		return fmt.Errorf("bring the replica up to date: %w", err)
	}
	return nil
}

// Synced is when the replica last held everything; zero when it never did. A
// time that stays behind is the only sign of a replica that does not follow.
func (r *Replica) Synced() time.Time { return r.db.LastSuccessfulSyncAt() }

// Close brings the replica up to date, if that goes quickly, and stops.
func (r *Replica) Close(ctx context.Context) error {
	if err := r.store.Close(ctx); err != nil {
		return fmt.Errorf("stop replication to %s: %w", r.dir, err)
	}
	return nil
}

// Past reads what a replication left in a folder, running or not.
type Past struct{ dir string }

// In names the folder of a replica.
func In(dir string) Past { return Past{dir} }

func (p Past) replica() *litestream.Replica {
	client := file.NewReplicaClient(p.dir)
	client.SetLogger(slog.New(slog.DiscardHandler))
	return litestream.NewReplicaWithClient(nil, client)
}

// Bounds are the oldest and the newest state that can be restored.
func (p Past) Bounds(ctx context.Context) (oldest, newest time.Time, err error) {
	oldest, newest, err = p.replica().TimeBounds(ctx)
	if err == nil && newest.IsZero() || errors.Is(err, fs.ErrNotExist) {
		err = ErrNothing
	}
	if err != nil {
		return time.Time{}, time.Time{}, fmt.Errorf("read replica %s: %w", p.dir, err)
	}
	return oldest, newest, nil
}

// Restore writes the database as it was at a time to a new file, and returns
// the time of the newest state that the replica has up to then. It is for the
// caller to prove what was written.
func (p Past) Restore(ctx context.Context, at time.Time, to string) (state time.Time, err error) {
	oldest, newest, err := p.Bounds(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if at.Before(oldest) {
		return time.Time{}, fmt.Errorf("restore from replica %s: %w; it begins at %s", p.dir, ErrNothing, oldest.UTC().Format(time.RFC3339))
	}
	opt := litestream.NewRestoreOptions()
	opt.OutputPath = to
	if at.Before(newest) {
		// The library takes what is strictly before, and counts milliseconds.
		opt.Timestamp, newest = at.Truncate(time.Millisecond).Add(time.Millisecond), at
	}
	err = p.replica().Restore(ctx, opt)
	if errors.Is(err, litestream.ErrTxNotAvailable) || errors.Is(err, litestream.ErrNoSnapshots) {
		err = fmt.Errorf("%w: %w", ErrNothing, err)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("restore from replica %s: %w", p.dir, err)
	}
	return newest, nil
}

package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"applicreations.com/introspect/internal/store"
)

// Point is a state to go back to: that of a backup, or that of a time. The zero
// value is the newest backup.
type Point struct {
	ID ID
	At time.Time // used when ID is empty
}

// Restored is what a restore brought back.
type Restored struct {
	Manifest Manifest // zero when it came from Config.Past
	State    time.Time
	Note     string // why a backup was taken although there is a finer past; usually empty
	Path     string
	Aside    string        // where the replaced database is kept; empty when there was none
	RPO      time.Duration // from the state to the time asked for, or to now: what came between is lost
	Erased   int           // sessions that were erased since then, and were erased again
	RTO      time.Duration // how long it took until the database was proven
}

// Verify restores a backup to the work folder, proves it as a database and
// throws it away. An empty id means the newest.
func (k *Keeper) Verify(ctx context.Context, id ID) (Manifest, error) {
	var m Manifest
	err := k.working(ctx, "introspect backup verify", func(dir string) (err error) {
		if m, err = k.pick(ctx, id); err != nil {
			return err
		}
		return k.extract(ctx, m, filepath.Join(dir, "verify.db"), false)
	})
	if err != nil {
		return m, fmt.Errorf("verify backup: %w", err)
	}
	return m, nil
}

// Restore writes the database as it was to a new file and proves it there. The
// file appears under its name only when it is whole; a file that exists is not
// overwritten.
func (k *Keeper) Restore(ctx context.Context, p Point, to string) (Restored, error) {
	return k.restoring(ctx, p, to, func(tmp string) (string, int, error) {
		if _, err := os.Lstat(to); err == nil {
			return "", 0, fmt.Errorf("%s exists already and is not overwritten; name another file, or restore in place", to)
		}
		return "", 0, os.Rename(tmp, to)
	})
}

// RestoreInPlace replaces the database by what it was and keeps the present one
// beside it. It refuses with a *store.HeldError while a server holds the
// database, and with store.ErrBusy while any other process has it open.
func (k *Keeper) RestoreInPlace(ctx context.Context, p Point) (Restored, error) {
	if k.cfg.Address != "" {
		out, err := k.restoring(ctx, p, k.cfg.File, func(tmp string) (string, int, error) { return k.load(ctx, tmp) })
		if err == nil {
			out.Path = store.Name(k.cfg.Address)
		}
		return out, err
	}
	return k.restoring(ctx, p, k.cfg.File, func(tmp string) (string, int, error) { return k.swap(ctx, tmp) })
}

// restoring fetches a state beside a path and, under the lock of the path, puts
// it in its place.
func (k *Keeper) restoring(ctx context.Context, p Point, to string, place func(tmp string) (aside string, erased int, err error)) (out Restored, err error) {
	begun := k.cfg.Now()
	defer func() {
		if err != nil {
			err = fmt.Errorf("restore to %s: %w", to, err)
		}
	}()
	if !slices.Contains([]string{".db", ".sqlite", ".sqlite3"}, filepath.Ext(to)) {
		return out, errors.New("a database is a file that ends in .db, .sqlite or .sqlite3; name one")
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return out, err
	}
	lock, err := store.Acquire(ctx, to, "introspect restore", begun)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	if err := ClearInterrupted(to); err != nil {
		return out, err
	}
	tmp := unfinished(to)
	defer func() { err = errors.Join(err, removeDatabase(tmp)) }()
	if out, err = k.fetch(ctx, p, tmp); err != nil {
		return Restored{}, err
	}
	if out.Erased, err = k.replay(ctx, tmp); err != nil {
		return Restored{}, err
	}
	k.step("extracted")
	aside, erased, err := place(tmp)
	if err != nil {
		return Restored{}, err
	}
	out.Aside, out.Erased = aside, out.Erased+erased
	if err := syncFolder(filepath.Dir(to)); err != nil {
		return Restored{}, err
	}
	asked := begun
	if p.ID == "" && !p.At.IsZero() {
		asked = p.At
	}
	out.Path, out.RPO, out.RTO = to, max(0, asked.Sub(out.State)), k.cfg.Now().Sub(begun)
	return out, nil
}

// fetch writes the state that is asked for to a file and proves it. A time is
// looked for in the finer past first, and then among the backups.
func (k *Keeper) fetch(ctx context.Context, p Point, path string) (Restored, error) {
	timed := p.ID == "" && !p.At.IsZero()
	var out Restored
	var without error
	if timed && k.cfg.Past != nil {
		state, err := k.fetchPast(ctx, p.At, path)
		if err == nil {
			return Restored{State: state}, nil
		}
		if ctx.Err() != nil {
			return Restored{}, err
		}
		without, out.Note = err, err.Error()
	}
	if timed {
		id, err := k.At(ctx, p.At)
		if err != nil {
			return Restored{}, errors.Join(err, without)
		}
		p.ID = id
	}
	m, err := k.pick(ctx, p.ID)
	if err != nil {
		return Restored{}, err
	}
	out.Manifest, out.State = m, m.At
	return out, k.extract(ctx, m, path, true)
}

// fetchPast restores from the finer past and proves the result.
func (k *Keeper) fetchPast(ctx context.Context, at time.Time, path string) (time.Time, error) {
	if err := removeDatabase(path); err != nil { // of a process that was killed
		return time.Time{}, err
	}
	state, err := k.cfg.Past.Restore(ctx, at, path)
	if err == nil {
		_, _, err = k.check(ctx, path)
	}
	if err == nil {
		err = syncFile(path)
	}
	if err != nil {
		return time.Time{}, errors.Join(err, removeDatabase(path))
	}
	return state, nil
}

// extract writes the database of a backup to a file and proves it. What was
// under that name is overwritten. Only a durable file is on the disk then.
func (k *Keeper) extract(ctx context.Context, m Manifest, path string, durable bool) error {
	if err := removeDatabase(path); err != nil { // of a process that was killed
		return err
	}
	out, err := k.open(path)
	if err != nil {
		return err
	}
	var to io.Writer = out
	if durable {
		to = &steady{file: out}
	}
	err = errors.Join(k.unpack(ctx, m, to), out.Close())
	if err == nil {
		if err = k.prove(ctx, m, path); err != nil {
			err = fmt.Errorf("backup %s: %w", m.ID, err)
		}
	}
	if err == nil && durable {
		err = syncFile(path)
	}
	if err != nil {
		return errors.Join(err, removeDatabase(path))
	}
	return nil
}

// prove checks a restored database and compares it with its manifest.
func (k *Keeper) prove(ctx context.Context, m Manifest, path string) error {
	counts, remade, err := k.check(ctx, path)
	if err != nil {
		return err
	}
	want := m.Counts
	if remade {
		counts.Facts, counts.Rollups, want.Facts, want.Rollups = 0, 0, 0, 0 // those of today's program may be more or fewer
	}
	known, err := store.Schema()
	if err != nil {
		return err
	}
	if m.Schema == known && counts != want { // an older one was migrated while it was opened
		return fmt.Errorf("%w: it holds %+v, the manifest says %+v", ErrBad, counts, want)
	}
	return nil
}

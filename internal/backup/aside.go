package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"applicreations.com/introspect/internal/store"
)

// asideMark is in the names of databases that a restore in place put aside,
// between the name of the database and the time.
const asideMark = ".replaced-"

// swap puts a new database in the place of the old one. At every instant the
// old or the new database is whole under the name: the old one gets a second
// name first and is then replaced by one rename. Its write-ahead log must be
// gone before that, because SQLite would read it into the new file. What only the
// old one knows to be erased is erased in the new one as well.
func (k *Keeper) swap(ctx context.Context, tmp string) (aside string, erased int, err error) {
	file := k.cfg.File
	if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
		return "", 0, errors.Join(removeLogs(file), os.Rename(tmp, file)) // a log without its database is of no use
	}
	if aside, err = k.asideName(); err != nil {
		return "", 0, err
	}
	if err := k.keepAside(ctx, file, aside); err != nil {
		return "", 0, fmt.Errorf("keep the old database aside: %w", err)
	}
	if err := syncFolder(filepath.Dir(file)); err != nil {
		return "", 0, err
	}
	if err := removeLogs(file); err != nil {
		return "", 0, err
	}
	if erased, err = k.replayReplaced(ctx, aside, tmp); err != nil {
		return "", 0, err
	}
	k.step("aside")
	if err := os.Rename(tmp, file); err != nil {
		return "", 0, err
	}
	k.step("replaced")
	return aside, erased, nil
}

// load replaces what a Postgres database holds by a restored one, in one
// transaction. What it held is kept aside as a file. What only that knows to be
// erased is erased in the new one as well.
func (k *Keeper) load(ctx context.Context, tmp string) (aside string, erased int, err error) {
	lock, err := store.Acquire(ctx, k.cfg.Address, "introspect restore", k.cfg.Now())
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	if aside, err = k.asideName(); err != nil {
		return "", 0, err
	}
	switch err := store.Export(ctx, k.cfg.Address, aside); {
	case errors.Is(err, store.ErrNotFound): // a new database
		aside = ""
	case err != nil:
		return "", 0, errors.Join(fmt.Errorf("keep what it holds aside: %w; to restore without that, empty its schema first", err), removeDatabase(aside))
	default:
		if err := errors.Join(store.Settle(ctx, aside), syncFile(aside)); err != nil {
			return "", 0, err
		}
		if erased, err = k.replayReplaced(ctx, aside, tmp); err != nil {
			return "", 0, err
		}
	}
	k.step("aside")
	if err := store.Load(ctx, k.cfg.Address, tmp); err != nil {
		return "", 0, err
	}
	k.step("replaced")
	return aside, erased, nil
}

// keepAside gives the old database a second name. It is settled first, so that
// its file alone is all of it; a damaged one keeps the log, which SQLite may
// throw away when it looks at the file.
func (k *Keeper) keepAside(ctx context.Context, file, aside string) error {
	err := os.Link(file+"-wal", aside+"-wal")
	if errors.Is(err, fs.ErrNotExist) {
		err = adoptLog(file, aside)
	}
	if err != nil {
		return err
	}
	err = store.Settle(ctx, file)
	if errors.Is(err, store.ErrBusy) {
		err = fmt.Errorf("stop introspect serve and every other command first: %w", err)
	}
	if !errors.Is(err, store.ErrDamaged) {
		err = errors.Join(err, removeIfThere(aside+"-wal"))
		if err != nil {
			return err
		}
	}
	k.step("settled")
	return os.Link(file, aside)
}

// asideName is one that is not taken yet.
func (k *Keeper) asideName() (string, error) {
	at := k.cfg.File + asideMark + k.cfg.Now().UTC().Format(idTime)
	for n := 1; ; n++ {
		name := at
		if n > 1 { // two restores within a second
			name = fmt.Sprintf("%s-%d", at, n)
		}
		found, err := beside(name)
		if err != nil || len(found) == 0 {
			return name, err
		}
	}
}

// ClearInterrupted removes what a restore in place that was killed may have
// left beside a database: a half copy, and second names of the database itself
// or its log, which would look like one that was put aside. Opening such a name
// while the database is in use could destroy both. The caller holds the lock of
// the database.
func ClearInterrupted(file string) error {
	if err := removeDatabase(unfinished(file)); err != nil {
		return err
	}
	asides, err := beside(file + asideMark)
	if err != nil {
		return err
	}
	for _, name := range asides {
		original := file
		if strings.HasSuffix(name, "-wal") {
			original += "-wal"
		}
		same, err := sameFile(original, name)
		if err == nil && same {
			err = removeIfThere(name)
		}
		if err != nil {
			return fmt.Errorf("clear what an interrupted restore left: %w", err)
		}
	}
	return nil
}

// beside lists the files whose path begins with a prefix, sorted.
func beside(prefix string) (paths []string, err error) {
	dir := filepath.Dir(prefix)
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(prefix)) {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths, err
}

// unfinished is the name of what a restore has not put in its place yet.
func unfinished(file string) string {
	return filepath.Join(filepath.Dir(file), ".restoring-"+filepath.Base(file))
}

// sameFile tells whether two names are those of one file. A name that does not
// exist is that of none.
func sameFile(a, b string) (bool, error) {
	one, err := os.Stat(a)
	if err != nil {
		return false, ignoreMissing(err)
	}
	other, err := os.Stat(b)
	if err != nil {
		return false, ignoreMissing(err)
	}
	return os.SameFile(one, other), nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// adoptLog gives a database that is put aside the log that an attempt before
// kept and was killed over. Of a damaged database that is the only one; where the
// database is sound it is in its file already, and goes with the other logs.
func adoptLog(file, aside string) error {
	asides, err := beside(file + asideMark)
	if err != nil {
		return err
	}
	for _, log := range asides { // sorted by time
		if !strings.HasSuffix(log, "-wal") {
			continue
		}
		_, err := os.Lstat(strings.TrimSuffix(log, "-wal"))
		if errors.Is(err, fs.ErrNotExist) {
			err = os.Rename(log, aside+"-wal")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

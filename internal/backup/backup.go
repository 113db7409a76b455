// Package backup makes copies of the database that are proven by restoring
// them. A copy counts as a backup only after it was opened and checked as a
// database, sealed, carried to its destination, read back from there and
// compared; its manifest is written last, so what was interrupted is no backup.
// A drill restores the newest one every day and measures how long that takes
// and how much would be lost.
//
// It knows no vendor: where copies go is a Destination. Start with New, then
// Keeper.Create and Keeper.Restore; Keeper.Run does the daily work.
package backup

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
)

// ErrNone means that there is no good backup to take.
var ErrNone = errors.New("there is no good backup; make one with: introspect backup create")

// ErrBad means that a backup is not what was written: changed, cut off or not
// the database that its manifest describes.
var ErrBad = errors.New("backup is damaged; take another one, introspect backup list shows them")

// ErrKey means that the key of a backup is not among the known ones. The
// backup itself may well be whole.
var ErrKey = errors.New("key of the backup is unknown; set ENCRYPTION_KEY to the key that was in use, or add it to ENCRYPTION_KEYS_OLD")

// ErrNewer means that a newer program wrote the backup.
var ErrNewer = errors.New("backup was made by a newer Introspect; restore it with that version or a later one")

// Destination is a flat place for files, such as a folder or a bucket. A Put
// that fails leaves nothing under the name, and one that succeeds survives a
// power cut. Get of an unknown name answers fs.ErrNotExist, and Delete may.
type Destination interface {
	Put(ctx context.Context, name string, r io.ReadSeeker, size int64) error
	Get(ctx context.Context, name string) (io.ReadCloser, error)
	List(ctx context.Context) ([]string, error)
	Delete(ctx context.Context, name string) error
	String() string // names the place for people, without secrets
}

// Past is a history of the database that is finer than backups are. Restore
// writes the state of a time to a new file and returns the time of that state.
type Past interface {
	Restore(ctx context.Context, at time.Time, to string) (state time.Time, err error)
}

// Config says what is backed up and where to.
type Config struct {
	Store   *store.Store   // the database; nil when only restoring
	File    string         // path of the database, which a restore in place replaces; empty: that of Store
	Address string         // of a Postgres database, which is restored in place of File; empty: File is the database
	Keys    *seal.Keyring  // must not be nil
	Zone    *time.Location // reporting zone of the database; nil means UTC
	To      Destination    // must not be nil
	Past    Past           // nil: only backups can be restored
	Work    string         // folder for unfinished work; empty: backup-work beside the database
	Keep    Retention      // zero value: the usual one
	Program string         // version of this program

	Settings []Setting        // as they are now, for snapshots of them; none makes no snapshots
	Now      func() time.Time // nil means time.Now
}

// Keeper makes, checks and restores backups. It is safe for concurrent use; of
// several keepers with one work folder, also in other processes, one works at a
// time and the others refuse.
type Keeper struct {
	cfg  Config
	open opener
	step func(point string) // tests end the process there; usually nothing
	asks chan Task          // of Ask, for Run

	logging sync.Mutex // one at a time writes the log of erasures

	mu     sync.Mutex
	status Status
}

// New makes a keeper. Nothing is read or written yet.
func New(cfg Config) (*Keeper, error) {
	if cfg.Keys == nil || cfg.Keys.ID() == "" {
		return nil, errors.New("backup: no encryption keys, and a backup is never written unsealed; set ENCRYPTION_KEY")
	}
	if cfg.To == nil {
		return nil, errors.New("backup: no destination; set BACKUP_DIR or BACKUP_S3_BUCKET")
	}
	if cfg.File == "" && cfg.Store != nil && cfg.Address == "" {
		cfg.File = cfg.Store.File()
	}
	if cfg.File == "" {
		return nil, errors.New("backup: no database is named")
	}
	if cfg.Work == "" {
		cfg.Work = filepath.Join(filepath.Dir(cfg.File), "backup-work")
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Keep == (Retention{}) {
		cfg.Keep = Usual()
	}
	return &Keeper{cfg: cfg, open: openNew, step: func(string) {}, asks: make(chan Task, 1)}, nil
}

// ID names a backup. Its beginning is the time, so ids sort by age.
type ID string

const idTime = "20060102T150405Z"

func newID(now time.Time) ID {
	var tail [4]byte
	_, _ = rand.Read(tail[:]) // never fails since Go 1.24
	return ID(now.UTC().Format(idTime) + "-" + hex.EncodeToString(tail[:]))
}

// time is when the backup was begun, to the second; false when id is none.
func (id ID) time() (time.Time, bool) {
	if len(id) != len(idTime)+9 || id[len(idTime)] != '-' {
		return time.Time{}, false
	}
	at, err := time.Parse(idTime, string(id[:len(idTime)]))
	return at, err == nil
}

// The two files of a backup.
const (
	dataSuffix     = ".backup"
	manifestSuffix = ".json"
)

func (id ID) data() string     { return string(id) + dataSuffix }
func (id ID) manifest() string { return string(id) + manifestSuffix }

// file is what is written through; tests put a full disk behind it.
type file interface {
	io.Writer
	Sync() error
	Close() error
}

// opener makes a file that must not exist yet.
type opener func(path string) (file, error)

func openNew(path string) (file, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // below a folder of the operator
}

// maxDirty is how much a file may hold that is not on the disk yet.
const maxDirty = 4 << 20

// steady brings a file to the disk piece by piece. A disk that gets all of a
// large file at once makes the commits of the database wait behind it. What is
// only for the work folder is never brought to the disk, and mostly deleted
// before the system does it.
type steady struct {
	file
	dirty int
}

func (s *steady) Write(p []byte) (int, error) {
	n, err := s.file.Write(p)
	if s.dirty += n; err == nil && s.dirty >= maxDirty {
		s.dirty = 0
		err = s.Sync()
	}
	return n, err
}

// working runs one task alone in the work folder, which is empty before and
// after: what a killed process left there is cleared away first.
func (k *Keeper) working(ctx context.Context, what string, task func(dir string) error) (err error) {
	if err := os.MkdirAll(k.cfg.Work, 0o700); err != nil {
		return fmt.Errorf("make work folder: %w", err)
	}
	lock, err := store.Acquire(ctx, k.cfg.Work, what, k.cfg.Now())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	if err := clearFolder(k.cfg.Work); err != nil {
		return err
	}
	return errors.Join(task(k.cfg.Work), clearFolder(k.cfg.Work))
}

// clearFolder removes the files of a folder of ours.
func clearFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read work folder: %w", err)
	}
	for _, e := range entries {
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("clear work folder: %w", err)
		}
	}
	return nil
}

// syncFolder makes renames in a folder survive a power cut.
func syncFolder(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the operator names the folder
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// syncFile makes the content of a file survive a power cut.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // below a folder of the operator
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// removeDatabase deletes a database and what SQLite keeps beside it.
func removeDatabase(path string) error {
	return errors.Join(removeIfThere(path), removeLogs(path))
}

// removeLogs deletes what SQLite keeps beside a database.
func removeLogs(path string) error {
	return errors.Join(removeIfThere(path+"-wal"), removeIfThere(path+"-shm"), removeIfThere(path+"-journal"))
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

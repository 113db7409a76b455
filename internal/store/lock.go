package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Holder tells who holds a lock.
type Holder struct {
	What  string    `json:"what"` // such as "introspect serve"
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// HeldError is the refusal of Acquire.
type HeldError struct {
	Path string
	By   Holder // zero when the holder has not written itself down yet
}

func (e *HeldError) Error() string {
	if e.By.PID == 0 {
		return e.Path + " is held by another process; two processes would destroy each other's work, stop the other one first"
	}
	return fmt.Sprintf("%s is held by %s, process %d on %s, since %s; two processes would destroy each other's work, stop that one first",
		e.Path, e.By.What, e.By.PID, e.By.Host, e.By.Since.UTC().Format(time.RFC3339))
}

// Lock is held until Release or the end of the process, however it ends.
type Lock struct {
	f      *os.File      // of a path
	server *postgresLock // of an address
}

// Lost is closed when somebody else has taken the lock, which can happen only in
// Postgres, after its server was away. Stop then.
func (l *Lock) Lost() <-chan struct{} {
	if l.server == nil {
		return nil
	}
	return l.server.lost
}

// Acquire takes the exclusive lock of path, a database or a folder, which is
// the file path.lock beside it. The lock binds only those who ask for it: a
// server and a restore in place must, readers and short commands need not. The
// error is a *HeldError when somebody else has it. The file stays when the lock
// goes, because deleting it would let two processes lock two files of one name.
//
// The lock of a postgres:// address is one of its server (docs/adr/0033).
func Acquire(ctx context.Context, path, what string, now time.Time) (*Lock, error) {
	if IsURL(path) {
		return acquirePostgres(ctx, path, what)
	}
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator names the path
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if err := flock(f); err != nil {
		defer f.Close() //nolint:errcheck // only read from
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		held := &HeldError{Path: path}
		_ = json.NewDecoder(f).Decode(&held.By) // best effort, it only names the holder
		return nil, held
	}
	host, _ := os.Hostname() // empty is as good as a wrong name
	err = errors.Join(f.Truncate(0), json.NewEncoder(f).Encode(Holder{What: what, PID: os.Getpid(), Host: host, Since: now.UTC()}), f.Sync())
	if err != nil {
		_ = f.Close() // the first error says more
		return nil, fmt.Errorf("write down who holds the lock of %s: %w", path, err)
	}
	return &Lock{f: f}, nil
}

// HeldBy tells who holds the lock of path. Whoever asks for it in the same instant
// may be refused.
func HeldBy(ctx context.Context, path string) (by Holder, held bool) {
	if IsURL(path) {
		return postgresHeldBy(ctx, path)
	}
	f, err := os.Open(path + ".lock") //nolint:gosec // the operator names the path
	if err != nil {
		return Holder{}, false
	}
	defer f.Close() //nolint:errcheck // only read from
	if json.NewDecoder(f).Decode(&by) != nil || by.PID == 0 || errors.Is(syscall.Kill(by.PID, 0), syscall.ESRCH) {
		return Holder{}, false
	}
	// The number may have gone to another process since.
	if syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == nil {
		_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) // closing gives it back as well
		return Holder{}, false
	}
	return by, true
}

// flock takes an advisory lock that the kernel ties to the open file.
func flock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// Release gives the lock back. Closing alone would not do: a child that is just
// being started holds a copy of the descriptor for a moment.
func (l *Lock) Release() error {
	if l.server != nil {
		return l.server.release()
	}
	return errors.Join(syscall.Flock(int(l.f.Fd()), syscall.LOCK_UN), l.f.Close())
}

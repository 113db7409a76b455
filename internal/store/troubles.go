package store

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// Troubles counts what went wrong with the database since it was opened. They
// only grow, so that whoever asks twice knows what came between.
type Troubles struct {
	Waits   int64 // writes that found no room in the queue, or that waited in vain
	Storage int64 // errors of the file itself: damaged, full, unreadable
	Server  int64 // connections to Postgres that broke or were refused; none with a file
}

// troubles is Troubles while they are counted.
type troubles struct{ waits, storage, server atomic.Int64 }

// Troubles are those since the database was opened.
func (s *Store) Troubles() Troubles {
	t := &s.w.troubles
	return Troubles{Waits: t.waits.Load(), Storage: t.storage.Load(), Server: t.server.Load()}
}

// note counts an error, and hands it back.
func (t *troubles) note(err error) error {
	switch {
	case err == nil:
	case isStorage(err):
		t.storage.Add(1)
	case isRefused(err):
		t.server.Add(1)
	case errors.Is(err, ErrBusy):
		t.waits.Add(1)
	}
	return err
}

// noted counts an error of a single reading, also while the store still opens
// and counts nothing.
func (s *Store) noted(err error) error {
	if s.w == nil {
		return err
	}
	return s.w.troubles.note(err)
}

// gaveUp counts a write that left the queue before its turn. A caller who went
// away by himself is no trouble.
func (t *troubles) gaveUp(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		t.waits.Add(1)
	}
	return err
}

// isRefused reports whether an error means that the server of the database is
// away or takes nobody. A wait that ended is no sign of that.
func isRefused(err error) bool {
	var refused *pgconn.PgError
	if errors.As(err, &refused) && strings.HasPrefix(refused.Code, classNoRoom) && refused.Code != stateNoDisk {
		return true
	}
	return isLost(err) && !isLate(err)
}

// isStorage reports whether an error means that the file cannot be read or
// written as it should.
func isStorage(err error) bool {
	if errors.Is(err, ErrDamaged) || errors.Is(err, ErrFull) {
		return true
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == codeIO
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// dialect is what SQLite and Postgres do differently (docs/adr/0033). Statements
// elsewhere keep to what both understand: $1 placeholders, ON CONFLICT, row
// values, integers for times and for yes and no.
type dialect interface {
	// pools opens the pool of the writer, which has one connection, and that of
	// the readers. Of a scratch store nothing has to reach the disk.
	pools(m *meter, scratch bool) (write, read *sql.DB, err error)

	// accept refuses a version of the database that does not do.
	accept(ctx context.Context, db *sql.DB) error

	// migrate brings the tables up to date, over the connection of the writer or
	// another one.
	migrate(ctx context.Context, write *sql.DB, log *slog.Logger) error

	// begin is the statement that opens a transaction of the writer.
	begin() string

	// text is an expression for a parameter that is text, textOf its value from
	// bytes, which are only read until the statement ends. SQLite copies them
	// itself, so that no string has to be made of them.
	text(param string) string
	textOf(b []byte) any

	// foreign reports, inside such a transaction, whether somebody else may have
	// written since this writer asked last.
	foreign(t *tx) (bool, error)

	// follow tells listeners, until ctx ends, of what others write.
	follow(ctx context.Context, s *Store)

	// checkpoint is the statement that moves what it can from the log into the
	// database and waits for nobody; empty for a server that does so by itself.
	checkpoint() string

	// mends reports whether a writer whose connection broke may open another.
	mends() bool

	// The rest serves those who look after a database.
	engine(ctx context.Context, s *Store) (Engine, error)
	names(ctx context.Context, s *Store) ([]string, error) // of tables
	indexes(ctx context.Context, s *Store) ([]Index, error)
	plan(ctx context.Context, s *Store, query string, args int) (Plan, error)
	analyze(t *tx) error
	integrity(ctx context.Context, s *Store) error
	size(ctx context.Context, s *Store) (int64, error)
	giveBack(ctx context.Context, s *Store) error
	scrub(ctx context.Context, s *Store) error
	settle(ctx context.Context, s *Store) error
	snapshot(ctx context.Context, s *Store, path string) error
}

// IsURL reports whether a path is the address of a Postgres database.
func IsURL(path string) bool {
	return strings.HasPrefix(path, "postgres://") || strings.HasPrefix(path, "postgresql://")
}

// Name is how people know the database of a path: the path itself, or an address
// without its password.
func Name(path string) string {
	if !IsURL(path) {
		return path
	}
	p, err := parsePostgres(path)
	if err != nil {
		return "a postgres:// address that cannot be read"
	}
	return p.String()
}

// locate finds the dialect of a path and the name by which people know it.
func locate(path string) (d dialect, name string, err error) {
	if IsURL(path) {
		p, err := parsePostgres(path)
		if err != nil {
			return nil, "", err
		}
		return p, p.String(), nil
	}
	file, err := locateFile(path)
	return lite{file}, file, err
}

// patiently repeats an attempt to open while another process is opening the
// same database: the change to write-ahead logging does not wait for a lock,
// whatever busy_timeout says.
func patiently(ctx context.Context, open func() error) error {
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for deadline := time.Now().Add(5 * time.Second); ; {
		err := open()
		if !errors.Is(explain(err), ErrBusy) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// isLate reports whether an error is the end of the caller's own time. The
// standard library has it look like one of the network, whatever was waited for.
func isLate(err error) bool {
	var dial *pgconn.ConnectError
	return errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &dial)
}

// explain adds ErrDamaged, ErrFull or ErrBusy to an error of a database that
// means it.
func explain(err error) error {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return explainSQLite(lite, err)
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return explainPostgres(refused.Code, err)
	}
	if isLost(err) && !isLate(err) {
		return fmt.Errorf("%w: the connection to Postgres is lost: %w", ErrBusy, err)
	}
	return err
}

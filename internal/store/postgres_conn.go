package store

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// usualSilence is how long a server may say nothing while an answer is due. A server
// that hangs would otherwise hold up the writer for ever.
const usualSilence = 30 * time.Second

// silence is instead of usualSilence, in nanoseconds, when a test is less patient.
var silence atomic.Int64

// impatient is a network connection whose reads and writes end after a while,
// also where nobody asked for a deadline.
type impatient struct {
	net.Conn

	mu               sync.Mutex
	reading, writing time.Time // deadlines that somebody asked for; zero: none
}

// Read implements net.Conn.
func (c *impatient) Read(b []byte) (int, error) {
	if err := c.arm(c.Conn.SetReadDeadline, &c.reading); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

// Write implements net.Conn.
func (c *impatient) Write(b []byte) (int, error) {
	if err := c.arm(c.Conn.SetWriteDeadline, &c.writing); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// arm sets our deadline unless an earlier one was asked for. The lock keeps a
// deadline that is asked for meanwhile from being overwritten.
func (c *impatient) arm(set func(time.Time) error, asked *time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ours := time.Now().Add(cmp.Or(time.Duration(silence.Load()), usualSilence)); asked.IsZero() || asked.After(ours) {
		return set(ours)
	}
	return nil
}

// SetDeadline implements net.Conn.
func (c *impatient) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline implements net.Conn.
func (c *impatient) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading = t
	return c.Conn.SetReadDeadline(t)
}

// SetWriteDeadline implements net.Conn.
func (c *impatient) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writing = t
	return c.Conn.SetWriteDeadline(t)
}

// plain makes connections to Postgres that take the values which SQLite takes.
type plain struct {
	driver.Connector
	reads bool // they only read, so that what failed may be tried again
}

// Connect implements driver.Connector.
func (c plain) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil && !isStatement(err) && ctx.Err() == nil {
		err = &lostError{err}
	}
	if err != nil {
		return nil, err
	}
	return &plainConn{conn.(*stdlib.Conn), c.reads}, nil //nolint:errcheck // the connector is that of stdlib
}

// plainConn is a connection to Postgres.
type plainConn struct {
	*stdlib.Conn
	reads bool
}

// lostError is the error of a connection that broke.
type lostError struct{ error }

// Unwrap returns what broke it.
func (e *lostError) Unwrap() error { return e.error }

// gone reports whether the connection is closed.
func (c *plainConn) gone() bool { return c.Conn.Conn().IsClosed() }

// usable is driver.ErrBadConn for a connection that is gone: nothing was sent
// over it.
func (c *plainConn) usable() error {
	if c.gone() {
		return driver.ErrBadConn
	}
	return nil
}

// explain marks the error of a statement after which the connection is gone. A
// reader is told to try again over another one.
func (c *plainConn) explain(err error) error {
	if err == nil || !c.gone() {
		return err
	}
	if c.reads {
		return driver.ErrBadConn
	}
	return &lostError{err}
}

// IsValid implements driver.Validator.
func (c *plainConn) IsValid() bool { return !c.gone() }

// Prepare implements driver.Conn.
func (c *plainConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *plainConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	stmt, err := c.Conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, c.explain(err)
	}
	return &plainStmt{stmt.(*stdlib.Stmt), c, query == "COMMIT"}, nil //nolint:errcheck // as above
}

// ExecContext implements driver.ExecerContext.
func (c *plainConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	res, err := c.Conn.ExecContext(ctx, query, adapted(args))
	return res, c.explain(err)
}

// QueryContext implements driver.QueryerContext.
func (c *plainConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	return c.rows(c.Conn.QueryContext(ctx, query, adapted(args)))
}

// BeginTx implements driver.ConnBeginTx.
func (c *plainConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	tx, err := c.Conn.BeginTx(ctx, opts)
	return tx, c.explain(err)
}

func (c *plainConn) rows(rows driver.Rows, err error) (driver.Rows, error) {
	if err != nil {
		return nil, c.explain(err)
	}
	return &plainRows{rows, c}, nil
}

// plainRows are rows over a connection that may break between two of them.
type plainRows struct {
	driver.Rows
	conn *plainConn
}

// Next implements driver.Rows.
func (r *plainRows) Next(into []driver.Value) error {
	err := r.Rows.Next(into)
	if err != nil && !errors.Is(err, io.EOF) && r.conn.gone() {
		return &lostError{err}
	}
	return err
}

// errUndone is the answer to a commit of a transaction in which a statement
// failed. Postgres undoes such a one and calls that a success.
var errUndone = errors.New("a statement of the transaction failed before, so Postgres would undo all of it")

// plainStmt is a prepared statement.
type plainStmt struct {
	*stdlib.Stmt
	conn    *plainConn
	commits bool
}

// ExecContext implements driver.StmtExecContext.
func (s *plainStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.conn.usable(); err != nil {
		return nil, err
	}
	if s.commits && s.conn.Conn.Conn().PgConn().TxStatus() == 'E' {
		return nil, errUndone
	}
	res, err := s.Stmt.ExecContext(ctx, adapted(args))
	return res, s.conn.explain(err)
}

// QueryContext implements driver.StmtQueryContext.
func (s *plainStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.conn.usable(); err != nil {
		return nil, err
	}
	return s.conn.rows(s.Stmt.QueryContext(ctx, adapted(args)))
}

// adapted brings values into the form in which SQLite would keep them: yes and
// no are 1 and 0, no bytes are not NULL, and texts are UTF-8 without the zero
// byte, which Postgres refuses.
func adapted(args []driver.NamedValue) []driver.NamedValue {
	for i := range args {
		args[i].Value = adaptedValue(args[i].Value)
	}
	return args
}

func adaptedValue(value any) any {
	switch v := value.(type) {
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case []byte:
		if v == nil {
			return []byte{}
		}
	case string:
		if strings.ContainsRune(v, 0) {
			v = strings.ReplaceAll(v, "\x00", "\ufffd")
		}
		return strings.ToValidUTF8(v, "\ufffd")
	}
	return value
}

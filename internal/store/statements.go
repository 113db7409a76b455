package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// mostStatements bounds the texts that are told apart. The store has some
// hundred; what is built from parts could make more, and is then one line.
const mostStatements = 1000

// otherStatements stands for what came after mostStatements.
const otherStatements = "(other statements)"

// Statement is what one SQL text took since the store was opened. The text
// holds placeholders, never values, so it tells nothing about a person.
type Statement struct {
	SQL   string        `json:"sql"`
	Calls int64         `json:"calls"`
	Total time.Duration `json:"total"` // nanoseconds, until the last row was read
	Max   time.Duration `json:"max"`   // nanoseconds
}

// Mean is the time of an average call.
func (s Statement) Mean() time.Duration {
	if s.Calls == 0 {
		return 0
	}
	return s.Total / time.Duration(s.Calls)
}

// Statements are the statements that ran, with the highest mean first (S123).
func (s *Store) Statements() []Statement { return s.meter.list() }

// Slowest orders statements by their mean, the highest first, and by text.
func Slowest(all []Statement) []Statement {
	return slices.SortedFunc(slices.Values(all), func(a, b Statement) int {
		return cmp.Or(cmp.Compare(b.Mean(), a.Mean()), cmp.Compare(a.SQL, b.SQL))
	})
}

// meter adds up what statements take. A call costs two readings of the clock.
type meter struct {
	mu    sync.RWMutex
	known map[string]*tally
}

type tally struct{ calls, total, most atomic.Int64 }

func newMeter() *meter { return &meter{known: make(map[string]*tally)} }

// of returns the tally of a text.
func (m *meter) of(query string) *tally {
	m.mu.RLock()
	t := m.known[query]
	m.mu.RUnlock()
	if t != nil {
		return t
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= mostStatements && m.known[query] == nil {
		query = otherStatements
	}
	if m.known[query] == nil {
		m.known[query] = new(tally)
	}
	return m.known[query]
}

func (t *tally) add(took time.Duration) {
	t.calls.Add(1)
	t.total.Add(int64(took))
	for most := t.most.Load(); int64(took) > most && !t.most.CompareAndSwap(most, int64(took)); {
		most = t.most.Load()
	}
}

func (m *meter) list() []Statement {
	m.mu.RLock()
	defer m.mu.RUnlock()
	byText := make(map[string]Statement, len(m.known))
	for text, t := range m.known {
		text = strings.Join(strings.Fields(text), " ")
		s := byText[text]
		byText[text] = Statement{
			SQL: text, Calls: s.Calls + t.calls.Load(), Total: s.Total + time.Duration(t.total.Load()), Max: max(s.Max, time.Duration(t.most.Load())),
		}
	}
	return Slowest(slices.Collect(maps.Values(byText)))
}

// open opens a pool whose statements are measured.
func (m *meter) open(c driver.Connector) *sql.DB { return sql.OpenDB(measured{c, m}) }

// measured makes connections whose statements are measured.
type measured struct {
	driver.Connector
	meter *meter
}

// fullConn is what the driver's connections can do, and what must not be lost
// by measuring them.
type fullConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// Connect implements driver.Connector.
func (c measured) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(fullConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("connections of %T cannot be measured; the driver has changed", c.Driver()), conn.Close())
	}
	return &measuredConn{full, c.meter}, nil
}

type measuredConn struct {
	fullConn
	meter *meter
}

// Prepare implements driver.Conn.
func (c *measuredConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *measuredConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	stmt, err := c.fullConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	full, ok := stmt.(fullStmt)
	if !ok {
		return stmt, nil // it works, and is not measured
	}
	return &measuredStmt{full, c.meter.of(query)}, nil
}

// ExecContext implements driver.ExecerContext.
func (c *measuredConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	start := time.Now()
	res, err := c.fullConn.ExecContext(ctx, query, args)
	c.meter.of(query).add(time.Since(start))
	return res, err
}

// QueryContext implements driver.QueryerContext.
func (c *measuredConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	start := time.Now()
	rows, err := c.fullConn.QueryContext(ctx, query, args)
	return c.meter.of(query).rows(rows, err, start)
}

type fullStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type measuredStmt struct {
	fullStmt
	tally *tally
}

// ExecContext implements driver.StmtExecContext.
func (s *measuredStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	start := time.Now()
	res, err := s.fullStmt.ExecContext(ctx, args)
	s.tally.add(time.Since(start))
	return res, err
}

// QueryContext implements driver.StmtQueryContext.
func (s *measuredStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	start := time.Now()
	rows, err := s.fullStmt.QueryContext(ctx, args)
	return s.tally.rows(rows, err, start)
}

// rows ends the measurement when the rows have been read.
func (t *tally) rows(rows driver.Rows, err error, start time.Time) (driver.Rows, error) {
	if err != nil {
		t.add(time.Since(start))
		return nil, err
	}
	return &measuredRows{rows, t, start, false}, nil
}

type measuredRows struct {
	driver.Rows
	tally *tally
	start time.Time
	done  bool
}

// Next implements driver.Rows.
func (r *measuredRows) Next(into []driver.Value) error {
	err := r.Rows.Next(into)
	if errors.Is(err, io.EOF) {
		r.end()
	}
	return err
}

// Close implements driver.Rows.
func (r *measuredRows) Close() error {
	err := r.Rows.Close()
	r.end()
	return err
}

func (r *measuredRows) end() {
	if !r.done {
		r.done = true
		r.tally.add(time.Since(r.start))
	}
}

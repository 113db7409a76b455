package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

// One group commit takes at most this many operations and starts no further
// one after this much work. An fsync costs about a millisecond, and what a group
// learned about sessions and rollups is written once at its end, so longer groups
// carry more; but everybody in the group waits for it.
const (
	maxGroup  = 256
	maxWorked = 20 * time.Millisecond
)

// The life of an operation. Only one side can move it out of waiting, so an
// operation that its caller gave up never runs, and one that runs is never
// given up.
const (
	waiting int32 = iota
	started
	abandoned
)

// op is one operation on its way through the queue.
type op struct {
	ctx   context.Context
	run   func(*tx) error
	alone bool // needs a transaction of its own
	state atomic.Int32
	done  chan error // buffered, answered once
}

func (o *op) claim(state int32) bool { return o.state.CompareAndSwap(waiting, state) }

// writer owns the only connection that writes, and the goroutine that uses it.
type writer struct {
	ctx   context.Context // never ends: an operation that runs is not interrupted
	d     dialect
	db    *sql.DB
	conn  *sql.Conn
	zone  *time.Location
	now   func() time.Time
	stmts map[string]kept     // used by the goroutine alone
	bare  bare                // likewise
	names map[event.Name]bool // as event_names, nil when not read yet; used by the goroutine alone
	hot   hot                 // used by the goroutine alone
	spare []*learned          // likewise
	buf   []byte              // likewise, for the events of a session

	spelled     []byte // of encoded
	insertChunk string

	visited map[event.SessionID]*visit // likewise, the sessions of an operation

	piece   int           // logPiece
	unsaved int           // bytes of events since the last checkpoint was asked for
	grown   chan struct{} // the log has grown by logPiece
	failed  bool          // the group before was lost, perhaps for want of room

	changes  changes // of the figures
	troubles troubles
	watchers watchers // of commits
	jobs     watchers // of commits that added jobs

	mu       sync.RWMutex // guards closed and, while held, the queue's being open
	closed   bool
	queue    chan *op
	finished chan struct{}
}

func newWriter(ctx context.Context, d dialect, db *sql.DB, zone *time.Location, now func() time.Time, queue int) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open writing connection: %w", err)
	}
	w := &writer{
		ctx: context.WithoutCancel(ctx), d: d, insertChunk: "INSERT INTO event_chunks (session_id, n, received_at, events) VALUES ($1, $2, $3, " + d.text("$4") + ")", db: db, conn: conn, zone: zone, now: now, stmts: make(map[string]kept), visited: make(map[event.SessionID]*visit),
		queue: make(chan *op, queue), grown: make(chan struct{}, 1), piece: logPiece, hot: hot{room: usualRoom()}, finished: make(chan struct{}),
	}
	go w.loop() //nolint:contextcheck // its context is in w, and never ends
	return w, nil
}

// do runs an operation inside the next group commit and returns when it is
// durable or has failed. Its promise:
//
//   - nil: committed and on disk.
//   - ErrBusy, ErrClosed, the context's error: the operation never ran.
//   - ErrUnknown: the commit failed; the write may be there or not.
//   - any other error: rolled back, alone; other operations are not affected.
//
// A context that ends while the operation waits withdraws it. Once it runs,
// do waits for the true outcome, which a group commit brings within
// milliseconds; so nothing is reported as failed that is committed later.
func (w *writer) do(ctx context.Context, run func(*tx) error) error {
	return w.submit(&op{ctx: ctx, run: run, done: make(chan error, 1)})
}

// doAlone is do for an operation that reads or rewrites the rollups, to which
// the differences of a group are added only at its end.
func (w *writer) doAlone(ctx context.Context, run func(*tx) error) error {
	return w.submit(&op{ctx: ctx, run: run, alone: true, done: make(chan error, 1)})
}

func (w *writer) submit(o *op) error {
	if err := o.ctx.Err(); err != nil {
		return err
	}
	if err := w.enqueue(o); err != nil {
		return w.troubles.note(err)
	}
	select {
	case err := <-o.done:
		return w.troubles.note(err)
	case <-o.ctx.Done():
		if o.claim(abandoned) {
			return w.troubles.gaveUp(o.ctx.Err())
		}
		return w.troubles.note(<-o.done)
	}
}

func (w *writer) enqueue(o *op) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return ErrClosed
	}
	select {
	case w.queue <- o:
		return nil
	default:
		return ErrBusy
	}
}

// drain refuses further operations and waits for those in the queue. It
// reports false when that was done before.
func (w *writer) drain() bool {
	w.mu.Lock()
	again := w.closed
	if !again {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.finished
	return !again
}

// close gives the connection back, after drain.
func (w *writer) close() error {
	var errs []error
	w.bare.forget(w.conn)
	for _, stmt := range w.stmts {
		errs = append(errs, stmt.Close())
	}
	if w.conn != nil {
		errs = append(errs, w.conn.Close())
	}
	if w.d.mends() {
		errs = nil // a connection that is gone has nothing to close
	}
	return errors.Join(append(errs, w.db.Close())...)
}

func (w *writer) loop() {
	defer close(w.finished)
	var held *op
	for {
		first := held
		if first == nil {
			next, open := <-w.queue
			if !open {
				return
			}
			first = next
		}
		held = w.group(first)
	}
}

// result is an operation that ran in the current group, and its own error.
type result struct {
	op  *op
	err error
}

// group commits the first operation together with those that wait already. It
// returns an operation that it took from the queue but must not mix with
// others.
func (w *writer) group(first *op) (held *op) {
	t := w.tx(nil)
	t.received = w.now().UnixMicro()
	if err := t.begin(); err != nil {
		if first.claim(started) {
			first.done <- fmt.Errorf("begin transaction: %w", explain(err))
		}
		return nil
	}
	var results []result
	broken := w.step(t, first, &results)
	for begun := time.Now(); broken == nil && !first.alone && len(results) < maxGroup && time.Since(begun) < maxWorked; {
		next := w.poll()
		if next == nil {
			break
		}
		if next.alone {
			held = next
			break
		}
		broken = w.step(t, next, &results)
	}
	w.finish(t, results, broken)
	if first.alone {
		w.hot.forget() // it may have written past the memory
	}
	return held
}

// tx makes what one operation of a group sees, or the group itself.
func (w *writer) tx(group map[event.SessionID]*learned) *tx {
	return &tx{w: w, delta: metric.Delta{}, learned: make(map[event.SessionID]*learned), group: group}
}

// begin opens the transaction of a group.
func (t *tx) begin() error {
	if t.w.failed {
		t.relieve()
	}
	err := t.run(t.w.d.begin())
	if err != nil && t.w.d.mends() && isLost(err) {
		if err = t.w.reconnect(); err == nil {
			err = t.run(t.w.d.begin())
		}
	}
	if err != nil {
		return err
	}
	if err := t.w.hot.refresh(t); err != nil {
		return errors.Join(err, t.run("ROLLBACK"))
	}
	return nil
}

// reconnectWithin is how long an operation waits for a new connection. Those
// behind it wait as well, so a database that is gone is noticed soon.
const reconnectWithin = 5 * time.Second

// reconnect replaces a connection that broke. Nothing that was learned over it
// holds any more.
func (w *writer) reconnect() error {
	w.hot.forget()
	w.names = nil
	w.bare.forget(w.conn)
	for _, stmt := range w.stmts {
		_ = stmt.Close() // it went with the connection
	}
	clear(w.stmts)
	if w.conn != nil {
		_ = w.conn.Close() // as above
		w.conn = nil
	}
	ctx, cancel := context.WithTimeout(w.ctx, reconnectWithin)
	defer cancel()
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open another writing connection: %w", err)
	}
	w.conn = conn
	return nil
}

// poll takes an operation that is waiting, if there is one.
func (w *writer) poll() *op {
	select {
	case next := <-w.queue: // nil once closed and empty
		return next
	default:
		return nil
	}
}

// step runs one operation inside a savepoint. Its return is not nil when the
// transaction as a whole can no longer be used.
func (w *writer) step(t *tx, o *op, results *[]result) (broken error) {
	if err := o.ctx.Err(); err != nil && o.claim(abandoned) {
		o.done <- err
		return nil
	}
	if !o.claim(started) {
		return nil
	}
	own := w.tx(t.learned)
	own.received, own.lazy = t.received, true
	err := protect(own, o.run)
	if err == nil && own.saved {
		err = t.run("RELEASE op")
	}
	if err == nil {
		t.adopt(own)
		*results = append(*results, result{op: o})
		return nil
	}
	err = explain(err)
	w.names = nil // some may be gone
	for id := range own.learned {
		w.hot.drop(id) // it may have been read as the operation left it
	}
	*results = append(*results, result{o, err})
	if !own.saved {
		if t.w.d.mends() && isStatement(err) { // Postgres takes no further one of this transaction
			return err
		}
		return nil
	}
	// After a full disk or an I/O error SQLite has already rolled back
	// everything, and this fails: then the group is lost, not only this one.
	if undo := errors.Join(t.run("ROLLBACK TO op"), t.run("RELEASE op")); undo != nil {
		return fmt.Errorf("%w, and roll back to savepoint: %w", err, undo)
	}
	return nil
}

// protect turns a panic of an operation into its error.
func protect(t *tx, run func(*tx) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("write panicked: %v\n%s", r, debug.Stack())
		}
	}()
	return run(t)
}

// finish writes the rollup differences, commits, and answers everybody.
func (w *writer) finish(t *tx, results []result, broken error) {
	if broken == nil {
		broken = t.settle()
	}
	if broken != nil {
		_ = t.run("ROLLBACK") // fails when SQLite did it already, which is what we want
		broken = fmt.Errorf("group rolled back: %w", explain(broken))
	} else if err := t.run("COMMIT"); err != nil {
		_ = t.run("ROLLBACK") // as above
		broken = unknown(err)
	}
	if broken != nil {
		w.names = nil
		w.hot.forget()
	} else {
		t.committedNow()
		w.noteGrowth(t.written)
		w.changes.note(t.changed, len(results) > 0 && results[0].op.alone)
		w.watchers.tell()
		if t.jobs {
			w.jobs.tell()
		}
	}
	for _, l := range t.learned {
		w.reuse(l)
	}
	w.failed = broken != nil
	for _, r := range results {
		if r.err == nil {
			r.err = broken
		}
		r.op.done <- r.err
	}
}

// unknown is the error of a commit. It is not ErrBusy, which promises that
// nothing was written: a connection may break after the commit and before its
// answer.
func unknown(err error) error {
	if why := explain(err); !errors.Is(why, ErrBusy) {
		err = why
	}
	return fmt.Errorf("%w: commit: %w", ErrUnknown, err)
}

// tx is what an operation sees of the transaction it runs in.
type tx struct {
	w        *writer
	received int64                        // time of the group, unix microseconds
	delta    metric.Delta                 // differences to apply to the rollups before the commit
	learned  map[event.SessionID]*learned // sessions that changed
	group    map[event.SessionID]*learned // those that operations before this one in the group changed

	changed []metric.Key // rollups that it wrote
	written int          // bytes of events

	jobs  bool // it added jobs
	lazy  bool // it needs a savepoint before its first write
	saved bool // and has it
}

// save sets the savepoint of an operation before its first write; many have
// nothing to write before the end of the group.
func (t *tx) save() error {
	if !t.lazy || t.saved {
		return nil
	}
	t.saved = true
	stmt, err := t.prepared("SAVEPOINT op")
	if err == nil {
		_, err = stmt.ExecContext(t.w.ctx)
	}
	if err != nil {
		return fmt.Errorf("set savepoint: %w", err)
	}
	return nil
}

// kept is a prepared statement that lives as long as the connection.
type kept struct{ *sql.Stmt }

// prepared returns the statement for a query, which is parsed once in the life
// of the store. Queries must come from a small fixed set.
func (t *tx) prepared(query string) (kept, error) {
	if stmt, ok := t.w.stmts[query]; ok {
		return stmt, nil
	}
	if t.w.conn == nil {
		return kept{}, driver.ErrBadConn
	}
	stmt, err := t.w.conn.PrepareContext(t.w.ctx, query)
	if err != nil {
		return kept{}, err
	}
	t.w.stmts[query] = kept{stmt}
	return kept{stmt}, nil
}

// run executes a statement whose effect needs no counting.
func (t *tx) run(query string, args ...any) error {
	if err := t.save(); err != nil {
		return err
	}
	return t.w.bare.run(t.w.ctx, t.w.conn, query, args)
}

// exec executes a statement and returns the number of rows it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	if err := t.save(); err != nil {
		return 0, err
	}
	stmt, err := t.prepared(query)
	if err != nil {
		return 0, err
	}
	res, err := stmt.ExecContext(t.w.ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// one reads a single row; it returns ErrNotFound when there is none.
func (t *tx) one(query string, args []any, into ...any) error {
	stmt, err := t.prepared(query)
	if err != nil {
		return err
	}
	return found(stmt.QueryRowContext(t.w.ctx, args...).Scan(into...))
}

// each reads rows and hands each to scan.
func (t *tx) each(query string, args []any, scan func(scanner) error) error {
	stmt, err := t.prepared(query)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(t.w.ctx, args...)
	if err != nil {
		return err
	}
	return drain(rows, scan)
}

package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// The lock of a Postgres database is an advisory lock of a connection that does
// nothing else. Its holder is named by the name of that connection.
const (
	tryLock  = `SELECT pg_try_advisory_lock(` + lockKey + `)`
	whoLocks = `SELECT a.application_name, a.backend_start FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND (l.classid::bigint << 32 | l.objid::bigint) = ` + lockKey
	lockName = "serve"
)

// usualWatch is how often the connection of a lock is looked at. One that is lost is
// made again five times as often.
const usualWatch = 5 * time.Second

// watchLock is instead of usualWatch, in nanoseconds, when a test is in a hurry.
var watchLock atomic.Int64

// postgresLock is a lock while it is held.
type postgresLock struct {
	p    *postgres
	stop context.CancelFunc
	done chan struct{} // closed when the connection is given back
	lost chan struct{} // closed when somebody else has it
}

// acquirePostgres takes the lock of an address.
func acquirePostgres(ctx context.Context, address, what string) (*Lock, error) {
	p, err := parsePostgres(address)
	if err != nil {
		return nil, err
	}
	host, _ := os.Hostname() // empty is as good as a wrong name
	p.config.RuntimeParams["application_name"] = holderName(what, os.Getpid(), host)
	conn, err := p.lock(ctx)
	if err != nil {
		return nil, err
	}
	held, stop := context.WithCancel(context.WithoutCancel(ctx)) // until it is released
	l := &postgresLock{p: p, stop: stop, done: make(chan struct{}), lost: make(chan struct{})}
	go l.keep(held, conn)
	return &Lock{server: l}, nil
}

// lock makes a connection that holds the lock.
func (p *postgres) lock(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, p.config)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", p, explain(err))
	}
	_, err = conn.Exec(ctx, `SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3`)
	var got bool
	if err == nil {
		err = conn.QueryRow(ctx, tryLock, lockName).Scan(&got)
	}
	switch {
	case err == nil && got:
		return conn, nil
	case err == nil:
		held := &HeldError{Path: p.String()}
		held.By, _ = holder(ctx, conn)
		err = held
	default:
		err = fmt.Errorf("lock %s: %w", p, explain(err))
	}
	_ = conn.Close(ctx) // the first error says more
	return nil, err
}

// keep looks after the connection. One that was lost is made again; only when
// another process took the lock meanwhile is it lost for good.
func (l *postgresLock) keep(ctx context.Context, conn *pgx.Conn) {
	defer close(l.done)
	wait := cmp.Or(time.Duration(watchLock.Load()), usualWatch)
	for {
		select {
		case <-ctx.Done():
			if conn != nil {
				_ = conn.Close(context.WithoutCancel(ctx)) // the server frees the lock in any case
			}
			return
		case <-time.After(wait):
		}
		var err error
		if conn, err = l.look(ctx, conn); errors.As(err, new(*HeldError)) {
			close(l.lost)
			return
		}
		if wait = cmp.Or(time.Duration(watchLock.Load()), usualWatch); err != nil {
			wait /= 5
		}
	}
}

// look returns a connection that holds the lock: the one it is given, as long as
// that works.
func (l *postgresLock) look(ctx context.Context, conn *pgx.Conn) (*pgx.Conn, error) {
	if conn != nil {
		if conn.Ping(ctx) == nil {
			return conn, nil
		}
		_ = conn.Close(ctx) // it is broken
	}
	again, err := l.p.lock(ctx)
	if held := (*HeldError)(nil); errors.As(err, &held) && l.ours(held.By) {
		return nil, ErrBusy
	}
	return again, err
}

// ours reports whether a holder is this process, over a connection of which the
// server has not noticed that it is gone.
func (l *postgresLock) ours(by Holder) bool {
	return holderName(by.What, by.PID, by.Host) == l.p.config.RuntimeParams["application_name"]
}

func (l *postgresLock) release() error {
	l.stop()
	<-l.done
	return nil
}

// holderName says who holds a lock, in the 63 bytes that Postgres keeps.
func holderName(what string, pid int, host string) string {
	tail := " pid " + strconv.Itoa(pid) + " on " + host
	if most := 63 - len(what); len(tail) > most {
		tail = tail[:max(0, most)]
	}
	return what + tail
}

// holder reads who holds the lock; false when nobody does.
func holder(ctx context.Context, conn *pgx.Conn) (by Holder, held bool) {
	var name string
	if err := conn.QueryRow(ctx, whoLocks, lockName).Scan(&name, &by.Since); err != nil {
		return Holder{}, false
	}
	by.What = name
	if what, rest, ok := strings.Cut(name, " pid "); ok {
		by.What = what
		pid, host, _ := strings.Cut(rest, " on ")
		by.PID, _ = strconv.Atoi(pid) // 0 names nobody
		by.Host = host
	}
	return by, true
}

// postgresHeldBy tells who holds the lock of an address.
func postgresHeldBy(ctx context.Context, address string) (by Holder, held bool) {
	p, err := parsePostgres(address)
	if err != nil {
		return Holder{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, p.config)
	if err != nil {
		return Holder{}, false
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is open on it
	return holder(ctx, conn)
}

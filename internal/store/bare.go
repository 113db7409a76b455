package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
)

// bare runs statements on a connection without what database/sql makes anew for
// each of them: it was a tenth of what an event allocates. A goroutine that owns
// the connection uses it alone.
type bare struct {
	stmts map[string]driver.StmtExecContext
	args  []driver.NamedValue // of one call at a time
}

// run executes a statement, which is parsed once in the life of the connection,
// whose effect needs no counting.
func (b *bare) run(ctx context.Context, conn *sql.Conn, query string, args []any) error {
	if conn == nil {
		return driver.ErrBadConn
	}
	b.args = b.args[:0]
	for i, arg := range args {
		value, err := plainValue(arg)
		if err != nil {
			return fmt.Errorf("parameter %d: %w", i+1, err)
		}
		b.args = append(b.args, driver.NamedValue{Ordinal: i + 1, Value: value})
	}
	return conn.Raw(func(c any) error {
		stmt, ok := b.stmts[query]
		if !ok {
			var err error
			if stmt, err = prepare(ctx, c, query); err != nil {
				return err
			}
			if b.stmts == nil {
				b.stmts = make(map[string]driver.StmtExecContext)
			}
			b.stmts[query] = stmt
		}
		_, err := stmt.ExecContext(ctx, b.args)
		clear(b.args) // keeps nothing alive
		return err
	})
}

func prepare(ctx context.Context, conn any, query string) (driver.StmtExecContext, error) {
	c, ok := conn.(driver.ConnPrepareContext)
	if !ok {
		return nil, fmt.Errorf("connections of %T prepare no statements; the driver has changed", conn)
	}
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	able, ok := stmt.(driver.StmtExecContext)
	if !ok {
		return nil, fmt.Errorf("statements of %T take no context; the driver has changed", stmt)
	}
	return able, nil
}

// plainValue is what a driver takes.
func plainValue(arg any) (driver.Value, error) {
	switch v := arg.(type) {
	case string, int64, []byte:
		return v, nil
	case int:
		return int64(v), nil
	}
	return driver.DefaultParameterConverter.ConvertValue(arg)
}

// forget closes the statements, before their connection is closed or when it was
// lost, in which case they went with it.
func (b *bare) forget(conn *sql.Conn) {
	if conn != nil {
		_ = conn.Raw(func(any) error {
			for _, stmt := range b.stmts {
				if s, ok := stmt.(driver.Stmt); ok {
					_ = s.Close() // of a connection that ends
				}
			}
			return nil
		})
	}
	b.stmts = nil
}

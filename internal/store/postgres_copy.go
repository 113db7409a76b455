package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
)

// A snapshot of Postgres is a database file of SQLite with the same tables. So
// whatever proves, seals, restores and reads backups serves both, no program of
// the server's version is needed, and the file is also the way from one database
// to the other (docs/adr/0033).

// table is one that holds data, with its columns.
type table struct {
	name    string
	columns []string
}

// dataTables lists the tables of a database file in the order in which they were
// made, so that what others refer to comes first.
func dataTables(ctx context.Context, db querier) (all []table, err error) {
	err = each(ctx, db, `SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'goose_db_version' ORDER BY m.rowid, c.cid`, nil, func(r scanner) error {
		var name, column string
		err := r.Scan(&name, &column)
		if len(all) == 0 || all[len(all)-1].name != name {
			all = append(all, table{name: name})
		}
		last := &all[len(all)-1]
		last.columns = append(last.columns, column)
		return err
	})
	return all, err
}

// list is the columns for a statement.
func (t table) list() string {
	quoted := make([]string, len(t.columns))
	for i, c := range t.columns {
		quoted[i] = pgx.Identifier{c}.Sanitize()
	}
	return strings.Join(quoted, ", ")
}

// rows is the statement that reads all of it.
func (t table) rows() string {
	return `SELECT ` + t.list() + ` FROM ` + pgx.Identifier{t.name}.Sanitize()
}

func (p *postgres) snapshot(ctx context.Context, s *Store, path string) error {
	return s.snapshot(ctx, func(from querier) error { return export(ctx, from, path) })
}

// Export writes what a Postgres database holds to a new database file of SQLite,
// without opening it as a store. The database has to be at the migration of this
// program. The error is ErrNotFound when there are no tables of ours.
func Export(ctx context.Context, address, file string) (err error) {
	p, err := parsePostgres(address)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("export %s to %s: %w", p, file, explain(err))
		}
	}()
	at, err := peekPostgres(ctx, address)
	if err != nil {
		return err
	}
	if want, err := latestMigration(); err != nil || at != want {
		return errors.Join(fmt.Errorf("it is at migration %d, this program needs %d; start the server of this version once, which migrates it", at, want), err)
	}
	db := sql.OpenDB(p.connector("default_transaction_read_only", "on", "default_transaction_isolation", "repeatable read"))
	defer func() { err = errors.Join(err, db.Close()) }()
	view, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer view.Rollback() //nolint:errcheck // nothing was written
	return export(ctx, view, file)
}

// export copies one state of the database into a new file.
func export(ctx context.Context, from querier, path string) (err error) {
	db, err := sql.Open(driverName, scratchDSN(path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if err := (lite{path}).migrate(ctx, db, slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	tables, err := dataTables(ctx, db)
	if err != nil {
		return err
	}
	to, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer to.Rollback() //nolint:errcheck // nothing is left to undo after the commit
	for _, t := range tables {
		if err := t.copyTo(ctx, to, from); err != nil {
			return fmt.Errorf("copy %s: %w", t.name, err)
		}
	}
	return to.Commit()
}

// copyTo copies the rows of a table into an empty one.
func (t table) copyTo(ctx context.Context, to *sql.Tx, from querier) error {
	// #nosec G202 -- the names are those of our own tables
	insert, err := to.PrepareContext(ctx, `INSERT INTO `+pgx.Identifier{t.name}.Sanitize()+` (`+t.list()+`) VALUES (?`+strings.Repeat(", ?", len(t.columns)-1)+`)`) //nolint:sqlclosecheck // it is, below
	if err != nil {
		return err
	}
	defer insert.Close() //nolint:errcheck // it goes with the transaction
	values, into := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range values {
		into[i] = &values[i]
	}
	return each(ctx, from, t.rows(), nil, func(r scanner) error {
		if err := r.Scan(into...); err != nil {
			return err
		}
		_, err := insert.ExecContext(ctx, values...)
		return err
	})
}

// Load fills a Postgres database with what a database file of SQLite holds, in
// one transaction that replaces everything. The file has to be at the migration
// of this program, as it is after Open, and nobody may have the database open
// who is not ready to lose what is in it: take its lock with Acquire first.
func Load(ctx context.Context, address, file string) (err error) {
	p, err := parsePostgres(address)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("load %s into %s: %w", file, p, explain(err))
		}
	}()
	if _, err := os.Stat(file); err != nil {
		return err
	}
	from, err := sql.Open(driverName, copyDSN(file))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to := sql.OpenDB(p.connector())
	err = p.accept(ctx, to)
	if err == nil {
		err = p.migrate(ctx, to, slog.New(slog.DiscardHandler))
	}
	if err = errors.Join(err, to.Close()); err != nil {
		return err
	}
	tables, err := dataTables(ctx, from)
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, p.config)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is open on it
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return fill(ctx, tx, from, tables) })
}

// fill replaces the rows of all tables.
func fill(ctx context.Context, tx pgx.Tx, from querier, tables []table) error {
	if _, err := tx.Exec(ctx, `SET LOCAL synchronous_commit = on`); err != nil {
		return err
	}
	// Whoever else writes finds that its memory is old.
	if _, err := tx.Exec(ctx, `UPDATE write_turn SET who = ''`); err != nil {
		return err
	}
	for i := len(tables) - 1; i >= 0; i-- {
		if _, err := tx.Exec(ctx, `TRUNCATE `+pgx.Identifier{tables[i].name}.Sanitize()+` CASCADE`); err != nil {
			return err
		}
	}
	for _, t := range tables {
		if err := t.load(ctx, tx, from); err != nil {
			return fmt.Errorf("load %s: %w", t.name, err)
		}
	}
	return nil
}

// load copies the rows of a table into an empty one of Postgres.
func (t table) load(ctx context.Context, tx pgx.Tx, from querier) error {
	rows, err := from.QueryContext(ctx, t.rows())
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err reports what matters
	_, err = tx.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, &source{rows: rows, width: len(t.columns)})
	return errors.Join(err, rows.Err())
}

// source hands the rows of SQLite to Postgres.
type source struct {
	rows  *sql.Rows
	width int
}

// Next implements pgx.CopyFromSource.
func (s *source) Next() bool { return s.rows.Next() }

// Values implements pgx.CopyFromSource.
func (s *source) Values() ([]any, error) {
	values, into := make([]any, s.width), make([]any, s.width)
	for i := range values {
		into[i] = &values[i]
	}
	if err := s.rows.Scan(into...); err != nil {
		return nil, err
	}
	for i := range values {
		values[i] = adaptedValue(values[i])
	}
	return values, nil
}

// Err implements pgx.CopyFromSource.
func (s *source) Err() error { return s.rows.Err() }

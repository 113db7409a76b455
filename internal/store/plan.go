package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// analysisLimit is how many rows of an index ANALYZE looks at. It keeps the
// refresh below a second on a database of any size.
const analysisLimit = 1000

// Plan is how the database would run a statement.
type Plan struct {
	SQL     string   `json:"sql"`
	Steps   []string `json:"steps"`             // in the words of SQLite
	Scans   []string `json:"scans,omitempty"`   // tables that are read from the first row to the last
	Indexes []string `json:"indexes,omitempty"` // that it uses
}

// Index is an index that this program made.
type Index struct {
	Name  string `json:"name"`
	Table string `json:"table"`
}

// Engine is the state of the database itself.
type Engine struct {
	Version string `json:"version"` // of SQLite
	Schema  int64  `json:"schema"`  // newest migration
	Bytes   int64  `json:"bytes"`
	Free    int64  `json:"free"` // bytes of Bytes that hold nothing
	// Analyzed tells whether the planner has statistics.
	Analyzed bool `json:"analyzed"`
}

var (
	usesIndex   = regexp.MustCompile(`USING (?:COVERING )?INDEX (\w+)`)
	usesKey     = regexp.MustCompile(`USING (?:INTEGER )?PRIMARY KEY`)
	scansTable  = regexp.MustCompile(`^SCAN (\w+)`)
	placeholder = regexp.MustCompile(`\$(\d+)`)
	explainable = regexp.MustCompile(`(?i)^(select|with|insert|update|delete|replace)\b`)
)

// Plan asks how the database would run one of the texts of Statements. ok is
// false for what has no plan, such as BEGIN.
func (s *Store) Plan(ctx context.Context, query string) (p Plan, ok bool, err error) {
	if !explainable.MatchString(query) {
		return Plan{}, false, nil
	}
	args := make([]any, 0)
	for _, m := range placeholder.FindAllStringSubmatch(query, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil && n > len(args) {
			args = append(args, make([]any, n-len(args))...)
		}
	}
	tables, err := s.tables(ctx)
	if err != nil {
		return Plan{}, false, err
	}
	p.SQL = query
	err = s.each(ctx, `EXPLAIN QUERY PLAN `+query, args, func(r scanner) error {
		var id, parent, unused int
		var step string
		if err := r.Scan(&id, &parent, &unused, &step); err != nil {
			return err
		}
		p.add(step, tables)
		return nil
	})
	if err != nil {
		return Plan{}, false, fmt.Errorf("plan %s: %w", query, err)
	}
	return p, true, nil
}

// add reads one step of a plan.
func (p *Plan) add(step string, tables []string) {
	p.Steps = append(p.Steps, step)
	if m := usesIndex.FindStringSubmatch(step); m != nil && !slices.Contains(p.Indexes, m[1]) {
		p.Indexes = append(p.Indexes, m[1])
	}
	m := scansTable.FindStringSubmatch(step)
	if m == nil || usesKey.MatchString(step) {
		return
	}
	if table := behind(p.SQL, m[1]); slices.Contains(tables, table) && !slices.Contains(p.Scans, table) {
		p.Scans = append(p.Scans, table)
	}
}

// behind is the table that a name in a plan stands for: the plan has the alias.
func behind(query, name string) string {
	alias := regexp.MustCompile(`(?i)(?:from|join|,)\s+(\w+)\s+(?:as\s+)?` + regexp.QuoteMeta(name) + `\b`)
	if m := alias.FindStringSubmatch(query); m != nil {
		return m[1]
	}
	return name
}

// tables are the names of all tables with rows of ours.
func (s *Store) tables(ctx context.Context) (names []string, err error) {
	err = s.each(ctx, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`, nil, func(r scanner) error {
		var name string
		err := r.Scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}

// Rows counts the rows of a table, up to a limit.
func (s *Store) Rows(ctx context.Context, table string, limit int) (n int, err error) {
	names, err := s.tables(ctx)
	if err != nil {
		return 0, err
	}
	if !slices.Contains(names, table) {
		return 0, fmt.Errorf("count rows of %q: %w", table, ErrNotFound)
	}
	err = s.read.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM "`+table+`" LIMIT $1)`, limit).Scan(&n) // the name is one of the schema
	return n, explain(err)
}

// Indexes lists the indexes that were made by migrations, by name. Those that
// SQLite makes for keys are left out: they also keep rows unique.
func (s *Store) Indexes(ctx context.Context) (all []Index, err error) {
	err = s.each(ctx, `SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name`, nil, func(r scanner) error {
		var i Index
		err := r.Scan(&i.Name, &i.Table)
		all = append(all, i)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list indexes: %w", err)
	}
	return all, nil
}

// Engine describes the database.
func (s *Store) Engine(ctx context.Context) (Engine, error) {
	var e Engine
	err := s.read.QueryRowContext(ctx, `SELECT sqlite_version(), (SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied),
		p.page_count * z.page_size, f.freelist_count * z.page_size, EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1')
		FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size z`).Scan(&e.Version, &e.Schema, &e.Bytes, &e.Free, &e.Analyzed)
	if err != nil {
		return Engine{}, fmt.Errorf("describe database: %w", explain(err))
	}
	return e, nil
}

// RefreshStatistics makes the statistics again by which the database plans its
// statements. Writers wait while it runs, which the limit keeps short.
func (s *Store) RefreshStatistics(ctx context.Context) error {
	err := s.w.doAlone(ctx, func(w *tx) error {
		if err := w.run(`PRAGMA analysis_limit = ` + strconv.Itoa(analysisLimit)); err != nil {
			return err
		}
		return w.run(`ANALYZE`)
	})
	if err != nil {
		return fmt.Errorf("refresh statistics: %w", err)
	}
	return nil
}

// Peek reads at which migration a database file is, and changes nothing. The
// error is ErrNotFound without a file and ErrDamaged when it is no database.
func Peek(ctx context.Context, file string) (schema int64, err error) {
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("look at %s: %w", file, ErrNotFound)
	}
	db, err := sql.Open(driverName, copyDSN(file))
	if err != nil {
		return 0, fmt.Errorf("look at %s: %w", file, err)
	}
	defer db.Close() //nolint:errcheck // nothing was written through it
	var tables int
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version'`).Scan(&tables)
	if err == nil && tables > 0 {
		err = db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&schema)
	}
	if err != nil {
		return 0, fmt.Errorf("look at %s: %w", file, explain(err))
	}
	return schema, nil
}

// trimmed is a text of SQL on one line, at most n characters long.
func trimmed(query string, n int) string {
	line := []rune(strings.Join(strings.Fields(query), " "))
	if len(line) <= n {
		return string(line)
	}
	return string(line[:n-1]) + "…"
}

// Short is the text on one line of at most n characters.
func (s Statement) Short(n int) string { return trimmed(s.SQL, n) }

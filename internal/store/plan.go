package store

import (
	"context"
	"fmt"
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
	Steps   []string `json:"steps"`             // in the words of the database
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
	Name    string `json:"name"` // SQLite, Postgres
	Version string `json:"version"`
	Schema  int64  `json:"schema"` // newest migration
	Bytes   int64  `json:"bytes"`
	Free    int64  `json:"free"` // bytes of Bytes that hold nothing, as far as the database tells
	// Analyzed tells whether the planner has statistics.
	Analyzed bool `json:"analyzed"`
}

var (
	placeholder = regexp.MustCompile(`\$(\d+)`)
	explainable = regexp.MustCompile(`(?i)^(select|with|insert|update|delete|replace)\b`)
)

// Plan asks how the database would run one of the texts of Statements. ok is
// false for what has no plan, such as BEGIN.
func (s *Store) Plan(ctx context.Context, query string) (p Plan, ok bool, err error) {
	if !explainable.MatchString(query) {
		return Plan{}, false, nil
	}
	args := 0
	for _, m := range placeholder.FindAllStringSubmatch(query, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil {
			args = max(args, n)
		}
	}
	if p, err = s.d.plan(ctx, s, query, args); err != nil {
		return Plan{}, false, fmt.Errorf("plan %s: %w", query, explain(err))
	}
	return p, true, nil
}

// texts reads a column of texts.
func (s *Store) texts(ctx context.Context, query string, args ...any) (all []string, err error) {
	err = s.each(ctx, query, args, func(r scanner) error {
		var text string
		err := r.Scan(&text)
		all = append(all, text)
		return err
	})
	return all, err
}

// Rows counts the rows of a table, up to a limit.
func (s *Store) Rows(ctx context.Context, table string, limit int) (n int, err error) {
	names, err := s.d.names(ctx, s)
	if err != nil {
		return 0, err
	}
	if !slices.Contains(names, table) {
		return 0, fmt.Errorf("count rows of %q: %w", table, ErrNotFound)
	}
	err = s.read.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM "`+table+`" LIMIT $1) AS few`, limit).Scan(&n) // the name is one of the schema
	return n, explain(err)
}

// Indexes lists the indexes that were made by migrations, by name. Those that
// the database makes for keys are left out: they also keep rows unique.
func (s *Store) Indexes(ctx context.Context) ([]Index, error) {
	all, err := s.d.indexes(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("list indexes: %w", explain(err))
	}
	return all, nil
}

// Engine describes the database.
func (s *Store) Engine(ctx context.Context) (Engine, error) {
	e, err := s.d.engine(ctx, s)
	if err == nil {
		err = s.read.QueryRowContext(ctx, schemaVersion).Scan(&e.Schema)
	}
	if err != nil {
		return Engine{}, fmt.Errorf("describe database: %w", explain(err))
	}
	return e, nil
}

// RefreshStatistics makes the statistics again by which the database plans its
// statements. Writers wait while it runs, which the limit keeps short.
func (s *Store) RefreshStatistics(ctx context.Context) error {
	err := s.w.doAlone(ctx, s.d.analyze)
	if err != nil {
		return fmt.Errorf("refresh statistics: %w", err)
	}
	return nil
}

// schemaVersion is the newest migration that was applied.
const schemaVersion = `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`

// Peek reads at which migration a database is, and changes nothing. The error is
// ErrNotFound without one and ErrDamaged when it is no database.
func Peek(ctx context.Context, path string) (schema int64, err error) {
	if IsURL(path) {
		return peekPostgres(ctx, path)
	}
	return peekSQLite(ctx, path)
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

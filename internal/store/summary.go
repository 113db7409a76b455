package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/metric"
)

// defaultLimit is the page length of lists when none is asked for.
const defaultLimit = 50

// SessionFilter selects sessions for a list.
type SessionFilter struct {
	Status string          // empty means all
	Before event.SessionID // last id of the page before; empty means from the newest
	Limit  int             // 0 means 50
	Query  string          // part of the id, name, e-mail or business name, in any case

	Model      string    // business model; empty means all
	Question   int       // question at which it stands or ended; 0 means all
	Since, Til time.Time // when it was created, from and up to but without; zero means always
	Active     time.Time // last activity not before; zero means always
	ByActivity bool      // the last active first instead of the newest
}

// SessionSummary is one line of the list of sessions. Name and BusinessName
// are personal data.
type SessionSummary struct {
	ID           event.SessionID
	Status       intake.Status
	CreatedAt    time.Time
	LastActivity time.Time
	Name         string
	WebsiteType  string
	Model        string // empty until a business model was accepted
	Questions    int
	Percent      int // furthest progress, 0-100
	Package      catalog.PackageID
	Total        catalog.Cents
	BusinessName string
}

// Sessions lists sessions, newest first. Since names are sealed, a Query is
// answered by opening sessions one by one until the page is full.
func (s *Store) Sessions(ctx context.Context, f SessionFilter) ([]SessionSummary, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	query, args := `SELECT id, status, created_at, last_activity, website_type, coalesce(business_model, ''),
		question_count, percent, package, total_cents, person FROM sessions WHERE `+noCanary, []any{}
	if f.Before != "" {
		args = append(args, string(f.Before))
		query += fmt.Sprintf(` AND (created_at, id) < (SELECT created_at, id FROM sessions WHERE id = $%d)`, len(args))
	}
	more, args := f.conditions(args)
	query += more
	if f.ByActivity {
		query += ` ORDER BY last_activity DESC, id DESC`
	} else {
		query += ` ORDER BY created_at DESC, id DESC`
	}
	if f.Query == "" {
		args = append(args, limit)
		query += fmt.Sprintf(` LIMIT $%d`, len(args))
	}
	var out []SessionSummary
	err := s.each(ctx, query, args, func(r scanner) error {
		sum, who, err := s.scanSummary(r)
		if err != nil {
			return err
		}
		if f.Query == "" || matches(f.Query, string(sum.ID), who.Name, who.Email, who.Business) {
			out = append(out, sum)
		}
		if len(out) == limit {
			return errEnough
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return out, nil
}

// conditions adds what narrows the list to a query.
func (f SessionFilter) conditions(args []any) (string, []any) {
	var b strings.Builder
	for _, c := range []struct {
		use       bool
		condition string
		value     any
	}{
		{f.Status != "", "status = $%d", f.Status},
		{f.Model != "", "business_model = $%d", f.Model},
		{f.Question > 0, "question_count = $%d", f.Question},
		{!f.Since.IsZero(), "created_at >= $%d", f.Since.UnixMilli()},
		{!f.Til.IsZero(), "created_at < $%d", f.Til.UnixMilli()},
		{!f.Active.IsZero(), "last_activity >= $%d", f.Active.UnixMilli()},
	} {
		if c.use {
			args = append(args, c.value)
			fmt.Fprintf(&b, " AND "+c.condition, len(args))
		}
	}
	return b.String(), args
}

func (s *Store) scanSummary(r scanner) (SessionSummary, person, error) {
	var sum SessionSummary
	var who person
	var created, active int64
	var sealed []byte
	if err := r.Scan(&sum.ID, &sum.Status, &created, &active, &sum.WebsiteType, &sum.Model,
		&sum.Questions, &sum.Percent, &sum.Package, &sum.Total, &sealed); err != nil {
		return sum, who, err
	}
	plain, err := s.keys.Open(sealed, place("sessions.person", string(sum.ID)))
	if err != nil {
		return sum, who, err
	}
	if err := json.Unmarshal(plain, &who); err != nil {
		return sum, who, fmt.Errorf("decode person of session %s: %w", sum.ID, err)
	}
	sum.CreatedAt, sum.LastActivity = time.UnixMilli(created).UTC(), time.UnixMilli(active).UTC()
	sum.Name, sum.BusinessName = who.Name, who.Business
	return sum, who, nil
}

func matches(query string, texts ...string) bool {
	query = strings.ToLower(strings.TrimSpace(query))
	for _, text := range texts {
		if strings.Contains(strings.ToLower(text), query) {
			return true
		}
	}
	return false
}

// HealthFigures are the figures of GET /api/health (S21-S25), about the
// sessions created since a moment.
type HealthFigures struct {
	SessionsToday            int
	CompletionsToday         int     // of these, completed by now
	AverageQuestions         float64 // 0 without sessions
	BusinessModelsClassified int
	FeaturesAdopted          int // sessions with at least one selected feature
}

// Today computes the figures in one aggregate query (F-17). since is the last
// local midnight.
func (s *Store) Today(ctx context.Context, since time.Time) (HealthFigures, error) {
	var h HealthFigures
	err := s.read.QueryRowContext(ctx, `SELECT count(*),
		count(CASE WHEN status = 'completed' THEN 1 END),
		coalesce(avg(question_count), 0),
		count(business_model),
		count(CASE WHEN features_selected <> '[]' THEN 1 END)
		FROM sessions WHERE created_at >= $1 AND `+noCanary, since.UnixMilli()).
		Scan(&h.SessionsToday, &h.CompletionsToday, &h.AverageQuestions, &h.BusinessModelsClassified, &h.FeaturesAdopted)
	if err != nil {
		return HealthFigures{}, fmt.Errorf("read figures of today: %w", explain(err))
	}
	return h, nil
}

// Pipeline counts the interviews created in a period that are under way and have
// chosen features, and adds up what these come to.
func (s *Store) Pipeline(ctx context.Context, since, til time.Time) (n int, sum catalog.Cents, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(total_cents), 0) FROM sessions
		WHERE created_at >= $1 AND created_at < $2 AND status = 'in_progress' AND total_cents > 0 AND `+noCanary,
		since.UnixMilli(), til.UnixMilli()).Scan(&n, &sum)
	if err != nil {
		return 0, 0, fmt.Errorf("add up the projects under way: %w", explain(err))
	}
	return n, sum, nil
}

// ActiveSessions counts the interviews that were begun, are not finished and
// whose client did something since the given moment; like every other figure
// without those of programs.
func (s *Store) ActiveSessions(ctx context.Context, since time.Time) (int, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM session_facts
		WHERE last_seen >= $1 AND started <> 0 AND completed = 0 AND maker NOT IN ($2, $3)`,
		since.UnixMicro(), int64(metric.Marked), int64(metric.JudgedProgram)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count active sessions: %w", explain(err))
	}
	return n, nil
}

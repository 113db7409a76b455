package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
)

// Limits of the judgement.
const (
	mostSlow  = 10                    // listed (S123)
	slowMean  = 50 * time.Millisecond // of a statement that is worth a look
	largeScan = 10_000                // rows; a smaller table is faster read whole than by an index
	rounds    = 3                     // of the rehearsal
)

// Measured is what a server wrote down of its statements.
type Measured struct {
	Since      time.Time         `json:"since"` // start of that server
	Until      time.Time         `json:"until"`
	Statements []store.Statement `json:"statements"`
}

// Statements fills in what is known of statements and indexes: from what a
// server measured, when there is any, and from reading what its pages read, now,
// on the data as they are. It changes nothing.
func (r *Report) Statements(ctx context.Context, st *store.Store, server Measured) error {
	engine, err := st.Engine(ctx)
	if err != nil {
		return err
	}
	if err := rehearse(ctx, st, r.At); err != nil {
		return err
	}
	own := st.Statements()
	listed := own
	r.Source = "read by this command now, as the pages of the server do"
	if len(server.Statements) > 0 {
		listed = store.Slowest(server.Statements)
		r.Source = fmt.Sprintf("measured by the server from %s to %s", server.Since.UTC().Format(time.RFC3339), server.Until.UTC().Format(time.RFC3339))
	}
	plans, err := r.plan(ctx, st, append(slices.Clone(own), server.Statements...))
	if err != nil {
		return err
	}
	r.Slow = nil
	for _, s := range listed {
		p, ok := plans[s.SQL]
		if !ok || len(r.Slow) == mostSlow {
			continue
		}
		r.Slow = append(r.Slow, Slow{Statement: s, Mean: s.Mean(), Scans: p.Scans, Steps: p.Steps})
	}
	if err := r.judgeScans(ctx, st, plans, listed); err != nil {
		return err
	}
	r.judgeStatistics(engine)
	return nil
}

// plan asks for the plan of each text and counts which index is used.
func (r *Report) plan(ctx context.Context, st *store.Store, all []store.Statement) (map[string]store.Plan, error) {
	indexes, err := st.Indexes(ctx)
	if err != nil {
		return nil, err
	}
	plans := make(map[string]store.Plan)
	uses := make(map[string]int)
	for _, s := range all {
		if _, known := plans[s.SQL]; known || ours(s.SQL) {
			continue // of the doctor itself
		}
		p, ok, err := st.Plan(ctx, s.SQL)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil || !ok {
			continue // a text of another version, or one without a plan
		}
		plans[s.SQL] = p
		for _, name := range p.Indexes {
			uses[name]++
		}
	}
	r.Indexes = nil
	unused := 0
	for _, i := range indexes {
		r.Indexes = append(r.Indexes, IndexUse{i, uses[i.Name]})
		if uses[i.Name] == 0 {
			unused++
		}
	}
	slices.SortStableFunc(r.Indexes, func(a, b IndexUse) int { return a.Statements - b.Statements })
	r.Add(Finding{Area: "statements", Name: "index_use", Grade: health.Pass, Detail: fmt.Sprintf("%d indexes, %d of them used by no statement seen so far (of %d).", len(indexes), unused, len(plans))})
	return plans, nil
}

// ours reports whether a text is one of the examination, or of the opening of
// the database, and not of the work of a server.
func ours(query string) bool {
	for _, word := range []string{"sqlite_schema", "sqlite_version", "pragma_", "pg_", "server_version", "goose_db_version"} {
		if strings.Contains(query, word) {
			return true
		}
	}
	return false
}

// judgeScans names the tables that are large and read whole.
func (r *Report) judgeScans(ctx context.Context, st *store.Store, plans map[string]store.Plan, listed []store.Statement) error {
	small, slow := 0, 0
	for _, s := range listed {
		p, ok := plans[s.SQL]
		if ok && s.Mean() >= slowMean {
			slow++
		}
		for _, table := range p.Scans {
			n, err := st.Rows(ctx, table, largeScan)
			if err != nil {
				return err
			}
			if n < largeScan || s.Mean() < slowMean {
				small++
				continue
			}
			r.Add(Finding{
				Area: "statements", Name: "full_scan", Grade: health.Warn, Detail: fmt.Sprintf("Reads all of %s, in %s on average: %s", table, rounded(s.Mean()), s.Short(width)),
				Remedy: "Run introspect doctor --refresh; if it stays, the table needs an index for this, so report the statement.",
			})
		}
	}
	r.Add(Finding{Area: "statements", Name: "scans_small", Grade: health.Pass, Detail: fmt.Sprintf("Statements that read a whole table, which is small or fast enough: %d.", small)})
	f := Finding{Area: "statements", Name: "slow_statements", Grade: health.Pass, Detail: fmt.Sprintf("No statement takes %s or more on average.", slowMean)}
	if slow > 0 {
		f.Grade, f.Detail = health.Warn, fmt.Sprintf("Statements that take %s or more on average, listed below: %d.", slowMean, slow)
		f.Remedy = "Run introspect doctor --refresh; then look at the disk, which is slow when all of them are, and at the size of the database."
	}
	r.Add(f)
	return nil
}

func (r *Report) judgeStatistics(e store.Engine) {
	f := Finding{Area: "statements", Name: "statistics", Grade: health.Pass, Detail: "The database has statistics to plan by."}
	if !e.Analyzed {
		f.Detail = "The database plans without statistics, which is right while it is small; introspect doctor --refresh makes them."
		if e.Bytes > 1<<30 {
			f.Grade, f.Remedy = health.Warn, "Run introspect doctor --refresh."
		}
	}
	r.Add(f)
}

// rehearse reads what the pages of the owner and the background work read.
func rehearse(ctx context.Context, st *store.Store, now time.Time) error {
	day := metric.DayBucket(now, time.UTC)
	month := metric.View{From: day - 29, To: day}
	var newest []store.SessionSummary
	reads := []func() error{
		func() (err error) { newest, err = st.Sessions(ctx, store.SessionFilter{Limit: 50}); return err },
		func() error {
			_, err := st.Rollups(ctx, append(month.Needed(), month.Previous().Needed()...))
			return err
		},
		func() error { return st.OpenFacts(ctx, now.Add(-metric.Window), func(metric.Facts) {}) },
		func() error { _, err := st.Today(ctx, now.Truncate(24*time.Hour)); return err },
		func() error { _, err := st.ActiveSessions(ctx, now.Add(-5*time.Minute)); return err },
		func() error { _, err := st.Annotations(ctx, now.AddDate(0, 0, -30), now); return err },
		func() error { _, err := st.Jobs(ctx, store.JobFilter{Limit: 50}); return err },
		func() error { _, err := st.JobCounts(ctx); return err },
		func() error { _, _, err := st.DueJob(ctx); return err },
		func() error { _, err := st.Mails(ctx, store.MailFilter{Limit: 50}); return err },
		func() error { _, _, err := st.AlertStates(ctx); return err },
		func() error { _, err := st.OpenNotices(ctx); return err },
		func() error { _, err := st.AuditLog(ctx, 200); return err },
		func() error { _, err := st.AuditCounts(ctx, now.AddDate(0, 0, -1)); return err },
		func() error { _, err := st.Faults(ctx, day-1); return err },
		func() error { _, _, err := st.Silent(ctx, now.AddDate(0, 0, -1), now); return err },
		func() error { _, err := st.IdleSessions(ctx, now.AddDate(0, 0, -1), 100); return err },
		func() error { _, err := st.Incidents(ctx, now.AddDate(0, -3, 0)); return err },
		func() error { _, err := st.Maintenances(ctx, now.AddDate(0, 0, -1)); return err },
		func() error { _, err := st.ProbeDays(ctx, day-90); return err },
		func() error { _, err := st.SessionCounts(ctx); return err },
		func() error { _, err := st.AdvisorFigures(ctx, now.AddDate(0, 0, -30), now); return err },
		func() error { _, err := st.Webhooks(ctx); return err },
		func() error { return readOne(ctx, st, newest) },
	}
	for range rounds {
		for _, read := range reads {
			if err := read(); err != nil {
				return fmt.Errorf("read what the pages read: %w", err)
			}
		}
	}
	return nil
}

// readOne reads everything of the newest session.
func readOne(ctx context.Context, st *store.Store, newest []store.SessionSummary) error {
	if len(newest) == 0 {
		return nil
	}
	id := newest[0].ID
	_, err := st.Session(ctx, id)
	_, errMessages := st.Messages(ctx, id)
	_, errEvents := st.Events(ctx, id)
	_, errDelivery := st.Delivery(ctx, id)
	if errors.Is(errDelivery, store.ErrNotFound) {
		errDelivery = nil
	}
	return errors.Join(err, errMessages, errEvents, errDelivery)
}

package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/status"
)

// How long probes are kept: fine ones for the burn of a month, days for the
// bars of the status page and a year behind them.
const (
	keepQuarters = 35 * 24 * time.Hour
	keepDays     = 400
)

// The tiers of probes.
const (
	quarterTier = "quarter"
	dayTier     = "day"
)

// AddProbes counts the outcome of probes by component, in the quarter and the
// day of a moment, and forgets those that are too old.
func (s *Store) AddProbes(ctx context.Context, at time.Time, tallies map[string]status.Tally) error {
	err := s.w.do(ctx, func(w *tx) error {
		for component, t := range tallies {
			if err := errors.Join(
				w.countProbes(component, quarterTier, metric.QuarterBucket(at), metric.QuarterBucket(at.Add(-keepQuarters)), t),
				w.countProbes(component, dayTier, metric.DayBucket(at, s.zone), metric.DayBucket(at, s.zone)-keepDays, t),
			); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count probes: %w", err)
	}
	return nil
}

// countProbes adds to a bucket and deletes those before oldest.
func (t *tx) countProbes(component, tier string, bucket, oldest int64, tally status.Tally) error {
	err := t.run(`INSERT INTO probes (component, tier, bucket, good, bad) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (component, tier, bucket) DO UPDATE SET good = probes.good + excluded.good, bad = probes.bad + excluded.bad`,
		component, tier, bucket, tally.Good, tally.Bad)
	if err != nil {
		return err
	}
	return t.run(`DELETE FROM probes WHERE component = $1 AND tier = $2 AND bucket < $3`, component, tier, oldest)
}

// ProbesSince adds up the probes of a component from the quarter of a moment on.
func (s *Store) ProbesSince(ctx context.Context, component string, since time.Time) (status.Tally, error) {
	var t status.Tally
	err := s.read.QueryRowContext(ctx, `SELECT coalesce(sum(good), 0), coalesce(sum(bad), 0) FROM probes WHERE component = $1 AND tier = $2 AND bucket >= $3`,
		component, quarterTier, metric.QuarterBucket(since)).Scan(&t.Good, &t.Bad)
	if err != nil {
		return t, fmt.Errorf("read probes of %s: %w", component, explain(err))
	}
	return t, nil
}

// ProbeDays reads the tallies of days by component and day of the reporting
// zone, from one day on.
func (s *Store) ProbeDays(ctx context.Context, from int64) (map[string]map[int64]status.Tally, error) {
	out := make(map[string]map[int64]status.Tally)
	err := s.each(ctx, `SELECT component, bucket, good, bad FROM probes WHERE tier = $1 AND bucket >= $2`, []any{dayTier, from}, func(r scanner) error {
		var component string
		var day int64
		var t status.Tally
		if err := r.Scan(&component, &day, &t.Good, &t.Bad); err != nil {
			return err
		}
		if out[component] == nil {
			out[component] = make(map[int64]status.Tally)
		}
		out[component][day] = t
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read days of probes: %w", err)
	}
	return out, nil
}

// AddMissed counts the probes that nobody made in [from, til), because the
// process was not running or stood still, one for every interval, as bad ones of
// all the components, in their quarters and days. What lies further back than
// quarters are kept is left out.
func (s *Store) AddMissed(ctx context.Context, from, til time.Time, every time.Duration, components []string) error {
	if oldest := til.Add(-keepQuarters); from.Before(oldest) {
		from = oldest
	}
	quarters, days := map[int64]int64{}, map[int64]int64{}
	delta := metric.Delta{}
	for at := from; at.Before(til); at = at.Add(every) {
		quarters[metric.QuarterBucket(at)]++
		days[metric.DayBucket(at, s.zone)]++
		delta.Merge(metric.Probe(false, at, s.zone), 1)
	}
	err := s.w.do(ctx, func(w *tx) error {
		w.delta.Merge(delta, 1)
		for _, component := range components {
			if err := errors.Join(w.addBad(component, quarterTier, quarters), w.addBad(component, dayTier, days)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count probes that were missed: %w", err)
	}
	return nil
}

// addBad counts bad probes by bucket.
func (t *tx) addBad(component, tier string, buckets map[int64]int64) error {
	for bucket, n := range buckets {
		err := t.run(`INSERT INTO probes (component, tier, bucket, good, bad) VALUES ($1, $2, $3, 0, $4)
			ON CONFLICT (component, tier, bucket) DO UPDATE SET bad = probes.bad + excluded.bad`, component, tier, bucket, n)
		if err != nil {
			return err
		}
	}
	return nil
}

// LastWrite is when the database was last proven to take writes, and so when a
// process last looked; zero where none ever did.
func (s *Store) LastWrite(ctx context.Context) (time.Time, error) {
	text, err := s.Setting(ctx, lastWrite)
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the last write probe: %w", err)
	}
	return at, nil
}

// lastWrite is the setting that proves that the database can be written.
const lastWrite = "last_write_probe"

// ProbeWrite writes a row through the one writer, as every answer does, and so
// notices a full disk, a broken log and a queue that does not move.
func (s *Store) ProbeWrite(ctx context.Context) error {
	return s.SetSetting(ctx, lastWrite, s.now().UTC().Format(time.RFC3339))
}

// Size is how many bytes the database takes, its log included.
func (s *Store) Size(ctx context.Context) (bytes int64, err error) {
	if bytes, err = s.d.size(ctx, s); err != nil {
		return 0, fmt.Errorf("measure the database: %w", explain(err))
	}
	return bytes, nil
}

// SessionCounts tells how many sessions there are in each status.
func (s *Store) SessionCounts(ctx context.Context) (map[string]int, error) {
	out := make(map[string]int)
	err := s.each(ctx, `SELECT status, count(*) FROM sessions WHERE `+noCanary+` GROUP BY status`, nil, func(r scanner) error {
		var state string
		var n int
		err := r.Scan(&state, &n)
		out[state] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count sessions: %w", err)
	}
	return out, nil
}

// DueJob is when the oldest job that waits was due; ok is false when none is.
func (s *Store) DueJob(ctx context.Context) (due time.Time, ok bool, err error) {
	var at int64
	err = s.read.QueryRowContext(ctx, `SELECT coalesce(min(due_at), 0) FROM jobs WHERE state = 'waiting'`).Scan(&at)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("find the oldest job: %w", explain(err))
	}
	return moment(at), at > 0, nil
}

// AuditCounts counts the entries of the audit log since a moment by action.
func (s *Store) AuditCounts(ctx context.Context, since time.Time) (map[string]int, error) {
	out := make(map[string]int)
	err := s.each(ctx, `SELECT action, count(*) FROM audit WHERE at >= $1 GROUP BY action`, []any{since.UnixMilli()}, func(r scanner) error {
		var action string
		var n int
		err := r.Scan(&action, &n)
		out[action] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count audit log: %w", err)
	}
	return out, nil
}

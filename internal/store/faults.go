package store

import (
	"context"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

// The kinds of faults.
const (
	FaultError = "error" // answered with 5xx, by route
	FaultLimit = "limit" // refused with 429, by a hash of the network
)

// Fault counts what went wrong on one day.
type Fault struct {
	Day   int64 // bucket of the reporting zone
	Kind  string
	What  string
	Count int
}

// keepFaults is how many days faults are kept.
const keepFaults = 90

// AddFaults counts faults, and forgets old ones.
func (s *Store) AddFaults(ctx context.Context, list []Fault) error {
	if len(list) == 0 {
		return nil
	}
	err := s.w.do(ctx, func(w *tx) error {
		for _, f := range list {
			err := w.run(`INSERT INTO faults (day, kind, what, count) VALUES ($1, $2, $3, $4)
				ON CONFLICT (day, kind, what) DO UPDATE SET count = faults.count + excluded.count`, f.Day, f.Kind, f.What, f.Count)
			if err != nil {
				return err
			}
		}
		return w.run(`DELETE FROM faults WHERE day < $1`, metric.DayBucket(s.now(), s.zone)-keepFaults)
	})
	if err != nil {
		return fmt.Errorf("count faults: %w", err)
	}
	return nil
}

// Faults lists the faults from a day on, the newest day and the most frequent
// first, two hundred at most.
func (s *Store) Faults(ctx context.Context, from int64) ([]Fault, error) {
	var out []Fault
	err := s.each(ctx, `SELECT day, kind, what, count FROM faults WHERE day >= $1 ORDER BY day DESC, count DESC, what LIMIT 200`, []any{from}, func(r scanner) error {
		var f Fault
		err := r.Scan(&f.Day, &f.Kind, &f.What, &f.Count)
		out = append(out, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read faults: %w", err)
	}
	return out, nil
}

// Silent counts the interviews under way whose client did nothing between two
// moments, from and up to but without, and lists the first of them.
func (s *Store) Silent(ctx context.Context, from, til time.Time) (n int, first []event.SessionID, err error) {
	err = s.each(ctx, `SELECT id FROM sessions WHERE status = 'in_progress' AND last_activity >= $1 AND last_activity < $2 AND `+noCanary+` ORDER BY last_activity DESC`,
		[]any{from.UnixMilli(), til.UnixMilli()}, func(r scanner) error {
			var id event.SessionID
			err := r.Scan(&id)
			if n++; n <= 10 {
				first = append(first, id)
			}
			return err
		})
	if err != nil {
		return 0, nil, fmt.Errorf("count silent sessions: %w", err)
	}
	return n, first, nil
}

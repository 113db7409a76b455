package gauge

import (
	"context"
	"fmt"
	"sync"
	"time"

	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
)

// kept is how many minutes of requests are remembered: the longest window of an
// error budget.
const kept = 3 * 24 * 60

// The times above which a request counts as slow (DOMAIN 9.4).
const (
	slow  = 3 * time.Second
	stuck = 10 * time.Second
)

// Requests counts what the web server answers, by minute. The zero value is
// ready, and it is safe for concurrent use.
type Requests struct {
	mu      sync.Mutex
	minutes [kept]answered
}

// answered is one minute.
type answered struct {
	minute                   int64
	all, failed, slow, stuck int64
}

func (a *answered) add(o answered) {
	a.all, a.failed, a.slow, a.stuck = a.all+o.all, a.failed+o.failed, a.slow+o.slow, a.stuck+o.stuck
}

// Observe notes one answered request; a status from 500 is a failure.
func (r *Requests) Observe(at time.Time, took time.Duration, status int) {
	one := answered{minute: at.Unix() / 60, all: 1}
	if status >= 500 {
		one.failed = 1
	}
	if took > slow {
		one.slow = 1
	}
	if took > stuck {
		one.stuck = 1
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.put(one)
}

func (r *Requests) put(one answered) {
	if one.minute < 0 {
		return
	}
	m := &r.minutes[one.minute%kept]
	if m.minute != one.minute {
		*m = answered{minute: one.minute}
	}
	m.add(one)
}

// Restore takes in what an earlier process answered. Its quarters of an hour count in the first minute of theirs, so that the short windows do not see
// a quarter as if it were a minute.
func (r *Requests) Restore(ctx context.Context, st *store.Store, now time.Time) error {
	last := metric.QuarterBucket(now)
	rows, err := st.Rollups(ctx, []metric.Range{{Tier: metric.Quarter, Metric: metric.API, Dimension: metric.All, From: last - kept/15, To: last, One: true}})
	if err != nil {
		return fmt.Errorf("restore the requests of the last days: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, row := range rows {
		all, failed, slower := metric.Outcomes(row.Vector, slow, stuck)
		r.put(answered{minute: row.Key.Bucket * 15, all: all, failed: failed, slow: slower[0], stuck: slower[1]})
	}
	return nil
}

// since adds up the minutes of a window that ends now.
func (r *Requests) since(now time.Time, span time.Duration) (out answered) {
	last := now.Unix() / 60
	first := now.Add(-span).Unix()/60 + 1
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.minutes {
		if m := &r.minutes[i]; m.minute >= first && m.minute <= last {
			out.add(*m)
		}
	}
	return out
}

package ingest

import (
	"sync"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

// MaxValues is how many values of one dimension, such as traffic sources or
// features, events from outside may bring on one day of UTC. Each value makes
// rows of its own in the rollups, which a dashboard has to read; our catalog
// and any honest front end stay far below.
const MaxValues = 1000

// values remembers the values of a day.
type values struct {
	mu    sync.Mutex
	day   int64
	seen  map[metric.Label]struct{}
	count map[string]int // by dimension
}

// admit reports whether an event counts: it does unless it brings one value
// too many.
func (v *values) admit(e *event.Event, now time.Time) bool {
	labels := metric.Labels(*e)
	if len(labels) == 0 {
		return true
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if day := metric.DayBucket(now, time.UTC); v.seen == nil || day != v.day {
		v.day, v.seen, v.count = day, make(map[metric.Label]struct{}), make(map[string]int)
	}
	for _, l := range labels {
		if _, ok := v.seen[l]; ok {
			continue
		}
		if v.count[l.Dimension] >= MaxValues {
			return false
		}
		v.seen[l] = struct{}{}
		v.count[l.Dimension]++
	}
	return true
}

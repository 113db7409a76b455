package ingest

import (
	"sync"
	"time"

	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
)

// How many values of one dimension events from outside may bring on one day of
// UTC. Each value makes rows of its own in the rollups, and what is counted
// inside it (features, questions) makes one for each of the two; our catalog and
// any honest front end stay far below.
const (
	MaxValues = 1000 // traffic sources
	MaxOthers = 200  // of any other dimension
)

func most(dimension string) int {
	if dimension == metric.DimSource {
		return MaxValues
	}
	return MaxOthers
}

// values remembers the values of a day.
type values struct {
	mu    sync.Mutex
	day   int64
	seen  map[metric.Label]struct{}
	count map[string]int // by dimension

	labels []metric.Label // of the event at hand
}

// admit sets aside the events that bring one value too many.
func (v *values) admit(in []store.Incoming, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if day := metric.DayBucket(now, time.UTC); v.seen == nil || day != v.day {
		v.day, v.seen, v.count = day, make(map[metric.Label]struct{}), make(map[string]int)
	}
	for i := range in {
		v.labels = metric.Labels(v.labels[:0], in[i].Event.Name, in[i].Properties)
		for _, l := range v.labels {
			if !v.admits(l) {
				in[i].Aside = DetailValues
				break
			}
		}
	}
}

func (v *values) admits(l metric.Label) bool {
	if _, ok := v.seen[l]; ok {
		return true
	}
	if v.count[l.Dimension] >= most(l.Dimension) {
		return false
	}
	v.seen[l] = struct{}{}
	v.count[l.Dimension]++
	return true
}

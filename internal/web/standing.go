package web

import (
	"context"
	"sync"
	"time"

	"applicreations.com/introspect/internal/metric"
)

// Up to fewStanding visits of the last two days are read for every view, which
// takes a few milliseconds. Where there are more, a view gets what was read up to
// standingFresh ago.
const (
	fewStanding   = 5000
	standingFresh = 10 * time.Second
)

// standings remember where visits stand, when there are many. The zero value
// remembers nothing.
type standings struct {
	mu  sync.Mutex
	all []metric.Standing // more than fewStanding, or none
	at  time.Time
}

// of says where visits stand: what is remembered, or what read finds. Of those who
// ask at once one reads.
func (s *standings) of(ctx context.Context, now time.Time, read func(context.Context) ([]metric.Standing, error)) ([]metric.Standing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if age := now.Sub(s.at); len(s.all) > 0 && age >= 0 && age <= standingFresh {
		return s.all, nil
	}
	all, err := read(ctx)
	if s.all, s.at = nil, now; err == nil && len(all) > fewStanding {
		s.all = all
	}
	return all, err
}

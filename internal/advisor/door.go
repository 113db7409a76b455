package advisor

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// How long a place lasts without a sign of life, how long somebody whose turn it
// is may keep others waiting, and how long a conversation without an answer still
// counts as open.
const (
	PlaceLife = 60 * time.Second
	TurnLife  = 5 * time.Minute
	openFor   = 15 * time.Minute
)

// maxQueue bounds how many wait; whoever comes later is told to try again.
const maxQueue = 10_000

// door lets visitors in, in order. Places are kept in memory: after a restart
// everybody who still waits lines up again.
type door struct {
	limit int

	mu      sync.Mutex
	line    []place
	invited []place // whose turn it is, and who have not begun yet
}

type place struct {
	visit string
	seen  time.Time
	since time.Time // when they came
}

// Enter asks for a visitor whether a conversation may begin. When it may not,
// ahead says how many others are before them, and the place is kept for as long
// as they ask again within PlaceLife.
func (s *Service) Enter(ctx context.Context, visit string) (ahead int, ok bool, err error) {
	d := &s.door
	if d.limit <= 0 || !s.Fallback() {
		return 0, true, nil
	}
	now := s.now()
	open, err := s.cfg.Store.Conversing(ctx, now.Add(-openFor))
	if err != nil {
		return 0, false, fmt.Errorf("look for a free place: %w", err)
	}
	ahead, ok = d.enter(visit, open, now)
	return ahead, ok, nil
}

// Began gives an invitation back: the conversation counts by itself now.
func (s *Service) Began(visit string) {
	s.door.mu.Lock()
	defer s.door.mu.Unlock()
	s.door.invited = without(s.door.invited, visit)
	s.door.line = without(s.door.line, visit)
}

// Waiting is how many wait.
func (s *Service) Waiting() int {
	s.door.mu.Lock()
	defer s.door.mu.Unlock()
	s.door.expire(s.now())
	return len(s.door.line)
}

// Oldest is for how long the first in line has waited; 0 where nobody waits.
func (s *Service) Oldest() time.Duration {
	s.door.mu.Lock()
	defer s.door.mu.Unlock()
	now := s.now()
	s.door.expire(now)
	if len(s.door.line) == 0 {
		return 0
	}
	return now.Sub(s.door.line[0].since)
}

func (d *door) enter(visit string, open int, now time.Time) (ahead int, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if i := find(d.invited, visit); i >= 0 {
		d.invited[i].seen = now
	}
	at := find(d.line, visit)
	if at >= 0 {
		d.line[at].seen = now
	}
	d.expire(now)
	if find(d.invited, visit) >= 0 {
		return 0, true
	}
	at = find(d.line, visit)
	if at < 0 {
		if len(d.line) >= maxQueue {
			return len(d.line), false
		}
		at = len(d.line)
		d.line = append(d.line, place{visit, now, now})
	}
	if at < d.limit-open-len(d.invited) {
		d.line = slices.Delete(d.line, at, at+1)
		d.invited = append(d.invited, place{visit, now, now})
		return 0, true
	}
	return at, false
}

// expire drops those who left, and, while others wait, those whose turn it was
// and who never began: a page that is open in a forgotten window would hold its
// place for ever.
func (d *door) expire(now time.Time) {
	gone := func(p place) bool { return now.Sub(p.seen) > PlaceLife }
	d.line = slices.DeleteFunc(d.line, gone)
	d.invited = slices.DeleteFunc(d.invited, func(p place) bool {
		return gone(p) || len(d.line) > 0 && now.Sub(p.since) > TurnLife
	})
}

func find(list []place, visit string) int {
	return slices.IndexFunc(list, func(p place) bool { return p.visit == visit })
}

func without(list []place, visit string) []place {
	return slices.DeleteFunc(list, func(p place) bool { return p.visit == visit })
}

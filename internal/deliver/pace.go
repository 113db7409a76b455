package deliver

import (
	"slices"
	"sync"
	"time"
)

// pace remembers how long the stages of the last documents took, so that a
// client can be told how long it takes from here. It is safe for concurrent use.
type pace struct {
	mu    sync.Mutex
	taken map[string][]time.Duration // by stage, the newest last
}

// maxPace is how many documents the estimate rests on: enough that one slow disk
// access does not count, few enough that it follows the load of the moment.
const maxPace = 21

// took notes how long a stage took.
func (p *pace) took(stage string, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken == nil {
		p.taken = map[string][]time.Duration{}
	}
	list := append(p.taken[stage], max(d, 0))
	p.taken[stage] = list[max(0, len(list)-maxPace):]
}

// left estimates the time from a stage that began a while ago to the end:
// medians of what was measured. It is 0 before anything was measured, and when
// the stage takes longer than ever measured, because then nobody knows.
func (p *pace) left(stage string, since time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := max(slices.Index(Stages(), stage), 0)
	var sum time.Duration
	for i, name := range Stages()[at:] {
		list := slices.Sorted(slices.Values(p.taken[name]))
		if len(list) == 0 {
			return 0
		}
		usual := list[len(list)/2]
		if i == 0 {
			if since > list[len(list)-1] {
				return 0
			}
			usual = max(usual-since, 0)
		}
		sum += usual
	}
	return sum
}

// stopwatch measures the stages of one job.
type stopwatch struct {
	pace  *pace
	now   func() time.Time
	stage string
	began time.Time
}

// next ends the stage that runs and begins another one; empty: none.
func (w *stopwatch) next(stage string) {
	now := w.now()
	if w.stage != "" {
		w.pace.took(w.stage, now.Sub(w.began))
	}
	w.stage, w.began = stage, now
}

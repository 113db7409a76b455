package main

import (
	"sync"
	"time"

	"applicreations.com/introspect/internal/metric"
)

// traffic collects the latencies of requests from many goroutines until they
// are written to the rollups.
type traffic struct {
	mu   sync.Mutex
	seen metric.Requests
}

// Observe notes one answered request.
func (t *traffic) Observe(took time.Duration, status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen.Observe(took, status)
}

// Delta returns what was observed since the last call.
func (t *traffic) Delta(at time.Time) metric.Delta {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seen.Delta(at)
}

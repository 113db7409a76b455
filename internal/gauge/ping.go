package gauge

import (
	"context"
	"sync"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/stat"
)

// pings remembers the last answers of the database.
type pings struct {
	mu     sync.Mutex
	failed [3]bool
}

// pingLimit is how long the database may take to answer (operations 2.9).
const pingLimit = 2 * time.Second

// pinged asks the database, and reads how many of the last answers did not come.
func (g *Gauges) pinged(ctx context.Context, r alert.Rule, _ time.Time) ([]alert.Reading, error) {
	limited, cancel := context.WithTimeout(ctx, pingLimit)
	defer cancel()
	err := g.cfg.Store.Ping(limited)
	p := &g.pings
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed[0], p.failed[1], p.failed[2] = p.failed[1], p.failed[2], err != nil
	bad := int64(0)
	for _, f := range p.failed {
		if f {
			bad++
		}
	}
	var out alert.Reading
	for _, span := range spans(r) {
		out.Counts = append(out.Counts, condition.Count{Span: span, Now: stat.Rate{Hits: bad, Of: int64(len(p.failed))}})
	}
	return []alert.Reading{out}, nil
}

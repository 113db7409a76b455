package watch

import (
	"context"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/stat"
)

// own are the sources of this package: the database as the rounds meet it, and
// the rounds themselves.
func (s *Service) own() map[string]gauge.Source {
	return map[string]gauge.Source{"db_ping_failed": s.pinged, "db_storage_errors": s.storage, "evaluator_tick": s.ticked}
}

// pings remembers the last answers of the database.
type pings struct{ failed [3]bool }

// pingLimit is how long the database may take to answer (operations 2.9).
const pingLimit = 2 * time.Second

func (s *Service) pinged(ctx context.Context, r alert.Rule, _ time.Time) ([]alert.Reading, error) {
	limited, cancel := context.WithTimeout(ctx, pingLimit)
	defer cancel()
	err := s.cfg.Store.Ping(limited)
	p := &s.pings
	p.failed[0], p.failed[1], p.failed[2] = p.failed[1], p.failed[2], err != nil
	bad := int64(0)
	for _, f := range p.failed {
		if f {
			bad++
		}
	}
	var out alert.Reading
	if r.When.Ratio != nil {
		for _, w := range r.When.Ratio.Windows {
			out.Counts = append(out.Counts, condition.Count{Span: w.Span, Now: stat.Rate{Hits: bad, Of: int64(len(p.failed))}})
		}
	}
	return []alert.Reading{out}, nil
}

func (s *Service) storage(context.Context, alert.Rule, time.Time) ([]alert.Reading, error) {
	return []alert.Reading{{Value: float64(len(s.mem.trouble))}}, nil
}

// ticked is the round before this one: when it is too long ago, nothing was
// watched meanwhile.
func (s *Service) ticked(_ context.Context, _ alert.Rule, now time.Time) ([]alert.Reading, error) {
	last := s.mem.tick
	if last.IsZero() {
		last = now
	}
	return []alert.Reading{{Last: last}}, nil
}

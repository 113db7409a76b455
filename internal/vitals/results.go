package vitals

import (
	"context"
	"slices"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/store"
)

// resultLife is how long a failure counts that no success follows. Whoever did
// not mend it in a day knows of it, and the daily check still lists it.
const resultLife = 24 * time.Hour

// results count the operations of some kinds that failed since the last one that
// worked, by the time at which they ended: what was told late, because the
// installation was down, does not come after what happened since.
func (v *Vitals) results(kinds ...string) gauge.Source {
	return func(ctx context.Context, _ alert.Rule, now time.Time) ([]alert.Reading, error) {
		list, err := v.cfg.Store.Results(ctx, now.Add(-resultLife))
		if err != nil {
			return nil, err
		}
		failed := 0
		for _, r := range list { // the newest first
			if !slices.Contains(kinds, r.Kind) {
				continue
			}
			if r.Good {
				break
			}
			failed++
		}
		return []alert.Reading{value(float64(failed))}, nil
	}
}

// operations are the sources about what runs elsewhere and tells.
func (v *Vitals) operations() map[string]gauge.Source {
	return map[string]gauge.Source{
		"deploy_failed": v.results(store.OperationDeploy, store.OperationRollback),
		"smoke_failed":  v.results(store.OperationSmoke),
	}
}

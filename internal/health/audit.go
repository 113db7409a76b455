package health

import (
	"context"
	"log/slog"
	"time"

	"applicreations.com/introspect/internal/metric"
)

// AuditInterval is how often one day of the figures is added up again.
const AuditInterval = 10 * time.Minute

// auditedDays is how many of the last days are audited in turn.
const auditedDays = 30

// Audit is the outcome of the last audit of the figures. At is zero before the
// first.
type Audit struct {
	At    time.Time
	Day   string // that was audited
	Drift int    // rows and facts that were wrong; must be 0
	Found int    // all wrong rows and facts since the process began
}

// LastAudit is the outcome of the last audit.
func (c *Checker) LastAudit() Audit {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.audit
}

// RunAudits audits one day after the other, today first, until ctx ends. A
// drift is logged as an error: somebody has to look, and introspect rollup
// rebuild mends it. ticks says when to go on; nil means every AuditInterval.
func (c *Checker) RunAudits(ctx context.Context, log *slog.Logger, ticks <-chan time.Time) {
	if ticks == nil {
		t := time.NewTicker(AuditInterval)
		defer t.Stop()
		ticks = t.C
	}
	for n := int64(0); ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
		now := c.cfg.Now()
		got, err := c.cfg.Store.AuditDay(ctx, metric.DayBucket(now, c.cfg.Zone)-n%auditedDays)
		if err != nil {
			if ctx.Err() == nil {
				log.WarnContext(ctx, "the figures were not audited", "error", err)
			}
			continue
		}
		c.mu.Lock()
		c.audit = Audit{At: now, Day: metric.Date(got.Day), Drift: got.Drift + got.Wrong, Found: c.audit.Found + got.Drift + got.Wrong}
		c.mu.Unlock()
		if got.Drift+got.Wrong > 0 {
			log.ErrorContext(ctx, "figures have drifted from their events; run introspect rollup rebuild",
				"day", metric.Date(got.Day), "rollup_drift", got.Drift, "session_facts_drift", got.Wrong)
		}
	}
}

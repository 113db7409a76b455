package health

import (
	"context"
	"time"

	"applicreations.com/introspect/internal/status"
)

// countMissed counts the probes that were not made since the last one: between
// the end of the last process and the start of this one, or while this one stood
// still. Nobody was served meanwhile, so they count as failed. A clock that was
// set ahead while the process ran is no such gap, because time.Now knows better;
// a fake one must take care of itself.
func (c *Checker) countMissed(ctx context.Context) {
	now := c.cfg.Now()
	ctx, cancel := context.WithTimeout(ctx, Deadline)
	defer cancel()
	if c.looked.IsZero() {
		last, err := c.cfg.Store.LastWrite(ctx)
		if err != nil {
			return // asked again with the next probe
		}
		c.looked = last
	}
	if from, n := missed(c.looked, now); n > 0 {
		c.owed = append(c.owed, gap{from, from.Add(time.Duration(n) * Interval)})
	}
	c.looked = now
	names := []string{Service}
	for _, part := range status.Components() {
		names = append(names, string(part))
	}
	for len(c.owed) > 0 {
		if c.cfg.Store.AddMissed(ctx, c.owed[0].from, c.owed[0].til, Interval, names) != nil {
			return // tried again with the next probe
		}
		c.owed = c.owed[1:]
	}
}

// gap is a time without probes that is not written yet.
type gap struct{ from, til time.Time }

// missed is how many probes there should have been between two, and when the
// first of them. Without a last one nothing was missed.
func missed(last, now time.Time) (from time.Time, n int64) {
	if last.IsZero() {
		return time.Time{}, 0
	}
	return last.Add(Interval), max(0, int64(now.Sub(last)/Interval)-1)
}

package condition

import "strings"

// Limit is the figure from which a condition is met, and what it is called. The
// name is empty for one that has no single figure.
func (c *Condition) Limit() (name string, value float64) {
	switch {
	case c.Threshold != nil && c.Threshold.Unit == "":
		return "Limit", c.Threshold.Fire
	case c.Threshold != nil:
		return "Limit in " + strings.TrimSpace(c.Threshold.Unit), c.Threshold.Fire
	case c.Ratio != nil:
		return "Limit as a share from 0 to 1", c.Ratio.Fire
	case c.Drop != nil:
		return "Smallest change that matters, as a share", c.Drop.Least
	case c.Burn != nil:
		return "Share of requests that must be good", c.Burn.Objective
	}
	return "", 0
}

// SetLimit changes the figure, and moves the one at which it is over in the same
// proportion.
func (c *Condition) SetLimit(limit float64) {
	switch {
	case c.Threshold != nil:
		c.Threshold.Clear = scaled(c.Threshold.Clear, c.Threshold.Fire, limit)
		c.Threshold.Fire = limit
	case c.Ratio != nil:
		c.Ratio.setLimit(limit)
	case c.Drop != nil:
		c.Drop.Clear = *scaled(&c.Drop.Clear, c.Drop.Least, limit)
		c.Drop.Least = limit
	case c.Burn != nil:
		c.Burn.Objective = limit
	}
}

// setLimit moves the share at which it is over in the proportion of what is left
// to none or, for a share that must not be low, to all: no share is ever beyond.
func (q *Ratio) setLimit(limit float64) {
	if q.Op.up() {
		q.Clear = scaled(q.Clear, q.Fire, limit)
	} else if q.Clear != nil {
		left := 1 - *q.Clear
		q.Clear = new(1 - *scaled(&left, 1-q.Fire, 1-limit))
	}
	q.Fire = limit
}

// scaled moves a figure as another one moves; nil stays nil.
func scaled(over *float64, from, to float64) *float64 {
	if over == nil || from == 0 {
		return over
	}
	moved := *over * (to / from)
	return &moved
}

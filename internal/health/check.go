package health

import (
	"context"
	"slices"
	"sync"
	"time"

	"applicreations.com/introspect/internal/status"
)

// Grade is how well a check went, spelled as in health+json.
type Grade string

// The grades, from the best to the worst.
const (
	Pass Grade = "pass"
	Warn Grade = "warn" // somebody should look today
	Fail Grade = "fail" // something does not work
)

// Reading is what one check saw.
type Reading struct {
	Grade  Grade
	Value  float64 // the figure behind it, in Unit
	Unit   string  // s, bytes, percent, days, jobs, rows; empty: there is no figure
	Detail string  // a sentence for people, without personal data
	Open   bool    // nothing was learned yet; Grade is Pass, for nobody is to be called, and a page must not say that it is well
}

// Finding is the last reading of a check.
type Finding struct {
	Name  string // stable: metrics and alerts know it
	Title string // for people
	Reading
	At   time.Time     // zero: not read yet
	Took time.Duration // how long it took
}

// check is something that is looked at now and then, never by a request.
type check struct {
	name, title string
	every       time.Duration // after a reading that did not pass: retryAfter at most
	run         func(context.Context) Reading
}

// retryAfter is how soon a check that did not pass is made again, however
// rarely it is made otherwise.
const retryAfter = 5 * time.Minute

// early is how much sooner than it should a check may be made: a tick that comes
// a moment before its time must not cost a whole round.
const early = time.Second

// Findings are the last readings of all checks, the peers first.
func (c *Checker) Findings() []Finding {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append(c.peerFindings(), slices.Clone(c.findings)...)
}

// peerFindings shows the configured peers as findings. The caller holds mu.
func (c *Checker) peerFindings() []Finding {
	var out []Finding
	for _, p := range []struct {
		name, title string
		configured  bool
		ok          bool
		bad         Grade
	}{
		{"database", "Database, reading", true, c.peers.Database, Fail},
		{"claude", "Language model", c.cfg.Claude != nil, c.peers.Claude, Fail},
		{"email", "Mail provider", c.cfg.Email != nil, c.peers.Email, Warn},
		{"redis", "Redis", c.cfg.Redis != nil, c.peers.Redis, Warn},
	} {
		if !p.configured {
			continue
		}
		f := Finding{Name: p.name, Title: p.title, At: c.probed, Reading: Reading{Grade: Pass, Detail: "Answers."}}
		switch {
		case c.probed.IsZero():
			f.Detail, f.Open = "Not looked at yet.", true
		case !p.ok:
			f.Grade, f.Detail = p.bad, "Does not answer."
		}
		out = append(out, f)
	}
	return out
}

// look makes every check that is due, all at once, and shows each reading as
// soon as it is there. It returns when all are, or their deadline has passed.
func (c *Checker) look(ctx context.Context, running *sync.WaitGroup) {
	now := c.cfg.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, ch := range c.checks {
		if last := c.findings[i]; !last.At.IsZero() {
			wait := ch.every
			if last.Grade != Pass {
				wait = min(wait, retryAfter)
			}
			if now.Sub(last.At) < wait-early {
				continue
			}
		}
		running.Go(func() { c.read(ctx, i, ch, now) })
	}
}

// read makes one check. One that does not come back in time fails, and its
// reading is dropped when it comes later.
func (c *Checker) read(ctx context.Context, i int, ch check, now time.Time) {
	limited, cancel := context.WithTimeout(ctx, Deadline)
	defer cancel()
	start := time.Now()
	got := make(chan Reading, 1)
	go func() { got <- ch.run(limited) }()
	var r Reading
	select {
	case r = <-got:
	case <-limited.Done():
		r = Reading{Grade: Fail, Detail: "No answer within " + Deadline.String() + "."}
	}
	if ctx.Err() != nil {
		return // what failed, failed because we are stopping
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.findings[i] = Finding{Name: ch.name, Title: ch.title, Reading: r, At: now, Took: time.Since(start)}
}

// Components is how each component is, by the last probe. It is empty before
// the first one.
func (c *Checker) Components() map[status.Component]status.State {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.probed.IsZero() {
		return nil
	}
	return c.components()
}

// components judges from what is known. The caller holds mu.
func (c *Checker) components() map[status.Component]status.State {
	out := make(map[status.Component]status.State)
	worse := func(s status.State, parts ...status.Component) {
		for _, p := range parts {
			out[p] = status.Worst(out[p], s)
		}
	}
	worse(status.Operational, status.Components()...)
	if !c.peers.Database {
		worse(status.MajorOutage, status.Components()...)
	}
	for _, f := range c.peerFindings() {
		switch {
		case f.Grade == Pass:
		case f.Name == "claude":
			worse(status.Degraded, status.Intake) // the embedded interviewer goes on
		case f.Name == "email":
			worse(status.PartialOutage, status.Documents)
		case f.Name == "redis":
			worse(status.Degraded, status.API)
		}
	}
	for _, f := range c.findings {
		switch {
		case f.Grade == Pass || f.At.IsZero():
		case f.Name == "database_write" && f.Grade == Fail:
			worse(status.MajorOutage, status.Intake)
			worse(status.PartialOutage, status.API, status.Documents)
		case f.Name == "jobs_waiting" && f.Grade == Fail:
			worse(status.PartialOutage, status.Documents)
		case f.Name == "jobs_waiting":
			worse(status.Degraded, status.Documents)
		case f.Name == "evaluator":
			worse(status.Degraded, status.Dashboard)
		}
	}
	return out
}

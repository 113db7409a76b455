// Package health knows whether Introspect can serve: the body of /api/health
// as the seed spells it (S14-S28), the answer of the readiness probe, and the
// uptime that the dashboard shows.
//
// The database is asked on every report, because nothing works without it.
// Peers (model, mail, Redis) and further checks (disk, jobs, certificate and
// more, in checks.go) are made in the background only, so that nobody can make
// this server call its vendors by asking for its health (K-65). The outcome is
// counted by component, for the status page. Start with Checker.Run,
// Checker.Report and Checker.Findings.
package health

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/status"
	"applicreations.com/introspect/internal/store"
)

const (
	// Interval lies between two probes of the peers.
	Interval = 30 * time.Second
	// Deadline bounds one probe of one peer.
	Deadline = 5 * time.Second
	// DatabaseDeadline bounds each of the two queries of a report: a platform
	// that probes with a limit of 5 s still gets its answer.
	DatabaseDeadline = 2 * time.Second
	// DefaultVersion is shown by a build that knows no version (S16).
	DefaultVersion = "3.2.0"
)

// ErrDraining is why a process that shuts down gets no new requests.
var ErrDraining = errors.New("shutting down")

// Config is what a Checker needs; Store is required. A nil Claude, Email or
// Redis means that the peer is not configured: its check stays false, and an
// absent Claude is not critical, because the embedded interviewer serves.
type Config struct {
	Store       *store.Store
	Claude      func(context.Context) error
	Email       func(context.Context) error
	Redis       func(context.Context) error
	Version     string           // empty means DefaultVersion
	Commit      string           // of the source; empty when the build knows none
	Environment string           // e.g. "production"
	Now         func() time.Time // nil means time.Now
	Zone        *time.Location   // cuts "today" and the days of uptime; nil means time.Local (S21)
	Tick        <-chan time.Time // says when to probe again; nil means every Interval

	// What the further checks look at; without it, a check is not shown.
	DataDir   string                                // whose disk must not fill up
	AppURL    string                                // whose certificate and clock are looked at
	Roots     *x509.CertPool                        // that certificate's; nil means the machine's
	Keys      *seal.Keyring                         // sealed and opened once a day
	Heartbeat func() time.Time                      // when alerts were last evaluated
	Backup    func(context.Context) (Backup, error) // how backups stand
	Drill     func(context.Context) (Drill, error)  // what the last restore for practice showed
}

// Backup is how backups stand.
type Backup struct {
	At     time.Time // when the last good one was made; zero: never
	Coming bool      // there is none, and the first one is being made or about to be
	Reason string    // why the last attempt failed; empty: it did not
}

// Drill is what restoring the newest backup for practice showed.
type Drill struct {
	At       time.Time     // zero: never
	Reason   string        // why it failed; empty: it was restored and proven
	RPO, RTO time.Duration // what would have been lost, and how long it took
}

// Checker watches the database and the peers. It is safe for concurrent use.
type Checker struct {
	cfg      Config
	began    time.Time
	draining atomic.Bool

	checks []check

	mu       sync.Mutex
	peers    Checks    // results of the last probes; a report asks the database itself
	findings []Finding // of checks, in their order
	probed   time.Time // when all of them were last known
	audit    Audit

	looked time.Time // when somebody last probed, also before this process; zero: not known yet
	owed   []gap
}

// New makes a checker. Until Run has probed once, all peers count as down.
func New(cfg Config) *Checker {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Zone == nil {
		cfg.Zone = time.Local
	}
	if cfg.Version == "" {
		cfg.Version = DefaultVersion
	}
	c := &Checker{cfg: cfg, began: cfg.Now()}
	c.checks = c.ownChecks()
	for _, ch := range c.checks {
		c.findings = append(c.findings, Finding{Name: ch.name, Title: ch.title, Reading: Reading{Grade: Pass, Detail: "Not looked at yet.", Open: true}})
	}
	return c
}

// Run probes at once and then at every tick, until ctx ends. Each probe is
// counted into the uptime. A count that the database does not take is kept and
// written with a later one, so that an outage of the database lowers the uptime
// too. So does the time in which no process was there to probe.
func (c *Checker) Run(ctx context.Context) {
	tick := c.cfg.Tick
	if tick == nil {
		t := time.NewTicker(Interval)
		defer t.Stop()
		tick = t.C
	}
	var unwritten ledger
	for {
		c.countMissed(ctx)
		c.probe(ctx, &unwritten)
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}

// probe makes the checks and adds the outcome to unwritten, which it empties
// when the store takes it.
func (c *Checker) probe(ctx context.Context, unwritten *ledger) {
	c.ask(ctx)
	if ctx.Err() == nil {
		c.count(ctx, unwritten)
	}
}

// Examine makes every check now, once, and returns what was found. It counts
// nothing into the uptime, so that looking does not change the figures.
func (c *Checker) Examine(ctx context.Context) []Finding {
	c.ask(ctx)
	c.mu.Lock()
	c.probed = c.cfg.Now()
	c.mu.Unlock()
	return c.Findings()
}

// ask asks every peer and makes every check that is due, in parallel, and shows
// each result as soon as it is known.
func (c *Checker) ask(ctx context.Context) {
	var running sync.WaitGroup
	for _, peer := range []struct {
		check func(context.Context) error
		limit time.Duration
		show  func(ok bool)
	}{
		{c.cfg.Store.Ping, DatabaseDeadline, func(ok bool) { c.peers.Database = ok }},
		{c.cfg.Claude, Deadline, func(ok bool) { c.peers.Claude = ok }},
		{c.cfg.Email, Deadline, func(ok bool) { c.peers.Email = ok }},
		{c.cfg.Redis, Deadline, func(ok bool) { c.peers.Redis = ok }},
	} {
		if peer.check == nil {
			continue
		}
		running.Go(func() {
			limited, cancel := context.WithTimeout(ctx, peer.limit)
			defer cancel()
			err := peer.check(limited)
			if ctx.Err() != nil {
				return // what failed, failed because we are stopping
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			peer.show(err == nil)
		})
	}
	c.look(ctx, &running)
	running.Wait()
}

// Service is the component under which the probes of everything critical are
// counted: the uptime and the error budget are its.
const Service = "service"

// ledger holds what the database has not taken yet.
type ledger struct {
	days   metric.Delta
	probes []probes // by quarter, the oldest first
}

type probes struct {
	at      time.Time
	tallies map[string]status.Tally
}

// mostUnwritten is how many quarters of an outage are remembered: a day.
const mostUnwritten = 96

// add counts one probe.
func (l *ledger) add(at time.Time, zone *time.Location, serves bool, states map[status.Component]status.State) {
	if l.days == nil {
		l.days = metric.Delta{}
	}
	l.days.Merge(metric.Probe(serves, at, zone), 1)
	n := len(l.probes)
	if n == 0 || metric.QuarterBucket(l.probes[n-1].at) != metric.QuarterBucket(at) {
		l.probes = append(l.probes, probes{at, make(map[string]status.Tally)})
		l.probes = l.probes[max(0, len(l.probes)-mostUnwritten):]
	}
	into := l.probes[len(l.probes)-1].tallies
	count := func(name string, ok bool) {
		if ok {
			into[name] = into[name].Add(status.Tally{Good: 1})
		} else {
			into[name] = into[name].Add(status.Tally{Bad: 1})
		}
	}
	count(Service, serves)
	for name, state := range states {
		count(string(name), state.Serves())
	}
}

// count adds the probe that just ended to the uptime.
func (c *Checker) count(ctx context.Context, unwritten *ledger) {
	now := c.cfg.Now()
	c.mu.Lock()
	c.probed = now
	unwritten.add(now, c.cfg.Zone, c.serves(c.peers), c.components())
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, Deadline)
	defer cancel()
	if c.cfg.Store.AddRollups(ctx, unwritten.days) == nil {
		clear(unwritten.days)
	}
	for len(unwritten.probes) > 0 {
		if c.cfg.Store.AddProbes(ctx, unwritten.probes[0].at, unwritten.probes[0].tallies) != nil {
			return
		}
		unwritten.probes = unwritten.probes[1:]
	}
}

// serves reports whether all critical checks are true (S26, S27).
func (c *Checker) serves(now Checks) bool {
	return now.Database && (now.Claude || c.cfg.Claude == nil)
}

// Ready reports why this process should get no requests: it is draining, or
// its database does not answer or is not migrated. Peers do not matter, for a
// dead vendor must not take the pages down with it (K-64).
func (c *Checker) Ready(ctx context.Context) error {
	if c.draining.Load() {
		return ErrDraining
	}
	ctx, cancel := context.WithTimeout(ctx, DatabaseDeadline)
	defer cancel()
	if err := c.cfg.Store.Ping(ctx); err != nil {
		return fmt.Errorf("ask the database: %w", err)
	}
	if err := c.cfg.Store.Migrated(ctx); err != nil {
		return fmt.Errorf("check migrations: %w", err)
	}
	return nil
}

// Drain makes Ready fail from now on.
func (c *Checker) Drain() { c.draining.Store(true) }

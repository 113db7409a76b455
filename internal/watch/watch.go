// Package watch looks after the alert rules: it measures what each asks for,
// lets package alert decide, stores states and notices in one transaction, and
// brings the notices to people by durable jobs, so that neither a restart nor a
// kill loses one or tells the same thing twice.
//
// It words no rule and speaks to no vendor: what is measured outside comes as a
// Source, and who is told as a Channel. Start with Service.Tick, which is one
// round; Service.Run makes them until it is stopped.
package watch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/hindsight"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/morning"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
)

// Interval lies between two rounds. Rules are measured as often as they say, the
// fastest of them every ten seconds.
const Interval = 10 * time.Second

// Channel tells people. Notices with the key of a parcel that was told already
// must not reach them twice, because a job that dies after it told comes again.
// An error is a *letter.SendError where it is known what to do about it.
type Channel func(ctx context.Context, p alert.Parcel) (answer string, err error)

// Sender sends a mail and returns the provider's id of it. A key repeated means
// the same mail.
type Sender func(ctx context.Context, m letter.Message, key string) (providerID string, err error)

// Config is what a Service needs. Store and Keys are required.
type Config struct {
	Store *store.Store
	Keys  *seal.Keyring // signs the links that acknowledge

	Rules    []alert.Rule                      // by alert.Parse; nil: alert.Builtin
	Channels map[alert.Channel]Channel         // beside email, digest and log
	People   map[alert.Channel]letter.Address  // more channels: somebody who is told by mail
	Routes   map[alert.Channel][]alert.Channel // who stands behind a name that rules use; without a row: the channel of that name
	Quiet    []alert.Channel                   // channels that nobody reads at once: who is told through them only has not been told
	Fallback []alert.Channel                   // for critical alerts that nobody took within a minute; nil: email
	Taken    map[alert.Channel]Taken           // channels that are to know when somebody takes an episode on
	Sources  map[string]gauge.Source           // more of them, by metric; they win over those of this package
	Reasons  map[string]string                 // why a metric has no source here, for people
	Requests *gauge.Requests                   // what the web server answered; nil: the rules about it are not measured

	Mail   Sender // nil: no mails
	Agency letter.Agency
	To     letter.Address // who reads alerts by mail
	Base   func() string  // public address without a slash at its end
	Guide  string         // page with a section for every kind of trouble; empty: the runbook of this installation

	Zone *time.Location   // of the daily digest; nil: UTC
	Now  func() time.Time // nil: time.Now
	Tick <-chan time.Time // begins rounds; nil: every Interval
	Wait time.Duration    // how long a round may read; 0: 20 seconds
	Log  *slog.Logger     // nil: none
}

// Service evaluates the rules. It is safe for concurrent use.
type Service struct {
	cfg      Config
	channels map[alert.Channel]Channel
	sources  map[string]gauge.Source

	turn   sync.Mutex // held for a round
	mem    memory
	gauges *gauge.Gauges

	mornings *morning.Service

	keeper hindsight.Keeper // of the readings
	tester *hindsight.Tester

	counts tallies
	board  atomic.Pointer[Board] // what the last round found, for pages
}

// memory is what a round leaves for the next one. The database has the same,
// except while it cannot be written.
type memory struct {
	loaded   bool
	states   map[alert.Fingerprint]store.AlertState
	saved    map[alert.Fingerprint]string // as the database has them
	measured map[alert.RuleID]time.Time
	readings map[alert.Fingerprint]alert.Reading
	env      alert.Env
	rules    []alert.Rule
	notices  []store.AlertNotice         // whose outcome no state knows yet
	pending  store.AlertChange           // what the database did not take yet
	stuck    bool                        // it refused the last round
	firing   map[alert.RuleID]int        // how many states of a rule fire
	direct   map[alert.Key]alert.Receipt // told without it
	fallen   map[alert.EpisodeID]bool    // told through the fallback
	clock    time.Time                   // of this round, with its steady reading
	tick     time.Time                   // of the last round, likewise
}

// New makes a Service. The rules are checked again, for a rule that cannot be
// evaluated would be silent.
func New(cfg Config) (*Service, error) {
	if cfg.Rules == nil {
		var err error
		if cfg.Rules, err = alert.Builtin(); err != nil {
			return nil, err
		}
	}
	for _, r := range cfg.Rules {
		if err := r.Check(); err != nil {
			return nil, fmt.Errorf("start watching: %w", err)
		}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.Zone, cfg.Wait, cfg.Log = cmp.Or(cfg.Zone, time.UTC), cmp.Or(cfg.Wait, readLimit), cmp.Or(cfg.Log, slog.New(slog.DiscardHandler))
	if cfg.Base == nil {
		cfg.Base = func() string { return "" }
	}
	s := &Service{cfg: cfg, channels: map[alert.Channel]Channel{Log: logging(cfg.Log)}}
	if cfg.Mail != nil {
		s.channels[Email] = s.mailTo(cfg.To)
		if s.cfg.Fallback == nil {
			s.cfg.Fallback = []alert.Channel{Email}
		}
		for c, to := range cfg.People {
			s.channels[c] = s.mailTo(to)
		}
	}
	maps.Copy(s.channels, cfg.Channels)
	s.gauges = gauge.New(gauge.Config{Store: cfg.Store, Zone: cfg.Zone, Requests: cfg.Requests})
	s.mornings = morning.New(morning.Config{
		Store: cfg.Store, Zone: cfg.Zone, Mail: cfg.Mail, Tell: s.channels[Digest], News: Digest, Agency: cfg.Agency, To: cfg.To, Base: cfg.Base,
	})
	s.sources = s.gauges.Sources()
	s.sources["evaluator_tick"] = s.ticked
	maps.Copy(s.sources, cfg.Sources)
	s.mem = memory{
		states: map[alert.Fingerprint]store.AlertState{}, saved: map[alert.Fingerprint]string{}, measured: map[alert.RuleID]time.Time{},
		readings: map[alert.Fingerprint]alert.Reading{}, direct: map[alert.Key]alert.Receipt{}, fallen: map[alert.EpisodeID]bool{}, rules: s.routed(cfg.Rules),
	}
	s.board.Store(&Board{})
	s.tester = hindsight.NewTester(hindsight.Config{Store: cfg.Store, Gauges: s.gauges, Now: cfg.Now, Retold: func(r alert.Rule) bool { return cfg.Sources[r.Metric] == nil }})
	return s, nil
}

// Run makes rounds until ctx ends.
func (s *Service) Run(ctx context.Context) {
	ticks := s.cfg.Tick
	if ticks == nil {
		t := time.NewTicker(Interval)
		defer t.Stop()
		ticks = t.C
	}
	for {
		if err := s.Tick(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Log.ErrorContext(ctx, "alerts were evaluated in memory only; what is critical is told at once, the rest when the database is back", "error", err)
		}
		s.refresh(ctx)
		select {
		case <-ctx.Done():
			s.leave(ctx)
			return
		case <-ticks:
		}
	}
}

// refresh tries a rule again whose record grows old. A database that hangs must not
// keep the next round up.
func (s *Service) refresh(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, s.cfg.Wait)
	defer cancel()
	if _, err := s.tester.Refresh(limited, s.measured()); err != nil && ctx.Err() == nil {
		s.cfg.Log.WarnContext(ctx, "a rule could not be tried on the last 30 days; its page tries again", "error", err)
	}
}

// leave stores the readings that wait for the next time that they are stored.
func (s *Service) leave(ctx context.Context) {
	s.turn.Lock()
	defer s.turn.Unlock()
	if s.mem.stuck {
		return // what goes before them is not stored either
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.Wait/4)
	defer cancel()
	last := s.mem.tick.UTC()
	list, _ := s.keeper.Changes(last, true)
	if err := s.cfg.Store.SaveAlerts(limited, store.AlertChange{Readings: list}); err != nil {
		s.cfg.Log.WarnContext(ctx, "the last readings of the alert rules were not stored; a backtest may lack these minutes", "error", err)
		return
	}
	s.keeper.Stored(last, time.Time{})
}

// readLimit is how long a round may read, unless Config.Wait says otherwise.
const readLimit = 20 * time.Second

// Tick makes one round: it measures the rules that are due, evaluates them, and
// stores what came of it. The error says that it could not be stored; then it is
// kept for the next round.
func (s *Service) Tick(ctx context.Context) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	clock := steady(s.cfg.Now())
	now := clock.UTC()
	// A caller who leaves must not look like a database that is away.
	ctx = context.WithoutCancel(ctx)
	reading, cancel := context.WithTimeout(ctx, s.cfg.Wait)
	defer cancel()
	s.follow(ctx, clock)
	s.mem.clock = clock
	readErr := s.remember(reading, now)
	s.keeper.Round(now)
	s.evaluate(reading, now)
	err := s.commit(ctx, now)
	s.mem.tick = clock
	s.publish(clock)
	return errors.Join(readErr, err)
}

// steady is a time in whole milliseconds, as the readings are kept, that still has
// its reading of the clock that is never set, which Truncate and UTC take away.
// Ages of what this process itself did are judged with it: a wall clock that jumps
// ahead has made nothing old.
func steady(t time.Time) time.Time {
	return t.Add(-time.Duration(t.Nanosecond()) % time.Millisecond)
}

// leastSet is by how much the wall clock must have been set to be followed; less is
// what keeps it right all the time.
const leastSet = time.Second

// follow moves the marks of all states when the wall clock was set since the last
// round: nothing then lasts longer or shorter than it did by the clock that ticked,
// so that nobody more is woken for what is as young as before.
func (s *Service) follow(ctx context.Context, clock time.Time) {
	m := &s.mem
	if m.tick.IsZero() {
		return
	}
	set := clock.UTC().Sub(m.tick.UTC()) - clock.Sub(m.tick)
	if set.Abs() < leastSet {
		return
	}
	s.cfg.Log.WarnContext(ctx, "the wall clock was set, or the machine slept; what fires or waits is as old as before", "by", set)
	for f, st := range m.states {
		st.State = st.State.Shifted(set)
		m.states[f] = st
	}
	for f, in := range m.readings {
		in.At = in.At.Add(set)
		m.readings[f] = in
	}
	for id, at := range m.measured {
		m.measured[id] = at.Add(set)
	}
}

// remember reads what people and jobs changed since the last round.
func (s *Service) remember(ctx context.Context, now time.Time) error {
	m := &s.mem
	if !m.loaded {
		if err := s.load(ctx, now); err != nil {
			return err
		}
	}
	rules, err := s.effective(ctx)
	if err != nil {
		return err
	}
	env := alert.Env{Now: now}
	if s.cfg.Mail != nil || s.channels[Digest] != nil {
		env.Summary = Digest
	}
	silences, err := s.cfg.Store.Silences(ctx, now)
	if err != nil {
		return err
	}
	for _, q := range silences {
		env.Silences = append(env.Silences, q.Silence)
	}
	windows, err := s.cfg.Store.AlertWindows(ctx)
	if err != nil {
		return err
	}
	for _, w := range windows {
		env.Maintenance = append(env.Maintenance, w.Window)
	}
	if env.Acks, err = s.cfg.Store.Acks(ctx, ""); err != nil {
		return err
	}
	if env.Deploy, err = s.deployed(ctx, now); err != nil {
		return err
	}
	notices, err := s.cfg.Store.OpenNotices(ctx)
	if err != nil {
		return err
	}
	m.rules, m.env, m.notices = rules, env, notices
	return nil
}

// deployed is the deployment of the last hour; zero without one, and after the
// first start of an installation, before which there is nothing to go back to.
func (s *Service) deployed(ctx context.Context, now time.Time) (out alert.Deploy, err error) {
	marks, err := s.cfg.Store.Annotations(ctx, now.Add(-time.Hour), now.Add(time.Second))
	if err != nil {
		return out, err
	}
	for _, a := range marks {
		if a.Kind == store.KindDeployment {
			out = alert.Deploy{Version: a.Text, At: a.At}
		}
	}
	if out.Version == "" {
		return out, nil
	}
	earlier, err := s.cfg.Store.Annotations(ctx, time.Unix(0, 0), out.At)
	if slices.ContainsFunc(earlier, func(a store.Annotation) bool { return a.Kind == store.KindDeployment && a.At.Before(out.At) }) {
		return out, err
	}
	return alert.Deploy{}, err
}

// load reads what the last process left.
func (s *Service) load(ctx context.Context, now time.Time) error {
	states, unread, err := s.cfg.Store.AlertStates(ctx)
	if err != nil {
		return err
	}
	if unread > 0 {
		s.cfg.Log.WarnContext(ctx, "states of alerts could not be read; their rules start anew", "states", unread)
	}
	for _, st := range states {
		s.mem.states[st.State.Fingerprint] = st
		s.mem.saved[st.State.Fingerprint] = essence(st.State)
	}
	if s.cfg.Requests != nil {
		if err := s.cfg.Requests.Restore(ctx, s.cfg.Store, now); err != nil {
			return err
		}
	}
	s.mem.loaded = true
	return nil
}

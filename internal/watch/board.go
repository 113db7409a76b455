package watch

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/store"
)

// Board is what the last round found. It does not change.
type Board struct {
	At    time.Time // zero before the first round
	Rules []RuleView
}

// RuleView is a rule with what is known of it.
type RuleView struct {
	Rule     alert.Rule // with the channels that this installation has
	Measured bool       // something here measures it
	Reason   string     // why nothing does
	Last     time.Time  // when it was measured
	States   []StateView
}

// StateView is a rule for one set of labels.
type StateView struct {
	State alert.State
	Text  string // what the last reading says
	Side  alert.Side
}

// Firing reports whether any of its states does.
func (v RuleView) Firing() bool {
	return slices.ContainsFunc(v.States, func(s StateView) bool { return s.State.Fires() })
}

// Board is what the last round found.
func (s *Service) Board() *Board { return s.board.Load() }

// Firing lists what fires, the most severe first.
func (b *Board) Firing() []RuleView {
	var out []RuleView
	for _, v := range b.Rules {
		if v.Firing() {
			out = append(out, v)
		}
	}
	rank := []alert.Severity{alert.Critical, alert.Warning, alert.Info}
	slices.SortStableFunc(out, func(x, y RuleView) int {
		return cmp.Compare(slices.Index(rank, x.Rule.Severity), slices.Index(rank, y.Rule.Severity))
	})
	return out
}

// Rule finds a rule.
func (b *Board) Rule(id alert.RuleID) (RuleView, bool) {
	at := slices.IndexFunc(b.Rules, func(v RuleView) bool { return v.Rule.ID == id })
	if at < 0 {
		return RuleView{}, false
	}
	return b.Rules[at], true
}

// publish makes the board of a round.
func (s *Service) publish(now time.Time) {
	m := &s.mem
	b := &Board{At: now, Rules: make([]RuleView, 0, len(m.rules))}
	byRule := map[alert.RuleID][]alert.Fingerprint{}
	for _, f := range slices.Sorted(maps.Keys(m.states)) {
		byRule[m.states[f].Rule] = append(byRule[m.states[f].Rule], f)
	}
	for _, r := range m.rules {
		v := RuleView{Rule: r, Measured: s.Measures(r), Reason: s.Reason(r), Last: m.measured[r.ID]}
		for _, f := range byRule[r.ID] {
			view := StateView{State: m.states[f].State}
			if in, ok := m.readings[f]; ok {
				view.Text, view.Side = alert.Describe(r, in, in.At)
			}
			v.States = append(v.States, view)
		}
		b.Rules = append(b.Rules, v)
	}
	s.board.Store(b)
}

// Record is how often a rule spoke, and would have spoken.
type Record struct {
	Fired     int           // episodes of the last 30 days
	Would     int           // episodes that its limits of today would have made
	Tried     bool          // Would is known
	Delay     time.Duration // at most, from the first bad reading to the first notice
	Drop      float64
	DropKnown bool // Drop is found within two days with 80 %
	DropNever bool // no drop is found at today's volume
	PerDay    float64
	Share     float64        // of a rule about shares: the one nearest to its limit that is found with 80 %
	Window    alert.Duration // once this one is full of it; 0: no share is found at today's volume
	Shared    bool           // it is such a rule, and its volume is known
}

// recordDays is how far a record looks back.
const recordDays = 30

// remembered is a record that was worked out.
type remembered struct {
	version int
	at      time.Time
	record  Record
}

// recordLife is how long a record stands: a month moves little in an hour.
const recordLife = time.Hour

// Record is how often a rule spoke, and would have spoken. It may be an hour old.
func (s *Service) Record(ctx context.Context, r alert.Rule) (Record, error) {
	s.records.Lock()
	defer s.records.Unlock()
	now := s.cfg.Now()
	if old, known := s.records.list[r.ID]; known && old.version == r.Version && now.Sub(old.at) < recordLife && old.record.Tried {
		return old.record, nil
	}
	rec, err := s.record(ctx, r)
	if err == nil {
		s.records.list[r.ID] = remembered{r.Version, now, rec}
	}
	return rec, err
}

// record looks back over 30 days. Rules about sessions are tried again with their
// limits of today, in the steps in which they are evaluated.
func (s *Service) record(ctx context.Context, r alert.Rule) (Record, error) {
	now := s.cfg.Now().UTC()
	list, err := s.cfg.Store.Episodes(ctx, store.EpisodeFilter{Rule: r.ID, Since: now.AddDate(0, 0, -recordDays), Limit: 1000})
	if err != nil {
		return Record{}, err
	}
	rec := Record{Fired: len(list), Delay: alert.Delay(r)}
	var series []alert.Reading
	known := false
	if s.cfg.Sources[r.Metric] == nil {
		series, known = s.gauges.Series(r, now.AddDate(0, 0, -recordDays), now)
	}
	if !known {
		// Its figures are not kept, so it cannot be tried again. But where it was not
		// edited, what it did is what it would have done.
		same, err := s.unedited(ctx, r, now.AddDate(0, 0, -recordDays))
		rec.Would, rec.Tried = rec.Fired, same && r.Enabled && s.Measures(r)
		return rec, err
	}
	rec.Would, rec.Tried = len(alert.Backtest(r, series)), true
	perDay, known := s.gauges.PerDay(r, now)
	switch {
	case !known:
	case r.When.Drop != nil:
		rec.PerDay = perDay
		rec.Drop, rec.DropKnown = alert.Power(r, perDay)
		rec.DropNever = !rec.DropKnown
	case r.When.Ratio != nil:
		rec.PerDay, rec.Shared = perDay, true
		rec.Share, rec.Window, _ = alert.SharePower(r, perDay)
	}
	return rec, nil
}

// unedited reports whether a rule is what it was at a time.
func (s *Service) unedited(ctx context.Context, r alert.Rule, since time.Time) (bool, error) {
	edits, err := s.cfg.Store.RuleVersions(ctx, r.ID)
	return !slices.ContainsFunc(edits, func(v store.RuleVersion) bool { return v.At.After(since) }), err
}

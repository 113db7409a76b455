package watch

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/hindsight"
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

// Record is how often a rule spoke in the last 30 days, and would have spoken
// with its limits of today. It may be an hour old.
func (s *Service) Record(ctx context.Context, r alert.Rule) (hindsight.Record, error) {
	return s.tester.Record(ctx, r)
}

// measured are the rules of the board that something here measures.
func (s *Service) measured() (out []alert.Rule) {
	for _, v := range s.Board().Rules {
		if v.Measured {
			out = append(out, v.Rule)
		}
	}
	return out
}

// Try is the record that a rule would have after an edit, which is not kept. The
// errors are those of EditRule.
func (s *Service) Try(ctx context.Context, id alert.RuleID, e Edit) (hindsight.Record, error) {
	old, err := s.plain(ctx, id)
	if err != nil {
		return hindsight.Record{}, err
	}
	r, _, err := edited(old, e)
	if err == nil {
		err = r.Check()
	}
	if err != nil {
		return hindsight.Record{}, err
	}
	s.leave(ctx) // the last minutes count as well
	return s.tester.Try(ctx, r)
}

package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/store"
)

// The channels of this package.
const (
	Email  alert.Channel = "email"
	Digest alert.Channel = "digest" // the mail of the next morning
	Log    alert.Channel = "log"    // there in any case
)

// ErrNoRule means that there is no rule of that name.
var ErrNoRule = errors.New("there is no such rule")

// routed sends every rule to the channels that this installation has. A channel
// that nobody set up would be a dead letter a day; where none of a rule's
// channels reaches a person, somebody must still hear of it.
func (s *Service) routed(rules []alert.Rule) []alert.Rule {
	out := slices.Clone(rules)
	for i := range out {
		tell := &out[i].Tell
		tell.Channels = s.reachable(tell.Channels)
		if !slices.ContainsFunc(tell.Channels, s.read) {
			tell.Channels = append(tell.Channels, s.standard())
		}
		var steps []alert.Step
		for _, step := range tell.Escalation {
			if step.Channels = s.reachable(step.Channels); len(step.Channels) > 0 {
				steps = append(steps, step)
			}
		}
		tell.Escalation = steps
	}
	return out
}

// reachable are the channels behind the names of a rule that are set up, each
// once.
func (s *Service) reachable(list []alert.Channel) (out []alert.Channel) {
	for _, name := range list {
		behind, routed := s.cfg.Routes[name]
		if !routed {
			behind = []alert.Channel{name}
		}
		for _, c := range behind {
			if (s.channels[c] != nil || c == Digest && s.cfg.Mail != nil) && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// read reports whether people read a channel at once.
func (s *Service) read(c alert.Channel) bool { return !slices.Contains(s.cfg.Quiet, c) }

// standard is who hears of what nobody else can be told.
func (s *Service) standard() alert.Channel {
	for _, c := range append([]alert.Channel{Email}, s.cfg.Fallback...) {
		if s.channels[c] != nil && s.read(c) {
			return c
		}
	}
	return Log
}

// Rules are the rules with what people changed of them, and with the channels
// that this installation has.
func (s *Service) Rules(ctx context.Context) ([]alert.Rule, error) { return s.effective(ctx) }

// Measures reports whether something here measures what a rule asks for.
func (s *Service) Measures(r alert.Rule) bool { return s.sources[r.Metric] != nil }

// Reason says why nothing here measures what a rule asks for; empty where
// something does, or where nobody knows.
func (s *Service) Reason(r alert.Rule) string {
	if s.Measures(r) {
		return ""
	}
	return s.cfg.Reasons[r.Metric]
}

// effective are the rules with what people changed of them.
func (s *Service) effective(ctx context.Context) ([]alert.Rule, error) {
	edits, err := s.cfg.Store.RuleVersions(ctx, "")
	if err != nil {
		return nil, err
	}
	rules := slices.Clone(s.cfg.Rules)
	for i := range rules {
		at := slices.IndexFunc(edits, func(v store.RuleVersion) bool { return v.Rule.ID == rules[i].ID })
		if at >= 0 && edits[at].Rule.Version > rules[i].Version {
			rules[i] = edits[at].Rule
		}
	}
	return s.routed(rules), nil
}

// plain is a rule with its edits, before it is routed.
func (s *Service) plain(ctx context.Context, id alert.RuleID) (alert.Rule, error) {
	at := slices.IndexFunc(s.cfg.Rules, func(r alert.Rule) bool { return r.ID == id })
	if at < 0 {
		return alert.Rule{}, fmt.Errorf("rule %s: %w", id, ErrNoRule)
	}
	edits, err := s.cfg.Store.RuleVersions(ctx, id)
	if err != nil {
		return alert.Rule{}, err
	}
	if len(edits) > 0 && edits[0].Rule.Version > s.cfg.Rules[at].Version {
		return edits[0].Rule, nil
	}
	return s.cfg.Rules[at], nil
}

// Edit is what a person may change of a rule; nil leaves it.
type Edit struct {
	Enabled *bool
	Limit   *float64 // of its condition
	For     *alert.Duration
}

// EditRule keeps a new version of a rule. An *alert.Invalid says what cannot be,
// and store.ErrExists that somebody else was faster.
func (s *Service) EditRule(ctx context.Context, id alert.RuleID, e Edit, user string) error {
	old, err := s.plain(ctx, id)
	if err != nil {
		return err
	}
	r, note, err := edited(old, e)
	if err != nil || len(note) == 0 {
		return err
	}
	r.Version = old.Version + 1
	if err := r.Check(); err != nil {
		return err
	}
	return s.cfg.Store.SaveRule(ctx, store.RuleVersion{Rule: r, At: s.cfg.Now(), By: user, Note: strings.Join(note, ", ")})
}

// edited changes a copy of a rule, and says what is new.
func edited(old alert.Rule, e Edit) (r alert.Rule, note []string, err error) {
	data, err := json.Marshal(old) // the parts of a condition are shared otherwise
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil {
		return r, nil, fmt.Errorf("copy rule %s: %w", old.ID, err)
	}
	if e.Enabled != nil && *e.Enabled != r.Enabled {
		r.Enabled = *e.Enabled
		note = append(note, map[bool]string{true: "enabled", false: "disabled"}[r.Enabled])
	}
	if _, limit := r.When.Limit(); e.Limit != nil && *e.Limit != limit {
		r.When.SetLimit(*e.Limit)
		note = append(note, fmt.Sprintf("limit %v instead of %v", *e.Limit, limit))
	}
	if e.For != nil && *e.For != r.For {
		note = append(note, fmt.Sprintf("holds for %s instead of %s", *e.For, r.For))
		if r.For = *e.For; r.For > 0 && r.Evaluations == 1 {
			r.Evaluations = 2
		}
	}
	return r, note, nil
}

// Package eval measures the interviewer: it lets simulated clients go through
// whole interviews and compares what the engine knows at the end with what the
// clients had in the head (references/intake.md 5.8).
//
// It judges from outside and strictly: answers in, actions and facts out. It
// shares no rule, word list or question with the engine, recomputes prices by
// itself, and does not take the engine's word for what a client said. Start
// with Suite, Measure and Judge.
package eval

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/persona"
	"applicreations.com/introspect/internal/slot"
)

// Interviewer is what is measured. *intake.Engine is one.
type Interviewer interface {
	Start(id event.SessionID, c intake.Client, now time.Time) (*intake.Session, intake.Turn, error)
	Answer(s *intake.Session, a intake.Answer, now time.Time) (intake.Turn, error)
	Catalog() *catalog.Catalog
}

// maxTurns is when an interview counts as a dead end.
const maxTurns = 60

// Prompt is one action as the client saw it.
type Prompt struct {
	Kind     intake.Kind
	Question string // id, empty when it is no question
	Text     string
	Slots    []slot.Key
	Probe    bool   // the first clarifying question on a thin answer
	Known    bool   // everything that it asks about was stated before
	Heard    string // everything readable on a question, in lower case
	Number   int    // questions so far
}

// Pick is one option that a client chose, as the engine received it.
type Pick struct {
	Slot  slot.Key
	Value string
	Label string
}

// Transcript is one finished interview.
type Transcript struct {
	Brief    persona.Brief
	Preset   persona.Preset
	Seed     uint64
	Client   *persona.Client
	Session  *intake.Session
	Prompts  []Prompt
	Picks    []Pick
	Chosen   *catalog.Selection // what was chosen at the first feature screen
	Totals   []string           // every price that was shown as the total
	Messages []intake.Message
	Refused  int             // answers that were not taken
	Dead     string          // why the interview did not end, empty when it did
	Turns    []time.Duration // engine time of each answer
}

// Clock measures durations; a nil Clock measures nothing.
type Clock func() time.Time

// Run lets one client go through an interview that starts at now.
func Run(e Interviewer, c *persona.Client, seed uint64, now time.Time, clock Clock) Transcript {
	t := Transcript{Brief: c.Brief, Preset: c.Preset, Seed: seed, Client: c}
	s, turn, err := e.Start(session(c.Brief, seed), c.Foundation(), now)
	if err != nil {
		t.Dead = err.Error()
		return t
	}
	t.Session, t.Messages = s, turn.Messages
	for range maxTurns {
		if s.Current.Kind == intake.Complete {
			return t
		}
		t.note(s)
		now = now.Add(40 * time.Second)
		if err := t.turn(e, c.Answer(s.Current), now, clock); err == nil {
			continue
		}
		t.Refused++
		if err := t.turn(e, c.Again(s.Current), now, clock); err != nil {
			t.Dead = fmt.Sprintf("%s: %v", s.Current.Kind, err)
			return t
		}
	}
	if s.Current.Kind != intake.Complete {
		t.Dead = fmt.Sprintf("no end after %d turns", maxTurns)
	}
	return t
}

// turn gives one answer. The client hears of it only when it was taken.
func (t *Transcript) turn(e Interviewer, a intake.Answer, now time.Time, clock Clock) error {
	shown := t.Session.Current
	a.ActionID = shown.ID
	var began time.Time
	if clock != nil {
		began = clock()
	}
	turn, err := e.Answer(t.Session, a, now)
	if clock != nil {
		t.Turns = append(t.Turns, clock().Sub(began))
	}
	var invalid *intake.Invalid
	switch {
	case errors.As(err, &invalid):
		return err
	case err != nil:
		return fmt.Errorf("answer %s: %w", shown.ID, err)
	}
	t.Client.Taken()
	t.Messages = append(t.Messages, turn.Messages...)
	t.picked(shown, a)
	if f := t.Session.Features; f != nil && f.Answered {
		total, _ := price(e.Catalog(), f.Selection)
		t.Totals = append(t.Totals, total.String())
	}
	return nil
}

// picked notes what the options that were chosen stand for.
func (t *Transcript) picked(shown intake.Action, a intake.Answer) {
	switch shown.Kind {
	case intake.AskQuestion:
		for _, o := range shown.Question.Question.Options {
			if slices.Contains(a.Values, o.Value) {
				t.Picks = append(t.Picks, pick(shown.Question, o))
			}
		}
	case intake.RecommendFeatures:
		if t.Chosen == nil {
			t.Chosen = &catalog.Selection{Package: a.Package, Features: a.Features}
		}
	default:
	}
}

func pick(ask *intake.Ask, o intake.Option) Pick {
	p := Pick{slot.Key(o.Group), strings.TrimPrefix(o.Value, o.Group+"."), o.Label}
	if o.Group == "" && len(ask.Slots) > 0 {
		p.Slot = ask.Slots[0]
	}
	return p
}

// note records the action that is shown.
func (t *Transcript) note(s *intake.Session) {
	p := Prompt{Kind: s.Current.Kind, Number: s.Questions}
	switch a := s.Current; a.Kind {
	case intake.AskQuestion:
		p.Question, p.Text, p.Slots, p.Heard = a.Question.Question.ID, a.Question.Question.Text, a.Question.Slots, persona.Heard(a.Question)
		p.Probe = a.Question.Clarifies != "" && t.thin(s, p.Slots)
	case intake.ExampleOptions:
		p.Text, p.Slots = a.Examples.Context, a.Examples.Slots
		p.Probe = t.thin(s, p.Slots)
	case intake.ConflictResolution:
		p.Text = a.Conflict.Description
	case intake.ValidateUnderstanding, intake.RecommendFeatures, intake.Complete:
	}
	p.Known = len(p.Slots) > 0 && !p.Probe && !slices.ContainsFunc(p.Slots, func(k slot.Key) bool { return !stated(s, k) })
	t.Prompts = append(t.Prompts, p)
}

// stated reports whether the client itself said what a slot holds.
func stated(s *intake.Session, k slot.Key) bool {
	f, ok := s.Fact(k)
	return ok && (f.Status == intake.Stated || f.Status == intake.Confirmed)
}

// thin reports whether asking once more is fair: what is held of one of the
// slots is no more than a few words, and nothing was probed there before.
func (t *Transcript) thin(s *intake.Session, slots []slot.Key) bool {
	v, defs := s.Values(), slot.ByKey()
	for _, k := range slots {
		again := slices.ContainsFunc(t.Prompts, func(p Prompt) bool { return p.Probe && slices.Contains(p.Slots, k) })
		if !again && (!v.Has(k) || defs[k].Type == slot.Text && len(persona.Words(v[k])) < 12) {
			return true
		}
	}
	return false
}

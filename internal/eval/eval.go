// Package eval measures the interviewer: it lets simulated clients go through
// whole interviews and compares what the engine knows at the end with what the
// clients had in the head (references/intake.md 5.8).
//
// It judges from outside: answers in, actions and facts out, and it recomputes
// prices by itself. Start with Run and Measure.
package eval

import (
	"errors"
	"fmt"
	"slices"
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
	Probe    bool // a clarifying question or example cards
	Known    bool // everything that it asks about was sufficiently known before
	Number   int
	Told     int    // implicit requirements told by then
	Heard    string // everything readable on a question, in lower case
}

// Transcript is one finished interview.
type Transcript struct {
	Brief    persona.Brief
	Preset   persona.Preset
	Client   *persona.Client
	Session  *intake.Session
	Prompts  []Prompt
	Messages []intake.Message
	Refused  int             // answers that were not taken
	Dead     string          // why the interview did not end, empty when it did
	Turns    []time.Duration // engine time of each answer
}

// Clock measures durations; a nil Clock measures nothing.
type Clock func() time.Time

// Run lets one client go through an interview that starts at now.
func Run(e Interviewer, b persona.Brief, p persona.Preset, seed uint64, now time.Time, clock Clock) Transcript {
	c := persona.New(b, p, seed)
	t := Transcript{Brief: b, Preset: p, Client: c}
	s, turn, err := e.Start(event.SessionID(fmt.Sprintf("eval-%s-%d", b.ID, seed)), c.Foundation(), now)
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
		if err := t.turn(e, s, c.Answer(s.Current), now, clock); err != nil {
			t.Refused++
			if err := t.turn(e, s, c.Simple(s.Current), now, clock); err != nil {
				t.Dead = fmt.Sprintf("%s: %v", s.Current.Kind, err)
				return t
			}
		}
	}
	t.Dead = fmt.Sprintf("no end after %d turns", maxTurns)
	return t
}

func (t *Transcript) turn(e Interviewer, s *intake.Session, a intake.Answer, now time.Time, clock Clock) error {
	a.ActionID = s.Current.ID
	var began time.Time
	if clock != nil {
		began = clock()
	}
	turn, err := e.Answer(s, a, now)
	if clock != nil {
		t.Turns = append(t.Turns, clock().Sub(began))
	}
	if err == nil {
		t.Messages = append(t.Messages, turn.Messages...)
	}
	var invalid *intake.Invalid
	if err != nil && !errors.As(err, &invalid) {
		return fmt.Errorf("answer %s: %w", s.Current.ID, err)
	}
	return err
}

// note records the action that is shown.
func (t *Transcript) note(s *intake.Session) {
	p := Prompt{Kind: s.Current.Kind, Number: s.Questions, Told: len(t.Client.Told)}
	switch a := s.Current; a.Kind {
	case intake.AskQuestion:
		p.Heard = persona.Heard(a.Question)
		p.Question, p.Text, p.Slots, p.Probe = a.Question.Question.ID, a.Question.Question.Text, a.Question.Slots, a.Question.Clarifies != ""
	case intake.ExampleOptions:
		p.Text, p.Slots, p.Probe = a.Examples.Context, a.Examples.Slots, true
	case intake.ConflictResolution:
		p.Text = a.Conflict.Description
	case intake.ValidateUnderstanding, intake.RecommendFeatures, intake.Complete:
	}
	v := s.Values()
	p.Known = len(p.Slots) > 0 && !p.Probe && !slices.ContainsFunc(p.Slots, func(k slot.Key) bool { return !v.Has(k) || openText(s, k) })
	t.Prompts = append(t.Prompts, p)
}

// openText reports whether a slot holds a text that may well need more.
func openText(s *intake.Session, k slot.Key) bool {
	f, ok := s.Fact(k)
	return ok && (f.Status == intake.Inferred || len(f.Value) < 40)
}

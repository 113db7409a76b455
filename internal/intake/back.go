package intake

import (
	"errors"
	"maps"
	"slices"
	"time"

	"applicreations.com/introspect/internal/event"
)

// ErrNoWayBack is returned where nothing can be taken back: at the first
// question, after the end, and for sessions begun before marks were kept.
var ErrNoWayBack = errors.New("there is no earlier answer to go back to")

// CanGoBack reports whether Back would work.
func (s *Session) CanGoBack() bool { return s.Status == InProgress && len(s.Marks) > 1 }

// Back takes the last answer back: its facts move to Withdrawn, the action it
// answered is shown again, and Session.Draft holds the answer for the form. id
// is the current action; another one is ErrStale. Edits made since that answer
// are taken back with it.
func (e *Engine) Back(s *Session, id ActionID, now time.Time) (Turn, error) {
	switch {
	case s.Status != InProgress:
		return Turn{}, ErrClosed
	case id != s.Current.ID:
		return Turn{}, ErrStale
	case !s.CanGoBack():
		return Turn{}, ErrNoWayBack
	}
	w := &work{e: e, s: s.clone(), now: now, memo: memo{}}
	last := w.s.Marks[len(w.s.Marks)-1]
	w.s.Marks = w.s.Marks[:len(w.s.Marks)-1]
	w.restore(w.s.Marks[len(w.s.Marks)-1])
	w.moved()
	w.emit(event.AnswerTakenBack{QuestionNumber: w.s.Questions})
	w.say("client", "Back", last.Question)
	w.next()
	if w.s.Current.Kind == last.Kind && w.s.Current.subject() == last.Question {
		draft := last.Answer
		draft.ActionID = w.s.Current.ID
		w.s.Draft = &draft
	}
	*s = *w.s
	return w.turn, nil
}

// subject names what an action is about, to tell whether a draft still fits.
func (a Action) subject() string {
	switch a.Kind {
	case AskQuestion:
		return a.Question.Question.ID
	case ExampleOptions:
		return a.Examples.QuestionID
	case ConflictResolution:
		return a.Conflict.Key
	case ValidateUnderstanding:
		return a.Validation.Category
	case RecommendFeatures, Complete:
	}
	return ""
}

// mark notes the session as it is before its next action is chosen; answered
// is the action that the answer was given to.
func (w *work) mark(given Answer, answered Action) Mark {
	s := w.s
	m := Mark{
		Answer: given, Action: answered.ID, Kind: answered.Kind, Question: answered.subject(), Facts: len(s.Facts), Asked: len(s.Asked), Loops: len(s.Loops), Conflicts: len(s.Conflicts),
		Said: len(s.Said), Questions: s.Questions, Quality: s.Quality, Thin: s.Thin, Clarified: maps.Clone(s.Clarified), Followup: s.Followup,
		Queue: slices.Clone(s.Queue), Open: slices.Clip(s.OpenPoints), Rivals: slices.Clip(s.Rivals), Model: s.Model, ModelAt: s.ModelAt, Alerted: s.ModelAlerted,
		Hints: len(s.Hints), Suspects: len(s.Suspects),
	}
	if f := s.Features; f != nil {
		m.Shown, m.Chosen, m.Reopened, m.Selection, m.Phased = true, f.Answered, f.Reopened, f.Selection, f.Phased
	}
	return m
}

// restore puts the session back to a mark. Facts learned since are kept as
// withdrawn; what was shown and said stays in the messages.
func (w *work) restore(m Mark) {
	s := w.s
	w.known = nil
	for _, f := range s.Facts[m.Facts:] {
		if f.Status.Known() && f.Status != Assumed {
			s.Withdrawn = append(s.Withdrawn, f)
		}
	}
	s.Facts, s.Asked, s.Loops = slices.Clip(s.Facts[:m.Facts]), slices.Clip(s.Asked[:m.Asked]), slices.Clip(s.Loops[:m.Loops])
	s.Conflicts, s.Said = slices.Clone(s.Conflicts[:m.Conflicts]), slices.Clip(s.Said[:m.Said])
	s.Hints, s.Suspects = slices.Clip(s.Hints[:min(m.Hints, len(s.Hints))]), slices.Clip(s.Suspects[:min(m.Suspects, len(s.Suspects))])
	s.Questions, s.Quality, s.Thin, s.Followup = m.Questions, m.Quality, m.Thin, m.Followup
	s.Clarified, s.Queue = maps.Clone(m.Clarified), slices.Clone(m.Queue)
	if s.Clarified == nil {
		s.Clarified = map[string]int{}
	}
	s.OpenPoints, s.Rivals, s.ModelAt, s.ModelAlerted = slices.Clip(m.Open), slices.Clip(m.Rivals), m.ModelAt, m.Alerted
	s.Model = m.Model
	s.Completion, s.Status = nil, InProgress
	if !m.Shown {
		s.Features = nil
		return
	}
	f := *s.Features
	f.Answered, f.Reopened, f.Selection, f.Phased = m.Chosen, m.Reopened, m.Selection, m.Phased
	if f.Answered {
		f.Estimate, _ = w.e.cat.Price(f.Selection) // it had a price when it was chosen
	}
	s.Features = &f
}

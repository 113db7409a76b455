package metric

import (
	"cmp"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/event"
)

// The ratings of a vote (DOMAIN 9.5), as they are stored.
const (
	ratingHelpful = 1 + iota
	ratingUnhelpful
	ratingConfusing
)

func ratingOf(s string) int64 {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case event.RatingHelpful:
		return ratingHelpful
	case event.RatingNotHelpful, "not helpful":
		return ratingUnhelpful
	case event.RatingConfusing:
		return ratingConfusing
	default:
		return 0
	}
}

// answered keeps the first answer of each number: one that was taken back and
// given again is no second visitor.
func (s *state) answered(p *properties, at stamp) {
	t := turn{
		number: within(p.QuestionNumber, maxQuestions), seq: at.seq, at: at.at, question: label(p.QuestionID),
		dwell: within(p.TimeToRespond, maxSeconds),
	}
	if t.number == 0 {
		return
	}
	i, found := slices.BinarySearchFunc(s.turns, t.number, func(t turn, n int64) int { return cmp.Compare(t.number, n) })
	switch {
	case !found:
		s.turns = slices.Insert(slices.Clip(s.turns), i, t)
		s.turns = s.turns[:min(len(s.turns), maxTurns)] // the smallest numbers, in whatever order they come
	case t.before(s.turns[i]):
		s.turns = slices.Clone(s.turns)
		s.turns[i] = t
	}
}

// voted keeps the last opinion about each question: it may be changed.
func (s *state) voted(p *properties, at stamp) {
	v := vote{label(p.QuestionID), at, ratingOf(p.Rating)}
	if v.rating == 0 {
		return
	}
	i, found := slices.BinarySearchFunc(s.votes, v.question, func(v vote, q string) int { return cmp.Compare(v.question, q) })
	switch {
	case !found:
		s.votes = slices.Insert(slices.Clip(s.votes), i, v)
		s.votes = s.votes[:min(len(s.votes), maxTurns)]
	case s.votes[i].last.before(at):
		s.votes = slices.Clone(s.votes)
		s.votes[i] = v
	}
}

// walk adds an event that reached a stage, in order. Of more than the bound the
// first ones stay.
func (s *state) walk(p step) {
	i, found := slices.BinarySearchFunc(s.steps, p, step.compare)
	if !found {
		s.steps = slices.Insert(slices.Clip(s.steps), i, p)
		s.steps = s.steps[:min(len(s.steps), maxTurns)]
	}
}

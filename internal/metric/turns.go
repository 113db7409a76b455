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
func (s *state) answered(p *Properties, at stamp) {
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
		s.turns = inserted(s.turns, i, t)
		s.turns = s.turns[:min(len(s.turns), maxTurns)] // the smallest numbers, in whatever order they come
	case t.before(s.turns[i]):
		s.turns = slices.Clone(s.turns)
		s.turns[i] = t
	}
}

// voted keeps the last opinion about each question: it may be changed.
func (s *state) voted(p *Properties, at stamp) {
	v := vote{label(p.QuestionID), at, ratingOf(p.Rating)}
	if v.rating == 0 {
		return
	}
	i, found := slices.BinarySearchFunc(s.votes, v.question, func(v vote, q string) int { return cmp.Compare(v.question, q) })
	switch {
	case !found:
		s.votes = inserted(s.votes, i, v)
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
		s.steps = inserted(s.steps, i, p)
		s.steps = s.steps[:min(len(s.steps), maxTurns)]
	}
}

// inserted is a list with one more value, in memory of its own: facts share
// theirs with those before them. It is of the very length, because the memory of
// the store keeps thousands.
func inserted[T any](list []T, i int, v T) []T {
	out := make([]T, len(list)+1)
	copy(out, list[:i])
	out[i] = v
	copy(out[i+1:], list[i:])
	return out
}

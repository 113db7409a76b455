package intake

import (
	"fmt"
	"maps"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/event"
)

// MaxFeedback is the longest remark about a prompt, in characters (DOMAIN 9.5).
const MaxFeedback = 500

// Vote is what a client thinks of one prompt. It never blocks the interview
// and may be changed.
type Vote struct {
	QuestionID string `json:"questionId"` // empty: the prompt that is shown
	Rating     string `json:"rating"`     // event.RatingHelpful, RatingNotHelpful or RatingConfusing
	Text       string `json:"text,omitempty"`
}

// Prompt is the id of the prompt that is shown, by which votes and answers are
// counted; empty before the first.
func (s *Session) Prompt() string {
	if n := len(s.Asked); n > 0 {
		return s.Asked[n-1].QuestionID
	}
	return ""
}

// Vote takes an opinion about a prompt that was shown. The same opinion again
// changes nothing and returns an empty Turn. A bad value is an *Invalid. The
// conversation itself stands where it stood.
func (e *Engine) Vote(s *Session, v Vote, now time.Time) (Turn, error) {
	if v.QuestionID == "" {
		v.QuestionID = s.Prompt()
	}
	shown := false
	for _, a := range s.Asked {
		shown = shown || a.QuestionID == v.QuestionID
	}
	switch {
	case !shown:
		return Turn{}, &Invalid{"questionId", fmt.Sprintf("%q is no question that was shown in this conversation.", v.QuestionID)}
	case v.Rating != event.RatingHelpful && v.Rating != event.RatingNotHelpful && v.Rating != event.RatingConfusing:
		return Turn{}, &Invalid{"rating", "Please choose helpful, not_helpful or confusing."}
	case utf8.RuneCountInString(v.Text) > MaxFeedback:
		return Turn{}, &Invalid{"text", fmt.Sprintf("The remark has more than %d characters. Please shorten it.", MaxFeedback)}
	}
	w := &work{e: e, s: s, now: now, memo: memo{}}
	text := w.neutral(v.Text)
	if s.Votes[v.QuestionID] == v.Rating && text == "" {
		return Turn{}, nil
	}
	votes := maps.Clone(s.Votes)
	if votes == nil {
		votes = make(map[string]string)
	}
	votes[v.QuestionID] = v.Rating
	s.Votes = votes
	if s.Status == InProgress {
		s.LastActivity = now
	}
	w.emit(event.Feedback{QuestionID: v.QuestionID, Rating: v.Rating})
	w.say("feedback", text, v.QuestionID)
	return w.turn, nil
}

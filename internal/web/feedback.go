package web

import (
	"errors"
	"net/http"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
)

// feedbackView is templates/_feedback.html: one vote about the prompt that is
// shown (DOMAIN 9.5).
type feedbackView struct {
	Question string
	Rating   string // the vote so far, empty for none
	Max      int
}

func feedback(sess *intake.Session) *feedbackView {
	id := sess.Prompt()
	if id == "" {
		return nil
	}
	return &feedbackView{Question: id, Rating: sess.Votes[id], Max: intake.MaxFeedback}
}

// vote takes the form under a prompt: POST /intake/feedback. Whatever becomes
// of it, the conversation goes on.
func (s *Server) vote(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	k, ok := cookieKey(r)
	if !ok {
		http.Redirect(w, r, lostAddress, http.StatusSeeOther)
		return nil
	}
	_, err := s.cfg.Interview.Vote(r.Context(), k.id, k.token, intake.Vote{
		QuestionID: r.PostForm.Get("questionId"), Rating: r.PostForm.Get("rating"), Text: r.PostForm.Get("text"),
	})
	var invalid *intake.Invalid
	if err != nil && !errors.As(err, &invalid) {
		return err
	}
	http.Redirect(w, r, "/intake/conversation#feedback", http.StatusSeeOther)
	return nil
}

// apiFeedback takes a vote: POST /api/feedback.
func (s *Server) apiFeedback(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		SessionID event.SessionID `json:"sessionId"`
		intake.Vote
	}
	k, err := needBearer(r)
	if err != nil {
		return err
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	if body.SessionID != "" && body.SessionID != k.id {
		return unauthorized("The token belongs to another session.")
	}
	sess, err := s.cfg.Interview.Vote(r.Context(), k.id, k.token, body.Vote)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"questionId": or(body.QuestionID, sess.Prompt()), "rating": body.Rating})
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

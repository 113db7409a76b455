package web

import (
	"net/http"
	"strconv"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
)

// usesModel reports whether a language model may really be asked in an interview
// that this visitor begins now, so that the pages have to say so. While the owner
// leaves it out or a budget is used up, conversations begin without it and stay
// so: nobody is told later.
func (s *Server) usesModel(r *http.Request) bool {
	return s.cfg.Advisor && (s.cfg.Desk == nil || s.cfg.Desk.InUse(r.Context(), networkKey(s.clientIP(r))))
}

// enter asks whether a visitor may begin a conversation now. When the answer is
// not known they may: a queue must never keep everybody out.
func (s *Server) enter(r *http.Request, visitor string) (ahead int, ok bool) {
	if s.cfg.Desk == nil {
		return 0, true
	}
	ahead, ok, err := s.cfg.Desk.Enter(r.Context(), visitor)
	if err != nil {
		s.log.WarnContext(r.Context(), "the queue is open to all", "error", err.Error(), "request_id", requestID(r))
		return 0, true
	}
	return ahead, ok
}

// began gives the visitor's place in the queue back.
func (s *Server) began(visitor string) {
	if s.cfg.Desk != nil {
		s.cfg.Desk.Began(visitor)
	}
}

// askAgain is how often a waiting page loads again; a place lasts six times as
// long.
const askAgain = 10 * time.Second

// queuePage is templates/queue.html.
type queuePage struct {
	layout
	Ahead       int
	Turn        bool // it is this visitor's turn
	Kind, Other string
	NoAI        bool
}

// queue shows a visitor's place, and the way in when it is their turn. It begins
// nothing by itself, so that a page left open starts no conversation.
func (s *Server) queue(w http.ResponseWriter, r *http.Request) error {
	if sess, ok := s.ongoing(r); ok && sess.Status == intake.InProgress {
		http.Redirect(w, r, "/intake/conversation", http.StatusSeeOther)
		return nil
	}
	visit := s.visit(w, r)
	d, found := s.readDraft(r, visit)
	if !found || d.Reached < stepType || d.Client.WebsiteType == "" {
		http.Redirect(w, r, "/intake", http.StatusSeeOther)
		return nil
	}
	view := queuePage{layout: s.layout("A short wait"), Kind: d.Client.WebsiteType, Other: d.Client.OtherDescription, NoAI: d.Client.NoAI}
	view.Ahead, view.Turn = s.enter(r, string(visit))
	view.Screen, view.Restart, view.Refresh = "queue", true, int(askAgain.Seconds())
	if view.Turn {
		view.Title = "It is your turn"
	}
	return s.render(w, http.StatusOK, "queue", view)
}

// toQueue leads a visitor for whom there is no place to the queue, with
// everything that was filled in.
func (s *Server) toQueue(w http.ResponseWriter, r *http.Request, visit event.SessionID, d draft) error {
	if err := s.writeDraft(w, r, visit, d); err != nil {
		return err
	}
	http.Redirect(w, r, "/intake/queue", http.StatusSeeOther)
	return nil
}

// queued is what a program learns when there is no place.
func queued(ahead int) *problem {
	p := &problem{
		Status: http.StatusServiceUnavailable, Kind: "queued", Title: "Please wait for a place",
		Detail: "As many conversations are open as can be held well right now; " + strconv.Itoa(ahead) + " are waiting before this one. Ask again after the pause to keep the place.",
		Retry:  askAgain,
	}
	return p.with("ahead", ahead)
}

package web

import (
	"net/http"
	"slices"
	"time"

	"applicreations.com/introspect/internal/event"
)

// choiceCookie remembers what a visitor said about analytics, and nothing else;
// it is the same in every browser that said the same.
const choiceCookie = "introspect_choice"

// choiceLife is how long a browser is not asked again, whatever was said.
const choiceLife = 180 * 24 * time.Hour

// The values of the form and the cookie. A signal is a no that the browser said
// for its visitor; nobody said anything is empty.
const (
	choiceYes    = "yes"
	choiceNo     = "no"
	choiceSignal = "signal"
)

// Where the answer leads back to, if not to the first page.
const (
	backToForm    = "/intake"
	backToPrivacy = "/privacy#analytics"
)

// choiceView asks whether the steps of a visit may go to analytics services, or
// shows what was said. Both buttons weigh the same.
type choiceView struct {
	Services []string
	Back     string // the page to return to
	Said     string
}

// asksAnalytics reports whether visitors are asked at all.
func (s *Server) asksAnalytics() bool { return s.cfg.AskAnalytics && len(s.cfg.Analytics) > 0 }

// ask is the question on a page, nil when it is answered or not asked.
func (s *Server) ask(r *http.Request, back string) *choiceView {
	if v := s.said(r, back); v != nil && v.Said == "" {
		return v
	}
	return nil
}

// said is what a visitor said; nil when nobody is asked. A session that was
// opened in another browser brings its answer along.
func (s *Server) said(r *http.Request, back string) *choiceView {
	if !s.asksAnalytics() {
		return nil
	}
	v := &choiceView{Services: s.cfg.Analytics, Back: back}
	cookie := cookieValue(r, choiceCookie)
	switch {
	case unfollowed(r):
		v.Said = choiceSignal
	case cookie == choiceYes, cookie == choiceNo:
		v.Said = cookie
	default:
		if id, ok := s.ownSession(r); ok {
			if _, yes, err := s.cfg.Privacy.Allowed(r.Context(), id); err == nil && yes {
				v.Said = choiceYes
			}
		}
	}
	return v
}

// ownSession is the session whose key the browser has.
func (s *Server) ownSession(r *http.Request) (event.SessionID, bool) {
	k, ok := cookieKey(r)
	if !ok {
		return "", false
	}
	_, err := s.cfg.Interview.Load(r.Context(), k.id, k.token)
	return k.id, err == nil
}

// choose takes the answer: POST /privacy/choice.
func (s *Server) choose(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	said := r.PostForm.Get("choice")
	if said != choiceYes && said != choiceNo {
		return badRequest("The form has neither yes nor no. Please go back and press one of its buttons.")
	}
	if !s.asksAnalytics() {
		return notFound()
	}
	if unfollowed(r) {
		said = choiceNo
	}
	ids := []event.SessionID{s.visit(w, r)}
	if id, ok := s.ownSession(r); ok && id != ids[0] {
		ids = append(ids, id)
	}
	if err := s.cfg.Privacy.Choose(r.Context(), said == choiceYes, ids...); err != nil {
		return err
	}
	s.setCookie(w, r, choiceCookie, said, choiceLife)
	back := "/"
	switch r.PostForm.Get("back") {
	case backToForm:
		back = backToForm
	case backToPrivacy:
		back = backToPrivacy
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

// carry lets a visit that begins know what its browser said before.
func (s *Server) carry(r *http.Request, visit event.SessionID) {
	if !s.asksAnalytics() || unfollowed(r) || cookieValue(r, choiceCookie) != choiceYes {
		return
	}
	if err := s.cfg.Privacy.Choose(r.Context(), true, visit); err != nil { // a lost yes is a no
		s.log.WarnContext(r.Context(), "a choice was lost", "error", err.Error(), "request_id", requestID(r))
	}
}

// heed takes a browser at its word: one that begins to ask not to be followed,
// though its visitor agreed before, and one whose no the database does not know,
// because it was restored from before, or because another browser of the same
// session said yes.
func (s *Server) heed(w http.ResponseWriter, r *http.Request) error {
	if !s.asksAnalytics() || !unfollowed(r) && cookieValue(r, choiceCookie) != choiceNo {
		return nil
	}
	var ids []event.SessionID
	if id, ok := visitOf(r); ok {
		ids = append(ids, id)
	}
	if k, ok := cookieKey(r); ok && !slices.Contains(ids, k.id) {
		ids = append(ids, k.id)
	}
	for _, id := range ids { // a no needs no proof: all it can do is keep something here
		_, yes, err := s.cfg.Privacy.Allowed(r.Context(), id)
		if err == nil && yes {
			err = s.cfg.Privacy.Choose(r.Context(), false, id)
		}
		if err != nil {
			return err
		}
	}
	if cookieValue(r, choiceCookie) == choiceYes {
		s.dropCookie(w, r, choiceCookie)
	}
	return nil
}

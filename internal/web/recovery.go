package web

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/interview"
	"applicreations.com/introspect/internal/slot"
	"applicreations.com/introspect/internal/store"
)

// directly is how long after the last activity a browser gets back into its
// conversation without a word (DOMAIN 1.11).
const directly = time.Hour

// lastFacts is how much of what is understood a returning client sees first.
const lastFacts = 3

// saveView is the bar that offers to save (templates/_save.html); scripts open it.
type saveView struct {
	Session  event.SessionID
	Turns    int
	SavedAt  time.Time
	Posted   bool // the page answers a form, so that what was sent did arrive
	Features bool // the choice of features waits: a client may be leaving
}

func saveOf(sess *intake.Session, posted bool) *saveView {
	return &saveView{
		Session: sess.ID, Turns: sess.Turns, SavedAt: sess.LastActivity, Posted: posted,
		Features: sess.Current.Kind == intake.RecommendFeatures,
	}
}

// continuePage is templates/continue.html: the way back into an interview, or
// without one the way to a link.
type continuePage struct {
	layout
	Session   *intake.Session // nil: none is open here
	Token     string          // of the link that opens it; empty: this browser's own
	Name      string
	Project   string
	Answered  int
	Progress  progressView
	Facts     []knownFact // the last ones
	Finished  bool
	BadLink   bool // a link was followed that opens nothing
	Asked     bool // a link was asked for
	AskedHere bool // of the session that is open here
}

// continueAsk shows the way back: GET /intake/continue. This browser's own
// session comes first, then the link, then a page that tells nothing
// (DOMAIN 1.11).
func (s *Server) continueAsk(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Referrer-Policy", "no-referrer") // the address may hold a link
	token := r.URL.Query().Get("token")
	own, here := s.ongoing(r)
	linked, err := s.peek(r, token)
	if err != nil {
		return err
	}
	same := here && linked != nil && own.ID == linked.ID
	if same && own.Status == intake.InProgress && s.now().Sub(own.LastActivity) < directly {
		http.Redirect(w, r, stepAddress(own), http.StatusSeeOther)
		return nil
	}
	switch {
	case linked != nil && !same:
		return s.showContinue(w, http.StatusOK, s.continueView(linked, token))
	case here:
		return s.showContinue(w, http.StatusOK, s.continueView(own, ""))
	case token != "":
		view := continuePage{layout: s.layout("This link does not work"), BadLink: true}
		return s.showContinue(w, http.StatusGone, view)
	}
	return s.showContinue(w, http.StatusOK, continuePage{layout: s.layout("Continue a project")})
}

// peek reads the session of a link; nil when the link opens nothing.
func (s *Server) peek(r *http.Request, token string) (*intake.Session, error) {
	if token == "" {
		return nil, nil //nolint:nilnil // no link, no session, no fault
	}
	sess, err := s.cfg.Interview.Peek(r.Context(), token)
	if errors.Is(err, interview.ErrLink) {
		return nil, nil //nolint:nilnil // as above
	}
	return sess, err
}

func (s *Server) continueView(sess *intake.Session, token string) continuePage {
	view := continuePage{
		layout: s.layout("Welcome back"), Session: sess, Token: token, Name: firstName(sess.Client.Name), Project: sess.Values()[slot.BusinessName],
		Answered: sess.Questions, Progress: s.progress(sess), Finished: sess.Status == intake.Completed,
	}
	if sess.Status != intake.Completed && sess.Current.Kind != intake.ValidateUnderstanding {
		view.Answered-- // the last one waits for its answer
	}
	facts := sess.CurrentFacts()
	for _, f := range slices.Backward(facts) {
		if known, ok := s.knownFact(sess, f); ok && f.Status.Known() && len(view.Facts) < lastFacts {
			view.Facts = append(view.Facts, known)
		}
	}
	slices.Reverse(view.Facts)
	return view
}

func (s *Server) showContinue(w http.ResponseWriter, status int, view continuePage) error {
	view.Screen = "continue"
	return s.render(w, status, "continue", view)
}

// resume opens the interview: POST /intake/continue. With a link the browser
// gets a new key, wherever it is.
func (s *Server) resume(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	sess, err := s.reopen(w, r, r.PostForm.Get("token"))
	switch {
	case errors.Is(err, interview.ErrLink), errors.Is(err, intake.ErrClosed), errors.Is(err, errNoKey):
		return s.showContinue(w, http.StatusGone, continuePage{layout: s.layout("This link does not work"), BadLink: true})
	case err != nil:
		return err
	case r.PostForm.Get("go") == "fresh": // asks once more before anything is given up
		http.Redirect(w, r, "/intake/restart", http.StatusSeeOther)
	case sess.Status == intake.Completed:
		http.Redirect(w, r, "/success", http.StatusSeeOther)
	default:
		http.Redirect(w, r, stepAddress(sess), http.StatusSeeOther)
	}
	return nil
}

var errNoKey = errors.New("this browser holds no key")

func (s *Server) reopen(w http.ResponseWriter, r *http.Request, link string) (*intake.Session, error) {
	if link == "" {
		k, ok := cookieKey(r)
		if !ok {
			return nil, errNoKey
		}
		return s.cfg.Interview.Recover(r.Context(), k.id, k.token)
	}
	begun, err := s.cfg.Interview.Resume(r.Context(), link)
	if err != nil {
		return nil, err
	}
	s.setCookie(w, r, sessionCookie, begun.Token, cookieLife)
	return begun.Session, nil
}

// askLink has a link mailed: POST /intake/continue/link. The page that follows
// is the same whoever asks.
func (s *Server) askLink(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	email := clip(r.PostForm.Get("email"), 254)
	if err := s.sendLink(r, email, ""); err != nil {
		return err
	}
	_, here := cookieKey(r)
	view := continuePage{layout: s.layout("Look into your mail"), Asked: true, AskedHere: email == "" && here}
	return s.showContinue(w, http.StatusOK, view)
}

// remindersPage is templates/reminders.html.
type remindersPage struct {
	layout
	Path string // of the form
	Done bool
}

// remindersAsk asks before reminders end, because programs follow links too:
// GET /intake/reminders/{token}.
func (s *Server) remindersAsk(w http.ResponseWriter, r *http.Request) error {
	token := r.PathValue("token")
	id, ok := s.cfg.Deliver.StopOf(token)
	if !ok {
		return notFound()
	}
	view := remindersPage{layout: s.layout("No more reminders"), Path: s.cfg.Deliver.StopPath(id)}
	return s.render(w, http.StatusOK, "reminders", view)
}

// remindersStop ends them: by the button, or by the one click of a mail program
// (RFC 8058), which sends no cookie.
func (s *Server) remindersStop(w http.ResponseWriter, r *http.Request) error {
	err := s.cfg.Deliver.StopReminders(r.Context(), r.PathValue("token"))
	if errors.Is(err, store.ErrNotFound) {
		return notFound()
	}
	if err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "reminders", remindersPage{layout: s.layout("No more reminders"), Done: true})
}

// withDraft puts text that was typed before, here or in another browser, into
// the field of the current action.
func (s *Server) withDraft(r *http.Request, sess *intake.Session, g given) given {
	if g.Drafted || sess.Current.Kind == intake.RecommendFeatures {
		return g
	}
	d, err := s.cfg.Store.Draft(r.Context(), sess.ID)
	switch {
	case err == nil && d.Action == sess.Current.ID:
		g.Answer.Text, g.Other = d.Text, d.Text != ""
	case err != nil && !errors.Is(err, store.ErrNotFound): // the question matters more than the draft
		s.log.WarnContext(r.Context(), "draft could not be read", "error", err.Error(), "request_id", requestID(r))
	}
	return g
}

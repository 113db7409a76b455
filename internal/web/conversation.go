package web

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/store"
)

// otherChoice is the value of the card "Something else". It opens a text field
// and never reaches the engine.
const otherChoice = "other:"

// conversation shows what the interview asks now (DOMAIN 1.3 to 1.7).
func (s *Server) conversation(w http.ResponseWriter, r *http.Request) error {
	k, ok := cookieKey(r)
	if !ok {
		http.Redirect(w, r, "/intake", http.StatusSeeOther)
		return nil
	}
	sess, err := s.load(r, k)
	if err != nil {
		return err
	}
	return s.showAction(w, r, sess, http.StatusOK, given{})
}

// load returns the interview that a key opens, unless its client gave it up.
func (s *Server) load(r *http.Request, k key) (*intake.Session, error) {
	sess, err := s.cfg.Interview.Load(r.Context(), k.id, k.token)
	if err == nil && sess.Status == intake.Abandoned {
		return nil, &problem{
			Status: http.StatusGone, Kind: "abandoned", Title: "This conversation was given up",
			Detail: "It was started over, so it can no longer be opened.", Level: slog.LevelInfo,
		}
	}
	return sess, err
}

// conversationAnswer takes an answer and leads on to the next action.
func (s *Server) conversationAnswer(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	k, ok := cookieKey(r)
	if !ok {
		http.Redirect(w, r, "/intake", http.StatusSeeOther)
		return nil
	}
	sess, err := s.load(r, k)
	if err != nil {
		return err
	}
	g := givenBy(r.PostForm)
	if g.Answer.ActionID == sess.Current.ID {
		if done, err := s.beforeAnswer(w, r, sess, g); done || err != nil {
			return err
		}
	}
	_, err = s.cfg.Interview.Answer(r.Context(), k.id, k.token, g.Answer)
	return s.afterAnswer(w, r, sess, g, err)
}

// beforeAnswer holds an answer back that the client should look at once more.
func (s *Server) beforeAnswer(w http.ResponseWriter, r *http.Request, sess *intake.Session, g given) (done bool, err error) {
	switch sess.Current.Kind {
	case intake.ValidateUnderstanding:
		if g.Answer.Response == "correct" && g.Note != "" {
			g.Error = &intake.Invalid{Field: "text", Reason: "There is a note in the box. Send it as a clarification, or empty the box to confirm."}
			return true, s.showAction(w, r, sess, http.StatusUnprocessableEntity, g)
		}
	case intake.RecommendFeatures:
		if g.Go == "price" {
			return true, s.showAction(w, r, sess, http.StatusOK, g)
		}
		if g.Doubts = s.doubts(sess.Current.Features, g.Answer); len(g.Doubts) > 0 && !g.Confirmed {
			return true, s.showAction(w, r, sess, http.StatusUnprocessableEntity, g)
		}
	default:
	}
	return false, nil
}

// afterAnswer redirects on success and shows the page again with everything
// that was typed when the answer was not taken.
func (s *Server) afterAnswer(w http.ResponseWriter, r *http.Request, sess *intake.Session, g given, err error) error {
	var invalid *intake.Invalid
	switch {
	case err == nil, errors.Is(err, intake.ErrClosed):
		http.Redirect(w, r, "/intake/conversation", http.StatusSeeOther)
		return nil
	case errors.As(err, &invalid):
		g.Error = invalid
		return s.showAction(w, r, sess, http.StatusUnprocessableEntity, g)
	case errors.Is(err, intake.ErrStale), errors.Is(err, store.ErrConflict):
		k, _ := cookieKey(r)
		now, err := s.load(r, k)
		if err != nil {
			return err
		}
		return s.showAction(w, r, now, http.StatusConflict, given{Notice: "That answer belonged to an earlier question, so it was not used. This is the current one."})
	case errors.Is(err, store.ErrBusy), errors.Is(err, store.ErrUnknown):
		w.Header().Set("Retry-After", "2")
		g.Notice = "The answer could not be saved just now. It is still here: please send it once more."
		return s.showAction(w, r, sess, http.StatusServiceUnavailable, g)
	}
	return err
}

// given is what a form brought, to be shown again when it was not taken.
type given struct {
	Answer    intake.Answer
	Other     bool   // the card "Something else" was chosen
	Note      string // text beside a choice that takes none
	Go        string // the button
	Confirmed bool
	Doubts    []string // what has to be confirmed
	Notice    string
	Error     *intake.Invalid
	Posted    bool
}

// givenBy reads the form of any action.
func givenBy(form url.Values) given {
	id, text := intake.ActionID(form.Get("actionId")), strings.TrimSpace(form.Get("text"))
	g := given{Go: form.Get("go"), Confirmed: form.Get("confirm") == "yes", Posted: true}
	switch g.Go {
	case "unsure":
		g.Answer = intake.Answer{ActionID: id, Unsure: true}
		return g
	case "correct":
		g.Note = text
		g.Answer = intake.Answer{ActionID: id, Response: "correct"}
		return g
	case "clarify":
		g.Answer = intake.Answer{ActionID: id, Response: "clarify", Text: text}
		return g
	}
	g.Answer = intake.Answer{
		ActionID: id, Text: text, Values: form["values"], Value: form.Get("value"), Choice: form.Get("choice"),
		Package: catalog.PackageID(form.Get("package")),
	}
	for _, f := range form["features"] {
		g.Answer.Features = append(g.Answer.Features, catalog.FeatureID(f))
	}
	for name, values := range form { // The radios of a bundled question need a name each.
		if strings.HasPrefix(name, "values.") {
			g.Answer.Values = append(g.Answer.Values, values...)
		}
	}
	g.settleOther(form.Get("cards") != "")
	return g
}

// settleOther reads the card "Something else": its text counts when the card
// is chosen, or when nothing else is. Where the text field stands by itself
// (cards is false) its text always counts.
func (g *given) settleOther(cards bool) {
	a := &g.Answer
	isOther := func(v string) bool { return v == otherChoice || v == "" }
	g.Other = slices.Contains(a.Values, otherChoice) || a.Value == otherChoice || a.Choice == otherChoice
	a.Values = slices.DeleteFunc(a.Values, isOther)
	slices.Sort(a.Values)
	if isOther(a.Value) {
		a.Value = ""
	}
	if isOther(a.Choice) {
		a.Choice = ""
	}
	if cards && !g.Other && (len(a.Values) > 0 || a.Value != "" || a.Choice != "") {
		a.Text = ""
	}
}

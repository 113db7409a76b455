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
		http.Redirect(w, r, lostAddress, http.StatusSeeOther)
		return nil
	}
	sess, err := s.load(r, k)
	if err != nil {
		return err
	}
	if view, ok := s.past(sess, intake.ActionID(r.URL.Query().Get("step"))); ok {
		return s.render(w, http.StatusOK, "past", view)
	}
	return s.showAction(w, r, sess, http.StatusOK, s.withDraft(r, sess, s.resumed(sess)))
}

// resumed is what a fresh page shows beside the current action: the answer
// that was taken back, what an edit opened again, or how much was understood
// from a brief.
func (s *Server) resumed(sess *intake.Session) given {
	var g given
	if d := sess.Draft; d != nil && d.ActionID == sess.Current.ID {
		g.Answer, g.Other, g.Drafted = *d, d.Text != "", true
	}
	if e := sess.Edited; e != nil && e.Turn == sess.Turns {
		g.Notice = "Changed: " + s.slots[e.Slot].Label + "."
		var labels []string
		for _, k := range e.Reopened {
			labels = append(labels, strings.ToLower(s.slots[k].Label))
		}
		if len(labels) > 0 {
			g.Notice += " Also open again: " + strings.Join(labels, ", ") + "."
		}
		if e.Features {
			g.Notice += " The features are shown once more, because the change calls for other ones."
		}
	}
	if n := fromBrief(sess); n > 0 {
		g.Review = true
		g.Notice = plural(n, "point was understood from the brief. It", "points were understood from the brief. They") + " can be checked and edited under “What is understood so far”."
	}
	return g
}

// briefLength is the number of characters from which a first answer counts as
// a pasted brief.
const briefLength = 1000

// fromBrief counts what a pasted brief told, right after it was sent.
func fromBrief(sess *intake.Session) int {
	if len(sess.Marks) != 2 || len([]rune(sess.Marks[1].Answer.Text)) < briefLength {
		return 0
	}
	n := 0
	for _, f := range sess.CurrentFacts() {
		if f.Status.Known() {
			n++
		}
	}
	return n
}

// load returns the interview that a key opens, unless its client gave it up.
func (s *Server) load(r *http.Request, k key) (*intake.Session, error) {
	sess, err := s.cfg.Interview.Load(r.Context(), k.id, k.token)
	if err == nil && sess.Status == intake.Abandoned && sess.Open(s.now()) {
		return nil, lapsed()
	}
	if err == nil && sess.Status == intake.Abandoned {
		return nil, &problem{
			Status: http.StatusGone, Kind: "abandoned", Title: "This conversation was given up",
			Detail: "It was started over, so it can no longer be opened.", Level: slog.LevelInfo,
		}
	}
	return sess, err
}

// lapsed sends a client whose interview was left alone through the page that
// welcomes back; see failPage.
func lapsed() *problem {
	return &problem{
		Status: http.StatusSeeOther, Kind: "lapsed", Title: "Welcome back", Detail: "The conversation was left for a while and goes on at /intake/continue.",
		Level: slog.LevelDebug,
	}
}

// conversationAnswer takes an answer and leads on to the next action.
func (s *Server) conversationAnswer(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	k, ok := cookieKey(r)
	if !ok {
		http.Redirect(w, r, lostAddress, http.StatusSeeOther)
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
	if answeredOtherwise(sess, g.Answer) {
		return s.showAction(w, r, sess, http.StatusConflict, given{Notice: stalePlain, Lost: g.Answer.Text})
	}
	after, err := s.cfg.Interview.Answer(s.withNetwork(r), k.id, k.token, g.Answer)
	if err == nil {
		http.Redirect(w, r, stepAddress(after), http.StatusSeeOther)
		return nil
	}
	return s.afterAnswer(w, r, sess, g, err)
}

// stalePlain says why an answer was not used.
const stalePlain = "That answer belonged to an earlier question, so it was not used. This is the current one. To change an earlier answer, use Back, or Edit beside what is understood so far."

// answeredOtherwise reports whether the previous action, which may be answered
// twice because browsers repeat what got no reply, was answered with something
// else: from a second tab, or from a page that the browser's own Back brought
// up. Those words would vanish without a trace.
func answeredOtherwise(sess *intake.Session, a intake.Answer) bool {
	if len(sess.Marks) == 0 || a.ActionID == "" || a.ActionID != sess.Answered || sess.Status != intake.InProgress {
		return false
	}
	before := sess.Marks[len(sess.Marks)-1]
	if before.Action != a.ActionID {
		return false // it was edited since
	}
	same := func(a, b string) bool {
		return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
	}
	b := before.Answer
	return !same(a.Text, b.Text) || !slices.Equal(slices.Sorted(slices.Values(a.Values)), slices.Sorted(slices.Values(b.Values))) ||
		a.Value != b.Value || a.Choice != b.Choice || a.Response != b.Response || a.Unsure != b.Unsure || a.Skip != b.Skip
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

// afterAnswer shows the page again with everything that was typed when the
// answer was not taken.
func (s *Server) afterAnswer(w http.ResponseWriter, r *http.Request, sess *intake.Session, g given, err error) error {
	var invalid *intake.Invalid
	switch {
	case errors.Is(err, intake.ErrClosed):
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
		return s.showAction(w, r, now, http.StatusConflict, given{
			Notice: stalePlain, Lost: g.Answer.Text,
		})
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
	Lost      string // text of an answer that was not used
	Review    bool   // the panel of what is understood is opened
	Drafted   bool   // the answer was taken back by the client
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
	case "skip":
		g.Answer = intake.Answer{ActionID: id, Skip: true}
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

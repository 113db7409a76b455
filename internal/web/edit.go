package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// editPage is templates/edit.html: one slot with what is known now.
type editPage struct {
	layout
	ActionID intake.ActionID
	Slot     slot.Key
	Label    string
	Question *questionView
	Words    string // the client's own words that the value rests on
	Number   int    // question that they answered
	Error    *intake.Invalid
}

// editForm shows the form that changes one slot: GET /intake/edit?slot=K.
func (s *Server) editForm(w http.ResponseWriter, r *http.Request) error {
	sess, k, err := s.editable(w, r, r.URL.Query().Get("slot"))
	if err != nil || sess == nil {
		return err
	}
	return s.showEdit(w, sess, k, http.StatusOK, nil, nil)
}

// editable loads the session of the cookie; sess is nil when the visitor was
// sent elsewhere.
func (s *Server) editable(w http.ResponseWriter, r *http.Request, name string) (*intake.Session, slot.Key, error) {
	k, ok := cookieKey(r)
	if !ok {
		http.Redirect(w, r, lostAddress, http.StatusSeeOther)
		return nil, "", nil
	}
	sess, err := s.load(r, k)
	if err != nil {
		return nil, "", err
	}
	if sess.Status != intake.InProgress {
		http.Redirect(w, r, "/intake/conversation", http.StatusSeeOther)
		return nil, "", nil
	}
	return sess, slot.Key(name), nil
}

func (s *Server) showEdit(w http.ResponseWriter, sess *intake.Session, k slot.Key, status int, given *intake.Edit, invalid *intake.Invalid) error {
	form, ok := s.cfg.Engine.EditForm(sess, k)
	if !ok {
		return intake.ErrNotEditable
	}
	now := form.Now
	if given != nil {
		now = intake.Answer{Text: given.Text, Values: given.Values}
	}
	def := s.slots[k]
	view := editPage{
		layout: s.layout("Edit: " + yourLabel(def.Label)), ActionID: sess.Current.ID, Slot: k, Label: yourLabel(def.Label), Error: invalid,
		Question: viewQuestion(&intake.Ask{Question: form.Question}, knownAnswer(now)),
	}
	view.Screen, view.Restart = "conversation", true
	if f, ok := sess.Fact(k); ok && f.Status.Known() && f.Evidence.Quote != "" {
		view.Words, view.Number = clip(f.Evidence.Quote, 300), f.Evidence.Question
	}
	return s.render(w, status, "edit", view)
}

// knownAnswer shows an answer in a form as if it had been typed.
func knownAnswer(a intake.Answer) given { return given{Answer: a, Other: a.Text != ""} }

// edit saves one edited slot: POST /intake/edit.
func (s *Server) edit(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	sess, k, err := s.editable(w, r, r.PostForm.Get("slot"))
	if err != nil || sess == nil {
		return err
	}
	g := givenBy(r.PostForm)
	ed := intake.Edit{Slot: k, Text: g.Answer.Text, Values: g.Answer.Values, Unsure: g.Go == "unsure"}
	key, _ := cookieKey(r)
	_, err = s.cfg.Interview.Edit(r.Context(), key.id, key.token, intake.ActionID(r.PostForm.Get("actionId")), ed)
	var invalid *intake.Invalid
	switch {
	case errors.As(err, &invalid):
		return s.showEdit(w, sess, k, http.StatusUnprocessableEntity, &ed, invalid)
	case errors.Is(err, intake.ErrStale):
		return s.showEdit(w, sess, k, http.StatusConflict, &ed, &intake.Invalid{
			Field: "text", Reason: "The conversation went on in another window. Nothing was changed yet: please save once more.",
		})
	case err != nil:
		return err
	}
	http.Redirect(w, r, "/intake/conversation", http.StatusSeeOther)
	return nil
}

// back takes the last answer back: POST /intake/back. Where there is no way
// back the current question is simply shown again.
func (s *Server) back(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	k, ok := cookieKey(r)
	if !ok {
		http.Redirect(w, r, lostAddress, http.StatusSeeOther)
		return nil
	}
	sess, err := s.cfg.Interview.Back(r.Context(), k.id, k.token, intake.ActionID(r.PostForm.Get("actionId")))
	switch {
	case err == nil, errors.Is(err, intake.ErrStale), errors.Is(err, intake.ErrNoWayBack), errors.Is(err, intake.ErrClosed):
	default:
		return err
	}
	http.Redirect(w, r, stepAddress(sess), http.StatusSeeOther)
	return nil
}

// stepAddress is the address of the current step: each has one of its own, so
// that the browser's Back button goes through the answers.
func stepAddress(sess *intake.Session) string {
	if sess == nil {
		return "/intake/conversation"
	}
	return "/intake/conversation?step=" + url.QueryEscape(string(sess.Current.ID))
}

// pastPage is templates/past.html: an answered question, reached by the
// browser's Back button.
type pastPage struct {
	layout
	ActionID intake.ActionID // the current one
	Question string
	Answer   string
	Last     bool     // it is the answer given last, so it can be taken back
	Slot     slot.Key // that an edit would change; empty when there is none
	Label    string
}

// past finds an answered step. It reports false when the step is the current
// one or unknown.
func (s *Server) past(sess *intake.Session, step intake.ActionID) (pastPage, bool) {
	if step == "" || step == sess.Current.ID {
		return pastPage{}, false
	}
	i := slices.IndexFunc(sess.Marks, func(m intake.Mark) bool { return m.Action == step })
	if i < 1 {
		return pastPage{}, false
	}
	m := sess.Marks[i]
	view := pastPage{
		layout: s.layout("An earlier answer"), ActionID: sess.Current.ID, Question: "An earlier step", Answer: saidIn(m.Answer),
		Last: i == len(sess.Marks)-1 && sess.CanGoBack(),
	}
	if m.Asked > sess.Marks[i-1].Asked && m.Asked <= len(sess.Asked) {
		asked := sess.Asked[m.Asked-1]
		if asked.Text != "" {
			view.Question = asked.Text
		}
		for _, k := range asked.Slots {
			if _, ok := s.cfg.Engine.EditForm(sess, k); ok {
				view.Slot, view.Label = k, yourLabel(s.slots[k].Label)
				break
			}
		}
	}
	view.Screen, view.Restart = "conversation", true
	return view, true
}

// saidIn puts an answer into words.
func saidIn(a intake.Answer) string {
	switch {
	case a.Unsure:
		return "Not sure"
	case a.Skip:
		return "Skipped"
	case a.Response == "correct":
		return "Yes, that’s right"
	case a.Package != "":
		return fmt.Sprintf("Package %s with %s", words(string(a.Package)), plural(len(a.Features), "feature", "features"))
	}
	words := make([]string, 0, len(a.Values)+3)
	for _, v := range a.Values {
		words = append(words, strings.ReplaceAll(v[strings.IndexByte(v, '.')+1:], "_", " "))
	}
	for _, v := range []string{a.Value, a.Choice} {
		if v != "" {
			words = append(words, strings.ReplaceAll(v, "_", " "))
		}
	}
	if a.Text != "" {
		words = append(words, clip(a.Text, 1000))
	}
	return strings.Join(words, ", ")
}

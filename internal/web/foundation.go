package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
)

// The foundation form has four steps (DOMAIN 1.2).
const (
	stepName  = 1
	stepEmail = 2
	stepPhone = 3
	stepType  = 4
)

// foundationPage is templates/foundation.html.
type foundationPage struct {
	layout
	Step, Steps int
	Name        string // to greet by
	Value       string
	Other       string
	Types       []optionView
	Advisor     bool   // a language model may be asked
	AskFirst    bool   // only if the client says yes
	NoAI        bool   // the client does not want that
	Suggestion  string // an address that may have been meant
	Error       *intake.Invalid
	Field       string            // wire name of the step's field
	Texts       map[string]string // that an A/B test puts in the place of the usual ones
	Event       event.ID          // of the browser's own note that the field was filled in
	Remind      bool              // the client agreed to one reminder
	Lost        bool              // came for an interview that this browser does not know
}

// lostAddress is where a browser is led that comes for an interview and has no
// key to one: the form, which says so. Without a word people take an expired
// cookie for lost answers.
const lostAddress = "/intake?lost=1"

// foundation shows one step.
func (s *Server) foundation(w http.ResponseWriter, r *http.Request) error {
	if sess, ok := s.ongoing(r); ok && sess.Open(s.now()) {
		http.Redirect(w, r, "/intake/conversation", http.StatusSeeOther)
		return nil
	}
	visit := s.visit(w, r)
	d, found := s.readDraft(r, visit)
	if !found {
		d = draft{Reached: stepName, Since: s.now()}
		if r.Method == http.MethodGet {
			s.record(r, visit, visitEvent, event.Plain{Name: event.NameFoundationStart})
		}
		if err := s.writeDraft(w, r, visit, d); err != nil {
			return err
		}
	}
	step, err := strconv.Atoi(r.URL.Query().Get("step"))
	if err != nil || step < stepName || step > d.Reached {
		step = d.Reached
	}
	return s.showStep(w, r, visit, http.StatusOK, step, d, nil)
}

// foundationStep takes one step.
func (s *Server) foundationStep(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	visit := s.visit(w, r)
	d, found := s.readDraft(r, visit)
	if !found {
		d = draft{Reached: stepName, Since: s.now()}
	}
	step, err := strconv.Atoi(r.PostForm.Get("step"))
	if err != nil || step < stepName || step > stepType {
		return badRequest("The form names no step between 1 and 4.")
	}
	d.take(step, r.PostForm.Get("value"), r.PostForm.Get("otherDescription"))
	if step == stepEmail {
		d.Remind = r.PostForm.Get("remind") == "yes"
	}
	if step == stepType {
		// A page without the notice told of no model, whatever is in use since.
		d.Client.NoAI = r.PostForm.Get("noAi") == "yes" || r.PostForm.Get("notice") == "none" || s.cfg.AskFirst && r.PostForm.Get("ai") != "yes"
	}
	switch r.PostForm.Get("go") {
	case "back":
		return s.toStep(w, r, visit, d, max(step-1, stepName))
	case "skip":
		if step == stepPhone {
			d.Client.Phone = ""
		}
	case "suggestion":
		if better := suggestEmail(d.Client.Email); better != "" {
			d.Client.Email = better
		}
	}
	return s.advance(w, r, visit, d, step)
}

// advance checks a step and goes on, or shows it again.
func (s *Server) advance(w http.ResponseWriter, r *http.Request, visit event.SessionID, d draft, step int) error {
	clean, err := intake.CheckField(step, *d.field(step))
	var invalid *intake.Invalid
	if errors.As(err, &invalid) {
		if err := s.writeDraft(w, r, visit, d); err != nil {
			return err
		}
		return s.showStep(w, r, visit, http.StatusUnprocessableEntity, step, d, invalid)
	}
	if err != nil {
		return err
	}
	*d.field(step) = clean
	if step == stepEmail && suggestEmail(clean) != "" && d.Doubt != clean {
		d.Doubt = clean
		return s.toStep(w, r, visit, d, step)
	}
	s.record(r, visit, step, event.FoundationField{Field: fieldOf(step), TimeSpent: s.now().Sub(d.Since).Seconds()})
	d.Since = s.now()
	if step < stepType {
		d.Reached = max(d.Reached, step+1)
		return s.toStep(w, r, visit, d, step+1)
	}
	return s.beginInterview(w, r, visit, d)
}

func (s *Server) toStep(w http.ResponseWriter, r *http.Request, visit event.SessionID, d draft, step int) error {
	if err := s.writeDraft(w, r, visit, d); err != nil {
		return err
	}
	http.Redirect(w, r, "/intake?step="+strconv.Itoa(step), http.StatusSeeOther)
	return nil
}

// beginInterview ends the form. A field that is still refused leads back to
// its step.
func (s *Server) beginInterview(w http.ResponseWriter, r *http.Request, visit event.SessionID, d draft) error {
	if err := s.admit(r, general); err != nil {
		return err
	}
	// Before the queue: who waits was told what the form said, and a model that
	// is back when their turn comes was not part of it.
	d.Client.NoAI = d.Client.NoAI || !s.usesModel(r)
	if _, ok := s.enter(r, string(visit)); !ok {
		return s.toQueue(w, r, visit, d)
	}
	begun, err := s.cfg.Interview.Begin(r.Context(), visit, d.Client)
	var invalid *intake.Invalid
	if errors.As(err, &invalid) {
		return s.showStep(w, r, visit, http.StatusUnprocessableEntity, stepOf(invalid.Field), d, invalid)
	}
	if err != nil {
		return err
	}
	if d.Remind {
		if err := s.cfg.Interview.Consent(r.Context(), begun.Session.ID); err != nil { // no reason to lose the interview
			s.log.WarnContext(r.Context(), "consent to a reminder was lost", "error", err.Error(), "request_id", requestID(r))
		}
	}
	if begun.Session.ID != visit {
		if err := s.cfg.Privacy.Carry(r.Context(), visit, begun.Session.ID); err != nil { // a lost yes is a no
			s.log.WarnContext(r.Context(), "a choice was lost", "error", err.Error(), "request_id", requestID(r))
		}
	}
	s.began(string(visit))
	s.setCookie(w, r, sessionCookie, begun.Token, cookieLife)
	s.dropCookie(w, r, draftCookie)
	http.Redirect(w, r, "/intake/conversation", http.StatusSeeOther)
	return nil
}

func (s *Server) showStep(w http.ResponseWriter, r *http.Request, visit event.SessionID, status, step int, d draft, invalid *intake.Invalid) error {
	titles := map[int]string{stepName: "Your name", stepEmail: "Your e-mail address", stepPhone: "Your phone number", stepType: "The kind of website"}
	view := foundationPage{
		layout: s.layout(titles[step]), Step: step, Steps: stepType, Name: firstName(d.Client.Name),
		Value: *d.field(step), Other: d.Client.OtherDescription, Error: invalid, Field: fieldOf(step), Remind: d.Remind,
		Advisor: s.usesModel(r), AskFirst: s.cfg.AskFirst, NoAI: d.Client.NoAI,
		Event: event.New(visit, step, s.now(), event.FoundationField{}).ID,
	}
	view.Lost = step == stepName && d.Reached == stepName && r.URL.Query().Has("lost")
	view.Screen, view.Restart, view.Visit, view.Choice = "foundation", true, visit, s.ask(r, backToForm)
	_, view.Texts = s.assigned(r, visit)
	if step == stepType {
		for i, c := range intake.WebsiteTypes() {
			view.Types = append(view.Types, optionView{
				Value: c.Value, Label: c.Label, Description: c.Description, Letter: letter(i), Checked: c.Value == view.Value,
			})
		}
	}
	if step == stepEmail && invalid == nil && d.Doubt == d.Client.Email {
		view.Suggestion = suggestEmail(d.Client.Email)
	}
	return s.render(w, status, "foundation", view)
}

// draft is the foundation form while it is filled in.
type draft struct {
	Client  intake.Client `json:"client"`
	Reached int           `json:"reached"`         // the furthest step shown
	Since   time.Time     `json:"since"`           // when the current step was first shown
	Doubt   string        `json:"doubt,omitempty"` // an address that was questioned once
	Remind  bool          `json:"remind,omitempty"`
}

// field is where a step keeps its value.
func (d *draft) field(step int) *string {
	switch step {
	case stepName:
		return &d.Client.Name
	case stepEmail:
		return &d.Client.Email
	case stepPhone:
		return &d.Client.Phone
	}
	return &d.Client.WebsiteType
}

func (d *draft) take(step int, value, other string) {
	*d.field(step) = value
	if step == stepType {
		d.Client.OtherDescription = ""
		if value == "other" {
			d.Client.OtherDescription = other
		}
	}
}

// fieldOf is the wire name of a step's field.
func fieldOf(step int) string {
	return [...]string{"userName", "userEmail", "userPhone", "websiteType"}[step-1]
}

func stepOf(field string) int {
	for step := stepName; step < stepType; step++ {
		if fieldOf(step) == field {
			return step
		}
	}
	return stepType
}

// firstName is what a form may greet with.
func firstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return clip(first, 40)
}

// parseForm reads a form and says what is wrong with a broken one.
func parseForm(r *http.Request) error {
	err := r.ParseForm()
	var tooBig *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &tooBig):
		return err
	}
	return badRequest("The form could not be read. Please go back and send it again.")
}

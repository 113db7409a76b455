package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/interview"
	"applicreations.com/introspect/internal/slot"
)

// apiClient is the body of POST /api/sessions: an intake.Client, and whether
// the client agrees to one reminder.
type apiClient struct {
	Name             string `json:"userName"`
	Email            string `json:"userEmail"`
	Phone            string `json:"userPhone"`
	WebsiteType      string `json:"websiteType"`
	OtherDescription string `json:"otherDescription"`
	Remind           bool   `json:"remind"`
	NoAI             bool   `json:"noAi"`
}

func (c apiClient) client() intake.Client {
	return intake.Client{Name: c.Name, Email: c.Email, Phone: c.Phone, WebsiteType: c.WebsiteType, OtherDescription: c.OtherDescription, NoAI: c.NoAI}
}

// apiBegin starts an interview: POST /api/sessions.
func (s *Server) apiBegin(w http.ResponseWriter, r *http.Request) error {
	var body apiClient
	if err := readJSON(r, &body); err != nil {
		return err
	}
	c := body.client()
	if err := errors.Join(
		tooLong("userName", c.Name, 200), tooLong("userEmail", c.Email, 254),
		tooLong("userPhone", c.Phone, 40), tooLong("otherDescription", c.OtherDescription, 200),
	); err != nil {
		return err
	}
	who := "api:" + limitKey(s.clientIP(r))
	if !isCanary(r) { // a smoke test takes nobody's place, and must not fail because clients wait
		if ahead, ok := s.enter(r, who); !ok {
			return queued(ahead)
		}
	}
	c.NoAI = c.NoAI || !s.usesModel(r) || s.cfg.AskFirst // a program has nobody's yes
	var begun interview.Begun
	var err error
	if isCanary(r) {
		begun, err = s.cfg.Interview.BeginCanary(r.Context(), c)
	} else {
		begun, err = s.cfg.Interview.Begin(r.Context(), "", c)
	}
	if err != nil {
		return err
	}
	if body.Remind {
		if err := s.cfg.Interview.Consent(r.Context(), begun.Session.ID); err != nil {
			return err
		}
	}
	s.began(who)
	w.Header().Set("Location", "/api/sessions/"+string(begun.Session.ID))
	return writeJSON(w, http.StatusCreated, struct {
		SessionID event.SessionID `json:"sessionId"`
		Token     string          `json:"token"`
		actionJSON
	}{begun.Session.ID, begun.Token, s.actionJSON(begun.Session)})
}

// apiTurn is the body of POST /api/conversation.
type apiTurn struct {
	SessionID event.SessionID `json:"sessionId"`
	ActionID  intake.ActionID `json:"actionId"`
	Answer    *apiAnswer      `json:"answer"`
}

type apiAnswer struct {
	Text     string              `json:"text"`
	Values   []string            `json:"values"`
	Value    string              `json:"value"`
	Choice   string              `json:"choice"`
	Response string              `json:"response"`
	Package  catalog.PackageID   `json:"package"`
	Features []catalog.FeatureID `json:"features"`
	Unsure   bool                `json:"unsure"`
	Skip     bool                `json:"skip"`
}

func (t apiTurn) check() error {
	if t.ActionID == "" {
		return badRequest("actionId is missing: it names the action that is answered.").with("field", "actionId")
	}
	if t.Answer == nil {
		return badRequest("answer is missing: it is an object whose members depend on the action.").with("field", "answer")
	}
	return tooLong("answer.text", t.Answer.Text, intake.MaxBrief) // the engine knows the limit of the question
}

func (t apiTurn) answer() intake.Answer {
	a := t.Answer
	return intake.Answer{
		ActionID: t.ActionID, Text: a.Text, Values: a.Values, Value: a.Value, Choice: a.Choice,
		Response: a.Response, Package: a.Package, Features: a.Features, Unsure: a.Unsure, Skip: a.Skip,
	}
}

// apiAnswer takes one answer: POST /api/conversation.
func (s *Server) apiAnswer(w http.ResponseWriter, r *http.Request) error {
	k, err := needBearer(r)
	if err != nil {
		return err
	}
	var turn apiTurn
	if err := readJSON(r, &turn); err != nil {
		return err
	}
	if turn.SessionID != "" && turn.SessionID != k.id {
		return unauthorized("The token belongs to another session.")
	}
	if err := turn.check(); err != nil {
		return err
	}
	sess, err := s.cfg.Interview.Answer(s.withNetwork(r), k.id, k.token, turn.answer())
	return s.answerStep(w, r, k, sess, err)
}

// apiBack takes the last answer back: POST /api/conversation/back.
func (s *Server) apiBack(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		SessionID event.SessionID `json:"sessionId"`
		ActionID  intake.ActionID `json:"actionId"`
	}
	k, err := s.ownBody(r, &body, &body.SessionID, &body.ActionID)
	if err != nil {
		return err
	}
	sess, err := s.cfg.Interview.Back(r.Context(), k.id, k.token, body.ActionID)
	return s.answerStep(w, r, k, sess, err)
}

// apiEdit changes one fact: POST /api/conversation/edit.
func (s *Server) apiEdit(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		SessionID event.SessionID `json:"sessionId"`
		ActionID  intake.ActionID `json:"actionId"`
		intake.Edit
	}
	k, err := s.ownBody(r, &body, &body.SessionID, &body.ActionID)
	if err != nil {
		return err
	}
	if body.Slot == "" {
		return badRequest("slot is missing: it names the fact that is changed.").with("field", "slot")
	}
	if err := tooLong("text", body.Text, intake.MaxAnswer); err != nil {
		return err
	}
	sess, err := s.cfg.Interview.Edit(r.Context(), k.id, k.token, body.ActionID, body.Edit)
	return s.answerStep(w, r, k, sess, err)
}

// ownBody reads a body that names a session and an action, and checks that the
// token belongs to that session.
func (s *Server) ownBody(r *http.Request, body any, id *event.SessionID, action *intake.ActionID) (key, error) {
	k, err := needBearer(r)
	if err != nil {
		return k, err
	}
	if err := readJSON(r, body); err != nil {
		return k, err
	}
	if *id != "" && *id != k.id {
		return k, unauthorized("The token belongs to another session.")
	}
	if *action == "" {
		return k, badRequest("actionId is missing: it names the action that is shown now.").with("field", "actionId")
	}
	return k, nil
}

// answerStep answers with the action that is current after a step.
func (s *Server) answerStep(w http.ResponseWriter, r *http.Request, k key, sess *intake.Session, err error) error {
	if errors.Is(err, intake.ErrStale) || errors.Is(err, intake.ErrClosed) || errors.Is(err, intake.ErrNoWayBack) {
		return s.staleAPI(r, k, err)
	}
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, s.actionJSON(sess))
}

// staleAPI tells what is current instead, so that a program can go on.
func (s *Server) staleAPI(r *http.Request, k key, cause error) error {
	sess, err := s.cfg.Interview.Load(r.Context(), k.id, k.token)
	if err != nil {
		return fmt.Errorf("load after %w: %w", cause, err)
	}
	now := s.actionJSON(sess)
	return problemOf(cause).with("actionId", now.ActionID).with("action", now.Action).
		with("content", now.Content).with("progress", now.Progress)
}

// sessionJSON is the answer of GET /api/sessions/{id}.
type sessionJSON struct {
	SessionID               event.SessionID    `json:"sessionId"`
	Status                  intake.Status      `json:"status"`
	QuestionCount           int                `json:"questionCount"`
	BusinessModel           *string            `json:"businessModel"` // null until classified
	BusinessModelConfidence int                `json:"businessModelConfidence"`
	Facts                   []intake.Fact      `json:"facts"`
	OpenPoints              []intake.OpenPoint `json:"openPoints"`
	Editable                []slot.Key         `json:"editable"` // slots that /api/conversation/edit takes
	actionJSON
	FeatureSelection *selectionJSON `json:"featureSelection"` // null until answered
	Documents        []documentJSON `json:"documents"`
}

type selectionJSON struct {
	Package           catalog.PackageID   `json:"package"`
	SelectedFeatures  []catalog.FeatureID `json:"selectedFeatures"`
	TotalPrice        float64             `json:"totalPrice"`     // dollars
	MonthlyHosting    float64             `json:"monthlyHosting"` // dollars
	FeaturesPresented bool                `json:"featuresPresented"`
	PresentedAt       int                 `json:"presentedAt"` // question number
}

type documentJSON struct {
	Type   string `json:"type"`   // scope, client_pdf or web_proposal
	Status string `json:"status"` // preparing, ready or held
	URL    string `json:"url,omitempty"`
}

// apiSession shows a session: GET /api/sessions/{id}.
func (s *Server) apiSession(w http.ResponseWriter, r *http.Request) error {
	k, err := needBearer(r)
	if err != nil {
		return err
	}
	if id := event.SessionID(r.PathValue("id")); id != k.id {
		return unauthorized("The token belongs to another session.")
	}
	sess, err := s.cfg.Interview.Load(r.Context(), k.id, k.token)
	if err != nil {
		return err
	}
	out := s.sessionJSON(sess)
	if sess.Current.Kind == intake.Complete {
		if out.Documents, err = s.documentsJSON(r.Context(), sess); err != nil {
			return err
		}
	}
	return writeJSON(w, http.StatusOK, out)
}

// documentsJSON lists the documents of a finished session, and whether they may
// be read.
func (s *Server) documentsJSON(ctx context.Context, sess *intake.Session) ([]documentJSON, error) {
	d, err := s.delivery(ctx, sess)
	if err != nil {
		return nil, err
	}
	pdf, page := documentJSON{Type: event.DocumentPDF, Status: "preparing"}, documentJSON{Type: "web_proposal", Status: "preparing"}
	switch {
	case d.Held:
		pdf.Status, page.Status = "held", "held"
	case d.Web != "":
		pdf.Status, pdf.URL, page.Status, page.URL = "ready", d.PDF, "ready", d.Web
	}
	return []documentJSON{{Type: event.DocumentScope, Status: "ready", URL: "/api/documents/scope/" + string(sess.ID)}, pdf, page}, nil
}

func (s *Server) sessionJSON(sess *intake.Session) sessionJSON {
	out := sessionJSON{
		SessionID: sess.ID, Status: sess.Status, QuestionCount: sess.Questions,
		BusinessModelConfidence: sess.Model.Confidence, Facts: sess.CurrentFacts(), actionJSON: s.actionJSON(sess),
		Documents: []documentJSON{},
	}
	if out.Facts == nil {
		out.Facts = []intake.Fact{}
	}
	out.OpenPoints, out.Editable = append([]intake.OpenPoint{}, sess.OpenPoints...), []slot.Key{}
	for _, f := range out.Facts {
		if _, ok := s.cfg.Engine.EditForm(sess, f.Slot); ok {
			out.Editable = append(out.Editable, f.Slot)
		}
	}
	if sess.ModelAt > 0 {
		model := string(sess.Model.Model)
		out.BusinessModel = &model
	}
	if f := sess.Features; f != nil && f.Answered {
		out.FeatureSelection = &selectionJSON{
			Package: f.Selection.Package, SelectedFeatures: append([]catalog.FeatureID{}, f.Selection.Features...),
			TotalPrice: f.Estimate.Total.Dollars(), MonthlyHosting: f.Estimate.HostingMonthly.Dollars(),
			FeaturesPresented: true, PresentedAt: f.PresentedAt,
		}
	}
	return out
}

package web

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/interview"
)

// ownKey reads who may act on a session: the bearer token of a program, or the
// cookie of our own pages, whose scripts cannot read it. A cookie counts only
// where the browser says that the request comes from a page of ours.
func (s *Server) ownKey(r *http.Request, id event.SessionID) (key, error) {
	k, ok := cookieKey(r)
	if bearer(r) != "" || !ok || s.origins.Check(r) != nil {
		var err error
		if k, err = needBearer(r); err != nil {
			return k, err
		}
	}
	if id != "" && id != k.id {
		return k, unauthorized("The token belongs to another session.")
	}
	return k, nil
}

// syncBody is the body of POST /api/sessions/sync.
type syncBody struct {
	SessionID event.SessionID `json:"sessionId"`
	ActionID  intake.ActionID `json:"actionId"`
	Draft     *struct {
		Text      string `json:"text"`
		UpdatedAt int64  `json:"updatedAt"` // unix milliseconds
	} `json:"draft"`
	Copy string `json:"copy"` // what an earlier answer told to keep
}

// syncJSON is its answer: what the server has now.
type syncJSON struct {
	SessionID event.SessionID `json:"sessionId"`
	Status    intake.Status   `json:"status"`
	ActionID  intake.ActionID `json:"actionId"`
	Turns     int             `json:"turns"`
	UpdatedAt time.Time       `json:"updatedAt"`
	SavedAt   time.Time       `json:"savedAt"`
	Newer     string          `json:"newer"`
	AtRisk    bool            `json:"atRisk"`
	Draft     *draftJSON      `json:"draft"`
	Copy      string          `json:"copy"` // opaque; empty: nothing to keep
}

type draftJSON struct {
	ActionID  intake.ActionID `json:"actionId"`
	Text      string          `json:"text"`
	UpdatedAt int64           `json:"updatedAt"`
}

// apiSync takes what a browser has and tells what the server has: POST
// /api/sessions/sync.
func (s *Server) apiSync(w http.ResponseWriter, r *http.Request) error {
	var body syncBody
	if err := readJSON(r, &body); err != nil {
		return err
	}
	k, err := s.ownKey(r, body.SessionID)
	if err != nil {
		return err
	}
	seen := interview.Seen{Action: body.ActionID}
	switch d := body.Draft; {
	case d != nil:
		if err := tooLong("draft.text", d.Text, intake.MaxBrief); err != nil {
			return err
		}
		seen.Draft = &interview.Draft{Text: d.Text, At: time.UnixMilli(max(d.UpdatedAt, 0))}
	case body.Copy != "":
		seen.Draft = s.openCopy(k.id, body.ActionID, body.Copy)
	}
	got, err := s.cfg.Interview.Sync(r.Context(), k.id, k.token, seen)
	if err != nil {
		return err
	}
	sess, now := got.Session, s.now()
	out := syncJSON{
		SessionID: sess.ID, Status: sess.Status, ActionID: sess.Current.ID, Turns: sess.Turns, UpdatedAt: sess.LastActivity.UTC(),
		SavedAt: now.UTC(), Newer: got.Newer, AtRisk: sess.AtRisk(now),
	}
	if d := got.Draft; d != nil {
		out.Draft = &draftJSON{sess.Current.ID, d.Text, d.At.UnixMilli()}
		if out.Copy, err = s.sealCopy(sess.ID, *out.Draft); err != nil {
			return err
		}
	}
	return writeJSON(w, http.StatusOK, out)
}

// sealCopy makes the copy of a draft that a browser keeps. The browser holds no
// key: to it the copy is text without meaning (DOMAIN 8.3).
func (s *Server) sealCopy(id event.SessionID, d draftJSON) (string, error) {
	plain, err := json.Marshal(d)
	if err != nil {
		return "", err
	}
	sealed, err := s.cfg.Keys.Seal(plain, copyContext(id))
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// openCopy reads such a copy; nil when it is damaged, of another session or of
// another action: then there is nothing to restore.
func (s *Server) openCopy(id event.SessionID, action intake.ActionID, text string) *interview.Draft {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	plain, err := s.cfg.Keys.Open(sealed, copyContext(id))
	var d draftJSON
	if err != nil || json.Unmarshal(plain, &d) != nil || d.ActionID != action {
		return nil
	}
	return &interview.Draft{Text: d.Text, At: time.UnixMilli(d.UpdatedAt)}
}

func copyContext(id event.SessionID) string { return "local copy of " + string(id) }

// apiSendLink has a magic link mailed: POST /api/send-magic-link. Whatever is
// asked for, the answer is the same; only the mail tells.
func (s *Server) apiSendLink(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Email     string          `json:"email"`
		SessionID event.SessionID `json:"sessionId"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	if body.Email == "" && body.SessionID == "" {
		return badRequest("Send email, or sessionId together with the session's token.")
	}
	if err := tooLong("email", body.Email, 254); err != nil {
		return err
	}
	if err := s.sendLink(r, body.Email, body.SessionID); err != nil {
		return err
	}
	return writeJSON(w, http.StatusAccepted, map[string]string{"status": "accepted"})
}

// sendLink asks for a link of an address, or else of an own session. That the
// asker owns no such session is logged and not told.
func (s *Server) sendLink(r *http.Request, email string, id event.SessionID) error {
	if email != "" {
		return s.cfg.Interview.SendLink(r.Context(), email)
	}
	k, err := s.ownKey(r, id)
	if err == nil {
		err = s.cfg.Interview.SendOwnLink(r.Context(), k.id, k.token)
	}
	var refused *problem
	if errors.As(err, &refused) || errors.Is(err, interview.ErrUnknown) || errors.Is(err, interview.ErrForbidden) || errors.Is(err, interview.ErrExpired) {
		s.log.LogAttrs(r.Context(), slog.LevelInfo, "link refused", slog.String("kind", problemOf(err).Kind), slog.String("request_id", requestID(r)))
		return nil
	}
	return err
}

// apiCopyLink makes a magic link to be copied: POST /api/sessions/link.
func (s *Server) apiCopyLink(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		SessionID event.SessionID `json:"sessionId"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	k, err := s.ownKey(r, body.SessionID)
	if err != nil {
		return err
	}
	token, err := s.cfg.Interview.CopyLink(r.Context(), k.id, k.token)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, struct {
		URL       string    `json:"url"`
		ExpiresAt time.Time `json:"expiresAt"`
	}{s.cfg.Deliver.ContinueURL(token), s.now().Add(interview.LinkLife).UTC()})
}

package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/interview"
	"applicreations.com/introspect/internal/privacy"
	"applicreations.com/introspect/internal/slot"
	"applicreations.com/introspect/internal/store"
)

// byClient is who asks when a client does.
const byClient = "client"

// requestsPage is templates/requests.html: the own data, or the way to it.
type requestsPage struct {
	layout
	Token   string // of the mailed link; empty: this browser's own session
	Own     []ownSession
	BadLink bool // a link was followed that proves nothing
	Asked   bool // a link was asked for
	Unsure  bool // erasing was not confirmed
	Erased  bool
}

// ownSession is one session as its client recognises it.
type ownSession struct {
	Project, Status string
	Begun           moment
}

// dataRequests shows what is kept of the visitor: GET /privacy/requests.
func (s *Server) dataRequests(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Referrer-Policy", "no-referrer") // the address may hold a link
	return s.showRequests(w, r, r.URL.Query().Get("token"), false)
}

func (s *Server) showRequests(w http.ResponseWriter, r *http.Request, token string, unsure bool) error {
	view := requestsPage{layout: s.layout("Your data"), Token: token, Unsure: unsure}
	ids, err := s.provenSessions(r, token)
	status := http.StatusOK
	switch {
	case unsure:
		status = http.StatusBadRequest
	case errors.Is(err, privacy.ErrLink):
		view.BadLink, view.Token, status = true, "", http.StatusGone
	case err != nil && !unproven(err):
		return err
	}
	for _, id := range ids {
		rec, err := s.cfg.Store.Session(r.Context(), id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		own := ownSession{rec.Session.Values()[slot.BusinessName], words(string(rec.Session.Status)), s.moment(rec.Session.CreatedAt)}
		if own.Project == "" {
			own.Project = "A project without a name yet"
		}
		view.Own = append(view.Own, own)
	}
	return s.render(w, status, "requests", view)
}

// unproven reports whether an error only says that a browser has no right to a
// session any more; a mailed link gives it one.
func unproven(err error) bool {
	return errors.Is(err, errNoKey) || errors.Is(err, interview.ErrUnknown) || errors.Is(err, interview.ErrForbidden) || errors.Is(err, interview.ErrExpired)
}

// provenSessions lists the sessions that a visitor may see whole and erase: all
// of the address that a mailed link proves, or else the one of this browser. A
// session's key proves no address, since anybody may type one.
func (s *Server) provenSessions(r *http.Request, token string) ([]event.SessionID, error) {
	if token != "" {
		email, err := privacy.OpenToken(s.cfg.Keys, token, s.now())
		if err != nil {
			return nil, err
		}
		return s.cfg.Privacy.Of(r.Context(), email)
	}
	k, ok := cookieKey(r)
	if !ok {
		return nil, errNoKey
	}
	if _, err := s.cfg.Interview.Load(r.Context(), k.id, k.token); err != nil {
		return nil, err
	}
	return []event.SessionID{k.id}, nil
}

// dataLink has a link to the own data mailed: POST /privacy/requests/link. The
// page that follows is the same whoever asks.
func (s *Server) dataLink(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	if err := s.cfg.Deliver.AskData(r.Context(), clip(r.PostForm.Get("email"), 254)); err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "requests", requestsPage{layout: s.layout("Look into your mail"), Asked: true})
}

// dataExport hands out everything as a file: POST /privacy/requests/export.
func (s *Server) dataExport(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	ids, err := s.provenSessions(r, r.PostForm.Get("token"))
	if errors.Is(err, privacy.ErrLink) || err != nil && unproven(err) {
		return s.showRequests(w, r, r.PostForm.Get("token"), false)
	}
	if err != nil {
		return err
	}
	return s.sendExport(w, r, ids, true)
}

func (s *Server) sendExport(w http.ResponseWriter, r *http.Request, ids []event.SessionID, file bool) error {
	data, err := s.cfg.Privacy.Export(r.Context(), byClient, ids...)
	if err != nil {
		return err
	}
	if !file {
		w.Header().Set("Cache-Control", "no-store")
		return writeJSON(w, http.StatusOK, data)
	}
	body, err := json.MarshalIndent(data, "", "  ")
	if err != nil {
		return err
	}
	sendFile(w, "my-data-"+data.ExportedAt.Format(time.DateOnly)+".json", "application/json; charset=utf-8", body)
	return nil
}

// dataErase forgets everything: POST /privacy/requests/erase.
func (s *Server) dataErase(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	token := r.PostForm.Get("token")
	ids, err := s.provenSessions(r, token)
	if errors.Is(err, privacy.ErrLink) || err != nil && unproven(err) {
		return s.showRequests(w, r, token, false)
	}
	if err != nil {
		return err
	}
	if r.PostForm.Get("sure") != "1" {
		return s.showRequests(w, r, token, true)
	}
	if _, err := s.cfg.Privacy.Erase(r.Context(), byClient, ids...); err != nil {
		return err
	}
	for _, name := range []string{sessionCookie, visitCookie, draftCookie, choiceCookie} {
		s.dropCookie(w, r, name)
	}
	w.Header().Set("Clear-Site-Data", `"storage"`) // text that was typed and not sent stays in no browser either
	return s.render(w, http.StatusOK, "requests", requestsPage{layout: s.layout("Your data is erased"), Erased: true})
}

// privacyBody is the body of both calls below.
type privacyBody struct {
	SessionID event.SessionID `json:"sessionId"`
	Token     string          `json:"token"`   // of a mailed link to the own data; instead of the session's token
	Confirm   bool            `json:"confirm"` // of an erasure
}

// apiProven is provenSessions for programs.
func (s *Server) apiProven(r *http.Request, body privacyBody) ([]event.SessionID, error) {
	if body.Token != "" {
		ids, err := s.provenSessions(r, body.Token)
		if errors.Is(err, privacy.ErrLink) {
			return nil, gone("The link is unknown or has ended. Ask for a new one at /privacy/requests.")
		}
		return ids, err
	}
	k, err := s.ownKey(r, body.SessionID)
	if err != nil {
		return nil, err
	}
	_, err = s.cfg.Interview.Load(r.Context(), k.id, k.token)
	return []event.SessionID{k.id}, err
}

// apiExport hands out everything: GET /api/privacy/export with the token of the
// session, POST with it or with that of a mailed link.
func (s *Server) apiExport(w http.ResponseWriter, r *http.Request) error {
	var body privacyBody
	if r.Method == http.MethodPost {
		if err := readJSON(r, &body); err != nil {
			return err
		}
	}
	ids, err := s.apiProven(r, body)
	if err != nil {
		return err
	}
	return s.sendExport(w, r, ids, false)
}

// apiErase forgets everything: POST /api/privacy/erase.
func (s *Server) apiErase(w http.ResponseWriter, r *http.Request) error {
	var body privacyBody
	if err := readJSON(r, &body); err != nil {
		return err
	}
	ids, err := s.apiProven(r, body)
	if err != nil {
		return err
	}
	if !body.Confirm {
		return badRequest("Erasing cannot be undone, so it has to be confirmed: send \"confirm\": true. Nothing was erased.").with("field", "confirm")
	}
	n, err := s.cfg.Privacy.Erase(r.Context(), byClient, ids...)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]int{"erased": n})
}

// adminErase forgets a session for its client: POST /admin/sessions/{id}/erase.
func (s *Server) adminErase(w http.ResponseWriter, r *http.Request, who staff) error {
	id := event.SessionID(r.PathValue("id"))
	if _, err := s.cfg.Store.Session(r.Context(), id); err != nil {
		return err
	}
	if r.FormValue("sure") != "1" {
		return badRequest("Erasing cannot be undone, so it has to be confirmed. Nothing was erased; please go back and tick the box.")
	}
	if _, err := s.cfg.Privacy.Erase(r.Context(), "admin:"+who.ID, id); err != nil {
		return err
	}
	http.Redirect(w, r, "/admin/sessions?"+url.Values{"done": {"erased"}}.Encode(), http.StatusSeeOther)
	return nil
}

// kept says an age as on the privacy page; empty for ever.
func kept(age time.Duration) string {
	if age == 0 {
		return ""
	}
	days := int(age / (24 * time.Hour))
	if days%365 == 0 {
		return plural(days/365, "year", "years")
	}
	return plural(days, "day", "days")
}

// shorter is the age that ends first; 0 never ends.
func shorter(a, b time.Duration) time.Duration {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}

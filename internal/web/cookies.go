package web

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/interview"
)

// The cookies of a client. None of them can be read by scripts.
const (
	sessionCookie = "introspect_session" // the session's bearer token
	visitCookie   = "introspect_visit"   // the visit id, until the browser closes
	draftCookie   = "introspect_draft"   // the sealed foundation form
)

// cookieLife is how long a browser keeps an unfinished form and its key to a
// conversation: as long as a magic link is valid (DOMAIN 8.4). Whether a key
// still opens anything is decided by the interview.
const cookieLife = 48 * time.Hour

// maxCookie is what every browser takes, name and attributes aside.
const maxCookie = 3800

// setCookie hands out a cookie that scripts cannot read. A life of 0 ends with
// the browser.
func (s *Server) setCookie(w http.ResponseWriter, r *http.Request, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure follows the connection: without TLS browsers drop such cookies.
		Name: name, Value: value, Path: "/", MaxAge: int(life.Seconds()),
		HttpOnly: true, Secure: s.secure(r), SameSite: http.SameSiteLaxMode,
	})
}

func (s *Server) dropCookie(w http.ResponseWriter, r *http.Request, name string) {
	s.setCookie(w, r, name, "", -time.Second)
}

func cookieValue(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// key opens one session.
type key struct {
	id    event.SessionID
	token string // the whole token, its id included
}

func keyOf(token string) (key, bool) {
	id, _, ok := interview.SplitToken(token)
	return key{id, token}, ok
}

// cookieKey reads the session cookie.
func cookieKey(r *http.Request) (key, bool) { return keyOf(cookieValue(r, sessionCookie)) }

// bearer reads the Authorization header.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// bearerKey reads the session token of the Authorization header.
func bearerKey(r *http.Request) (key, bool) { return keyOf(bearer(r)) }

// visitOf reads the id of this visit.
func visitOf(r *http.Request) (id event.SessionID, ok bool) {
	u, err := uuid.Parse(cookieValue(r, visitCookie))
	return event.SessionID(u.String()), err == nil && u.Version() == 7
}

// visit returns the id of this visit, and starts one when there is none.
func (s *Server) visit(w http.ResponseWriter, r *http.Request) event.SessionID {
	if id, ok := visitOf(r); ok {
		return id
	}
	id := uuid.Must(uuid.NewV7()).String()
	s.setCookie(w, r, visitCookie, id, 0)
	s.carry(r, event.SessionID(id))
	return event.SessionID(id)
}

// readDraft opens the draft of this visit. A damaged or foreign draft is an
// empty one: the form just starts again.
func (s *Server) readDraft(r *http.Request, visit event.SessionID) (d draft, found bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(cookieValue(r, draftCookie))
	if err != nil || len(sealed) == 0 {
		return draft{}, false
	}
	plain, err := s.cfg.Keys.Open(sealed, draftContext(visit))
	if err != nil || json.Unmarshal(plain, &d) != nil {
		return draft{}, false
	}
	d.Reached = min(max(d.Reached, stepName), stepType)
	return d, true
}

// writeDraft keeps the form. What no valid form can need is not kept: the page
// shows it once more from the request, together with what is wrong with it.
func (s *Server) writeDraft(w http.ResponseWriter, r *http.Request, visit event.SessionID, d draft) error {
	plain, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode foundation draft: %w", err)
	}
	sealed, err := s.cfg.Keys.Seal(plain, draftContext(visit))
	if err != nil {
		return fmt.Errorf("seal foundation draft: %w", err)
	}
	if value := base64.RawURLEncoding.EncodeToString(sealed); len(value) <= maxCookie {
		s.setCookie(w, r, draftCookie, value, cookieLife)
	}
	return nil
}

func draftContext(visit event.SessionID) string { return "foundation draft of " + string(visit) }

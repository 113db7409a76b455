package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"unicode/utf8"

	"applicreations.com/introspect/internal/intake"
)

// writeJSON sends a value. API answers are personal and change: no cache keeps
// them.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	sendJSON(w, status, append(body, '\n'))
	return nil
}

// sendJSON answers with JSON that has been encoded.
func sendJSON(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // A client that left needs no answer.
}

// readJSON decodes one JSON object into v. Unknown members are ignored; a
// wrong type is refused by name, and broken JSON by its position.
func readJSON(r *http.Request, v any) error {
	if !knownMedia(r.Header.Get("Content-Type"), "application/json") {
		return unsupported()
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return readProblem(err)
	}
	var (
		syntax *json.SyntaxError
		kind   *json.UnmarshalTypeError
	)
	switch err := json.Unmarshal(body, v); {
	case err == nil:
	case len(bytes.TrimSpace(body)) == 0:
		return badRequest("The body is empty. A JSON object is expected.")
	case errors.As(err, &syntax):
		return badRequest(fmt.Sprintf("The JSON is broken at byte %d.", syntax.Offset)).with("offset", syntax.Offset)
	case errors.As(err, &kind):
		return wrongType(kind)
	default:
		return badRequest("The body is not the JSON object that is expected.")
	}
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		return badRequest("A JSON object is expected.")
	}
	return nil
}

func readProblem(err error) error {
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return err
	}
	return badRequest("The body could not be read to its end.")
}

// unread explains an error that comes from reading the body, and keeps others.
func unread(err error) error {
	var cut net.Error
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &cut) && cut.Timeout() {
		return badRequest("The body could not be read to its end.")
	}
	return err
}

func wrongType(e *json.UnmarshalTypeError) *problem {
	if e.Field == "" {
		return badRequest("A JSON object is expected, not a " + e.Value + ".")
	}
	wants := map[string]string{"string": "a text", "slice": "a list of texts", "struct": "an object", "bool": "true or false"}
	want := wants[e.Type.Kind().String()]
	return badRequest(fmt.Sprintf("%s has to be %s, not a %s.", e.Field, want, e.Value)).with("field", e.Field)
}

// tooLong refuses a text over its limit (DOMAIN 8.1); nothing is cut silently.
func tooLong(field, text string, limit int) error {
	n := utf8.RuneCountInString(text)
	if n <= limit {
		return nil
	}
	return badRequest(fmt.Sprintf("%s has %d characters; at most %d are taken.", field, n, limit)).with("field", field)
}

// actionJSON is the current action on the wire.
type actionJSON struct {
	ActionID intake.ActionID `json:"actionId"`
	Action   intake.Kind     `json:"action"`
	Content  any             `json:"content"`
	Progress intake.Progress `json:"progress"`
}

func (s *Server) actionJSON(sess *intake.Session) actionJSON {
	return actionJSON{sess.Current.ID, sess.Current.Kind, sess.Current.Content(), s.cfg.Engine.Progress(sess)}
}

// needBearer reads the session token that an API call has to carry.
func needBearer(r *http.Request) (key, error) {
	if bearer(r) == "" {
		return key{}, unauthorized("Send the session token as Authorization: Bearer <token>.")
	}
	k, ok := bearerKey(r)
	if !ok {
		return key{}, unauthorized("The token is not of the form that POST /api/sessions returns.")
	}
	return k, nil
}

// knownMedia reports whether a media type is one of those listed; an absent
// one is.
func knownMedia(header string, listed ...string) bool {
	if header == "" {
		return true
	}
	media, _, err := mime.ParseMediaType(header)
	for _, m := range listed {
		if err == nil && strings.EqualFold(media, m) {
			return true
		}
	}
	return false
}

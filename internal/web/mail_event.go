package web

import (
	"errors"
	"io"
	"net/http"
	"time"

	"applicreations.com/introspect/internal/store"
)

// MailEvent is what a mail service reports of a mail that it took. An empty
// State changes nothing.
type MailEvent struct {
	ProviderID string
	State      store.MailState
	Reason     string // why it did not arrive; one line without addresses
}

// MailEventReader checks the signature of a report and reads it. An error means
// that the service did not sign it; a signed report that cannot be understood is
// an empty event, because the service would repeat it otherwise.
type MailEventReader func(header http.Header, body []byte, now time.Time) (MailEvent, error)

// mailEvent takes a report of the mail service: POST /api/webhooks/resend. A mail
// that nobody knows is answered like a known one: reports of other programs of
// the same account end here too.
func (s *Server) mailEvent(w http.ResponseWriter, r *http.Request) error {
	if s.cfg.MailEvent == nil {
		return notFound()
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return readProblem(err)
	}
	e, err := s.cfg.MailEvent(r.Header, body, s.now())
	if err != nil {
		return unauthorized("The report is not signed with the secret of this installation, or it is too old.")
	}
	if e.State != "" && e.ProviderID != "" {
		if err := s.cfg.Store.MarkMail(r.Context(), e.ProviderID, e.State, e.Reason); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return writeJSON(w, http.StatusOK, struct {
		Received bool `json:"received"`
	}{true})
}

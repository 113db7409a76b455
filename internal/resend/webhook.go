package resend

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/signature"
)

// Kind is what happened to a mail after the vendor took it.
type Kind string

// The kinds that change what we know about a mail. Others are Other.
const (
	Delivered  Kind = "email.delivered"  // the reader's server took it
	Bounced    Kind = "email.bounced"    // the reader's server refused it
	Complained Kind = "email.complained" // the reader called it spam
	Other      Kind = ""                 // opened, clicked, delayed and what comes later
)

// Event is one message of the vendor about a mail.
type Event struct {
	ID         string // the same when the vendor says it again
	Kind       Kind
	ProviderID string // what Send returned
	At         time.Time
	Reason     string // why it bounced: one line without addresses
	Permanent  bool   // a bounce that comes again
}

// ErrEvent is returned for a signed event that cannot be understood. The vendor
// would repeat it for hours if it were answered with an error.
var ErrEvent = errors.New("event of the mail service is not understood: the state of a mail may be out of date; look at the mail in the vendor's list")

// VerifyWebhook checks the signature of an event and reads it. The caller
// limits the body. Errors are signature.ErrForged, signature.ErrStale, ErrEvent
// or an unreadable secret.
func VerifyWebhook(secret string, headers http.Header, body []byte, now time.Time) (Event, error) {
	key, err := signature.Parse(secret)
	if err != nil {
		return Event{}, fmt.Errorf("verify event of the mail service: %w", err)
	}
	id := headers.Get("Svix-Id")
	if err := key.Verify(id, headers.Get("Svix-Timestamp"), headers.Get("Svix-Signature"), body, now); err != nil {
		return Event{}, fmt.Errorf("verify event of the mail service: %w", err)
	}
	var said struct {
		Type    string
		Created time.Time `json:"created_at"`
		Data    struct {
			EmailID string `json:"email_id"`
			Bounce  struct{ Message, Type, SubType string }
		}
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return Event{}, ErrEvent // not wrapped: the decoder repeats parts of the body
	}
	e := Event{ID: id, ProviderID: said.Data.EmailID, At: said.Created}
	switch kind := Kind(said.Type); kind {
	case Delivered, Bounced, Complained:
		e.Kind = kind
		if e.ProviderID == "" {
			return Event{}, ErrEvent
		}
	default: // Other, as it is
	}
	if b := said.Data.Bounce; e.Kind == Bounced {
		e.Permanent = b.Type == "Permanent"
		e.Reason = letter.Line(b.Type+" "+b.SubType+" "+b.Message, maxReason)
	}
	return e, nil
}

// Package privacy does what people may demand of their data (DOMAIN 8.8): a
// copy of all of it, and its erasure. Who may ask is proven before: by the key
// of the own session, or by a link that was mailed to the address, which opens
// everything of that address.
//
// Start with New, then Service.Export and Service.Erase; NewToken and OpenToken
// make and read the mailed link.
package privacy

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
)

// LinkLife is how long a mailed link works, as long as a magic link.
const LinkLife = 48 * time.Hour

// ErrLink means that a link proves nothing: it is none of ours, or has ended.
var ErrLink = errors.New("link to the own data is unknown or has ended; ask for a new one at /privacy/requests")

const tokenPlace = "link to the own data"

type proof struct {
	Email string    `json:"email"`
	Until time.Time `json:"until"`
}

// NewToken makes what a mailed link carries: the address, sealed, with its end.
// It is not a magic link, since those can be copied without a mail and so prove
// no address.
func NewToken(keys *seal.Keyring, email string, now time.Time) (string, error) {
	plain, err := json.Marshal(proof{email, now.Add(LinkLife)})
	if err != nil {
		return "", err
	}
	sealed, err := keys.Seal(plain, tokenPlace)
	if err != nil {
		return "", fmt.Errorf("seal a link to the own data: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// OpenToken reads the address that a link proves, or reports ErrLink.
func OpenToken(keys *seal.Keyring, token string, now time.Time) (email string, err error) {
	var p proof
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", ErrLink
	}
	plain, err := keys.Open(sealed, tokenPlace)
	if err != nil || json.Unmarshal(plain, &p) != nil || !now.Before(p.Until) {
		return "", ErrLink
	}
	return p.Email, nil
}

// Config is what the service needs.
type Config struct {
	Store  *store.Store             // must not be nil
	Erased func(context.Context)    // told after each erasure, to write it down beside the backups; nil: nobody
	Forget func(...event.SessionID) // drops what a process keeps in memory of sessions; nil: nothing
	Now    func() time.Time         // nil means time.Now
}

// Service exports and erases. It is safe for concurrent use.
type Service struct{ cfg Config }

// New makes a service.
func New(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{cfg}
}

// Of lists the sessions of an address, the newest first.
func (s *Service) Of(ctx context.Context, email string) ([]event.SessionID, error) {
	return s.cfg.Store.SessionsOf(ctx, email)
}

// Erase forgets sessions for good and notes who asked: client, admin:<id> or
// operator. It returns how many were there; one that is unknown or forgotten
// already is passed over.
func (s *Service) Erase(ctx context.Context, by string, ids ...event.SessionID) (erased int, err error) {
	defer func() { // also of those before one that could not be erased
		if s.cfg.Forget != nil {
			s.cfg.Forget(ids...)
		}
		if erased > 0 && s.cfg.Erased != nil {
			s.cfg.Erased(ctx)
		}
	}()
	for _, id := range ids {
		err := s.cfg.Store.Erase(ctx, id, by)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return erased, err
		}
		erased++
		if err := s.audit(ctx, by, "session_erased", id); err != nil {
			return erased, err
		}
	}
	return erased, nil
}

// audit names a session by the beginning of the hash that the erasures know it by.
func (s *Service) audit(ctx context.Context, by, action string, id event.SessionID) error {
	sum := sha256.Sum256([]byte(id))
	e := store.AuditEntry{At: s.cfg.Now(), Actor: by, Action: action, Object: "erasure:" + hex.EncodeToString(sum[:6])}
	if action != "session_erased" {
		e.Object = "session:" + string(id)
	}
	if err := s.cfg.Store.Audit(ctx, e); err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	return nil
}

// Export is all that is kept of one person, for the person (GDPR, article 20).
type Export struct {
	ExportedAt time.Time `json:"exportedAt"`
	Sessions   []Session `json:"sessions"`
}

// Session is all that is kept of one session.
type Session struct {
	ID           event.SessionID `json:"sessionId"`
	Interview    *intake.Session `json:"interview"` // who the client is, and what was understood
	Messages     []Message       `json:"messages"`
	Events       []Event         `json:"events"`
	Documents    []Document      `json:"documents"`
	Mails        []Mail          `json:"mails"`
	Decisions    []Decision      `json:"decisions"`
	Draft        string          `json:"draft,omitempty"`
	RemindedFrom *time.Time      `json:"reminderConsentAt,omitempty"`
	Analytics    *Choice         `json:"analyticsChoice,omitempty"` // nil: nothing was said
}

// Choice is what the client said about analytics services.
type Choice struct {
	Allowed bool      `json:"allowed"`
	Since   time.Time `json:"since"`
}

// Message is one thing that was said.
type Message struct {
	At         time.Time `json:"at"`
	Role       string    `json:"role"`
	QuestionID string    `json:"questionId"`
	Text       string    `json:"text"`
}

// Event is one step of the visit.
type Event struct {
	At         time.Time       `json:"at"`
	Name       event.Name      `json:"name"`
	Properties json.RawMessage `json:"properties"`
}

// Document is a file that was written.
type Document struct {
	Kind      string    `json:"kind"`
	Name      string    `json:"name"`
	MediaType string    `json:"mediaType"`
	CreatedAt time.Time `json:"createdAt"`
	Data      []byte    `json:"data"` // base64
}

// Mail is a mail about the session.
type Mail struct {
	At      time.Time       `json:"at"`
	Kind    string          `json:"kind"`
	State   store.MailState `json:"state"`
	Message json.RawMessage `json:"message,omitempty"`
}

// Decision is what the client did with the proposal.
type Decision struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Text string    `json:"text"`
}

// Export collects what is kept of sessions and notes that it was handed out. A
// session that is gone is left out.
func (s *Service) Export(ctx context.Context, by string, ids ...event.SessionID) (Export, error) {
	out := Export{ExportedAt: s.cfg.Now().UTC(), Sessions: []Session{}}
	for _, id := range ids {
		one, err := s.session(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err == nil {
			err = s.audit(ctx, by, "session_exported", id)
		}
		if err != nil {
			return Export{}, fmt.Errorf("export session %s: %w", id, err)
		}
		out.Sessions = append(out.Sessions, one)
	}
	return out, nil
}

func (s *Service) session(ctx context.Context, id event.SessionID) (Session, error) {
	rec, err := s.cfg.Store.Session(ctx, id)
	if err != nil {
		return Session{}, err
	}
	out := Session{ID: id, Interview: rec.Session, Messages: []Message{}, Events: []Event{}, Documents: []Document{}, Mails: []Mail{}, Decisions: []Decision{}}
	return out, errors.Join(s.said(ctx, &out), s.made(ctx, &out), s.mailed(ctx, &out), s.wished(ctx, &out))
}

// said adds what was said and done.
func (s *Service) said(ctx context.Context, out *Session) error {
	messages, err := s.cfg.Store.Messages(ctx, out.ID)
	if err != nil {
		return err
	}
	for _, m := range messages {
		out.Messages = append(out.Messages, Message{m.At, m.Role, m.QuestionID, m.Text})
	}
	events, err := s.cfg.Store.Events(ctx, out.ID)
	for _, e := range events {
		out.Events = append(out.Events, Event{e.At, e.Name, e.Properties})
	}
	return err
}

// made adds the documents.
func (s *Service) made(ctx context.Context, out *Session) error {
	for _, kind := range []string{store.DocumentScope, store.DocumentProposal} {
		d, err := s.cfg.Store.Document(ctx, out.ID, kind)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		out.Documents = append(out.Documents, Document{kind, d.Name, d.MediaType, d.CreatedAt, d.Data})
	}
	return nil
}

// mailed adds the mails, the oldest first.
func (s *Service) mailed(ctx context.Context, out *Session) error {
	list, err := s.cfg.Store.Mails(ctx, store.MailFilter{Session: out.ID})
	if err != nil {
		return err
	}
	for i := len(list) - 1; i >= 0; i-- {
		whole, err := s.cfg.Store.Mails(ctx, store.MailFilter{ID: list[i].ID})
		if err != nil {
			return err
		}
		for _, m := range whole {
			out.Mails = append(out.Mails, Mail{m.CreatedAt, m.Kind, m.State, json.RawMessage(m.Message)})
		}
	}
	return nil
}

// wished adds decisions, the draft, the consent to a reminder and the choice about
// analytics.
func (s *Service) wished(ctx context.Context, out *Session) error {
	decisions, err := s.cfg.Store.Decisions(ctx, out.ID)
	if err != nil {
		return err
	}
	for _, d := range decisions {
		out.Decisions = append(out.Decisions, Decision{d.At, d.Kind, d.Text})
	}
	draft, err := s.cfg.Store.Draft(ctx, out.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	out.Draft = draft.Text
	choice, err := s.cfg.Store.AnalyticsChoice(ctx, out.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil {
		out.Analytics = &Choice{choice.Allowed, choice.Since}
	}
	wish, err := s.cfg.Store.Reminder(ctx, out.ID)
	if !wish.ConsentedAt.IsZero() {
		out.RemindedFrom = &wish.ConsentedAt
	}
	return err
}

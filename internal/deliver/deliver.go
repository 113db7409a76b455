// Package deliver brings what a finished interview made to those who wait for it:
// it writes SCOPE.md and the proposal, decides who may have them (DOMAIN 7.4),
// sends the mails of DOMAIN 7.5 and tells other systems by webhooks. Each is a
// durable job, so that nothing is lost and nothing is sent twice.
//
// It words nothing and draws nothing itself: that is the business of scope,
// proposal, letter and pdf. Start with Service.Kinds, and Finished for what a
// turn that ends an interview has to enqueue.
package deliver

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/proposal"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
)

// The kinds of jobs.
const (
	KindDocuments = "documents" // writes them and decides about them
	KindMail      = "mail"      // sends one mail
	KindAnnounce  = "announce"  // finds who wants to hear of something
	KindWebhook   = "webhook"   // tells one endpoint
	KindLink      = "link"      // makes a magic link and has it mailed
	KindReminder  = "reminder"  // reminds a client who agreed to it, once
)

// Sender sends a mail and returns the provider's id of it. A key repeated means
// the same mail. Its errors are *letter.SendError.
type Sender func(ctx context.Context, m letter.Message, key string) (providerID string, err error)

// Poster posts a signed message to an endpoint; see webhook.Client.Post. Its
// errors are *letter.SendError.
type Poster func(ctx context.Context, endpoint, secret, id string, at time.Time, body []byte) (status int, answer string, err error)

// Agency is who delivers, in the forms that the documents and mails want.
type Agency struct {
	Scope    scope.Agency
	Proposal proposal.Agency
	Mail     letter.Agency
}

// Config holds the parts of a Service.
type Config struct {
	Store    *store.Store
	Catalog  *catalog.Catalog
	Engine   *intake.Engine // nil: finished interviews cannot be amended
	Keys     *seal.Keyring
	Agency   Agency
	Render   func(proposal.Proposal) ([]byte, error) // draws the PDF
	Send     Sender                                  // nil: mails are kept for reading at /admin/outbox
	Provider string                                  // name of who sends
	Post     Poster
	Plain    bool                      // endpoints may use http, as they may lie in private networks
	Base     func() string             // public address without a slash at its end
	Minutes  func(*intake.Session) int // about how long the rest of an interview takes; nil: not said
	Now      func() time.Time
	Log      *slog.Logger
}

// Service does the jobs of this package. It is safe for concurrent use.
type Service struct {
	cfg  Config
	pace pace
}

// Outbox is the provider of an installation that sends no mail: messages are
// kept and read at /admin/outbox.
const Outbox = "outbox"

// New makes a Service.
func New(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Send == nil {
		cfg.Provider = Outbox
		cfg.Send = func(context.Context, letter.Message, string) (string, error) { return "", nil }
	}
	return &Service{cfg: cfg}
}

// Kinds tells a runner how to do the jobs of this package.
func (s *Service) Kinds() map[string]job.Kind {
	return map[string]job.Kind{
		KindDocuments: {Handle: s.documents, Timeout: time.Minute},
		KindMail:      {Handle: s.mail, Timeout: time.Minute},
		KindAnnounce:  {Handle: s.announce},
		KindLink:      {Handle: s.makeLink},
		KindReminder:  {Handle: s.remind},
		// Standard Webhooks asks for attempts over about a day.
		KindWebhook: {Handle: s.webhook, Backoff: []time.Duration{
			5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour,
		}},
	}
}

// Finished is the work that the end of an interview asks for.
func (s *Service) Finished(id event.SessionID) []store.NewJob {
	return []store.NewJob{{Kind: KindDocuments, Key: documentsKey(id), Session: id, Due: s.cfg.Now()}}
}

func documentsKey(id event.SessionID) string { return "documents/" + string(id) }

// Abandoned is the work that the end of an unfinished interview asks for.
func (s *Service) Abandoned(id event.SessionID) []store.NewJob {
	return []store.NewJob{s.announcement("session.abandoned", id, "abandoned/"+string(id), nil)}
}

// proposalPurpose binds the links of proposals to what they are for.
const proposalPurpose = "proposal link"

// ProposalPath is the path of a session's proposal on the web. It cannot be
// guessed, and holds nothing but the id of the session.
func (s *Service) ProposalPath(id event.SessionID) string {
	mac := s.cfg.Keys.MAC(proposalPurpose, []byte(id))
	return "/proposal/" + url.PathEscape(string(id)) + "." + base64.RawURLEncoding.EncodeToString(mac)
}

// ProposalOf returns the session of a token, the last part of ProposalPath.
func (s *Service) ProposalOf(token string) (event.SessionID, bool) {
	return s.tokenOf(proposalPurpose, token)
}

// Proposal makes the content of a session's proposal as it was delivered.
func (s *Service) Proposal(ctx context.Context, id event.SessionID) (proposal.Proposal, error) {
	rec, err := s.cfg.Store.Session(ctx, id)
	if err != nil {
		return proposal.Proposal{}, err
	}
	p, err := proposal.Build(rec.Session, s.cfg.Catalog, s.cfg.Agency.Proposal, finishedAt(rec))
	var changed *scope.PriceMismatch
	if err != nil && !errors.As(err, &changed) { // the client keeps the prices that were confirmed
		return proposal.Proposal{}, fmt.Errorf("write proposal of session %s: %w", id, err)
	}
	return p, nil
}

// finishedAt is the day that documents speak of.
func finishedAt(rec store.Record) time.Time {
	if c := rec.Session.Completion; c != nil {
		return c.At
	}
	return rec.Session.LastActivity
}

// ErrNotHeld means that documents wait for nobody.
var ErrNotHeld = errors.New("the documents are not held, so there is nothing to release")

// ErrBeingWritten means that newer documents are on their way: those that are
// stored do not say what the session says.
var ErrBeingWritten = errors.New("the documents are being written again; wait for them, read them, and release those")

// Release sends held documents to their client, as a person decided. They have
// to be those of the session as it is now, else the error is ErrBeingWritten.
func (s *Service) Release(ctx context.Context, id event.SessionID, user string) error {
	rec, err := s.cfg.Store.Session(ctx, id)
	if err != nil {
		return err
	}
	doc, err := s.cfg.Store.Document(ctx, id, store.DocumentScope)
	switch {
	case errors.Is(err, store.ErrNotFound): // Store.Release knows whether anything is held
	case err != nil:
		return err
	case doc.Snapshot != scope.Snapshot(rec.Session):
		return ErrBeingWritten
	}
	return s.release(ctx, rec, user)
}

// release sends the documents of a session as it was read.
func (s *Service) release(ctx context.Context, rec store.Record, user string) error {
	work, err := s.clientMail(rec.Session.ID, "released")
	if err != nil {
		return err
	}
	err = s.cfg.Store.Release(ctx, rec, user, work)
	switch {
	case errors.Is(err, store.ErrState):
		return ErrNotHeld
	case errors.Is(err, store.ErrConflict): // somebody put it right in the same moment
		return ErrBeingWritten
	}
	return err
}

// ErrChanged means that somebody else changed the session meanwhile.
var ErrChanged = errors.New("the session was changed meanwhile; nothing was saved, so look at it again first")

// Amend puts a finished interview right whose documents are held, and has them
// written again, in one commit. snapshot is scope.Snapshot of what the person
// looked at; another one is ErrChanged. ErrNotHeld means that the client has the
// documents already: they must not change under the client's eyes. The other
// errors are those of intake.Engine.Amend. The result is nil when nothing was
// changed.
func (s *Service) Amend(ctx context.Context, id event.SessionID, snapshot string, a intake.Amend) (*intake.Amendment, error) {
	rec, err := s.cfg.Store.Session(ctx, id)
	if err != nil {
		return nil, err
	}
	d, err := s.cfg.Store.Delivery(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound) || err == nil && d.State != store.DeliveryHeld:
		return nil, ErrNotHeld
	case err != nil:
		return nil, err
	case scope.Snapshot(rec.Session) != snapshot:
		return nil, ErrChanged
	}
	done, err := s.cfg.Engine.Amend(rec.Session, a, s.cfg.Now())
	if done == nil || err != nil {
		return nil, err
	}
	err = s.cfg.Store.CommitHeld(ctx, rec, s.again(id))
	switch {
	case errors.Is(err, store.ErrState): // somebody released it in the same moment
		return nil, ErrNotHeld
	case errors.Is(err, store.ErrConflict):
		return nil, ErrChanged
	}
	return done, err
}

// again is the work of writing documents once more.
func (s *Service) again(id event.SessionID) store.NewJob {
	return store.NewJob{Kind: KindDocuments, Key: documentsKey(id) + "/" + store.NewJobID(), Session: id, Due: s.cfg.Now()}
}

// WriteAgain makes the documents of a finished session once more, as after a
// correction by the team. Held documents stay held; what was sent is not sent
// again.
func (s *Service) WriteAgain(ctx context.Context, id event.SessionID) error {
	_, err := s.cfg.Store.Enqueue(ctx, s.again(id))
	return err
}

// Resend sends a mail once more, as a person asked: a failed one again under its
// id, any other as a new one.
func (s *Service) Resend(ctx context.Context, mailID string) error {
	err := s.cfg.Store.ReplayJob(ctx, mailID)
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	mails, err := s.cfg.Store.Mails(ctx, store.MailFilter{ID: mailID})
	if err != nil {
		return err
	}
	if len(mails) == 0 {
		return fmt.Errorf("send mail %s again: %w", mailID, store.ErrNotFound)
	}
	jobs, err := s.cfg.Store.Jobs(ctx, store.JobFilter{Session: mails[0].Session, Kinds: []string{KindMail}})
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if j.ID == mailID {
			_, err := s.cfg.Store.Enqueue(ctx, store.NewJob{Kind: KindMail, Session: j.Session, Payload: j.Payload, Due: s.cfg.Now()})
			return err
		}
	}
	return fmt.Errorf("send mail %s again: %w", mailID, store.ErrNotFound)
}

// Decide takes what a client did with the proposal: accepted it or asked about it.
func (s *Service) Decide(ctx context.Context, d store.Decision) error {
	d.ID, d.At = store.NewJobID(), s.cfg.Now()
	mailKind, name := MailQuestion, event.NameProposalQuestion
	if d.Kind == store.DecisionAccepted {
		mailKind, name = MailAccepted, event.NameProposalAccepted
	}
	work, err := s.mailJob(d.Session, mailWork{Kind: mailKind, Text: d.Text}, "decision/"+d.ID)
	if err != nil {
		return err
	}
	told := s.announcement("proposal."+strings.TrimPrefix(string(name), "proposal_"), d.Session, "decision/"+d.ID, nil)
	e := ownEvent(d.Session, name, d.At, "{}", d.ID)
	return s.cfg.Store.Decide(ctx, d, []event.Event{e}, work, told)
}

// ownEvent is an event that this server makes outside a turn; its parts make the
// id, so that doing the same work twice leaves one.
func ownEvent(id event.SessionID, name event.Name, at time.Time, properties string, parts ...string) event.Event {
	return event.Event{
		ID: event.DeriveID(append([]string{string(id), string(name)}, parts...)...), Name: name, SessionID: id, At: at,
		Properties: json.RawMessage(properties),
	}
}

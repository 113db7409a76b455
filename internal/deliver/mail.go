package deliver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/slot"
	"applicreations.com/introspect/internal/store"
)

// The kinds of mails.
const (
	MailTeam      = "team"
	MailClient    = "client"
	MailAccepted  = "accepted"
	MailQuestion  = "question"
	MailMagicLink = "magic_link"
	MailReminder  = "reminder"
	MailDataLink  = "data_link"
)

// mailWork is the payload of a mail's job: what cannot be read from the session
// when it is sent.
type mailWork struct {
	Kind string `json:"kind"`
	Text string `json:"text,omitempty"` // what the client wrote
	URL  string `json:"url,omitempty"`  // of a link that works once it is known
	Stop string `json:"stop,omitempty"` // URL that ends reminders
	// Ends is when that link ends, if it was made before; zero: after
	// letter.LinkLife.
	Ends time.Time `json:"ends,omitzero"`
}

// mailJob is the job that sends a mail. Of a session and a name there is one.
func (s *Service) mailJob(id event.SessionID, w mailWork, name string) (store.NewJob, error) {
	payload, err := json.Marshal(w)
	return store.NewJob{
		ID: store.NewJobID(), Kind: KindMail, Key: "mail/" + string(id) + "/" + name, Session: id, Payload: payload, Due: s.cfg.Now(),
	}, err
}

func (s *Service) clientMail(id event.SessionID, name string) (store.NewJob, error) {
	return s.mailJob(id, mailWork{Kind: MailClient}, name)
}

func kindOf(j store.NewJob) string {
	var w mailWork
	_ = json.Unmarshal(j.Payload, &w) // what this package wrote
	return w.Kind
}

// mail composes one mail and hands it to the provider under the id of its job,
// so that an attempt repeated after a crash is known there.
func (s *Service) mail(ctx context.Context, t *job.Task) (store.Effects, error) {
	var w mailWork
	if err := json.Unmarshal(t.Payload, &w); err != nil {
		return store.Effects{}, &job.Failure{Err: fmt.Errorf("read the work of mail %s: %w", t.ID, err), Permanent: true}
	}
	m := store.Mail{ID: t.ID, Session: t.Session, Kind: w.Kind, State: store.MailPending, Provider: s.cfg.Provider}
	message, err := s.compose(ctx, t, w)
	if errors.Is(err, store.ErrNotFound) {
		return store.Effects{Result: []byte("the session is gone")}, nil
	}
	if errors.Is(err, errUnwanted) {
		return store.Effects{Result: []byte("the client does not want it any more")}, nil
	}
	if err == nil {
		err = message.Check()
	}
	if err == nil {
		m.Message, err = json.Marshal(message)
	}
	if err != nil {
		m.Error = err.Error()
		return store.Effects{}, &job.Failure{Err: fmt.Errorf("compose mail: %w", err), Mails: []store.Mail{m}}
	}
	providerID, err := s.cfg.Send(ctx, message, t.ID)
	if err != nil {
		return store.Effects{}, refused(m, err)
	}
	m.State, m.ProviderID = store.MailSent, providerID
	e := store.Effects{Mails: []store.Mail{m}, Sent: w.Kind == MailReminder}
	if w.Kind == MailClient || w.Kind == MailTeam {
		properties := fmt.Sprintf(`{"recipient":%q,"provider":%q}`, w.Kind, s.cfg.Provider)
		e.Events = []event.Event{ownEvent(t.Session, event.NameEmailsSent, s.cfg.Now(), properties, t.ID)}
	}
	return e, nil
}

// refused turns a provider's error into advice for the runner.
func refused(m store.Mail, err error) error {
	f := &job.Failure{Err: err}
	m.Error = err.Error()
	var refusal *letter.SendError
	if errors.As(err, &refusal) {
		f.Permanent, f.After = refusal.Permanent, refusal.RetryAfter
		m.Error = cmp.Or(refusal.Reason, m.Error)
	}
	f.Mails = []store.Mail{m}
	return f
}

// compose writes a mail from its session and documents.
func (s *Service) compose(ctx context.Context, t *job.Task, w mailWork) (letter.Message, error) {
	rec, err := s.cfg.Store.Session(ctx, t.Session)
	if err != nil {
		return letter.Message{}, err
	}
	sess, agency := rec.Session, s.cfg.Agency.Mail
	switch w.Kind {
	case MailTeam:
		return s.teamMail(ctx, t, sess)
	case MailClient:
		return s.proposalMail(ctx, t, sess)
	case MailAccepted:
		return letter.Accepted(agency, s.deal(t, sess, w.Text)), nil
	case MailQuestion:
		return letter.Question(agency, s.deal(t, sess, w.Text)), nil
	case MailMagicLink:
		return letter.MagicLink(agency, letter.Link{ID: t.ID, To: address(sess), URL: w.URL}), nil
	case MailDataLink:
		return letter.DataLink(agency, letter.Link{ID: t.ID, To: address(sess), URL: w.URL}), nil
	case MailReminder:
		if wish, err := s.cfg.Store.Reminder(ctx, sess.ID); err != nil || !wish.Wanted() {
			return letter.Message{}, cmp.Or(err, errUnwanted)
		}
		n := letter.Nudge{
			ID: t.ID, To: address(sess), Project: sess.Values()[slot.BusinessName], Answered: sess.Questions, URL: w.URL, Unsubscribe: w.Stop,
		}
		if !w.Ends.IsZero() {
			n.Left = max(time.Hour, w.Ends.Sub(s.cfg.Now()))
		}
		if s.cfg.Minutes != nil {
			n.Minutes = s.cfg.Minutes(sess)
		}
		return letter.Reminder(agency, n), nil
	}
	return letter.Message{}, fmt.Errorf("there is no mail of kind %q", w.Kind)
}

func address(sess *intake.Session) letter.Address {
	return letter.Address{Name: sess.Client.Name, Email: sess.Client.Email}
}

func person(sess *intake.Session) letter.Person {
	return letter.Person{Name: sess.Client.Name, Company: sess.Values()[slot.BusinessName], Email: sess.Client.Email, Phone: sess.Client.Phone}
}

func (s *Service) teamMail(ctx context.Context, t *job.Task, sess *intake.Session) (letter.Message, error) {
	doc, err := s.cfg.Store.Document(ctx, sess.ID, store.DocumentScope)
	if err != nil {
		return letter.Message{}, err
	}
	delivery, err := s.cfg.Store.Delivery(ctx, sess.ID)
	if err != nil {
		return letter.Message{}, err
	}
	lead := letter.Lead{
		ID: t.ID, Project: project(sess), Model: string(sess.Model.Model), Quality: delivery.Score, Client: person(sess),
		Held: delivery.State == store.DeliveryHeld, Review: delivery.Reasons, Next: nextSteps(delivery, sess),
		Admin: s.adminURL(sess.ID), Scope: attached(doc),
	}
	if done := sess.Current.Done; done != nil {
		lead.Timeline = done.Timeline
	}
	if f := sess.Features; f != nil && f.Answered {
		lead.Package, lead.Total, lead.Hosting = f.Estimate.Package.Name, f.Estimate.Total, f.Estimate.HostingMonthly
		for _, l := range f.Estimate.Lines {
			lead.Features = append(lead.Features, l.Name)
		}
	}
	return letter.Team(s.cfg.Agency.Mail, lead), nil
}

// nextSteps are what the team should do with a lead.
func nextSteps(d store.Delivery, sess *intake.Session) []string {
	var out []string
	if d.State == store.DeliveryHeld {
		out = append(out, "Read the document and release it; the client waits for it.")
	}
	if c := sess.Completion; c != nil && len(c.Missing) > 0 {
		out = append(out, fmt.Sprintf("Settle the open points with the client: %d are listed in section 14.", len(c.Missing)))
	}
	return append(out, "Call the client within one working day.", "Send the agreement once the proposal is accepted.")
}

func attached(d store.Document) letter.Attachment {
	return letter.Attachment{Name: d.Name, Type: d.MediaType, Data: d.Data}
}

func (s *Service) proposalMail(ctx context.Context, t *job.Task, sess *intake.Session) (letter.Message, error) {
	doc, err := s.cfg.Store.Document(ctx, sess.ID, store.DocumentProposal)
	if err != nil {
		return letter.Message{}, err
	}
	p := letter.Proposal{ID: t.ID, To: address(sess), Project: project(sess), Web: s.cfg.Base() + s.ProposalPath(sess.ID), PDF: attached(doc)}
	if done := sess.Current.Done; done != nil {
		p.Timeline = done.Timeline
	}
	if f := sess.Features; f != nil {
		p.Total, p.Hosting = f.Estimate.Total, f.Estimate.HostingMonthly
	}
	return letter.Client(s.cfg.Agency.Mail, p), nil
}

func (s *Service) deal(t *job.Task, sess *intake.Session, text string) letter.Deal {
	d := letter.Deal{ID: t.ID, Project: project(sess), Client: person(sess), At: t.CreatedAt, Text: text, Admin: s.adminURL(sess.ID)}
	if f := sess.Features; f != nil {
		d.Total = f.Estimate.Total
	}
	return d
}

func (s *Service) adminURL(id event.SessionID) string {
	return s.cfg.Base() + "/admin/sessions/" + string(id)
}

func project(sess *intake.Session) string {
	return cmp.Or(sess.Values()[slot.BusinessName], sess.Client.Name)
}

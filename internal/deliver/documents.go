package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/proposal"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/store"
)

// The stages of writing the documents, as the client's page shows them
// (DOMAIN 1.8).
const (
	StageValidate = "validate"
	StagePrice    = "price"
	StageScope    = "scope"
	StagePDF      = "pdf"
	StageMail     = "mail"
)

// Stages lists the stages in order.
func Stages() []string { return []string{StageValidate, StagePrice, StageScope, StagePDF, StageMail} }

// documents writes SCOPE.md and the proposal, and decides about them.
func (s *Service) documents(ctx context.Context, t *job.Task) (store.Effects, error) {
	rec, err := s.cfg.Store.Session(ctx, t.Session)
	if errors.Is(err, store.ErrNotFound) {
		return store.Effects{Result: []byte("the session is gone")}, nil
	}
	if err != nil {
		return store.Effects{}, err
	}
	if canary, err := s.cfg.Store.IsCanary(ctx, t.Session); err != nil || canary {
		return store.Effects{Result: []byte("a canary: nobody waits for its documents")}, err
	}
	sess, at := rec.Session, finishedAt(rec)
	if sess.Status != intake.Completed {
		return store.Effects{}, &job.Failure{Err: errors.New("the interview is not finished, so there is nothing to write"), Permanent: true}
	}
	watch := &stopwatch{pace: &s.pace, now: s.cfg.Now}
	stage := func(name string) error {
		watch.next(name)
		return t.Stage(name)
	}
	if err := stage(StageValidate); err != nil {
		return store.Effects{}, err
	}
	doc, mismatch := scope.Build(sess, s.cfg.Catalog, s.cfg.Agency.Scope, at)
	decision := scope.Decide(doc, sess, s.cfg.Catalog, mismatch)
	if err := stage(StagePrice); err != nil {
		return store.Effects{}, err
	}
	p, err := s.checked(sess, at, &decision)
	if err != nil {
		return store.Effects{}, err
	}
	e := store.Effects{Documents: []store.Document{{
		Session: sess.ID, Kind: store.DocumentScope, Name: doc.FileName, MediaType: "text/markdown; charset=utf-8",
		Snapshot: doc.Snapshot, Score: decision.Score, Data: []byte(doc.Markdown),
	}}}
	if err := stage(StageScope); err != nil {
		return store.Effects{}, err
	}
	if p != nil {
		if err := stage(StagePDF); err != nil {
			return store.Effects{}, err
		}
		if err := s.draw(*p, decision.Score, &e); err != nil {
			return store.Effects{}, err
		}
	}
	if err := stage(StageMail); err != nil {
		return store.Effects{}, err
	}
	err = s.decided(ctx, sess, decision, &e)
	watch.next("")
	return e, err
}

// checked makes the proposal and proves its figures. Without one, or when a
// figure is not sure, the documents are held; the reason says why.
func (s *Service) checked(sess *intake.Session, at time.Time, d *scope.Decision) (*proposal.Proposal, error) {
	p, err := proposal.Build(sess, s.cfg.Catalog, s.cfg.Agency.Proposal, at)
	var changed *scope.PriceMismatch
	switch {
	case errors.Is(err, proposal.ErrNoPrice):
		d.Hold, d.Critical = true, true
		d.Reasons = append(d.Reasons, "There is no proposal: "+err.Error()+".")
		return nil, nil
	case errors.As(err, &changed): // known from SCOPE.md, and held for it
		return &p, nil
	case err != nil:
		return nil, fmt.Errorf("write proposal: %w", err)
	}
	if err := proposal.Verify(p, sess, s.cfg.Catalog); err != nil {
		d.Hold, d.Critical = true, true
		d.Reasons = append(d.Reasons, "A figure of the proposal cannot be confirmed: "+err.Error()+".")
	}
	return &p, nil
}

// draw adds the PDF and its event.
func (s *Service) draw(p proposal.Proposal, score int, e *store.Effects) error {
	began := s.cfg.Now()
	data, err := s.cfg.Render(p)
	if err != nil {
		return fmt.Errorf("draw the proposal: %w", err)
	}
	id := e.Documents[0].Session
	e.Documents = append(e.Documents, store.Document{
		Session: id, Kind: store.DocumentProposal, Name: p.FileName, MediaType: "application/pdf", Snapshot: p.Snapshot, Score: score, Data: data,
	})
	properties, err := json.Marshal(event.NewDocumentGenerated(event.DocumentPDF, 0, s.cfg.Now().Sub(began)))
	if err != nil {
		return err
	}
	e.Events = append(e.Events, ownEvent(id, event.NameDocumentGenerated, s.cfg.Now(), string(properties), "proposal", p.Snapshot))
	return nil
}

// decided adds the decision and what follows from it. Documents written again
// change nothing about who has them: held ones wait for a person, even when
// nothing is wrong with them any more, and what was sent is not sent again.
func (s *Service) decided(ctx context.Context, sess *intake.Session, d scope.Decision, e *store.Effects) error {
	e.Delivery = &store.Delivery{Session: sess.ID, State: store.DeliverySent, Score: d.Score, Reasons: d.Reasons, Critical: d.Critical}
	before, err := s.cfg.Store.Delivery(ctx, sess.ID)
	if err == nil {
		e.Delivery.State = before.State
		e.Result, err = json.Marshal(outcome(sess, e.Delivery))
		return err
	}
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	team, err := s.mailJob(sess.ID, mailWork{Kind: MailTeam}, "team")
	if err != nil {
		return err
	}
	e.Jobs = append(e.Jobs, team)
	if d.Hold {
		e.Delivery.State = store.DeliveryHeld
	} else {
		client, err := s.clientMail(sess.ID, "client")
		if err != nil {
			return err
		}
		e.Jobs = append(e.Jobs, client)
	}
	for _, j := range e.Jobs {
		e.Mails = append(e.Mails, store.Mail{ID: j.ID, Session: sess.ID, Kind: kindOf(j), State: store.MailPending, Provider: s.cfg.Provider})
	}
	done := outcome(sess, e.Delivery)
	e.Jobs = append(e.Jobs, s.announcement("session.completed", sess.ID, "completed/"+string(sess.ID), done))
	e.Result, err = json.Marshal(done)
	return err
}

// outcome is what a finished session came to, for endpoints and the log of jobs.
func outcome(sess *intake.Session, d *store.Delivery) map[string]any {
	out := map[string]any{"package": "", "totalPrice": 0.0, "score": d.Score, "held": d.State == store.DeliveryHeld}
	if f := sess.Features; f != nil && f.Answered {
		out["package"], out["totalPrice"] = string(f.Selection.Package), f.Estimate.Total.Dollars()
	}
	return out
}

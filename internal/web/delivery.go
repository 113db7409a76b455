package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"slices"
	"time"

	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/store"
)

// deliveryView is how far the documents and mails of a finished interview are,
// as its client may know it.
type deliveryView struct {
	Making   bool // the documents are being written
	Held     bool // the team looks first (DOMAIN 7.4)
	PDF      string
	Web      string // address of the web proposal; empty until it may be read
	Mails    []mailLine
	Moving   bool // something changes by itself
	progress deliver.Progress
}

// mailLine is one recipient with what became of the mail.
type mailLine struct {
	To, Word, Mark string
	Note           string
	Own            bool // to the client, who may ask for it again
	Again          bool
}

// delivery reads what became of a finished interview.
func (s *Server) delivery(ctx context.Context, sess *intake.Session) (deliveryView, error) {
	var v deliveryView
	var err error
	if v.progress, err = s.cfg.Deliver.Progress(ctx, sess.ID); err != nil {
		return v, err
	}
	d, err := s.cfg.Store.Delivery(ctx, sess.ID)
	if errors.Is(err, store.ErrNotFound) {
		v.Making = v.progress.State != "" && v.progress.State != store.JobDone
		v.Moving = v.Making
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.Held = d.State == store.DeliveryHeld
	if !v.Held {
		v.PDF, v.Web = "/api/documents/proposal/"+string(sess.ID), s.cfg.Deliver.ProposalPath(sess.ID)
	}
	mails, err := s.cfg.Deliver.Mails(ctx, sess.ID)
	if err != nil {
		return v, err
	}
	for _, kind := range []string{deliver.MailClient, deliver.MailTeam} {
		if v.Held && kind == deliver.MailClient {
			continue // one that left earlier is not what the client waits for
		}
		if i := slices.IndexFunc(mails, func(m deliver.MailStatus) bool { return m.Kind == kind }); i >= 0 {
			v.Mails = append(v.Mails, s.mailLine(mails[i], sess))
			v.Moving = v.Moving || mails[i].Moving()
		}
	}
	return v, nil
}

// mailLine says the newest mail of a kind in words.
func (s *Server) mailLine(m deliver.MailStatus, sess *intake.Session) mailLine {
	l := mailLine{To: "The team at " + s.cfg.Agency.Name, Own: m.Kind == deliver.MailClient}
	if l.Own {
		l.To, l.Again = sess.Client.Email, !m.Moving() || m.Retrying()
	}
	l.Word, l.Mark = mailWord(m)
	switch {
	case m.Retrying():
		l.Note = "The first attempt did not work. The next one follows by itself."
	case !l.Own:
		if m.State == store.MailSent && m.Provider == deliver.Outbox {
			l.Word = "Received" // it is read at /admin/outbox
		}
	case m.State == store.MailSent && m.Provider == deliver.Outbox:
		l.Word, l.Mark, l.Again, l.Note = "Written", "", false, "This installation sends no mail yet. Please download the PDF above, or keep the link to the web proposal."
	case m.State == store.MailBounced:
		l.Note = "The address refused the mail. Please download the PDF above, and write to " + s.cfg.Agency.Email + " to correct the address."
	case m.State == store.MailFailed:
		l.Note = "The mail could not be sent. The PDF above is the same document."
	}
	return l
}

// mailWord is the state of a mail in one word, with its colour.
func mailWord(m deliver.MailStatus) (word, mark string) {
	switch m.State {
	case store.MailPending:
		if m.Retrying() {
			return "Trying again", "warning"
		}
		return "Sending", ""
	case store.MailSent:
		return "Sent", "good"
	case store.MailDelivered:
		return "Delivered", "good"
	case store.MailBounced:
		return "Bounced", "critical"
	case store.MailComplained:
		return "Marked as spam", "critical"
	case store.MailFailed:
	}
	return "Not sent", "critical"
}

// makingPage is templates/making.html: the documents are being made (DOMAIN 1.8).
type makingPage struct {
	layout
	Steps   []makingStep
	Percent int
	Now     string // the step under way, in words
	Left    string // about how long it still takes; empty: nobody knows
	Long    bool   // it takes longer than usual: it goes on in the background
	Again   bool   // an attempt failed and another one follows
	Failed  bool   // given up, until the team looks
	Every   int
}

// makingStep is one stage of the work.
type makingStep struct{ Text, State string } // done, current, waiting

// longMaking is when the client is told that the page need not stay open.
const longMaking = 10 * time.Second

func (s *Server) makingView(sess *intake.Session, d deliveryView) makingPage {
	p := d.progress
	view := makingPage{
		layout: s.layout("Your documents are being made"), Every: int(makingEvery.Milliseconds()),
		Long: s.now().Sub(sess.LastActivity) >= longMaking, Failed: p.State == store.JobDead,
		Again: p.State == store.JobWaiting && p.Attempts > 0,
	}
	view.Screen, view.Script, view.Refresh = "making", "live.js", 2
	if view.Failed || view.Again {
		view.Refresh, view.Every = 10, int(mailEvery.Milliseconds())
	}
	words := []string{"Checking the requirements", "Calculating the price", "Writing the scope document", "Drawing your proposal", "Preparing the mails"}
	at := slices.Index(deliver.Stages(), p.Stage)
	for i, text := range words {
		step := makingStep{text, "waiting"}
		switch {
		case i < at:
			step.State = "done"
		case i == max(at, 0):
			step.State, view.Now = "current", text
		}
		view.Steps = append(view.Steps, step)
	}
	if p.Left > 0 && !view.Long {
		view.Left = plural(max(int(math.Ceil(p.Left.Seconds())), 1), "second", "seconds")
	}
	view.Percent = max(at, 0)*100/len(words) + 10
	return view
}

// mailAgain sends the client's own mail once more: POST /success/mail.
func (s *Server) mailAgain(w http.ResponseWriter, r *http.Request) error {
	sess, err := s.finished(w, r)
	if sess == nil || err != nil {
		return err
	}
	d, err := s.delivery(r.Context(), sess)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(d.Mails, func(m mailLine) bool { return m.Own })
	if i < 0 || !d.Mails[i].Again {
		http.Redirect(w, r, "/success?mail=moving", http.StatusSeeOther)
		return nil
	}
	if wait, ok := s.asks.allow("mail/"+string(sess.ID), s.now()); !ok {
		w.Header().Set("Retry-After", seconds(wait))
		view := s.successView(sess, d)
		view.Alert = "The mail was sent several times already. Please wait " + waitWords(wait) + ", and look into the folder for unwanted mail meanwhile."
		return s.render(w, http.StatusTooManyRequests, "success", view)
	}
	mails, err := s.cfg.Deliver.Mails(r.Context(), sess.ID)
	if err != nil {
		return err
	}
	i = slices.IndexFunc(mails, func(m deliver.MailStatus) bool { return m.Kind == deliver.MailClient })
	if i < 0 {
		return store.ErrNotFound
	}
	if err := s.cfg.Deliver.Resend(r.Context(), mails[i].ID); err != nil {
		return err
	}
	http.Redirect(w, r, "/success?mail=again", http.StatusSeeOther)
	return nil
}

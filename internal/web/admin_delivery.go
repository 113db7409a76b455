package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
)

// reviewView is what a person needs to decide about the documents of a session
// (DOMAIN 7.4), and what became of them.
type reviewView struct {
	State, Mark string
	Held        bool
	Score       int
	Reasons     []string
	Critical    bool
	Decided     *decidedView // who released it; nil: nobody
	Writing     string       // how far documents are that are being written now
	PDF, Scope  string       // addresses of the documents; empty: not written
	Web         string       // the proposal as the client sees it
	Mails       []mailRow
	Decisions   []decisionView
	Snapshot    string // of the documents
	Amended     []amendedView
}

// amendedView is one act of putting the session right.
type amendedView struct {
	By   string
	At   moment
	What string
}

type decidedView struct {
	By string
	At moment
}

// decisionView is what the client did with the proposal.
type decisionView struct {
	Accepted bool
	Text     string
	At       moment
}

// review reads what became of a finished session; nil for one whose documents
// nobody asked for.
func (s *Server) review(ctx context.Context, id event.SessionID) (*reviewView, []timelineEntry, error) {
	jobs, err := s.cfg.Store.Jobs(ctx, store.JobFilter{Session: id, Kinds: []string{deliver.KindDocuments}, Limit: 1})
	if err != nil || len(jobs) == 0 {
		return nil, nil, err
	}
	v := &reviewView{State: "Being written"}
	switch j := jobs[0]; j.State {
	case store.JobRunning:
		v.Writing = "The documents are being written now: " + j.Stage + "."
	case store.JobWaiting:
		v.Writing = "The documents are about to be written."
		if j.Error != "" {
			v.Writing = "Writing the documents did not work and is tried again: " + clip(j.Error, 300)
		}
	case store.JobDead:
		v.State, v.Mark, v.Writing = "Not written", "critical", "Writing the documents was given up: "+clip(j.Error, 300)
	case store.JobDone:
	}
	entries, err := s.decided(ctx, id, v)
	if err != nil {
		return nil, nil, err
	}
	mails, err := s.cfg.Deliver.Mails(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range mails {
		row := s.mailRow(m, store.Mail{})
		v.Mails = append(v.Mails, row)
		entries = append(entries, timelineEntry{Text: "Mail: " + row.Kind, Name: strings.ToLower(row.State), Details: problemOfMail(m), when: m.At, rank: lastRank})
	}
	return v, entries, nil
}

func problemOfMail(m deliver.MailStatus) []detail {
	if m.Error == "" {
		return nil
	}
	return []detail{{"reason", clip(m.Error, 300)}}
}

// decided adds the decision about the documents, and what the client did.
func (s *Server) decided(ctx context.Context, id event.SessionID, v *reviewView) ([]timelineEntry, error) {
	var entries []timelineEntry
	d, err := s.cfg.Store.Delivery(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v.Score, v.Reasons, v.Critical, v.Held = d.Score, d.Reasons, d.Critical, d.State == store.DeliveryHeld
	if doc, err := s.cfg.Store.Document(ctx, id, store.DocumentScope); err == nil {
		v.Snapshot = doc.Snapshot
	} else if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	v.Scope, v.Web = "/api/documents/scope/"+url.PathEscape(string(id)), s.cfg.Deliver.ProposalPath(id)
	if _, err := s.cfg.Store.Document(ctx, id, store.DocumentProposal); err == nil {
		v.PDF = "/api/documents/proposal/" + url.PathEscape(string(id))
	} else if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	switch d.State {
	case store.DeliveryHeld:
		v.State, v.Mark = "Waits for you", "warning"
		entries = append(entries, timelineEntry{Text: "Documents held for the team", Name: "held", Details: reasons(d.Reasons), when: d.UpdatedAt, rank: lastRank - 1})
	case store.DeliveryReleased:
		v.State, v.Mark = "Released", "good"
		v.Decided = &decidedView{s.staffName(ctx, d.DecidedBy), s.moment(d.DecidedAt)}
		entries = append(entries, timelineEntry{Text: "Documents released by " + v.Decided.By, Name: "released", when: d.DecidedAt, rank: lastRank - 1})
	case store.DeliverySent:
		v.State, v.Mark = "Delivered at once", "good"
		entries = append(entries, timelineEntry{Text: "Documents delivered at once", Name: "sent", when: d.UpdatedAt, rank: lastRank - 1})
	}
	list, err := s.cfg.Store.Decisions(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, one := range list {
		accepted := one.Kind == store.DecisionAccepted
		v.Decisions = append(v.Decisions, decisionView{accepted, one.Text, s.moment(one.At)})
		entries = append(entries, timelineEntry{
			Text: choose(accepted, "The client accepted the proposal", "The client asked about the proposal"), Name: one.Kind,
			Details: []detail{{choose(accepted, "name", "question"), one.Text}}, when: one.At, rank: lastRank,
		})
	}
	return entries, nil
}

func reasons(list []string) []detail {
	var out []detail
	for _, r := range list {
		out = append(out, detail{"", r})
	}
	return out
}

// staffName is who a user id belongs to.
func (s *Server) staffName(ctx context.Context, id string) string {
	if u, err := s.cfg.Store.User(ctx, id); err == nil {
		return u.Name
	}
	return "somebody who is not here any more"
}

// adminRelease sends held documents to their client: POST
// /admin/sessions/{id}/release.
func (s *Server) adminRelease(w http.ResponseWriter, r *http.Request, who staff) error {
	id := event.SessionID(r.PathValue("id"))
	if r.FormValue("sure") != "1" {
		return badRequest("Releasing the documents has to be confirmed. Nothing was sent; please go back and tick the box.")
	}
	err := s.cfg.Deliver.Release(r.Context(), id, who.ID)
	if errors.Is(err, deliver.ErrBeingWritten) {
		return conflict("Newer documents are on their way", "The session was changed and its documents are being written again. Nothing was sent; please go back in a moment, read them, and release those.")
	}
	if errors.Is(err, deliver.ErrNotHeld) {
		return conflict("Already decided", "The documents of this session do not wait for anybody: somebody released them already, or they went out at once.")
	}
	return s.acted(w, r, who, id, "documents_released", "released", err)
}

// adminWriteAgain writes the documents once more: POST
// /admin/sessions/{id}/write.
func (s *Server) adminWriteAgain(w http.ResponseWriter, r *http.Request, who staff) error {
	id := event.SessionID(r.PathValue("id"))
	if _, err := s.cfg.Store.Session(r.Context(), id); err != nil {
		return err
	}
	return s.acted(w, r, who, id, "documents_written_again", "written", s.cfg.Deliver.WriteAgain(r.Context(), id))
}

// acted notes what somebody did to a session, and leads back to it.
func (s *Server) acted(w http.ResponseWriter, r *http.Request, who staff, id event.SessionID, action, word string, err error) error {
	if err != nil {
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, action, "session:"+string(id)); err != nil {
		return err
	}
	http.Redirect(w, r, "/admin/sessions/"+url.PathEscape(string(id))+"?done="+word, http.StatusSeeOther)
	return nil
}

// actedWords says what was done, after the redirect.
func actedWords(word string) string {
	switch word {
	case "released":
		return "The documents are released. The client's mail is on its way."
	case "amended":
		return "Saved. The documents are being written again under a new snapshot; they stay here until you release them."
	case "unchanged":
		return "Nothing was different, so nothing was changed."
	case "erased":
		return "The client is erased for good. The figures stay as they were."
	case "written":
		return "The documents are being written again. What was sent is not sent again."
	}
	return ""
}

// heldRow is one session whose client waits for a person.
type heldRow struct {
	Address, Client string
	Score           int
	Reasons         []string
	Critical        bool
	Since           moment
	Waits           string
}

// heldRows lists what waits for a person, the oldest first.
func (s *Server) heldRows(r *http.Request) ([]heldRow, error) {
	list, err := s.cfg.Store.HeldDeliveries(r.Context())
	if err != nil {
		return nil, err
	}
	var out []heldRow
	for _, d := range list {
		rec, err := s.cfg.Store.Session(r.Context(), d.Session)
		if errors.Is(err, store.ErrNotFound) {
			continue // it was deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		row := heldRow{
			Address: "/admin/sessions/" + url.PathEscape(string(d.Session)) + "#review-title", Client: rec.Session.Values()["businessName"],
			Score: d.Score, Reasons: d.Reasons, Critical: d.Critical, Since: s.moment(d.UpdatedAt),
			Waits: durationWords(max(s.now().Sub(d.UpdatedAt), time.Minute)),
		}
		if row.Client == "" {
			row.Client = rec.Session.Client.Name
		}
		out = append(out, row)
	}
	return out, nil
}

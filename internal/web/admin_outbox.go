package web

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/event"
	mailing "applicreations.com/introspect/internal/letter" // letter is a key of the form here
	"applicreations.com/introspect/internal/store"
)

// outboxPage is templates/admin/outbox.html.
type outboxPage struct {
	adminLayout
	States        []filterLink
	Rows          []mailRow
	Newest, Older string
	All           bool
	Kept          bool // no mail service is set: mails are read here only
}

// mailRow is one mail of a list.
type mailRow struct {
	ID          string
	Address     string
	Kind        string
	State, Mark string
	Session     string // address of the session
	Client      string // business or person, in the outbox
	Error       string
	At          moment
}

const mailsPerPage = 50

func mailStates() []store.MailState {
	return []store.MailState{store.MailPending, store.MailSent, store.MailDelivered, store.MailBounced, store.MailComplained, store.MailFailed}
}

// adminOutbox lists the mails, the newest first: GET /admin/outbox.
func (s *Server) adminOutbox(w http.ResponseWriter, r *http.Request, who staff) error {
	state, before := r.FormValue("state"), clip(r.FormValue("before"), 64)
	if !slices.Contains(mailStates(), store.MailState(state)) {
		state = ""
	}
	list, err := s.cfg.Store.Mails(r.Context(), store.MailFilter{State: store.MailState(state), Before: before, Limit: mailsPerPage + 1})
	if err != nil {
		return err
	}
	page := outboxPage{
		adminLayout: s.adminLayout("Outbox · Introspect", "outbox", who), All: state == "" && before == "",
		Kept: slices.ContainsFunc(list, func(m store.Mail) bool { return m.Provider == deliver.Outbox }),
	}
	page.States = append(page.States, filterLink{"All", outboxAddress("", ""), state == ""})
	for _, known := range mailStates() {
		word, _ := mailWord(deliver.MailStatus{State: known})
		page.States = append(page.States, filterLink{word, outboxAddress(string(known), ""), state == string(known)})
	}
	if before != "" {
		page.Newest = outboxAddress(state, "")
	}
	if len(list) > mailsPerPage {
		list = list[:mailsPerPage]
		page.Older = outboxAddress(state, list[len(list)-1].ID)
	}
	names := map[event.SessionID]string{}
	for _, m := range list {
		row := s.mailRow(statusOf(m), m)
		if _, known := names[m.Session]; !known {
			if names[m.Session], err = s.clientName(r.Context(), m.Session); err != nil {
				return err
			}
		}
		row.Client = names[m.Session]
		page.Rows = append(page.Rows, row)
	}
	// Names are personal data, and reading them leaves a trace (DOMAIN 8.9).
	if len(list) > 0 {
		if err := s.cfg.Account.Audit(r.Context(), who.User, "mails_listed", "outbox"); err != nil {
			return err
		}
	}
	return s.render(w, http.StatusOK, "admin/outbox", page)
}

func outboxAddress(state, before string) string {
	q := url.Values{}
	if state != "" {
		q.Set("state", state)
	}
	if before != "" {
		q.Set("before", before)
	}
	if len(q) == 0 {
		return "/admin/outbox"
	}
	return "/admin/outbox?" + q.Encode()
}

// statusOf is a stored mail, without what only its job knows.
func statusOf(m store.Mail) deliver.MailStatus {
	return deliver.MailStatus{ID: m.ID, Kind: m.Kind, State: m.State, Provider: m.Provider, Error: m.Error, At: m.UpdatedAt}
}

// clientName is the business of a session, or else its person; empty when the
// session is gone.
func (s *Server) clientName(ctx context.Context, id event.SessionID) (string, error) {
	rec, err := s.cfg.Store.Session(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return clip(cmp.Or(rec.Session.Values()["businessName"], rec.Session.Client.Name), 80), nil
}

func (s *Server) mailRow(status deliver.MailStatus, m store.Mail) mailRow {
	row := mailRow{
		ID: status.ID, Address: "/admin/outbox/" + url.PathEscape(status.ID), Kind: mailKind(status.Kind), Error: clip(status.Error, 300), At: s.moment(status.At),
	}
	row.State, row.Mark = mailWord(status)
	if status.Provider == deliver.Outbox && status.State == store.MailSent {
		row.State, row.Mark = "Kept here", ""
	}
	if m.Session != "" {
		row.Session = "/admin/sessions/" + url.PathEscape(string(m.Session))
	}
	return row
}

// mailKind says what a mail is about.
func mailKind(kind string) string {
	switch kind {
	case deliver.MailTeam:
		return "New lead, to the team"
	case deliver.MailClient:
		return "Proposal, to the client"
	case deliver.MailAccepted:
		return "Accepted, to the team"
	case deliver.MailQuestion:
		return "Question, to the team"
	case deliver.MailDataLink:
		return "Link to the own data, to the client"
	case deliver.MailMagicLink:
		return "Link to go on, to the client"
	case deliver.MailReminder:
		return "Reminder, to the client"
	}
	return words(kind)
}

// mailPage is templates/admin/mail.html.
type mailPage struct {
	adminLayout
	mailRow
	Notice   string
	Provider string
	Message  *mailing.Message // nil: it was never composed
	From, To string
	ReplyTo  string
	Headers  []mailing.Field
	HTML     string // address of the HTML part, empty for none
	Files    []mailFile
	Again    bool
}

type mailFile struct{ Name, Size, Address string }

// readMail returns one mail with what it says, and notes who read it.
func (s *Server) readMail(r *http.Request, who staff) (store.Mail, *mailing.Message, error) {
	list, err := s.cfg.Store.Mails(r.Context(), store.MailFilter{ID: r.PathValue("id"), Limit: 1})
	if err != nil {
		return store.Mail{}, nil, err
	}
	if len(list) == 0 {
		return store.Mail{}, nil, store.ErrNotFound
	}
	m := list[0]
	if err := s.cfg.Account.Audit(r.Context(), who.User, "mail_read", "mail:"+m.ID); err != nil {
		return m, nil, err
	}
	if len(m.Message) == 0 {
		return m, nil, nil
	}
	var message mailing.Message
	if err := json.Unmarshal(m.Message, &message); err != nil {
		return m, nil, fmt.Errorf("read message of mail %s: %w", m.ID, err)
	}
	return m, &message, nil
}

// adminMail shows one mail: GET /admin/outbox/{id}.
func (s *Server) adminMail(w http.ResponseWriter, r *http.Request, who staff) error {
	m, message, err := s.readMail(r, who)
	if err != nil {
		return err
	}
	page := mailPage{
		adminLayout: s.adminLayout("Mail · Introspect", "outbox", who), Provider: m.Provider, Message: message,
		mailRow: s.mailRow(statusOf(m), m),
		Again:   m.State != store.MailPending || m.Error != "",
	}
	if message != nil {
		page.From, page.To, page.Headers = message.From.String(), message.To.String(), message.Headers.Fields()
		if message.ReplyTo.Email != "" {
			page.ReplyTo = message.ReplyTo.String()
		}
		if message.HTML != "" {
			page.HTML = page.Address + "/html"
			w.Header().Set("Content-Security-Policy", policy+"; frame-src 'self'")
		}
		for i, a := range message.Attachments {
			page.Files = append(page.Files, mailFile{a.Name, size(len(a.Data)), page.Address + "/files/" + strconv.Itoa(i)})
		}
	}
	if r.FormValue("sent") != "" {
		page.Notice = "The mail is on its way once more. A mail that had left before goes out as a new one, at the top of the outbox."
	}
	return s.render(w, http.StatusOK, "admin/mail", page)
}

// size writes a number of bytes for people.
func size(n int) string {
	if n < 1<<20 {
		return strconv.Itoa(max(1, n>>10)) + " KB"
	}
	return number(float64(n)/(1<<20), 1) + " MB"
}

// mailPolicy shuts the HTML of a mail into its frame: it may look like itself,
// and do nothing.
const mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox"

// adminMailHTML is the HTML part of a mail for the frame of its page: GET
// /admin/outbox/{id}/html.
func (s *Server) adminMailHTML(w http.ResponseWriter, r *http.Request, who staff) error {
	_, message, err := s.readMail(r, who)
	if err != nil {
		return err
	}
	if message == nil || message.HTML == "" {
		return notFound()
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", mailPolicy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(message.HTML)) // A reader that left needs no answer.
	return nil
}

// adminMailFile is an attachment: GET /admin/outbox/{id}/files/{n}.
func (s *Server) adminMailFile(w http.ResponseWriter, r *http.Request, who staff) error {
	_, message, err := s.readMail(r, who)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || message == nil || n < 0 || n >= len(message.Attachments) {
		return notFound()
	}
	a := message.Attachments[n]
	w.Header().Set("Cache-Control", "no-store")
	sendFile(w, a.Name, a.Type, a.Data)
	return nil
}

// adminMailAgain sends a mail once more: POST /admin/outbox/{id}/resend.
func (s *Server) adminMailAgain(w http.ResponseWriter, r *http.Request, who staff) error {
	id := r.PathValue("id")
	err := s.cfg.Deliver.Resend(r.Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		return conflict("The mail cannot be sent again", "What it was made of is gone, such as the session of a client who asked to be forgotten.")
	}
	if err != nil {
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, "mail_resent", "mail:"+id); err != nil {
		return err
	}
	http.Redirect(w, r, "/admin/outbox/"+url.PathEscape(id)+"?sent=1", http.StatusSeeOther)
	return nil
}

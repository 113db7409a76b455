package deliver

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/privacy"
	"applicreations.com/introspect/internal/store"
)

// remindAfter is how long after the last activity a client is reminded
// (DOMAIN 9.7).
const remindAfter = time.Hour

// linkEvery is how often one session or address gets a link by mail at most.
// It bounds what a stranger can send to somebody, and a second press of the
// button does not end the link of the first.
const linkEvery = 2 * time.Minute

// errUnwanted means that a reminder was called off after its mail was enqueued.
var errUnwanted = errors.New("the client does not want to be reminded")

// linkWork is the payload of a link's job, when it is of an address.
type linkWork struct {
	Email string `json:"email,omitempty"`
	Data  bool   `json:"data,omitempty"` // a link to the own data, of a session in any state
}

// linkPurpose binds the keys of link jobs to what they are for, so that they
// tell nobody an address.
const linkPurpose = "magic link by mail"

// Link is the work of mailing a magic link: of a session, or of the newest
// unfinished one of an address.
func (s *Service) Link(id event.SessionID, email string) []store.NewJob {
	payload, _ := json.Marshal(linkWork{Email: email}) // a text always encodes
	what := string(id)
	if id == "" {
		what = hex.EncodeToString(s.cfg.Keys.MAC(linkPurpose, []byte(strings.ToLower(strings.TrimSpace(email)))))
	}
	now := s.cfg.Now()
	slot := strconv.FormatInt(now.UnixMilli()/linkEvery.Milliseconds(), 10)
	return []store.NewJob{{Kind: KindLink, Key: "link/" + what + "/" + slot, Session: id, Payload: payload, Due: now}}
}

// AskData has a link to the own data mailed to an address that sessions are kept
// of. As with magic links the caller learns nothing about that.
func (s *Service) AskData(ctx context.Context, email string) error {
	payload, _ := json.Marshal(linkWork{Email: email, Data: true}) // as above
	now := s.cfg.Now()
	what := hex.EncodeToString(s.cfg.Keys.MAC(linkPurpose, []byte("data "+strings.ToLower(strings.TrimSpace(email)))))
	slot := strconv.FormatInt(now.UnixMilli()/linkEvery.Milliseconds(), 10)
	if _, err := s.cfg.Store.Enqueue(ctx, store.NewJob{Kind: KindLink, Key: "link/" + what + "/" + slot, Payload: payload, Due: now}); err != nil {
		return fmt.Errorf("ask for a link to the own data: %w", err)
	}
	return nil
}

// dataLink makes the work of mailing a link to the own data, to the address as
// the newest session has it.
func (s *Service) dataLink(id event.SessionID, email, name string) (store.Effects, error) {
	token, err := privacy.NewToken(s.cfg.Keys, strings.TrimSpace(email), s.cfg.Now())
	if err != nil {
		return store.Effects{}, err
	}
	mail, err := s.mailJob(id, mailWork{Kind: MailDataLink, URL: s.cfg.Base() + "/privacy/requests?token=" + url.QueryEscape(token)}, "data/"+name)
	return store.Effects{Result: []byte("mailed"), Jobs: []store.NewJob{mail}}, err
}

// ContinueURL is the address that a magic link leads to.
func (s *Service) ContinueURL(link string) string {
	return s.cfg.Base() + "/intake/continue?token=" + url.QueryEscape(link)
}

// makeLink makes the link and the work of mailing it. The link is made last: a
// second attempt replaces it.
func (s *Service) makeLink(ctx context.Context, t *job.Task) (store.Effects, error) {
	var w linkWork
	if err := json.Unmarshal(t.Payload, &w); err != nil {
		return store.Effects{}, &job.Failure{Err: fmt.Errorf("read the work of link %s: %w", t.ID, err), Permanent: true}
	}
	ids := []event.SessionID{t.Session}
	if t.Session == "" {
		var err error
		if ids, err = s.cfg.Store.SessionsOf(ctx, w.Email); err != nil {
			return store.Effects{}, err
		}
	}
	for _, id := range ids {
		rec, err := s.cfg.Store.Session(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return store.Effects{}, err
		}
		if w.Data {
			return s.dataLink(id, w.Email, t.ID)
		}
		if !rec.Session.Open(s.cfg.Now()) {
			continue
		}
		mail, err := s.linkMail(ctx, id, mailWork{Kind: MailMagicLink}, "link/"+t.ID)
		return store.Effects{Result: []byte("mailed"), Jobs: mail}, err
	}
	return store.Effects{Result: []byte("there is no unfinished session")}, nil
}

// linkMail makes a link of a session and the work of mailing it.
func (s *Service) linkMail(ctx context.Context, id event.SessionID, w mailWork, name string) ([]store.NewJob, error) {
	token, err := s.cfg.Store.NewLink(ctx, id, letter.LinkLife)
	if err != nil {
		return nil, err
	}
	w.URL = s.ContinueURL(token)
	mail, err := s.mailJob(id, w, name)
	return []store.NewJob{mail}, err
}

// Remind is the work of reminding a client of a session, once.
func (s *Service) Remind(id event.SessionID) []store.NewJob {
	return []store.NewJob{{Kind: KindReminder, Key: "reminder/" + string(id), Session: id, Due: s.cfg.Now().Add(remindAfter)}}
}

// remind has a client reminded who agreed to it and was not active for a while.
func (s *Service) remind(ctx context.Context, t *job.Task) (store.Effects, error) {
	wish, err := s.cfg.Store.Reminder(ctx, t.Session)
	if err != nil {
		return store.Effects{}, err
	}
	if !wish.Wanted() {
		return store.Effects{Result: []byte("the client does not want it")}, nil
	}
	nothing := store.Effects{Result: []byte("there is nothing to come back to")}
	rec, err := s.cfg.Store.Session(ctx, t.Session)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nothing, nil
	case err != nil:
		return store.Effects{}, err
	case !rec.Session.Open(s.cfg.Now()):
		return nothing, nil
	}
	if rec.Session.Status == intake.InProgress {
		if due, err := s.quietSince(ctx, rec); err != nil || s.cfg.Now().Before(due) {
			return store.Effects{}, later(due, err)
		}
	}
	mail, err := s.reminderMail(ctx, t.Session)
	return store.Effects{Result: []byte("mailed"), Jobs: mail}, err
}

// standing is how long a link must still work to be sent again in a reminder.
const standing = 24 * time.Hour

// reminderMail makes the work of mailing a reminder. The link that the client
// asked for goes out once more when it works for another day: nobody asked for a
// new one, which would end it (ADR 0034).
func (s *Service) reminderMail(ctx context.Context, id event.SessionID) ([]store.NewJob, error) {
	w := mailWork{Kind: MailReminder, Stop: s.cfg.Base() + s.StopPath(id)}
	token, ends, err := s.cfg.Store.StandingLink(ctx, id, standing)
	if errors.Is(err, store.ErrNotFound) {
		return s.linkMail(ctx, id, w, "reminder")
	}
	if err != nil {
		return nil, err
	}
	w.URL, w.Ends = s.ContinueURL(token), ends
	mail, err := s.mailJob(id, w, "reminder")
	return []store.NewJob{mail}, err
}

// quietSince is when a client who does nothing more is to be reminded. Typing
// is an activity too.
func (s *Service) quietSince(ctx context.Context, rec store.Record) (time.Time, error) {
	last := rec.Session.LastActivity
	draft, err := s.cfg.Store.Draft(ctx, rec.Session.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return time.Time{}, err
	}
	if draft.At.After(last) {
		last = draft.At
	}
	return last.Add(remindAfter), nil
}

func later(at time.Time, err error) error {
	if err != nil {
		return err
	}
	return &job.Later{At: at}
}

// stopPurpose binds the links that end reminders to what they are for.
const stopPurpose = "no more reminders"

// StopPath is the path that ends the reminders of a session. It cannot be
// guessed, and does nothing else.
func (s *Service) StopPath(id event.SessionID) string {
	mac := s.cfg.Keys.MAC(stopPurpose, []byte(id))
	return "/intake/reminders/" + url.PathEscape(string(id)) + "." + base64.RawURLEncoding.EncodeToString(mac)
}

// StopReminders ends the reminders of the session that a token names, the last
// part of StopPath. It may be repeated. The error is store.ErrNotFound for a
// token that names none.
func (s *Service) StopReminders(ctx context.Context, token string) error {
	id, ok := s.StopOf(token)
	if !ok {
		return store.ErrNotFound
	}
	return s.cfg.Store.WithdrawConsent(ctx, id)
}

// StopOf returns the session of such a token.
func (s *Service) StopOf(token string) (event.SessionID, bool) { return s.tokenOf(stopPurpose, token) }

// tokenOf reads a session id that a MAC vouches for.
func (s *Service) tokenOf(purpose, token string) (event.SessionID, bool) {
	id, text, ok := strings.Cut(token, ".")
	mac, err := base64.RawURLEncoding.DecodeString(text)
	if !ok || err != nil || !s.cfg.Keys.Verify(purpose, []byte(id), mac) {
		return "", false
	}
	return event.SessionID(id), true
}

package deliver

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
)

// Progress is how far the documents of a session are.
type Progress struct {
	State    store.JobState // empty: nobody asked for documents
	Stage    string         // one of Stages, the one under way; empty before the first
	Attempts int            // begun so far
	Next     time.Time      // when a waiting job is tried

	// Left is about how long it takes from here, by what the last documents of
	// this process took. It is 0 while nothing was measured, while an attempt
	// waits for the next one, and when it takes longer than any before.
	Left time.Duration
}

// Progress tells how far the first writing of a session's documents is.
func (s *Service) Progress(ctx context.Context, id event.SessionID) (Progress, error) {
	jobs, err := s.cfg.Store.Jobs(ctx, store.JobFilter{Key: documentsKey(id), Limit: 1})
	if err != nil || len(jobs) == 0 {
		return Progress{}, err
	}
	j := jobs[0]
	p := Progress{State: j.State, Stage: j.Stage, Attempts: j.Attempts, Next: j.Due}
	switch {
	case j.State == store.JobRunning:
		p.Left = s.pace.left(j.Stage, s.cfg.Now().Sub(j.UpdatedAt))
	case j.State == store.JobWaiting && j.Attempts == 0:
		p.Left = s.pace.left("", 0)
	}
	return p, nil
}

// MailStatus is how far a mail is.
type MailStatus struct {
	ID       string
	Kind     string
	State    store.MailState
	Provider string
	Attempts int       // begun so far
	Next     time.Time // of the next attempt; zero: none is due
	Error    string    // of the last attempt
	At       time.Time // of the last change
}

// Moving reports whether a mail can change without anybody's doing.
func (m MailStatus) Moving() bool { return m.State == store.MailPending }

// Retrying reports whether an attempt failed and another one follows.
func (m MailStatus) Retrying() bool { return m.Moving() && m.Attempts > 0 && m.Error != "" }

// Mails tells how far the mails of a session are, the newest first. A mail that
// nobody tried to send yet is among them.
func (s *Service) Mails(ctx context.Context, id event.SessionID) ([]MailStatus, error) {
	jobs, err := s.cfg.Store.Jobs(ctx, store.JobFilter{Session: id, Kinds: []string{KindMail}})
	if err != nil {
		return nil, err
	}
	mails, err := s.cfg.Store.Mails(ctx, store.MailFilter{Session: id})
	if err != nil {
		return nil, err
	}
	out := make([]MailStatus, 0, len(jobs))
	for _, j := range jobs {
		m := MailStatus{
			ID: j.ID, State: store.MailPending, Provider: s.cfg.Provider, Attempts: j.Attempts, Error: j.Error, At: j.UpdatedAt,
			Kind: kindOf(store.NewJob{Payload: j.Payload}),
		}
		if i := slices.IndexFunc(mails, func(m store.Mail) bool { return m.ID == j.ID }); i >= 0 {
			m.State, m.Provider, m.Error, m.At = mails[i].State, mails[i].Provider, mails[i].Error, mails[i].UpdatedAt
		}
		switch j.State {
		case store.JobDead:
			m.State = store.MailFailed
		case store.JobWaiting:
			m.Next = j.Due
		case store.JobRunning, store.JobDone:
		}
		out = append(out, m)
	}
	return out, nil
}

// Replay does a job once more, as a person asked: one that was given up or waits
// is due at once, and a webhook that arrived is sent again under a new id.
// store.ErrNotFound means that there is nothing to do again.
func (s *Service) Replay(ctx context.Context, id string) error {
	jobs, err := s.cfg.Store.Jobs(ctx, store.JobFilter{ID: id, Limit: 1})
	if err != nil {
		return err
	}
	if len(jobs) == 0 || jobs[0].State != store.JobDone || jobs[0].Kind != KindWebhook {
		return s.cfg.Store.ReplayJob(ctx, id)
	}
	j := jobs[0]
	fresh := store.NewJobID()
	_, err = s.cfg.Store.Enqueue(ctx, store.NewJob{
		ID: fresh, Kind: KindWebhook, Key: endpointKey(hookOf(j).Endpoint) + fresh, Session: j.Session, Payload: j.Payload, Due: s.cfg.Now(),
	})
	return err
}

// Call is one message to an endpoint, sent or still to be sent.
type Call struct {
	store.Job
	Type   string // what it tells
	Status int    // of the answer; 0: there was none, or it was no success
	Answer string // the first line of the answer
}

// Calls lists what an endpoint was told, the newest first.
func (s *Service) Calls(ctx context.Context, endpoint string, limit int) ([]Call, error) {
	jobs, err := s.cfg.Store.Jobs(ctx, store.JobFilter{Kinds: []string{KindWebhook}, About: endpointKey(endpoint), Limit: limit})
	if err != nil {
		return nil, err
	}
	out := make([]Call, 0, len(jobs))
	for _, j := range jobs {
		c := Call{Job: j}
		var n notice
		var answer said
		if json.Unmarshal(hookOf(j).Body, &n) == nil {
			c.Type = n.Type
		}
		if json.Unmarshal(j.Result, &answer) == nil {
			c.Status, c.Answer = answer.Status, answer.Answer
		}
		out = append(out, c)
	}
	return out, nil
}

// endpointKey begins the keys of all jobs that tell an endpoint.
func endpointKey(endpoint string) string { return "webhook/" + endpoint + "/" }

func hookOf(j store.Job) hookWork {
	var w hookWork
	_ = json.Unmarshal(j.Payload, &w) // what this package wrote
	return w
}

// Invalid says what is wrong with an endpoint that somebody entered.
type Invalid struct{ Field, Reason string }

// Error implements error.
func (e *Invalid) Error() string { return e.Field + ": " + e.Reason }

// The longest address of an endpoint, and how many endpoints there may be.
const (
	maxEndpoint  = 2000
	maxEndpoints = 50
)

// AddEndpoint adds an endpoint that is told of some types, or of all when none
// is named. The secret that signs its messages is new. Whether the address may be
// reached is decided at every message, when its name is resolved.
func (s *Service) AddEndpoint(ctx context.Context, address string, types []string) (store.Webhook, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || len(address) > maxEndpoint:
		return store.Webhook{}, &Invalid{"url", "This is no web address. Enter a full one, such as https://example.com/hooks."}
	case u.Scheme != "https" && (u.Scheme != "http" || !s.cfg.Plain):
		return store.Webhook{}, &Invalid{"url", "The address has to begin with https://, so that nobody else can read or change the messages."}
	case u.User != nil:
		return store.Webhook{}, &Invalid{"url", "The address carries a user name or password, which would be sent in the open. Enter it without."}
	}
	for _, t := range types {
		if !slices.Contains(Types(), t) {
			return store.Webhook{}, &Invalid{"events", fmt.Sprintf("There is no event %q. Choose from the list.", t)}
		}
	}
	all, err := s.cfg.Store.Webhooks(ctx)
	if err != nil {
		return store.Webhook{}, err
	}
	if len(all) >= maxEndpoints {
		return store.Webhook{}, &Invalid{"url", fmt.Sprintf("There are %d endpoints already, which is the limit. Delete one first.", len(all))}
	}
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	h := store.Webhook{URL: u.String(), Events: types, Active: true, Secret: "whsec_" + base64.StdEncoding.EncodeToString(raw)}
	h.ID, err = s.cfg.Store.SaveWebhook(ctx, h)
	return h, err
}

// PauseEndpoint stops telling an endpoint, or goes on with it. What happens
// meanwhile is not told later.
func (s *Service) PauseEndpoint(ctx context.Context, id string, pause bool) error {
	h, err := s.cfg.Store.Webhook(ctx, id)
	if err != nil {
		return err
	}
	h.Active = !pause
	_, err = s.cfg.Store.SaveWebhook(ctx, h)
	return err
}

// RemoveEndpoint ends an endpoint. What waits for it is not sent.
func (s *Service) RemoveEndpoint(ctx context.Context, id string) error {
	return s.cfg.Store.DeleteWebhook(ctx, id)
}

// Package interview conducts one turn of an intake: it loads the session,
// lets the engine take the answer, and commits session, messages and events
// in one transaction. It also owns the session's token: who may act on a
// session is decided here and nowhere else.
//
// It asks no questions itself and knows no HTTP. Start with Service.Begin and
// Service.Answer.
package interview

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/store"
)

// Reasons why a session is not handed out.
var (
	ErrUnknown   = errors.New("there is no such session")
	ErrForbidden = errors.New("the token does not belong to this session")
	ErrExpired   = errors.New("the session was idle for too long")
)

// maxTries bounds how often a turn is repeated after another one of the same
// session committed first.
const maxTries = 4

// Config holds the parts of a Service.
type Config struct {
	Store  *store.Store
	Engine *intake.Engine
	Agency scope.Agency
	Now    func() time.Time // nil is time.Now
	Idle   time.Duration    // how long a token lives without activity; 0 is 48 hours
	// Finished names the work that the end of an interview asks for, which is
	// enqueued with its last turn; nil: none. Abandoned is the same for an
	// interview that ends unfinished.
	Finished, Abandoned func(event.SessionID) []store.NewJob
	// Remind is the work of reminding a client who agreed to it, and Link that
	// of mailing a magic link, of a session or else of whoever has an address;
	// nil: none.
	Remind func(event.SessionID) []store.NewJob
	Link   func(id event.SessionID, email string) []store.NewJob

	Advisor      Advisor                              // helps the rules; nil: nobody does
	SoftDeadline time.Duration                        // how long a client waits for it; 0 is 2.5 s
	HardDeadline time.Duration                        // how long late advice is waited for; 0 is 20 s
	After        func(time.Duration) <-chan time.Time // nil is time.After
}

// Service conducts interviews. It is safe for concurrent use.
type Service struct {
	st     *store.Store
	engine *intake.Engine
	agency scope.Agency
	now    func() time.Time
	idle   time.Duration

	finished, abandoned, remind func(event.SessionID) []store.NewJob
	link                        func(event.SessionID, string) []store.NewJob

	counsel *counsel
}

// New makes a Service.
func New(c Config) *Service {
	s := &Service{
		st: c.Store, engine: c.Engine, agency: c.Agency, now: c.Now, idle: c.Idle,
		finished: c.Finished, abandoned: c.Abandoned, remind: c.Remind, link: c.Link, counsel: newCounsel(c),
	}
	for _, work := range []*func(event.SessionID) []store.NewJob{&s.finished, &s.abandoned, &s.remind} {
		if *work == nil {
			*work = func(event.SessionID) []store.NewJob { return nil }
		}
	}
	if s.link == nil {
		s.link = func(event.SessionID, string) []store.NewJob { return nil }
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.idle == 0 {
		s.idle = 48 * time.Hour
	}
	return s
}

// Begun is a new session with the token that proves its ownership. The token
// is shown once; only its hash is kept.
type Begun struct {
	Session *intake.Session
	Token   string // "<session id>.<secret>"
}

// NewVisit makes the id of a new visit. A session that grows from the visit
// keeps it, so that one funnel covers both (ADR 0003).
func NewVisit() event.SessionID {
	return event.SessionID(uuid.Must(uuid.NewV7()).String())
}

// Begin opens a session from the foundation form. An empty or already used
// visit gets a fresh id. A bad field is an *intake.Invalid.
func (s *Service) Begin(ctx context.Context, visit event.SessionID, c intake.Client) (Begun, error) {
	c = composed(c)
	fresh := visit == ""
	if _, err := uuid.Parse(string(visit)); err != nil {
		fresh = true
	}
	for {
		if fresh {
			visit = NewVisit()
		}
		b, err := s.begin(ctx, visit, c, fresh)
		if errors.Is(err, store.ErrExists) && !fresh {
			fresh = true
			continue
		}
		return b, err
	}
}

// composed gives every letter one spelling (DOMAIN 8.1).
func composed(c intake.Client) intake.Client {
	c.Name, c.OtherDescription = norm.NFC.String(c.Name), norm.NFC.String(c.OtherDescription)
	return c
}

func (s *Service) begin(ctx context.Context, id event.SessionID, c intake.Client, fresh bool) (Begun, error) {
	now := s.now()
	sess, turn, err := s.engine.Start(id, c, now)
	if err != nil {
		return Begun{}, err
	}
	if fresh { // no page of ours saw the form begin
		sess.Events++
		start := event.New(id, sess.Events, now, event.Plain{Name: event.NameFoundationStart})
		turn.Events = append([]event.Event{start}, turn.Events...)
	}
	token := newToken(id)
	if err := s.st.CreateSession(ctx, sess, hash(token), turn); err != nil {
		return Begun{}, fmt.Errorf("create session %s: %w", id, err)
	}
	return Begun{Session: sess, Token: token}, nil
}

func newToken(id event.SessionID) string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails since Go 1.24
	return string(id) + "." + base64.RawURLEncoding.EncodeToString(secret)
}

func hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// SplitToken reads the session id out of a token.
func SplitToken(token string) (event.SessionID, string, bool) {
	id, secret, ok := strings.Cut(token, ".")
	return event.SessionID(id), secret, ok && id != "" && secret != ""
}

// Load returns a session to its owner. It reports ErrUnknown, ErrForbidden or
// ErrExpired.
func (s *Service) Load(ctx context.Context, id event.SessionID, token string) (*intake.Session, error) {
	rec, err := s.authorize(ctx, id, token)
	if err != nil {
		return nil, err
	}
	return rec.Session, nil
}

func (s *Service) authorize(ctx context.Context, id event.SessionID, token string) (store.Record, error) {
	rec, err := s.st.Session(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return store.Record{}, ErrUnknown
	}
	if err != nil {
		return store.Record{}, fmt.Errorf("load session %s: %w", id, err)
	}
	if subtle.ConstantTimeCompare(rec.TokenHash, hash(token)) != 1 {
		return store.Record{}, ErrForbidden
	}
	if rec.Session.Status == intake.InProgress && s.now().Sub(rec.Session.LastActivity) > s.idle {
		return store.Record{}, ErrExpired
	}
	return rec, nil
}

// Answer takes one answer and returns the session with its next action. With
// intake.ErrStale the session is returned too, so that the current action can
// be shown. When another answer of the session committed first, the turn is
// judged again on the new state: a double submit then finds its action
// answered.
func (s *Service) Answer(ctx context.Context, id event.SessionID, token string, a intake.Answer) (*intake.Session, error) {
	a.Text = norm.NFC.String(a.Text) // one spelling of each letter (DOMAIN 8.1); words have no Unicode tables
	late, waiting := s.counsel.peek(id)
	taken := false // the same answer again is no turn
	sess, err := s.turn(ctx, id, token, func(sess *intake.Session) (intake.Turn, error) {
		turn, err := s.take(ctx, sess, a)
		taken = len(turn.Events) > 0
		return turn, err
	})
	if err == nil && taken && waiting {
		s.counsel.used(id, late)
	}
	return sess, err
}

// turn loads a session for its owner, takes one step of the engine and commits
// it. When another step of the session committed first, it is judged again on
// the new state.
func (s *Service) turn(ctx context.Context, id event.SessionID, token string, step func(*intake.Session) (intake.Turn, error)) (*intake.Session, error) {
	for try := 1; ; try++ {
		rec, err := s.authorize(ctx, id, token)
		if err != nil {
			return nil, err
		}
		turn, err := step(rec.Session)
		if err != nil || len(turn.Events) == 0 {
			return rec.Session, err
		}
		var work []store.NewJob
		if s.document(rec.Session, &turn) {
			work = s.finished(id)
		}
		err = s.st.CommitTurn(ctx, rec, turn, work...)
		if errors.Is(err, store.ErrConflict) && try < maxTries {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("commit session %s: %w", id, err)
		}
		return rec.Session, nil
	}
}

// Back takes the last answer back and returns the session with the action that
// it answered. intake.ErrStale comes with the session, like in Answer.
func (s *Service) Back(ctx context.Context, id event.SessionID, token string, at intake.ActionID) (*intake.Session, error) {
	return s.turn(ctx, id, token, func(sess *intake.Session) (intake.Turn, error) { return s.engine.Back(sess, at, s.now()) })
}

// Edit changes one fact of a session and returns it with its next action.
// intake.ErrStale comes with the session, like in Answer.
func (s *Service) Edit(ctx context.Context, id event.SessionID, token string, at intake.ActionID, ed intake.Edit) (*intake.Session, error) {
	ed.Text = norm.NFC.String(ed.Text)
	return s.turn(ctx, id, token, func(sess *intake.Session) (intake.Turn, error) { return s.engine.Edit(sess, at, ed, s.now()) })
}

// Vote takes an opinion about a prompt of the conversation.
func (s *Service) Vote(ctx context.Context, id event.SessionID, token string, v intake.Vote) (*intake.Session, error) {
	v.Text = norm.NFC.String(v.Text)
	return s.turn(ctx, id, token, func(sess *intake.Session) (intake.Turn, error) { return s.engine.Vote(sess, v, s.now()) })
}

// document records SCOPE.md in the turn that completes a session, and reports
// whether this is one. The document is a pure function of the session, so it is
// written again on each download rather than stored.
func (s *Service) document(sess *intake.Session, turn *intake.Turn) (complete bool) {
	if !slices.ContainsFunc(turn.Events, func(e event.Event) bool { return e.Name == event.NameSessionComplete }) {
		return false
	}
	began := time.Now()
	doc := s.build(sess)
	sess.Events++
	turn.Events = append(turn.Events, event.New(sess.ID, sess.Events, s.now(),
		event.NewDocumentGenerated(event.DocumentScope, doc.Words, time.Since(began))))
	return true
}

func (s *Service) build(sess *intake.Session) scope.Document {
	at := sess.LastActivity
	if sess.Completion != nil {
		at = sess.Completion.At
	}
	// A catalog that changed since is reported by Build, but the client keeps
	// the prices that were confirmed; the document is complete either way.
	doc, _ := scope.Build(sess, s.engine.Catalog(), s.agency, at)
	return doc
}

// ErrNotReady is returned for the documents of an unfinished interview.
var ErrNotReady = errors.New("the interview is not finished, so the document does not exist yet")

// Scope returns the SCOPE.md of a completed session. The caller has checked
// who asks.
func (s *Service) Scope(ctx context.Context, id event.SessionID) (scope.Document, error) {
	rec, err := s.st.Session(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return scope.Document{}, ErrUnknown
	}
	if err != nil {
		return scope.Document{}, fmt.Errorf("load session %s: %w", id, err)
	}
	if rec.Session.Status != intake.Completed {
		return scope.Document{}, ErrNotReady
	}
	return s.build(rec.Session), nil
}

// Restart ends a session because its client starts over: it is kept as
// abandoned under the retention rule, and its token stops working
// (DOMAIN 1.10). Restarting an ended session changes nothing.
func (s *Service) Restart(ctx context.Context, id event.SessionID, token string) error {
	for try := 1; ; try++ {
		rec, err := s.authorize(ctx, id, token)
		if err != nil {
			return err
		}
		before := rec.Session.StartedOver
		turn := s.engine.Abandon(rec.Session, s.now())
		if rec.Session.StartedOver == before { // a session that was left is given up without another event
			return nil
		}
		err = s.st.CommitTurn(ctx, rec, turn, s.abandoned(id)...)
		if errors.Is(err, store.ErrConflict) && try < maxTries {
			continue
		}
		if err != nil {
			return fmt.Errorf("abandon session %s: %w", id, err)
		}
		return nil
	}
}

// Record keeps events of a visit that the server saw itself, such as
// landing_view, durably.
func (s *Service) Record(ctx context.Context, events ...event.Event) error {
	in := make([]store.Incoming, len(events))
	for i, e := range events {
		in[i] = store.Incoming{Event: e, Own: true}
	}
	if _, err := s.st.Record(ctx, in); err != nil {
		return fmt.Errorf("record visit: %w", err)
	}
	return nil
}

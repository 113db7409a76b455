package interview

import (
	"context"
	"errors"
	"fmt"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/store"
)

// LinkLife is how long a magic link works.
const LinkLife = letter.LinkLife

// ErrLink means that a magic link opens nothing. It never says why: a link that
// has ended, was replaced, altered or invented looks the same from outside.
var ErrLink = errors.New("the link does not open a session (any more)")

// SendLink has a magic link mailed to an address, if an unfinished session of
// it exists. The caller learns nothing about that, not by an error and not by
// the time: one job is stored either way, and whoever does it looks.
func (s *Service) SendLink(ctx context.Context, email string) error {
	if _, err := s.st.Enqueue(ctx, s.link("", email)...); err != nil {
		return fmt.Errorf("ask for a link: %w", err)
	}
	return nil
}

// SendOwnLink has a magic link of a session mailed to its client.
func (s *Service) SendOwnLink(ctx context.Context, id event.SessionID, token string) error {
	if _, err := s.authorize(ctx, id, token); err != nil {
		return err
	}
	if _, err := s.st.Enqueue(ctx, s.link(id, "")...); err != nil {
		return fmt.Errorf("ask for a link of session %s: %w", id, err)
	}
	return nil
}

// CopyLink makes a new magic link of a session for its owner and returns the
// token of it. Links made before stop working.
func (s *Service) CopyLink(ctx context.Context, id event.SessionID, token string) (string, error) {
	if _, err := s.authorize(ctx, id, token); err != nil {
		return "", err
	}
	return s.st.NewLink(ctx, id, LinkLife)
}

// Peek returns the session that a magic link opens, as it stands, without using
// the link. The error is ErrLink for any link that Resume would refuse.
func (s *Service) Peek(ctx context.Context, link string) (*intake.Session, error) {
	rec, err := s.linked(ctx, link)
	if err != nil {
		return nil, err
	}
	return rec.Session, nil
}

// linked reads the session of a link that may be used.
func (s *Service) linked(ctx context.Context, link string) (store.Record, error) {
	id, err := s.st.LinkSession(ctx, link)
	if errors.Is(err, store.ErrNotFound) {
		return store.Record{}, ErrLink
	}
	if err != nil {
		return store.Record{}, err
	}
	rec, err := s.st.Session(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return store.Record{}, ErrLink
	}
	if err != nil {
		return store.Record{}, fmt.Errorf("load session %s: %w", id, err)
	}
	if rec.Session.Status != intake.Completed && !rec.Session.Open(s.now()) {
		return store.Record{}, ErrLink
	}
	return rec, nil
}

// Resume opens a session by its magic link: the session gets a new token, and
// the one before stops working (DOMAIN 8.4). An abandoned session goes on. The
// link may be used again until it ends or is replaced.
func (s *Service) Resume(ctx context.Context, link string) (Begun, error) {
	rec, err := s.comeBack(ctx, func() (store.Record, error) { return s.linked(ctx, link) })
	if err != nil {
		return Begun{}, err
	}
	token := newToken(rec.Session.ID)
	if err := s.st.SetToken(ctx, rec.Session.ID, hash(token)); err != nil {
		return Begun{}, fmt.Errorf("open session %s by link: %w", rec.Session.ID, err)
	}
	return Begun{Session: rec.Session, Token: token}, nil
}

// Recover lets the owner of a token go on with a session that was abandoned
// because nobody was active in it. The error is intake.ErrClosed when it is too
// late for that.
func (s *Service) Recover(ctx context.Context, id event.SessionID, token string) (*intake.Session, error) {
	rec, err := s.comeBack(ctx, func() (store.Record, error) {
		rec, err := s.authorize(ctx, id, token)
		if err == nil && rec.Session.Status == intake.Abandoned && !rec.Session.Open(s.now()) {
			err = intake.ErrClosed
		}
		return rec, err
	})
	if err != nil {
		return nil, err
	}
	return rec.Session, nil
}

// comeBack notes that the client of an unfinished session is back.
func (s *Service) comeBack(ctx context.Context, load func() (store.Record, error)) (store.Record, error) {
	for try := 1; ; try++ {
		rec, err := load()
		if err != nil || rec.Session.Status == intake.Completed {
			return rec, err
		}
		err = s.st.CommitTurn(ctx, rec, s.engine.Recover(rec.Session, s.now()))
		if errors.Is(err, store.ErrConflict) && try < maxTries {
			continue
		}
		if err != nil {
			return store.Record{}, fmt.Errorf("recover session %s: %w", rec.Session.ID, err)
		}
		return rec, nil
	}
}

// Consent notes that the client of a session agreed to one reminder.
func (s *Service) Consent(ctx context.Context, id event.SessionID) error {
	return s.st.Consent(ctx, id, s.remind(id)...)
}

// idlePage is how many idle sessions are looked at in one go.
const idlePage = 100

// AbandonIdle marks sessions as abandoned that nobody was active in for
// intake.AbandonedAfter, and returns how many. It may run beside everything
// else: a client who answers at that moment wins.
func (s *Service) AbandonIdle(ctx context.Context) (n int, err error) {
	for {
		ids, err := s.st.IdleSessions(ctx, s.now().Add(-intake.AbandonedAfter), idlePage)
		if err != nil {
			return n, err
		}
		before := n
		for _, id := range ids {
			done, err := s.abandonIdle(ctx, id)
			if err != nil {
				return n, err
			}
			if done {
				n++
			}
		}
		if len(ids) < idlePage || n == before { // the rest is busy: next time
			return n, nil
		}
	}
}

func (s *Service) abandonIdle(ctx context.Context, id event.SessionID) (bool, error) {
	rec, err := s.st.Session(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("load session %s: %w", id, err)
	}
	turn := s.engine.Lapse(rec.Session, s.now())
	if len(turn.Events) == 0 {
		return false, nil
	}
	err = s.st.CommitTurn(ctx, rec, turn, s.abandoned(id)...)
	if errors.Is(err, store.ErrConflict) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("abandon session %s: %w", id, err)
	}
	return true, nil
}

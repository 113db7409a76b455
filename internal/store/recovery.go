package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
)

// linkBytes is how much chance there is in a magic link (DOMAIN 8.4).
const linkBytes = 32

// linkPurpose binds the tokens of magic links to what they are for.
const linkPurpose = "magic link"

// linkToken is the token of the link that a session got at a moment. It cannot
// be guessed without the encryption key, so it can be written again in another
// mail although only its hash is kept (ADR 0034). Without a key it is chance.
func linkToken(mac []byte) string {
	if len(mac) == 0 {
		mac = make([]byte, linkBytes)
		_, _ = rand.Read(mac) // never fails since Go 1.24
	}
	return hex.EncodeToString(mac)
}

// linkData names a link: every link of a session has a moment of its own.
func linkData(id event.SessionID, createdAt int64) []byte {
	return []byte(string(id) + " " + strconv.FormatInt(createdAt, 10))
}

// NewLink makes the magic link of a session, which works for a while and
// replaces the one before. Its token, 64 hexadecimal digits, is shown here
// and by StandingLink only: the store keeps its hash.
func (s *Store) NewLink(ctx context.Context, id event.SessionID, life time.Duration) (token string, err error) {
	now := s.now()
	err = s.w.do(ctx, func(w *tx) error {
		if err := w.refuseErased(id); err != nil {
			return err
		}
		created, before := now.UnixMilli(), int64(0)
		if err := w.one(`SELECT coalesce(max(created_at), 0) FROM magic_links WHERE session_id = $1`, []any{string(id)}, &before); err != nil {
			return err
		}
		created = max(created, before+1) // two links of one moment are two links
		token = linkToken(s.keys.MAC(linkPurpose, linkData(id, created)))
		return w.run(`INSERT INTO magic_links (session_id, hash, created_at, expires_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (session_id) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at, expires_at = excluded.expires_at`,
			string(id), linkHash(token), created, now.Add(life).UnixMilli())
	})
	if err != nil {
		return "", fmt.Errorf("make link of session %s: %w", id, err)
	}
	return token, nil
}

// StandingLink writes the token of the link that a session has once more, and
// says when it ends, without replacing it. It is ErrNotFound when there is none
// that works for at least so long, or none that can be written again: it was made
// by an earlier version, or its key has left the ring.
func (s *Store) StandingLink(ctx context.Context, id event.SessionID, least time.Duration) (token string, ends time.Time, err error) {
	var hash []byte
	var created, expires int64
	err = s.read.QueryRowContext(ctx, `SELECT hash, created_at, expires_at FROM magic_links WHERE session_id = $1`, string(id)).Scan(&hash, &created, &expires)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("read link of session %s: %w", id, explain(found(err)))
	}
	if ends = time.UnixMilli(expires).UTC(); ends.Sub(s.now()) >= least {
		for _, mac := range s.keys.MACs(linkPurpose, linkData(id, created)) {
			token = linkToken(mac)
			if subtle.ConstantTimeCompare(linkHash(token), hash) == 1 {
				return token, ends, nil
			}
		}
	}
	return "", time.Time{}, fmt.Errorf("link of session %s: %w", id, ErrNotFound)
}

// LinkSession returns the session that a magic link opens. A link that is
// unknown, was replaced or has ended is ErrNotFound, without saying which. The
// look-up goes by the hash, so its time tells nothing about a token.
func (s *Store) LinkSession(ctx context.Context, token string) (event.SessionID, error) {
	var id event.SessionID
	var hash []byte
	var expires int64
	want := linkHash(token)
	err := s.read.QueryRowContext(ctx, `SELECT session_id, hash, expires_at FROM magic_links WHERE hash = $1`, want).Scan(&id, &hash, &expires)
	if err == nil && (subtle.ConstantTimeCompare(hash, want) != 1 || s.now().UnixMilli() >= expires) {
		err = sql.ErrNoRows
	}
	if err != nil {
		return "", fmt.Errorf("read link: %w", explain(found(err)))
	}
	return id, nil
}

func linkHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// addressPurpose binds the codes of addresses to what they are for.
const addressPurpose = "session address"

// normal makes one spelling of an e-mail address. Local parts could differ by
// case, but nobody's do, and people write their own in either.
func normal(email string) []byte { return []byte(strings.ToLower(strings.TrimSpace(email))) }

// saveAddress makes a session found by its client's address, without keeping
// the address in the clear.
func (s *Store) saveAddress(w *tx, id event.SessionID, email string) error {
	return w.run(`INSERT INTO session_addresses (session_id, address) VALUES ($1, $2) ON CONFLICT (session_id) DO NOTHING`,
		string(id), present(s.keys.MAC(addressPurpose, normal(email))))
}

// moveOn keeps what helps to come back in line with a turn: the draft of an
// action that was answered goes, and a session of an older version gets its
// address.
func (s *Store) moveOn(w *tx, sess *intake.Session) error {
	if err := w.run(`DELETE FROM drafts WHERE session_id = $1 AND action_id <> $2`, string(sess.ID), string(sess.Current.ID)); err != nil {
		return err
	}
	return s.saveAddress(w, sess.ID, sess.Client.Email)
}

// SessionsOf lists the sessions of an e-mail address, the newest first.
func (s *Store) SessionsOf(ctx context.Context, email string) ([]event.SessionID, error) {
	codes := s.keys.MACs(addressPurpose, normal(email))
	places, args := make([]string, len(codes)), make([]any, len(codes))
	for i, code := range codes {
		places[i], args[i] = fmt.Sprintf("$%d", i+1), code
	}
	var out []event.SessionID
	err := s.each(ctx, `SELECT session_id FROM session_addresses WHERE address IN (`+strings.Join(places, ", ")+`) ORDER BY session_id DESC`,
		args, func(r scanner) error {
			var id event.SessionID
			err := r.Scan(&id)
			out = append(out, id)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("look for sessions of an address: %w", err)
	}
	return out, nil
}

// Draft is text that a client typed for an action and has not sent.
type Draft struct {
	Session event.SessionID
	Action  intake.ActionID
	At      time.Time // when it was typed
	Text    string
}

// SaveDraft keeps the draft of a session, unless a newer one of the same action
// is kept already, and returns the one that is kept now.
func (s *Store) SaveDraft(ctx context.Context, d Draft) (Draft, error) {
	text, err := s.keys.Seal([]byte(d.Text), place("drafts.text", string(d.Session)))
	if err != nil {
		return Draft{}, fmt.Errorf("save draft of session %s: %w", d.Session, err)
	}
	err = s.w.do(ctx, func(w *tx) error {
		if err := w.refuseErased(d.Session); err != nil {
			return err
		}
		return w.run(`INSERT INTO drafts (session_id, action_id, updated_at, text) VALUES ($1, $2, $3, $4)
			ON CONFLICT (session_id) DO UPDATE SET action_id = excluded.action_id, updated_at = excluded.updated_at, text = excluded.text
			WHERE drafts.action_id <> excluded.action_id OR drafts.updated_at <= excluded.updated_at`,
			string(d.Session), string(d.Action), d.At.UnixMilli(), text)
	})
	if err != nil {
		return Draft{}, fmt.Errorf("save draft of session %s: %w", d.Session, err)
	}
	return s.Draft(ctx, d.Session)
}

// Draft reads the draft of a session; ErrNotFound without one.
func (s *Store) Draft(ctx context.Context, id event.SessionID) (Draft, error) {
	d := Draft{Session: id}
	var at int64
	var sealed []byte
	err := s.read.QueryRowContext(ctx, `SELECT action_id, updated_at, text FROM drafts WHERE session_id = $1`, string(id)).Scan(&d.Action, &at, &sealed)
	if err != nil {
		return Draft{}, fmt.Errorf("read draft of session %s: %w", id, explain(found(err)))
	}
	text, err := s.keys.Open(sealed, place("drafts.text", string(id)))
	if err != nil {
		return Draft{}, fmt.Errorf("read draft of session %s: %w", id, err)
	}
	d.At, d.Text = time.UnixMilli(at).UTC(), string(text)
	return d, nil
}

// Reminder is whether a client wants to be reminded. The zero value is: no.
type Reminder struct {
	ConsentedAt time.Time // zero: not, or taken back
	SentAt      time.Time // zero: not yet
}

// Wanted reports whether a reminder may go out.
func (r Reminder) Wanted() bool { return !r.ConsentedAt.IsZero() && r.SentAt.IsZero() }

// Consent notes that a client agreed to be reminded, and enqueues the work.
func (s *Store) Consent(ctx context.Context, id event.SessionID, jobs ...NewJob) error {
	err := s.w.do(ctx, func(w *tx) error {
		if err := w.refuseErased(id); err != nil {
			return err
		}
		if err := w.run(`INSERT INTO reminders (session_id, consented_at, sent_at) VALUES ($1, $2, 0)
			ON CONFLICT (session_id) DO UPDATE SET consented_at = excluded.consented_at`, string(id), s.now().UnixMilli()); err != nil {
			return err
		}
		_, err := s.enqueue(w, jobs)
		return err
	})
	if err != nil {
		return fmt.Errorf("note consent of session %s: %w", id, err)
	}
	return nil
}

// WithdrawConsent notes that a client wants no reminder. It may be repeated.
func (s *Store) WithdrawConsent(ctx context.Context, id event.SessionID) error {
	err := s.w.do(ctx, func(w *tx) error {
		return w.run(`UPDATE reminders SET consented_at = 0 WHERE session_id = $1`, string(id))
	})
	if err != nil {
		return fmt.Errorf("withdraw consent of session %s: %w", id, err)
	}
	return nil
}

// Reminder reads whether the client of a session wants to be reminded.
func (s *Store) Reminder(ctx context.Context, id event.SessionID) (Reminder, error) {
	var consented, sent int64
	err := s.read.QueryRowContext(ctx, `SELECT consented_at, sent_at FROM reminders WHERE session_id = $1`, string(id)).Scan(&consented, &sent)
	if errors.Is(err, sql.ErrNoRows) {
		return Reminder{}, nil
	}
	if err != nil {
		return Reminder{}, fmt.Errorf("read consent of session %s: %w", id, explain(err))
	}
	return Reminder{moment(consented), moment(sent)}, nil
}

// moment reads a column of which 0 means never.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// IdleSessions lists unfinished sessions without activity since a moment, the
// longest idle first.
func (s *Store) IdleSessions(ctx context.Context, since time.Time, limit int) ([]event.SessionID, error) {
	var out []event.SessionID
	err := s.each(ctx, `SELECT id FROM sessions WHERE status = $1 AND last_activity <= $2 AND `+noCanary+` ORDER BY last_activity, id LIMIT $3`,
		[]any{string(intake.InProgress), since.UnixMilli(), limit}, func(r scanner) error {
			var id event.SessionID
			err := r.Scan(&id)
			out = append(out, id)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("look for idle sessions: %w", err)
	}
	return out, nil
}

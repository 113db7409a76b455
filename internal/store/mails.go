package store

import (
	"context"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/event"
)

// MailState is what became of a mail.
type MailState string

// The states of a mail (DOMAIN 7.5).
const (
	MailPending    MailState = "pending"
	MailSent       MailState = "sent"      // taken by the provider
	MailDelivered  MailState = "delivered" // by the provider, it says
	MailBounced    MailState = "bounced"
	MailComplained MailState = "complained" // the reader called it spam
	MailFailed     MailState = "failed"     // given up; a person may send it again
)

// Mail is one message to one reader.
type Mail struct {
	ID         string // of the job that sends it
	Session    event.SessionID
	Kind       string
	State      MailState
	Provider   string
	ProviderID string
	Error      string // of the last attempt
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Message    []byte // encoded by whoever composed it; nil leaves what is stored
}

func (s *Store) saveMail(w *tx, m Mail) error {
	message := []byte{}
	if m.Message != nil {
		var err error
		if message, err = s.keys.Seal(m.Message, place("mails.message", m.ID)); err != nil {
			return err
		}
	}
	now := s.now().UnixMilli()
	err := w.run(`INSERT INTO mails (id, session_id, kind, state, provider, provider_id, error, created_at, updated_at, message)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)
		ON CONFLICT (id) DO UPDATE SET state = excluded.state, provider = excluded.provider, provider_id = excluded.provider_id,
			error = excluded.error, updated_at = excluded.updated_at,
			message = CASE WHEN length(excluded.message) > 0 THEN excluded.message ELSE mails.message END`,
		m.ID, string(m.Session), m.Kind, string(m.State), m.Provider, m.ProviderID, m.Error, now, message)
	if err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	return nil
}

// MarkMail notes what a provider reports of a mail that it took. A later
// report never undoes a worse one: a bounced mail is not delivered any more.
func (s *Store) MarkMail(ctx context.Context, providerID string, state MailState, why string) error {
	err := s.w.do(ctx, func(w *tx) error {
		return changed(w.exec(`UPDATE mails SET state = $1, error = $2, updated_at = $3
			WHERE provider_id = $4 AND NOT (state IN ('bounced', 'complained') AND $1 IN ('sent', 'delivered'))`,
			string(state), why, s.now().UnixMilli(), providerID))
	})
	if err != nil {
		return fmt.Errorf("mark mail: %w", err)
	}
	return nil
}

// MailFilter narrows a list of mails.
type MailFilter struct {
	Session event.SessionID
	ID      string
	State   MailState
	Before  string // id: only older ones
	Limit   int    // 0: 100
}

// Mails lists mails, the newest first, with their messages when one is asked
// for by id.
func (s *Store) Mails(ctx context.Context, f MailFilter) ([]Mail, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = 100
	}
	var out []Mail
	err := s.each(ctx, `SELECT id, session_id, kind, state, provider, provider_id, error, created_at, updated_at, CASE WHEN $2 <> '' THEN message END FROM mails
		WHERE ($1 = '' OR session_id = $1) AND ($2 = '' OR id = $2) AND ($3 = '' OR state = $3) AND ($4 = '' OR id < $4) ORDER BY id DESC LIMIT $5`,
		[]any{string(f.Session), f.ID, string(f.State), f.Before, limit}, func(r scanner) error {
			var m Mail
			var created, updated int64
			var message []byte
			if err := r.Scan(&m.ID, &m.Session, &m.Kind, &m.State, &m.Provider, &m.ProviderID, &m.Error, &created, &updated, &message); err != nil {
				return err
			}
			m.CreatedAt, m.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
			if len(message) > 0 {
				var err error
				if m.Message, err = s.keys.Open(message, place("mails.message", m.ID)); err != nil {
					return fmt.Errorf("mail %s: %w", m.ID, err)
				}
			}
			out = append(out, m)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("list mails: %w", err)
	}
	return out, nil
}

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// Record is a session as read, with the version to which a turn may be added.
type Record struct {
	Session   *intake.Session
	Version   int64  // grows by one with each turn, starting at 1
	TokenHash []byte // of the session token (DOMAIN 8.4)
}

// CreateSession stores a new session with its first turn. A visit under the
// same id may have left events before; from now on the server alone says what
// happens in this session, so server-only events that came from outside stop
// counting (ARCHITECTURE 3). The error is ErrExists when the id is taken, also by a
// session that was erased.
func (s *Store) CreateSession(ctx context.Context, sess *intake.Session, tokenHash []byte, t intake.Turn) error {
	row, err := s.row(sess)
	if err != nil {
		return fmt.Errorf("create session %s: %w", sess.ID, err)
	}
	if err := ofSession(sess.ID, t.Events); err != nil {
		return fmt.Errorf("create session %s: %w", sess.ID, err)
	}
	err = s.w.do(ctx, func(w *tx) error {
		if yes, err := w.erased(sess.ID); err != nil || yes {
			return errors.Join(err, ErrExists)
		}
		n, err := w.exec(`INSERT INTO sessions (status, updated_at, last_activity, question_count, business_model,
			business_model_confidence, features_selected, package, total_cents, website_type, percent, person, state,
			id, created_at, token_hash, version)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1)
			ON CONFLICT (id) DO NOTHING`,
			append(row, string(sess.ID), sess.CreatedAt.UnixMilli(), present(tokenHash))...)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrExists
		}
		if err := w.disown(sess.ID); err != nil {
			return err
		}
		if err := s.saveAddress(w, sess.ID, sess.Client.Email); err != nil {
			return err
		}
		return s.turn(w, sess.ID, t)
	})
	if err != nil {
		return fmt.Errorf("create session %s: %w", sess.ID, err)
	}
	return nil
}

// Session reads one session. The error is ErrNotFound for an unknown id.
func (s *Store) Session(ctx context.Context, id event.SessionID) (Record, error) {
	rec := Record{Session: &intake.Session{}}
	var state []byte
	err := s.read.QueryRowContext(ctx, `SELECT version, token_hash, state FROM sessions WHERE id = $1`, string(id)).
		Scan(&rec.Version, &rec.TokenHash, &state)
	if err != nil {
		return Record{}, fmt.Errorf("read session %s: %w", id, explain(found(err)))
	}
	plain, err := s.keys.Open(state, place("sessions.state", string(id)))
	if err != nil {
		return Record{}, fmt.Errorf("read session %s: %w", id, err)
	}
	if err := json.Unmarshal(plain, rec.Session); err != nil {
		return Record{}, fmt.Errorf("decode session %s: %w", id, err)
	}
	return rec, nil
}

// CommitTurn stores the session as it is after a turn, the turn's messages and
// events, the facts they change, the rollups that follow from them and the work
// that it asks for, all or nothing. rec.Version is the version that was read; when the session has
// another one by now the error is ErrConflict, and ErrNotFound when it is gone.
// The token hash is left as it is.
func (s *Store) CommitTurn(ctx context.Context, rec Record, t intake.Turn, jobs ...NewJob) error {
	return s.commit(ctx, rec, t, func(*tx) error { return nil }, jobs)
}

// commit is CommitTurn if the database allows it.
func (s *Store) commit(ctx context.Context, rec Record, t intake.Turn, allows func(*tx) error, jobs []NewJob) error {
	sess := rec.Session
	row, err := s.row(sess)
	if err != nil {
		return fmt.Errorf("commit turn of session %s: %w", sess.ID, err)
	}
	if err := ofSession(sess.ID, t.Events); err != nil {
		return fmt.Errorf("commit turn of session %s: %w", sess.ID, err)
	}
	err = s.w.do(ctx, func(w *tx) error {
		if err := allows(w); err != nil {
			return err
		}
		n, err := w.exec(`UPDATE sessions SET status = $1, updated_at = $2, last_activity = $3, question_count = $4,
			business_model = $5, business_model_confidence = $6, features_selected = $7, package = $8,
			total_cents = $9, website_type = $10, percent = $11, person = $12, state = $13, version = version + 1
			WHERE id = $14 AND version = $15`,
			append(row, string(sess.ID), rec.Version)...)
		if err != nil {
			return err
		}
		if n == 0 {
			return w.unmoved(rec) // it has, or is gone
		}
		if _, err := s.enqueue(w, jobs); err != nil {
			return err
		}
		if err := s.moveOn(w, sess); err != nil {
			return err
		}
		return s.turn(w, sess.ID, t)
	})
	if err != nil {
		return fmt.Errorf("commit turn of session %s: %w", sess.ID, err)
	}
	return nil
}

// SetToken replaces the hash of the session's token. It leaves the version
// alone, so a turn that is under way is not disturbed.
func (s *Store) SetToken(ctx context.Context, id event.SessionID, hash []byte) error {
	err := s.w.do(ctx, func(w *tx) error {
		return changed(w.exec(`UPDATE sessions SET token_hash = $1, updated_at = $2 WHERE id = $3`,
			present(hash), s.now().UnixMilli(), string(id)))
	})
	if err != nil {
		return fmt.Errorf("set token of session %s: %w", id, err)
	}
	return nil
}

// Messages reads the conversation from its beginning. Times are exact to the
// millisecond. An unknown session has no messages.
func (s *Store) Messages(ctx context.Context, id event.SessionID) ([]intake.Message, error) {
	var out []intake.Message
	err := s.each(ctx, `SELECT n, role, question_id, number, at, text FROM messages WHERE session_id = $1 ORDER BY n`,
		[]any{string(id)}, func(r scanner) error {
			var m intake.Message
			var n, at int64
			var text []byte
			if err := r.Scan(&n, &m.Role, &m.QuestionID, &m.Number, &at, &text); err != nil {
				return err
			}
			plain, err := s.keys.Open(text, messagePlace(id, n))
			if err != nil {
				return err
			}
			m.Text, m.At = string(plain), time.UnixMilli(at).UTC()
			out = append(out, m)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read messages of session %s: %w", id, err)
	}
	return out, nil
}

// turn appends the messages and events of one turn of a session that this
// server conducts.
func (s *Store) turn(w *tx, id event.SessionID, t intake.Turn) error {
	if err := s.appendMessages(w, id, t.Messages); err != nil {
		return err
	}
	own := make([]arrival, len(t.Events))
	for i, e := range t.Events {
		own[i] = read(e, false)
		own[i].Counted = true
	}
	return w.takeOwn(own)
}

// takeOwn takes events of sessions that this server conducts.
func (t *tx) takeOwn(own []arrival) error {
	if err := t.visits(own); err != nil {
		return err
	}
	for i := range own {
		own[i].at.conducted = true
	}
	_, err := t.take(own)
	return err
}

func (s *Store) appendMessages(w *tx, id event.SessionID, messages []intake.Message) error {
	if len(messages) == 0 {
		return nil
	}
	var last int64
	if err := w.one(`SELECT coalesce(max(n), 0) FROM messages WHERE session_id = $1`, []any{string(id)}, &last); err != nil {
		return err
	}
	for i, m := range messages {
		n := last + int64(i) + 1
		text, err := s.keys.Seal([]byte(m.Text), messagePlace(id, n))
		if err != nil {
			return err
		}
		if err := w.run(`INSERT INTO messages (session_id, n, role, question_id, number, at, text)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			string(id), n, m.Role, m.QuestionID, m.Number, m.At.UnixMilli(), text); err != nil {
			return fmt.Errorf("append message %d: %w", n, err)
		}
	}
	return nil
}

// person is what the list of sessions shows about the client.
type person struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	Phone    string `json:"phone,omitempty"`
	Business string `json:"business,omitempty"`
}

// row computes the columns that follow from the state, in the order in which
// both statements above name them. They are written with every turn (F-6).
func (s *Store) row(sess *intake.Session) ([]any, error) {
	state, err := json.Marshal(sess)
	if err != nil {
		return nil, fmt.Errorf("encode state: %w", err)
	}
	who, err := json.Marshal(person{
		Name: sess.Client.Name, Email: sess.Client.Email, Phone: sess.Client.Phone, Business: sess.Values()[slot.BusinessName],
	})
	if err != nil {
		return nil, fmt.Errorf("encode person: %w", err)
	}
	sealedState, err := s.keys.Seal(state, place("sessions.state", string(sess.ID)))
	if err != nil {
		return nil, err
	}
	sealedWho, err := s.keys.Seal(who, place("sessions.person", string(sess.ID)))
	if err != nil {
		return nil, err
	}
	features, pkg, total, err := chosen(sess.Features)
	if err != nil {
		return nil, err
	}
	// A model counts as known once it was accepted (S24, DOMAIN 3.3).
	var model, confidence any
	if sess.ModelAt > 0 {
		model, confidence = string(sess.Model.Model), sess.Model.Confidence
	}
	return []any{
		string(sess.Status), s.now().UnixMilli(), sess.LastActivity.UnixMilli(), sess.Questions, model,
		confidence, features, pkg, total, sess.Client.WebsiteType, sess.Furthest, sealedWho, sealedState,
	}, nil
}

// chosen reads what the client has chosen; nothing before the feature screen
// was answered.
func chosen(f *intake.FeatureChoice) (features, pkg string, total int64, err error) {
	if f == nil || !f.Answered {
		return "[]", "", 0, nil
	}
	ids := make([]string, len(f.Selection.Features))
	for i, id := range f.Selection.Features {
		ids[i] = string(id)
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return "", "", 0, fmt.Errorf("encode features: %w", err)
	}
	return string(list), string(f.Selection.Package), int64(f.Estimate.Total), nil
}

// ofSession refuses events of another session, which only a programmer can
// hand over: the facts of two sessions would be mixed.
func ofSession(id event.SessionID, evs []event.Event) error {
	for _, e := range evs {
		if e.SessionID != id {
			return fmt.Errorf("event %s belongs to session %q", e.ID, e.SessionID)
		}
	}
	if id == "" {
		return errors.New("the session has no id")
	}
	return nil
}

// place names the row and column that a sealed value belongs to.
func place(column, row string) string { return column + "/" + row }

func messagePlace(id event.SessionID, n int64) string {
	return place("messages.text", string(id)+"/"+strconv.FormatInt(n, 10))
}

// present makes an empty list of bytes of nil, since columns are never NULL.
func present(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// changed turns "no row was changed" into ErrNotFound.
func changed(n int64, err error) error {
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

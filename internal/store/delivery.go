package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
)

// The kinds of documents.
const (
	DocumentScope    = "scope"
	DocumentProposal = "proposal"
)

// Document is a finished file of a session.
type Document struct {
	Session   event.SessionID
	Kind      string
	Name      string // of the file
	MediaType string
	Snapshot  string // of the session it was made of
	Score     int    // completeness, 0-100
	CreatedAt time.Time
	Data      []byte
}

func (s *Store) saveDocument(w *tx, d Document) error {
	data, err := s.keys.Seal(d.Data, place("documents.data", string(d.Session)+"/"+d.Kind))
	if err != nil {
		return err
	}
	err = w.run(`INSERT INTO documents (session_id, kind, name, media_type, snapshot, score, created_at, data)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (session_id, kind) DO UPDATE SET name = excluded.name, media_type = excluded.media_type,
			snapshot = excluded.snapshot, score = excluded.score, created_at = excluded.created_at, data = excluded.data`,
		string(d.Session), d.Kind, d.Name, d.MediaType, d.Snapshot, d.Score, s.now().UnixMilli(), data)
	if err != nil {
		return fmt.Errorf("write document %s: %w", d.Kind, err)
	}
	return nil
}

// Document reads a document; ErrNotFound when it is not written yet.
func (s *Store) Document(ctx context.Context, id event.SessionID, kind string) (Document, error) {
	d := Document{Session: id, Kind: kind}
	var created int64
	var data []byte
	err := s.read.QueryRowContext(ctx, `SELECT name, media_type, snapshot, score, created_at, data FROM documents WHERE session_id = $1 AND kind = $2`,
		string(id), kind).Scan(&d.Name, &d.MediaType, &d.Snapshot, &d.Score, &created, &data)
	if err != nil {
		return Document{}, fmt.Errorf("read document %s of session %s: %w", kind, id, explain(found(err)))
	}
	d.CreatedAt = time.UnixMilli(created).UTC()
	if d.Data, err = s.keys.Open(data, place("documents.data", string(id)+"/"+kind)); err != nil {
		return Document{}, fmt.Errorf("read document %s of session %s: %w", kind, id, err)
	}
	return d, nil
}

// DeliveryState says who may have the documents of a session.
type DeliveryState string

// The states of a delivery (DOMAIN 7.4).
const (
	DeliveryHeld     DeliveryState = "held"     // the team looks first
	DeliveryReleased DeliveryState = "released" // by a person
	DeliverySent     DeliveryState = "sent"     // at once
)

// Delivery is the decision about the documents of a session.
type Delivery struct {
	Session   event.SessionID
	State     DeliveryState
	Score     int      // completeness of SCOPE.md, 0-100
	Reasons   []string // why a person should look
	Critical  bool     // the document must not go out as it is
	DecidedBy string   // user who released it
	DecidedAt time.Time
	UpdatedAt time.Time
}

func (s *Store) saveDelivery(w *tx, d Delivery) error {
	reasons, err := json.Marshal(append([]string{}, d.Reasons...))
	if err != nil {
		return err
	}
	err = w.run(`INSERT INTO deliveries (session_id, state, score, reasons, critical, decided_by, decided_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, '', 0, $6)
		ON CONFLICT (session_id) DO UPDATE SET score = excluded.score, reasons = excluded.reasons, critical = excluded.critical,
			updated_at = excluded.updated_at, state = CASE WHEN deliveries.state = 'released' THEN deliveries.state ELSE excluded.state END`,
		string(d.Session), string(d.State), d.Score, string(reasons), d.Critical, s.now().UnixMilli())
	if err != nil {
		return fmt.Errorf("write delivery: %w", err)
	}
	return nil
}

// Delivery reads the decision about a session; ErrNotFound before there is one.
func (s *Store) Delivery(ctx context.Context, id event.SessionID) (Delivery, error) {
	list, err := s.deliveries(ctx, `session_id = $1`, string(id))
	if err != nil {
		return Delivery{}, err
	}
	if len(list) == 0 {
		return Delivery{}, fmt.Errorf("read delivery of session %s: %w", id, ErrNotFound)
	}
	return list[0], nil
}

// HeldDeliveries lists what waits for a person, the oldest first.
func (s *Store) HeldDeliveries(ctx context.Context) ([]Delivery, error) {
	return s.deliveries(ctx, `state = $1`, string(DeliveryHeld))
}

func (s *Store) deliveries(ctx context.Context, where, arg string) ([]Delivery, error) {
	var out []Delivery
	err := s.each(ctx, `SELECT session_id, state, score, reasons, critical, decided_by, decided_at, updated_at FROM deliveries WHERE `+where+` ORDER BY updated_at LIMIT 500`,
		[]any{arg}, func(r scanner) error {
			var d Delivery
			var reasons string
			var decided, updated int64
			if err := r.Scan(&d.Session, &d.State, &d.Score, &reasons, &d.Critical, &d.DecidedBy, &decided, &updated); err != nil {
				return err
			}
			d.DecidedAt, d.UpdatedAt = time.UnixMilli(decided).UTC(), time.UnixMilli(updated).UTC()
			out = append(out, d)
			return json.Unmarshal([]byte(reasons), &out[len(out)-1].Reasons)
		})
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	return out, nil
}

// Release lets the documents of a held session go to its client and enqueues
// the work of it, once. ErrState means that it is not held, and ErrConflict that
// the session has another version than the one that was read, so that nobody
// looked at what its documents will say.
func (s *Store) Release(ctx context.Context, rec Record, user string, jobs ...NewJob) error {
	id := rec.Session.ID
	err := s.w.do(ctx, func(w *tx) error {
		if err := w.unmoved(rec); err != nil {
			return err
		}
		now := s.now().UnixMilli()
		n, err := w.exec(`UPDATE deliveries SET state = 'released', decided_by = $1, decided_at = $2, updated_at = $2 WHERE session_id = $3 AND state = 'held'`,
			user, now, string(id))
		if err == nil && n == 0 {
			err = ErrState
		}
		if err != nil {
			return err
		}
		_, err = s.enqueue(w, jobs)
		return err
	})
	if err != nil {
		return fmt.Errorf("release documents of session %s: %w", id, err)
	}
	return nil
}

// unmoved is ErrConflict when the session has another version by now.
func (t *tx) unmoved(rec Record) error {
	var version int64
	if err := t.one(`SELECT version FROM sessions WHERE id = $1`, []any{string(rec.Session.ID)}, &version); err != nil {
		return err
	}
	if version != rec.Version {
		return fmt.Errorf("version %d is not %d: %w", version, rec.Version, ErrConflict)
	}
	return nil
}

// CommitHeld is CommitTurn for a session whose documents are held, and ErrState
// when they are not: what its client has must not change.
func (s *Store) CommitHeld(ctx context.Context, rec Record, jobs ...NewJob) error {
	return s.commit(ctx, rec, intake.Turn{}, func(w *tx) error {
		var held int
		err := w.one(`SELECT count(*) FROM deliveries WHERE session_id = $1 AND state = 'held'`, []any{string(rec.Session.ID)}, &held)
		if err == nil && held == 0 {
			err = ErrState
		}
		return err
	}, jobs)
}

// Decision is what a client did with the proposal.
type Decision struct {
	ID      string
	Session event.SessionID
	Kind    string // accepted, question
	At      time.Time
	Text    string // what the client wrote
}

// The kinds of decisions.
const (
	DecisionAccepted = "accepted"
	DecisionQuestion = "question"
)

// Decide stores a decision with its events and jobs. A second acceptance is
// ErrExists and changes nothing.
func (s *Store) Decide(ctx context.Context, d Decision, evs []event.Event, jobs ...NewJob) error {
	if d.ID == "" {
		d.ID = uuid.Must(uuid.NewV7()).String()
	}
	text, err := s.keys.Seal([]byte(d.Text), place("decisions.text", d.ID))
	if err != nil {
		return fmt.Errorf("store decision: %w", err)
	}
	err = s.w.do(ctx, func(w *tx) error {
		if err := w.refuseErased(d.Session); err != nil {
			return err
		}
		if d.Kind == DecisionAccepted {
			var n int
			if err := w.one(`SELECT count(*) FROM decisions WHERE session_id = $1 AND kind = $2`, []any{string(d.Session), d.Kind}, &n); err != nil || n > 0 {
				return errors.Join(err, ErrExists)
			}
		}
		if err := w.run(`INSERT INTO decisions (id, session_id, kind, at, text) VALUES ($1, $2, $3, $4, $5)`,
			d.ID, string(d.Session), d.Kind, d.At.UnixMilli(), text); err != nil {
			return err
		}
		if _, err := s.enqueue(w, jobs); err != nil {
			return err
		}
		return s.ownEvents(w, d.Session, evs)
	})
	if err != nil {
		return fmt.Errorf("store decision of session %s: %w", d.Session, err)
	}
	return nil
}

// Decisions lists what a client did with the proposal, the oldest first.
func (s *Store) Decisions(ctx context.Context, id event.SessionID) ([]Decision, error) {
	var out []Decision
	err := s.each(ctx, `SELECT id, kind, at, text FROM decisions WHERE session_id = $1 ORDER BY id`, []any{string(id)}, func(r scanner) error {
		d := Decision{Session: id}
		var at int64
		var sealed []byte
		if err := r.Scan(&d.ID, &d.Kind, &at, &sealed); err != nil {
			return err
		}
		text, err := s.keys.Open(sealed, place("decisions.text", d.ID))
		d.At, d.Text = time.UnixMilli(at).UTC(), string(text)
		out = append(out, d)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read decisions of session %s: %w", id, err)
	}
	return out, nil
}

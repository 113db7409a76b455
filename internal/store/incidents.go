package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"applicreations.com/introspect/internal/status"
)

// ErrState means that an incident or maintenance is too far for what was asked:
// a published incident cannot be published or discarded, a draft cannot be
// resolved.
var ErrState = errors.New("not in this state")

// draftLasts is how long a draft stands for later alerts of its cause. After that
// it is forgotten work, and the next outage is drafted on its own.
const draftLasts = 24 * time.Hour

// DraftIncident keeps a draft for a person to publish. Visitors see nothing of
// it. While an incident of the same cause is open, or a draft of it is younger
// than a day, that one is returned and nothing is kept, so that an alert which
// fires again drafts nothing new; an empty cause is a person's, and always new.
// The texts must hold no personal data.
func (s *Store) DraftIncident(ctx context.Context, title, body, cause string) (id string, err error) {
	return s.AddIncident(ctx, status.Incident{Title: title, Body: body, Cause: cause, Impact: status.Major})
}

// AddIncident keeps a draft with everything a person said of it; otherwise as
// DraftIncident.
func (s *Store) AddIncident(ctx context.Context, i status.Incident) (id string, err error) {
	err = s.w.do(ctx, func(w *tx) error {
		id, err = s.addIncident(w, i)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("draft incident: %w", err)
	}
	return id, nil
}

func (s *Store) addIncident(w *tx, i status.Incident) (id string, err error) {
	now := s.now()
	if i.Cause != "" {
		err := w.one(`SELECT id FROM incidents WHERE cause = $1 AND resolved_at = 0 AND discarded_at = 0 AND (published_at > 0 OR created_at > $2) ORDER BY id DESC LIMIT 1`,
			[]any{i.Cause, now.Add(-draftLasts).UnixMilli()}, &id)
		if err == nil || !errors.Is(found(err), ErrNotFound) {
			return id, err
		}
	}
	parts, err := json.Marshal(i.Components)
	if err != nil {
		return "", fmt.Errorf("encode components: %w", err)
	}
	id = uuid.Must(uuid.NewV7()).String()
	return id, w.run(`INSERT INTO incidents (id, title, body, cause, impact, components, created_at, published_at, resolved_at, discarded_at, postmortem, mark)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, '', '')`, id, i.Title, i.Body, i.Cause, i.Impact, string(parts), now.UnixMilli())
}

// EditIncident changes title, impact and components of an incident, and the
// body of a draft.
func (s *Store) EditIncident(ctx context.Context, i status.Incident) error {
	parts, err := json.Marshal(i.Components)
	if err != nil {
		return fmt.Errorf("encode components: %w", err)
	}
	return s.changeIncident(ctx, "edit", i.ID, func(w *tx) (int64, error) {
		return w.exec(`UPDATE incidents SET title = $2, impact = $3, components = $4, body = $5 WHERE id = $1 AND discarded_at = 0`,
			i.ID, i.Title, i.Impact, string(parts), i.Body)
	})
}

// PublishIncident shows a draft to visitors, with its first update, and marks
// the time axis of the dashboard.
func (s *Store) PublishIncident(ctx context.Context, id, text string) error {
	return s.changeIncident(ctx, "publish", id, func(w *tx) (int64, error) {
		now := s.now()
		n, err := w.exec(`UPDATE incidents SET published_at = $2 WHERE id = $1 AND published_at = 0 AND discarded_at = 0`, id, now.UnixMilli())
		if err != nil || n == 0 {
			return n, err
		}
		var title string
		if err := w.one(`SELECT title FROM incidents WHERE id = $1`, []any{id}, &title); err != nil {
			return 0, err
		}
		mark, err := w.annotate(Annotation{At: now, Kind: KindIncident, Text: title})
		if err != nil {
			return 0, err
		}
		if err := w.run(`UPDATE incidents SET mark = $2 WHERE id = $1`, id, mark); err != nil {
			return 0, err
		}
		return 1, w.tell(id, now, status.Investigating, text)
	})
}

// UpdateIncident tells visitors more about a published incident that is open.
// The phase status.Resolved closes it.
func (s *Store) UpdateIncident(ctx context.Context, id string, phase status.Phase, text string) error {
	return s.changeIncident(ctx, "update", id, func(w *tx) (int64, error) {
		now, resolved := s.now(), int64(0)
		if phase == status.Resolved {
			resolved = now.UnixMilli()
		}
		n, err := w.exec(`UPDATE incidents SET resolved_at = $2 WHERE id = $1 AND published_at > 0 AND resolved_at = 0`, id, resolved)
		if err != nil || n == 0 {
			return n, err
		}
		return 1, w.tell(id, now, phase, text)
	})
}

// Postmortem keeps what was learned of a published incident.
func (s *Store) Postmortem(ctx context.Context, id, text string) error {
	return s.changeIncident(ctx, "write postmortem of", id, func(w *tx) (int64, error) {
		return w.exec(`UPDATE incidents SET postmortem = $2 WHERE id = $1 AND published_at > 0`, id, text)
	})
}

// DiscardIncident puts a draft aside.
func (s *Store) DiscardIncident(ctx context.Context, id string) error {
	return s.changeIncident(ctx, "discard", id, func(w *tx) (int64, error) {
		return w.exec(`UPDATE incidents SET discarded_at = $2 WHERE id = $1 AND published_at = 0 AND discarded_at = 0`, id, s.now().UnixMilli())
	})
}

// changeIncident runs a change; one that touches no row found the incident in
// another state, or not at all.
func (s *Store) changeIncident(ctx context.Context, verb, id string, change func(*tx) (int64, error)) error {
	err := s.w.do(ctx, func(w *tx) error {
		n, err := change(w)
		if err != nil || n > 0 {
			return err
		}
		var there int
		if err := found(w.one(`SELECT 1 FROM incidents WHERE id = $1`, []any{id}, &there)); err != nil {
			return err
		}
		return ErrState
	})
	if err != nil {
		return fmt.Errorf("%s incident %s: %w", verb, id, err)
	}
	return nil
}

func (t *tx) tell(incident string, at time.Time, phase status.Phase, text string) error {
	return t.run(`INSERT INTO incident_updates (incident_id, id, at, phase, text) VALUES ($1, $2, $3, $4, $5)`,
		incident, uuid.Must(uuid.NewV7()).String(), at.UnixMilli(), phase, text)
}

const incidentColumns = `id, title, body, cause, impact, components, created_at, published_at, resolved_at, discarded_at, postmortem`

// Incidents lists what is open, drafts too, and what was resolved since a
// moment, the newest first, a hundred at most.
func (s *Store) Incidents(ctx context.Context, since time.Time) ([]status.Incident, error) {
	return s.incidents(ctx, `WHERE discarded_at = 0 AND (resolved_at = 0 OR resolved_at >= $1) ORDER BY id DESC LIMIT 100`, since.UnixMilli())
}

// Incident reads one incident. The error is ErrNotFound when there is none.
func (s *Store) Incident(ctx context.Context, id string) (status.Incident, error) {
	list, err := s.incidents(ctx, `WHERE id = $1`, id)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("read incident %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return status.Incident{}, err
	}
	return list[0], nil
}

func (s *Store) incidents(ctx context.Context, where string, args ...any) ([]status.Incident, error) {
	var out []status.Incident
	err := s.snapshot(ctx, func(q querier) error {
		err := each(ctx, q, `SELECT `+incidentColumns+` FROM incidents `+where, args, func(r scanner) error {
			i, err := scanIncident(r)
			out = append(out, i)
			return err
		})
		if err != nil {
			return err
		}
		for n := range out {
			i := &out[n]
			err := each(ctx, q, `SELECT id, at, phase, text FROM incident_updates WHERE incident_id = $1 ORDER BY id DESC`, []any{i.ID}, func(r scanner) error {
				var u status.Update
				var at int64
				err := r.Scan(&u.ID, &at, &u.Phase, &u.Text)
				u.At = moment(at)
				i.Updates = append(i.Updates, u)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read incidents: %w", err)
	}
	return out, nil
}

func scanIncident(r scanner) (status.Incident, error) {
	var i status.Incident
	var parts string
	var created, published, resolved, discarded int64
	if err := r.Scan(&i.ID, &i.Title, &i.Body, &i.Cause, &i.Impact, &parts, &created, &published, &resolved, &discarded, &i.Postmortem); err != nil {
		return status.Incident{}, err
	}
	i.CreatedAt, i.PublishedAt, i.ResolvedAt, i.DiscardedAt = moment(created), moment(published), moment(resolved), moment(discarded)
	if err := json.Unmarshal([]byte(parts), &i.Components); err != nil {
		return status.Incident{}, fmt.Errorf("components of incident %s: %w", i.ID, err)
	}
	return i, nil
}

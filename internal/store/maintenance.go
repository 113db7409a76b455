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

// Settings of maintenance. Their values are JSON.
const (
	modeSetting   = "maintenance_mode"
	windowSetting = "maintenance_window"
)

// PlanMaintenance announces work and marks its begin on the time axis of the
// dashboard. The texts must hold no personal data.
func (s *Store) PlanMaintenance(ctx context.Context, m status.Maintenance) (id string, err error) {
	parts, err := json.Marshal(m.Components)
	if err != nil {
		return "", fmt.Errorf("encode components: %w", err)
	}
	id = uuid.Must(uuid.NewV7()).String()
	err = s.w.do(ctx, func(w *tx) error {
		mark, err := w.annotate(Annotation{At: m.Start, Kind: KindMaintenance, Text: m.Title})
		if err != nil {
			return err
		}
		return w.run(`INSERT INTO maintenances (id, title, text, components, emergency, created_at, starts_at, ends_at, cancelled_at, mark)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9)`, id, m.Title, m.Text, string(parts), m.Emergency, s.now().UnixMilli(), m.Start.UnixMilli(), m.End.UnixMilli(), mark)
	})
	if err != nil {
		return "", fmt.Errorf("plan maintenance: %w", err)
	}
	return id, nil
}

// CancelMaintenance takes an announcement and its mark back. One that is over
// stays, with ErrState.
func (s *Store) CancelMaintenance(ctx context.Context, id string) error {
	err := s.w.do(ctx, func(w *tx) error {
		var mark string
		var end, cancelled int64
		if err := found(w.one(`SELECT mark, ends_at, cancelled_at FROM maintenances WHERE id = $1`, []any{id}, &mark, &end, &cancelled)); err != nil {
			return err
		}
		now := s.now().UnixMilli()
		if end <= now || cancelled > 0 {
			return ErrState
		}
		if err := w.run(`DELETE FROM annotations WHERE id = $1`, mark); err != nil {
			return err
		}
		return w.run(`UPDATE maintenances SET cancelled_at = $2 WHERE id = $1`, id, now)
	})
	if err != nil {
		return fmt.Errorf("cancel maintenance %s: %w", id, err)
	}
	return nil
}

// Maintenances lists what was not cancelled and ends after a moment, the first
// to begin first, a hundred at most.
func (s *Store) Maintenances(ctx context.Context, since time.Time) ([]status.Maintenance, error) {
	var out []status.Maintenance
	err := s.each(ctx, `SELECT id, title, text, components, emergency, created_at, starts_at, ends_at FROM maintenances
		WHERE cancelled_at = 0 AND ends_at > $1 ORDER BY starts_at, id LIMIT 100`, []any{since.UnixMilli()}, func(r scanner) error {
		var m status.Maintenance
		var parts string
		var created, start, end int64
		if err := r.Scan(&m.ID, &m.Title, &m.Text, &parts, &m.Emergency, &created, &start, &end); err != nil {
			return err
		}
		m.CreatedAt, m.Start, m.End = moment(created), moment(start), moment(end)
		if err := json.Unmarshal([]byte(parts), &m.Components); err != nil {
			return fmt.Errorf("components of maintenance %s: %w", m.ID, err)
		}
		out = append(out, m)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read maintenances: %w", err)
	}
	return out, nil
}

// Mode reads the switch that keeps visitors out. It is off until it was set.
func (s *Store) Mode(ctx context.Context) (status.Mode, error) {
	var m status.Mode
	err := s.readSetting(ctx, modeSetting, &m)
	return m, err
}

// SetMode sets the switch. Other processes on the same database see it with
// their next reading.
func (s *Store) SetMode(ctx context.Context, m status.Mode) error {
	return s.writeSetting(ctx, modeSetting, m)
}

// Window reads the weekly window, which is the runbook's until it was set.
func (s *Store) Window(ctx context.Context) (status.Window, error) {
	w := status.Standard()
	err := s.readSetting(ctx, windowSetting, &w)
	return w, err
}

// SetWindow sets the weekly window.
func (s *Store) SetWindow(ctx context.Context, w status.Window) error {
	return s.writeSetting(ctx, windowSetting, w)
}

// readSetting reads a setting in JSON; one that is not there leaves into alone.
func (s *Store) readSetting(ctx context.Context, key string, into any) error {
	text, err := s.Setting(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("decode setting %s: %w", key, err)
	}
	return nil
}

func (s *Store) writeSetting(ctx context.Context, key string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode setting %s: %w", key, err)
	}
	return s.SetSetting(ctx, key, string(text))
}

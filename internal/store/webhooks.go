package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Webhook is an address of others that is told what happens.
type Webhook struct {
	ID        string
	URL       string
	Events    []string // types; empty: all
	Active    bool
	Secret    string // sealed at rest
	CreatedAt time.Time
}

// SaveWebhook adds a webhook, or changes it when it has an id. It returns the id.
func (s *Store) SaveWebhook(ctx context.Context, h Webhook) (string, error) {
	if h.ID == "" {
		h.ID = uuid.Must(uuid.NewV7()).String()
	}
	secret, err := s.keys.Seal([]byte(h.Secret), place("webhooks.secret", h.ID))
	if err != nil {
		return "", fmt.Errorf("save webhook: %w", err)
	}
	events, err := json.Marshal(append([]string{}, h.Events...))
	if err != nil {
		return "", fmt.Errorf("save webhook: %w", err)
	}
	err = s.w.do(ctx, func(w *tx) error {
		return w.run(`INSERT INTO webhooks (id, url, events, active, created_at, secret) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (id) DO UPDATE SET url = excluded.url, events = excluded.events, active = excluded.active, secret = excluded.secret`,
			h.ID, h.URL, string(events), h.Active, s.now().UnixMilli(), secret)
	})
	if err != nil {
		return "", fmt.Errorf("save webhook: %w", err)
	}
	return h.ID, nil
}

// DeleteWebhook removes a webhook. What waits for it is not sent.
func (s *Store) DeleteWebhook(ctx context.Context, id string) error {
	err := s.w.do(ctx, func(w *tx) error { return changed(w.exec(`DELETE FROM webhooks WHERE id = $1`, id)) })
	if err != nil {
		return fmt.Errorf("delete webhook: %w", err)
	}
	return nil
}

// Webhooks lists all webhooks, the oldest first.
func (s *Store) Webhooks(ctx context.Context) ([]Webhook, error) { return s.webhooks(ctx, "") }

// Webhook reads one webhook.
func (s *Store) Webhook(ctx context.Context, id string) (Webhook, error) {
	list, err := s.webhooks(ctx, id)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("read webhook %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return Webhook{}, err
	}
	return list[0], nil
}

func (s *Store) webhooks(ctx context.Context, id string) ([]Webhook, error) {
	var out []Webhook
	err := s.each(ctx, `SELECT id, url, events, active, created_at, secret FROM webhooks WHERE $1 = '' OR id = $1 ORDER BY id`, []any{id}, func(r scanner) error {
		var h Webhook
		var events string
		var created int64
		var sealed []byte
		if err := r.Scan(&h.ID, &h.URL, &events, &h.Active, &created, &sealed); err != nil {
			return err
		}
		secret, err := s.keys.Open(sealed, place("webhooks.secret", h.ID))
		if err != nil {
			return err
		}
		h.Secret, h.CreatedAt = string(secret), time.UnixMilli(created).UTC()
		if err := json.Unmarshal([]byte(events), &h.Events); err != nil {
			return err
		}
		out = append(out, h)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read webhooks: %w", err)
	}
	return out, nil
}

package store

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Setting reads a setting. The error is ErrNotFound when it was never set.
func (s *Store) Setting(ctx context.Context, key string) (string, error) {
	var value string
	err := s.read.QueryRowContext(ctx, `SELECT value FROM settings WHERE key = $1`, key).Scan(&value)
	if err != nil {
		return "", fmt.Errorf("read setting %s: %w", key, s.noted(explain(found(err))))
	}
	return value, nil
}

// SetSetting writes a setting. The keys reporting_zone, figures_version and
// those that begin with seal_proof_ belong to the store itself.
func (s *Store) SetSetting(ctx context.Context, key, value string) error {
	err := s.w.do(ctx, func(w *tx) error { return w.saveSetting(key, value) })
	if err != nil {
		return fmt.Errorf("write setting %s: %w", key, err)
	}
	return nil
}

func (t *tx) saveSetting(key, value string) error {
	return t.run(`INSERT INTO settings (key, value) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
}

// AuditEntry is one line of the audit log (DOMAIN 8.9). It names things by id
// and holds no personal data.
type AuditEntry struct {
	At     time.Time
	Actor  string // session, admin or system, with an id
	Action string
	Object string
}

// Audit appends to the audit log.
func (s *Store) Audit(ctx context.Context, e AuditEntry) error {
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("make audit id: %w", err)
	}
	err = s.w.do(ctx, func(w *tx) error {
		return w.run(`INSERT INTO audit (id, at, actor, action, object) VALUES ($1, $2, $3, $4, $5)`,
			id.String(), e.At.UnixMilli(), e.Actor, e.Action, e.Object)
	})
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	return nil
}

// AuditLog reads the newest entries first; a limit of 0 means 50.
func (s *Store) AuditLog(ctx context.Context, limit int) ([]AuditEntry, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	var out []AuditEntry
	err := s.each(ctx, `SELECT at, actor, action, object FROM audit ORDER BY at DESC, id DESC LIMIT $1`, []any{limit},
		func(r scanner) error {
			var e AuditEntry
			var at int64
			err := r.Scan(&at, &e.Actor, &e.Action, &e.Object)
			e.At = time.UnixMilli(at).UTC()
			out = append(out, e)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	return out, nil
}

// saltPrefix precedes the day in the settings that hold daily salts.
const saltPrefix = "visit_salt:"

// Salt returns the secret of a day, the same at every call, after keeping fresh
// as that secret when the day has none yet. Secrets of days before oldest are
// deleted in the same step, and nobody can compute them again. Days are written
// YYYY-MM-DD.
func (s *Store) Salt(ctx context.Context, day, oldest string, fresh []byte) ([]byte, error) {
	var kept string
	err := s.w.do(ctx, func(w *tx) error {
		err := w.run(`INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`,
			saltPrefix+day, base64.StdEncoding.EncodeToString(fresh))
		if err != nil {
			return err
		}
		if err := w.run(`DELETE FROM settings WHERE key >= $1 AND key < $2`, saltPrefix, saltPrefix+min(day, oldest)); err != nil {
			return err
		}
		return w.one(`SELECT value FROM settings WHERE key = $1`, []any{saltPrefix + day}, &kept)
	})
	if err != nil {
		return nil, fmt.Errorf("keep salt of %s: %w", day, err)
	}
	salt, err := base64.StdEncoding.DecodeString(kept)
	if err != nil {
		return nil, fmt.Errorf("decode salt of %s: %w", day, err)
	}
	return salt, nil
}

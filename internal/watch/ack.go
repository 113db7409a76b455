package watch

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/store"
)

// ackPurpose binds the links of alerts to what they are for.
const ackPurpose = "alert acknowledgement"

// ackLife is how long such a link works. A trouble older than that wants a look
// at the page.
const ackLife = 7 * 24 * time.Hour

// AckPath is the path of the page where whoever reads a notice takes it on. It
// cannot be guessed, and ends a while after the notice was made: the same notice
// has the same path, because a mail that is tried again must be the same mail.
func (s *Service) AckPath(id alert.EpisodeID, made time.Time) string {
	body := string(id) + "." + strconv.FormatInt(made.Add(ackLife).Unix(), 10)
	return "/alerts/ack?token=" + body + "." + base64.RawURLEncoding.EncodeToString(s.cfg.Keys.MAC(ackPurpose, []byte(body)))
}

// AckOf returns the episode of a token. It is ErrNotFound when the token is not
// ours, too old, or of an episode that is over.
func (s *Service) AckOf(ctx context.Context, token string) (store.AlertEpisode, error) {
	at := strings.LastIndexByte(token, '.')
	if at < 0 {
		return store.AlertEpisode{}, fmt.Errorf("read the link of an alert: %w", store.ErrNotFound)
	}
	mac, err := base64.RawURLEncoding.DecodeString(token[at+1:])
	id, until, _ := strings.Cut(token[:at], ".")
	seconds, err2 := strconv.ParseInt(until, 10, 64)
	if cmp.Or(err, err2) != nil || !s.cfg.Keys.Verify(ackPurpose, []byte(token[:at]), mac) || s.cfg.Now().Unix() > seconds {
		return store.AlertEpisode{}, fmt.Errorf("read the link of an alert: %w", store.ErrNotFound)
	}
	return s.open(ctx, alert.EpisodeID(id))
}

// open reads an episode that is not over.
func (s *Service) open(ctx context.Context, id alert.EpisodeID) (store.AlertEpisode, error) {
	list, err := s.cfg.Store.Episodes(ctx, store.EpisodeFilter{ID: id})
	if err != nil {
		return store.AlertEpisode{}, err
	}
	list = slices.DeleteFunc(list, func(e store.AlertEpisode) bool { return !e.To.IsZero() })
	if len(list) == 0 {
		return store.AlertEpisode{}, fmt.Errorf("find alert %s: %w", id, store.ErrNotFound)
	}
	return list[0], nil
}

// longestSnooze is how long a trouble may be put off.
const longestSnooze = 24 * time.Hour

// Acknowledge notes that somebody takes an open episode on, for good or, with a
// duration, for a while. ErrNotFound means that it is over.
func (s *Service) Acknowledge(ctx context.Context, id alert.EpisodeID, by string, snooze time.Duration) error {
	e, err := s.open(ctx, id)
	if err != nil {
		return err
	}
	a := alert.Ack{Episode: id, By: by, At: s.cfg.Now().UTC()}
	if snooze > 0 {
		a.Until = a.At.Add(min(snooze, longestSnooze))
	}
	if err := s.cfg.Store.Acknowledge(ctx, a); err != nil || snooze > 0 {
		return err
	}
	return s.spread(ctx, e)
}

// Silence keeps the notices that match back. The error of a silence that may not
// be is for the one who entered it.
func (s *Service) Silence(ctx context.Context, q alert.Silence) (id string, err error) {
	if err := q.Check(); err != nil {
		return "", &BadSilence{err}
	}
	return s.cfg.Store.Silence(ctx, q)
}

// BadSilence says what is wrong with a silence that somebody entered.
type BadSilence struct{ Err error }

// Error implements error.
func (b *BadSilence) Error() string { return b.Err.Error() }

// Unwrap returns the cause.
func (b *BadSilence) Unwrap() error { return b.Err }

// EndSilence ends a silence early.
func (s *Service) EndSilence(ctx context.Context, id string) error {
	return s.cfg.Store.EndSilence(ctx, id)
}

// AddWindow keeps alerts back in a weekly window.
func (s *Service) AddWindow(ctx context.Context, w alert.Window) (id string, err error) {
	return s.cfg.Store.AddAlertWindow(ctx, w)
}

// RemoveWindow ends a weekly window.
func (s *Service) RemoveWindow(ctx context.Context, id string) error {
	return s.cfg.Store.RemoveAlertWindow(ctx, id)
}

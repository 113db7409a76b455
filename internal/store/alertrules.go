package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

// RuleVersion is one edit of a rule.
type RuleVersion struct {
	Rule alert.Rule // complete, with its version
	At   time.Time
	By   string // user id
	Note string // what was changed
}

// SaveRule keeps an edited rule. ErrExists means that somebody else made the same
// version first.
func (s *Store) SaveRule(ctx context.Context, v RuleVersion) error {
	body, err := json.Marshal(v.Rule)
	if err != nil {
		return fmt.Errorf("encode rule %s: %w", v.Rule.ID, err)
	}
	err = s.w.do(ctx, func(w *tx) error {
		n, err := w.exec(`INSERT INTO alert_rules (rule, version, at, by, note, body) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
			string(v.Rule.ID), v.Rule.Version, v.At.UnixMilli(), v.By, v.Note, string(body))
		if err == nil && n == 0 {
			err = ErrExists
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("store rule %s: %w", v.Rule.ID, err)
	}
	return nil
}

// RuleVersions lists the edits of a rule, or of all, the newest of each first.
func (s *Store) RuleVersions(ctx context.Context, id alert.RuleID) ([]RuleVersion, error) {
	var out []RuleVersion
	err := s.each(ctx, `SELECT at, by, note, body FROM alert_rules WHERE $1 = '' OR rule = $1 ORDER BY rule, version DESC`, []any{string(id)}, func(r scanner) error {
		var v RuleVersion
		var at int64
		var body string
		if err := r.Scan(&at, &v.By, &v.Note, &body); err != nil {
			return err
		}
		v.At = fromMilli(at)
		if err := json.Unmarshal([]byte(body), &v.Rule); err != nil {
			return fmt.Errorf("decode rule: %w", err)
		}
		out = append(out, v)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	return out, nil
}

// AlertSilence is a silence as it is kept.
type AlertSilence struct {
	alert.Silence

	ID      string
	EndedAt time.Time // by hand; zero: not
}

// Silence keeps a silence and returns its id.
func (s *Store) Silence(ctx context.Context, q alert.Silence) (string, error) {
	id := NewJobID()
	plain, err := json.Marshal(q)
	if err != nil {
		return "", fmt.Errorf("encode silence: %w", err)
	}
	body, err := s.keys.Seal(plain, place("alert_silences.body", id))
	if err != nil {
		return "", fmt.Errorf("seal silence: %w", err)
	}
	err = s.w.do(ctx, func(w *tx) error {
		return w.run(`INSERT INTO alert_silences (id, to_at, ended_at, body) VALUES ($1, $2, 0, $3)`, id, q.To.UnixMilli(), body)
	})
	if err != nil {
		return "", fmt.Errorf("store silence: %w", err)
	}
	return id, nil
}

// EndSilence ends a silence early. ErrNotFound means that it is over.
func (s *Store) EndSilence(ctx context.Context, id string) error {
	now := s.now().UnixMilli()
	err := s.w.do(ctx, func(w *tx) error {
		return changed(w.exec(`UPDATE alert_silences SET ended_at = $1 WHERE id = $2 AND ended_at = 0 AND to_at > $1`, now, id))
	})
	if err != nil {
		return fmt.Errorf("end silence %s: %w", id, err)
	}
	return nil
}

// Silences lists the silences that end after a moment, the newest first.
func (s *Store) Silences(ctx context.Context, after time.Time) ([]AlertSilence, error) {
	var out []AlertSilence
	err := s.each(ctx, `SELECT id, ended_at, body FROM alert_silences WHERE to_at > $1 ORDER BY id DESC LIMIT 200`, []any{milli(after)}, func(r scanner) error {
		var q AlertSilence
		var ended int64
		var sealed []byte
		if err := r.Scan(&q.ID, &ended, &sealed); err != nil {
			return err
		}
		plain, err := s.keys.Open(sealed, place("alert_silences.body", q.ID))
		if err != nil {
			return err
		}
		if err := json.Unmarshal(plain, &q.Silence); err != nil {
			return err
		}
		if q.EndedAt = fromMilli(ended); ended != 0 {
			q.To = q.EndedAt
		}
		out = append(out, q)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read silences: %w", err)
	}
	return out, nil
}

// Acknowledge notes that somebody takes an episode on.
func (s *Store) Acknowledge(ctx context.Context, a alert.Ack) error {
	by, err := s.keys.Seal([]byte(a.By), place("alert_acks.by", string(a.Episode)))
	if err != nil {
		return fmt.Errorf("seal acknowledgement: %w", err)
	}
	err = s.w.do(ctx, func(w *tx) error {
		return w.run(`INSERT INTO alert_acks (episode, at, until, by) VALUES ($1, $2, $3, $4)
			ON CONFLICT (episode, at) DO UPDATE SET until = excluded.until, by = excluded.by`, string(a.Episode), a.At.UnixMilli(), milli(a.Until), by)
	})
	if err != nil {
		return fmt.Errorf("acknowledge %s: %w", a.Episode, err)
	}
	return nil
}

// Acks lists the acknowledgements of open episodes, or of one, the oldest first.
func (s *Store) Acks(ctx context.Context, id alert.EpisodeID) ([]alert.Ack, error) {
	var out []alert.Ack
	err := s.each(ctx, `SELECT episode, at, until, by FROM alert_acks WHERE CASE WHEN $1 = '' THEN episode IN (SELECT id FROM alert_episodes WHERE to_at = 0) ELSE episode = $1 END
		ORDER BY at`, []any{string(id)}, func(r scanner) error {
		var a alert.Ack
		var at, until int64
		var sealed []byte
		if err := r.Scan(&a.Episode, &at, &until, &sealed); err != nil {
			return err
		}
		by, err := s.keys.Open(sealed, place("alert_acks.by", string(a.Episode)))
		a.By, a.At, a.Until = string(by), fromMilli(at), fromMilli(until)
		out = append(out, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read acknowledgements: %w", err)
	}
	return out, nil
}

// AlertWindow is a weekly maintenance window of alerts, as it is kept.
type AlertWindow struct {
	alert.Window

	ID string
}

// AddAlertWindow keeps a window and returns its id.
func (s *Store) AddAlertWindow(ctx context.Context, win alert.Window) (string, error) {
	id := NewJobID()
	body, err := json.Marshal(win)
	if err == nil {
		err = s.w.do(ctx, func(w *tx) error {
			return w.run(`INSERT INTO alert_windows (id, body) VALUES ($1, $2)`, id, string(body))
		})
	}
	if err != nil {
		return "", fmt.Errorf("store alert window: %w", err)
	}
	return id, nil
}

// RemoveAlertWindow forgets a window. ErrNotFound means that there is none.
func (s *Store) RemoveAlertWindow(ctx context.Context, id string) error {
	err := s.w.do(ctx, func(w *tx) error { return changed(w.exec(`DELETE FROM alert_windows WHERE id = $1`, id)) })
	if err != nil {
		return fmt.Errorf("remove alert window %s: %w", id, err)
	}
	return nil
}

// AlertWindows lists the windows with their zones; one whose zone this machine
// does not know is an error, because it would keep back the wrong hours.
func (s *Store) AlertWindows(ctx context.Context) ([]AlertWindow, error) {
	var out []AlertWindow
	err := s.each(ctx, `SELECT id, body FROM alert_windows ORDER BY id`, nil, func(r scanner) error {
		var win AlertWindow
		var body string
		if err := r.Scan(&win.ID, &body); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(body), &win.Window); err != nil {
			return err
		}
		var err error
		win.Zone, err = time.LoadLocation(win.ZoneName)
		out = append(out, win)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read alert windows: %w", err)
	}
	return out, nil
}

// FactsSince hands out the facts of the sessions that entered at or after a
// moment and were seen at or after another, in no order. They are those of all
// sessions, conducted here or not.
func (s *Store) FactsSince(ctx context.Context, entered, seen time.Time, use func(event.SessionID, metric.Facts)) error {
	err := s.each(ctx, `SELECT session_id, state FROM session_facts WHERE last_seen >= $1 AND entry >= $2`,
		[]any{seen.UnixMicro(), entered.UnixMicro()}, func(r scanner) error {
			var id event.SessionID
			var state []byte
			if err := r.Scan(&id, &state); err != nil {
				return err
			}
			f, err := metric.DecodeFacts(state)
			if err == nil {
				use(id, f)
			}
			return err
		})
	if err != nil {
		return fmt.Errorf("read facts: %w", err)
	}
	return nil
}

// AuditCount counts the lines of an action since a moment.
func (s *Store) AuditCount(ctx context.Context, action string, since time.Time) (int, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM audit WHERE action = $1 AND at >= $2`, action, since.UnixMilli()).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count audit lines: %w", explain(err))
	}
	return n, nil
}

// JobOutcomes counts the jobs of a kind that ended or failed for good since a
// moment.
func (s *Store) JobOutcomes(ctx context.Context, kind string, since time.Time) (done, dead int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT coalesce(sum(CASE WHEN state = 'done' THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN state = 'dead' THEN 1 ELSE 0 END), 0) FROM jobs
		WHERE kind = $1 AND state IN ('done', 'dead') AND updated_at >= $2`, kind, since.UnixMilli()).Scan(&done, &dead)
	if err != nil {
		return 0, 0, fmt.Errorf("count outcomes of %s: %w", kind, explain(err))
	}
	return done, dead, nil
}

// DeadSessions lists sessions whose job of a kind was given up since a moment,
// five at most, the newest first.
func (s *Store) DeadSessions(ctx context.Context, kind string, since time.Time) ([]string, error) {
	var out []string
	err := s.each(ctx, `SELECT session_id FROM jobs WHERE kind = $1 AND state = 'dead' AND updated_at >= $2 AND session_id <> ''
		GROUP BY session_id ORDER BY max(updated_at) DESC LIMIT 5`, []any{kind, since.UnixMilli()}, func(r scanner) error {
		var id string
		err := r.Scan(&id)
		out = append(out, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list sessions of jobs that were given up: %w", err)
	}
	return out, nil
}

// DeadJobs counts the jobs that were given up since a moment, by kind.
func (s *Store) DeadJobs(ctx context.Context, since time.Time) (map[string]int64, error) {
	out := map[string]int64{}
	err := s.each(ctx, `SELECT kind, count(*) FROM jobs WHERE state = 'dead' AND updated_at >= $1 GROUP BY kind`, []any{since.UnixMilli()}, func(r scanner) error {
		var kind string
		var n int64
		err := r.Scan(&kind, &n)
		out[kind] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count jobs that were given up: %w", err)
	}
	return out, nil
}

// MailOutcomes counts the mails that a provider took since a moment, and of them
// those that bounced or that their reader complained about. sessions are some of
// theirs.
func (s *Store) MailOutcomes(ctx context.Context, since time.Time) (taken, bounced int64, sessions []string, err error) {
	err = s.each(ctx, `SELECT session_id, state FROM mails WHERE created_at >= $1 AND state IN ('sent', 'delivered', 'bounced', 'complained') ORDER BY created_at DESC`,
		[]any{since.UnixMilli()}, func(r scanner) error {
			var id, state string
			err := r.Scan(&id, &state)
			taken++
			if MailState(state) == MailBounced || MailState(state) == MailComplained {
				bounced++
				if id != "" && len(sessions) < 5 && !slices.Contains(sessions, id) {
					sessions = append(sessions, id)
				}
			}
			return err
		})
	if err != nil {
		return 0, 0, nil, fmt.Errorf("count outcomes of mails: %w", err)
	}
	return taken, bounced, sessions, nil
}

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/status"
)

// AlertState is what is known of one fingerprint of a rule.
type AlertState struct {
	Rule  alert.RuleID
	State alert.State
}

// AlertEpisode is a trouble, past or present.
type AlertEpisode struct {
	ID          alert.EpisodeID   `json:"-"`
	Rule        alert.RuleID      `json:"-"`
	Fingerprint alert.Fingerprint `json:"-"`
	Severity    alert.Severity    `json:"-"`
	From        time.Time         `json:"-"`
	Told        time.Time         `json:"-"` // when the rule fired
	To          time.Time         `json:"-"` // zero: it is still there
	Title       string            `json:"title"`
	Detail      string            `json:"detail"` // the figures when it fired
	Labels      map[string]string `json:"labels,omitempty"`
	Causes      []string          `json:"causes,omitempty"` // sessions
}

// AlertNotice is a notice and what became of it.
type AlertNotice struct {
	alert.Notice

	Parcel   alert.Key // key of the job that sends it; empty: it waits for company
	Outcome  string    // empty, NoticeAccepted, NoticeDead or NoticeDropped
	Unsure   bool      // it was not accepted, but may have arrived all the same
	KnownAt  time.Time // when the outcome was known
	Received bool      // its state knows the outcome
}

// The outcomes of a notice.
const (
	NoticeAccepted = "accepted"
	NoticeDead     = "dead"    // given up
	NoticeDropped  = "dropped" // of no use any more before anybody took it
)

// AlertChange is everything that one round of evaluations leaves.
type AlertChange struct {
	States   []AlertState
	Episodes []AlertEpisode
	Notices  []alert.Notice // new ones; a key that is known is left alone
	// Parcels are the jobs that send notices, by the key of the parcel, which is
	// the key of the job.
	Parcels  map[alert.Key][]alert.Key
	Jobs     []NewJob
	Void     []alert.Key     // of no use any more: they are dropped, unless somebody is just being told
	Receipts []alert.Receipt // that the states have taken in
	Drop     []alert.Fingerprint
	Readings []AlertReadings // blocks as they are now
	Forget   time.Time       // blocks that began before it; zero: none

	Incidents []status.Incident // drafts; one whose cause has an open one is left alone
}

// SaveAlerts stores a change, all or nothing.
func (s *Store) SaveAlerts(ctx context.Context, c AlertChange) error {
	err := s.w.do(ctx, func(w *tx) error {
		for _, save := range []func(*tx, AlertChange) error{s.saveStates, s.saveEpisodes, s.saveNotices, s.saveVoid, s.saveReceipts, s.saveReadings, s.saveDrafts} {
			if err := save(w, c); err != nil {
				return err
			}
		}
		_, err := s.enqueue(w, c.Jobs)
		return err
	})
	if err != nil {
		return fmt.Errorf("store alerts: %w", err)
	}
	return nil
}

func (s *Store) saveDrafts(w *tx, c AlertChange) error {
	for _, i := range c.Incidents {
		if _, err := s.addIncident(w, i); err != nil {
			return fmt.Errorf("draft incident: %w", err)
		}
	}
	return nil
}

func (s *Store) saveStates(w *tx, c AlertChange) error {
	for _, st := range c.States {
		if o := st.State.Episode; o != nil {
			causes, err := w.withoutErased(o.Causes)
			if err != nil {
				return err
			}
			open := *o
			open.Causes, st.State.Episode = causes, &open
		}
		body, err := st.State.Encode()
		if err != nil {
			return err
		}
		if err := w.run(`INSERT INTO alert_states (fingerprint, rule, updated_at, body) VALUES ($1, $2, $3, $4)
			ON CONFLICT (fingerprint) DO UPDATE SET rule = excluded.rule, updated_at = excluded.updated_at, body = excluded.body`,
			string(st.State.Fingerprint), string(st.Rule), st.State.At.UnixMilli(), string(body)); err != nil {
			return err
		}
	}
	for _, f := range c.Drop {
		if err := w.run(`DELETE FROM alert_states WHERE fingerprint = $1`, string(f)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) saveEpisodes(w *tx, c AlertChange) error {
	for _, e := range c.Episodes {
		var err error
		if e.Causes, err = w.withoutErased(e.Causes); err != nil {
			return err
		}
		body, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("encode episode %s: %w", e.ID, err)
		}
		if err := w.run(`INSERT INTO alert_episodes (id, rule, fingerprint, severity, from_at, told_at, to_at, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (id) DO UPDATE SET from_at = excluded.from_at, to_at = excluded.to_at, body = excluded.body`,
			string(e.ID), string(e.Rule), string(e.Fingerprint), string(e.Severity), milli(e.From), milli(e.Told), milli(e.To), string(body)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) saveNotices(w *tx, c AlertChange) error {
	for _, n := range c.Notices {
		var err error
		if n.Causes, err = w.withoutErased(n.Causes); err != nil {
			return err
		}
		body, err := json.Marshal(n)
		if err != nil {
			return fmt.Errorf("encode notice %s: %w", n.Key, err)
		}
		if err := w.run(`INSERT INTO alert_notices (key, episode, channel, kind, severity, made_at, parcel, outcome, known_at, received, body)
			VALUES ($1, $2, $3, $4, $5, $6, '', '', 0, 0, $7) ON CONFLICT (key) DO NOTHING`,
			string(n.Key), string(n.Episode), string(n.Channel), string(n.Kind), string(n.Severity), milli(n.At), string(body)); err != nil {
			return err
		}
	}
	for parcel, keys := range c.Parcels {
		for _, key := range keys {
			if err := w.run(`UPDATE alert_notices SET parcel = $1 WHERE key = $2 AND parcel = ''`, string(parcel), string(key)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) saveReceipts(w *tx, c AlertChange) error {
	for _, r := range c.Receipts {
		outcome := NoticeAccepted
		switch {
		case r.Dropped:
			outcome = NoticeDropped
		case r.Dead:
			outcome = NoticeDead
		}
		if err := w.run(`UPDATE alert_notices SET received = 1, outcome = CASE WHEN outcome = '' THEN $1 ELSE outcome END,
			known_at = CASE WHEN outcome = '' THEN $2 ELSE known_at END WHERE key = $3`, outcome, milli(r.At), string(r.Key)); err != nil {
			return err
		}
	}
	return nil
}

// accept notes that the notices of a parcel, if it is one, were taken.
func (s *Store) accept(w *tx, parcel alert.Key) error {
	if parcel == "" {
		return nil
	}
	return w.run(`UPDATE alert_notices SET outcome = 'accepted', known_at = $1 WHERE parcel = $2 AND outcome IN ('', 'dead')`, s.now().UnixMilli(), string(parcel))
}

// AlertStates reads what is known of every fingerprint. What cannot be decoded
// is left out and counted: its rule starts anew.
func (s *Store) AlertStates(ctx context.Context) (list []AlertState, unread int, err error) {
	err = s.each(ctx, `SELECT rule, body FROM alert_states ORDER BY fingerprint`, nil, func(r scanner) error {
		var st AlertState
		var body string
		if err := r.Scan(&st.Rule, &body); err != nil {
			return err
		}
		var err error
		if st.State, err = alert.DecodeState([]byte(body)); err != nil {
			unread++
			return nil //nolint:nilerr // counted
		}
		list = append(list, st)
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read alert states: %w", err)
	}
	return list, unread, nil
}

// EpisodeFilter narrows a list of episodes; empty fields let everything through.
type EpisodeFilter struct {
	ID    alert.EpisodeID
	Rule  alert.RuleID
	Since time.Time // those that fired or ended since, and those that are open
	Limit int       // 0: 100
}

// Episodes lists troubles, the newest first.
func (s *Store) Episodes(ctx context.Context, f EpisodeFilter) ([]AlertEpisode, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = 100
	}
	var out []AlertEpisode
	err := s.each(ctx, `SELECT id, rule, fingerprint, severity, from_at, told_at, to_at, body FROM alert_episodes
		WHERE ($1 = '' OR id = $1) AND ($2 = '' OR rule = $2) AND (told_at >= $3 OR to_at >= $3 OR to_at = 0) ORDER BY told_at DESC, id LIMIT $4`,
		[]any{string(f.ID), string(f.Rule), milli(f.Since), limit}, func(r scanner) error {
			var e AlertEpisode
			var from, told, to int64
			var body string
			if err := r.Scan(&e.ID, &e.Rule, &e.Fingerprint, &e.Severity, &from, &told, &to, &body); err != nil {
				return err
			}
			e.From, e.Told, e.To = fromMilli(from), fromMilli(told), fromMilli(to)
			if err := json.Unmarshal([]byte(body), &e); err != nil {
				return fmt.Errorf("decode episode %s: %w", e.ID, err)
			}
			out = append(out, e)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read alert episodes: %w", err)
	}
	return out, nil
}

// OpenNotices lists the notices whose outcome no state knows yet, the oldest
// first. The outcome of one whose job was given up is dead.
func (s *Store) OpenNotices(ctx context.Context) ([]AlertNotice, error) {
	return s.notices(ctx, `n.received = 0`)
}

// EpisodeNotices lists what was told of an episode, the oldest first.
func (s *Store) EpisodeNotices(ctx context.Context, id alert.EpisodeID) ([]AlertNotice, error) {
	return s.notices(ctx, `n.episode = $1`, string(id))
}

// DeadNotices counts the notices that were given up since a moment, without those
// of one rule: a rule about dead notices must not feed itself.
func (s *Store) DeadNotices(ctx context.Context, since time.Time, except alert.RuleID) (int, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM alert_notices WHERE outcome = 'dead' AND known_at >= $1 AND episode NOT IN (SELECT id FROM alert_episodes WHERE rule = $2)`,
		milli(since), string(except)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count dead notices: %w", explain(err))
	}
	return n, nil
}

// WaitingNotices counts the notices that nobody has taken yet, without those of a
// channel that waits for its hour, and tells when the first of them was made.
func (s *Store) WaitingNotices(ctx context.Context, except alert.Channel) (n int, oldest time.Time, err error) {
	var made int64
	err = s.read.QueryRowContext(ctx, `SELECT count(*), coalesce(min(n.made_at), 0) FROM alert_notices n LEFT JOIN jobs j ON j.key = n.parcel AND n.parcel <> ''
		WHERE n.received = 0 AND n.outcome = '' AND n.channel <> $1 AND coalesce(j.state, '') <> 'dead'`, string(except)).Scan(&n, &made)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("count waiting notices: %w", explain(err))
	}
	return n, fromMilli(made), nil
}

func (s *Store) notices(ctx context.Context, where string, args ...any) ([]AlertNotice, error) {
	var out []AlertNotice
	err := s.each(ctx, `SELECT n.parcel, n.outcome, n.known_at, n.received, n.body, coalesce(j.state, ''), coalesce(j.stage, ''), coalesce(j.updated_at, 0) FROM alert_notices n
		LEFT JOIN jobs j ON j.key = n.parcel AND n.parcel <> '' WHERE `+where+` ORDER BY n.made_at, n.key`, args, func(r scanner) error {
		var n AlertNotice
		var known, ended int64
		var body, stage string
		var state JobState
		if err := r.Scan(&n.Parcel, &n.Outcome, &known, &n.Received, &body, &state, &stage, &ended); err != nil {
			return err
		}
		if n.Outcome == "" && state == JobDead {
			n.Outcome, known = NoticeDead, ended
		}
		n.Unsure = stage == StageSending && (n.Outcome == NoticeDead || n.Outcome == NoticeDropped)
		n.KnownAt = fromMilli(known)
		if err := json.Unmarshal([]byte(body), &n.Notice); err != nil {
			return fmt.Errorf("decode notice: %w", err)
		}
		out = append(out, n)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	return out, nil
}

// milli writes a time, zero as 0.
func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMilli(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"applicreations.com/introspect/internal/event"
)

// Erasure says that a session was forgotten. It names the session by a hash
// only, which is enough to find it in a backup and to refuse what comes late.
type Erasure struct {
	Hash string    `json:"hash"` // SHA-256 of the session id, hexadecimal
	At   time.Time `json:"at"`
	By   string    `json:"by"` // who asked: client, admin:<user id>, operator
}

// DetailErased is the verdict on an event of a session that was forgotten.
const DetailErased = "the session was erased at its client's request"

func erasedHash(id event.SessionID) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// Erase forgets a session for good (DOMAIN 8.8): its answers, its client, its
// documents, mails, jobs with their webhooks, drafts, links and events. What
// stays is anonymous: its facts and the costs of its advisor calls go on under
// a random name, so every figure remains what it was. That it was erased is
// written down by a hash. What was deleted is also overwritten or cut off in
// the file; see scrub. Erasing again changes nothing; a session of which
// nothing is known is ErrNotFound.
func (s *Store) Erase(ctx context.Context, id event.SessionID, by string) error {
	e := Erasure{Hash: erasedHash(id), At: s.now().UTC().Truncate(time.Millisecond), By: by}
	err := s.w.doAlone(ctx, func(w *tx) error {
		known, erased := false, false
		if err := w.one(`SELECT EXISTS (SELECT 1 FROM sessions WHERE id = $1) OR EXISTS (SELECT 1 FROM event_chunks WHERE session_id = $1)
			OR EXISTS (SELECT 1 FROM session_facts WHERE session_id = $1), EXISTS (SELECT 1 FROM erasures WHERE hash = $2)`,
			[]any{string(id), e.Hash}, &known, &erased); err != nil {
			return err
		}
		switch {
		case !known && erased:
			return nil
		case !known:
			return ErrNotFound
		}
		return s.erase(w, id, &e)
	})
	if err != nil {
		return fmt.Errorf("erase session %s: %w", id, err)
	}
	return s.scrub(ctx)
}

// erase forgets one session inside a transaction of its own. Without an
// erasure to write down it is retention that does it: nobody asked, and a
// restored backup will be too old again by itself.
func (s *Store) erase(w *tx, id event.SessionID, e *Erasure) error {
	anonymous := "erased-" + uuid.NewString()
	for _, query := range []string{
		`DELETE FROM messages WHERE session_id = $1`,
		`DELETE FROM event_chunks WHERE session_id = $1`,
		`DELETE FROM clocks WHERE session_id = $1`,
		`DELETE FROM jobs WHERE session_id = $1`,
		`DELETE FROM documents WHERE session_id = $1`,
		`DELETE FROM deliveries WHERE session_id = $1`,
		`DELETE FROM mails WHERE session_id = $1`,
		`DELETE FROM decisions WHERE session_id = $1`,
		`DELETE FROM magic_links WHERE session_id = $1`,
		`DELETE FROM session_addresses WHERE session_id = $1`,
		`DELETE FROM drafts WHERE session_id = $1`,
		`DELETE FROM reminders WHERE session_id = $1`,
		`DELETE FROM canaries WHERE session_id = $1`,
		`DELETE FROM analytics_choices WHERE session_id = $1`,
		`DELETE FROM sessions WHERE id = $1`,
	} {
		if err := w.run(query, string(id)); err != nil {
			return err
		}
	}
	for _, query := range []string{
		`UPDATE session_facts SET session_id = $2, pruned = 1 WHERE session_id = $1`,
		`UPDATE advisor_calls SET session_id = $2 WHERE session_id = $1`,
		`UPDATE simulated SET session_id = $2 WHERE session_id = $1`,
		// That somebody read the data stays known; whose it was does not.
		`UPDATE audit SET object = replace(object, $1, $2) WHERE replace(object, $1, '') <> object`,
	} {
		if err := w.run(query, string(id), anonymous); err != nil {
			return err
		}
	}
	if err := w.unnameInAlerts(id, event.SessionID(anonymous)); err != nil {
		return err
	}
	// A request for a link names an address, and no session. Once it is done it
	// is of no use to anybody.
	if err := w.run(`DELETE FROM jobs WHERE session_id = '' AND kind = 'link' AND state IN ('done', 'dead')`); err != nil {
		return err
	}
	// Cached advice may quote anybody and does not say whom. It fills again.
	if err := w.run(`DELETE FROM advisor_cache`); err != nil {
		return err
	}
	if e == nil {
		return nil
	}
	return w.note(*e)
}

// unnameInAlerts gives a session another name where an alert names it as a cause.
func (t *tx) unnameInAlerts(id, anonymous event.SessionID) error {
	old, err := json.Marshal(id)
	if err != nil {
		return err
	}
	fresh, err := json.Marshal(anonymous)
	if err != nil {
		return err
	}
	for _, query := range []string{
		`UPDATE alert_states SET body = replace(body, $1, $2) WHERE replace(body, $1, '') <> body`,
		`UPDATE alert_episodes SET body = replace(body, $1, $2) WHERE replace(body, $1, '') <> body`,
		`UPDATE alert_notices SET body = replace(body, $1, $2) WHERE replace(body, $1, '') <> body`,
	} {
		if err := t.run(query, string(old), string(fresh)); err != nil {
			return err
		}
	}
	return nil
}

// withoutErased leaves out the sessions that were forgotten: a reading that was
// made before still names them.
func (t *tx) withoutErased(causes []string) (out []string, err error) {
	for _, id := range causes {
		gone, err := t.erased(event.SessionID(id))
		if err != nil {
			return nil, err
		}
		if !gone {
			out = append(out, id)
		}
	}
	return out, nil
}

// note writes an erasure down.
func (t *tx) note(e Erasure) error {
	return t.run(`INSERT INTO erasures (hash, at, by) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, e.Hash, e.At.UnixMilli(), e.By)
}

// erased reports whether a session was forgotten.
func (t *tx) erased(id event.SessionID) (bool, error) {
	var yes bool
	err := t.one(`SELECT EXISTS (SELECT 1 FROM erasures WHERE hash = $1)`, []any{erasedHash(id)}, &yes)
	return yes, err
}

// Erased reports whether a session was forgotten at somebody's request.
func (s *Store) Erased(ctx context.Context, id event.SessionID) (yes bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM erasures WHERE hash = $1)`, erasedHash(id)).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("look for the erasure of session %s: %w", id, explain(err))
	}
	return yes, nil
}

// refuseErased is ErrNotFound for a session that was forgotten, so that what was
// on its way when that happened is not stored.
func (t *tx) refuseErased(id event.SessionID) error {
	yes, err := t.erased(id)
	if err == nil && yes {
		err = ErrNotFound
	}
	return err
}

// refuseLate refuses the events of sessions that were forgotten.
func refuseLate(arrivals []arrival) {
	for i := range arrivals {
		if arrivals[i].at.was.erased {
			arrivals[i].refused = DetailErased
		}
	}
}

// Erasures lists what was forgotten, in the order of time.
func (s *Store) Erasures(ctx context.Context) ([]Erasure, error) {
	out, err := erasures(ctx, s.read)
	if err != nil {
		return nil, fmt.Errorf("list erasures: %w", err)
	}
	return out, nil
}

func erasures(ctx context.Context, q querier) (out []Erasure, err error) {
	err = each(ctx, q, `SELECT hash, at, by FROM erasures ORDER BY at, hash`, nil, func(r scanner) error {
		var e Erasure
		var at int64
		if err := r.Scan(&e.Hash, &at, &e.By); err != nil {
			return err
		}
		e.At = time.UnixMilli(at).UTC()
		out = append(out, e)
		return nil
	})
	return out, err
}

// ErasuresIn reads the erasures of a database that nobody has open, and changes
// nothing in it. One from before there were erasures has none.
func ErasuresIn(ctx context.Context, file string) (out []Erasure, err error) {
	db, err := sql.Open(driverName, settleDSN(file))
	if err != nil {
		return nil, fmt.Errorf("read erasures in %s: %w", file, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	var there bool
	if err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'erasures')`).Scan(&there); err != nil || !there {
		return nil, explain(err)
	}
	if out, err = erasures(ctx, db); err != nil {
		return nil, fmt.Errorf("read erasures in %s: %w", file, err)
	}
	return out, nil
}

// EraseAgain forgets what was forgotten before, in a database that may be older
// than that, such as a restored backup. It returns how many sessions were there.
func (s *Store) EraseAgain(ctx context.Context, list []Erasure) (int, error) {
	missing, err := s.unknownErasures(ctx, list)
	if err != nil || len(missing) == 0 {
		return 0, err
	}
	ids, err := s.sessionsHashed(ctx, missing)
	if err != nil {
		return 0, fmt.Errorf("look for erased sessions: %w", err)
	}
	for hash, e := range missing {
		err := s.w.doAlone(ctx, func(w *tx) error {
			if id, ok := ids[hash]; ok {
				return s.erase(w, id, &e)
			}
			return w.note(e)
		})
		if err != nil {
			return 0, fmt.Errorf("erase again: %w", err)
		}
	}
	if len(ids) == 0 {
		return 0, nil
	}
	return len(ids), s.scrub(ctx)
}

// unknownErasures are those of a list that are not written down here.
func (s *Store) unknownErasures(ctx context.Context, list []Erasure) (map[string]Erasure, error) {
	missing := make(map[string]Erasure, len(list))
	for _, e := range list {
		missing[e.Hash] = e
	}
	known, err := s.Erasures(ctx)
	for _, e := range known {
		delete(missing, e.Hash)
	}
	return missing, err
}

// sessionsHashed finds the ids behind hashes, among all sessions and visits.
func (s *Store) sessionsHashed(ctx context.Context, hashes map[string]Erasure) (map[string]event.SessionID, error) {
	found := make(map[string]event.SessionID)
	err := s.each(ctx, `SELECT id FROM sessions UNION SELECT session_id FROM session_facts UNION SELECT session_id FROM event_chunks`, nil, func(r scanner) error {
		var id event.SessionID
		if err := r.Scan(&id); err != nil {
			return err
		}
		if hash := erasedHash(id); hashes[hash].Hash != "" {
			found[hash] = id
		}
		return nil
	})
	return found, err
}

// scrub makes what was deleted unreadable where the database lets us.
func (s *Store) scrub(ctx context.Context) error {
	if err := s.d.giveBack(ctx, s); err != nil {
		return fmt.Errorf("give back the room of what was erased: %w", err)
	}
	if err := s.d.scrub(ctx, s); err != nil {
		return fmt.Errorf("overwrite what was erased: %w", err)
	}
	return nil
}

// Settle writes the database anew, however large it is, so that nothing of what
// was ever erased or deleted is left in its files. Whoever writes waits meanwhile,
// for about fifteen seconds a gigabyte, and twice as much room again is needed on
// the disk. It returns the size in bytes after that. ErrBusy means that somebody
// still reads the log of a file, which was not emptied.
func (s *Store) Settle(ctx context.Context) (bytes int64, err error) {
	if err = s.d.settle(ctx, s); err == nil {
		bytes, err = s.d.size(ctx, s)
	}
	if err != nil {
		return 0, fmt.Errorf("write the database anew: %w", err)
	}
	return bytes, nil
}

// Retention says how long personal data is kept. Zero keeps for ever.
type Retention struct {
	Sessions  time.Duration // everything of a session, after its last activity (DOMAIN 8.8)
	Abandoned time.Duration // the same for a session that was not finished
	Mails     time.Duration // mails and finished jobs, with the webhooks they sent, after they changed last
	Advisor   time.Duration // calls of the advisor
	Audit     time.Duration // entries of the audit log (DOMAIN 8.9)
}

// Expired is what retention deleted.
type Expired struct{ Sessions, Mails, Jobs, Advisor, Audit int }

// Any reports whether anything was deleted.
func (e Expired) Any() bool { return e != Expired{} }

// String says it for people, as "2 sessions, 1 mails".
func (e Expired) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{e.Sessions, "sessions"}, {e.Mails, "mails"}, {e.Jobs, "jobs"}, {e.Advisor, "advisor calls"}, {e.Audit, "audit entries"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	return strings.Join(parts, ", ")
}

// linkRequests is how long requests for links are kept once they are done.
const linkRequests = 7 * 24 * time.Hour

// expirePage is how many rows one operation of retention deletes.
const expirePage = 500

// Expire deletes what is older than it is to be kept, and leaves the figures as
// they are. A call that is cut short leaves the rest for the next one.
func (s *Store) Expire(ctx context.Context, r Retention) (out Expired, err error) {
	now := s.now()
	before := func(age time.Duration) int64 { return now.Add(-age).UnixMilli() }
	if r.Sessions > 0 {
		if out.Sessions, err = s.expireSessions(ctx, `SELECT id FROM sessions WHERE last_activity < $1 LIMIT 50`, before(r.Sessions)); err != nil {
			return out, fmt.Errorf("delete old sessions: %w", err)
		}
	}
	if r.Abandoned > 0 {
		n, err := s.expireSessions(ctx, `SELECT id FROM sessions WHERE status <> 'completed' AND last_activity < $1 LIMIT 50`, before(r.Abandoned))
		if out.Sessions += n; err != nil {
			return out, fmt.Errorf("delete abandoned sessions: %w", err)
		}
	}
	// A request for a link names an address, also that of a stranger.
	if out.Jobs, err = s.expireRows(ctx, `DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE updated_at < $1 AND session_id = '' AND kind = 'link' AND state IN ('done', 'dead') LIMIT $2)`, before(linkRequests)); err != nil {
		return out, fmt.Errorf("delete old requests for links: %w", err)
	}
	for _, p := range []struct {
		age   time.Duration
		query string
		n     *int
	}{
		{r.Mails, `DELETE FROM mails WHERE id IN (SELECT id FROM mails WHERE updated_at < $1 AND state <> 'pending' LIMIT $2)`, &out.Mails},
		{r.Mails, `DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE updated_at < $1 AND state IN ('done', 'dead') LIMIT $2)`, &out.Jobs},
		{r.Advisor, `DELETE FROM advisor_calls WHERE id IN (SELECT id FROM advisor_calls WHERE at < $1 LIMIT $2)`, &out.Advisor},
		{r.Audit, `DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 LIMIT $2)`, &out.Audit},
	} {
		if p.age == 0 {
			continue
		}
		n, err := s.expireRows(ctx, p.query, before(p.age))
		if *p.n += n; err != nil {
			return out, fmt.Errorf("delete old records: %w", err)
		}
	}
	if !out.Any() {
		return out, nil
	}
	return out, s.scrub(ctx)
}

// expireSessions forgets the sessions that a query finds, a page at a time.
func (s *Store) expireSessions(ctx context.Context, query string, before int64) (total int, err error) {
	for n := -1; n != 0; total += n {
		err := s.w.doAlone(ctx, func(w *tx) error {
			var ids []event.SessionID
			if err := w.each(query, []any{before}, func(r scanner) error {
				var id event.SessionID
				err := r.Scan(&id)
				ids = append(ids, id)
				return err
			}); err != nil {
				return err
			}
			n = len(ids)
			for _, id := range ids {
				if err := s.erase(w, id, nil); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// expireRows deletes old rows, a page at a time.
func (s *Store) expireRows(ctx context.Context, query string, before int64) (total int, err error) {
	for n := int64(-1); n != 0; total += int(n) {
		err := s.w.do(ctx, func(w *tx) (err error) {
			n, err = w.exec(query, before, expirePage)
			return err
		})
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

package store

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"applicreations.com/introspect/internal/event"
)

// Every key that ever sealed something leaves a proof in the settings: a known
// word sealed with it. So a missing key is noticed when the store opens, not
// when the first client comes back.
const (
	proofPrefix = "seal_proof_"
	proofWord   = "introspect"
)

// checkKeys opens the proof of each key that was used and adds one for the
// newest key, unless the store is only looked at.
func (s *Store) checkKeys(ctx context.Context) error {
	known := false
	err := s.each(ctx, `SELECT key, value FROM settings`, nil, func(r scanner) error {
		var key, value string
		if err := r.Scan(&key, &value); err != nil {
			return err
		}
		if !strings.HasPrefix(key, proofPrefix) {
			return nil
		}
		known = known || key == proofPrefix+s.keys.ID()
		sealed, err := base64.StdEncoding.DecodeString(value)
		if err == nil {
			_, err = s.keys.Open(sealed, key)
		}
		if err != nil {
			return fmt.Errorf("ENCRYPTION_KEY does not fit this database; set the key that was in use, or add it as a former key: %w", err)
		}
		return nil
	})
	if err != nil || known || s.look {
		return err
	}
	proof, err := s.keys.Seal([]byte(proofWord), proofPrefix+s.keys.ID())
	if err != nil {
		return err
	}
	return s.w.do(ctx, func(w *tx) error {
		return w.saveSetting(proofPrefix+s.keys.ID(), base64.StdEncoding.EncodeToString(proof))
	})
}

// resealPage is how many rows are resealed in one operation, so that others
// are not held up.
const resealPage = 100

// sealedColumn is a column of sealed values whose rows are named by a text and
// a number; the number is 0 where the text alone names the row.
type sealedColumn struct {
	read  string // the page of rows after ($1, $2), at most $3 of them
	write string // sets $1 in the row ($2, $3)
	place func(name string, n int64) string
}

// sealedColumns are all columns whose values have to outlive a change of keys. The
// rest is left to itself: logins of the staff expire, and the cache of the advisor
// is emptied.
func sealedColumns() []sealedColumn {
	return []sealedColumn{
		byName("sessions", "id", "person"),
		byName("sessions", "id", "state"),
		byName("drafts", "session_id", "text"),
		byName("decisions", "id", "text"),
		byName("jobs", "id", "payload"),
		byName("jobs", "id", "result"),
		byName("mails", "id", "message"),
		byName("webhooks", "id", "secret"),
		byName("alert_silences", "id", "body"),
		documentsOf(DocumentScope),
		documentsOf(DocumentProposal),
		{
			read: `SELECT session_id, n, text FROM messages WHERE (session_id, n) > ($1, $2)
				ORDER BY session_id, n LIMIT $3`,
			write: `UPDATE messages SET text = $1 WHERE session_id = $2 AND n = $3`,
			place: func(id string, n int64) string { return messagePlace(event.SessionID(id), n) },
		},
		{
			read:  `SELECT episode, at, by FROM alert_acks WHERE (episode, at) > ($1, $2) ORDER BY episode, at LIMIT $3`,
			write: `UPDATE alert_acks SET by = $1 WHERE episode = $2 AND at = $3`,
			place: func(episode string, _ int64) string { return place("alert_acks.by", episode) },
		},
	}
}

// byName is a column of a table whose rows have a text as their only key.
func byName(table, key, column string) sealedColumn {
	return sealedColumn{
		read:  fmt.Sprintf(`SELECT %[2]s, 0, %[3]s FROM %[1]s WHERE (%[2]s, 0) > ($1, $2) ORDER BY %[2]s LIMIT $3`, table, key, column),
		write: fmt.Sprintf(`UPDATE %s SET %s = $1 WHERE %s = $2 AND 0 = $3`, table, column, key),
		place: func(id string, _ int64) string { return place(table+"."+column, id) },
	}
}

// documentsOf are the documents of one kind; each session has one.
func documentsOf(kind string) sealedColumn {
	return sealedColumn{
		read:  fmt.Sprintf(`SELECT session_id, 0, data FROM documents WHERE kind = '%s' AND (session_id, 0) > ($1, $2) ORDER BY session_id LIMIT $3`, kind),
		write: fmt.Sprintf(`UPDATE documents SET data = $1 WHERE kind = '%s' AND session_id = $2 AND 0 = $3`, kind),
		place: func(id string, _ int64) string { return place("documents.data", id+"/"+kind) },
	}
}

// Reseal seals everything that a former key sealed with the newest key, and
// then forgets that former keys were used, so that they may be taken from the
// configuration. It returns how many values it rewrote. It runs beside normal
// work and may be repeated; logins of the staff are left to expire. Only one
// server may be running, and with the newest key.
func (s *Store) Reseal(ctx context.Context) (rewritten int, err error) {
	for _, column := range sealedColumns() {
		name, n := "", int64(-1)
		for more := true; more; {
			count := 0 // of this page, once it is committed
			err := s.w.do(ctx, func(w *tx) error {
				page, err := sealedPage(w, column, name, n)
				if err != nil {
					return err
				}
				for _, row := range page {
					name, n = row.name, row.n
				}
				more = len(page) == resealPage
				count, err = s.resealPage(w, column, page)
				return err
			})
			if err != nil {
				return rewritten, fmt.Errorf("reseal with the newest key: %w", err)
			}
			rewritten += count
		}
	}
	err = s.w.do(ctx, func(w *tx) error {
		return errors.Join(
			w.run(`DELETE FROM advisor_cache`), // it fills again by itself
			w.run(`DELETE FROM settings WHERE key LIKE $1 AND key <> $2`, proofPrefix+"%", proofPrefix+s.keys.ID()),
		)
	})
	if err != nil {
		return rewritten, fmt.Errorf("forget former keys: %w", err)
	}
	return rewritten, nil
}

type sealedValue struct {
	name  string
	n     int64
	value []byte
}

func sealedPage(w *tx, column sealedColumn, name string, n int64) ([]sealedValue, error) {
	var page []sealedValue
	err := w.each(column.read, []any{name, n, resealPage}, func(r scanner) error {
		var v sealedValue
		if err := r.Scan(&v.name, &v.n, &v.value); err != nil {
			return err
		}
		page = append(page, v)
		return nil
	})
	return page, err
}

// resealPage rewrites those values of a page that need it.
func (s *Store) resealPage(w *tx, column sealedColumn, page []sealedValue) (rewritten int, err error) {
	for _, v := range page {
		if len(v.value) == 0 || s.keys.Current(v.value) {
			continue // nothing was written yet, or with the newest key
		}
		where := column.place(v.name, v.n)
		plain, err := s.keys.Open(v.value, where)
		if err != nil {
			return rewritten, err
		}
		sealed, err := s.keys.Seal(plain, where)
		if err != nil {
			return rewritten, err
		}
		if err := w.run(column.write, sealed, v.name, v.n); err != nil {
			return rewritten, err
		}
		rewritten++
	}
	return rewritten, nil
}

package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

// Visit is one line of the list of visits, those included that never became an
// interview or that another front end conducts. It holds no personal data.
type Visit struct {
	ID                 event.SessionID
	Entry, LastSeen    time.Time
	Started, Completed bool
	Conducted          bool // by this server
	Maker              metric.Maker
}

// VisitFilter selects visits for a list.
type VisitFilter struct {
	Marked bool            // only those that a mark or a person says something about
	Maker  metric.Maker    // only these; Unmarked means all
	ID     event.SessionID // only this one
	Before event.SessionID // last id of the page before; empty means from the last seen
	Limit  int             // 0 means 50

	Stopped  int         // only those of View that reached the stage before this one and not this one; 0 means all
	Question int         // only those of View that stopped, or stand, at the question of this number; 0 means all
	Tried    bool        // only those of View whose answers try to give the model orders
	View     metric.View // for these three
}

// narrow reports whether the list is one of a view.
func (f VisitFilter) narrow() bool { return f.Stopped > 0 || f.Question > 0 || f.Tried }

// Visits lists visits, the last seen first. Those of a view are found by opening facts one by one until the page is full.
func (s *Store) Visits(ctx context.Context, f VisitFilter) ([]Visit, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	query, args := s.visitsQuery(f, limit)
	var out []Visit
	err := s.each(ctx, query, args, func(r scanner) error {
		v, fits, err := s.scanVisit(r, f)
		if err != nil || !fits {
			return err
		}
		if out = append(out, v); len(out) == limit {
			return errEnough
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list visits: %w", err)
	}
	return out, nil
}

func (s *Store) visitsQuery(f VisitFilter, limit int) (query string, args []any) {
	where := []string{"true"}
	add := func(condition string, value any) {
		args = append(args, value)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if f.Marked || f.Maker != metric.Unmarked {
		where = append(where, "maker <> 0")
	}
	if f.Maker != metric.Unmarked {
		add("maker = $%d", int64(f.Maker))
	}
	if f.ID != "" {
		add("session_id = $%d", string(f.ID))
	}
	if f.Before != "" {
		add("(last_seen, session_id) < (SELECT last_seen, session_id FROM session_facts WHERE session_id = $%d)", string(f.Before))
	}
	if f.narrow() {
		add("last_seen >= $%d", s.midnight(f.View.From).UnixMicro())
		add("entry < $%d", s.midnight(f.View.To+1).UnixMicro())
	}
	query = `SELECT session_id, entry, last_seen, started, completed, external, maker, state FROM session_facts
		WHERE ` + strings.Join(where, ` AND `) + ` ORDER BY last_seen DESC, session_id DESC`
	if !f.narrow() {
		args = append(args, limit)
		query += fmt.Sprintf(` LIMIT $%d`, len(args))
	}
	return query, args
}

// scanVisit reads a row, and reports whether it is among those that are looked
// for.
func (s *Store) scanVisit(r scanner, f VisitFilter) (v Visit, fits bool, err error) {
	var entry, seen int64
	var external bool
	var state []byte
	if err := r.Scan(&v.ID, &entry, &seen, &v.Started, &v.Completed, &external, &v.Maker, &state); err != nil {
		return v, false, err
	}
	v.Entry, v.LastSeen, v.Conducted = time.UnixMicro(entry).UTC(), time.UnixMicro(seen).UTC(), !external
	if !f.narrow() {
		return v, true, nil
	}
	facts, err := metric.DecodeFacts(state)
	if err != nil {
		return v, false, err
	}
	fits = (f.Stopped == 0 || facts.StoppedBefore(f.Stopped, f.View, s.zone)) &&
		(f.Question == 0 || facts.StoodAt(f.Question, f.View, s.zone)) && (!f.Tried || facts.Tried(f.View, s.zone))
	return v, fits, nil
}

// Judge records what a person of the agency says about who made a visit. It
// holds until the next word, whatever marks the visit has or gets, and every figure
// follows in the same commit. ErrNotFound means that there is no such visit.
func (s *Store) Judge(ctx context.Context, id event.SessionID, program bool, at time.Time) error {
	if known, err := s.Visits(ctx, VisitFilter{ID: id, Limit: 1}); err != nil || len(known) == 0 {
		if err == nil {
			err = ErrNotFound
		}
		return fmt.Errorf("judge visit %s: %w", id, err)
	}
	evs, err := s.Events(ctx, id)
	if err != nil {
		return err
	}
	for _, e := range evs { // the last word has the latest time, whatever the clock
		if e.Name == event.NameVisitJudged && !e.Outside && !e.At.Before(at) {
			at = e.At.Add(time.Millisecond)
		}
	}
	maker := event.MakerPerson
	if program {
		maker = event.MakerProgram
	}
	e := event.New(id, int(at.UnixMicro()), at, event.VisitJudged{Maker: maker})
	if _, err := s.Record(ctx, []Incoming{{Event: e, Own: true}}); err != nil {
		return fmt.Errorf("judge visit %s: %w", id, err)
	}
	return nil
}

// remakers says again who made the visits whose events are gone: their facts
// stay, and the column that was made from them may be older.
func (t *tx) remakers() error {
	makers := make(map[event.SessionID]metric.Maker)
	err := t.each(`SELECT session_id, state FROM session_facts WHERE pruned <> 0`, nil, func(r scanner) error {
		var id event.SessionID
		var state []byte
		if err := r.Scan(&id, &state); err != nil {
			return err
		}
		f, err := metric.DecodeFacts(state)
		if err == nil && f.Maker() != metric.Unmarked {
			makers[id] = f.Maker()
		}
		return err
	})
	for id, maker := range makers {
		if err == nil {
			err = t.run(`UPDATE session_facts SET maker = $1 WHERE session_id = $2`, int64(maker), string(id))
		}
	}
	return err
}

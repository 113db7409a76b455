package store

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

// room is how many sessions, events of them and rollup rows stay decoded in
// memory. A session takes about two kilobytes, an event that may come again
// about a hundred bytes, a row a few hundred; what is not there is read.
type room struct{ sessions, marks, rollups int }

func usualRoom() room { return room{10_000, 300_000, 20_000} }

// hot holds what was committed last, decoded: reading and decoding it would
// otherwise cost more than everything else that an event costs. The writer's
// goroutine alone uses it. It is emptied whenever it might not be what is on
// disk.
type hot struct {
	sessions map[event.SessionID]*warm
	marks    int // of all sessions
	rollups  map[metric.Key]metric.Vector
	version  int64 // of the data, as another process may change it
	room     room
}

// warm is one session as the last commit left it.
type warm struct {
	facts     metric.Facts
	marks     marks // of its events
	chunks    int64 // number of the last one
	conducted bool  // by this server
	pruned    bool  // earlier events were deleted by age: the facts cannot be made again
	canary    bool  // it has no facts: nothing counts it
	erased    bool  // it was forgotten: nothing of it is kept any more
	clock     clock
}

func (h *hot) forget() { h.sessions, h.rollups, h.marks = nil, nil, 0 }

// drop forgets one session.
func (h *hot) drop(id event.SessionID) {
	if w := h.sessions[id]; w != nil {
		h.marks -= w.marks.len()
		delete(h.sessions, id)
	}
}

// refresh empties the memory when another process has written, such as
// introspect rollup rebuild beside a running server.
func (h *hot) refresh(t *tx) error {
	var version int64
	if err := t.one(`PRAGMA data_version`, nil, &version); err != nil {
		return fmt.Errorf("read version of the data: %w", err)
	}
	if version != h.version {
		h.forget()
		t.w.changes.note(nil, true)
		h.version = version
	}
	return nil
}

// keep remembers a session. Of too many, any others go, which costs a reading
// when they come again.
func (h *hot) keep(id event.SessionID, w *warm) {
	if h.sessions == nil {
		h.sessions = make(map[event.SessionID]*warm)
	}
	h.sessions[id] = w
	h.marks += w.marks.len()
	for other := range h.sessions {
		if len(h.sessions) <= h.room.sessions && h.marks <= h.room.marks {
			break
		}
		if other != id {
			h.drop(other)
		}
	}
}

// learned is what operations leave of one session. It reaches the disk at the
// end of the group, once for all operations of it.
type learned struct {
	facts    metric.Facts
	touched  bool // the facts changed
	external bool
	gone     bool // no event counts any more
	disowned bool // what the group keeps before this operation is disowned

	added []*arrival
	marks marks // of added

	clock    clock
	clockSet bool // it changed
}

// of returns what this operation leaves of a session, to be changed.
func (t *tx) of(id event.SessionID) *learned {
	own := t.learned[id]
	if own == nil {
		own = &learned{}
		if g := t.group[id]; g != nil {
			own.facts, own.touched, own.external, own.gone, own.clock = g.facts, g.touched, g.external, g.gone, g.clock
		}
		t.learned[id] = own
	}
	return own
}

// adopt makes what an operation left part of what its group leaves.
func (t *tx) adopt(own *tx) {
	for id, l := range own.learned {
		g := t.learned[id]
		if g == nil {
			t.learned[id] = l
			continue
		}
		if l.disowned {
			for _, a := range g.added {
				a.Marks = disowned(event.Kept{Event: a.Event, Marks: a.Marks}).Marks
			}
		}
		g.facts, g.touched, g.external, g.gone = l.facts, l.touched, l.external, l.gone
		g.added = append(g.added, l.added...)
		g.marks.join(&l.marks)
		if l.clockSet {
			g.clock, g.clockSet = l.clock, true
		}
	}
	t.delta.Merge(own.delta, 1)
	t.jobs = t.jobs || own.jobs
}

// warm returns a session as the last commit left it; one that nobody knows is
// empty.
func (t *tx) warm(id event.SessionID) (*warm, error) {
	if w := t.w.hot.sessions[id]; w != nil {
		return w, nil
	}
	var w warm
	var state []byte
	var chunks, skew, moved sql.NullInt64
	err := t.one(`SELECT EXISTS (SELECT 1 FROM sessions WHERE id = $1), (SELECT state FROM session_facts WHERE session_id = $1),
		(SELECT max(n) FROM event_chunks WHERE session_id = $1), (SELECT skew FROM clocks WHERE session_id = $1),
		(SELECT moved FROM clocks WHERE session_id = $1), EXISTS (SELECT 1 FROM session_facts WHERE session_id = $1 AND pruned),
		EXISTS (SELECT 1 FROM canaries WHERE session_id = $1), EXISTS (SELECT 1 FROM erasures WHERE hash = $2)`,
		[]any{string(id), erasedHash(id)}, &w.conducted, &state, &chunks, &skew, &moved, &w.pruned, &w.canary, &w.erased)
	if err != nil {
		return nil, err
	}
	w.chunks, w.clock = chunks.Int64, clock{skew.Valid, skew.Int64, moved.Int64}
	if w.facts, err = metric.DecodeFacts(state); err != nil {
		return nil, err
	}
	if chunks.Valid {
		if err := t.readMarks(id, &w); err != nil {
			return nil, fmt.Errorf("read events of session %s: %w", id, err)
		}
	}
	t.w.hot.keep(id, &w)
	return &w, nil
}

func (t *tx) readMarks(id event.SessionID, w *warm) error {
	return t.each(`SELECT events FROM event_chunks WHERE session_id = $1`, []any{string(id)}, func(r scanner) error {
		var events []byte
		if err := r.Scan(&events); err != nil {
			return err
		}
		return event.ReadKept(id, events, func(k event.Kept) bool {
			w.marks.add(mark{k.ID, k.Outside})
			return true
		})
	})
}

// settle writes what the operations of a group learned: each session's events
// and facts once, and the difference that they make in the rollups once for the
// session, however many batches brought its events. The order is always the
// same, so that two writers on a database with row locks cannot wait for each
// other.
func (t *tx) settle() error {
	var ledger metric.Ledger
	ledger.Merge(t.delta)
	var list []byte
	for _, id := range slices.Sorted(maps.Keys(t.learned)) {
		w, err := t.warm(id)
		if err != nil {
			return fmt.Errorf("read session %s: %w", id, err)
		}
		l := t.learned[id]
		if l.touched && !w.canary {
			ledger.Change(w.facts, l.facts, t.w.zone)
		}
		if list, err = t.settleSession(id, w, l, list[:0]); err != nil {
			return fmt.Errorf("write session %s: %w", id, err)
		}
	}
	t.delta = ledger.Take()
	return t.flush()
}

// settleSession writes one session, using a buffer that it gives back.
func (t *tx) settleSession(id event.SessionID, w *warm, l *learned, list []byte) ([]byte, error) {
	if l.clockSet {
		if err := t.run(`INSERT INTO clocks (session_id, skew, moved) VALUES ($1, $2, $3)
			ON CONFLICT (session_id) DO UPDATE SET skew = excluded.skew, moved = excluded.moved`,
			string(id), l.clock.skew, l.clock.moved); err != nil {
			return list, err
		}
	}
	if len(l.added) > 0 {
		for _, a := range l.added {
			list = event.AppendKept(list, a.Marks, a.tail)
		}
		if err := t.run(`INSERT INTO event_chunks (session_id, n, received_at, events) VALUES ($1, $2, $3, $4)`,
			string(id), w.chunks+1, t.received, "["+string(list)+"]"); err != nil {
			return list, err
		}
	}
	switch {
	case w.canary:
	case l.gone:
		return list, t.run(`DELETE FROM session_facts WHERE session_id = $1`, string(id))
	case l.touched:
		return list, t.saveFacts(id, l.facts, l.external)
	}
	return list, nil
}

// committedNow makes what a group wrote the committed state in memory.
func (t *tx) committedNow() {
	h := &t.w.hot
	for id, l := range t.learned {
		w := h.sessions[id]
		if w == nil {
			continue // it had to make room meanwhile
		}
		switch {
		case l.gone:
			w.facts = metric.Facts{}
		case l.touched:
			w.facts = l.facts
		}
		if len(l.added) > 0 {
			w.chunks++
			w.marks.join(&l.marks)
			h.marks += l.marks.len()
		}
		if l.clockSet {
			w.clock = l.clock
		}
	}
}

// vector returns a rollup row as it stands, to be changed by the caller: it is
// the one in memory. A group that is rolled back empties the memory.
func (t *tx) vector(k metric.Key) (metric.Vector, error) {
	h := &t.w.hot
	if v, ok := h.rollups[k]; ok {
		return v, nil
	}
	v, err := t.rollup(k)
	if err != nil {
		return nil, err
	}
	if h.rollups == nil || len(h.rollups) >= h.room.rollups {
		h.rollups = make(map[metric.Key]metric.Vector)
	}
	h.rollups[k] = v
	return v, nil
}

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
// some twenty bytes, a row a few hundred; what is not there is read.
type room struct{ sessions, marks, rollups int }

func usualRoom() room { return room{10_000, 300_000, 20_000} }

// usualHotMB is about how many megabytes the usual room takes when it is full.
const usualHotMB = 32

// roomOf is the room of about so many megabytes.
func roomOf(mb int) room {
	r := usualRoom()
	return room{r.sessions * mb / usualHotMB, r.marks * mb / usualHotMB, r.rollups * mb / usualHotMB}
}

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
	changed, err := t.w.d.foreign(t)
	if err != nil {
		return err
	}
	if changed {
		h.forget()
		t.w.changes.note(nil, true)
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
		own = t.w.blank()
		if g := t.group[id]; g != nil {
			own.facts, own.touched, own.external, own.gone, own.clock = g.facts, g.touched, g.external, g.gone, g.clock
		}
		t.learned[id] = own
	}
	return own
}

// mostSpare is how many used ones are kept to be used again.
const mostSpare = 4096

// blank returns a learned that holds nothing.
func (w *writer) blank() *learned {
	last := len(w.spare) - 1
	if last < 0 {
		return new(learned)
	}
	l := w.spare[last]
	w.spare = w.spare[:last]
	return l
}

// reuse empties a learned that nobody looks at any more.
func (w *writer) reuse(l *learned) {
	if len(w.spare) >= mostSpare || cap(l.added) > 64 {
		return
	}
	clear(l.added)
	*l = learned{added: l.added[:0], marks: marks{list: l.marks.list[:0]}}
	w.spare = append(w.spare, l)
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
		t.w.reuse(l)
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
		(SELECT moved FROM clocks WHERE session_id = $1), EXISTS (SELECT 1 FROM session_facts WHERE session_id = $1 AND pruned <> 0),
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

// strangers asks which of some sessions there is anything about. Most sessions
// that are not in memory are new, and this costs a tenth of reading them one by
// one. An empty id asks nothing.
const strangers = `WITH asked (id, hash) AS (VALUES ($1, $2), ($3, $4), ($5, $6), ($7, $8), ($9, $10), ($11, $12), ($13, $14), ($15, $16),
	($17, $18), ($19, $20), ($21, $22), ($23, $24), ($25, $26), ($27, $28), ($29, $30), ($31, $32))
	SELECT a.id FROM asked a WHERE a.id <> '' AND (EXISTS (SELECT 1 FROM event_chunks x WHERE x.session_id = a.id)
		OR EXISTS (SELECT 1 FROM sessions x WHERE x.id = a.id) OR EXISTS (SELECT 1 FROM session_facts x WHERE x.session_id = a.id)
		OR EXISTS (SELECT 1 FROM clocks x WHERE x.session_id = a.id) OR EXISTS (SELECT 1 FROM canaries x WHERE x.session_id = a.id)
		OR EXISTS (SELECT 1 FROM erasures x WHERE x.hash = a.hash))`

// asked is for how many sessions strangers asks.
const asked = 16

// meet takes the sessions that nobody knows yet into the memory.
func (t *tx) meet(ids []event.SessionID) error {
	if len(ids) == 1 {
		return nil // reading it costs the same
	}
	for page := range slices.Chunk(ids, asked) {
		args := make([]any, 0, 2*asked)
		for _, id := range page {
			args = append(args, string(id), erasedHash(id))
		}
		for len(args) < 2*asked {
			args = append(args, "", "")
		}
		known := make(map[event.SessionID]bool)
		err := t.each(strangers, args, func(r scanner) error {
			var id event.SessionID
			err := r.Scan(&id)
			known[id] = true
			return err
		})
		if err != nil {
			return err
		}
		for _, id := range page {
			if !known[id] && id != "" {
				t.w.hot.keep(id, &warm{})
			}
		}
	}
	return nil
}

func (t *tx) readMarks(id event.SessionID, w *warm) error {
	return t.each(`SELECT events FROM event_chunks WHERE session_id = $1`, []any{string(id)}, func(r scanner) error {
		var events []byte
		if err := r.Scan(&events); err != nil {
			return err
		}
		return event.ReadKept(id, events, func(k event.Kept) bool {
			w.marks.add(markOf(k.ID, k.Outside))
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
	list := make([]settling, 0, len(t.learned))
	for _, id := range slices.Sorted(maps.Keys(t.learned)) {
		w, err := t.warm(id)
		if err != nil {
			return fmt.Errorf("read session %s: %w", id, err)
		}
		list = append(list, settling{id, w, t.learned[id]})
	}
	figures, states := t.figures(list), t.encoded(list)
	err := t.settleEach(list, states)
	changes := <-figures // in any case, and the states to the last, since others read the same memory
	for range states {
	}
	if err != nil {
		return err
	}
	return t.flush(changes)
}

// settling is one session of a group: as the last commit left it, and what the
// group makes of it.
type settling struct {
	id  event.SessionID
	was *warm
	is  *learned
}

// hasFacts reports whether the session's facts are written.
func (s *settling) hasFacts() bool { return s.is.touched && !s.is.gone && !s.was.canary }

// longGroup is how many sessions make a group that is worth other goroutines.
const longGroup = 16

// figures works out what the sessions of a group change in the rollups, for long
// groups while their rows are written.
func (t *tx) figures(list []settling) <-chan []rollupChange {
	out := make(chan []rollupChange, 1)
	add := func() {
		var ledger metric.Ledger
		ledger.Merge(t.delta)
		for _, s := range list {
			if s.is.touched && !s.was.canary {
				ledger.Change(&s.was.facts, &s.is.facts, t.w.zone)
			}
		}
		out <- t.w.hot.apply(ledger.Take())
	}
	if len(list) < longGroup {
		add()
	} else {
		go add()
	}
	return out
}

// keptSpelled is the longest memory for facts that one group leaves to the next.
const keptSpelled = 1 << 20

// encoded spells the facts of a group's sessions, for long groups while their rows
// are written. They lie in memory that the next group uses again.
func (t *tx) encoded(list []settling) <-chan []byte {
	out := make(chan []byte, len(list)) // so that nobody has to take them
	spell := func() {
		all := t.w.spelled[:0]
		for i := range list {
			if list[i].hasFacts() {
				start := len(all)
				all = list[i].is.facts.Append(all)
				out <- all[start:len(all):len(all)]
			}
		}
		if t.w.spelled = all; cap(all) > keptSpelled {
			t.w.spelled = nil
		}
		close(out)
	}
	if len(list) < longGroup {
		spell()
	} else {
		go spell()
	}
	return out
}

// settleEach writes the sessions of a group.
func (t *tx) settleEach(list []settling, states <-chan []byte) (err error) {
	buf := t.w.buf
	defer func() { t.w.buf = buf }()
	for i := range list {
		s := &list[i]
		if buf, err = t.settleSession(s, buf[:0]); err == nil && s.hasFacts() {
			err = t.saveFacts(s.id, &s.is.facts, <-states, s.is.external)
		}
		if err != nil {
			return fmt.Errorf("write session %s: %w", s.id, err)
		}
	}
	return nil
}

// settleSession writes one session but for its facts, using a buffer that it gives
// back.
func (t *tx) settleSession(s *settling, list []byte) ([]byte, error) {
	id, l := string(s.id), s.is
	if l.clockSet {
		if err := t.run(`INSERT INTO clocks (session_id, skew, moved) VALUES ($1, $2, $3)
			ON CONFLICT (session_id) DO UPDATE SET skew = excluded.skew, moved = excluded.moved`,
			id, l.clock.skew, l.clock.moved); err != nil {
			return list, err
		}
	}
	if len(l.added) > 0 {
		list = append(list, '[')
		for _, a := range l.added {
			list = event.AppendKept(list, a.Marks, a.tail)
		}
		list = append(list, ']')
		t.written += len(list)
		if err := t.run(t.w.insertChunk, id, s.was.chunks+1, t.received, t.w.d.textOf(list)); err != nil {
			return list, err
		}
	}
	if l.gone && !s.was.canary {
		return list, t.run(`DELETE FROM session_facts WHERE session_id = $1`, id)
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

// rollupChange is what a group changes of one rollup.
type rollupChange struct {
	key  metric.Key
	by   metric.Vector
	done bool   // by was added to the row in memory
	row  []byte // what it comes to then
}

// apply adds the changes of a group to the rows that are in memory, in the order
// of their keys.
func (h *hot) apply(d metric.Delta) []rollupChange {
	out := make([]rollupChange, 0, len(d))
	for k, by := range d {
		out = append(out, rollupChange{key: k, by: by})
	}
	slices.SortFunc(out, func(a, b rollupChange) int { return compareKeys(a.key, b.key) })
	for i := range out {
		c := &out[i]
		if v, ok := h.rollups[c.key]; ok {
			v.Merge(c.by, 1)
			c.done, c.row = true, v.Encode()
		}
	}
	return out
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

package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

// How many sessions and rollup rows stay decoded in memory. A session takes
// about two kilobytes, a row a few hundred bytes; what is not there is read.
const (
	maxHotFacts   = 10_000
	maxHotRollups = 20_000
)

// hot holds what was committed last, decoded: reading and decoding facts and
// vectors would otherwise cost more than everything else that an event costs.
// The writer's goroutine alone uses it. It is emptied whenever it might not be
// what is on disk.
type hot struct {
	facts   map[event.SessionID]metric.Facts
	rollups map[metric.Key]metric.Vector
	version int64 // of the data, as another process may change it
}

func (h *hot) forget() { h.facts, h.rollups = nil, nil }

// refresh empties the memory when another process has written, such as
// introspect rollup rebuild beside a running server.
func (h *hot) refresh(t *tx) error {
	var version int64
	if err := t.one(`PRAGMA data_version`, nil, &version); err != nil {
		return fmt.Errorf("read version of the data: %w", err)
	}
	if version != h.version {
		h.forget()
		h.version = version
	}
	return nil
}

// learned are the facts of one session as an operation leaves them. They reach
// the disk at the end of the group, once for all operations of it.
type learned struct {
	facts    metric.Facts
	external bool
	gone     bool // no event counts any more
}

// known returns the facts of a session as they stand for this operation, those
// of a session without events being empty.
func (t *tx) known(id event.SessionID) (metric.Facts, error) {
	for _, pending := range []map[event.SessionID]learned{t.learned, t.group} {
		if l, ok := pending[id]; ok {
			return l.facts, nil
		}
	}
	return t.committed(id)
}

// committed returns the facts of a session as the last commit left them.
func (t *tx) committed(id event.SessionID) (metric.Facts, error) {
	if f, ok := t.w.hot.facts[id]; ok {
		return f, nil
	}
	var state []byte
	err := t.one(`SELECT state FROM session_facts WHERE session_id = $1`, []any{string(id)}, &state)
	if errors.Is(err, ErrNotFound) {
		return metric.Facts{}, nil
	}
	if err != nil {
		return metric.Facts{}, err
	}
	f, err := metric.DecodeFacts(state)
	if err == nil {
		t.w.hot.keep(id, f)
	}
	return f, err
}

// keep remembers committed facts. Of too many, any go: which costs a reading
// when they come again.
func (h *hot) keep(id event.SessionID, f metric.Facts) {
	if h.facts == nil {
		h.facts = make(map[event.SessionID]metric.Facts)
	}
	h.facts[id] = f
	for other := range h.facts {
		if len(h.facts) <= maxHotFacts {
			break
		}
		if other != id {
			delete(h.facts, other)
		}
	}
}

// settle writes what the operations of a group learned: each session's facts
// once, and the difference that they make in the rollups once for the session,
// however many batches brought its events. The order is always the same, so
// that two writers on a database with row locks cannot wait for each other.
func (t *tx) settle() error {
	var ledger metric.Ledger
	ledger.Merge(t.delta)
	for _, id := range slices.Sorted(maps.Keys(t.learned)) {
		l := t.learned[id]
		before, err := t.committed(id)
		if err != nil {
			return fmt.Errorf("read facts of session %s: %w", id, err)
		}
		ledger.Change(before, l.facts, t.w.zone)
		if l.gone {
			err = t.run(`DELETE FROM session_facts WHERE session_id = $1`, string(id))
		} else {
			err = t.saveFacts(id, l.facts, l.external)
		}
		if err != nil {
			return fmt.Errorf("write facts of session %s: %w", id, err)
		}
	}
	t.delta = ledger.Take()
	return t.flush()
}

// committedNow makes what a group wrote the committed state in memory.
func (t *tx) committedNow() {
	for id, l := range t.learned {
		if l.gone {
			delete(t.w.hot.facts, id)
		} else {
			t.w.hot.keep(id, l.facts)
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
	if h.rollups == nil || len(h.rollups) >= maxHotRollups {
		h.rollups = make(map[metric.Key]metric.Vector)
	}
	h.rollups[k] = v
	return v, nil
}

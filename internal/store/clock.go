package store

import (
	"fmt"
	"maps"
	"slices"

	"applicreations.com/introspect/internal/event"
)

// maxMoves is how often the skew of a session may become smaller. Of n honest
// requests about ln n bring a new smallest skew, so no visit comes near it;
// the bound keeps a sender from having its session folded again at every
// request (docs/adr/0012).
const maxMoves = 32

// occurred corrects the time of a sender's clock. All times are microseconds.
// Whatever a clock says, an event is not older than events may be and not
// later than its arrival allows (references/analytics.md 4.4).
func occurred(at, skew, received int64) int64 {
	return min(max(at+skew, received-event.MaxAge.Microseconds()), received+event.MaxAhead.Microseconds())
}

// clocks notes the skews that came with clocked events and returns the skew of
// each of their sessions, in microseconds, and the sessions whose known events
// move because it became smaller.
func (t *tx) clocks(arrivals []arrival) (skews map[event.SessionID]int64, moved map[event.SessionID]bool, err error) {
	seen := smallest(arrivals)
	if len(seen) == 0 {
		return nil, nil, nil
	}
	known, err := t.knownClocks(slices.Sorted(maps.Keys(seen)))
	if err != nil {
		return nil, nil, fmt.Errorf("read clocks: %w", err)
	}
	moved = make(map[event.SessionID]bool)
	for id, skew := range seen {
		old, ok := known[id]
		if ok && (skew >= old.skew || old.moved >= maxMoves) {
			seen[id] = old.skew
			continue
		}
		if moved[id] = ok; ok {
			old.moved++
		}
		err := t.run(`INSERT INTO clocks (session_id, skew, moved) VALUES ($1, $2, $3)
			ON CONFLICT (session_id) DO UPDATE SET skew = excluded.skew, moved = excluded.moved`, string(id), skew, old.moved)
		if err != nil {
			return nil, nil, fmt.Errorf("set clock of session %s: %w", id, err)
		}
	}
	maps.DeleteFunc(moved, func(_ event.SessionID, again bool) bool { return !again })
	return seen, moved, nil
}

// smallest returns the smallest skew with which each session arrives.
func smallest(arrivals []arrival) map[event.SessionID]int64 {
	var seen map[event.SessionID]int64
	for i := range arrivals {
		a := &arrivals[i]
		if !a.clocked || a.refused {
			continue
		}
		if seen == nil {
			seen = make(map[event.SessionID]int64)
		}
		if least, ok := seen[a.SessionID]; !ok || a.skew.Microseconds() < least {
			seen[a.SessionID] = a.skew.Microseconds()
		}
	}
	return seen
}

// clock is what is known about the clock of a session.
type clock struct{ skew, moved int64 }

func (t *tx) knownClocks(ids []event.SessionID) (map[event.SessionID]clock, error) {
	known := make(map[event.SessionID]clock)
	for chunk := range slices.Chunk(ids, maxList) {
		query, args := inList(chunk)
		err := t.each(`SELECT session_id, skew, moved FROM clocks WHERE session_id IN (`+query+`)`, args, func(r scanner) error {
			var id event.SessionID
			var c clock
			err := r.Scan(&id, &c.skew, &c.moved)
			known[id] = c
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return known, nil
}

// admitNames refuses outside events whose name is neither ours nor among the
// first MaxNames others. The names are kept in memory as long as no operation
// is rolled back.
func (t *tx) admitNames(arrivals []arrival) error {
	for i := range arrivals {
		a := &arrivals[i]
		if !a.outside || a.Name.Known() {
			continue
		}
		if t.w.names == nil {
			if err := t.readNames(); err != nil {
				return fmt.Errorf("read names of events: %w", err)
			}
		}
		if t.w.names[a.Name] {
			continue
		}
		if a.refused = len(t.w.names) >= MaxNames; a.refused {
			continue
		}
		if err := t.run(`INSERT INTO event_names (name) VALUES ($1)`, string(a.Name)); err != nil {
			return fmt.Errorf("keep name of event: %w", err)
		}
		t.w.names[a.Name] = true
	}
	return nil
}

func (t *tx) readNames() error {
	names := make(map[event.Name]bool)
	err := t.each(`SELECT name FROM event_names`, nil, func(r scanner) error {
		var name event.Name
		err := r.Scan(&name)
		names[name] = true
		return err
	})
	t.w.names = names
	return err
}

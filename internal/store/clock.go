package store

import (
	"fmt"
	"time"

	"applicreations.com/introspect/internal/event"
)

// maxMoves is how often the skew of a session may become smaller. Of n honest
// requests about ln n bring a new smallest skew, so no visit comes near it;
// the bound keeps a sender from having its session folded again at every
// request (docs/adr/0012).
const maxMoves = 32

// occurred corrects the time of a sender's clock by a skew and the time of
// arrival, both in microseconds. Whatever a clock says, an event is not older
// than events may be and not later than its arrival allows
// (references/analytics.md 4.4).
func occurred(at time.Time, skew, received int64) time.Time {
	corrected := min(max(at.UnixMicro()+skew, received-event.MaxAge.Microseconds()), received+event.MaxAhead.Microseconds())
	return time.UnixMicro(corrected).UTC()
}

// clock is what is known about the clock of a session's sender.
type clock struct {
	known       bool
	skew, moved int64
}

// clocks notes the skews that came with clocked events, and returns the
// sessions whose known events move because theirs became smaller. First it
// refuses what belongs to sessions that were erased.
func (t *tx) clocks(arrivals []arrival) (moved map[event.SessionID]bool, err error) {
	refuseLate(arrivals)
	for id, skew := range smallest(arrivals) {
		w, err := t.warm(id)
		if err != nil {
			return nil, fmt.Errorf("read clock of session %s: %w", id, err)
		}
		own := t.of(id)
		if !own.clock.known {
			own.clock = w.clock
		}
		old := own.clock
		switch {
		case !old.known:
			own.clock, own.clockSet = clock{known: true, skew: skew}, true
		case skew < old.skew && old.moved < maxMoves && !w.pruned:
			own.clock, own.clockSet = clock{known: true, skew: skew, moved: old.moved + 1}, true
			if moved == nil {
				moved = make(map[event.SessionID]bool)
			}
			moved[id] = true
		}
	}
	return moved, nil
}

// smallest returns the smallest skew with which each session arrives.
func smallest(arrivals []arrival) map[event.SessionID]int64 {
	var seen map[event.SessionID]int64
	for i := range arrivals {
		a := &arrivals[i]
		if !a.Clocked || a.refused != "" {
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

// admitNames refuses outside events whose name is neither ours nor among the
// first MaxNames others. The names are kept in memory as long as no operation
// is rolled back.
func (t *tx) admitNames(arrivals []arrival) error {
	for i := range arrivals {
		a := &arrivals[i]
		if !a.Outside || a.Name.Known() {
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
		if len(t.w.names) >= MaxNames {
			a.refused = DetailNames
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

package store

import (
	"crypto/sha256"
	"time"

	"applicreations.com/introspect/internal/event"
)

const (
	chunkColumns = `c.session_id, c.received_at, c.events, coalesce(k.skew, 0)`
	chunkTables  = `event_chunks c LEFT JOIN clocks k ON k.session_id = c.session_id`
	isConducted  = `EXISTS (SELECT 1 FROM sessions s WHERE s.id = c.session_id)`
)

// chunk is the events of a session that one commit brought.
type chunk struct {
	session  event.SessionID
	received int64 // unix microseconds
	events   []byte
	skew     int64 // of the session's clock, in microseconds
}

// scanChunk reads chunkColumns, followed by more.
func scanChunk(r scanner, more ...any) (chunk, error) {
	var c chunk
	err := r.Scan(append([]any{&c.session, &c.received, &c.events, &c.skew}, more...)...)
	return c, err
}

// each hands out the events as they count, in the order of their arrival.
func (c chunk) each(use func(StoredEvent)) error {
	return event.ReadKept(c.session, c.events, func(k event.Kept) bool {
		use(stored(k, c.received, c.skew))
		return true
	})
}

// stored is an event with its time corrected.
func stored(k event.Kept, received, skew int64) StoredEvent {
	if k.Clocked {
		k.At = occurred(k.At, skew, received)
	}
	return StoredEvent{Event: k.Event, Outside: k.Outside, Counted: k.Counted, ReceivedAt: time.UnixMicro(received).UTC()}
}

// mark is what makes an event known within its session, its id and its origin,
// as half of a SHA-256: long enough that no two ids share one, and without
// pointers, of which the collector would have to follow some hundred thousand.
// The origin is part of it because ids of our own events can be computed by
// anybody who knows the session and must not be taken by an outside event.
type mark [16]byte

func markOf(id event.ID, outside bool) mark {
	text := make([]byte, 0, 256) // stays on the stack
	text = append(text, 'o')
	if outside {
		text[0] = 'x'
	}
	sum := sha256.Sum256(append(text, id...))
	return mark(sum[:16])
}

// marks is a set of marks; most sets are so small that a list is faster.
type marks struct {
	list []mark
	set  map[mark]struct{} // in place of a long list
}

// shortList is how many marks are searched one after another.
const shortList = 16

func (m *marks) len() int { return len(m.list) + len(m.set) }

func (m *marks) has(x mark) bool {
	if m.set != nil {
		_, ok := m.set[x]
		return ok
	}
	for i := range m.list {
		if m.list[i] == x {
			return true
		}
	}
	return false
}

// add adds a mark that is not there yet.
func (m *marks) add(x mark) {
	if m.set == nil && len(m.list) < shortList {
		m.list = append(m.list, x)
		return
	}
	if m.set == nil {
		m.set = make(map[mark]struct{}, 4*shortList)
		for _, old := range m.list {
			m.set[old] = struct{}{}
		}
		m.list = nil
	}
	m.set[x] = struct{}{}
}

// join adds the marks of another set, which has none of these.
func (m *marks) join(o *marks) {
	for _, x := range o.list {
		m.add(x)
	}
	for x := range o.set {
		m.add(x)
	}
}

package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

// Incoming is an event to be recorded outside a turn.
type Incoming struct {
	Event   event.Event
	Derived bool // the id was computed from the content; the verdict says so
	// Clocked marks an event whose time is that of its sender's clock. Skew is
	// then what the clock lags behind ours, seen from its request: arrival minus
	// sending. The smallest of a session corrects all of its clocked events.
	Clocked bool
	Skew    time.Duration
	Aside   string // why the event is kept but must not count; the verdict says so. Empty: it counts
	// Own marks an event that this server made, such as a visit of a page or
	// documents generated later. Only own events may carry a server-only name
	// in a session that this server conducts.
	Own bool
}

// The results of recording an event.
const (
	ResultOK        = "ok"
	ResultDuplicate = "duplicate" // known already, which is a success
	ResultWarning   = "warning"   // stored; Details says what is odd
	ResultDrop      = "drop"      // not stored; Details says why
)

// The details of verdicts.
const (
	DetailServerOnly = "server_only" // kept for debugging, never counted (ARCHITECTURE 3)
	DetailDerived    = "derived_id"  // the sender gave no id
	DetailIncomplete = "incomplete"  // without id, name or session
	DetailNames      = "too_many_names"
)

// MaxNames is how many names of events that are not ours are taken. Such
// events count nowhere; the bound keeps senders that put values into names
// from filling memory and tables.
const MaxNames = 1000

// Verdict tells what became of one event.
type Verdict struct {
	ID      event.ID
	Result  string
	Details string // empty when there is nothing to say
}

// StoredEvent is an event as it was kept, its time corrected.
type StoredEvent struct {
	event.Event
	Outside    bool // it came through the collector, not from this server
	Counted    bool // it is part of the session's facts
	ReceivedAt time.Time
}

// arrival is an event on its way into the tables.
type arrival struct {
	metric.Note

	outside bool
	counted bool
	clocked bool
	skew    time.Duration
	aside   string
	refused bool // its name is one too many: it is not stored
}

// Record stores events in one durable commit and returns a verdict for each,
// in the same order. An id that is known already is a duplicate, also inside
// one call. Nothing is stored when an error is returned, except as ErrUnknown
// says; sending everything again is always safe.
func (s *Store) Record(ctx context.Context, evs []Incoming) ([]Verdict, error) {
	verdicts := make([]Verdict, len(evs))
	arrivals, places := arriving(evs, verdicts)
	if len(arrivals) == 0 {
		return verdicts, nil
	}
	err := s.w.do(ctx, func(w *tx) error {
		conducted, err := w.conducted(arrivals)
		if err != nil {
			return err
		}
		for i := range arrivals {
			a := &arrivals[i]
			a.counted = a.aside == "" && (!a.outside || !a.Name.ServerOnly() || !conducted[a.SessionID])
		}
		if err := w.admitNames(arrivals); err != nil {
			return err
		}
		fresh, err := w.take(arrivals, s.now(), conducted)
		if err != nil {
			return err
		}
		for i := range arrivals {
			verdicts[places[i]] = verdict(&arrivals[i], fresh[i], evs[places[i]].Derived)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("record %d events: %w", len(evs), err)
	}
	return verdicts, nil
}

// arriving takes the complete events of a batch and their places in it; the
// others get their verdict.
func arriving(evs []Incoming, verdicts []Verdict) (arrivals []arrival, places []int) {
	arrivals, places = make([]arrival, 0, len(evs)), make([]int, 0, len(evs))
	for i := range evs {
		in := &evs[i]
		verdicts[i] = Verdict{ID: in.Event.ID, Result: ResultDrop, Details: DetailIncomplete}
		if in.Event.ID == "" || in.Event.Name == "" || in.Event.SessionID == "" {
			continue
		}
		arrivals, places = append(arrivals, arrival{
			Note: metric.Read(exact(in.Event)), outside: !in.Own, clocked: in.Clocked, skew: in.Skew, aside: in.Aside,
		}), append(places, i)
	}
	return arrivals, places
}

func verdict(a *arrival, fresh, derived bool) Verdict {
	switch {
	case a.refused:
		return Verdict{ID: a.ID, Result: ResultDrop, Details: DetailNames}
	case !fresh:
		return Verdict{ID: a.ID, Result: ResultDuplicate}
	case a.aside != "":
		return Verdict{ID: a.ID, Result: ResultWarning, Details: a.aside}
	case !a.counted:
		return Verdict{ID: a.ID, Result: ResultWarning, Details: DetailServerOnly}
	case derived:
		return Verdict{ID: a.ID, Result: ResultWarning, Details: DetailDerived}
	}
	return Verdict{ID: a.ID, Result: ResultOK}
}

// Events reads everything known about a session, by time; events that carry a
// running number stand in its order. Times are exact to the microsecond.
func (s *Store) Events(ctx context.Context, id event.SessionID) ([]StoredEvent, error) {
	var out []StoredEvent
	err := s.each(ctx, `SELECT `+eventColumns+`, e.counted FROM `+eventTables+` WHERE e.session_id = $1`,
		[]any{string(id)}, func(r scanner) error {
			var counted bool
			e, err := scanEvent(r, &counted)
			e.Counted = counted
			out = append(out, e)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read events of session %s: %w", id, err)
	}
	sequence(out)
	return out, nil
}

// sequence sorts events by time, and those with a running number by it: they
// share the places that their times give them.
func sequence(evs []StoredEvent) {
	slices.SortFunc(evs, func(a, b StoredEvent) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID), boolCompare(a.Outside, b.Outside))
	})
	var places []int
	var numbered []StoredEvent
	for i, e := range evs {
		if e.Seq > 0 {
			places, numbered = append(places, i), append(numbered, e)
		}
	}
	slices.SortStableFunc(numbered, func(a, b StoredEvent) int { return cmp.Compare(a.Seq, b.Seq) })
	for i, at := range places {
		evs[at] = numbered[i]
	}
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

const (
	eventColumns = `e.id, e.session_id, e.name, e.at, e.user_id, e.properties, e.seq, e.bot, e.outside, e.clocked,
		e.received_at, coalesce(c.skew, 0)`
	eventTables = `events e LEFT JOIN clocks c ON c.session_id = e.session_id`
)

// scanEvent reads eventColumns, followed by more.
func scanEvent(r scanner, more ...any) (StoredEvent, error) {
	var e StoredEvent
	var at, received, skew int64
	var clocked bool
	var properties string
	err := r.Scan(append([]any{
		&e.ID, &e.SessionID, &e.Name, &at, &e.UserID, &properties, &e.Seq, &e.Bot, &e.Outside, &clocked, &received, &skew,
	}, more...)...)
	if clocked {
		at = occurred(at, skew, received)
	}
	e.At, e.ReceivedAt, e.Properties = time.UnixMicro(at).UTC(), time.UnixMicro(received).UTC(), []byte(properties)
	return e, err
}

// exact gives an event the form in which it will be read back, so that facts
// made now and facts made again from the table are equal to the byte.
func exact(e event.Event) event.Event {
	e.At = time.UnixMicro(e.At.UnixMicro()).UTC()
	if len(e.Properties) == 0 {
		e.Properties = []byte(`{}`)
	}
	return e
}

// take stores the events that are new and lets the counted ones change facts
// and rollups. It reports for each whether it was new.
func (t *tx) take(arrivals []arrival, now time.Time, conducted map[event.SessionID]bool) (fresh []bool, err error) {
	skews, moved, err := t.clocks(arrivals)
	if err != nil {
		return nil, err
	}
	received := now.UnixMicro()
	fresh = make([]bool, len(arrivals))
	bySession := make(map[event.SessionID][]metric.Note)
	for i := range arrivals {
		a := &arrivals[i]
		if a.refused {
			continue
		}
		if fresh[i], err = t.insert(a, received); err != nil {
			return nil, fmt.Errorf("insert event %s: %w", a.ID, err)
		}
		if fresh[i] && a.counted {
			bySession[a.SessionID] = append(bySession[a.SessionID], a.counts(skews, received, conducted[a.SessionID]))
		}
	}
	for id := range moved {
		bySession[id] = nil // all of its times change, so it is folded again
	}
	return fresh, t.update(bySession, moved, conducted)
}

// update changes the facts of sessions, always in the same order, so that two
// writers on a database with row locks cannot wait for each other.
func (t *tx) update(bySession map[event.SessionID][]metric.Note, moved, conducted map[event.SessionID]bool) error {
	for _, id := range slices.Sorted(maps.Keys(bySession)) {
		var err error
		if moved[id] {
			err = t.relearn(id, conducted[id])
		} else {
			err = t.learn(id, bySession[id], !conducted[id])
		}
		if err != nil {
			return fmt.Errorf("update facts of session %s: %w", id, err)
		}
	}
	return nil
}

// counts is the event as it counts, at its corrected time.
func (a *arrival) counts(skews map[event.SessionID]int64, received int64, conducted bool) metric.Note {
	e := a.Note
	e.Event = marked(a.Event, a.outside && conducted)
	if a.clocked {
		e.At = time.UnixMicro(occurred(e.At.UnixMicro(), skews[a.SessionID], received)).UTC()
	}
	return e
}

// insert stores an event unless it is known. Most events have nothing to say in
// the last columns, and binding them costs. Several rows in one statement were
// measured and are no faster.
func (t *tx) insert(a *arrival, received int64) (fresh bool, err error) {
	const columns = `INSERT INTO events (session_id, id, outside, name, at, received_at, counted, user_id, properties`
	const plain = columns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (session_id, id, outside) DO NOTHING`
	const full = columns + `, seq, clocked, bot) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (session_id, id, outside) DO NOTHING`
	var n int64
	if a.Seq == 0 && !a.clocked && a.Bot == "" {
		n, err = t.exec(plain, string(a.SessionID), string(a.ID), a.outside, string(a.Name), a.At.UnixMicro(), received,
			a.counted, a.UserID, string(a.Properties))
	} else {
		n, err = t.exec(full, string(a.SessionID), string(a.ID), a.outside, string(a.Name), a.At.UnixMicro(), received,
			a.counted, a.UserID, string(a.Properties), a.Seq, a.clocked, a.Bot)
	}
	return n == 1, err
}

// marked is an event as it counts. In a session that this server conducts it
// knows by itself whether the visitor is a program, and nobody outside can
// take a real client out of the figures.
func marked(e event.Event, ignored bool) event.Event {
	if ignored {
		e.Bot = ""
	}
	return e
}

// learn applies new events to the facts of a session. The difference that this
// makes in the rollups is worked out at the end of the group: the whole old
// contribution goes, the whole new one comes, whatever moved
// (references/analytics.md 5.2).
func (t *tx) learn(id event.SessionID, evs []metric.Note, external bool) error {
	facts, err := t.known(id)
	if err != nil {
		return err
	}
	for _, e := range evs {
		facts.Take(e)
	}
	t.learned[id] = learned{facts: facts, external: external}
	return nil
}

// relearn makes the facts of a session again from all of its counted events.
// A session without any has none.
func (t *tx) relearn(id event.SessionID, conducted bool) error {
	after, n, err := t.fold(id, conducted)
	if err != nil {
		return err
	}
	t.learned[id] = learned{facts: after, external: !conducted, gone: n == 0}
	return nil
}

// fold makes facts from all counted events of a session, and counts these.
func (t *tx) fold(id event.SessionID, conducted bool) (f metric.Facts, n int, err error) {
	err = t.each(`SELECT `+eventColumns+` FROM `+eventTables+` WHERE e.session_id = $1 AND e.counted`,
		[]any{string(id)}, func(r scanner) error {
			e, err := scanEvent(r)
			f.Apply(marked(e.Event, e.Outside && conducted))
			n++
			return err
		})
	return f, n, err
}

func (t *tx) saveFacts(id event.SessionID, f metric.Facts, external bool) error {
	return t.run(`INSERT INTO session_facts (session_id, entry, last_seen, started, completed, external, state)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (session_id) DO UPDATE SET entry = excluded.entry, last_seen = excluded.last_seen,
			started = excluded.started, completed = excluded.completed, external = excluded.external, state = excluded.state`,
		string(id), f.Entry().UnixMicro(), f.LastSeen().UnixMicro(), f.Started(), f.Completed(), external, f.Encode())
}

// disown stops counting what came from outside under a server-only name before
// the server began to conduct the session, and what outside events said about
// its visitor being a program.
func (t *tx) disown(id event.SessionID) error {
	var disowned []event.ID
	suspected := false
	err := t.each(`SELECT `+eventColumns+` FROM `+eventTables+` WHERE e.session_id = $1 AND e.counted AND e.outside`,
		[]any{string(id)}, func(r scanner) error {
			e, err := scanEvent(r)
			if e.Name.ServerOnly() {
				disowned = append(disowned, e.ID)
			}
			suspected = suspected || e.Bot != ""
			return err
		})
	if err != nil || len(disowned) == 0 && !suspected {
		return err
	}
	for _, e := range disowned {
		if err := t.run(`UPDATE events SET counted = false WHERE session_id = $1 AND id = $2 AND outside`,
			string(id), string(e)); err != nil {
			return fmt.Errorf("stop counting event %s: %w", e, err)
		}
	}
	return t.relearn(id, true)
}

// conducted tells which of the events' sessions this server conducts itself.
func (t *tx) conducted(arrivals []arrival) (map[event.SessionID]bool, error) {
	ids := make(map[event.SessionID]bool)
	for i := range arrivals {
		ids[arrivals[i].SessionID] = false
	}
	list := slices.Sorted(maps.Keys(ids))
	for chunk := range slices.Chunk(list, maxList) {
		query, args := inList(chunk)
		err := t.each(`SELECT id FROM sessions WHERE id IN (`+query+`)`, args, func(r scanner) error {
			var id event.SessionID
			if err := r.Scan(&id); err != nil {
				return err
			}
			ids[id] = true
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("look for conducted sessions: %w", err)
		}
	}
	return ids, nil
}

// maxList is the longest list of a statement.
const maxList = 256

// inList makes the placeholders of a list whose length is a power of two, so
// that few statements serve lists of any length; the last entry is repeated.
func inList(ids []event.SessionID) (placeholders string, args []any) {
	size := 1
	for size < len(ids) {
		size *= 2
	}
	var b strings.Builder
	for i := range size {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", i+1)
		args = append(args, string(ids[min(i, len(ids)-1)]))
	}
	return b.String(), args
}

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
	Event event.Event
	// Checked marks an event that event.Decode returned: its properties are a JSON
	// object, and Properties says what of them counts.
	Checked    bool
	Properties *metric.Properties // valid until Record returns; nil for nothing that counts

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
	DetailSession    = "session_full" // the session has MaxSessionEvents already
)

// MaxNames is how many names of events that are not ours are taken. Such
// events count nowhere; the bound keeps senders that put values into names
// from filling memory and tables.
const MaxNames = 1000

// MaxSessionEvents is how many events of one session are taken from outside. A
// visit has about a hundred; the bound keeps what must be known about a session
// to recognise a duplicate small, whoever sends under one id for ever.
const MaxSessionEvents = 10_000

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
	event.Marks

	at      *visit // set by visits, before it is taken
	mark    mark
	tail    []byte // see event.Tail
	skew    time.Duration
	aside   string
	refused string // why it is not stored
}

// Record stores events in one durable commit and returns a verdict for each,
// in the same order. An id that is known already is a duplicate, also inside
// one call. Nothing is stored when an error is returned, except as ErrUnknown
// says; sending everything again is always safe.
func (s *Store) Record(ctx context.Context, evs []Incoming) ([]Verdict, error) {
	verdicts := make([]Verdict, len(evs))
	in := s.arriving(evs, verdicts)
	defer s.spaces.Put(in) // the operation has run, or never will
	if len(in.list) == 0 {
		return verdicts, nil
	}
	arrivals := in.list
	err := s.w.do(ctx, func(w *tx) error {
		if err := w.visits(arrivals); err != nil {
			return err
		}
		for i := range arrivals {
			arrivals[i].Counted = counts(&arrivals[i], arrivals[i].at.conducted)
		}
		if err := w.admitNames(arrivals); err != nil {
			return err
		}
		fresh, err := w.take(arrivals)
		if err != nil {
			return err
		}
		for i := range arrivals {
			verdicts[in.places[i]] = verdict(&arrivals[i], fresh[i], evs[in.places[i]].Derived)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("record %d events: %w", len(evs), err)
	}
	return verdicts, nil
}

// counts reports whether an event is part of the facts of its session.
func counts(a *arrival, conducted bool) bool {
	switch {
	case a.aside != "" || a.Name == event.NameAdvisorCall:
		return false
	case a.Outside && a.Name.OwnOnly():
		return false
	}
	return !a.Outside || !a.Name.ServerOnly() || !conducted
}

// arrivals are the complete events of a batch and their places in it, in memory
// that many batches use one after the other.
type arrivals struct {
	list   []arrival
	places []int
	tails  []byte
}

// arriving takes the complete events of a batch; the others get their verdict.
func (s *Store) arriving(evs []Incoming, verdicts []Verdict) *arrivals {
	out, _ := s.spaces.Get().(*arrivals)
	if out == nil {
		out = &arrivals{list: make([]arrival, 0, len(evs)), places: make([]int, 0, len(evs))}
	}
	out.list, out.places, out.tails = out.list[:0], out.places[:0], out.tails[:0]
	for i := range evs {
		in := &evs[i]
		verdicts[i] = Verdict{ID: in.Event.ID, Result: ResultDrop, Details: DetailIncomplete}
		if in.Event.ID == "" || in.Event.Name == "" || in.Event.SessionID == "" {
			continue
		}
		var a arrival
		if in.Checked {
			start := len(out.tails)
			out.tails = event.AppendTail(out.tails, &in.Event, true)
			a = arrival{Note: metric.ReadBefore(in.Event, in.Properties), tail: out.tails[start:len(out.tails):len(out.tails)]}
			a.Outside = !in.Own
			a.mark = markOf(a.ID, a.Outside)
		} else {
			a = read(in.Event, !in.Own)
		}
		a.Clocked, a.skew, a.aside = in.Clocked, in.Skew, in.Aside
		out.list, out.places = append(out.list, a), append(out.places, i)
	}
	return out
}

// read makes an event ready, so that the writer has less to do.
func read(e event.Event, outside bool) arrival {
	e = exact(e)
	return arrival{Note: metric.Read(e), Marks: event.Marks{Outside: outside}, mark: markOf(e.ID, outside), tail: event.Tail(&e)}
}

func verdict(a *arrival, fresh, derived bool) Verdict {
	switch {
	case a.refused != "":
		return Verdict{ID: a.ID, Result: ResultDrop, Details: a.refused}
	case !fresh:
		return Verdict{ID: a.ID, Result: ResultDuplicate}
	case a.aside != "":
		return Verdict{ID: a.ID, Result: ResultWarning, Details: a.aside}
	case !a.Counted:
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
	err := s.each(ctx, `SELECT `+chunkColumns+` FROM `+chunkTables+` WHERE c.session_id = $1`, []any{string(id)}, func(r scanner) error {
		c, err := scanChunk(r)
		if err != nil {
			return err
		}
		return c.each(func(e StoredEvent) { out = append(out, e) })
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

// exact gives an event the form in which it will be read back, so that facts
// made now and facts made again from the table are equal to the byte.
func exact(e event.Event) event.Event {
	e.At = time.UnixMicro(e.At.UnixMicro()).UTC()
	if len(e.Properties) == 0 {
		e.Properties = []byte(`{}`)
	}
	for _, text := range []*string{(*string)(&e.ID), (*string)(&e.Name), &e.UserID, &e.Bot} {
		*text = strings.ToValidUTF8(*text, "\ufffd")
	}
	return e
}

// take keeps the events that are new and lets the counted ones change facts
// and rollups. It reports for each whether it was new.
func (t *tx) take(arrivals []arrival) (fresh []bool, err error) {
	moved, err := t.clocks(arrivals)
	if err != nil {
		return nil, err
	}
	fresh = make([]bool, len(arrivals))
	for i := range arrivals {
		a := &arrivals[i]
		if a.refused != "" {
			continue
		}
		if fresh[i] = a.keep(); fresh[i] && a.Counted && !moved[a.SessionID] {
			a.learn(t.received)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(moved)) { // all of its times change, so it is folded again
		if err := t.relearn(id, t.w.visited[id].conducted); err != nil {
			return nil, fmt.Errorf("update facts of session %s: %w", id, err)
		}
	}
	return fresh, nil
}

// keep keeps an event unless it is known, and reports whether it is new.
func (a *arrival) keep() (fresh bool) {
	v := a.at
	n := v.was.marks.len() + v.own.marks.len()
	known := v.was.marks.has(a.mark) || v.own.marks.has(a.mark)
	if v.group != nil {
		n, known = n+v.group.marks.len(), known || v.group.marks.has(a.mark)
	}
	switch {
	case known:
		return false
	case a.Outside && n >= MaxSessionEvents:
		a.refused = DetailSession
		return false
	}
	v.own.marks.add(a.mark)
	v.own.added = append(v.own.added, a)
	return true
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

// learn applies a new event to the facts of its session. The difference that
// this makes in the rollups is worked out at the end of the group: the whole old
// contribution goes, the whole new one comes, whatever moved
// (references/analytics.md 5.2).
func (a *arrival) learn(received int64) {
	l := a.at.own
	if !l.touched {
		l.facts = a.at.was.facts
	}
	e := a.Note
	if a.at.conducted && a.Outside {
		e.Bot = ""
	}
	if a.Clocked {
		e.At = occurred(e.At, l.clock.skew, received)
	}
	l.facts.Take(e)
	l.touched, l.gone, l.external = true, false, !a.at.conducted
}

// relearn makes the facts of a session again from all of its counted events.
// A session without any has none.
func (t *tx) relearn(id event.SessionID, conducted bool) error {
	after, n, err := t.fold(id, conducted)
	if err != nil {
		return err
	}
	l := t.of(id)
	l.facts, l.touched, l.gone, l.external = after, true, n == 0, !conducted
	return nil
}

// fold makes facts from all counted events of a session, those that the group
// has yet to write included, and counts these.
func (t *tx) fold(id event.SessionID, conducted bool) (f metric.Facts, n int, err error) {
	w, err := t.warm(id)
	if err != nil {
		return f, 0, err
	}
	skew, own := w.clock.skew, t.learned[id]
	waiting := t.pending(id)
	for _, l := range []*learned{t.group[id], own} {
		if l != nil && l.clock.known {
			skew = l.clock.skew
		}
	}
	apply := func(e StoredEvent) {
		if e.Counted {
			f.Apply(marked(e.Event, e.Outside && conducted))
			n++
		}
	}
	err = t.each(`SELECT c.session_id, c.received_at, c.events FROM event_chunks c WHERE c.session_id = $1`,
		[]any{string(id)}, func(r scanner) error {
			c := chunk{skew: skew}
			if err := r.Scan(&c.session, &c.received, &c.events); err != nil {
				return err
			}
			return c.each(apply)
		})
	for _, k := range waiting {
		apply(stored(k, t.received, skew))
	}
	return f, n, err
}

// pending lists the events of a session that are written at the end of the
// group, as this operation leaves them.
func (t *tx) pending(id event.SessionID) []event.Kept {
	var out []event.Kept
	own := t.learned[id]
	if l := t.group[id]; l != nil {
		for _, a := range l.added {
			k := event.Kept{Event: a.Event, Marks: a.Marks}
			if own != nil && own.disowned {
				k = disowned(k)
			}
			out = append(out, k)
		}
	}
	if own != nil {
		for _, a := range own.added {
			out = append(out, event.Kept{Event: a.Event, Marks: a.Marks})
		}
	}
	return out
}

func (t *tx) saveFacts(id event.SessionID, f *metric.Facts, state []byte, external bool) error {
	return t.run(`INSERT INTO session_facts (session_id, entry, last_seen, started, completed, external, state, maker)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (session_id) DO UPDATE SET entry = excluded.entry, last_seen = excluded.last_seen,
			started = excluded.started, completed = excluded.completed, external = excluded.external, state = excluded.state,
			maker = excluded.maker`,
		string(id), f.Entry().UnixMicro(), f.LastSeen().UnixMicro(), f.Started(), f.Completed(), external, state, int64(f.Maker()))
}

// visit is a session as an operation finds it: as the last commit left it, what
// its group makes of it (nil: nothing yet), and what it makes of it itself.
type visit struct {
	was        *warm
	group, own *learned
	conducted  bool // by this server
}

// visits looks up the sessions of arrivals, each once.
func (t *tx) visits(arrivals []arrival) error {
	at := t.w.visited
	clear(at) // of one operation at a time
	var unknown []event.SessionID
	for i := range arrivals {
		id := arrivals[i].SessionID
		v := at[id]
		if v == nil {
			v = &visit{was: t.w.hot.sessions[id], group: t.group[id], own: t.of(id)}
			if at[id] = v; v.was == nil {
				unknown = append(unknown, id)
			}
		}
		arrivals[i].at = v
	}
	if err := t.meet(unknown); err != nil {
		return fmt.Errorf("look for sessions: %w", err)
	}
	for _, id := range unknown {
		w, err := t.warm(id)
		if err != nil {
			return fmt.Errorf("look at session %s: %w", id, err)
		}
		at[id].was = w
	}
	for _, v := range at {
		v.conducted = v.was.conducted
	}
	return nil
}

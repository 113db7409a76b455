package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"time"
	"unicode/utf8"
)

// Form is the way in which a body spells its events.
type Form int

// The forms of a body.
const (
	FormJSON  Form = iota // an object with an array "events", or that array alone
	FormLines             // one event a line (NDJSON); a first line without a name may hold the envelope
	FormText              // either, as a closing page sends it, when text/plain is all that it may say
)

// Options says how to read a body.
type Options struct {
	Now       time.Time // of arrival
	Form      Form
	Anonymous bool // the sender asked not to be followed (Sec-GPC, DNT); the envelope may ask as well
	// Alias gives the session id under which an anonymous visit is kept; at is
	// the time of the event, the same at every attempt. Nil keeps the id.
	Alias func(id SessionID, at time.Time) SessionID
	// Space is the memory of an earlier batch, which is not valid any more when
	// this one is read. Nil takes new memory.
	Space *Space
}

// Space is memory that many batches use one after the other. The zero value is
// ready.
type Space struct {
	events []Incoming
	raws   [][]byte
	text   []byte
	names  []Name // of ours, that came before
}

// envelope is what a body holds: the raw events and what concerns them all.
type envelope struct {
	events                                [][]byte
	size                                  int // bytes of all events
	sent, mono, privacy, evicted, hinting []byte
	broken                                map[int]bool // lines that are no JSON
	clean                                 bool         // the body is UTF-8
}

// open finds the events of a body.
func open(body []byte, form Form, raws [][]byte) (envelope, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) == 0 {
		return envelope{}, &Malformed{Details: "The body is empty."}
	}
	e := envelope{events: raws}
	var err error
	if form == FormLines || form == FormText && !valid(body) {
		err = e.lines(body)
	} else {
		err = e.document(body, form)
	}
	e.clean = utf8.Valid(body)
	return e, err
}

// document reads a body that is one JSON value.
func (e *envelope) document(body []byte, form Form) error {
	if form == FormJSON && !valid(body) { // FormText has looked
		return syntaxError(body)
	}
	start := skipSpace(body, 0)
	switch body[start] {
	case '[':
		return e.list(body[start:])
	case '{':
	default:
		return &Malformed{Details: `The body is neither a JSON object with an array "events" nor such an array.`, Offset: int64(start)}
	}
	events := e.shared(body[start:])
	switch {
	case len(events) > 0 && events[0] == '[':
		return e.list(events)
	case form == FormText && events == nil: // a line alone
		e.events, e.size = append(e.events, bytes.TrimSpace(body)), len(body)
		return nil
	}
	return &Malformed{Details: `The body has no array "events".`, Offset: int64(len(body))}
}

// shared notes the members of an envelope and returns its events.
func (e *envelope) shared(obj []byte) (events []byte) {
	for key, val := range members(obj) {
		switch string(key) {
		case `"events"`:
			events = val
		case `"sent_at"`, `"sentAt"`:
			e.sent = val
		case `"sent_mono"`, `"sentMono"`:
			e.mono = val
		case `"privacy"`:
			e.privacy = val
		case `"dropped"`:
			e.evicted = val
		case `"webdriver"`:
			e.hinting = val
		}
	}
	return events
}

func (e *envelope) list(arr []byte) error {
	count := 0
	for raw := range elements(arr) {
		if count++; count <= MaxBatch {
			e.events = append(e.events, raw)
		}
	}
	if count > MaxBatch {
		return &TooMany{Count: count}
	}
	e.size = len(arr)
	return nil
}

// lines reads a body of one event a line. A line that is no JSON costs only
// itself, as long as there is another.
func (e *envelope) lines(body []byte) error {
	e.broken, e.size = make(map[int]bool), len(body)
	var first *Malformed
	count, at := 0, 0
	for whole := range bytes.Lines(body) {
		start := at + skipSpace(whole, 0)
		at += len(whole)
		line := bytes.TrimSpace(whole)
		switch {
		case len(line) == 0:
			continue
		case !valid(line):
			if first == nil {
				first = syntaxError(line)
				first.Offset += int64(start)
			}
			if count < MaxBatch {
				e.broken[count] = true
			}
		case count == 0 && e.heads(line):
			continue
		}
		if count++; count <= MaxBatch {
			e.events = append(e.events, line)
		}
	}
	switch {
	case count > MaxBatch:
		return &TooMany{Count: count}
	case count > 0 && len(e.broken) == count:
		return first
	}
	return nil
}

// heads reports whether a first line is an envelope and no event.
func (e *envelope) heads(line []byte) bool {
	if line[0] != '{' {
		return false
	}
	f := split(line)
	if f.name != nil || f.session != nil {
		return false
	}
	e.shared(line)
	return e.sent != nil || e.mono != nil || e.privacy != nil || e.evicted != nil || e.hinting != nil
}

func syntaxError(body []byte) *Malformed {
	m := &Malformed{Details: "The body is not JSON."}
	var v json.RawMessage
	if err, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(body, &v)); ok {
		m.Offset = err.Offset
		m.Details = "The body is not JSON: " + err.Error() + "."
	}
	return m
}

// count reads a number of things, 0 for what is none.
func count(raw []byte) int {
	n, err := strconv.Atoi(string(raw))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

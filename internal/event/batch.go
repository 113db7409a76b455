package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The limits of a batch (analytics 4.2 and 4.4).
const (
	MaxBatch      = 1000               // events in one request
	MaxText       = 200                // characters of a name or an id
	MaxProperties = 32 << 10           // bytes of one event's properties
	MaxEvent      = 36 << 10           // bytes of one event with all that stands beside its properties
	MaxDepth      = 6                  // nested objects and arrays, the properties themselves included
	MaxMembers    = 250                // names in one event's properties, those of nested objects included
	MaxAge        = 7 * 24 * time.Hour // older events are refused
	MaxAhead      = 2 * time.Minute    // later events are set to now
)

// Batch is a decoded request: the acceptable events and the refused ones,
// each in the order of the body.
type Batch struct {
	Events    []Incoming
	Bad       []BadEvent
	SentAt    time.Time     // the sender's clock (sent_at), zero if it did not say
	Skew      time.Duration // arrival minus SentAt, 0 without it
	Evicted   int           // events that the sender had to give up before (dropped)
	Anonymous bool          // the sender asked not to be followed
	Automated bool          // the sender says that a program drives it (webdriver)
}

// Incoming is one acceptable event. Its time is UTC in whole milliseconds, as
// it is kept, and its properties hold no NUL and no invalid UTF-8.
type Incoming struct {
	Event
	Derived bool // there was no id: it is derived from the content
	Clocked bool // the time is that of the sender's clock; the skew of its session has to be added
	Clamped bool // the time lay more than MaxAhead in the future and was set to now
	Undated bool // there was no time: it is now
	Jumped  bool // the sender's wall clock was set back in between; its other clock was used
	Index   int  // position in the body, from 0
}

// BadEvent is one refused event.
type BadEvent struct {
	Index   int
	ID      ID     // its own id, or "index:N"
	Reason  string // for machines, snake_case
	Details string // for people, one sentence
}

// Malformed says why a body as a whole cannot be read.
type Malformed struct {
	Details string // one sentence
	Offset  int64  // byte at which reading ended
}

// Error implements error.
func (m *Malformed) Error() string {
	return fmt.Sprintf("decode batch: at byte %d: %s", m.Offset, m.Details)
}

// TooMany says that a body holds more than MaxBatch events.
type TooMany struct{ Count int }

// Error implements error.
func (t *TooMany) Error() string {
	return fmt.Sprintf("decode batch: %d events, at most %d are taken at once", t.Count, MaxBatch)
}

// Decode reads the body of POST /api/metrics/batch, spelled as the seed's
// collector spells it or with the additions of analytics 4.2. A bad event never
// spoils the others: it is listed in Bad. Names that are not ours are accepted.
// Without an id the event gets one derived from its content, so that a batch
// that is sent again counts once.
//
// Errors: *Malformed when the body as a whole cannot be read, *TooMany when it
// holds too many events. The batch shares no memory with body.
func Decode(body []byte, opt Options) (Batch, error) {
	space := opt.Space
	if space == nil {
		space = new(Space)
	}
	e, err := open(body, opt.Form, space.raws[:0])
	if err != nil {
		return Batch{}, err
	}
	d := decoder{
		now: opt.Now, clock: readClock(&e, opt.Now), alias: opt.Alias, clean: e.clean, text: slices.Grow(space.text[:0], e.size), names: space.names,
	}
	d.anonymous = opt.Anonymous || string(e.privacy) == `"anonymous"`
	b := Batch{
		Events: space.events[:0], SentAt: d.clock.wall, Skew: d.clock.skew, Evicted: count(e.evicted),
		Anonymous: d.anonymous, Automated: string(e.hinting) == "true",
	}
	if cap(b.Events) < max(1, len(e.events)) {
		b.Events = make([]Incoming, 0, len(e.events))
	}
	for index, raw := range e.events {
		var in Incoming
		var id ID
		var err *refusal
		if e.broken[index] {
			err = &refusal{"bad_json", "The line is not JSON."}
		} else {
			in, id, err = d.event(raw)
		}
		if err != nil {
			if id == "" {
				id = ID("index:" + strconv.Itoa(index))
			}
			b.Bad = append(b.Bad, BadEvent{Index: index, ID: id, Reason: err.reason, Details: err.details})
			continue
		}
		in.Index = index
		b.Events = append(b.Events, in)
	}
	clear(e.events) // they are parts of the body
	space.events, space.raws, space.text, space.names = b.Events, e.events, d.text, d.names
	return b, nil
}

// refusal says why an event cannot be taken.
type refusal struct{ reason, details string }

// decoder holds what the events of one body share.
type decoder struct {
	now       time.Time
	clock     clock
	anonymous bool
	alias     func(SessionID, time.Time) SessionID
	clean     bool   // the whole body is UTF-8
	text      []byte // the properties of all events, one after the other
	names     []Name // see Space
	session   SessionID
	rawSess   []byte // spelling of session: a batch mostly repeats it
}

// fields are the raw values of one event; nil when absent or null.
type fields struct {
	id, name, session, user, at, properties, seq, mono []byte

	depth, names int // of the properties, see value
}

func (d *decoder) event(raw []byte) (Incoming, ID, *refusal) {
	if raw[0] != '{' {
		return Incoming{}, "", &refusal{"not_object", "The event is not a JSON object."}
	}
	f := split(raw)
	if !d.clean && !utf8.Valid(raw) {
		return Incoming{}, eventID(f.id), &refusal{"invalid_utf8", "The event holds bytes that are not UTF-8."}
	}
	id := eventID(f.id)
	var in Incoming
	var err *refusal
	if in.Name, err = d.eventName(f.name); err != nil {
		return in, id, err
	}
	if in.SessionID, err = d.sessionID(f.session); err != nil {
		return in, id, err
	}
	sent, err := d.stamp(&in, f.at, f.mono)
	if err != nil {
		return in, id, err
	}
	if in.Properties, err = d.properties(&f); err != nil {
		return in, id, err
	}
	if len(raw) > MaxEvent {
		return in, id, &refusal{"event_too_large", "The event is larger than 36 KB."}
	}
	in.UserID = userID(f.user)
	in.Seq = running(f.seq)
	if d.anonymous {
		d.veil(&in, d.constant(&in, sent))
	}
	if in.ID = id; id == "" {
		in.ID, in.Derived = derive(&in, sent, f.at != nil), true
	}
	return in, id, nil
}

// running reads a number within a session, 0 for what cannot be one.
func running(raw []byte) int64 {
	if raw == nil {
		return 0
	}
	seq, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || seq < 0 || seq > 1<<53 {
		return 0
	}
	return seq
}

// split finds the fields that are ours; the first name of each wins over its
// aliases.
func split(raw []byte) fields {
	var f fields
	alias := func(field *[]byte, val []byte) {
		if *field == nil {
			*field = val
		}
	}
	for i := skipSpace(raw, 1); raw[i] != '}'; i = next(raw, i) { // as members, which does not tell how deep a value is
		end := stringEnd(raw, i)
		start := skipSpace(raw, skipSpace(raw, end)+1)
		key := raw[i:end]
		var depth, names int
		i, depth, names = value(raw, start)
		val := raw[start:i]
		if val[0] == 'n' { // null
			continue
		}
		switch string(key) {
		case `"name"`:
			f.name = val
		case `"event"`:
			alias(&f.name, val)
		case `"sessionId"`:
			f.session = val
		case `"session_id"`:
			alias(&f.session, val)
		case `"timestamp"`:
			f.at = val
		case `"properties"`:
			f.properties, f.depth, f.names = val, depth, names
		case `"id"`:
			f.id = val
		case `"uuid"`, `"messageId"`, `"insert_id"`, `"$insert_id"`:
			alias(&f.id, val)
		case `"userId"`:
			f.user = val
		case `"user_id"`:
			alias(&f.user, val)
		case `"seq"`:
			f.seq = val
		case `"mono"`:
			f.mono = val
		}
	}
	return f
}

// eventID returns the sender's id, or "" when it has none that can be used.
func eventID(raw []byte) ID {
	id := token(raw)
	if junk(id) || !plain(id) {
		return ""
	}
	return ID(id)
}

func (d *decoder) eventName(raw []byte) (Name, *refusal) {
	name := ""
	if len(raw) > 0 && raw[0] == '"' {
		for _, known := range d.names {
			if string(raw[1:len(raw)-1]) == string(known) {
				return known, nil
			}
		}
		name = strings.TrimSpace(unquote(raw))
	}
	switch {
	case name == "":
		return "", &refusal{"missing_name", "The event has no name."}
	case !plain(name):
		return "", &refusal{"bad_name", "The name is longer than 200 characters or holds control characters."}
	}
	if n := Name(name); n.Known() && !slices.Contains(d.names, n) {
		d.names = append(d.names, n)
	}
	return Name(name), nil
}

func (d *decoder) sessionID(raw []byte) (SessionID, *refusal) {
	if len(raw) > 0 && bytes.Equal(raw, d.rawSess) {
		return d.session, nil
	}
	id := token(raw)
	switch {
	case id == "":
		return "", &refusal{"missing_session", "The event has no sessionId."}
	case junk(id):
		return "", &refusal{"bad_session", "The sessionId is a word that programs write when they have no id, so it would join strangers."}
	case !plain(id):
		return "", &refusal{"bad_session", "The sessionId is longer than 200 characters or holds control characters."}
	}
	d.session, d.rawSess = SessionID(id), raw
	return d.session, nil
}

// stamp sets the time of the event and returns the sender's, zero without one.
// With the sender's clock an event is as old as it was when it was sent;
// without, its time is taken as it is.
func (d *decoder) stamp(in *Incoming, raw, mono []byte) (sent time.Time, err *refusal) {
	now := time.UnixMilli(d.now.UnixMilli()).UTC()
	if raw != nil {
		var ok bool
		if sent, ok = instant(raw); !ok {
			return sent, &refusal{"bad_timestamp", "The timestamp is neither an ISO 8601 time with a zone nor milliseconds since 1970."}
		}
	}
	age, jumped, clocked := d.clock.age(sent, raw != nil, mono)
	at := sent
	if clocked {
		at = d.clock.wall.Add(-age)
	} else if raw == nil {
		in.At, in.Undated = now, true
		return sent, nil
	} else {
		age = now.Sub(sent)
	}
	switch {
	case age > MaxAge:
		return sent, &refusal{"too_old", "The timestamp is more than seven days ago."}
	case age < -MaxAhead:
		in.At, in.Clamped = now, true
	default:
		in.At, in.Clocked, in.Jumped = at, clocked, jumped
	}
	return sent, nil
}

// constant is a time near that of the event which is the same at every
// attempt to send it: the sender's own, unless its clock is days off.
func (d *decoder) constant(in *Incoming, sent time.Time) time.Time {
	if age := d.now.Sub(sent); age > -24*time.Hour && age <= MaxAge+24*time.Hour {
		return sent
	}
	if in.Clocked {
		return in.At.Add(d.clock.skew)
	}
	return in.At
}

// properties checks the properties and returns a clean copy.
func (d *decoder) properties(f *fields) (json.RawMessage, *refusal) {
	raw := f.properties
	switch {
	case raw == nil:
		return json.RawMessage(`{}`), nil
	case raw[0] != '{':
		return nil, &refusal{"bad_properties", "The properties are not a JSON object."}
	case len(raw) > MaxProperties:
		return nil, &refusal{"properties_too_large", "The properties are larger than 32 KB."}
	case f.depth > MaxDepth:
		return nil, &refusal{"properties_too_deep", "The properties are nested more than six levels deep."}
	case f.names > MaxMembers:
		return nil, &refusal{"too_many_properties", "The properties have more than 250 names."}
	}
	start := len(d.text)
	if bytes.Contains(raw, []byte(`\u`)) {
		d.text = canonical(d.text, raw)
	} else {
		d.text = append(d.text, raw...)
	}
	return d.text[start:len(d.text):len(d.text)], nil
}

// derive makes the id of an event that has none. It uses the time as the
// sender gave it: a clamped time would differ at the next attempt.
func derive(in *Incoming, sent time.Time, dated bool) ID {
	stamp := "undated"
	if dated {
		stamp = strconv.FormatInt(sent.UnixMilli(), 10)
	}
	parts := []string{string(in.SessionID), string(in.Name), stamp, string(canonical(nil, in.Properties))}
	if in.Seq != 0 {
		parts = append(parts, strconv.FormatInt(in.Seq, 10))
	}
	return DeriveID(parts...)
}

// userID returns the sender's opaque user id. An e-mail address is left out:
// events hold no personal data (DOMAIN 9.1).
func userID(raw []byte) string {
	id := token(raw)
	if junk(id) || !plain(id) || strings.Contains(id, "@") {
		return ""
	}
	return id
}

// token reads an id: a string, or a number as it is written.
func token(raw []byte) string {
	switch {
	case len(raw) == 0:
		return ""
	case raw[0] == '"':
		return strings.TrimSpace(unquote(raw))
	case raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9':
		return string(raw)
	}
	return ""
}

// junk reports whether an id is empty or a word that stands for no id.
// Accepting such a word would join the visits of strangers into one session.
func junk(id string) bool {
	if len(id) > len("[object object]") {
		return false
	}
	switch strings.ToLower(id) {
	case "", "null", "undefined", "none", "nil", "nan", "0", "-1", "true", "false", "infinity", "[object object]",
		"{}", "[]", `""`, "''", "anonymous", "guest", "unknown", "id", "uuid", "sessionid", "session_id":
		return true
	}
	return false
}

// plain reports whether a text is short enough and free of control characters.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f { // maybe a control character, or several bytes
			return (len(s) <= MaxText || utf8.RuneCountInString(s) <= MaxText) && strings.IndexFunc(s, unicode.IsControl) < 0
		}
	}
	return len(s) <= MaxText
}

package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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
	MaxDepth      = 6                  // nested objects and arrays, the properties themselves included
	MaxAge        = 7 * 24 * time.Hour // older events are refused
	MaxAhead      = 2 * time.Minute    // later events are set to now
)

// Batch is a decoded request: the acceptable events and the refused ones,
// each in the order of the body.
type Batch struct {
	Events []Incoming
	Bad    []BadEvent
	SentAt time.Time // the sender's clock (sent_at), zero if it did not say
}

// Incoming is one acceptable event. Its time is UTC in whole milliseconds, as
// it is kept, and its properties hold no NUL and no invalid UTF-8.
type Incoming struct {
	Event
	Derived bool  // there was no id: it is derived from the content
	Clamped bool  // the time lay more than MaxAhead in the future and was set to now
	Undated bool  // there was no time: it is now
	Seq     int64 // the sender's running number within the session, 0 without one
	Index   int   // position in the body, from 0
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

// DecodeBatch reads the body of POST /api/metrics/batch, spelled as the seed's
// collector spells it or with the additions of analytics 4.2; now is the time
// of arrival. A bad event never spoils the others: it is listed in Bad. Names
// that are not ours are accepted. Without an id the event gets one derived
// from its content, so that a batch that is sent again counts once.
//
// Errors: *Malformed when the body is not an object with an array "events",
// *TooMany when that array is too long. The batch shares no memory with body.
func DecodeBatch(body []byte, now time.Time) (Batch, error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	events, sent, err := envelope(body)
	if err != nil {
		return Batch{}, err
	}
	var list [][]byte
	count := 0
	for raw := range elements(events) {
		if count++; count <= MaxBatch {
			list = append(list, raw)
		}
	}
	if count > MaxBatch {
		return Batch{}, &TooMany{Count: count}
	}
	d := decoder{now: now, text: make([]byte, 0, len(events))}
	b := Batch{Events: make([]Incoming, 0, count)}
	b.SentAt, _ = instant(sent)
	for index, raw := range list {
		in, id, err := d.event(raw)
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
	return b, nil
}

// envelope finds the events and the sending time in a body.
func envelope(body []byte) (events, sent []byte, err error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil, &Malformed{Details: "The body is empty."}
	}
	if !json.Valid(body) {
		return nil, nil, syntaxError(body)
	}
	start := skipSpace(body, 0)
	if body[start] != '{' {
		return nil, nil, &Malformed{Details: `The body is not a JSON object with an array "events".`, Offset: int64(start)}
	}
	for key, val := range members(body[start:]) {
		switch string(key) {
		case `"events"`:
			events = val
		case `"sent_at"`, `"sentAt"`:
			sent = val
		}
	}
	if len(events) == 0 || events[0] != '[' {
		return nil, nil, &Malformed{Details: `The body has no array "events".`, Offset: int64(len(body))}
	}
	return events, sent, nil
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

// refusal says why an event cannot be taken.
type refusal struct{ reason, details string }

// decoder holds what the events of one body share.
type decoder struct {
	now     time.Time
	text    []byte // the properties of all events, one after the other
	session SessionID
	rawSess []byte // spelling of session: a batch mostly repeats it
}

// fields are the raw values of one event; nil when absent or null.
type fields struct{ id, name, session, user, at, properties, seq []byte }

func (d *decoder) event(raw []byte) (Incoming, ID, *refusal) {
	if raw[0] != '{' {
		return Incoming{}, "", &refusal{"not_object", "The event is not a JSON object."}
	}
	f := split(raw)
	id := eventID(f.id)
	var in Incoming
	var err *refusal
	if in.Name, err = eventName(f.name); err != nil {
		return in, id, err
	}
	if in.SessionID, err = d.sessionID(f.session); err != nil {
		return in, id, err
	}
	sent, err := d.stamp(&in, f.at)
	if err != nil {
		return in, id, err
	}
	if in.Properties, err = d.properties(f.properties); err != nil {
		return in, id, err
	}
	in.UserID = userID(f.user)
	if f.seq != nil {
		in.Seq, _ = strconv.ParseInt(string(f.seq), 10, 64)
	}
	if in.ID = id; id == "" {
		in.ID, in.Derived = derive(&in, sent), true
	}
	return in, id, nil
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
	for key, val := range members(raw) {
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
			f.properties = val
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

func eventName(raw []byte) (Name, *refusal) {
	name := ""
	if len(raw) > 0 && raw[0] == '"' {
		name = strings.TrimSpace(unquote(raw))
	}
	switch {
	case name == "":
		return "", &refusal{"missing_name", "The event has no name."}
	case !plain(name):
		return "", &refusal{"bad_name", "The name is longer than 200 characters or holds control characters."}
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
func (d *decoder) stamp(in *Incoming, raw []byte) (sent time.Time, err *refusal) {
	now := time.UnixMilli(d.now.UnixMilli()).UTC()
	if raw == nil {
		in.At, in.Undated = now, true
		return time.Time{}, nil
	}
	sent, ok := instant(raw)
	switch {
	case !ok:
		return sent, &refusal{"bad_timestamp", "The timestamp is neither an ISO 8601 time with a zone nor milliseconds since 1970."}
	case sent.Before(now.Add(-MaxAge)):
		return sent, &refusal{"too_old", "The timestamp is more than seven days ago."}
	case sent.After(now.Add(MaxAhead)):
		in.At, in.Clamped = now, true
	default:
		in.At = sent
	}
	return sent, nil
}

// properties checks the properties and returns a clean copy.
func (d *decoder) properties(raw []byte) (json.RawMessage, *refusal) {
	if raw == nil {
		return json.RawMessage(`{}`), nil
	}
	_, depth := value(raw, 0)
	switch {
	case raw[0] != '{':
		return nil, &refusal{"bad_properties", "The properties are not a JSON object."}
	case len(raw) > MaxProperties:
		return nil, &refusal{"properties_too_large", "The properties are larger than 32 KB."}
	case depth > MaxDepth:
		return nil, &refusal{"properties_too_deep", "The properties are nested more than six levels deep."}
	}
	start := len(d.text)
	if bytes.Contains(raw, []byte(`\u`)) || !utf8.Valid(raw) {
		d.text = canonical(d.text, raw)
	} else {
		d.text = append(d.text, raw...)
	}
	return d.text[start:len(d.text):len(d.text)], nil
}

// derive makes the id of an event that has none. It uses the time as the
// sender gave it: a clamped time would differ at the next attempt.
func derive(in *Incoming, sent time.Time) ID {
	stamp := "undated"
	if !in.Undated {
		stamp = strconv.FormatInt(sent.UnixMilli(), 10)
	}
	parts := []string{string(in.SessionID), string(in.Name), stamp, string(canonical(nil, in.Properties))}
	if in.Seq != 0 {
		parts = append(parts, strconv.FormatInt(in.Seq, 10))
	}
	return DeriveID(parts...)
}

// latest is the last millisecond that a JavaScript Date can hold.
const latest = 8.64e15

// instant reads an ISO 8601 time with a zone, or milliseconds since 1970. It
// keeps whole milliseconds, as the store does.
func instant(raw []byte) (time.Time, bool) {
	if len(raw) == 0 {
		return time.Time{}, false
	}
	if raw[0] == '"' {
		t, err := time.Parse(time.RFC3339, unquote(raw))
		return time.UnixMilli(t.UnixMilli()).UTC(), err == nil
	}
	ms, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || ms < -latest || ms > latest {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(ms)).UTC(), true
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
	return (len(s) <= MaxText || utf8.RuneCountInString(s) <= MaxText) && strings.IndexFunc(s, unicode.IsControl) < 0
}

package event

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"
	"unicode/utf8"
)

// Kept is an event as a store keeps it, with what the store knows about it.
type Kept struct {
	Event
	Marks
}

// Marks is what a store knows about an event that it keeps.
type Marks struct {
	Outside bool // it came through the collector, not from this server
	Counted bool // it is part of the facts of its session
	Clocked bool // its time is that of its sender's clock
}

// The bits of the first field of a kept event.
const (
	keptOutside = 1 << iota
	keptCounted
	keptClocked
)

// AppendKept appends an event to a list of events of one session, which is a
// JSON array without its last bracket, so that it can be read with the means of any
// database. An event is an array itself: bits (1 outside, 2 counted, 4 clocked),
// microseconds since 1970, id, name, properties, and where one of them says
// something, running number, user id and reasons for looking automated. All but
// the bits is its tail.
func AppendKept(dst []byte, m Marks, tail []byte) []byte {
	if len(dst) > 0 && dst[len(dst)-1] != '[' {
		dst = append(dst, ',')
	}
	dst = strconv.AppendInt(append(dst, '['), bit(m.Outside, keptOutside)|bit(m.Counted, keptCounted)|bit(m.Clocked, keptClocked), 10)
	return append(dst, tail...)
}

// Tail spells an event for AppendKept, which is nearly all of the work. The
// texts must be UTF-8. Properties that are no JSON object are kept as a text.
func Tail(e *Event) []byte {
	return AppendTail(make([]byte, 0, 48+len(e.ID)+len(e.Name)+len(e.Properties)+len(e.UserID)+len(e.Bot)), e, false)
}

// AppendTail appends Tail; checked says that the properties are known to be a JSON
// object, as those are that Decode returns.
func AppendTail(dst []byte, e *Event, checked bool) []byte {
	dst = strconv.AppendInt(append(dst, ','), e.At.UnixMicro(), 10)
	dst = appendText(append(dst, ','), string(e.ID))
	dst = appendText(append(dst, ','), string(e.Name))
	dst = append(dst, ',')
	if p := e.Properties; checked || len(p) > 0 && p[0] == '{' && p[len(p)-1] == '}' && valid(p) {
		dst = append(dst, p...)
	} else {
		dst = appendText(dst, string(e.Properties))
	}
	if e.Seq != 0 || e.UserID != "" || e.Bot != "" {
		dst = strconv.AppendInt(append(dst, ','), e.Seq, 10)
		dst = appendText(append(dst, ','), e.UserID)
		dst = appendText(append(dst, ','), e.Bot)
	}
	return append(dst, ']')
}

func bit(set bool, value int64) int64 {
	if set {
		return value
	}
	return 0
}

// appendText appends a text as JSON.
func appendText(dst []byte, s string) []byte {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == '"' || s[i] == '\\' || s[i] >= utf8.RuneSelf {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic("encode a text: " + err.Error()) // no text makes it fail
			}
			return append(dst, quoted...)
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}

// errKept is a list of events that AppendKept has not made.
var errKept = errors.New("read kept events: not a list of them")

// ReadKept hands each event of a list to use, until that returns false. The
// brackets belong to the list.
func ReadKept(session SessionID, list []byte, use func(Kept) bool) error {
	if !valid(list) || list[0] != '[' {
		return errKept
	}
	for raw := range elements(list) {
		k, err := readKept(session, raw)
		if err != nil {
			return err
		}
		if !use(k) {
			return nil
		}
	}
	return nil
}

func readKept(session SessionID, raw []byte) (Kept, error) {
	k := Kept{Event: Event{SessionID: session}}
	if raw[0] != '[' {
		return k, errKept
	}
	field := 0
	for val := range elements(raw) {
		if !k.set(field, val) {
			return k, errKept
		}
		field++
	}
	if field < 5 {
		return k, errKept
	}
	return k, nil
}

// set reads one field.
func (k *Kept) set(field int, val []byte) bool {
	var n int64
	var err error
	switch field {
	case 0, 1, 5:
		n, err = strconv.ParseInt(string(val), 10, 64)
	case 4: // an object, or a text
	default:
		if val[0] != '"' {
			return false
		}
	}
	switch field {
	case 0:
		k.Outside, k.Counted, k.Clocked = n&keptOutside != 0, n&keptCounted != 0, n&keptClocked != 0
	case 1:
		k.At = time.UnixMicro(n).UTC()
	case 2:
		k.ID = ID(unquote(val))
	case 3:
		k.Name = Name(unquote(val))
	case 4:
		k.Properties = append(json.RawMessage(nil), val...)
		if val[0] == '"' {
			k.Properties = json.RawMessage(unquote(val))
		}
	case 5:
		k.Seq = n
	case 6:
		k.UserID = unquote(val)
	case 7:
		k.Bot = unquote(val)
	}
	return err == nil
}

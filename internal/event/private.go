package event

import (
	"encoding/json"
	"net/url"
	"slices"
	"time"
)

// identifying are the properties that an anonymous event loses: they name a
// person or a device, or tell more of one than its kind (analytics 4.6).
var identifying = []string{
	`"anonymousId"`, `"anonymous_id"`, `"deviceId"`, `"device_id"`, `"distinct_id"`, `"email"`, `"fingerprint"`, `"ip"`,
	`"userAgent"`, `"userId"`, `"user_agent"`, `"user_id"`, `"visitorId"`, `"visitor_id"`,
}

// referring are the properties of which an anonymous event keeps the host.
var referring = []string{`"referer"`, `"referrer"`}

// veil makes an event anonymous: without a user, under another session id, and
// without what its properties tell about the person or the way they came.
func (d *decoder) veil(in *Incoming, at time.Time) {
	in.UserID = ""
	if d.alias != nil {
		in.SessionID = d.alias(in.SessionID, at)
	}
	in.Properties = discreet(in.Properties)
}

// discreet copies clean properties without what identifies a person, in nested
// objects too.
func discreet(raw json.RawMessage) json.RawMessage {
	out := append(make([]byte, 0, len(raw)), '{')
	for key, val := range members(raw) {
		switch {
		case slices.Contains(identifying, string(key)):
			continue
		case slices.Contains(referring, string(key)):
			val = hostOf(val)
		case val[0] == '{':
			val = discreet(val)
		}
		out = append(append(append(out, key...), ':'), val...)
		out = append(out, ',')
	}
	return closing(out, '}')
}

// hostOf keeps the host of an address. What is no address is kept when it can
// be a host already.
func hostOf(raw []byte) []byte {
	text := token(raw)
	u, err := url.Parse(text)
	switch {
	case err != nil:
		text = ""
	case u.Host != "":
		text = u.Hostname()
	case u.Path != text || slices.ContainsFunc([]rune(text), func(r rune) bool { return r == '/' || r == '@' || r <= ' ' }):
		text = ""
	}
	out, err := json.Marshal(text)
	if err != nil {
		return []byte(`""`)
	}
	return out
}

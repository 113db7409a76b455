package event_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
)

// one wraps the members of a single event into a body.
func one(members string) string { return `{"events":[{` + members + `}]}` }

// base is an event without fault; a test appends what it is about.
const base = `"id":"e-1","name":"cta_click","sessionId":"s-1","timestamp":"2026-11-23T11:59:00.000Z"`

func decode(tb testing.TB, body string) event.Batch {
	tb.Helper()
	b, err := event.Decode([]byte(body), event.Options{Now: arrival})
	if err != nil {
		tb.Fatalf("Decode(%.200s) err = %v", body, err)
	}
	return b
}

func decodeOne(tb testing.TB, body string) event.Incoming {
	tb.Helper()
	b := decode(tb, body)
	if len(b.Events) != 1 || len(b.Bad) != 0 {
		tb.Fatalf("Decode(%.200s) = %+v, want one event and nothing bad", body, b)
	}
	return b.Events[0]
}

func TestDecodeSeedBatch(t *testing.T) {
	t.Parallel()
	// What JSON.stringify({ events }) makes of two MetricEvents.
	got := decode(t, `{"events":[
		{"name":"session_start","properties":{"websiteType":"business","timestamp":"2026-11-23T11:58:00.123Z"},"timestamp":"2026-11-23T11:58:00.123Z","sessionId":"s-1"},
		{"name":"session_complete","properties":{"questionCount":22,"duration":900,"confidence":96,"efficiency":99},"timestamp":"2026-11-23T11:59:00.007Z","userId":"u-7","sessionId":"s-1"}]}`)
	want := event.Batch{Events: []event.Incoming{
		{
			Event: event.Event{
				ID: event.DeriveID("s-1", "session_start", "1795435080123",
					`{"timestamp":"2026-11-23T11:58:00.123Z","websiteType":"business"}`),
				Name: "session_start", SessionID: "s-1", At: time.Date(2026, 11, 23, 11, 58, 0, 123e6, time.UTC),
				Properties: json.RawMessage(`{"websiteType":"business","timestamp":"2026-11-23T11:58:00.123Z"}`),
			},
			Derived: true,
		},
		{
			Event: event.Event{
				ID: event.DeriveID("s-1", "session_complete", "1795435140007",
					`{"confidence":96,"duration":900,"efficiency":99,"questionCount":22}`),
				Name: "session_complete", SessionID: "s-1", UserID: "u-7", At: time.Date(2026, 11, 23, 11, 59, 0, 7e6, time.UTC),
				Properties: json.RawMessage(`{"questionCount":22,"duration":900,"confidence":96,"efficiency":99}`),
			},
			Derived: true, Index: 1,
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Decode (-want +got):\n%s", diff)
	}
}

func TestDecodeRefusesBodies(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, body, details string
		offset              int64
	}{
		{"nothing", "", "The body is empty.", 0},
		{"only space", " \n", "The body is empty.", 0},
		{"not JSON", "hello", "The body is not JSON: invalid character 'h' looking for beginning of value.", 1},
		{"cut off", `{"events":[{"name":"a"`, "The body is not JSON: unexpected end of JSON input.", 22},
		{"a comma too many", `{"events":[],}`, "The body is not JSON: invalid character '}' looking for beginning of object key string.", 14},
		{"two bodies", `{"events":[]} {}`, "The body is not JSON: invalid character '{' after top-level value.", 15},
		{"a raw NUL", "{\"events\":[\"\x00\"]}", `The body is not JSON: invalid character '\x00' in string literal.`, 13},
		{"null", ` null`, `The body is neither a JSON object with an array "events" nor such an array.`, 1},
		{"text", `"events"`, `The body is neither a JSON object with an array "events" nor such an array.`, 0},
		{"no events", `{"batch":[]}`, `The body has no array "events".`, 12},
		{"events in other letters", `{"Events":[]}`, `The body has no array "events".`, 13},
		{"events null", `{"events":null}`, `The body has no array "events".`, 15},
		{"events an object", `{"events":{}}`, `The body has no array "events".`, 13},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := event.Decode([]byte(row.body), event.Options{Now: arrival})
			got, ok := errors.AsType[*event.Malformed](err)
			if !ok {
				t.Fatalf("Decode(%q) err = %v, want *Malformed", row.body, err)
			}
			if diff := cmp.Diff(&event.Malformed{Details: row.details, Offset: row.offset}, got); diff != "" {
				t.Errorf("Decode(%q) err (-want +got):\n%s", row.body, diff)
			}
			if text := err.Error(); !strings.Contains(text, row.details) || !strings.Contains(text, strconv.FormatInt(row.offset, 10)) {
				t.Errorf("Error() = %q, want the details and the offset", text)
			}
		})
	}
}

func TestDecodeAcceptsBodies(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, body string
		events     int
	}{
		{"no events at all", `{"events":[]}`, 0},
		{"an array alone", ` [{` + base + `},{` + base + `}] `, 2},
		{"an empty array", `[]`, 0},
		{"a byte order mark", "\ufeff" + one(base), 1},
		{"space everywhere", " {\n \"events\" : [ { \"name\" : \"a\" , \"sessionId\" : \"s\" , \"properties\" : { \"a\" : [ 1 , 2 ] } } ] } \n", 1},
		{"an envelope with extras", `{"sent_at":1,"batch_id":"b","sdk":{"name":"x"},"events":[{` + base + `}],"dropped":3}`, 1},
		{"as many as allowed", `{"events":[` + strings.Repeat(`{`+base+`},`, event.MaxBatch-1) + `{` + base + `}]}`, event.MaxBatch},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := decode(t, row.body); len(got.Events) != row.events || len(got.Bad) != 0 {
				t.Errorf("Decode = %d events and %d bad, want %d and 0", len(got.Events), len(got.Bad), row.events)
			}
		})
	}
}

func TestDecodeTooMany(t *testing.T) {
	t.Parallel()
	_, err := event.Decode([]byte(`{"events":[`+strings.Repeat(`0,`, event.MaxBatch+4)+`0]}`), event.Options{Now: arrival})
	got, ok := errors.AsType[*event.TooMany](err)
	if !ok || got.Count != event.MaxBatch+5 {
		t.Fatalf("Decode(1005 events) err = %v, want *TooMany with the count", err)
	}
	if want := "decode batch: 1005 events, at most 1000 are taken at once"; err.Error() != want {
		t.Errorf("Error() = %q, want %q", err, want)
	}
}

// without leaves one member of base out.
func without(key string) string {
	var kept []string
	for m := range strings.SplitSeq(base, ",") {
		if !strings.HasPrefix(m, `"`+key+`"`) {
			kept = append(kept, m)
		}
	}
	return strings.Join(kept, ",")
}

// manyNames makes a number of members.
func manyNames(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`"n%d":":"`, i)
	}
	return strings.Join(list, ",")
}

func TestDecodeRefusesEvents(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", event.MaxText+1)
	deep := strings.Repeat(`{"a":`, event.MaxDepth) + `[]` + strings.Repeat(`}`, event.MaxDepth)
	for _, row := range []struct{ name, event, reason string }{
		{"a number", `7`, "not_object"},
		{"null", `null`, "not_object"},
		{"an array", `[]`, "not_object"},
		{"no name", `{` + without("name") + `}`, "missing_name"},
		{"a null name", `{` + without("name") + `,"name":null,"event":"  "}`, "missing_name"},
		{"a blank name", `{` + without("name") + `,"name":" \t"}`, "missing_name"},
		{"a number for a name", `{` + without("name") + `,"name":5}`, "missing_name"},
		{"a name of 201 letters", `{` + without("name") + `,"name":"` + long + `"}`, "bad_name"},
		{"a name with NUL", `{` + without("name") + `,"name":"a\u0000b"}`, "bad_name"},
		{"no session", `{` + without("sessionId") + `}`, "missing_session"},
		{"a null session", `{` + without("sessionId") + `,"sessionId":null}`, "missing_session"},
		{"an empty session", `{` + without("sessionId") + `,"sessionId":""}`, "missing_session"},
		{"an object for a session", `{` + without("sessionId") + `,"sessionId":{}}`, "missing_session"},
		{"a session of 201 letters", `{` + without("sessionId") + `,"sessionId":"` + long + `"}`, "bad_session"},
		{"a session with a line break", `{` + without("sessionId") + `,"sessionId":"a\nb"}`, "bad_session"},
		{"properties that are an array", `{` + base + `,"properties":[1]}`, "bad_properties"},
		{"properties that are text", `{` + base + `,"properties":"{}"}`, "bad_properties"},
		{"properties over 32 KB", `{` + base + `,"properties":{"a":"` + strings.Repeat("x", event.MaxProperties) + `"}}`, "properties_too_large"},
		{"properties seven deep", `{` + base + `,"properties":` + deep + `}`, "properties_too_deep"},
		{"properties deep at first, then flat", `{` + base + `,"properties":{"a":` + deep + `,"b":{}}}`, "properties_too_deep"},
		{"properties with invalid UTF-8", `{` + base + `,"properties":{"a":"x` + "\xff" + `y"}}`, "invalid_utf8"},
		{"a session with half a letter", `{` + without("sessionId") + `,"sessionId":"a` + "\xc3" + `"}`, "invalid_utf8"},
		{"251 names", `{` + base + `,"properties":{` + manyNames(event.MaxMembers+1) + `}}`, "too_many_properties"},
		{"251 names in three objects", `{` + base + `,"properties":{"a":{` + manyNames(124) + `},"b":[{` + manyNames(125) + `}]}}`, "too_many_properties"},
		{"40 KB beside the properties", `{` + base + `,"context":"` + strings.Repeat("x", 40<<10) + `"}`, "event_too_large"},
		{"a time without zone", `{` + base + `,"timestamp":"2026-11-23T11:59:00"}`, "bad_timestamp"},
		{"a date only", `{` + base + `,"timestamp":"2026-11-23"}`, "bad_timestamp"},
		{"an empty time", `{` + base + `,"timestamp":""}`, "bad_timestamp"},
		{"a time that is true", `{` + base + `,"timestamp":true}`, "bad_timestamp"},
		{"milliseconds as text", `{` + base + `,"timestamp":"1795435140000"}`, "bad_timestamp"},
		{"milliseconds beyond all dates", `{` + base + `,"timestamp":1e300}`, "bad_timestamp"},
		{"a number too large to read", `{` + base + `,"timestamp":1e999}`, "bad_timestamp"},
		{"seconds instead of milliseconds", `{` + base + `,"timestamp":1795435140}`, "too_old"},
		{"a millisecond older than seven days", `{` + base + `,"timestamp":"2026-11-16T11:59:59.999Z"}`, "too_old"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := decode(t, `{"events":[`+row.event+`,{`+base+`}]}`)
			if len(got.Bad) != 1 || len(got.Events) != 1 {
				t.Fatalf("Decode = %d events and %d bad, want the good one kept and one bad", len(got.Events), len(got.Bad))
			}
			bad := got.Bad[0]
			if bad.Reason != row.reason || bad.Index != 0 {
				t.Errorf("Bad[0] = %+v, want reason %q at index 0", bad, row.reason)
			}
			if !strings.HasSuffix(bad.Details, ".") || len(bad.Details) < 20 {
				t.Errorf("Details = %q, want a sentence", bad.Details)
			}
			if got.Events[0].Index != 1 {
				t.Errorf("the good event has index %d, want 1", got.Events[0].Index)
			}
		})
	}
}

func TestDecodeRefusesJunkSessions(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"null", "undefined", "0", "NaN", "[object Object]", "false", "true", "None", "nil", "UNDEFINED",
		" null ", "{}", "[]", "-1", "anonymous", "sessionId",
	} {
		body, err := json.Marshal(map[string]any{"events": []any{map[string]any{"name": "a", "sessionId": id}}})
		if err != nil {
			t.Fatal(err)
		}
		got := decode(t, string(body))
		if len(got.Bad) != 1 || got.Bad[0].Reason != "bad_session" {
			t.Errorf("sessionId %q: %+v, want bad_session", id, got)
		}
	}
	if got := decode(t, one(without("sessionId")+`,"sessionId":0`)); len(got.Bad) != 1 || got.Bad[0].Reason != "bad_session" {
		t.Errorf("sessionId 0 as a number: %+v, want bad_session", got)
	}
	for _, id := range []string{"00", "nullable", "id-1", "a null"} {
		if got := decodeOne(t, one(without("sessionId")+`,"sessionId":"`+id+`"`)); string(got.SessionID) != id {
			t.Errorf("sessionId %q was read as %q", id, got.SessionID)
		}
	}
}

func TestBadEventsAreNamed(t *testing.T) {
	t.Parallel()
	got := decode(t, `{"events":[{"messageId":"m-1","name":"a"},{`+base+`},{"name":"a"},{"id":"null"},9]}`)
	var ids []string
	for _, bad := range got.Bad {
		ids = append(ids, fmt.Sprintf("%d %s", bad.Index, bad.ID))
	}
	want := []string{"0 m-1", "2 index:2", "3 index:3", "4 index:4"}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("index and id of the bad events (-want +got):\n%s", diff)
	}
}

func TestDecodeTimes(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, at         string
		want             time.Time
		clamped, undated bool
	}{
		{"a JavaScript date", `"2026-11-23T11:59:00.250Z"`, arrival.Add(-59750 * time.Millisecond), false, false},
		{"another zone", `"2026-11-23T17:14:00+05:45"`, arrival.Add(-31 * time.Minute), false, false},
		{"finer than a millisecond", `"2026-11-23T11:59:59.123999Z"`, arrival.Add(-877 * time.Millisecond), false, false},
		{"milliseconds", `1795435140250`, arrival.Add(-59750 * time.Millisecond), false, false},
		{"milliseconds with a fraction", `1795435140250.75`, arrival.Add(-59750 * time.Millisecond), false, false},
		{"exactly seven days old", `"2026-11-16T12:00:00Z"`, arrival.Add(-event.MaxAge), false, false},
		{"two minutes ahead", `"2026-11-23T12:02:00Z"`, arrival.Add(event.MaxAhead), false, false},
		{"more than two minutes ahead", `"2026-11-23T12:02:00.001Z"`, arrival, true, false},
		{"a year ahead", `1826971140000`, arrival, true, false},
		{"none", `null`, arrival, false, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := decodeOne(t, one(without("timestamp")+`,"timestamp":`+row.at))
			if !got.At.Equal(row.want) || got.At.Location() != time.UTC {
				t.Errorf("timestamp %s = %v, want %v in UTC", row.at, got.At, row.want)
			}
			if got.Clamped != row.clamped || got.Undated != row.undated {
				t.Errorf("timestamp %s clamped, undated = %v, %v, want %v, %v", row.at, got.Clamped, got.Undated, row.clamped, row.undated)
			}
		})
	}
	late, err := event.Decode([]byte(one(without("timestamp"))), event.Options{Now: arrival.Add(123456789 * time.Nanosecond).In(time.FixedZone("", 3600))})
	if err != nil || !late.Events[0].At.Equal(arrival.Add(123*time.Millisecond)) || late.Events[0].At.Location() != time.UTC {
		t.Errorf("an undated event is set to %v, err %v, want whole milliseconds of UTC", late.Events[0].At, err)
	}
}

func TestDecodeAliases(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"id", "uuid", "messageId", "insert_id", "$insert_id"} {
		got := decodeOne(t, one(without("id")+`,"`+key+`":"x-9"`))
		if got.ID != "x-9" || got.Derived {
			t.Errorf("%s: id = %q, derived = %v, want x-9 as given", key, got.ID, got.Derived)
		}
	}
	got := decodeOne(t, `{"sent_at":"2026-11-23T11:59:58Z","events":[{"$insert_id":"other","id":"mine","uuid":"third",
		"event":"ping","session_id":"s-2","user_id":"u-1","seq":17,"timestamp":1795435140000}]}`)
	want := event.Incoming{Event: event.Event{
		ID: "mine", Name: "ping", SessionID: "s-2", UserID: "u-1", At: arrival.Add(-time.Minute), Properties: json.RawMessage(`{}`),
		Seq: 17,
	}, Clocked: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
	if b := decode(t, `{"sent_at":"2026-11-23T11:59:58Z","events":[]}`); !b.SentAt.Equal(arrival.Add(-2 * time.Second)) {
		t.Errorf("SentAt = %v, want two seconds before arrival", b.SentAt)
	}
	if got := decodeOne(t, one(base+`,"event":"other","session_id":"other"`)); got.Name != "cta_click" || got.SessionID != "s-1" {
		t.Errorf("name, session = %q, %q: an alias won over the name itself", got.Name, got.SessionID)
	}
	if got := decodeOne(t, one(without("sessionId")+`,"sessionId":1732360000123,"id":42`)); got.SessionID != "1732360000123" || got.ID != "42" {
		t.Errorf("session, id = %q, %q, want the numbers as written", got.SessionID, got.ID)
	}
}

func TestDecodeUserID(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`"u-1"`: "u-1", `12`: "12", `null`: "", `"undefined"`: "", `{}`: "",
		`"jane@example.org"`:                      "", // events hold no addresses
		`"` + strings.Repeat("x", 201) + `"`:      "",
		`"` + strings.Repeat("x", 200) + `"`:      strings.Repeat("x", 200),
		`"a` + "\\u0007" + `b"`:                   "",
		`"` + strings.Repeat("\u00fc", 200) + `"`: strings.Repeat("\u00fc", 200),
	} {
		if got := decodeOne(t, one(base+`,"userId":`+raw)).UserID; got != want {
			t.Errorf("userId %.30s = %q, want %q", raw, got, want)
		}
	}
}

func TestDecodeProperties(t *testing.T) {
	t.Parallel()
	const limit = event.MaxProperties
	full := `{"a":"` + strings.Repeat("x", limit-8) + `"}`
	six := strings.Repeat(`{"a":`, event.MaxDepth-1) + `[]` + strings.Repeat(`}`, event.MaxDepth-1)
	for _, row := range []struct{ name, raw, want string }{
		{"null", `null`, `{}`},
		{"empty", `{}`, `{}`},
		{"kept as sent", `{"b":1.50, "a":[true,null,"x"]}`, `{"b":1.50, "a":[true,null,"x"]}`},
		{"brackets in text are not depth", `{"a":"[[[[[[[[{{{{\"]"}`, `{"a":"[[[[[[[[{{{{\"]"}`},
		{"32 KB", full, full},
		{"six levels", six, six},
		{"250 names", `{` + manyNames(event.MaxMembers) + `}`, `{` + manyNames(event.MaxMembers) + `}`},
		{"NUL", `{"a":"x\u0000y","b\u0000":1}`, `{"a":"x` + "\ufffd" + `y","b` + "\ufffd" + `":1}`},
		{"an escaped backslash before u0000", `{"a":"\\u0000"}`, `{"a":"\\u0000"}`},
		{"half a surrogate pair", `{"a":"\ud83d!"}`, `{"a":"` + "\ufffd" + `!"}`},
		{"a whole surrogate pair", `{"a":"\ud83d\ude00"}`, `{"a":"😀"}`},
		{"escapes that must stay", `{"a":"\u0022\u005c\u0001\u000a\u001f/"}`, `{"a":"\"\\\u0001\u000a\u001f/"}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := decodeOne(t, one(base+`,"properties":`+row.raw)).Properties
			if diff := cmp.Diff(row.want, string(got)); diff != "" {
				t.Errorf("properties %.60s (-want +got):\n%s", row.raw, diff)
			}
		})
	}
}

func TestDerivedIDs(t *testing.T) {
	t.Parallel()
	id := func(members string) event.ID { return decodeOne(t, one(members)).ID }
	base := without("id")
	first := id(base + `,"properties":{"a":1,"b":{"c":"é","d":[1,2]}}`)
	for name, members := range map[string]string{
		"other order":       base + `,"properties":{"b":{"d":[1,2],"c":"é"},"a":1}`,
		"other space":       base + `,"properties": { "a" : 1 , "b":{"c":"é","d":[ 1,2 ]} }`,
		"other escapes":     base + `,"properties":{"\u0061":1,"b":{"c":"\u00e9","d":[1,2]}}`,
		"milliseconds":      without("timestamp")[len(`"id":"e-1",`):] + `,"timestamp":1795435140000,"properties":{"a":1,"b":{"c":"é","d":[1,2]}}`,
		"the last of twins": base + `,"properties":{"a":7,"a":1,"b":{"c":"é","d":[1,2]}}`,
		"a junk id":         base + `,"id":"undefined","properties":{"a":1,"b":{"c":"é","d":[1,2]}}`,
	} {
		if got := id(members); got != first {
			t.Errorf("%s: id = %s, want %s: it is the same event", name, got, first)
		}
	}
	var twins strings.Builder
	for i := range 40 {
		fmt.Fprintf(&twins, `"b":%d,"a":%d,`, i, i)
	}
	if got, want := id(base+`,"properties":{`+twins.String()+`"b":1,"a":2}`), id(base+`,"properties":{"a":2,"b":1}`); got != want {
		t.Errorf("of many equal keys another than the last was taken: id = %s, want %s", got, want)
	}
	for name, members := range map[string]string{
		"another value":   base + `,"properties":{"a":2,"b":{"c":"é","d":[1,2]}}`,
		"another order":   base + `,"properties":{"a":1,"b":{"c":"é","d":[2,1]}}`,
		"another time":    base + `,"timestamp":"2026-11-23T11:59:00.001Z","properties":{"a":1,"b":{"c":"é","d":[1,2]}}`,
		"another name":    base + `,"name":"x","properties":{"a":1,"b":{"c":"é","d":[1,2]}}`,
		"another session": base + `,"sessionId":"s-2","properties":{"a":1,"b":{"c":"é","d":[1,2]}}`,
		"a number":        base + `,"seq":2,"properties":{"a":1,"b":{"c":"é","d":[1,2]}}`,
		"text for number": base + `,"properties":{"a":"1","b":{"c":"é","d":[1,2]}}`,
	} {
		if got := id(members); got == first {
			t.Errorf("%s: id = %s, want another: it is another event", name, got)
		}
	}
}

// TestDerivedIDsOfLateBatches re-sends what the collector queues again after
// a failure: the events must be recognised whatever the time of arrival.
func TestDerivedIDsOfLateBatches(t *testing.T) {
	t.Parallel()
	body := []byte(`{"events":[{"name":"a","sessionId":"s","timestamp":"2026-11-23T15:00:00Z"},{"name":"a","sessionId":"s"}]}`)
	for _, late := range []time.Duration{0, time.Minute, 4 * time.Hour} {
		got, err := event.Decode(body, event.Options{Now: arrival.Add(late)})
		if err != nil {
			t.Fatal(err)
		}
		want := decode(t, string(body))
		for i, in := range got.Events {
			if in.ID != want.Events[i].ID {
				t.Errorf("arrived %v later, event %d has id %s, want %s", late, i, in.ID, want.Events[i].ID)
			}
		}
	}
}

func TestDecodeSharesNoMemory(t *testing.T) {
	t.Parallel()
	body := []byte(one(base + `,"properties":{"a":"keep"}`))
	got, err := event.Decode(body, event.Options{Now: arrival})
	if err != nil {
		t.Fatal(err)
	}
	for i := range body {
		body[i] = '#'
	}
	if p := got.Events[0].Properties; string(p) != `{"a":"keep"}` || got.Events[0].SessionID != "s-1" {
		t.Errorf("the batch changed with the body: %s", p)
	}
	_ = append(got.Events[0].Properties, "spill"...)
	two := decode(t, `{"events":[{`+base+`,"properties":{"a":1}},{`+base+`,"properties":{"b":2}}]}`)
	_ = append(two.Events[0].Properties, `######`...)
	if p := string(two.Events[1].Properties); p != `{"b":2}` {
		t.Errorf("appending to one event's properties changed the next: %s", p)
	}
}

func BenchmarkDecodeBatch(b *testing.B) {
	for _, withID := range []bool{true, false} {
		var body strings.Builder
		body.WriteString(`{"events":[`)
		for i := range 500 {
			if i > 0 {
				body.WriteByte(',')
			}
			if body.WriteByte('{'); withID {
				fmt.Fprintf(&body, `"id":"0199b0c4-98fc-7c14-9afb-%012d",`, i)
			}
			fmt.Fprintf(&body, `"name":"question_efficiency","properties":{"questionCount":%d,"status":"normal","efficiency":"excellent"},`+
				`"timestamp":"2026-11-23T11:59:00.%03dZ","sessionId":"session-%d"}`, i%30, i, i/20)
		}
		body.WriteString(`]}`)
		raw := []byte(body.String())
		b.Run(fmt.Sprintf("500/id=%v", withID), func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				got, err := event.Decode(raw, event.Options{Now: arrival})
				if err != nil || len(got.Events) != 500 {
					b.Fatal(len(got.Events), err)
				}
			}
		})
	}
}

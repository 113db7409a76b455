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

func TestForms(t *testing.T) {
	t.Parallel()
	good := `{` + base + `}`
	envelope := `{"events":[` + good + `,7]}`
	for _, row := range []struct {
		name, body string
		form       event.Form
		events     int
		bad        string // reasons
		malformed  string // start of the details
	}{
		{name: "lines", form: event.FormLines, body: good + "\n" + good + "\n", events: 2},
		{name: "lines of Windows, some of them empty", form: event.FormLines, body: "\r\n" + good + "\r\n\r\n" + good, events: 2},
		{name: "a broken line costs itself", form: event.FormLines, body: good + "\n{\"name\":\n" + good, events: 2, bad: "bad_json"},
		{name: "the last line was cut off", form: event.FormLines, body: good + "\n" + good[:20], events: 1, bad: "bad_json"},
		{name: "no line can be read", form: event.FormLines, body: "\n  hello\nyou", malformed: "The body is not JSON: invalid character 'h'"},
		{name: "only empty lines", form: event.FormLines, body: "\n\n", malformed: "The body is empty."},
		{name: "an envelope before the lines", form: event.FormLines, body: `{"sent_at":1795435199000,"dropped":4}` + "\n" + good, events: 1},
		{name: "an envelope and nothing else", form: event.FormLines, body: `{"sent_at":1795435199000}`},
		{name: "a line that is no object", form: event.FormLines, body: "5\n" + good, events: 1, bad: "not_object"},
		{name: "an envelope after the first line is an event without name", form: event.FormLines, body: good + "\n{\"sent_at\":5}", events: 1, bad: "missing_name"},
		{name: "a line of bytes", form: event.FormLines, body: good + "\n{\"name\":\"\xff\",\"sessionId\":\"s\"}", events: 1, bad: "invalid_utf8"},
		{name: "a beacon of the seed's body", form: event.FormText, body: envelope, events: 1, bad: "not_object"},
		{name: "a beacon of an array", form: event.FormText, body: `[` + good + `]`, events: 1},
		{name: "a beacon of lines", form: event.FormText, body: good + "\n" + good, events: 2},
		{name: "a beacon of one event", form: event.FormText, body: good + "\n", events: 1},
		{name: "a beacon that was cut off", form: event.FormText, body: envelope[:30], malformed: "The body is not JSON: unexpected end"},
		{name: "a beacon of prose", form: event.FormText, body: "hello", malformed: "The body is not JSON"},
		{name: "a beacon of a number", form: event.FormText, body: "5", malformed: "The body is neither"},
		{name: "a beacon with a list of something else", form: event.FormText, body: `{"events":5}`, malformed: `The body has no array "events".`},
		{name: "nested beyond all reason", form: event.FormJSON, body: `{"events":[` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `]}`, malformed: "The body is not JSON: invalid character '[' exceeded max depth"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := event.Decode([]byte(row.body), event.Options{Now: arrival, Form: row.form})
			if malformed, ok := errors.AsType[*event.Malformed](err); row.malformed != "" {
				if !ok || !strings.HasPrefix(malformed.Details, row.malformed) {
					t.Fatalf("Decode err = %v, want %q", err, row.malformed)
				}
				return
			}
			if err != nil {
				t.Fatalf("Decode: %v", err)
			}
			var reasons []string
			for _, bad := range got.Bad {
				reasons = append(reasons, bad.Reason)
			}
			if len(got.Events) != row.events || strings.Join(reasons, " ") != row.bad {
				t.Errorf("Decode = %d events and %v, want %d and %q", len(got.Events), reasons, row.events, row.bad)
			}
		})
	}
}

func TestLinesAreCounted(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("{}\n", event.MaxBatch+7)
	_, err := event.Decode([]byte(body), event.Options{Now: arrival, Form: event.FormLines})
	if many, ok := errors.AsType[*event.TooMany](err); !ok || many.Count != event.MaxBatch+7 {
		t.Errorf("Decode(1007 lines) = %v, want *TooMany", err)
	}
	// As many as are allowed: what is no event of ours, and what is no JSON.
	body = strings.Repeat("{}\n", event.MaxBatch-1) + "{\n"
	got, err := event.Decode([]byte(body), event.Options{Now: arrival, Form: event.FormLines})
	if err != nil || len(got.Bad) != event.MaxBatch {
		t.Errorf("Decode of %d lines = %d bad ones, %v, want each refused by itself", event.MaxBatch, len(got.Bad), err)
	}
	if many, err := event.Decode([]byte(body+"{}"), event.Options{Now: arrival, Form: event.FormLines}); err == nil {
		t.Errorf("Decode of one line more = %d events, want *TooMany", len(many.Events)+len(many.Bad))
	}
	_, err = event.Decode([]byte("\n\nfoo\nbar"), event.Options{Now: arrival, Form: event.FormLines})
	if m, ok := errors.AsType[*event.Malformed](err); !ok || m.Offset != 4 {
		t.Errorf("Decode err = %v, want the offset of the letter that is wrong", err)
	}
}

func TestEnvelope(t *testing.T) {
	t.Parallel()
	got := decode(t, `{"sent_at":"2026-11-23T11:59:57.500Z","dropped":12,"privacy":"anonymous","webdriver":true,"events":[]}`)
	want := event.Batch{
		Events: []event.Incoming{}, SentAt: arrival.Add(-2500 * time.Millisecond), Skew: 2500 * time.Millisecond,
		Evicted: 12, Anonymous: true, Automated: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Decode (-want +got):\n%s", diff)
	}
	got = decode(t, `{"sent_at":"yesterday","dropped":-1,"privacy":"full","webdriver":"no","events":[]}`)
	if diff := cmp.Diff(event.Batch{Events: []event.Incoming{}}, got); diff != "" {
		t.Errorf("an envelope of nonsense (-want +got):\n%s", diff)
	}
	if far := decode(t, `{"sent_at":-8640000000000000,"events":[{`+base+`}]}`); far.Skew != 0 || far.Events[0].Clocked {
		t.Errorf("a clock that is no clock was believed: %+v", far)
	}
}

// The sender's clock is an hour ahead and its page is five minutes old; the
// batch travels two seconds.
func TestSendersClock(t *testing.T) {
	t.Parallel()
	sent := arrival.Add(time.Hour - 2*time.Second)
	at := func(before time.Duration) string { return strconv.FormatInt(sent.Add(-before).UnixMilli(), 10) }
	for _, row := range []struct {
		name, members string
		age           time.Duration // before sending
		jumped        bool
		refused       string
		now           bool
	}{
		{name: "a minute before", members: `"timestamp":` + at(time.Minute), age: time.Minute},
		{name: "both clocks agree within two seconds", members: `"timestamp":` + at(time.Minute) + `,"mono":239000`, age: time.Minute},
		{name: "the wall clock was set back", members: `"timestamp":` + at(-time.Hour) + `,"mono":240000`, age: time.Minute, jumped: true},
		{name: "the machine slept", members: `"timestamp":` + at(time.Hour) + `,"mono":240000`, age: time.Hour},
		{name: "only the steady clock", members: `"mono":240000`, age: time.Minute},
		{name: "a steady clock that is ahead of itself", members: `"timestamp":` + at(time.Minute) + `,"mono":999999`, age: time.Minute},
		{name: "a steady clock that is text", members: `"timestamp":` + at(time.Minute) + `,"mono":"x"`, age: time.Minute},
		{name: "a minute later than it was sent", members: `"timestamp":` + at(-time.Minute), age: -time.Minute},
		{name: "an hour later than it was sent", members: `"timestamp":` + at(-time.Hour), now: true},
		{name: "seven days before", members: `"timestamp":` + at(event.MaxAge), age: event.MaxAge},
		{name: "longer than seven days before", members: `"timestamp":` + at(event.MaxAge+time.Millisecond), refused: "too_old"},
		{name: "a clock of 1970", members: `"timestamp":5`, refused: "too_old"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			b := decode(t, fmt.Sprintf(`{"sent_at":%d,"sent_mono":300000,"events":[{"id":"a","name":"x","sessionId":"s",%s}]}`, sent.UnixMilli(), row.members))
			if b.Skew != 2*time.Second-time.Hour {
				t.Errorf("Skew = %v, want that of a clock an hour ahead after two seconds of travel", b.Skew)
			}
			if row.refused != "" {
				if len(b.Bad) != 1 || b.Bad[0].Reason != row.refused {
					t.Errorf("Bad = %+v, want %s", b.Bad, row.refused)
				}
				return
			}
			want := event.Incoming{Event: event.Event{ID: "a", Name: "x", SessionID: "s", At: sent.Add(-row.age), Properties: json.RawMessage(`{}`)}, Clocked: true, Jumped: row.jumped}
			if row.now {
				want.At, want.Clocked, want.Clamped = arrival, false, true
			}
			if diff := cmp.Diff([]event.Incoming{want}, b.Events); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnonymousEvents(t *testing.T) {
	t.Parallel()
	members := base + `,"userId":"u-1","properties":{"referrer":"https://mail.example/inbox?q=1","plan":"a","email":"x@example.org",
		"context":{"ip":"203.0.113.9","screen":{"deviceId":7,"width":390}},"user_id":5,"referer":"a/b","list":[{"a":1}]}`
	alias := func(id event.SessionID, at time.Time) event.SessionID {
		return id + event.SessionID(at.UTC().Format("/2006-01-02"))
	}
	for _, opt := range []event.Options{
		{Now: arrival, Anonymous: true, Alias: alias},
		{Now: arrival.Add(13 * time.Hour), Anonymous: true, Alias: alias}, // the day after
	} {
		got, err := event.Decode([]byte(one(members)), opt)
		if err != nil || !got.Anonymous || len(got.Events) != 1 {
			t.Fatalf("Decode = %+v, %v", got, err)
		}
		e := got.Events[0]
		want := `{"referrer":"mail.example","plan":"a","context":{"screen":{"width":390}},"referer":"","list":[{"a":1}]}`
		if e.UserID != "" || e.SessionID != "s-1/2026-11-23" || string(e.Properties) != want || e.ID != "e-1" {
			t.Errorf("anonymous event = %+v\nproperties %s\nwant       %s", e, e.Properties, want)
		}
	}
	asked, err := event.Decode([]byte(`{"privacy":"anonymous","events":[{`+members+`}]}`), event.Options{Now: arrival, Alias: alias})
	if err != nil || !asked.Anonymous || asked.Events[0].UserID != "" {
		t.Errorf("the envelope asked to be anonymous: %+v, %v", asked, err)
	}
	secret := func(id event.SessionID, _ time.Time) event.SessionID { return "hidden-" + id }
	open := decodeOne(t, one(without("id")))
	hidden, err := event.Decode([]byte(one(without("id"))), event.Options{Now: arrival, Anonymous: true, Alias: secret})
	if err != nil || hidden.Events[0].ID == open.ID {
		t.Errorf("the derived id of an anonymous event tells its session: %v, %v", hidden.Events, err)
	}
}

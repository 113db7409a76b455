package event_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
)

// FuzzDecode checks against encoding/json which bodies can be read and
// how many events they hold, and that nothing unclean comes out.
func FuzzDecodeBatch(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `{"events":[]}`, `[]`, `[{` + base + `}]`, one(base), one(base + `,"properties":{"a":[{"b":"\u0000\ud800"},1e5]}`),
		`{"events":[{},1,"x",null,[],true,{"name":"a","sessionId":"s"}],"sent_at":5}`, "{\"events\":[{\"name\":\"\xff\",\"sessionId\":1}]}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := event.Decode(body, event.Options{Now: arrival})
		if err != nil {
			_, malformed := errors.AsType[*event.Malformed](err)
			if tooMany, ok := errors.AsType[*event.TooMany](err); !malformed && (!ok || tooMany.Count <= event.MaxBatch) {
				t.Fatalf("Decode err = %v", err)
			}
			return
		}
		var list []json.RawMessage
		body = bytes.TrimPrefix(body, []byte("\ufeff"))
		if err := json.Unmarshal(body, &list); err != nil {
			var want map[string]json.RawMessage
			if err := json.Unmarshal(body, &want); err != nil {
				t.Fatalf("Decode read a body that is neither a JSON object nor an array: %v", err)
			}
			if err := json.Unmarshal(want["events"], &list); err != nil {
				t.Fatalf("Decode read events that encoding/json does not find: %v", err)
			}
		}
		if len(list) != len(got.Events)+len(got.Bad) {
			t.Fatalf("Decode = %d good, %d bad, encoding/json finds %d", len(got.Events), len(got.Bad), len(list))
		}
		for _, in := range got.Events {
			checkClean(t, in)
		}
		if again, _ := event.Decode(body, event.Options{Now: arrival}); !cmp.Equal(got, again) {
			t.Fatal("the same body decodes differently the second time")
		}
	})
}

func checkClean(t *testing.T, in event.Incoming) {
	t.Helper()
	var props map[string]any
	if err := json.Unmarshal(in.Properties, &props); err != nil || props == nil {
		t.Errorf("properties %q are not an object: %v", in.Properties, err)
	}
	again, err := json.Marshal(props)
	if err != nil {
		t.Fatal(err)
	}
	if !utf8.Valid(in.Properties) || strings.Contains(string(again), `\u0000`) {
		t.Errorf("properties %q hold NUL or invalid UTF-8", in.Properties)
	}
	for _, s := range []string{string(in.ID), string(in.Name), string(in.SessionID)} {
		if s == "" || len([]rune(s)) > event.MaxText || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			t.Errorf("id, name or session %q came through", s)
		}
	}
	outside := in.At.Before(arrival.Add(-event.MaxAge)) || in.At.After(arrival.Add(event.MaxAhead))
	if outside && !in.Clocked || in.At.Nanosecond()%1e6 != 0 {
		t.Errorf("time %v came through", in.At)
	}
}

// FuzzDecodeForms reads the same bytes in every form and as everybody: nothing
// unclean comes out, nothing is counted twice, and every attempt is the same.
func FuzzDecodeForms(f *testing.F) {
	line := `{` + base + `,"seq":3,"mono":50,"properties":{"userId":"u","referrer":"https://a.example/b"}}`
	for _, seed := range []string{
		``, "\n", line, line + "\n" + line, line + "\r\n\r\nbroken\n" + line + "\n", `{"sent_at":5,"sent_mono":9}` + "\n" + line,
		`{"sent_at":"2026-11-23T12:00:00Z","sent_mono":1e3,"privacy":"anonymous","events":[` + line + `]}`,
		"{\"a\":1}\n\xff\n{", `{"name":"a"}{"name":"b"}`, `[` + line + `,` + line + `]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, opt := range []event.Options{
			{Now: arrival, Form: event.FormLines},
			{Now: arrival, Form: event.FormText, Anonymous: true, Alias: func(id event.SessionID, at time.Time) event.SessionID {
				return event.SessionID(event.DeriveID(string(id), at.UTC().Format(time.DateOnly)))
			}},
		} {
			got, err := event.Decode(body, opt)
			if err != nil {
				continue
			}
			places := make(map[int]bool)
			for _, in := range got.Events {
				checkClean(t, in)
				places[in.Index] = true
				if got.Anonymous && (in.UserID != "" || bytes.Contains(in.Properties, []byte(`"userId":`)) && json.Valid(in.Properties) && top(t, in.Properties, "userId")) {
					t.Errorf("an anonymous event kept its user: %+v", in)
				}
			}
			for _, bad := range got.Bad {
				places[bad.Index] = true
			}
			if n := len(got.Events) + len(got.Bad); len(places) != n || n > 0 && !places[n-1] {
				t.Errorf("%d events have %d places", n, len(places))
			}
			if again, _ := event.Decode(body, opt); !cmp.Equal(got, again) {
				t.Error("the same body decodes differently the second time")
			}
		}
	})
}

// top reports whether an object has a member of its own.
func top(t *testing.T, raw []byte, name string) bool {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	_, ok := m[name]
	return ok
}

// FuzzDerivedID spells the same properties anew with encoding/json: other key
// order, space and escapes must make the same id, other content another.
func FuzzDerivedID(f *testing.F) {
	f.Add(`{"b":1,"a":[true,"\u00e9<\u2028"],"c":{"z":null,"\"":"\u0001"}}`, `{"b":1}`)
	f.Add(`{"a":1,"a":2}`, `{"a":2}`)
	f.Add(`{"a":"\ud800"}`, `{"a":"\ufffd"}`)
	f.Fuzz(func(t *testing.T, raw, other string) {
		first, ok := derived(t, raw)
		if !ok || len(raw) > event.MaxProperties/16 { // the other spelling may be longer
			return
		}
		meaning := spelled(t, raw)
		if again, ok := derived(t, meaning); !ok || again != first {
			t.Errorf("%s and %s have ids %s and %s, want equal ones", raw, meaning, first, again)
		}
		if id, ok := derived(t, other); ok && (id == first) != (spelled(t, other) == meaning) {
			t.Errorf("%s and %s: equal ids = %v", raw, other, id == first)
		}
	})
}

// spelled returns the spelling of encoding/json.
func spelled(tb testing.TB, raw string) string {
	tb.Helper()
	dec := json.NewDecoder(strings.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		tb.Fatal(err)
	}
	out, err := json.MarshalIndent(v, " ", "\t")
	if err != nil {
		tb.Fatal(err)
	}
	return string(out)
}

func derived(tb testing.TB, properties string) (event.ID, bool) {
	tb.Helper()
	switch {
	case !strings.HasPrefix(properties, "{"), !json.Valid([]byte(properties)):
		return "", false
	case strings.Contains(properties, `\u0000`):
		return "", false // we replace NUL, encoding/json keeps it
	}
	got := decode(tb, one(without("id")+`,"properties":`+properties))
	if len(got.Events) != 1 {
		return "", false // too deep
	}
	return got.Events[0].ID, true
}

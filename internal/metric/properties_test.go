package metric

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
)

// TestPropertyNames: the names by hand are those of the fields.
func TestPropertyNames(t *testing.T) {
	t.Parallel()
	var want []string
	p := new(Properties)
	for i, f := range slices.Collect(reflect.TypeFor[Properties]().Fields()) {
		name := f.Tag.Get("json")
		want = append(want, name)
		if got := p.exactly(name); got != reflect.ValueOf(p).Elem().Field(i).Addr().Interface() {
			t.Errorf("%s leads to another field", name)
		}
	}
	if got := propertyNames(); !slices.Equal(got[:], want) {
		t.Errorf("names %v, want %v", got, want)
	}
}

// FuzzProperties holds the reading of properties to encoding/json.
func FuzzProperties(f *testing.F) {
	for _, s := range []string{
		`{"source":"a","SOURCE":"b","features":["x",1,null,"y"],"confidence":12.5,"duration":"no","trials":null}`,
		`{"confidence":1e999,"model":"\u00e9","mo\u0064el":"x","ſource":"long s","Kelvin":1}`, `{"confidence":-7,"questionNumber":-0.5}`, `{"a":{"source":"deep"}}`, `[]`, `{`, `{"source":"\ud800"}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !json.Valid([]byte(text)) || strings.Count(text, ":") > 20 {
			return // what is invalid is passed over as a whole
		}
		var want Properties
		if json.Unmarshal([]byte(text), &want) != nil && !strings.HasPrefix(strings.TrimSpace(text), "{") {
			want = Properties{}
		}
		got := Read(event.Event{Name: event.NameLandingView, Properties: json.RawMessage(text)}).p
		for _, list := range []*[]string{&got.Features, &got.Selected, &got.Rejected, &got.Trials, &want.Features, &want.Selected, &want.Rejected, &want.Trials} {
			*list = slices.DeleteFunc(*list, func(s string) bool { return s == "" }) // no id
			if len(*list) == 0 {
				*list = nil
			}
		}
		if !reflect.DeepEqual(*got, want) {
			t.Errorf("%s\nis read as %+v\nwant       %+v", text, *got, want)
		}
	})
}

// TestReaderForgets: memory that is used again holds nothing of what was read
// before, and what was read before stays what it was as a text.
func TestReaderForgets(t *testing.T) {
	t.Parallel()
	batch, err := event.Decode([]byte(`{"events":[
		{"name":"features_selected","sessionId":"s","properties":{"selected":["a","b"],"rejected":["c"],"package":"starter","totalPrice":12}},
		{"name":"landing_view","sessionId":"s","properties":{"source":"ads","trials":["x:y"]}},
		{"name":"cta_click","sessionId":"s","properties":{"source":"ads"}},
		{"name":"session_start","sessionId":"s","properties":{"website\u0054ype":"shop","language":"d\u0065"}},
		{"name":"features_selected","sessionId":"s","properties":{"selected":["b"]}}]}`), event.Options{Now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)})
	if err != nil || len(batch.Events) != 5 {
		t.Fatalf("Decode = %d events, %v", len(batch.Events), err)
	}
	var r Reader
	for round := range 3 {
		for i := range batch.Events { // in another order each time, so that others had the memory
			e := &batch.Events[(i+round)%len(batch.Events)]
			got, want := r.Read(e), Read(e.Event).p
			if got == nil || want == nil {
				if got != want {
					t.Errorf("%s is read as %v, want %v", e.Properties, got, want)
				}
				continue
			}
			same := *got
			for _, list := range []*[]string{&same.Features, &same.Selected, &same.Rejected, &same.Trials} {
				if len(*list) == 0 {
					*list = nil
				}
			}
			if !reflect.DeepEqual(same, *want) {
				t.Errorf("%s is read as %+v, want %+v", e.Properties, same, *want)
			}
		}
		r.Reset()
	}
}

package metric

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/event"
)

// TestPropertyNames: the names by hand are those of the fields.
func TestPropertyNames(t *testing.T) {
	t.Parallel()
	var want []string
	p := new(properties)
	for i, f := range slices.Collect(reflect.TypeFor[properties]().Fields()) {
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
		`{"confidence":1e999,"model":"\u00e9","mo\u0064el":"x","ſource":"long s","Kelvin":1}`, `{"a":{"source":"deep"}}`, `[]`, `{`, `{"source":"\ud800"}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !json.Valid([]byte(text)) || strings.Count(text, ":") > 20 {
			return // what is invalid is passed over as a whole
		}
		var want properties
		if json.Unmarshal([]byte(text), &want) != nil && !strings.HasPrefix(strings.TrimSpace(text), "{") {
			want = properties{}
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

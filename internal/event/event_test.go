package event_test

import (
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
)

var arrival = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// names lists every event of DOMAIN 9.1 and 9.2 and who may make it.
var names = map[event.Name]struct{ server bool }{
	"session_start":             {true},
	"business_model_classified": {true},
	"features_recommended":      {true},
	"features_selected":         {true},
	"validation_loop":           {true},
	"question_efficiency":       {true},
	"conflict_resolution":       {true},
	"session_complete":          {true},
	"document_generated":        {true},

	"landing_view":               {false},
	"cta_click":                  {false},
	"foundation_start":           {false},
	"foundation_field_completed": {false},
	"foundation_complete":        {true},
	"conversation_start":         {true},
	"conversation_message_sent":  {true},
	"validation_shown":           {true},
	"feature_viewed":             {false},
	"session_abandoned":          {true},
	"emails_sent":                {true},
	"feedback":                   {false},
	"session_recovered":          {true},
	"injection_suspected":        {true},
	"classification_uncertain":   {true},
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range names {
		if !name.Known() {
			t.Errorf("%q.Known() = false, want true", name)
		}
		if got := name.ServerOnly(); got != want.server {
			t.Errorf("%q.ServerOnly() = %v, want %v", name, got, want.server)
		}
	}
	for _, name := range []event.Name{"", "page_view", "Session_Start", "landing_page_view"} {
		if name.Known() || name.ServerOnly() {
			t.Errorf("%q is taken for one of our names", name)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	got := event.New("s-1", 3, arrival, event.ValidationLoop{LoopNumber: 2, Category: "brand", Response: "correct"})
	want := event.Event{
		ID: event.DeriveID("s-1", "3", "validation_loop"), Name: "validation_loop", SessionID: "s-1", At: arrival,
		Properties: json.RawMessage(`{"loopNumber":2,"category":"brand","response":"correct","hadClarification":false}`),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("New(...) (-want +got):\n%s", diff)
	}
	if again := event.New("s-1", 3, arrival.Add(time.Hour), event.ValidationLoop{}); again.ID != got.ID {
		t.Errorf("New at another time has id %s, want %s: a replay must make the same ids", again.ID, got.ID)
	}
}

func TestNewPanicsOnWhatCannotBeEncoded(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("New(unencodable payload) did not panic")
		}
	}()
	event.New("s-1", 1, arrival, unencodable{})
}

type unencodable struct{ Bad chan int }

func (unencodable) EventName() event.Name { return "bad" }

func TestDeriveID(t *testing.T) {
	t.Parallel()
	// The ids are kept for good, so they may never change.
	for _, row := range []struct {
		parts []string
		want  event.ID
	}{
		{[]string{"s-1", "3", "validation_loop"}, "0d1fb0b4-b223-8020-b58e-2aaf4e629c32"},
		{nil, "e3b0c442-98fc-8c14-9afb-f4c8996fb924"},
	} {
		if got := event.DeriveID(row.parts...); got != row.want {
			t.Errorf("DeriveID(%q) = %s, want %s", row.parts, got, row.want)
		}
	}
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[event.ID][]string{}
	for _, parts := range [][]string{{"a", "bc"}, {"ab", "c"}, {"abc"}, {"a", "b", "c"}, {"abc", ""}, {""}, {"1:a"}} {
		id := event.DeriveID(parts...)
		if !form.MatchString(string(id)) {
			t.Errorf("DeriveID(%q) = %s, want a UUID of version 8", parts, id)
		}
		if other, ok := seen[id]; ok {
			t.Errorf("DeriveID(%q) and DeriveID(%q) are both %s", parts, other, id)
		}
		seen[id] = parts
	}
}

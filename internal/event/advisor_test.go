package event_test

import (
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
)

// TestAdvisorCallUnknownPrice checks that an unknown price stays unknown, and
// that programs read the names of OpenTelemetry.
func TestAdvisorCallUnknownPrice(t *testing.T) {
	t.Parallel()
	e := event.New("s1", 1, time.Unix(0, 0), event.AdvisorCall{Outcome: "ok", InputTokens: 7})
	for _, want := range []string{`"costMicroUsd":null`, `"gen_ai.usage.input_tokens":7`} {
		if !strings.Contains(string(e.Properties), want) {
			t.Errorf("properties %s lack %s", e.Properties, want)
		}
	}
	if !e.Name.Known() || !e.Name.ServerOnly() {
		t.Errorf("%s is known: %v, of the server only: %v; want both", e.Name, e.Name.Known(), e.Name.ServerOnly())
	}
}

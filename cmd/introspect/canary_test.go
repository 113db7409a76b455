package main

import (
	"log/slog"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
)

// TestForgottenCanariesGoByThemselves: what a smoke test that was killed left
// behind does not wait for the next one.
func TestForgottenCanariesGoByThemselves(t *testing.T) {
	t.Parallel()
	env := environment{getenv(map[string]string{"DATA_DIR": t.TempDir()}), t.Output(), t.Output(), nil}
	cfg, _, err := load(env, "serve", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := assemble(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	now := time.Now()
	for id, age := range map[string]time.Duration{"forgotten": 2 * time.Hour, "at-work": time.Minute} {
		if err := a.store.MarkCanary(t.Context(), event.SessionID(id), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	a.prune(t.Context(), now)
	for id, want := range map[event.SessionID]bool{"forgotten": false, "at-work": true} {
		if got, err := a.store.IsCanary(t.Context(), id); err != nil || got != want {
			t.Errorf("%s is there: %v, %v; want %v", id, got, err, want)
		}
	}
}

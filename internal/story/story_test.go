package story_test

import (
	"testing"

	"applicreations.com/introspect/internal/webtest"
)

// TestStory is the product's main job from end to end: visitors arrive in
// every way that people do, each finishes an interview that passes all six
// kinds of actions, and the owner sees all of them on the dashboard.
func TestStory(t *testing.T) {
	home := start(t)
	b := webtest.Start(t)
	boss := &owner{home: home, p: b.Open(t, webtest.Device{})}
	boss.moveIn(t)
	before := home.figures(t)

	clients := []*client{
		{name: "desktop", resolve: "raise_budget"},
		{name: "desktop-noscript", device: webtest.Device{NoScript: true}, resolve: "phase_features"},
		{name: "desktop-dark", device: webtest.Device{Dark: true, ReducedMotion: true}, resolve: "phase_features"},
		{name: "phone", device: webtest.Device{Width: 390, Height: 844, Mobile: true}, resolve: "reduce_features"},
		{name: "phone-noscript", device: webtest.Device{Width: 390, Height: 844, Mobile: true, NoScript: true}, resolve: "raise_budget"},
	}
	t.Run("clients", func(t *testing.T) {
		for _, c := range clients {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				if c.device.Width == 0 {
					c.device.Width, c.device.Height = 1280, 800
				}
				c.shot, c.did = map[string]bool{}, map[string]bool{}
				c.p = b.Open(t, c.device)
				c.arrive(t, home.url)
				c.wander(t, home.url)
				c.talk(t)
				c.receive(t, home)
				c.check(t)
			})
		}
	})

	came := 0 // fewer than all when -run picks some
	for _, c := range clients {
		if c.p != nil {
			came++
		}
	}
	after := home.figures(t)
	if got, want := after.CompletionsToday-before.CompletionsToday, came; got != want {
		t.Errorf("the owner counts %d new completions, want %d", got, want)
	}
	reached := map[string]int{}
	for _, s := range after.FunnelMetrics {
		reached[s.Stage] = s.Count
	}
	for _, stage := range []string{
		"landing_view", "cta_click", "foundation_start", "foundation_complete", "conversation_start",
		"features_recommended", "session_complete", "document_generated",
	} {
		if got, want := reached[stage], came; got != want {
			t.Errorf("the funnel counts %d visits at %s, want %d", got, stage, want)
		}
	}
	boss.watch(t, b, came)
}

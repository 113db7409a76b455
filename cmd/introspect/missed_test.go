package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
)

// back lets the vendor work again.
func (v *vendor) back() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.script = nil
}

// Every receiver is away from the beginning of a trouble until long after its end,
// and comes back. None is told that something fires which does not. Where surely
// nothing arrived there is one message of what was, and PagerDuty opens and closes
// nothing; where an attempt may have arrived its end is told, and PagerDuty closes
// the incident that may be open.
func TestReceiversThatComeBackAfterTheEnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		fault  http.HandlerFunc
		unsure bool
	}{
		{"they say that they take nothing", page(http.StatusServiceUnavailable), false},
		{"they ask for a pause", tooMany("60"), false},
		{"the line breaks", resets, true},
		{"they fail", page(http.StatusInternalServerError), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := &night{t: t, now: time.Date(2026, 11, 27, 3, 0, 0, 0, time.UTC)}
			scripts := map[alert.Channel][]http.HandlerFunc{}
			for _, c := range []alert.Channel{chanSlack, chanDiscord, chanTeams, chanPagerDuty, chanWebhook, chanSentry} {
				scripts[c] = slices.Repeat([]http.HandlerFunc{tt.fault}, 500)
			}
			vendors, vars := allVendors(t, n.clock, scripts)
			n.start(vars)
			n.level = 20
			n.pass(2 * time.Minute)
			n.level = 0
			n.pass(10 * time.Minute)
			for c, v := range vendors {
				if attempts, accepted := v.seen(); len(attempts) < 2 || len(accepted) != 0 {
					t.Errorf("%s: %d attempts and %d accepted while it is away, want several and none", c, len(attempts), len(accepted))
				}
				v.back()
			}
			n.pass(15 * time.Minute)
			for c, v := range vendors {
				_, accepted := v.seen()
				if c == chanPagerDuty {
					continue
				}
				if len(accepted) != 1 || !strings.Contains(accepted[0], "OVER") || strings.Contains(accepted[0], "CRITICAL") || !strings.Contains(accepted[0], "03:00 to 03:02 UTC") {
					t.Errorf("%s took %q, want one message that it was over, from when to when", c, accepted)
				}
			}
			_, events := vendors[chanPagerDuty].seen()
			resolves := len(events) == 1 && strings.Contains(events[0], `"event_action":"resolve"`)
			if tt.unsure != resolves || !tt.unsure && len(events) != 0 {
				t.Errorf("PagerDuty took %v, want nothing without a trigger that may have arrived, and otherwise its end", events)
			}
		})
	}
}

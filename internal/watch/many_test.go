package watch_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/store"
)

// Ten thousand label sets fire at once, the process is started again meanwhile,
// and they end: everybody hears of each beginning and each end once, in few
// messages.
func TestTenThousandLabelSets(t *testing.T) {
	t.Parallel()
	sets := 10_000
	if testing.Short() { // as under the race detector, where every round takes many times as long
		sets = 1_000
	}
	w := newWorld(t, plainRule("disk", alert.Critical, "page"))
	level := 20.0
	w.cfg.Sources["disk"] = func(context.Context, alert.Rule, time.Time) ([]alert.Reading, error) {
		out := make([]alert.Reading, sets)
		for i := range out {
			out[i] = alert.Reading{Labels: map[string]string{"disk": strconv.Itoa(i)}, Value: level}
		}
		return out, nil
	}
	w.start()
	var longest time.Duration
	round := func() {
		began := time.Now()
		w.step(10 * time.Second)
		longest = max(longest, time.Since(began))
	}
	round()
	w.start() // in the middle of it, before anybody was told
	round()
	round()
	w.start()
	level = 0
	for range 3 {
		round()
	}
	began, ended := 0, 0
	for _, p := range w.told {
		for _, n := range p.Notices {
			switch n.Kind {
			case alert.KindFiring:
				began++
			case alert.KindResolved:
				ended++
			default:
				t.Errorf("told of %s", n.Kind)
			}
		}
	}
	t.Logf("%d messages; the longest round took %s", len(w.told), longest)
	if began != sets || ended != sets || len(w.told) > 4 {
		t.Errorf("%d beginnings and %d ends in %d messages, want %d of each in a few", began, ended, len(w.told), sets)
	}
	open, err := w.store.OpenNotices(t.Context())
	if err != nil || len(open) > 0 {
		t.Errorf("OpenNotices = %d, %v; want none", len(open), err)
	}
	list, err := w.store.Episodes(t.Context(), store.EpisodeFilter{Limit: sets + 1})
	if err != nil || len(list) != sets {
		t.Errorf("Episodes = %d, %v; want one for each", len(list), err)
	}
	for _, e := range list {
		if e.To.IsZero() {
			t.Fatalf("episode %s is open although nothing is wrong", e.ID)
		}
	}
}

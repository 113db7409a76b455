package gauge_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/store/storetest"
)

// naive counts what a window must hold, session by session.
func naive(visits []visit, from, til time.Time, out []gauge.Span) (r stat.Rate) {
	const quarter = 15 * time.Minute
	for _, v := range visits {
		bucket := v.at.Truncate(quarter)
		if bucket.Before(from.Truncate(quarter)) || !bucket.Before(til.Truncate(quarter)) {
			continue
		}
		down := false
		for _, o := range out {
			down = down || o.From.Before(bucket.Add(quarter)) && o.To.After(bucket)
		}
		if down {
			continue
		}
		r.Of++
		if v.finished && v.after <= 2*time.Hour {
			r.Hits++
		}
	}
	return r
}

// Whatever comes in whatever order between the rounds, every window holds what
// counting one by one finds, with outages left out of the past.
func TestWindowsByChance(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(3, 5))
	r := builtin(t, "conversion_overall")
	var visits []visit
	for range 1500 {
		at := noon().Add(-time.Duration(dice.Int64N(int64(50 * 24 * time.Hour))))
		finished := dice.IntN(3) == 0
		visits = append(visits, visit{at: at, clicked: true, finished: finished, after: time.Duration(dice.IntN(180)) * time.Minute})
	}
	outages := []gauge.Span{
		{From: noon().AddDate(0, 0, -9), To: noon().AddDate(0, 0, -9).Add(5 * time.Hour)},
		{From: noon().AddDate(0, 0, -3).Add(7 * time.Minute), To: noon().AddDate(0, 0, -3).Add(8 * time.Minute)},
	}
	st := with(t, visits...)
	g := gauge.New(gauge.Config{Store: st, Outages: func(context.Context, time.Time, time.Time) ([]gauge.Span, error) { return outages, nil }})
	for round := range 12 {
		now := noon().Add(time.Duration(round) * 37 * time.Minute)
		if round > 0 { // some come while it is watched
			fresh := []visit{{at: now.Add(-time.Duration(dice.IntN(30)) * time.Minute), clicked: true}}
			record(t, st, "round-"+string(rune('a'+round)), fresh...)
			visits = append(visits, fresh...)
		}
		got := read(t, g, r, now)[0]
		for i, w := range r.When.Drop.Windows {
			end := now.Add(-2 * time.Hour)
			begin := end.Add(-w.Span.Long())
			same(t, "now", got.Counts[i].Now, naive(visits, begin, end, nil))
			same(t, "before", got.Counts[i].Before, naive(visits, begin.Add(-w.Before.Long()), begin, outages))
		}
	}
	again := gauge.New(gauge.Config{Store: st, Outages: func(context.Context, time.Time, time.Time) ([]gauge.Span, error) { return outages, nil }})
	now := noon().Add(12 * 37 * time.Minute)
	same(t, "after a restart", read(t, again, r, now), read(t, g, r, now))
}

// A clock that was set back starts the memory anew.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	g := gauge.New(gauge.Config{Store: with(t, visit{at: noon().Add(-3 * time.Hour), clicked: true})})
	r := builtin(t, "target_cta")
	want := read(t, g, r, noon())
	read(t, g, r, noon().AddDate(0, 0, 90))
	same(t, "at the same time again", read(t, g, r, noon()), want)
}

// What cannot be read is an error, and not a drop.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	st := with(t, visit{at: noon().Add(-3 * time.Hour)})
	away := errors.New("nobody knows")
	var fault error
	g := gauge.New(gauge.Config{Store: st, Outages: func(context.Context, time.Time, time.Time) ([]gauge.Span, error) { return nil, fault }})
	r := builtin(t, "target_cta")
	fault = away
	if _, err := g.Sources()[r.Metric](t.Context(), r, noon()); !errors.Is(err, away) {
		t.Errorf("without outages err = %v, want %v", err, away)
	}
	fault = nil
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.Sources()[r.Metric](ended, r, noon()); err == nil {
		t.Error("measured for a caller that left, want an error")
	}
	same(t, "afterwards", read(t, g, r, noon())[0].Counts[0].Now, stat.Rate{Of: 1})
	for _, id := range []alert.RuleID{"auth_bruteforce", "document_generation_failed", "email_failures", "notify_dead_letter", "low_adoption"} {
		rule := builtin(t, id)
		if _, err := g.Sources()[rule.Metric](ended, rule, noon()); err == nil {
			t.Errorf("%s was measured for a caller that left, want an error", id)
		}
	}
}

// After a restart the requests of the last days are known by the quarter.
func TestRequestsOfAnEarlierProcess(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	for back, status := range map[time.Duration]int{10 * time.Minute: 500, 2 * time.Hour: 200, 80 * time.Hour: 500} {
		var seen metric.Requests
		seen.Observe(12*time.Second, status)
		if err := st.AddRollups(t.Context(), seen.Delta(noon().Add(-back))); err != nil {
			t.Fatal(err)
		}
	}
	q := new(gauge.Requests)
	if err := q.Restore(t.Context(), st, noon()); err != nil {
		t.Fatal(err)
	}
	g := gauge.New(gauge.Config{Store: st, Requests: q})
	counts := read(t, g, builtin(t, "error_rate"), noon())[0].Counts
	same(t, "errors in 5 and in 30 minutes", []stat.Rate{counts[0].Now, counts[1].Now}, []stat.Rate{{}, {Hits: 1, Of: 1}})
	counts = read(t, g, builtin(t, "error_budget_slow"), noon())[0].Counts
	same(t, "errors in three days", counts[0].Now, stat.Rate{Hits: 1, Of: 2})
	same(t, "what nobody counts", gauge.New(gauge.Config{Store: st}).Sources()["http_5xx"] == nil, true)
}

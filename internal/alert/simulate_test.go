package alert_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/stat"
)

// The simulations are seeded, so that they say the same every time.

// traffic counts units and hits up to each bin.
type traffic struct {
	bin      time.Duration // the grain of time, and how often rules are evaluated
	past     int           // days before the first evaluation
	of, hits []int64
}

func (t traffic) perDay() int { return int(24 * time.Hour / t.bin) }

// quick is a traffic for rules that look back an hour or so, and slow one for
// those that look back weeks.
func quick() traffic { return traffic{bin: time.Minute, past: 1} }
func slow() traffic  { return traffic{bin: 5 * time.Minute, past: 36} }

// simulate draws days of units around a mean a day, with nights and weekends, of
// which the share rate(day) are hits. Days before the first evaluation are below
// 0.
func (t traffic) simulate(r *rand.Rand, days int, mean float64, rate func(day int) float64) traffic {
	bins := (t.past + days) * t.perDay()
	t.of, t.hits = make([]int64, 1, bins+1), make([]int64, 1, bins+1)
	for i := range bins {
		n := poisson(r, mean*t.weight(i)/float64(t.perDay()))
		p, hits := rate(i/t.perDay()-t.past), int64(0)
		for range n {
			if r.Float64() < p {
				hits++
			}
		}
		t.of, t.hits = append(t.of, t.of[i]+n), append(t.hits, t.hits[i]+hits)
	}
	return t
}

// weight is how busy a bin is; its mean over a week is 1. Nine to six are the
// hours of an agency's visitors, and weekends are half as busy.
func (t traffic) weight(i int) float64 {
	const mean = (9*2 + 15*0.4) / 24 * (5 + 2*0.5) / 7
	w := 0.4
	if hour := i % t.perDay() * 24 / t.perDay(); hour >= 9 && hour < 18 {
		w = 2
	}
	if i/t.perDay()%7 >= 5 {
		w /= 2
	}
	return w / mean
}

// poisson draws by inversion; means are small here.
func poisson(r *rand.Rand, mean float64) (n int64) {
	if mean > 30 {
		return max(0, int64(math.Round(mean+math.Sqrt(mean)*r.NormFloat64())))
	}
	for p, u := math.Exp(-mean), r.Float64(); u > p; {
		n++
		u -= p
		p *= mean / float64(n)
		if p < 1e-12 {
			break
		}
	}
	return n
}

// between counts the units of the bins from a to b.
func (t traffic) between(a, b int) stat.Rate {
	a, b = max(0, a), max(0, b)
	return stat.Rate{Hits: t.hits[b] - t.hits[a], Of: t.of[b] - t.of[a]}
}

func (t traffic) bins(d alert.Duration) int { return max(1, int(d.Long()/t.bin)) }

// reading is what the rule reads at the end of a bin. Sessions of a drop count
// once they are of age, by the bin in which they began.
func (t traffic) reading(r *alert.Rule, at int, into []condition.Count) alert.Reading {
	if r.When.Ratio != nil {
		for _, w := range r.When.Ratio.Windows {
			into = append(into, condition.Count{Span: w.Span, Now: t.between(at-t.bins(w.Span), at)})
		}
		return alert.Reading{Counts: into}
	}
	if r.When.Burn != nil {
		for _, p := range r.When.Burn.Pairs {
			for _, span := range []alert.Duration{p.Long, p.Short} {
				into = append(into, condition.Count{Span: span, Now: t.between(at-t.bins(span), at)})
			}
		}
		return alert.Reading{Counts: into}
	}
	at -= t.bins(r.When.Drop.Age)
	for _, w := range r.When.Drop.Windows {
		from := at - t.bins(w.Span)
		into = append(into, condition.Count{Span: w.Span, Now: t.between(from, at), Before: t.between(from-t.bins(w.Before), from)})
	}
	return alert.Reading{Counts: into}
}

// watch evaluates a rule for days after the past and returns the days on which
// it fired, from 0.
func (t traffic) watch(r alert.Rule, days int) (fired []int) {
	var s alert.State
	var notices []alert.Notice
	var receipts []alert.Receipt
	into := make([]condition.Count, 0, 4)
	began := start.Truncate(24 * time.Hour)
	for i := range days * t.perDay() {
		at := t.past*t.perDay() + i + 1
		env := alert.Env{Now: began.Add(time.Duration(at) * t.bin), Receipts: receipts}
		s, notices = alert.Evaluate(r, s, t.reading(&r, at, into), env)
		receipts = nil
		for _, n := range notices {
			receipts = append(receipts, alert.Receipt{Key: n.Key, At: env.Now})
			if day := i / t.perDay(); n.Kind == alert.KindFiring && (len(fired) == 0 || fired[len(fired)-1] != day) {
				fired = append(fired, day)
			}
		}
	}
	return fired
}

// healthy is what a rule sees of an agency where nothing is wrong: how many units
// a session makes, and the share of hits.
type healthy struct {
	rule  alert.RuleID
	units float64
	share float64
}

func healthyAgency() []healthy {
	return []healthy{
		{"conversion_cta", 1, 0.6},
		{"conversion_foundation", 1, 0.9},
		{"conversion_conversation", 1, 0.5},
		{"conversion_features", 1, 0.7},
		{"conversion_complete", 1, 0.6},
		{"conversion_overall", 1, 0.18},
		{"clarification_rise", 1, 0.25},
		{"target_cta", 1, 0.65},
		{"target_foundation", 1, 0.93},
		{"target_conversation", 1, 0.55},
		{"target_features", 1, 0.75},
		{"target_complete", 1, 0.65},
		{"classification_delayed", 1, 0.97},
		{"classification_confidence", 1, 0.05},
		{"low_adoption", 1, 0.4},
		{"clarification", 1, 0.25},
		{"email_failures", 2, 0.01},
		{"email_bounces", 2, 0.01},
		{"webhook_failures", 2, 0.01},
		{"events_refused", 25, 0.01},
		{"llm_left_out", 10, 0.05},
		{"traffic_source", 30, 0.05},
		{"llm_rate_limited", 25, 0.01},
		{"error_rate", 30, 0.01},
		{"error_budget", 30, 0.002},
		{"error_budget_slow", 30, 0.002},
		{"latency_10s", 30, 0.01},
		{"latency_3s", 30, 0.02},
		{"llm_unavailable", 25, 0.99},
	}
}

// TestQuietMonths watches agencies where nothing changes: nobody is paged, and
// all warnings together come on no more than one day of a hundred. Measured on
// 1,800 days a volume: no page, and warnings on 1 day at 10 sessions a day, on 6
// at 50 and on 1 at 500. The levels of the rules were chosen on those days. On
// 1,800 others it was 3, 8 and 0 warnings and one page, of the error budget at 10
// sessions a day, which asks for eight errors since; on 2,400 more, no page.
func TestQuietMonths(t *testing.T) {
	t.Parallel()
	const days = 30
	runs := 6
	if testing.Short() {
		runs = 2
	}
	volumes := []float64{10, 50, 500}
	false3 := map[alert.Severity][]int{alert.Critical: make([]int, 3), alert.Warning: make([]int, 3), alert.Info: make([]int, 3)}
	t.Logf("days with a false notice, of %d", runs*days)
	t.Logf("%-26s %-8s %7s %7s %7s", "rule", "severity", "10/day", "50/day", "500/day")
	for i, h := range healthyAgency() {
		r, kind := rule(t, h.rule), slow()
		if r.Severity == alert.Critical {
			kind = quick()
		}
		var got [3]int
		for v, volume := range volumes {
			rng := rand.New(rand.NewPCG(uint64(v), uint64(i))) // rules must not share their luck
			for range runs {
				tr := kind.simulate(rng, days, volume*h.units, func(int) float64 { return h.share })
				got[v] += len(tr.watch(r, days))
			}
			false3[r.Severity][v] += got[v]
		}
		t.Logf("%-26s %-8s %7d %7d %7d", r.ID, r.Severity, got[0], got[1], got[2])
	}
	for v, volume := range volumes {
		t.Logf("at %v a day: %d pages, %d warnings, %d infos", volume, false3[alert.Critical][v], false3[alert.Warning][v], false3[alert.Info][v])
		if n := false3[alert.Critical][v]; n > 0 {
			t.Errorf("at %v sessions a day %d false pages, want 0", volume, n)
		}
		if n := false3[alert.Warning][v]; n*100 > runs*days {
			t.Errorf("at %v sessions a day false warnings on %d of %d days, want at most 1 %%", volume, n, runs*days)
		}
	}
}

// TestDropIsCaught lets completion fall for good and asks when the rule says so.
func TestDropIsCaught(t *testing.T) {
	t.Parallel()
	const within = 14
	runs := 40
	if testing.Short() {
		runs = 15
	}
	r := rule(t, "conversion_complete")
	t.Logf("%8s %6s %10s %10s %10s", "sessions", "drop", "in 2 days", "in 7 days", "in 14 days")
	for _, tc := range []struct{ volume, fall, two, seven float64 }{
		{10, 0.4, 0, 0.3},
		{50, 0.25, 0, 0.4},
		{50, 0.4, 0.6, 0.9}, // the one that issue 7 asks for
		{50, found(t, r, 50), 0.8, 0.95},
		{500, found(t, r, 500), 0.8, 0.95},
		{500, 0.4, 1, 1},
	} {
		rng := rand.New(rand.NewPCG(uint64(tc.volume), 9))
		var caught [within + 1]int
		for range runs {
			tr := slow().simulate(rng, within, tc.volume, func(day int) float64 {
				if day >= 0 {
					return r.When.Drop.Usual * (1 - tc.fall)
				}
				return r.When.Drop.Usual
			})
			if days := tr.watch(r, within); len(days) > 0 {
				for d := days[0] + 1; d <= within; d++ {
					caught[d]++
				}
			}
		}
		part := func(day int) float64 { return float64(caught[day]) / float64(runs) }
		t.Logf("%8v %5.1f%% %9.0f%% %9.0f%% %9.0f%%", tc.volume, 100*tc.fall, 100*part(2), 100*part(7), 100*part(within))
		if part(2) < tc.two || part(7) < tc.seven {
			t.Errorf("a drop of %.2f at %v a day is caught in 2 days with %.2f and in 7 with %.2f, want %v and %v",
				tc.fall, tc.volume, part(2), part(7), tc.two, tc.seven)
		}
	}
}

// found is the drop that Power promises.
func found(tb testing.TB, r alert.Rule, volume float64) float64 {
	tb.Helper()
	drop, ok := alert.Power(r, volume)
	if !ok {
		tb.Fatalf("Power(%s, %v) finds nothing", r.ID, volume)
	}
	return drop
}

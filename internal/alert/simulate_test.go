package alert_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
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
func (t traffic) reading(r *alert.Rule, at int, into []alert.Count) alert.Reading {
	if r.Ratio != nil {
		for _, w := range r.Ratio.Windows {
			into = append(into, alert.Count{Span: w.Span, Now: t.between(at-t.bins(w.Span), at)})
		}
		return alert.Reading{Counts: into}
	}
	at -= t.bins(r.Drop.Age)
	for _, w := range r.Drop.Windows {
		from := at - t.bins(w.Span)
		into = append(into, alert.Count{Span: w.Span, Now: t.between(from, at), Before: t.between(from-t.bins(r.Drop.Baseline), from)})
	}
	return alert.Reading{Counts: into}
}

// watch evaluates a rule for days after the past and returns the days on which
// it fired, from 0.
func (t traffic) watch(r alert.Rule, days int) (fired []int) {
	var s alert.State
	var notices []alert.Notice
	var receipts []alert.Receipt
	into := make([]alert.Count, 0, 4)
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
		{"traffic_source", 30, 0.05},
		{"llm_rate_limited", 25, 0.01},
		{"error_rate", 30, 0.01},
		{"latency_10s", 30, 0.01},
		{"latency_3s", 30, 0.02},
		{"llm_unavailable", 25, 0.99},
	}
}

func TestDropIsCaught(t *testing.T) {
	t.Parallel()
	const runs, within = 200, 14
	for _, id := range []alert.RuleID{"conversion_complete", "conversion_overall"} {
		r := rule(t, id)
		for _, fall := range []float64{0.25, 0.4, 0.6} {
			for _, volume := range []float64{10, 50, 500} {
				rng := rand.New(rand.NewPCG(uint64(volume), 9))
				found := make([]int, within)
				for range runs {
					tr := slow().simulate(rng, within, volume, func(day int) float64 {
						if day >= 0 {
							return r.Drop.Usual * (1 - fall)
						}
						return r.Drop.Usual
					})
					for _, day := range first(tr.watch(r, within)) {
						found[day]++
					}
				}
				power, ok := alert.Power(r, volume)
				t.Logf("%s %v %v: %v power %v %v", id, fall, volume, found, power, ok)
			}
		}
	}
}

func first(days []int) []int { return days[:min(1, len(days))] }

func TestQuietMonths(t *testing.T) {
	t.Parallel()
	const days = 30
	runs := 20
	if testing.Short() {
		runs = 3
	}
	total := make(map[string]int) // notices by severity and volume
	t.Logf("%-28s %-8s %10s %10s %10s  (days with a false notice, of %d)", "rule", "severity", "10/day", "50/day", "500/day", runs*days)
	for _, h := range healthyAgency() {
		r := rule(t, h.rule)
		var got [3]int
		for v, volume := range []float64{10, 50, 500} {
			rng := rand.New(rand.NewPCG(uint64(v), 7))
			for range runs {
				kind := slow()
				if r.Severity == alert.Critical {
					kind = quick()
				}
				tr := kind.simulate(rng, days, volume*h.units, func(int) float64 { return h.share })
				got[v] += len(tr.watch(r, days))
			}
			total[string(r.Severity)] += got[v]
		}
		t.Logf("%-28s %-8s %10d %10d %10d", r.ID, r.Severity, got[0], got[1], got[2])
	}
	t.Logf("%v", total)
}

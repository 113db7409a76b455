package condition_test

import (
	"math/rand/v2"
	"testing"

	"applicreations.com/introspect/internal/alert/condition"
)

// What Power promises of a change is what looking at it thousands of times gives:
// of two days one look at a full window of sessions of age.
func TestPowerOfADrop(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		rise   bool
		usual  float64
		perDay int
	}{
		{"a drop", false, 0.6, 300},
		{"a drop of a share that is small", false, 0.2, 700},
		{"a rise", true, 0.2, 300},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cond := drop(c.rise, c.usual)
			change, ok := cond.Drop.Power(float64(c.perDay))
			if !ok || change < 0.2 {
				t.Fatalf("Power = %v, %v; want a change that matters", change, ok)
			}
			now := c.usual * (1 - change)
			if c.rise {
				now = c.usual * (1 + change)
			}
			dice := rand.New(rand.NewPCG(3, 4))
			draw := func(n int, share float64) (hits int64) {
				for range n {
					if dice.Float64() < share {
						hits++
					}
				}
				return hits
			}
			const looks = 1500
			fired := 0
			for range looks {
				reading := against("24h", draw(c.perDay, now), int64(c.perDay), draw(14*c.perDay, c.usual), int64(14*c.perDay))
				if f := cond.Judge(&reading, noon, long("7d").Long()); f.Truth == condition.There {
					fired++
				}
			}
			if got := float64(fired) / looks; got < 0.74 || got > 0.87 {
				t.Errorf("a change by %.3f is found in %.3f of all looks, want 0.8", change, got)
			}
		})
	}
	cond := drop(false, 0.6)
	last, _ := cond.Drop.Power(200)
	for _, perDay := range []float64{400, 800, 3200} {
		change, ok := cond.Drop.Power(perDay)
		if !ok || change > last {
			t.Errorf("at %v a day the smallest change found is %v, and %v with fewer sessions", perDay, change, last)
		}
		last = change
	}
}

// What Power promises of a share is what looking at it thousands of times gives.
func TestPowerOfAShare(t *testing.T) {
	t.Parallel()
	week := condition.Need{Span: long("7d"), Sample: 50}
	for _, c := range []struct {
		name   string
		cond   condition.Condition
		perDay float64
	}{
		{"a target that is missed", ratio(condition.Below, 0.6, nil, 0.998, week), 20},
		{"a target that is missed, many sessions", ratio(condition.Below, 0.6, nil, 0.998, week), 500},
		{"a share that is too high", ratio(condition.Above, 0.1, nil, 0.998, week), 30},
		{"without an interval", ratio(condition.Above, 0.3, nil, 0, week), 30},
		{"with a least number of events", ratio(condition.Above, 0.01, nil, 0, condition.Need{Span: long("7d"), Sample: 50, Events: 20}), 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			share, window, ok := c.cond.Ratio.Power(c.perDay)
			if !ok || window != long("7d") {
				t.Fatalf("Power = %v in %s, %v; want a share in 7d", share, window, ok)
			}
			dice := rand.New(rand.NewPCG(1, 2))
			const looks = 2000
			n, fired := int64(7*c.perDay), 0
			for range looks {
				hits := int64(0)
				for range n {
					if dice.Float64() < share {
						hits++
					}
				}
				reading := in("7d", hits, n)
				if f := c.cond.Judge(&reading, noon, long("7d").Long()); f.Truth == condition.There {
					fired++
				}
			}
			if got := float64(fired) / looks; got < 0.74 || got > 0.87 {
				t.Errorf("a share of %.3f is found in %.3f of all looks, want 0.8", share, got)
			}
		})
	}
	cond := ratio(condition.Below, 0.6, nil, 0.998, week)
	for _, perDay := range []float64{0, 3, -1} {
		if share, _, ok := cond.Ratio.Power(perDay); ok {
			t.Errorf("Power(%v) = %v, want none: the sample is never reached", perDay, share)
		}
	}
	strict := ratio(condition.Above, 0.9, nil, 0.9998, condition.Need{Span: long("24h"), Sample: 5})
	if share, _, ok := strict.Ratio.Power(6); ok {
		t.Errorf("Power = %v, want none: even six of six are not sure to be above nine tenths", share)
	}
}

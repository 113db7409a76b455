package stat_test

import (
	"math"
	"testing"
	"testing/quick"

	"applicreations.com/introspect/internal/stat"
)

// TestSampleSize holds the figures of references/analytics.md 6, for a relative
// drop of a fifth at 80 % power. Published they are rounded to the nearest; here
// they are rounded up, as fewer would not do.
func TestSampleSize(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		base            float64
		published, want int64
	}{
		{0.60, 270, 270}, // 269.60
		{0.50, 387, 388}, // 387.34
		{0.70, 186, 186}, // 185.51
		{0.90, 73, 74},   // 73.37
		{0.18, 1643, 1644},
	} {
		got, ok := stat.Test{Least: -0.2 * tc.base}.SampleSize(tc.base)
		if !ok || got != tc.want || got-tc.published > 1 {
			t.Errorf("SampleSize(%v) = %d, %v, want %d (published: %d)", tc.base, got, ok, tc.want, tc.published)
		}
	}
	// The example of power.prop.test of R, which solves the same formula:
	// p1 = .50, p2 = .75, power = .90 gives n = 76.7.
	if got, ok := (stat.Test{Least: 0.25, Power: 0.9}).SampleSize(0.5); !ok || got != 77 {
		t.Errorf("from 50 to 75 %% with power 0.9: %d, %v, want 77", got, ok)
	}
}

func TestNoSampleSize(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]float64{{0.5, 0.5}, {-1, 0.5}, {0.5, 1.01}, {0.5, math.NaN()}, {math.Inf(1), 0.5}} {
		if got, ok := (stat.Test{Least: pair[1] - pair[0]}).SampleSize(pair[0]); got != 0 || ok {
			t.Errorf("SampleSize of %v = %d, %v, want none", pair, got, ok)
		}
	}
	if got, ok := (stat.Test{}).SampleSize(0.5); ok || got != 0 {
		t.Errorf("without a difference to see: %d, %v, want none", got, ok)
	}
	if got, ok := (stat.Test{Least: math.SmallestNonzeroFloat64}).SampleSize(0); got != 1e12 || !ok {
		t.Errorf("the smallest of differences: %d, want 1e12", got)
	}
}

// TestSampleSizeGrows: with smaller differences, power and confidence.
func TestSampleSizeGrows(t *testing.T) {
	t.Parallel()
	property := func(base, diff, power, level uint16) bool {
		p := float64(base) / 65536
		d := (1 - p) * (float64(diff) + 1) / 65536
		c, w := 0.5+float64(level)/65536*0.49, 0.5+float64(power)/65536*0.49
		test := stat.Test{Least: d, Power: w, Confidence: stat.Confidence(c)}
		n, ok := test.SampleSize(p)
		half, surer, stronger := test, test, test
		half.Least, surer.Confidence, stronger.Power = d/2, stat.Confidence(c+0.009), w+0.009
		nHalf, _ := half.SampleSize(p)
		nSurer, _ := surer.SampleSize(p)
		nStronger, _ := stronger.SampleSize(p)
		return ok && 1 <= n && n <= nHalf && n <= nSurer && n <= nStronger && nHalf <= 1e12
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
}

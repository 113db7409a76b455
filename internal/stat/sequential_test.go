package stat_test

import (
	"math"
	"testing"

	"applicreations.com/introspect/internal/stat"
)

// TestLook computes by hand: 60 against 48 of 100, each with one more unit of
// both kinds for the variance, v = 0.598 * 0.402 / 100 + 0.480 * 0.520 / 100.
func TestLook(t *testing.T) {
	t.Parallel()
	v := 61.0/102*41/102/100 + 49.0/102*53/102/100
	want := math.Sqrt((v+0.01)/v) * math.Exp(-0.01*0.12*0.12/(2*v*(v+0.01)))
	got := stat.Test{}.Look(stat.Rate{Hits: 60, Of: 100}, stat.Rate{Hits: 48, Of: 100})
	if !near(got.P, want, 1e-12) || got.Verdict != stat.Noise || got.Needs != 0 || !near(got.Diff, 0.12, 1e-12) {
		t.Errorf("60 against 48 of 100: %+v, want noise with p %v", got, want)
	}
	for _, tc := range []struct {
		name               string
		test               stat.Test
		treatment, control stat.Rate
		want               stat.Verdict
		needs              int64
	}{
		{"no verdict below the smallest sample", stat.Test{}, stat.Rate{Hits: 99, Of: 99}, stat.Rate{Of: 1000}, stat.Few, 1},
		{"a smallest sample of one's own", stat.Test{Enough: 500}, stat.Rate{Hits: 400, Of: 400}, stat.Rate{Of: 400}, stat.Few, 100},
		{"nothing yet", stat.Test{}, stat.Rate{}, stat.Rate{}, stat.Few, 100},
		{"counts that are no rate", stat.Test{}, stat.Rate{Hits: 1, Of: math.MinInt64}, stat.Rate{Hits: 2, Of: 1}, stat.Few, 100},
		{"all against none", stat.Test{}, stat.Rate{Hits: 100, Of: 100}, stat.Rate{Of: 100}, stat.Higher, 0},
		{"a drop", stat.Test{}, stat.Rate{Hits: 48, Of: 100}, stat.Rate{Hits: 80, Of: 100}, stat.Lower, 0},
		{"all and all", stat.Test{}, stat.Rate{Hits: 100, Of: 100}, stat.Rate{Hits: 100, Of: 100}, stat.Noise, 0},
	} {
		got := tc.test.Look(tc.treatment, tc.control)
		if got.Verdict == stat.Few && (got.P != 1 || got.Low != -1 || got.High != 1) {
			t.Errorf("%s: %+v says too much", tc.name, got)
		}
		if got.Verdict != tc.want || got.Needs != tc.needs {
			t.Errorf("%s: %+v, want %s that needs %d", tc.name, got, tc.want, tc.needs)
		}
	}
}

// TestLookingCosts: near any verdict, one look is less certain than the fixed
// test, which may look once, and its interval is wider.
func TestLookingCosts(t *testing.T) {
	t.Parallel()
	for n := int64(200); n < 100_000; n *= 3 {
		for hits := n / 4; hits <= n; hits += n / 40 {
			x, y := stat.Rate{Hits: hits, Of: n}, stat.Rate{Hits: n / 2, Of: n}
			fixed, look := stat.Compare(x, y, stat.Usual), stat.Test{}.Look(x, y)
			if fixed.P > 1e-9 && look.P < fixed.P || look.High < 1 && look.High-look.Low < fixed.High-fixed.Low {
				t.Errorf("%v against %v: a look says %+v, once %+v", x, y, look, fixed)
			}
		}
	}
}

// FuzzLook: whatever is counted, no figure is senseless, swapping the variants
// turns the sign, and the sequence leaves out 0 just when there is a verdict.
func FuzzLook(f *testing.F) {
	f.Add(int64(60), int64(100), int64(48), int64(100), 0.95)
	f.Add(int64(0), int64(0), int64(math.MaxInt64), int64(math.MaxInt64), 2.0)
	f.Add(int64(0), int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64), math.Nextafter(1, 0))
	f.Add(int64(0), int64(1), int64(1), int64(1), math.SmallestNonzeroFloat64)
	f.Fuzz(func(t *testing.T, a, b, c, d int64, level float64) {
		x, y := stat.Rate{Hits: a, Of: b}, stat.Rate{Hits: c, Of: d}
		test := stat.Test{Confidence: stat.Confidence(level)}
		got, back := test.Look(x, y), test.Look(y, x)
		if wrong(got.Diff, -1, 1) || wrong(got.Low, -1, got.Diff) || wrong(got.High, got.Diff, 1) || wrong(got.P, 0, 1) || got.Needs < 0 || got.Needs > 100 {
			t.Fatalf("Look(%v, %v) = %+v", x, y, got)
		}
		if got.Diff != -back.Diff || got.Low != -back.High || got.P != back.P || (stat.Test{}).Look(x, y).P != got.P {
			t.Errorf("Look(%v, %v) = %+v, and turned round %+v", x, y, got, back)
		}
		if got.Verdict == stat.Higher && got.Low < -1e-12 || got.Verdict == stat.Lower && got.High > 1e-12 ||
			got.Verdict == stat.Noise && (got.Low > 1e-12 || got.High < -1e-12) {
			t.Errorf("Look(%v, %v) = %+v: interval and verdict disagree", x, y, got)
		}
	})
}

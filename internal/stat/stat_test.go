package stat_test

import (
	"math"
	"testing"
	"testing/quick"

	"applicreations.com/introspect/internal/stat"
)

func near(got, want, by float64) bool { return math.Abs(got-want) <= by }

// wrong reports a figure that is not a number or out of bounds.
func wrong(v, low, high float64) bool { return !(v >= low && v <= high) }

var none = []stat.Rate{{}, {Hits: 3, Of: 2}, {Hits: -1, Of: 2}, {Hits: 1, Of: -2}, {Of: math.MinInt64}}

// TestWilson holds published intervals: Newcombe, Statistics in Medicine 17,
// 1998, pages 857-872, table I, method 3.
func TestWilson(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		rate      stat.Rate
		low, high float64
	}{
		{stat.Rate{Hits: 81, Of: 263}, 0.2553, 0.3662},
		{stat.Rate{Hits: 15, Of: 148}, 0.0624, 0.1605},
		{stat.Rate{Hits: 0, Of: 20}, 0, 0.1611},
		{stat.Rate{Hits: 1, Of: 29}, 0.0061, 0.1718},
	} {
		low, high, ok := tc.rate.Interval(stat.Usual)
		if !ok || !near(low, tc.low, 5e-5) || !near(high, tc.high, 5e-5) {
			t.Errorf("%+v: %.4f to %.4f, %v; want %.4f to %.4f", tc.rate, low, high, ok, tc.low, tc.high)
		}
	}
}

func TestNoRateHasNoValue(t *testing.T) {
	t.Parallel()
	for _, r := range none {
		if low, high, ok := r.Interval(stat.Usual); ok || low != 0 || high != 0 {
			t.Errorf("%+v.Interval() = %v, %v, %v, want none", r, low, high, ok)
		}
		if p, ok := r.Value(); ok || p != 0 {
			t.Errorf("%+v.Value() = %v, %v, want none", r, p, ok)
		}
	}
}

func TestLevelsOutOfRangeAreUsual(t *testing.T) {
	t.Parallel()
	r := stat.Rate{Hits: 81, Of: 263}
	wantLow, wantHigh, _ := r.Interval(stat.Usual)
	for _, c := range []stat.Confidence{0, 1, -1, 95, stat.Confidence(math.NaN()), stat.Confidence(math.Inf(1))} {
		if low, high, _ := r.Interval(c); low != wantLow || high != wantHigh {
			t.Errorf("Interval(%v) = %v, %v, want %v, %v", c, low, high, wantLow, wantHigh)
		}
	}
}

// TestIntervalOfAnyRate: it holds the rate, mirrors when hits and misses are
// exchanged, and becomes narrower as the same rate is seen more often, and wider
// with confidence.
func TestIntervalOfAnyRate(t *testing.T) {
	t.Parallel()
	property := func(hits, missed uint32, more uint8, level uint16) bool {
		h, n := int64(hits), int64(hits)+int64(missed)+1
		k := int64(more) + 1
		c := (stat.Confidence(level) + 0.5) / 65536
		r := stat.Rate{Hits: h, Of: n}
		p, _ := r.Value()
		low, high, ok := r.Interval(c)
		lowM, highM, _ := stat.Rate{Hits: n - h, Of: n}.Interval(c)
		lowK, highK, _ := stat.Rate{Hits: k * h, Of: k * n}.Interval(c)
		low5, high5, _ := r.Interval(0.5)
		low9, high9, _ := r.Interval(0.9)
		return ok && 0 <= low && low <= p && p <= high && high <= 1 &&
			near(low, 1-highM, 1e-12) && near(high, 1-lowM, 1e-12) &&
			highK-lowK <= high-low+1e-12 && high5-low5 <= high9-low9
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
}

// FuzzInterval: whatever is counted, the figures are shares around the rate.
func FuzzInterval(f *testing.F) {
	f.Add(int64(0), int64(0), 0.95)
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64), math.Nextafter(1, 0))
	f.Add(int64(1), int64(math.MaxInt64), math.SmallestNonzeroFloat64)
	f.Add(int64(math.MinInt64), int64(math.MinInt64), math.Inf(-1))
	f.Fuzz(func(t *testing.T, hits, of int64, level float64) {
		r := stat.Rate{Hits: hits, Of: of}
		p, counted := r.Value()
		low, high, ok := r.Interval(stat.Confidence(level))
		if counted != ok || wrong(low, 0, p) || wrong(high, p, 1) {
			t.Errorf("%+v.Interval(%v) = %v, %v, %v around %v, %v", r, level, low, high, ok, p, counted)
		}
	})
}

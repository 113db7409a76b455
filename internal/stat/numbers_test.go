package stat_test

import (
	"maps"
	"math"
	"slices"
	"testing"
	"testing/quick"

	"applicreations.com/introspect/internal/stat"
)

func numbers(values ...float64) stat.Numbers {
	counts := map[float64]int64{}
	for _, v := range values {
		counts[v]++
	}
	var out stat.Numbers
	for _, v := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, stat.Bin{Value: v, Count: counts[v]})
	}
	return out
}

// TestNumbers holds published tests: the ozone of New York in May and August
// 1973 (Chambers and others, Graphical Methods for Data Analysis, 1983), of
// which wilcox.test of R says W = 127.5 and p = 0.0001208, with ties; and the
// permeability of membranes (Hollander and Wolfe, Nonparametric Statistical
// Methods, 1973, page 69) with W = 35, z = 9.5 / sqrt(10 * 5 * 16 / 12).
func TestNumbers(t *testing.T) {
	t.Parallel()
	may := numbers(41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37)
	august := numbers(39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85)
	got := stat.CompareNumbers(may, august, stat.Usual)
	if got.U != 127.5 || !near(got.P, 0.0001208, 5e-8) || got.Verdict != stat.Lower || got.Needs != 0 {
		t.Errorf("ozone in May and August: %+v, want U 127.5, p 0.0001208, lower", got)
	}
	if got.Now != 18 || got.Before != 52 || got.Diff != -34 || !near(got.Larger, 127.5/676, 1e-12) {
		t.Errorf("ozone in May and August: %+v, want medians 18 and 52", got)
	}
	got = stat.CompareNumbers(
		numbers(0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46),
		numbers(1.15, 0.88, 0.90, 0.74, 1.21), stat.Usual)
	if got.U != 35 || !near(got.P, 0.2446, 5e-5) || got.Verdict != stat.Few {
		t.Errorf("permeability: %+v, want U 35, p 0.2446, few", got)
	}
	// Noether: (1.96 + 0.8416)^2 / (6 * 0.2^2) = 32.7 a side.
	if got.Needs != 26 {
		t.Errorf("permeability needs %d more, want 26: 33 a side of 10 and 5", got.Needs)
	}
}

func TestNoNumbers(t *testing.T) {
	t.Parallel()
	some := numbers(1, 2, 3)
	for _, tc := range []struct {
		name string
		ns   stat.Numbers
	}{
		{"nil", nil},
		{"empty bins", stat.Numbers{{Value: 1}, {Value: 2}}},
		{"out of order", stat.Numbers{{Value: 2, Count: 1}, {Value: 1, Count: 1}}},
		{"twice the same", stat.Numbers{{Value: 2, Count: 1}, {Value: 2, Count: 1}}},
		{"a count below zero", stat.Numbers{{Value: 1, Count: 5}, {Value: 2, Count: -1}}},
		{"not a number", stat.Numbers{{Value: math.NaN(), Count: 5}}},
		{"infinite", stat.Numbers{{Value: math.Inf(1), Count: 5}}},
	} {
		if m, ok := tc.ns.Median(); ok || m != 0 || tc.ns.Count() != 0 {
			t.Errorf("%s: median %v, %v of %d, want none", tc.name, m, ok, tc.ns.Count())
		}
		want := stat.Shift{Verdict: stat.Few, Larger: 0.5, P: 1}
		if got := stat.CompareNumbers(tc.ns, some, stat.Usual); got != want {
			t.Errorf("%s: %+v, want %+v", tc.name, got, want)
		}
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		ns   stat.Numbers
		want float64
	}{
		{numbers(7), 7},
		{numbers(1, 2), 1.5},
		{numbers(1, 2, 3), 2},
		{stat.Numbers{{Value: 1, Count: 2}, {Value: 2, Count: 0}, {Value: 5, Count: 2}}, 3},
		{stat.Numbers{{Value: -math.MaxFloat64, Count: math.MaxInt64}, {Value: math.MaxFloat64, Count: math.MaxInt64}}, 0},
		{stat.Numbers{{Value: math.MaxFloat64 / 2, Count: 1}, {Value: math.MaxFloat64, Count: 1}}, math.MaxFloat64 * 0.75},
	} {
		if got, ok := tc.ns.Median(); !ok || got != tc.want {
			t.Errorf("median of %v = %v, %v, want %v", tc.ns, got, ok, tc.want)
		}
	}
	if got := (stat.Numbers{{Value: 1, Count: math.MaxInt64}, {Value: 2, Count: math.MaxInt64}}).Count(); got != math.MaxInt64 {
		t.Errorf("more than an int64 holds: %d", got)
	}
}

func TestEqualNumbersDoNotDiffer(t *testing.T) {
	t.Parallel()
	one := stat.Numbers{{Value: 4, Count: 50}}
	if got := stat.CompareNumbers(one, one, stat.Usual); got.P != 1 || got.Verdict != stat.Noise || got.Needs != 0 {
		t.Errorf("one value: %+v, want noise", got)
	}
	huge := stat.Numbers{{Value: 1, Count: math.MaxInt64}, {Value: 2, Count: 1}}
	if got := stat.CompareNumbers(huge, huge, stat.Usual); got.P != 1 || got.Verdict != stat.Noise {
		t.Errorf("one number in a great many: %+v, want noise", got)
	}
}

// TestNoPairsIsNotLess: where now wins no pair, rounding once left -1e-16 of them.
func TestNoPairsIsNotLess(t *testing.T) {
	t.Parallel()
	x := stat.Numbers{{Value: 1, Count: 54043195528441296}}
	y := stat.Numbers{{Value: 16, Count: 54043195528445952}}
	got, back := stat.CompareNumbers(x, y, stat.Usual), stat.CompareNumbers(y, x, stat.Usual)
	if got.Larger != 0 || back.Larger != 1 || got.U != 0 {
		t.Errorf("no pair won: %+v, and turned round %+v, want a share of 0 and 1", got, back)
	}
}

// pick makes numbers of bytes: value and count by turns.
func pick(b []byte, scale int64) stat.Numbers {
	counts := map[float64]int64{}
	for i := 0; i+1 < len(b); i += 2 {
		counts[float64(b[i]%32)] += int64(b[i+1])
	}
	var out stat.Numbers
	for _, v := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, stat.Bin{Value: v, Count: counts[v] * scale})
	}
	return out
}

// TestPairsAreCounted compares U with the count over all pairs, and the verdict
// with the one of the sides turned round.
func TestPairsAreCounted(t *testing.T) {
	t.Parallel()
	property := func(a, b []byte) bool {
		x, y := pick(a, 1), pick(b, 1)
		got, back := stat.CompareNumbers(x, y, stat.Usual), stat.CompareNumbers(y, x, stat.Usual)
		won := 0.0
		for _, p := range x {
			for _, q := range y {
				pairs := float64(p.Count) * float64(q.Count)
				if p.Value > q.Value {
					won += pairs
				} else if p.Value == q.Value {
					won += pairs / 2
				}
			}
		}
		return got.U == won && got.P == back.P && got.Diff == -back.Diff && got.Needs == back.Needs &&
			near(got.Larger, 1-back.Larger, 1e-12) && (got.Verdict == stat.Higher) == (back.Verdict == stat.Lower)
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 1000}); err != nil {
		t.Error(err)
	}
}

// FuzzNumbers: whatever is counted, no figure is senseless.
func FuzzNumbers(f *testing.F) {
	f.Add([]byte("abcd"), []byte("efgh"), int64(1), int64(1), 0.95)
	f.Add([]byte("a"), []byte("zzzz"), int64(1)<<50, int64(1), 0.5)
	f.Add([]byte("abababab"), []byte("acacacac"), int64(1)<<50, int64(1)<<50, math.Nextafter(1, 0))
	f.Fuzz(func(t *testing.T, a, b []byte, k, l int64, level float64) {
		x, y := pick(a[:min(200, len(a))], k%(1<<48)), pick(b[:min(200, len(b))], l%(1<<48))
		got := stat.CompareNumbers(x, y, stat.Confidence(level))
		if wrong(got.P, 0, 1) || wrong(got.Larger, 0, 1) || wrong(got.U, 0, math.MaxFloat64) || wrong(got.Diff, -32, 32) || got.Needs < 0 || got.Needs > 1e12+1 {
			t.Errorf("CompareNumbers(%v, %v) = %+v", x, y, got)
		}
	})
}

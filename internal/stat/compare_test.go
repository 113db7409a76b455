package stat_test

import (
	"math"
	"testing"
	"testing/quick"

	"applicreations.com/introspect/internal/stat"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		now, before stat.Rate
		p           float64
		verdict     stat.Verdict
	}{
		// Fisher, The Design of Experiments, 1935; fisher.test of R says 0.4857.
		{"the lady tasting tea is too few", stat.Rate{Hits: 3, Of: 4}, stat.Rate{Hits: 1, Of: 4}, 0.4857, stat.Few},
		// Fisher, Journal of the Royal Statistical Society 98, 1935: convictions of
		// twins of criminals, like and unlike; fisher.test of R says 0.0005367.
		{"twins are too few", stat.Rate{Hits: 10, Of: 13}, stat.Rate{Hits: 2, Of: 17}, 0.0005367, stat.Few},
		// z = 0.05 / sqrt(0.525 * 0.475 * 2 / 1000) = 2.2389.
		{"five points of a thousand are seen", stat.Rate{Hits: 550, Of: 1000}, stat.Rate{Hits: 500, Of: 1000}, 0.02516, stat.Higher},
		// Physicians' Health Study, New England Journal of Medicine 321, 1989:
		// infarctions under aspirin and placebo. Pooled z = 5.00, p = 5.7e-7.
		{"aspirin", stat.Rate{Hits: 104, Of: 11037}, stat.Rate{Hits: 189, Of: 11034}, 5.7e-7, stat.Lower},
		{"five points of a hundred are noise", stat.Rate{Hits: 55, Of: 100}, stat.Rate{Hits: 50, Of: 100}, 0.5712, stat.Noise},
		{"forty points of a hundred are seen", stat.Rate{Hits: 20, Of: 100}, stat.Rate{Hits: 60, Of: 100}, 1.1e-8, stat.Lower},
		{"all and all do not differ", stat.Rate{Hits: 500, Of: 500}, stat.Rate{Hits: 500, Of: 500}, 1, stat.Noise},
		{"none and none do not differ", stat.Rate{Of: 20}, stat.Rate{Of: math.MaxInt64}, 1, stat.Noise},
		// A hundred hits in a million: the chance of one or more in a hundred is
		// 1 - 0.9999^100 = 0.00995, where z would say 4e-23.
		{"a rare hit is tested exactly", stat.Rate{Hits: 1, Of: 100}, stat.Rate{Hits: 99, Of: 999_900}, 0.00995, stat.Higher},
		{"nothing", stat.Rate{}, stat.Rate{Hits: 1, Of: 4}, 1, stat.Few},
	} {
		got := stat.Compare(tc.now, tc.before, stat.Usual)
		if !near(got.P, tc.p, 5e-5) || tc.p < 1e-4 && !near(got.P/tc.p, 1, 0.1) || got.Verdict != tc.verdict {
			t.Errorf("%s: p %.4g %s, want %.4g %s", tc.name, got.P, got.Verdict, tc.p, tc.verdict)
		}
	}
}

// TestNewcombe holds published intervals of a difference: Newcombe, Statistics
// in Medicine 17, 1998, pages 873-890, table II, method 10.
func TestNewcombe(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		now, before stat.Rate
		low, high   float64
	}{
		{stat.Rate{Hits: 56, Of: 70}, stat.Rate{Hits: 48, Of: 80}, 0.0524, 0.3339},
		{stat.Rate{Hits: 9, Of: 10}, stat.Rate{Hits: 3, Of: 10}, 0.1705, 0.8090},
		{stat.Rate{Hits: 6, Of: 7}, stat.Rate{Hits: 2, Of: 7}, 0.0582, 0.8062},
		{stat.Rate{Hits: 5, Of: 56}, stat.Rate{Hits: 0, Of: 29}, -0.0381, 0.1926},
		{stat.Rate{Hits: 0, Of: 10}, stat.Rate{Hits: 0, Of: 20}, -0.1611, 0.2775},
		{stat.Rate{Hits: 10, Of: 10}, stat.Rate{Hits: 0, Of: 20}, 0.6791, 1},
	} {
		got := stat.Compare(tc.now, tc.before, stat.Usual)
		if !near(got.Low, tc.low, 5e-5) || !near(got.High, tc.high, 5e-5) {
			t.Errorf("%v against %v: %.4f to %.4f, want %.4f to %.4f", tc.now, tc.before, got.Low, got.High, tc.low, tc.high)
		}
	}
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	base, same := stat.Rate{Hits: 60, Of: 100}, stat.Rate{Hits: 60, Of: 100}
	for _, tc := range []struct {
		name        string
		test        stat.Test
		now, before stat.Rate
		want        int64
	}{
		{"60 against 54 % needs 1,068 in all", stat.Test{}, base, stat.Rate{Hits: 54, Of: 100}, 968},
		{"no difference needs nothing", stat.Test{}, same, base, 0},
		{"a drop of 12 points needs 270 in all", stat.Test{Least: -0.12}, same, base, 170},
		{"a drop that cannot be", stat.Test{Least: -0.7}, same, base, 0},
		{"a difference seen needs nothing", stat.Test{}, stat.Rate{Hits: 30, Of: 100}, base, 0},
		{"a sample that would have shown it", stat.Test{Least: -0.12}, stat.Rate{Hits: 600, Of: 1000}, stat.Rate{Hits: 590, Of: 1000}, 0},
		// 1/(100+115) + 1/(250+115) is below 2/270.
		{"a larger sample before helps", stat.Test{Least: -0.12}, same, stat.Rate{Hits: 150, Of: 250}, 115},
		{"too few need at least to be judged", stat.Test{}, stat.Rate{Hits: 5, Of: 5}, stat.Rate{Of: 5}, 15},
		{"a larger smallest sample", stat.Test{Enough: 200}, stat.Rate{Hits: 90, Of: 100}, stat.Rate{Hits: 10, Of: 100}, 100},
	} {
		if got := tc.test.Rates(tc.now, tc.before); got.Needs != tc.want {
			t.Errorf("%s: needs %d, want %d", tc.name, got.Needs, tc.want)
		}
	}
	// With what it needs, the same rates are told apart.
	got := stat.Compare(stat.Rate{Hits: 641, Of: 1068}, stat.Rate{Hits: 577, Of: 1068}, stat.Usual)
	if got.Verdict != stat.Higher {
		t.Errorf("60 against 54 %% of 1,068 each: %+v, want higher", got)
	}
}

func TestNoRateIsTooFew(t *testing.T) {
	t.Parallel()
	want := stat.Comparison{Verdict: stat.Few, Low: -1, High: 1, P: 1}
	for _, r := range none {
		for _, got := range []stat.Comparison{
			stat.Compare(r, stat.Rate{Hits: 30, Of: 60}, stat.Usual), stat.Compare(stat.Rate{Hits: 30, Of: 60}, r, stat.Usual), stat.Compare(r, r, stat.Usual),
		} {
			if got != want {
				t.Errorf("with %+v: %+v, want %+v", r, got, want)
			}
		}
	}
}

// TestExactIsExact compares the exact test with the sum over all ways to choose
// which units are hits, counted one by one.
func TestExactIsExact(t *testing.T) {
	t.Parallel()
	for x := range int64(7) {
		for y := range int64(9) {
			now, before := stat.Rate{Hits: x, Of: 6}, stat.Rate{Hits: y, Of: 8}
			ways := make([]int, 7) // by the hits among the six
			for set := range 1 << 14 {
				six, eight := ones(set&63), ones(set>>6)
				if int64(six+eight) == x+y {
					ways[six]++
				}
			}
			all, tail := 0, 0
			for _, n := range ways {
				all += n
				if n <= ways[x] {
					tail += n
				}
			}
			want := float64(tail) / float64(all)
			if got := stat.Compare(now, before, stat.Usual).P; !near(got, want, 1e-12) {
				t.Errorf("%v against %v: p %v, want %v", now, before, got, want)
			}
		}
	}
}

func ones(set int) int {
	n := 0
	for ; set > 0; set &= set - 1 {
		n++
	}
	return n
}

// TestMoreTellsMore: the same two rates, seen k times as often, are no less
// surprising, and their interval is no wider.
func TestMoreTellsMore(t *testing.T) {
	t.Parallel()
	property := func(a, b, c, d uint16, more uint8) bool {
		x := stat.Rate{Hits: int64(a), Of: int64(a) + int64(b) + 500}
		y := stat.Rate{Hits: int64(c), Of: int64(c) + int64(d) + 500}
		k := int64(more) + 2
		once := stat.Compare(x, y, stat.Usual)
		often := stat.Compare(stat.Rate{Hits: k * x.Hits, Of: k * x.Of}, stat.Rate{Hits: k * y.Hits, Of: k * y.Of}, stat.Usual)
		return often.P <= once.P+0.05 && often.High-often.Low <= once.High-once.Low+1e-12 // exact against approximate p
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 3000}); err != nil {
		t.Error(err)
	}
}

// FuzzCompare: whatever is counted, no figure is senseless, and swapping the
// sides turns the sign.
func FuzzCompare(f *testing.F) {
	f.Add(int64(1), int64(2), int64(3), int64(4), 0.95, 0.0)
	f.Add(int64(0), int64(0), int64(math.MaxInt64), int64(math.MaxInt64), 2.0, 0.5)
	f.Add(int64(math.MaxInt64-3), int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64), 0.95, -1.0)
	f.Add(int64(math.MaxInt64/2), int64(math.MaxInt64), int64(7), int64(9), 0.999, 1e-300)
	f.Add(int64(1), int64(math.MaxInt64), int64(400), int64(500), math.Nextafter(1, 0), math.Inf(1))
	f.Add(int64(5), int64(5), int64(0), int64(400), 0.5, math.NaN())
	f.Fuzz(func(t *testing.T, a, b, c, d int64, level, least float64) {
		x, y := stat.Rate{Hits: a, Of: b}, stat.Rate{Hits: c, Of: d}
		test := stat.Test{Confidence: stat.Confidence(level), Least: least}
		got, back := test.Rates(x, y), test.Rates(y, x)
		if wrong(got.Diff, -1, 1) || wrong(got.Low, -1, got.Diff) || wrong(got.High, got.Diff, 1) || wrong(got.P, 0, 1) || got.Needs < 0 || got.Needs > 1e12+1 {
			t.Fatalf("Compare(%v, %v, %v) = %+v", x, y, test, got)
		}
		if got.Diff != -back.Diff || !near(got.Low, -back.High, 1e-12) || !near(got.P, back.P, 1e-9) {
			t.Errorf("Compare(%v, %v) = %+v, and turned round %+v", x, y, got, back)
		}
		if got.Verdict == stat.Higher && got.Diff <= 0 || got.Verdict == stat.Lower && got.Diff >= 0 {
			t.Errorf("Compare(%v, %v) = %+v", x, y, got)
		}
	})
}

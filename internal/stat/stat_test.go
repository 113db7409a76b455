package stat_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"applicreations.com/introspect/internal/stat"
)

func near(got, want, by float64) bool { return math.Abs(got-want) <= by }

// TestWilson holds published intervals: Newcombe 1998, table I, method 3.
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
	for _, none := range []stat.Rate{{}, {Hits: 3, Of: 2}, {Hits: -1, Of: 2}, {Hits: 1, Of: -2}} {
		if _, _, ok := none.Interval(stat.Usual); ok {
			t.Errorf("%+v has an interval", none)
		}
	}
}

// TestSampleSize holds the figures of references/analytics.md 6: a relative
// drop of a fifth, 80 % power.
func TestSampleSize(t *testing.T) {
	t.Parallel()
	for base, want := range map[float64]int64{0.60: 270, 0.50: 387, 0.70: 186, 0.90: 73, 0.18: 1643} {
		if got := stat.SampleSize(base, 0.8*base, stat.Usual); math.Abs(float64(got-want)) > 0.015*float64(want) {
			t.Errorf("SampleSize(%v) = %d, want %d", base, got, want)
		}
	}
	for _, none := range [][2]float64{{0.5, 0.5}, {-1, 0.5}, {0.5, math.NaN()}} {
		if got := stat.SampleSize(none[0], none[1], stat.Usual); got != 0 {
			t.Errorf("SampleSize(%v) = %d, want 0", none, got)
		}
	}
}

// TestCompare: Fisher's tea (3 of 4 against 1 of 4 gives 0.486), and a large
// table whose z is 2.0412 (p 0.0412).
func TestCompare(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		now, before stat.Rate
		p           float64
		verdict     stat.Verdict
	}{
		{"tea", stat.Rate{Hits: 3, Of: 4}, stat.Rate{Hits: 1, Of: 4}, 0.4857, stat.Few},
		{"large", stat.Rate{Hits: 550, Of: 1000}, stat.Rate{Hits: 500, Of: 1000}, 0.0251, stat.Higher},
		{"noise", stat.Rate{Hits: 55, Of: 100}, stat.Rate{Hits: 50, Of: 100}, 0.5715, stat.Noise},
		{"clear drop", stat.Rate{Hits: 20, Of: 100}, stat.Rate{Hits: 60, Of: 100}, 0, stat.Lower},
		{"nothing", stat.Rate{}, stat.Rate{Hits: 1, Of: 4}, 1, stat.Few},
		{"all and all", stat.Rate{Hits: 500, Of: 500}, stat.Rate{Hits: 500, Of: 500}, 1, stat.Noise},
	} {
		got := stat.Compare(tc.now, tc.before, stat.Usual)
		if !near(got.P, tc.p, 5e-4) || got.Verdict != tc.verdict {
			t.Errorf("%s: p %.4f %s, want %.4f %s", tc.name, got.P, got.Verdict, tc.p, tc.verdict)
		}
	}
	// 54 to 60 % of 100 each is noise that SampleSize says would take 1,085.
	got := stat.Compare(stat.Rate{Hits: 60, Of: 100}, stat.Rate{Hits: 54, Of: 100}, stat.Usual)
	if got.Verdict != stat.Noise || got.Needs < 900 || got.Needs > 1100 {
		t.Errorf("54 to 60 of 100: %+v, want noise that needs about 1,000 more", got)
	}
}

// FuzzCompare: whatever is counted, no figure is senseless, and swapping the
// sides turns the sign.
func FuzzCompare(f *testing.F) {
	f.Add(int64(1), int64(2), int64(3), int64(4), 0.95)
	f.Add(int64(0), int64(0), int64(math.MaxInt64), int64(math.MaxInt64), 2.0)
	f.Add(int64(5), int64(5), int64(0), int64(400), 0.5)
	f.Fuzz(func(t *testing.T, a, b, c, d int64, level float64) {
		x, y := stat.Rate{Hits: a % 10_000_000, Of: b % 10_000_000}, stat.Rate{Hits: c % 10_000_000, Of: d % 10_000_000}
		conf := stat.Confidence(level)
		got, back := stat.Compare(x, y, conf), stat.Compare(y, x, conf)
		for _, v := range []float64{got.Diff, got.Low, got.High, got.P, stat.Sequential(x, y)} {
			if math.IsNaN(v) || math.IsInf(v, 0) || v < -1 || v > 1 {
				t.Fatalf("Compare(%v, %v, %v) = %+v", x, y, level, got)
			}
		}
		if got.Low > got.Diff+1e-9 || got.High < got.Diff-1e-9 || got.P < 0 || got.Needs < 0 {
			t.Errorf("Compare(%v, %v) = %+v", x, y, got)
		}
		if !near(got.Diff, -back.Diff, 1e-12) || !near(got.P, back.P, 1e-6) || got.Verdict == stat.Higher && back.Verdict != stat.Lower {
			t.Errorf("Compare(%v, %v) = %+v, and turned round %+v", x, y, got, back)
		}
		if p, ok := x.Value(); ok {
			if low, high, _ := x.Interval(conf); low > p || high < p || low < 0 || high > 1 {
				t.Errorf("%v: %v is outside %v to %v", x, p, low, high)
			}
		}
	})
}

// TestHowOftenWrong simulates rates that do not differ: the fixed test at one
// look and the sequential one at fifty looks must be wrong in at most one of
// twenty runs; peeking with the fixed test is wrong far more often, which is
// why the other one exists.
func TestHowOftenWrong(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	const runs, looks, step = 1500, 50, 40
	fixed, peeking, sequential, covered := 0, 0, 0, 0
	for range runs {
		var a, b stat.Rate
		peeked, alarmed := false, false
		for range looks {
			for range step {
				a, b = draw(r, a, 0.6), draw(r, b, 0.6)
			}
			peeked = peeked || stat.Compare(a, b, stat.Usual).P < 0.05
			alarmed = alarmed || stat.Sequential(a, b) < 0.05
		}
		fixed += truth(stat.Compare(a, b, stat.Usual).P < 0.05)
		peeking += truth(peeked)
		sequential += truth(alarmed)
		small := stat.Rate{Of: 30}
		for range 30 {
			small.Hits += int64(truth(r.Float64() < 0.6))
		}
		low, high, _ := small.Interval(stat.Usual)
		covered += truth(low <= 0.6 && 0.6 <= high)
	}
	t.Logf("of %d runs: fixed %d, peeking %d, sequential %d wrong; interval of 30 covers %d", runs, fixed, peeking, sequential, covered)
	if fixed > runs*7/100 || sequential > runs*6/100 || peeking < runs*15/100 || covered < runs*93/100 {
		t.Errorf("of %d runs: fixed %d, peeking %d, sequential %d wrong; interval of 30 covers %d", runs, fixed, peeking, sequential, covered)
	}
}

// TestHowOftenSeen simulates a drop from 60 to 48 % at the sample size that is
// said to show it.
func TestHowOftenSeen(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 8))
	const runs = 1500
	n, seen := stat.SampleSize(0.60, 0.48, stat.Usual), 0
	for range runs {
		var a, b stat.Rate
		for range n {
			a, b = draw(r, a, 0.48), draw(r, b, 0.60)
		}
		seen += truth(stat.Compare(a, b, stat.Usual).Verdict == stat.Lower)
	}
	if share := float64(seen) / runs; share < 0.76 || share > 0.84 {
		t.Errorf("a drop that needs %d a side is seen in %.2f of the runs, want about 0.80", n, share)
	}
}

func draw(r *rand.Rand, x stat.Rate, p float64) stat.Rate {
	return stat.Rate{Hits: x.Hits + int64(truth(r.Float64() < p)), Of: x.Of + 1}
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

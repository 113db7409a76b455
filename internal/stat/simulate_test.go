package stat_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"applicreations.com/introspect/internal/stat"
)

// The simulations are seeded, so that they say the same every time. Of r runs a
// share of 5 % strays by sqrt(0.05 * 0.95 / r): 0.5 points of 2,000.

func draw(r *rand.Rand, n int, p float64) stat.Rate {
	out := stat.Rate{Of: int64(n)}
	for range n {
		out.Hits += int64(truth(r.Float64() < p))
	}
	return out
}

func add(x, y stat.Rate) stat.Rate { return stat.Rate{Hits: x.Hits + y.Hits, Of: x.Of + y.Of} }

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestWilsonCovers simulates rates whose truth is known.
func TestWilsonCovers(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	const runs = 4000
	mean, cases := 0.0, 0
	for _, p := range []float64{0.05, 0.18, 0.5, 0.6, 0.9} {
		for _, n := range []int{10, 30, 100, 300} {
			covered := 0
			for range runs {
				low, high, _ := draw(r, n, p).Interval(stat.Usual)
				covered += truth(low <= p && p <= high)
			}
			share := float64(covered) / runs
			if mean, cases = mean+share, cases+1; share < 0.90 {
				t.Errorf("the interval of %d units at %v covers %.3f of the time", n, p, share)
			}
		}
	}
	mean /= float64(cases)
	t.Logf("intervals cover %.4f of the time", mean)
	if mean < 0.945 || mean > 0.965 {
		t.Errorf("intervals cover %.4f of the time, want about 0.95", mean)
	}
}

// TestFixedTestIsRarelyWrong simulates rates that do not differ, looked at once.
func TestFixedTestIsRarelyWrong(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 2))
	const runs = 4000
	for _, tc := range []struct {
		n, m int
		p    float64
	}{{50, 50, 0.6}, {200, 200, 0.6}, {270, 270, 0.6}, {1000, 1000, 0.18}, {1000, 200, 0.05}, {800, 800, 0.01}} {
		alarms, missed := 0, 0
		for range runs {
			got := stat.Compare(draw(r, tc.n, tc.p), draw(r, tc.m, tc.p), stat.Usual)
			alarms += truth(got.Verdict == stat.Higher || got.Verdict == stat.Lower)
			missed += truth(got.Low > 0 || got.High < 0)
		}
		alarm, miss := float64(alarms)/runs, float64(missed)/runs
		t.Logf("%d and %d units at %v: %.4f false alarms, %.4f intervals miss", tc.n, tc.m, tc.p, alarm, miss)
		if alarm > 0.06 || miss > 0.06 {
			t.Errorf("%d and %d units at %v: %.4f false alarms, %.4f intervals miss, want at most 0.05", tc.n, tc.m, tc.p, alarm, miss)
		}
	}
}

// TestPowerIsWhatWasAskedFor simulates the drops of references/analytics.md 6 at
// the sample size that is said to show them.
func TestPowerIsWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	const runs = 2000
	for _, base := range []float64{0.6, 0.5, 0.7, 0.9, 0.18} {
		need, _ := stat.Test{Least: -0.2 * base}.SampleSize(base)
		n, seen := int(need), 0
		for range runs {
			got := stat.Compare(draw(r, n, 0.8*base), draw(r, n, base), stat.Usual)
			seen += truth(got.Verdict == stat.Lower)
		}
		share := float64(seen) / runs
		t.Logf("a drop from %v that needs %d a side is seen in %.3f of the runs", base, n, share)
		if least := 0.77 - 0.06*float64(truth(n <= 200)); share < least || share > 0.83 { // below, the exact test is careful
			t.Errorf("a drop from %v that needs %d a side is seen in %.3f of the runs, want about 0.80", base, n, share)
		}
	}
}

// TestLooksAreRarelyWrong simulates variants that do not differ, looked at fifty
// times from the smallest sample on. The fixed test, looked at as often, shows
// why there is another.
func TestLooksAreRarelyWrong(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 4))
	const runs, looks = 1500, 50
	for _, tc := range []struct {
		p          float64
		n, step, k int // of treatment before the looks and between them; control has k times as many
	}{{0.6, 80, 20, 1}, {0.18, 80, 20, 1}, {0.05, 80, 20, 1}, {0.95, 80, 20, 1}, {0.5, 98, 2, 1}, {0.6, 50, 50, 1}, {0.05, 95, 5, 9}} {
		alarms, peeking := 0, 0
		for range runs {
			a, b := draw(r, tc.n, tc.p), draw(r, tc.k*tc.n, tc.p)
			alarmed, peeked := false, false
			for range looks {
				a, b = add(a, draw(r, tc.step, tc.p)), add(b, draw(r, tc.k*tc.step, tc.p))
				v := stat.Test{}.Look(a, b).Verdict
				alarmed = alarmed || v == stat.Higher || v == stat.Lower
				peeked = peeked || pooled(a, b) > 1.96
			}
			alarms += truth(alarmed)
			peeking += truth(peeked)
		}
		alarm, peek := float64(alarms)/runs, float64(peeking)/runs
		t.Logf("%+v: %.4f false alarms in fifty looks, %.4f by the fixed test", tc, alarm, peek)
		if alarm > 0.055 || peek < 0.1 {
			t.Errorf("%+v: %.4f false alarms in fifty looks (want at most 0.05), %.4f by the fixed test", tc, alarm, peek)
		}
	}
}

// pooled is the textbook z, cheaper than Compare.
func pooled(x, y stat.Rate) float64 {
	n, m := float64(x.Of), float64(y.Of)
	p := float64(x.Hits+y.Hits) / (n + m)
	return math.Abs(float64(x.Hits)/n-float64(y.Hits)/m) / math.Sqrt(p*(1-p)*(1/n+1/m))
}

// TestLooksSee simulates a rise from 48 to 60 %: the sequence holds it at all of
// fifty looks, and soon enough leaves out 0.
func TestLooksSee(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 5))
	const runs, looks = 1500, 50
	lost, wrong, atOnce := 0, 0, 0
	var when []int
	for range runs {
		a, b := draw(r, 80, 0.60), draw(r, 80, 0.48)
		out, first := false, math.MaxInt
		for range looks {
			a, b = add(a, draw(r, 20, 0.60)), add(b, draw(r, 20, 0.48))
			got := stat.Test{}.Look(a, b)
			out = out || got.Low > 0.12 || got.High < 0.12
			wrong += truth(got.Verdict == stat.Lower)
			if got.Verdict == stat.Higher && first == math.MaxInt {
				first = int(a.Of)
			}
		}
		lost += truth(out)
		atOnce += truth(first <= 270)
		when = append(when, first)
	}
	slices.Sort(when)
	median, share80 := when[runs/2], when[runs*8/10]
	text := fmt.Sprintf("the sequence loses a rise of 12 points in %.4f of the runs; half see it at %d a side, 80 %% at %d, %.3f by 270", float64(lost)/runs, median, share80, float64(atOnce)/runs)
	t.Log(text)
	if lost > runs*55/1000 || wrong > 0 || median > 400 || share80 > 700 {
		t.Errorf("%s, %d looks say lower", text, wrong)
	}
}

// durations are log-normal seconds in bins of a tenth of a factor.
func durations(r *rand.Rand, n int, middle float64) stat.Numbers {
	values := make([]float64, n)
	for i := range values {
		values[i] = math.Round(10 * (math.Log(middle) + 0.8*r.NormFloat64()))
	}
	return numbers(values...)
}

// TestNumbersAreRarelyWrong simulates durations that do not differ, and ones that
// do, at the size which the test asks for: medians of 60 and 72 seconds.
func TestNumbersAreRarelyWrong(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 6))
	const runs = 1500
	// Of two normal values ln 1.2 apart with deviation 0.8 each, that of the
	// higher is larger with the probability of a normal value below
	// ln 1.2 / (0.8 sqrt 2); Noether's size follows from it.
	larger := 1 - math.Erfc(math.Log(1.2)/0.8/2)/2
	n := int(math.Ceil((1.96 + 0.8416) * (1.96 + 0.8416) / (larger - 0.5) / (larger - 0.5) / 6))
	alarms, seen := 0, 0
	for range runs {
		a, b := durations(r, n, 60), durations(r, n, 60)
		got := stat.CompareNumbers(a, b, stat.Usual)
		alarms += truth(got.Verdict == stat.Higher || got.Verdict == stat.Lower)
		seen += truth(stat.CompareNumbers(durations(r, n, 72), b, stat.Usual).Verdict == stat.Higher)
	}
	text := fmt.Sprintf("%d durations a side: %.4f false alarms, 60 against 72 seconds seen in %.4f of the runs", n, float64(alarms)/runs, float64(seen)/runs)
	t.Log(text)
	if alarms > runs*65/1000 || seen < runs*77/100 || seen > runs*83/100 {
		t.Errorf("%s, want 0.05 and about 0.80", text)
	}
}

// TestLooksAtNumbersAreRarelyWrong simulates two variants whose durations do not
// differ, looked at fifty times, and two of which one takes a fifth longer.
func TestLooksAtNumbersAreRarelyWrong(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 8))
	const runs, looks = 1500, 50
	for _, tc := range []struct{ n, step, k int }{{80, 20, 1}, {98, 2, 1}, {95, 5, 4}} {
		alarms, peeking, seen := 0, 0, 0
		for range runs {
			a, b, slow := counted{}, counted{}, counted{}
			a.draw(r, tc.n, 60)
			slow.draw(r, tc.n, 72)
			b.draw(r, tc.k*tc.n, 60)
			alarmed, peeked, found := false, false, false
			for range looks {
				a.draw(r, tc.step, 60)
				slow.draw(r, tc.step, 72)
				b.draw(r, tc.k*tc.step, 60)
				v := stat.Test{}.LookNumbers(a.numbers(), b.numbers()).Verdict
				alarmed = alarmed || v == stat.Higher || v == stat.Lower
				once := stat.CompareNumbers(a.numbers(), b.numbers(), stat.Usual).Verdict
				peeked = peeked || once == stat.Higher || once == stat.Lower
				found = found || stat.Test{}.LookNumbers(slow.numbers(), b.numbers()).Verdict == stat.Higher
			}
			alarms, peeking, seen = alarms+truth(alarmed), peeking+truth(peeked), seen+truth(found)
		}
		text := fmt.Sprintf("%+v: %.4f false alarms in fifty looks, %.4f by the test for one, a fifth longer seen in %.3f", tc,
			float64(alarms)/runs, float64(peeking)/runs, float64(seen)/runs)
		t.Log(text)
		if alarms > runs*55/1000 || peeking < runs/10 || tc.step == 20 && seen < runs*9/10 {
			t.Error(text)
		}
	}
}

// counted are durations in bins, see durations.
type counted map[float64]int64

func (c counted) draw(r *rand.Rand, n int, middle float64) {
	for range n {
		c[math.Round(10*(math.Log(middle)+0.8*r.NormFloat64()))]++
	}
}

func (c counted) numbers() stat.Numbers {
	var out stat.Numbers
	for _, value := range slices.Sorted(maps.Keys(c)) {
		out = append(out, stat.Bin{Value: value, Count: c[value]})
	}
	return out
}

// TestDiscoveriesAreRarelyFalse simulates forty questions of which eight matter.
func TestDiscoveriesAreRarelyFalse(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	const runs, questions, real = 1000, 40, 8
	falseShare, found, naive := 0.0, 0, 0
	for range runs {
		ps := make([]float64, questions)
		for i := range ps {
			z := r.NormFloat64() + 3.5*float64(truth(i < real))
			ps[i] = math.Erfc(math.Abs(z) / math.Sqrt2)
			naive += truth(i >= real && ps[i] < 0.05)
		}
		survived, wrong := 0, 0
		for i, ok := range stat.Discoveries(ps, 0.05) {
			survived += truth(ok)
			wrong += truth(ok && i >= real)
		}
		falseShare += float64(wrong) / float64(max(1, survived)) / runs
		found += survived - wrong
	}
	text := fmt.Sprintf("%.4f of what survives is false, %.3f of what matters survives; without, %.2f false ones a run", falseShare, float64(found)/runs/real, float64(naive)/runs)
	t.Log(text)
	if falseShare > 0.045 || found < runs*real/2 { // the rate is 0.05 * 32 / 40
		t.Error(text)
	}
}

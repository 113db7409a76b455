package stat

import "math"

// Bin is how often a number was counted: a bar of a histogram.
type Bin struct {
	Value float64
	Count int64
}

// Numbers are counted durations or other numbers, by ascending value without
// repetition. All numbers of a bin are taken for equal. A list in another order,
// with a count below zero or with a value that is infinite or not a number holds
// nothing.
type Numbers []Bin

// Count is how many numbers there are; it stops at the largest int64.
func (ns Numbers) Count() int64 {
	if !ns.valid() {
		return 0
	}
	sum := int64(0)
	for _, b := range ns {
		sum += min(b.Count, math.MaxInt64-sum)
	}
	return sum
}

// Median is the number in the middle, or the mean of the two in the middle; ok
// is false for no numbers.
func (ns Numbers) Median() (m float64, ok bool) {
	half := ns.total() / 2
	if half == 0 {
		return 0, false
	}
	below := 0.0
	for i, b := range ns {
		below += float64(b.Count)
		switch {
		case below > half:
			return b.Value, true
		case below == half:
			return b.Value/2 + ns[i+1:].first()/2, true
		}
	}
	return 0, false // not reached: the bins sum to the total
}

// first is the smallest number that was counted.
func (ns Numbers) first() float64 {
	for _, b := range ns {
		if b.Count > 0 {
			return b.Value
		}
	}
	return 0
}

func (ns Numbers) total() float64 {
	if !ns.valid() {
		return 0
	}
	sum := 0.0
	for _, b := range ns {
		sum += float64(b.Count)
	}
	return sum
}

func (ns Numbers) valid() bool {
	for i, b := range ns {
		if b.Count < 0 || math.IsNaN(b.Value) || math.IsInf(b.Value, 0) || i > 0 && b.Value <= ns[i-1].Value {
			return false
		}
	}
	return true
}

// Shift sets a set of numbers beside an earlier or another one.
type Shift struct {
	Verdict Verdict // Higher: the numbers of now tend to be larger
	// Now and Before are the medians, and Diff is now minus before, in the unit
	// of the numbers. They describe; the verdict is by P and Larger, and equal
	// medians may hide a difference. They are 0 where a side has no numbers.
	Now, Before, Diff float64
	// U is the statistic of now: of all pairs of one number from each side, in how
	// many that of now is larger, ties by half. Larger is their share, from 0 to
	// 1, and 0.5 where a side has no numbers.
	U, Larger float64
	P         float64 // two-sided; 1 where a side has no numbers
	// Needs is how many more numbers a side would show a Larger like this one with
	// the power (Noether, JASA 82, 1987), and for Few no less than make it judged
	// at all. It is 0 when the verdict stands or nothing differs.
	Needs int64
}

// CompareNumbers tests whether the numbers of one side tend to be larger, as the
// zero Test does at a confidence.
func CompareNumbers(now, before Numbers, c Confidence) Shift {
	return Test{Confidence: c}.Numbers(now, before)
}

// Numbers tests whether the numbers of one side tend to be larger: by the rank
// sum test of Mann and Whitney (Annals of Mathematical Statistics 18, 1947), in
// the normal approximation with the correction for ties (Lehmann,
// Nonparametrics, 1975, chapter 1) and for continuity. It does not ask how the
// numbers are distributed and does not mind a few very long durations. Swapping
// the sides turns the signs. A side without numbers makes Few.
func (t Test) Numbers(now, before Numbers) Shift {
	out, r, spread := shift(now, before)
	if spread > 0 {
		out.P = twoSided(max(0, math.Abs(r.lead)-0.5) / spread)
	}
	return t.judge(out, r.lead, now.Count(), before.Count(), t.enough(Enough))
}

// shift describes two sides. spread is the standard deviation of U while nothing
// differs, 0 where a side has no numbers or all are equal.
func shift(now, before Numbers) (out Shift, r ranks, spread float64) {
	n, m := now.total(), before.total()
	if n == 0 || m == 0 {
		return Shift{Verdict: Few, Larger: 0.5, P: 1}, r, 0
	}
	r = rank(now, before)
	lead := max(-0.5, min(r.lead/n/m, 0.5)) // rounding must not lead beyond all pairs
	out = Shift{U: max(0, min(n*m/2+r.lead, n*m)), Larger: 0.5 + lead, P: 1}
	out.Now, _ = now.Median()
	out.Before, _ = before.Median()
	out.Diff = out.Now - out.Before
	return out, r, math.Sqrt(n * m / 12 * r.untied / (n + m) / max(1, n+m-1))
}

// judge adds the verdict on the p value of two sides of a and b numbers, and what
// is needed for one.
func (t Test) judge(out Shift, lead float64, a, b, enough int64) Shift {
	if a == 0 || b == 0 {
		return out
	}
	out.Verdict = t.verdict(min(a, b), enough, out.P, lead)
	if out.Verdict == Higher || out.Verdict == Lower || lead == 0 {
		return out
	}
	root := (t.Confidence.z() + quantile(t.power())) / (out.Larger - 0.5)
	out.Needs = topUp(int64(max(1, min(math.Ceil(root*root/6), most))), a, b)
	if out.Verdict == Few {
		out.Needs = max(out.Needs, enough-min(a, b))
	}
	return out
}

// ranks is what the test needs of two sets of numbers together.
type ranks struct {
	lead   float64 // U of the first less its mean: half of pairs won less pairs lost
	untied float64 // N³ - N - Σ(t³ - t), over the ties of t numbers
}

// rank compares every bin of one side with those below it on the other.
func rank(x, y Numbers) ranks {
	var out ranks
	ties := tiesOf(x, y)
	above := make([]float64, len(ties)+1) // of both sides, from a tie upwards
	for i := len(ties) - 1; i >= 0; i-- {
		above[i] = above[i+1] + ties[i].x + ties[i].y
	}
	var below tie
	for i, t := range ties {
		out.lead += (t.x*below.y - t.y*below.x) / 2
		// N³ - N - Σ(t³ - t) is Σ t(N - t)(N + t), since N is Σ t.
		tied, others := t.x+t.y, below.x+below.y+above[i+1]
		out.untied += tied * others * (above[0] + tied)
		below = tie{below.x + t.x, below.y + t.y}
	}
	return out
}

// tie is how many numbers of each side are equal.
type tie struct{ x, y float64 }

// tiesOf merges both sides by ascending value.
func tiesOf(x, y Numbers) []tie {
	out := make([]tie, 0, len(x)+len(y))
	for len(x) > 0 && len(y) > 0 {
		switch a, b := x[0], y[0]; {
		case a.Value < b.Value:
			out, x = append(out, tie{x: float64(a.Count)}), x[1:]
		case b.Value < a.Value:
			out, y = append(out, tie{y: float64(b.Count)}), y[1:]
		default:
			out, x, y = append(out, tie{float64(a.Count), float64(b.Count)}), x[1:], y[1:]
		}
	}
	for _, a := range x {
		out = append(out, tie{x: float64(a.Count)})
	}
	for _, b := range y {
		out = append(out, tie{y: float64(b.Count)})
	}
	return out
}

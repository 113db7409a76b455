// Package stat says how sure a figure is: intervals of rates, whether two rates
// differ or might as well be noise, and how much must be counted before one can
// know. It estimates nothing that can be counted; every count comes from
// elsewhere, exact.
//
// It is pure arithmetic. Start with Rate and Compare.
package stat

import "math"

// Rate is how many of some units did something. Hits above Of, or counts below
// zero, make no rate.
type Rate struct{ Hits, Of int64 }

func (r Rate) valid() bool { return r.Of > 0 && r.Hits >= 0 && r.Hits <= r.Of }

// Value is the share from 0 to 1; ok is false for a rate of nothing.
func (r Rate) Value() (p float64, ok bool) {
	if !r.valid() {
		return 0, false
	}
	return float64(r.Hits) / float64(r.Of), true
}

// Interval is the Wilson score interval (Wilson, JASA 22, 1927) of the rate
// behind the counts, in shares from 0 to 1. Unlike the textbook interval it
// holds for few units and for rates near 0 and 1. ok is false for a rate of
// nothing.
func (r Rate) Interval(c Confidence) (low, high float64, ok bool) {
	p, ok := r.Value()
	if !ok {
		return 0, 0, false
	}
	n, z := float64(r.Of), c.z()
	centre := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	low, high = max(0, centre-half), min(1, centre+half)
	return min(low, p), max(high, p), true // rounding must not leave the rate outside
}

// Confidence is a level such as 0.95. Levels outside (0, 1) count as 0.95,
// which DOMAIN 9.6 sets.
type Confidence float64

// Usual is the level of DOMAIN 9.6.
const Usual Confidence = 0.95

// z is the half-width of the middle of the normal distribution that holds the
// level.
func (c Confidence) z() float64 {
	if !(c > 0 && c < 1) {
		c = Usual
	}
	return quantile(1 - (1-float64(c))/2)
}

func (c Confidence) alpha() float64 {
	if !(c > 0 && c < 1) {
		c = Usual
	}
	return 1 - float64(c)
}

// quantile is the inverse of the normal distribution.
func quantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// upper is the probability of the normal distribution above z.
func upper(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }

// Verdict is what can be said of two rates.
type Verdict string

// The verdicts. Noise means that the difference is not distinguishable from
// chance; Few that too little was counted to judge at all.
const (
	Higher Verdict = "higher"
	Lower  Verdict = "lower"
	Noise  Verdict = "noise"
	Few    Verdict = "few"
)

// Enough is the smallest sample a side that is judged at all: a drop of a fifth
// of a usual rate needs hundreds, and below a handful even certainty is luck.
const Enough = 20

// Power is the chance of seeing a difference that exists which Needs aims at.
const Power = 0.8

// Comparison sets a rate beside an earlier or another one.
type Comparison struct {
	Verdict Verdict
	Diff    float64 // now minus before, in shares
	// Low and High bound the difference (Newcombe, Statistics in Medicine 17,
	// 1998, method 10: from the two Wilson intervals).
	Low, High float64
	P         float64 // two-sided
	// Needs is how many more units a side would show a true difference of this
	// size with Power; 0 when the verdict stands or nothing differs.
	Needs int64
}

// Compare tests whether two rates differ: by Fisher's exact test for small
// counts, by the pooled two-proportion z test for large ones.
func Compare(now, before Rate, c Confidence) Comparison {
	a, okA := now.Value()
	b, okB := before.Value()
	if !okA || !okB {
		return Comparison{Verdict: Few, P: 1}
	}
	out := Comparison{Diff: a - b, P: pValue(now, before)}
	lowA, highA, _ := now.Interval(c)
	lowB, highB, _ := before.Interval(c)
	out.Low = max(-1, out.Diff-math.Hypot(a-lowA, highB-b))
	out.High = min(1, out.Diff+math.Hypot(highA-a, b-lowB))
	switch {
	case now.Of < Enough || before.Of < Enough:
		out.Verdict = Few
	case out.P >= c.alpha():
		out.Verdict = Noise
	case a > b:
		out.Verdict = Higher
	default:
		out.Verdict = Lower
	}
	if out.Verdict == Few || out.Verdict == Noise {
		out.Needs = max(0, SampleSize(b, a, c)-min(now.Of, before.Of))
	}
	return out
}

func pValue(x, y Rate) float64 {
	if x.Of+y.Of <= exactUpTo {
		return fisher(x, y)
	}
	p := float64(x.Hits+y.Hits) / float64(x.Of+y.Of)
	spread := math.Sqrt(p * (1 - p) * (1/float64(x.Of) + 1/float64(y.Of)))
	if spread == 0 {
		return 1
	}
	z := math.Abs(float64(x.Hits)/float64(x.Of)-float64(y.Hits)/float64(y.Of)) / spread
	return min(1, 2*upper(z))
}

// exactUpTo is the number of units up to which the exact test is used.
const exactUpTo = 400

// fisher is the two-sided exact test: the sum of the probabilities of all
// tables with the same margins that are no more likely than the one at hand
// (Fisher, 1935).
func fisher(x, y Rate) float64 {
	hits, n := x.Hits+y.Hits, x.Of+y.Of
	table := func(k int64) float64 { return choose(x.Of, k) + choose(y.Of, hits-k) - choose(n, hits) }
	own, sum := table(x.Hits), 0.0
	for k := max(0, hits-y.Of); k <= min(hits, x.Of); k++ {
		if at := table(k); at <= own+1e-9 {
			sum += math.Exp(at)
		}
	}
	return min(1, sum)
}

// choose is the logarithm of the binomial coefficient.
func choose(n, k int64) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// SampleSize is how many units a side are needed to see the difference of two
// shares with Power at the confidence, by the pooled and unpooled normal
// approximation (Fleiss, Statistical Methods for Rates and Proportions). It is
// 0 when they do not differ or are no shares, and never above the largest
// sample that one may hope for, 1e12.
func SampleSize(p, q float64, c Confidence) int64 {
	if p == q || !(p >= 0 && p <= 1 && q >= 0 && q <= 1) {
		return 0
	}
	mid := (p + q) / 2
	root := c.z()*math.Sqrt(2*mid*(1-mid)) + quantile(Power)*math.Sqrt(p*(1-p)+q*(1-q))
	return int64(min(math.Ceil(root*root/((p-q)*(p-q))), 1e12))
}

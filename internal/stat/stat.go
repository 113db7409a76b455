// Package stat says how sure a figure is: intervals of rates, whether two rates
// or two sets of numbers differ or might as well be noise, and how much must be
// counted before one can know. It estimates nothing that can be counted; every
// count comes from elsewhere, exact. It refuses to judge too few units, and it
// gives no figure that is not a number.
//
// It is pure arithmetic. Start with Rate and Compare; Test has the knobs.
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

func (c Confidence) level() float64 {
	if c > 0 && c < 1 {
		return float64(c)
	}
	return float64(Usual)
}

// z is the half-width of the middle of the normal distribution that holds the
// level. It is finite for every level.
func (c Confidence) z() float64 { return math.Sqrt2 * math.Erfinv(c.level()) }

func (c Confidence) alpha() float64 { return 1 - c.level() }

// quantile is the inverse of the normal distribution.
func quantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// twoSided is the probability of a normal value at least |z| from its mean.
func twoSided(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }

// Verdict is what can be said of two sides.
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

// Test is how two sides are judged. Its zero value judges at Usual, from Enough
// units a side (EnoughVariant for a Look), and aims at Power.
type Test struct {
	Confidence Confidence
	// Enough is the smallest sample a side that is judged; 0 and less stand for
	// the usual one.
	Enough int64
	// Least is the difference that one wants to see, in shares, now minus
	// before: -0.12 is a drop by twelve points. 0 stands for the difference at
	// hand. Only SampleSize and Needs of a Comparison look at it.
	Least float64
	// Power is the chance of seeing that difference where it exists. Values
	// outside [0.5, 1) stand for the constant Power.
	Power float64
}

func (t Test) enough(usual int64) int64 {
	if t.Enough <= 0 {
		return usual
	}
	return t.Enough
}

// verdict judges a p value. sample is that of the smaller side.
func (t Test) verdict(sample, enough int64, p, diff float64) Verdict {
	switch {
	case sample < enough:
		return Few
	case p >= t.Confidence.alpha() || diff == 0:
		return Noise
	case diff > 0:
		return Higher
	default:
		return Lower
	}
}

package stat

import "math"

// Power is the chance of seeing a difference that exists which Needs aims at.
const Power = 0.8

// most is the largest sample that one may hope for.
const most = 1e12

func (t Test) power() float64 {
	if t.Power >= 0.5 && t.Power < 1 {
		return t.Power
	}
	return Power
}

// SampleSize is how many units a side are needed to see a difference of Least
// from a base share, with the power and confidence of the test. ok is false when
// Least is 0 or leads out of the shares from 0 to 1; n is never above 1e12.
//
// It is the normal approximation with the pooled variance under no difference
// and the two variances under Least, without continuity correction (Fleiss,
// Levin and Paik, Statistical Methods for Rates and Proportions, 3rd edition,
// 2003, chapter 4), rounded up. Rounded to the nearest it gives the figures
// of references/analytics.md 6. Where Rates uses the exact test, which is
// careful, the power is somewhat less.
func (t Test) SampleSize(base float64) (n int64, ok bool) {
	n = sampleSize(base, base+t.Least, t.Confidence, t.power())
	return n, n > 0
}

func sampleSize(p, q float64, c Confidence, power float64) int64 {
	const slip = 1e-12 // 0.9 + 0.1 may be a little more than 1
	if q < 0 && q > -slip || q > 1 && q < 1+slip {
		q = math.Round(q)
	}
	if p == q || !(p >= 0 && p <= 1 && q >= 0 && q <= 1) {
		return 0
	}
	mid := (p + q) / 2
	root := (c.z()*math.Sqrt(2*mid*(1-mid)) + quantile(power)*math.Sqrt(p*(1-p)+q*(1-q))) / (p - q)
	return int64(max(1, min(math.Ceil(root*root), most)))
}

// topUp is how many units must come to each of two samples before they tell as
// much as two of n, which is when the mean of 1/a and 1/b is at most 1/n. It
// solves n(a+b+2m) = 2(a+m)(b+m) for m, without the cancellation.
func topUp(n, a, b int64) int64 {
	if n == 0 {
		return 0
	}
	want, fewer, apart := float64(n), float64(min(a, b)), math.Abs(float64(a)-float64(b))
	more := (want - 2*fewer + want*want/(math.Hypot(apart, want)+apart)) / 2
	return int64(max(0, math.Ceil(more-1e-6)))
}

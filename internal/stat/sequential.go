package stat

import "math"

// EnoughVariant is the smallest sample of each variant of an A/B test that is
// judged (DOMAIN 9.6).
const EnoughVariant = 100

// mixing is the variance of the differences that the sequential test expects,
// in squared shares: a standard deviation of 0.1, ten points, which is what a
// change of a page may do. It decides when the test is strongest, never how
// often it is wrong.
const mixing = 0.01

// Look is what an A/B test says at one of any number of looks. Until both
// variants have the smallest sample it says Few, and nothing of the difference:
// P is 1, Low and High are -1 and 1.
type Look struct {
	Verdict Verdict
	Diff    float64 // treatment minus control, in shares; 0 where a variant has no rate
	// Low and High are the confidence sequence of the difference: with the
	// confidence, the true difference is within them at every look there will
	// ever be. They are wider than the interval of a Comparison; that is the price
	// of looking.
	Low, High float64
	// P is the always-valid p value: however often somebody looks, and stops at
	// what they like, it falls below a level with at most that probability while
	// nothing differs. It may rise again; the smallest of all looks is as valid.
	P float64
	// Needs is how many units the smaller variant lacks to be judged.
	Needs int64
}

// Look judges an A/B test so that looking every day raises no false alarms: by
// the mixture sequential probability ratio test with a normal mixture of
// variance 0.01 (Johari, Koomen, Pekelis and Walsh, "Peeking at A/B Tests", KDD
// 2017, and "Always Valid Inference", Operations Research 70, 2022; the idea is
// that of Robbins, Annals of Mathematical Statistics 41, 1970). Low and High
// invert it, so that they leave out 0 just when P is below 1 - confidence.
//
// The likelihood ratio is that of a normal difference with known variance, here
// the sum of the two estimated ones, so the guarantee is one for large samples.
// Simulated for rates from 5 to 95 % and allocations up to 1 to 9 it holds from
// EnoughVariant on; with a smaller Enough and a lopsided allocation, 5 % become
// 6. For rates far below 5 % it is safe, but slow. A variant without a rate
// makes Few.
func (t Test) Look(treatment, control Rate) Look {
	enough, sample := t.enough(EnoughVariant), max(0, min(treatment.Of, control.Of))
	out := Look{Verdict: Few, Low: -1, High: 1, P: 1, Needs: max(0, enough-sample)}
	a, okA := treatment.Value()
	b, okB := control.Value()
	if !okA || !okB {
		return out
	}
	out.Diff = a - b
	if sample < enough {
		return out
	}
	v := treatment.variance() + control.variance()
	half := math.Sqrt(2 * v * (v + mixing) / mixing * (shrink(v) - math.Log(t.Confidence.alpha())))
	out.P = alwaysValid(out.Diff, v)
	out.Low, out.High = max(-1, out.Diff-half), min(1, out.Diff+half)
	out.Verdict = t.verdict(sample, enough, out.P, out.Diff)
	return out
}

// LookNumbers is Numbers for any number of looks: P is always valid, as that of a
// Look. The share of pairs in which the number of the treatment is larger takes
// the place of the difference of rates; while nothing differs it wanders like
// one, since it is nearly a sum of one term for each number (Hoeffding, Annals
// of Mathematical Statistics 19, 1948). Below EnoughVariant numbers a side it
// says Few.
func (t Test) LookNumbers(treatment, control Numbers) Shift {
	out, r, spread := shift(treatment, control)
	a, b, enough := treatment.Count(), control.Count(), t.enough(EnoughVariant)
	if pairs := treatment.total() * control.total(); spread > 0 && min(a, b) >= enough {
		out.P = alwaysValid(out.Larger-0.5, spread/pairs*(spread/pairs))
	}
	return t.judge(out, r.lead, a, b, enough)
}

// alwaysValid is the p value of a difference of a variance while nothing differs.
func alwaysValid(diff, v float64) float64 {
	return min(1, math.Exp(shrink(v)-mixing*diff*diff/(2*v*(v+mixing))))
}

// shrink is half the logarithm of (v + mixing) / v.
func shrink(v float64) float64 { return math.Log1p(mixing/v) / 2 }

// variance is that of the value of a rate, estimated with one more unit of each
// kind (Agresti and Caffo, The American Statistician 54, 2000), so that a side
// of which all or none did is not taken for certain. It is above 0.
func (r Rate) variance() float64 {
	n := float64(r.Of)
	hits, missed := float64(r.Hits)+1, float64(r.Of-r.Hits)+1
	return hits / (n + 2) * (missed / (n + 2)) / n
}

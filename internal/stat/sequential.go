package stat

import "math"

// mixing is the variance of the differences that the sequential test expects,
// in squared shares: a standard deviation of 0.1, ten points, which is what a
// change of a page may do. It decides when the test is strongest, never how
// often it is wrong.
const mixing = 0.01

// Sequential is the always-valid p value of the difference of two rates: the
// mixture sequential probability ratio test (Johari, Koomen, Pekelis and Walsh,
// "Peeking at A/B Tests", KDD 2017). However often somebody looks and stops at
// what they like, it falls below a level with at most that probability while
// nothing differs. The caller keeps the smallest value seen so far.
func Sequential(treatment, control Rate) float64 {
	a, okA := treatment.Value()
	b, okB := control.Value()
	if !okA || !okB {
		return 1
	}
	p := float64(treatment.Hits+control.Hits) / float64(treatment.Of+control.Of)
	v := p * (1 - p) * (1/float64(treatment.Of) + 1/float64(control.Of))
	if v == 0 {
		return 1
	}
	ratio := math.Log(v/(v+mixing))/2 + mixing*(a-b)*(a-b)/(2*v*(v+mixing))
	return min(1, math.Exp(-ratio))
}

package stat

import (
	"cmp"
	"slices"
)

// Discoveries says which of many p values survive when, of those that do, at
// most the rate (such as 0.05) may be false on average: the step-up procedure of
// Benjamini and Hochberg (Journal of the Royal Statistical Society B 57, 1995).
// It holds for independent tests and for those that err together (Benjamini and
// Yekutieli, Annals of Statistics 29, 2001); without it, one of twenty questions
// always looks guilty. The result has the order of ps; a
// value outside [0, 1] counts as a test and does not survive. Rates outside
// (0, 1) let nothing survive.
func Discoveries(ps []float64, rate float64) []bool {
	out := make([]bool, len(ps))
	if !(rate > 0 && rate < 1) {
		return out
	}
	var order []int
	for i, p := range ps {
		if p >= 0 && p <= 1 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(ps[i], ps[j]) })
	for k := len(order); k > 0; k-- {
		if ps[order[k-1]] > rate*float64(k)/float64(len(ps)) {
			continue
		}
		for _, i := range order[:k] {
			out[i] = true
		}
		break
	}
	return out
}

package metric

import "math"

// chain is how far a session went through stages in their order.
type chain struct {
	reached int               // stages, from the first one; 0 when it was not reached
	offset  [stageCount]int64 // ms from the first stage of the chain, by stage
}

// order walks the steps, which are sorted, through the stages from first to
// last. A stage is reached when each earlier one was reached before it within
// the window of one start; an event at the same place in the order counts. It
// keeps for each stage the latest start that led there, so that a visitor who
// comes again after a week is not held to the first visit; times are those of
// the chain that reached the deepest stage first (references/analytics.md 5.4).
func order(steps []step, first, last int) chain {
	var start [stageCount]int64 // of the chain that reached the stage last, 0 for none
	var top [stageCount]int     // the step at which that was
	var room [64]int            // most visits have fewer steps
	before := room[:0]          // for each step the one before it in its chain
	var best chain
	for n, p := range steps {
		before = append(before, 0)
		k := int(p.stage)
		switch {
		case k < first || k > last:
			continue
		case k == first:
			start[k] = p.at
		case start[k-1] == 0 || p.at-start[k-1] > Window.Milliseconds() || p.at < start[k-1]:
			continue
		default:
			start[k], before[n] = start[k-1], top[k-1]
		}
		top[k] = n
		if k-first+1 > best.reached {
			best.reached = k - first + 1
			for i, at := k, n; i >= first; i, at = i-1, before[at] {
				best.offset[i] = steps[at].at - start[k]
			}
		}
	}
	return best
}

// Durations are counted in bins of seconds like latencies: bin i holds
// (gamma^(i-1), gamma^i], so that a percentile is within 1 %.
const durationBins = 1024 // up to nine years

func durationBin(seconds float64) int {
	if seconds <= 1 {
		return 0
	}
	return min(int(math.Ceil(math.Log(seconds)/math.Log(gamma))), durationBins-1)
}

// middle is the duration, in seconds, that stands for a bin.
func middle(bin int) float64 { return 2 * math.Pow(gamma, float64(bin)) / (gamma + 1) }

// durationQuantile returns the seconds that the share q of the durations in
// the bins from base on did not exceed, 0 without any.
func durationQuantile(v Vector, base int, q float64) float64 {
	var n int64
	for i := range durationBins {
		n += v[base+i]
	}
	rank := int64(math.Ceil(q * float64(n)))
	var seen int64
	for i := range durationBins {
		if seen += v[base+i]; rank > 0 && seen >= rank {
			return middle(i)
		}
	}
	return 0
}

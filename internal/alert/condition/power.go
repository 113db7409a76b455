package condition

import "math"

// What Power asks for.
const (
	powerWanted = 0.8
	powerWithin = 2 * day
)

// Power is the smallest relative drop that the rule finds with a probability of
// 80 % within two days, at so many sessions a day; for one that looks for a
// rise, the smallest rise. ok is false when it does not find even the end of all
// success.
//
// It is the normal approximation of one look at a time, so the many looks of a
// sliding window make the true figure somewhat better.
func (d *Drop) Power(perDay float64) (drop float64, ok bool) {
	if !(perDay > 0) || math.IsInf(perDay, 0) {
		return 0, false
	}
	most := 1.0
	if d.Rise {
		most = (1 - d.Usual) / d.Usual
	}
	if d.finds(most, perDay) < powerWanted {
		return 0, false
	}
	low, high := 0.0, most
	for range 40 {
		if mid := (low + high) / 2; d.finds(mid, perDay) >= powerWanted {
			high = mid
		} else {
			low = mid
		}
	}
	return high, true
}

// finds is the probability that a lasting change is found within powerWithin.
func (d *Drop) finds(change, perDay float64) float64 {
	need, ok := d.windowAt(perDay)
	if !ok {
		return 0
	}
	// Sessions count once they are of age, so the change is seen that much later.
	seen, span := days(Duration(powerWithin)-d.Age), days(need.Span)
	if d.Rise {
		change = -change
	}
	if span >= seen { // a single look, at a window that began before the change
		return d.look(change*seen/span, perDay*span, perDay*days(need.Before))
	}
	missed := 1 - d.look(change, perDay*span, perDay*days(need.Before))
	return 1 - math.Pow(missed, math.Floor(seen/span))
}

func days(d Duration) float64 { return d.Long().Hours() / 24 }

// windowAt is the window that is used at a volume.
func (d *Drop) windowAt(perDay float64) (Lookback, bool) {
	for _, need := range d.Windows {
		if sample := float64(need.Sample); perDay*days(need.Span) >= sample && perDay*days(need.Before) >= beforeTimes*sample {
			return need, true
		}
	}
	return Lookback{}, false
}

// look is the probability that one look at n sessions, after m before them,
// finds the change: it must be beyond chance and large enough to matter.
func (d *Drop) look(change, n, m float64) float64 {
	before := d.Usual
	now := min(1, max(0, before*(1-change)))
	pooled := (before*m + now*n) / (m + n)
	z := math.Sqrt2 * math.Erfinv(d.Confidence)
	chance := z * math.Sqrt(pooled*(1-pooled)*(1/n+1/m))
	limit := max(chance, d.Least*before) // how far the share must fall
	moved := before - now
	if d.Rise {
		moved = -moved
	}
	spread := math.Sqrt(now*(1-now)/n + before*(1-before)/m)
	return 0.5 * math.Erfc((limit-moved)/spread/math.Sqrt2)
}

// Power is the share nearest to the limit that the rule finds with a probability
// of 80 % once a window is full of it, at so many units a day, and that window.
// ok is false where no window gets its sample, or where even the worst share is
// not found.
//
// A Wilson interval lies beyond the limit exactly when the share is so many
// standard errors of the limit away from it, which makes it one normal tail.
func (q *Ratio) Power(perDay float64) (share float64, window Duration, ok bool) {
	if !(perDay > 0) || math.IsInf(perDay, 0) {
		return 0, 0, false
	}
	for _, need := range q.Windows {
		n := perDay * days(need.Span)
		if n < float64(need.Sample) {
			continue
		}
		worst := 0.0
		if q.Op.up() {
			worst = 1
		}
		if q.finds(worst, n, need) < powerWanted {
			return 0, 0, false
		}
		near, far := q.Fire, worst
		for range 40 {
			if mid := (near + far) / 2; q.finds(mid, n, need) >= powerWanted {
				far = mid
			} else {
				near = mid
			}
		}
		return far, need.Span, true
	}
	return 0, 0, false
}

// finds is the probability that one look at n units, of which a share is hits,
// fires.
func (q *Ratio) finds(share, n float64, need Need) float64 {
	sure := 0.0
	if q.Sure > 0 {
		sure = math.Sqrt2 * math.Erfinv(q.Sure) * math.Sqrt(q.Fire*(1-q.Fire)/n)
	}
	bad, limit := share, max(q.Fire+sure, float64(need.Events)/n)
	if !q.Op.up() {
		bad, limit = 1-share, max(1-q.Fire+sure, float64(need.Events)/n)
	}
	spread := math.Sqrt(bad * (1 - bad) / n)
	if spread == 0 {
		return map[bool]float64{true: 1}[bad >= limit]
	}
	return 0.5 * math.Erfc((limit-bad)/spread/math.Sqrt2)
}

package alert

import (
	"math"
	"time"
)

// Episode is a trouble of the past.
type Episode struct {
	From   time.Time // since when the trouble was there
	Told   time.Time // when the rule fired
	To     time.Time // zero: it is still there
	Detail string    // the figures when it fired
	Flaps  bool      // it came and went
}

// Backtest says what the rule would have done. The readings are those of one set
// of labels, by time, each evaluated at its own; every notice arrives at once.
func Backtest(rule Rule, series []Reading) (episodes []Episode) {
	rule.Enabled = true
	var s State
	var receipts []Receipt
	for _, in := range series {
		open := s.Episode != nil
		var out []Notice
		s, out = Evaluate(rule, s, in, Env{Now: in.At, Receipts: receipts})
		receipts = receipts[:0]
		for _, n := range out {
			receipts = append(receipts, Receipt{Key: n.Key, At: in.At})
		}
		switch {
		case !open && s.Episode != nil:
			episodes = append(episodes, Episode{From: s.Episode.From, Told: in.At, Detail: s.Detail, Flaps: s.Phase == Flapping})
		case open && s.Episode == nil:
			episodes[len(episodes)-1].To = in.At
		case open && s.Phase == Flapping:
			episodes[len(episodes)-1].Flaps = true
		}
	}
	return episodes
}

// What Power asks for.
const (
	powerWanted = 0.8
	powerWithin = 2 * day
)

// Power is the smallest relative drop that the rule finds with a probability of
// 80 % within two days, at so many sessions a day (for a rule that looks for a
// rise, the smallest rise). ok is false when it does not find even the end of
// all success, and for rules of other kinds.
//
// It is the normal approximation of one look at a time, so the many looks of a
// sliding window make the true figure somewhat better.
func Power(rule Rule, perDay float64) (drop float64, ok bool) {
	d := rule.Drop
	if d == nil || !(perDay > 0) || math.IsInf(perDay, 0) {
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

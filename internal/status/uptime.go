package status

import "math"

// Objective is the share of probes that should be good over thirty days.
const Objective = 0.999

// Tally counts probes.
type Tally struct{ Good, Bad int64 }

// Add is both tallies together.
func (t Tally) Add(o Tally) Tally { return Tally{t.Good + o.Good, t.Bad + o.Bad} }

// Total counts all probes.
func (t Tally) Total() int64 { return t.Good + t.Bad }

// Uptime is the share of good probes in percent. Without a probe nothing is
// known, and ok is false.
func (t Tally) Uptime() (percent float64, ok bool) {
	if t.Total() <= 0 {
		return 0, false
	}
	return 100 * float64(t.Good) / float64(t.Total()), true
}

// Shown is Uptime rounded down to two decimals: 99.999 % with a failure in it
// must not read as 100.00 %.
func (t Tally) Shown() (percent float64, ok bool) {
	if t.Total() <= 0 {
		return 0, false
	}
	return float64(t.Good*10_000/t.Total()) / 100, true
}

// Burn is how fast the error budget of an objective is spent: 1 means that it
// lasts exactly as long as the period it is for. Without a probe it is 0.
func (t Tally) Burn(objective float64) float64 {
	if t.Total() <= 0 || objective >= 1 {
		return 0
	}
	return float64(t.Bad) / float64(t.Total()) / (1 - objective)
}

// Of is the tally of a whole period with so many probes of which only these were
// made so far: the error budget of a month is that of a month on its first day, too.
func (t Tally) Of(probes int64) Tally {
	return Tally{Good: max(t.Good, probes-t.Bad), Bad: t.Bad}
}

// Left is how much of the error budget of an objective is left, in percent of
// it; negative when more was spent than there was.
func (t Tally) Left(objective float64) float64 {
	return math.Round((1-t.Burn(objective))*1000) / 10
}

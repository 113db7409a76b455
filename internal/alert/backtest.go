package alert

import "time"

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

// Delay is how long it takes at most from a trouble that every reading shows to
// the notice that tells of it: until the rule is evaluated, for as long as it must
// hold, and while the notice waits for company. What a window needs to fill, and
// the way to the receiver, come on top.
func Delay(rule Rule) time.Duration {
	every := rule.Every.Long()
	held := max(rule.For.Long(), time.Duration(rule.evaluations()-1)*every)
	if every > 0 && held%every > 0 { // what must hold is seen at the evaluation after it
		held += every - held%every
	}
	return every + held + rule.Tell.GroupWait.Long()
}

// Power is the smallest relative drop that the rule finds with a probability of
// 80 % within two days, at so many sessions a day (for a rule that looks for a
// rise, the smallest rise). ok is false when it does not find even the end of
// all success, and for rules of other kinds.
func Power(rule Rule, perDay float64) (drop float64, ok bool) {
	if rule.When.Drop == nil {
		return 0, false
	}
	return rule.When.Drop.Power(perDay)
}

// SharePower is the share nearest to its limit that a rule about shares finds with
// a probability of 80 % once a window is full of it, at so many sessions a day, and
// that window. ok is false when it finds none, and for rules of other kinds.
func SharePower(rule Rule, perDay float64) (share float64, window Duration, ok bool) {
	if rule.When.Ratio == nil {
		return 0, 0, false
	}
	return rule.When.Ratio.Power(perDay)
}

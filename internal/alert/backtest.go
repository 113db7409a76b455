package alert

import (
	"time"

	"applicreations.com/introspect/internal/alert/condition"
)

// Episode is a trouble of the past.
type Episode struct {
	From   time.Time // since when the trouble was there
	Told   time.Time // when the rule fired
	To     time.Time // zero: it is still there
	Detail string    // the figures when it fired
	Flaps  bool      // it came and went
}

// Stretch is a reading that was made again and again, with the times at which it
// was evaluated, in order.
type Stretch struct {
	Reading
	Times  []time.Time
	Silent *time.Duration // absence: how long before each of them the last sign of life was; nil: none was known
	Again  bool           // it is the reading before, looked at once more
}

// Once makes stretches of readings, each evaluated at its own time.
func Once(series []Reading) []Stretch {
	out := make([]Stretch, len(series))
	for i, in := range series {
		out[i] = Stretch{Reading: in, Times: []time.Time{in.At}}
		if !in.Last.IsZero() {
			out[i].Silent = new(in.At.Sub(in.Last))
		}
	}
	return out
}

// Rerun evaluates a rule again over readings of the past. It goes through
// Evaluate, so that for the rule that made the readings it finds the history of
// its episodes. The stretches are those of one set of labels, by time; every
// notice arrives at once.
type Rerun struct {
	rule     Rule
	state    State
	receipts []Receipt
	last     Reading // for those who look at it again
	episodes []Episode
}

// NewRerun begins a rerun of a rule, as if it were enabled.
func NewRerun(rule Rule) *Rerun {
	rule.Enabled = true
	return &Rerun{rule: rule}
}

// Episodes are those that were found so far, in order.
func (b *Rerun) Episodes() []Episode { return b.episodes }

// Add goes on with the next stretch, of which it keeps nothing but the reading.
func (b *Rerun) Add(s *Stretch) {
	in := s.Reading
	for i := 0; i < len(s.Times); i++ {
		at := s.Times[i]
		if s.Again {
			in = b.last
		} else if in.At = at; s.Silent != nil {
			in.Last = at.Add(-*s.Silent)
		}
		if b.idle(&in, at) {
			b.state.At, b.state.Side, b.state.SideSince = at, "", time.Time{}
		} else {
			b.step(in, at)
		}
		if i < len(s.Times)-2 && !s.Again && b.settled() { // what is looked at again grows too old at some time
			i = len(s.Times) - 2 // the rest changes nothing but the time of the last evaluation
		}
	}
	b.last = in
}

// settled reports whether the same reading again leaves the phase as it is,
// however often.
func (b *Rerun) settled() bool {
	quiet := b.state.Phase == Inactive || b.state.Phase == Resolved || b.state.Phase == Firing
	return quiet && b.state.Side == "" && b.rule.When.Absence == nil
}

// idle reports whether a reading leaves everything as it is that an episode is
// made of: most of a month does.
func (b *Rerun) idle(in *Reading, at time.Time) bool {
	s := &b.state
	if s.At.IsZero() || at.Before(s.At) || s.Phase != Inactive && s.Phase != Resolved && s.Phase != Firing {
		return false
	}
	f := b.rule.judge(in, at)
	if f.Side != "" {
		return false
	}
	if s.Phase == Firing {
		return f.Truth != condition.Gone
	}
	return f.Truth != condition.There
}

func (b *Rerun) step(in Reading, at time.Time) {
	open := b.state.Episode != nil
	var out []Notice
	b.state, out = Evaluate(b.rule, b.state, in, Env{Now: at, Receipts: b.receipts})
	b.receipts = b.receipts[:0]
	for _, n := range out {
		b.receipts = append(b.receipts, Receipt{Key: n.Key, At: at})
	}
	s := &b.state
	switch {
	case !open && s.Episode != nil:
		b.episodes = append(b.episodes, Episode{From: s.Episode.From, Told: at, Detail: s.Detail, Flaps: s.Phase == Flapping})
	case open && s.Episode == nil:
		b.episodes[len(b.episodes)-1].To = at
	case open && s.Phase == Flapping:
		b.episodes[len(b.episodes)-1].Flaps = true
	}
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

package alert

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"applicreations.com/introspect/internal/stat"
)

// Reading is what was measured for one rule and one set of labels. A rule looks
// only at the parts of its kind.
type Reading struct {
	At     time.Time         `json:"at"` // when it was measured; zero is now
	Labels map[string]string `json:"labels,omitempty"`

	Value  float64 `json:"value,omitempty"`  // threshold
	Sample int64   `json:"sample,omitempty"` // threshold: what Value is a figure of

	// Counts are those of the rule's windows, in any order: for a share and a burn
	// rate the bad or good of all, for a drop also those of the time before.
	Counts []Count `json:"counts,omitempty"`

	Last     time.Time `json:"last,omitzero"`      // absence: when it happened last; zero is no data
	Expected float64   `json:"expected,omitempty"` // absence: how many are usual in the rule's After

	NoData bool   `json:"noData,omitempty"`
	Err    string `json:"err,omitempty"` // why nothing could be measured

	Causes []string `json:"causes,omitempty"` // ids of sessions to look at, a few
}

// Count is what happened in a window that ends at the reading.
type Count struct {
	Span   Duration  `json:"span"`
	Now    stat.Rate `json:"now"`
	Before stat.Rate `json:"before,omitzero"`
}

func (r Reading) count(span Duration) (Count, bool) {
	for _, c := range r.Counts {
		if c.Span == span {
			return c, true
		}
	}
	return Count{}, false
}

// truth is what a reading says of the trouble.
type truth int

const (
	unknown truth = iota // too little was counted
	gone                 // it is over
	between              // neither: it stays as it is
	there
)

// finding is a judged reading, before somebody needs words for it.
type finding struct {
	truth truth
	count Count // what decided, for shares
	value float64
}

// judge compares a reading with the condition of the rule.
func judge(r *Rule, in *Reading, now time.Time) finding {
	switch {
	case r.Threshold != nil:
		return r.Threshold.judge(in)
	case r.Ratio != nil:
		return r.Ratio.judge(in)
	case r.Drop != nil:
		return r.Drop.judge(in)
	case r.Absence != nil:
		return r.Absence.judge(in, now)
	case r.Burn != nil:
		return r.Burn.judge(in)
	}
	return finding{}
}

// verdict keeps what is neither there nor gone.
func verdict(fires, cleared bool) truth {
	switch {
	case fires:
		return there
	case cleared:
		return gone
	}
	return between
}

func (t *Threshold) judge(in *Reading) finding {
	if in.Sample < t.MinSample {
		return finding{}
	}
	return finding{value: in.Value, truth: verdict(t.Op.holds(in.Value, t.Fire), t.Op.cleared(in.Value, t.Fire, t.Clear))}
}

func (q *Ratio) judge(in *Reading) finding {
	for _, need := range q.Windows {
		c, ok := in.count(need.Span)
		share, valid := c.Now.Value()
		if !ok || !valid || c.Now.Of < need.Sample {
			continue
		}
		bad, sure := q.evidence(c.Now, share)
		cleared := q.Op.cleared(share, q.Fire, q.Clear)
		if q.Sure > 0 && q.Clear == nil {
			cleared = !q.Op.holds(sure, q.Fire)
		}
		fires := q.Op.holds(sure, q.Fire) && bad >= need.Events
		return finding{count: c, value: share, truth: verdict(fires, cleared && !fires)}
	}
	return finding{}
}

// evidence is how many were bad, and the share to compare: where it must be
// sure, the end of the interval that is nearest to good.
func (q *Ratio) evidence(r stat.Rate, share float64) (bad int64, sure float64) {
	low, high, _ := r.Interval(stat.Confidence(q.Sure))
	switch {
	case !q.Op.up() && q.Sure > 0:
		return r.Of - r.Hits, high
	case !q.Op.up():
		return r.Of - r.Hits, share
	case q.Sure > 0:
		return r.Hits, low
	}
	return r.Hits, share
}

// beforeTimes is how many times the sample the time before must hold.
const beforeTimes = 5

func (d *Drop) judge(in *Reading) finding {
	for _, need := range d.Windows {
		c, ok := in.count(need.Span)
		now, valid := c.Now.Value()
		before, had := c.Before.Value()
		if !ok || !valid || !had || c.Now.Of < need.Sample || c.Before.Of < beforeTimes*need.Sample {
			continue
		}
		if before == 0 {
			return finding{count: c, truth: gone} // nothing falls below nothing, and no share of it can be named
		}
		fall := (before - now) / before
		if d.Rise {
			fall = -fall
		}
		return finding{count: c, value: fall, truth: d.verdict(fall, c, need)}
	}
	return finding{}
}

// byChance is the p value of a difference within one standard error, which is
// what every second window has.
const byChance = 0.3173

func (d *Drop) verdict(fall float64, c Count, need Lookback) truth {
	if fall <= d.Least { // the test is the costly part, and only what matters asks for it
		return verdict(false, fall <= d.Clear)
	}
	got := d.test(need).Rates(c.Now, c.Before)
	return verdict(got.Verdict == stat.Lower || got.Verdict == stat.Higher, got.P > byChance)
}

func (d *Drop) test(need Lookback) stat.Test {
	return stat.Test{Confidence: stat.Confidence(d.Confidence), Enough: need.Sample}
}

func (a *Absence) judge(in *Reading, now time.Time) finding {
	silent := now.Sub(in.Last)
	if silent < a.After.Long() {
		return finding{truth: gone, value: silent.Seconds()}
	}
	if in.Expected < a.Expected {
		return finding{}
	}
	return finding{truth: there, value: silent.Seconds()}
}

func (b *Burn) judge(in *Reading) finding {
	out := finding{truth: gone}
	for _, p := range b.Pairs {
		long, okLong := in.count(p.Long)
		short, okShort := in.count(p.Short)
		if !okLong || !okShort {
			return finding{} // a window that was not read may hide anything
		}
		fast := b.speed(short) > p.Times
		switch {
		case fast && b.speed(long) > p.Times && long.Now.Hits >= b.Events:
			return finding{truth: there, count: long, value: b.speed(long)}
		case fast:
			out = finding{truth: between, count: short, value: b.speed(short)}
		case out.count.Span == 0:
			out.count, out.value = short, b.speed(short)
		}
	}
	return out
}

// speed is how many times faster than allowed the budget is used; hits are the
// bad requests.
func (b *Burn) speed(c Count) float64 {
	bad, ok := c.Now.Value()
	if !ok {
		return 0
	}
	return bad / (1 - b.Objective)
}

// usable says why a reading is none, or that it is one.
func usable(r *Rule, in *Reading, now time.Time) Side {
	switch {
	case in.Err != "":
		return Broken
	case math.IsNaN(in.Value) || math.IsInf(in.Value, 0) || math.IsNaN(in.Expected):
		return Broken
	case in.NoData || r.Absence != nil && in.Last.IsZero():
		return NoData
	case !in.At.IsZero() && now.Sub(in.At) > stale*r.Every.Long():
		return NoData // what was true then may not be shown as true now
	}
	return ""
}

// stale is the number of evaluations after which a reading is too old.
const stale = 3

// words says what was found, with the counts behind every share.
func (f finding) words(r *Rule) string {
	switch r.Kind() {
	case KindThreshold:
		return fmt.Sprintf("%s%s (alerts %s %s%s)", number(f.value), r.Threshold.Unit, r.Threshold.Op.words(), number(r.Threshold.Fire), r.Threshold.Unit)
	case KindRatio:
		return fmt.Sprintf("%s in %s (alerts %s %s)", share(f.count.Now), f.count.Span, r.Ratio.Op.words(), percent(r.Ratio.Fire))
	case KindDrop:
		way := "drop"
		if r.Drop.Rise {
			way = "rise"
		}
		return fmt.Sprintf("%s in %s, before %s (alerts at a %s of more than %s that is no chance)",
			share(f.count.Now), f.count.Span, share(f.count.Before), way, percent(r.Drop.Least))
	case KindAbsence:
		return fmt.Sprintf("nothing for %s (alerts at %s)", Duration(time.Duration(f.value)*time.Second), r.Absence.After)
	case KindBurn:
		return fmt.Sprintf("%s in %s, %s times the error budget of %s", share(f.count.Now), f.count.Span, number(f.value), percent(1-r.Burn.Objective))
	}
	return ""
}

func (o Op) words() string {
	switch o {
	case AtLeast:
		return "at"
	case AtMost:
		return "at or below"
	case Above, Below:
	}
	return string(o)
}

// number rounds for people.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

func percent(v float64) string { return number(100*v) + " %" }

// share writes "7 of 61 = 11.48 %".
func share(r stat.Rate) string {
	v, _ := r.Value()
	return fmt.Sprintf("%d of %d = %s", r.Hits, r.Of, percent(v))
}

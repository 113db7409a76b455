package condition

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

// Truth is what a reading says of the trouble.
type Truth int

// The truths.
const (
	Unknown Truth = iota // see Side
	Gone                 // it is over
	Between              // neither: it stays as it is
	There
)

// Side says why a reading could not be judged.
type Side string

// The sides.
const (
	NoData       Side = "no_data"
	Broken       Side = "error"
	Insufficient Side = "insufficient_data"
)

// Finding is a judged reading, before somebody needs words for it.
type Finding struct {
	Truth Truth
	Side  Side    // where the Truth is Unknown
	count Count   // what decided, for shares
	value float64 // what decided, otherwise
}

// Judge compares a reading with the condition. A reading that is older than
// fresh is no data: what was true then may not be shown as true now.
func (c *Condition) Judge(in *Reading, now time.Time, fresh time.Duration) Finding {
	if side := c.unusable(in, now, fresh); side != "" {
		return Finding{Side: side}
	}
	f := c.judge(in, now)
	if f.Truth == Unknown {
		f.Side = Insufficient
	}
	return f
}

func (c *Condition) judge(in *Reading, now time.Time) Finding {
	switch {
	case c.Threshold != nil:
		return c.Threshold.judge(in)
	case c.Ratio != nil:
		return c.Ratio.judge(in)
	case c.Drop != nil:
		return c.Drop.judge(in)
	case c.Absence != nil:
		return c.Absence.judge(in, now)
	case c.Burn != nil:
		return c.Burn.judge(in)
	}
	return Finding{}
}

// unusable says why a reading is none.
func (c *Condition) unusable(in *Reading, now time.Time, fresh time.Duration) Side {
	switch {
	case in.Err != "" || odd(in.Value) || odd(in.Expected):
		return Broken
	case in.NoData || c.Absence != nil && in.Last.IsZero():
		return NoData
	case !in.At.IsZero() && now.Sub(in.At) > fresh:
		return NoData
	}
	return ""
}

// odd reports whether v cannot be compared.
func odd(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

// verdict keeps what is neither there nor gone.
func verdict(fires, cleared bool) Truth {
	switch {
	case fires:
		return There
	case cleared:
		return Gone
	}
	return Between
}

func (t *Threshold) judge(in *Reading) Finding {
	if in.Sample < t.MinSample {
		return Finding{}
	}
	return Finding{value: in.Value, Truth: verdict(t.Op.holds(in.Value, t.Fire), t.Op.cleared(in.Value, t.Fire, t.Clear))}
}

func (q *Ratio) judge(in *Reading) Finding {
	for _, need := range q.Windows {
		c, ok := in.count(need.Span)
		share, valid := c.Now.Value()
		if !ok || !valid || c.Now.Of < need.Sample {
			continue
		}
		bad, sure := q.evidence(c.Now, share)
		cleared := q.Op.cleared(share, q.Fire, q.Clear) || !q.Op.up() && share == 1 // a tenth beyond may be more than all
		if q.Sure > 0 && q.Clear == nil {
			cleared = !q.Op.holds(sure, q.Fire)
		}
		fires := q.Op.holds(sure, q.Fire) && bad >= need.Events
		return Finding{count: c, value: share, Truth: verdict(fires, cleared && !fires)}
	}
	return Finding{}
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

func (d *Drop) judge(in *Reading) Finding {
	for _, need := range d.Windows {
		c, ok := in.count(need.Span)
		now, valid := c.Now.Value()
		before, had := c.Before.Value()
		if !ok || !valid || !had || c.Now.Of < need.Sample || c.Before.Of < beforeTimes*need.Sample {
			continue
		}
		if before == 0 {
			return Finding{count: c, Truth: Gone} // nothing falls below nothing, and no share of it can be named
		}
		fall := (before - now) / before
		if d.Rise {
			fall = -fall
		}
		return Finding{count: c, value: fall, Truth: d.verdict(fall, c, need)}
	}
	return Finding{}
}

// byChance is the p value of a difference of one standard error: two of three
// windows differ less where nothing changed.
const byChance = 0.3173

func (d *Drop) verdict(fall float64, c Count, need Lookback) Truth {
	if fall <= d.Least { // the test is the costly part, and only what matters asks for it
		return verdict(false, fall <= d.Clear)
	}
	got := d.test(need).Rates(c.Now, c.Before)
	return verdict(got.Verdict == stat.Lower || got.Verdict == stat.Higher, got.P > byChance)
}

func (d *Drop) test(need Lookback) stat.Test {
	return stat.Test{Confidence: stat.Confidence(d.Confidence), Enough: need.Sample}
}

func (a *Absence) judge(in *Reading, now time.Time) Finding {
	silent := now.Sub(in.Last)
	if silent < a.After.Long() {
		return Finding{Truth: Gone, value: silent.Seconds()}
	}
	if in.Expected < a.Expected {
		return Finding{}
	}
	return Finding{Truth: There, value: silent.Seconds()}
}

func (b *Burn) judge(in *Reading) Finding {
	out := Finding{Truth: Gone}
	for _, p := range b.Pairs {
		long, okLong := in.count(p.Long)
		short, okShort := in.count(p.Short)
		if !okLong || !okShort {
			return Finding{} // a window that was not read may hide anything
		}
		fast := b.speed(short) > p.Times
		switch {
		case fast && b.speed(long) > p.Times && long.Now.Hits >= b.Events:
			return Finding{Truth: There, count: long, value: b.speed(long)}
		case fast:
			out = Finding{Truth: Between, count: short, value: b.speed(short)}
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

// Words says what was found, with the counts behind every share.
func (c *Condition) Words(f Finding) string {
	switch c.Kind() {
	case KindThreshold:
		return fmt.Sprintf("%s (alerts %s %s)", Amount(f.value, c.Threshold.Unit), c.Threshold.Op.words(), Amount(c.Threshold.Fire, c.Threshold.Unit))
	case KindRatio:
		return fmt.Sprintf("%s in %s (alerts %s %s)", share(f.count.Now), f.count.Span, c.Ratio.Op.words(), percent(c.Ratio.Fire))
	case KindDrop:
		way := "drop"
		if c.Drop.Rise {
			way = "rise"
		}
		return fmt.Sprintf("%s in %s, before %s (alerts at a %s of more than %s that is no chance)",
			share(f.count.Now), f.count.Span, share(f.count.Before), way, percent(c.Drop.Least))
	case KindAbsence:
		return fmt.Sprintf("nothing for %s (alerts at %s)", Duration(time.Duration(f.value)*time.Second), c.Absence.After)
	case KindBurn:
		return fmt.Sprintf("%s in %s, %s times the error budget of %s", share(f.count.Now), f.count.Span, number(f.value), percent(1-c.Burn.Objective))
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

func percent(v float64) string { return number(100*v) + "%" }

// share writes "7 of 61 = 11.48%".
func share(r stat.Rate) string {
	v, _ := r.Value()
	return fmt.Sprintf("%d of %d = %s", r.Hits, r.Of, percent(v))
}

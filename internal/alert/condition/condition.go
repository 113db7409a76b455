// Package condition says whether a reading shows a trouble: a figure beyond a
// limit, a share that is surely too high, a share that fell, a thing that does
// not happen any more, an error budget that burns. Where too little was counted
// it says so, and never that all is well.
//
// It knows no states, and nobody to tell; package alert does. Start with
// Condition and Judge.
package condition

// Condition is what a rule looks for. Exactly one part is set.
type Condition struct {
	Threshold *Threshold `json:"threshold,omitempty"`
	Ratio     *Ratio     `json:"ratio,omitempty"`
	Drop      *Drop      `json:"drop,omitempty"`
	Absence   *Absence   `json:"absence,omitempty"`
	Burn      *Burn      `json:"burn,omitempty"`
}

// Kind is how a reading is judged.
type Kind string

// The kinds of conditions.
const (
	KindThreshold Kind = "threshold"
	KindRatio     Kind = "ratio"
	KindDrop      Kind = "relative_drop"
	KindAbsence   Kind = "absence"
	KindBurn      Kind = "burn_rate"
)

// Kind is that of the part, and empty where there is none.
func (c *Condition) Kind() Kind {
	switch {
	case c.Threshold != nil:
		return KindThreshold
	case c.Ratio != nil:
		return KindRatio
	case c.Drop != nil:
		return KindDrop
	case c.Absence != nil:
		return KindAbsence
	case c.Burn != nil:
		return KindBurn
	}
	return ""
}

// Window is the shortest span that is looked at, 0 for one that has none.
func (c *Condition) Window() Duration {
	switch {
	case c.Ratio != nil && len(c.Ratio.Windows) > 0:
		return c.Ratio.Windows[0].Span
	case c.Drop != nil && len(c.Drop.Windows) > 0:
		return c.Drop.Windows[0].Span
	case c.Burn != nil && len(c.Burn.Pairs) > 0:
		return c.Burn.Pairs[0].Short
	}
	return 0
}

// Op compares a figure with a limit.
type Op string

// The comparisons.
const (
	Above   Op = "above"
	AtLeast Op = "atLeast"
	Below   Op = "below"
	AtMost  Op = "atMost"
)

// up reports whether large figures are the bad ones.
func (o Op) up() bool { return o == Above || o == AtLeast }

func (o Op) holds(value, limit float64) bool {
	switch o {
	case Above:
		return value > limit
	case AtLeast:
		return value >= limit
	case Below:
		return value < limit
	case AtMost:
		return value <= limit
	}
	return false
}

// cleared reports whether the value is at clear or on its good side. Without a
// clear the limit must be left by a tenth of it.
func (o Op) cleared(value, limit float64, clear *float64) bool {
	edge := limit - 0.1*limit
	if !o.up() {
		edge = limit + 0.1*limit
	}
	if clear != nil {
		edge = *clear
	}
	if o.up() {
		return value <= edge
	}
	return value >= edge
}

// Threshold compares a figure with a limit.
type Threshold struct {
	Op        Op       `json:"op"`
	Fire      float64  `json:"fire"`
	Clear     *float64 `json:"clear,omitempty"` // nil: a tenth within Fire
	MinSample int64    `json:"minSample,omitempty"`
	Unit      string   `json:"unit,omitempty"` // for people
}

// Ratio compares a share with a limit.
type Ratio struct {
	Op    Op       `json:"op"`
	Fire  float64  `json:"fire"`
	Clear *float64 `json:"clear,omitempty"`
	// Sure asks that the whole interval (Wilson, of this confidence) is on the bad
	// side, not only the share; 0 does not ask. Without a Clear it is over when the
	// interval reaches Fire. Like that of Drop it must allow for many looks.
	Sure float64 `json:"sure,omitempty"`
	// Windows are tried in order until one has its sample.
	Windows []Need `json:"windows"`
}

// Need is the least that a window must hold to be judged.
type Need struct {
	Span   Duration `json:"span"`
	Sample int64    `json:"sample"`
	// Events is how many bad ones there must be to fire: hits of a share that
	// must not be high, misses of one that must not be low.
	Events int64 `json:"events,omitempty"`
}

// Drop compares the share of one window with that of the time before it.
type Drop struct {
	Least float64 `json:"least"`          // the smallest relative drop that matters
	Clear float64 `json:"clear"`          // the relative drop at which it is over
	Rise  bool    `json:"rise,omitempty"` // look for a rise instead
	// Confidence is that of the test, both sides together. It must allow for the
	// many looks at a window that slides; package alert simulates it.
	Confidence float64 `json:"confidence"`
	// Usual is the share that Power expects.
	Usual float64 `json:"usual"`
	// Age is how old a session must be to count, and how long it has to succeed,
	// in both windows.
	Age Duration `json:"age"`
	// Windows are tried in order until one has its sample, and five times as much
	// in the time before it.
	Windows []Lookback `json:"windows"`
}

// Lookback is a window and the time before it.
type Lookback struct {
	Span   Duration `json:"span"`
	Before Duration `json:"before"`
	Sample int64    `json:"sample"` // the least that is judged
}

// Absence fires when something that should happen does not.
type Absence struct {
	After Duration `json:"after"`
	// Expected is how many one usually counts in After, at least, for silence to
	// be strange: at 7 it happens by chance once in a thousand. 0 stands for a
	// schedule.
	Expected float64 `json:"expected,omitempty"`
}

// Burn fires when the error budget of an objective is used up too fast, in a
// long and in a short window (The Site Reliability Workbook, chapter 5).
type Burn struct {
	Objective float64 `json:"objective"` // share of good requests, such as 0.995
	Events    int64   `json:"events"`    // bad ones in the long window, at least
	Pairs     []Pair  `json:"pairs"`     // any
}

// Pair is a speed and the two windows in which it must be passed.
type Pair struct {
	Times float64  `json:"times"` // the budget's own speed is 1
	Long  Duration `json:"long"`
	Short Duration `json:"short"`
}

package alert

// Rule says what is wrong, from when on, and who is told. Exactly one of
// Threshold, Ratio, Drop, Absence and Burn is set. A rule that Parse returned
// is complete; one put together in code must pass Check.
type Rule struct {
	ID       RuleID   `json:"id"`
	Version  int      `json:"version"` // counts up with every edit; an edit never ends an episode
	Title    string   `json:"title"`
	Severity Severity `json:"severity"`
	Enabled  bool     `json:"enabled"`
	Metric   string   `json:"metric"`  // what the caller reads
	Group    string   `json:"group"`   // notices of one group travel together
	Runbook  string   `json:"runbook"` // anchor of the section that says what to do
	Every    Duration `json:"every"`

	// The trouble must hold For so long and for so many Evaluations, both, so
	// that one late evaluation cannot fire. With For, two are the least.
	For         Duration `json:"for,omitempty"`
	Evaluations int      `json:"evaluations,omitempty"`
	// It must be gone for KeepFiring and for ClearEvaluations to be over.
	KeepFiring       Duration `json:"keepFiring,omitempty"`
	ClearEvaluations int      `json:"clearEvaluations,omitempty"`

	NoData  Missing `json:"noData,omitzero"`
	OnError Missing `json:"onError,omitzero"`

	// InhibitedBy lists the rules that explain this one: while one of them fires,
	// nobody is told of this.
	InhibitedBy []RuleID `json:"inhibitedBy,omitempty"`
	// Tell is the policy of the severity where it has no channels.
	Tell Policy `json:"tell,omitzero"`

	Threshold *Threshold `json:"threshold,omitempty"`
	Ratio     *Ratio     `json:"ratio,omitempty"`
	Drop      *Drop      `json:"drop,omitempty"`
	Absence   *Absence   `json:"absence,omitempty"`
	Burn      *Burn      `json:"burn,omitempty"`
}

// Kind is that of the condition, and empty for a rule that has none.
func (r Rule) Kind() Kind {
	switch {
	case r.Threshold != nil:
		return KindThreshold
	case r.Ratio != nil:
		return KindRatio
	case r.Drop != nil:
		return KindDrop
	case r.Absence != nil:
		return KindAbsence
	case r.Burn != nil:
		return KindBurn
	}
	return ""
}

// evaluations is how many the trouble must hold.
func (r Rule) evaluations() int {
	if r.For > 0 {
		return max(2, r.Evaluations)
	}
	return max(1, r.Evaluations)
}

// window is the shortest span that the rule looks at.
func (r Rule) window() Duration {
	switch {
	case r.Ratio != nil && len(r.Ratio.Windows) > 0:
		return r.Ratio.Windows[0].Span
	case r.Drop != nil && len(r.Drop.Windows) > 0:
		return r.Drop.Windows[0].Span
	case r.Burn != nil && len(r.Burn.Pairs) > 0:
		return r.Burn.Pairs[0].Short
	}
	return r.Every
}

// Missing says what it means when there is nothing to judge. The zero value
// keeps the state as it is, for as long as it takes.
type Missing struct {
	Policy Absent   `json:"policy,omitempty"`
	After  Duration `json:"after,omitempty"` // Alarm only: how long it may be so
}

// Absent is a policy about figures that are not there.
type Absent string

// The policies: keep the state, take it for good, or take it for the trouble
// itself after a while.
const (
	Keep  Absent = "keep"
	Fine  Absent = "ok"
	Alarm Absent = "alert"
)

// Policy says who is told of a trouble, and how often.
type Policy struct {
	Channels    []Channel `json:"channels,omitempty"`
	Repeat      Duration  `json:"repeat,omitempty"`      // from the last notice that arrived; 0 is never
	RepeatAcked Duration  `json:"repeatAcked,omitempty"` // the same, once somebody took it on
	GroupWait   Duration  `json:"groupWait,omitempty"`   // how long the first notice waits for company
	Escalation  []Step    `json:"escalation,omitempty"`
}

// Step tells more channels when nobody took the trouble on.
type Step struct {
	After    Duration  `json:"after"` // since the first notice
	Channels []Channel `json:"channels"`
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
	// many looks at a window that slides; see TestQuietMonths.
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

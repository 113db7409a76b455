package alert

import (
	"time"

	"applicreations.com/introspect/internal/alert/condition"
)

// Rule says what is wrong, from when on, and who is told. A rule that Parse
// returned is complete; one put together in code must pass Check.
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

	When condition.Condition `json:"when"`
}

// evaluations is how many the trouble must hold.
func (r Rule) evaluations() int {
	if r.For > 0 {
		return max(2, r.Evaluations)
	}
	return max(1, r.Evaluations)
}

// fresh is the number of evaluations after which a reading is too old.
const fresh = 3

func (r *Rule) judge(in *Reading, now time.Time) condition.Finding {
	return r.When.Judge(in, now, fresh*r.Every.Long())
}

// window is the shortest span that the rule looks at.
func (r *Rule) window() time.Duration { return max(r.When.Window(), r.Every).Long() }

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

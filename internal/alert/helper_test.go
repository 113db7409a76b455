package alert_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/stat"
)

// start is a Wednesday noon.
var start = time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)

func builtin(tb testing.TB) []alert.Rule {
	tb.Helper()
	rules, err := alert.Builtin()
	if err != nil {
		tb.Fatalf("Builtin: %v", err)
	}
	return rules
}

func rule(tb testing.TB, id alert.RuleID) alert.Rule {
	tb.Helper()
	for _, r := range builtin(tb) {
		if r.ID == id {
			return r
		}
	}
	tb.Fatalf("there is no built-in rule %q", id)
	return alert.Rule{}
}

// simple fires above 10, at once, and is over at 5.
func simple() alert.Rule {
	clear := 5.0
	return alert.Rule{
		ID: "hot", Version: 1, Title: "It is hot", Severity: alert.Critical, Enabled: true,
		Metric: "heat", Group: "oven", Runbook: "oven", Every: minutes(1),
		Tell: alert.Policy{
			Channels: []alert.Channel{"page"}, Repeat: minutes(30), RepeatAcked: minutes(240),
			Escalation: []alert.Step{{After: minutes(5), Channels: []alert.Channel{"lead"}}, {After: minutes(15), Channels: []alert.Channel{"cto", "page"}}},
		},
		When: condition.Condition{Threshold: &condition.Threshold{Op: condition.Above, Fire: 10, Clear: &clear}},
	}
}

func minutes(n int) alert.Duration { return alert.Duration(time.Duration(n) * time.Minute) }

func rate(hits, of int64) stat.Rate { return stat.Rate{Hits: hits, Of: of} }

// run is a fake clock that drives one rule.
type run struct {
	tb    testing.TB
	rule  alert.Rule
	state alert.State
	env   alert.Env
	// deliver hands every notice back as accepted with the next evaluation.
	deliver bool
	log     []string // "12:05 firing page 1"
	notices []alert.Notice
}

func newRun(tb testing.TB, r alert.Rule) *run {
	tb.Helper()
	if err := r.Check(); err != nil {
		tb.Fatalf("the rule of the test is none: %v", err)
	}
	return &run{tb: tb, rule: r, env: alert.Env{Now: start}, deliver: true}
}

// at evaluates a reading so long after the start.
func (r *run) at(after time.Duration, in alert.Reading) *run {
	r.tb.Helper()
	r.env.Now = start.Add(after)
	var out []alert.Notice
	r.state, out = alert.Evaluate(r.rule, r.state, in, r.env)
	r.env.Receipts = nil
	for _, n := range out {
		r.log = append(r.log, fmt.Sprintf("%s %s %s %d", n.At.Format("15:04"), n.Kind, n.Channel, n.N))
		if r.deliver {
			r.env.Receipts = append(r.env.Receipts, alert.Receipt{Key: n.Key, At: r.env.Now})
		}
	}
	r.notices = append(r.notices, out...)
	data, err := r.state.Encode()
	if err != nil {
		r.tb.Fatalf("Encode after %s: %v", after, err)
	}
	if r.state, err = alert.DecodeState(data); err != nil { // a restart after every step
		r.tb.Fatalf("DecodeState after %s: %v", after, err)
	}
	return r
}

// value evaluates a figure so many minutes after the start.
func (r *run) value(minute int, v float64) *run {
	r.tb.Helper()
	return r.at(time.Duration(minute)*time.Minute, alert.Reading{Value: v})
}

func nan() float64 { return math.NaN() }

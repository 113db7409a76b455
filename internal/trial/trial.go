// Package trial holds A/B tests (DOMAIN 9.6): which texts of the pages may be
// tried, which visit sees which variant, and what may be said about the outcome.
// A test changes words on a page and nothing else, so the rules of the interview
// cannot be overridden by one.
//
// It does no I/O. Start with Test.
package trial

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/stat"
)

// Place is a text of a page that a test may change.
type Place string

// The places.
const (
	Headline Place = "landing.headline"
	Lead     Place = "landing.lead"
	Button   Place = "landing.button"
	Start    Place = "form.button"
)

// Choice is a place with a name for people.
type Choice struct {
	Place Place
	Label string
}

// Places lists all places.
func Places() []Choice {
	return []Choice{
		{Headline, "Headline of the landing page"},
		{Lead, "Text below the headline"},
		{Button, "Button of the landing page"},
		{Start, "Button that starts the conversation"},
	}
}

// Metric is what decides a test.
type Metric string

// The metrics of DOMAIN 9.6.
const (
	Completion   Metric = "completion_rate"
	Time         Metric = "time_to_complete"
	Satisfaction Metric = "satisfaction"
)

// Metrics lists all metrics.
func Metrics() []Metric { return []Metric{Completion, Time, Satisfaction} }

// Status is where a test stands.
type Status string

// The statuses.
const (
	Running Status = "running"
	Stopped Status = "stopped"
)

// Variant is what a visit sees.
type Variant string

// The variants.
const (
	Control   Variant = "control"
	Treatment Variant = "treatment"
)

// The standards of DOMAIN 9.6.
const (
	StandardShare = 50
	StandardLeast = 100
	longestText   = 300
)

// Test is one A/B test.
type Test struct {
	Name    string    `json:"name"` // lower case, digits and hyphens; part of the bucketing
	Place   Place     `json:"place"`
	Text    string    `json:"text"`  // of the treatment; the control is what the page says anyway
	Share   int       `json:"share"` // percent of the visits that see the treatment
	Metric  Metric    `json:"metric"`
	Least   int       `json:"least"` // units a variant before anything is said
	Status  Status    `json:"status"`
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended,omitzero"`
}

var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,39}$`)

// Check tells what is wrong with a test, in a sentence for the person who made
// it.
func (t Test) Check() error {
	switch {
	case !namePattern.MatchString(t.Name):
		return errors.New("the name needs 2 to 40 small letters, digits and hyphens")
	case !slices.ContainsFunc(Places(), func(c Choice) bool { return c.Place == t.Place }):
		return fmt.Errorf("%q is no text that a test may change", t.Place)
	case t.Text == "" || utf8.RuneCountInString(t.Text) > longestText:
		return fmt.Errorf("the text to try needs between 1 and %d characters", longestText)
	case t.Share < 1 || t.Share > 99:
		return errors.New("between 1 and 99 percent of the visits can see the text to try")
	case !slices.Contains(Metrics(), t.Metric):
		return fmt.Errorf("%q is no metric", t.Metric)
	case t.Least < StandardLeast:
		return fmt.Errorf("at least %d units a variant are needed before anything can be said", StandardLeast)
	}
	return nil
}

// Variant is what a visit sees: the same for ever, by the hash of the test's
// name and the visit, so nothing has to be remembered.
func (t Test) Variant(visit event.SessionID) Variant {
	sum := sha256.Sum256([]byte(t.Name + "\x00" + string(visit)))
	if binary.BigEndian.Uint64(sum[:8])%100 < uint64(t.Share) { //nolint:gosec // 1 to 99
		return Treatment
	}
	return Control
}

// Tag is how a variant is counted.
func (t Test) Tag(v Variant) string { return t.Name + ":" + string(v) }

// Assign lists the tags of the running tests for a visit, and the texts that
// replace those of the pages.
func Assign(tests []Test, visit event.SessionID) (tags []string, texts map[Place]string) {
	texts = make(map[Place]string)
	for _, t := range tests {
		if t.Status != Running {
			continue
		}
		v := t.Variant(visit)
		tags = append(tags, t.Tag(v))
		if _, taken := texts[t.Place]; v == Treatment && !taken {
			texts[t.Place] = t.Text
		}
	}
	return tags, texts
}

// Outcome is what may be said of a test now.
type Outcome struct {
	Diff      float64 // treatment minus control: shares, or seconds between the medians
	Low, High float64 // of a difference of shares
	Needs     int64   // more units a variant that a difference of this size would take

	P       float64 // always valid: it may be looked at every day
	Missing int64   // units that the smaller variant still lacks
	Decided bool    // enough was counted, and the difference is no chance
	Winner  Variant // of a decided test
}

// Judge compares the variants. Nothing is said below the smallest sample, and
// the p value is that of a sequential test, because people look every morning.
func (t Test) Judge(control, treatment stat.Rate) Outcome {
	l := stat.Test{Enough: int64(t.Least)}.Look(treatment, control)
	o := Outcome{Diff: l.Diff, Low: l.Low, High: l.High, Needs: l.Needs, P: l.P}
	return o.decide(t, min(control.Of, treatment.Of), o.Diff > 0)
}

// JudgeTimes compares how long the finished took, the shorter being better.
// Ranks are compared, so that one who left the page open overnight weighs no
// more than any other. Like Judge it may be looked at every day.
func (t Test) JudgeTimes(control, treatment stat.Numbers) Outcome {
	s := stat.Test{Enough: int64(t.Least)}.LookNumbers(treatment, control)
	o := Outcome{Diff: s.Diff, Needs: s.Needs, P: s.P}
	return o.decide(t, min(control.Count(), treatment.Count()), s.Larger < 0.5)
}

// decide says who won, if anything may be said.
func (o Outcome) decide(t Test, least int64, better bool) Outcome {
	o.Missing = max(0, int64(t.Least)-least)
	if o.Missing > 0 || o.P >= 1-float64(stat.Usual) {
		return o
	}
	o.Decided, o.Winner = true, Control
	if better {
		o.Winner = Treatment
	}
	return o
}

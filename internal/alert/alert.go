// Package alert decides when somebody must be told that something is wrong, and
// when it is over. Rules are data; a Reading is what was measured; Evaluate
// turns a rule, a state and a reading into the next state and the notices that
// are due. It measures nothing, keeps no time and sends nothing: the caller
// commits the state and its notices in one transaction, and hands back what
// became of the notices as receipts.
//
// It refuses to judge too small a sample, and it never calls a trouble over
// because its figures went away. Start with Rule and Evaluate; Builtin has the
// rules of the house.
package alert

import (
	"time"

	"applicreations.com/introspect/internal/alert/condition"
)

// RuleID names a rule, such as "error_rate".
type RuleID string

// Fingerprint names a rule together with a set of labels.
type Fingerprint string

// EpisodeID names one trouble of one fingerprint, from firing to resolved.
type EpisodeID string

// Channel names a way to tell people, such as "page" or "digest". What stands
// behind it is the business of who delivers.
type Channel string

// Key names a notice, and is the same however often the notice is sent.
type Key string

// Severity says how soon somebody must look.
type Severity string

// The severities: now, within an hour, on the next working day.
const (
	Critical Severity = "critical"
	Warning  Severity = "warning"
	Info     Severity = "info"
)

// What a rule is made of besides: see package condition.
type (
	// Duration is a time.Duration that is written for people.
	Duration = condition.Duration
	// Reading is what was measured for one rule and one set of labels.
	Reading = condition.Reading
	// Side says why a reading could not be judged.
	Side = condition.Side
)

const (
	minute = time.Minute
	day    = 24 * time.Hour
)

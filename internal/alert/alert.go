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
	"fmt"
	"strconv"
	"strings"
	"time"
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

// Kind is how a rule judges a reading.
type Kind string

// The kinds of rules.
const (
	KindThreshold Kind = "threshold"
	KindRatio     Kind = "ratio"
	KindDrop      Kind = "relative_drop"
	KindAbsence   Kind = "absence"
	KindBurn      Kind = "burn_rate"
)

// Duration is a time.Duration that is written for people, as "90s", "5m" or
// "14d".
type Duration time.Duration

const day = 24 * time.Hour

// Long is the plain duration.
func (d Duration) Long() time.Duration { return time.Duration(d) }

// String writes whole days as days and leaves out parts that are zero.
func (d Duration) String() string {
	if long := d.Long(); long >= 2*day && long%day == 0 {
		return strconv.FormatInt(int64(long/day), 10) + "d"
	}
	text := d.Long().String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// MarshalText is String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what String writes and what time.ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	if number, ok := strings.CutSuffix(string(text), "d"); ok {
		if days, err := strconv.ParseInt(number, 10, 16); err == nil {
			*d = Duration(time.Duration(days) * day)
			return nil
		}
	}
	long, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf(`%q is no duration; write it as "90s", "5m", "2h" or "14d"`, text)
	}
	*d = Duration(long)
	return nil
}

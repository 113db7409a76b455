package alert

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Env is what Evaluate must know beside the reading.
type Env struct {
	Now         time.Time
	Silences    []Silence
	Maintenance []Window
	Acks        []Ack
	Receipts    []Receipt       // what became of notices since the last evaluation
	Firing      map[RuleID]bool // the rules with an open episode, for inhibition
	Deploy      Deploy          // the last one, zero where none is known
	Summary     Channel         // tells later what is not critical and was over before anybody heard of it; empty: none
}

// Deploy is a version that went live. Trouble that begins within half an hour of
// it is told with its name.
type Deploy struct {
	Version string // as the mark on the time axis says it, such as "Version 3.2.1"
	At      time.Time
}

func (d Deploy) blame(from time.Time) string {
	if after := from.Sub(d.At); d.Version != "" && after >= 0 && after <= 30*minute {
		return fmt.Sprintf("%s went live %s before; roll it back?", d.Version, Duration(after.Truncate(time.Second)))
	}
	return ""
}

// Receipt says what became of a notice. Every notice must get one in the end: no
// reminder is made while one is missing. Receipts of other notices, and those
// handed in twice, do no harm.
type Receipt struct {
	Key  Key       `json:"key"`
	At   time.Time `json:"at"`
	Dead bool      `json:"dead,omitempty"` // given up
	// Dropped is a notice that was of no use any more before anybody took it. One
	// that is neither dead nor dropped was accepted.
	Dropped bool `json:"dropped,omitempty"`
	// Unsure is one that was given up or dropped after an attempt whose end nobody
	// knows: it may have arrived.
	Unsure bool `json:"unsure,omitempty"`
}

// Ack says that somebody takes an episode on. It stops escalation, and reminders
// as the rule says, until the episode ends.
type Ack struct {
	Episode EpisodeID `json:"episode"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	// Until makes it a snooze: nobody is reminded before it, and after it the
	// trouble is nobody's again. Zero is for the whole episode.
	Until time.Time `json:"until,omitzero"`
}

// ack is the newest one of the episode.
func (e Env) ack(id EpisodeID) (out Ack, ok bool) {
	for _, a := range e.Acks {
		if a.Episode == id && (!ok || a.At.After(out.At)) {
			out, ok = a, true
		}
	}
	return out, ok
}

// Matcher is a label and the value that it must have. Beside the labels of the
// reading there are "rule", "severity" and "group".
type Matcher struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// matches reports whether all matchers fit. None fit everything.
func matches(list []Matcher, r *Rule, labels map[string]string) bool {
	for _, m := range list {
		value, ok := labels[m.Label]
		switch m.Label {
		case "rule":
			value, ok = string(r.ID), true
		case "severity":
			value, ok = string(r.Severity), true
		case "group":
			value, ok = r.Group, true
		}
		if !ok || value != m.Value {
			return false
		}
	}
	return true
}

// Silence keeps notices back for a reason and for a time.
type Silence struct {
	Match  []Matcher `json:"match"`
	Author string    `json:"author"`
	Reason string    `json:"reason"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
}

// LongestSilence is how long a silence may be; a longer one is a rule that
// should be switched off.
const LongestSilence = 7 * day

// Check says what is wrong with a silence that somebody entered.
func (s Silence) Check() error {
	switch {
	case len(s.Match) == 0:
		return errors.New("a silence needs a matcher, or it would hide every alert; name a rule, a group or a label")
	case s.Author == "" || s.Reason == "":
		return errors.New("a silence needs an author and a reason, so that others can judge it; enter both")
	case s.To.IsZero() || !s.To.After(s.From):
		return errors.New("a silence needs an end after its start, or it would hide alerts for ever; enter one")
	case s.To.Sub(s.From) > LongestSilence:
		return fmt.Errorf("a silence of %s is too long to be remembered; choose %s at most, or disable the rule", Duration(s.To.Sub(s.From)), Duration(LongestSilence))
	}
	return nil
}

// RemindAt is when its author should be asked whether it is still needed.
func (s Silence) RemindAt() time.Time { return s.From.Add(s.To.Sub(s.From) / 5 * 4) }

// covers reports whether the silence holds. One without end is not valid and
// silences nothing.
func (s Silence) covers(r *Rule, labels map[string]string, now time.Time) bool {
	return s.Check() == nil && !now.Before(s.From) && now.Before(s.To) && matches(s.Match, r, labels)
}

// Window is a maintenance window that comes back every week, in local time: it
// stays at two at night when the clocks change.
type Window struct {
	Name string         `json:"name"`
	Days []time.Weekday `json:"days"` // none is every day; it is the day of From
	From Clock          `json:"from"`
	To   Clock          `json:"to"` // at or before From is on the next day
	// Zone is what ZoneName names; nil is UTC. The caller looks it up, because
	// that reads files.
	Zone     *time.Location `json:"-"`
	ZoneName string         `json:"zone"`
	Match    []Matcher      `json:"match,omitempty"` // none is every alert
}

// Clock is minutes since midnight on the wall.
type Clock int

// MarshalText writes "02:00".
func (c Clock) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%02d:%02d", int(c)/60, int(c)%60), nil
}

// UnmarshalText reads "02:00".
func (c *Clock) UnmarshalText(text []byte) error {
	t, err := time.Parse("15:04", string(text))
	if err != nil {
		return fmt.Errorf(`%q is no time of day; write it as "02:00"`, text)
	}
	*c = Clock(t.Hour()*60 + t.Minute())
	return nil
}

// Grace is how long after a window its alerts are still kept back: what was
// stopped for it needs a moment to come up.
const Grace = 5 * minute

// At returns the window that is open now, or was until less than Grace ago.
func (w Window) At(now time.Time) (from, to time.Time, open bool) {
	zone := w.Zone
	if zone == nil {
		zone = time.UTC
	}
	year, month, date := now.In(zone).Date()
	for back := range 3 { // a window may have begun the day before, and its grace may reach into the next
		from := wall(year, month, date-back, w.From, zone, false)
		weekday := time.Date(year, month, date-back, 12, 0, 0, 0, time.UTC).Weekday()
		if len(w.Days) > 0 && !slices.Contains(w.Days, weekday) {
			continue
		}
		next := 0
		if w.To <= w.From {
			next = 1
		}
		to := wall(year, month, date-back+next, w.To, zone, true)
		if !now.Before(from) && now.Before(to.Add(Grace)) && to.After(from) {
			return from, to, true
		}
	}
	return time.Time{}, time.Time{}, false
}

// wall is when the clocks of a zone show a time. Where they show it twice it is
// the first or the last of both; where they skip it, it is when they jump.
func wall(year int, month time.Month, date int, c Clock, zone *time.Location, last bool) time.Time {
	plain := time.Date(year, month, date, 0, int(c), 0, 0, time.UTC)
	var found []time.Time
	var skipped time.Time
	for _, far := range []time.Duration{-day, day} { // the offsets before and after any change of that day
		_, offset := plain.Add(far).In(zone).Zone()
		t := plain.Add(-time.Duration(offset) * time.Second).In(zone)
		if _, own := t.Zone(); own == offset {
			found = append(found, t)
		} else if far < 0 {
			skipped, _ = t.ZoneBounds()
		}
	}
	switch {
	case len(found) == 0:
		return skipped
	case last:
		return slices.MaxFunc(found, time.Time.Compare)
	}
	return slices.MinFunc(found, time.Time.Compare)
}

// muted says why nobody is to be told now, or nothing.
func (e Env) muted(r *Rule, s *State) string {
	for _, id := range r.InhibitedBy {
		if e.Firing[id] {
			s.InhibitedAt = e.Now
			return fmt.Sprintf("%s explains it", id)
		}
	}
	for _, w := range e.Maintenance {
		if matches(w.Match, r, s.Labels) {
			if _, to, open := w.At(e.Now); open {
				return fmt.Sprintf("maintenance %q until %s", w.Name, to.UTC().Format(minuteLayout))
			}
		}
	}
	for _, q := range e.Silences {
		if q.covers(r, s.Labels, e.Now) {
			return fmt.Sprintf("silenced by %s until %s: %s", q.Author, q.To.UTC().Format(minuteLayout), q.Reason)
		}
	}
	if !s.InhibitedAt.IsZero() && e.Now.Sub(s.InhibitedAt) < min(r.window(), longestEcho) {
		return "its cause is just over, and its window still holds the figures of that time"
	}
	return ""
}

// longestEcho bounds how long a cause that is over still explains its effects.
const longestEcho = 10 * minute

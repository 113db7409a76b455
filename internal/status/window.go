package status

import (
	"errors"
	"fmt"
	"time"
)

// Notice is how long before its start maintenance is announced (S134).
const Notice = 48 * time.Hour

// Window is a time of the week that is kept for maintenance. It announces; it
// keeps nobody out by itself.
type Window struct {
	Enabled bool         `json:"enabled"`
	Weekday time.Weekday `json:"weekday"`
	From    int          `json:"from"` // minutes after midnight
	To      int          `json:"to"`   // minutes after midnight, after From
	Zone    string       `json:"zone"` // IANA name
}

// Standard is the window of the runbook: Sunday, 2 to 4 in the morning, Pacific
// time (S134), and off.
func Standard() Window {
	return Window{Weekday: time.Sunday, From: 2 * 60, To: 4 * 60, Zone: "America/Los_Angeles"}
}

// Check says what is wrong with a window.
func (w Window) Check() error {
	if _, err := time.LoadLocation(w.Zone); err != nil || w.Zone == "" {
		return fmt.Errorf("%q is no time zone; choose a name such as Europe/Berlin", w.Zone)
	}
	if w.Weekday < time.Sunday || w.Weekday > time.Saturday || w.From < 0 || w.To > 24*60 || w.From >= w.To {
		return errors.New("the window has to begin before it ends, on one day")
	}
	return nil
}

// Next is the occurrence that goes on at a moment, or else the next one. Where
// the clock jumps forward over the begin or the end, the jump takes its place;
// where an hour comes twice, the window lasts from its first begin to its last
// end.
func (w Window) Next(now time.Time) (start, end time.Time, ok bool) {
	zone, err := time.LoadLocation(w.Zone)
	if !w.Enabled || w.Check() != nil || err != nil {
		return time.Time{}, time.Time{}, false
	}
	y, m, d := now.In(zone).Date()
	for ahead := -1; ahead <= 8; ahead++ {
		day := time.Date(y, m, d+ahead, 12, 0, 0, 0, zone)
		if day.Weekday() != w.Weekday {
			continue
		}
		start, _ = instants(day, w.From)
		_, end = instants(day, w.To)
		if end.After(now) && end.After(start) {
			return start, end, true
		}
	}
	return time.Time{}, time.Time{}, false
}

// instants are the first and the last moment at which the clocks of a day show
// some minutes after midnight. Of a time that is skipped, both are the jump.
func instants(day time.Time, minutes int) (first, last time.Time) {
	y, m, d := day.Date()
	wall := time.Date(y, m, d, 0, minutes, 0, 0, time.UTC)
	shows := func(t time.Time) bool {
		_, offset := t.Zone()
		return t.UTC().Add(time.Duration(offset) * time.Second).Equal(wall)
	}
	t := time.Date(y, m, d, 0, minutes, 0, 0, day.Location())
	from, til := t.ZoneBounds()
	if !shows(t) { // skipped: Date chose one side of the jump
		if !from.IsZero() && t.Sub(from) < 4*time.Hour {
			return from, from
		}
		return til, til
	}
	first, last = t, t
	if !from.IsZero() {
		_, offset := from.Add(-time.Nanosecond).Zone()
		if before := wall.Add(-time.Duration(offset) * time.Second).In(day.Location()); before.Before(from) && shows(before) {
			first = before
		}
	}
	if !til.IsZero() {
		_, offset := til.Zone()
		if after := wall.Add(-time.Duration(offset) * time.Second).In(day.Location()); !after.Before(til) && shows(after) {
			last = after
		}
	}
	return first, last
}

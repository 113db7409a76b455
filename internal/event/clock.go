package event

import (
	"math"
	"strconv"
	"time"
)

// drift is how far the two clocks of a sender may differ over the age of an
// event before the wall clock is taken to have been set (analytics 4.4).
const drift = 2 * time.Second

// maxSkew bounds the difference between the sender's clock and ours. A device
// whose clock was lost counts from 1970.
const maxSkew = 100 * 365 * 24 * time.Hour

// clock is the sender's clock at the moment it sent the body.
type clock struct {
	wall time.Time     // zero: it did not say, and its times are taken as they are
	skew time.Duration // arrival minus sending
	mono float64       // milliseconds of a clock that is never set; negative: it did not say
}

func readClock(e *envelope, now time.Time) clock {
	c := clock{mono: milliseconds(e.mono)}
	wall, ok := instant(e.sent)
	if !ok {
		return c
	}
	if ms := now.UnixMilli() - wall.UnixMilli(); ms > -maxSkew.Milliseconds() && ms < maxSkew.Milliseconds() {
		c.wall, c.skew = wall, time.Duration(ms)*time.Millisecond
	}
	return c
}

// age tells how old an event was when it was sent; ok is false when nothing
// says so. Both clocks of a sender may be wrong in one direction only: the
// wall clock may be set back, and the other stands still while the machine
// sleeps. So where they differ the greater age is right, and jumped tells that
// it was not the wall clock's.
func (c *clock) age(stamp time.Time, dated bool, mono []byte) (age time.Duration, jumped, ok bool) {
	if c.wall.IsZero() {
		return 0, false, false
	}
	if dated {
		age, ok = c.wall.Sub(stamp), true
	}
	at := milliseconds(mono)
	if c.mono < 0 || at < 0 || at > c.mono {
		return age, false, ok
	}
	steady := time.Duration(c.mono-at) * time.Millisecond
	switch {
	case !ok:
		return steady, false, true
	case steady-age > drift:
		return steady, true, true
	}
	return age, false, true
}

// milliseconds reads a reading of a clock that is never set, -1 for none. Such
// clocks begin with the page or the machine, so ten years are beyond them.
func milliseconds(raw []byte) float64 {
	if len(raw) == 0 {
		return -1
	}
	ms, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.IsNaN(ms) || ms < 0 || ms > 10*365*86_400_000 {
		return -1
	}
	return ms
}

// latest is the last millisecond that a JavaScript Date can hold.
const latest = 8.64e15

// instant reads an ISO 8601 time with a zone, or milliseconds since 1970. It
// keeps whole milliseconds, as the store does.
func instant(raw []byte) (time.Time, bool) {
	if len(raw) == 0 {
		return time.Time{}, false
	}
	if raw[0] == '"' {
		t, err := parseTime(raw)
		return time.UnixMilli(t.UnixMilli()).UTC(), err == nil
	}
	ms, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || ms < -latest || ms > latest {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(ms)).UTC(), true
}

// parseTime reads a time that is a JSON string.
func parseTime(raw []byte) (time.Time, error) {
	if clean(raw) {
		return time.Parse(time.RFC3339, string(raw[1:len(raw)-1])) // takes no memory
	}
	return time.Parse(time.RFC3339, unquote(raw))
}

package letter

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// LongestWait is the most that a vendor's Retry-After can ask of us: who asks
// for more gets tried again anyway, because a client waits for the mail.
const LongestWait = time.Hour

// SendError is why a message or a webhook did not go out. The work decides by
// it: permanent ones fail at once, the others come again.
type SendError struct {
	// Permanent is set when the same message would be refused again.
	Permanent bool
	// RetryAfter is how long the other side asks to wait, capped at
	// LongestWait; 0 if it did not say.
	RetryAfter time.Duration
	// Status is the answer's code in HTTP or SMTP, 0 if there was no answer.
	Status int
	// Part is set when the other side took a part of what was sent.
	Part bool
	// Reason is for the team: one printable line, without addresses.
	Reason string
	// Err is the cause where there is one, for errors.Is.
	Err error
}

// Error says what happened and what to do.
func (e *SendError) Error() string {
	var b strings.Builder
	if e.Permanent {
		b.WriteString("refused for good")
	} else {
		b.WriteString("not sent yet")
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, " (status %d)", e.Status)
	}
	if e.Reason != "" {
		b.WriteString(": " + e.Reason)
	}
	switch {
	case e.Permanent:
		b.WriteString("; the reader gets nothing until the cause is removed, then send it by hand")
	case e.RetryAfter > 0:
		fmt.Fprintf(&b, "; the other side asks to try again in %s", e.RetryAfter)
	default:
		b.WriteString("; it can be tried again")
	}
	return b.String()
}

// Refused reports whether the other side said that it took nothing. Without an
// answer, and after an error of its own, nobody knows.
func (e *SendError) Refused() bool {
	return !e.Part && (e.Permanent || e.Status >= 400 && e.Status < 500 || e.Status == unavailable)
}

// unavailable is the status of a server that takes nothing at the moment.
const unavailable = 503

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Err }

// RetryAfter reads the header of the same name: seconds or an HTTP date. What
// it cannot read, what has passed and what is negative is 0; more than
// LongestWait is LongestWait.
func RetryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if digits := strings.TrimLeft(header, "0123456789"); header != "" && digits == "" {
		seconds, err := strconv.ParseInt(header, 10, 64)
		if err != nil || seconds > int64(LongestWait/time.Second) {
			return LongestWait // a number too large for 64 bits is a long wait, too
		}
		return time.Duration(seconds) * time.Second
	}
	// The three forms of RFC 9110, 5.6.7.
	for _, layout := range []string{"Mon, 02 Jan 2006 15:04:05 GMT", time.RFC850, time.ANSIC} {
		if at, err := time.Parse(layout, header); err == nil {
			return min(max(at.Sub(now), 0), LongestWait)
		}
	}
	return 0
}

// Line makes one printable line of what another server said, with most bytes at
// the most, for a reason or a log. Words with an @ become "[address]", because
// servers like to repeat who the mail was for.
func Line(said string, most int) string {
	var words []string
	for _, w := range strings.FieldsFunc(strings.ToValidUTF8(said, ""), func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		if strings.Contains(w, "@") {
			w = "[address]"
		}
		words = append(words, w)
	}
	return cutBytes(strings.Join(words, " "), most)
}

func cutBytes(s string, most int) string {
	if len(s) <= most {
		return s
	}
	end := max(most, 0)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

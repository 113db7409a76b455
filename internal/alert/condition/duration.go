package condition

import (
	"fmt"
	"strconv"
	"strings"
	"time"
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

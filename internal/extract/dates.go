package extract

import (
	"time"

	"applicreations.com/introspect/internal/extract/when"
)

// Date reads the first date in the text and the words that say it, relative to
// now. See when.Date.
func Date(s string, now time.Time) (time.Time, string, bool) { return when.Date(s, now) }

// Duration reads the first length of time in the text, in weeks. Of a range
// it takes the longer end; a month is a twelfth of 52 weeks.
func Duration(s string) (weeks float64, ok bool) { return when.Duration(s) }

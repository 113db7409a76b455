package extract

import (
	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/slot"
)

// IndustryOf returns the id of the industry that the words name, such as
// "beauty" for "hair salon", and empty text when they name none.
func IndustryOf(words string) string {
	f := finder{Doc: token.Read(words), found: map[slot.Key][]candidate{}}
	f.match()
	if c, ok := f.bestIndustry(); ok {
		return c.value
	}
	return ""
}

// Money reads the first amount, range or pair of bounds in the text, in cents
// of whatever currency was named; nothing is converted. One plain amount is
// both bounds. With "under" or "up to" lo is 0; a hi of 0 means
// that there is no upper bound, as in "over 10k" (DOMAIN 2.10, F-1).
func Money(s string) (lo, hi int64, ok bool) {
	d := token.Read(s)
	var sum sums
	for _, f := range d.Figures {
		if !f.Percent {
			sum.take(f)
		}
	}
	return sum.cents()
}

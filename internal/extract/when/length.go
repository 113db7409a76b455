package when

import "applicreations.com/introspect/internal/extract/token"

// The calendar in weeks: months are twelfths of a year of 52 weeks, as in the
// figures of DOMAIN 5.3.
const (
	daysPerWeek   = 7
	weeksPerYear  = 52.0
	weeksPerMonth = weeksPerYear / 12
)

// Duration reads the first length of time in the text, in weeks. Of a range
// it takes the longer end.
func Duration(s string) (weeks float64, ok bool) {
	d := token.Read(s)
	for i := range d.Tokens {
		if w, _, ok := Length(d, i); ok {
			return w, true
		}
	}
	return 0, false
}

// Length reads a length of time that starts at token i, such as "6 weeks",
// "a month" or "half a year", and returns its last token.
func Length(d *token.Doc, i int) (weeks float64, last int, ok bool) {
	if n, ok := d.FigureAt(i); ok {
		f := d.Figures[n]
		at := f.Last + 1
		switch d.Next(at, 0) {
		case "business", "working", "calendar", "full", "more", "short":
			at++
		}
		unit, ok := unitWeeks(d.Next(at, 0))
		if !ok || f.Money || f.Percent || f.Year || d.Tokens[at].Gap >= token.GapComma || f.Hi > 1000 {
			return 0, 0, false
		}
		return f.Hi * unit, at, true
	}
	at, value := i, 0.0
	switch d.Tokens[i].Low {
	case "a", "one":
		at, value = i+1, 1
	case "half":
		if d.Next(i, 1) == "a" {
			at, value = i+2, 0.5
		}
	}
	unit, ok := unitWeeks(d.Next(at, 0))
	if value == 0 || !ok {
		return 0, 0, false
	}
	return value * unit, at, true
}

func unitWeeks(low string) (float64, bool) {
	switch low {
	case "day", "days":
		return 1.0 / daysPerWeek, true
	case "week", "weeks", "wk", "wks":
		return 1, true
	case "month", "months", "mo", "mos":
		return weeksPerMonth, true
	case "year", "years", "yr", "yrs":
		return weeksPerYear, true
	default:
		return 0, false
	}
}

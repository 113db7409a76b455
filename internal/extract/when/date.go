// Package when reads dates and lengths of time from a client's words: days in
// digits or letters, months, quarters, seasons, holidays, "next week".
//
// It takes the moment of the answer as an argument and guesses no year but the
// next. Start with Date and Duration, or At and Length inside a read text.
package when

import (
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/extract/token"
)

// Date reads the first date in the text and the words that say it. A date
// without a year is the next one on or after now, at midnight in the zone of
// now. A month alone means its first day after "by" and "before", otherwise its
// last; seasons are those of the northern hemisphere by whole months. Lengths
// of time are left to Duration.
func Date(s string, now time.Time) (time.Time, string, bool) {
	d := token.Read(s)
	for i := range d.Tokens {
		if t, last, ok := At(d, i, now); ok {
			return t, d.Quote(i, last), true
		}
	}
	return time.Time{}, "", false
}

// reader reads dates from a text as of a moment.
type reader struct {
	*token.Doc
	now time.Time
}

// span is a stretch of days, both ends included.
type span struct{ from, to time.Time }

// part is which part of a span is meant.
type part uint8

const (
	wholePart part = iota
	earlyPart
	midPart
	latePart
	endPart
	startPart
)

// At reads the date whose first word is token i of the text, and returns its
// last token. See Date.
func At(doc *token.Doc, i int, now time.Time) (t time.Time, last int, ok bool) {
	d := reader{doc, now}
	if t, last, ok = d.exactDate(i); ok {
		return t, last, true
	}
	if t, last, ok = d.weekOf(i); ok {
		return t, last, true
	}
	p, at := d.partAt(i)
	sp, last, ok := d.spanAt(at, p != wholePart, d.leads(i))
	if !ok {
		return time.Time{}, 0, false
	}
	return d.pick(sp, p, i), last, true
}

// weekOf reads "the first week of March" as the last day of that week.
func (d reader) weekOf(i int) (time.Time, int, bool) {
	if d.Next(i, 1) != "week" || d.Next(i, 2) != "of" {
		return time.Time{}, 0, false
	}
	n := map[string]int{"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "last": 5}[d.Next(i, 0)]
	m, ok := month(d.Next(i, 3))
	if n == 0 || !ok {
		return time.Time{}, 0, false
	}
	year, last := d.yearAfter(i + 3)
	sp := monthSpan(d.now, m, year)
	if t := sp.from.AddDate(0, 0, 7*n-1); t.Before(sp.to) {
		return t, last, true
	}
	return sp.to, last, true
}

// pick chooses the day of the span that the part names.
func (d reader) pick(sp span, p part, i int) time.Time {
	days := int(sp.to.Sub(sp.from).Hours()/24 + 0.5) // days may have 23 or 25 hours
	switch p {
	case earlyPart, startPart:
		return sp.from
	case midPart:
		if days >= 27 && days <= 30 {
			return sp.from.AddDate(0, 0, 14) // the 15th of every month
		}
		return sp.from.AddDate(0, 0, days/2)
	case latePart, endPart:
		return sp.to
	default:
	}
	switch d.Next(i, -1) {
	case "by", "before", "until", "till":
		return sp.from
	}
	return sp.to
}

// leads reports whether a preposition of time stands before token i; only
// then are "spring", "may" and "march" dates.
func (d reader) leads(i int) bool {
	before := d.Next(i, -1)
	if before == "the" {
		before = d.Next(i, -2)
	}
	switch before {
	case "by", "before", "in", "until", "till", "this", "next", "during", "around", "from", "for", "of", "early", "late":
		return true
	default:
		return false
	}
}

// partAt reads "mid", "early", "the end of" and returns the token behind.
func (d reader) partAt(i int) (part, int) {
	at := i
	if d.Next(at, 0) == "the" {
		at++
	}
	var p part
	switch d.Next(at, 0) {
	case "mid", "middle":
		p = midPart
	case "early":
		p = earlyPart
	case "start", "beginning":
		p = startPart
	case "late":
		p = latePart
	case "end":
		p = endPart
	default:
		return wholePart, i
	}
	at++
	if d.Next(at, 0) == "of" {
		at++
	}
	if d.Next(at, 0) == "the" {
		at++
	}
	return p, at
}

// spanAt reads a month, quarter, season, "next week" or "this year". Words
// that are more than a date need a preposition, "this" or a part such as "end
// of" before them.
func (d reader) spanAt(i int, parted, led bool) (span, int, bool) {
	if i >= len(d.Tokens) {
		return span{}, 0, false
	}
	shift, at := d.shift(i)
	parted = parted || at > i
	led = led || parted
	low := d.Next(at, 0)
	if m, ok := month(low); ok && (led || d.surelyMonth(at, low)) {
		if _, day := d.dayNumber(at + 1); day {
			return span{}, 0, false // a day that the month does not have
		}
		year, last := d.yearAfter(at)
		return d.later(monthSpan(d.now, m, year), shift-year), last, true
	}
	if sp, last, ok := d.quarterAt(at); ok {
		return sp, last, true
	}
	if from, months, ok := season(low); ok && led {
		year, last := d.yearAfter(at)
		return d.later(seasonSpan(d.now, from, months, year), shift-year), last, true
	}
	if !parted {
		return span{}, 0, false
	}
	sp, ok := calendarSpan(low, d.now, shift)
	return sp, at, ok
}

// shift reads "this" and "next" and returns the token behind.
func (d reader) shift(i int) (shift, at int) {
	switch d.Tokens[i].Low {
	case "this", "coming":
		return 0, i + 1
	case "next":
		return 1, i + 1
	default:
		return 0, i
	}
}

// later moves a span that has begun by a year when the one after it is meant
// (shift above 0), as in "next summer" without a year.
func (d reader) later(sp span, shift int) span {
	if shift <= 0 || sp.from.After(d.now) {
		return sp
	}
	return span{sp.from.AddDate(1, 0, 0), sp.to.AddDate(0, 0, 1).AddDate(1, 0, -1)}
}

// surelyMonth tells month names from other words: "march", "may" and short
// forms stand with a year or a capital letter and no verb behind them.
func (d reader) surelyMonth(at int, low string) bool {
	switch low {
	case "may", "march", "mar", "jan", "dec", "sep", "sept", "oct", "nov", "jun", "jul", "apr", "feb", "aug":
		year, _ := d.yearAfter(at)
		return year > 0
	default:
		return true
	}
}

// yearAfter reads a year behind token at: "2027", ", 2027", "'27" or "next year".
func (d reader) yearAfter(at int) (year, last int) {
	n := at + 1
	if d.Next(at, 2) == "year" {
		switch d.Next(at, 1) {
		case "next":
			return d.now.Year() + 1, at + 2
		case "this":
			return d.now.Year(), at + 2
		}
	}
	if d.Next(at, 1) == "of" {
		n++
	}
	if n >= len(d.Tokens) || d.Tokens[n].Gap > token.GapComma || d.Tokens[n].Kind != token.Number {
		return 0, at
	}
	t := d.Tokens[n]
	if t.Num.Year {
		return int(t.Num.Value), n
	}
	if t.Start > 0 && d.Text[t.Start-1] == '\'' && t.Num.Value >= 20 && t.Num.Value < 100 {
		return 2000 + int(t.Num.Value), n
	}
	return 0, at
}

// quarterAt reads "Q1", "Q2 2027" and "first quarter of 2027".
func (d reader) quarterAt(at int) (span, int, bool) {
	q := 0
	switch low := d.Next(at, 0); {
	case len(low) == 2 && low[0] == 'q' && low[1] >= '1' && low[1] <= '4':
		q = int(low[1] - '0')
	case d.Next(at, 1) == "quarter":
		q = map[string]int{"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}[low]
		at++
	}
	if q == 0 {
		return span{}, 0, false
	}
	year, last := d.yearAfter(at)
	return seasonSpan(d.now, time.Month(3*q-2), 3, year), last, true
}

// exactDate reads a day: in digits, with a month, a holiday, "tomorrow".
func (d reader) exactDate(i int) (time.Time, int, bool) {
	t := d.Tokens[i]
	if t.Kind == token.Date {
		day, ok := parseDigitDate(d.Text[t.Start:t.End], d.now)
		return day, i, ok
	}
	if day, last, ok := d.dayAndMonth(i); ok {
		return day, last, true
	}
	if day, words, ok := d.holidayAt(i); ok {
		last := i + words - 1
		if year, end := d.yearAfter(last); year > 0 {
			day, _, _ = reader{d.Doc, time.Date(year, 1, 1, 0, 0, 0, 0, d.now.Location())}.holidayAt(i)
			last = end
		}
		return day, last, true
	}
	switch t.Low {
	case "tomorrow":
		return Midnight(d.now).AddDate(0, 0, 1), i, true
	case "year":
		if d.Next(i, 1) == "end" {
			return time.Date(d.now.Year(), time.December, 31, 0, 0, 0, 0, d.now.Location()), i + 1, true
		}
	}
	if w, ok := weekday(t.Low); ok {
		switch d.Next(i, -1) {
		case "next", "this", "by", "on", "before", "until":
			return nextWeekday(d.now, w), i, true
		}
	}
	return time.Time{}, 0, false
}

// dayAndMonth reads "March 15th, 2027", "15 March" and "the 15th of March".
func (d reader) dayAndMonth(i int) (time.Time, int, bool) {
	if m, ok := month(d.Tokens[i].Low); ok {
		if day, ok := d.dayNumber(i + 1); ok {
			year, last := d.yearAfter(i + 1)
			t, ok := dated(d.now, m, day, year)
			return t, last, ok
		}
		if day, ok := d.dayNumber(i + 2); ok && d.Next(i, 1) == "the" {
			year, last := d.yearAfter(i + 2)
			t, ok := dated(d.now, m, day, year)
			return t, last, ok
		}
		return time.Time{}, 0, false
	}
	day, ok := d.dayNumber(i)
	if !ok {
		day, ok = d.ownDay(i)
	}
	if !ok {
		return time.Time{}, 0, false
	}
	at := i + 1
	if d.Next(at, 0) == "of" {
		at++
	}
	m, ok := month(d.Next(at, 0))
	if !ok || d.Tokens[at].Gap >= token.GapComma {
		return time.Time{}, 0, false
	}
	year, last := d.yearAfter(at)
	t, ok := dated(d.now, m, day, year)
	return t, last, ok
}

// ownDay reads a day that begins a date: a comma before it says nothing, as in
// "before the fair, 8 February", and it may be in letters, as in "the first of
// March".
func (d reader) ownDay(i int) (int, bool) {
	if n := map[string]int{"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "tenth": 10, "fifteenth": 15, "twentieth": 20}[d.Tokens[i].Low]; n > 0 && d.Next(i, 1) == "of" {
		return n, true
	}
	t := d.Tokens[i]
	if t.Kind != token.Number || t.Gap < token.GapComma || t.Num.Money || t.Num.Percent || t.Num.Year {
		return 0, false
	}
	v := int(t.Num.Value)
	return v, v >= 1 && v <= 31 && float64(v) == t.Num.Value
}

// dayNumber reads 1 to 31, plain or as an ordinal.
func (d reader) dayNumber(i int) (int, bool) {
	if i >= len(d.Tokens) || d.Tokens[i].Gap >= token.GapComma && i > 0 && d.Tokens[i].Kind != token.Ordinal {
		return 0, false
	}
	t := d.Tokens[i]
	if t.Start > 0 && d.Text[t.Start-1] == '\'' {
		return 0, false // '27 is a year
	}
	v := t.Num.Value
	if t.Kind != token.Number && t.Kind != token.Ordinal || t.Num.Money || t.Num.Percent || v < 1 || v > 31 || v != float64(int(v)) {
		return 0, false
	}
	return int(v), true
}

// dated makes a date, next year when it is past and no year was said. It
// reports false for days that do not exist.
func dated(now time.Time, m time.Month, day, year int) (time.Time, bool) {
	y := year
	if year == 0 {
		y = now.Year()
	}
	t := time.Date(y, m, day, 0, 0, 0, 0, now.Location())
	if year == 0 && t.Before(Midnight(now)) {
		t = time.Date(y+1, m, day, 0, 0, 0, 0, now.Location())
	}
	return t, t.Day() == day
}

// parseDigitDate reads 2027-03-15, 3/15/2027, 15.3.2027 and 3/15. Slashes put
// the month first, points the day, unless that makes no month.
func parseDigitDate(s string, now time.Time) (time.Time, bool) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '/' || r == '.' })
	n := make([]int, len(parts))
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil {
			return time.Time{}, false
		}
		n[i] = v
	}
	switch {
	case len(n) == 3 && n[0] > 31:
		return dated(now, time.Month(n[1]), n[2], n[0])
	case len(n) < 2:
		return time.Time{}, false
	}
	m, day, year := n[0], n[1], 0
	if strings.Contains(s, ".") || m > 12 {
		m, day = day, m
	}
	if m > 12 {
		m, day = day, m
	}
	if len(n) == 3 {
		year = n[2]
		if year < 100 {
			year += 2000
		}
	}
	return dated(now, time.Month(m), day, year)
}

// Midnight is the beginning of the day of t, in its zone.
func Midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

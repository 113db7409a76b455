package when

import "time"

// month reads an English month name or its usual short form.
func month(low string) (time.Month, bool) {
	if len(low) < 3 {
		return 0, false
	}
	switch low {
	case "january", "jan":
		return time.January, true
	case "february", "feb":
		return time.February, true
	case "march", "mar":
		return time.March, true
	case "april", "apr":
		return time.April, true
	case "may":
		return time.May, true
	case "june", "jun":
		return time.June, true
	case "july", "jul":
		return time.July, true
	case "august", "aug":
		return time.August, true
	case "september", "sept", "sep":
		return time.September, true
	case "october", "oct":
		return time.October, true
	case "november", "nov":
		return time.November, true
	case "december", "dec":
		return time.December, true
	default:
		return 0, false
	}
}

func weekday(low string) (time.Weekday, bool) {
	switch low {
	case "monday":
		return time.Monday, true
	case "tuesday":
		return time.Tuesday, true
	case "wednesday":
		return time.Wednesday, true
	case "thursday":
		return time.Thursday, true
	case "friday":
		return time.Friday, true
	case "saturday":
		return time.Saturday, true
	case "sunday":
		return time.Sunday, true
	default:
		return 0, false
	}
}

// nextWeekday is the first such day after today.
func nextWeekday(now time.Time, w time.Weekday) time.Time {
	n := (int(w)-int(now.Weekday())+6)%7 + 1
	return Midnight(now).AddDate(0, 0, n)
}

// season returns the first month of a season and its length, by whole months
// of the northern hemisphere.
func season(low string) (from time.Month, months int, ok bool) {
	switch low {
	case "spring":
		return time.March, 3, true
	case "summer":
		return time.June, 3, true
	case "fall", "autumn":
		return time.September, 3, true
	case "winter":
		return time.December, 3, true
	default:
		return 0, 0, false
	}
}

// monthSpan is the month in the year, or without a year the next one that is
// not over.
func monthSpan(now time.Time, m time.Month, year int) span {
	return seasonSpan(now, m, 1, year)
}

// seasonSpan is a run of months that starts in the year, or without a year
// the next one that is not over.
func seasonSpan(now time.Time, from time.Month, months, year int) span {
	y := year
	if y == 0 {
		y = now.Year()
	}
	sp := monthsFrom(now, y, from, months)
	if year == 0 && sp.to.Before(Midnight(now)) {
		sp = monthsFrom(now, y+1, from, months)
	}
	return sp
}

func monthsFrom(now time.Time, year int, from time.Month, months int) span {
	start := time.Date(year, from, 1, 0, 0, 0, 0, now.Location())
	return span{start, start.AddDate(0, months, -1)}
}

// calendarSpan is this week, month, quarter or year, or a later one.
func calendarSpan(low string, now time.Time, shift int) (span, bool) {
	today := Midnight(now)
	switch low {
	case "week":
		monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7+7*shift)
		return span{monday, monday.AddDate(0, 0, 6)}, true
	case "month":
		return monthsFrom(now, today.Year(), today.Month()+time.Month(shift), 1), true
	case "quarter":
		first := today.Month() - (today.Month()-1)%3
		return monthsFrom(now, today.Year(), first+time.Month(3*shift), 3), true
	case "year":
		return monthsFrom(now, today.Year()+shift, time.January, 12), true
	default:
		return span{}, false
	}
}

// holidayAt reads a holiday that starts at token i and how many words it
// takes. Movable feasts are computed; those that nations keep on different days
// are the American ones.
func (d reader) holidayAt(i int) (time.Time, int, bool) {
	one, two := d.Next(i, 0), d.Next(i, 1)
	if m, day, words := fixedHoliday(one, two); words > 0 {
		t, ok := dated(d.now, m, day, 0)
		return t, words, ok
	}
	f, words := movingHoliday(one, two)
	if words == 0 {
		return time.Time{}, 0, false
	}
	t := f(d.now.Year())
	if day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, d.now.Location()); day.Before(Midnight(d.now)) {
		t = f(d.now.Year() + 1)
	}
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, d.now.Location()), words, true
}

// fixedHoliday knows the holidays with a date of their own; words is 0 for
// anything else.
func fixedHoliday(one, two string) (m time.Month, day, words int) {
	switch one {
	case "christmas", "xmas":
		return time.December, 25 - count(two == "eve"), 1 + count(two == "eve" || two == "day")
	case "halloween":
		return time.October, 31, 1
	case "valentine's", "valentines":
		return time.February, 14, 1 + count(two == "day")
	case "independence":
		return time.July, 4, 2 * count(two == "day")
	case "new":
		return time.January, 1, 2 * count(two == "year" || two == "year's" || two == "years")
	default:
		return 0, 0, 0
	}
}

// movingHoliday knows the holidays that are computed; words is 0 for anything
// else.
func movingHoliday(one, two string) (f func(year int) time.Time, words int) {
	switch one + " " + two {
	case "mothering sunday":
		return func(y int) time.Time { return easter(y).AddDate(0, 0, -21) }, 2
	case "good friday":
		return func(y int) time.Time { return easter(y).AddDate(0, 0, -2) }, 2
	case "black friday":
		return func(y int) time.Time { return thanksgiving(y).AddDate(0, 0, 1) }, 2
	case "cyber monday":
		return func(y int) time.Time { return thanksgiving(y).AddDate(0, 0, 4) }, 2
	case "mother's day", "mothers day":
		return func(y int) time.Time { return nthWeekday(y, time.May, time.Sunday, 2) }, 2
	case "father's day", "fathers day":
		return func(y int) time.Time { return nthWeekday(y, time.June, time.Sunday, 3) }, 2
	case "labor day":
		return func(y int) time.Time { return nthWeekday(y, time.September, time.Monday, 1) }, 2
	case "memorial day":
		return func(y int) time.Time { return nthWeekday(y, time.June, time.Monday, 1).AddDate(0, 0, -7) }, 2
	}
	switch one {
	case "easter":
		return easter, 1
	case "thanksgiving":
		return thanksgiving, 1
	default:
		return nil, 0
	}
}

func thanksgiving(year int) time.Time {
	return nthWeekday(year, time.November, time.Thursday, 4)
}

// nthWeekday is the n-th such day of the month.
func nthWeekday(year int, m time.Month, w time.Weekday, n int) time.Time {
	first := time.Date(year, m, 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, 0, (int(w)-int(first.Weekday())+7)%7+7*(n-1))
}

// easter is Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher).
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	n := h + l - 7*m
	mon := (n + 90) / 25
	return time.Date(year, time.Month(mon), (n+33*mon+19)%32, 0, 0, 0, 0, time.UTC)
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

package extract

import (
	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/slot"
)

// daily reads "14 dogs a day, five days a week" as the figure of a week, when
// that was asked: nobody who counts by the day multiplies for a form.
func (f *finder) daily() {
	for _, k := range []slot.Key{slot.AppointmentsPerWeek, slot.BookingsPerWeek} {
		if !f.ctx.asked(k) || len(f.found[k]) > 0 {
			continue
		}
		count := f.figure(func(fig token.Figure) bool { return f.aDay(fig.Last) })
		days := f.figure(f.daysAWeek)
		if count < 0 || days < 0 || count == days {
			continue
		}
		f.used[count], f.used[days] = true, true
		c, d := f.Figures[count], f.Figures[days]
		f.add(k, decimal(c.Lo*d.Lo, 1), min(c.First, d.First), max(c.Last, d.Last+3))
	}
}

// figure finds the first plain figure that fits and that no rule has taken;
// it returns -1 when there is none.
func (f *finder) figure(fits func(token.Figure) bool) int {
	for n, fig := range f.Figures {
		if !f.used[n] && !fig.Money && !fig.Percent && fits(fig) {
			return n
		}
	}
	return -1
}

// aDay reports whether "a day", "a night" or "daily" stands within three words
// behind a figure.
func (f *finder) aDay(last int) bool {
	for n := 1; n <= 3; n++ {
		switch f.Next(last, n) {
		case "daily":
			return true
		case "day", "night", "evening":
			return each(f.Next(last, n-1))
		}
	}
	return false
}

// daysAWeek reports whether a figure counts the working days of a week.
func (f *finder) daysAWeek(fig token.Figure) bool {
	unit := f.Next(fig.Last, 1)
	return (unit == "days" || unit == "nights" || unit == "evenings") && each(f.Next(fig.Last, 2)) && f.Next(fig.Last, 3) == "week" && fig.Hi <= 7
}

func each(low string) bool { return low == "a" || low == "per" || low == "each" || low == "every" }

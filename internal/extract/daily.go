package extract

import (
	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/slot"
)

// daily reads "14 dogs a day, five days a week" as the figure of a week, when
// that was asked: nobody who counts by the day multiplies for a form.
func (f *finder) daily() {
	days := f.figure(f.daysAWeek)
	if days < 0 {
		return
	}
	f.used[days] = true
	for _, k := range []slot.Key{slot.AppointmentsPerWeek, slot.BookingsPerWeek, slot.HoursPerWeekOnTask} {
		if !f.ctx.asked(k) || len(f.found[k]) > 0 {
			continue
		}
		count := f.figure(func(fig token.Figure) bool {
			return f.aDay(fig.Last) && hours(f.Next(fig.Last, 1)) == (k == slot.HoursPerWeekOnTask)
		})
		if count < 0 {
			continue
		}
		f.used[count] = true
		c, d := f.Figures[count], f.Figures[days]
		last := d.Last + 1
		if each(f.Next(d.Last, 2)) {
			last = d.Last + 3
		}
		f.add(k, decimal(c.Lo*d.Lo, 1), min(c.First, d.First), max(c.Last, last))
		if cs := f.found[k]; len(cs) > 0 {
			cs[len(cs)-1].wide = true
		}
	}
}

func hours(low string) bool {
	switch low {
	case "hour", "hours", "hrs", "hr", "h":
		return true
	default:
		return false
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

// aDay reports whether "a day", "every morning" or "daily" stands within three words
// behind a figure.
func (f *finder) aDay(last int) bool {
	for n := 1; n <= 3; n++ {
		switch f.Next(last, n) {
		case "daily":
			return true
		case "day", "night", "evening", "morning", "afternoon":
			return each(f.Next(last, n-1))
		}
	}
	return false
}

// daysAWeek reports whether a figure counts the working days of a week: "five days
// a week", or "5 days" between commas.
func (f *finder) daysAWeek(fig token.Figure) bool {
	unit := f.Next(fig.Last, 1)
	if unit != "days" && unit != "nights" && unit != "evenings" || fig.Hi > 7 {
		return false
	}
	if each(f.Next(fig.Last, 2)) && f.Next(fig.Last, 3) == "week" {
		return true
	}
	clause := f.Tokens[fig.Last].Clause
	begins := fig.Lead == 0 || f.Tokens[fig.Lead-1].Clause != clause
	ends := fig.Last+2 >= len(f.Tokens) || f.Tokens[fig.Last+2].Clause != clause
	return unit == "days" && begins && ends
}

func each(low string) bool { return low == "a" || low == "per" || low == "each" || low == "every" }

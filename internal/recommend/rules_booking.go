package recommend

import (
	"fmt"

	"applicreations.com/introspect/internal/slot"
)

// Rates of DOMAIN 5.3: online booking brings no-shows down to bookedRate, text
// reminders on top of it to remindedRate.
const (
	bookedRate   = 0.05
	remindedRate = 0.03
)

// appointmentTrades and reservationTrades live from what is booked.
var (
	appointmentTrades = [...]string{
		"salon", "spa ", "barber", "clinic", "dentist", "dental", "therap", "massage", "physio", "chiropract", "tattoo", "personal train", "veterinar",
	}
	reservationTrades = [...]string{
		"restaurant", "hotel", "guesthouse", "bed and breakfast", "venue", "rental", "tour ", "tours ", "campsite", "escape room", "holiday home", "vacation",
	}
	deliveryWords = [...]string{"deliver", "courier", "pickup", "pick up", "click and collect"}
)

// fiveOrMore is the volume from which scheduling pays; unknown counts as well.
func fiveOrMore(c *client) bool {
	n, ok := c.weekly()
	return !ok || n >= 5
}

// arranges reports whether times are agreed with clients: the client said so,
// or the kind of business does and nothing the client said speaks against it.
func arranges(c *client) bool {
	if c.v[slot.RequiresScheduling] == "no" {
		return false
	}
	said := either(known(perWeek), yes(slot.RequiresScheduling), does("book", "schedule", "reserve"), answered(slot.BookingDetails),
		isTrade(appointmentTrades[:]...), isTrade(reservationTrades[:]...), speaks("appointment", "booking", "reservation", "schedul", "no show"))
	return said(c) || c.v.Has(slot.ServiceSubtype) && !contactOnly(c)
}

func relevantScheduling(c *client) bool {
	return bookable(c) && arranges(c) && !reserves(c) && fiveOrMore(c)
}

func relevantBooking(c *client) bool { return bookable(c) && arranges(c) && reserves(c) }

// bookable reports whether there is something to book: the business lives from
// it, or visitors are to book on the site, as the workshops of a pottery.
func bookable(c *client) bool { return sellsService(c) || does("book", "schedule", "reserve")(c) }

// runsOnVisits reports whether the model is based on appointments.
func runsOnVisits(c *client) bool { return books(c) && either(over(perWeek, 15), mainIncome)(c) }

// noShows is what no-shows cost when their rate is above limit.
func noShows(limit float64) cond {
	return func(c *client) (fact, bool) {
		r, _ := c.amount(slot.CurrentNoShowRate)
		i := c.inputs()
		n, value := i.get(perWeek), i.get(slot.AverageAppointmentValue)
		text := fmt.Sprintf("%s of the %s end as no-shows", percent(r), c.visits())
		if n > 0 {
			text = fmt.Sprintf("at %s no-shows, %s of %s %s are lost each week", percent(r), number(n*r), number(n), c.visits())
		}
		if i.ok && n*value > 0 {
			text += fmt.Sprintf(", which is %s a year", wholeDollars(n*r*value*52))
		}
		return fact{text, true}, r > limit
	}
}

// bookingRow holds what appointments and reservations have in common. Above
// many a week the system is essential, from some to many highly recommended.
func bookingRow(some, many float64) rule {
	unknown := not(over(perWeek, -1))
	return rule{
		context: conds{
			countOr(either(known(perWeek), unknown), perWeek, "%s a week have to be arranged", "times have to be agreed with every client"),
		},
		volume: true,
		top: conds{
			figure(over(perWeek, many), "%s a week no longer fit well into phone calls and a paper book", perWeek),
			noShows(0.10),
			sign(mainIncome, "the income depends on what is booked"),
			sign(yes(slot.CompetitorsBookOnline), "competitors already offer online booking"),
		},
		high: conds{
			figure(within(perWeek, some, many), "%s a week are enough to make self-booking pay", perWeek),
			sign(yes(slot.TimezoneComplexity), "clients sit in several time zones"),
			sign(yes(slot.ManualCalendar), "the calendar is kept by hand"),
			sign(does("book", "schedule", "reserve"), "visitors are meant to book on the site"),
			own("double book", "phone tag", "no show", "scheduling conflict", "missed call", "booked online", "online booking", "book online"),
		},
	}
}

func appointmentSchedulingRule() rule {
	r := bookingRow(5, 15)
	r.feature = "appointment_scheduling"
	r.words = []string{"appointment", "schedul", "booking", "book online", "online book"}
	r.never = reserves
	r.relevant = relevantScheduling
	r.worth = bookingWorth("appointment_scheduling")
	return r
}

func bookingSystemRule() rule {
	r := bookingRow(10, 20)
	r.feature = "booking_system"
	r.words = []string{"reservation", "booking", "reserve", "book a table", "book a room", "book online", "online book"}
	r.never = func(c *client) bool { return c.v[slot.ServiceSubtype] == "appointment" }
	r.relevant = relevantBooking
	r.top = append(r.top, own("24 7", "after hours", "around the clock", "at night", "outside opening", "outside business hours"))
	r.high = append(r.high, own("peak", "busy hour", "rush", "convenien"))
	r.worth = bookingWorth("booking_system")
	return r
}

func smsNotificationsRule() rule {
	return rule{
		feature:  "sms_notifications",
		words:    []string{"sms", "text message", "text remind", "appointment remind"},
		relevant: either(books, textsWanted, speaks(deliveryWords[:]...)),
		context: conds{
			countOr(books, perWeek, "%s a week can be forgotten", "agreed times are easily forgotten"),
			own(deliveryWords[:]...),
		},
		top: conds{
			noShows(0.15),
			countOr(runsOnVisits, perWeek, "the business runs on %s a week", "the business runs on what is booked"),
			sign(yes(slot.WantsReminders), "better reminders are wanted"),
			sign(textsWanted, "reminders and messages by text are on the list"),
			own("delivery update", "delivery status", "order status", "remind"),
		},
		high: conds{
			figure(within(slot.CurrentNoShowRate, 0.08, 0.15), "%s of all visits end as no-shows", slot.CurrentNoShowRate),
			own("day of", "last minute", "short notice", "convenien"),
		},
		worth: smsWorth,
	}
}

func eventCalendarRule() rule {
	return rule{
		feature:  "event_calendar",
		words:    []string{"event"},
		relevant: either(yes(slot.RunsEvents), speaks("event calendar", "events calendar")),
		context:  conds{own("event"), sign(yes(slot.RunsEvents), "regular events are part of the plan")},
		top: conds{
			when(yes(slot.RunsEvents), trade("event", "concert", "festival", "theatre", "theater")),
		},
		high: conds{
			when(yes(slot.RunsEvents), own("nonprofit", "non profit", "community", "association", "church", "club", "charity")),
			sign(both(yes(slot.RunsEvents), hasMembers), "members come together at events"),
			own("rsvp", "guest list", "sign up sheet", "event registration"),
		},
		worth: hoursWorth("event_calendar"),
	}
}

package letter

import (
	"strings"
	"time"
)

// Alert is what the team is told of troubles that belong together.
type Alert struct {
	ID    string // Message.ID
	To    Address
	Title string
	Lines []AlertLine
	Admin string // URL of the alerts in admin; empty: not shown
	// Thread is the same word in all mails of a trouble, which readers then show
	// together. Letters, digits, dots, hyphens and underscores; empty: alone.
	Thread string
}

// AlertLine is one trouble. Empty fields are not shown.
type AlertLine struct {
	Title  string
	Where  string    // which of several
	Detail string    // the figures
	Reason string    // why now
	From   time.Time // in the zone to show
	To     time.Time // when it was over; zero: it is not
	Guide  string    // URL of what to do
	Page   string    // URL of its rule
	Cause  string    // URL of the first session behind it
	Ack    string    // URL where a reader takes it on
}

// Alerted tells the team of troubles.
func Alerted(a Agency, m Alert) Message {
	p := page{Title: plain(m.Title, 160), Lead: "Introspect watches itself. This is what it found."}
	var err error
	for _, l := range m.Lines {
		p.facts(
			plain(l.Title, 120),
			fact{"Where", plain(l.Where, 120)},
			fact{"What", plain(l.Detail, 300)},
			fact{l.since(), moment(l.From)},
			fact{"Until", moment(l.To)},
			fact{l.because(), plain(l.Reason, 300)},
		)
		for _, e := range []error{
			p.link("I take it on", l.Ack, true), p.link("What to do", l.Guide, false),
			p.link("First session behind it", l.Cause, false), p.link("Look at the rule", l.Page, false),
		} {
			if err == nil {
				err = e
			}
		}
	}
	if e := p.link("All alerts", m.Admin, false); err == nil {
		err = e
	}
	out := a.toReader(m.ID, m.To, shorten(p.Title, 120), p, err)
	if _, domain, ok := strings.Cut(a.From.Email, "@"); ok && m.Thread != "" {
		out.Headers.Thread = m.Thread + "@" + domain
	}
	return out
}

func (l AlertLine) since() string {
	if l.To.IsZero() {
		return "Since"
	}
	return "From"
}

func (l AlertLine) because() string {
	if l.To.IsZero() {
		return "Why now"
	}
	return "Note"
}

// Figures is how a day, a week or a month went.
type Figures struct {
	ID     string // Message.ID
	To     Address
	Title  string // "Tuesday, 24 November 2026"
	Blocks []FigureBlock
	News   []AlertLine // what can wait for the morning
	Admin  string      // URL of the dashboard; empty: not shown

	Simulated int // visits of this installation that never happened, which are counted as well
}

// FigureBlock is a list of figures under a heading.
type FigureBlock struct {
	Head string
	Rows [][2]string // name and value
}

// Summary tells the team the figures of a period.
func Summary(a Agency, m Figures) Message {
	p := page{Title: plain(m.Title, 120), Lead: "This is how the interviews went."}
	for _, b := range m.Blocks {
		var rows []fact
		for _, r := range b.Rows {
			rows = append(rows, fact{plain(r[0], 80), plain(r[1], 120)})
		}
		p.facts(plain(b.Head, 80), rows...)
	}
	if m.Simulated > 0 {
		p.para("Simulated visits are counted here as well: there are %d in this installation. \"introspect simulate --remove\" takes them out.", m.Simulated)
	}
	var news, over []string
	for _, l := range m.News {
		if l.To.IsZero() {
			news = append(news, l.news())
		} else {
			over = append(over, l.news())
		}
	}
	p.items("To look at today", news)
	p.items("Over by now", over)
	err := p.link("Open the dashboard", m.Admin, true)
	return a.toReader(m.ID, m.To, shorten(p.Title, 120), p, err)
}

// news is the line in a list.
func (l AlertLine) news() string {
	text := l.Title
	if l.Where != "" {
		text += " (" + l.Where + ")"
	}
	if l.Detail != "" {
		text += ": " + l.Detail
	}
	switch {
	case l.From.IsZero():
		return text
	case l.To.IsZero():
		return text + ", since " + l.From.Format("January 2, 15:04 MST")
	case l.From.Format(time.DateOnly) == l.To.Format(time.DateOnly):
		return text + ", " + l.From.Format("January 2, 15:04") + " to " + l.To.Format("15:04 MST")
	}
	return text + ", " + l.From.Format("January 2, 15:04") + " to " + l.To.Format("January 2, 15:04 MST")
}

// toReader addresses a page to somebody of the team; nobody is to reply.
func (a Agency) toReader(id string, to Address, subject string, p page, err error) Message {
	p.Foot = []string{"Written by Introspect for the team of " + a.name() + "."}
	return a.message(id, to, subject, p, err)
}

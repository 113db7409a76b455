package letter

import (
	"strconv"
	"time"
)

// Occasion is why a notice is written.
type Occasion int

// The occasions, in the words of the status page.
const (
	Maintenance Occasion = iota
	Incident
	Resolved
)

// String names the occasion in a subject.
func (o Occasion) String() string {
	switch o {
	case Maintenance:
		return "Planned maintenance"
	case Incident:
		return "Incident"
	case Resolved:
		return "Resolved"
	}
	return "Notice"
}

// Event is a maintenance or an incident to write about.
type Event struct {
	ID         string // Message.ID
	To         Address
	Occasion   Occasion
	Title      string // what is concerned
	Text       string // the notice, may have several lines
	Start, End time.Time
	Status     string // URL of the status page; empty: not shown
}

// Notice tells affected users about maintenance or an incident.
func Notice(a Agency, e Event) Message {
	p := page{Title: e.Occasion.String() + ": " + shorten(plain(e.Title, 200), 90)}
	switch e.Occasion {
	case Maintenance:
		p.Lead = hello(e.To.Name) + "we will work on the system. Answers that were given before stay saved."
	case Incident:
		p.Lead = hello(e.To.Name) + "something does not work as it should, and we are on it. Answers that were given before stay saved."
	default:
		p.Lead = hello(e.To.Name) + "the system works as usual again. Thank you for your patience."
	}
	for _, line := range quote(e.Text) {
		if line != "" {
			p.para("%s", line)
		}
	}
	p.facts("When", fact{"Begins", moment(e.Start)}, fact{"Ends", moment(e.End)})
	err := p.link("Read the current status", e.Status, true)
	return a.toClient(e.ID, e.To, p.Title, p, err)
}

// count writes a number, or nothing for none.
func count(n int) string {
	if n < 1 {
		return ""
	}
	return strconv.Itoa(n)
}

package letter

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/catalog"
)

// maxSubject is the length of a team mail's subject (DOMAIN 7.5).
const maxSubject = 60

// Agency is who writes the mails and whom the team's mails reach.
type Agency struct {
	Name     string
	From     Address // Introspect <introspect@applicreations.com> by default
	Team     Address // reads leads; clients reply to it
	Phone    string  // empty: not shown
	Calendar string  // URL for booking a call; empty: not shown
}

// Person is a client as the team sees one. Empty fields are not shown.
type Person struct {
	Name, Company, Email, Phone string
}

// Lead is a finished interview for the team. Empty fields are not shown.
type Lead struct {
	ID       string // Message.ID
	Project  string
	Package  string
	Total    catalog.Cents
	Hosting  catalog.Cents // per month; 0: not shown
	Timeline string
	Model    string // business model
	Features []string
	Quality  int // score of SCOPE.md, 0-100
	Client   Person
	Held     bool     // the client's mail waits for a release (DOMAIN 7.4)
	Review   []string // why a person should look, empty when nothing asks for it
	Next     []string // recommended steps
	Admin    string   // URL of the lead in admin
	Scope    Attachment
}

// Team tells the team about a new lead.
func Team(a Agency, l Lead) Message {
	p := page{Title: "New lead: " + project(l.Project), Lead: "A client has finished the interview. SCOPE.md is attached."}
	if l.Held {
		p.Lead = "A client has finished the interview. SCOPE.md is attached. The client gets nothing until you release it in admin."
	}
	p.items("Please look at", l.Review)
	p.facts(
		"Key facts",
		fact{"Project", plain(l.Project, 120)},
		fact{"Package", plain(l.Package, 60)},
		fact{"Total", l.Total.String()},
		fact{"Hosting per month", money(l.Hosting)},
		fact{"Timeline", plain(l.Timeline, 120)},
		fact{"Business model", plain(l.Model, 60)},
		fact{"Features", plain(strings.Join(l.Features, ", "), 600)},
		fact{"Quality of SCOPE.md", strconv.Itoa(l.Quality) + " of 100"},
	)
	p.person(l.Client)
	p.items("Recommended next steps", l.Next)
	err := p.link("Open the lead in admin", l.Admin, true)
	m := a.toTeam(l.ID, leadSubject(l), l.Client, p, err)
	m.Attachments = []Attachment{l.Scope}
	return m
}

// Deal is what a client did with a proposal: accept it or ask about it.
type Deal struct {
	ID      string // Message.ID
	Project string
	Total   catalog.Cents
	Client  Person
	At      time.Time // in the zone to show
	Text    string    // the question, or a note with the acceptance; may be empty
	Admin   string    // URL of the lead in admin
}

// Accepted tells the team that a client accepted the proposal.
func Accepted(a Agency, d Deal) Message {
	p := page{
		Title: "Accepted: " + project(d.Project),
		Lead:  "The client accepted the proposal. The agreement and the deposit come next.",
	}
	p.deal(d, "Note from the client")
	err := p.link("Open the lead in admin", d.Admin, true)
	return a.toTeam(d.ID, fit("Accepted: ", project(d.Project), ", "+d.Total.String()), d.Client, p, err)
}

// Question passes a client's question about the proposal to the team.
func Question(a Agency, d Deal) Message {
	p := page{
		Title: "Question: " + project(d.Project),
		Lead:  "The client has a question about the proposal. A reply to this mail goes to the client.",
	}
	p.deal(d, "Question")
	err := p.link("Open the lead in admin", d.Admin, true)
	return a.toTeam(d.ID, fit("Question: ", project(d.Project), ""), d.Client, p, err)
}

func (p *page) deal(d Deal, head string) {
	if lines := quote(d.Text); len(lines) > 0 {
		p.Blocks = append(p.Blocks, block{Head: head}, block{Quote: lines})
	}
	p.facts("Key facts", fact{"Project", plain(d.Project, 120)}, fact{"Total", d.Total.String()}, fact{"When", moment(d.At)})
	p.person(d.Client)
}

func (p *page) person(c Person) {
	p.facts(
		"Contact",
		fact{"Name", plain(c.Name, 120)},
		fact{"Company", plain(c.Company, 120)},
		fact{"E-mail", plain(c.Email, 254)},
		fact{"Phone", plain(c.Phone, 40)},
	)
}

// toTeam addresses a page to the team. A reply reaches the client if the
// client's address can be written to.
func (a Agency) toTeam(id, subject string, c Person, p page, err error) Message {
	p.Foot = []string{"Written by Introspect for the team of " + a.name() + "."}
	m := a.message(id, a.Team, subject, p, err)
	if reply := (Address{Name: plain(c.Name, 60), Email: c.Email}); reply.Check() == nil {
		m.ReplyTo = reply
	}
	return m
}

// message writes a page; err is what went wrong before and makes Check fail.
func (a Agency) message(id string, to Address, subject string, p page, err error) Message {
	m := Message{ID: id, From: a.From, To: to, Subject: subject, Headers: Headers{AutoSubmitted: true}, fault: err}
	html, err := p.html()
	if m.fault == nil {
		m.fault = err
	}
	m.HTML, m.Text = html, p.text()
	return m
}

func (a Agency) name() string {
	if name := plain(a.Name, 80); name != "" {
		return name
	}
	return a.Team.Email
}

func leadSubject(l Lead) string {
	tail := ", " + l.Total.String()
	if pack := plain(l.Package, 20); pack != "" {
		tail = ", " + pack + tail
	}
	return fit("New lead: ", project(l.Project), tail)
}

// fit shortens the middle so that the whole has at most maxSubject characters.
func fit(head, middle, tail string) string {
	room := maxSubject - utf8.RuneCountInString(head) - utf8.RuneCountInString(tail)
	return head + shorten(middle, room) + tail
}

// project names a project in a title.
func project(name string) string {
	if name = plain(name, 80); name != "" {
		return name
	}
	return "a new project"
}

// money writes an amount, or nothing for none.
func money(c catalog.Cents) string {
	if c == 0 {
		return ""
	}
	return c.String()
}

// moment writes a time in its own zone, or nothing for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("January 2, 2006, 15:04 MST")
}

// span says a time that a link lives or a work takes in whole hours or days.
func span(d time.Duration) string {
	if hours := int(d / time.Hour); hours != 1 {
		return fmt.Sprintf("%d hours", hours)
	}
	return "1 hour"
}

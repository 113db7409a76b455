package letter

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"applicreations.com/introspect/internal/catalog"
)

// LinkLife is how long a magic link works (DOMAIN 1.11).
const LinkLife = 48 * time.Hour

// Proposal is what a client gets after the interview.
type Proposal struct {
	ID       string // Message.ID
	To       Address
	Project  string
	Total    catalog.Cents
	Hosting  catalog.Cents // per month; 0: not shown
	Timeline string        // empty: not shown
	Next     []string      // empty: the four steps of DOMAIN 1.9
	Web      string        // URL of the proposal on the web; empty: not shown
	PDF      Attachment
}

// Client sends the proposal to the client.
func Client(a Agency, c Proposal) Message {
	title := "Your project summary: " + project(named(c.Project))
	p := page{
		Title: title,
		Lead:  hello(c.To.Name) + "thank you for taking the time to describe your project. The proposal is attached as a PDF: what we understood, what we suggest, the price and the timeline.",
	}
	p.facts(
		"At a glance",
		fact{"Project", named(c.Project)},
		fact{"Total", c.Total.String()},
		fact{"Hosting per month", money(c.Hosting)},
		fact{"Timeline", plain(c.Timeline, 120)},
	)
	next := c.Next
	if len(next) == 0 {
		next = []string{"Review the proposal and approve it.", "Sign the agreement.", "Pay the deposit.", "We meet for the kickoff."}
	}
	p.items("What comes next", next)
	err := p.link("Read the proposal on the web", c.Web, true)
	if e := p.link("Book a call with us", a.Calendar, false); err == nil {
		err = e
	}
	p.para("If something is missing or wrong, reply to this mail and we will correct it.")
	m := a.toClient(c.ID, c.To, shorten(title, 90), p, err)
	m.Attachments = []Attachment{c.PDF}
	return m
}

// Link brings a client back to an interview.
type Link struct {
	ID  string // Message.ID
	To  Address
	URL string // the magic link, valid for LinkLife
}

// MagicLink sends the link that a client asked for.
func MagicLink(a Agency, l Link) Message {
	p := page{
		Title: "Your link to continue",
		Lead:  hello(l.To.Name) + "with this link you can continue where you stopped. Your answers are saved.",
	}
	err := p.must("Continue", l.URL)
	p.para("The link works for %s, on any device. Whoever has it can read your answers, so please do not pass it on.", span(LinkLife))
	p.para("Did you not ask for this link? Then you can ignore this mail; nothing changes without it.")
	return a.toClient(l.ID, l.To, "Your link to continue", p, err)
}

// DataLink sends the link behind which people see and erase what is kept of them.
func DataLink(a Agency, l Link) Message {
	p := page{
		Title: "Your data",
		Lead:  hello(l.To.Name) + "with this link you can download everything that is kept about you, or have it erased.",
	}
	err := p.must("See your data", l.URL)
	p.para("The link works for %s. Whoever has it can read and erase your data, so please do not pass it on.", span(LinkLife))
	p.para("Did you not ask for this link? Then you can ignore this mail; nothing changes without it.")
	return a.toClient(l.ID, l.To, "Your link to your data", p, err)
}

// Nudge reminds a client who agreed to it of an unfinished interview.
type Nudge struct {
	ID          string // Message.ID
	To          Address
	Project     string        // empty: not named
	Answered    int           // questions answered; 0: not shown
	Minutes     int           // estimate for the rest; 0: not shown
	URL         string        // the magic link
	Left        time.Duration // how long it works; 0: LinkLife
	Unsubscribe string        // URL, required: consent can be taken back; in one click when it is https
}

// Reminder is the one mail after an interview was left (DOMAIN 9.7). The
// caller has asked for consent.
func Reminder(a Agency, n Nudge) Message {
	what := "your project"
	if name := shorten(named(n.Project), 60); name != "" {
		what = "“" + name + "”"
	}
	p := page{
		Title: "Your answers are saved",
		Lead:  hello(n.To.Name) + "you started to describe " + what + ". Your answers are saved, and you can continue where you stopped.",
	}
	p.facts("Where you are", fact{"Questions answered", count(n.Answered)}, fact{"Minutes left, about", count(n.Minutes)})
	err := p.must("Continue", n.URL)
	p.para("The link works for %s. This is the only reminder we send.", span(cmp.Or(n.Left, LinkLife)))
	if e := p.must("Do not write again", n.Unsubscribe); err == nil {
		err = e
	}
	m := a.toClient(n.ID, n.To, "Continue your project description", p, err)
	if strings.HasPrefix(n.Unsubscribe, "https://") { // RFC 8058 knows no other; an installation without TLS has the link alone
		m.Headers.ListUnsubscribe = n.Unsubscribe
	}
	return m
}

// must adds a link that the mail would be pointless without.
func (p *page) must(label, address string) error {
	if address == "" {
		address = "missing"
	}
	return p.link(label, address, label == "Continue")
}

// toClient addresses a page to a client, who replies to the team.
func (a Agency) toClient(id string, to Address, subject string, p page, err error) Message {
	if a.name() != a.Team.Email {
		p.Foot = append(p.Foot, a.name())
	}
	p.Foot = append(p.Foot, a.Team.Email)
	if phone := plain(a.Phone, 40); phone != "" {
		p.Foot = append(p.Foot, phone)
	}
	to.Name = greeting(to.Name)
	m := a.message(id, to, subject, p, err)
	m.ReplyTo = a.Team
	return m
}

// hello begins a mail with the client's name, if that is one.
func hello(name string) string {
	if name = greeting(name); name == "" {
		return "Hello, "
	}
	return "Hello " + name + ", "
}

// greeting returns a name fit for a mail to a client, or nothing. Anybody can
// type somebody else's address and an advertisement as a name; such words must
// not travel in our mail.
func greeting(name string) string {
	name = plain(name, 200)
	if utf8.RuneCountInString(name) > 60 || strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune(" .,'’-", r)
	}) || domainLike(name) {
		return ""
	}
	return name
}

// named returns a project's name for a mail to a client, or nothing if it
// carries a link or an address, for the reason given at greeting.
func named(project string) string {
	low := strings.ToLower(project)
	if strings.ContainsAny(low, "@") || strings.Contains(low, "://") || strings.Contains(low, "www.") {
		return ""
	}
	return plain(project, 120)
}

// domainLike reports whether a mail program could make a link of a word: after a
// dot inside of it stand two letters or more, as in example.com and x.co, but not in
// "J.R. Smith".
func domainLike(name string) bool {
	for word := range strings.FieldsSeq(name) {
		labels := strings.Split(strings.Trim(word, ".,"), ".")
		if slices.ContainsFunc(labels[1:], func(s string) bool { return utf8.RuneCountInString(s) > 1 }) {
			return true
		}
	}
	return false
}

// count writes a number, or nothing for none.
func count(n int) string {
	if n < 1 {
		return ""
	}
	return strconv.Itoa(n)
}

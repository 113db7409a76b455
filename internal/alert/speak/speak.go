// Package speak finds the words for alerts: what fires, since when, the value
// against its threshold, what changed just before, what to do and where to take
// it on. Every channel says the same, because every channel is given the same
// Message; a channel only lays it out and cuts it to its own limits.
//
// It says nothing that could name a person: addresses, telephone numbers and
// whatever hides or breaks a line are taken out of everything that was measured
// or typed. It sends nothing and keeps no time. Start with Voice.Speak.
package speak

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/redact"
)

const (
	// maxTitle and maxShort are what the lock screen of a phone shows.
	maxTitle = 80
	maxShort = 170
	// maxLine bounds what one line of an item says.
	maxLine = 240
	// MaxItems is how many troubles one message spells out; the rest is counted.
	MaxItems = 10
	// maxBefore is how many changes are listed, and within is how old they may be.
	maxBefore = 3
	within    = 30 * time.Minute
)

// Voice is how one installation speaks. The zero value says everything but the
// links.
type Voice struct {
	Base    string                    // public address without a slash at its end; empty: no links
	Runbook string                    // page with a section for every trouble; empty: Base + "/admin/runbook"
	Ack     func(alert.Notice) string // link that takes the episode on; nil or empty: the page of the alerts
	Zone    *time.Location            // of the times; nil: UTC
}

// Change is something that was done to the installation: a deployment, or a note
// of somebody.
type Change struct {
	At   time.Time
	Text string
}

// Link leads somewhere.
type Link struct{ Label, URL string }

// Message is what a channel says of a parcel. All texts are single lines without
// markup; a channel has to escape them for its own.
type Message struct {
	Key      alert.Key
	Kind     alert.NoticeKind
	Severity alert.Severity
	Group    string
	At       time.Time // of the last notice
	Title    string    // what, how bad
	Short    string    // as much as a phone shows
	Before   []string  // what changed in the half hour before, the newest first
	Items    []Item    // at most MaxItems
	More     int       // troubles beyond them
	Link     Link      // the page of the alerts; empty without an address
}

// Item is one trouble.
type Item struct {
	Rule        alert.RuleID
	Fingerprint alert.Fingerprint
	Episode     alert.EpisodeID
	From        time.Time
	Over        bool
	Title       string
	Where       string // its labels; empty without any
	Since       string // and for how long; of what is over, from when to when
	Figures     string // the value against its threshold
	Why         string // why now; of what is over, how it ended; empty when that is plain
	Links       []Link // what to do, take it on, the sessions behind it
}

// Speak finds the words for a parcel. The changes may be in any order, and those
// that cannot have to do with it are left out.
func (v Voice) Speak(p alert.Parcel, changes []Change) Message {
	m := Message{Key: p.Key, Kind: p.Kind, Severity: p.Severity, Group: Line(p.Group, maxTitle)}
	var from time.Time
	for i, n := range p.Notices {
		if n.At.After(m.At) {
			m.At = n.At
		}
		if i == 0 || n.From.Before(from) {
			from = n.From
		}
		if i < MaxItems {
			m.Items = append(m.Items, v.item(n))
		} else {
			m.More++
		}
	}
	if !p.Kind.Ends() {
		m.Before = v.before(changes, from, m.At)
	}
	if v.Base != "" {
		m.Link = Link{"All alerts", v.Base + "/admin/alerts"}
	}
	m.Title = title(p)
	m.Short = short(m)
	return m
}

func (v Voice) item(n alert.Notice) Item {
	out := Item{
		Rule: n.Rule, Fingerprint: n.Fingerprint, Episode: n.Episode, From: n.From, Over: !n.To.IsZero(),
		Title: Line(n.Title, maxTitle), Where: labels(n.Labels), Since: v.since(n),
		Figures: Line(n.Detail, maxLine), Why: Line(n.Reason, maxLine),
	}
	add := func(label, address string) {
		if address != "" {
			out.Links = append(out.Links, Link{label, address})
		}
	}
	page := v.Runbook
	if page == "" && v.Base != "" {
		page = v.Base + "/admin/runbook"
	}
	if page != "" && n.Runbook != "" {
		add("What to do", page+"#"+url.PathEscape(n.Runbook))
	}
	if !n.Kind.Ends() {
		add("Take it on", v.ack(n))
	}
	if v.Base != "" && len(n.Causes) > 0 {
		add("First session behind it", v.Base+"/admin/sessions/"+url.PathEscape(n.Causes[0]))
	}
	return out
}

func (v Voice) ack(n alert.Notice) string {
	if v.Ack != nil {
		if link := v.Ack(n); link != "" {
			return link
		}
	}
	if v.Base == "" {
		return ""
	}
	return v.Base + "/admin/alerts?episode=" + url.QueryEscape(string(n.Episode))
}

func (v Voice) since(n alert.Notice) string {
	zone := v.Zone
	if zone == nil {
		zone = time.UTC
	}
	text, til := n.From.In(zone).Format("Jan 2, 15:04 MST"), n.At
	if !n.To.IsZero() {
		til = n.To
		layout := "Jan 2, 15:04 MST"
		if n.From.In(zone).Format(time.DateOnly) == til.In(zone).Format(time.DateOnly) {
			layout = "15:04 MST"
		}
		text = n.From.In(zone).Format("Jan 2, 15:04") + " to " + til.In(zone).Format(layout)
	}
	if took := til.Sub(n.From).Truncate(time.Second); took > 0 {
		return text + ", " + alert.Duration(took).String()
	}
	return text
}

// before lists what changed within half an hour before the trouble began.
func (v Voice) before(changes []Change, from, til time.Time) []string {
	near := slices.DeleteFunc(slices.Clone(changes), func(c Change) bool {
		return c.At.Before(from.Add(-within)) || c.At.After(from) || c.At.After(til)
	})
	slices.SortStableFunc(near, func(a, b Change) int { return b.At.Compare(a.At) })
	var out []string
	for _, c := range near[:min(len(near), maxBefore)] {
		ago := alert.Duration(from.Sub(c.At).Truncate(time.Second))
		out = append(out, Line(fmt.Sprintf("%s, %s before", c.Text, ago), maxLine))
	}
	return out
}

// title is one line: how bad, what, and that it is over when it is.
func title(p alert.Parcel) string {
	if len(p.Notices) == 0 {
		return ""
	}
	head := "[" + strings.ToUpper(string(p.Severity)) + "] "
	switch p.Kind {
	case alert.KindResolved, alert.KindMissed:
		head = "[OVER] "
	case alert.KindReminder:
		head += "still: "
	case alert.KindEscalated:
		head += "nobody took it on: "
	case alert.KindFiring:
	}
	tail := ""
	if more := len(p.Notices) - 1; more > 0 {
		tail = fmt.Sprintf(" and %d more", more)
	}
	room := maxTitle - utf8.RuneCountInString(head) - utf8.RuneCountInString(tail)
	return head + Line(p.Notices[0].Title, room) + tail
}

// short is the title and the figures of the first trouble.
func short(m Message) string {
	if len(m.Items) == 0 {
		return m.Title
	}
	first := m.Items[0]
	return Cut(m.Title+": "+cmp.Or(first.Figures, first.Where, "see the alert")+", "+strings.ToLower(first.when())+" "+first.Since, maxShort)
}

// when is what Since is called.
func (i Item) when() string {
	if i.Over {
		return "From"
	}
	return "Since"
}

// because is what Why is called.
func (i Item) because() string {
	if i.Over {
		return "Note"
	}
	return "Why now"
}

func labels(set map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(set)) {
		parts = append(parts, Line(name, 40)+" "+Line(set[name], maxTitle))
	}
	return Cut(strings.Join(parts, ", "), maxLine)
}

// Line makes one line of what was measured or typed: without addresses and
// telephone numbers, without control characters and marks that turn or hide
// text, and with at most so many runes.
func Line(s string, most int) string {
	// The redactor looks at every character, and nobody reads the thousandth.
	s = strings.ToValidUTF8(s, "")
	s = Cut(s, 4*max(most, 0)+maxLine)
	s = strings.Join(strings.Fields(strings.Map(visible, s)), " ")
	s = redact.New(redact.Person{}).Out(s)
	for _, kind := range []string{"email", "phone", "brace"} {
		s = hide(s, kind)
	}
	return Cut(s, most)
}

// visible keeps what a reader sees.
func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r), unicode.IsControl(r), r == '\u2028', r == '\u2029':
		return ' '
	case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), r == utf8.RuneError:
		return -1
	}
	return r
}

// hide writes the redactor's placeholders for people.
func hide(s, kind string) string {
	word := map[string]string{"email": "[address]", "phone": "[number]", "brace": "{ {"}[kind]
	for {
		from := strings.Index(s, "{{"+kind)
		if from < 0 {
			return s
		}
		end := strings.Index(s[from:], "}}")
		if end < 0 {
			return s[:from] + word
		}
		s = s[:from] + word + s[from+end+2:]
	}
}

// Cut keeps at most so many runes and marks the cut.
func Cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	if most < 1 {
		return ""
	}
	runes := []rune(s)
	return strings.TrimRight(string(runes[:most-1]), " ,.;:-") + "…"
}

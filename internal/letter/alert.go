package letter

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/speak"
)

// maxAlert is the length of an alert's subject, which says more than others.
const maxAlert = 100

// Alert tells somebody of the team about a parcel of alerts. The mails of one
// episode form one thread, and the same parcel has the same Message.ID.
func Alert(a Agency, to Address, m speak.Message) Message {
	p := page{Title: plain(m.Title, maxAlert), Lead: lead(m)}
	var err error
	for n, i := range m.Items {
		p.Blocks = append(p.Blocks, block{Head: plain(i.Title, 120)})
		p.trouble(i)
		for k, l := range i.Links {
			if e := p.link(l.Label, l.URL, n == 0 && k == 0); e != nil {
				err = e
			}
		}
	}
	if m.More > 0 {
		p.para("%d more alerts of this kind are on the page of the alerts.", m.More)
	}
	p.items("Changed before", m.Before)
	if e := p.link(m.Link.Label, m.Link.URL, false); e != nil {
		err = e
	}
	subject := m.Title
	if m.Group != "" {
		subject += " (" + m.Group + ")"
	}
	out := a.alert("alert-"+digestOf(string(m.Key)), to, shorten(plain(subject, 2*maxAlert), maxAlert), p, err)
	if len(m.Items) > 0 {
		out.Headers.Thread = "alert-" + digestOf(string(m.Items[0].Episode)) + "@" + domain(a.From)
	}
	return out
}

// Digest tells what can wait until the morning, in one mail for a day in the
// zone to show.
func Digest(a Agency, to Address, day time.Time, list []speak.Message) Message {
	n := 0
	for _, m := range list {
		n += len(m.Items) + m.More
	}
	p := page{
		Title: "Alerts of " + day.Format("Monday, 2 January"),
		Lead:  things(n) + ". Nothing of it had to be seen at once.",
	}
	var err error
	for _, m := range list {
		p.Blocks = append(p.Blocks, block{Head: plain(m.Title, 120)})
		for _, i := range m.Items {
			p.para("%s", plain(i.Title, 120))
			p.trouble(i)
		}
		if m.More > 0 {
			p.para("And %d more.", m.More)
		}
	}
	if len(list) > 0 {
		err = p.link(list[0].Link.Label, list[0].Link.URL, true)
	}
	return a.alert("digest-"+day.Format("2006-01-02"), to, "Daily digest: "+things(n), p, err)
}

// trouble lists what is known of one.
func (p *page) trouble(i speak.Item) {
	var list []fact
	for _, f := range i.Facts() {
		list = append(list, fact{f[0], plain(f[1], 300)})
	}
	if len(list) > 0 {
		p.Blocks = append(p.Blocks, block{Facts: list})
	}
}

func lead(m speak.Message) string {
	switch m.Kind {
	case alert.KindResolved:
		return "It is over. Nothing has to be done."
	case alert.KindReminder:
		return "It still goes on, and somebody should look."
	case alert.KindEscalated:
		return "Nobody has taken it on so far, so it comes to you."
	case alert.KindFiring:
	}
	return "Something is wrong and somebody should look."
}

func things(n int) string {
	if n == 1 {
		return "1 alert"
	}
	return fmt.Sprintf("%d alerts", n)
}

func (a Agency) alert(id string, to Address, subject string, p page, err error) Message {
	p.Foot = []string{"Written by Introspect for the team of " + a.name() + "."}
	return a.message(id, to, subject, p, err)
}

// digestOf makes a word for a header of a key that may hold anything.
func digestOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:12])
}

func domain(a Address) string {
	_, domain, _ := strings.Cut(a.Email, "@")
	return domain
}

package status

import (
	"encoding/xml"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
)

// The elements of an Atom feed (RFC 4287).
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Author  atomAuthor  `xml:"author"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomEntry struct {
	Title     string   `xml:"title"`
	ID        string   `xml:"id"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Link      atomLink `xml:"link"`
	Content   atomText `xml:"content"`

	at time.Time // Updated
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// Feed is the page as an Atom feed: incidents and maintenance, the latest
// change first. Name is the agency's and address that of the page.
func (p Page) Feed(name, address string) ([]byte, error) {
	f, _ := p.feed(name, address)
	return document(f)
}

// The elements of a feed by RSS 2.0, for programs that know no Atom.
type rssFeed struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Self        atomLink  `xml:"atom:link"`
	Description string    `xml:"description"`
	Built       string    `xml:"lastBuildDate"`
	Items       []rssItem `xml:"item"`
}

type rssItem struct {
	Title       string  `xml:"title"`
	Link        string  `xml:"link"`
	GUID        rssGUID `xml:"guid"`
	Published   string  `xml:"pubDate"`
	Description string  `xml:"description"`
}

type rssGUID struct {
	Permanent bool   `xml:"isPermaLink,attr"`
	Text      string `xml:",chardata"`
}

// RSS is the feed in the form of RSS 2.0. Its readers know an item by its guid, so
// that one of each change is needed to be seen.
func (p Page) RSS(name, address string) ([]byte, error) {
	f, latest := p.feed(name, address)
	out := rssFeed{Version: "2.0", Atom: "http://www.w3.org/2005/Atom", Channel: rssChannel{
		Title: f.Title, Link: address, Self: atomLink{"self", "application/rss+xml", address + ".rss"}, Description: "Incidents and maintenance of " + name + ".", Built: rssTime(latest),
	}}
	for _, e := range f.Entries {
		out.Channel.Items = append(out.Channel.Items, rssItem{e.Title, e.ID, rssGUID{Text: e.ID + "@" + e.Updated}, rssTime(e.at), html.EscapeString(e.Content.Text)})
	}
	return document(out)
}

func rssTime(t time.Time) string { return t.UTC().Format(time.RFC1123Z) }

func document(v any) ([]byte, error) {
	body, err := xml.MarshalIndent(v, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode feed: %w", err)
	}
	return append([]byte(xml.Header), append(body, '\n')...), nil
}

// feed makes the entries, and tells when the last of them changed.
func (p Page) feed(name, address string) (f atomFeed, latest time.Time) {
	f = atomFeed{
		Title: name + " status", ID: address, Author: atomAuthor{name},
		Links: []atomLink{{"alternate", "text/html", address}, {"self", "application/atom+xml", address + ".atom"}},
	}
	incidents := slices.Clone(p.Open)
	for _, d := range p.Past {
		incidents = append(incidents, d.Incidents...)
	}
	for _, i := range incidents {
		f.Entries = append(f.Entries, incidentEntry(i, address))
		latest = later(latest, i.Changed())
	}
	for _, m := range p.Planned {
		f.Entries = append(f.Entries, maintenanceEntry(m, address))
		latest = later(latest, m.CreatedAt)
	}
	if latest.IsZero() {
		latest = p.Updated.UTC().Truncate(24 * time.Hour) // An empty feed must not look new at every reading.
	}
	f.Updated = stamp(latest)
	slices.SortStableFunc(f.Entries, func(a, b atomEntry) int { return strings.Compare(b.Updated, a.Updated) })
	return f, latest
}

func incidentEntry(i Incident, address string) atomEntry {
	var text strings.Builder
	for _, u := range i.Updates {
		fmt.Fprintf(&text, "%s, %s: %s\n", u.At.UTC().Format("Jan 2, 15:04 UTC"), u.Phase, u.Text)
	}
	if i.Postmortem != "" {
		text.WriteString("Postmortem: " + i.Postmortem + "\n")
	}
	title := i.Title
	if !i.Open() {
		title = "Resolved: " + title
	}
	return entry(title, address+"#incident-"+i.ID, text.String(), i.PublishedAt, i.Changed())
}

func maintenanceEntry(m Maintenance, address string) atomEntry {
	when := m.Start.UTC().Format("Jan 2, 15:04") + " to " + m.End.UTC().Format("Jan 2, 15:04 UTC")
	return entry("Maintenance: "+m.Title, address+"#maintenance-"+m.ID, when+": "+m.Text, m.CreatedAt, m.CreatedAt)
}

func entry(title, link, text string, published, updated time.Time) atomEntry {
	return atomEntry{
		Title: title, ID: link, Published: stamp(published), Updated: stamp(updated), Link: atomLink{"alternate", "text/html", link},
		Content: atomText{"text", strings.TrimSpace(text)}, at: updated,
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

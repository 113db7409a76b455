package letter

import (
	_ "embed" // the layout
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed layout.html
var layout string

// page is the content of a mail before it becomes text and HTML. A composer
// adds blocks from top to bottom.
type page struct {
	Title  string
	Lead   string // what the mail is, in one sentence
	Blocks []block
	Foot   []string // who writes and why, below a line
}

// block is one part of a page; exactly one of its fields is set.
type block struct {
	Head  string   // a heading
	Para  string   // a paragraph of ours
	Quote []string // lines of somebody else
	Facts []fact
	Items []string
	Link  *link
}

type fact struct{ Name, Value string }

type link struct {
	Label, URL string
	Main       bool // the one thing to do
}

func (p *page) para(format string, args ...any) {
	p.Blocks = append(p.Blocks, block{Para: fmt.Sprintf(format, args...)})
}

// facts adds a list under a heading and leaves out what has no value. Without
// any value the heading goes, too.
func (p *page) facts(head string, list ...fact) {
	var known []fact
	for _, f := range list {
		if f.Value != "" {
			known = append(known, f)
		}
	}
	if len(known) > 0 {
		p.Blocks = append(p.Blocks, block{Head: head}, block{Facts: known})
	}
}

// items adds a list under a heading, or nothing if it is empty.
func (p *page) items(head string, list []string) {
	var known []string
	for _, item := range list {
		if item = plain(item, 300); item != "" {
			known = append(known, item)
		}
	}
	if len(known) > 0 {
		p.Blocks = append(p.Blocks, block{Head: head}, block{Items: known})
	}
}

// link adds a link, or nothing if the address is empty. An address that a
// browser should not open is the composer's fault, returned here.
func (p *page) link(label, address string, main bool) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ContainsFunc(address, breaks) || strings.ContainsAny(address, " <>\"") {
		return fmt.Errorf("link %q is no web address: the reader could not follow it; check the public URL in the settings", label)
	}
	p.Blocks = append(p.Blocks, block{Link: &link{Label: label, URL: u.String(), Main: main}})
	return nil
}

// html writes the page through html/template, which escapes by context.
func (p *page) html() (string, error) {
	t, err := template.New("layout").Parse(layout)
	if err != nil {
		return "", fmt.Errorf("read the layout of mails: %w", err)
	}
	var b strings.Builder
	if err := t.Execute(&b, p); err != nil {
		return "", fmt.Errorf("write the mail: %w", err)
	}
	return b.String(), nil
}

// text writes the same page for plain readers.
func (p *page) text() string {
	var b strings.Builder
	b.WriteString(p.Title + "\n" + strings.Repeat("=", min(utf8.RuneCountInString(p.Title), 60)) + "\n\n" + p.Lead + "\n")
	for _, block := range p.Blocks {
		b.WriteString("\n" + block.text())
	}
	b.WriteString("\n--\n" + strings.Join(p.Foot, "\n") + "\n")
	return b.String()
}

func (b block) text() string {
	var lines []string
	switch {
	case b.Head != "":
		lines = []string{b.Head, strings.Repeat("-", min(utf8.RuneCountInString(b.Head), 60))}
	case b.Para != "":
		lines = []string{b.Para}
	case b.Link != nil:
		lines = []string{b.Link.Label + ":", b.Link.URL}
	}
	for _, q := range b.Quote {
		lines = append(lines, strings.TrimRight("> "+q, " "))
	}
	for _, f := range b.Facts {
		lines = append(lines, f.Name+": "+f.Value)
	}
	for _, item := range b.Items {
		lines = append(lines, "- "+item)
	}
	return strings.Join(lines, "\n") + "\n"
}

// plain makes one line from a value of somebody else, with most runes at the most.
// Whatever breaks a line, hides text or would be decoded is
// taken apart.
func plain(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if breaks(r) || unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.ReplaceAll(strings.Join(strings.Fields(s), " "), encoded, "= ?")
	return shorten(s, most)
}

// quote keeps the lines of a longer text of somebody else, 40 at most.
func quote(s string) []string {
	var out []string
	for line := range strings.Lines(strings.ReplaceAll(s, "\r", "\n")) {
		line = plain(line, 1000)
		if line == "" && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		if out = append(out, line); len(out) == 40 {
			break
		}
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

// shorten cuts at most runes and marks the cut, at a space if one is near.
func shorten(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	if most < 1 {
		return ""
	}
	cut := string(runes[:most-1])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)*2/3 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,.;:-") + "…"
}

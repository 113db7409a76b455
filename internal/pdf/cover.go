package pdf

import (
	"slices"
	"strings"

	"applicreations.com/introspect/internal/proposal"
	"applicreations.com/introspect/internal/typeset"
)

// The coloured part of the cover, and the width of the text in it.
const (
	coverHeight = 196.0
	coverText   = inner - 14
)

// cover is the first page.
func (d *doc) cover() {
	d.f.AddPage()
	d.area(0, 0, pageWidth, coverHeight, d.c.primary)
	d.ornament()
	d.sign()
	d.bookmark("Cover", 0)
	faint := mix(d.c.onto, d.c.primary, 0.22)
	d.put("WEBSITE PROPOSAL", margin, 112, inner, style{semibold, 9.5, 12, faint}, left)
	st, lines := d.fit(d.name(), coverText)
	y := 118.0
	y += d.block(lines, margin, y, coverText, st) + 5
	sub := style{regular, 13, 19.5, faint}
	d.block(d.wrap(d.motto(), sub, coverText, 3), margin, y, coverText, sub)
	d.area(0, coverHeight, pageWidth, 2.2, d.c.accent)

	name, label := style{semibold, 10.5, 14, d.c.ink}, d.label().with(d.c.soft)
	for i, m := range d.meta() {
		x, width := margin+float64(i%2)*inner/2, inner/2-6
		y := coverHeight + 20 + float64(i/2)*26
		d.put(m.Label, x, y, width, label, left)
		d.put(m.Value, x, y+6.2, width, name, left)
		d.put(m.Note, x, y+11.4, width, d.small(), left)
	}
	d.put("Snapshot "+d.p.Snapshot, margin, 285, inner, style{regular, 7.8, 10, d.c.soft}, left)
}

// motto is the client's goal, in the client's words.
func (d *doc) motto() string {
	for _, q := range d.p.Understanding.Quotes {
		if q.Topic == proposal.Goal {
			return "“" + proposal.FirstSentence(q.Text) + "”"
		}
	}
	if d.p.Kind == "website" {
		return "" // the line above says so
	}
	return "A " + d.p.Kind
}

// name is whom the website is for.
func (d *doc) name() string { return strings.TrimPrefix(d.p.Title, proposal.TitlePrefix) }

// entry is one of the facts below the cover.
type entry struct{ Label, Value, Note string }

func (d *doc) meta() []entry {
	client := entry{"PREPARED FOR", d.p.Client, d.name()}
	if d.p.Client == "" || d.p.Client == d.name() {
		client.Value, client.Note = d.name(), ""
	}
	until := entry{"VALID UNTIL", day(d.p.ValidUntil), "all prices hold until this day"}
	return []entry{client, {"PREPARED BY", d.brand, d.p.Agency.Email}, {"DATE", day(d.p.Date), ""}, until}
}

// fit finds the largest size in which a title has at most three lines.
func (d *doc) fit(title string, width float64) (style, []line) {
	var st style
	var lines []line
	for size := 40.0; size >= 22; size -= 3 {
		st = style{display, size, size * 1.12, d.c.onto}
		lines = d.wrap(title, st, width, 3)
		if len(lines) <= 2 || size <= 31 && len(lines) == 3 && !cut(lines) {
			break
		}
	}
	return st, lines
}

// cut reports whether lines end in dots.
func cut(lines []line) bool {
	last := lines[len(lines)-1].glyphs
	return slices.ContainsFunc(last, func(g typeset.Glyph) bool { return g.Rune == '…' })
}

// ornament draws rings that leave the page at the upper right.
func (d *doc) ornament() {
	d.f.ClipRect(0, 0, pageWidth, coverHeight, false)
	for i := range 8 {
		c := mix(d.c.primary, d.c.onto, 0.05+0.018*float64(i%3))
		if i == 4 {
			c = d.c.accent
		}
		d.stroke(c, 0.5+float64(i%3)*0.5)
		d.f.Circle(pageWidth-18, 30, 18+float64(i)*14, "D")
	}
	d.f.ClipEnd()
}

// sign puts the agency's logo or name at the head of the cover.
func (d *doc) sign() {
	if d.logo == nil {
		d.area(margin, 24.6, 3.4, 3.4, d.c.accent)
		d.put(d.brand, margin+6.2, 28, 110, style{display, 14, 17, d.c.onto}, left)
		return
	}
	const height = 13.0
	width := min(50, height*d.logo.aspect)
	d.panel(margin-3, 18, width+6, height+6, d.c.white) // a logo is made for a light ground
	d.stamp(margin, 21, width, height)
}

package pdf

import (
	"fmt"
	"time"
)

// The styles of the document. Sizes step by about a quarter.
func (d *doc) title() style { return style{display, 20, 24, d.c.ink} }
func (d *doc) sub() style   { return style{semibold, 10.2, 13.6, d.c.ink} }
func (d *doc) intro() style { return style{regular, 11.6, 17, d.c.ink} }
func (d *doc) text() style  { return style{regular, 9.4, 13.8, d.c.ink} }
func (d *doc) strong() style {
	return style{semibold, 9.4, 13.8, d.c.ink}
}
func (d *doc) small() style { return style{regular, 8.5, 12, d.c.soft} }
func (d *doc) label() style { return style{semibold, 7.6, 11, d.c.strong} }

// with is a style in another colour.
func (s style) with(c Colour) style {
	s.colour = c
	return s
}

// maxLines bounds the lines of one paragraph, so that no text of a client
// fills pages.
const maxLines = 14

// maxKept is the height up to which a list is kept on one page.
const maxKept = 45.0

// newPage begins a page below its head.
func (d *doc) newPage() {
	d.f.AddPage()
	d.y = top
}

// need begins a page when less than a height is left on this one.
func (d *doc) need(height float64) {
	if d.y+height > bottom && d.y > top {
		d.newPage()
	}
}

// gap leaves room below something, but none at the top of a page.
func (d *doc) gap(height float64) {
	if d.y > top {
		d.y += height
	}
}

// heading begins a part. It stays together with keep millimetres of what
// follows, and is an entry of the outline.
func (d *doc) heading(text string, keep float64) {
	d.gap(9.5)
	d.need(16 + keep)
	st := d.title()
	d.area(margin, d.y, 11, 1.3, d.c.accent)
	lines := d.clamp(d.wrap(text, st, inner), 2, st)
	d.bookmark(text, d.y)
	d.y += 3.6
	d.y += d.block(lines, margin, d.y, inner, st) + 3.4
}

// bookmark adds to the outline. The library takes its text as Unicode only
// while a font of this package is selected.
func (d *doc) bookmark(text string, y float64) {
	d.use(regular, 9)
	d.f.Bookmark(clean(text), 0, y)
}

// subheading begins a piece of a part.
func (d *doc) subheading(text string, keep float64) {
	st := d.sub()
	d.gap(4.5)
	d.need(7 + keep)
	d.y += d.block(d.clamp(d.wrap(text, st, inner), 1, st), margin, d.y, inner, st) + 2
}

// paragraph writes a text across the page. A single line is never left behind
// or carried over.
func (d *doc) paragraph(text string, st style) {
	d.flow(d.clamp(d.wrap(text, st, inner), maxLines, st), margin, inner, st)
	d.y += 2.4
}

// flow writes lines and goes on to the next page where it has to.
func (d *doc) flow(lines []line, x, width float64, st style) {
	for len(lines) > 0 {
		n := min(len(lines), max(0, int((bottom-d.y)/st.height(1))))
		if n < len(lines) && len(lines)-n < 2 {
			n--
		}
		if n < min(2, len(lines)) {
			d.newPage()
			continue
		}
		d.y += d.block(lines[:n], x, d.y, width, st)
		lines = lines[n:]
	}
}

// bullets writes a list; a short one stays on one page.
func (d *doc) bullets(list []string) {
	st := d.text()
	items := make([][]line, 0, len(list))
	whole := 0.0
	for _, text := range list {
		if lines := d.clamp(d.wrap(text, st, inner-6), maxLines, st); len(lines) > 0 {
			items, whole = append(items, lines), whole+st.height(len(lines))+1
		}
	}
	if whole < maxKept {
		d.need(whole)
	}
	for _, lines := range items {
		d.need(st.height(len(lines)))
		d.area(margin+0.4, d.y+st.ascent()-1.75, 1.5, 1.5, d.c.accent)
		d.y += d.block(lines, margin+6, d.y, inner-6, st) + 1
	}
	d.y++
}

// area fills a rectangle.
func (d *doc) area(x, y, width, height float64, c Colour) {
	d.fill(c)
	d.f.Rect(x, y, width, height, "F")
}

// panel fills a rectangle with round corners.
func (d *doc) panel(x, y, width, height float64, c Colour) {
	d.fill(c)
	d.f.RoundedRect(x, y, width, height, min(1.6, height/2), "1234", "F")
}

// frame draws the outline of a rectangle with round corners.
func (d *doc) frame(x, y, width, height float64) {
	d.stroke(d.c.rule, 0.25)
	d.f.RoundedRect(x, y, width, height, 1.6, "1234", "D")
}

// rule draws a line across.
func (d *doc) rule(x, y, width float64, c Colour) {
	d.stroke(c, 0.2)
	d.f.Line(x, y, x+width, y)
}

func (d *doc) fill(c Colour) { d.f.SetFillColor(int(c.R), int(c.G), int(c.B)) }

func (d *doc) stroke(c Colour, width float64) {
	d.f.SetDrawColor(int(c.R), int(c.G), int(c.B))
	d.f.SetLineWidth(width)
}

// frames writes head and foot of every page but the cover, when their number
// is known.
func (d *doc) frames() {
	st := style{regular, 7.8, 10, d.c.soft}
	last := d.f.PageCount()
	for page := 2; page <= last; page++ {
		d.f.SetPage(page)
		// Colour and font of the library are those of the page it has left, so
		// each is changed before it is used.
		d.fill(d.c.white)
		d.fill(d.c.ink)
		d.use(regular, 1)
		d.put(d.p.Project, margin, 15, inner*0.6, st, left)
		d.put(d.brand, margin+inner*0.6, 15, inner*0.4, style{semibold, 7.8, 10, d.c.strong}, right)
		d.rule(margin, 18, inner, d.c.rule)
		d.rule(margin, 280, inner, d.c.rule)
		d.put("Snapshot "+d.p.Snapshot+"  ·  "+day(d.p.Date), margin, 285, inner*0.7, st, left)
		d.put(fmt.Sprintf("Page %d of %d", page, last), margin+inner*0.7, 285, inner*0.3, st, right)
	}
	d.f.SetPage(last)
}

// day writes a day for people.
func day(t time.Time) string { return t.UTC().Format("January 2, 2006") }

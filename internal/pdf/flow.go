package pdf

import (
	"fmt"
	"time"
)

// The styles of the document. Sizes step by about a quarter; a dense document
// is set smaller.
func (d *doc) title() style  { return d.sized(display, 20, 24, d.c.ink) }
func (d *doc) sub() style    { return d.sized(semibold, 10.2, 13.6, d.c.ink) }
func (d *doc) intro() style  { return d.sized(regular, 11.6, 17, d.c.ink) }
func (d *doc) text() style   { return d.sized(regular, 9.4, 13.8, d.c.ink) }
func (d *doc) strong() style { return d.sized(semibold, 9.4, 13.8, d.c.ink) }
func (d *doc) small() style  { return d.sized(regular, 8.5, 12, d.c.soft) }
func (d *doc) label() style  { return d.sized(semibold, 7.6, 11, d.c.strong) }

func (d *doc) sized(f face, size, lead float64, c Colour) style {
	return style{f, size * d.density, lead * d.density, c}
}

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

// head is a heading that waits for what it stands above.
type head struct {
	text string
	part bool // of a part, else of a piece of one
}

// need makes sure that a height is left on the page, together with the
// headings above it, and begins a page when it is not. Everything that draws
// asks here first, so no heading is left alone.
func (d *doc) need(height float64) {
	total := height
	for _, h := range d.heads {
		total += d.headHeight(h)
	}
	if d.y+total > bottom && d.y > top {
		d.newPage()
	}
	heads := d.heads
	d.heads = nil
	for _, h := range heads {
		d.drawHead(h)
	}
}

// heading begins a part; it is an entry of the outline.
func (d *doc) heading(text string) { d.heads = append(d.heads, head{text, true}) }

// subheading begins a piece of a part.
func (d *doc) subheading(text string) { d.heads = append(d.heads, head{text, false}) }

func (d *doc) headHeight(h head) float64 {
	if h.part {
		return 16.5 + d.title().height(len(d.headLines(h)))
	}
	return 6.5 + d.sub().height(1)
}

func (d *doc) headLines(h head) []line {
	if h.part {
		return d.wrap(h.text, d.title(), inner, 2)
	}
	return d.wrap(h.text, d.sub(), inner, 1)
}

func (d *doc) drawHead(h head) {
	lines := d.headLines(h)
	if !h.part {
		d.gap(4.5 * d.density)
		d.y += d.block(lines, margin, d.y, inner, d.sub()) + 2
		return
	}
	d.gap(9.5 * d.density)
	d.area(margin, d.y, 11, 1.3, d.c.accent)
	d.bookmark(h.text, d.y)
	d.y += 3.6
	d.y += d.block(lines, margin, d.y, inner, d.title()) + 3.4
}

// gap leaves room below something, but none at the top of a page.
func (d *doc) gap(height float64) {
	if d.y > top {
		d.y += height
	}
}

// bookmark adds to the outline. The library takes its text as Unicode only
// while a font of this package is selected.
func (d *doc) bookmark(text string, y float64) {
	d.use(regular, 9)
	d.f.Bookmark(clean(text), 0, y)
}

// paragraph writes a text across the page. A single line is never left behind
// or carried over.
func (d *doc) paragraph(text string, st style) {
	d.flow(d.wrap(text, st, inner, maxLines), margin, inner, st)
	d.y += 2.4
}

// flow writes lines and goes on to the next page where it has to.
func (d *doc) flow(lines []line, x, width float64, st style) {
	if len(lines) > 0 {
		d.need(st.height(min(2, len(lines))))
	}
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
		if lines := d.wrap(text, st, inner-6, maxLines); len(lines) > 0 {
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

// rule draws a line across the text.
func (d *doc) rule(y float64) {
	d.stroke(d.c.rule, 0.2)
	d.f.Line(margin, y, margin+inner, y)
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
		// each is changed before it is used. A page may have ended among dashes.
		d.fill(d.c.white)
		d.fill(d.c.ink)
		d.use(regular, 1)
		d.f.SetDashPattern([]float64{}, 0)
		d.put(d.name(), margin, 15, inner*0.6, st, left)
		d.put(d.brand, margin+inner*0.6, 15, inner*0.4, style{semibold, 7.8, 10, d.c.strong}, right)
		d.rule(18)
		d.rule(280)
		d.put("Snapshot "+d.p.Snapshot+"  ·  "+day(d.p.Date), margin, 285, inner*0.7, st, left)
		d.put(fmt.Sprintf("Page %d of %d", page, last), margin+inner*0.7, 285, inner*0.3, st, right)
	}
	d.f.SetPage(last)
}

// day writes a day for people.
func day(t time.Time) string { return t.UTC().Format("January 2, 2006") }

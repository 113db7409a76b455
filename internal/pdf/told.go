package pdf

import (
	"fmt"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/proposal"
)

// summary is the first part: goal, solution and figures.
func (d *doc) summary() {
	d.heading("Executive summary")
	if note := d.p.CoverNote; note != "" {
		d.paragraph(note, d.intro())
		d.paragraph("— "+d.p.Agency.Name, d.small())
		d.y += 2
	}
	for i, text := range d.p.Summary {
		st := d.text()
		if i == 0 {
			st = d.intro()
		}
		d.paragraph(text, st)
	}
	d.y += 2
	d.figures(d.p.Outcomes, 4)
}

// figures shows numbers side by side, at most in columns.
func (d *doc) figures(list []proposal.Figure, columns int) {
	value, label := style{display, 16, 20, d.c.strong}, d.small()
	const space = 4.0
	for len(list) > 0 {
		row := list[:min(len(list), columns)]
		list = list[len(row):]
		n := max(len(row), min(columns, 2))
		width := (inner - space*float64(n-1)) / float64(n)
		below, height := make([][]line, len(row)), 0.0
		for i, f := range row {
			below[i] = d.wrap(f.Label, label, width-9, 2)
			height = max(height, 15.5+label.height(len(below[i])))
		}
		d.need(height)
		for i, f := range row {
			x := margin + float64(i)*(width+space)
			d.panel(x, d.y, width, height, d.c.tint)
			st := value
			for st.size > 9 && d.width(f.Value, st) > width-9 {
				st.size--
			}
			d.put(f.Value, x+4.5, d.y+10, width-9, st, left)
			d.block(below[i], x+4.5, d.y+12, width-9, label)
		}
		d.y += height + space
	}
}

// understanding is what the client told.
func (d *doc) understanding() {
	u := d.p.Understanding
	if len(u.Quotes)+len(u.Figures)+len(u.Challenges)+len(u.Needs) == 0 {
		return
	}
	d.heading("Understanding your needs")
	if len(u.Quotes) > 0 {
		d.paragraph("In your own words, from the interview:", d.text().with(d.c.soft))
	}
	for _, q := range u.Quotes {
		if q.Topic == proposal.Goal && d.summed(q.Text) {
			continue // it stands on the cover and at the top of this page
		}
		d.quote(q)
	}
	if len(u.Challenges) > 0 {
		d.subheading("What this costs you today")
		d.bullets(u.Challenges)
	}
	if len(u.Needs) > 0 {
		d.subheading("What the website has to do and be")
		d.together(u.Needs, 30)
		d.definitions(u.Needs, 30)
	}
	if len(u.Figures) > 0 {
		d.subheading("The figures you gave us")
		var list []proposal.Need
		for _, f := range u.Figures {
			list = append(list, proposal.Need{Name: f.Label, Text: f.Value})
		}
		d.together(list, 58)
		d.definitions(list, 58)
	}
}

// summed reports whether the summary quotes a text in full.
func (d *doc) summed(text string) bool {
	return slices.ContainsFunc(d.p.Summary, func(s string) bool { return strings.Contains(s, "“"+text+"”") })
}

// quote sets the client's words beside a bar.
func (d *doc) quote(q proposal.Quote) {
	st, label := d.text(), d.label()
	const indent, column = 5.0, 38.0
	width := inner - indent - column
	lines := d.wrap("“"+q.Text+"”", st, width, maxLines)
	topic := d.wrap(q.Topic, label, column-4, 2)
	height := max(st.height(len(lines)), label.height(len(topic)))
	d.need(height + 3)
	d.area(margin, d.y, 0.9, height, d.c.accent)
	d.block(topic, margin+indent, d.y+st.ascent()-label.ascent(), column-4, label)
	d.block(lines, margin+indent+column, d.y, width, st)
	d.y += height + 3
}

// together keeps the first rows of definitions on one page with their heading:
// one row alone at the foot of a page looks like a slip.
func (d *doc) together(list []proposal.Need, column float64) {
	height := 0.0
	for i := 0; i < min(len(list), 6); i += 2 {
		_, _, row := d.definition(list[i:min(i+2, len(list))], column)
		height += row + 2.6
	}
	d.need(height)
}

// definitionSpace is what lies between two definitions in a row, in millimetres.
const definitionSpace = 6.0

// definition sets one row of definitions.
func (d *doc) definition(row []proposal.Need, column float64) (names, texts [2][]line, height float64) {
	name, text := d.label(), d.text()
	width := (inner - definitionSpace) / 2
	for i, n := range row {
		names[i] = d.wrap(n.Name, name, column-3, 3)
		texts[i] = d.wrap(n.Text, text, width-column, 6)
		height = max(height, name.height(len(names[i])), text.height(len(texts[i])))
	}
	return names, texts, height
}

// definitions lists names, in a column of their own, with texts: two of them
// in a row.
func (d *doc) definitions(list []proposal.Need, column float64) {
	name, text := d.label().with(d.c.soft), d.text()
	width := (inner - definitionSpace) / 2
	for len(list) > 0 {
		row := list[:min(2, len(list))]
		list = list[len(row):]
		names, texts, height := d.definition(row, column)
		room := height + 2.6
		if len(list) == 1 || len(list) == 2 { // the last row is not carried over alone
			_, _, last := d.definition(list, column)
			room += last + 2.6
		}
		d.need(room)
		d.rule(d.y)
		d.y += 1.2
		for i := range row {
			x := margin + float64(i)*(width+definitionSpace)
			d.block(names[i], x, d.y+text.ascent()-name.ascent(), column-3, name)
			d.block(texts[i], x+column, d.y, width-column, text)
		}
		d.y += height + 1.3
	}
}

// solution is the package and why it fits.
func (d *doc) solution() {
	s := d.p.Solution
	d.heading("Proposed solution")
	price := s.Price.String()
	if s.From {
		price = "from " + price
	}
	why := d.wrap(s.Why, d.text(), inner-16, 6)
	height := 15 + d.text().height(len(why))
	if len(why) > 0 {
		height += 3
	}
	d.need(height)
	d.panel(margin, d.y, inner, height, d.c.primary)
	st := style{display, 15, 19, d.c.onto}
	d.put(s.Package+" package", margin+8, d.y+10.2, inner-66, st, left)
	d.put(price, margin+inner-58, d.y+10.2, 50, st, right)
	d.block(why, margin+8, d.y+14.2, inner-16, d.text().with(d.c.onto))
	d.y += height + 3.5
	d.definitions(s.Reasons, 18)
	d.inclusions()
}

// inclusions lists what the package always holds, in three columns. A row is
// not left alone on the next page.
func (d *doc) inclusions() {
	if len(d.p.Inclusions) == 0 {
		return
	}
	d.subheading(fmt.Sprintf("Always part of the %s package", d.p.Solution.Package))
	var rows []inclusionRow
	for row := range slices.Chunk(d.p.Inclusions, 3) {
		rows = append(rows, d.inclusionRow(row))
	}
	for i, r := range rows {
		if i == len(rows)-2 {
			d.need(r.height + rows[i+1].height)
		}
		d.need(r.height)
		for j := range r.names {
			x := margin + float64(j)*(r.width+columnSpace)
			h := d.block(r.names[j], x, d.y, r.width, r.name)
			d.block(r.texts[j], x, d.y+h, r.width, r.text)
		}
		d.y += r.height
	}
}

// columnSpace is the room between columns.
const columnSpace = 6.0

// inclusionRow is up to three inclusions broken into lines.
type inclusionRow struct {
	name, text    style
	names, texts  [][]line
	width, height float64
}

func (d *doc) inclusionRow(list []catalog.Inclusion) inclusionRow {
	r := inclusionRow{
		name: d.sized(semibold, 8.5, 11.6, d.c.ink), text: d.sized(regular, 8.1, 11, d.c.soft), width: (inner - 2*columnSpace) / 3,
	}
	for _, inc := range list {
		name := d.wrap(inc.Name, r.name, r.width, 2)
		text := d.wrap(inc.Description, r.text, r.width, 4)
		r.names, r.texts = append(r.names, name), append(r.texts, text)
		r.height = max(r.height, r.name.height(len(name))+r.text.height(len(text))+2.2)
	}
	return r
}

// features are the cards of the chosen add-ons, two in a row.
func (d *doc) features() {
	list := d.p.Features
	if len(list) == 0 {
		return
	}
	d.heading("Included features")
	for len(list) > 0 {
		row := list[:min(2, len(list))]
		list = list[len(row):]
		d.cards(row)
	}
}

// card is a feature broken into lines.
type card struct {
	name, benefit, what []line
	price               string
	priceWidth          float64
	gain                string
	height              float64
}

const cardPadding = 4.5

func (d *doc) card(f proposal.Feature, width float64) card {
	c := card{price: f.Price.String(), gain: f.Gain}
	if f.Free {
		c.price = "no charge"
	}
	width -= 2 * cardPadding
	c.priceWidth = d.width(c.price, d.sub()) + 2
	c.name = d.wrap(f.Name, d.sub(), max(20, width-c.priceWidth), 3)
	c.benefit = d.sentences(f.Benefit, d.text(), width, 7)
	c.what = d.wrap(f.What, d.small(), width, 6)
	c.height = 2*cardPadding + d.sub().height(len(c.name)) + d.text().height(len(c.benefit)) + d.small().height(len(c.what)) + 3
	if c.gain != "" {
		c.height += 8
	}
	return c
}

// sentences wraps a text of at most n lines; what does not fit is left out by
// whole sentences, as long as one remains.
func (d *doc) sentences(text string, st style, width float64, n int) []line {
	for {
		lines := d.wrap(text, st, width, n+1)
		at := strings.LastIndex(strings.TrimRight(text, ". "), ". ")
		if len(lines) <= n || at < 0 {
			return d.wrap(text, st, width, n)
		}
		text = text[:at+1]
	}
}

// cards draws a row of features at one height.
func (d *doc) cards(row []proposal.Feature) {
	const space = 5.0
	width := (inner - space*float64(len(row)-1)) / float64(len(row))
	made := make([]card, 0, len(row))
	height := 0.0
	for _, f := range row {
		c := d.card(f, width)
		made, height = append(made, c), max(height, c.height)
	}
	d.need(height)
	for i, c := range made {
		x := margin + float64(i)*(width+space)
		d.frame(x, d.y, width, height)
		d.area(x+cardPadding, d.y, 11, 0.9, d.c.accent)
		d.inside(c, x+cardPadding, d.y+cardPadding, width-2*cardPadding, d.y+height-cardPadding)
	}
	d.y += height + space
}

// inside writes what is in a card whose text ends at foot.
func (d *doc) inside(c card, x, y, width, foot float64) {
	d.put(c.price, x+width-c.priceWidth, y+d.sub().ascent(), c.priceWidth, d.sub().with(d.c.strong), right)
	y += d.block(c.name, x, y, width-c.priceWidth, d.sub()) + 1.5
	y += d.block(c.benefit, x, y, width, d.text()) + 1.5
	d.block(c.what, x, y, width, d.small())
	if c.gain == "" {
		return
	}
	st := style{semibold, 8.4, 11, d.c.ink}
	text := "Brings " + c.gain
	d.panel(x, foot-5.6, min(width, d.width(text, st)+6), 5.6, mix(d.c.accent, d.c.white, 0.82))
	d.put(text, x+3, foot-1.85, width-6, st, left)
}

package pdf

import (
	"fmt"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/proposal"
	"applicreations.com/introspect/internal/scope"
)

// investment is the price.
func (d *doc) investment() {
	in := d.p.Investment
	d.heading("Investment summary")
	d.need(60)
	d.priceHead()
	for _, p := range in.Positions {
		d.position(p)
	}
	d.total(in.Total.String())
	if d.p.Solution.From {
		d.paragraph(fmt.Sprintf("The %s package starts at the price shown.", d.p.Solution.Package), d.small())
	}
	if in.Budget != "" {
		d.paragraph(in.Budget, d.text())
	}
	d.running()
	d.payments()
	d.paragraph(fmt.Sprintf("All prices hold until %s.", day(d.p.ValidUntil)), d.strong())
}

// priceHead names the columns of the price table.
func (d *doc) priceHead() {
	st := d.label().with(d.c.soft)
	d.put("POSITION", margin, d.y+4, 100, st, left)
	if slices.ContainsFunc(d.p.Investment.Positions, func(p scope.Position) bool { return p.Quantity > 1 || p.Free }) {
		d.put("QUANTITY", margin+inner-80, d.y+4, 40, st, right)
	}
	d.put("PRICE", margin+inner-38, d.y+4, 38, st, right)
	d.y += 6
}

// position is one row of the price table.
func (d *doc) position(p scope.Position) {
	st, amount := d.text(), p.Amount.String()
	if p.Amount < 0 {
		st = st.with(d.c.soft)
		amount = strings.Replace(amount, "-", "–", 1)
	}
	quantity := ""
	if p.Quantity > 1 {
		quantity = fmt.Sprintf("%d at %s", p.Quantity, p.Unit)
	}
	if p.Free {
		amount, quantity = "no charge", "list price "+p.Unit.String()
	}
	lines := d.wrap(p.Name, st, inner-80, 2)
	height := st.height(max(1, len(lines))) + 2.6
	if d.y+height > bottom {
		d.newPage()
		d.priceHead()
	}
	d.rule(d.y)
	y := d.y + 1.3
	d.block(lines, margin, y, inner-80, st)
	d.put(quantity, margin+inner-80, y+st.ascent(), 40, d.small(), right)
	d.put(amount, margin+inner-38, y+st.ascent(), 38, st, right)
	d.y += height
}

// total closes the price table.
func (d *doc) total(amount string) {
	const height = 11.0
	d.y += 0.8
	d.need(height)
	d.panel(margin, d.y, inner, height, d.c.primary)
	st := style{semibold, 11.5, 15, d.c.onto}
	d.put("Project total", margin+4, d.y+7.1, 90, st, left)
	d.put(amount, margin+inner-64, d.y+7.1, 60, st, right)
	d.y += height + 4
}

// running is the cost of hosting, and the first year.
func (d *doc) running() {
	in := d.p.Investment
	terms := d.small()
	const space = 5.0
	width := (inner - space) / 2
	lines := d.wrap(strings.Join(in.HostingTerms, ", "), terms, width-10, 5)
	height := max(25, 18+terms.height(len(lines))+3)
	d.need(height)
	name := "Hosting"
	if in.Hosting != "" {
		name = in.Hosting + " hosting"
	}
	second := d.wrap(fmt.Sprintf("Project total and twelve months of hosting (%s)", 12*in.Monthly), terms, width-10, 3)
	for i, c := range []struct {
		name, value string
		lines       []line
	}{{name, in.Monthly.String() + " a month", lines}, {"First year", in.FirstYear.String(), second}} {
		x := margin + float64(i)*(width+space)
		d.panel(x, d.y, width, height, d.c.pale)
		d.put(c.name, x+5, d.y+7, width-10, d.label().with(d.c.soft), left)
		d.put(c.value, x+5, d.y+14.2, width-10, style{display, 14, 18, d.c.ink}, left)
		d.block(c.lines, x+5, d.y+17.2, width-10, terms)
	}
	d.y += height + 1
}

// payments shows the parts of the total side by side, each as wide as its
// share but wide enough for its figures.
func (d *doc) payments() {
	parts := d.p.Investment.Payments
	if len(parts) == 0 {
		return
	}
	d.subheading("Payment schedule")
	if len(parts) > 5 { // more than fit side by side
		var list []proposal.Need
		for _, p := range parts {
			list = append(list, proposal.Need{Name: p.Milestone, Text: fmt.Sprintf("%s  ·  %d%%", p.Amount, p.Percent)})
		}
		d.definitions(list, 36)
		return
	}
	d.need(20)
	const space, least = 1.2, 26.0
	room := inner - space*float64(len(parts)-1) - least*float64(len(parts))
	x := margin
	for i, p := range parts {
		width := least + max(0, room)*float64(p.Percent)/100
		d.area(x, d.y, width, 2, mix(d.c.primary, d.c.white, min(0.66, 0.3*float64(i))))
		d.put(p.Amount.String(), x, d.y+8.4, width-2, style{semibold, 11.5, 15, d.c.ink}, left)
		d.put(fmt.Sprintf("%d%%  ·  %s", p.Percent, p.Milestone), x, d.y+13, width-2, d.small(), left)
		x += width + space
	}
	d.y += 18
}

// item is a line of a list with an amount.
type item struct {
	name, text  []line
	value, note string
	height      float64
}

// valueWidth is the column of amounts.
const valueWidth = 42.0

func (d *doc) item(name, text, value, note string) item {
	i := item{
		name: d.wrap(name, d.strong(), inner-valueWidth, 2),
		text: d.wrap(text, d.small(), inner-valueWidth, 5), value: value, note: note,
	}
	i.height = max(1, d.strong().height(len(i.name))+d.small().height(len(i.text))) + 3
	if note != "" {
		i.height = max(i.height, d.strong().height(1)+d.small().height(1)+3)
	}
	return i
}

// items draws a list. It is kept on one page, with extra millimetres below it,
// unless it is long.
func (d *doc) items(list []item, extra float64, amount style) {
	whole := extra
	for _, i := range list {
		whole += i.height
	}
	if whole < 2*maxKept {
		d.need(whole)
	}
	for _, i := range list {
		d.need(i.height)
		d.f.Line(margin, d.y, margin+inner, d.y)
		y := d.y + 1.2
		d.put(i.value, margin+inner-valueWidth, y+d.strong().ascent(), valueWidth, amount, right)
		d.put(i.note, margin+inner-valueWidth, y+d.strong().height(1)+d.small().ascent(), valueWidth, d.small(), right)
		y += d.block(i.name, margin, y, inner-valueWidth, d.strong())
		d.block(i.text, margin, y, inner-valueWidth, d.small())
		d.y += i.height
	}
}

// worth is what the features bring, only where it was computed.
func (d *doc) worth() {
	w := d.p.Worth
	if len(w.Features) == 0 {
		return
	}
	d.subheading("Return on investment, computed from the figures you gave us")
	list := make([]item, 0, len(w.Features))
	for _, f := range w.Features {
		list = append(list, d.item(f.Name, f.Basis, f.Gain(), ""))
	}
	const height = 10.0
	d.stroke(d.c.rule, 0.2)
	d.items(list, height, d.strong())
	if w.Annual <= 0 {
		return
	}
	d.need(height)
	d.panel(margin, d.y, inner, height, mix(d.c.accent, d.c.white, 0.82))
	text := "Together"
	if w.Payback != "" {
		text += "; the project total is earned back after " + w.Payback
	}
	d.put(text, margin+4, d.y+6.4, inner-56, d.strong(), left)
	d.put(w.Annual.String()+" annually", margin+inner-54, d.y+6.4, 50, d.strong(), right)
	d.y += height + 2
}

// options are what was offered and is no part of the price.
func (d *doc) options() {
	if len(d.p.Options) == 0 {
		return
	}
	d.subheading("Options, offered and not part of the price")
	list := make([]item, 0, len(d.p.Options))
	for _, o := range d.p.Options {
		list = append(list, d.item(o.Name, o.Reason, "+ "+o.Price.String(), o.State))
	}
	d.stroke(d.c.soft, 0.2)
	d.f.SetDashPattern([]float64{0.6, 0.8}, 0)
	d.items(list, 0, d.strong().with(d.c.soft))
	d.f.SetDashPattern([]float64{}, 0)
}

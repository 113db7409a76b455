package pdf

import (
	"fmt"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/scope"
)

// investment is the price.
func (d *doc) investment() {
	in := d.p.Investment
	d.heading("Investment summary", 60)
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
	lines := d.clamp(d.wrap(p.Name, st, inner-80), 2, st)
	height := st.height(max(1, len(lines))) + 2.6
	if d.y+height > bottom {
		d.newPage()
		d.priceHead()
	}
	d.rule(margin, d.y, inner, d.c.rule)
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
	lines := d.clamp(d.wrap(strings.Join(in.HostingTerms, ", "), terms, width-10), 5, terms)
	height := max(25, 18+terms.height(len(lines))+3)
	d.need(height)
	name := "Hosting"
	if in.Hosting != "" {
		name = in.Hosting + " hosting"
	}
	second := d.clamp(d.wrap(fmt.Sprintf("Project total and twelve months of hosting (%s)", 12*in.Monthly), terms, width-10), 3, terms)
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
	d.subheading("Payment schedule", 20)
	const space, least = 1.2, 26.0
	room := inner - space*float64(len(parts)-1) - least*float64(len(parts))
	x := margin
	for i, p := range parts {
		width := least + max(0, room)*float64(p.Percent)/100
		d.area(x, d.y, width, 2, mix(d.c.primary, d.c.white, min(0.66, 0.3*float64(i))))
		d.put(p.Amount.String(), x, d.y+8.4, width-2, style{semibold, 11.5, 15, d.c.ink}, left)
		d.put(fmt.Sprintf("%d %%  ·  %s", p.Percent, p.Milestone), x, d.y+13, width-2, d.small(), left)
		x += width + space
	}
	d.y += 18
}

// worth is what the features bring, only where it was computed.
func (d *doc) worth() {
	w := d.p.Worth
	if len(w.Features) == 0 {
		return
	}
	d.subheading("Return on investment", 22)
	d.paragraph("Computed from the figures you gave us; nothing is assumed.", d.small())
	for _, f := range w.Features {
		basis := d.clamp(d.wrap(f.Basis, d.small(), inner-42), 5, d.small())
		name := d.clamp(d.wrap(f.Name, d.strong(), inner-42), 2, d.strong())
		height := d.strong().height(len(name)) + d.small().height(len(basis)) + 3
		d.need(height)
		d.rule(margin, d.y, inner, d.c.rule)
		y := d.y + 1.2
		d.put(f.Gain(), margin+inner-42, y+d.strong().ascent(), 42, d.strong(), right)
		y += d.block(name, margin, y, inner-42, d.strong())
		d.block(basis, margin, y, inner-42, d.small())
		d.y += height
	}
	if w.Annual <= 0 {
		return
	}
	const height = 10.0
	d.need(height)
	d.panel(margin, d.y, inner, height, mix(d.c.accent, d.c.white, 0.82))
	text := "Together"
	if w.Payback != "" {
		text += fmt.Sprintf("; the project total is earned back after %s", w.Payback)
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
	d.subheading("Options, not part of the price", 20)
	d.paragraph("Offered in the interview and not chosen. Each can be added later at today’s price until "+day(d.p.ValidUntil)+".", d.small())
	for _, o := range d.p.Options {
		reason := d.clamp(d.wrap(o.Reason, d.small(), inner-42), 4, d.small())
		name := d.clamp(d.wrap(o.Name, d.strong(), inner-42), 2, d.strong())
		height := d.strong().height(len(name)) + d.small().height(len(reason)) + 3
		d.need(height)
		d.stroke(d.c.soft, 0.2)
		d.f.SetDashPattern([]float64{0.6, 0.8}, 0)
		d.f.Line(margin, d.y, margin+inner, d.y)
		d.f.SetDashPattern(nil, 0)
		y := d.y + 1.2
		d.put("+ "+o.Price.String(), margin+inner-42, y+d.strong().ascent(), 42, d.strong().with(d.c.soft), right)
		d.put(o.State, margin+inner-42, y+d.strong().ascent()+4.4, 42, d.small(), right)
		y += d.block(name, margin, y, inner-42, d.strong())
		d.block(reason, margin, y, inner-42, d.small())
		d.y += max(height, 12)
	}
}

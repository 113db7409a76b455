package pdf

import "strconv"

// steps is what happens next, with what is open until then.
func (d *doc) steps() {
	d.heading("Next steps")
	const column = 12.0
	texts, whole := make([][]line, len(d.p.Steps)), 0.0
	height := func(i int) float64 { return d.sub().height(1) + d.text().height(len(texts[i])) + 3 }
	for i, s := range d.p.Steps {
		texts[i] = d.wrap(s.Text, d.text(), inner-column, 5)
		whole += height(i)
	}
	if whole < 2*maxKept {
		d.need(whole)
	}
	for i, s := range d.p.Steps {
		d.need(height(i))
		d.fill(d.c.primary)
		d.f.Circle(margin+3.6, d.y+4.3, 3.6, "F")
		d.put(strconv.Itoa(i+1), margin, d.y+5.55, 7.2, style{semibold, 9.5, 12, d.c.onto}, middle)
		d.put(s.Title, margin+column, d.y+d.sub().ascent(), inner-column, d.sub(), left)
		d.block(texts[i], margin+column, d.y+d.sub().height(1), inner-column, d.text())
		d.y += height(i)
	}
	if len(d.p.NotIncluded) > 0 {
		d.subheading("Asked for, but not part of this price")
		d.bullets(d.p.NotIncluded)
	}
	if len(d.p.Open) > 0 {
		d.subheading("Open points")
		d.bullets(d.p.Open)
	}
}

// about is the agency, in its own words if it has given any.
func (d *doc) about() {
	a := d.p.Agency
	if a.Name == "" && d.brand == "" {
		return
	}
	name := d.brand
	if name == "" {
		name = a.Name
	}
	contact := ""
	for _, part := range []string{a.Email, a.Phone, a.URL} {
		if part != "" && contact != "" {
			contact += "  ·  "
		}
		contact += part
	}
	if a.About == "" && contact == "" {
		return
	}
	if a.About == "" {
		d.heading("Contact")
	} else {
		d.heading("About " + name)
		d.paragraph(a.About, d.text())
	}
	if contact != "" {
		d.paragraph(contact, d.strong())
	}
}

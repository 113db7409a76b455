package scope

import "strings"

// page collects the Markdown of one section. All texts handed to it must be
// safe already: literals of this package, or client text through escape.
type page struct {
	b    strings.Builder
	list bool // the last line belongs to a list
}

// text adds a paragraph.
func (p *page) text(s string) {
	p.gapAfter(false)
	p.b.WriteString(s + "\n")
}

// head adds a heading below the section's.
func (p *page) head(s string) { p.text("### " + s) }

// item adds a line to the list.
func (p *page) item(s string) {
	p.gapAfter(true)
	p.b.WriteString("- " + s + "\n")
}

// sub adds a line below the last item.
func (p *page) sub(s string) { p.b.WriteString("  - " + s + "\n") }

// named adds an item with a name in bold.
func (p *page) named(name, value string) { p.item("**" + name + ":** " + value) }

// table adds a table; every row has as many cells as the head.
func (p *page) table(head []string, rows [][]string) {
	p.gapAfter(false)
	p.b.WriteString("| " + strings.Join(head, " | ") + " |\n")
	p.b.WriteString(strings.Repeat("| --- ", len(head)) + "|\n")
	for _, row := range rows {
		p.b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
}

// gapAfter separates blocks by an empty line; items of one list stay together.
func (p *page) gapAfter(list bool) {
	if p.b.Len() > 0 && (!list || !p.list) {
		p.b.WriteByte('\n')
	}
	p.list = list
}

func (p *page) String() string { return strings.TrimSpace(p.b.String()) }

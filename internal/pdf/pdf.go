// Package pdf draws the client's proposal as an A4 document: a cover and the
// parts of DOMAIN 7.2, in the colours of the agency, with text that can be
// selected in any script that its fonts hold. It decides how things look and
// never what is said; that comes from package proposal.
//
// The same proposal gives the same bytes. Whatever a client has typed is set
// or left out, but never ends the program. Start with Render.
package pdf

import (
	"bytes"
	"fmt"

	"codeberg.org/go-pdf/fpdf"

	"applicreations.com/introspect/internal/proposal"
	"applicreations.com/introspect/internal/typeset"
)

// Brand is how the agency looks.
type Brand struct {
	Name            string // shown on every page; empty means the agency of the proposal
	Logo            []byte // PNG or JPEG, nil means the name in letters
	Primary, Accent Colour // areas and titles; decoration
}

// The page in millimetres.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	margin     = 22.0
	top        = 27.0 // of the text
	bottom     = 275.0
	inner      = pageWidth - 2*margin
)

// maxPages is the length that a proposal should have at most; a longer one is
// set smaller.
const maxPages = 6

// doc is a document in the making.
type doc struct {
	f       *fpdf.Fpdf
	p       proposal.Proposal
	brand   string
	c       palette
	metrics [faces]*typeset.Metrics
	loaded  [faces]bool
	logo    *picture
	density float64 // of the text, 1 or less
	heads   []head  // that wait for what follows them
	y       float64 // where the next thing begins
}

// Render draws a proposal. The error says that the logo is no picture, or that
// the document could not be written; the text of a proposal is no reason.
func Render(p proposal.Proposal, b Brand) (out []byte, err error) {
	defer func() {
		// The PDF library panics where it cannot go on. A document is not worth
		// the program; the test of hostile texts fails on this error too.
		if r := recover(); r != nil {
			err = fmt.Errorf("draw proposal %s: %v; keep the session and report this", p.Snapshot, r)
		}
	}()
	var d *doc
	for _, density := range []float64{1, 0.95, 0.9} {
		if d, err = newDoc(p, b, density); err != nil {
			return nil, fmt.Errorf("draw proposal %s: %w", p.Snapshot, err)
		}
		d.pages()
		if n := d.f.PageCount(); n <= maxPages || n > maxPages+2 {
			break // short enough, or so long that a smaller size does not help
		}
	}
	var buf bytes.Buffer
	if err := d.f.Output(&buf); err != nil {
		return nil, fmt.Errorf("write proposal %s: %w", p.Snapshot, err)
	}
	return buf.Bytes(), nil
}

// pages draws all pages.
func (d *doc) pages() {
	d.cover()
	d.newPage()
	for _, part := range []func(){
		d.summary, d.understanding, d.solution, d.features, d.timeline, d.investment, d.worth, d.options, d.steps, d.about,
	} {
		part()
	}
	d.frames()
}

func newDoc(p proposal.Proposal, b Brand, density float64) (*doc, error) {
	d := &doc{f: fpdf.New("P", "mm", "A4", ""), p: p, c: newPalette(b), brand: clean(b.Name), density: density}
	if d.brand == "" {
		d.brand = clean(p.Agency.Name)
	}
	for f := range faces {
		var err error
		if d.metrics[f], err = typeset.NewMetrics(f.data()); err != nil {
			return nil, err
		}
	}
	d.f.SetCatalogSort(true)
	d.f.SetCreationDate(p.Date)
	d.f.SetModificationDate(p.Date)
	d.f.SetAutoPageBreak(false, 0)
	d.f.SetMargins(0, 0, 0)
	d.f.SetLang("en")
	d.f.SetTitle(clean(p.Title), true)
	d.f.SetAuthor(d.brand, true)
	d.f.SetSubject("Snapshot "+clean(p.Snapshot), true)
	d.f.SetCreator("Introspect", true)
	d.f.SetProducer("Introspect", true)
	logo, err := readLogo(b.Logo)
	if err != nil {
		return nil, err
	}
	d.logo = logo
	return d, d.f.Error()
}

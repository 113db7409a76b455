package pdf_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/pdf"
	"applicreations.com/introspect/internal/proposal"
	"applicreations.com/introspect/internal/scope"
)

// word is a piece of text on a page.
type word struct {
	text string
	x, y float64 // of its baseline, in points from the lower left
	size float64
}

var (
	fontOp = regexp.MustCompile(`BT /F\w+ ([\d.]+) Tf ET`)
	textOp = regexp.MustCompile(`(?s)BT (-?[\d.]+) (-?[\d.]+) Td \((.*?)\) Tj ET`)
)

// pages reads the text of every page in the order in which it is drawn.
func (f file) pages(tb testing.TB) [][]word {
	tb.Helper()
	var out [][]word
	for _, o := range f.objects {
		if !bytes.Contains(o, []byte(" Td (")) {
			continue
		}
		var page []word
		size := 0.0
		for len(o) > 0 {
			font, text := fontOp.FindSubmatchIndex(o), textOp.FindSubmatchIndex(o)
			if text == nil {
				break
			}
			if font != nil && font[0] < text[0] {
				size, o = number(tb, o[font[2]:font[3]]), o[font[1]:]
				continue
			}
			page = append(page, word{decode(o[text[6]:text[7]]), number(tb, o[text[2]:text[3]]), number(tb, o[text[4]:text[5]]), size})
			o = o[text[1]:]
		}
		out = append(out, page)
	}
	return out
}

func number(tb testing.TB, text []byte) float64 {
	tb.Helper()
	n, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// decode reads a string of a page.
func decode(text []byte) string {
	var units []uint16
	var half []byte
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' && i+1 < len(text) {
			i++
			if c = text[i]; c == 'r' {
				c = '\r'
			}
		}
		if half = append(half, c); len(half) == 2 {
			units, half = append(units, uint16(half[0])<<8|uint16(half[1])), nil
		}
	}
	return string(utf16.Decode(units))
}

// find returns the first word with a text, and the number of its page.
func find(tb testing.TB, pages [][]word, text string) (word, int) {
	tb.Helper()
	for i, page := range pages {
		for _, w := range page {
			if w.text == text {
				return w, i + 1
			}
		}
	}
	tb.Fatalf("%q is on no page", text)
	return word{}, 0
}

func TestPagesAreNumberedAndSigned(t *testing.T) {
	t.Parallel()
	p := offer(t, "details")
	pages := parse(t, render(t, p, pdf.Brand{Name: "Studio Nord"})).pages(t)
	for i, page := range pages {
		text := func(want string) bool { return slices.ContainsFunc(page, func(w word) bool { return w.text == want }) }
		if !slices.ContainsFunc(page, func(w word) bool { return strings.HasPrefix(w.text, "Snapshot "+p.Snapshot) }) {
			t.Errorf("page %d has no snapshot", i+1)
		}
		if !text("Studio Nord") {
			t.Errorf("page %d has no brand", i+1)
		}
		if number := fmt.Sprintf("Page %d of %d", i+1, len(pages)); i > 0 && !text(number) {
			t.Errorf("page %d does not say %q", i+1, number)
		}
	}
}

// A heading has something below it on its page.
func TestNoHeadingIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"salon", "details", "barely", "hostile"} {
		for n := range 7 { // push everything down line by line
			p := offer(t, name)
			for range n {
				p.Summary = append(p.Summary, "One more line.")
			}
			for i, page := range parse(t, render(t, p, pdf.Brand{})).pages(t) {
				var lowest, heading float64
				lowest = 842
				for _, w := range page {
					if w.y < 60 || i == 0 { // the foot of the page, the cover
						continue
					}
					lowest = min(lowest, w.y)
					if w.size > 17 && w.size < 21 || w.size > 9.1 && w.size < 9.3 || w.size > 10.1 && w.size < 10.3 {
						heading = w.y
						if heading == lowest {
							continue
						}
					}
				}
				if heading > 0 && heading == lowest {
					t.Errorf("%s with %d lines more: a heading is the last thing on page %d", name, n, i+1)
				}
			}
		}
	}
}

func TestRightToLeftBeginsAtTheRight(t *testing.T) {
	t.Parallel()
	p := offer(t, "salon")
	p.Summary = []string{"Left.", "שלום."}
	pages := parse(t, render(t, p, pdf.Brand{})).pages(t)
	en, _ := find(t, pages, "Left.")
	he, _ := find(t, pages, "םולש")
	if en.x > 63 || he.x < 480 {
		t.Errorf("English begins at %.0f, Hebrew at %.0f points, want them at the left and the right edge", en.x, he.x)
	}
}

func TestAmountsStandAtTheRightEdge(t *testing.T) {
	t.Parallel()
	p := offer(t, "salon")
	pages := parse(t, render(t, p, pdf.Brand{})).pages(t)
	_, page := find(t, pages, "Investment summary")
	var rows []word
	for _, w := range pages[page-1] {
		if slices.Contains([]string{"$4,500", "$800", "$400", "$500", "$300"}, w.text) {
			rows = append(rows, w)
		}
	}
	if len(rows) != 5 {
		t.Fatalf("%d amounts in the price table, want 5", len(rows))
	}
	// Digits are of equal width, so amounts of one length begin at one place.
	for _, w := range rows[2:] {
		if w.x != rows[1].x {
			t.Errorf("%s begins at %.2f, $800 at %.2f points", w.text, w.x, rows[1].x)
		}
	}
}

func TestLongTitleGetsSmallerAndIsCut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		title string
		size  float64
		cut   bool
	}{
		{"short", "Nord", 40, false},
		{"of two lines", "Bella Hair Studio and Beauty Salon of Portland", 37, false},
		{"long", "The Society for the Preservation of Old Steam Engines and Railway Cars of Oregon", 28, false},
		{"endless", strings.Repeat("Society of Steam Engines ", 60), 22, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := offer(t, "barely")
			p.Title, p.Understanding.Quotes = proposal.TitlePrefix+tt.title, nil
			size, cut := 0.0, false
			for _, w := range parse(t, render(t, p, pdf.Brand{})).pages(t)[0] {
				if w.size >= 20 {
					size, cut = w.size, cut || strings.HasSuffix(w.text, "…")
				}
			}
			if size != tt.size || cut != tt.cut {
				t.Errorf("title of %d characters in %g points, cut = %v, want %g, %v", len(tt.title), size, cut, tt.size, tt.cut)
			}
		})
	}
}

func TestEmptyPartsAreLeftOut(t *testing.T) {
	t.Parallel()
	p := offer(t, "salon")
	p.Worth, p.Options, p.Open, p.NotIncluded = scope.Worth{}, nil, nil, nil
	p.Features, p.Understanding, p.Agency = nil, proposal.Understanding{}, proposal.Agency{}
	f := parse(t, render(t, p, pdf.Brand{}))
	for _, heading := range []string{"Included features", "Understanding your needs", "Return on investment", "Options", "Open points", "About", "Contact"} {
		for _, page := range f.pages(t) {
			if slices.ContainsFunc(page, func(w word) bool {
				return w.text == heading || heading != "Contact" && strings.HasPrefix(w.text, heading)
			}) {
				t.Errorf("the document has %q, which is empty", heading)
			}
		}
	}
}

func TestAContactIsNoPortrait(t *testing.T) {
	t.Parallel()
	p := offer(t, "salon")
	p.Agency.About = ""
	pages := parse(t, render(t, p, pdf.Brand{})).pages(t)
	find(t, pages, "Contact")
	find(t, pages, "david@applicreations.com · (555) 010-2000 · applicreations.com")
}

func TestPriceTableGoesOnWithItsHead(t *testing.T) {
	t.Parallel()
	p := offer(t, "salon")
	for i := range 60 {
		p.Investment.Positions = append(p.Investment.Positions, scope.Position{Name: fmt.Sprintf("Position %d", i), Quantity: 2, Unit: 100, Amount: 200})
	}
	heads, quantities := 0, 0
	for _, page := range parse(t, render(t, p, pdf.Brand{})).pages(t) {
		for _, w := range page {
			if w.text == "POSITION" {
				heads++
			}
			if w.text == "2 at $1" {
				quantities++
			}
		}
	}
	if heads < 2 || quantities != 60 {
		t.Errorf("%d heads of the table and %d quantities, want 2 or more and 60", heads, quantities)
	}
}

func TestManyPaymentsAreListed(t *testing.T) {
	t.Parallel()
	p := offer(t, "salon")
	p.Investment.Payments = nil
	for i := range 9 {
		p.Investment.Payments = append(p.Investment.Payments, catalog.Payment{Milestone: fmt.Sprintf("Part %d", i+1), Percent: 11, Amount: 100})
	}
	pages := parse(t, render(t, p, pdf.Brand{})).pages(t)
	for i := range 9 {
		find(t, pages, fmt.Sprintf("Part %d", i+1))
	}
}

func TestALongPlanHasAScaleThatFits(t *testing.T) {
	t.Parallel()
	for _, weeks := range []int{-3, 0, 1, 12, 13, 40, 104, 1 << 40} {
		p := offer(t, "salon")
		p.Timeline.Low = weeks
		p.Timeline.Milestones[6].Start, p.Timeline.Milestones[6].Weeks = weeks, 1
		numbers := 0
		pages := parse(t, render(t, p, pdf.Brand{})).pages(t)
		head, page := find(t, pages, "MILESTONE")
		for _, w := range pages[page-1] {
			if _, err := strconv.Atoi(w.text); err == nil && w.y == head.y {
				numbers++
			}
		}
		if numbers < 1 || numbers > 12 {
			t.Errorf("a plan of %d weeks has %d numbers, want 1 to 12", weeks, numbers)
		}
	}
}

func TestLogosOfAllKinds(t *testing.T) {
	t.Parallel()
	encode := func(img image.Image, as string) []byte {
		var buf bytes.Buffer
		var err error
		if as == "jpeg" {
			err = jpeg.Encode(&buf, img, nil)
		} else {
			err = png.Encode(&buf, img)
		}
		if err != nil {
			t.Fatal(err)
		}
		return buf.Bytes()
	}
	gray := image.NewGray16(image.Rect(0, 0, 40, 40))
	gray.Set(3, 3, color.White)
	palette := image.NewPaletted(image.Rect(5, 5, 25, 15), color.Palette{color.Black, color.Transparent})
	for name, data := range map[string][]byte{
		"16 bits": encode(gray, "png"), "palette": encode(palette, "png"), "jpeg": encode(gray, "jpeg"),
		"wide": encode(image.NewRGBA(image.Rect(0, 0, 3000, 2)), "png"), "tall": encode(image.NewRGBA(image.Rect(0, 0, 2, 3000)), "png"),
		"one pixel": encode(image.NewRGBA(image.Rect(0, 0, 1, 1)), "png"),
	} {
		if f := parse(t, render(t, offer(t, "barely"), pdf.Brand{Logo: data})); f.count("/Subtype /Image") == 0 {
			t.Errorf("the logo is missing: %s", name)
		}
	}
	huge := encode(image.NewGray(image.Rect(0, 0, 6001, 1)), "png")
	if _, err := pdf.Render(offer(t, "barely"), pdf.Brand{Logo: huge}); err == nil || !strings.Contains(err.Error(), "6000 pixels") {
		t.Errorf("Render(logo of 6001 pixels) err = %v, want the limit in it", err)
	}
}

// Whatever the colours of an agency are, text can be read.
func TestAnyBrandColourLeavesTextReadable(t *testing.T) {
	t.Parallel()
	white := pdf.Colour{R: 255, G: 255, B: 255}
	for r := 0; r < 256; r += 51 {
		for g := 0; g < 256; g += 51 {
			for b := 0; b < 256; b += 51 {
				c := pdf.Colour{R: uint8(r), G: uint8(g), B: uint8(b)}
				area, onto, strong, tint := pdf.Palette(pdf.Brand{Primary: c})
				if got := pdf.Contrast(area, onto); got < 4.5 {
					t.Errorf("text on %v has a contrast of %.1f, want 4.5", c, got)
				}
				if got := pdf.Contrast(strong, white); got < 4.5 {
					t.Errorf("titles of %v have a contrast of %.1f on white, want 4.5", c, got)
				}
				if got := pdf.Contrast(strong, tint); got < 4.2 {
					t.Errorf("figures of %v have a contrast of %.1f on their tint, want 4.2", c, got)
				}
			}
		}
	}
}

func TestLongProposalsAreSetSmaller(t *testing.T) {
	t.Parallel()
	p := offer(t, "details")
	smallest := 100.0
	for _, page := range parse(t, render(t, p, pdf.Brand{})).pages(t)[1:] {
		for _, w := range page {
			smallest = min(smallest, w.size)
		}
	}
	if smallest < 6.5 || smallest > 7.5 {
		t.Errorf("smallest text has %.2f points, want a dense but readable 6.5 to 7.5", smallest)
	}
}

package pdf

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
)

// point is the length of a typographic point in millimetres.
const point = 25.4 / 72

// style is how a text looks.
type style struct {
	face   face    // regular, semibold or display
	size   float64 // in points
	lead   float64 // from line to line, in points
	colour Colour
}

// glyph is a character with the font that has it.
type glyph struct {
	r     rune
	face  face
	level uint8
	width float64 // in thousandths of the font size
}

// line is what fits into the width of a text, in the order in which it is
// drawn.
type line struct {
	glyphs []glyph
	rtl    bool    // begins at the right
	width  float64 // in millimetres
}

// set looks up the glyphs of a text in logical order.
func (d *doc) set(text string, st style) (glyphs []glyph, base uint8) {
	runes := []rune(clean(text))
	if level, dir, mixed := mixedLevels(runes); mixed {
		// Shaping shortens the text, so levels are found for what it makes.
		runes = shape(runes)
		level, dir, _ = mixedLevels(runes)
		glyphs, base = make([]glyph, len(runes)), dir
		for i, r := range runes {
			glyphs[i] = d.glyph(r, st.face)
			glyphs[i].level = level[i]
		}
		return glyphs, base
	}
	glyphs = make([]glyph, 0, len(runes))
	for _, r := range runes {
		if r != '\u200c' {
			glyphs = append(glyphs, d.glyph(r, st.face))
		}
	}
	return glyphs, 0
}

// mixedLevels gives levels only to text with right-to-left characters; most
// texts have none.
func mixedLevels(text []rune) (level []uint8, base uint8, mixed bool) {
	if !slices.ContainsFunc(text, func(r rune) bool {
		if r < 0x590 {
			return false
		}
		p, _ := bidi.LookupRune(r)
		return p.Class() == bidi.R || p.Class() == bidi.AL || p.Class() == bidi.AN
	}) {
		return nil, 0, false
	}
	level, base = levels(text)
	return level, base, true
}

// glyph finds the font for a character: the wanted one, else the first that
// has it. A letter that none has becomes a box, anything else a blank.
func (d *doc) glyph(r rune, want face) glyph {
	for _, f := range []face{want, hebrew, arabic, han} {
		if m := d.metrics[f]; m != nil && m.glyph(r) != 0 {
			return glyph{r: r, face: f, width: m.width(r)}
		}
	}
	if unicode.IsLetter(r) || unicode.IsNumber(r) {
		r = missing
	} else {
		r = ' '
	}
	return glyph{r: r, face: want, width: d.metrics[want].width(r)}
}

// wrap breaks a text into at most n lines of at most width millimetres, and
// marks where it was cut.
func (d *doc) wrap(text string, st style, width float64, n int) []line {
	glyphs, base := d.set(text, st)
	room := width / (st.size * point) * 1000
	var out []line
	for len(glyphs) > 0 {
		end, next := split(glyphs, room)
		l := newLine(glyphs[:end], base, st)
		glyphs = glyphs[next:]
		if len(out)+1 == n && len(glyphs) > 0 {
			return append(out, d.cut(l, st))
		}
		out = append(out, l)
	}
	return out
}

func newLine(part []glyph, base uint8, st style) line {
	l := line{glyphs: slices.Clone(part), rtl: base == 1}
	for _, g := range part {
		l.width += g.width * st.size * point / 1000
	}
	reorder(l.glyphs, base)
	return l
}

// split finds how many glyphs fit into the room, and where the next line
// begins: at a blank or between two Han characters if there is one, else
// within a word.
func split(glyphs []glyph, room float64) (n, next int) {
	used, at, after := 0.0, 0, 0
	for i, g := range glyphs {
		if g.r == ' ' {
			at, after = i, i+1
		} else if i > 0 && breakable(glyphs[i-1].r, g.r) {
			at, after = i, i
		}
		used += g.width
		if used <= room || g.r == ' ' {
			continue
		}
		if at > 0 {
			return at, after
		}
		return max(1, i), max(1, i)
	}
	return len(glyphs), len(glyphs)
}

// breakable reports whether a line may end between two characters that no
// blank separates.
func breakable(before, after rune) bool {
	if strings.ContainsRune("/–", before) && unicode.IsLetter(after) {
		return true
	}
	return (wide(before) || wide(after)) && !strings.ContainsRune("、。，．）」』】！？：；…,.)", after) && !strings.ContainsRune("（「『【(", before)
}

// wide reports the scripts that are written without blanks.
func wide(r rune) bool {
	return r >= 0x2e80 && r <= 0x9fff || r >= 0xf900 && r <= 0xfaff || r >= 0xff00 && r <= 0xffef
}

// cut puts dots in place of the end of a line.
func (d *doc) cut(l line, st style) line {
	dots := d.glyph('…', st.face)
	switch {
	case len(l.glyphs) == 0:
	case l.rtl:
		l.glyphs[0] = dots
	default:
		l.glyphs[len(l.glyphs)-1] = dots
	}
	return l
}

// draw puts a line with its baseline at y; x is its left edge, or with rtl the
// right edge of its box.
func (d *doc) draw(l line, x, y float64, st style) {
	d.f.SetTextColor(int(st.colour.R), int(st.colour.G), int(st.colour.B))
	for i := 0; i < len(l.glyphs); {
		j, width := i, 0.0
		var run strings.Builder
		for ; j < len(l.glyphs) && l.glyphs[j].face == l.glyphs[i].face; j++ {
			run.WriteRune(l.glyphs[j].r)
			width += l.glyphs[j].width
		}
		if text := run.String(); strings.TrimSpace(text) != "" {
			d.use(l.glyphs[i].face, st.size)
			d.f.Text(x, y, text)
		}
		x += width * st.size * point / 1000
		i = j
	}
}

// use selects a font, and brings it into the document at its first use.
func (d *doc) use(f face, size float64) {
	if !d.loaded[f] {
		d.f.AddUTF8FontFromBytes(f.file(), "", d.fonts[f])
		d.loaded[f] = true
	}
	d.f.SetFont(f.file(), "", size)
}

// width is that of a text in one line, in millimetres.
func (d *doc) width(text string, st style) float64 {
	glyphs, _ := d.set(text, st)
	total := 0.0
	for _, g := range glyphs {
		total += g.width
	}
	return total * st.size * point / 1000
}

// align is where a text stands in its box.
type align int

const (
	left align = iota
	right
	middle
)

// put writes a text into one line of a box, shortened if it must be.
func (d *doc) put(text string, x, y, width float64, st style, a align) {
	if lines := d.wrap(text, st, width, 1); len(lines) > 0 {
		d.place(lines[0], x, y, width, st, a)
	}
}

// place draws a line in a box; right-to-left text begins at the right edge.
func (d *doc) place(l line, x, y, width float64, st style, a align) {
	switch {
	case a == middle:
		x += (width - l.width) / 2
	case a == right || l.rtl:
		x += width - l.width
	}
	d.draw(l, x, y, st)
}

// block writes lines below each other from the top edge y and returns the
// height. Callers have made sure that they fit on the page.
func (d *doc) block(lines []line, x, y, width float64, st style) float64 {
	for i, l := range lines {
		d.place(l, x, y+float64(i)*st.lead*point+st.ascent(), width, st, left)
	}
	return st.height(len(lines))
}

// height of some lines in millimetres.
func (s style) height(lines int) float64 { return float64(lines) * s.lead * point }

// ascent is the distance from the top of a line to its baseline, in
// millimetres: letters stand in the middle of their line.
func (s style) ascent() float64 { return (s.lead + s.size*0.72) / 2 * point }

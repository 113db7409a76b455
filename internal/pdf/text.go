package pdf

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"

	"applicreations.com/introspect/internal/typeset"
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

// line is what fits into the width of a text, in the order in which it is
// drawn.
type line struct {
	glyphs []typeset.Glyph
	rtl    bool    // begins at the right
	width  float64 // in millimetres
}

// set looks up the glyphs of a text in logical order.
func (d *doc) set(text string, st style) (glyphs []typeset.Glyph, base uint8) {
	runes := typeset.Shape([]rune(text))
	glyphs = make([]typeset.Glyph, len(runes))
	for i, r := range runes {
		glyphs[i] = d.glyph(r, st.face)
	}
	if class, mixed := classes(runes); mixed {
		var level []uint8
		level, base = typeset.Levels(runes, class)
		for i := range glyphs {
			glyphs[i].Level = level[i]
		}
	}
	return glyphs, base
}

// classes tells how each character behaves among text of both directions. Most
// text has no right-to-left characters, and then nothing has to be told.
func classes(text []rune) (class []typeset.Class, mixed bool) {
	if !slices.ContainsFunc(text, func(r rune) bool { return r >= 0x590 }) {
		return nil, false
	}
	class = make([]typeset.Class, len(text))
	for i, r := range text {
		p, _ := bidi.LookupRune(r)
		class[i] = behaviour(p.Class())
		mixed = mixed || class[i] == typeset.RightToLeft || class[i] == typeset.ArabicLetter || class[i] == typeset.ArabicNumber
	}
	return class, mixed
}

func behaviour(c bidi.Class) typeset.Class {
	switch c {
	case bidi.L:
		return typeset.LeftToRight
	case bidi.R:
		return typeset.RightToLeft
	case bidi.AL:
		return typeset.ArabicLetter
	case bidi.EN:
		return typeset.EuropeanNumber
	case bidi.ES:
		return typeset.NumberSeparator
	case bidi.ET:
		return typeset.NumberTerminator
	case bidi.AN:
		return typeset.ArabicNumber
	case bidi.CS:
		return typeset.CommonSeparator
	case bidi.NSM:
		return typeset.Mark
	default:
		return typeset.Neutral
	}
}

// glyph finds the font for a character: the wanted one, else the first that
// has it. A letter that none has becomes a box, anything else a blank.
func (d *doc) glyph(r rune, want face) typeset.Glyph {
	for _, f := range [...]face{want, hebrew, arabic, han} {
		if m := d.metrics[f]; m.Has(r) {
			return typeset.Glyph{Rune: r, Face: uint8(f), Width: m.Width(r)}
		}
	}
	if unicode.IsLetter(r) || unicode.IsNumber(r) {
		r = missing
	} else {
		r = ' '
	}
	return typeset.Glyph{Rune: r, Face: uint8(want), Width: d.metrics[want].Width(r)}
}

// densest is how many characters a line may hold, however narrow they are.
const densest = 300

// wrap breaks a text into at most n lines of at most width millimetres, and
// marks where it was cut.
func (d *doc) wrap(text string, st style, width float64, n int) []line {
	text = clean(text)
	if most := n * densest; len(text) > most {
		runes := []rune(text)
		text = string(runes[:min(len(runes), most)])
	}
	glyphs, base := d.set(text, st)
	room := width / (st.size * point) * 1000
	var out []line
	for len(glyphs) > 0 {
		end, next := typeset.Split(glyphs, room)
		l := newLine(glyphs[:end], base, st)
		glyphs = glyphs[next:]
		if len(out)+1 == n && len(glyphs) > 0 {
			return append(out, d.cut(l, st))
		}
		out = append(out, l)
	}
	return out
}

func newLine(part []typeset.Glyph, base uint8, st style) line {
	l := line{glyphs: slices.Clone(part), rtl: base == 1}
	for _, g := range part {
		l.width += g.Width * st.size * point / 1000
	}
	typeset.Reorder(l.glyphs, base)
	return l
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

// draw puts a line with its left edge at x and its baseline at y.
func (d *doc) draw(l line, x, y float64, st style) {
	d.f.SetTextColor(int(st.colour.R), int(st.colour.G), int(st.colour.B))
	for i := 0; i < len(l.glyphs); {
		j, width := i, 0.0
		var run strings.Builder
		for ; j < len(l.glyphs) && l.glyphs[j].Face == l.glyphs[i].Face; j++ {
			run.WriteRune(l.glyphs[j].Rune)
			width += l.glyphs[j].Width
		}
		if text := run.String(); strings.TrimSpace(text) != "" {
			d.use(face(l.glyphs[i].Face), st.size)
			d.f.Text(x, y, text)
		}
		x += width * st.size * point / 1000
		i = j
	}
}

// use selects a font, and brings it into the document at its first use.
func (d *doc) use(f face, size float64) {
	if !d.loaded[f] {
		d.f.AddUTF8FontFromBytes(f.file(), "", bytes.Clone(f.data()))
		d.loaded[f] = true
	}
	d.f.SetFont(f.file(), "", size)
}

// width is that of a text in one line, in millimetres.
func (d *doc) width(text string, st style) float64 {
	glyphs, _ := d.set(clean(text), st)
	total := 0.0
	for _, g := range glyphs {
		total += g.Width
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

// place draws a line in a box.
func (d *doc) place(l line, x, y, width float64, st style, a align) {
	switch a {
	case left:
	case middle:
		x += (width - l.width) / 2
	case right:
		x += width - l.width
	}
	d.draw(l, x, y, st)
}

// block writes lines below each other from the top edge y and returns the
// height. Right-to-left text begins at the right edge. Callers have made sure
// that the lines fit on the page.
func (d *doc) block(lines []line, x, y, width float64, st style) float64 {
	for i, l := range lines {
		a := left
		if l.rtl {
			a = right
		}
		d.place(l, x, y+float64(i)*st.lead*point+st.ascent(), width, st, a)
	}
	return st.height(len(lines))
}

// height of some lines in millimetres.
func (s style) height(lines int) float64 { return float64(lines) * s.lead * point }

// ascent is the distance from the top of a line to its baseline, in
// millimetres: letters stand in the middle of their line.
func (s style) ascent() float64 { return (s.lead + s.size*0.72) / 2 * point }

package pdf

// What the tests need to see from inside.
var (
	Clean    = clean
	Contrast = contrast
)

// Palette gives the colours of a document that text depends on: an area, the
// text on it, titles on white, and the ground of figures.
func Palette(b Brand) (area, onto, strong, tint Colour) {
	p := newPalette(b)
	return p.primary, p.onto, p.strong, p.tint
}

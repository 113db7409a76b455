package pdf

// What the tests need to see from inside.
var (
	Clean    = clean
	Shape    = shape
	Contrast = contrast
)

// Visual is a text in the order in which it is drawn.
func Visual(text string) string {
	runes := shape([]rune(clean(text)))
	level, base := levels(runes)
	glyphs := make([]glyph, len(runes))
	for i, r := range runes {
		glyphs[i] = glyph{r: r, level: level[i]}
	}
	reorder(glyphs, base)
	out := make([]rune, len(runes))
	for i, g := range glyphs {
		out[i] = g.r
	}
	return string(out)
}

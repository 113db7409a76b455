package pdf

// What the tests need to see from inside.
var (
	Clean    = clean
	Contrast = contrast
)

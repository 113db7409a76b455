package scope

// What the tests need to see from inside.
var (
	Escape = escape
	Quote  = quote
	Fold   = fold
)

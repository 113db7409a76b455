package scope

// What the tests need to see from inside.
var (
	Escape   = escape
	Quote    = quote
	Unescape = unescape
	Fold     = fold
)

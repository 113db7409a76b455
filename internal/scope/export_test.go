package scope

import (
	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
)

// What the tests need to see from inside.
var (
	Escape   = escape
	Quote    = quote
	Unescape = unescape
	Fold     = fold
)

// Check lists what is wrong with a document.
func Check(d Document, s *intake.Session, cat *catalog.Catalog) []Finding {
	return examine(d, s, cat).findings
}

// Score is the completeness of a document.
func Score(d Document, s *intake.Session, cat *catalog.Catalog) int {
	return examine(d, s, cat).score()
}

package catalog

import "applicreations.com/introspect/internal/strictjson"

// Problem is one mistake in a catalog file.
type Problem = strictjson.Problem

// Problems is every mistake found in a catalog file, in the order of the file.
type Problems = strictjson.Problems

// Parse reads a catalog file: JSON in the form of the built-in one. Unknown,
// repeated and missing fields are mistakes, and so is everything that would
// make a price or a recommendation wrong. The error is of type Problems and
// holds all mistakes at once, because a person edits this file.
func Parse(data []byte) (*Catalog, error) {
	var c Catalog
	f, err := strictjson.Decode(data, &c)
	if err != nil {
		return nil, err
	}
	checker{Catalog: &c, file: f}.all()
	if err := f.Err(); err != nil {
		return nil, err
	}
	return &c, nil
}

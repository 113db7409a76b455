// Package intaketest gives tests the engine of an installation that has no
// files of its own.
package intaketest

import (
	"sync"
	"testing"

	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
)

// Engine returns the engine with the built-in question bank, and the built-in
// catalog that it recommends from. All tests of a package share them: neither
// changes, and making them takes longer than most tests.
func Engine(tb testing.TB) (*catalog.Catalog, *intake.Engine) {
	tb.Helper()
	h, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	return h.cat, h.engine
}

type house struct {
	cat    *catalog.Catalog
	engine *intake.Engine
}

var shared = sync.OnceValues(func() (house, error) {
	cat, err := catalog.Default()
	if err != nil {
		return house{}, err
	}
	questions, err := bank.Default()
	if err != nil {
		return house{}, err
	}
	engine, err := intake.NewEngine(cat, questions)
	return house{cat, engine}, err
})

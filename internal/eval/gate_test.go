package eval_test

import (
	"testing"
	"time"

	"applicreations.com/introspect/internal/eval"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/intake/intaketest"
	"applicreations.com/introspect/internal/persona"
)

func engine(tb testing.TB) *intake.Engine {
	tb.Helper()
	_, e := intaketest.Engine(tb)
	return e
}

func library(tb testing.TB) *persona.Library {
	tb.Helper()
	lib, err := persona.Open()
	if err != nil {
		tb.Fatal(err)
	}
	return lib
}

func began() time.Time { return time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC) }

// half returns the briefs of one half of the split.
func half(tb testing.TB, test bool) []persona.Brief {
	tb.Helper()
	var out []persona.Brief
	for _, b := range library(tb).Briefs {
		if b.Test == test {
			out = append(out, b)
		}
	}
	return out
}

// TestGates holds the engine to its numbers on the half of the briefs that
// nothing was tuned on.
func TestGates(t *testing.T) {
	t.Parallel()
	o := eval.Measure(engine(t), eval.Suite{Library: library(t), Briefs: half(t, true), Presets: persona.Presets(), Each: 2, Seeds: 1, Now: began()})
	t.Logf("\n%s", o.Markdown())
	for _, g := range o.All.Gates() {
		if !g.OK && !g.Shown {
			t.Errorf("%s = %.3f, want %s", g.Name, g.Got, g.Want)
		}
	}
	if !o.Replayed {
		t.Error("a second run of the same clients differs")
	}
}

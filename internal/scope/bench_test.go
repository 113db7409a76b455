package scope_test

import (
	"testing"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/scope"
)

// BenchmarkBuild writes a document of a usual interview, of one in which every
// option of every detail was ticked, and checks the latter.
func BenchmarkBuild(b *testing.B) {
	cat := shop(b)
	for name, s := range map[string]*intake.Session{"details": detailed(b, cat), "everything": everything(b, cat)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				build(b, s, cat)
			}
		})
	}
	b.Run("check", func(b *testing.B) {
		s := everything(b, cat)
		d := build(b, s, cat)
		for b.Loop() {
			scope.Check(d, s, cat)
		}
	})
}

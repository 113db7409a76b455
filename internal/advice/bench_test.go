package advice_test

import (
	"testing"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/slot"
)

func BenchmarkReview(b *testing.B) {
	world := salon("Mostly women from the neighbourhood, about 40 bookings a week. Our logo is fine.")
	a := asks("For women from the neighbourhood: does Bella Hair have a logo already?")
	a.Facts = []advice.Fact{fact(slot.TargetAudience, "women from the neighbourhood", "women from the neighbourhood"), fact(slot.BookingsPerWeek, "40", "about 40 bookings a week")}
	b.ReportAllocs()
	for b.Loop() {
		if _, dropped := advice.Review(a, world); len(dropped) > 0 {
			b.Fatal(reasons(dropped))
		}
	}
}

func BenchmarkRedactSnapshot(b *testing.B) {
	s := salon("Ann here, call 555-123-4567. The shop is Ann's Hair.").Sent
	b.ReportAllocs()
	for b.Loop() {
		s.Redact(ann)
	}
}

func BenchmarkParse(b *testing.B) {
	raw := []byte(whole)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := advice.Parse(raw); err != nil {
			b.Fatal(err)
		}
	}
}

package intake_test

import (
	"slices"
	"testing"
	"time"

	"applicreations.com/introspect/internal/intake"
)

// BenchmarkTurnOfEngine measures one turn of the engine without any store:
// take an answer, extract, rank the questions, choose. p99-us is the 99th
// percentile over all turns of whole interviews.
func BenchmarkTurnOfEngine(b *testing.B) {
	e := newEngine(b)
	var turns []time.Duration
	for b.Loop() {
		i := begin(b, e, ada())
		i.direct = true
		for i.s.Current.Kind != intake.Complete {
			a := salon(i.s.Current)
			a.ActionID = i.s.Current.ID
			i.now = i.now.Add(40 * time.Second)
			began := time.Now()
			if _, err := e.Answer(i.s, a, i.now); err != nil {
				b.Fatal(err)
			}
			turns = append(turns, time.Since(began))
		}
	}
	slices.Sort(turns)
	b.ReportMetric(float64(turns[len(turns)/2].Microseconds()), "p50-us/turn")
	b.ReportMetric(float64(turns[len(turns)*99/100].Microseconds()), "p99-us/turn")
	b.ReportMetric(0, "ns/op")
}

package interview_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/advisor"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/intake/intaketest"
	"applicreations.com/introspect/internal/interview"
	"applicreations.com/introspect/internal/store/storetest"
)

// dead is a model whose breaker is open.
type dead struct{}

func (dead) Ask(context.Context, advice.Snapshot) (advisor.Reply, error) {
	return advisor.Reply{}, &advisor.Fault{Class: "paused", Err: advisor.ErrNone}
}
func (dead) State() advisor.State { return advisor.State{Open: true, Cause: "overloaded"} }
func (dead) Name() string         { return "dead-1" }
func (dead) Canary() string       { return "" }

func (dead) Reset() {}

// BenchmarkTurnWithADeadVendor compares the first answer of an interview by rules alone with
// the same beside a model that cannot be reached.
func BenchmarkTurnWithADeadVendor(b *testing.B) {
	for _, name := range []string{"rules", "dead-vendor"} {
		b.Run(name, func(b *testing.B) {
			_, engine := intaketest.Engine(b)
			st := storetest.New(b)
			c := interview.Config{Store: st, Engine: engine}
			if name == "dead-vendor" {
				desk := advisor.New(advisor.Config{Store: st, Model: dead{}})
				ctx, stop := context.WithCancel(b.Context())
				done := make(chan struct{})
				go func() { defer close(done); desk.Run(ctx) }()
				defer func() { stop(); <-done }()
				c.Advisor = desk
			}
			sv := interview.New(c)
			defer sv.Close()
			var times []time.Duration
			for b.Loop() {
				b.StopTimer()
				begun, err := sv.Begin(b.Context(), "", ada())
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				at := time.Now()
				if _, err := sv.Answer(b.Context(), begun.Session.ID, begun.Token, intake.Answer{ActionID: begun.Session.Current.ID, Text: description}); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(at))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

package watch_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
	"applicreations.com/introspect/internal/watch"
)

// filled is a database with so many events, of 25 each visit over ten weeks.
func filled(b *testing.B, events int) *store.Store {
	b.Helper()
	st := storetest.New(b)
	const each = 25
	visits := events / each
	begin := noon().AddDate(0, 0, -65)
	step := noon().Sub(begin) / time.Duration(visits)
	var list []store.Incoming
	for v := range visits {
		id, at := event.SessionID(fmt.Sprintf("visit-%d", v)), begin.Add(time.Duration(v)*step)
		for n := range each {
			var p event.Payload = event.MessageSent{QuestionNumber: n, QuestionID: "q", MessageLength: n, TimeToRespond: 3}
			switch {
			case n == 0:
				p = event.LandingView{Source: "ads", Device: "phone"}
			case n == 1:
				p = event.Plain{Name: event.NameCTAClick}
			case n == 2:
				p = event.SessionStart{WebsiteType: "business", Timestamp: at}
			case n == 8:
				p = event.NewBusinessModelClassified("service", 90, 5+v%4)
			case n == 12:
				p = event.NewFeaturesRecommended([]string{"booking", "blog", "chat"}, "professional", 6500, 11)
			case n == 24 && v%2 == 0:
				p = event.NewSessionComplete(20+v%9, 20*time.Minute, 90)
			}
			list = append(list, store.Incoming{Event: event.New(id, n+1, at.Add(time.Duration(n)*time.Minute), p)})
		}
		if len(list) >= 2000 || v == visits-1 {
			if _, err := st.Record(b.Context(), list); err != nil {
				b.Fatal(err)
			}
			list = list[:0]
		}
	}
	return st
}

// many are so many rules: those of the house, again and again under other names.
func many(b *testing.B, n int) []alert.Rule {
	b.Helper()
	house, err := alert.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	out := make([]alert.Rule, 0, n)
	for i := range n {
		r := house[i%len(house)]
		r.Enabled = true
		if i >= len(house) {
			r.ID, r.InhibitedBy = alert.RuleID(fmt.Sprintf("%s_%d", r.ID, i/len(house))), nil
		}
		out = append(out, r)
	}
	return out
}

// BenchmarkRound measures and evaluates 200 rules, all of them due at once, on a
// database of INTROSPECT_BENCH_EVENTS events (100,000 by default). Every rule has
// a source; what is not measured here says a constant.
func BenchmarkRound(b *testing.B) {
	events := 100_000
	if os.Getenv("INTROSPECT_BENCH_EVENTS") != "" {
		if _, err := fmt.Sscan(os.Getenv("INTROSPECT_BENCH_EVENTS"), &events); err != nil {
			b.Fatal(err)
		}
	}
	st := filled(b, events)
	rules := many(b, 200)
	house := gauge.New(gauge.Config{Store: st, Requests: new(gauge.Requests)}).Sources()
	sources := map[string]gauge.Source{}
	for _, r := range rules {
		if house[r.Metric] == nil {
			sources[r.Metric] = func(context.Context, alert.Rule, time.Time) ([]alert.Reading, error) {
				return []alert.Reading{{Value: 1}}, nil
			}
		}
	}
	delete(sources, "db_ping_failed")
	delete(sources, "evaluator_tick")
	for i := range rules {
		rules[i].Every = alert.Duration(time.Second)
	}
	now := noon()
	s, err := watch.New(watch.Config{Store: st, Keys: storetest.Keys(b), Rules: rules, Sources: sources, Requests: new(gauge.Requests), Now: func() time.Time { return now }})
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if err := s.Tick(b.Context()); err != nil {
		b.Fatal(err)
	}
	first := time.Since(began)
	var worst time.Duration
	for b.Loop() {
		now = now.Add(10 * time.Second)
		began := time.Now()
		if err := s.Tick(b.Context()); err != nil {
			b.Fatal(err)
		}
		worst = max(worst, time.Since(began))
	}
	b.ReportMetric(float64(first.Microseconds())/1000, "first-ms")
	b.ReportMetric(float64(worst.Microseconds())/1000, "worst-ms")
}

package hindsight_test

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/hindsight"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// month fills a database with what the rules of the house read in so many days,
// of an installation that is looked at all the time: memory, disk and latencies
// never stand still, shares move with every visitor of the day, and the rest is
// what it always is.
func month(tb testing.TB, days int) (*store.Store, []alert.Rule, time.Time) {
	tb.Helper()
	rules, err := alert.Builtin()
	if err != nil {
		tb.Fatal(err)
	}
	begin := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	now := begin
	st := storetest.SQLite(tb, store.Config{Now: func() time.Time { return now }})
	dice := rand.New(rand.NewPCG(1, 2))
	var k hindsight.Keeper
	due := map[alert.RuleID]time.Time{}
	for range days * 8640 {
		now = now.Add(10*time.Second + time.Duration(dice.IntN(5)-2)*time.Millisecond)
		k.Round(now)
		awake := now.Hour() >= 8 && now.Hour() < 20
		for _, r := range rules {
			if now.Sub(due[r.ID]) < r.Every.Long()-time.Second {
				continue
			}
			due[r.ID] = now
			k.Note(r.ID, alert.FingerprintOf(r.ID, nil), look(r, now, dice, awake), false)
		}
		list, forget := k.Changes(now, dice.IntN(100) == 0)
		if len(list) == 0 {
			continue
		}
		if err := st.SaveAlerts(tb.Context(), store.AlertChange{Readings: list, Forget: forget}); err != nil {
			tb.Fatal(err)
		}
		k.Stored(now, forget)
	}
	return st, rules, now
}

func look(r alert.Rule, now time.Time, dice *rand.Rand, awake bool) (in alert.Reading) {
	in.At = now
	count := func(span alert.Duration, before bool) {
		c := condition.Count{Span: span, Now: stat.Rate{Of: 100}}
		if awake {
			c.Now = stat.Rate{Hits: dice.Int64N(4), Of: 100 + dice.Int64N(60)}
		}
		if before {
			c.Before = stat.Rate{Hits: 40, Of: 1200}
		}
		in.Counts = append(in.Counts, c)
	}
	switch w := r.When; {
	case w.Absence != nil:
		in.Last = now.Add(-10*time.Second - time.Duration(dice.IntN(40))*time.Millisecond)
	case w.Ratio != nil:
		for _, n := range w.Ratio.Windows {
			count(n.Span, false)
		}
	case w.Drop != nil:
		for _, n := range w.Drop.Windows {
			count(n.Span, true)
		}
	case w.Burn != nil:
		for _, p := range w.Burn.Pairs {
			count(p.Long, false)
			count(p.Short, false)
		}
	default:
		switch r.Metric {
		case "memory_percent", "disk_percent", "disk_hours_left", "clock_skew_seconds", "backup_age_hours", "replication_lag_seconds", "cert_days", "jobs_oldest_seconds":
			in.Value = 40 + math.Sqrt(dice.Float64()*100)
		}
	}
	return in
}

// BenchmarkMonth says what 35 days of readings weigh, and how long it takes to
// try all rules of the house on them.
func BenchmarkMonth(b *testing.B) {
	st, rules, now := month(b, 35)
	rows, size, err := st.ReadingsSize(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(st.File())
	if err != nil {
		b.Fatal(err)
	}
	t := hindsight.NewTester(hindsight.Config{Store: st, Gauges: gauge.New(gauge.Config{Store: st}), Now: func() time.Time { return now }})
	var worst time.Duration
	for b.Loop() {
		for _, r := range rules {
			began := time.Now()
			rec, err := t.Try(b.Context(), r)
			if err != nil || !rec.Whole() {
				b.Fatalf("%s: covered %s, %v", r.ID, rec.Covered, err)
			}
			worst = max(worst, time.Since(began))
		}
	}
	b.ReportMetric(float64(worst.Milliseconds()), "worst-rule-ms")
	b.ReportMetric(float64(rows), "rows")
	b.ReportMetric(float64(size)/1e6, "MB")
	b.ReportMetric(float64(info.Size())/1e6, "MB-file")
}

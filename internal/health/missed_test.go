package health_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/status"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// Between two processes nobody was served: the probes that were not made count
// as failed, in the uptime, in the bars of every component and on the dashboard.
func TestTimeWithoutAProcess(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		away     time.Duration
		bad      int64
		midnight int64 // of them on the next day, which begins 11:29:44.75 after noon
	}{
		{"a restart", 40 * time.Second, 0, 0},
		{"a probe too late", 59 * time.Second, 0, 0},
		{"a minute and a half", 90 * time.Second, 2, 0},
		{"an hour", time.Hour, 119, 0},
		{"over midnight", 12 * time.Hour, 1439, 60},
		{"a clock that was set back", -time.Hour, 0, 0},
		{"a year: as far back as quarters are kept", 365 * 24 * time.Hour, 35 * 24 * 120, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			now := noon()
			var clock atomic.Int64 // the store asks for it on a goroutine of its own
			clock.Store(now.UnixNano())
			st := storetest.SQLite(t, store.Config{Path: t.TempDir(), Zone: pacific(), Now: func() time.Time { return time.Unix(0, clock.Load()) }})
			once(t, st, now)
			now = now.Add(c.away)
			clock.Store(now.UnixNano())
			once(t, st, now)
			for _, name := range []string{health.Service, string(status.Intake), string(status.Dashboard)} {
				got, err := st.ProbesSince(t.Context(), name, now.AddDate(0, 0, -36))
				if err != nil || got.Bad != c.bad || got.Good == 0 {
					t.Errorf("probes of %s = %+v, %v; want %d bad ones", name, got, err, c.bad)
				}
			}
			days, err := st.ProbeDays(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			if today := metric.DayBucket(now, pacific()); c.midnight > 0 && days[health.Service][today].Bad != c.midnight {
				t.Errorf("bad probes after midnight = %d, want %d", days[health.Service][today].Bad, c.midnight)
			}
			rows, err := st.Rollups(t.Context(), []metric.Range{{Tier: metric.Day, Metric: metric.Probes, Dimension: metric.All, From: metric.DayBucket(now, pacific()) - 40, To: metric.DayBucket(now, pacific()) + 1, One: true}})
			if err != nil {
				t.Fatal(err)
			}
			bad := int64(0)
			for _, row := range rows {
				up, all := metric.Probed(row.Vector)
				bad += all - up
			}
			if bad != c.bad {
				t.Errorf("bad probes on the dashboard = %d, want %d", bad, c.bad)
			}
		})
	}
}

// once is a process that makes one probe.
func once(t *testing.T, st *store.Store, now time.Time) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ticks, ended := make(chan time.Time), make(chan struct{})
	c := health.New(health.Config{Store: st, Now: func() time.Time { return now }, Zone: pacific(), Tick: ticks})
	go func() { c.Run(ctx); close(ended) }()
	ticks <- now // taken when the first probe is over
	stop()
	<-ended
}

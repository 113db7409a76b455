package metric_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/metric"
)

const quarter = 15 * time.Minute

// TestDaysOfAYear walks through every quarter of 2026 in zones that change
// their clocks at night, at midnight and never, or lie between the hours. Each
// quarter must lie within one day, each day be its local date, and the days of
// a change be an hour longer or shorter.
func TestDaysOfAYear(t *testing.T) {
	t.Parallel()
	for name, odd := range map[string]map[string]int{
		"UTC":                 {},
		"Europe/Berlin":       {"2026-03-29": 92, "2026-10-25": 100},
		"America/Los_Angeles": {"2026-03-08": 92, "2026-11-01": 100},
		"Africa/Cairo":        {"2026-04-24": 92, "2026-10-29": 100}, // the first has no midnight
		"Asia/Kathmandu":      {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := zone(name)
			lengths := map[string]int{}
			end := time.Date(2027, 1, 1, 0, 0, 0, 0, z)
			for at := time.Date(2026, 1, 1, 0, 0, 0, 0, z); at.Before(end); at = at.Add(quarter) {
				want := at.In(z).Format(time.DateOnly)
				for _, inside := range []time.Duration{0, quarter - 1} {
					day := metric.DayBucket(at.Add(inside), z)
					if got := time.Unix(day*86400, 0).UTC().Format(time.DateOnly); got != want {
						t.Fatalf("DayBucket(%v) = %s, want %s", at.Add(inside), got, want)
					}
				}
				if a, b := metric.QuarterBucket(at), metric.QuarterBucket(at.Add(quarter-1)); a != b || a*900 != at.Unix() {
					t.Fatalf("QuarterBucket(%v) = %d and %d at its end, want %d", at, a, b, at.Unix()/900)
				}
				lengths[want]++
			}
			got := map[string]int{}
			for day, n := range lengths {
				if n != 96 {
					got[day] = n
				}
			}
			if diff := cmp.Diff(odd, got); diff != "" || len(lengths) != 365 {
				t.Errorf("%d days; those without 96 quarters (-want +got):\n%s", len(lengths), diff)
			}
		})
	}
}

// TestBegins: a day begins with its first moment, in zones that skip midnight
// (Cairo, Santiago, the Azores, Havana in spring), have it twice (Havana in
// autumn), or left out a day (Apia).
func TestBegins(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"UTC", "Europe/Berlin", "America/Los_Angeles", "Africa/Cairo", "America/Santiago", "Atlantic/Azores", "America/Havana", "Asia/Beirut", "Asia/Kathmandu", "Pacific/Apia",
	} {
		z := zone(name)
		for _, year := range []int{2011, 2026} {
			day := metric.DayBucket(time.Date(year, 1, 1, 12, 0, 0, 0, z), z)
			for last := day + 370; day < last; day++ {
				at := metric.Begins(day, z)
				if got := metric.DayBucket(at, z); got != day && (name != "Pacific/Apia" || metric.Date(day) != "2011-12-30") {
					t.Fatalf("%s: %s begins at %v, which is another day", name, metric.Date(day), at)
				}
				if metric.DayBucket(at.Add(-1), z) >= day {
					t.Fatalf("%s: %s begins at %v, and has moments before it", name, metric.Date(day), at)
				}
			}
		}
	}
	if got := metric.Begins(1, nil); !got.Equal(time.Unix(86_400, 0)) {
		t.Errorf("the second day of no zone begins at %v", got)
	}
}

func TestBucketsAroundTheEpoch(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		at           time.Time
		day, quarter int64
	}{
		{time.Unix(0, 0), 0, 0},
		{time.Unix(-1, 0), -1, -1},
		{time.Unix(-900, 0), -1, -1},
		{time.Unix(-901, 0), -1, -2},
		{time.Unix(86400, 0), 1, 96},
		{time.Unix(-86401, 0), -2, -97},
	} {
		if day, q := metric.DayBucket(row.at, nil), metric.QuarterBucket(row.at); day != row.day || q != row.quarter {
			t.Errorf("buckets of %v = %d, %d, want %d, %d", row.at.UTC(), day, q, row.day, row.quarter)
		}
	}
}

func TestNeeded(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		zone  string
		now   string
		first string // day
		last  string
	}{
		{"Europe/Berlin", "2026-11-23T22:59:59Z", "2026-10-25", "2026-11-23"}, // over the end of summer time
		{"Europe/Berlin", "2026-11-23T23:00:00Z", "2026-10-26", "2026-11-24"},
		{"Europe/Berlin", "2026-03-29T01:00:00Z", "2026-02-28", "2026-03-29"}, // the very moment of the change
		{"America/Los_Angeles", "2026-11-02T07:59:59Z", "2026-10-03", "2026-11-01"},
		{"Africa/Cairo", "2026-04-23T22:00:00Z", "2026-03-26", "2026-04-24"}, // 00:00 is 01:00
		{"Asia/Kathmandu", "2026-11-23T18:14:59Z", "2026-10-25", "2026-11-23"},
		{"Asia/Kathmandu", "2026-11-23T18:15:00Z", "2026-10-26", "2026-11-24"},
	} {
		at, err := time.Parse(time.RFC3339, row.now)
		if err != nil {
			t.Fatal(err)
		}
		days := map[string]string{}
		for _, r := range metric.Needed(at, zone(row.zone)) {
			if r.Tier == metric.Quarter {
				if q := metric.QuarterBucket(at); r.Metric != metric.API || r.From != q-95 || r.To != q {
					t.Errorf("%s %s: %+v, want the 96 quarters up to %d", row.now, row.zone, r, q)
				}
				continue
			}
			from, to := time.Unix(r.From*86400, 0).UTC(), time.Unix(r.To*86400, 0).UTC()
			days[r.Metric] = from.Format(time.DateOnly) + " " + to.Format(time.DateOnly)
		}
		want := map[string]string{}
		for _, m := range []string{metric.Funnel, metric.Sessions, metric.Models, metric.Features, metric.Loops, metric.Probes} {
			want[m] = row.first + " " + row.last
		}
		if diff := cmp.Diff(want, days); diff != "" {
			t.Errorf("Needed(%s, %s) (-want +got):\n%s", row.now, row.zone, diff)
		}
	}
}

// TestADayFromQuarters shows what the quarters are for: the sessions of a day
// in any zone, taken from rollups that were cut in another.
func TestADayFromQuarters(t *testing.T) {
	t.Parallel()
	var visits []*visit
	for i := range 400 {
		at := now.Add(-time.Duration(i*17) * time.Minute)
		visits = append(visits, newVisit(sessionID(i), at).raw("session_start", `{}`).raw("question_efficiency", `{"questionCount":9}`))
	}
	stored := rollups(berlin, visits...)
	for _, name := range []string{"Asia/Kathmandu", "America/Los_Angeles", "Europe/Berlin"} {
		z := zone(name)
		got, want := map[int64]metric.Vector{}, map[int64]metric.Vector{}
		for k, v := range stored {
			if k.Metric == metric.Sessions && k.Tier == metric.Quarter {
				add(got, metric.DayBucket(time.Unix(k.Bucket*900, 0), z), v)
			}
		}
		for k, v := range rollups(z, visits...) {
			if k.Metric == metric.Sessions && k.Tier == metric.Day {
				add(want, k.Bucket, v)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("days of %s from quarters (-want +got):\n%s", name, diff)
		}
	}
}

func add(m map[int64]metric.Vector, k int64, v metric.Vector) {
	if m[k] == nil {
		m[k] = metric.Vector{}
	}
	m[k].Merge(v, 1)
}

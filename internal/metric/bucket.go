package metric

import (
	"math"
	"time"
)

const (
	daySeconds      = 24 * 60 * 60
	quarterSeconds  = 15 * 60
	periodDays      = 30 // of the dashboard (DOMAIN 9.4)
	latencyQuarters = 96 // 24 hours, likewise
)

// DayBucket counts the days from 1970-01-01 to the local date of t. Each local
// date is one bucket, be it 23, 24 or 25 hours long; a nil zone is UTC.
func DayBucket(t time.Time, zone *time.Location) int64 {
	if zone == nil {
		zone = time.UTC
	}
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / daySeconds
}

// Begins is the first moment of a local day; a nil zone is UTC. It is midnight, but
// where a change of the clocks skips that: time.Date may then name a moment of the
// day before, as for America/Santiago.
func Begins(day int64, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	const quarter = quarterSeconds * time.Second // offsets are multiples of it
	y, m, d := time.Unix(day*daySeconds, 0).UTC().Date()
	t := time.Date(y, m, d, 0, 0, 0, 0, zone)
	for DayBucket(t, zone) < day {
		t = t.Add(quarter)
	}
	for DayBucket(t.Add(-quarter), zone) >= day { // midnight comes twice, and this is the second
		t = t.Add(-quarter)
	}
	return t
}

// QuarterBucket counts the quarters of an hour from 1970-01-01 UTC to t.
func QuarterBucket(t time.Time) int64 {
	return int64(math.Floor(float64(t.Unix()) / quarterSeconds))
}

// date writes a day bucket as YYYY-MM-DD.
func date(bucket int64) string {
	return time.Unix(bucket*daySeconds, 0).UTC().Format(time.DateOnly)
}

// Range asks for the rows of one metric with From <= Bucket <= To. An empty
// Dimension asks for every dimension.
type Range struct {
	Tier      Tier
	Metric    string
	Dimension string
	From, To  int64

	Value  string // of the dimension, for One and Inside
	One    bool   // only the rows of Value
	Inside bool   // only the rows of what is counted inside Value
}

func (r Range) holds(k Key) bool {
	first, end := r.Span()
	return k.Tier == r.Tier && k.Metric == r.Metric && r.From <= k.Bucket && k.Bucket <= r.To &&
		(r.Dimension == "" || k.Dimension == r.Dimension) && (end == "" || first <= k.Value && k.Value < end)
}

// Needed lists the rows that NewDashboard reads: 30 local days including
// today, and the last 96 quarters of the requests.
func Needed(now time.Time, zone *time.Location) []Range {
	today, quarter := DayBucket(now, zone), QuarterBucket(now)
	from := today - periodDays + 1
	return []Range{
		{Tier: Day, Metric: Funnel, Dimension: All, From: from, To: today, One: true},
		{Tier: Day, Metric: Sessions, Dimension: All, From: from, To: today, One: true},
		{Tier: Day, Metric: Models, Dimension: DimModel, From: from, To: today},
		{Tier: Day, Metric: Features, Dimension: DimFeature, From: from, To: today},
		{Tier: Day, Metric: Loops, Dimension: All, From: from, To: today, One: true},
		{Tier: Day, Metric: Probes, Dimension: All, From: from, To: today, One: true},
		{Tier: Quarter, Metric: API, Dimension: All, From: quarter - latencyQuarters + 1, To: quarter, One: true},
	}
}

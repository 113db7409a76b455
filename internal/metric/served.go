package metric

import "time"

// Served is how requests were answered over a while.
type Served struct {
	Requests      int64
	Errors        int64   // answered with 5xx
	P50, P95, P99 float64 // milliseconds, within 1 %
}

// ErrorRate is the share of errors in percent; 0 without requests.
func (s Served) ErrorRate() float64 { return percent(s.Errors, s.Requests) }

// ServedSince asks for the requests from the quarter of one moment to that of
// another.
func ServedSince(since, now time.Time) Range {
	return Range{Tier: Quarter, Metric: API, Dimension: All, From: QuarterBucket(since), To: QuarterBucket(now), One: true}
}

// NewServed adds up rows that ServedSince asked for.
func NewServed(rows []Row) Served {
	sum := Vector{}
	for _, r := range rows {
		if r.Key.Metric != API {
			continue
		}
		for i, n := range r.Vector {
			sum[i] += n
		}
	}
	return Served{
		Requests: requests(sum), Errors: sum[sumErrors],
		P50: round(quantile(sum, .5), 1), P95: round(quantile(sum, .95), 1), P99: round(quantile(sum, .99), 1),
	}
}

package metric

import (
	"math"
	"time"
)

// Latencies are counted in bins that grow by a constant factor, so that every
// value of a bin lies within 1 % of its middle: bin i holds (gamma^(i-1),
// gamma^i] microseconds (analytics 5.5). Unlike sketches, bins can be added
// and taken away exactly.
const (
	accuracy    = 0.01
	gamma       = (1 + accuracy) / (1 - accuracy)
	latencyBins = 1102 // up to an hour; longer requests count as that
)

// The indexes of metric API.
const (
	sumErrors = 0
	firstBin  = 1 // index of bin 0
)

// Requests gathers the latency and the errors of requests until they are
// stored. The zero value is ready. It does not lock: the caller must.
type Requests struct {
	bins   [latencyBins]int64
	errors int64
}

// Observe counts one request; a status from 500 is an error.
func (r *Requests) Observe(d time.Duration, status int) {
	r.bins[latencyBin(d)]++
	if status >= 500 {
		r.errors++
	}
}

// Delta returns everything observed since the last call, counted in the
// quarter of at, and begins anew. A caller that collects every few seconds
// shifts a request by no more than that.
func (r *Requests) Delta(at time.Time) Delta {
	d := Delta{}
	k := Key{Tier: Quarter, Metric: API, Dimension: All, Bucket: QuarterBucket(at)}
	d.Add(k, sumErrors, r.errors)
	for i, n := range r.bins {
		d.Add(k, firstBin+i, n)
	}
	*r = Requests{}
	return d
}

// Probe counts one health probe on the local day of at; a nil zone is UTC.
func Probe(ok bool, at time.Time, zone *time.Location) Delta {
	index := sumUp
	if !ok {
		index = sumDown
	}
	d := Delta{}
	d.Add(Key{Tier: Day, Metric: Probes, Dimension: All, Bucket: DayBucket(at, zone)}, index, 1)
	return d
}

func latencyBin(d time.Duration) int {
	us := float64(d) / float64(time.Microsecond)
	if us <= 1 {
		return 0
	}
	return min(int(math.Ceil(math.Log(us)/math.Log(gamma))), latencyBins-1)
}

// quantile returns the latency in milliseconds that the share q of the
// requests did not exceed, 0 without requests.
func quantile(v Vector, q float64) float64 {
	rank := int64(math.Ceil(q * float64(requests(v))))
	var seen int64
	for i := range latencyBins {
		if seen += v[firstBin+i]; rank > 0 && seen >= rank {
			return 2 * math.Pow(gamma, float64(i)) / (gamma + 1) / 1000
		}
	}
	return 0
}

// requests counts the requests of a vector of metric API.
func requests(v Vector) int64 {
	var sum int64
	for i, n := range v {
		if i >= firstBin {
			sum += n
		}
	}
	return sum
}

package metric

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
)

// Tier is the width of a bucket.
type Tier int8

// The tiers. Days are cut in the agency's zone and carry every dimension;
// quarters are 15 minutes of UTC and carry the dimension "all" only, which is
// enough to cut a day of any zone (offsets are multiples of 15 minutes).
const (
	Day     Tier = 1
	Quarter Tier = 2
)

// Key names one row of the rollups. Bucket counts days or quarters since
// 1970-01-01, depending on Tier. An empty Value of a dimension other than All
// stands for the sessions that do not have it.
type Key struct {
	Tier      Tier
	Metric    string
	Dimension string
	Value     string
	Bucket    int64
}

// Row is one stored rollup.
type Row struct {
	Key    Key
	Vector Vector
}

// Vector holds the counts of one key by index; what an index means depends on
// the metric. A missing index is 0.
type Vector map[int]int64

// Delta is a set of changes to rollups. No vector in it is empty and no entry
// is 0, provided that it was built by Add and Merge.
type Delta map[Key]Vector

// Add adds n at one index. Entries and vectors that become zero vanish.
func (d Delta) Add(k Key, index int, n int64) {
	if n == 0 {
		return
	}
	v := vectorOf(d, k)
	if v[index] += n; v[index] == 0 {
		delete(v, index)
	}
	if len(v) == 0 {
		delete(d, k)
	}
}

// Merge adds sign times another delta: 1 adds it, -1 takes it away.
// o is not changed and shares nothing with d afterwards.
func (d Delta) Merge(o Delta, sign int64) {
	for k, v := range o {
		mine := vectorOf(d, k)
		if mine.Merge(v, sign); len(mine) == 0 {
			delete(d, k)
		}
	}
}

// Merge adds sign times another vector. Entries that become zero vanish.
func (v Vector) Merge(o Vector, sign int64) {
	for index, n := range o {
		if v[index] += sign * n; v[index] == 0 {
			delete(v, index)
		}
	}
}

func vectorOf[K comparable](m map[K]Vector, k K) Vector {
	v, ok := m[k]
	if !ok {
		v = Vector{}
		m[k] = v
	}
	return v
}

// Encode writes the entries by ascending index, each as two varints: the
// distance to the index before (the first: to 0) and the value. Equal vectors
// give equal bytes; an empty one gives no bytes (not nil).
func (v Vector) Encode() []byte {
	out := make([]byte, 0, 4*len(v))
	var last int64
	for _, index := range slices.Sorted(maps.Keys(v)) {
		if n := v[index]; n != 0 {
			out = binary.AppendVarint(binary.AppendVarint(out, int64(index)-last), n)
			last = int64(index)
		}
	}
	return out
}

// DecodeVector reads what Encode wrote. It refuses every other spelling of
// the same vector, so that comparing bytes compares vectors.
func DecodeVector(b []byte) (Vector, error) {
	v := make(Vector, len(b)/2)
	for last := int64(0); len(b) > 0; {
		gap, n := binary.Varint(b)
		value, m := binary.Varint(b[max(n, 0):])
		index := last + gap
		if n <= 0 || m <= 0 || value == 0 || len(v) > 0 && index <= last || !shortest(b[:n]) || !shortest(b[n:n+m]) {
			return nil, errors.New("decode vector: not the canonical encoding")
		}
		v[int(index)], last, b = value, index, b[n+m:]
	}
	return v, nil
}

// shortest reports whether a varint has no needless last byte.
func shortest(b []byte) bool { return len(b) == 1 || b[len(b)-1] != 0 }

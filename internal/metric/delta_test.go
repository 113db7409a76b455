package metric_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/metric"
)

func TestDeltaForgetsZeros(t *testing.T) {
	t.Parallel()
	k := metric.Key{Tier: metric.Day, Metric: "m", Dimension: metric.All, Bucket: 3}
	other := metric.Key{Tier: metric.Day, Metric: "m", Dimension: metric.All, Bucket: 4}
	d := metric.Delta{}
	d.Add(k, 1, 0)
	if len(d) != 0 {
		t.Errorf("adding 0 left %v", d)
	}
	d.Add(k, 1, 5)
	d.Add(k, 2, -1)
	d.Add(k, 1, -5)
	if diff := cmp.Diff(metric.Delta{k: {2: -1}}, d); diff != "" {
		t.Errorf("after adding (-want +got):\n%s", diff)
	}
	d.Add(k, 2, 1)
	if len(d) != 0 {
		t.Errorf("a vector of zeros was left: %v", d)
	}
	d.Add(k, 7, 2)
	o := metric.Delta{k: {7: 1, 8: 4}, other: {0: 3}}
	d.Merge(o, 2)
	if diff := cmp.Diff(metric.Delta{k: {7: 4, 8: 8}, other: {0: 6}}, d); diff != "" {
		t.Errorf("after merging twice the other (-want +got):\n%s", diff)
	}
	d.Merge(metric.Delta{k: {7: 4, 8: 8}}, -1)
	d.Add(other, 1, 1)
	if diff := cmp.Diff(metric.Delta{other: {0: 6, 1: 1}}, d); diff != "" {
		t.Errorf("after taking one away (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(metric.Delta{k: {7: 1, 8: 4}, other: {0: 3}}, o); diff != "" {
		t.Errorf("merging changed what was merged (-want +got):\n%s", diff)
	}
}

func TestVectorEncoding(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		vector metric.Vector
		want   []byte
	}{
		{"nothing", metric.Vector{}, []byte{}},
		{"nil", nil, []byte{}},
		{"a zero is nothing", metric.Vector{3: 0}, []byte{}},
		{"one count", metric.Vector{0: 1}, []byte{0, 2}},
		{"gaps and signs", metric.Vector{2: -3, 5: 64, 300: 1}, []byte{4, 5, 6, 0x80, 1, 0xce, 4, 2}},
	} {
		got := row.vector.Encode()
		if got == nil || !bytes.Equal(got, row.want) {
			t.Errorf("%s: Encode(%v) = %#v, want %#v", row.name, row.vector, got, row.want)
		}
	}
	for _, v := range []metric.Vector{
		{}, {0: math.MinInt64}, {math.MinInt: 1, math.MaxInt: -1}, {-5: 7, 0: 1, 5: math.MaxInt64}, {math.MaxInt: 1},
	} {
		got, err := metric.DecodeVector(v.Encode())
		if diff := cmp.Diff(v, got); err != nil || diff != "" {
			t.Errorf("DecodeVector(Encode(%v)) err = %v (-want +got):\n%s", v, err, diff)
		}
	}
}

func TestDecodeVectorRefuses(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{
		"an index without value":   {0},
		"half a number":            {0x80},
		"a value cut off":          {0, 0x80},
		"a value of zero":          {0, 0},
		"the same index twice":     {0, 2, 0, 2},
		"an index before the last": {4, 2, 1, 2},
		"an index beyond all":      append(binary.AppendVarint([]byte{2, 2}, math.MaxInt64), 2),
		"a needlessly long index":  {0x80, 0, 2},
		"a needlessly long value":  {0, 0x82, 0},
		"a needlessly long gap":    {0, 2, 0x82, 0, 2},
		"a number beyond 64 bits":  append(bytes.Repeat([]byte{0xff}, 10), 1, 2),
		"a gap beyond 64 bits":     append(append([]byte{0, 2}, bytes.Repeat([]byte{0xff}, 10)...), 1, 2),
		"a value beyond 64 bits":   append(append([]byte{0}, bytes.Repeat([]byte{0xff}, 10)...), 1),
		"a second index cut short": {0, 2, 0x80},
	} {
		if v, err := metric.DecodeVector(b); err == nil {
			t.Errorf("DecodeVector(%s) = %v, want an error", name, v)
		}
	}
}

// FuzzVector checks both ways: what is read writes the same bytes, and a
// vector made from numbers is read back as it was.
func FuzzVector(f *testing.F) {
	f.Add([]byte{4, 5, 6, 0x80, 1, 0xce, 4, 2})
	f.Add([]byte{0, 2, 0x81, 0, 2})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 1, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, err := metric.DecodeVector(b); err == nil && !bytes.Equal(v.Encode(), b) {
			t.Errorf("%x was read as %v, which is written as %x", b, v, v.Encode())
		}
		v := metric.Vector{}
		for ; len(b) >= 10; b = b[10:] {
			index, n := int(int16(binary.LittleEndian.Uint16(b))), int64(binary.LittleEndian.Uint64(b[2:]))
			if v[index] = n; n == 0 {
				delete(v, index)
			}
		}
		got, err := metric.DecodeVector(v.Encode())
		if diff := cmp.Diff(v, got); err != nil || diff != "" {
			t.Errorf("round trip err = %v (-want +got):\n%s", err, diff)
		}
	})
}

package catalog_test

import (
	"encoding/json"
	"math"
	"testing"

	"applicreations.com/introspect/internal/catalog"
)

func TestCentsString(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   catalog.Cents
		want string
	}{
		{0, "$0"},
		{5, "$0.05"},
		{90, "$0.90"},
		{6667, "$66.67"},
		{99900, "$999"},
		{450000, "$4,500"},
		{100000000, "$1,000,000"},
		{123456789, "$1,234,567.89"},
		{-120000, "-$1,200"},
		{-5, "-$0.05"},
		{math.MinInt64, "-$92,233,720,368,547,758.08"},
	}
	for _, tt := range tests {
		if got := tt.in.String(); got != tt.want {
			t.Errorf("Cents(%d).String() = %q, want %q", int64(tt.in), got, tt.want)
		}
	}
}

func TestCentsOnTheWire(t *testing.T) {
	t.Parallel()
	for in, want := range map[catalog.Cents]string{450000: "4500", 6667: "66.67", -100: "-1"} {
		if got, err := json.Marshal(in.Dollars()); err != nil || string(got) != want {
			t.Errorf("Marshal(Cents(%d).Dollars()) = %s, %v, want %s", int64(in), got, err, want)
		}
	}
}

func TestFromDollars(t *testing.T) {
	t.Parallel()
	for in, want := range map[float64]catalog.Cents{
		4500: 450000, 66.67: 6667, 0.005: 1, 0.004: 0, -0.005: -1, -12.5: -1250, 28730.000000000004: 2873000,
		math.Inf(1): 0, math.Inf(-1): 0, 1e300: 0, math.NaN(): 0,
	} {
		if got := catalog.FromDollars(in); got != want {
			t.Errorf("FromDollars(%v) = %d, want %d", in, int64(got), int64(want))
		}
	}
}

func FuzzCents(f *testing.F) {
	f.Add(int64(6667))
	f.Fuzz(func(t *testing.T, n int64) {
		c := catalog.Cents(n % (1 << 50))
		if got := catalog.FromDollars(c.Dollars()); got != c {
			t.Errorf("FromDollars(Cents(%d).Dollars()) = %d", int64(c), int64(got))
		}
	})
}

package advice_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/advice"
)

func prices(tb testing.TB) advice.Prices {
	tb.Helper()
	p, err := advice.DefaultPrices()
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func TestCost(t *testing.T) {
	t.Parallel()
	const million = 1_000_000
	before := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name, model string
		usage       advice.Usage
		day         time.Time
		want        int64
		known       bool
	}{
		{"nothing costs nothing", "claude-haiku-5-5", advice.Usage{}, today(), 0, true},
		{"one token is rounded up", "claude-haiku-5-5", advice.Usage{Input: 1}, today(), 1, true},
		{"a turn of the interview", "claude-haiku-5-5", advice.Usage{Input: 2500, Output: 600, CacheRead: 6000}, today(), 250 + 300 + 60, true},
		{"the first turn writes the cache", "claude-haiku-5-5", advice.Usage{Input: 2500, Output: 600, CacheWriteHour: 6000}, today(), 250 + 300 + 1200, true},
		{"the dated name of a model", "claude-haiku-5-5-20261007", advice.Usage{Output: million}, today(), 500000, true},
		{"at the edge of the tier", "claude-haiku-5-5", advice.Usage{Input: 100000}, today(), 10000, true},
		{"a long prompt is dear as a whole", "claude-haiku-5-5", advice.Usage{Input: 1, CacheRead: 100000, Output: 1000}, today(), 1 + 5000 + 2500, true},
		{"the price of that day", "claude-sonnet-5-5", advice.Usage{CacheRead: million}, before, 200000, true},
		{"the price of today", "claude-sonnet-5-5", advice.Usage{CacheRead: million}, today(), 100000, true},
		{"a day before the price", "claude-haiku-5-5", advice.Usage{Input: 1}, before, 0, false},
		{"an unknown model", "claude-unheard-of", advice.Usage{Input: 1}, today(), 0, false},
		{"a longer name is another model", "claude-haiku-5-5-max", advice.Usage{Input: 1}, today(), 0, false},
		{"no model", "", advice.Usage{Input: 1}, today(), 0, false},
		{"less than nothing", "claude-haiku-5-5", advice.Usage{Input: -1}, today(), 0, false},
		{"more than can be counted", "claude-opus-5-5", advice.Usage{Output: math.MaxInt64, CacheWriteHour: math.MaxInt64}, today(), 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, known := prices(t).Cost(tt.model, tt.usage, tt.day)
			if got != tt.want || known != tt.known {
				t.Errorf("Cost(%s, %+v) = %d, %v, want %d, %v", tt.model, tt.usage, got, known, tt.want, tt.known)
			}
		})
	}
}

// More tokens never cost less, and two calls never cost less than their sum in
// one tier by more than the rounding.
func TestCostGrows(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	p := prices(t)
	usage := func() advice.Usage {
		n := func() int64 { return rng.Int64N(20000) }
		return advice.Usage{Input: n(), Output: n(), CacheRead: n(), CacheWrite: n(), CacheWriteHour: n()}
	}
	for range 2000 {
		a, b := usage(), usage()
		ca, _ := p.Cost("claude-sonnet-5-5", a, today())
		cb, _ := p.Cost("claude-sonnet-5-5", b, today())
		sum, known := p.Cost("claude-sonnet-5-5", a.Add(b), today())
		if !known || sum < max(ca, cb) || sum > ca+cb || sum < ca+cb-1 {
			t.Fatalf("Cost(%+v) = %d, Cost(%+v) = %d, together %d", a, ca, b, cb, sum)
		}
	}
}

func TestParsePricesNamesMistakes(t *testing.T) {
	t.Parallel()
	row := `{"from":"2026-10-07","model":"m","above":0,"input":1,"output":1,"cacheRead":1,"cacheWrite":1,"cacheWriteHour":1}`
	table := func(row string) string { return `{"about":"","source":"","rows":[` + row + `]}` }
	for _, tt := range []struct{ name, in, want string }{
		{"right", table(row), ""},
		{"no JSON", "{", "not valid JSON"},
		{"no day", table(strings.Replace(row, "2026-10-07", "soon", 1)), "rows[0].from"},
		{"no model", table(strings.Replace(row, `"m"`, `""`, 1)), "rows[0].model"},
		{"a gift", table(strings.Replace(row, `"input":1`, `"input":0`, 1)), "price of 0"},
		{"a negative price", table(strings.Replace(row, `"cacheRead":1`, `"cacheRead":-1`, 1)), "below zero"},
		{"a fraction", table(strings.Replace(row, `"input":1`, `"input":1.5`, 1)), "rows[0].input"},
		{"a missing price", table(strings.Replace(row, `"cacheRead":1,`, "", 1)), "cacheRead"},
	} {
		_, err := advice.ParsePrices([]byte(tt.in))
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: ParsePrices() = %v, want %q", tt.name, err, tt.want)
		}
	}
}

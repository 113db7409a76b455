package advice

import (
	_ "embed"
	"fmt"
	"math"
	"math/bits"
	"strings"
	"time"

	"applicreations.com/introspect/internal/strictjson"
)

//go:embed prices.json
var defaultPrices []byte

// Usage is what one call took, in tokens. The parts do not overlap: Input
// counts what was neither read from nor written to the vendor's cache.
type Usage struct {
	Input          int64
	Output         int64
	CacheRead      int64
	CacheWrite     int64 // kept for five minutes
	CacheWriteHour int64 // kept for an hour
}

// Add sums two calls.
func (u Usage) Add(v Usage) Usage {
	return Usage{u.Input + v.Input, u.Output + v.Output, u.CacheRead + v.CacheRead, u.CacheWrite + v.CacheWrite, u.CacheWriteHour + v.CacheWriteHour}
}

// prompt is everything that was sent, which decides the tier of the price.
func (u Usage) prompt() int64 { return u.Input + u.CacheRead + u.CacheWrite + u.CacheWriteHour }

// Prices is a dated table of what models cost. The zero value knows none.
type Prices struct{ rows []priceRow }

type priceRow struct {
	From  string `json:"from"`
	Model string `json:"model"`
	Above int64  `json:"above"` // counts for prompts of more tokens than this

	Input          int64 `json:"input"`
	Output         int64 `json:"output"`
	CacheRead      int64 `json:"cacheRead"`
	CacheWrite     int64 `json:"cacheWrite"`
	CacheWriteHour int64 `json:"cacheWriteHour"`
}

// DefaultPrices reads the table of this release.
func DefaultPrices() (Prices, error) { return ParsePrices(defaultPrices) }

// ParsePrices reads a table of the form of prices.json. The error lists every
// mistake with its line.
func ParsePrices(data []byte) (Prices, error) {
	var table struct {
		About  string     `json:"about"`
		Source string     `json:"source"`
		Rows   []priceRow `json:"rows"`
	}
	file, err := strictjson.Decode(data, &table)
	if err != nil {
		return Prices{}, fmt.Errorf("read the price table: %w", err)
	}
	for i, r := range table.Rows {
		path := fmt.Sprintf("rows[%d]", i)
		if _, err := time.Parse(time.DateOnly, r.From); err != nil {
			file.Wrong(path+".from", "%q is no day; write it as 2026-10-07", r.From)
		}
		if r.Model == "" {
			file.Wrong(path+".model", "a price needs the id of its model")
		}
		if min(r.Above, r.Input, r.Output, r.CacheRead, r.CacheWrite, r.CacheWriteHour) < 0 {
			file.Wrong(path, "no price is below zero")
		}
		if r.Input == 0 || r.Output == 0 {
			file.Wrong(path, "a price of 0 would hide what a call costs; leave the row out instead")
		}
	}
	if err := file.Err(); err != nil {
		return Prices{}, fmt.Errorf("read the price table: %w", err)
	}
	return Prices{rows: table.Rows}, nil
}

// Cost is what a call cost on a day, in micro-dollars, rounded up. known is
// false when the table has no price for the model on that day, and for usage
// that no vendor can mean; an unknown cost is never a zero.
func (p Prices) Cost(model string, u Usage, day time.Time) (microUSD int64, known bool) {
	if min(u.Input, u.Output, u.CacheRead, u.CacheWrite, u.CacheWriteHour) < 0 {
		return 0, false
	}
	r, ok := p.row(model, u.prompt(), day.UTC().Format(time.DateOnly))
	if !ok {
		return 0, false
	}
	var sum total
	sum.add(u.Input, r.Input)
	sum.add(u.Output, r.Output)
	sum.add(u.CacheRead, r.CacheRead)
	sum.add(u.CacheWrite, r.CacheWrite)
	sum.add(u.CacheWriteHour, r.CacheWriteHour)
	return sum.perMillion()
}

// row finds the newest row of the highest tier that the prompt reaches.
func (p Prices) row(model string, prompt int64, day string) (best priceRow, ok bool) {
	for _, r := range p.rows {
		if !sameModel(r.Model, model) || r.From > day || prompt <= r.Above && r.Above > 0 {
			continue
		}
		if !ok || r.Above > best.Above || r.Above == best.Above && r.From > best.From {
			best, ok = r, true
		}
	}
	return best, ok
}

// sameModel also accepts the dated form that the API answers with, such as
// claude-haiku-5-5-20261007.
func sameModel(row, model string) bool {
	rest, ok := strings.CutPrefix(model, row)
	return ok && (rest == "" || len(rest) == 9 && rest[0] == '-' && strings.Trim(rest[1:], "0123456789") == "")
}

// total adds products in 128 bits, so that no usage can turn into a small sum.
type total struct {
	hi, lo uint64
}

// add takes figures that Cost and ParsePrices found not to be negative.
func (t *total) add(tokens, price int64) {
	hi, lo := bits.Mul64(uint64(tokens), uint64(price)) //nolint:gosec // Cost and ParsePrices refuse negative figures
	var carry uint64
	t.lo, carry = bits.Add64(t.lo, lo, 0)
	t.hi, _ = bits.Add64(t.hi, hi, carry)
}

func (t *total) perMillion() (int64, bool) {
	const million = 1_000_000
	if t.hi >= million {
		return 0, false
	}
	quo, rem := bits.Div64(t.hi, t.lo, million)
	if rem > 0 {
		quo++
	}
	if quo > math.MaxInt64 {
		return 0, false
	}
	return int64(quo), true
}

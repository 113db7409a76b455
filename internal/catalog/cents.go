package catalog

import (
	"math"
	"strconv"
	"strings"
)

// Cents is an amount of money in integer US cents.
type Cents int64

// Dollars returns the amount for the wire, where money is a JSON number of
// dollars: 450000 cents are 4500.
func (c Cents) Dollars() float64 { return float64(c) / 100 }

// FromDollars rounds to the nearest cent, halves away from zero. It returns 0
// for what is no amount: NaN, infinities, and more than 2^53 cents.
func FromDollars(d float64) Cents {
	c := math.Round(d * 100)
	if math.IsNaN(c) || math.Abs(c) > 1<<53 {
		return 0
	}
	return Cents(c)
}

// String writes the amount for people: "$4,500", "$66.67", "-$1,200".
func (c Cents) String() string {
	sign := ""
	whole, part := int64(c/100), int64(c%100)
	if c < 0 {
		sign, whole, part = "-", -whole, -part
	}
	text := sign + "$" + group(strconv.FormatInt(whole, 10))
	if part != 0 {
		text += "." + strconv.FormatInt(100+part, 10)[1:]
	}
	return text
}

// group sets a comma before every third digit from the right.
func group(digits string) string {
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

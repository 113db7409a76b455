// Package chart computes where the marks of the dashboard's charts lie and
// says in words what they show: funnel, donut, bars, line and pairs. It draws
// nothing: templates turn the geometry into SVG attributes and labels into
// HTML, so that a strict content security policy needs no style attribute and
// text keeps its size on a phone.
//
// Lengths and positions are percent of the drawing area (0-100, rounded to
// two decimals), never NaN. Every chart carries a Figure: a title, a sentence
// for those who do not see the marks, and the same numbers as a table. Start
// with Figure, then NewFunnel.
package chart

import (
	"math"
	"strconv"
	"strings"
)

// Figure is what every chart has besides its marks.
type Figure struct {
	ID    string // unique on the page, used for aria-labelledby
	Title string
	Desc  string // one or two sentences with the main numbers
	Table Table
	Empty bool // nothing to draw; the page says so in its own words
}

// Table holds the numbers of a chart as text; every row is as long as Head.
type Table struct {
	Head []string
	Rows [][]string
}

// Percent writes a rate in percent with at most one decimal: "62.5%", "0%".
func Percent(p float64) string {
	return strconv.FormatFloat(math.Round(finite(p)*10)/10, 'f', -1, 64) + "%"
}

// Number writes a number with at most one decimal and thousands separators:
// "12,480.5".
func Number(x float64) string {
	s := strconv.FormatFloat(math.Round(math.Abs(finite(x))*10)/10, 'f', -1, 64)
	whole, fraction, decimal := strings.Cut(s, ".")
	var b strings.Builder
	if finite(x) < 0 && strings.Trim(s, "0.") != "" {
		b.WriteByte('-')
	}
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	if decimal {
		b.WriteString("." + fraction)
	}
	return b.String()
}

// length turns a rate into a length that fits the drawing area.
func length(p float64) float64 {
	return round(min(max(finite(p), 0), 100))
}

// round keeps two decimals: finer than a pixel on any screen.
func round(x float64) float64 {
	r := math.Round(finite(x)*100) / 100
	if r == 0 {
		return 0 // not -0, which would be written "-0"
	}
	return r
}

// finite turns the results of a division by nothing into nothing.
func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}

// count writes n with its noun: "1 session", "2 sessions".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Number(float64(n)) + " " + noun + "s"
}

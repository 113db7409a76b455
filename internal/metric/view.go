package metric

import (
	"math"
	"strings"
	"time"
)

// Label is a value of a dimension.
type Label struct{ Dimension, Value string }

// View is what a report is about: the local days From to To, both included,
// and one value of one or more dimensions, or all sessions.
type View struct {
	From, To int64 // day buckets
	Filter   Label // zero: all
	And      And   // values of further dimensions; see Narrow
}

// Last is the view of the days up to now.
func Last(days int, now time.Time, zone *time.Location) View {
	today := DayBucket(now, zone)
	return View{From: today - int64(days) + 1, To: today}
}

// Days is how many days the view covers.
func (v View) Days() int { return int(v.To - v.From + 1) }

// Previous is the view to compare with: the same number of days, moved back by
// whole weeks, so that each day meets the same day of the week.
func (v View) Previous() View {
	shift := (int64(v.Days()) + 6) / 7 * 7
	v.From, v.To = v.From-shift, v.To-shift
	return v
}

// Filters lists the dimensions by which a view can be cut, in the order in
// which people choose.
func Filters() []string { return sliced[:] }

// Needed lists the rows that a report of the view reads. Those of a combined
// view are not in the rollups; they are as of all sessions, and come from Sheets.
func (v View) Needed() []Range {
	if v.Combined() {
		v.Filter = Label{}
	}
	plain := func(m string) Range {
		r := Range{Tier: Day, Metric: m, Dimension: All, From: v.From, To: v.To, One: true}
		if v.Filter.Dimension != "" {
			r.Dimension, r.Value = v.Filter.Dimension, v.Filter.Value
		}
		return r
	}
	parts := func(m, dimension string) Range {
		r := Range{Tier: Day, Metric: m, Dimension: dimension, From: v.From, To: v.To}
		if v.Filter.Dimension != "" {
			r.Dimension, r.Value, r.Inside = v.Filter.Dimension, v.Filter.Value, true
		}
		return r
	}
	list := []Range{
		plain(Funnel), plain(Ordered), plain(Sessions), plain(Loops), plain(Survival),
		parts(Models, DimModel), parts(Features, DimFeature), parts(Asked, DimQuestion),
	}
	if v.Filter.Dimension == DimModel {
		list[5].Inside, list[5].One = false, true // no model is counted inside a model
	}
	if v.Filter.Dimension == "" {
		list = append(list, Range{Tier: Day, Metric: Sessions, Dimension: DimModel, From: v.From, To: v.To}) // the grid
	}
	return list
}

// Span is a range of values, from the first up to but without the end; both
// are empty for every value.
func (r Range) Span() (first, end string) {
	switch {
	case r.One:
		return r.Value, r.Value + "\x00"
	case r.Inside:
		return r.Value + inside, r.Value + string(rune(inside[0]+1))
	default:
		return "", ""
	}
}

// part is the part of a row's value that is counted inside the filter.
func (r Range) part(value string) string {
	if r.Inside {
		return strings.TrimPrefix(value, r.Value+inside)
	}
	return value
}

// Date writes a day bucket as YYYY-MM-DD.
func Date(bucket int64) string { return date(bucket) }

// DayOf reads a date YYYY-MM-DD as a day bucket.
func DayOf(text string) (int64, bool) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, false
	}
	return int64(math.Floor(float64(t.Unix()) / daySeconds)), true
}

package chart

import "fmt"

// Slice is one part of a whole. Percent is its share, 0-100.
type Slice struct {
	Label   string
	Count   int
	Percent float64
}

// Donut is a ring of arcs on a circle whose path length is 100.
type Donut struct {
	Figure
	Arcs  []Arc
	Total string
}

// Arc is one drawn slice: Dash is a stroke-dasharray and Offset a
// stroke-dashoffset on a path of length 100. Index picks the colour.
type Arc struct {
	Label   string
	Count   string
	Percent string
	Dash    string
	Offset  float64
	Index   int
}

// gap parts neighbouring arcs, so that they differ by more than colour.
const gap = 0.8

// NewDonut lays the slices around the circle in their order. Arcs follow the
// counts; the written percentages are those given.
func NewDonut(id, title string, slices []Slice) Donut {
	d := Donut{Figure: Figure{ID: id, Title: title}}
	d.Table.Head = []string{"Part", "Sessions", "Share"}
	total, parts := 0, 0
	for _, s := range slices {
		if s.Count > 0 {
			total += s.Count
			parts++
		}
	}
	d.Total, d.Empty = Number(float64(total)), total == 0
	at, biggest := 0.0, 0
	for i, s := range slices {
		if s.Count > slices[biggest].Count {
			biggest = i
		}
		arc := Arc{Label: s.Label, Count: Number(float64(s.Count)), Percent: Percent(s.Percent), Index: i, Dash: "0 100"}
		if s.Count > 0 {
			share := float64(s.Count) / float64(total) * 100
			drawn := share
			if parts > 1 {
				drawn = max(share-gap, share/2)
			}
			arc.Dash = fmt.Sprintf("%g %g", round(drawn), round(100-round(drawn)))
			arc.Offset = round(-at)
			at += share
		}
		d.Arcs = append(d.Arcs, arc)
		d.Table.Rows = append(d.Table.Rows, []string{arc.Label, arc.Count, arc.Percent})
	}
	if d.Empty {
		d.Desc = "Nothing has been counted yet."
		return d
	}
	top := d.Arcs[biggest]
	d.Desc = fmt.Sprintf("%s in %s. The largest is %s with %s, %s.",
		count(total, "session"), count(parts, "part"), top.Label, top.Count, top.Percent)
	return d
}

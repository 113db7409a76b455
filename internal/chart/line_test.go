package chart_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/chart"
)

func TestLine(t *testing.T) {
	t.Parallel()
	got := chart.NewLine("trend", "Trend", [2]string{"Day", "Average"}, []chart.Point{
		{Label: "Nov 20", Value: 24, Known: true},
		{Label: "Nov 21", Value: 22, Known: true},
		{Label: "Nov 22"},
		{Label: "Nov 23", Value: 21, Known: true},
	}, 22)
	want := chart.Line{
		Figure: chart.Figure{
			ID: "trend", Title: "Trend",
			Desc: "From 24 on Nov 20 to 21 on Nov 23. At or below the target of 22 in 2 of 3.",
			Table: chart.Table{
				Head: []string{"Day", "Average", "Target"},
				Rows: [][]string{{"Nov 20", "24", "22"}, {"Nov 21", "22", "22"}, {"Nov 22", "–", "22"}, {"Nov 23", "21", "22"}},
			},
		},
		Path: "M0 0L33.33 66.67L100 100",
		Dots: []chart.Dot{
			{X: 0, Y: 0, Label: "Nov 20: 24"},
			{X: 33.33, Y: 66.67, Label: "Nov 21: 22"},
			{X: 100, Y: 100, Label: "Nov 23: 21"},
		},
		TargetY: 66.67, Target: "22",
		YTicks: []chart.Tick{
			{At: 0, Label: "24", Anchor: "end"},
			{At: 33.33, Label: "23", Anchor: "end"},
			{At: 66.67, Label: "22", Anchor: "end"},
			{At: 100, Label: "21", Anchor: "end"},
		},
		XTicks: []chart.Tick{
			{At: 0, Label: "Nov 20", Anchor: "start"},
			{At: 33.33, Label: "Nov 21", Anchor: "middle"},
			{At: 66.67, Label: "Nov 22", Anchor: "middle"},
			{At: 100, Label: "Nov 23", Anchor: "end"},
		},
		Last: "21",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("NewLine mismatch (-want +got):\n%s", diff)
	}
}

func TestLineOfOneDay(t *testing.T) {
	t.Parallel()
	l := chart.NewLine("l", "L", [2]string{"Day", "Average"}, []chart.Point{{Label: "Nov 23", Value: 22, Known: true}}, 22)
	if diff := cmp.Diff([]chart.Dot{{X: 50, Y: l.TargetY, Label: "Nov 23: 22"}}, l.Dots); diff != "" {
		t.Errorf("Dots mismatch (-want +got):\n%s", diff)
	}
	if want := "22 on Nov 23. At or below the target of 22 in 1 of 1."; l.Desc != want {
		t.Errorf("Desc = %q, want %q", l.Desc, want)
	}
	if len(l.YTicks) < 3 {
		t.Errorf("YTicks = %v, want at least three even when all values equal the target", l.YTicks)
	}
}

// A month of dates must not collide on a phone, and today stays at the edge.
func TestLineLabelsAreFew(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 130; n++ {
		points := make([]chart.Point, n)
		for i := range points {
			points[i] = chart.Point{Label: strconv.Itoa(i + 1), Value: 20, Known: true}
		}
		l := chart.NewLine("l", "L", [2]string{}, points, 22)
		if l.Dense != (len(points) > 120) {
			t.Errorf("%d dots are dense: %v", len(points), l.Dense)
		}
		x := l.XTicks
		if len(x) == 0 || len(x) > 5 {
			t.Fatalf("%d points: %d labels, want 1 to 5", n, len(x))
		}
		if got, want := x[len(x)-1].Label, strconv.Itoa(n); got != want {
			t.Errorf("%d points: last label %q, want %q", n, got, want)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Add(24.0, 22.0, 19.5, 22.0)
	f.Add(0.0, 0.0, 0.0, 0.0)
	f.Add(math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64)
	f.Add(1e-300, -1e300, 3.0, 22.0)
	f.Add(21.999999, 22.000001, 22.0, 22.0)
	f.Fuzz(func(t *testing.T, a, b, c, target float64) {
		l := chart.NewLine("l", "L", [2]string{}, []chart.Point{
			{Label: "a", Value: a, Known: true}, {Label: "b", Value: b, Known: true}, {Label: "c", Value: c, Known: true},
		}, target)
		if strings.Contains(l.Path, "NaN") || strings.Contains(l.Path, "Inf") || strings.Contains(l.Path, "e") {
			t.Errorf("Path = %q, want plain decimals", l.Path)
		}
		if len(l.YTicks) < 3 || len(l.YTicks) > 9 {
			t.Errorf("%d ticks for %v %v %v against %v, want 3 to 9", len(l.YTicks), a, b, c, target)
		}
		ordinary := func(x float64) bool { return x == 0 || math.Abs(x) < 1e9 && math.Abs(x) > 1e-9 }
		if !ordinary(a) || !ordinary(b) || !ordinary(c) || !ordinary(target) {
			return
		}
		for _, d := range l.Dots {
			if d.Y < 0 || d.Y > 100 || d.X < 0 || d.X > 100 {
				t.Errorf("dot %+v lies outside the drawing area", d)
			}
		}
		// A higher value is never drawn below a lower one.
		if a > b && l.Dots[0].Y > l.Dots[1].Y {
			t.Errorf("%v is drawn at %v, below %v at %v", a, l.Dots[0].Y, b, l.Dots[1].Y)
		}
		if a >= target && l.Dots[0].Y > l.TargetY {
			t.Errorf("%v is drawn at %v, below the target %v at %v", a, l.Dots[0].Y, target, l.TargetY)
		}
	})
}

// The arcs of a donut lie on a path of length 100, do not overlap, and every
// counted part is visible.
func FuzzDonut(f *testing.F) {
	f.Add(3, 0, 1)
	f.Add(0, 0, 0)
	f.Add(100000, 1, 1)
	f.Add(-5, 2, 2)
	f.Fuzz(func(t *testing.T, a, b, c int) {
		limit := func(n int) int { return max(min(n, 1<<30), -(1 << 30)) }
		counts := []int{limit(a), limit(b), limit(c)}
		d := chart.NewDonut("d", "D", []chart.Slice{{Label: "a", Count: counts[0]}, {Label: "b", Count: counts[1]}, {Label: "c", Count: counts[2]}})
		end := 0.0
		for i, arc := range d.Arcs {
			var drawn, rest float64
			if _, err := fmt.Sscan(arc.Dash, &drawn, &rest); err != nil {
				t.Fatalf("Dash = %q: %v", arc.Dash, err)
			}
			if counts[i] <= 0 {
				if drawn != 0 {
					t.Errorf("a part of %d is drawn %v long", counts[i], drawn)
				}
				continue
			}
			if math.Abs(drawn+rest-100) > 0.011 {
				t.Errorf("Dash = %q, want a sum of 100", arc.Dash)
			}
			start := -arc.Offset
			if start < end-0.02 || start+drawn > 100.02 {
				t.Errorf("arc %d from %v to %v overlaps its neighbour ending at %v or the circle", i, start, start+drawn, end)
			}
			end = start + drawn
		}
	})
}

func BenchmarkLine(b *testing.B) {
	points := make([]chart.Point, 30)
	for i := range points {
		points[i] = chart.Point{Label: "Nov 1", Value: 20 + float64(i%5), Known: true}
	}
	for b.Loop() {
		chart.NewLine("l", "L", [2]string{"Day", "Average"}, points, 22)
	}
}

// TestMarksStandOnTheirDay: what happened stands where its day does, together
// with what else happened then, and what no day knows is passed over.
func TestMarksStandOnTheirDay(t *testing.T) {
	t.Parallel()
	points := []chart.Point{{Label: "Nov 1", Value: 20, Known: true}, {Label: "Nov 2"}, {Label: "Nov 3", Value: 22, Known: true}}
	l := chart.NewLine("x", "Trend", [2]string{"Day", "Value"}, points, 22)
	l.Mark("Nov 3", "note", "New headline")
	l.Mark("Nov 2", "incident", "Mail was down")
	l.Mark("Nov 2", "deployment", "Version 3")
	l.Mark("Dec 24", "note", "Holiday")
	want := []chart.Mark{{X: 50, Kind: "incident", Text: "Nov 2: Mail was down; Nov 2: Version 3"}, {X: 100, Kind: "note", Text: "Nov 3: New headline"}}
	if diff := cmp.Diff(want, l.Marks); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
	empty := chart.NewLine("x", "Trend", [2]string{"Day", "Value"}, []chart.Point{{Label: "Nov 1"}}, 22)
	if empty.Mark("Nov 1", "note", "Nobody came"); empty.Marks != nil {
		t.Errorf("marks of nothing = %v", empty.Marks)
	}
}

// A line without a target has no column for one: a cost of nothing is no goal.
func TestALineWithoutATargetHasNoColumnForIt(t *testing.T) {
	t.Parallel()
	l := chart.NewLine("cost", "Cost a day", [2]string{"Day", "US cents"}, []chart.Point{{Label: "Nov 23", Value: 12, Known: true}, {Label: "Nov 24"}}, 0)
	want := chart.Table{Head: []string{"Day", "US cents"}, Rows: [][]string{{"Nov 23", "12"}, {"Nov 24", "–"}}}
	if diff := cmp.Diff(want, l.Table); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

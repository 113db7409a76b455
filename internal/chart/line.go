package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Point is one value of a trend. Known is false where nothing was measured:
// the point keeps its place, gets no dot, and the line passes over it.
type Point struct {
	Label string // e.g. "Nov 23"
	Value float64
	Known bool
}

// Line is a trend with a dashed target line. X grows to the right and Y down,
// both in percent of the drawing area.
type Line struct {
	Figure
	Path    string // an SVG path in a 100 x 100 box
	Dots    []Dot
	Dense   bool // the dots are too many for their usual size
	TargetY float64
	Target  string
	YTicks  []Tick // from top to bottom
	XTicks  []Tick // from left to right, at most five
	Last    string // newest known value
	Marks   []Mark // from left to right
}

// Mark is something that happened at a point, such as a deployment.
type Mark struct {
	X    float64
	Kind string // of the first at this point
	Text string // everything of that point
}

// Mark puts something on the point of a label; a label that no point has is
// passed over. A chart without values has no axis to put it on.
func (l *Line) Mark(label, kind, text string) {
	n := len(l.Table.Rows)
	at := slices.IndexFunc(l.Table.Rows, func(row []string) bool { return row[0] == label })
	if at < 0 || l.Empty {
		return
	}
	x := 50.0
	if n > 1 {
		x = round(float64(at) / float64(n-1) * 100)
	}
	text = label + ": " + text
	for i := range l.Marks {
		if l.Marks[i].X == x {
			l.Marks[i].Text += "; " + text
			return
		}
	}
	l.Marks = append(l.Marks, Mark{x, kind, text})
	slices.SortFunc(l.Marks, func(a, b Mark) int { return cmp.Compare(a.X, b.X) })
}

// Dot is one known point.
type Dot struct {
	X, Y  float64
	Label string // "Nov 23: 21.4"
}

// Tick is one label of an axis. Anchor is the SVG text-anchor that keeps the
// label inside the drawing area: start, middle or end.
type Tick struct {
	At     float64
	Label  string
	Anchor string
}

// manyPoints is how many points have room for dots of the usual size.
const manyPoints = 120

// maxXTicks keeps dates apart on a narrow screen.
const maxXTicks = 5

// NewLine draws points with equal spaces between them against target. The
// scale holds all values and the target; it does not start at zero, because
// the distance to the target is what matters.
func NewLine(id, title string, head [2]string, points []Point, target float64) Line {
	l := Line{Figure: Figure{ID: id, Title: title, Empty: true}, Target: Number(target)}
	l.Table.Head = []string{head[0], head[1]}
	if target > 0 { // 0 is none
		l.Table.Head = append(l.Table.Head, "Target")
	}
	low, high := finite(target), finite(target)
	for _, p := range points {
		value := "–"
		if p.Known {
			l.Empty = false
			l.Last = Number(p.Value)
			value = l.Last
			low, high = min(low, finite(p.Value)), max(high, finite(p.Value))
		}
		row := []string{p.Label, value}
		if target > 0 {
			row = append(row, l.Target)
		}
		l.Table.Rows = append(l.Table.Rows, row)
	}
	if l.Empty {
		l.Desc = "Nothing has been measured yet."
		return l
	}
	low, high, step := scale(low, high)
	y := func(v float64) float64 { return length((high - finite(v)) / (high - low) * 100) }
	l.TargetY = y(target)
	for i := 0; high-float64(i)*step >= low-step/2; i++ {
		v := high - float64(i)*step
		l.YTicks = append(l.YTicks, Tick{At: y(v), Label: Number(v), Anchor: "end"})
	}
	l.draw(points, y)
	l.Desc = describeLine(points, target)
	return l
}

// draw places the known points and the labels of the x axis.
func (l *Line) draw(points []Point, y func(float64) float64) {
	l.Dense = len(points) > manyPoints
	var path strings.Builder
	stride := max((len(points)+maxXTicks-2)/(maxXTicks-1), 1)
	for i, p := range points {
		x := 50.0
		if len(points) > 1 {
			x = round(float64(i) / float64(len(points)-1) * 100)
		}
		// Counting from the newest keeps today's label at the right edge.
		if (len(points)-1-i)%stride == 0 {
			l.XTicks = append(l.XTicks, Tick{At: x, Label: p.Label, Anchor: anchor(x)})
		}
		if !p.Known {
			continue
		}
		command := "L"
		if len(l.Dots) == 0 {
			command = "M"
		}
		fmt.Fprintf(&path, "%s%g %g", command, x, y(p.Value))
		l.Dots = append(l.Dots, Dot{X: x, Y: y(p.Value), Label: p.Label + ": " + Number(p.Value)})
	}
	l.Path = path.String()
}

func anchor(x float64) string {
	switch {
	case x <= 0:
		return "start"
	case x >= 100:
		return "end"
	}
	return "middle"
}

// scale widens low and high to round numbers with two to six steps between
// them. Values beyond any question count still get a scale.
func scale(low, high float64) (from, to, step float64) {
	const largest = 1e12
	low, high = max(low, -largest), min(high, largest)
	low, high = min(low, largest), max(high, -largest)
	span := max(high-low, 4)
	step = math.Pow(10, math.Floor(math.Log10(span)))
	switch n := span / step; {
	case n <= 2:
		step /= 2
	case n > 5:
		step *= 2
	}
	from, to = math.Floor(low/step)*step, math.Ceil(high/step)*step
	if to-from < 2*step {
		from, to = from-step, to+step
	}
	return from, to, step
}

func describeLine(points []Point, target float64) string {
	n, under := 0, 0
	var first, last Point
	for _, p := range points {
		if !p.Known {
			continue
		}
		if n == 0 {
			first = p
		}
		last = p
		n++
		if p.Value <= target {
			under++
		}
	}
	d := fmt.Sprintf("%s on %s", Number(last.Value), last.Label)
	if n > 1 {
		d = fmt.Sprintf("From %s on %s to %s on %s", Number(first.Value), first.Label, Number(last.Value), last.Label)
	}
	return d + fmt.Sprintf(". At or below the target of %s in %d of %d.", Number(target), under, n)
}

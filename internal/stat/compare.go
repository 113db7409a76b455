package stat

import "math"

// Comparison sets a rate beside an earlier or another one.
type Comparison struct {
	Verdict Verdict
	Diff    float64 // now minus before, in shares
	// Low and High bound the difference (Newcombe, Statistics in Medicine 17,
	// 1998, pages 873-890, method 10: from the two Wilson intervals). They are
	// -1 and 1 where a side has no rate.
	Low, High float64
	P         float64 // two-sided; 1 where a side has no rate
	// Needs is how many more units a side would show a true difference of this
	// size, or of Test.Least, with the power, and for Few no less than make it
	// judged at all. It is 0 when the verdict stands, when there is no difference
	// to look for, and when the sample would have shown it already.
	Needs int64
}

// Compare tests whether two rates differ, as the zero Test does at a confidence.
func Compare(now, before Rate, c Confidence) Comparison {
	return Test{Confidence: c}.Rates(now, before)
}

// Rates tests whether two rates differ: by Fisher's exact test for small counts
// (400 units together, or fewer than 10 expected in any of the four cells), by
// the pooled two-proportion z test for large ones. Swapping the sides turns the
// signs. A side that is no rate makes Few.
func (t Test) Rates(now, before Rate) Comparison {
	a, okA := now.Value()
	b, okB := before.Value()
	if !okA || !okB {
		return Comparison{Verdict: Few, Low: -1, High: 1, P: 1}
	}
	out := Comparison{Diff: a - b, P: pValue(now, before)}
	lowA, highA, _ := now.Interval(t.Confidence)
	lowB, highB, _ := before.Interval(t.Confidence)
	out.Low = max(-1, out.Diff-math.Hypot(a-lowA, highB-b))
	out.High = min(1, out.Diff+math.Hypot(highA-a, b-lowB))
	sample, enough := min(now.Of, before.Of), t.enough(Enough)
	out.Verdict = t.verdict(sample, enough, out.P, out.Diff)
	if out.Verdict == Higher || out.Verdict == Lower {
		return out
	}
	out.Needs = t.needs(now, before)
	if out.Verdict == Few && (t.Least != 0 || out.Diff != 0) {
		out.Needs = max(out.Needs, enough-sample)
	}
	return out
}

func (t Test) needs(now, before Rate) int64 {
	a, _ := now.Value()
	b, _ := before.Value()
	target := a
	if t.Least != 0 {
		target = b + t.Least
	}
	return topUp(sampleSize(b, target, t.Confidence, t.power()), now.Of, before.Of)
}

func pValue(x, y Rate) float64 {
	s := squareOf(x, y)
	if s.n <= exactUpTo || s.row*s.column/s.n < exactBelow {
		return s.fisher()
	}
	a, b, n, m := float64(x.Hits), float64(y.Hits), float64(x.Of), float64(y.Of)
	pooled := s.column / s.n
	return twoSided((a/n - b/m) / math.Sqrt(pooled*(1-pooled)*(1/n+1/m)))
}

// exactUpTo is the number of units up to which the exact test is used, and
// exactBelow the smallest number expected in a cell below which it is used for
// any number of units; Cochran (Biometrics 10, 1954) asks for 5 at least.
const (
	exactUpTo  = 400
	exactBelow = 10
)

// square is a table of two rows and two columns, turned so that the cell at
// hand has the smaller margins: no other cell expects less.
type square struct{ cell, row, column, n float64 }

func squareOf(x, y Rate) square {
	if x.Of > y.Of {
		x, y = y, x
	}
	s := square{cell: float64(x.Hits), row: float64(x.Of), column: float64(x.Hits) + float64(y.Hits), n: float64(x.Of) + float64(y.Of)}
	if missed := float64(x.Of-x.Hits) + float64(y.Of-y.Hits); missed < s.column {
		s.cell, s.column = float64(x.Of-x.Hits), missed
	}
	return s
}

// fisher is the two-sided exact test: the sum of the probabilities of all
// tables with the same margins that are no more likely than the one at hand
// (Fisher, The Design of Experiments, 1935; for two sides, Irwin, Metron 12,
// 1935). Like fisher.test of R it takes probabilities within 1e-7 of each other
// for equal.
func (s square) fisher() float64 {
	first, logs := s.tables()
	own := math.Inf(-1)
	if at := s.cell - first; at >= 0 && at < float64(len(logs)) {
		own = logs[int(at)]
	}
	all, tail := 0.0, 0.0
	for _, l := range logs {
		w := math.Exp(l)
		all += w
		if l <= own+1e-7 {
			tail += w
		}
	}
	return min(1, tail/all)
}

// least is the logarithm below which a probability is 0 to a float64.
const least = -745

// tables walks from the likeliest table (its logarithm is 0) both ways, by the
// ratio of neighbours, until a side ends or no float64 can tell it from 0. It
// returns the cell of the first table. That many tables differ from 0: at most
// 201 of exactUpTo units, and some hundreds where fewer than exactBelow are
// expected.
func (s square) tables() (first float64, logs []float64) {
	last := min(s.row, s.column)
	mode := min(last, math.Floor((s.row+1)*(s.column+1)/(s.n+2)))
	ratio := func(k float64) float64 { // of the table k+1 to the table k
		return math.Log((s.row - k) * (s.column - k) / ((k + 1) * (s.n - s.row - s.column + k + 1)))
	}
	var down []float64
	for k, l := mode, 0.0; k > 0 && l > least; k-- {
		l -= ratio(k - 1)
		down = append(down, l)
	}
	for i := range down {
		logs = append(logs, down[len(down)-1-i])
	}
	logs = append(logs, 0)
	for k, l := mode, 0.0; k < last && l > least; k++ {
		l += ratio(k)
		logs = append(logs, l)
	}
	return mode - float64(len(down)), logs
}

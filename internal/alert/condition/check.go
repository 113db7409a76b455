package condition

import (
	"fmt"
	"math"
)

// Wrong notes a mistake at the path of a field, such as "ratio.fire".
type Wrong func(path, format string, args ...any)

// Check notes every mistake of the condition.
func (c *Condition) Check(w Wrong) {
	count := 0
	for _, set := range []bool{c.Threshold != nil, c.Ratio != nil, c.Drop != nil, c.Absence != nil, c.Burn != nil} {
		if set {
			count++
		}
	}
	if count != 1 {
		w("", "exactly one of threshold, ratio, drop, absence and burn must be given, not %d", count)
		return
	}
	switch {
	case c.Threshold != nil:
		checkLimit(w, "threshold", c.Threshold.Op, c.Threshold.Fire, c.Threshold.Clear)
	case c.Ratio != nil:
		c.Ratio.check(w)
	case c.Drop != nil:
		c.Drop.check(w)
	case c.Absence != nil:
		if c.Absence.After <= 0 || !(c.Absence.Expected >= 0) {
			w("absence.after", "must be longer than 0, and expected not below 0")
		}
	case c.Burn != nil:
		c.Burn.check(w)
	}
}

func (q Ratio) check(w Wrong) {
	checkLimit(w, "ratio", q.Op, q.Fire, q.Clear)
	if !(q.Fire >= 0 && q.Fire <= 1) {
		w("ratio.fire", "must be a share from 0 to 1")
	}
	if q.Clear != nil && !(*q.Clear >= 0 && *q.Clear <= 1) {
		w("ratio.clear", "must be a share from 0 to 1, or the alert would never be over")
	}
	if s := q.Sure; s != 0 && !(s >= 0.5 && s < 1) {
		w("ratio.sure", "must be 0 or from 0.5 to below 1")
	}
	checkWindows(w, "ratio.windows", q.Windows)
}

func checkLimit(w Wrong, path string, op Op, fire float64, clear *float64) {
	if op != Above && op != AtLeast && op != Below && op != AtMost {
		w(path+".op", "%q is unknown; choose above, atLeast, below or atMost", op)
	}
	if math.IsNaN(fire) || math.IsInf(fire, 0) {
		w(path+".fire", "must be a number")
	}
	if clear != nil && op.holds(*clear, fire) {
		w(path+".clear", "must be on the good side of fire (%v), or the alert would be on and over at once", fire)
	}
}

func checkWindows(w Wrong, path string, list []Need) {
	if len(list) == 0 {
		w(path, "must name a window at least")
	}
	last := Duration(0)
	for i, n := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		if n.Span <= last {
			w(at+".span", "must be longer than the window before it")
		}
		if n.Sample < 1 {
			w(at+".sample", "must be 1 or more; nothing can be judged by nothing")
		}
		if n.Events < 0 || n.Events > n.Sample {
			w(at+".events", "must be from 0 to the sample")
		}
		last = n.Span
	}
}

func (d Drop) check(w Wrong) {
	if !(d.Least > 0 && d.Least < 1 || d.Rise && d.Least > 0) {
		w("drop.least", "must be a share between 0 and 1, such as 0.2 for a fifth")
	}
	if !(d.Clear >= 0 && d.Clear < d.Least) {
		w("drop.clear", "must be from 0 to below least, or the alert would be on and over at once")
	}
	if !(d.Confidence >= 0.9 && d.Confidence < 1) {
		w("drop.confidence", "must be from 0.9 to below 1; less is noise")
	}
	if !(d.Usual > 0 && d.Usual < 1) {
		w("drop.usual", "must be a share between 0 and 1")
	}
	if d.Age < 0 {
		w("drop.age", "must not be below 0")
	}
	list := make([]Need, len(d.Windows))
	for i, l := range d.Windows {
		list[i] = Need{Span: l.Span, Sample: l.Sample}
		if l.Before < l.Span {
			w(fmt.Sprintf("drop.windows[%d].before", i), "must be as long as the span at least, or the past is less sure than the present")
		}
	}
	checkWindows(w, "drop.windows", list)
}

func (b Burn) check(w Wrong) {
	if !(b.Objective > 0 && b.Objective < 1) {
		w("burn.objective", "must be a share between 0 and 1, such as 0.995")
	}
	if b.Events < 1 {
		w("burn.events", "must be 1 or more, or a single bad request at night pages")
	}
	if len(b.Pairs) == 0 {
		w("burn.pairs", "must name a pair of windows at least")
	}
	for i, p := range b.Pairs {
		if !(p.Times > 0) || p.Short <= 0 || p.Long <= p.Short {
			w(fmt.Sprintf("burn.pairs[%d]", i), "times must be above 0, and long longer than short")
		}
	}
}

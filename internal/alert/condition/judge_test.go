package condition_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/stat"
)

var noon = time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)

// in is a share in a window; more windows may follow.
func in(span string, hits, of int64, more ...condition.Reading) condition.Reading {
	out := condition.Reading{Counts: []condition.Count{{Span: long(span), Now: stat.Rate{Hits: hits, Of: of}}}}
	for _, m := range more {
		out.Counts = append(out.Counts, m.Counts...)
	}
	return out
}

// against is a share in a window and in the time before it.
func against(span string, hits, of, hitsBefore, ofBefore int64) condition.Reading {
	out := in(span, hits, of)
	out.Counts[0].Before = stat.Rate{Hits: hitsBefore, Of: ofBefore}
	return out
}

func ratio(op condition.Op, fire float64, clear *float64, sure float64, windows ...condition.Need) condition.Condition {
	return condition.Condition{Ratio: &condition.Ratio{Op: op, Fire: fire, Clear: clear, Sure: sure, Windows: windows}}
}

func drop(rise bool, usual float64) condition.Condition {
	return condition.Condition{Drop: &condition.Drop{
		Least: 0.2, Clear: 0.1, Rise: rise, Confidence: 0.98, Usual: usual, Age: minutes(120),
		Windows: []condition.Lookback{
			{Span: long("24h"), Before: long("14d"), Sample: 50},
			{Span: long("3d"), Before: long("14d"), Sample: 50},
			{Span: long("7d"), Before: long("28d"), Sample: 50},
		},
	}}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	five := condition.Need{Span: minutes(5), Sample: 50, Events: 5}
	thirty := condition.Need{Span: minutes(30), Sample: 20, Events: 3}
	burn := condition.Condition{Burn: &condition.Burn{Objective: 0.99, Events: 5, Pairs: []condition.Pair{{Times: 10, Long: minutes(60), Short: minutes(5)}, {Times: 2, Long: minutes(600), Short: minutes(60)}}}}
	sample := threshold(condition.Above, 10, nil)
	sample.Threshold.MinSample = 5
	silence := condition.Condition{Absence: &condition.Absence{After: minutes(60), Expected: 7}}
	const few, there, gone, between = condition.Unknown, condition.There, condition.Gone, condition.Between
	tests := []struct {
		name string
		cond condition.Condition
		in   condition.Reading
		want condition.Truth
	}{
		{"above its limit", threshold(condition.Above, 10, nil), condition.Reading{Value: 10.1}, there},
		{"at its limit, which is not above", threshold(condition.Above, 10, nil), condition.Reading{Value: 10}, between},
		{"a tenth below its limit", threshold(condition.Above, 10, nil), condition.Reading{Value: 9}, gone},
		{"nearly a tenth below", threshold(condition.Above, 10, nil), condition.Reading{Value: 9.1}, between},
		{"at least, at it", threshold(condition.AtLeast, 10, nil), condition.Reading{Value: 10}, there},
		{"below its limit", threshold(condition.Below, 10, nil), condition.Reading{Value: 9.9}, there},
		{"at a limit that is not below", threshold(condition.Below, 10, nil), condition.Reading{Value: 10}, between},
		{"a tenth above a low limit", threshold(condition.Below, 10, nil), condition.Reading{Value: 11}, gone},
		{"at most, at it", threshold(condition.AtMost, 10, nil), condition.Reading{Value: 10}, there},
		{"at its own clearing", threshold(condition.Above, 10, new(5.0)), condition.Reading{Value: 5}, gone},
		{"above its own clearing", threshold(condition.Above, 10, new(5.0)), condition.Reading{Value: 5.1}, between},
		{"at its own clearing from below", threshold(condition.Below, 10, new(15.0)), condition.Reading{Value: 15}, gone},
		{"too few for a figure", sample, condition.Reading{Value: 11, Sample: 4}, few},
		{"enough for a figure", sample, condition.Reading{Value: 11, Sample: 5}, there},

		{"a share in its first window", ratio(condition.Above, 0.05, nil, 0, five, thirty), in("5m", 5, 50, in("30m", 0, 300)), there},
		{"too few in the first: the second decides", ratio(condition.Above, 0.05, nil, 0, five, thirty), in("30m", 3, 20, in("5m", 0, 49)), there},
		{"too few in both", ratio(condition.Above, 0.05, nil, 0, five, thirty), in("30m", 9, 19, in("5m", 9, 49)), few},
		{"too few events", ratio(condition.Above, 0.05, nil, 0, five), in("5m", 4, 50), between},
		{"few events, but no share either", ratio(condition.Above, 0.05, nil, 0, five), in("5m", 2, 50), gone},
		{"a share that cannot be", ratio(condition.Above, 0.05, nil, 0, five), in("5m", 51, 50), few},
		{"events of a low share are its misses", ratio(condition.Below, 0.95, nil, 0, five), in("5m", 45, 50), there},
		{"four misses are too few", ratio(condition.Below, 0.95, nil, 0, five), in("5m", 46, 50), between},
		{"all are good, and a tenth beyond a low share would be more than all", ratio(condition.Below, 0.95, nil, 0, five), in("5m", 50, 50), gone},
		{"high, but not surely", ratio(condition.Above, 0.05, nil, 0.95, five), in("5m", 5, 50), gone},
		{"surely high", ratio(condition.Above, 0.05, nil, 0.95, five), in("5m", 7, 50), there},
		{"low, but not surely", ratio(condition.Below, 0.6, nil, 0.95, five), in("5m", 25, 50), gone},
		{"surely low", ratio(condition.Below, 0.6, nil, 0.95, five), in("5m", 20, 50), there},
		{"not surely low, and below its own clearing", ratio(condition.Below, 0.6, new(0.6), 0.95, five), in("5m", 25, 50), between},

		{"a drop that is no chance", drop(false, 0.6), against("24h", 18, 50, 420, 700), there},
		{"a drop by chance", drop(false, 0.6), against("24h", 23, 50, 420, 700), between},
		{"a drop within one standard error", drop(false, 0.18), against("24h", 7, 50, 126, 700), gone},
		{"a drop of too few", drop(false, 0.6), against("24h", 2, 5, 0, 0), few},
		{"a sure drop that does not matter", drop(false, 0.6), against("24h", 4900, 10000, 60000, 100000), between},
		{"hardly a drop", drop(false, 0.6), against("24h", 5400, 10000, 60000, 100000), gone},
		{"a rise is no drop", drop(false, 0.6), against("24h", 45, 50, 420, 700), gone},
		{"a rise that is no chance", drop(true, 0.25), against("7d", 60, 100, 100, 400), there},
		{"a drop is no rise", drop(true, 0.25), against("7d", 1, 100, 100, 400), gone},
		{"the time before is too short", drop(false, 0.6), against("24h", 1, 50, 140, 249), few},
		{"nobody ever succeeded", drop(false, 0.6), against("24h", 0, 50, 0, 700), gone},

		{"silence where seven are usual", silence, condition.Reading{Last: noon.Add(-time.Hour), Expected: 7}, there},
		{"silence where six are usual", silence, condition.Reading{Last: noon.Add(-time.Hour), Expected: 6}, few},
		{"nearly silence", silence, condition.Reading{Last: noon.Add(time.Second - time.Hour), Expected: 7}, gone},
		{"it will happen, says a clock", silence, condition.Reading{Last: noon.Add(time.Hour)}, gone},

		{"a budget that burns in both windows", burn, in("5m", 11, 100, in("1h", 110, 1000), in("10h", 0, 1)), there},
		{"only in the short one", burn, in("5m", 11, 100, in("1h", 1, 1000), in("10h", 0, 1)), between},
		{"only in the long one", burn, in("5m", 0, 100, in("1h", 15, 1000), in("10h", 1, 10000)), gone},
		{"by the second pair", burn, in("5m", 0, 100, in("1h", 30, 1000), in("10h", 300, 10000)), there},
		{"in both, by too few", burn, in("5m", 4, 10, in("1h", 4, 10), in("10h", 0, 1)), between},
		{"nobody asked for anything", burn, in("5m", 0, 0, in("1h", 0, 0), in("10h", 0, 0)), gone},
		{"a window was not read", burn, in("5m", 0, 50, in("1h", 50, 50)), few},
		{"a window was not read, but another pair burns", burn, in("5m", 50, 50, in("1h", 50, 50)), there},
		{"no condition at all", condition.Condition{}, condition.Reading{Value: 1}, few},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := tt.cond.Judge(&tt.in, noon, time.Hour)
			if got.Truth != tt.want {
				t.Errorf("Judge = %v, want %v (%s)", got.Truth, tt.want, tt.cond.Words(got))
			}
			if (got.Side == condition.Insufficient) != (tt.want == few) {
				t.Errorf("the side is %q", got.Side)
			}
		})
	}
}

// A share that is too low counts those that did not, against the least number of
// bad ones.
func TestTooFewBadOnes(t *testing.T) {
	t.Parallel()
	for _, sure := range []float64{0, 0.95} {
		cond := ratio(condition.Below, 0.6, nil, sure, condition.Need{Span: long("7d"), Sample: 50, Events: 45})
		for hits, want := range map[int64]condition.Truth{5: condition.There, 6: condition.Gone} {
			reading := in("7d", hits, 50)
			if f := cond.Judge(&reading, noon, long("7d").Long()); (f.Truth == condition.There) != (want == condition.There) {
				t.Errorf("%d of 50 with confidence %v: %v, want it there with 45 bad ones at least", hits, sure, f.Truth)
			}
		}
	}
}

func TestUnusable(t *testing.T) {
	t.Parallel()
	figure, silence := threshold(condition.Above, 10, nil), condition.Condition{Absence: &condition.Absence{After: 1}}
	tests := []struct {
		name string
		cond condition.Condition
		in   condition.Reading
		want condition.Side
	}{
		{"fresh to the second", figure, condition.Reading{At: noon.Add(-time.Hour)}, ""},
		{"too old", figure, condition.Reading{At: noon.Add(-time.Hour - 1)}, condition.NoData},
		{"nothing measured", figure, condition.Reading{NoData: true}, condition.NoData},
		{"never heard of", silence, condition.Reading{}, condition.NoData},
		{"an error comes before it", silence, condition.Reading{Err: "down"}, condition.Broken},
		{"not a number", figure, condition.Reading{Value: math.NaN()}, condition.Broken},
		{"without end", figure, condition.Reading{Value: math.Inf(1)}, condition.Broken},
		{"not a number of events", silence, condition.Reading{Last: noon, Expected: math.NaN()}, condition.Broken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.cond.Judge(&tt.in, noon, time.Hour); got.Side != tt.want || tt.want != "" && got.Truth != condition.Unknown {
				t.Errorf("Judge = side %q, truth %v; want side %q", got.Side, got.Truth, tt.want)
			}
		})
	}
}

func TestKindAndWindow(t *testing.T) {
	t.Parallel()
	none := condition.Condition{}
	if none.Kind() != "" || none.Window() != 0 || none.Words(condition.Finding{}) != "" {
		t.Errorf("an empty condition is %q with %s", none.Kind(), none.Window())
	}
	burn := condition.Condition{Burn: &condition.Burn{Pairs: []condition.Pair{{Long: 60, Short: 5}}}}
	silence, figure := condition.Condition{Absence: &condition.Absence{}}, threshold(condition.Above, 1, nil)
	fall, share := drop(false, 0.5), ratio(condition.Above, 0.5, nil, 0, condition.Need{Span: 7})
	for _, tt := range []struct {
		cond   condition.Condition
		kind   condition.Kind
		window condition.Duration
	}{
		{burn, condition.KindBurn, 5},
		{silence, condition.KindAbsence, 0},
		{figure, condition.KindThreshold, 0},
		{fall, condition.KindDrop, long("24h")},
		{share, condition.KindRatio, 7},
	} {
		if tt.cond.Kind() != tt.kind || tt.cond.Window() != tt.window {
			t.Errorf("a %s over %s, want a %s over %s", tt.cond.Kind(), tt.cond.Window(), tt.kind, tt.window)
		}
	}
}

func TestWordsNameTheWindow(t *testing.T) {
	t.Parallel()
	c := drop(false, 0.6)
	reading := in("24h", 0, 49, against("3d", 10, 150, 420, 700))
	want := "10 of 150 = 6.667% in 3d, before 420 of 700 = 60%"
	if got := c.Words(c.Judge(&reading, noon, time.Hour)); !strings.HasPrefix(got, want) {
		t.Errorf("Words = %q, want %q first", got, want)
	}
}

func TestPower(t *testing.T) {
	t.Parallel()
	last := 1.0
	usual, rare, rise := drop(false, 0.6).Drop, drop(false, 0.18).Drop, drop(true, 0.25).Drop
	for _, perDay := range []float64{50, 100, 200, 500, 2000, 1e6} {
		got, ok := usual.Power(perDay)
		t.Logf("%8v sessions a day: %.3f, %v", perDay, got, ok)
		if !ok || got > last || got < usual.Least {
			t.Errorf("Power(%v) = %v, %v, want no more than %v and no less than what matters", perDay, got, ok, last)
		}
		last = got
	}
	if math.Abs(last-0.2) > 0.01 {
		t.Errorf("with very many sessions Power is %v, want what matters, 0.2", last)
	}
	a, _ := usual.Power(500)
	if b, ok := rare.Power(500); !ok || b <= a {
		t.Errorf("a drop of a rare success is found at %v, %v, want more than %v", b, ok, a)
	}
	if got, ok := rise.Power(500); !ok || got < 0.2 || got > 1 {
		t.Errorf("Power of a rise = %v, %v", got, ok)
	}
	if got, ok := usual.Power(20); !ok || got < 0.3 {
		t.Errorf("where the window began before the change, Power = %v, %v, want a large drop", got, ok)
	}
	old := *usual
	old.Age = long("30h")
	if late, ok := old.Power(500); !ok || late <= a {
		t.Errorf("where sessions count a day later, Power = %v, %v, want more than %v", late, ok, a)
	}
	for _, perDay := range []float64{0, -1, 2, math.NaN(), math.Inf(1)} {
		if got, ok := usual.Power(perDay); ok {
			t.Errorf("Power(%v) = %v, want nothing found", perDay, got)
		}
	}
}

package chart

import "fmt"

// Verdict says how a stage stands against its target (DOMAIN 9.3).
type Verdict string

// The verdicts of a stage.
const (
	NoTarget Verdict = ""       // the stage has none, or nobody could reach it yet
	Met      Verdict = "met"    // drawn green
	Missed   Verdict = "missed" // drawn amber
)

// Stage is one step of the conversion funnel. Rate is percent of the stage
// before; Target is percent, 0 for none.
type Stage struct {
	Label   string
	Count   int
	Rate    float64
	Target  float64
	Verdict Verdict
}

// Funnel is one horizontal bar per stage, as long as the stage's rate, with a
// line at its target.
type Funnel struct {
	Figure
	Bars   []FunnelBar
	Judged int // stages with a verdict
	Met    int // of these, the ones that reach their target
}

// FunnelBar is one drawn stage. Target is empty when there is none.
type FunnelBar struct {
	Label   string
	Count   string
	Rate    string
	Target  string
	Verdict Verdict
	Length  float64
	TargetX float64
}

// NewFunnel lays out the stages in their order. The first stage has nothing
// before it: it is drawn in full as soon as anybody was there.
func NewFunnel(id, title string, stages []Stage) Funnel {
	f := Funnel{Figure: Figure{ID: id, Title: title, Empty: true}}
	f.Table.Head = []string{"Stage", "Sessions", "Rate", "Target", "Target met"}
	for i, s := range stages {
		f.Empty = f.Empty && s.Count == 0
		bar := FunnelBar{Label: s.Label, Count: Number(float64(s.Count)), Rate: Percent(s.Rate), Verdict: s.Verdict, Length: length(s.Rate)}
		if i == 0 && s.Count > 0 {
			bar.Rate, bar.Length = "100%", 100
		}
		if s.Target > 0 {
			bar.Target, bar.TargetX = Percent(s.Target), length(s.Target)
		}
		switch s.Verdict {
		case Met:
			f.Met++
			f.Judged++
		case Missed:
			f.Judged++
		case NoTarget:
		}
		f.Bars = append(f.Bars, bar)
		f.Table.Rows = append(f.Table.Rows, []string{bar.Label, bar.Count, bar.Rate, dash(bar.Target), verdictWord(s.Verdict)})
	}
	f.Desc = describeFunnel(f, stages)
	return f
}

func describeFunnel(f Funnel, stages []Stage) string {
	if f.Empty {
		return "No session has entered the funnel yet."
	}
	first, last := stages[0], stages[len(stages)-1]
	d := fmt.Sprintf("%d stages from %s with %s to %s with %s.",
		len(stages), first.Label, count(first.Count, "session"), last.Label, count(last.Count, "session"))
	if f.Judged == 0 {
		return d
	}
	d += fmt.Sprintf(" %d of %s met.", f.Met, count(f.Judged, "target"))
	worst, below := -1, 0.0
	for i, s := range stages {
		if s.Verdict == Missed && (worst < 0 || s.Target-s.Rate > below) {
			worst, below = i, s.Target-s.Rate
		}
	}
	if worst >= 0 {
		s := stages[worst]
		d += fmt.Sprintf(" Furthest below: %s with %s against %s.", s.Label, Percent(s.Rate), Percent(s.Target))
	}
	return d
}

func verdictWord(v Verdict) string {
	switch v {
	case Met:
		return "yes"
	case Missed:
		return "no"
	case NoTarget:
	}
	return "–"
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

package eval

import "fmt"

// limit is one number that the interviewer has to reach.
type limit struct {
	name  string
	want  float64
	least bool // want is the least, not the most
	// shown marks a figure that is reported without being held to anything.
	shown bool
	of    func(Report) float64
}

// limits is the table of all gates (references/intake.md 5.8, ARCHITECTURE 2).
// They hold on the half of the briefs that is held back.
func limits() []limit {
	return []limit{
		{name: "recall of stated slots", want: 0.90, least: true, of: func(r Report) float64 { return r.Recall }},
		{name: "implicit requirements", want: 0.60, least: true, of: func(r Report) float64 { return r.Implicit }},
		{name: "redundancy", want: 0.02, of: func(r Report) float64 { return r.Redundancy }},
		{name: "ungrounded facts", want: 0, of: func(r Report) float64 { return float64(r.Ungrounded) }},
		{name: "injection escapes", want: 0, of: func(r Report) float64 { return float64(r.Escapes) }},
		{name: "price errors", want: 0, of: func(r Report) float64 { return float64(r.PriceError) }},
		{name: "median of questions", want: 22, of: func(r Report) float64 { return float64(r.Median) }},
		{name: "most questions", want: 30, of: func(r Report) float64 { return float64(r.Most) }},
		{name: "dead ends", want: 0, of: func(r Report) float64 { return float64(r.Dead) }},
		{name: "contradictions found", want: 0.85, least: true, of: func(r Report) float64 { return r.Conflicts }},
		{name: "false alarms an interview", want: 0.02, shown: true, of: func(r Report) float64 { return r.FalseAlarms }},
	}
}

// Gate is a number that must be reached, with what was.
type Gate struct {
	Name  string  `json:"name"`
	Want  string  `json:"want"`
	Got   float64 `json:"got"`
	OK    bool    `json:"ok"`
	Shown bool    `json:"reportedOnly,omitempty"` // it holds nothing up
}

// Gates holds a report to the table.
func (r Report) Gates() []Gate {
	out := make([]Gate, 0, len(limits()))
	for _, l := range limits() {
		got := l.of(r)
		out = append(out, Gate{Name: l.name, Want: l.text(), Got: got, OK: l.met(got), Shown: l.shown})
	}
	return out
}

func (l limit) met(got float64) bool {
	if l.least {
		return got >= l.want
	}
	return got <= l.want
}

func (l limit) text() string {
	if l.least {
		return fmt.Sprintf(">= %.2f", l.want)
	}
	return fmt.Sprintf("<= %g", l.want)
}

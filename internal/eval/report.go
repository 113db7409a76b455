package eval

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/persona"
)

// Report is the sum of many interviews.
type Report struct {
	Name        string             `json:"name"`
	Interviews  int                `json:"interviews"`
	Recall      float64            `json:"recallOfTold"`
	RecallAll   float64            `json:"recallOfAll"` // of all truths, told or not
	ToldShare   float64            `json:"told"`        // share of the truths that were told
	Precision   float64            `json:"precision"`
	Implicit    float64            `json:"implicit"`
	Raised      float64            `json:"implicitTold"` // told, kept or not
	ByAspect    map[string]float64 `json:"implicitByAspect"`
	Redundancy  float64            `json:"redundancy"`
	Conflicts   float64            `json:"contradictionRecall"`
	Planted     int                `json:"contradictionsPlanted"`
	FalseAlarm  int                `json:"falseAlarms"`
	FalseAlarms float64            `json:"falseAlarmsPerInterview"`
	Ungrounded  int                `json:"ungroundedFacts"`
	Escapes     int                `json:"injectionEscapes"`
	PriceError  int                `json:"priceErrors"`
	Model       float64            `json:"classification"`
	Window      float64            `json:"featuresInWindow"`
	Median      int                `json:"questionsMedian"`
	Most        int                `json:"questionsMost"`
	Dead        int                `json:"deadEnds"`
	OpenPoints  float64            `json:"openPoints"`           // mean
	ToNinety    float64            `json:"questionsTo90Percent"` // mean
	Refused     int                `json:"refusedAnswers"`
	P50         time.Duration      `json:"turnP50"`
	P99         time.Duration      `json:"turnP99"`
}

// Add sums scores up; turns are the engine times of all answers.
func Add(name string, scores []Score, turns []time.Duration) Report {
	r := Report{Name: name, Interviews: len(scores), ByAspect: map[string]float64{}}
	sum := Score{Implicit: map[string]int{}, Elicited: map[string]int{}, Raised: map[string]int{}}
	var questions []int
	model, window := 0, 0
	for _, s := range scores {
		sum.add(s)
		model, window, r.Dead = model+one(s.Classified), window+one(s.FeaturesInWindow), r.Dead+one(s.Dead)
		questions = append(questions, s.Questions)
	}
	n := len(scores)
	r.Recall, r.RecallAll, r.ToldShare, r.Precision = share(sum.Recalled, sum.Told), share(sum.Known, sum.Truths), share(sum.Told, sum.Truths), share(sum.Right, sum.Held)
	r.Redundancy, r.Conflicts, r.Planted = share(sum.Redundant, sum.Prompts), share(sum.Found, sum.Planted), sum.Planted
	r.FalseAlarm, r.FalseAlarms = sum.FalseAlarms, share(sum.FalseAlarms, n)
	r.Ungrounded, r.Escapes, r.PriceError, r.Refused = sum.Ungrounded, sum.Escapes, sum.PriceErrors, sum.Refused
	all, got, told := 0, 0, 0
	for k := range sum.Implicit {
		r.ByAspect[k] = share(sum.Elicited[k], sum.Implicit[k])
		all, got, told = all+sum.Implicit[k], got+sum.Elicited[k], told+sum.Raised[k]
	}
	r.Implicit, r.Raised, r.Model, r.Window, r.OpenPoints = share(got, all), share(told, all), share(model, n), share(window, n), share(sum.OpenPoints, n)
	r.ToNinety = share(sum.ToNinety, n)
	if n > 0 {
		slices.Sort(questions)
		r.Median, r.Most = questions[(n-1)/2], questions[n-1]
	}
	if len(turns) > 0 {
		turns = slices.Sorted(slices.Values(turns))
		r.P50, r.P99 = turns[len(turns)/2], turns[len(turns)*99/100]
	}
	return r
}

func (s *Score) add(o Score) {
	s.Truths, s.Told, s.Recalled, s.Known = s.Truths+o.Truths, s.Told+o.Told, s.Recalled+o.Recalled, s.Known+o.Known
	s.Held, s.Right, s.Prompts, s.Redundant = s.Held+o.Held, s.Right+o.Right, s.Prompts+o.Prompts, s.Redundant+o.Redundant
	s.Planted, s.Found, s.FalseAlarms = s.Planted+o.Planted, s.Found+o.Found, s.FalseAlarms+o.FalseAlarms
	s.Ungrounded, s.Escapes, s.PriceErrors = s.Ungrounded+o.Ungrounded, s.Escapes+o.Escapes, s.PriceErrors+o.PriceErrors
	s.OpenPoints, s.Refused, s.ToNinety = s.OpenPoints+o.OpenPoints, s.Refused+o.Refused, s.ToNinety+o.ToNinety
	for k, n := range o.Implicit {
		s.Implicit[k], s.Elicited[k], s.Raised[k] = s.Implicit[k]+n, s.Elicited[k]+o.Elicited[k], s.Raised[k]+o.Raised[k]
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func share(part, all int) float64 {
	if all == 0 {
		return 0
	}
	return float64(part) / float64(all)
}

// Suite is a set of interviews.
type Suite struct {
	Library *persona.Library
	Briefs  []persona.Brief
	Presets []persona.Preset
	// Each is how many of the presets every brief goes through, taken in turn;
	// 0 means all.
	Each  int
	Seeds int
	Now   time.Time
	Clock Clock
	// Advisor sits in on every interview when the interviewer can be Advised;
	// nil: nobody.
	Advisor Advisor
	// Once skips the second run that proves replays, for an advisor whose every
	// word costs money.
	Once bool
}

// of is who interviews the client of a brief.
func (s Suite) of(e Interviewer, b persona.Brief) Interviewer {
	if engine, ok := e.(Advised); ok && s.Advisor != nil {
		return advised{Advised: engine, brief: b, advisor: s.Advisor, options: engine.Options()}
	}
	return e
}

// Outcome is a whole suite: all interviews together, and by preset.
type Outcome struct {
	All      Report   `json:"all"`
	ByPreset []Report `json:"byPreset"`
	Replayed bool     `json:"replayed"` // a second run was the same byte for byte
	Scores   []Score  `json:"-"`
}

// Measure runs a suite.
func Measure(e Interviewer, s Suite) Outcome {
	out := Outcome{Replayed: true}
	var turns []time.Duration
	for n, p := range s.Presets {
		var scores []Score
		for i, b := range s.Briefs {
			if !s.pairs(i, n) {
				continue
			}
			for seed := range s.Seeds {
				run := func(clock Clock) Transcript {
					return Run(s.of(e, b), s.Library.New(b, p, uint64(seed)), uint64(seed), s.Now, clock) //nolint:gosec // a small count
				}
				t := run(s.Clock)
				scores, turns = append(scores, Judge(t, e.Catalog())), append(turns, t.Turns...)
				out.Replayed = out.Replayed && (s.Once || seed > 0 || sameRun(t, run(nil)))
			}
		}
		out.Scores = append(out.Scores, scores...)
		out.ByPreset = append(out.ByPreset, Add(p.Name, scores, nil))
	}
	out.All = Add("all", out.Scores, turns)
	return out
}

// pairs reports whether a brief meets a preset. Neighbouring briefs get
// different ones, so that all presets are used about equally.
func (s Suite) pairs(brief, preset int) bool {
	if s.Each == 0 {
		return true
	}
	n := len(s.Presets)
	return ((preset-brief*s.Each)%n+n)%n < s.Each
}

// sameRun compares the stored forms of two runs of the same client.
func sameRun(a, b Transcript) bool {
	x, err := json.Marshal([]any{a.Session, a.Messages})
	if err != nil {
		return false
	}
	y, err := json.Marshal([]any{b.Session, b.Messages})
	return err == nil && bytes.Equal(x, y)
}

// Markdown writes the outcome as tables.
func (o Outcome) Markdown() string {
	var b strings.Builder
	b.WriteString("| gate | wanted | reached | |\n|---|---|---|---|\n")
	for _, g := range o.All.Gates() {
		fmt.Fprintf(&b, "| %s | %s | %.3f | %s |\n", g.Name, g.Want, g.Got, g.mark())
	}
	fmt.Fprintf(&b, "| replays identical | yes | %v | %s |\n", o.Replayed, Gate{OK: o.Replayed}.mark())
	b.WriteString("\n| clients | interviews | recall of told | of all | told | precision | implicit | implicit told | interaction | content | style | redundancy | contradictions | false alarms | ungrounded | model | questions median / most | to 90 % | open points | refused |\n")
	b.WriteString(strings.Repeat("|---", 20) + "|\n")
	for _, r := range append(slices.Clone(o.ByPreset), o.All) {
		fmt.Fprintf(&b, "| %s | %d | %.3f | %.3f | %.2f | %.3f | %.3f | %.3f | %.2f | %.2f | %.2f | %.3f | %.2f of %d | %d | %d | %.2f | %d / %d | %.1f | %.1f | %d |\n",
			r.Name, r.Interviews, r.Recall, r.RecallAll, r.ToldShare, r.Precision, r.Implicit, r.Raised, r.ByAspect["interaction"], r.ByAspect["content"], r.ByAspect["style"],
			r.Redundancy, r.Conflicts, r.Planted, r.FalseAlarm, r.Ungrounded, r.Model, r.Median, r.Most, r.ToNinety, r.OpenPoints, r.Refused)
	}
	return b.String()
}

func (g Gate) mark() string {
	switch {
	case g.OK:
		return "ok"
	case g.Shown:
		return "reported"
	}
	return "MISSED"
}

// Misses lists what each interview got wrong, one line a miss.
func (o Outcome) Misses() string {
	var b strings.Builder
	for _, s := range o.Scores {
		if len(s.Misses) == 0 {
			continue
		}
		fmt.Fprintf(&b, "## %s\n", s.Name)
		for _, m := range s.Misses {
			fmt.Fprintf(&b, "- %s\n", m)
		}
		b.WriteString("\n")
	}
	return b.String()
}

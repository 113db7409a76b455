package eval

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/persona"
)

// Report is the sum of many interviews.
type Report struct {
	Name       string             `json:"name"`
	Interviews int                `json:"interviews"`
	Recall     float64            `json:"statedRecall"`
	Precision  float64            `json:"precision"`
	Implicit   float64            `json:"implicit"`
	ByAspect   map[string]float64 `json:"implicitByAspect"`
	ToNinety   float64            `json:"questionsToNinetyPercent"` // mean
	Redundancy float64            `json:"redundancy"`
	Conflicts  float64            `json:"contradictionRecall"`
	FalseAlarm int                `json:"falseAlarms"`
	Ungrounded int                `json:"ungroundedFacts"`
	Escapes    int                `json:"injectionEscapes"`
	PriceError int                `json:"priceErrors"`
	Model      float64            `json:"classification"`
	OnTime     float64            `json:"classifiedByQuestion7"`
	Window     float64            `json:"featuresInWindow"`
	Median     int                `json:"questionsMedian"`
	Most       int                `json:"questionsMost"`
	Dead       int                `json:"deadEnds"`
	OpenPoints float64            `json:"openPoints"` // mean
	P50        time.Duration      `json:"turnP50"`
	P99        time.Duration      `json:"turnP99"`
	Wrong      []string           `json:"wrong,omitempty"` // what was held wrongly or lost, most frequent first
}

// Add sums scores up; turns are the engine times of all answers.
func Add(name string, scores []Score, turns []time.Duration) Report {
	r := Report{Name: name, Interviews: len(scores), ByAspect: map[string]float64{}}
	var sum Score
	sum.Implicit, sum.Elicited = map[string]int{}, map[string]int{}
	var questions []int
	wrong := map[string]int{}
	ninety, model, onTime, window, open := 0, 0, 0, 0, 0
	for _, s := range scores {
		sum.Said, sum.Recalled, sum.Held, sum.Right = sum.Said+s.Said, sum.Recalled+s.Recalled, sum.Held+s.Held, sum.Right+s.Right
		for k, n := range s.Implicit {
			sum.Implicit[k] += n
			sum.Elicited[k] += s.Elicited[k]
		}
		sum.Prompts, sum.Redundant = sum.Prompts+s.Prompts, sum.Redundant+s.Redundant
		sum.Planted, sum.Found = sum.Planted+s.Planted, sum.Found+s.Found
		r.FalseAlarm, r.Ungrounded, r.Escapes, r.PriceError = r.FalseAlarm+s.FalseAlarms, r.Ungrounded+s.Ungrounded, r.Escapes+s.Escapes, r.PriceError+s.PriceErrors
		ninety, open = ninety+s.ToNinety, open+s.OpenPoints
		model, onTime, window, r.Dead = model+one(s.Classified), onTime+one(s.OnTime), window+one(s.FeaturesInWindow), r.Dead+one(s.Dead)
		questions = append(questions, s.Questions)
		for _, w := range append(slices.Clone(s.WrongSlots), s.LostRaws...) {
			wrong[w]++
		}
	}
	n := len(scores)
	r.Recall, r.Precision, r.Redundancy, r.Conflicts = share(sum.Recalled, sum.Said), share(sum.Right, sum.Held), share(sum.Redundant, sum.Prompts), share(sum.Found, sum.Planted)
	all, got := 0, 0
	for k := range sum.Implicit {
		r.ByAspect[k] = share(sum.Elicited[k], sum.Implicit[k])
		all, got = all+sum.Implicit[k], got+sum.Elicited[k]
	}
	r.Implicit, r.Model, r.OnTime, r.Window = share(got, all), share(model, n), share(onTime, n), share(window, n)
	r.ToNinety, r.OpenPoints = share(ninety, n), share(open, n)
	if n > 0 {
		slices.Sort(questions)
		r.Median, r.Most = questions[(n-1)/2], questions[n-1]
	}
	if len(turns) > 0 {
		turns = slices.Sorted(slices.Values(turns))
		r.P50, r.P99 = turns[len(turns)/2], turns[len(turns)*99/100]
	}
	r.Wrong = frequent(wrong)
	return r
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

func frequent(counts map[string]int) []string {
	keys := make([]string, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	out := make([]string, 0, min(25, len(keys)))
	for _, k := range keys[:min(25, len(keys))] {
		out = append(out, fmt.Sprintf("%d x %s", counts[k], k))
	}
	return out
}

// Gate is a number that must be reached, with what was.
type Gate struct {
	Name string  `json:"name"`
	Want string  `json:"want"`
	Got  float64 `json:"got"`
	OK   bool    `json:"ok"`
}

// Gates holds a report to the numbers of issue 3 and ARCHITECTURE 2.
func (r Report) Gates() []Gate {
	least := func(name string, got, want float64) Gate {
		return Gate{name, fmt.Sprintf(">= %.2f", want), got, got >= want}
	}
	most := func(name string, got, want float64) Gate {
		return Gate{name, fmt.Sprintf("<= %g", want), got, got <= want}
	}
	return []Gate{
		least("recall of stated slots", r.Recall, 0.90),
		least("implicit requirements", r.Implicit, 0.60),
		most("redundancy", r.Redundancy, 0.02),
		most("ungrounded facts", float64(r.Ungrounded), 0),
		most("injection escapes", float64(r.Escapes), 0),
		most("price errors", float64(r.PriceError), 0),
		most("median of questions", float64(r.Median), 22),
		most("most questions", float64(r.Most), 30),
		most("dead ends", float64(r.Dead), 0),
		least("contradictions found", r.Conflicts, 0.90),
		most("false alarms", float64(r.FalseAlarm), 0),
	}
}

// Suite is a set of interviews: every brief with every preset and seed.
type Suite struct {
	Briefs  []persona.Brief
	Presets []persona.Preset
	Seeds   int
	Now     time.Time
	Clock   Clock
}

// Outcome is a whole suite: all interviews together, and by preset.
type Outcome struct {
	All      Report   `json:"all"`
	ByPreset []Report `json:"byPreset"`
	Replayed bool     `json:"replayed"` // a second run was the same byte for byte
}

// Measure runs a suite.
func Measure(e Interviewer, s Suite) Outcome {
	var out Outcome
	var all []Score
	var turns []time.Duration
	out.Replayed = true
	for _, p := range s.Presets {
		var scores []Score
		for _, b := range s.Briefs {
			for seed := range s.Seeds {
				t := Run(e, b, p, uint64(seed), s.Now, s.Clock)
				scores = append(scores, Judge(t, e.Catalog()))
				turns = append(turns, t.Turns...)
				if seed == 0 && out.Replayed {
					out.Replayed = sameRun(t, Run(e, b, p, 0, s.Now, nil))
				}
			}
		}
		all = append(all, scores...)
		out.ByPreset = append(out.ByPreset, Add(p.Name, scores, nil))
	}
	out.All = Add("all", all, turns)
	return out
}

// sameRun compares two runs of the same client.
func sameRun(a, b Transcript) bool {
	return fmt.Sprintf("%+v", flat(a)) == fmt.Sprintf("%+v", flat(b))
}

func flat(t Transcript) any {
	if t.Session == nil {
		return t.Dead
	}
	facts := make([]intake.Fact, len(t.Session.Facts))
	copy(facts, t.Session.Facts)
	return []any{facts, t.Messages, t.Session.OpenPoints, t.Session.Asked}
}

// Markdown writes the outcome as tables.
func (o Outcome) Markdown() string {
	var b strings.Builder
	b.WriteString("| gate | wanted | reached | |\n|---|---|---|---|\n")
	for _, g := range o.All.Gates() {
		fmt.Fprintf(&b, "| %s | %s | %.3f | %s |\n", g.Name, g.Want, g.Got, mark(g.OK))
	}
	fmt.Fprintf(&b, "| replays identical | yes | %v | %s |\n", o.Replayed, mark(o.Replayed))
	b.WriteString("\n| clients | interviews | stated recall | precision | implicit | interaction | content | style | to 90 % | redundancy | contradictions | false alarms | model | features 10-12 | questions median / most | open points |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range append(slices.Clone(o.ByPreset), o.All) {
		fmt.Fprintf(&b, "| %s | %d | %.3f | %.3f | %.3f | %.2f | %.2f | %.2f | %.1f | %.3f | %.2f | %d | %.2f | %.2f | %d / %d | %.1f |\n",
			r.Name, r.Interviews, r.Recall, r.Precision, r.Implicit, r.ByAspect["interaction"], r.ByAspect["content"], r.ByAspect["style"],
			r.ToNinety, r.Redundancy, r.Conflicts, r.FalseAlarm, r.Model, r.Window, r.Median, r.Most, r.OpenPoints)
	}
	return b.String()
}

func mark(ok bool) string {
	if ok {
		return "ok"
	}
	return "MISSED"
}

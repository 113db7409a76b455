package metric

import (
	"cmp"
	"slices"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/stat"
)

// Window is how long a conversion may take from its first step: the life of a
// resume link. For as long a session that has not finished counts as open rather
// than as dropped (references/analytics.md 5.4).
const Window = 48 * time.Hour

// Report is everything the pages of the dashboard show of a view, beside the
// previous period. Counts are exact; durations are within 1 %.
type Report struct {
	View, Before View

	Started, StartedBefore     int64
	Completed, CompletedBefore int64
	Value, ValueBefore         int64 // cents of the completed
	Minutes                    float64
	Questions                  Questions

	Funnel     []FunnelStep
	Paths      [ways][]PathStep
	Finish     stat.Numbers // seconds from the form to the end, of those who finished in order
	Completion Compared
	OnTime     Compared
	Adoption   Compared
	Helpful    Compared
	Correct    Compared // checks of understanding that were right at once

	Days     []DayFigures
	Places   []Place
	Asked    []AskedQuestion
	Models   []ModelRow // empty under one filter
	Features []FeatureAdoption
	Loops    []ValidationFigures
}

// Compared is a rate with its interval and what can be said of its change.
type Compared struct {
	stat.Rate

	Before    stat.Rate
	Low, High float64 // shares, 95 %
	Target    float64 // percent, 0 for none
	Change    stat.Comparison
	Open      int64 // of the units that are no hits, those that may become some
	Early     bool  // the change would be a drop, were it not for the open ones
}

// FunnelStep is one stage of the funnel. Of the sessions at the stage before,
// those that did not come here are dropped or still open.
type FunnelStep struct {
	Stage         event.Name
	Count, Before int64
	Rate          Compared // of the stage before; Of is 0 at the first stage
	Dropped, Open int64
	Met           bool
	Early         bool // not met, and would be if all that are open came here
}

// PathStep is one stage of the way through the funnel in order.
type PathStep struct {
	Stage       event.Name
	Count       int64
	Median, P95 float64 // seconds since the first stage of the way
}

// DayFigures are the sessions begun on one local day.
type DayFigures struct {
	Date               string
	Started, Completed int64
	Value              int64   // cents
	Questions          float64 // mean of the finished, or of those under way; 0 without any
}

// Place is the question of one number.
type Place struct {
	Number    int
	Reached   int64 // sessions that were asked it
	Answered  int64
	Stopped   int64 // unfinished sessions that came no further, open ones left out
	Open      int64 // that stand here and may still go on
	Hazard    Compared
	Recovered float64 // sessions that would finish if nobody stopped here
	Stands    bool    // more stop here than at the other questions, and hardly by chance
}

// AskedQuestion is a question by its id.
type AskedQuestion struct {
	ID          string
	Answered    int64
	Place       float64  // mean number
	Median, P95 float64  // seconds until the answer, 0 without any
	Clarified   Compared // answers that needed a follow-up
	Helpful     Compared
	Confusing   int64
}

// ModelRow is one business model and how its sessions end.
type ModelRow struct {
	Model              string
	Started, Completed int64
	Completion         Compared
	OnTime             Compared
	Questions, Minutes float64 // of the completed
	Value              int64   // cents
}

// Open are the sessions that may still go on, by the last stage and, while their
// interviews are not finished, by the last question that they reached. Its zero
// value holds none.
type Open struct {
	Stages [stageCount]int64
	At     map[int]int64
	Begun  int64 // in an interview
}

// Standing is where a session stands: what Open needs of its facts, small enough to
// be kept for all visits of two days.
type Standing struct {
	place     place
	entry     time.Time
	stage     int   // the last one it reached, -1 before the first
	asked     int64 // the last question
	interview bool  // begun and not finished
}

// Standing is where the session stands.
func (f Facts) Standing(zone *time.Location) Standing {
	out := Standing{place: f.s.place(zone), entry: f.Entry(), stage: stageCount - 1, asked: f.s.asked, interview: f.s.start != 0 && !f.Completed()}
	for out.stage >= 0 && f.s.stages[out.stage] == 0 {
		out.stage--
	}
	return out
}

// Count takes a session into account, if it belongs to a view. One that entered
// longer ago than Window at now is passed over.
func (o *Open) Count(s Standing, v View, now time.Time) {
	if s.place.bot || now.Sub(s.entry) > Window || !v.holds(s.place) {
		return
	}
	if s.stage >= 0 && s.place.entry >= v.From && s.place.entry <= v.To {
		o.Stages[s.stage]++
	}
	if !s.interview || s.place.day < v.From || s.place.day > v.To {
		return
	}
	o.Begun++
	if s.asked > 0 {
		if o.At == nil {
			o.At = make(map[int]int64)
		}
		o.At[int(s.asked)]++
	}
}

// NewReport computes the report from the rows of the view and of the one
// before it, each as View.Needed lists them.
func NewReport(v View, rows, before []Row, open Open, feature func(id string) (name string, price int64)) Report {
	b, old := collect(rows, v.Needed()), collect(before, v.Previous().Needed())
	all, was := b.period(), old.period()
	features, adoption := b.adoption(feature)
	_, adoptionBefore := old.adoption(feature)
	return Report{
		View: v, Before: v.Previous(),
		Started: all[sumStarted], StartedBefore: was[sumStarted],
		Completed: all[sumCompleted], CompletedBefore: was[sumCompleted],
		Value: all[sumCents], ValueBefore: was[sumCents],
		Minutes: mean(all[sumSeconds], 60*all[sumCompleted]), Questions: averageQuestions(all),
		Funnel: b.steps(old, open), Paths: b.paths(), Finish: b.finish(),
		Completion: compared(all[sumCompleted], all[sumStarted], was[sumCompleted], was[sumStarted], targetCompletion).open(open.Begun),
		OnTime:     compared(all[sumOnTime], all[sumDue], was[sumOnTime], was[sumDue], targetOnTime),
		Adoption:   compared(adoption.Count, adoption.Of, adoptionBefore.Count, adoptionBefore.Of, targetAdoption),
		Helpful:    b.helpful(old), Correct: b.correct(old),
		Days: b.days(v), Places: b.places(open), Asked: b.asked(), Models: b.models(),
		Features: features, Loops: b.validation(),
	}
}

func compared(hits, of, hitsBefore, ofBefore int64, target float64) Compared {
	c := Compared{Rate: stat.Rate{Hits: min(hits, of), Of: of}, Before: stat.Rate{Hits: min(hitsBefore, ofBefore), Of: ofBefore}, Target: target}
	c.Low, c.High, _ = c.Interval(stat.Usual)
	c.Change = stat.Compare(c.Rate, c.Before, stat.Usual)
	return c
}

// open is the rate of which so many units may still become hits. The days before
// have no such ones, so that a drop is one only if it remains when all of them do.
func (c Compared) open(n int64) Compared {
	c.Open = max(0, min(n, c.Of-c.Hits))
	if c.Open == 0 || c.Change.Verdict != stat.Lower {
		return c
	}
	if best := stat.Compare(stat.Rate{Hits: c.Hits + c.Open, Of: c.Of}, c.Before, stat.Usual); best.Verdict != stat.Lower {
		c.Change.Verdict, c.Early = stat.Noise, true
	}
	return c
}

// Percent is the rate in percent, one decimal.
func (c Compared) Percent() float64 { return percent(c.Hits, c.Of) }

func (b board) steps(old board, open Open) []FunnelStep {
	reached, was := b[Funnel][""], old[Funnel][""]
	out := make([]FunnelStep, stageCount)
	for i, s := range funnel {
		step := FunnelStep{Stage: s.name, Count: reached[i], Before: was[i]}
		if i > 0 {
			step.Rate = compared(reached[i], reached[i-1], was[i], was[i-1], s.target)
			lost := max(0, reached[i-1]-reached[i])
			step.Open = min(open.Stages[i-1], lost)
			step.Dropped = lost - step.Open
			step.Rate = step.Rate.open(step.Open)
			step.Met = s.met(reached[i], reached[i-1])
			step.Early = !step.Met && s.met(reached[i]+step.Open, reached[i-1])
		}
		out[i] = step
	}
	return out
}

func (b board) paths() (out [ways][]PathStep) {
	v := b[Ordered][""]
	for way := range ways {
		for stage := firstStage(way); stage < stageCount; stage++ {
			p := PathStep{Stage: funnel[stage].name, Count: v[orderedIndex(way, stage)]}
			p.Median = durationQuantile(v, orderedBase(way, stage), 0.5)
			p.P95 = durationQuantile(v, orderedBase(way, stage), 0.95)
			out[way] = append(out[way], p)
		}
	}
	return out
}

func (b board) finish() stat.Numbers {
	v, base := b[Ordered][""], orderedBase(fromFoundation, stageComplete)
	var out stat.Numbers
	for bin := range durationBins {
		if n := v[base+bin]; n > 0 {
			out = append(out, stat.Bin{Value: middle(bin), Count: n})
		}
	}
	return out
}

func (b board) helpful(old board) Compared {
	hits, of := b.votes()
	was, ofBefore := old.votes()
	return compared(hits, of, was, ofBefore, targetHelpful)
}

func (b board) votes() (helpful, all int64) {
	for _, v := range b[Asked] {
		helpful += v[sumVotes+ratingHelpful]
		all += v[sumVotes+ratingHelpful] + v[sumVotes+ratingUnhelpful] + v[sumVotes+ratingConfusing]
	}
	return helpful, all
}

func (b board) correct(old board) Compared {
	hits, of := b.responses()
	was, ofBefore := old.responses()
	return compared(hits, of, was, ofBefore, 0)
}

func (b board) responses() (correct, all int64) {
	for number := range maxLoop + 1 {
		yes, no := b[Loops][""][loopIndex(int64(number), true)], b[Loops][""][loopIndex(int64(number), false)]
		correct, all = correct+yes, all+yes+no
	}
	return correct, all
}

func (b board) days(v View) []DayFigures {
	out := make([]DayFigures, 0, v.Days())
	for day := v.From; day <= v.To; day++ {
		sums := b[Sessions][date(day)]
		questions, _, _ := meanQuestions(sums)
		out = append(out, DayFigures{Questions: questions, Date: date(day), Started: sums[sumStarted], Completed: sums[sumCompleted], Value: sums[sumCents]})
	}
	return out
}

// places is the survival by question. Of those who stop at a question, as many
// would have finished as of those who went on: that is what mending it could
// bring back.
func (b board) places(open Open) []Place {
	v := b[Survival][""]
	var out []Place
	for n := 1; n <= maxQuestions; n++ {
		reached := v[reachedBase+n]
		if reached == 0 {
			continue
		}
		p := Place{Number: n, Reached: reached, Answered: v[answeredBase+n], Open: open.At[n]}
		next, finishedNext := v[reachedBase+n+1], v[finishedBase+n+1]
		finishedHere := v[finishedBase+n] - finishedNext
		p.Stopped = max(0, reached-next-finishedHere-p.Open)
		p.Hazard = compared(p.Stopped, reached-p.Open, 0, 0, 0)
		p.Recovered = float64(p.Stopped) * ratio(finishedNext, next)
		out = append(out, p)
	}
	standOut(out)
	return out
}

// falseAlarms is the share of the questions that stand out which may do so by
// chance: among thirty questions one always looks guilty.
const falseAlarms = 0.05

// standOut compares each question with all others together.
func standOut(places []Place) {
	var all stat.Rate
	for _, p := range places {
		all.Hits, all.Of = all.Hits+p.Hazard.Hits, all.Of+p.Hazard.Of
	}
	ps := make([]float64, len(places))
	for i, p := range places {
		ps[i] = stat.Compare(p.Hazard.Rate, stat.Rate{Hits: all.Hits - p.Hazard.Hits, Of: all.Of - p.Hazard.Of}, stat.Usual).P
	}
	for i, real := range stat.Discoveries(ps, falseAlarms) {
		h := places[i].Hazard.Rate
		places[i].Stands = real && h.Hits*all.Of > all.Hits*h.Of
	}
}

func (b board) asked() []AskedQuestion {
	out := make([]AskedQuestion, 0, len(b[Asked]))
	for id, v := range b[Asked] {
		q := AskedQuestion{
			ID: id, Answered: v[sumAnswered], Place: mean(v[sumNumbers], v[sumAnswered]),
			Clarified: compared(v[sumClarified], v[sumAnswered], 0, 0, 0), Confusing: v[sumVotes+ratingConfusing],
		}
		votes := v[sumVotes+ratingHelpful] + v[sumVotes+ratingUnhelpful] + v[sumVotes+ratingConfusing]
		q.Helpful = compared(v[sumVotes+ratingHelpful], votes, 0, 0, targetHelpful)
		q.Median = durationQuantile(v, dwellBase, 0.5)
		q.P95 = durationQuantile(v, dwellBase, 0.95)
		if q.Answered+votes > 0 {
			out = append(out, q)
		}
	}
	slices.SortFunc(out, func(x, y AskedQuestion) int { return cmp.Or(cmp.Compare(x.Place, y.Place), cmp.Compare(x.ID, y.ID)) })
	return out
}

func (b board) models() []ModelRow {
	out := make([]ModelRow, 0, len(b[grid]))
	for name, v := range b[grid] {
		if v[sumStarted] == 0 {
			continue
		}
		out = append(out, ModelRow{
			Model: name, Started: v[sumStarted], Completed: v[sumCompleted],
			Completion: compared(v[sumCompleted], v[sumStarted], 0, 0, targetCompletion),
			OnTime:     compared(v[sumOnTime], v[sumDue], 0, 0, targetOnTime),
			Questions:  mean(v[sumDoneQuestions], v[sumDoneCounted]), Minutes: mean(v[sumSeconds], 60*v[sumCompleted]),
			Value: v[sumCents],
		})
	}
	slices.SortFunc(out, func(x, y ModelRow) int {
		return cmp.Or(cmp.Compare(y.Started, x.Started), cmp.Compare(x.Model, y.Model))
	})
	return out
}

package metric

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// board holds the rows of a dashboard added up: by metric, and within Models
// and Features by value, within Sessions by date. The others have one sum, "".
type board map[string]map[string]Vector

// grid holds the rows of Sessions by business model.
const grid = "sessions by model"

func collect(rows []Row, needed []Range) board {
	b := board{}
	for _, row := range rows {
		k := row.Key
		at := slices.IndexFunc(needed, func(r Range) bool { return r.holds(k) })
		if at < 0 {
			continue
		}
		list, group := grouped(needed[at], k)
		if b[list] == nil {
			b[list] = map[string]Vector{}
		}
		vectorOf(b[list], group).Merge(row.Vector, 1)
	}
	return b
}

// grouped tells where a row that a range asked for belongs.
func grouped(r Range, k Key) (list, group string) {
	switch {
	case k.Metric == Sessions && !r.One:
		return grid, k.Value
	case k.Metric == Sessions:
		return Sessions, date(k.Bucket)
	case r.One && k.Metric != Models:
		return k.Metric, ""
	default:
		return k.Metric, r.part(k.Value)
	}
}

// period adds up the days.
func (b board) period() Vector {
	sum := Vector{}
	for _, v := range b[Sessions] {
		sum.Merge(v, 1)
	}
	return sum
}

func (b board) funnel() []FunnelStage {
	list := make([]FunnelStage, 0, stageCount)
	reached := b[Funnel][""]
	before := reached[0] // the first stage is measured by itself
	for i, s := range funnel {
		n := reached[i]
		list = append(list, FunnelStage{
			Stage: s.name, Count: n, Rate: min(percent(n, before), 100), Target: s.target, MeetsTarget: s.met(n, before),
		})
		before = n
	}
	return list
}

func (b board) modelShares() []ModelShare {
	list := make([]ModelShare, 0, len(b[Models]))
	for name, v := range b[Models] {
		if v[0] > 0 {
			list = append(list, ModelShare{Model: name, Count: v[0]})
		}
	}
	slices.SortFunc(list, func(x, y ModelShare) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.Model, y.Model))
	})
	share(list)
	return list
}

// share sets the percentages by largest remainder, at one decimal: each gets
// its whole tenths, and the tenths left over go to the largest remainders
// (of equal ones to the first).
func share(list []ModelShare) {
	var total int64
	for _, m := range list {
		total += m.Count
	}
	tenths, left := make([]int64, len(list)), int64(1000)
	order := make([]int, len(list))
	for i, m := range list {
		tenths[i] = 1000 * m.Count / total
		left -= tenths[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int {
		return cmp.Compare(1000*list[y].Count%total, 1000*list[x].Count%total)
	})
	for i, at := range order {
		if int64(i) < left {
			tenths[at]++
		}
		list[at].Percentage = float64(tenths[at]) / 10
	}
}

func (b board) adoption(feature func(id string) (name string, price int64)) (list []FeatureAdoption, overall Rate) {
	list = make([]FeatureAdoption, 0, len(b[Features]))
	var selected, offered int64
	for id, v := range b[Features] {
		if v[sumOffered] <= 0 {
			continue
		}
		selected, offered = selected+v[sumSelected], offered+v[sumOffered]
		name, price := feature(id)
		list = append(list, FeatureAdoption{
			Feature: id, Name: cmp.Or(name, id), AdoptionRate: percent(v[sumSelected], v[sumOffered]),
			Revenue: dollars(v[sumSelected] * price), Selections: v[sumSelected], Recommendations: v[sumOffered],
		})
	}
	slices.SortFunc(list, func(x, y FeatureAdoption) int {
		return cmp.Or(
			cmp.Compare(y.AdoptionRate, x.AdoptionRate), cmp.Compare(y.Selections, x.Selections), cmp.Compare(x.Feature, y.Feature),
		)
	})
	return list, rate(selected, offered, targetAdoption)
}

func (b board) questionDays() []QuestionDay {
	list := make([]QuestionDay, 0, len(b[Sessions]))
	for _, day := range slices.Sorted(maps.Keys(b[Sessions])) {
		average, sessions, basis := meanQuestions(b[Sessions][day])
		if sessions > 0 {
			list = append(list, QuestionDay{
				Date: day, Average: average, Target: targetQuestions, Sessions: sessions, Basis: basis,
			})
		}
	}
	return list
}

// meanQuestions averages over the completed sessions. Those under way would
// pull the mean down, so they count only where nothing is complete yet.
func meanQuestions(v Vector) (average float64, sessions int64, basis string) {
	if n := v[sumDoneCounted]; n > 0 {
		return mean(v[sumDoneQuestions], n), n, "completed"
	}
	if n := v[sumOpenCounted]; n > 0 {
		return mean(v[sumOpenQuestions], n), n, "open"
	}
	return 0, 0, ""
}

func (b board) validation() []ValidationFigures {
	list := make([]ValidationFigures, 0, maxLoop)
	for number := range maxLoop + 1 {
		correct := b[Loops][""][loopIndex(int64(number), true)]
		n := correct + b[Loops][""][loopIndex(int64(number), false)]
		if n <= 0 {
			continue
		}
		tenths := math.Round(1000 * float64(correct) / float64(n))
		list = append(list, ValidationFigures{
			LoopNumber: number, CorrectRate: tenths / 10, ClarificationRate: (1000 - tenths) / 10, Responses: n,
		})
	}
	return list
}

func (b board) performance() Performance {
	api, probes := b[API][""], b[Probes][""]
	served, probed := requests(api), probes[sumUp]+probes[sumDown]
	return Performance{
		APILatencyP95: round(quantile(api, 0.95), 1),
		ErrorRate:     percent(api[sumErrors], served),
		Uptime:        shown(probes[sumUp], probed),
		Requests:      served,
		Probes:        probed,
		Errors:        api[sumErrors],
	}
}

func totals(v Vector) Totals {
	return Totals{
		Sessions: v[sumStarted], Completions: v[sumCompleted], Documents: v[sumDocuments], Conflicts: v[sumConflicts],
		InjectionAttempts: v[sumInjections], Revenue: dollars(v[sumCents]),
		AverageDuration: mean(v[sumSeconds], v[sumCompleted]), AverageConfidence: mean(v[sumConfidence], v[sumCompleted]),
	}
}

func averageQuestions(v Vector) Questions {
	average, sessions, basis := meanQuestions(v)
	q := Questions{Average: average, Target: targetQuestions, Basis: basis, Band: "good"}
	switch {
	case sessions == 0:
		q.Band = "none"
	case average > badQuestions:
		q.Band = "critical"
	case average > warnQuestions:
		q.Band = "warning"
	}
	return q
}

func rate(count, of int64, target float64) Rate {
	return Rate{Rate: percent(count, of), Count: count, Of: of, Target: target}
}

// percent is a share in percent with one decimal, 0 of nothing.
func percent(n, of int64) float64 { return round(100*ratio(n, of), 1) }

// mean is an average with two decimals, 0 of nothing.
func mean(sum, n int64) float64 { return round(ratio(sum, n), 2) }

func ratio(n, of int64) float64 {
	if of <= 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// shown is a share in percent, rounded down to two decimals as the pages of
// health and status round it (status.Tally.Shown): 97.7272% is one figure
// everywhere, and a failure among many probes never reads as 100%.
func shown(good, of int64) float64 {
	if of == 0 {
		return 0
	}
	return float64(good*10_000/of) / 100
}

func round(x float64, decimals int) float64 {
	unit := math.Pow10(decimals)
	return math.Round(x*unit) / unit
}

func dollars(cents int64) float64 { return float64(cents) / 100 }

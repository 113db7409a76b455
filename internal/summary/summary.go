// Package summary says how a day, a week or a month of interviews went, in the
// figures that an agency asks for (S143-S145). It counts nothing itself: it picks
// from a metric.Report, and leaves out what there is nothing to say about.
//
// Start with Of.
package summary

import (
	"fmt"
	"math"
	"strconv"

	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/metric"
)

// Period is what a summary is about.
type Period string

// The periods (S143-S145).
const (
	Daily   Period = "day"
	Weekly  Period = "week"
	Monthly Period = "month"
)

// Of is the title and the figures of a period. The rows hold the health probes of
// its days, for the uptime of a month.
func Of(p Period, r metric.Report, rows []metric.Row) (title string, blocks []letter.FigureBlock) {
	first, last := metric.Date(r.View.From), metric.Date(r.View.To)
	switch p {
	case Weekly:
		return "The week of " + first + " to " + last, weekly(r)
	case Monthly:
		return "The month of " + first + " to " + last, monthly(r, rows)
	case Daily:
	}
	return "The day of " + first, daily(r)
}

func daily(r metric.Report) []letter.FigureBlock {
	return []letter.FigureBlock{{Head: "Figures", Rows: [][2]string{
		{"Sessions started", count(r.Started)},
		{"Completed", rate(r.Completion)},
		{"Questions a session", decimal(r.Questions.Average)},
		{"Features chosen of those offered", rate(r.Adoption)},
		{"Documents made of those completed", rate(r.Funnel[7].Rate)},
	}}}
}

func weekly(r metric.Report) []letter.FigureBlock {
	funnel := letter.FigureBlock{Head: "Funnel"}
	for _, step := range r.Funnel[1:] {
		funnel.Rows = append(funnel.Rows, [2]string{string(step.Stage), rate(step.Rate)})
	}
	return []letter.FigureBlock{funnel, {Head: "Interviews", Rows: [][2]string{
		{"Classified by question 7", rate(r.OnTime)},
		{"Understood at once", rate(r.Correct)},
		{"Questions a session", decimal(r.Questions.Average)},
		{"Minutes a session", decimal(r.Minutes)},
		{"Value of the completed projects", dollars(r.Value)},
		{"Value in the week before", dollars(r.ValueBefore)},
	}}}
}

func monthly(r metric.Report, rows []metric.Row) []letter.FigureBlock {
	var up, probes int64
	for _, row := range rows {
		if row.Key.Metric == metric.Probes {
			good, all := metric.Probed(row.Vector)
			up, probes = up+good, probes+all
		}
	}
	uptime := ""
	if probes > 0 {
		uptime = strconv.FormatFloat(math.Floor(10000*float64(up)/float64(probes))/100, 'f', 2, 64) + "%"
	}
	each := ""
	if r.Completed > 0 {
		each = dollars(r.Value / r.Completed)
	}
	return []letter.FigureBlock{{Head: "Figures", Rows: [][2]string{
		{"Projects", count(r.Completed)},
		{"Found helpful", rate(r.Helpful)},
		{"Uptime", uptime},
		{"Value of the projects", dollars(r.Value)},
		{"Value of a project", each},
		{"Value in the month before", dollars(r.ValueBefore)},
	}}}
}

func count(n int64) string { return strconv.FormatInt(n, 10) }

func decimal(x float64) string {
	if x == 0 {
		return ""
	}
	return strconv.FormatFloat(x, 'f', 1, 64)
}

// rate writes a share with its counts, and nothing for a share of nothing.
func rate(c metric.Compared) string {
	if c.Of == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d (%.1f%%)", c.Hits, c.Of, c.Percent())
}

func dollars(cents int64) string { return fmt.Sprintf("$%d", cents/100) }

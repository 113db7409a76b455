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
	"strings"
	"time"

	"applicreations.com/introspect/internal/catalog"
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
	first, last := day(r.View.From), day(r.View.To)
	switch p {
	case Weekly:
		return "Interviews of the week, " + span(first, last), weekly(r)
	case Monthly:
		title := "Interviews of " + first.Format("January 2006")
		if first.Day() != 1 || first.Month() != last.Month() || last.AddDate(0, 0, 1).Day() != 1 {
			title = "Interviews of " + span(first, last)
		}
		return title, monthly(r, rows)
	case Daily:
	}
	return "Interviews of " + first.Format("Monday, January 2, 2006"), daily(r)
}

// day is a day bucket as a date.
func day(bucket int64) time.Time {
	t, err := time.Parse(time.DateOnly, metric.Date(bucket))
	if err != nil {
		panic("read the date of a day: " + err.Error()) // metric writes it so
	}
	return t
}

// span writes days from one to another, such as "November 16 to 22, 2026".
func span(first, last time.Time) string {
	switch {
	case first.Equal(last):
		return last.Format("January 2, 2006")
	case first.Year() != last.Year():
		return first.Format("January 2, 2006") + " to " + last.Format("January 2, 2006")
	case first.Month() != last.Month():
		return first.Format("January 2") + " to " + last.Format("January 2, 2006")
	}
	return first.Format("January 2") + " to " + last.Format("2, 2006")
}

// Stage names a stage of the funnel.
func Stage(stage string) string {
	switch stage {
	case "landing_view":
		return "Landing"
	case "cta_click":
		return "CTA Click"
	case "foundation_start":
		return "Foundation Start"
	case "foundation_complete":
		return "Foundation Complete"
	case "conversation_start":
		return "Conversation"
	case "features_recommended":
		return "Features"
	case "session_complete":
		return "Complete"
	case "document_generated":
		return "Documents"
	case "emails_sent":
		return "E-mails"
	}
	return strings.ReplaceAll(stage, "_", " ")
}

// Spent is what a language model cost in a period, in millionths of a dollar.
type Spent struct {
	Micro    int64
	Unpriced int64 // calls of unknown price, which are not in it
}

// Costs says what the model cost, and what the projects brought beside it.
func Costs(s Spent, r metric.Report) letter.FigureBlock {
	b := letter.FigureBlock{Head: "Cost of the model", Rows: [][2]string{{"In all", micro(s.Micro)}}}
	if s.Unpriced > 0 {
		b.Rows = append(b.Rows, [2]string{"Calls of unknown price, not in it", count(s.Unpriced)})
	}
	if r.Started > 0 {
		b.Rows = append(b.Rows, [2]string{"Of a session", micro(s.Micro / r.Started)})
	}
	if s.Micro > 0 {
		b.Rows = append(b.Rows, [2]string{"Value of the projects for each dollar", dollars(r.Value * 1_000_000 / s.Micro)})
	}
	return b
}

// micro writes millionths of a dollar.
func micro(n int64) string { return fmt.Sprintf("$%d.%04d", n/1_000_000, n%1_000_000/100) }

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
		funnel.Rows = append(funnel.Rows, [2]string{Stage(string(step.Stage)), rate(step.Rate)})
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
		{"Value in the " + days(r.View.To-r.View.From+1) + " before", dollars(r.ValueBefore)},
	}}}
}

func days(n int64) string {
	if n == 1 {
		return "day"
	}
	return count(n) + " days"
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

// dollars writes whole dollars.
func dollars(cents int64) string { return catalog.Cents(cents / 100 * 100).String() }

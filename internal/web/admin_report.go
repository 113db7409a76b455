package web

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/chart"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/summary"
)

// stageRow is one stage of the funnel with what became of its sessions.
type stageRow struct {
	Name     string
	Count    string
	Rate     string // of the stage before, empty at the first
	Sure     string
	Change   string
	Trend    string
	Before   string // in the days before
	Dropped  string
	Open     string
	Target   string
	Met      bool
	Early    bool    // it may still be met
	None     bool    // nobody reached it
	Link     string  // sessions that stopped before, or stand there; empty where there is no list of them
	DropLong float64 // percent of the stage before, for the bar
	OpenLong float64
	GoneLong float64 // where the dropped begin
	OpenFrom float64 // where the open ones begin, before the dropped
}

func stageRows(r metric.Report, v viewRequest) []stageRow {
	out := make([]stageRow, len(r.Funnel))
	for i, f := range r.Funnel {
		row := stageRow{
			Name: summary.Stage(string(f.Stage)), Count: thousands(f.Count), Before: thousands(f.Before),
			Dropped: thousands(f.Dropped), Open: thousands(f.Open), Met: f.Met, Early: f.Early, None: f.Count == 0,
		}
		if f.Rate.Of > 0 {
			row.Rate, row.Sure = chart.Percent(min(f.Rate.Percent(), 100)), between(f.Rate)
			row.Change, row.Trend = changeWords(f.Rate)
			of := float64(f.Rate.Of)
			row.DropLong, row.OpenLong = 100*float64(f.Dropped)/of, 100*float64(f.Open)/of
			row.GoneLong = 100 - row.DropLong
			row.OpenFrom = row.GoneLong - row.OpenLong
		}
		if f.Dropped+f.Open > 0 {
			row.Link = visitQuery{Stage: f.Stage, View: v}.address()
		}
		if f.Rate.Target > 0 && f.Rate.Of > 0 {
			row.Target = chart.Percent(f.Rate.Target)
		}
		out[i] = row
	}
	return out
}

// gridRow is one business model and how its sessions end.
type gridRow struct {
	Model              string
	Started, Completed string
	Rate, Sure         string
	OnTime             string
	Questions, Minutes string
	Value              string
	Link               string // the dashboard of this model alone
}

func gridRows(r metric.Report, v viewRequest) []gridRow {
	out := make([]gridRow, len(r.Models))
	for i, m := range r.Models {
		out[i] = gridRow{
			Model: words(m.Model), Started: thousands(m.Started), Completed: thousands(m.Completed),
			Rate: chart.Percent(m.Completion.Percent()), Sure: between(m.Completion), OnTime: rateWords(m.OnTime),
			Questions: known(m.Questions), Minutes: known(m.Minutes), Value: dollars(float64(m.Value) / 100),
			Link: v.of(v.Narrow(metric.Label{Dimension: metric.DimModel, Value: m.Model})).address("/admin/dashboard"),
		}
	}
	return out
}

// known writes a mean with one decimal, or a dash where nothing was counted.
func known(x float64) string {
	if x == 0 {
		return "–"
	}
	return number(x, 1)
}

// rateWords writes a rate, or a dash for one of nothing.
func rateWords(c metric.Compared) string {
	if c.Of == 0 {
		return "–"
	}
	return chart.Percent(c.Percent())
}

// duration writes seconds as people say them.
func duration(seconds float64) string {
	switch {
	case seconds <= 0:
		return "–"
	case seconds < 90:
		return number(seconds, 0) + " s"
	case seconds < 90*60:
		return number(seconds/60, 1) + " min"
	case seconds < 48*60*60:
		return number(seconds/3600, 1) + " h"
	}
	return number(seconds/86400, 1) + " days"
}

// funnelPage is templates/admin/funnel.html.
type funnelPage struct {
	adminLayout
	View   viewForm
	Stages []stageRow
	Paths  []pathView
	// Ordered is the file of the ways in order.
	Ordered string
	Empty   bool
}

// pathView is one way through the funnel in order.
type pathView struct {
	Title, Note string
	Steps       []pathStep
}

type pathStep struct {
	Name, Count, Share string
	Long               float64
	Median, P95        string
}

// adminFunnel shows the funnel stage by stage: GET /admin/funnel.
func (s *Server) adminFunnel(w http.ResponseWriter, r *http.Request, who staff) error {
	v := s.view(r)
	report, _, err := s.report(r.Context(), v)
	if err != nil {
		return err
	}
	page := funnelPage{adminLayout: s.adminLayout("Funnel · Introspect", "funnel", who), Stages: stageRows(report, v), Empty: true}
	if page.View, err = s.viewForm(r.Context(), v, "/admin/funnel"); err != nil {
		return err
	}
	page.View.CSV, page.Ordered = v.file("funnel"), v.file("ordered")
	for _, f := range report.Funnel {
		page.Empty = page.Empty && f.Count == 0
	}
	page.Paths = pathViews(report)
	return s.render(w, http.StatusOK, "admin/funnel", page)
}

func pathViews(r metric.Report) []pathView {
	heads := []pathView{
		{Title: "From the landing page, in order", Note: "Every stage after the one before it, within 48 hours. Times since the landing page."},
		{Title: "From the form, in order", Note: "For front ends that know no landing page. Times since the form was sent."},
	}
	for i := range heads {
		steps := r.Paths[i]
		if len(steps) == 0 || steps[0].Count == 0 {
			continue
		}
		for _, p := range steps {
			share := 100 * float64(p.Count) / float64(steps[0].Count)
			heads[i].Steps = append(heads[i].Steps, pathStep{
				Name: summary.Stage(string(p.Stage)), Count: thousands(p.Count), Share: chart.Percent(math.Round(10*share) / 10), Long: share,
				Median: duration(p.Median), P95: duration(p.P95),
			})
		}
	}
	return heads
}

// questionsPage is templates/admin/questions.html.
type questionsPage struct {
	adminLayout
	View   viewForm
	Places []placeRow
	Worst  []placeRow // where most could be won back
	Asked  []askedRow
	// Conflicts are the contradictions among what was asked.
	Conflicts []askedRow
	// The files of two panels; that of the questions stands beside the period.
	PlacesCSV, ConflictsCSV string

	Average figureCard
	Correct figureCard
	Helpful figureCard
	Minutes string
}

// placeRow is the question of one number.
type placeRow struct {
	Number    int
	Reached   string
	Stopped   string
	Open      string
	Hazard    string
	Sure      string
	Recovered string
	Stands    bool
	Long      float64 // percent of the first place, for the curve
	LostLong  float64
	Link      string // the sessions that stand or ended there
	Left      string // of these, those that stopped
}

// askedRow is one question by its id.
type askedRow struct {
	ID, Text    string
	Answered    string
	Place       string
	Median, P95 string
	Clarified   string
	Helpful     string
	Slow        bool // among the slowest
}

// adminQuestions shows where people stop: GET /admin/questions.
func (s *Server) adminQuestions(w http.ResponseWriter, r *http.Request, who staff) error {
	v := s.view(r)
	report, _, err := s.report(r.Context(), v)
	if err != nil {
		return err
	}
	page := questionsPage{
		adminLayout: s.adminLayout("Questions · Introspect", "questions", who), Places: placeRows(report, v),
		Average: averageCard(report.Questions), Correct: rateCard("Understood at once", report.Correct),
		Helpful: rateCard("Found helpful", report.Helpful), Minutes: known(report.Minutes),
	}
	page.Correct.Mark, page.Correct.Word = "", "" // it has no target
	page.Correct.Note = fmt.Sprintf("%s of %s checks", thousands(report.Correct.Hits), thousands(report.Correct.Of))
	if page.View, err = s.viewForm(r.Context(), v, "/admin/questions"); err != nil {
		return err
	}
	page.View.CSV, page.PlacesCSV, page.ConflictsCSV = v.file("questions"), v.file("places"), v.file("contradictions")
	page.Worst = worst(report, page.Places)
	page.Asked = s.askedRows(report)
	for _, row := range page.Asked {
		if kind, ok := strings.CutPrefix(row.ID, contradictionID); ok {
			row.Text = words(kind)
			page.Conflicts = append(page.Conflicts, row)
		}
	}
	return s.render(w, http.StatusOK, "admin/questions", page)
}

func placeRows(r metric.Report, v viewRequest) []placeRow {
	out := make([]placeRow, len(r.Places))
	var most int64
	for _, p := range r.Places {
		most = max(most, p.Reached)
	}
	for i, p := range r.Places {
		out[i] = placeRow{
			Number: p.Number, Reached: thousands(p.Reached), Stopped: thousands(p.Stopped), Open: thousands(p.Open),
			Hazard: rateWords(p.Hazard), Sure: between(p.Hazard), Recovered: known(p.Recovered), Stands: p.Stands,
			Long: 100 * float64(p.Reached) / float64(most), LostLong: 100 * float64(p.Stopped) / float64(most),
		}
		out[i].Link, out[i].Left = placeLinks(p.Number, v)
	}
	return out
}

// placeLinks lead to the sessions at a question, and to those of them that
// stopped there. The list of sessions can be narrowed by model alone; under
// another filter it would show others too, so the list of visits takes its place.
func placeLinks(number int, v viewRequest) (all, left string) {
	q := sessionQuery{Question: number, From: metric.Date(v.From), To: metric.Date(v.To)}
	for _, l := range v.Labels() {
		if l.Dimension != metric.DimModel {
			all = visitQuery{Question: number, View: v}.address()
			return all, all
		}
		q.Model = l.Value
	}
	all = q.address()
	q.Status = string(intake.Abandoned)
	return all, q.address()
}

// worst are the places where mending would bring back most.
func worst(r metric.Report, rows []placeRow) []placeRow {
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.Places[b].Recovered, r.Places[a].Recovered) })
	var out []placeRow
	for _, i := range order[:min(len(order), 3)] {
		if r.Places[i].Recovered >= 0.5 {
			out = append(out, rows[i])
		}
	}
	return out
}

func (s *Server) askedRows(r metric.Report) []askedRow {
	out := make([]askedRow, len(r.Asked))
	var times []float64
	for _, q := range r.Asked {
		if q.P95 > 0 {
			times = append(times, q.Median)
		}
	}
	slices.Sort(times)
	slow := math.Inf(1)
	if len(times) >= 4 {
		slow = times[len(times)*3/4]
	}
	for i, q := range r.Asked {
		out[i] = askedRow{
			ID: q.ID, Text: s.cfg.Engine.Wording(q.ID), Answered: thousands(q.Answered), Place: known(q.Place),
			Median: duration(q.Median), P95: duration(q.P95), Clarified: rateWords(q.Clarified),
			Helpful: "–", Slow: q.Median > slow,
		}
		if q.Helpful.Of > 0 {
			out[i].Helpful = chart.Percent(q.Helpful.Percent()) + " of " + strconv.FormatInt(q.Helpful.Of, 10)
		}
	}
	return out
}

package web

import (
	"fmt"
	"math"
	"slices"
	"time"

	"applicreations.com/introspect/internal/chart"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/summary"
)

// dashboardView is the part of the dashboard that changes.
type dashboardView struct {
	At, Clock  string // when the figures were computed: for machines, and hh:mm
	Period     string
	Zone       string
	Cards      []figureCard
	Targets    []figureCard
	Funnel     chart.Funnel
	Stages     []stageRow // the funnel with what was lost at each stage
	Models     chart.Donut
	Grid       []gridRow
	Adoption   chart.Bars
	MoreRates  int // features that have no bar, only a row of the table
	Trend      chart.Line
	Average    figureCard // of the questions, with its rating
	Validation chart.Pairs
	Marks      []markRow
	Links      map[string]string // to the pages behind the panels
}

// figureCard is one figure. Mark is "", good, warning or critical, and Word
// says the same for those who see no colour.
type figureCard struct {
	Title  string
	Value  string
	Note   string
	Sure   string // between what the rate lies, at 95 %
	Change string // against the days before
	Trend  string // up, down or even: the arrow of the change
	Mark   string
	Word   string
	Link   string
}

// markRow is one annotation.
type markRow struct {
	ID, Kind, Text string
	At             moment
}

// topFeatures is how many features get a bar (S81).
const topFeatures = 5

// viewDashboard joins what is true now with the figures of the view.
func (s *Server) viewDashboard(now, d metric.Dashboard, report metric.Report, view viewRequest, marks []store.Annotation) *dashboardView {
	at := now.GeneratedAt.In(s.cfg.Zone)
	v := &dashboardView{
		At: at.Format(time.RFC3339), Clock: at.Format("15:04"), Period: view.words(), Zone: d.Period.TimeZone,
		Cards: s.statCards(now), Targets: s.targetCards(d, report, view),
		Funnel: funnelChart(d, report), Models: modelChart(d), Trend: trendChart(d), Validation: validationChart(d),
		Stages: stageRows(report, view), Grid: gridRows(report, view), Average: averageCard(d.AverageQuestions),
		Links: map[string]string{
			"funnel": view.address("/admin/funnel"), "questions": view.address("/admin/questions"),
			"funnelCSV": view.file("funnel"), "featuresCSV": view.file("features"),
			"modelsCSV": view.file("models"), "loopsCSV": view.file("loops"), "daysCSV": view.file("days"), "targetsCSV": view.file("targets"), "notesCSV": view.file("notes"),
		},
	}
	rates := make([]chart.Rate, len(d.FeatureAdoption))
	for i, f := range d.FeatureAdoption {
		rates[i] = chart.Rate{Label: f.Name, Percent: f.AdoptionRate, Note: dollars(f.Revenue)}
	}
	v.Adoption = chart.NewBars("adoption", "Feature Adoption Rates", [3]string{"Feature", "Adoption", "Revenue"}, rates, d.Adoption.Target)
	if more := len(v.Adoption.Bars) - topFeatures; more > 0 {
		v.Adoption.Bars, v.MoreRates = v.Adoption.Bars[:topFeatures], more
	}
	for _, m := range marks {
		v.Marks = append(v.Marks, markRow{m.ID, m.Kind, m.Text, s.moment(m.At)})
		v.Trend.Mark(m.At.In(s.cfg.Zone).Format(dayForm(d.Period)), m.Kind, m.Text)
	}
	return v
}

// The bounds of DOMAIN 9.4 that the dashboard colours by.
const (
	slowP95     = 3_000  // ms
	criticalP95 = 10_000 // ms
	badErrors   = 5      // percent
	badAdoption = 40     // percent
)

// statCards are the four cards of the seed (S75 to S78).
func (s *Server) statCards(d metric.Dashboard) []figureCard {
	done := 0.0
	if d.SessionsToday > 0 {
		done = math.Round(float64(d.CompletionsToday) / float64(d.SessionsToday) * 100)
	}
	api := figureCard{Title: "API Performance", Value: chart.Number(math.Round(d.Performance.APILatencyP95)) + " ms", Note: "P95 latency"}
	switch p95 := d.Performance.APILatencyP95; {
	case d.Performance.Requests == 0:
		api.Note += ", no requests yet"
	case p95 > criticalP95:
		api.Mark, api.Word = "critical", "Above 10 s"
	case p95 > slowP95:
		api.Mark, api.Word = "warning", "Above 3 s"
	default:
		api.Mark, api.Word = "good", "Below 3 s"
	}
	system := figureCard{
		Title: "System Health", Value: number(d.Performance.Uptime, 2) + "%",
		Note: "Uptime. Error rate: " + chart.Percent(d.Performance.ErrorRate),
	}
	if d.Performance.Probes == 0 {
		system.Value, system.Note = "–", "No probe yet. Error rate: "+chart.Percent(d.Performance.ErrorRate)
	}
	if d.Performance.ErrorRate > badErrors {
		system.Mark, system.Word = "critical", "Errors above 5%"
	}
	if audit := s.cfg.Health.LastAudit(); audit.Found > 0 {
		system.Mark, system.Word = "critical", "Figures have drifted"
		system.Change = plural(audit.Found, "row differs", "rows differ") + " from the events. Run introspect rollup rebuild."
	} else if !audit.At.IsZero() {
		system.Change = "Figures audited at " + audit.At.In(s.cfg.Zone).Format("15:04") + ", no drift"
	}
	return []figureCard{
		{Title: "Active Now", Value: thousands(int64(d.ActiveSessions)), Note: "Current sessions"},
		{
			Title: "Today's Sessions", Value: thousands(int64(d.SessionsToday)),
			Note: fmt.Sprintf("%s completed (%g%%)", thousands(int64(d.CompletionsToday)), done),
		},
		api, system,
	}
}

// What heads the value of the finished projects, and the attempts to give orders.
const (
	valueTitle    = "Project value"
	attemptsTitle = "Injection attempts"
)

// targetCards are the goals of the operators' runbook.
func (s *Server) targetCards(d metric.Dashboard, r metric.Report, v viewRequest) []figureCard {
	adoption := rateCard("Feature adoption", r.Adoption)
	if r.Adoption.Of > 0 && r.Adoption.Percent() < badAdoption {
		adoption.Mark, adoption.Word = "critical", "Below 40%"
	}
	attempts := figureCard{
		Title: attemptsTitle, Value: thousands(d.Totals.InjectionAttempts),
		Note: "In the answers of clients", Link: visitQuery{Tried: true, View: v}.address(),
	}
	if d.Totals.InjectionAttempts > 0 {
		attempts.Mark, attempts.Word = "warning", "Please review"
	}
	list := []figureCard{
		rateCard("Completion rate", r.Completion),
		rateCard("Classified by question 7", r.OnTime),
		adoption,
		{
			Title: valueTitle, Value: dollars(d.Totals.Revenue),
			Note:   plural(int(d.Totals.Completions), "project", "projects") + " completed",
			Change: fmt.Sprintf("%s in the days before (%s)", dollars(float64(r.ValueBefore)/100), v.earlier()),
		},
		attempts,
	}
	if r.Helpful.Of > 0 {
		list = append(list, rateCard("Found helpful", r.Helpful))
	}
	return list
}

// rateCard judges a share by its target; a share of nothing is not judged.
func rateCard(title string, r metric.Compared) figureCard {
	c := figureCard{
		Title: title, Value: chart.Percent(r.Percent()),
		Note: fmt.Sprintf("%s of %s, target above %s", thousands(r.Hits), thousands(r.Of), chart.Percent(r.Target)),
		Sure: between(r),
	}
	if r.Open > 0 {
		c.Note += ", " + thousands(r.Open) + " still open"
	}
	c.Change, c.Trend = changeWords(r)
	switch {
	case r.Of == 0:
		c.Value = "–"
	case 100*float64(r.Hits) > r.Target*float64(r.Of): // 153 of 161 are shown as 95%, and are above 95%
		c.Mark, c.Word = "good", "On target"
	case 100*float64(r.Hits+r.Open) > r.Target*float64(r.Of):
		c.Word = "Too early to tell"
	default:
		c.Mark, c.Word = "warning", "Below target"
	}
	return c
}

// between says where a rate lies at 95 % confidence.
func between(r metric.Compared) string {
	if r.Of == 0 {
		return ""
	}
	return fmt.Sprintf("%s–%s%%", number(100*r.Low, 0), number(100*r.High, 0))
}

// changeWords says how a rate stands against the days before, and whether one
// can tell at all.
func changeWords(r metric.Compared) (text, trend string) {
	if r.Of == 0 || r.Before.Of == 0 {
		return "", ""
	}
	points := number(100*r.Change.Diff, 1)
	if r.Change.Diff >= 0 {
		points = "+" + points
	}
	switch r.Change.Verdict {
	case stat.Higher:
		return points + " points against before", "up"
	case stat.Lower:
		return points + " points against before", "down"
	case stat.Noise, stat.Few:
	}
	if r.Early {
		return points + " points so far, too early to tell: " + thousands(r.Open) + " may still go on", "even"
	}
	text = points + " points, not distinguishable from noise"
	if n := r.Change.Needs; n > 0 && n < 100_000 {
		text += fmt.Sprintf("; %s more sessions would tell", thousands(n))
	}
	return text, "even"
}

// averageCard rates the mean question count: warning above 25, critical above
// 28 (DOMAIN 9.4).
func averageCard(q metric.Questions) figureCard {
	c := figureCard{Title: "Average questions", Value: chart.Number(q.Average), Note: "target " + chart.Number(q.Target), Mark: q.Band}
	switch q.Band {
	case "good":
		c.Word = "Within limits"
	case "warning":
		c.Word = "Warning: above 25"
	case "critical":
		c.Word = "Critical: above 28"
	default:
		return figureCard{Title: c.Title, Value: "–", Note: c.Note}
	}
	if q.Basis == "open" {
		c.Note += ", sessions still under way"
		if q.Band == "good" {
			c.Mark, c.Word = "", "Too early to tell"
		}
	}
	return c
}

// funnelChart judges no stage whose open sessions may still reach its target.
func funnelChart(d metric.Dashboard, r metric.Report) chart.Funnel {
	stages := make([]chart.Stage, len(d.FunnelMetrics))
	before := int64(0)
	for i, f := range d.FunnelMetrics {
		verdict := chart.NoTarget
		switch {
		case f.Target == 0 || before == 0 || r.Funnel[i].Early:
		case f.MeetsTarget:
			verdict = chart.Met
		default:
			verdict = chart.Missed
		}
		stages[i] = chart.Stage{Label: summary.Stage(string(f.Stage)), Count: int(f.Count), Rate: f.Rate, Target: f.Target, Verdict: verdict}
		before = f.Count
	}
	return chart.NewFunnel("funnel", "Conversion Funnel", stages)
}

func modelChart(d metric.Dashboard) chart.Donut {
	parts := make([]chart.Slice, len(d.BusinessModels))
	for i, m := range d.BusinessModels {
		parts[i] = chart.Slice{Label: words(m.Model), Count: int(m.Count), Percent: m.Percentage}
	}
	return chart.NewDonut("models", "Business Model Distribution", parts)
}

// trendChart gives every day from the first with sessions to today its place. A day
// on which nobody finished is a gap beside others: interviews that were left early have
// few questions, and would look like good ones.
func trendChart(d metric.Dashboard) chart.Line {
	var points []chart.Point
	known := make(map[string]float64, len(d.QuestionEfficiency))
	finished := slices.ContainsFunc(d.QuestionEfficiency, func(q metric.QuestionDay) bool { return q.Basis == "completed" })
	for _, q := range d.QuestionEfficiency {
		if q.Basis == "completed" || !finished {
			known[q.Date] = q.Average
		}
	}
	if len(d.QuestionEfficiency) > 0 {
		day, err := time.Parse(time.DateOnly, d.QuestionEfficiency[0].Date)
		last, errLast := time.Parse(time.DateOnly, d.Period.To)
		for ; err == nil && errLast == nil && !day.After(last); day = day.AddDate(0, 0, 1) {
			average, ok := known[day.Format(time.DateOnly)]
			points = append(points, chart.Point{Label: day.Format(dayForm(d.Period)), Value: average, Known: ok})
		}
	}
	return chart.NewLine("efficiency", "Question Efficiency Trend", [2]string{"Day", "Average questions"}, points, d.AverageQuestions.Target)
}

// dayForm is how the days of a period are written: with the year where two of
// them would be called the same.
func dayForm(p metric.Period) string {
	if p.Days > 365 {
		return "Jan 2, 2006"
	}
	return "Jan 2"
}

func validationChart(d metric.Dashboard) chart.Pairs {
	pairs := make([]chart.Pair, len(d.ValidationStats))
	for i, v := range d.ValidationStats {
		pairs[i] = chart.Pair{
			Label: fmt.Sprintf("Validation Loop %d", v.LoopNumber),
			First: v.CorrectRate, Rest: v.ClarificationRate, Count: int(v.Responses),
		}
	}
	return chart.NewPairs("validation", "Validation Loop Effectiveness", "Loop", "Correct", "Needed clarification", pairs)
}

// dateWords writes a date of the figures in another form.
func dateWords(date, form string) string {
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return d.Format(form)
}

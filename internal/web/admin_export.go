package web

import (
	"context"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
)

// adminFigures sends one panel as a file that every spreadsheet opens: GET
// /admin/figures.csv?panel=funnel. Its figures are those of the page with the
// same view; rates are percent, durations seconds, money dollars.
func (s *Server) adminFigures(w http.ResponseWriter, r *http.Request, _ staff) error {
	v := s.view(r)
	panel := r.FormValue("panel")
	rows, err := s.panel(r.Context(), panel, v)
	if err != nil {
		return err
	}
	if rows == nil {
		return badRequest("There is no such panel. It can be days, targets, funnel, ordered, questions, places, contradictions, loops, models, features, notes, service, trials or advisor.")
	}
	name := "introspect-" + panel + "-" + metric.Date(v.From) + "-" + metric.Date(v.To) + ".csv"
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Cache-Control", "private, no-store")
	out := csv.NewWriter(w)
	for _, row := range rows {
		for i := range row {
			row[i] = cell(row[i])
		}
		if err := out.Write(row); err != nil {
			return nil //nolint:nilerr // the client left
		}
	}
	out.Flush()
	return nil
}

// panel is a panel of a view with its head, nil for an unknown one.
func (s *Server) panel(ctx context.Context, panel string, v viewRequest) ([][]string, error) {
	from, til := s.begins(v.From), s.begins(v.To+1)
	switch panel {
	case "advisor":
		f, err := s.cfg.Store.AdvisorFigures(ctx, from, til)
		return advisorRows(f), err
	case "notes":
		marks, err := s.cfg.Store.Annotations(ctx, from, til)
		return noteRows(marks, s.cfg.Zone), err
	case "service":
		service, err := s.service(ctx)
		return serviceRows(service), err
	case "trials":
		return s.trialRows(ctx)
	}
	report, _, err := s.report(ctx, v)
	return panelRows(panel, report), err
}

func noteRows(marks []store.Annotation, zone *time.Location) [][]string {
	out := [][]string{{"time", "kind", "text"}}
	for _, m := range marks {
		out = append(out, []string{m.At.In(zone).Format(time.RFC3339), m.Kind, m.Text})
	}
	return out
}

// serviceRows are of the last 30 days, the last 24 hours and the windows that their
// names say, whatever the view.
func serviceRows(v serviceView) [][]string {
	out := [][]string{{"measure", "value"}, {"uptime_30_days", v.Uptime}, {"error_budget_left", v.Left}}
	for _, b := range v.Burns {
		out = append(out, []string{"burn_" + strings.ReplaceAll(b.Period, " ", "_"), b.Burn})
	}
	return append(out, [][]string{{"p50_24_hours", v.P50}, {"p95_24_hours", v.P95}, {"p99_24_hours", v.P99}, {"errors_24_hours", v.ErrorRate}}...)
}

// trialRows are the A/B tests, a row for each variant.
func (s *Server) trialRows(ctx context.Context) ([][]string, error) {
	list, err := s.trials(ctx)
	if err != nil {
		return nil, err
	}
	out := [][]string{{"test", "status", "decided_by", "variant", "units", "hits", "rate", "low", "high", "median_seconds", "verdict"}}
	for _, t := range list {
		row, err := s.trialRow(ctx, t)
		if err != nil {
			return nil, err
		}
		for _, v := range row.Variants {
			cells := append([]string{t.Name, string(t.Status), string(t.Metric), v.Name, whole(v.rate.Of), whole(v.rate.Hits)}, share(v.rate)...)
			out = append(out, append(cells, filled(v.half), row.Verdict))
		}
	}
	return out, nil
}

// cell keeps a spreadsheet from taking a text for a formula: values come from
// outside (OWASP, CSV injection). Where people write commas into numbers, it takes
// a semicolon for the end of a cell.
func cell(s string) string {
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	var out strings.Builder
	before := ';'
	for _, r := range s {
		if strings.ContainsRune(";\t\r\n", before) && strings.ContainsRune("=+-@\t\r\n＝＋－＠", r) {
			out.WriteByte('\'')
		}
		out.WriteRune(r)
		before = r
	}
	return out.String()
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }

func decimal(x float64) string { return number(x, 4) }

// filled is a mean or a target, empty where there is none: a cell of 0 would be
// taken for one.
func filled(x float64) string {
	if x == 0 {
		return ""
	}
	return decimal(x)
}

// chance is the p value of a change, empty where nothing is compared.
func chance(c metric.Compared) string {
	if c.Of == 0 || c.Before.Of == 0 {
		return ""
	}
	return decimal(c.Change.P)
}

// share is a rate as three cells: percent and the ends of its interval, empty
// for a rate of nothing.
func share(c metric.Compared) []string {
	if c.Of == 0 {
		return []string{"", "", ""}
	}
	return []string{decimal(c.Percent()), decimal(100 * c.Low), decimal(100 * c.High)}
}

// panelRows is a panel with its head, nil for an unknown one.
func panelRows(panel string, r metric.Report) [][]string {
	switch panel {
	case "days":
		out := [][]string{{"date", "started", "completed", "value", "average_questions"}}
		for _, d := range r.Days {
			out = append(out, []string{d.Date, whole(d.Started), whole(d.Completed), decimal(float64(d.Value) / 100), filled(d.Questions)})
		}
		return out
	case "loops":
		out := [][]string{{"loop", "correct", "needed_clarification", "answers"}}
		for _, l := range r.Loops {
			out = append(out, []string{strconv.Itoa(l.LoopNumber), decimal(l.CorrectRate), decimal(l.ClarificationRate), whole(l.Responses)})
		}
		return out
	case "funnel":
		out := [][]string{{"stage", "sessions", "rate", "low", "high", "target", "before", "dropped", "open", "p"}}
		for _, f := range r.Funnel {
			row := append([]string{string(f.Stage), whole(f.Count)}, share(f.Rate)...)
			out = append(out, append(row, filled(f.Rate.Target), whole(f.Before), whole(f.Dropped), whole(f.Open), chance(f.Rate)))
		}
		return out
	case "ordered":
		out := [][]string{{"way", "stage", "sessions", "median_seconds", "p95_seconds"}}
		for i, way := range []string{"landing", "form"} {
			for _, p := range r.Paths[i] {
				out = append(out, []string{way, string(p.Stage), whole(p.Count), filled(p.Median), filled(p.P95)})
			}
		}
		return out
	case "questions":
		return questionRows(r.Asked)
	case "contradictions":
		return questionRows(contradictions(r.Asked))
	case "targets":
		return targetRows(r)
	case "places":
		out := [][]string{{"number", "reached", "answered", "stopped", "open", "hazard", "low", "high", "recovered"}}
		for _, p := range r.Places {
			row := append([]string{strconv.Itoa(p.Number), whole(p.Reached), whole(p.Answered), whole(p.Stopped), whole(p.Open)}, share(p.Hazard)...)
			out = append(out, append(row, decimal(p.Recovered)))
		}
		return out
	case "models", "features":
		return offerRows(panel, r)
	}
	return nil
}

// offerRows are the panels about what was sold.
func offerRows(panel string, r metric.Report) [][]string {
	if panel == "models" {
		out := [][]string{{"model", "started", "completed", "rate", "low", "high", "questions", "minutes", "value", "known_on_time"}}
		for _, m := range r.Models {
			row := append([]string{m.Model, whole(m.Started), whole(m.Completed)}, share(m.Completion)...)
			out = append(out, append(row, filled(m.Questions), filled(m.Minutes), decimal(float64(m.Value)/100), share(m.OnTime)[0]))
		}
		return out
	}
	out := [][]string{{"feature", "name", "offered", "selected", "rate", "revenue"}}
	for _, f := range r.Features {
		out = append(out, []string{f.Feature, f.Name, whole(f.Recommendations), whole(f.Selections), decimal(f.AdoptionRate), decimal(f.Revenue)})
	}
	return out
}

// targetRows are the goals. What has no rate has an amount, in dollars.
func targetRows(r metric.Report) [][]string {
	out := [][]string{{"goal", "hits", "of", "rate", "low", "high", "target", "amount", "before"}}
	for _, g := range []struct {
		name string
		rate metric.Compared
	}{
		{"completion", r.Completion},
		{"classified_by_question_7", r.OnTime},
		{"feature_adoption", r.Adoption},
		{"helpful", r.Helpful},
		{"understood_at_once", r.Correct},
	} {
		row := append([]string{g.name, whole(g.rate.Hits), whole(g.rate.Of)}, share(g.rate)...)
		before := ""
		if g.rate.Before.Of > 0 {
			before = decimal(100 * float64(g.rate.Before.Hits) / float64(g.rate.Before.Of))
		}
		out = append(out, append(row, filled(g.rate.Target), "", before))
	}
	return append(out, []string{"value", whole(r.Completed), "", "", "", "", "", decimal(float64(r.Value) / 100), decimal(float64(r.ValueBefore) / 100)})
}

// advisorRows are the calls of the language model, day by day. The cost of a day
// with a call of unknown price is unknown, and not nothing.
func advisorRows(f store.AdvisorFigures) [][]string {
	out := [][]string{{"date", "asked", "left_to_the_rules", "cost_dollars", "calls_of_unknown_price"}}
	for _, d := range f.Days {
		cost := number(float64(d.MicroUSD)/1e6, 6)
		if d.Unpriced > 0 {
			cost = ""
		}
		out = append(out, []string{d.Day, whole(d.Asked), whole(d.Missed), cost, whole(d.Unpriced)})
	}
	return out
}

// contradictions are those among what was asked that settle one.
func contradictions(asked []metric.AskedQuestion) []metric.AskedQuestion {
	var out []metric.AskedQuestion
	for _, q := range asked {
		if strings.HasPrefix(q.ID, contradictionID) {
			out = append(out, q)
		}
	}
	return out
}

// contradictionID begins the id of what settles a contradiction.
const contradictionID = "conflict_"

func questionRows(asked []metric.AskedQuestion) [][]string {
	out := [][]string{{"question", "answered", "mean_number", "median_seconds", "p95_seconds", "clarified", "low", "high", "votes", "helpful", "confusing"}}
	for _, q := range asked {
		row := append([]string{q.ID, whole(q.Answered), filled(q.Place), filled(q.Median), filled(q.P95)}, share(q.Clarified)...)
		out = append(out, append(row, whole(q.Helpful.Of), whole(q.Helpful.Hits), whole(q.Confusing)))
	}
	return out
}

package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/status"
)

// healthPage is templates/admin/health.html.
type healthPage struct {
	adminLayout
	At       moment
	Findings []findingRow
	Bad      int
	Service  serviceView
	Served   []servedRow
	Version  string
}

// findingRow is one check.
type findingRow struct {
	Title, Word, Mark, Detail, Took string
	At                              *moment // nil: not looked at yet
}

// servedRow is how requests were answered over a while.
type servedRow struct {
	Period, Requests, Errors, P50, P95, P99 string
}

// serviceView is the uptime and the error budget.
type serviceView struct {
	Uptime, Objective string
	Probes            string
	Left, LeftMark    string // of the error budget
	Burns             []burnRow
	P50, P95, P99     string // of the last 24 hours
	ErrorRate         string // of them
}

// burnRow is how fast the error budget goes in a window.
type burnRow struct{ Period, Burn, Word, Mark string }

// adminHealth shows every check: GET /admin/health.
func (s *Server) adminHealth(w http.ResponseWriter, r *http.Request, who staff) error {
	page := healthPage{adminLayout: s.adminLayout("Health · Introspect", "operations", who), At: s.moment(s.now()), Version: s.version()}
	page.Refresh = standardRefresh
	for _, f := range s.cfg.Health.Findings() {
		row := findingRow{Title: f.Title, Detail: f.Detail}
		if row.Word, row.Mark = gradeWord(f.Reading); f.Grade != health.Pass {
			page.Bad++
		}
		if f.Took > 0 {
			row.Took = number(float64(f.Took.Microseconds())/1000, 1) + " ms"
		}
		if !f.At.IsZero() {
			at := s.moment(f.At)
			row.At = &at
		}
		page.Findings = append(page.Findings, row)
	}
	var err error
	if page.Service, err = s.service(r.Context()); err != nil {
		return err
	}
	for _, p := range []struct {
		words string
		since time.Duration
	}{{"Last hour", time.Hour}, {"Last 24 hours", 24 * time.Hour}, {"Last 7 days", 7 * 24 * time.Hour}, {"Last 30 days", 30 * 24 * time.Hour}} {
		served, err := s.served(r.Context(), p.since)
		if err != nil {
			return err
		}
		page.Served = append(page.Served, servedRow{
			p.words, thousands(served.Requests), number(served.ErrorRate(), 2) + "%", milliseconds(served.P50), milliseconds(served.P95), milliseconds(served.P99),
		})
	}
	return s.render(w, http.StatusOK, "admin/health", page)
}

func gradeWord(r health.Reading) (word, mark string) {
	if r.Open {
		return "Not yet", ""
	}
	switch r.Grade {
	case health.Warn:
		return "Look at it", "warning"
	case health.Fail:
		return "Failed", "critical"
	case health.Pass:
	}
	return "Good", "good"
}

func milliseconds(ms float64) string {
	if ms >= 1000 {
		return number(ms/1000, 2) + " s"
	}
	if ms >= 10 {
		return number(ms, 0) + " ms"
	}
	return number(ms, 1) + " ms"
}

// served is how requests were answered since some time ago.
func (s *Server) served(ctx context.Context, ago time.Duration) (metric.Served, error) {
	now := s.now()
	rows, err := s.cfg.Store.Rollups(ctx, []metric.Range{metric.ServedSince(now.Add(-ago), now)})
	if err != nil {
		return metric.Served{}, fmt.Errorf("read requests: %w", err)
	}
	return metric.NewServed(rows), nil
}

// budgetDays is how long the objective is kept to, and budgetProbes how many probes
// that are.
const (
	budgetDays   = 30
	budgetProbes = int64(budgetDays * 24 * time.Hour / health.Interval)
)

// How fast a budget has to burn to be worth a word: these are the windows of
// the usual multi-window alerts, at which 2, 5 and 10 percent of it are gone.
func burnWindows() []struct {
	words string
	since time.Duration
	most  float64
} {
	return []struct {
		words string
		since time.Duration
		most  float64
	}{
		{"last hour", time.Hour, 14.4},
		{"last 6 hours", 6 * time.Hour, 6},
		{"last 3 days", 3 * 24 * time.Hour, 1},
	}
}

// service computes uptime, error budget and the answers of the last day.
func (s *Server) service(ctx context.Context) (serviceView, error) {
	now := s.now()
	view := serviceView{Objective: number(100*status.Objective, 1) + "%", Uptime: "No probes yet"}
	month, err := s.cfg.Store.ProbesSince(ctx, health.Service, now.AddDate(0, 0, -budgetDays))
	if err != nil {
		return view, err
	}
	view.Probes = plural(int(month.Total()), "probe", "probes")
	if up, ok := month.Shown(); ok {
		view.Uptime = number(up, 2) + "%"
		left := month.Of(budgetProbes).Left(status.Objective)
		view.Left, view.LeftMark = number(max(left, 0), 1)+"%", "good" // what is overspent shows as the burn
		switch {
		case left <= 0:
			view.LeftMark = "critical"
		case left < 25:
			view.LeftMark = "warning"
		}
	}
	for _, b := range burnWindows() {
		t, err := s.cfg.Store.ProbesSince(ctx, health.Service, now.Add(-b.since))
		if err != nil {
			return view, err
		}
		burn := t.Of(int64(b.since / health.Interval)).Burn(status.Objective)
		row := burnRow{b.words, number(burn, 1) + "×", "Good", "good"}
		if burn >= b.most {
			row.Word, row.Mark = "Too fast", "critical"
		}
		view.Burns = append(view.Burns, row)
	}
	day, err := s.served(ctx, 24*time.Hour)
	if err != nil {
		return view, err
	}
	view.P50, view.P95, view.P99 = milliseconds(day.P50), milliseconds(day.P95), milliseconds(day.P99)
	view.ErrorRate = number(day.ErrorRate(), 2) + "%"
	return view, nil
}

// healthJSON is a reading of health+json.
type healthJSON struct {
	ID     string  `json:"componentId"`
	Value  float64 `json:"observedValue"`
	Unit   string  `json:"observedUnit,omitempty"`
	Status string  `json:"status"`
	Time   string  `json:"time,omitempty"`
	Output string  `json:"output,omitempty"`
}

// apiHealth is the detail for programs of the agency: GET /api/admin/health, as
// health+json.
func (s *Server) apiHealth(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Authorization, Cookie")
	if _, ok := s.adminActor(r); !ok {
		return unauthorized("Sign in at /admin/login, or send an API token as Authorization: Bearer <token>.")
	}
	checks := make(map[string][]healthJSON)
	worst := health.Pass
	for _, f := range s.cfg.Health.Findings() {
		row := healthJSON{ID: f.Name, Value: f.Value, Unit: f.Unit, Status: string(f.Grade), Output: f.Detail}
		if !f.At.IsZero() {
			row.Time = f.At.UTC().Format(time.RFC3339)
		}
		checks[f.Name] = append(checks[f.Name], row)
		if f.Grade == health.Fail || worst == health.Pass {
			worst = f.Grade
		}
	}
	month, err := s.cfg.Store.ProbesSince(r.Context(), health.Service, s.now().AddDate(0, 0, -budgetDays))
	if err != nil {
		return err
	}
	up, _ := month.Shown()
	served, err := s.served(r.Context(), 24*time.Hour)
	if err != nil {
		return err
	}
	checks["service:uptime"] = []healthJSON{{ID: "service", Value: up, Unit: "percent", Status: string(health.Pass)}}
	checks["service:errorBudgetLeft"] = []healthJSON{{ID: "service", Value: month.Of(budgetProbes).Left(status.Objective), Unit: "percent", Status: string(health.Pass)}}
	checks["api:responseTimeP95"] = []healthJSON{{ID: "api", Value: served.P95, Unit: "ms", Status: string(health.Pass)}}
	checks["api:errorRate"] = []healthJSON{{ID: "api", Value: served.ErrorRate(), Unit: "percent", Status: string(health.Pass)}}
	body, err := json.Marshal(map[string]any{
		"status": worst, "version": s.version(), "serviceId": "introspect", "description": "health of Introspect", "checks": checks,
		"components": s.cfg.Health.Components(),
	})
	if err != nil {
		return fmt.Errorf("encode health: %w", err)
	}
	w.Header().Set("Content-Type", "application/health+json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(append(body, '\n')) // A client that left needs no answer.
	return nil
}

package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
)

// dashboardTitle is the seed's (S70).
const dashboardTitle = "Introspect V3 Dashboard"

// activeWithin is how recent the last activity of a current session is
// (DOMAIN 9.4).
const activeWithin = 5 * time.Minute

// refreshChoice is one entry of the refresh selector (S73).
type refreshChoice struct {
	Seconds  int
	Label    string
	Selected bool
}

// standardRefresh is the choice until another is made, in seconds.
const standardRefresh = 30

// refreshChoices marks the choice that a request asks for.
func refreshChoices(asked string) (choices []refreshChoice, seconds int) {
	choices = []refreshChoice{{10, "10s refresh", false}, {30, "30s refresh", false}, {60, "1m refresh", false}, {300, "5m refresh", false}}
	seconds = standardRefresh
	if n, err := strconv.Atoi(asked); err == nil {
		for _, c := range choices {
			if c.Seconds == n {
				seconds = n
			}
		}
	}
	for i := range choices {
		choices[i].Selected = choices[i].Seconds == seconds
	}
	return choices, seconds
}

// dashboardPage is templates/admin/dashboard.html. Data is nil when the
// figures cannot be read: the page then waits for them.
type dashboardPage struct {
	adminLayout
	View    viewForm
	Choices []refreshChoice
	Data    *dashboardView
	// Programs counts the landing views of programs, which no figure counts.
	Programs int
	Made     int          // simulated visits among those that are counted
	Held     int          // documents that wait for a person
	Shared   string       // who may see it and until when, on a shared page
	Service  *serviceView // nil: not for whoever has only a link
	Firing   []troubleView
}

// adminDashboard shows the figures: GET /admin/dashboard. The script of the
// page fetches this same page and takes over the part that shows the figures.
func (s *Server) adminDashboard(w http.ResponseWriter, r *http.Request, who staff) error {
	page := dashboardPage{adminLayout: s.adminLayout(dashboardTitle, "dashboard", who), Firing: s.firing()}
	page.Choices, page.Refresh = refreshChoices(r.FormValue("refresh"))
	v := s.view(r)
	err := s.fillDashboard(r.Context(), &page, v, "/admin/dashboard")
	if err == nil {
		var service serviceView
		service, err = s.service(r.Context())
		page.Service = &service
	}
	if err != nil {
		if ended(err) {
			return err
		}
		s.log.LogAttrs(r.Context(), slog.LevelError, "dashboard without figures", slog.String("error", err.Error()))
		w.Header().Set("Retry-After", strconv.Itoa(page.Refresh))
		page.Data = nil
		return s.render(w, http.StatusServiceUnavailable, "admin/dashboard", page)
	}
	return s.render(w, http.StatusOK, "admin/dashboard", page)
}

// fillDashboard computes what the dashboard of a view shows; a shared one has no
// action.
func (s *Server) fillDashboard(ctx context.Context, page *dashboardPage, v viewRequest, action string) error {
	d, err := s.figures(ctx)
	if err != nil {
		return err
	}
	report, rows, err := s.report(ctx, v)
	if err != nil {
		return err
	}
	page.View, err = s.viewForm(ctx, v, action)
	if err != nil {
		return err
	}
	page.View.CSV = v.file("days")
	if page.Refresh != standardRefresh && page.Refresh > 0 {
		page.View.Refresh = strconv.Itoa(page.Refresh)
	}
	marks, err := s.cfg.Store.Annotations(ctx, s.begins(v.From), s.begins(v.To+1))
	if err != nil {
		return err
	}
	if action == "" { // shared
		marks = slices.DeleteFunc(marks, inside)
	}
	panels := metric.Of(v.View, rows, metric.Live{Now: s.now(), Zone: s.cfg.Zone}, s.featurePrice)
	page.Data = s.viewDashboard(d, panels, report, v, marks)
	if action == "" { // attacks are for the agency to look at
		page.Data.Targets = slices.DeleteFunc(page.Data.Targets, func(c figureCard) bool { return c.Title == attemptsTitle })
	}
	if len(v.Labels()) == 0 { // neither is known by dimension
		if page.Data.Targets, err = s.moneyCards(ctx, page.Data.Targets, v); err != nil {
			return err
		}
	}
	held, err := s.cfg.Store.HeldDeliveries(ctx)
	if err != nil {
		return err
	}
	page.Held = len(held)
	if page.Programs, err = s.programs(ctx, v.View); err != nil {
		return err
	}
	page.Made, err = s.cfg.Store.Simulated(ctx)
	return err
}

// inside reports whether a mark is for the agency alone: what people type may name
// somebody, and what went wrong is told to others on the status page.
func inside(a store.Annotation) bool {
	return a.Kind != store.KindDeployment && a.Kind != store.KindMaintenance
}

// moneyCards adds what is under way to the value of the finished projects, and
// what a session cost when a language model was asked.
func (s *Server) moneyCards(ctx context.Context, cards []figureCard, v viewRequest) ([]figureCard, error) {
	n, sum, err := s.cfg.Store.Pipeline(ctx, s.begins(v.From), s.begins(v.To+1))
	if err != nil {
		return nil, err
	}
	for i := range cards {
		if cards[i].Title == valueTitle && n > 0 {
			cards[i].Note += fmt.Sprintf("; %s more in %s under way", dollars(float64(sum)/100), plural(n, "interview", "interviews"))
		}
	}
	f, err := s.cfg.Store.AdvisorFigures(ctx, s.begins(v.From), s.begins(v.To+1))
	if err == nil && f.Asked > 0 {
		cards = append(cards, costCard("Cost a session", f, f.Sessions, "session in which advice was wanted", "sessions in which advice was wanted"))
	}
	return cards, err
}

// programs counts the landing views of programs on the days of a view.
func (s *Server) programs(ctx context.Context, v metric.View) (int, error) {
	rows, err := s.cfg.Store.Rollups(ctx, []metric.Range{{Tier: metric.Day, Metric: metric.Funnel, Dimension: metric.DimBot, From: v.From, To: v.To, One: true}})
	if err != nil {
		return 0, fmt.Errorf("read visits of programs: %w", err)
	}
	var n int64
	for _, row := range rows {
		n += row.Vector[0]
	}
	return int(n), nil
}

// adminMetrics answers the seed's DashboardMetrics (S71) to whoever is logged
// in and to API tokens: GET /api/admin/metrics.
func (s *Server) adminMetrics(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Authorization, Cookie")
	actor, ok := s.adminActor(r)
	if !ok {
		return unauthorized("Sign in at /admin/login, or send an API token as Authorization: Bearer <token>.")
	}
	s.log.LogAttrs(r.Context(), slog.LevelDebug, "figures read", slog.String("actor", actor))
	d, err := s.figures(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, d)
}

// figures computes the dashboard of now.
func (s *Server) figures(ctx context.Context) (metric.Dashboard, error) {
	now := s.now()
	rows, err := s.cfg.Store.Rollups(ctx, metric.Needed(now, s.cfg.Zone))
	if err != nil {
		return metric.Dashboard{}, fmt.Errorf("read figures: %w", err)
	}
	active, err := s.cfg.Store.ActiveSessions(ctx, now.Add(-activeWithin))
	if err != nil {
		return metric.Dashboard{}, fmt.Errorf("read figures: %w", err)
	}
	live := metric.Live{ActiveSessions: active, Now: now, Zone: s.cfg.Zone}
	return metric.NewDashboard(rows, live, s.featurePrice), nil
}

// featurePrice knows a feature of the catalog, or nothing.
func (s *Server) featurePrice(id string) (name string, price int64) {
	f, _ := s.cfg.Catalog.Feature(catalog.FeatureID(id))
	return f.Name, int64(f.Price)
}

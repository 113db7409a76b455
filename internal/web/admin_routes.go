package web

import (
	"net/http"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
)

// adminRoutes lists the paths of the agency. Everything but setup and login
// wants a login; the figures also take an API token.
func (s *Server) adminRoutes() []route {
	return []route{
		{"GET /admin/setup", s.adminSetup, page, relaxed},
		{"POST /admin/setup", s.adminSetupSend, page, relaxed},
		{"GET /admin/login", s.adminLogin, page, free},
		{"POST /admin/login", s.adminLoginSend, page, relaxed},
		{"POST /admin/logout", s.adminLogout, page, free},

		{"GET /admin", s.forAdmin(s.adminHome), page, free},
		{"GET /admin/{$}", s.forAdmin(s.adminHome), page, free},
		{"GET /admin/dashboard", s.forAdmin(s.adminDashboard), page, free},
		{"GET /admin/funnel", s.forAdmin(s.adminFunnel), page, free},
		{"GET /admin/questions", s.forAdmin(s.adminQuestions), page, free},
		{"GET /admin/live", s.forAdmin(s.adminLive), page, free},
		{changesPattern, s.forAdmin(s.adminChanges), quiet, free},
		{"GET /admin/figures.csv", s.forAdmin(s.adminFigures), page, free},
		{"GET /admin/trials", s.forAdmin(s.adminTrials), page, free},
		{"POST /admin/trials", s.forAdmin(s.adminTrialAdd), page, relaxed},
		{"POST /admin/trials/{name}", s.forAdmin(s.adminTrialChange), page, relaxed},
		{"POST /admin/share", s.forAdmin(s.adminShare), page, relaxed},
		{"POST /admin/annotations", s.forAdmin(s.adminAnnotate), page, relaxed},
		{"POST /admin/annotations/{id}/remove", s.forAdmin(s.adminUnannotate), page, relaxed},
		{"GET /shared/{token}", s.sharedDashboard, page, general},
		{"GET /admin/sessions", s.forAdmin(s.adminSessions), page, free},
		{"GET /admin/sessions/{id}", s.forAdmin(s.adminSession), page, free},
		{"GET /admin/advisor", s.forAdmin(s.adminAdvisor), page, free},
		{"POST /admin/advisor", s.forAdmin(s.adminAdvisorSwitch), page, relaxed},
		{"GET /admin/audit", s.forAdmin(s.adminAudit), page, free},

		// Delivery.
		{"POST /admin/sessions/{id}/release", s.forAdmin(s.adminRelease), page, relaxed},
		{"GET /admin/sessions/{id}/amend", s.forAdmin(s.adminAmendForm), page, free},
		{"POST /admin/sessions/{id}/amend", s.forAdmin(s.adminAmend), page, relaxed},
		{"POST /admin/sessions/{id}/erase", s.forAdmin(s.adminErase), page, relaxed},
		{"POST /admin/sessions/{id}/write", s.forAdmin(s.adminWriteAgain), page, relaxed},
		{"GET /admin/jobs", s.forAdmin(s.adminJobs), page, free},
		{"POST /admin/jobs/{id}/replay", s.forAdmin(s.adminReplay), page, relaxed},
		{"GET /admin/outbox", s.forAdmin(s.adminOutbox), page, free},
		{"GET /admin/outbox/{id}", s.forAdmin(s.adminMail), page, free},
		{"GET /admin/outbox/{id}/html", s.forAdmin(s.adminMailHTML), page, free},
		{"GET /admin/outbox/{id}/files/{n}", s.forAdmin(s.adminMailFile), page, free},
		{"POST /admin/outbox/{id}/resend", s.forAdmin(s.adminMailAgain), page, relaxed},
		{"GET /admin/webhooks", s.forAdmin(s.adminWebhooks), page, free},
		{"POST /admin/webhooks", s.forAdmin(s.adminWebhookAdd), page, relaxed},
		{"GET /admin/webhooks/{id}", s.forAdmin(s.adminWebhook), page, free},
		{"POST /admin/webhooks/{id}", s.forAdmin(s.adminWebhookChange), page, relaxed},

		{"GET /api/admin/metrics", s.adminMetrics, api, free},
	}
}

// operationRoutes lists the pages of whoever keeps the installation running.
func (s *Server) operationRoutes() []route {
	return []route{
		{"GET /admin/operations", s.forAdmin(s.adminOperations), page, free},
		{"GET /admin/health", s.forAdmin(s.adminHealth), page, free},
		{"GET /admin/incidents", s.forAdmin(s.adminIncidents), page, free},
		{"GET /admin/incidents/new", s.forAdmin(s.adminIncidents), page, free},
		{"POST /admin/incidents", s.forAdmin(s.adminIncidentAdd), page, relaxed},
		{"GET /admin/incidents/{id}", s.forAdmin(s.adminIncident), page, free},
		{"POST /admin/incidents/{id}", s.forAdmin(s.adminIncidentChange), page, relaxed},
		{"GET /admin/maintenance", s.forAdmin(s.adminMaintenance), page, free},
		{"POST /admin/maintenance", s.forAdmin(s.adminMaintenanceChange), page, relaxed},
		{"GET /admin/backups", s.forAdmin(s.adminBackups), page, free},
		{"POST /admin/backups", s.forAdmin(s.adminBackupsAsk), page, relaxed},
		{"GET /api/admin/health", s.apiHealth, api, free},
		{"GET /api/admin/operations", s.apiOperations, api, free},
		{"GET /api/admin/alerts/{id}/backtest", s.apiBacktest, api, free},
		{"POST /api/admin/operations/results", s.apiResult, api, general},
		{"DELETE /api/admin/canaries/{id}", s.canaryRemove, api, free},
	}
}

// adminCookie holds the random token of a login; scripts cannot read it.
const adminCookie = "introspect_admin"

// How long a login lasts: without a request, and at the very most.
const (
	adminIdle     = 12 * time.Hour
	adminLifetime = 7 * 24 * time.Hour
)

// admin is what the pages of the agency keep between requests.
type admin struct {
	logins *scs.SessionManager

	mu     sync.Mutex
	looked map[string]time.Time // by user: the last look at the live board that is in the audit log
}

// newAdmin keeps logins in the store, under the hash of their token. The
// manager is a literal because scs.New starts a goroutine that nobody ends.
func newAdmin(cfg Config) (*admin, error) { //nolint:unparam // like the other parts that New opens
	return &admin{logins: &scs.SessionManager{
		IdleTimeout:      adminIdle,
		Lifetime:         adminLifetime,
		Store:            cfg.Store.AdminSessions(),
		Codec:            scs.GobCodec{},
		HashTokenInStore: true,
	}}, nil
}

// adminLayout is what templates/admin/_layout.html needs on every page.
type adminLayout struct {
	Banner  string // a sentence on top of the page
	Title   string // the whole title of the browser's tab
	Agency  Agency
	Name    string // who is logged in; empty before the login
	Here    string // the current item of the navigation
	Alarm   bool   // the advisor needs its owner
	Refresh int    // seconds until the page loads again without scripts; 0: never
}

func (s *Server) adminLayout(title, here string, who staff) adminLayout {
	return adminLayout{Banner: s.cfg.Banner, Title: title, Agency: s.cfg.Agency, Name: who.Name, Here: here, Alarm: s.cfg.Desk != nil && s.cfg.Desk.Alarmed()}
}

// adminHome leads to the dashboard.
func (s *Server) adminHome(w http.ResponseWriter, r *http.Request, _ staff) error {
	http.Redirect(w, r, "/admin/dashboard", http.StatusSeeOther)
	return nil
}

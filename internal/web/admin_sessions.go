package web

import (
	"net/http"
	"net/url"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/store"
)

// sessionsPerPage is the length of a page of the list.
const sessionsPerPage = 25

// sessionsPage is templates/admin/sessions.html.
type sessionsPage struct {
	adminLayout
	Filters []filterLink
	Status  string // the filter in force; empty: all
	Query   string
	Rows    []sessionRow
	Older   string // address of the next page; empty on the last
	Newest  string // address of the first page; empty on it
}

type filterLink struct {
	Label, Address string
	Current        bool
}

// sessionRow is one interview of the list.
type sessionRow struct {
	Address   string
	Client    string // business, or else the person
	Person    string // when the business stands first
	Status    string
	Mark      string
	Model     string
	Questions int
	Percent   int
	Package   string
	Total     string
	Begun     moment
	Active    moment
	Attempts  int // suspicious phrases in the answers
}

// adminSessions lists the interviews, newest first: GET /admin/sessions.
func (s *Server) adminSessions(w http.ResponseWriter, r *http.Request, who staff) error {
	f := store.SessionFilter{
		Status: knownStatus(r.FormValue("status")), Query: strings.TrimSpace(r.FormValue("q")),
		Before: event.SessionID(r.FormValue("before")), Limit: sessionsPerPage + 1,
	}
	if len(f.Query) > maxSearch {
		return badRequest("The search text is too long.")
	}
	list, err := s.cfg.Store.Sessions(r.Context(), f)
	if err != nil {
		return err
	}
	view := sessionsPage{
		adminLayout: s.adminLayout("Sessions · Introspect", "sessions", who), Filters: filterLinks(f), Status: f.Status, Query: f.Query,
	}
	if f.Before != "" {
		view.Newest = listAddress(f.Status, f.Query, "")
	}
	if len(list) > sessionsPerPage {
		list = list[:sessionsPerPage]
		view.Older = listAddress(f.Status, f.Query, list[len(list)-1].ID)
	}
	for _, sum := range list {
		row, err := s.sessionRow(r, sum)
		if err != nil {
			return err
		}
		view.Rows = append(view.Rows, row)
	}
	// Names are personal data, and reading them leaves a trace (DOMAIN 8.9).
	if len(list) > 0 {
		if err := s.cfg.Account.Audit(r.Context(), who.User, "sessions_listed", "sessions"); err != nil {
			return err
		}
	}
	return s.render(w, http.StatusOK, "admin/sessions", view)
}

// maxSearch bounds the search text in bytes.
const maxSearch = 200

// sessionRow adds to the summary what only the session itself knows.
func (s *Server) sessionRow(r *http.Request, sum store.SessionSummary) (sessionRow, error) {
	rec, err := s.cfg.Store.Session(r.Context(), sum.ID)
	if err != nil {
		return sessionRow{}, err
	}
	row := sessionRow{
		Address: "/admin/sessions/" + url.PathEscape(string(sum.ID)), Client: sum.Name,
		Status: words(string(sum.Status)), Mark: statusMark(sum.Status), Model: words(sum.Model),
		Questions: sum.Questions, Percent: sum.Percent, Package: s.packageName(sum.Package),
		Begun: s.moment(sum.CreatedAt), Active: s.moment(sum.LastActivity), Attempts: rec.Session.Suspicious,
	}
	if sum.BusinessName != "" {
		row.Client, row.Person = sum.BusinessName, sum.Name
	}
	if sum.Total > 0 {
		row.Total = money(sum.Total)
	}
	return row, nil
}

func (s *Server) packageName(id catalog.PackageID) string {
	if p, ok := s.cfg.Catalog.Package(id); ok {
		return p.Name
	}
	return words(string(id))
}

// knownStatus passes the statuses that can be filtered by.
func knownStatus(status string) string {
	switch s := intake.Status(status); s {
	case intake.InProgress, intake.Completed, intake.Abandoned:
		return status
	}
	return ""
}

func filterLinks(f store.SessionFilter) []filterLink {
	links := []filterLink{{Label: "All", Address: listAddress("", f.Query, ""), Current: f.Status == ""}}
	for _, st := range []intake.Status{intake.InProgress, intake.Completed, intake.Abandoned} {
		links = append(links, filterLink{
			Label: words(string(st)), Address: listAddress(string(st), f.Query, ""), Current: f.Status == string(st),
		})
	}
	return links
}

// listAddress is the list with a filter, a search text and a position.
func listAddress(status, query string, before event.SessionID) string {
	v := url.Values{}
	for name, value := range map[string]string{"status": status, "q": query, "before": string(before)} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if len(v) == 0 {
		return "/admin/sessions"
	}
	return "/admin/sessions?" + v.Encode()
}

// auditPage is templates/admin/audit.html.
type auditPage struct {
	adminLayout
	Entries []auditRow
}

type auditRow struct {
	At                    moment
	Actor, Action, Object string
	Mark                  string
}

// auditLength is how many entries the page shows.
const auditLength = 200

// adminAudit shows the newest entries of the audit log (DOMAIN 8.9, S125):
// GET /admin/audit.
func (s *Server) adminAudit(w http.ResponseWriter, r *http.Request, who staff) error {
	entries, err := s.cfg.Store.AuditLog(r.Context(), auditLength)
	if err != nil {
		return err
	}
	view := auditPage{adminLayout: s.adminLayout("Audit log · Introspect", "audit", who)}
	for _, e := range entries {
		row := auditRow{At: s.moment(e.At), Actor: e.Actor, Action: words(e.Action), Object: e.Object}
		if e.Action == "login_failed" {
			row.Mark = "warning"
		}
		view.Entries = append(view.Entries, row)
	}
	return s.render(w, http.StatusOK, "admin/audit", view)
}

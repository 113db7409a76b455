package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/classify"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
)

// sessionsPerPage is the length of a page of the list.
const sessionsPerPage = 25

// sessionsPage is templates/admin/sessions.html.
type sessionsPage struct {
	adminLayout
	Filters []filterLink
	// Narrowed are the further filters in force, each with the list without it.
	Narrowed []filterLink
	Asked    sessionQuery
	Models   []viewOption // the business models to choose from
	Status   string       // the filter in force; empty: all
	Query    string
	Rows     []sessionRow
	Older    string    // address of the next page; empty on the last
	Newest   string    // address of the first page; empty on it
	Held     []heldRow // what waits for a person
	Notice   string
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

// sessionQuery is which interviews the list shows; its address holds it all.
type sessionQuery struct {
	Status   string
	Query    string
	Before   event.SessionID
	Model    string
	Question int
	From, To string // local days of their beginning
}

// encode writes the query of an address.
func (q sessionQuery) encode() string {
	v := url.Values{}
	for name, value := range map[string]string{
		"status": q.Status, "q": q.Query, "before": string(q.Before), "model": q.Model, "from": q.From, "to": q.To,
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.Question > 0 {
		v.Set("question", strconv.Itoa(q.Question))
	}
	return v.Encode()
}

// address is the list as asked for.
func (q sessionQuery) address() string {
	if query := q.encode(); query != "" {
		return "/admin/sessions?" + query
	}
	return "/admin/sessions"
}

// questionNumber is the question that a list is narrowed to; 0: none.
func questionNumber(r *http.Request) int {
	if n, err := strconv.Atoi(r.FormValue("question")); err == nil && n > 0 && n <= 200 {
		return n
	}
	return 0
}

func (s *Server) readSessionQuery(r *http.Request) sessionQuery {
	q := sessionQuery{
		Status: knownStatus(r.FormValue("status")), Query: strings.TrimSpace(r.FormValue("q")),
		Before: event.SessionID(r.FormValue("before")), Model: clip(r.FormValue("model"), 64),
	}
	q.Question = questionNumber(r)
	from, okFrom := metric.DayOf(r.FormValue("from"))
	to, okTo := metric.DayOf(r.FormValue("to"))
	if okFrom && r.FormValue("to") == "" {
		to, okTo = max(from, metric.DayBucket(s.now(), s.cfg.Zone)), true
	}
	if okFrom && okTo && from <= to {
		q.From, q.To = metric.Date(from), metric.Date(to)
	}
	return q
}

// modelOptions lists the business models, and one that a list is narrowed to.
func modelOptions(chosen string) []viewOption {
	var out []viewOption
	for _, m := range classify.Models() {
		out = append(out, viewOption{string(m), words(string(m)), string(m) == chosen})
	}
	if chosen != "" && !slices.ContainsFunc(out, func(o viewOption) bool { return o.Selected }) {
		out = append(out, viewOption{chosen, words(chosen), true})
	}
	return out
}

// filter is the query for the store.
func (s *Server) filter(q sessionQuery) store.SessionFilter {
	f := store.SessionFilter{
		Status: q.Status, Query: q.Query, Before: q.Before, Model: q.Model, Question: q.Question, Limit: sessionsPerPage + 1,
	}
	if q.From != "" {
		from, _ := metric.DayOf(q.From) // checked when it was read
		to, _ := metric.DayOf(q.To)
		f.Since, f.Til = s.begins(from), s.begins(to+1)
	}
	return f
}

// narrowed says by what the list is narrowed beside status and search.
func (q sessionQuery) narrowed() []filterLink {
	var out []filterLink
	add := func(label string, without sessionQuery) {
		without.Before = ""
		out = append(out, filterLink{Label: label, Address: without.address()})
	}
	if q.Question > 0 {
		without := q
		without.Question = 0
		add("At question "+strconv.Itoa(q.Question), without)
	}
	if q.Model != "" {
		without := q
		without.Model = ""
		add(words(q.Model), without)
	}
	if q.From != "" {
		without := q
		without.From, without.To = "", ""
		add(dateWords(q.From, "Jan 2")+" – "+dateWords(q.To, "Jan 2, 2006"), without)
	}
	return out
}

// adminSessions lists the interviews, newest first: GET /admin/sessions.
func (s *Server) adminSessions(w http.ResponseWriter, r *http.Request, who staff) error {
	q := s.readSessionQuery(r)
	if len(q.Query) > maxSearch {
		return badRequest("The search text is too long.")
	}
	list, err := s.cfg.Store.Sessions(r.Context(), s.filter(q))
	if err != nil {
		return err
	}
	view := sessionsPage{
		adminLayout: s.adminLayout("Sessions · Introspect", "sessions", who), Filters: filterLinks(q), Status: q.Status, Query: q.Query,
		Narrowed: q.narrowed(), Asked: q, Models: modelOptions(q.Model), Notice: actedWords(r.FormValue("done")),
	}
	if q.Before != "" {
		first := q
		first.Before = ""
		view.Newest = first.address()
	}
	if len(list) > sessionsPerPage {
		list = list[:sessionsPerPage]
		next := q
		next.Before = list[len(list)-1].ID
		view.Older = next.address()
	}
	for _, sum := range list {
		row, err := s.sessionRow(r, sum)
		if err != nil {
			return err
		}
		view.Rows = append(view.Rows, row)
	}
	if view.Held, err = s.heldRows(r); err != nil {
		return err
	}
	// Names are personal data, and reading them leaves a trace (DOMAIN 8.9).
	if len(list)+len(view.Held) > 0 {
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

func filterLinks(q sessionQuery) []filterLink {
	q.Before = ""
	var links []filterLink
	for _, st := range []intake.Status{"", intake.InProgress, intake.Completed, intake.Abandoned} {
		own := q
		own.Status = string(st)
		label := "All"
		if st != "" {
			label = words(string(st))
		}
		links = append(links, filterLink{Label: label, Address: own.address(), Current: own.Status == q.Status})
	}
	return links
}

// auditPage is templates/admin/audit.html.
type auditPage struct {
	adminLayout
	Entries []auditRow
}

type auditRow struct {
	At                    moment
	Actor, Action, Object string
	Who, Whom             string // names of the admins that the log knows by id; empty: none of today's
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
	names, err := s.userNames(r.Context())
	if err != nil {
		return err
	}
	view := auditPage{adminLayout: s.adminLayout("Audit log · Introspect", "audit", who)}
	for _, e := range entries {
		row := auditRow{
			At: s.moment(e.At), Actor: e.Actor, Action: words(e.Action), Object: e.Object,
			Who: names[strings.TrimPrefix(e.Actor, "admin:")], Whom: names[strings.TrimPrefix(e.Object, "user:")],
		}
		if e.Action == "login_failed" {
			row.Mark = "warning"
		}
		view.Entries = append(view.Entries, row)
	}
	return s.render(w, http.StatusOK, "admin/audit", view)
}

// userNames are the names of the admins, by id.
func (s *Server) userNames(ctx context.Context) (map[string]string, error) {
	users, err := s.cfg.Store.Users(ctx)
	out := make(map[string]string, len(users))
	for _, u := range users {
		out[u.ID] = u.Name
	}
	return out, err
}

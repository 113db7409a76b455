package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/summary"
)

// visitRoutes lists the pages about single visits.
func (s *Server) visitRoutes() []route {
	return []route{
		{"GET /admin/sessions/{id}/replay", s.forAdmin(s.adminTranscript), page, free},
		{"GET /admin/visits", s.forAdmin(s.adminVisits), page, free},
		{"POST /admin/visits/{id}", s.forAdmin(s.adminJudge), page, relaxed},
	}
}

// visitsPerPage is the length of a page of the list of visits.
const visitsPerPage = 25

// visitsPage is templates/admin/visits.html.
type visitsPage struct {
	adminLayout
	Filters []filterLink
	Rows    []visitRow
	Asked   visitQuery
	Older   string // address of the next page; empty on the last
	Newest  string // address of the first page; empty on it
	Back    string // query of this page, for coming back to it
	Stopped string // which visits of the funnel these are; empty for others
	Notice  string
}

// visitRow is one visit of the list.
type visitRow struct {
	ID       string
	Address  string // of its interview; empty without one
	Reached  string
	Maker    string
	Mark     string
	Reasons  []string
	LastSeen moment
	Program  bool // it counts as one of a program
	Events   int
}

// visitQuery is which visits the list shows.
type visitQuery struct {
	Show   string // "", judged or all
	ID     event.SessionID
	Before event.SessionID
	// Stage is the stage of the funnel before which they stopped, in the view
	// after it; empty: any.
	Stage event.Name
	// Question is the number of the question at which they stopped or stand, in
	// the view; 0: any.
	Question int
	Tried    bool // only those of the view with injection attempts
	View     viewRequest
}

// narrow reports whether the list is one of a view.
func (q visitQuery) narrow() bool { return q.Stage != "" || q.Question > 0 || q.Tried }

func (s *Server) readVisitQuery(r *http.Request) visitQuery {
	q := visitQuery{Before: event.SessionID(clip(r.FormValue("before"), maxSearch)), ID: event.SessionID(clip(strings.TrimSpace(r.FormValue("id")), maxSearch))}
	if show := r.FormValue("show"); show == "all" || show == "judged" {
		q.Show = show
	}
	if place, ok := metric.StageOf(event.Name(r.FormValue("stage"))); ok && place > 0 {
		q.Stage = event.Name(r.FormValue("stage"))
	}
	q.Question, q.Tried = questionNumber(r), r.FormValue("attempts") == "yes"
	if q.narrow() {
		q.View = s.view(r)
	}
	return q
}

func (q visitQuery) address() string {
	v := url.Values{}
	if q.narrow() {
		v, _ = url.ParseQuery(q.View.shown) // we wrote it
	}
	for name, value := range map[string]string{"show": q.Show, "id": string(q.ID), "before": string(q.Before), "stage": string(q.Stage)} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.Question > 0 {
		v.Set("question", strconv.Itoa(q.Question))
	}
	if q.Tried {
		v.Set("attempts", "yes")
	}
	if len(v) == 0 {
		return "/admin/visits"
	}
	return "/admin/visits?" + v.Encode()
}

// words say which visits of a view these are; nothing for other lists.
func (q visitQuery) words() string {
	if !q.narrow() {
		return ""
	}
	var parts []string
	if q.Stage != "" {
		parts = append(parts, "Stopped before "+summary.Stage(string(q.Stage)))
	}
	if q.Question > 0 {
		parts = append(parts, "Stopped or still open at question "+strconv.Itoa(q.Question))
	}
	if q.Tried {
		parts = append(parts, "With injection attempts")
	}
	parts = append(parts, q.View.words())
	for _, l := range q.View.Labels() {
		parts = append(parts, dimensionWords(l.Dimension)+": "+words(l.Value))
	}
	return strings.Join(parts, ", ")
}

// visits reads one page more by one.
func (s *Server) visits(r *http.Request, q visitQuery) ([]store.Visit, error) {
	if q.narrow() {
		place, _ := metric.StageOf(q.Stage) // 0 without a stage
		return s.cfg.Store.Visits(r.Context(), store.VisitFilter{
			Stopped: place, Question: q.Question, Tried: q.Tried, View: q.View.View, Before: q.Before, Limit: visitsPerPage + 1,
		})
	}
	f := store.VisitFilter{Marked: q.Show != "all" && q.ID == "", ID: q.ID, Before: q.Before, Limit: visitsPerPage + 1}
	if q.Show != "judged" || q.ID != "" {
		return s.cfg.Store.Visits(r.Context(), f)
	}
	var both []store.Visit
	for _, maker := range []metric.Maker{metric.JudgedPerson, metric.JudgedProgram} {
		f.Maker = maker
		list, err := s.cfg.Store.Visits(r.Context(), f)
		if err != nil {
			return nil, err
		}
		both = append(both, list...)
	}
	slices.SortFunc(both, func(a, b store.Visit) int {
		if c := b.LastSeen.Compare(a.LastSeen); c != 0 {
			return c
		}
		return strings.Compare(string(b.ID), string(a.ID))
	})
	return both[:min(len(both), visitsPerPage+1)], nil
}

// adminVisits lists visits that look like those of programs, with the reasons,
// and what people said of any: GET /admin/visits.
func (s *Server) adminVisits(w http.ResponseWriter, r *http.Request, who staff) error {
	q := s.readVisitQuery(r)
	list, err := s.visits(r, q)
	if err != nil {
		return err
	}
	view := visitsPage{adminLayout: s.adminLayout("Visits · Introspect", "sessions", who), Asked: q, Notice: judgedWords(r.FormValue("done"))}
	for _, show := range []struct{ name, label string }{{"", "Programs"}, {"judged", "Decided by hand"}, {"all", "All visits"}} {
		view.Filters = append(view.Filters, filterLink{show.label, visitQuery{Show: show.name}.address(), q.ID == "" && !q.narrow() && q.Show == show.name})
	}
	_, view.Back, _ = strings.Cut(q.address(), "?")
	view.Stopped = q.words()
	page := q
	if page.Before = ""; q.Before != "" {
		view.Newest = page.address()
	}
	if len(list) > visitsPerPage {
		list = list[:visitsPerPage]
		page.Before = list[len(list)-1].ID
		view.Older = page.address()
	}
	for _, v := range list {
		evs, err := s.cfg.Store.Events(r.Context(), v.ID)
		if err != nil {
			return err
		}
		view.Rows = append(view.Rows, s.visitRow(v, evs))
	}
	return s.render(w, http.StatusOK, "admin/visits", view)
}

func (s *Server) visitRow(v store.Visit, evs []store.StoredEvent) visitRow {
	row := visitRow{ID: string(v.ID), LastSeen: s.moment(v.LastSeen), Reasons: botReasons(evs), Events: len(evs), Reached: "Looked around"}
	switch {
	case v.Completed:
		row.Reached = "Finished the interview"
	case v.Started:
		row.Reached = "Began the interview"
	}
	if v.Conducted && v.Started {
		row.Address = "/admin/sessions/" + url.PathEscape(row.ID)
	}
	switch v.Maker {
	case metric.Marked:
		row.Maker, row.Mark, row.Program = "Program, by its marks", "warning", true
	case metric.JudgedProgram:
		row.Maker, row.Mark, row.Program = "Program, as you said", "warning", true
	case metric.JudgedPerson:
		row.Maker, row.Mark = "Person, as you said", "good"
	case metric.Unmarked:
		row.Maker = "Person"
	}
	return row
}

// botReasons lists in words why a visit looks automated, each reason once.
func botReasons(evs []store.StoredEvent) []string {
	var out []string
	add := func(reason string) {
		if reason = reasonWords(reason); reason != "" && !slices.Contains(out, reason) {
			out = append(out, reason)
		}
	}
	for _, e := range evs {
		for reason := range strings.SplitSeq(e.Bot, ",") {
			add(reason)
		}
		if e.Name == event.NameLandingView {
			for _, d := range details(e.Properties) {
				if d.Name == "bot" {
					add(d.Value)
				}
			}
		}
	}
	return out
}

// reasonWords says a reason for people. The reasons are those of package ingest
// and of our own landing page; others are shown as they are.
func reasonWords(reason string) string {
	kind, name, _ := strings.Cut(reason, ":")
	switch name = strings.TrimSpace(name); kind {
	case "webdriver":
		return "The browser says that a program drives it"
	case "speed":
		return "Faster than anybody can read and type"
	case "headless":
		return "A browser without a window (" + name + ")"
	case "agent", "user agent":
		return "It calls itself a program (" + name + ")"
	case "no user agent":
		return "It does not say what it is"
	}
	return clip(reason, 100)
}

// judgedWords confirms what was done.
func judgedWords(done string) string {
	switch done {
	case event.MakerPerson:
		return "The visit counts as one of a person now, in every figure."
	case event.MakerProgram:
		return "The visit counts as one of a program now, and in no figure."
	}
	return ""
}

// adminJudge takes the word of a person about a visit: POST /admin/visits/{id}.
func (s *Server) adminJudge(w http.ResponseWriter, r *http.Request, who staff) error {
	id, maker := r.PathValue("id"), r.FormValue("maker")
	if maker != event.MakerPerson && maker != event.MakerProgram {
		return badRequest("A visit is made by a person or by a program. Nothing was changed; please go back and choose.")
	}
	if err := s.cfg.Store.Judge(r.Context(), event.SessionID(id), maker == event.MakerProgram, s.now()); err != nil {
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, "visit_judged_"+maker, "session:"+id); err != nil {
		return err
	}
	back, err := url.ParseQuery(r.FormValue("back"))
	if err != nil {
		back = nil
	}
	r.Form = back
	if back.Get("session") != "" {
		http.Redirect(w, r, "/admin/sessions/"+url.PathEscape(id)+"?done="+maker, http.StatusSeeOther)
		return nil
	}
	to := s.readVisitQuery(r).address()
	sep := "?"
	if strings.Contains(to, "?") {
		sep = "&"
	}
	http.Redirect(w, r, to+sep+"done="+maker, http.StatusSeeOther)
	return nil
}

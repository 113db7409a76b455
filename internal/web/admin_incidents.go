package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"applicreations.com/introspect/internal/status"
)

// The longest texts of an incident, in characters.
const (
	maxTitle = 120
	maxText  = 4000
)

// incidentsSince is how far back the list goes, in days.
const incidentsSince = 365

// incidentsPage is templates/admin/incidents.html.
type incidentsPage struct {
	adminLayout
	Rows  []incidentRow
	Error string
	Form  incidentForm
}

// incidentRow is one line of the list.
type incidentRow struct {
	Link, Title, Word, Mark, Impact, Cause string
	At                                     moment
}

// incidentForm is what a form about an incident shows.
type incidentForm struct {
	Title, Body string
	Impact      status.Impact
	Impacts     []status.Impact
	Parts       []partChoice
}

// partChoice is one component to tick.
type partChoice struct {
	ID, Name string
	Chosen   bool
}

func partChoices(chosen []status.Component) []partChoice {
	var out []partChoice
	for _, c := range status.Components() {
		out = append(out, partChoice{string(c), c.Name(), slices.Contains(chosen, c)})
	}
	return out
}

// incidentPage is templates/admin/incident.html.
type incidentPage struct {
	adminLayout
	ID              string
	Incident        incidentView
	Draft, Open     bool
	Body, Cause     string
	Alert           string // the rule that drafted it
	Word, Mark      string
	Created         moment
	Form            incidentForm
	Phases          []status.Phase
	Error           string
	GivenText       string
	GivenPostmortem string
}

// adminIncidents lists the incidents: GET /admin/incidents.
func (s *Server) adminIncidents(w http.ResponseWriter, r *http.Request, who staff) error {
	return s.showIncidents(w, r, who, http.StatusOK, status.Incident{Impact: status.Minor}, "")
}

func (s *Server) showIncidents(w http.ResponseWriter, r *http.Request, who staff, code int, given status.Incident, fault string) error {
	list, err := s.cfg.Store.Incidents(r.Context(), s.now().AddDate(0, 0, -incidentsSince))
	if err != nil {
		return err
	}
	page := incidentsPage{adminLayout: s.adminLayout("Incidents · Introspect", "operations", who), Error: fault, Form: formOf(given)}
	for _, i := range list {
		row := incidentRow{Link: "/admin/incidents/" + i.ID, Title: i.Title, Impact: words(string(i.Impact)), Cause: i.Cause, At: s.moment(i.CreatedAt)}
		row.Word, row.Mark = incidentWord(i)
		page.Rows = append(page.Rows, row)
	}
	return s.render(w, code, "admin/incidents", page)
}

func formOf(i status.Incident) incidentForm {
	return incidentForm{Title: i.Title, Body: i.Body, Impact: i.Impact, Impacts: status.Impacts(), Parts: partChoices(i.Components)}
}

func incidentWord(i status.Incident) (word, mark string) {
	switch {
	case !i.DiscardedAt.IsZero():
		return "Discarded", ""
	case i.Draft():
		return "Draft", ""
	case i.Open():
		return words(string(i.Phase())), "critical"
	}
	return "Resolved", "good"
}

// given reads the form of an incident, and says what is wrong with it.
func givenIncident(r *http.Request) (i status.Incident, fault string) {
	i = status.Incident{
		Title: strings.Join(strings.Fields(r.FormValue("title")), " "), Body: plainText(r.FormValue("body")), Impact: status.Impact(r.FormValue("impact")),
		Components: givenParts(r),
	}
	switch {
	case i.Title == "" || utf8.RuneCountInString(i.Title) > maxTitle:
		return i, "An incident needs a title of at most 120 characters."
	case utf8.RuneCountInString(i.Body) > maxText:
		return i, "The text may have 4,000 characters at most."
	case !i.Impact.Known():
		i.Impact = status.Minor
		return i, "Please choose how bad it is."
	}
	return i, ""
}

func givenParts(r *http.Request) (out []status.Component) {
	for _, id := range r.Form["part"] {
		if c := status.Component(id); c.Known() && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// plainText keeps the lines of a text, and nothing that cannot be seen.
func plainText(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && r < ' ' || r == utf8.RuneError {
			return -1
		}
		return r
	}, text))
}

// adminIncidentAdd drafts an incident: POST /admin/incidents.
func (s *Server) adminIncidentAdd(w http.ResponseWriter, r *http.Request, who staff) error {
	given, fault := givenIncident(r)
	if fault != "" {
		return s.showIncidents(w, r, who, http.StatusUnprocessableEntity, given, fault+" Nothing was kept.")
	}
	id, err := s.cfg.Store.AddIncident(r.Context(), given)
	if err != nil {
		return err
	}
	return s.incidentDone(w, r, who, "incident_drafted", id)
}

// incidentDone records an act, makes the status page fresh and shows the
// incident.
func (s *Server) incidentDone(w http.ResponseWriter, r *http.Request, who staff, action, id string) error {
	s.status.forget()
	if err := s.cfg.Account.Audit(r.Context(), who.User, action, "incident:"+id); err != nil {
		return err
	}
	http.Redirect(w, r, "/admin/incidents/"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}

// adminIncident shows one incident: GET /admin/incidents/{id}.
func (s *Server) adminIncident(w http.ResponseWriter, r *http.Request, who staff) error {
	i, err := s.cfg.Store.Incident(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.showIncident(w, who, http.StatusOK, i, i, "")
}

func (s *Server) showIncident(w http.ResponseWriter, who staff, code int, i, given status.Incident, fault string) error {
	page := incidentPage{
		adminLayout: s.adminLayout(i.Title+" · Introspect", "operations", who), ID: i.ID, Incident: s.incidentView(i), Draft: i.Draft(), Open: i.Open(),
		Body: i.Body, Cause: i.Cause, Created: s.moment(i.CreatedAt), Form: formOf(given), Phases: status.Phases(), Error: fault,
	}
	page.Word, page.Mark = incidentWord(i)
	page.Alert, _ = strings.CutPrefix(i.Cause, status.CausedByAlert)
	if page.Alert == i.Cause {
		page.Alert = ""
	}
	return s.render(w, code, "admin/incident", page)
}

// adminIncidentChange edits, publishes, updates, resolves, explains or discards
// an incident: POST /admin/incidents/{id}.
func (s *Server) adminIncidentChange(w http.ResponseWriter, r *http.Request, who staff) error {
	id := r.PathValue("id")
	i, err := s.cfg.Store.Incident(r.Context(), id)
	if err != nil {
		return err
	}
	refuse := func(given status.Incident, fault string) error {
		return s.showIncident(w, who, http.StatusUnprocessableEntity, i, given, fault+" Nothing was changed.")
	}
	text := plainText(r.FormValue("text"))
	do := r.FormValue("do")
	needsText := do == "publish" || do == "update" || do == "postmortem"
	if needsText && (text == "" || utf8.RuneCountInString(text) > maxText) {
		return refuse(i, "Visitors need a text of at most 4,000 characters.")
	}
	st, action := s.cfg.Store, ""
	switch do {
	case "edit":
		given, fault := givenIncident(r)
		if fault != "" {
			return refuse(given, fault)
		}
		given.ID = id
		action, err = "incident_edited", st.EditIncident(r.Context(), given)
	case "publish":
		action, err = "incident_published", st.PublishIncident(r.Context(), id, text)
	case "update":
		phase := status.Phase(r.FormValue("phase"))
		if !phase.Known() {
			return refuse(i, "Please choose how far the work is.")
		}
		action, err = "incident_updated", st.UpdateIncident(r.Context(), id, phase, text)
		if phase == status.Resolved {
			action = "incident_resolved"
		}
	case "postmortem":
		action, err = "incident_postmortem", st.Postmortem(r.Context(), id, text)
	case "discard":
		action, err = "incident_discarded", st.DiscardIncident(r.Context(), id)
	default:
		return badRequest("There is no such thing to do with an incident.")
	}
	if err != nil {
		return err
	}
	return s.incidentDone(w, r, who, action, id)
}

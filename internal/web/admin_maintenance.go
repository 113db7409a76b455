package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/status"
)

// localForm is how a browser writes a date and a time of day.
const localForm = "2006-01-02T15:04"

// adminMaintenancePage is templates/admin/maintenance.html.
type adminMaintenancePage struct {
	adminLayout
	On, Emergency    bool
	Message          string
	Since            moment
	Until            *moment
	Rollback         string
	Planned          []plannedView
	Parts            []partChoice
	Window           status.Window
	From, To         string
	Days             []dayChoice
	Next             *plannedView
	Zone             string
	Error            string
	GivenTitle       string // given, when something was wrong with them
	GivenText        string
	GivenStart       string
	GivenEnd         string
	EmergencyMinutes int
}

type dayChoice struct {
	Number int
	Name   string
	Chosen bool
}

// adminMaintenance shows the switch, what is planned and the weekly window:
// GET /admin/maintenance.
func (s *Server) adminMaintenance(w http.ResponseWriter, r *http.Request, who staff) error {
	return s.showMaintenance(w, r, who, http.StatusOK, "")
}

func (s *Server) showMaintenance(w http.ResponseWriter, r *http.Request, who staff, code int, fault string) error {
	s.switchboard.forget()
	m, now := s.mode(r.Context()), s.now()
	page := adminMaintenancePage{
		adminLayout: s.adminLayout("Maintenance · Introspect", "operations", who), Zone: s.cfg.Zone.String(), Error: fault, EmergencyMinutes: int(status.EmergencyLimit.Minutes()),
		GivenTitle: r.FormValue("title"), GivenText: r.FormValue("text"), GivenStart: r.FormValue("start"), GivenEnd: r.FormValue("end"), Message: r.FormValue("message"), Rollback: r.FormValue("rollback"),
	}
	if page.On = m.Active(now); page.On {
		page.Emergency, page.Message, page.Rollback, page.Since = m.Emergency, m.Message, m.Rollback, s.moment(m.Since)
		if !m.Until.IsZero() {
			at := s.moment(m.Until)
			page.Until = &at
		}
	}
	list, err := s.cfg.Store.Maintenances(r.Context(), now)
	if err != nil {
		return err
	}
	page.Planned = s.statusView(status.Build(status.Input{Now: now, Zone: s.cfg.Zone, Maintenances: list})).Planned
	page.Parts = partChoices(givenParts(r))
	if page.Window, err = s.cfg.Store.Window(r.Context()); err != nil {
		return err
	}
	page.From, page.To = dayTime(page.Window.From), dayTime(page.Window.To)
	for d := range 7 {
		page.Days = append(page.Days, dayChoice{d, time.Weekday(d).String(), time.Weekday(d) == page.Window.Weekday})
	}
	if start, end, ok := page.Window.Next(now); ok {
		from, til := s.moment(start), s.moment(end)
		page.Next = &plannedView{Start: from, End: til, SameDay: from.Day == til.Day}
	}
	return s.render(w, code, "admin/maintenance", page)
}

func dayTime(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60%24, minutes%60) }

// minutesOf reads a time of day; 00:00 as an end is midnight.
func minutesOf(text string, end bool) int {
	at, err := time.Parse("15:04", text)
	if err != nil {
		return -1
	}
	n := at.Hour()*60 + at.Minute()
	if end && n == 0 {
		n = 24 * 60
	}
	return n
}

// adminMaintenanceChange does what a form of the page asks: POST
// /admin/maintenance.
func (s *Server) adminMaintenanceChange(w http.ResponseWriter, r *http.Request, who staff) error {
	if err := r.ParseForm(); err != nil {
		return readProblem(err)
	}
	var action, object, fault string
	var err error
	switch r.FormValue("do") {
	case "on", "emergency":
		action, fault, err = s.switchOn(r)
	case "off":
		action, err = "maintenance_off", s.cfg.Store.SetMode(r.Context(), status.Mode{})
	case "plan":
		action, object, fault, err = s.planMaintenance(r)
	case "cancel":
		action, object = "maintenance_cancelled", r.FormValue("id")
		err = s.cfg.Store.CancelMaintenance(r.Context(), object)
	case "window":
		action, fault, err = s.setWindow(r)
	default:
		return badRequest("There is no such thing to do with maintenance.")
	}
	if err != nil {
		return err
	}
	if fault != "" {
		return s.showMaintenance(w, r, who, http.StatusUnprocessableEntity, fault+" Nothing was changed.")
	}
	s.switchboard.forget()
	s.status.forget()
	if err := s.cfg.Account.Audit(r.Context(), who.User, action, object); err != nil {
		return err
	}
	http.Redirect(w, r, "/admin/maintenance", http.StatusSeeOther)
	return nil
}

// switchOn keeps visitors out. An emergency needs a way back, and ends by
// itself.
func (s *Server) switchOn(r *http.Request) (action, fault string, err error) {
	now := s.now()
	m := status.Mode{On: true, Message: plainText(r.FormValue("message")), Since: now}
	if utf8.RuneCountInString(m.Message) > 500 {
		return "", "The message may have 500 characters at most.", nil
	}
	if text := r.FormValue("until"); text != "" {
		if m.Until = s.localTime(text); !m.Until.After(now) {
			return "", "The end has to be a time in the future.", nil
		}
	}
	action = "maintenance_on"
	if r.FormValue("do") == "emergency" {
		rollback := plainText(r.FormValue("rollback"))
		if rollback == "" || utf8.RuneCountInString(rollback) > maxText {
			return "", "An emergency needs a plan for the way back.", nil
		}
		m, action = status.Emergency(m.Message, rollback, now, m.Until), "maintenance_emergency"
	}
	return action, "", s.cfg.Store.SetMode(r.Context(), m)
}

// localTime reads what a browser sent for a date and a time of day; zero when
// it is none.
func (s *Server) localTime(text string) time.Time {
	at, err := time.ParseInLocation(localForm, text, s.cfg.Zone)
	if err != nil {
		return time.Time{}
	}
	return at
}

// planMaintenance announces work.
func (s *Server) planMaintenance(r *http.Request) (action, id, fault string, err error) {
	m := status.Maintenance{Title: strings.Join(strings.Fields(r.FormValue("title")), " "), Text: plainText(r.FormValue("text")), Components: givenParts(r)}
	m.Start, m.End = s.localTime(r.FormValue("start")), s.localTime(r.FormValue("end"))
	switch {
	case m.Title == "" || utf8.RuneCountInString(m.Title) > maxTitle:
		return "", "", "Maintenance needs a title of at most 120 characters.", nil
	case m.Text == "" || utf8.RuneCountInString(m.Text) > maxText:
		return "", "", "Visitors need a text of at most 4,000 characters.", nil
	case m.Start.IsZero() || !m.End.After(m.Start):
		return "", "", "Maintenance needs a begin and an end after it.", nil
	case !m.End.After(s.now()):
		return "", "", "The end has passed already.", nil
	case len(m.Components) == 0:
		return "", "", "Please choose what is affected.", nil
	}
	id, err = s.cfg.Store.PlanMaintenance(r.Context(), m)
	return "maintenance_planned", id, "", err
}

// setWindow changes the weekly window.
func (s *Server) setWindow(r *http.Request) (action, fault string, err error) {
	day, err := strconv.Atoi(r.FormValue("weekday"))
	if err != nil {
		day = -1
	}
	win := status.Window{
		Enabled: r.FormValue("enabled") != "", Weekday: time.Weekday(day), From: minutesOf(r.FormValue("from"), false), To: minutesOf(r.FormValue("to"), true),
		Zone: strings.TrimSpace(r.FormValue("zone")),
	}
	if wrong := win.Check(); wrong != nil {
		return "", words(wrong.Error()) + ".", nil
	}
	return "maintenance_window", "", s.cfg.Store.SetWindow(r.Context(), win)
}

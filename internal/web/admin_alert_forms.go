package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/watch"
)

// adminAlertEdit changes a rule: POST /admin/alerts/{id}.
func (s *Server) adminAlertEdit(w http.ResponseWriter, r *http.Request, who staff) error {
	if r.FormValue("do") == "try" {
		return s.adminAlertTry(w, r, who)
	}
	id := alert.RuleID(r.PathValue("id"))
	e, given, fault := ruleEdit(r)
	var err error
	if fault == "" {
		err = s.cfg.Watch.EditRule(r.Context(), id, e, who.ID)
	}
	var bad *alert.Invalid
	switch {
	case errors.As(err, &bad):
		fault = strings.Join(bad.Reasons, "; ") + "."
	case errors.Is(err, store.ErrExists):
		fault = "Somebody else changed the rule at the same moment. Look at it and try again."
	case errors.Is(err, watch.ErrNoRule):
		return notFound()
	case err != nil:
		return err
	}
	if fault != "" {
		given.Error = "Nothing was changed: " + fault
		return s.showAlert(w, r, who, http.StatusUnprocessableEntity, given)
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, "alert_rule_edited", "rule:"+string(id)); err != nil {
		return err
	}
	return s.afterRound(w, r, "/admin/alerts/"+url.PathEscape(string(id)))
}

// afterRound makes a round, so that the page that follows shows the change.
func (s *Server) afterRound(w http.ResponseWriter, r *http.Request, to string) error {
	if err := s.cfg.Watch.Tick(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// ruleEdit reads the form of a rule.
func ruleEdit(r *http.Request) (e watch.Edit, given alertPage, fault string) {
	given.Value, given.For = r.FormValue("limit"), r.FormValue("for")
	switch r.FormValue("do") {
	case "enable", "disable":
		on := r.FormValue("do") == "enable"
		return watch.Edit{Enabled: &on}, given, ""
	}
	e, fault = readEdit(given.Value, cmp.Or(given.For, "nothing"))
	return e, given, fault
}

// readEdit reads a limit and a duration; an empty one stays as it is.
func readEdit(limit, hold string) (e watch.Edit, fault string) {
	if limit != "" {
		v, err := strconv.ParseFloat(strings.TrimSpace(limit), 64)
		if err != nil {
			return e, "the limit must be a number, such as 0.05."
		}
		e.Limit = &v
	}
	if hold != "" {
		var d condition.Duration
		if err := d.UnmarshalText([]byte(strings.TrimSpace(hold))); err != nil {
			return e, err.Error() + "."
		}
		e.For = &d
	}
	return e, ""
}

// snoozeOf reads for how long a trouble is put off, 0 when it is taken on, and what the
// audit log calls that.
func snoozeOf(r *http.Request) (snooze time.Duration, act string) {
	if r.FormValue("do") == "snooze" {
		return time.Hour, "alert_snoozed"
	}
	return 0, "alert_taken"
}

// adminAlertTake takes an open trouble on, or puts it off: POST
// /admin/alerts/{id}/take.
func (s *Server) adminAlertTake(w http.ResponseWriter, r *http.Request, who staff) error {
	snooze, act := snoozeOf(r)
	episode := alert.EpisodeID(r.FormValue("episode"))
	err := s.cfg.Watch.Acknowledge(r.Context(), episode, who.Name, snooze)
	if err != nil && !errors.Is(err, store.ErrNotFound) { // one that is over needs nobody
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, act, "alert:"+string(episode)); err != nil {
		return err
	}
	return s.afterRound(w, r, "/admin/alerts/"+url.PathEscape(r.PathValue("id")))
}

// adminAlertTest tells a channel a test: POST /admin/alerts/test.
func (s *Server) adminAlertTest(w http.ResponseWriter, r *http.Request, _ staff) error {
	key, err := s.cfg.Watch.Test(r.Context(), alert.Channel(r.FormValue("channel")))
	if errors.Is(err, store.ErrNotFound) {
		return badRequest("There is no such channel.")
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/admin/alerts?tested="+url.QueryEscape(key), http.StatusSeeOther)
	return nil
}

// silencesPage is templates/admin/silences.html.
type silencesPage struct {
	adminLayout
	Silences []silenceRow
	Windows  []windowRow
	Rules    []alert.Rule
	Groups   []string
	Days     []time.Weekday
	Zone     string
	Error    string
	Given    silenceGiven
}

type silenceRow struct {
	ID, Match, Author, Reason string
	Until                     moment
	Soon                      bool // its author should be asked whether it is still needed
}

type windowRow struct{ ID, Name, When, Zone string }

// silenceGiven is what somebody entered.
type silenceGiven struct{ What, Hours, Reason string }

// adminSilences lists what is kept back: GET /admin/silences.
func (s *Server) adminSilences(w http.ResponseWriter, r *http.Request, who staff) error {
	given := silenceGiven{Hours: "1"}
	if id := r.FormValue("rule"); id != "" {
		given.What = "rule:" + id
	}
	return s.showSilences(w, r, who, http.StatusOK, given, "")
}

func (s *Server) showSilences(w http.ResponseWriter, r *http.Request, who staff, status int, given silenceGiven, fault string) error {
	p := silencesPage{adminLayout: s.adminLayout("Silences · Introspect", "alerts", who), Zone: s.cfg.Zone.String(), Error: fault, Given: given}
	now := s.now()
	list, err := s.cfg.Store.Silences(r.Context(), now)
	if err != nil {
		return err
	}
	for _, q := range list {
		if !q.EndedAt.IsZero() {
			continue
		}
		p.Silences = append(p.Silences, silenceRow{
			ID: q.ID, Match: s.matchWords(q.Match), Author: q.Author, Reason: q.Reason, Until: s.moment(q.To), Soon: !now.Before(q.RemindAt()),
		})
	}
	windows, err := s.cfg.Store.AlertWindows(r.Context())
	if err != nil {
		return err
	}
	for _, win := range windows {
		p.Windows = append(p.Windows, windowRow{win.ID, win.Name, windowWords(win.Window), win.ZoneName})
	}
	seen := map[string]bool{}
	for _, v := range s.cfg.Watch.Board().Rules {
		p.Rules = append(p.Rules, v.Rule)
		if !seen[v.Rule.Group] {
			seen[v.Rule.Group] = true
			p.Groups = append(p.Groups, v.Rule.Group)
		}
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		p.Days = append(p.Days, d)
	}
	return s.render(w, status, "admin/silences", p)
}

// matchWords says what a silence keeps back: a rule by its title.
func (s *Server) matchWords(list []alert.Matcher) string {
	var names []string
	for _, m := range list {
		name := m.Label + " " + m.Value
		if v, known := s.cfg.Watch.Board().Rule(alert.RuleID(m.Value)); m.Label == "rule" && known {
			name = v.Rule.Title
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

func windowWords(win alert.Window) string {
	days := "Every day"
	if len(win.Days) > 0 {
		var names []string
		for _, d := range win.Days {
			names = append(names, d.String())
		}
		days = strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s, %02d:%02d to %02d:%02d", days, int(win.From)/60, int(win.From)%60, int(win.To)/60, int(win.To)%60)
}

// adminSilenceAdd keeps alerts back: POST /admin/silences.
func (s *Server) adminSilenceAdd(w http.ResponseWriter, r *http.Request, who staff) error {
	given := silenceGiven{r.FormValue("what"), r.FormValue("hours"), strings.Join(strings.Fields(r.FormValue("reason")), " ")}
	hours, err := strconv.Atoi(given.Hours)
	if err != nil {
		hours = 0 // refused below
	}
	now := s.now().UTC()
	q := alert.Silence{Author: who.Name, Reason: given.Reason, From: now, To: now.Add(time.Duration(hours) * time.Hour)}
	if label, value, ok := strings.Cut(given.What, ":"); ok && (label == "rule" || label == "group" || label == "severity") {
		q.Match = []alert.Matcher{{Label: label, Value: value}}
	}
	id, err := s.cfg.Watch.Silence(r.Context(), q)
	var bad *watch.BadSilence
	if errors.As(err, &bad) {
		return s.showSilences(w, r, who, http.StatusUnprocessableEntity, given, "Nothing is kept back: "+bad.Error()+".")
	}
	if err != nil {
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, "alerts_silenced", "silence:"+id); err != nil {
		return err
	}
	return s.afterRound(w, r, "/admin/silences")
}

// adminSilenceEnd ends a silence: POST /admin/silences/{id}/end.
func (s *Server) adminSilenceEnd(w http.ResponseWriter, r *http.Request, who staff) error {
	id := r.PathValue("id")
	if err := s.cfg.Watch.EndSilence(r.Context(), id); err != nil && !errors.Is(err, store.ErrNotFound) { // it is over anyway
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, "alerts_silence_ended", "silence:"+id); err != nil {
		return err
	}
	return s.afterRound(w, r, "/admin/silences")
}

// adminWindowAdd keeps alerts back every week: POST /admin/windows.
func (s *Server) adminWindowAdd(w http.ResponseWriter, r *http.Request, who staff) error {
	win := alert.Window{Name: strings.Join(strings.Fields(r.FormValue("name")), " "), ZoneName: cmp.Or(strings.TrimSpace(r.FormValue("zone")), s.cfg.Zone.String())}
	day, err := strconv.Atoi(r.FormValue("day"))
	if err == nil && day >= 0 && day <= 6 {
		win.Days = []time.Weekday{time.Weekday(day)}
	}
	err = errors.Join(win.From.UnmarshalText([]byte(r.FormValue("from"))), win.To.UnmarshalText([]byte(r.FormValue("to"))))
	if err != nil || win.Name == "" || win.From == win.To {
		return s.showSilences(w, r, who, http.StatusUnprocessableEntity, silenceGiven{Hours: "1"}, "Nothing was added: a window needs a name, a beginning and another end, such as 02:00 and 04:00.")
	}
	if _, err := time.LoadLocation(win.ZoneName); err != nil {
		return s.showSilences(w, r, who, http.StatusUnprocessableEntity, silenceGiven{Hours: "1"}, fmt.Sprintf("Nothing was added: %q is no time zone; choose a name such as Europe/Berlin.", win.ZoneName))
	}
	id, err := s.cfg.Watch.AddWindow(r.Context(), win)
	if err != nil {
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, "alert_window_added", "window:"+id); err != nil {
		return err
	}
	return s.afterRound(w, r, "/admin/silences")
}

// adminWindowRemove ends a weekly window: POST /admin/windows/{id}/remove.
func (s *Server) adminWindowRemove(w http.ResponseWriter, r *http.Request, who staff) error {
	id := r.PathValue("id")
	if err := s.cfg.Watch.RemoveWindow(r.Context(), id); err != nil && !errors.Is(err, store.ErrNotFound) { // it is gone anyway
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, "alert_window_removed", "window:"+id); err != nil {
		return err
	}
	return s.afterRound(w, r, "/admin/silences")
}

package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/watch"
)

// alertRoutes lists the pages of the alerts; none where nothing is watched.
func (s *Server) alertRoutes() []route {
	if s.cfg.Watch == nil {
		return nil
	}
	return []route{
		{"GET /admin/alerts", s.forAdmin(s.adminAlerts), page, free},
		{"POST /admin/alerts/test", s.forAdmin(s.adminAlertTest), page, relaxed},
		{"GET /admin/alerts/{id}", s.forAdmin(s.adminAlert), page, free},
		{"POST /admin/alerts/{id}", s.forAdmin(s.adminAlertEdit), page, relaxed},
		{"POST /admin/alerts/{id}/take", s.forAdmin(s.adminAlertTake), page, relaxed},
		{"GET /admin/silences", s.forAdmin(s.adminSilences), page, free},
		{"POST /admin/silences", s.forAdmin(s.adminSilenceAdd), page, relaxed},
		{"POST /admin/silences/{id}/end", s.forAdmin(s.adminSilenceEnd), page, relaxed},
		{"POST /admin/windows", s.forAdmin(s.adminWindowAdd), page, relaxed},
		{"POST /admin/windows/{id}/remove", s.forAdmin(s.adminWindowRemove), page, relaxed},
		{"GET /admin/runbook", s.forAdmin(s.adminRunbook), page, free},
		{"GET /alerts/ack", s.alertAck, page, general},
		{"POST /alerts/ack", s.alertAckSend, page, general},
	}
}

// alertsPage is templates/admin/alerts.html.
type alertsPage struct {
	adminLayout
	At       moment
	Ready    bool // a round was made
	Firing   []troubleView
	Groups   []ruleGroup
	Channels []channelRow
	Outgoing []Outgoing
	Tested   string
	Answer   string // of the channel that was tested
	Failed   bool
}

// channelRow is a way to tell people.
type channelRow struct {
	ID     alert.Channel
	Name   string
	Roles  string // the names that rules use for it
	State  string
	Mark   string
	At     moment
	Told   bool // it was told something before
	Answer string
}

// Outgoing is what became of what goes to somebody else's service since the
// start of the process.
type Outgoing struct {
	Service string // its name, such as PostHog
	What    string // such as events
	Sent    int64  // accepted there
	Lost    int64  // dropped or refused for good
	Kept    int64  // not for others to know
	Fault   string // why the last attempt failed; empty: it did not
}

// troubleView is something that fires.
type troubleView struct {
	Rule    alert.Rule
	Mark    string
	Labels  string
	Detail  string
	Since   moment
	For     string // how long
	Taken   string // by whom
	Until   moment // of a snooze
	Snoozed bool
	Muted   string
	Phase   string // a sentence, where it does not simply fire
	Episode alert.EpisodeID
	Causes  []string
}

// ruleGroup are the rules of a severity.
type ruleGroup struct {
	Name string
	Rows []ruleRow
}

// ruleRow is a rule in the list.
type ruleRow struct {
	Rule     alert.Rule
	State    string
	Mark     string
	Text     string // what the last reading says, or why there is none
	Channels string
	Fired    string
	Would    string
	Covered  string // of the 30 days, where there are not readings of all
}

// adminAlerts lists what fires and all rules: GET /admin/alerts.
func (s *Server) adminAlerts(w http.ResponseWriter, r *http.Request, who staff) error {
	b := s.cfg.Watch.Board()
	p := alertsPage{
		adminLayout: s.adminLayout("Alerts · Introspect", "alerts", who), At: s.moment(b.At), Ready: !b.At.IsZero(),
		Firing: s.troubles(b.Firing()),
	}
	p.Refresh = standardRefresh
	var err error
	if p.Channels, err = s.channelRows(r.Context()); err != nil {
		return err
	}
	if s.cfg.Outgoing != nil {
		p.Outgoing = s.cfg.Outgoing()
	}
	for _, severity := range []alert.Severity{alert.Critical, alert.Warning, alert.Info} {
		g := ruleGroup{Name: words(string(severity))}
		for _, v := range b.Rules {
			if v.Rule.Severity != severity {
				continue
			}
			row, err := s.ruleRow(r.Context(), v)
			if err != nil {
				return err
			}
			g.Rows = append(g.Rows, row)
		}
		p.Groups = append(p.Groups, g)
	}
	if err := s.tested(r, &p); err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "admin/alerts", p)
}

// channelRows lists who can be told, with what each said last.
func (s *Server) channelRows(ctx context.Context) ([]channelRow, error) {
	views, err := s.cfg.Watch.ChannelViews(ctx)
	if err != nil {
		return nil, err
	}
	var out []channelRow
	for _, v := range views {
		row := channelRow{
			ID: v.Name, Name: channelName(v.Name), Roles: channelWords(v.Roles), State: "not used yet", At: s.moment(v.Last.At), Told: !v.Last.At.IsZero(), Answer: v.Last.Text,
		}
		if row.Told {
			row.State, row.Mark = "accepted", "good"
			if !v.Last.Accepted {
				row.State, row.Mark = "refused", "critical"
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// channelName writes a channel as its vendor does.
func channelName(c alert.Channel) string {
	switch c {
	case "pagerduty":
		return "PagerDuty"
	case "email":
		return "E-mail"
	}
	return words(string(c))
}

// troubles lists the open episodes of rules.
func (s *Server) troubles(list []watch.RuleView) (out []troubleView) {
	for _, v := range list {
		for _, st := range v.States {
			o := st.State.Episode
			if o == nil {
				continue
			}
			out = append(out, troubleView{
				Until: s.moment(o.Until), Snoozed: !o.Until.IsZero(),
				Rule: v.Rule, Mark: severityMark(v.Rule.Severity), Labels: alert.Where(st.State.Labels), Detail: st.State.Detail, Since: s.moment(o.From),
				For: duration(s.now().Sub(o.From).Seconds()), Taken: o.Acked, Muted: st.State.Muted, Phase: phaseWords(st.State.Name()), Episode: o.ID, Causes: o.Causes,
			})
		}
	}
	return out
}

// phaseWords says how a trouble is that is open, and nothing of one that fires.
func phaseWords(name string) string {
	switch name {
	case string(alert.Firing):
		return ""
	case string(alert.Recovering):
		return "It seems to be over, and is watched a while longer."
	case string(alert.Flapping):
		return "It comes and goes."
	case string(condition.NoData):
		return "There are no figures at the moment."
	case string(condition.Broken):
		return "It cannot be measured at the moment."
	case string(condition.Insufficient):
		return "Too little happens at the moment to judge."
	}
	return "It is " + strings.ToLower(words(name)) + "."
}

// severityMark is the colour of a severity.
func severityMark(severity alert.Severity) string {
	switch severity {
	case alert.Critical, alert.Warning:
		return string(severity)
	case alert.Info:
	}
	return ""
}

func (s *Server) ruleRow(ctx context.Context, v watch.RuleView) (ruleRow, error) {
	row := ruleRow{Rule: v.Rule, Channels: channelWords(v.Rule.Tell.Channels)}
	row.State, row.Mark = ruleState(v)
	for _, st := range v.States {
		if row.Text == "" || st.State.Fires() {
			row.Text = st.Text
		}
	}
	if row.Text == "" {
		row.Text = v.Reason
	}
	rec, err := s.cfg.Watch.Record(ctx, v.Rule)
	if err != nil {
		return row, err
	}
	row.Fired = thousands(int64(rec.Fired))
	if rec.Tried() {
		row.Would, row.Covered = thousands(int64(rec.Would)), coveredWords(rec)
	}
	return row, nil
}

// ruleState says in a word how a rule is.
func ruleState(v watch.RuleView) (word, mark string) {
	switch {
	case !v.Rule.Enabled:
		return "disabled", ""
	case !v.Measured:
		return "not measured here", ""
	case len(v.States) == 0:
		return "waiting", ""
	case v.Firing():
		mark = severityMark(v.Rule.Severity)
		return "firing", mark
	}
	quiet := 0
	for _, st := range v.States {
		if st.State.Side != "" {
			word = words(st.State.Name())
		} else {
			quiet++
		}
		if st.State.Phase == alert.Pending {
			return "pending", "warning"
		}
	}
	if quiet > 0 {
		return "well", "good"
	}
	return strings.ToLower(word), ""
}

func channelWords(list []alert.Channel) string {
	var names []string
	for _, c := range list {
		names = append(names, channelName(c))
	}
	return strings.Join(names, ", ")
}

// tested shows what came of a test of a channel.
func (s *Server) tested(r *http.Request, p *alertsPage) error {
	key := r.FormValue("tested")
	if key == "" {
		return nil
	}
	jobs, err := s.cfg.Store.Jobs(r.Context(), store.JobFilter{Key: key, Limit: 1})
	if err != nil || len(jobs) == 0 || !strings.HasPrefix(key, "notice/test-") {
		return err
	}
	j := jobs[0]
	p.Tested = "The test is on its way. Reload the page for its answer."
	switch {
	case j.State == store.JobDone:
		p.Tested, p.Answer = "The channel took the test. Its answer:", string(j.Result)
	case j.Error != "":
		p.Tested, p.Answer, p.Failed = "The channel did not take the test:", j.Error, true
	}
	return nil
}

// firing are the troubles that the dashboard shows on top.
func (s *Server) firing() []troubleView {
	if s.cfg.Watch == nil {
		return nil
	}
	return s.troubles(s.cfg.Watch.Board().Firing())
}

// alertAck asks whoever opened the link of a notice: GET /alerts/ack. Opening it
// does nothing, because mail scanners open every link.
func (s *Server) alertAck(w http.ResponseWriter, r *http.Request) error {
	return s.showAck(w, r, "")
}

// linkReader is who acts by the link of a notice: whoever got it.
const linkReader = "Somebody with the link of a notice"

// ackPage is templates/admin/ack.html.
type ackPage struct {
	adminLayout
	Heading string
	Detail  string
	Since   moment
	Token   string
	Taken   string // who is on it already, or put it off; empty: nobody
	Done    string
}

func (s *Server) showAck(w http.ResponseWriter, r *http.Request, done string) error {
	token := r.FormValue("token")
	e, err := s.cfg.Watch.AckOf(r.Context(), token)
	if errors.Is(err, store.ErrNotFound) {
		return gone("This alert is over, or the link is too old. Sign in to see all alerts.")
	}
	if err != nil {
		return err
	}
	taken, err := s.takenWords(r.Context(), e.ID)
	if err != nil {
		return err
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	return s.render(w, http.StatusOK, "admin/ack", ackPage{
		adminLayout: s.adminLayout("Alert · Introspect", "", staff{}), Heading: e.Title, Detail: e.Detail, Since: s.moment(e.From), Token: token, Taken: taken, Done: done,
	})
}

// takenWords says who took an open trouble on or put it off.
func (s *Server) takenWords(ctx context.Context, id alert.EpisodeID) (string, error) {
	acks, err := s.cfg.Store.Acks(ctx, id)
	if err != nil || len(acks) == 0 {
		return "", err
	}
	switch last := acks[len(acks)-1]; {
	case last.Until.IsZero():
		return last.By + " is on it, since " + s.moment(last.At).Clock + ".", nil
	case last.Until.After(s.now()):
		return last.By + " put it off until " + s.moment(last.Until).Clock + ".", nil
	}
	return "", nil
}

// alertAckSend takes the trouble on: POST /alerts/ack.
func (s *Server) alertAckSend(w http.ResponseWriter, r *http.Request) error {
	e, err := s.cfg.Watch.AckOf(r.Context(), r.FormValue("token"))
	if errors.Is(err, store.ErrNotFound) {
		return gone("This alert is over, or the link is too old. Sign in to see all alerts.")
	}
	if err != nil {
		return err
	}
	snooze, act := snoozeOf(r)
	done := "It is yours until it is over."
	if snooze > 0 {
		done = "Nobody is reminded for an hour."
	}
	if err := s.cfg.Watch.Acknowledge(r.Context(), e.ID, linkReader, snooze); err != nil {
		return err
	}
	if err := s.cfg.Account.AuditActor(r.Context(), "link", act, "alert:"+string(e.ID)); err != nil {
		return err
	}
	return s.showAck(w, r, done)
}

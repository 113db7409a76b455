package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/hindsight"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/watch"
)

// alertPage is templates/admin/alert.html.
type alertPage struct {
	adminLayout
	Rule      alert.Rule
	Mark      string
	State     string
	StateMark string
	Measured  moment
	Known     bool   // it was measured
	Reason    string // why it is not
	Delay     string // at most, from a bad reading to the first notice
	Open      []troubleView
	States    []stateRow
	Record    hindsight.Record
	Drop      string
	Share     string // percent
	Limit     string // what the limit is called; empty: it has none
	Value     string
	For       string
	Steps     []string
	Explained []alert.Rule // by which of them it is explained
	History   []episodeRow
	Versions  []versionRow
	Error     string
	Given     bool        // Value and For are what somebody entered
	Tryout    *tryoutView // what they would have done; nil: nothing was tried
	Covered   string      // how much of the 30 days has readings; empty: all
}

type stateRow struct{ Labels, State, Text string }

type episodeRow struct {
	From, To moment
	Over     bool
	Took     string
	Detail   string
	Labels   string
	Causes   []string
	Taken    string
	Told     []string // what became of its notices
}

type versionRow struct {
	Version int
	At      moment
	By      string
	Note    string
}

// adminAlert shows one rule: GET /admin/alerts/{id}.
func (s *Server) adminAlert(w http.ResponseWriter, r *http.Request, who staff) error {
	return s.showAlert(w, r, who, http.StatusOK, alertPage{})
}

// showAlert shows a rule, with what was entered and why it was not taken.
func (s *Server) showAlert(w http.ResponseWriter, r *http.Request, who staff, status int, p alertPage) error {
	v, known := s.cfg.Watch.Board().Rule(alert.RuleID(r.PathValue("id")))
	if !known {
		return notFound()
	}
	p.adminLayout = s.adminLayout(v.Rule.Title+" · Introspect", "alerts", who)
	p.Rule, p.Mark, p.Measured, p.Known = v.Rule, severityMark(v.Rule.Severity), s.moment(v.Last), !v.Last.IsZero()
	p.State, p.StateMark = ruleState(v)
	p.Reason = v.Reason
	p.Open = s.troubles([]watch.RuleView{v})
	for _, st := range v.States {
		p.States = append(p.States, stateRow{alert.Where(st.State.Labels), words(st.State.Name()), st.Text})
	}
	limit, value := v.Rule.When.Limit()
	p.Limit = limit
	if p.Error == "" && !p.Given {
		p.Value, p.For = number(value, 6), v.Rule.For.String()
	}
	for _, step := range v.Rule.Tell.Escalation {
		p.Steps = append(p.Steps, channelWords(step.Channels)+" after "+step.After.String())
	}
	for _, id := range v.Rule.InhibitedBy {
		if other, known := s.cfg.Watch.Board().Rule(id); known {
			p.Explained = append(p.Explained, other.Rule)
		}
	}
	if err := s.fillAlert(r.Context(), &p); err != nil {
		return err
	}
	return s.render(w, status, "admin/alert", p)
}

// fillAlert reads what is kept of a rule.
func (s *Server) fillAlert(ctx context.Context, p *alertPage) error {
	var err error
	if p.Record, err = s.cfg.Watch.Record(ctx, p.Rule); err != nil {
		return err
	}
	p.Covered = coveredWords(p.Record)
	if p.Tryout != nil {
		p.Tryout.Now = plural(p.Record.Would, "time", "times")
	}
	p.Share = number(100*p.Record.Share, 0)
	p.Delay = alert.Duration(p.Record.Delay).String()
	if p.Record.DropKnown {
		p.Drop = number(100*p.Record.Drop, 0)
	}
	list, err := s.cfg.Store.Episodes(ctx, store.EpisodeFilter{Rule: p.Rule.ID, Limit: 50})
	if err != nil {
		return err
	}
	for _, e := range list {
		row, err := s.episodeRow(ctx, e)
		if err != nil {
			return err
		}
		p.History = append(p.History, row)
	}
	versions, err := s.cfg.Store.RuleVersions(ctx, p.Rule.ID)
	if err != nil || len(versions) == 0 {
		return err
	}
	names, err := s.userNames(ctx)
	for _, v := range versions {
		p.Versions = append(p.Versions, versionRow{v.Rule.Version, s.moment(v.At), cmp.Or(names[v.By], "somebody who has left"), v.Note})
	}
	return err
}

func (s *Server) episodeRow(ctx context.Context, e store.AlertEpisode) (episodeRow, error) {
	end := e.To
	if end.IsZero() {
		end = s.now()
	}
	row := episodeRow{
		From: s.moment(e.From), To: s.moment(e.To), Over: !e.To.IsZero(), Took: duration(end.Sub(e.From).Seconds()), Detail: e.Detail,
		Labels: alert.Where(e.Labels), Causes: e.Causes,
	}
	acks, err := s.cfg.Store.Acks(ctx, e.ID)
	if len(acks) > 0 {
		row.Taken = acks[len(acks)-1].By
	}
	if err != nil {
		return row, err
	}
	notices, err := s.cfg.Store.EpisodeNotices(ctx, e.ID)
	row.Told = toldWords(notices)
	return row, err
}

// toldWords says what became of notices, those alike in one line.
func toldWords(list []store.AlertNotice) (out []string) {
	times := map[string]int{}
	for _, n := range list {
		text := channelName(n.Channel) + ": " + noticeWords(n)
		if times[text]++; times[text] == 1 {
			out = append(out, text)
		}
	}
	for i, text := range out {
		if n := times[text]; n > 1 {
			out[i] = fmt.Sprintf("%s, %d times", text, n)
		}
	}
	return out
}

// noticeWords says what one notice was about and what became of it.
func noticeWords(n store.AlertNotice) string {
	what := map[alert.NoticeKind]string{
		alert.KindFiring: "beginning", alert.KindReminder: "reminder", alert.KindEscalated: "escalation", alert.KindResolved: "end", alert.KindMissed: "that it was over",
	}[n.Kind]
	switch n.Outcome {
	case store.NoticeAccepted:
		return what + ", told"
	case store.NoticeDead:
		return what + ", given up"
	case store.NoticeDropped:
		if n.Unsure {
			return what + ", dropped, may have arrived"
		}
		return what + ", dropped before it arrived"
	}
	return what + ", waits"
}

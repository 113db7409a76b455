package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/hindsight"
	"applicreations.com/introspect/internal/watch"
)

// tryoutView is what a rule would have done with what somebody entered.
type tryoutView struct {
	Would   string // "3 times"
	Now     string // the same with the limits of today
	Covered string // how much of the 30 days has readings; empty: all
	None    bool   // nothing has
	Rows    []episodeRow
	More    int // episodes that are not in Rows
}

// maxTryoutRows is how many episodes of a tryout a page lists.
const maxTryoutRows = 10

// coveredWords says how much of the 30 days has readings, and nothing when all
// of it has.
func coveredWords(rec hindsight.Record) string {
	if rec.Whole() {
		return ""
	}
	return duration(rec.Covered.Seconds())
}

// try tries an edit on the last 30 days. The fault says in words why the edit makes no
// rule.
func (s *Server) try(ctx context.Context, id alert.RuleID, e watch.Edit) (rec hindsight.Record, fault string, err error) {
	rec, err = s.cfg.Watch.Try(ctx, id, e)
	var bad *alert.Invalid
	switch {
	case errors.As(err, &bad):
		return rec, strings.Join(bad.Reasons, "; ") + ".", nil
	case errors.Is(err, watch.ErrNoRule):
		return rec, "", notFound()
	}
	return rec, "", err
}

// adminAlertTry shows what an edit would have done: POST /admin/alerts/{id} with
// the other button. Nothing is kept.
func (s *Server) adminAlertTry(w http.ResponseWriter, r *http.Request, who staff) error {
	id := alert.RuleID(r.PathValue("id"))
	e, given, fault := ruleEdit(r)
	var rec hindsight.Record
	if fault == "" {
		var err error
		if rec, fault, err = s.try(r.Context(), id, e); err != nil {
			return err
		}
	}
	given.Given = true
	if fault != "" {
		given.Error = "Nothing was tried: " + fault
		return s.showAlert(w, r, who, http.StatusUnprocessableEntity, given)
	}
	given.Tryout = s.tryoutView(rec)
	return s.showAlert(w, r, who, http.StatusOK, given)
}

func (s *Server) tryoutView(rec hindsight.Record) *tryoutView {
	v := &tryoutView{Would: plural(rec.Would, "time", "times"), Covered: coveredWords(rec), None: !rec.Tried(), More: max(0, len(rec.Episodes)-maxTryoutRows)}
	for _, e := range rec.Episodes[:len(rec.Episodes)-v.More] {
		end := e.To
		if end.IsZero() {
			end = s.now()
		}
		v.Rows = append(v.Rows, episodeRow{From: s.moment(e.From), Over: !e.To.IsZero(), Took: duration(end.Sub(e.From).Seconds()), Detail: e.Detail})
	}
	return v
}

// backtestJSON is what a rule did, and would have done.
type backtestJSON struct {
	Rule      alert.RuleID    `json:"rule"`
	Days      int             `json:"days"`
	Fired     int             `json:"fired"`
	WouldHave int             `json:"wouldHave"`
	Covered   float64         `json:"coveredSeconds"`
	Episodes  []tryoutEpisode `json:"episodes"`
}

type tryoutEpisode struct {
	From   time.Time `json:"from"`
	Told   time.Time `json:"told"`
	To     time.Time `json:"to,omitzero"`
	Detail string    `json:"detail"`
}

// apiBacktest tries a rule on the last 30 days, with a limit and a duration of
// the caller or its own: GET /api/admin/alerts/{id}/backtest.
func (s *Server) apiBacktest(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Authorization, Cookie")
	if _, ok := s.adminActor(r); !ok {
		return unauthorized("Sign in at /admin/login, or send an API token as Authorization: Bearer <token>.")
	}
	if s.cfg.Watch == nil {
		return notFound()
	}
	id := alert.RuleID(r.PathValue("id"))
	e, fault := readEdit(r.FormValue("limit"), r.FormValue("for"))
	if fault != "" {
		return badRequest("Nothing was tried: " + fault)
	}
	rec, fault, err := s.try(r.Context(), id, e)
	if err != nil {
		return err
	}
	if fault != "" {
		return badRequest("Nothing was tried: " + fault)
	}
	out := backtestJSON{Rule: id, Days: hindsight.Days, Fired: rec.Fired, WouldHave: rec.Would, Covered: rec.Covered.Seconds(), Episodes: []tryoutEpisode{}}
	for _, e := range rec.Episodes {
		out.Episodes = append(out.Episodes, tryoutEpisode{e.From, e.Told, e.To, e.Detail})
	}
	return writeJSON(w, http.StatusOK, out)
}

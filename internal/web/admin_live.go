package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
)

// How long somebody stays on the live board, how many fit on it, and how many
// days say what is usual.
const (
	liveWithin  = 30 * time.Minute
	liveMost    = 50
	liveUsual   = 30
	liveUnknown = 5 * time.Minute // stuck, while nothing is known about the question
)

// livePage is templates/admin/live.html.
type livePage struct {
	adminLayout
	At, Clock string
	Rows      []liveRow
	Stuck     int
	More      int // interviews that have no place on the board
	Outside   int // sessions of other front ends that are under way
}

// liveRow is one interview under way.
type liveRow struct {
	Address  string
	Client   string
	Question int
	Text     string // what is being asked
	Since    string
	Usual    string // how long nineteen in twenty need, empty when unknown
	Stuck    bool
	Percent  int
	Model    string
}

// adminLive shows who is on which question now: GET /admin/live.
func (s *Server) adminLive(w http.ResponseWriter, r *http.Request, who staff) error {
	now := s.now()
	list, err := s.cfg.Store.Sessions(r.Context(), store.SessionFilter{
		Status: string(intake.InProgress), Active: now.Add(-liveWithin), ByActivity: true, Limit: liveMost,
	})
	if err != nil {
		return err
	}
	usual, err := s.usualTimes(r)
	if err != nil {
		return err
	}
	at := s.moment(now)
	page := livePage{adminLayout: s.adminLayout("Live · Introspect", "live", who), At: at.Machine, Clock: at.Clock}
	page.Refresh = standardRefresh
	for _, sum := range list {
		row, err := s.liveRow(r, sum, usual)
		if err != nil {
			return err
		}
		if row.Stuck {
			page.Stuck++
		}
		page.Rows = append(page.Rows, row)
	}
	if err := s.countLive(r.Context(), &page, now); err != nil {
		return err
	}
	if len(list) > 0 && s.admin.looks(who.ID, now) {
		if err := s.cfg.Account.Audit(r.Context(), who.User, "sessions_listed", "live"); err != nil {
			return err
		}
	}
	return s.render(w, http.StatusOK, "admin/live", page)
}

// countLive counts who is under way beside those on the board.
func (s *Server) countLive(ctx context.Context, page *livePage, now time.Time) error {
	if len(page.Rows) == liveMost {
		all, err := s.cfg.Store.Conversing(ctx, now.Add(-liveWithin))
		if err != nil {
			return err
		}
		page.More = max(0, all-liveMost)
	}
	active, err := s.cfg.Store.ActiveSessions(ctx, now.Add(-activeWithin))
	if err != nil {
		return err
	}
	own, err := s.cfg.Store.Conversing(ctx, now.Add(-activeWithin))
	page.Outside = max(0, active-own)
	return err
}

// liveTraced is how long one line of the audit log stands for a look at the
// board. The board asks again every few seconds, and a line for each of them
// would bury all others.
const liveTraced = 15 * time.Minute

// looks reports whether a look of somebody at the board is a new one.
func (a *admin) looks(user string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if since := now.Sub(a.looked[user]); since >= 0 && since < liveTraced {
		return false
	}
	if a.looked == nil {
		a.looked = make(map[string]time.Time)
	}
	a.looked[user] = now
	return true
}

// usualTimes is how long nineteen in twenty need for a question, by its id.
func (s *Server) usualTimes(r *http.Request) (map[string]float64, error) {
	report, _, err := s.reportOf(r.Context(), metric.Last(liveUsual, s.now(), s.cfg.Zone), metric.Open{})
	if err != nil {
		return nil, err
	}
	out := make(map[string]float64, len(report.Asked))
	for _, q := range report.Asked {
		if q.Answered >= liveEnough {
			out[q.ID] = q.P95
		}
	}
	return out, nil
}

// liveEnough is how many answers make a usual time.
const liveEnough = 20

func (s *Server) liveRow(r *http.Request, sum store.SessionSummary, usual map[string]float64) (liveRow, error) {
	rec, err := s.cfg.Store.Session(r.Context(), sum.ID)
	if err != nil {
		return liveRow{}, err
	}
	waited := s.now().Sub(sum.LastActivity)
	row := liveRow{
		Address: "/admin/sessions/" + url.PathEscape(string(sum.ID)), Client: sum.Name, Question: sum.Questions,
		Since: duration(max(1, waited.Seconds())), Percent: sum.Percent, Model: words(sum.Model),
	}
	if sum.BusinessName != "" {
		row.Client = sum.BusinessName
	}
	id, text := asking(rec.Session.Current)
	row.Text = text
	limit := liveUnknown.Seconds()
	if p95 := usual[id]; p95 > 0 {
		limit, row.Usual = p95, duration(p95)
	}
	row.Stuck = waited.Seconds() > limit
	return row, nil
}

// asking is what an interview shows now, by id and in words.
func asking(a intake.Action) (id, text string) {
	switch a.Kind {
	case intake.AskQuestion:
		return a.Question.Question.ID, a.Question.Question.Text
	case intake.ExampleOptions:
		return a.Examples.QuestionID, "Examples to choose from"
	case intake.ConflictResolution:
		return contradictionID + string(a.Conflict.Type), "A contradiction to resolve"
	case intake.ValidateUnderstanding:
		return "validation_" + strconv.Itoa(a.Validation.Loop), "A check of understanding"
	case intake.RecommendFeatures:
		return "features", "The choice of features"
	case intake.Complete:
	}
	return "", ""
}

// How a stream of changes behaves: at most one message in a moment, a sign of
// life when nothing happens, and an end that makes the browser open a new one.
const (
	streamPause  = 2 * time.Second
	streamAlive  = 20 * time.Second
	streamLife   = 15 * time.Minute
	streamWrites = 10 * time.Second // for one message
)

// changesPattern is the route of the stream, which lasts as long as somebody
// listens.
const changesPattern = "GET /admin/changes"

// adminChanges tells the pages of figures that something was counted: GET
// /admin/changes, server-sent events. The pages then fetch themselves anew, so
// a message says nothing but that.
func (s *Server) adminChanges(w http.ResponseWriter, r *http.Request, _ staff) error {
	changed, stop := s.cfg.Store.Watch()
	defer stop()
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy must not collect
	send := func(text string) error {
		if err := out.SetWriteDeadline(time.Now().Add(streamWrites)); err != nil {
			return err
		}
		if _, err := fmt.Fprint(w, text); err != nil {
			return err
		}
		return out.Flush()
	}
	if err := out.SetReadDeadline(time.Now().Add(streamLife + time.Minute)); err != nil { // or the server takes a silent reader for gone
		return nil // it cannot stream; the pages ask by themselves
	}
	if err := send("retry: 5000\n\n"); err != nil {
		return nil // nobody listens
	}
	s.stream(r.Context(), changed, send)
	return nil
}

// stream sends until nobody listens, the process ends or it is time to begin
// anew.
func (s *Server) stream(ctx context.Context, changed <-chan struct{}, send func(string) error) {
	end, alive := time.NewTimer(streamLife), time.NewTicker(streamAlive)
	defer end.Stop()
	defer alive.Stop()
	for {
		text, pause := ": alive\n\n", time.Duration(0)
		select {
		case <-ctx.Done():
			return
		case <-s.stopping:
			return
		case <-end.C:
			return
		case <-alive.C:
		case <-changed:
			text, pause = "event: changed\ndata: {}\n\n", streamPause
		}
		if send(text) != nil {
			return
		}
		select { // let more changes gather
		case <-ctx.Done():
			return
		case <-s.stopping:
			return
		case <-time.After(pause):
		}
	}
}

package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
)

// Interviews are stuck when their client did nothing for half an hour, and
// given up on after a day: nobody calls them then.
const (
	stuckAfter = 30 * time.Minute
	stuckUntil = 24 * time.Hour
)

// operationsPage is templates/admin/operations.html: the daily check at a
// glance (S85-S87).
type operationsPage struct {
	adminLayout
	At       moment
	Answers  []answerRow
	Errors   []faultRow
	Limits   []faultRow
	Results  []resultRow
	Kinds    []kindRow // of errors that are new this week
	Older    string    // how many more of them are not shown; empty: none
	Stuck    []stuckRow
	Attempts []attemptRow // to give orders, in the last week
	Findings []findingRow
	Version  string
	Built    string // with which Go
}

// answerRow is one question of the daily check with its answer.
type answerRow struct{ Title, Value, Note, Word, Mark, Link string }

// faultRow is one kind of fault today and yesterday.
type faultRow struct {
	What             string
	Today, Yesterday int
}

// kindRow is a kind of error that was not seen before.
type kindRow struct {
	What        string
	First, Last moment
	Count       string
}

type stuckRow struct{ Link, ID string }

// attemptRow is a session whose answers tried to give the model orders.
type attemptRow struct {
	Link, ID, Phrases string
	last              time.Time
}

// adminOperations answers the daily check: GET /admin/operations.
func (s *Server) adminOperations(w http.ResponseWriter, r *http.Request, who staff) error {
	page := operationsPage{adminLayout: s.adminLayout("Operations · Introspect", "operations", who), At: s.moment(s.now()), Version: s.version()}
	page.Refresh, page.Built = standardRefresh, runtime.Version()
	ctx := r.Context()
	today := metric.DayBucket(s.now(), s.cfg.Zone)
	list, err := s.cfg.Store.Faults(ctx, today-1)
	if err != nil {
		return err
	}
	page.Errors, page.Limits = faultRows(list, store.FaultError, today), faultRows(list, store.FaultLimit, today)
	for _, step := range []func(context.Context, *operationsPage) error{s.answerKinds, s.answerAlerts, s.answerActive, s.answerTraffic, s.answerSessions, s.answerLogins, s.answerJobs, s.answerResults} {
		if err := step(ctx, &page); err != nil {
			return err
		}
	}
	s.answerHealth(&page)
	return s.render(w, http.StatusOK, "admin/operations", page)
}

// answerKinds lists the kinds of errors that are new.
func (s *Server) answerKinds(ctx context.Context, page *operationsPage) error {
	since := s.now().AddDate(0, 0, -newKindDays)
	kinds, err := s.cfg.Store.ErrorKinds(ctx, since)
	if err != nil {
		return err
	}
	all, err := s.cfg.Store.CountErrorKinds(ctx, since)
	if err != nil {
		return err
	}
	for _, k := range kinds {
		page.Kinds = append(page.Kinds, kindRow{k.What, s.moment(k.First), s.moment(k.Last), thousands(k.Count)})
	}
	if more := all - len(kinds); more > 0 {
		page.Older = plural(more, "kind", "kinds")
	}
	return nil
}

// newKindDays is how long the daily check shows a new kind of error.
const newKindDays = 7

// faultRows puts today and yesterday beside each other.
func faultRows(list []store.Fault, kind string, today int64) []faultRow {
	var out []faultRow
	for _, f := range list {
		if f.Kind != kind {
			continue
		}
		at := slices.IndexFunc(out, func(r faultRow) bool { return r.What == f.What })
		if at < 0 {
			out = append(out, faultRow{What: f.What})
			at = len(out) - 1
		}
		if f.Day == today {
			out[at].Today += f.Count
		} else {
			out[at].Yesterday += f.Count
		}
	}
	slices.SortStableFunc(out, func(a, b faultRow) int { return (b.Today-a.Today)*2 + (b.Yesterday - a.Yesterday) })
	return out[:min(len(out), 20)]
}

// sums adds up both days.
func sums(rows []faultRow) (today, yesterday int) {
	for _, r := range rows {
		today += r.Today
		yesterday += r.Yesterday
	}
	return today, yesterday
}

// judged is an answer that should be nothing.
func judged(title string, n int, note, link string) answerRow {
	row := answerRow{Title: title, Value: thousands(int64(n)), Note: note, Word: "Good", Mark: "good", Link: link}
	if n > 0 {
		row.Word, row.Mark = "Look at it", "warning"
	}
	return row
}

func (s *Server) answerTraffic(ctx context.Context, p *operationsPage) error {
	today, yesterday := sums(p.Errors)
	p.Answers = append(p.Answers, judged("Errors today", today, thousands(int64(yesterday))+" yesterday", "#errors"))
	today, yesterday = sums(p.Limits)
	unusual := answerRow{Title: "Requests over a limit today", Value: thousands(int64(today)), Note: thousands(int64(yesterday)) + " yesterday", Word: "Good", Mark: "good", Link: "#limits"}
	if today >= 100 && today > 3*yesterday {
		unusual.Word, unusual.Mark = "Unusual", "warning"
	}
	p.Answers = append(p.Answers, unusual)
	served, err := s.served(ctx, 24*time.Hour)
	if err != nil {
		return err
	}
	slow := answerRow{Title: "P95 of the last 24 hours", Value: milliseconds(served.P95), Note: plural(int(served.Requests), "request", "requests") + ", target under 3 s", Word: "Good", Mark: "good", Link: "/admin/health"}
	if served.P95 >= 3000 {
		slow.Word, slow.Mark = "Slow", "warning"
	}
	p.Answers = append(p.Answers, slow)
	return nil
}

func (s *Server) answerSessions(ctx context.Context, p *operationsPage) error {
	now := s.now()
	n, first, err := s.cfg.Store.Silent(ctx, now.Add(-stuckUntil), now.Add(-stuckAfter))
	if err != nil {
		return err
	}
	p.Answers = append(p.Answers, judged("Interviews that are stuck", n, "silent for 30 minutes to a day", "#stuck"))
	for _, id := range first {
		p.Stuck = append(p.Stuck, stuckRow{"/admin/sessions/" + url.PathEscape(string(id)), string(id)})
	}
	failed, err := s.cfg.Store.Sessions(ctx, store.SessionFilter{Status: string(intake.Abandoned), Active: now.Add(-24 * time.Hour), Limit: 200})
	if err != nil {
		return err
	}
	p.Answers = append(p.Answers, answerRow{
		Title: "Interviews given up", Value: thousands(int64(len(failed))), Note: "active in the last 24 hours", Link: "/admin/sessions?status=abandoned",
	})
	d, err := s.figures(ctx)
	if err != nil {
		return err
	}
	p.Answers = append(p.Answers, judged("Injection attempts", int(d.Totals.InjectionAttempts), "in the last 30 days", visitQuery{Tried: true}.address()))
	return s.attempts(ctx, p)
}

// attemptsShown are as many sessions as the daily check lists.
const attemptsShown = 10

// attempts lists the sessions of a week in which somebody tried to give orders,
// the latest first.
func (s *Server) attempts(ctx context.Context, p *operationsPage) error {
	err := s.cfg.Store.FactsSince(ctx, time.Time{}, s.now().AddDate(0, 0, -7), func(id event.SessionID, f metric.Facts) {
		if n := f.Signs(0)[metric.SignInjections]; n > 0 {
			p.Attempts = append(p.Attempts, attemptRow{"/admin/sessions/" + url.PathEscape(string(id)), string(id), plural(int(n), "phrase", "phrases"), f.LastSeen()})
		}
	})
	slices.SortFunc(p.Attempts, func(a, b attemptRow) int { return cmp.Or(b.last.Compare(a.last), strings.Compare(a.ID, b.ID)) })
	p.Attempts = p.Attempts[:min(len(p.Attempts), attemptsShown)]
	return err
}

// answerAlerts says what fires, and what waits for a person to tell visitors. It
// comes first: nothing else on the page matters while something critical fires.
func (s *Server) answerAlerts(ctx context.Context, p *operationsPage) error {
	if s.cfg.Watch != nil {
		b := s.cfg.Watch.Board()
		counts, all := map[alert.Severity]int{}, 0
		for _, v := range b.Firing() {
			counts[v.Rule.Severity]++
			all++
		}
		row := judged("Alerts that fire", all, fmt.Sprintf("%d critical, %s", counts[alert.Critical], plural(counts[alert.Warning], "warning", "warnings")), "/admin/alerts")
		switch {
		case counts[alert.Critical] > 0:
			row.Word, row.Mark = "Look at it now", "critical"
		case b.At.IsZero():
			row.Value, row.Note, row.Word, row.Mark = "–", "nothing was evaluated yet", "Not known", "warning"
		}
		p.Answers = append(p.Answers, row)
	}
	list, err := s.cfg.Store.Incidents(ctx, s.now().AddDate(0, 0, -incidentsSince))
	if err != nil {
		return err
	}
	open, drafts := 0, 0
	for _, i := range list {
		switch {
		case !i.DiscardedAt.IsZero():
		case i.Draft():
			drafts++
		case i.Open():
			open++
		}
	}
	row := judged("Open incidents", open, plural(drafts, "draft waits", "drafts wait")+" to be published or discarded", "/admin/incidents")
	if drafts > 0 && open == 0 {
		row.Word, row.Mark = "Look at it", "warning"
	}
	p.Answers = append(p.Answers, row)
	return nil
}

// answerActive counts who answers now (S85).
func (s *Server) answerActive(ctx context.Context, p *operationsPage) error {
	n, err := s.cfg.Store.ActiveSessions(ctx, s.now().Add(-activeWithin))
	if err != nil {
		return err
	}
	p.Answers = append(p.Answers, answerRow{Title: "Sessions active now", Value: thousands(int64(n)), Note: "an answer or a page in the last 5 minutes", Link: "/admin/live"})
	return nil
}

func (s *Server) answerLogins(ctx context.Context, p *operationsPage) error {
	counts, err := s.cfg.Store.AuditCounts(ctx, s.now().Add(-24*time.Hour))
	if err != nil {
		return err
	}
	good, bad := 0, 0
	for action, n := range counts {
		switch {
		case strings.HasPrefix(action, "login_") && action != "login_ok":
			bad += n
		case strings.HasPrefix(action, "login"):
			good += n
		}
	}
	row := answerRow{Title: "Logins that failed", Value: thousands(int64(bad)), Note: plural(good, "success", "successes") + " in the last 24 hours", Word: "Good", Mark: "good", Link: "/admin/audit"}
	if bad >= 10 {
		row.Word, row.Mark = "Look at it", "warning"
	}
	p.Answers = append(p.Answers, row)
	return nil
}

func (s *Server) answerJobs(ctx context.Context, p *operationsPage) error {
	counts, err := s.cfg.Store.JobCounts(ctx)
	if err != nil {
		return err
	}
	p.Answers = append(p.Answers, judged("Jobs that were given up", counts[store.JobDead], plural(counts[store.JobWaiting], "job waits", "jobs wait"), "/admin/jobs"))
	size, err := s.cfg.Store.Size(ctx)
	if err != nil {
		return err
	}
	p.Answers = append(p.Answers, answerRow{Title: "Database", Value: number(float64(size)/1e6, 1) + " MB", Note: "with its log"})
	return nil
}

// answerHealth takes disk, backup and the rest from the checks.
func (s *Server) answerHealth(p *operationsPage) {
	for _, f := range s.cfg.Health.Findings() {
		row := findingRow{Title: f.Title, Detail: f.Detail}
		row.Word, row.Mark = gradeWord(f.Reading)
		p.Findings = append(p.Findings, row)
	}
}

package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/watch"
)

// jobsPage is templates/admin/jobs.html.
type jobsPage struct {
	adminLayout
	Notice string
	States []filterLink
	Kinds  []filterLink
	Rows   []jobRow
	Back   string // address of this list, for the way back
	Newest string
	Older  string
	Dead   int
	All    bool // nothing is filtered
}

// jobRow is one job.
type jobRow struct {
	ID, Kind    string
	About       string // of a notice: whom it tells, and what
	State, Mark string
	Stage       string
	Session     string // end of its id; the beginning is the time
	Address     string // of the session; empty for a job of none
	Attempts    int
	Error       string
	Next        *moment // of the next attempt; nil when none is due
	At          moment  // of the last change
	Replay      string  // word on the button; empty: none
}

const jobsPerPage = 50

// jobQuery is what a list of jobs is narrowed by.
type jobQuery struct{ State, Kind, Before string }

func (q jobQuery) address() string {
	v := url.Values{}
	for name, value := range map[string]string{"state": q.State, "kind": q.Kind, "before": q.Before} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if len(v) == 0 {
		return "/admin/jobs"
	}
	return "/admin/jobs?" + v.Encode()
}

func jobStates() []store.JobState {
	return []store.JobState{store.JobWaiting, store.JobRunning, store.JobDead, store.JobDone}
}

// jobKinds are those that the list can be narrowed to: also what tells of alerts,
// which is looked for when somebody was not woken.
func (s *Server) jobKinds() []string {
	kinds := slices.Collect(maps.Keys(s.cfg.Deliver.Kinds()))
	if s.cfg.Watch != nil {
		kinds = slices.AppendSeq(kinds, maps.Keys(s.cfg.Watch.Kinds()))
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

func (s *Server) readJobQuery(r *http.Request) jobQuery {
	q := jobQuery{State: r.FormValue("state"), Kind: r.FormValue("kind"), Before: clip(r.FormValue("before"), 64)}
	if !slices.Contains(jobStates(), store.JobState(q.State)) {
		q.State = ""
	}
	if !slices.Contains(s.jobKinds(), q.Kind) {
		q.Kind = ""
	}
	return q
}

// adminJobs lists the durable work: GET /admin/jobs.
func (s *Server) adminJobs(w http.ResponseWriter, r *http.Request, who staff) error {
	q := s.readJobQuery(r)
	counts, err := s.cfg.Store.JobCounts(r.Context())
	if err != nil {
		return err
	}
	f := store.JobFilter{State: store.JobState(q.State), Before: q.Before, Limit: jobsPerPage + 1}
	if q.Kind != "" {
		f.Kinds = []string{q.Kind}
	}
	jobs, err := s.cfg.Store.Jobs(r.Context(), f)
	if err != nil {
		return err
	}
	page := jobsPage{
		adminLayout: s.adminLayout("Jobs · Introspect", "jobs", who), Back: q.address(), All: q == jobQuery{}, Dead: counts[store.JobDead],
		States: jobFilters(q, counts),
	}
	page.Kinds = append(page.Kinds, filterLink{"Every kind", jobQuery{State: q.State}.address(), q.Kind == ""})
	for _, kind := range s.jobKinds() {
		page.Kinds = append(page.Kinds, filterLink{words(kind), jobQuery{State: q.State, Kind: kind}.address(), q.Kind == kind})
	}
	if r.FormValue("replayed") != "" {
		page.Notice = "The job is due again. It begins within a moment."
	}
	if q.Before != "" {
		page.Newest = jobQuery{State: q.State, Kind: q.Kind}.address()
	}
	if len(jobs) > jobsPerPage {
		jobs = jobs[:jobsPerPage]
		page.Older = jobQuery{q.State, q.Kind, jobs[len(jobs)-1].ID}.address()
	}
	for _, j := range jobs {
		page.Rows = append(page.Rows, s.jobRow(j))
	}
	return s.render(w, http.StatusOK, "admin/jobs", page)
}

// jobFilters links the states with how many jobs are in each.
func jobFilters(q jobQuery, counts map[store.JobState]int) []filterLink {
	all := 0
	for _, n := range counts {
		all += n
	}
	out := []filterLink{{"All " + thousands(int64(all)), jobQuery{Kind: q.Kind}.address(), q.State == ""}}
	for _, state := range jobStates() {
		word, _ := jobWord(state)
		out = append(out, filterLink{word + " " + thousands(int64(counts[state])), jobQuery{State: string(state), Kind: q.Kind}.address(), q.State == string(state)})
	}
	return out
}

func jobWord(state store.JobState) (word, mark string) {
	switch state {
	case store.JobWaiting:
		return "Waiting", ""
	case store.JobRunning:
		return "Running", "good"
	case store.JobDone:
		return "Done", "good"
	case store.JobDead:
	}
	return "Given up", "critical"
}

func (s *Server) jobRow(j store.Job) jobRow {
	row := jobRow{ID: j.ID, Kind: words(j.Kind), Session: string(j.Session[max(0, len(j.Session)-8):]), Attempts: j.Attempts, Error: clip(j.Error, 400), At: s.moment(j.UpdatedAt)}
	row.State, row.Mark = jobWord(j.State)
	if j.Kind == watch.KindNotice || j.Kind == watch.KindUrgent {
		row.About = parcelWords(j.Payload)
	}
	if j.Session != "" {
		row.Address = "/admin/sessions/" + url.PathEscape(string(j.Session))
	}
	switch j.State {
	case store.JobWaiting:
		next := s.moment(j.Due)
		row.Next = &next
		if j.Error != "" {
			row.State, row.Mark, row.Replay = "Trying again", "warning", "Try now"
		}
	case store.JobDead:
		row.Replay = "Replay"
	case store.JobRunning:
		row.Stage = j.Stage
	case store.JobDone:
		if j.Error = ""; j.Kind == deliver.KindWebhook {
			row.Replay = "Send again"
		}
	}
	return row
}

// parcelWords say of a parcel whom it tells, and what; empty when it cannot be read.
func parcelWords(payload []byte) string {
	var p alert.Parcel
	if err := json.Unmarshal(payload, &p); err != nil || len(p.Notices) == 0 {
		return ""
	}
	text := words(string(p.Kind)) + " to " + channelName(p.Channel) + ": " + p.Notices[0].Title
	if more := len(p.Notices) - 1; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// adminReplay does a job once more: POST /admin/jobs/{id}/replay.
func (s *Server) adminReplay(w http.ResponseWriter, r *http.Request, who staff) error {
	id := r.PathValue("id")
	err := s.cfg.Deliver.Replay(r.Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		return conflict("Nothing to do again", "The job runs just now, is done, or is gone. Reload the list to see which.")
	}
	if err != nil {
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, "job_replayed", "job:"+id); err != nil {
		return err
	}
	http.Redirect(w, r, withQuery(safeNext(r.FormValue("back")), "replayed", "1"), http.StatusSeeOther)
	return nil
}

// withQuery adds a parameter to an address of ours.
func withQuery(address, name, value string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "/admin/dashboard"
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return strings.TrimPrefix(u.String(), "//")
}

package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/backup"
)

// listWait is how long the page waits for the place where backups lie; what
// the process knows by itself is shown in any case.
const listWait = 5 * time.Second

// backupsShown are as many rows as the page has: those of the first weeks.
const backupsShown = 40

// backupsPage is templates/admin/backups.html.
type backupsPage struct {
	adminLayout
	At      moment
	Kept    bool
	To      string
	Problem string
	First   bool    // none was made or tried yet
	Failed  string  // why the last attempt failed, where Problem does not say it
	Tried   *moment // when that was
	Busy    string  // what is under way, in words
	Notice  string
	Newest  *moment
	Age     string
	Fresh   bool // made within the last minute
	Drill   *drillView
	Rows    []backupRow // the newest first
	Good    string      // the newest that can be restored
	More    int         // rows that are not shown
	Unread  string      // why there is no list
}

// drillView is the last restore for practice.
type drillView struct {
	At         moment
	Word, Mark string
	Reason     string
	RPO, RTO   string
	Past       *moment
}

// backupRow is one backup.
type backupRow struct {
	ID, Word, Mark, Why string
	At                  moment
	Sessions, Size      string
	Program             string
}

// adminBackups shows what could be restored: GET /admin/backups.
func (s *Server) adminBackups(w http.ResponseWriter, r *http.Request, who staff) error {
	page := backupsPage{adminLayout: s.adminLayout("Backups · Introspect", "operations", who), At: s.moment(s.now()), Kept: s.cfg.Backups != nil}
	switch r.FormValue("asked") {
	case string(backup.TaskBackup):
		page.Notice = "A backup is being made. It counts when it was read back and checked."
	case string(backup.TaskDrill):
		page.Notice = "The newest backup is being restored for practice."
	}
	if page.Kept {
		s.backupState(&page)
		s.backupRows(r.Context(), &page)
	}
	return s.render(w, http.StatusOK, "admin/backups", page)
}

func (s *Server) backupState(page *backupsPage) {
	now, st := s.now(), s.cfg.Backups.Status()
	page.To, page.Problem = st.To, st.Problem(now)
	if page.First = st.Newest.ID == "" && st.Tried.IsZero(); page.First {
		page.Problem = "" // the first one is about to be made
	}
	if page.Problem != "" {
		page.Problem = strings.ToUpper(page.Problem[:1]) + page.Problem[1:] + "."
	}
	if st.Reason != "" && !strings.Contains(page.Problem, st.Reason) {
		at := s.moment(st.Tried)
		page.Failed, page.Tried = st.Reason, &at
	}
	switch st.Busy {
	case backup.TaskBackup:
		page.Busy = "A backup is being made."
	case backup.TaskDrill:
		page.Busy = "The newest backup is being restored for practice."
	}
	if page.Failed != "" {
		page.Notice = "" // it said that one is being made
	}
	if page.Busy != "" {
		page.Notice, page.Refresh = "", int(listWait.Seconds())
	}
	if st.Newest.ID != "" {
		at := s.moment(st.Newest.At)
		page.Newest, page.Age, page.Fresh = &at, durationWords(now.Sub(st.Newest.At)), now.Sub(st.Newest.At) < time.Minute
	}
	if d := st.Drill; !d.At.IsZero() {
		v := drillView{At: s.moment(d.At), Word: "Passed", Mark: "good", Reason: d.Reason, RPO: durationWords(d.RPO), RTO: milliseconds(float64(d.RTO.Milliseconds()))}
		if !d.OK {
			v.Word, v.Mark = "Failed", "critical"
		}
		if !d.Past.IsZero() {
			at := s.moment(d.Past)
			v.Past = &at
		}
		page.Drill = &v
	}
}

func (s *Server) backupRows(ctx context.Context, page *backupsPage) {
	ctx, cancel := context.WithTimeout(ctx, listWait)
	defer cancel()
	list, err := s.cfg.Backups.List(ctx)
	if err != nil {
		page.Unread = err.Error()
		return
	}
	if len(list) > backupsShown {
		page.More, list = len(list)-backupsShown, list[:backupsShown]
	}
	for _, e := range list {
		row := backupRow{ID: string(e.ID), Word: "Verified", Mark: "good"}
		if e.Err != nil {
			row.Word, row.Mark, row.Why = "Bad", "critical", e.Err.Error()
		} else {
			row.At, row.Program = s.moment(e.At), e.Program
			row.Sessions, row.Size = thousands(e.Counts.Sessions), number(float64(e.Size)/1e6, 1)+" MB"
		}
		if page.Good == "" && e.Err == nil {
			page.Good = row.ID
		}
		page.Rows = append(page.Rows, row)
	}
}

// adminBackupsAsk starts a backup or a drill: POST /admin/backups.
func (s *Server) adminBackupsAsk(w http.ResponseWriter, r *http.Request, who staff) error {
	task := backup.Task(r.FormValue("task"))
	if s.cfg.Backups == nil || task != backup.TaskBackup && task != backup.TaskDrill {
		return badRequest("There is no such task here. Go back to /admin/backups and use its buttons.")
	}
	if !s.cfg.Backups.Ask(task) {
		return conflict("Another task waits already", "A backup or a drill was asked for a moment ago. Reload the page to see what became of it.")
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, "backup_asked", "task:"+string(task)); err != nil {
		return err
	}
	http.Redirect(w, r, "/admin/backups?asked="+string(task), http.StatusSeeOther)
	return nil
}

// operationsJSON is what a deployment asks before it begins.
type operationsJSON struct {
	Backups backupsJSON  `json:"backups"`
	Firing  []firingJSON `json:"firing"`
	Results []resultJSON `json:"results"` // of the last 30 days, the newest first
}

type backupsJSON struct {
	Kept     bool      `json:"kept"`
	NewestAt time.Time `json:"newestAt,omitzero"` // of the newest verified one
	DrillAt  time.Time `json:"drillAt,omitzero"`
	Problem  string    `json:"problem,omitempty"`
}

type firingJSON struct {
	Rule     string         `json:"rule"`
	Title    string         `json:"title"`
	Severity alert.Severity `json:"severity"`
	Since    time.Time      `json:"since"`
	Muted    string         `json:"muted,omitempty"` // why nobody is told
}

// apiOperations says what a deployment has to know: GET /api/admin/operations.
func (s *Server) apiOperations(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Authorization, Cookie")
	if _, ok := s.adminActor(r); !ok {
		return unauthorized("Sign in at /admin/login, or send an API token as Authorization: Bearer <token>.")
	}
	out := operationsJSON{Firing: []firingJSON{}}
	if s.cfg.Backups != nil {
		st := s.cfg.Backups.Status()
		out.Backups = backupsJSON{Kept: true, Problem: st.Problem(s.now()), NewestAt: st.Newest.At.UTC(), DrillAt: st.Drill.At.UTC()}
	}
	if s.cfg.Watch != nil {
		for _, v := range s.cfg.Watch.Board().Firing() {
			for _, st := range v.States {
				if st.State.Fires() {
					out.Firing = append(out.Firing, firingJSON{string(v.Rule.ID), v.Rule.Title, v.Rule.Severity, st.State.Since, st.State.Muted})
				}
			}
		}
	}
	var err error
	out.Results, err = s.resultsJSON(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, out)
}

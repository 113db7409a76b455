package web

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"applicreations.com/introspect/internal/store"
)

// resultJSON is what came of a deployment or a smoke test.
type resultJSON struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	At      time.Time `json:"at"`
	Good    *bool     `json:"good"`
	Version string    `json:"version,omitempty"`
	Step    string    `json:"step,omitempty"`
	Detail  string    `json:"detail,omitempty"`
}

// How long the texts of a result may be, and how far the clock of who tells may
// be ahead.
const (
	maxResultID     = 64
	maxResultWord   = 100
	maxResultDetail = 2000
	maxResultAhead  = 10 * time.Minute
)

// apiResult keeps what came of a deployment, a rollback or a smoke test: POST
// /api/admin/operations/results.
func (s *Server) apiResult(w http.ResponseWriter, r *http.Request) error {
	// Only a token counts: a page of another site could make a browser send a
	// cookie along.
	actor, ok := s.cfg.Account.Authorize(r.Context(), bearer(r))
	if !ok {
		return unauthorized("Send an API token as Authorization: Bearer <token>.")
	}
	var in resultJSON
	if err := readJSON(r, &in); err != nil {
		return err
	}
	now := s.now()
	switch {
	case in.ID == "" || len(in.ID) > maxResultID:
		return badRequest("id must be a text of 1 to 64 bytes that whoever tells makes once for each result.")
	case in.Kind != store.OperationDeploy && in.Kind != store.OperationRollback && in.Kind != store.OperationSmoke:
		return badRequest("kind must be deploy, rollback or smoke.")
	case in.At.IsZero() || in.At.After(now.Add(maxResultAhead)):
		return badRequest("at must be when it ended, as in 2026-11-27T09:00:00Z, and not in the future.")
	case in.Good == nil:
		return badRequest("good must say whether it worked: true or false.")
	case len(in.Version) > maxResultWord || len(in.Step) > maxResultWord || len(in.Detail) > maxResultDetail:
		return badRequest("version and step may have 100 bytes, detail 2,000.")
	}
	isNew, err := s.cfg.Store.NoteResult(r.Context(), store.OperationResult{
		ID: in.ID, Kind: in.Kind, At: in.At.UTC(), Good: *in.Good, Version: line(in.Version), Step: line(in.Step), Detail: line(in.Detail),
	})
	if err != nil {
		return err
	}
	s.log.LogAttrs(r.Context(), slog.LevelInfo, "result of an operation kept", slog.String("actor", actor), slog.String("kind", in.Kind), slog.Bool("good", *in.Good), slog.Bool("new", isNew))
	return writeJSON(w, http.StatusOK, map[string]bool{"new": isNew})
}

// line puts a text on one line.
func line(text string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
}

// resultRow is a deployment or a smoke test on the daily check.
type resultRow struct {
	Kind, Version, Word, Mark, Why string
	At                             moment
	Late                           string // how much later it was told
}

// resultDays is how far the daily check looks back for deployments.
const resultDays = 30

// toldLate is how long after its end a result is told late: the installation was
// down.
const toldLate = 5 * time.Minute

// resultsJSON lists the results as a program told them.
func (s *Server) resultsJSON(ctx context.Context) ([]resultJSON, error) {
	list, err := s.cfg.Store.Results(ctx, s.now().AddDate(0, 0, -resultDays))
	out := []resultJSON{}
	for _, o := range list {
		out = append(out, resultJSON{o.ID, o.Kind, o.At, &o.Good, o.Version, o.Step, o.Detail})
	}
	return out, err
}

// answerResults lists deployments and smoke tests.
func (s *Server) answerResults(ctx context.Context, p *operationsPage) error {
	list, err := s.cfg.Store.Results(ctx, s.now().AddDate(0, 0, -resultDays))
	if err != nil {
		return err
	}
	failed, bad := 0, false
	last := map[bool]bool{} // by whether it is a smoke test: the newest was seen
	for _, o := range list {
		smoke := o.Kind == store.OperationSmoke
		bad = bad || !last[smoke] && !o.Good
		last[smoke] = true
		row := resultRow{Kind: operationName(o.Kind), Version: o.Version, Word: "Worked", Mark: "good", At: s.moment(o.At), Why: o.Detail}
		if !o.Good {
			failed++
			row.Word, row.Mark = "Failed", "critical"
			if o.Step != "" {
				row.Word += " at " + o.Step
			}
		}
		if late := o.Received.Sub(o.At); late >= toldLate {
			row.Late = durationWords(late)
		}
		p.Results = append(p.Results, row)
	}
	if len(p.Results) > maxResultRows {
		p.Results = p.Results[:maxResultRows]
	}
	answer := judged("Deployments and checks that failed", failed, plural(len(list), "was told", "were told")+" in the last 30 days", "#results")
	if failed > 0 && !bad {
		answer.Word, answer.Mark = "Mended since", "good"
	}
	p.Answers = append(p.Answers, answer)
	return nil
}

// operationName names an operation for people.
func operationName(kind string) string {
	switch kind {
	case store.OperationDeploy:
		return "Deployment"
	case store.OperationSmoke:
		return "Smoke test"
	}
	return words(kind)
}

// maxResultRows is how many results the daily check lists.
const maxResultRows = 10

package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"strconv"
	"time"

	"applicreations.com/introspect/internal/ingest"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/interview"
	"applicreations.com/introspect/internal/store"
)

// statusClientGone is what the log shows when nobody waits for the answer.
const statusClientGone = 499

// problem is what a client learns about an error: RFC 9457 for programs, a
// page for people. It never repeats the words of an inner error.
type problem struct {
	Status int
	Kind   string // last part of the type, stable: programs decide on it
	Title  string
	Detail string         // what happened and what to do
	Retry  time.Duration  // Retry-After; 0: none
	Extra  map[string]any // extension members
	Level  slog.Level
}

// Error implements error, so that a handler can return a problem as it is.
func (p *problem) Error() string { return p.Kind + ": " + p.Detail }

// errorTable is the one table from error to status and log level.
func errorTable() []struct {
	err error
	problem
} {
	return []struct {
		err error
		problem
	}{
		{interview.ErrUnknown, problem{404, "unknown_session", "No such conversation", "There is no conversation under this address. It may have been deleted.", 0, nil, slog.LevelInfo}},
		{interview.ErrExpired, problem{401, "expired", "This conversation has ended", "It was left alone for too long, so for your safety it can no longer be opened here.", 0, nil, slog.LevelInfo}},
		{interview.ErrForbidden, problem{401, "unauthorized", "This conversation is not open here", "The key that was sent does not open this conversation.", 0, nil, slog.LevelInfo}},
		{interview.ErrNotReady, problem{404, "not_ready", "The document is not written yet", "Documents are written when the interview is complete.", 0, nil, slog.LevelInfo}},
		{intake.ErrStale, problem{409, "stale_action", "That question has passed", "The answer belongs to an earlier question. The current one waits for an answer.", 0, nil, slog.LevelInfo}},
		{intake.ErrNoWayBack, problem{409, "no_way_back", "There is nothing to go back to", "This is the first question, or the interview is finished.", 0, nil, slog.LevelInfo}},
		{intake.ErrNotEditable, problem{422, "not_editable", "This cannot be changed by itself", "This point follows from other answers. Change one of those instead.", 0, nil, slog.LevelInfo}},
		{intake.ErrClosed, problem{409, "closed", "The interview is finished", "Nothing can be added to a finished interview.", 0, nil, slog.LevelInfo}},
		{store.ErrNotFound, problem{404, "not_found", "Not found", "There is nothing under this address.", 0, nil, slog.LevelInfo}},
		{store.ErrExists, problem{409, "exists", "Already there", "Something with this name exists already.", 0, nil, slog.LevelInfo}},
		{store.ErrConflict, problem{409, "conflict", "Changed at the same time", "Another window changed this at the same moment. Please try again.", 0, nil, slog.LevelInfo}},
		{store.ErrState, problem{409, "wrong_state", "It has moved on", "Somebody has published, resolved or ended this in the meantime. Please look at it again.", 0, nil, slog.LevelInfo}},
		{store.ErrBusy, problem{503, "busy", "One moment, please", "Too much is being saved right now. Please try again in a few seconds; nothing was lost.", 2 * time.Second, nil, slog.LevelWarn}},
		{store.ErrFull, problem{507, "disk_full", "No room left", "There is no room to save this right now. Please try again in a few minutes; nothing that was saved is lost.", 30 * time.Second, nil, slog.LevelError}},
		{store.ErrClosed, problem{503, "closing", "One moment, please", "The service is restarting. Please try again in a few seconds; nothing was lost.", 5 * time.Second, nil, slog.LevelWarn}},
		{store.ErrUnknown, problem{503, "unknown_outcome", "One moment, please", "It is not certain that this was saved. Please try again; nothing is saved twice.", 2 * time.Second, nil, slog.LevelWarn}},
		{context.DeadlineExceeded, problem{503, "timeout", "That took too long", "The answer was not ready in time. Please try again.", 5 * time.Second, nil, slog.LevelWarn}},
		{context.Canceled, problem{statusClientGone, "client_gone", "Nobody is waiting", "The connection was closed before the answer was ready.", 0, nil, slog.LevelDebug}},
	}
}

// problemOf finds what to tell about err. Unknown errors are our own fault.
func problemOf(err error) *problem {
	var own *problem
	if errors.As(err, &own) {
		return own
	}
	if p := typedProblem(err); p != nil {
		return p
	}
	for _, row := range errorTable() {
		if errors.Is(err, row.err) {
			return &row.problem
		}
	}
	return &problem{
		Status: http.StatusInternalServerError, Kind: "internal", Title: "Something went wrong here",
		Detail: "The fault is ours and has been recorded. Nothing you entered before was lost. Please try again.",
		Level:  slog.LevelError,
	}
}

// typedProblem knows the errors that carry data.
func typedProblem(err error) *problem {
	var (
		invalid   *intake.Invalid
		malformed *ingest.Malformed
		batch     *ingest.TooLarge
		media     *ingest.Unsupported
		limited   *ingest.Limited
		body      *http.MaxBytesError
	)
	switch {
	case errors.As(err, &invalid):
		return &problem{
			Status: http.StatusUnprocessableEntity, Kind: "invalid", Title: "The answer cannot be taken",
			Detail: invalid.Reason, Extra: map[string]any{"field": invalid.Field}, Level: slog.LevelInfo,
		}
	case errors.As(err, &malformed):
		return badRequest("The body is not a batch of events: "+malformed.Reason).with("offset", malformed.Offset)
	case errors.As(err, &batch):
		return tooLarge(fmt.Sprintf("A batch may have %d %s at most.", batch.Limit, batch.Unit))
	case errors.As(err, &media):
		return unsupported()
	case errors.As(err, &limited):
		return rateLimited("This session sent very many events in a short time. Send them again after the pause; nothing was taken.", limited.Wait)
	case errors.As(err, &body):
		return tooLarge(fmt.Sprintf("A request may have %d KB at most.", body.Limit>>10))
	}
	return nil
}

func badRequest(detail string) *problem {
	return &problem{Status: http.StatusBadRequest, Kind: "bad_request", Title: "The request cannot be read", Detail: detail, Level: slog.LevelInfo}
}

func tooLarge(detail string) *problem {
	return &problem{Status: http.StatusRequestEntityTooLarge, Kind: "too_large", Title: "Too large", Detail: detail, Level: slog.LevelInfo}
}

func unsupported() *problem {
	return &problem{
		Status: http.StatusUnsupportedMediaType, Kind: "unsupported_media_type", Title: "JSON is expected",
		Detail: "The body has to be JSON, sent as application/json; event batches may be application/x-ndjson or text/plain as well, and packed with gzip.", Level: slog.LevelInfo,
	}
}

func unauthorized(detail string) *problem {
	return &problem{Status: http.StatusUnauthorized, Kind: "unauthorized", Title: "A key is needed", Detail: detail, Level: slog.LevelInfo}
}

func notFound() *problem {
	return &problem{Status: http.StatusNotFound, Kind: "not_found", Title: "Page not found", Detail: "There is nothing under this address.", Level: slog.LevelInfo}
}

func gone(detail string) *problem {
	return &problem{Status: http.StatusGone, Kind: "gone", Title: "This link has ended", Detail: detail, Level: slog.LevelInfo}
}

// with adds an extension member.
func (p *problem) with(name string, value any) *problem {
	extra := maps.Clone(p.Extra)
	if extra == nil {
		extra = map[string]any{}
	}
	extra[name] = value
	c := *p
	c.Extra = extra
	return &c
}

// Fault is an error of ours together with the request that met it, for
// Config.Report.
type Fault struct {
	Err       error
	RequestID string // as the client was told it
	Route     string // the pattern, which holds nothing that a client sent
	Status    int
}

// Error repeats the error of the request.
func (f *Fault) Error() string { return f.Err.Error() }

// Unwrap returns it.
func (f *Fault) Unwrap() error { return f.Err }

// fail answers a request whose handler returned err and logs it once.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, k kind, err error) {
	p := problemOf(err)
	s.failed(r, p, err)
	s.log.LogAttrs(r.Context(), p.Level, "request refused",
		slog.String("kind", p.Kind), slog.Int("status", p.Status), slog.String("pattern", r.Pattern),
		slog.String("request_id", requestID(r)), errAttr(p, err))
	if p.Status >= http.StatusInternalServerError && p.Level >= slog.LevelWarn && s.cfg.Report != nil { // maintenance is no fault
		s.cfg.Report(r.Context(), &Fault{Err: err, RequestID: requestID(r), Route: r.Pattern, Status: p.Status})
	}
	if started(w) {
		return // The response is on its way; the connection is all that could still be closed.
	}
	if p.Retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(p.Retry.Seconds()))))
	}
	if p.Kind == "lapsed" {
		http.Redirect(w, r, "/intake/continue", http.StatusSeeOther)
		return
	}
	if k == page {
		s.failPage(w, r, p)
		return
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="introspect"`)
	}
	writeProblem(w, r, p)
}

// errAttr shows the inner error of our own faults only: refusals are said by
// their kind, and the words of a client never reach the log.
func errAttr(p *problem, err error) slog.Attr {
	if p.Level < slog.LevelWarn {
		return slog.Attr{}
	}
	return slog.String("error", err.Error())
}

func writeProblem(w http.ResponseWriter, r *http.Request, p *problem) {
	members := map[string]any{
		"type": "urn:introspect:problem:" + p.Kind, "title": p.Title, "status": p.Status, "detail": p.Detail,
		"instance": "urn:introspect:request:" + requestID(r),
	}
	maps.Copy(members, p.Extra)
	body, err := json.Marshal(members)
	if err != nil { // Only a programmer's Extra can cause it.
		panic(fmt.Sprintf("encode problem %s: %v", p.Kind, err))
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n')) // A client that left needs no answer.
}

// errorPage is templates/error.html.
type errorPage struct {
	layout
	Status    int
	Detail    string
	RequestID string // shown for our own faults, so that a client can quote it
	Restart   bool   // the conversation is gone: offer a new one
	Retry     bool   // trying again can help
}

func (s *Server) failPage(w http.ResponseWriter, r *http.Request, p *problem) {
	view := errorPage{
		layout: s.layout(p.Title), Status: p.Status, Detail: p.Detail,
		Restart: p.Kind == "expired" || p.Kind == "abandoned" || p.Kind == "unauthorized" || p.Kind == "unknown_session",
		Retry:   p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests || p.Status == http.StatusConflict,
	}
	if p.Status >= http.StatusInternalServerError {
		view.RequestID = requestID(r)
	}
	if err := s.render(w, p.Status, "error", view); err != nil {
		s.log.ErrorContext(r.Context(), "error page failed", "error", err.Error(), "request_id", requestID(r))
		http.Error(w, p.Title, p.Status)
	}
}

func conflict(title, detail string) *problem {
	return &problem{Status: http.StatusConflict, Kind: "conflict", Title: title, Detail: detail, Level: slog.LevelInfo}
}

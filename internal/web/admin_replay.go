package web

import (
	"net/http"
	"net/url"
	"strconv"

	"applicreations.com/introspect/internal/event"
)

// replayPage is templates/admin/replay.html.
type replayPage struct {
	adminLayout
	Heading, Session string // and the address of its page
	Messages         []timelineEntry
	Step, Steps      int
	Since, Took      string // since the beginning, and since the message before
	Back, Next, End  string // addresses; empty where there is no way
}

// adminTranscript shows an interview message by message, as the client saw it: GET
// /admin/sessions/{id}/replay?at=N, the first N messages.
func (s *Server) adminTranscript(w http.ResponseWriter, r *http.Request, who staff) error {
	id := event.SessionID(r.PathValue("id"))
	rec, err := s.cfg.Store.Session(r.Context(), id)
	if err != nil {
		return err
	}
	messages, err := s.cfg.Store.Messages(r.Context(), id)
	if err != nil {
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, "session_read", "session:"+string(id)); err != nil {
		return err
	}
	heading := rec.Session.Values()["businessName"]
	if heading == "" {
		heading = rec.Session.Client.Name
	}
	address := "/admin/sessions/" + url.PathEscape(string(id))
	view := replayPage{
		adminLayout: s.adminLayout("Replay of "+heading+" · Introspect", "sessions", who), Heading: heading, Session: address,
		Messages: s.timeline(messages, nil), Steps: len(messages), Step: 1,
	}
	if n, err := strconv.Atoi(r.FormValue("at")); err == nil {
		view.Step = n
	}
	view.Step = max(min(view.Step, view.Steps), min(1, view.Steps))
	to := func(step int) string { return address + "/replay?at=" + strconv.Itoa(step) + "#now" }
	if view.Step > 1 {
		view.Back = to(view.Step - 1)
	}
	if view.Step < view.Steps {
		view.Next, view.End = to(view.Step+1), to(view.Steps)
	}
	view.Messages = view.Messages[:view.Step]
	if n := view.Step; n > 1 {
		view.Since = duration(max(1, view.Messages[n-1].when.Sub(view.Messages[0].when).Seconds()))
		view.Took = duration(max(1, view.Messages[n-1].when.Sub(view.Messages[n-2].when).Seconds()))
	}
	return s.render(w, http.StatusOK, "admin/replay", view)
}

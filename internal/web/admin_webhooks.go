package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/store"
)

// webhooksPage is templates/admin/webhooks.html.
type webhooksPage struct {
	adminLayout
	Notice, Error string
	Secret        string // of the endpoint that was just added; shown this once
	Rows          []endpointRow
	Types         []typeChoice
	URL           string // as it was typed
}

type typeChoice struct {
	Name, Text string
	Checked    bool
}

// endpointRow is one endpoint.
type endpointRow struct {
	ID, URL, Address string
	Types            string
	Active           bool
	Added            moment
}

// endpointPage is templates/admin/webhook.html.
type endpointPage struct {
	adminLayout
	endpointRow
	Notice string
	Back   string // address of this page
	Calls  []callRow
}

// callRow is one line of the delivery log.
type callRow struct {
	jobRow
	Type   string
	Status int
	Answer string
}

// callsShown is how much of the delivery log is shown.
const callsShown = 100

// typeWords says what an event is about.
func typeWords(name string) string {
	switch name {
	case "session.completed":
		return "An interview is finished"
	case "session.abandoned":
		return "An interview was left"
	case "proposal.accepted":
		return "A client accepted"
	case "proposal.question":
		return "A client asked about the proposal"
	}
	return name
}

// choices lists what an endpoint can be told; the test is always sent.
func choices(chosen []string) []typeChoice {
	var out []typeChoice
	for _, name := range deliver.Types() {
		if name != "ping" {
			out = append(out, typeChoice{name, typeWords(name), slices.Contains(chosen, name)})
		}
	}
	return out
}

func (s *Server) endpointRow(h store.Webhook) endpointRow {
	row := endpointRow{ID: h.ID, URL: h.URL, Address: "/admin/webhooks/" + url.PathEscape(h.ID), Types: "All events", Active: h.Active, Added: s.moment(h.CreatedAt)}
	if len(h.Events) > 0 {
		row.Types = strings.Join(h.Events, ", ")
	}
	return row
}

func (s *Server) webhooksPage(r *http.Request, who staff, chosen []string) (webhooksPage, error) {
	page := webhooksPage{adminLayout: s.adminLayout("Webhooks · Introspect", "webhooks", who), Types: choices(chosen)}
	list, err := s.cfg.Store.Webhooks(r.Context())
	for _, h := range list {
		page.Rows = append(page.Rows, s.endpointRow(h))
	}
	return page, err
}

// adminWebhooks lists the endpoints: GET /admin/webhooks.
func (s *Server) adminWebhooks(w http.ResponseWriter, r *http.Request, who staff) error {
	page, err := s.webhooksPage(r, who, nil)
	if err != nil {
		return err
	}
	if r.FormValue("deleted") != "" {
		page.Notice = "The endpoint is deleted. What waited for it is not sent."
	}
	return s.render(w, http.StatusOK, "admin/webhooks", page)
}

// adminWebhookAdd adds an endpoint and shows its secret, this once: POST
// /admin/webhooks. The answer is no redirect, because a secret has no place in an
// address.
func (s *Server) adminWebhookAdd(w http.ResponseWriter, r *http.Request, who staff) error {
	if err := parseForm(r); err != nil {
		return err
	}
	address, chosen := strings.TrimSpace(r.PostForm.Get("url")), r.PostForm["events"]
	added, err := s.cfg.Deliver.AddEndpoint(r.Context(), address, chosen)
	var invalid *deliver.Invalid
	if errors.As(err, &invalid) {
		page, err := s.webhooksPage(r, who, chosen)
		if err != nil {
			return err
		}
		page.Error, page.URL = invalid.Reason, address
		return s.render(w, http.StatusUnprocessableEntity, "admin/webhooks", page)
	}
	if err != nil {
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, "webhook_added", "webhook:"+added.ID); err != nil {
		return err
	}
	page, err := s.webhooksPage(r, who, nil)
	if err != nil {
		return err
	}
	page.Secret = added.Secret
	w.Header().Set("Cache-Control", "no-store")
	return s.render(w, http.StatusOK, "admin/webhooks", page)
}

// adminWebhook shows one endpoint with its delivery log: GET
// /admin/webhooks/{id}.
func (s *Server) adminWebhook(w http.ResponseWriter, r *http.Request, who staff) error {
	h, err := s.cfg.Store.Webhook(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	page := endpointPage{adminLayout: s.adminLayout("Webhook · Introspect", "webhooks", who), endpointRow: s.endpointRow(h)}
	page.Back = page.Address
	calls, err := s.cfg.Deliver.Calls(r.Context(), h.ID, callsShown)
	if err != nil {
		return err
	}
	for _, c := range calls {
		row := callRow{s.jobRow(c.Job), c.Type, c.Status, clip(c.Answer, 300)}
		if c.State == store.JobDone {
			row.State = "Arrived"
		}
		page.Calls = append(page.Calls, row)
	}
	for name, text := range map[string]string{
		"tested": "The test is on its way. The log shows what the endpoint answers.", "replayed": "The message is on its way once more.",
		"paused": "The endpoint is paused: what happens now is not told, and not told later either.", "resumed": "The endpoint is told again.",
	} {
		if r.FormValue(name) != "" {
			page.Notice = text
		}
	}
	return s.render(w, http.StatusOK, "admin/webhook", page)
}

// adminWebhookChange pauses, tests or deletes an endpoint: POST
// /admin/webhooks/{id}.
func (s *Server) adminWebhookChange(w http.ResponseWriter, r *http.Request, who staff) error {
	id := r.PathValue("id")
	var err error
	var done string
	next := "/admin/webhooks/" + url.PathEscape(id)
	switch r.FormValue("do") {
	case "pause":
		done, err = "paused", s.cfg.Deliver.PauseEndpoint(r.Context(), id, true)
	case "resume":
		done, err = "resumed", s.cfg.Deliver.PauseEndpoint(r.Context(), id, false)
	case "test":
		done = "tested"
		if _, err = s.cfg.Store.Webhook(r.Context(), id); err == nil {
			err = s.cfg.Deliver.Ping(r.Context(), id)
		}
	case "delete":
		if r.FormValue("sure") != "1" {
			return badRequest("Deleting an endpoint has to be confirmed. Nothing was deleted; please go back and tick the box.")
		}
		done, next, err = "deleted", "/admin/webhooks", s.cfg.Deliver.RemoveEndpoint(r.Context(), id)
	default:
		return badRequest("There is nothing of that name to do with an endpoint.")
	}
	if err != nil {
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, "webhook_"+done, "webhook:"+id); err != nil {
		return err
	}
	http.Redirect(w, r, next+"?"+done+"=1", http.StatusSeeOther)
	return nil
}

package smoke

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/persona"
	"applicreations.com/introspect/internal/scope"
)

func (r *run) ready(ctx context.Context) (string, error) {
	for _, path := range []string{"/livez", "/readyz"} {
		if _, err := r.expect(ctx, http.StatusOK, http.MethodGet, path, "", nil, nil); err != nil {
			return "", err
		}
	}
	return "the process lives and takes requests", nil
}

// health wants the right release, and all vendors up.
func (r *run) health(ctx context.Context) (string, error) {
	a, err := r.call(ctx, http.MethodGet, "/api/health", "", nil)
	if err != nil {
		return "", err
	}
	var h struct {
		Status, Version, Commit string
		Checks                  struct{ Database bool }
	}
	if err := json.Unmarshal(a.body, &h); err != nil {
		return "", fmt.Errorf("GET /api/health answered %d and no report: %w", a.status, err)
	}
	switch {
	case r.Commit != "" && h.Commit != r.Commit:
		return "", fmt.Errorf("commit %q answers, want %q: the deployment did not arrive", h.Commit, r.Commit)
	case h.Status == "degraded" && r.Degraded && h.Checks.Database:
	case a.status != http.StatusOK:
		return "", fmt.Errorf("GET /api/health answered %d, status %q", a.status, h.Status)
	}
	return fmt.Sprintf("%s, version %s", h.Status, h.Version), nil
}

func (r *run) pages(ctx context.Context) (string, error) {
	pages := []struct{ path, kind string }{
		{"/", "text/html"},
		{"/intake", "text/html"},
		{"/privacy", "text/html"},
		{"/admin/login", "text/html"},
		{"/openapi.json", "application/json"},
		{"/collector.js", "text/javascript"},
		{"/robots.txt", "text/plain"},
	}
	var errs []error
	for _, p := range pages {
		a, err := r.expect(ctx, http.StatusOK, http.MethodGet, p.path, "", nil, nil)
		if err == nil && !strings.HasPrefix(a.header.Get("Content-Type"), p.kind) {
			err = fmt.Errorf("GET %s is %q, want %s", p.path, a.header.Get("Content-Type"), p.kind)
		}
		errs = append(errs, err)
	}
	return fmt.Sprintf("%d addresses answer", len(pages)), errors.Join(errs...)
}

// headers wants the headers that keep a page from being misused; a proxy in
// front may have taken them away.
func (r *run) headers(ctx context.Context) (string, error) {
	a, err := r.expect(ctx, http.StatusOK, http.MethodGet, "/", "", nil, nil)
	if err != nil {
		return "", err
	}
	wants := []struct{ name, part string }{
		{"Content-Security-Policy", "default-src 'none'"},
		{"Content-Security-Policy", "frame-ancestors 'none'"},
		{"X-Content-Type-Options", "nosniff"},
		{"Referrer-Policy", "strict-origin-when-cross-origin"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Permissions-Policy", "camera=()"},
	}
	if strings.HasPrefix(r.URL, "https://") {
		wants = append(wants, struct{ name, part string }{"Strict-Transport-Security", "max-age="})
	}
	var errs []error
	for _, w := range wants {
		if !strings.Contains(a.header.Get(w.name), w.part) {
			errs = append(errs, fmt.Errorf("%s is %q, want %s in it", w.name, a.header.Get(w.name), w.part))
		}
	}
	if strings.Contains(a.header.Get("Content-Security-Policy"), "unsafe-") {
		errs = append(errs, errors.New("Content-Security-Policy allows something unsafe"))
	}
	return fmt.Sprintf("%d headers are right", len(wants)), errors.Join(errs...)
}

// dashboard wants it closed to strangers and open to the owner.
func (r *run) dashboard(ctx context.Context) (string, error) {
	a, err := r.expect(ctx, http.StatusSeeOther, http.MethodGet, "/admin/dashboard", "", nil, nil)
	if err != nil {
		return "", fmt.Errorf("a stranger is not led to the login: %w", err)
	}
	if to := a.header.Get("Location"); !strings.HasPrefix(to, "/admin/login") {
		return "", fmt.Errorf("a stranger is led to %q, want /admin/login", to)
	}
	if _, err := r.expect(ctx, http.StatusUnauthorized, http.MethodGet, "/api/admin/metrics", "", nil, nil); err != nil {
		return "", err
	}
	if r.Token == "" {
		return "", errNoToken
	}
	var d struct {
		FunnelMetrics []struct{ Stage string }
	}
	if _, err := r.expect(ctx, http.StatusOK, http.MethodGet, "/api/admin/metrics", r.Token, nil, &d); err != nil {
		return "", err
	}
	if len(d.FunnelMetrics) == 0 {
		return "", errors.New("the figures have no funnel")
	}
	return "closed to strangers, its figures open to the owner", nil
}

// session is the canary.
type session struct {
	id     event.SessionID
	token  string
	client *persona.Client
	now    step
}

// step is the action that a session stands at, as the API tells it.
type step struct {
	ID       intake.ActionID `json:"actionId"`
	Kind     intake.Kind     `json:"action"`
	Content  json.RawMessage `json:"content"`
	Progress struct {
		Percent       int `json:"percent"`
		QuestionCount int `json:"questionCount"`
	} `json:"progress"`
}

// action reads a step as the client sees it.
func (s step) action() (intake.Action, error) {
	a := intake.Action{ID: s.ID, Kind: s.Kind}
	into := map[intake.Kind]any{
		intake.AskQuestion: &a.Question, intake.RecommendFeatures: &a.Features, intake.ValidateUnderstanding: &a.Validation,
		intake.ExampleOptions: &a.Examples, intake.ConflictResolution: &a.Conflict, intake.Complete: &a.Done,
	}[s.Kind]
	if into == nil {
		return a, fmt.Errorf("action %q is unknown; is this command older than the server?", s.Kind)
	}
	if err := json.Unmarshal(s.Content, into); err != nil {
		return a, fmt.Errorf("read the content of %s: %w", s.Kind, err)
	}
	return a, nil
}

func (r *run) begin(ctx context.Context) (string, error) {
	if r.Token == "" {
		return "", errNoToken // without it the interview would count as that of a client
	}
	lib, err := persona.Open()
	if err != nil {
		return "", err
	}
	r.session.client = lib.New(lib.Briefs[0], persona.Presets()[0], 1)
	who := r.session.client.Foundation()
	who.Name, who.Email = "Canary Smoke", "canary@example.com"
	var begun struct {
		SessionID event.SessionID `json:"sessionId"`
		Token     string          `json:"token"`
		step
	}
	if _, err := r.expect(ctx, http.StatusCreated, http.MethodPost, "/api/sessions", "", who, &begun); err != nil {
		return "", err
	}
	r.session.id, r.session.token, r.session.now = begun.SessionID, begun.Token, begun.step
	return "session " + string(begun.SessionID), nil
}

// maxSteps is far above what an interview may take (DOMAIN 1.12: 30 questions
// with their loops).
const maxSteps = 80

// interview answers until the end and reads the document.
func (r *run) interview(ctx context.Context) (string, error) {
	s := &r.session
	steps := 0
	for ; s.now.Kind != intake.Complete; steps++ {
		if steps == maxSteps {
			return "", fmt.Errorf("the interview does not end: %d steps, %d %%", steps, s.now.Progress.Percent)
		}
		if err := r.answer(ctx); err != nil {
			return "", fmt.Errorf("step %d, %s: %w", steps+1, s.now.Kind, err)
		}
	}
	var doc struct {
		Status string
	}
	if _, err := r.expect(ctx, http.StatusOK, http.MethodGet, "/api/sessions/"+string(s.id), s.token, nil, &doc); err != nil {
		return "", err
	}
	if doc.Status != string(intake.Completed) {
		return "", fmt.Errorf("the interview ended, but its status is %q", doc.Status)
	}
	a, err := r.expect(ctx, http.StatusOK, http.MethodGet, "/api/documents/scope/"+string(s.id), s.token, nil, nil)
	if err != nil {
		return "", err
	}
	if words := len(strings.Fields(string(a.body))); words < 300 {
		return "", fmt.Errorf("SCOPE.md has %d words, which is no specification", words)
	}
	return fmt.Sprintf("complete after %d questions, SCOPE.md has %d words", s.now.Progress.QuestionCount, len(strings.Fields(string(a.body)))), nil
}

// answer answers one action; what is refused is answered once more, plainly.
func (r *run) answer(ctx context.Context) error {
	s := &r.session
	act, err := s.now.action()
	if err != nil {
		return err
	}
	send := func(given intake.Answer) (answer, error) {
		body := map[string]any{"sessionId": s.id, "actionId": s.now.ID, "answer": given}
		var next step
		a, err := r.expect(ctx, http.StatusOK, http.MethodPost, "/api/conversation", s.token, body, &next)
		if err == nil {
			s.client.Taken()
			s.now = next
		}
		return a, err
	}
	a, err := send(s.client.Answer(act))
	if a.status == http.StatusUnprocessableEntity || a.status == http.StatusBadRequest {
		_, err = send(s.client.Again(act))
	}
	return err
}

// metrics sends one event of the canary as a front end does.
func (r *run) metrics(ctx context.Context) (string, error) {
	now := r.Now().UTC()
	e := event.New(r.session.id, int(now.UnixMilli()%1_000_000), now, event.FoundationField{Field: "name", TimeSpent: 1})
	batch := map[string]any{"events": []map[string]any{{
		"id": e.ID, "name": e.Name, "sessionId": e.SessionID, "timestamp": now.Format(time.RFC3339Nano), "properties": e.Properties,
	}}}
	var taken struct{ Accepted int }
	if _, err := r.expect(ctx, http.StatusOK, http.MethodPost, "/api/metrics/batch", "", batch, &taken); err != nil {
		return "", err
	}
	if taken.Accepted != 1 {
		return "", fmt.Errorf("the collector accepted %d events of one", taken.Accepted)
	}
	return "the collector keeps events", nil
}

func (r *run) remove(ctx context.Context) (string, error) {
	var gone struct{ Removed int }
	path := "/api/admin/canaries/" + string(r.session.id)
	if _, err := r.expect(ctx, http.StatusOK, http.MethodDelete, path, r.Token, nil, &gone); err != nil {
		return "", fmt.Errorf("%w; the next smoke test removes it, and until then nothing counts it", err)
	}
	if gone.Removed == 0 {
		return "", errors.New("the server did not know the interview as a canary: it may have counted as that of a client")
	}
	return scope.Plural(gone.Removed, "interview") + " of smoke tests", nil
}

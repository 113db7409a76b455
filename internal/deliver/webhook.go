package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/store"
)

// Types lists what endpoints can be told.
func Types() []string {
	return []string{"session.completed", "session.abandoned", "proposal.accepted", "proposal.question", "ping"}
}

// notice is the body of a webhook. It holds no personal data: who may see the
// session reads the rest there.
type notice struct {
	Type      string          `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

// announcement is the work of telling everybody who wants to hear of it.
func (s *Service) announcement(kind string, id event.SessionID, key string, data map[string]any) store.NewJob {
	if data == nil {
		data = map[string]any{}
	}
	data["sessionId"] = string(id)
	inner, err := json.Marshal(data)
	body, err2 := json.Marshal(notice{Type: kind, Timestamp: s.cfg.Now().UTC(), Data: inner})
	if err := errors.Join(err, err2); err != nil {
		panic("encode webhook: " + err.Error()) // plain values only
	}
	return store.NewJob{Kind: KindAnnounce, Key: "announce/" + key, Session: id, Payload: body, Due: s.cfg.Now()}
}

// hookWork is the payload of a webhook's job.
type hookWork struct {
	Endpoint string          `json:"endpoint"`
	Body     json.RawMessage `json:"body"`
}

// announce makes a job for each endpoint that wants to hear of something.
func (s *Service) announce(ctx context.Context, t *job.Task) (store.Effects, error) {
	var n notice
	if err := json.Unmarshal(t.Payload, &n); err != nil {
		return store.Effects{}, &job.Failure{Err: fmt.Errorf("read announcement: %w", err), Permanent: true}
	}
	hooks, err := s.cfg.Store.Webhooks(ctx)
	if err != nil {
		return store.Effects{}, err
	}
	var e store.Effects
	for _, h := range hooks {
		if !h.Active || len(h.Events) > 0 && !slices.Contains(h.Events, n.Type) {
			continue
		}
		j, err := s.hookJob(h.ID, t.Session, t.Payload, t.ID)
		if err != nil {
			return store.Effects{}, err
		}
		e.Jobs = append(e.Jobs, j)
	}
	return e, nil
}

func (s *Service) hookJob(endpoint string, id event.SessionID, body []byte, about string) (store.NewJob, error) {
	payload, err := json.Marshal(hookWork{Endpoint: endpoint, Body: body})
	return store.NewJob{Kind: KindWebhook, Key: endpointKey(endpoint) + about, Session: id, Payload: payload, Due: s.cfg.Now()}, err
}

// Ping sends an endpoint a message that means nothing, through the same way.
func (s *Service) Ping(ctx context.Context, endpoint string) error {
	body, err := json.Marshal(notice{Type: "ping", Timestamp: s.cfg.Now().UTC(), Data: json.RawMessage(`{}`)})
	if err != nil {
		return err
	}
	j, err := s.hookJob(endpoint, "", body, store.NewJobID())
	if err == nil {
		_, err = s.cfg.Store.Enqueue(ctx, j)
	}
	return err
}

// said is what came of a webhook, for people.
type said struct {
	Status int    `json:"status"`
	Answer string `json:"answer"`
}

// webhook tells one endpoint.
func (s *Service) webhook(ctx context.Context, t *job.Task) (store.Effects, error) {
	var w hookWork
	if err := json.Unmarshal(t.Payload, &w); err != nil {
		return store.Effects{}, &job.Failure{Err: fmt.Errorf("read webhook: %w", err), Permanent: true}
	}
	h, err := s.cfg.Store.Webhook(ctx, w.Endpoint)
	if errors.Is(err, store.ErrNotFound) {
		return store.Effects{Result: []byte(`{"answer":"the endpoint was removed"}`)}, nil
	}
	if err != nil {
		return store.Effects{}, err
	}
	status, answer, err := s.cfg.Post(ctx, h.URL, h.Secret, t.ID, s.cfg.Now(), w.Body)
	if err != nil {
		f := &job.Failure{Err: err}
		var refusal *letter.SendError
		if errors.As(err, &refusal) {
			f.Permanent, f.After = refusal.Permanent, refusal.RetryAfter
		}
		return store.Effects{}, f
	}
	result, err := json.Marshal(said{status, answer})
	return store.Effects{Result: result}, err
}

package web

import (
	"context"
	"log/slog"
	"net/http"

	"applicreations.com/introspect/internal/event"
)

// canaryHeader carries an API token of the owner on every request of a smoke
// test. Nothing that it does counts: not its interview, not its events, not
// its latencies, and no limit stops it.
const canaryHeader = "X-Introspect-Canary"

type canaryKey struct{}

// canary marks a request of a smoke test. A token that is not known is refused
// rather than ignored: the test would else go into the figures as a client.
func (s *Server) canary(r *http.Request) (*http.Request, error) {
	token := r.Header.Get(canaryHeader)
	if token == "" {
		return r, nil
	}
	if _, ok := s.cfg.Account.Authorize(r.Context(), token); !ok {
		return r, unauthorized("The token in " + canaryHeader + " is none of this installation. Make one with introspect token create NAME.")
	}
	return r.WithContext(context.WithValue(r.Context(), canaryKey{}, true)), nil
}

func isCanary(r *http.Request) bool { return r.Context().Value(canaryKey{}) != nil }

// canaryRemove takes a canary out again: DELETE /api/admin/canaries/{id}.
func (s *Server) canaryRemove(w http.ResponseWriter, r *http.Request) error {
	// Only a token counts: a page of another site could make a browser send a
	// cookie along.
	actor, ok := s.cfg.Account.Authorize(r.Context(), bearer(r))
	if !ok {
		return unauthorized("Send an API token as Authorization: Bearer <token>.")
	}
	n, err := s.cfg.Interview.RemoveCanary(r.Context(), event.SessionID(r.PathValue("id")))
	if err != nil {
		return err
	}
	s.log.LogAttrs(r.Context(), slog.LevelInfo, "canaries removed", slog.String("actor", actor), slog.Int("canaries", n))
	return writeJSON(w, http.StatusOK, map[string]int{"removed": n})
}

package web

import (
	"log/slog"
	"mime"
	"net/http"
	"strconv"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
)

// scopeDocument serves SCOPE.md to the client of the session and to admins:
// GET /api/documents/scope/{sessionId}.
func (s *Server) scopeDocument(w http.ResponseWriter, r *http.Request) error {
	id, err := s.mayRead(r)
	if err != nil {
		return err
	}
	doc, err := s.cfg.Interview.Scope(r.Context(), id)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/markdown; charset=utf-8")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": doc.FileName}))
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Content-Length", strconv.Itoa(len(doc.Markdown)))
	_, _ = w.Write([]byte(doc.Markdown)) // A client that left needs no answer.
	return nil
}

// proposalDocument says that the client's PDF is not there yet:
// GET /api/documents/proposal/{sessionId}.
func (s *Server) proposalDocument(_ http.ResponseWriter, r *http.Request) error {
	if _, err := s.mayRead(r); err != nil {
		return err
	}
	return &problem{
		Status: http.StatusNotFound, Kind: "being_prepared", Title: "The PDF is being prepared",
		Detail: "The client PDF of this project is not available yet. SCOPE.md is.", Level: slog.LevelInfo,
	}
}

// mayRead returns the finished session whose documents are asked for, when the
// request shows a right to them: the session's token as bearer or cookie, or
// an admin.
func (s *Server) mayRead(r *http.Request) (event.SessionID, error) {
	id := event.SessionID(r.PathValue("sessionId"))
	k, ok := bearerKey(r)
	if !ok || k.id != id {
		if k, ok = cookieKey(r); ok && k.id != id {
			ok = false
		}
	}
	if !ok {
		if _, admin := s.adminActor(r); admin {
			return id, nil
		}
		return "", unauthorized("Send the session token, or open the document in the browser that held the conversation.")
	}
	sess, err := s.cfg.Interview.Load(r.Context(), k.id, k.token)
	if err != nil {
		return "", err
	}
	if sess.Current.Kind != intake.Complete {
		return "", &problem{
			Status: http.StatusNotFound, Kind: "not_ready", Title: "The document is not written yet",
			Detail: "Documents are written when the interview is complete.", Level: slog.LevelInfo,
		}
	}
	return id, nil
}

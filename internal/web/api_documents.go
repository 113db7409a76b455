package web

import (
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"strconv"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/store"
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

// proposalDocument serves the client's PDF to the client of the session, once
// it may go out, and to admins at any time:
// GET /api/documents/proposal/{sessionId}.
func (s *Server) proposalDocument(w http.ResponseWriter, r *http.Request) error {
	id, err := s.mayRead(r)
	if err != nil {
		return err
	}
	if _, admin := s.adminActor(r); !admin {
		if d, err := s.cfg.Store.Delivery(r.Context(), id); err == nil && d.State == store.DeliveryHeld {
			return &problem{
				Status: http.StatusNotFound, Kind: "held", Title: "The team checks the document first",
				Detail: s.cfg.Agency.Name + " reads the proposal before it goes out and sends it to the client then. SCOPE.md is ready.", Level: slog.LevelInfo,
			}
		}
	}
	doc, err := s.cfg.Store.Document(r.Context(), id, store.DocumentProposal)
	if errors.Is(err, store.ErrNotFound) {
		return &problem{
			Status: http.StatusNotFound, Kind: "being_prepared", Title: "The PDF is being prepared",
			Detail: "The client PDF of this project is not available yet. SCOPE.md is.", Level: slog.LevelInfo,
		}
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", doc.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": doc.Name}))
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Content-Length", strconv.Itoa(len(doc.Data)))
	_, _ = w.Write(doc.Data) // A client that left needs no answer.
	return nil
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

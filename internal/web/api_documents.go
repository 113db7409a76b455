package web

import (
	"errors"
	"log/slog"
	"net/http"

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
	if _, err := s.asAdmin(r, store.DocumentScope, id); err != nil {
		return err
	}
	sendFile(w, doc.FileName, "text/markdown; charset=utf-8", []byte(doc.Markdown))
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
	admin, err := s.asAdmin(r, store.DocumentProposal, id)
	if err != nil {
		return err
	}
	if !admin {
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
	sendFile(w, doc.Name, doc.MediaType, doc.Data)
	return nil
}

// asAdmin reports whether an admin asks for a document, and notes it: documents
// hold personal data (DOMAIN 8.9).
func (s *Server) asAdmin(r *http.Request, kind string, id event.SessionID) (bool, error) {
	actor, ok := s.adminActor(r)
	if !ok {
		return false, nil
	}
	return true, s.cfg.Account.AuditActor(r.Context(), actor, "document_downloaded", kind+":"+string(id))
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

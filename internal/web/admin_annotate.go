package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"applicreations.com/introspect/internal/store"
)

// maxAnnotation is the longest note, in characters.
const maxAnnotation = 200

// adminAnnotate puts a note on the time axis: POST /admin/annotations.
func (s *Server) adminAnnotate(w http.ResponseWriter, r *http.Request, who staff) error {
	text := strings.Join(strings.Fields(r.FormValue("text")), " ")
	day, err := time.ParseInLocation(time.DateOnly, r.FormValue("day"), s.cfg.Zone)
	switch {
	case text == "" || utf8.RuneCountInString(text) > maxAnnotation:
		return badRequest("A note needs between 1 and 200 characters. Nothing was kept; please go back and try again.")
	case err != nil:
		return badRequest("A note needs a day. Nothing was kept; please go back and choose one.")
	}
	id, err := s.cfg.Store.Annotate(r.Context(), store.Annotation{At: day.Add(12 * time.Hour), Kind: store.KindNote, Text: text})
	if err != nil {
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, "annotation_added", id); err != nil {
		return err
	}
	return s.backToDashboard(w, r)
}

// adminUnannotate takes a note away: POST /admin/annotations/{id}/remove.
func (s *Server) adminUnannotate(w http.ResponseWriter, r *http.Request, who staff) error {
	id := r.PathValue("id")
	if err := s.cfg.Store.Unannotate(r.Context(), id); err != nil {
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, "annotation_removed", id); err != nil {
		return err
	}
	return s.backToDashboard(w, r)
}

// backToDashboard leads to the view from which a form was sent.
func (s *Server) backToDashboard(w http.ResponseWriter, r *http.Request) error {
	query, err := url.ParseQuery(r.FormValue("view"))
	if err != nil {
		query = nil
	}
	r.Form = query
	http.Redirect(w, r, s.view(r).address("/admin/dashboard"), http.StatusSeeOther)
	return nil
}

package web

import (
	"errors"
	"log/slog"
	"net/http"

	"applicreations.com/introspect/internal/account"
)

// setupPage is templates/admin/setup.html.
type setupPage struct {
	adminLayout
	Token   string
	Email   string
	Person  string
	Invalid *account.Invalid // what to correct
}

func (s *Server) setupPage(w http.ResponseWriter, token string) setupPage {
	// The address holds the token, which no other site needs to see.
	w.Header().Set("Referrer-Policy", "no-referrer")
	return setupPage{adminLayout: s.adminLayout("Create the first admin · Introspect", "", staff{}), Token: token}
}

// setupClosed is the one answer to a link that is wrong, used or replaced.
func setupClosed() *problem {
	return &problem{
		Status: http.StatusNotFound, Kind: "setup_closed", Title: "This link does not open the setup",
		Detail: "A setup link works once, and only until the server starts again. The newest one stands in the server's log. " +
			"If there is an admin already, please sign in at /admin/login.", Level: slog.LevelWarn,
	}
}

// adminSetup shows the form of the first admin: GET /admin/setup?token=.
func (s *Server) adminSetup(w http.ResponseWriter, r *http.Request) error {
	token := r.FormValue("token")
	open, err := s.cfg.Account.SetupOpen(r.Context(), token)
	if err != nil {
		return err
	}
	if !open {
		return setupClosed()
	}
	return s.render(w, http.StatusOK, "admin/setup", s.setupPage(w, token))
}

// adminSetupSend creates the first admin and signs them in: POST /admin/setup.
func (s *Server) adminSetupSend(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return readProblem(err)
	}
	view := s.setupPage(w, r.PostForm.Get("token"))
	view.Email, view.Person = r.PostForm.Get("email"), r.PostForm.Get("name")
	u, err := s.cfg.Account.CreateFirst(r.Context(), view.Token, view.Email, view.Person, r.PostForm.Get("password"))
	switch {
	case errors.As(err, &view.Invalid):
		return s.render(w, http.StatusUnprocessableEntity, "admin/setup", view)
	case errors.Is(err, account.ErrSetup):
		return setupClosed()
	case err != nil:
		return err
	}
	if err := s.signIn(w, r, u); err != nil {
		return err
	}
	http.Redirect(w, r, "/admin/dashboard", http.StatusSeeOther)
	return nil
}

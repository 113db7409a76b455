package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/account"
)

// staff is who is logged in.
type staff struct {
	account.User
}

// staffHandler answers a request of somebody who is logged in.
type staffHandler func(http.ResponseWriter, *http.Request, staff) error

// forAdmin lets nobody in without a login: others are led to it, and back to
// where they wanted to go.
func (s *Server) forAdmin(h staffHandler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Add("Vary", "Cookie")
		who, ok, err := s.staff(w, r)
		if err != nil {
			return err
		}
		if !ok {
			http.Redirect(w, r, "/admin/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
			return nil
		}
		return h(w, r, who)
	}
}

// The values of a login.
const (
	loginID    = "id"
	loginEmail = "email"
	loginName  = "name"
	loginSeen  = "seen" // unix seconds of the last time the login was prolonged
)

// prolongAfter spares the database a write for every request.
const prolongAfter = 5 * time.Minute

// staff reads the login of a request, and prolongs it now and then.
func (s *Server) staff(w http.ResponseWriter, r *http.Request) (who staff, ok bool, err error) {
	token := cookieValue(r, adminCookie)
	if token == "" {
		return staff{}, false, nil
	}
	ctx, err := s.admin.logins.Load(r.Context(), token)
	if err != nil {
		return staff{}, false, fmt.Errorf("load login: %w", err)
	}
	logins := s.admin.logins
	who.ID, who.Email, who.Name = logins.GetString(ctx, loginID), logins.GetString(ctx, loginEmail), logins.GetString(ctx, loginName)
	if who.ID == "" {
		return staff{}, false, nil
	}
	now := s.now()
	if now.Sub(time.Unix(logins.GetInt64(ctx, loginSeen), 0)) > prolongAfter {
		logins.Put(ctx, loginSeen, now.Unix())
		// A full queue may skip this: the next request tries again.
		if _, _, err := logins.Commit(ctx); err == nil {
			s.setCookie(w, r, adminCookie, token, adminIdle)
		}
	}
	return who, true, nil
}

// adminActor reports which admin made the request: the owner of an API token,
// or who is logged in.
func (s *Server) adminActor(r *http.Request) (actor string, ok bool) {
	if token := bearer(r); token != "" {
		return s.cfg.Account.Authorize(r.Context(), token)
	}
	ctx, err := s.admin.logins.Load(r.Context(), cookieValue(r, adminCookie))
	if err != nil {
		return "", false
	}
	id := s.admin.logins.GetString(ctx, loginID)
	return "admin:" + id, id != ""
}

// loginPage is templates/admin/login.html.
type loginPage struct {
	adminLayout
	Email  string
	Next   string
	Error  string
	Notice string
}

func (s *Server) loginPage(next string) loginPage {
	return loginPage{adminLayout: s.adminLayout("Sign in · Introspect", "", staff{}), Next: safeNext(next)}
}

// adminLogin shows the form: GET /admin/login.
func (s *Server) adminLogin(w http.ResponseWriter, r *http.Request) error {
	_, ok, err := s.staff(w, r)
	if err != nil {
		return err
	}
	view := s.loginPage(r.FormValue("next"))
	if ok {
		http.Redirect(w, r, view.Next, http.StatusSeeOther)
		return nil
	}
	if r.FormValue("signed_out") != "" {
		view.Notice = "You are signed out."
	}
	return s.render(w, http.StatusOK, "admin/login", view)
}

// adminLoginSend checks the form: POST /admin/login.
func (s *Server) adminLoginSend(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return readProblem(err)
	}
	view := s.loginPage(r.PostForm.Get("next"))
	view.Email = r.PostForm.Get("email")
	u, err := s.cfg.Account.Login(r.Context(), view.Email, r.PostForm.Get("password"))
	var throttled *account.Throttled
	switch {
	case errors.As(err, &throttled):
		view.Error = "There were too many attempts with this address. Please wait " + waitWords(throttled.Wait) + " and try again."
		w.Header().Set("Retry-After", strconv.Itoa(int(throttled.Wait.Seconds())+1))
		return s.render(w, http.StatusTooManyRequests, "admin/login", view)
	case errors.Is(err, account.ErrCredentials):
		view.Error = "The e-mail address or the password is not right. Please check both."
		return s.render(w, http.StatusUnprocessableEntity, "admin/login", view)
	case err != nil:
		return err
	}
	if err := s.signIn(w, r, u); err != nil {
		return err
	}
	http.Redirect(w, r, view.Next, http.StatusSeeOther)
	return nil
}

// signIn begins a login under a new token, so that a token planted before the
// login is worth nothing.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request, u account.User) error {
	logins := s.admin.logins
	ctx, err := logins.Load(r.Context(), cookieValue(r, adminCookie))
	if err != nil {
		return fmt.Errorf("load login: %w", err)
	}
	if err := logins.RenewToken(ctx); err != nil {
		return fmt.Errorf("renew login: %w", err)
	}
	logins.Put(ctx, loginID, u.ID)
	logins.Put(ctx, loginEmail, u.Email)
	logins.Put(ctx, loginName, u.Name)
	logins.Put(ctx, loginSeen, s.now().Unix())
	token, _, err := logins.Commit(ctx)
	if err != nil {
		return fmt.Errorf("save login: %w", err)
	}
	s.setCookie(w, r, adminCookie, token, adminIdle)
	return nil
}

// adminLogout ends the login: POST /admin/logout.
func (s *Server) adminLogout(w http.ResponseWriter, r *http.Request) error {
	who, ok, err := s.staff(w, r)
	if err != nil {
		return err
	}
	if ok {
		if err := s.signOut(r.Context(), cookieValue(r, adminCookie), who); err != nil {
			return err
		}
	}
	s.dropCookie(w, r, adminCookie)
	// What the browser kept for its back button shows personal data.
	w.Header().Set("Clear-Site-Data", `"cache"`)
	http.Redirect(w, r, "/admin/login?signed_out=1", http.StatusSeeOther)
	return nil
}

func (s *Server) signOut(ctx context.Context, token string, who staff) error {
	loaded, err := s.admin.logins.Load(ctx, token)
	if err != nil {
		return fmt.Errorf("load login: %w", err)
	}
	if err := s.admin.logins.Destroy(loaded); err != nil {
		return fmt.Errorf("end login: %w", err)
	}
	return s.cfg.Account.Audit(ctx, who.User, "logout", "user:"+who.ID)
}

// safeNext keeps redirects after the login on the pages of the agency.
func safeNext(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.ContainsAny(next, "\\\r\n\t") ||
		(u.Path != "/admin" && !strings.HasPrefix(u.Path, "/admin/")) || strings.HasPrefix(u.Path, "/admin/log") {
		return "/admin/dashboard"
	}
	return u.RequestURI()
}

// waitWords rounds a wait up to whole seconds or minutes.
func waitWords(d time.Duration) string {
	if d <= time.Minute {
		return plural(int((d+time.Second-1)/time.Second), "second", "seconds")
	}
	return plural(int((d+time.Minute-1)/time.Minute), "minute", "minutes")
}

package web

import (
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// How long a shared dashboard can be opened.
const (
	sharedFor     = 30 * 24 * time.Hour
	sharePurpose  = "shared dashboard"
	shareHeadSize = 8 // unix seconds of its end
	maxShared     = 512
)

// adminShare makes a link to the present view that opens without a login and
// ends by itself: POST /admin/share. Figures hold no personal data, and the
// page leads nowhere else.
func (s *Server) adminShare(w http.ResponseWriter, r *http.Request, who staff) error {
	query, err := url.ParseQuery(r.FormValue("view"))
	if err != nil {
		return badRequest("The view to share cannot be read.")
	}
	r.Form = query
	v := s.view(r)
	if len(v.shown) > maxShared {
		return badRequest("This view is too long to be shared.")
	}
	token := s.shareToken(v.shown, s.now().Add(sharedFor))
	if err := s.cfg.Account.Audit(r.Context(), who.User, "dashboard_shared", v.shown); err != nil {
		return err
	}
	page := sharePage{
		adminLayout: s.adminLayout("Share · Introspect", "dashboard", who), Address: s.absolute(r, "/shared/"+token),
		Until: s.moment(s.now().Add(sharedFor)), View: v.words(), Back: v.address("/admin/dashboard"),
	}
	return s.render(w, http.StatusOK, "admin/share", page)
}

// absolute is an address of this installation that others can open.
func (s *Server) absolute(r *http.Request, path string) string {
	switch {
	case s.cfg.AppURL != "":
		return strings.TrimRight(s.cfg.AppURL, "/") + path
	case s.secure(r):
		return "https://" + r.Host + path
	}
	return "http://" + r.Host + path
}

// sharePage is templates/admin/share.html.
type sharePage struct {
	adminLayout
	Address, View, Back string
	Until               moment
}

// shareToken holds the view and its end, so that nothing has to be kept.
func (s *Server) shareToken(query string, until time.Time) string {
	body := append(binary.BigEndian.AppendUint64(nil, uint64(until.Unix())), query...) //nolint:gosec // times after 1970
	return base64.RawURLEncoding.EncodeToString(append(body, s.cfg.Keys.MAC(sharePurpose, body)...))
}

// shared opens a token; false for one that is not ours or has ended.
func (s *Server) shared(token string) (query url.Values, until time.Time, ok bool) {
	data, err := base64.RawURLEncoding.DecodeString(token)
	size := len(s.cfg.Keys.MAC(sharePurpose, nil))
	if err != nil || len(data) < shareHeadSize+size || len(data) > shareHeadSize+size+maxShared {
		return nil, until, false
	}
	body, mac := data[:len(data)-size], data[len(data)-size:]
	if !s.cfg.Keys.Verify(sharePurpose, body, mac) {
		return nil, until, false
	}
	until = time.Unix(int64(binary.BigEndian.Uint64(body)), 0) //nolint:gosec // we wrote it
	query, err = url.ParseQuery(string(body[shareHeadSize:]))
	return query, until, err == nil && s.now().Before(until)
}

// sharedDashboard shows a shared view: GET /shared/{token}.
func (s *Server) sharedDashboard(w http.ResponseWriter, r *http.Request) error {
	query, until, ok := s.shared(r.PathValue("token"))
	if !ok {
		return gone("This link has ended or was never one. Please ask the agency for a new one.")
	}
	r.Form = query
	page := dashboardPage{adminLayout: s.adminLayout(dashboardTitle, "dashboard", staff{})}
	if err := s.fillDashboard(r.Context(), &page, s.view(r), ""); err != nil {
		return err
	}
	at := s.moment(until)
	page.Shared = "Shared until " + at.Day + ". It shows counts only, nothing about persons."
	w.Header().Set("Referrer-Policy", "no-referrer")
	return s.render(w, http.StatusOK, "admin/dashboard", page)
}

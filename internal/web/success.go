package web

import (
	"net/http"
	"slices"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
)

// successPage is templates/success.html (DOMAIN 1.9).
type successPage struct {
	layout
	Name           string
	Business       string
	Scope          string // address of SCOPE.md
	Package        string
	Total, Hosting catalog.Cents
	Timeline       string
	Features       []string
	Phased         []string // moved to a later phase
	Missing        []string // what the first meeting has to settle
	Deposit        catalog.Payment
	Delivery       deliveryView
	Notice, Alert  string // what came of asking for the mail again
	Every          int    // milliseconds until the page looks again; 0: never
}

// success shows the result of a finished interview, or how far its documents
// are until then.
func (s *Server) success(w http.ResponseWriter, r *http.Request) error {
	sess, err := s.finished(w, r)
	if sess == nil || err != nil {
		return err
	}
	d, err := s.delivery(r.Context(), sess)
	if err != nil {
		return err
	}
	if d.Making && r.URL.Query().Get("closed") == "" {
		return s.render(w, http.StatusOK, "making", s.makingView(sess, d))
	}
	view := s.successView(sess, d)
	switch r.URL.Query().Get("mail") {
	case "again":
		view.Notice = "The mail is on its way once more."
	case "moving":
		view.Notice = "The mail is on its way already."
	}
	return s.render(w, http.StatusOK, "success", view)
}

// finished returns the finished interview of this browser. Without one it leads
// to where there is something to do, and returns nil.
func (s *Server) finished(w http.ResponseWriter, r *http.Request) (*intake.Session, error) {
	k, ok := cookieKey(r)
	if !ok {
		http.Redirect(w, r, lostAddress, http.StatusSeeOther)
		return nil, nil //nolint:nilnil // the answer is written
	}
	sess, err := s.load(r, k)
	if err != nil {
		return nil, err
	}
	if sess.Current.Kind != intake.Complete {
		http.Redirect(w, r, "/intake/conversation", http.StatusSeeOther)
		return nil, nil //nolint:nilnil // as above
	}
	return sess, nil
}

// How often a page looks whether something changed: while a person watches the
// documents being made, and while mails are on their way.
const (
	makingEvery = 500 * time.Millisecond
	mailEvery   = 3 * time.Second
)

func (s *Server) successView(sess *intake.Session, d deliveryView) successPage {
	done := sess.Current.Done
	view := successPage{
		layout: s.layout("Your project scope is ready"), Name: firstName(sess.Client.Name),
		Business: sess.Values()["businessName"], Scope: "/api/documents/scope/" + string(sess.ID),
		Package: string(done.Package), Total: catalog.FromDollars(done.TotalEstimate), Hosting: catalog.FromDollars(done.MonthlyHosting),
		Timeline: done.Timeline, Missing: done.Missing, Delivery: d,
	}
	view.Screen, view.Script = "success", "live.js"
	if d.Moving {
		view.Refresh, view.Every = int(mailEvery.Seconds())+2, int(mailEvery.Milliseconds())
	}
	if p, ok := s.cfg.Catalog.Package(done.Package); ok {
		view.Package = p.Name
	}
	view.Features = s.nameList(done.SelectedFeatures)
	if f := sess.Features; f != nil {
		view.Phased = s.nameList(f.Phased)
		if i := slices.IndexFunc(f.Estimate.Schedule, func(p catalog.Payment) bool { return p.Amount > 0 }); i >= 0 {
			view.Deposit = f.Estimate.Schedule[i]
		}
	}
	return view
}

func (s *Server) nameList(ids []catalog.FeatureID) []string {
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		names = append(names, s.featureNames([]catalog.FeatureID{id}))
	}
	return names
}

// restartPage is templates/restart.html.
type restartPage struct {
	layout
	Back     string // where Cancel leads
	Finished bool
	Progress progressView
}

// restartAsk asks before anything is given up (DOMAIN 1.10).
func (s *Server) restartAsk(w http.ResponseWriter, r *http.Request) error {
	view := restartPage{layout: s.layout("Start over"), Back: "/intake"}
	view.Screen = "restart"
	if sess, ok := s.ongoing(r); ok {
		view.Back, view.Finished, view.Progress = "/intake/conversation", sess.Status == intake.Completed, s.progress(sess)
	}
	return s.render(w, http.StatusOK, "restart", view)
}

// restart gives up the interview of this browser. The cookies go in any case,
// so that the way back does not open the old interview again.
func (s *Server) restart(w http.ResponseWriter, r *http.Request) error {
	if sess, ok := s.ongoing(r); ok && sess.Open(s.now()) {
		k, _ := cookieKey(r)
		if err := s.cfg.Interview.Restart(r.Context(), k.id, k.token); err != nil {
			return err
		}
	}
	for _, name := range []string{sessionCookie, visitCookie, draftCookie} {
		s.dropCookie(w, r, name)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

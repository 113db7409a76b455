package web

import (
	"net/http"
	"slices"

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
}

// success shows the result of a finished interview.
func (s *Server) success(w http.ResponseWriter, r *http.Request) error {
	k, ok := cookieKey(r)
	if !ok {
		http.Redirect(w, r, "/intake", http.StatusSeeOther)
		return nil
	}
	sess, err := s.load(r, k)
	if err != nil {
		return err
	}
	if sess.Current.Kind != intake.Complete {
		http.Redirect(w, r, "/intake/conversation", http.StatusSeeOther)
		return nil
	}
	return s.render(w, http.StatusOK, "success", s.successView(sess))
}

func (s *Server) successView(sess *intake.Session) successPage {
	done := sess.Current.Done
	view := successPage{
		layout: s.layout("Your project scope is ready"), Name: firstName(sess.Client.Name),
		Business: sess.Values()["businessName"], Scope: "/api/documents/scope/" + string(sess.ID),
		Package: string(done.Package), Total: catalog.FromDollars(done.TotalEstimate), Hosting: catalog.FromDollars(done.MonthlyHosting),
		Timeline: done.Timeline, Missing: done.Missing,
	}
	view.Screen = "success"
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

package web

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
)

// Running numbers of the events of a visit before its interview begins; the
// engine numbers its own from 1. One id each, so that a reload counts once.
const visitEvent = 0

// landingPage is templates/landing.html.
type landingPage struct {
	layout
	Advisor  bool
	Continue *continueView     // an interview of this browser is open
	Finished bool              // an interview of this browser is complete
	From     string            // the lowest package price; empty when unknown
	Texts    map[string]string // that an A/B test puts in the place of the usual ones
	Sample   *catalog.Estimate // a worked example; nil when the catalog lacks its features
}

// continueView invites back into an open interview.
type continueView struct {
	Name     string
	Progress progressView
}

// landing shows the first page (DOMAIN 1.1).
func (s *Server) landing(w http.ResponseWriter, r *http.Request) error {
	view := landingPage{layout: s.layout("A website project, fully specified"), Advisor: s.usesModel(r), Sample: s.sample()}
	view.Description = "Answer a few questions in plain words and receive a complete project specification with a price. No sales call, no long form."
	view.Screen, view.Choice = "landing", s.ask(r, "/")
	if len(s.cfg.Catalog.Packages) > 0 {
		view.From = money(s.cfg.Catalog.Packages[0].Price)
	}
	sess, ok := s.ongoing(r)
	switch {
	case ok && sess.Open(s.now()):
		view.Continue = &continueView{Name: firstName(sess.Client.Name), Progress: s.progress(sess)}
		view.Restart = true
	case ok && sess.Status == intake.Completed:
		view.Finished = true
	}
	if !ok && r.Method == http.MethodGet && r.Header.Get("Sec-Purpose") == "" { // Nobody comes for the first time twice.
		visit := s.visit(w, r)
		var tags []string
		tags, view.Texts = s.assigned(r, visit)
		s.record(r, visit, visitEvent, event.LandingView{
			Trials: tags, Referrer: referrer(r), Source: source(r), Device: device(r.UserAgent()), Language: language(r), Bot: bot(r.UserAgent()),
		})
	}
	return s.render(w, http.StatusOK, "landing", view)
}

// begin is the button of the landing page.
func (s *Server) begin(w http.ResponseWriter, r *http.Request) error {
	if sess, ok := s.ongoing(r); ok && sess.Open(s.now()) {
		http.Redirect(w, r, "/intake/conversation", http.StatusSeeOther)
		return nil
	}
	s.record(r, s.visit(w, r), visitEvent, event.Plain{Name: event.NameCTAClick})
	http.Redirect(w, r, "/intake", http.StatusSeeOther)
	return nil
}

// ongoing returns the interview that this browser's cookie opens, if any: an
// unfinished one, one that may be recovered, or a finished one.
func (s *Server) ongoing(r *http.Request) (*intake.Session, bool) {
	k, ok := cookieKey(r)
	if !ok {
		return nil, false
	}
	sess, err := s.cfg.Interview.Load(r.Context(), k.id, k.token)
	return sess, err == nil && (sess.Status == intake.Completed || sess.Open(s.now()))
}

// record keeps an event of a visit, unless it is a smoke test that looks. A
// page never fails because of it.
func (s *Server) record(r *http.Request, visit event.SessionID, n int, p event.Payload) {
	if isCanary(r) {
		return
	}
	e := event.New(visit, n, s.now(), p)
	if err := s.cfg.Interview.Record(r.Context(), e); err != nil {
		s.log.WarnContext(r.Context(), "event lost", "event", string(e.Name), "error", err.Error(), "request_id", requestID(r))
	}
}

// sample prices the example of DOMAIN 6.2 by the agency's catalog.
func (s *Server) sample() *catalog.Estimate {
	est, err := s.cfg.Catalog.Price(catalog.Selection{
		Package:  catalog.Professional,
		Features: []catalog.FeatureID{"appointment_scheduling", "payment_processing", "sms_notifications"},
	})
	if err != nil {
		return nil
	}
	return &est
}

// referrer is the host that a visitor came from, never the path.
func referrer(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host == r.Host {
		return ""
	}
	return clip(u.Hostname(), 100)
}

// source is the campaign that a visitor came from.
func source(r *http.Request) string {
	return clip(strings.Map(func(c rune) rune {
		if c > ' ' && c < 0x7f && !strings.ContainsRune(`<>"'@`, c) {
			return c
		}
		return -1
	}, strings.ToLower(r.URL.Query().Get("utm_source"))), 50)
}

func clip(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit])
}

// language is the one that the browser likes best, without its region.
func language(r *http.Request) string {
	first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	first, _, _ = strings.Cut(first, ";")
	first, _, _ = strings.Cut(strings.TrimSpace(first), "-")
	if len(first) < 2 || len(first) > 3 || strings.ContainsFunc(first, func(c rune) bool { return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') }) {
		return ""
	}
	return strings.ToLower(first)
}

// device guesses the kind of screen.
func device(agent string) string {
	switch {
	case strings.Contains(agent, "iPad"), strings.Contains(agent, "Tablet"),
		strings.Contains(agent, "Android") && !strings.Contains(agent, "Mobile"):
		return "tablet"
	case strings.Contains(agent, "Mobi"):
		return "phone"
	}
	return "desktop"
}

// bot says why a visitor is taken for a program. Only programs that say so
// themselves are meant: an unusual browser is still a person.
func bot(agent string) string {
	if agent == "" {
		return "no user agent"
	}
	agent = strings.ToLower(agent)
	for _, word := range []string{"bot", "crawl", "spider", "slurp", "facebookexternalhit", "preview", "monitor", "uptime", "probe", "lighthouse", "curl/", "wget/", "python-"} {
		if strings.Contains(agent, word) {
			return "user agent: " + strings.TrimRight(word, "/-")
		}
	}
	return ""
}

// privacyPage is templates/privacy.html.
type privacyPage struct {
	layout
	Advisor             bool
	Analytics           []string    // services that get the steps of visits
	Said                *choiceView // what the visitor said about them; nil: nobody is asked
	Sessions, Abandoned string      // how long they are kept, as "180 days"; empty: until somebody asks
}

func (s *Server) privacy(w http.ResponseWriter, r *http.Request) error {
	view := privacyPage{layout: s.layout("Privacy"), Advisor: s.cfg.Advisor, Analytics: s.cfg.Analytics, Sessions: kept(s.cfg.Keep.Sessions), Abandoned: kept(shorter(s.cfg.Keep.Abandoned, s.cfg.Keep.Sessions))}
	view.Said = s.said(r, backToPrivacy)
	view.Description = "What is asked, why, who sees it, how long it is kept, and how to have it deleted."
	return s.render(w, http.StatusOK, "privacy", view)
}

package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/privacy"
	"applicreations.com/introspect/internal/web"
	"applicreations.com/introspect/internal/webtest"
)

// asking is an installation that asks its visitors about PostHog.
func asking(tb testing.TB) *site {
	tb.Helper()
	return newSite(tb, func(c *web.Config) { c.Analytics, c.AskAnalytics = []string{"PostHog"}, true })
}

const question = "May PostHog count this visit?"

// allowed reports what is written down of the visit of a browser.
func (s *site) allowed(tb testing.TB, id event.SessionID) bool {
	tb.Helper()
	_, yes, err := privacy.New(privacy.Config{Store: s.store}).Allowed(tb.Context(), id)
	if err != nil {
		tb.Fatal(err)
	}
	return yes
}

func visitOf(v *visitor) event.SessionID { return event.SessionID(v.cookies["introspect_visit"].Value) }

// TestAnalyticsChoice asks until it is answered, remembers the answer with the
// visit and in the browser, and lets it be taken back.
func TestAnalyticsChoice(t *testing.T) {
	t.Parallel()
	s := asking(t)
	v := s.visitor(t)
	for _, path := range []string{"/", "/intake"} {
		a := v.get(path)
		checkHTML(t, a)
		a.holds(t, question, `name="choice" value="no"`, `name="choice" value="yes"`)
	}
	if s.allowed(t, visitOf(v)) {
		t.Error("a visitor who said nothing agreed")
	}
	v.get("/privacy").holds(t, "unless you say yes", "A fourth remembers", "is for you to say")
	if a := v.post("/privacy/choice", url.Values{"choice": {"maybe"}}); a.Code != http.StatusBadRequest {
		t.Errorf("choice=maybe = %d, want 400", a.Code)
	}
	for back, want := range map[string]string{"/intake": "/intake", "//evil.example": "/", "": "/"} {
		a := v.post("/privacy/choice", url.Values{"choice": {"yes"}, "back": {back}})
		if a.Code != http.StatusOK || a.Path != want {
			t.Errorf("back %q leads to %d %q, want %q", back, a.Code, a.Path, want)
		}
	}
	if c := v.cookies["introspect_choice"]; c == nil || c.Value != "yes" || !c.HttpOnly || c.MaxAge != 180*24*3600 {
		t.Errorf("cookie = %+v, want yes for 180 days", c)
	}
	if !s.allowed(t, visitOf(v)) {
		t.Error("the yes is not written down with the visit")
	}
	for _, path := range []string{"/", "/intake"} {
		if strings.Contains(v.get(path).Body.String(), question) {
			t.Errorf("%s asks again", path)
		}
	}
	v.get("/privacy").holds(t, "You agreed", "Take it back")
	delete(v.cookies, "introspect_visit") // the browser was closed
	v.get("/")
	if !s.allowed(t, visitOf(v)) {
		t.Error("the next visit of the same browser does not know the yes")
	}
	v.post("/privacy/choice", url.Values{"choice": {"no"}, "back": {"/privacy#analytics"}})
	if s.allowed(t, visitOf(v)) {
		t.Error("the yes that was taken back still holds")
	}
	v.get("/privacy").holds(t, "as you wished", "Allow it from now on")
	// A backup from before the no was restored: the browser knows better.
	if err := privacy.New(privacy.Config{Store: s.store, Now: s.clock}).Choose(t.Context(), true, visitOf(v)); err != nil {
		t.Fatal(err)
	}
	v.get("/")
	if s.allowed(t, visitOf(v)) {
		t.Error("a restored yes holds against the no of the browser")
	}
}

// TestAnalyticsChoiceOfTheSession follows a yes into the interview, to another
// browser of the same client, and out of an erasure.
func TestAnalyticsChoiceOfTheSession(t *testing.T) {
	t.Parallel()
	s := asking(t)
	v, id := finished(t, s)
	if s.allowed(t, id) {
		t.Fatal("nobody said yes")
	}
	v.post("/privacy/choice", url.Values{"choice": {"yes"}})
	if !s.allowed(t, id) {
		t.Fatal("the yes is not written down with the session")
	}
	other := s.visitor(t)
	other.cookies["introspect_session"] = v.cookies["introspect_session"]
	other.get("/privacy").holds(t, "You agreed")
	other.post("/privacy/choice", url.Values{"choice": {"no"}})
	if s.allowed(t, id) {
		t.Error("a no from another browser of the client does not hold")
	}
	v.post("/privacy/choice", url.Values{"choice": {"yes"}})
	v.post("/privacy/requests/erase", url.Values{"sure": {"1"}})
	if s.allowed(t, id) {
		t.Error("the choice of an erased session is still there")
	}
	if c := v.cookies["introspect_choice"]; c != nil && c.Value != "" {
		t.Errorf("the browser still has the cookie %+v", c)
	}
}

// TestAnalyticsSignal takes Global Privacy Control and Do Not Track as a no,
// without asking, also when their visitor agreed before.
func TestAnalyticsSignal(t *testing.T) {
	t.Parallel()
	for _, signal := range []string{"Sec-GPC", "DNT"} {
		s := asking(t)
		v := s.visitor(t)
		v.post("/privacy/choice", url.Values{"choice": {"yes"}})
		if !s.allowed(t, visitOf(v)) {
			t.Fatal("the yes is not written down")
		}
		v.header.Set(signal, "1")
		a := v.get("/")
		if strings.Contains(a.Body.String(), question) {
			t.Errorf("%s: the visitor is asked", signal)
		}
		if s.allowed(t, visitOf(v)) {
			t.Errorf("%s: the yes of before still holds", signal)
		}
		v.get("/privacy").holds(t, "Your browser asks sites not to follow you")
		v.post("/privacy/choice", url.Values{"choice": {"yes"}})
		if s.allowed(t, visitOf(v)) {
			t.Errorf("%s: a yes goes before the signal", signal)
		}
	}
}

// TestAnalyticsUnasked shows nothing where nothing could go out, or where the
// agency has everybody's consent.
func TestAnalyticsUnasked(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*web.Config){
		"no service":                 func(c *web.Config) { c.AskAnalytics = true },
		"the agency has the consent": func(c *web.Config) { c.Analytics = []string{"PostHog"} },
	} {
		s := newSite(t, change)
		v := s.visitor(t)
		for _, path := range []string{"/", "/intake", "/privacy"} {
			if strings.Contains(v.get(path).Body.String(), "/privacy/choice") {
				t.Errorf("%s: %s asks", name, path)
			}
		}
		if a := v.post("/privacy/choice", url.Values{"choice": {"yes"}}); a.Code != http.StatusNotFound {
			t.Errorf("%s: POST /privacy/choice = %d, want 404", name, a.Code)
		}
	}
}

// TestAnalyticsChoiceInABrowser answers beside the form without losing what was
// typed, and without scripts by the form alone.
func TestAnalyticsChoiceInABrowser(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	s := asking(t)
	address := s.serve(t)
	p := browser.Open(t, phone())
	p.Goto(address + "/")
	p.Axe()
	p.Fits(320)
	p.Screenshot("choice-landing")
	same := webtest.Get[bool](p, `(([no, yes]) => { const a = getComputedStyle(no), b = getComputedStyle(yes), x = no.getBoundingClientRect(), y = yes.getBoundingClientRect();
		return ["color", "backgroundColor", "borderColor", "fontWeight", "fontSize"].every(k => a[k] === b[k]) && Math.abs(x.width - y.width) < 1 && Math.abs(x.height - y.height) < 1 && x.top === y.top; })([...document.querySelectorAll(".agree button")])`)
	if !same {
		t.Error("the two buttons do not weigh the same")
	}
	p.Goto(address + "/intake")
	p.Axe()
	p.Fits(320)
	p.Fill("#value", "Ada Moreau")
	p.Screenshot("choice-intake")
	p.Click(".agree [value=yes]")
	p.WaitFor(`!document.querySelector(".agree")`)
	if got := webtest.Get[string](p, `document.querySelector("#value").value`); got != "Ada Moreau" {
		t.Errorf("the field holds %q after the answer", got)
	}
	dark := phone()
	dark.Dark = true
	d := browser.Open(t, dark)
	d.Goto(address + "/")
	d.Axe()
	d.Screenshot("choice-landing-dark")
	wide := browser.Open(t, webtest.Device{Width: 1280, Height: 800, ReducedMotion: true, NoScript: true})
	wide.Goto(address + "/")
	wide.Screenshot("choice-landing-wide")
	wide.Click(".agree [value=yes]")
	wide.WaitFor(`!document.querySelector(".agree")`)
	wide.Goto(address + "/privacy#analytics")
	wide.Axe()
	wide.Screenshot("choice-privacy-wide")
	if !strings.Contains(wide.Text("main"), "You agreed") {
		t.Error("the answer without scripts did not arrive")
	}
	p.Goto(address + "/privacy#analytics")
	p.Axe()
	p.Fits(320)
	p.Screenshot("choice-privacy")
}

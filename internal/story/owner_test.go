package story_test

import (
	"fmt"
	"strconv"
	"testing"

	"applicreations.com/introspect/internal/webtest"
)

// owner runs the agency and watches the dashboard.
type owner struct {
	home product
	p    *webtest.Page
}

const (
	ownerEmail    = "owner@agency.example"
	ownerPassword = "several unrelated words"
)

// look checks what every admin screen must be, and keeps a picture.
func (o *owner) look(t *testing.T, p *webtest.Page, name string) {
	t.Helper()
	p.Fits()
	p.Axe()
	p.Screenshot("admin-" + name)
}

// moveIn uses the setup link, which works once, and signs in with the
// password. The dashboard is empty then, and stays open.
func (o *owner) moveIn(t *testing.T) {
	t.Helper()
	p := o.p
	p.Goto(o.home.url + "/admin/dashboard")
	p.WaitPath("/admin/login") // nobody gets in without signing in
	o.look(t, p, "login")
	p.Goto(o.home.setup)
	o.look(t, p, "setup")
	p.Fill("#name", "Olivia Owner")
	p.Fill("#email", ownerEmail)
	p.Fill("#password", ownerPassword)
	p.Click("button.primary")
	p.WaitPath("/admin/dashboard")

	p.Click("form[action='/admin/logout'] button")
	p.WaitPath("/admin/login")
	p.Expect("404") // the browser notes the refused link, and the wrong password
	p.Expect("422")
	if got, want := p.Visit(o.home.setup), 404; got != want {
		t.Errorf("the setup link answers %d the second time, want %d", got, want)
	}
	o.look(t, p, "setup-closed")
	p.Goto(o.home.url + "/admin/login")
	p.Fill("#email", ownerEmail)
	p.Fill("#password", "a wrong password")
	p.Click("button.primary")
	p.WaitFor(`!!document.querySelector("#problem")`)
	o.look(t, p, "login-refused")
	o.signIn(p)
	o.look(t, p, "dashboard-empty")
	p.Goto(o.home.url + "/admin/dashboard?refresh=10")
	if got, want := o.figure(p, "Today's Sessions"), "0"; got != want {
		t.Errorf("sessions of today = %q before anybody came, want %q", got, want)
	}
}

// signIn fills the form of the login page and arrives at the dashboard.
func (o *owner) signIn(p *webtest.Page) {
	p.Fill("#email", ownerEmail)
	p.Fill("#password", ownerPassword)
	p.Click("button.primary")
	p.WaitPath("/admin/dashboard")
}

// figure reads one card of the dashboard.
func (o *owner) figure(p *webtest.Page, title string) string {
	return webtest.Get[string](p, figureScript(title))
}

func figureScript(title string) string {
	return fmt.Sprintf(`([...document.querySelectorAll("dl dt")].find(e => e.textContent === %q)?.parentElement.querySelector(".value")?.textContent ?? "")`, title)
}

// watch sees the open dashboard move by itself, then looks at it in every way,
// and at the list of sessions and one of them.
func (o *owner) watch(t *testing.T, b *webtest.Browser, clients int) {
	t.Helper()
	p := o.p
	p.WaitFor(figureScript("Today's Sessions") + " === " + strconv.Quote(strconv.Itoa(clients)))
	o.look(t, p, "dashboard")
	for name, d := range map[string]webtest.Device{
		"dashboard-dark":     {Width: 1280, Height: 800, Dark: true},
		"dashboard-phone":    {Width: 390, Height: 844, Mobile: true},
		"dashboard-noscript": {Width: 1280, Height: 800, NoScript: true},
	} {
		other := b.Open(t, d)
		other.Goto(o.home.url + "/admin/login")
		o.signIn(other)
		if got, want := o.figure(other, "Today's Sessions"), strconv.Itoa(clients); got != want {
			t.Errorf("%s: sessions of today = %q, want %q", name, got, want)
		}
		o.look(t, other, name)
		if d.Mobile {
			other.Fits(320)
			o.visit(t, other, clients, "-phone")
		}
	}
	o.visit(t, p, clients, "")
}

// visit opens the list of sessions, one session, and the audit log.
func (o *owner) visit(t *testing.T, p *webtest.Page, clients int, suffix string) {
	t.Helper()
	p.Goto(o.home.url + "/admin/sessions")
	if got := webtest.Get[int](p, `document.querySelectorAll("tbody tr").length`); got != clients {
		t.Errorf("the list shows %d sessions, want %d", got, clients)
	}
	o.look(t, p, "sessions"+suffix)
	p.Click("tbody tr a")
	p.WaitFor(`document.readyState === "complete" && !!document.querySelector(".timeline")`)
	if got := webtest.Get[int](p, `document.querySelectorAll(".timeline li").length`); got < 40 {
		t.Errorf("the timeline of a whole interview has %d entries, want 40 or more", got)
	}
	o.look(t, p, "session"+suffix)
	p.Goto(o.home.url + "/admin/audit")
	o.look(t, p, "audit"+suffix)
}

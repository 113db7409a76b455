package web_test

import (
	"os"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/webtest"
)

// TestOwnDataInABrowser goes through every state of the page of the own data:
// without a session, asked for a link, by the link, by a bad one, with a session,
// erasing without and with the box, and by the link once more.
func TestOwnDataInABrowser(t *testing.T) { //nolint:tparallel // each device asks for a mail and takes the newest
	t.Parallel()
	browser := webtest.Start(t)
	s := newSite(t)
	finishedAs(t, s, "Donaudampfschifffahrtsgesellschaftskapitänsmützen ") // ada@example.com
	address := s.serve(t)
	for name, device := range devices() {
		if name == "desktop-light" && os.Getenv("INTROSPECT_SHOTS") == "" {
			continue // the same forms; Fits has looked at every width
		}
		email := name + "@example.com"
		own := s.visitor(t)
		own.foundation(email, "")
		t.Run(name, func(t *testing.T) {
			p := browser.Open(t, device)
			look := func(shot string) {
				t.Helper()
				p.Axe()
				p.Fits(320)
				p.Screenshot("data-" + shot + "-" + name)
			}
			p.Goto(address + "/privacy")
			look("privacy")
			p.Click("main a[href='/privacy/requests']")
			p.WaitPath("/privacy/requests")
			look("none")
			p.Fill("#email", email)
			p.Click("form[action='/privacy/requests/link'] button")
			p.WaitPath("/privacy/requests/link")
			look("asked")
			m := dataLinkPattern.FindStringSubmatch(s.mails(t, deliver.MailDataLink)[0].Text)
			if m == nil {
				t.Fatal("no link was mailed")
			}
			link := address + m[1]
			p.Goto(link)
			look("link")
			p.Expect("410")
			p.Visit(address + "/privacy/requests?token=abc")
			look("bad-link")

			p.Goto(address + "/as/" + own.cookies["introspect_session"].Value)
			p.Goto(address + "/intake/continue")
			look("continue")
			p.Click("main a[href='/privacy/requests']")
			p.WaitPath("/privacy/requests")
			look("session")
			// What a browser without the check of forms sends.
			webtest.Get[bool](p, `(document.querySelector("form[action$=erase]").noValidate = true)`)
			p.Expect("400")
			p.Click("form[action$=erase] button")
			p.WaitFor(`!!document.querySelector("[role=alert]")`)
			look("unsure")
			p.Click("[name=sure]")
			p.Click("form[action$=erase] button")
			p.WaitFor(`document.querySelector("h1").textContent === "Your data is erased"`)
			look("erased")
			if got := p.Cookies(); len(got) != 0 {
				t.Errorf("the browser still has cookies: %v", got)
			}
			p.Goto(link)
			if text := p.Text("main"); !strings.Contains(text, "Nothing is kept for this address any more") {
				t.Errorf("the link still shows %s", text)
			}
			look("nothing")
		})
	}
	p := browser.Open(t, phone())
	p.Goto(address + "/privacy/requests")
	p.Fill("#email", "ada@example.com")
	p.Click("form[action='/privacy/requests/link'] button")
	p.WaitPath("/privacy/requests/link")
	p.Goto(address + dataLinkPattern.FindStringSubmatch(s.mails(t, deliver.MailDataLink)[0].Text)[1])
	p.Fits(320)
	p.Screenshot("data-long")
}

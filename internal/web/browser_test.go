package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/webtest"
)

// serve puts a site on a port. /as/{token} hands a browser the key of a
// session.
func (s *site) serve(tb testing.TB) string {
	tb.Helper()
	m := http.NewServeMux()
	m.Handle("/", s.handler)
	m.HandleFunc("GET /as/{token}", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "introspect_session", Value: r.PathValue("token"), Path: "/"})
		http.Redirect(w, r, "/intake/conversation", http.StatusSeeOther)
	})
	server := httptest.NewServer(m)
	tb.Cleanup(server.Close)
	return server.URL
}

// screens are one session for each look of a page.
func screens(tb testing.TB, s *site) map[string]string {
	tb.Helper()
	tokens := map[string]string{}
	for i, one := range []struct {
		name   string
		action intake.Action
	}{
		{"text", textQuestion()},
		{"line", lineQuestion()},
		{"choice", choiceQuestion(intake.Select)},
		{"multi", choiceQuestion(intake.MultiSelect)},
		{"bundle", bundleQuestion()},
		{"validation", validationAction()},
		{"examples", examplesAction()},
		{"conflict", conflictAction()},
		{"features", featuresAction()},
		{"success", doneAction()},
	} {
		id := event.SessionID("01936000-0000-7000-8000-0000000001" + string(rune('0'+i/10)) + string(rune('0'+i%10)))
		sess := at(id, one.action)
		sess.Facts, sess.Features = facts(), choice()
		if one.action.Kind == intake.RecommendFeatures {
			sess.Features.Answered = false
		}
		tokens[one.name] = s.plant(tb, sess, talked()...)
	}
	return tokens
}

func TestScreensInABrowser(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	s := newSite(t)
	url, tokens := s.serve(t), screens(t, s)
	for name, device := range map[string]webtest.Device{
		"phone-dark":    {Width: 390, Height: 844, Mobile: true, Dark: true, ReducedMotion: true},
		"desktop-light": {Width: 1280, Height: 900, ReducedMotion: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := browser.Open(t, device)
			for _, path := range []string{"/", "/intake", "/privacy", "/intake/restart", "/intake/continue"} {
				p.Goto(url + path)
				p.Axe()
				p.Fits(320)
				p.Screenshot("page" + strings.ReplaceAll(path, "/", "-") + "-" + name)
			}
			for screen, token := range tokens {
				p.Goto(url + "/as/" + token)
				p.Axe()
				p.Fits(320)
				p.Screenshot(screen + "-" + name)
			}
			for screen, path := range map[string]string{"welcome-back": "/intake/continue", "save-bar": "/intake/conversation"} {
				p.Goto(url + "/as/" + tokens[map[string]string{"welcome-back": "text", "save-bar": "features"}[screen]])
				p.Goto(url + path)
				if screen == "save-bar" {
					passed(p, 6*time.Minute)
					p.WaitFor(`!document.getElementById("save").hidden`)
				}
				p.Axe()
				p.Fits(320)
				p.Screenshot(screen + "-" + name)
			}
		})
	}
}

// TestScripts goes through what the scripts add. A late event would trip over
// the other tests' sessions, so each part has a session of its own.
func TestScriptsInABrowser(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	s := newSite(t)
	url, tokens := s.serve(t), screens(t, s)
	p := browser.Open(t, webtest.Device{ReducedMotion: true})
	field := `document.querySelector("#text")`

	p.Goto(url + "/as/" + tokens["text"])
	if !webtest.Get[bool](p, `document.activeElement === `+field) {
		t.Error("the text field of a question does not have the focus on a desktop")
	}
	p.Click(".examples button")
	p.WaitFor(field + `.value === "Women aged 25 to 55"`)
	p.Press("!")
	p.Goto(url + "/intake/conversation")
	p.WaitFor(field + `.value === "Women aged 25 to 55!"`)
	if p.Has(".counter:not([hidden])") {
		t.Error("the counter shows before 400 characters")
	}
	p.Fill("#text", strings.Repeat("many words ", 40))
	if got, want := p.Text(".counter"), "440/5,000"; got != want {
		t.Errorf("counter shows %q, want %q", got, want)
	}

	p.Goto(url + "/as/" + tokens["choice"])
	if got := webtest.Get[string](p, field+".value"); got != "" {
		t.Errorf("the draft of another session is shown: %q", got)
	}
	p.Press("b")
	p.WaitFor(`document.querySelector("[value=products]").checked`)
	if got := p.Path(); got != "/intake/conversation" {
		t.Errorf("a letter sent the form: %s", got)
	}
	p.Click("[value='other:']")
	p.WaitFor(field + `.checkVisibility() && document.activeElement === ` + field)
	p.Press("b")
	if got := webtest.Get[string](p, field+".value"); got != "b" {
		t.Errorf("a letter in the text field made %q, want the letter", got)
	}

	p.Goto(url + "/as/" + tokens["validation"])
	p.Click(".clarify summary")
	p.WaitFor(`document.activeElement === ` + field)
}

// TestTheFormNeedsNoMouseInABrowser goes through the four first questions by the keyboard
// alone: a letter chooses as soon as the last one is there, and Enter sends.
func TestTheFormNeedsNoMouseInABrowser(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	s := newSite(t)
	p := browser.Open(t, webtest.Device{ReducedMotion: true})
	p.Goto(s.serve(t) + "/intake")
	for _, step := range []struct{ kind, keys string }{{"text", "Ada Lovelace"}, {"email", "ada@example.com"}, {"tel", ""}} {
		p.WaitFor(`document.activeElement.type === "` + step.kind + `"`)
		p.Press(step.keys + "\r")
	}
	p.WaitFor(`!!document.querySelector("[type=radio]") && document.activeElement !== document.body`)
	p.Press("b")
	p.WaitFor(`document.querySelector("[value=personal]").checked`)
	p.Press("\r")
	p.WaitFor(`location.pathname === "/intake/conversation"`)
}

func TestAPhoneFoldsAndTellsTheTimeOfItsOwner(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	s := newSite(t)
	url, tokens := s.serve(t), screens(t, s)
	p := browser.Open(t, webtest.Device{Width: 390, Height: 844, Mobile: true, ReducedMotion: true, Zone: "Asia/Tokyo"})
	p.Goto(url + "/as/" + tokens["text"])
	at := webtest.Get[[]string](p, `(e => [e.dateTime, e.textContent])(document.querySelector(".latest time"))`)
	if said, err := time.Parse(time.RFC3339, at[0]); err != nil || said.UTC().Add(9*time.Hour).Format("15:04") != at[1] {
		t.Errorf("the message of %s says %s (%v), want the time in Tokyo", at[0], at[1], err)
	}
	// The folded panel shows that there is something to open.
	if mark := webtest.Get[string](p, `getComputedStyle(document.querySelector("#known > summary"), "::after").borderBottomWidth`); mark != "2px" {
		t.Errorf("the mark of a folded panel is %q wide, want 2px", mark)
	}
	// Back, Not sure and Skip stand under the whole width of the button.
	edges := webtest.Get[[]float64](p, `[".quiet-row", ".actions > .primary"].flatMap(s => { const b = document.querySelector(s).getBoundingClientRect(); return [b.left, b.right]; })`)
	if len(edges) != 4 || edges[0] != edges[2] || edges[1] != edges[3] {
		t.Errorf("left and right edges of the quiet row and the button = %v, want the same", edges)
	}
	page := webtest.Get[string](p, `document.querySelector("#known").textContent`)
	if strings.Contains(page, "the client") {
		t.Errorf("what is understood speaks of the client to the client: %s", page)
	}
}

func TestLivePriceInABrowser(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	s := newSite(t)
	url, tokens := s.serve(t), screens(t, s)
	p := browser.Open(t, webtest.Device{ReducedMotion: true})
	p.Goto(url + "/as/" + tokens["features"])
	total := func(want string) {
		t.Helper()
		p.WaitFor(`document.querySelector("[data-price-text=total]").textContent === "` + want + `"`)
	}
	if webtest.Get[bool](p, `document.querySelector("[value=price]").checkVisibility()`) {
		t.Error("the button for browsers without scripts is shown")
	}
	total("$4,500")
	p.Click("[value=appointment_scheduling]")
	total("$5,300")
	p.Click("[value=payment_processing]")
	p.Click(".group-nice_to_have > summary")
	p.Click("[value=sms_notifications]")
	total("$6,000")
	if got, want := p.Text("[data-price-row=discount]"), "Service Provider\n−$100"; got != want {
		t.Errorf("discount shows %q, want %q", got, want)
	}
	p.Click(".group-additional > summary")
	p.Click("[value=booking_system]")
	p.WaitFor(`!document.querySelector("[value=appointment_scheduling]").checked`)
	p.WaitFor(`document.querySelector("[data-price-text=notes]").textContent.includes("Booking System replaces Appointment Scheduling System.")`)
	total("$6,100")
	p.Click("[value=starter]")
	total("$4,100")
	p.WaitFor(`document.querySelector("[data-price-text=problem]").textContent.includes("Starter is smaller")`)
	p.Axe()
	p.Expect("422")
	p.Click("[value=answer]")
	p.WaitFor(`!!document.querySelector("#doubts [name=confirm]")`)
	p.Axe()
}

package web_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/webtest"
)

// arrive goes through the form to the first question.
func arrive(p *webtest.Page, address, email string) {
	p.Goto(address + "/intake")
	p.Fill("#value", "Ada Moreau")
	p.Click("button[value=next]")
	p.WaitFor(`!!document.querySelector("input[type=email]")`)
	p.Fill("#value", email)
	p.Click("[name=remind]")
	p.Axe()
	p.Screenshot("recovery-consent")
	p.Click("button[value=next]")
	p.WaitFor(`!!document.querySelector("input[type=tel]")`)
	p.Click("button[value=skip]")
	p.WaitFor(`!!document.querySelector("[value=business]")`)
	p.Click("[value=business]")
	p.Click("button[value=next]")
	p.WaitPath("/intake/conversation")
}

func action(p *webtest.Page) string {
	return webtest.Get[string](p, `document.querySelector("form[data-answer]").dataset.answer`)
}

// moved waits for another action than the one of before.
func moved(p *webtest.Page, before string) {
	p.WaitFor(`document.readyState === "complete" && (document.querySelector("form[data-answer]")?.dataset.answer ?? "` + before + `") !== "` + before + `"`)
}

// answerAny answers whatever is asked.
func answerAny(p *webtest.Page, text string) {
	before := action(p)
	switch {
	case p.Has("textarea#text:not(.clarify textarea)"), p.Has("form[data-answer] > .field input#text"):
		p.Fill("#text", text)
		p.Click("[value=answer]")
	case p.Has("[value=correct]"):
		p.Click("[value=correct]")
	default:
		p.Click("form[data-answer] .option input")
		p.Click("[value=answer]")
	}
	moved(p, before)
}

// mailedTo returns the link of the newest mail, at the address of the test.
func (s *site) mailedTo(tb testing.TB, kind, address string) string {
	tb.Helper()
	got := s.mails(tb, kind)
	if len(got) == 0 {
		tb.Fatalf("no mail of kind %s", kind)
	}
	m := linkPattern.FindStringSubmatch(got[0].Text)
	if m == nil {
		tb.Fatalf("no link in:\n%s", got[0].Text)
	}
	return address + m[1]
}

func phone() webtest.Device {
	return webtest.Device{Width: 390, Height: 844, Mobile: true, ReducedMotion: true}
}

// passed makes the page's own clock go on, and lets it look at it.
func passed(p *webtest.Page, d time.Duration) {
	webtest.Get[bool](p, `(() => { const now = Date.now.bind(Date), more = `+strconv.FormatInt(d.Milliseconds(), 10)+`; Date.now = () => now() + more; dispatchEvent(new Event("focus")); return true; })()`)
}

// TestLeaveAndResumeInABrowser is the whole way of a client who is
// called away.
func TestLeaveAndResumeInABrowser(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	s := newSite(t, bannered)
	address := s.serve(t)
	first := browser.Open(t, phone())
	arrive(first, address, "ada@example.com")
	for _, text := range []string{
		"Studio Moreau is a hair salon in Portland with eight chairs.",
		"Women aged 25 to 55 who work in the city and want a reliable appointment after work.",
		"They should book online and stop calling us.",
	} {
		answerAny(first, text)
	}
	next := action(first)
	first.Screenshot("recovery-1-three-answers")

	passed(first, 3*time.Minute)
	first.WaitFor(`!document.getElementById("save").hidden`)
	first.Axe()
	first.Fits(320)
	first.Screenshot("recovery-2-save-bar")
	first.Click("[data-do=mail]")
	first.WaitFor(`document.querySelector("[data-save=text]").textContent.includes("on its way")`)
	first.Screenshot("recovery-3-link-mailed")
	first.WaitFor(`document.querySelector("[data-save=text]").textContent === "Need a break?"`) // after 3 seconds
	link := s.mailedTo(t, "magic_link", address)                                                // before the reminder is due, whose link replaces this one
	s.wait(2 * time.Hour)

	second := browser.Open(t, webtest.Device{Width: 1280, Height: 900, ReducedMotion: true})
	second.Goto(link)
	second.Axe()
	second.Fits(320)
	second.Screenshot("recovery-4-welcome-back")
	second.Click("[value=continue]")
	second.WaitPath("/intake/conversation")
	if got := action(second); got != next {
		t.Errorf("the second browser opens action %s, want the next question %s", got, next)
	}
	second.Screenshot("recovery-5-next-question")
	answerAny(second, "Clients call us all day long and eighteen percent of them do not show up.")

	first.Expect("401") // its key was replaced
	first.Visit(address + "/intake/conversation")
	first.Axe()
	first.Screenshot("recovery-6-closed-here")
	first.Click("a[href='/intake/continue']")
	first.WaitPath("/intake/continue")
	first.Axe()
	first.Fits(320)
	first.Screenshot("recovery-7-ask-for-a-link")
	first.Fill("#email", "ada@example.com")
	first.Click("form[action='/intake/continue/link'] button")
	first.WaitPath("/intake/continue/link")
	first.Axe()
	first.Screenshot("recovery-8-look-into-your-mail")
}

// TestDraftInABrowser types, pauses, and finds the text on another device.
func TestDraftInABrowser(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	s := newSite(t)
	address := s.serve(t)
	sess := at("01936000-0000-7000-8000-000000000301", textQuestion())
	sess.Turns = 5 // every fifth answer brings the local copy in line
	token := s.plant(t, sess, talked()...)
	p := browser.Open(t, webtest.Device{ReducedMotion: true})
	p.Goto(address + "/as/" + token)
	p.Fill("#text", "Women who work in the city")
	p.WaitFor(`!!localStorage.getItem("introspect-v3-conversation")`) // two seconds later
	if got := webtest.Get[string](p, `localStorage.getItem("introspect-v3-conversation")`); strings.Contains(got, "Women") || len(got) < 60 {
		t.Errorf("the browser keeps %q, want text that only the server can read", got)
	}
	other := browser.Open(t, phone())
	other.Goto(address + "/as/" + token)
	if got, want := webtest.Get[string](other, `document.querySelector("#text").value`), "Women who work in the city"; got != want {
		t.Errorf("another browser shows %q, want %q", got, want)
	}
	// The page goes before two seconds are over: a beacon carries the rest.
	p.Press("!")
	p.Goto(address + "/privacy")
	other.WaitFor(`fetch("/intake/conversation").then(r => r.text()).then(t => t.includes("in the city!"))`)
	// What the server lost, the copy brings back.
	if _, err := s.store.SaveDraft(t.Context(), store.Draft{Session: sess.ID, Action: "a000", At: opening}); err != nil {
		t.Fatal(err)
	}
	webtest.Get[bool](p, `(sessionStorage.clear(), true)`)
	p.Goto(address + "/intake/conversation")
	p.WaitFor(`document.querySelector("#text").value.startsWith("Women who work")`)
}

// TestOfflineInABrowser loses the network in the middle of an answer.
func TestOfflineInABrowser(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	s := newSite(t)
	address := s.serve(t)
	p := browser.Open(t, phone())
	arrive(p, address, "ada@example.com")
	before := action(p)
	p.Expect("ERR_INTERNET_DISCONNECTED")
	p.Fill("#text", "Studio Moreau is a hair salon in Portland with")
	p.Offline(true)
	p.WaitFor(`document.getElementById("save").textContent.includes("You are offline")`)
	p.Fill("#text", "Studio Moreau is a hair salon in Portland with eight chairs.")
	p.Click("[value=answer]")
	p.WaitFor(`document.getElementById("save").textContent.includes("kept here")`)
	p.Axe()
	p.Fits(320)
	p.Screenshot("recovery-offline")
	if got := action(p); got != before || webtest.Get[string](p, `document.querySelector("#text").value`) == "" {
		t.Errorf("offline the page shows action %s without the text", got)
	}
	p.Offline(false)
	moved(p, before)
	if !strings.Contains(p.Text(".recent"), "eight chairs") {
		t.Errorf("the answer did not arrive: %s", p.Text(".recent"))
	}
	if webtest.Get[int](p, `sessionStorage.getItem("introspect-queue:" + document.getElementById("save").dataset.session)?.length ?? 0`) != 0 {
		t.Error("the queue still holds the answer that arrived")
	}
}

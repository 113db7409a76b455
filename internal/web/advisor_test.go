package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/advisor"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/web"
	"applicreations.com/introspect/internal/webtest"
)

// sleepy is a model that nobody gets a word out of.
type sleepy struct{}

func (sleepy) Ask(context.Context, advice.Snapshot) (advisor.Reply, error) {
	return advisor.Reply{}, &advisor.Fault{Class: "timeout", Err: context.DeadlineExceeded}
}
func (sleepy) State() advisor.State { return advisor.State{} }
func (sleepy) Name() string         { return "claude-haiku-5-5" }
func (sleepy) Canary() string       { return "" }

func (sleepy) Reset() {}

// advised writes down calls of some days, one of them at a price that nobody
// knows.
func (o *office) advised() {
	o.tb.Helper()
	for i := range 60 {
		cost := int64(400 + 37*(i%9))
		c := store.AdvisorCall{
			ID: fmt.Sprint("call-", i), Session: event.SessionID(fmt.Sprint("advised-", i/8)), At: o.now.Add(-time.Duration(i*9) * time.Hour),
			Question: "goal", Outcome: "ok", Model: "claude-haiku-5-5", Prompt: "p1", MicroUSD: &cost, Tries: 1,
			Usage:   advice.Usage{Input: 1200, Output: 180, CacheRead: 2400},
			Latency: time.Duration(600+25*i) * time.Millisecond, First: time.Duration(200+10*i) * time.Millisecond,
		}
		switch i % 10 {
		case 3:
			c.Outcome, c.Tries = store.AdvisorCached, 0
		case 7:
			c.Outcome = "rate_limited"
		case 9:
			c.Outcome, c.Dropped = "ok", 2
		}
		if i == 40 {
			c.MicroUSD = nil
		}
		if err := o.store.AddAdvisorCalls(o.tb.Context(), c); err != nil {
			o.tb.Fatal(err)
		}
	}
}

func TestAdvisorPage(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	if page := o.get("/admin/advisor").body; !strings.Contains(page, "No model was asked") {
		t.Error("the page without calls does not say so")
	}
	o.advised()
	page := o.get("/admin/advisor").body
	for _, want := range []string{"unknown", "1 call has no known price", "Answered", "Rate limited", "10%", "claude-haiku-5-5", "First token"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if today := o.get("/admin/advisor?days=1").body; strings.Contains(today, "no known price") || !strings.Contains(today, "$0.00") {
		t.Error("a day of known prices has an unknown cost")
	}
	if a := o.post("/admin/advisor", url.Values{"mode": {"maybe"}}); a.status != http.StatusBadRequest {
		t.Errorf("a mode that does not exist: status %d, want 400", a.status)
	}
	if a := o.post("/admin/advisor", url.Values{"mode": {"on"}}); a.status != http.StatusSeeOther || !o.desk.Fallback() {
		t.Errorf("the switch: status %d, fallback %v", a.status, o.desk.Fallback())
	}
	if page := o.get("/admin/advisor").body; !strings.Contains(page, "Fallback on") {
		t.Error("the page does not say that fallback mode is on")
	}
	if page := o.get("/admin/audit").body; !strings.Contains(page, "allback") {
		t.Error("the switch is not in the audit log")
	}
	if err := o.store.SetSetting(t.Context(), "advisor_notice", `{"at":"2026-11-27T09:00:00Z","text":"The purse is empty."}`); err != nil {
		t.Fatal(err)
	}
	if page := o.get("/admin/advisor").body; !strings.Contains(page, "The purse is empty.") {
		t.Error("the page does not show the notice")
	}
	o.desk.Refresh(t.Context())
	if page := o.get("/admin/dashboard").body; !strings.Contains(page, "needs you") {
		t.Error("the dashboard does not say that the advisor needs its owner")
	}
	if a := o.post("/admin/advisor", url.Values{"do": {"dismiss"}}); a.status != http.StatusSeeOther {
		t.Errorf("dismiss: status %d", a.status)
	}
	if page := o.get("/admin/advisor").body; strings.Contains(page, "The purse is empty.") {
		t.Error("the dismissed notice stays")
	}
}

// TestAdvisorPageOfOne: one of a thing is not called several.
func TestAdvisorPageOfOne(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	cost := int64(610)
	if err := o.store.AddAdvisorCalls(t.Context(), store.AdvisorCall{ID: "one", Session: "one", At: o.now.Add(-time.Hour), Outcome: "ok", MicroUSD: &cost, Tries: 1}); err != nil {
		t.Fatal(err)
	}
	withWords(t, "the page of one call", o.get("/admin/advisor").body, "1 session in which advice", "1 answer that advice")
}

// TestABudgetBelowOneCallIsShown: a model that is too dear to be asked even once is
// not called in use.
func TestABudgetBelowOneCallIsShown(t *testing.T) {
	t.Parallel()
	prices, err := advice.DefaultPrices()
	if err != nil {
		t.Fatal(err)
	}
	o := withLogin(t, func(c *web.Config) {
		c.Desk = advisor.New(advisor.Config{Store: c.Store, Model: sleepy{}, Prices: prices, Budget: advisor.Budget{Turn: 1}, Now: c.Now})
	})
	page := o.get("/admin/advisor").body
	withWords(t, "the page", page, "Rules only", "ADVISOR_BUDGET_TURN allows 1")
	withoutWords(t, "the page", page, "In use")
}

// unpaid is a model whose account pauses calls until somebody tries again.
type unpaid struct {
	sleepy

	paused bool
}

func (u *unpaid) State() advisor.State {
	return advisor.State{Open: u.paused, Cause: "billing", Until: time.Date(2026, 11, 27, 15, 0, 0, 0, time.UTC)}
}
func (u *unpaid) Reset() { u.paused = false }

// TestAdvisorTriedAgain: whoever paid the bill ends the pause with a button, in
// whatever mode it is seen.
func TestAdvisorTriedAgain(t *testing.T) {
	t.Parallel()
	m := &unpaid{paused: true}
	o := withLogin(t, func(c *web.Config) {
		c.Desk = advisor.New(advisor.Config{Store: c.Store, Model: m, Now: c.Now})
	})
	for _, mode := range []string{"auto", "off"} {
		m.paused = true
		o.post("/admin/advisor", url.Values{"mode": {mode}})
		withWords(t, "mode "+mode, o.get("/admin/advisor").body, "Calls pause because of Billing", "Try the model again now")
		if a := o.post("/admin/advisor", url.Values{"do": {"retry"}}); a.status != http.StatusSeeOther || m.paused {
			t.Errorf("mode %s: status %d, paused %v; want the pause over", mode, a.status, m.paused)
		}
	}
	if page := o.get("/admin/advisor").body; strings.Contains(page, "Try the model again") {
		t.Error("there is a button where nothing pauses")
	}
	withWords(t, "the audit log", o.get("/admin/audit").body, "allback retry")
}

// TestAUsedUpBudgetIsShown: the page says that the rules conduct alone, and which
// budget keeps the model away, instead of calling it in use.
func TestAUsedUpBudgetIsShown(t *testing.T) {
	t.Parallel()
	prices, err := advice.DefaultPrices()
	if err != nil {
		t.Fatal(err)
	}
	var desk *advisor.Service
	o := withLogin(t, func(c *web.Config) {
		desk = advisor.New(advisor.Config{Store: c.Store, Model: sleepy{}, Prices: prices, Budget: advisor.Budget{Day: 1_000, Month: 1_000_000}, Now: c.Now})
		c.Desk = desk
	})
	withWords(t, "before any call", o.get("/admin/advisor").body, "In use")
	long := advice.Snapshot{LastAnswer: strings.Repeat("bread ", 4_000)} // dearer than the day allows
	if _, err := desk.Advise(t.Context(), advisor.Turn{Session: "s1", Question: "goal", Sent: long}); err == nil {
		t.Fatal("a call beyond the budget is made")
	}
	page := o.get("/admin/advisor").body
	withWords(t, "after a refused one", page, "Rules only", `<span class="rate-name">Today</span><span class="rate-note">of &lt;$0.01 <span class="chip warning">used up</span>`)
	withoutWords(t, "after a refused one", page, "In use")
	o.now = o.now.Add(24 * time.Hour)
	withWords(t, "the next day", o.get("/admin/advisor").body, "In use")
}

// TestQueue fills the house in fallback mode: who comes late sees a place, and
// who is inside is never asked to wait.
func TestQueue(t *testing.T) {
	t.Parallel()
	var desk *advisor.Service
	s := newSite(t, func(c *web.Config) {
		desk = advisor.New(advisor.Config{Store: c.Store, Model: sleepy{}, Now: c.Now, Conversations: 1})
		c.Desk, c.Advisor = desk, true
	})
	if err := desk.SetMode(t.Context(), advisor.On); err != nil {
		t.Fatal(err)
	}
	arrive := func(addr string) (*visitor, answer) {
		v := s.visitor(t)
		v.addr = addr
		a := v.post("/intake/begin", nil)
		for _, value := range []string{"Ada Lovelace", "ada@example.com", "", "nonprofit"} {
			a = v.fill(a, value, "next")
		}
		return v, a
	}
	inside, a := arrive("127.0.0.1:1")
	if a.Path != "/intake/conversation" {
		t.Fatalf("the first visitor is led to %s", a.Path)
	}
	second, a := arrive("127.0.0.1:2")
	if a.Path != "/intake/queue" || !strings.Contains(a.Body.String(), "You are next") || !strings.Contains(a.Body.String(), `http-equiv="refresh" content="10"`) {
		t.Fatalf("the second visitor is led to %s:\n%s", a.Path, a.Body)
	}
	checkHTML(t, a)
	_, a = arrive("127.0.0.1:3")
	if !strings.Contains(a.Body.String(), "1 person is before you") {
		t.Errorf("the third visitor reads:\n%s", a.Body)
	}
	if a, m := s.visitor(t).call(http.MethodPost, "/api/sessions", "", client); a.Code != http.StatusServiceUnavailable || m["ahead"] != float64(2) || a.Header().Get("Retry-After") == "" {
		t.Errorf("a program gets %d %v", a.Code, m)
	}
	smoke := s.visitor(t) // it proves a deployment, also in fallback mode, and takes nobody's place
	smoke.header.Set("X-Introspect-Canary", bootstrapToken)
	if a, m := smoke.call(http.MethodPost, "/api/sessions", "", client); a.Code != http.StatusCreated {
		t.Errorf("a smoke test gets %d %v, want it in", a.Code, m)
	}
	if a := inside.get("/intake/conversation"); a.Code != http.StatusOK || a.Path != "/intake/conversation" {
		t.Errorf("who is inside is led to %s", a.Path)
	}
	if err := desk.SetMode(t.Context(), advisor.Auto); err != nil { // the vendor is back, so everybody may come in
		t.Fatal(err)
	}
	a = second.get("/intake/queue")
	if !strings.Contains(a.Body.String(), "It is your turn") {
		t.Fatalf("after the wait the second visitor reads:\n%s", a.Body)
	}
	checkHTML(t, a)
	if a = second.post("/intake", a.form(t, "/intake").filled("next")); a.Path != "/intake/conversation" {
		t.Errorf("the way in leads to %s", a.Path)
	}
	rec, err := s.store.Session(t.Context(), event.SessionID(second.cookies["introspect_visit"].Value))
	if err != nil || !rec.Session.Client.NoAI {
		t.Errorf("who was told of no model meets one after the queue (%v)", err)
	}
}

// TestNoAI checks who is told of a model, and that a client may refuse it.
func TestNoAI(t *testing.T) {
	t.Parallel()
	var desk *advisor.Service
	open := func(askFirst bool, b advisor.Budget) *site {
		return newSite(t, func(c *web.Config) {
			desk = advisor.New(advisor.Config{Store: c.Store, Model: sleepy{}, Now: c.Now, Budget: b})
			c.Desk, c.Advisor, c.AskFirst = desk, true, askFirst
		})
	}
	for _, row := range []struct {
		name   string
		mode   advisor.Mode
		budget int64
		ask    bool   // clients have to say yes
		tick   string // the box that the client ticks
		told   bool
		want   bool
	}{
		{"a client who says nothing", advisor.Auto, 0, false, "", true, false},
		{"a client who wants none", advisor.Auto, 0, false, "noAi", true, true},
		{"while the owner leaves it out", advisor.On, 0, false, "", false, true},
		{"while the budget of the day is used up", advisor.Auto, 1, false, "", false, true},
		{"a client who is asked and says nothing", advisor.Auto, 0, true, "", true, true},
		{"a client who is asked and says yes", advisor.Auto, 0, true, "ai", true, false},
	} {
		s := open(row.ask, advisor.Budget{Day: row.budget})
		if err := desk.SetMode(t.Context(), row.mode); err != nil {
			t.Fatal(err)
		}
		v := s.visitor(t)
		if told := strings.Contains(v.get("/").Body.String(), "may be phrased by an AI"); told != row.told {
			t.Errorf("%s: the landing page tells of an AI: %v, want %v", row.name, told, row.told)
		}
		a := v.post("/intake/begin", nil)
		for _, value := range []string{"Ada Lovelace", "ada@example.com", ""} {
			a = v.fill(a, value, "next")
		}
		if told := strings.Contains(a.Body.String(), "chosen and phrased with an AI"); told != row.told {
			t.Errorf("%s: the form tells of an AI: %v, want %v", row.name, told, row.told)
		}
		form := a.form(t, "/intake").filled("next")
		form.Set("value", "business")
		if row.mode == advisor.On { // it is back, and this page told of none
			if err := desk.SetMode(t.Context(), advisor.Auto); err != nil {
				t.Fatal(err)
			}
		}
		if row.tick != "" {
			form.Set(row.tick, "yes")
		}
		if a = v.post("/intake", form); a.Path != "/intake/conversation" {
			t.Fatalf("%s: the form leads to %s", row.name, a.Path)
		}
		rec, err := s.store.Session(t.Context(), event.SessionID(v.cookies["introspect_visit"].Value))
		if err != nil || rec.Session.Client.NoAI != row.want {
			t.Errorf("%s: NoAI = %v, %v; want %v", row.name, rec.Session.Client.NoAI, err, row.want)
		}
	}
}

// TestQueueInABrowser looks at the last step of the form with its box, at the
// queue and at the way in.
func TestQueueInABrowser(t *testing.T) {
	browser := webtest.Start(t)
	var desk *advisor.Service
	s := newSite(t, func(c *web.Config) {
		desk = advisor.New(advisor.Config{Store: c.Store, Model: sleepy{}, Now: c.Now, Conversations: 1})
		c.Desk, c.Advisor = desk, true
	})
	base := s.serve(t)
	s.plant(t, at("01936000-0000-7000-8000-000000000199", textQuestion()))
	for name, device := range devices() {
		t.Run(name, func(t *testing.T) {
			if err := desk.SetMode(t.Context(), advisor.Auto); err != nil {
				t.Fatal(err)
			}
			p := browser.Open(t, device)
			p.Goto(base + "/intake")
			for _, value := range []string{"Ada Lovelace", "ada@example.com", ""} {
				p.WaitFor("!!document.querySelector('#value')")
				if value != "" {
					p.Fill("#value", value)
				}
				step := webtest.Get[string](p, "document.querySelector('input[name=step]').value")
				p.Click("button.primary")
				p.WaitFor("document.readyState === 'complete' && document.querySelector('input[name=step]')?.value > " + step)
			}
			p.Axe()
			p.Fits(320)
			p.Screenshot("consent-" + name)
			if err := desk.SetMode(t.Context(), advisor.On); err != nil {
				t.Fatal(err)
			}
			p.Click("label.option")
			p.Click("button.primary")
			p.WaitPath("/intake/queue")
			p.Axe()
			p.Fits(320)
			p.Screenshot("queue-" + name)
			if err := desk.SetMode(t.Context(), advisor.Auto); err != nil {
				t.Fatal(err)
			}
			webtest.Get[bool](p, `(document.body.dataset.waits = "yes", true)`)
			webtest.Get[bool](p, again) // the browser brings the page back, which asks at once
			p.WaitFor("document.querySelector('h1').textContent === 'It is your turn'")
			if !webtest.Get[bool](p, `document.body.dataset.waits === "yes"`) {
				t.Error("the page that waits was loaded anew")
			}
			p.Axe()
			p.Fits(320)
			p.Screenshot("turn-" + name)
		})
	}
}

// TestAPIWithoutAYes checks that programs begin sessions with a model only where
// nobody has to say yes first, and may refuse it for their client.
func TestAPIWithoutAYes(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		askFirst bool
		body     string
		want     bool
	}{
		{"a program that says nothing", false, client, false},
		{"a program that refuses", false, strings.Replace(client, "{", `{"noAi":true,`, 1), true},
		{"where a yes is needed", true, client, true},
	} {
		s := newSite(t, func(c *web.Config) {
			c.Desk, c.Advisor, c.AskFirst = advisor.New(advisor.Config{Store: c.Store, Model: sleepy{}, Now: c.Now}), true, row.askFirst
		})
		a, m := s.visitor(t).call(http.MethodPost, "/api/sessions", "", row.body)
		if a.Code != http.StatusCreated {
			t.Fatalf("%s: %d %v", row.name, a.Code, m)
		}
		rec, err := s.store.Session(t.Context(), event.SessionID(text(m, "sessionId")))
		if err != nil || rec.Session.Client.NoAI != row.want {
			t.Errorf("%s: NoAI = %v, %v; want %v", row.name, rec.Session.Client.NoAI, err, row.want)
		}
	}
}

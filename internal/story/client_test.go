package story_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/webtest"
)

// client is a visitor who wants a website for a hair salon.
type client struct {
	name    string // of the way she goes, for screenshots
	device  webtest.Device
	resolve string // how she settles the contradiction about her budget

	p    *webtest.Page
	shot map[string]bool
	seen []string        // kinds of actions, in order
	did  map[string]bool // what she tries once: back, edit, skip, history
	last screen
}

// screen is what a page asks, read from its form.
type screen struct {
	ID, Kind, Title string
	Slots           []string // what the question is about
	Inputs          []input
	Text            bool // a text field is there and open
}

type input struct {
	Name, Value, Type, Label string
	Checked                  bool
}

// readScreen looks at a page like a visitor: at its headline and controls.
const readScreen = `(() => {
	const f = document.querySelector("form[data-answer]");
	if (!f || document.readyState !== "complete") return {kind: location.pathname};
	const inputs = [...f.querySelectorAll("input[type=radio], input[type=checkbox]")];
	const has = s => !!f.querySelector(s), text = f.querySelector("[name=text]");
	return {
		id: f.elements.actionId.value, slots: (f.dataset.slots ?? "").trim().split(/ +/), title: document.querySelector("h1").innerText, text: !!text && text.checkVisibility(),
		kind: has("[name=package]") ? "recommend_features" : has("[name=go][value=correct]") ? "validate_understanding" :
			has("[name=choice]") ? "conflict_resolution" : has("[name=value]") ? "example_options" : "ask_question",
		inputs: inputs.map(i => ({name: i.name, value: i.value, type: i.type, label: i.closest("label").innerText, checked: i.checked})),
	};
})()`

// screen waits for the page that follows the last one.
func (c *client) screen(t *testing.T) screen {
	t.Helper()
	quoted := fmt.Sprintf("%q", c.last.ID)
	c.p.WaitFor(`document.readyState === "complete" && (location.pathname === "/success" ||
		(document.querySelector("form[data-answer]")?.elements.actionId.value ?? ` + quoted + `) !== ` + quoted + `)`)
	c.last = webtest.Get[screen](c.p, readScreen)
	return c.last
}

// look checks what every screen must be, and keeps a picture of each kind.
func (c *client) look(t *testing.T, name string) {
	t.Helper()
	c.p.Fits()
	if c.device.Width < 768 {
		c.p.Fits(320)
	}
	c.p.Axe()
	if !c.shot[name] {
		c.shot[name] = true
		c.p.Screenshot(c.name + "-" + name)
	}
}

// arrive goes from the landing page through the foundation form.
func (c *client) arrive(t *testing.T, url string) {
	t.Helper()
	p := c.p
	p.Goto(url + "/?utm_source=story")
	c.look(t, "landing")
	p.Click("form[action='/intake/begin'] button")
	p.WaitPath("/intake")
	c.look(t, "foundation-name")
	p.Expect("422") // the browser notes every refused form
	p.Fill("#value", "A")
	p.Click("button[value=next]")
	p.WaitFor(`!!document.querySelector("#error")`)
	c.look(t, "foundation-error")
	p.Fill("#value", "Anna Rossi")
	c.step(t, 2)
	p.Fill("#value", "anna@bella-hair.example")
	c.step(t, 3)
	p.Fill("#value", "5551234567")
	if got, want := webtest.Get[string](p, `document.querySelector("#value").value`), "(555) 123-4567"; !c.device.NoScript && got != want {
		t.Errorf("phone number shows %q, want %q", got, want)
	}
	c.step(t, 4)
	p.Click("input[value=business]")
	p.Click("button[value=next]")
	p.WaitPath("/intake/conversation")
}

// wander looks at the pages beside the way, thinks about starting over, and
// goes on where she was.
func (c *client) wander(t *testing.T, url string) {
	t.Helper()
	before := c.screen(t)
	c.p.Goto(url + "/privacy")
	c.look(t, "privacy")
	c.p.Expect("404")
	if got, want := c.p.Visit(url+"/nowhere"), 404; got != want {
		t.Errorf("an unknown page answers %d, want %d", got, want)
	}
	c.look(t, "not-found")
	c.p.Goto(url + "/")
	c.look(t, "landing-again")
	c.p.Click("a[href='/intake/restart']")
	c.p.WaitPath("/intake/restart")
	c.look(t, "restart")
	c.p.Click("form[action='/intake/restart'] a")
	c.p.WaitPath("/intake/conversation")
	c.last = screen{}
	if after := c.screen(t); after.ID != before.ID {
		t.Errorf("after a look around action %s is shown, want %s", after.ID, before.ID)
	}
	c.last = screen{}
}

// step sends the form and waits for step n.
func (c *client) step(t *testing.T, n int) {
	t.Helper()
	c.p.Click("button[value=next]")
	c.p.WaitFor(fmt.Sprintf(`document.querySelector("[name=step]")?.value === "%d" && document.readyState === "complete"`, n))
	c.look(t, fmt.Sprintf("foundation-%d", n))
}

// talk answers screen after screen until the interview ends.
func (c *client) talk(t *testing.T) {
	t.Helper()
	const most = 60 // the engine asks 30 questions at most, and four loops
	for range most {
		s := c.screen(t)
		if s.Kind == "/success" {
			c.seen = append(c.seen, "complete")
			return
		}
		c.seen = append(c.seen, s.Kind)
		c.look(t, c.picture(s))
		if !c.detour(t, s) {
			c.answer(t, s)
		}
	}
	t.Fatalf("the interview has not ended after %d screens: %q", most, c.seen)
}

// detour does what real visitors do once in a while: going back a step,
// looking at an earlier page, editing a fact, skipping a question. It reports
// whether the screen has changed.
func (c *client) detour(t *testing.T, s screen) bool {
	t.Helper()
	once := func(name string) bool {
		if c.did[name] {
			return false
		}
		c.did[name] = true
		return true
	}
	switch asked := len(c.seen); {
	case asked == 4 && once("back"):
		c.send("back")
		before := c.screen(t)
		c.look(t, "back")
		if before.Kind == "ask_question" && len(before.Inputs) > 0 && !slices.ContainsFunc(before.Inputs, func(i input) bool { return i.Checked }) {
			t.Error("after Back nothing of the earlier answer is shown")
		}
		c.answer(t, before)
		return true
	case asked == 3 && once("history"):
		c.lookBack(t, s)
		return false
	case s.Kind == "validate_understanding" && once("edit"):
		c.edit(t)
		return true
	case slices.Contains(s.Slots, "maintainer") && once("skip"):
		c.send("skip")
		return true
	}
	return false
}

// lookBack uses the browser's Back button and goes on where she was. With
// scripts the earlier answer is shown as such; without, a browser may show the
// old form from its memory.
func (c *client) lookBack(t *testing.T, s screen) {
	t.Helper()
	const on = `a[href="/intake/conversation"][data-focus]`
	webtest.Get[bool](c.p, "(history.back(), true)")
	c.p.WaitFor(`document.readyState === "complete" && location.search !== "?step=` + s.ID + `"`)
	if !c.device.NoScript {
		c.p.WaitFor("!!document.querySelector('" + on + "')")
	}
	if c.p.Has(on) {
		c.look(t, "past")
		c.p.Click(on)
	} else {
		c.p.Goto(webtest.Get[string](c.p, "location.origin") + "/intake/conversation")
	}
	c.last = screen{}
	if now := c.screen(t); now.ID != s.ID {
		t.Errorf("after a look back action %s is shown, want %s", now.ID, s.ID)
	}
}

// edit changes the name of her business from the check of understanding.
func (c *client) edit(t *testing.T) {
	t.Helper()
	c.p.Click("main a[href='/intake/edit?slot=businessName']")
	c.p.WaitPath("/intake/edit")
	c.look(t, "edit")
	c.p.Fill("[name=text]", "Bella Hair & Spa Portland")
	c.p.Click("form[data-edit] button[value=answer]")
	c.p.WaitPath("/intake/conversation")
	if got := c.p.Text("[role=alert]"); !strings.Contains(got, "Changed: ") {
		t.Errorf("after the edit the page says %q, want what was changed", got)
	}
	c.look(t, "edited")
	c.last = screen{}
}

// picture names the screenshot of a screen, one for each distinct look.
func (c *client) picture(s screen) string {
	name := strings.ReplaceAll(s.Kind, "_", "-")
	switch {
	case s.Kind == "ask_question" && len(s.Inputs) == 0:
		return name + "-text"
	case s.Kind == "ask_question" && slices.ContainsFunc(s.Inputs, func(i input) bool { return strings.Contains(i.Name, ".") }):
		return name + "-bundle"
	case s.Kind == "ask_question":
		return name + "-choice"
	case s.Kind == "recommend_features" && slices.Contains(c.seen[:len(c.seen)-1], s.Kind):
		return name + "-edit"
	}
	return name
}

func (c *client) answer(t *testing.T, s screen) {
	t.Helper()
	switch s.Kind {
	case "ask_question":
		c.question(t, s)
	case "example_options":
		c.choose(s.Inputs[0])
		c.send("answer")
	case "conflict_resolution":
		c.settle(s)
	case "validate_understanding":
		c.send("correct")
	case "recommend_features":
		c.features(t, s)
	default:
		t.Fatalf("nobody knows what to do at %s (%q)", s.Kind, s.Title)
	}
}

// settle resolves a contradiction her way; when the same one comes back, she
// raises her budget.
func (c *client) settle(s screen) {
	way := c.resolve
	if slices.Contains(c.seen[:len(c.seen)-1], s.Kind) {
		way = "raise_budget"
	}
	i := slices.IndexFunc(s.Inputs, func(i input) bool { return i.Value == way })
	c.choose(s.Inputs[max(i, 0)])
	c.send("answer")
}

// question answers a question in words or by choosing.
func (c *client) question(t *testing.T, s screen) {
	t.Helper()
	groups := map[string]bool{}
	for _, i := range s.Inputs {
		group, _, bundled := strings.Cut(i.Value, ".")
		if !bundled {
			group = ""
		}
		wanted := slices.Contains(wishes(), i.Value)
		if wanted || !groups[group] && i.Value != "other:" && !anyWish(s.Inputs, group) {
			groups[group] = true
			c.choose(i)
		}
	}
	if slices.Contains(s.Slots, "appointmentsPerWeek") {
		c.did["figures"] = true
	}
	if s.Text && len(s.Inputs) == 0 || slices.Contains(s.Slots, "contentReadyDate") {
		c.p.Fill("[name=text]", c.reply(t, s))
	}
	c.send("answer")
}

// anyWish reports whether she has a wish of her own in a group.
func anyWish(inputs []input, group string) bool {
	return slices.ContainsFunc(inputs, func(i input) bool {
		return (group == "" || strings.HasPrefix(i.Value, group+".")) && slices.Contains(wishes(), i.Value)
	})
}

// wishes are the options of the question bank that she has reasons for; in
// every other group she takes the first.
func wishes() []string {
	return []string{
		"visitorActions.book", "visitorActions.contact", "visitorActions.learn",
		"mustHaves.appointment_scheduling", "mustHaves.sms_notifications", "mustHaves.payment_processing",
		"complianceRequirements.none", "currentTools.Google Workspace", "integrations.calendar",
		"currentWebsite.outdated", "budgetText.under_3k", "launchText.In 24 weeks", "contentReadiness.in_progress", "designStyle.elegant", "service",
	}
}

// reply is what she writes, by what the question is about. About her goal she
// stays vague twice, so that examples have to help her.
func (c *client) reply(t *testing.T, s screen) string {
	t.Helper()
	for _, r := range []struct{ slot, reply string }{
		{"businessDescription", "Bella Hair & Spa is a hair and beauty salon in Portland with six chairs. Clients book appointments by telephone, and the website from 2015 only shows a picture."},
		{"primaryGoal", "Ok."},
		{"targetAudience", "Women and men aged 25 to 55 who live or work near downtown Portland, have little time, and need to see free appointments, prices and stylists in the evening without calling."},
		{"uniqueValue", "We stay open until nine in the evening and only use vegan colours, which no other salon nearby offers. People compare us with Salon Bloom and Urban Cuts."},
		{"appointmentsPerWeek", "About 50 appointments a week at 85 dollars each, 18 % of clients do not show up, and we spend 10 hours a week on the telephone."},
		{"launchText", "In 20 weeks"},
		{"budgetText", "9000 dollars"},
		{"contentReadyDate", "Everything can be ready in 6 weeks"},
		{"designReferences", "www.aveda.example because the booking button is always in sight."},
		{"avoid", "The free appointments first. No music and no pop-ups, please."},
		{"homepageFocus", "The free appointments of this week."},
	} {
		if slices.Contains(s.Slots, r.slot) {
			return r.reply
		}
	}
	t.Logf("she has no answer of her own to %q", s.Title)
	return "We would like to keep this simple and decide it together with you at the first meeting."
}

// features chooses scheduling and reminders, and sees the price follow. When
// the screen comes back after a contradiction, she gives one of them up.
func (c *client) features(t *testing.T, s screen) {
	t.Helper()
	if c.did["figures"] && !c.p.Has(".roi") {
		t.Error("no feature shows what it is worth, although the client told her figures")
	}
	before := c.p.Text("[data-price-text=total]")
	for i, f := range s.Inputs {
		if f.Name != "features" {
			continue
		}
		again := c.picture(s) == "recommend-features-edit"
		wanted := f.Value == "appointment_scheduling" || f.Value == "sms_notifications" && !again
		if wanted != f.Checked {
			c.press(s.Inputs[i])
		}
	}
	if c.device.NoScript {
		c.p.Click("button[value=price]")
	}
	c.p.WaitFor(fmt.Sprintf(`document.readyState === "complete" && document.querySelector("[data-price-text=total]")?.innerText.trim() !== %q`, before))
	if got := c.p.Text("[data-price-text=total]"); !regexp.MustCompile(`^\$\d,\d{3}$`).MatchString(got) {
		t.Errorf("the total of the selection shows %q, want dollars", got)
	}
	c.look(t, c.picture(s)+"-chosen")
	c.send("answer")
}

// choose takes an option.
func (c *client) choose(i input) {
	if !i.Checked {
		c.press(i)
	}
}

// press clicks an option, opening the part of the page that hides it.
func (c *client) press(i input) {
	sel := fmt.Sprintf("input[name=%q][value=%q]", i.Name, i.Value)
	if hidden := fmt.Sprintf("document.querySelector(%q).closest('details:not([open])') !== null", sel); webtest.Get[bool](c.p, hidden) {
		c.p.Click(fmt.Sprintf("details:has(%s) > summary", sel))
	}
	c.p.Click(sel)
}

func (c *client) send(button string) { c.p.Click("form[data-answer] button[value=" + button + "]") }

// receive reads the success page and fetches the scope.
func (c *client) receive(t *testing.T, home product) {
	t.Helper()
	// Before it stands the page that shows how the documents are made.
	c.p.WaitFor(`document.querySelector("h1")?.textContent === "Your Project Scope is Ready!"`)
	c.look(t, "success")
	href := webtest.Get[string](c.p, `document.querySelector("a[href*='/documents/scope/']").getAttribute("href")`)
	scope := string(home.get(t, href, "", c.p.Cookies()))
	for n := 1; n <= 14; n++ {
		if want := fmt.Sprintf("Section %d: ", n); !strings.Contains(scope, want) {
			t.Errorf("SCOPE.md lacks %q", want)
		}
	}
	for _, want := range []string{"Bella Hair", "vegan colours", "18"} {
		if !strings.Contains(scope, want) {
			t.Errorf("SCOPE.md does not repeat %q, which the client said", want)
		}
	}
	c.links(t, home)
}

// links follows every link of the page that stays on the site: none is dead.
func (c *client) links(t *testing.T, home product) {
	t.Helper()
	for _, path := range webtest.Get[[]string](c.p, `[...document.querySelectorAll("a[href^='/']")].map(a => a.getAttribute("href"))`) {
		home.get(t, path, "", c.p.Cookies())
	}
}

// check compares what happened with what must happen in every interview.
func (c *client) check(t *testing.T) {
	t.Helper()
	for _, want := range []string{
		"ask_question", "example_options", "conflict_resolution", "validate_understanding", "recommend_features", "complete",
	} {
		if !slices.Contains(c.seen, want) {
			t.Errorf("the interview never came to %s: %q", want, c.seen)
		}
	}
}

package web_test

import (
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/web"
	"applicreations.com/introspect/internal/webtest"
)

// devices are the ways in which the admin pages are looked at: two that
// differ in everything, and all four when screenshots are wanted.
func devices() map[string]webtest.Device {
	all := map[string]webtest.Device{
		"phone-dark":    {Width: 390, Height: 844, Mobile: true, Dark: true, ReducedMotion: true},
		"desktop-light": {Width: 1280, Height: 900, ReducedMotion: true},
	}
	if os.Getenv("INTROSPECT_SHOTS") != "" {
		all["phone-light"] = webtest.Device{Width: 390, Height: 844, Mobile: true, ReducedMotion: true}
		all["desktop-dark"] = webtest.Device{Width: 1280, Height: 900, Dark: true, ReducedMotion: true}
	}
	return all
}

// busy is an office with a month behind it.
func busy(tb testing.TB) *office {
	tb.Helper()
	o := withLogin(tb)
	o.visits(24, 14)
	o.served()
	o.client(ana(), 60, willing)
	o.advised()
	if err := o.store.SetSetting(tb.Context(), "advisor_notice", `{"at":"2026-11-27T09:00:00Z","text":"A budget of the language model is used up, so interviews go on by rules alone."}`); err != nil {
		tb.Fatal(err)
	}
	o.desk.Refresh(tb.Context())
	o.programs()
	o.client(intake.Client{Name: "Ben Ortiz", Email: "ben@example.com", WebsiteType: "nonprofit"}, 4, willing)
	o.client(intake.Client{Name: "Eve Malory", Email: "eve@example.com", WebsiteType: "other", OtherDescription: "A club"}, 9, attacker)
	return o
}

// signIn passes the login and stands on path afterwards.
func signIn(tb testing.TB, p *webtest.Page, o *office, path string) {
	tb.Helper()
	p.Goto(o.server.URL + "/admin/login?next=" + path)
	p.Fill("#email", adminEmail)
	p.Fill("#password", adminPassword)
	p.Click("button.primary")
	p.WaitPath(path)
}

// One browser serves all of these, one after the other: it is the most
// expensive thing that a test can start.
func TestAdminInABrowser(t *testing.T) {
	browser := webtest.Start(t)
	for name, test := range map[string]func(*testing.T, *webtest.Browser){
		"every page is accessible and fits":             pagesInABrowser,
		"an empty installation, from setup to sign-out": emptyPagesInABrowser,
		"the dashboard refreshes without a reload":      refreshesWithoutReload,
		"the dashboard waits for its first data":        waitsForItsFirstData,
		"the pages of delivery":                         deliveryAdminInABrowser,
		"everything works without scripts":              worksWithoutScripts,
	} {
		t.Run(name, func(t *testing.T) { test(t, browser) })
	}
}

func pagesInABrowser(t *testing.T, browser *webtest.Browser) {
	t.Helper()
	o := busy(t)
	o.post("/admin/trials", newTest())
	tryChannels(t, o)
	burning(t, o)
	o.post("/admin/silences", url.Values{"what": {"group:traffic"}, "hours": {"4"}, "reason": {"The newsletter goes out this afternoon"}})
	o.post("/admin/windows", url.Values{"name": {"Maintenance"}, "day": {"0"}, "from": {"02:00"}, "to": {"04:00"}})
	o.post("/admin/alerts/conversion_cta", url.Values{"limit": {"0.25"}, "for": {"2h"}, "do": {"edit"}})
	o.told("a", "deploy", o.now.Add(-26*time.Hour), false, "site")
	o.told("b", "smoke", o.now.Add(-time.Minute), true, "")
	ack := o.watch.AckPath(o.watch.Board().Firing()[0].States[0].State.Episode.ID, o.now)
	for name, device := range devices() {
		t.Run(name, func(t *testing.T) {
			p := browser.Open(t, device)
			p.Goto(o.server.URL + "/admin/login")
			p.Axe()
			p.Fits()
			p.Screenshot("login-" + name)
			signIn(t, p, o, "/admin/dashboard")
			for _, shot := range []struct{ name, path string }{
				{"dashboard-", "/admin/dashboard"},
				{"filtered-", "/admin/dashboard?days=90&by=device:phone&by=websiteType:business"},
				{"funnel-", "/admin/funnel"},
				{"questions-", "/admin/questions"},
				{"live-", "/admin/live"},
				{"trials-", "/admin/trials"},
				{"narrowed-", "/admin/sessions?question=9&model=service"},
				{"sessions-", "/admin/sessions"},
				{"visits-", "/admin/visits"},
				{"visits-all-", "/admin/visits?show=all"},
				{"advisor-", "/admin/advisor"},
				{"audit-", "/admin/audit"},
				{"alerts-", "/admin/alerts"},
				{"alert-", "/admin/alerts/memory_critical"},
				{"rule-", "/admin/alerts/conversion_cta"},
				{"operations-", "/admin/operations"},
				{"silences-", "/admin/silences"},
				{"runbook-", "/admin/runbook"},
				{"ack-", ack},
			} {
				p.Goto(o.server.URL + shot.path)
				p.Axe()
				p.Fits(320)
				p.Screenshot(shot.name + name)
			}
			p.Goto(o.server.URL + "/admin/alerts/memory")
			p.Fill("#limit", "80")
			p.Fill("#for", "30s")
			p.Click("button[value=try]")
			p.WaitFor("!!document.querySelector('#tryout')")
			p.Axe()
			p.Fits(320)
			p.Screenshot("tryout-" + name)
			for _, who := range []string{"Eve", "Ana"} {
				p.Goto(o.server.URL + "/admin/sessions?q=" + who)
				p.Click(".c-client a")
				p.WaitFor("!!document.querySelector('.timeline')")
				p.Axe()
				p.Fits(320)
				p.Screenshot("session-" + strings.ToLower(who) + "-" + name)
				if who == "Eve" {
					p.Click("a[href$='/replay']")
					p.WaitFor("!!document.querySelector('.replay')")
					p.Click(".replay a[rel=next]")
					p.WaitFor("document.querySelectorAll('.said').length === 2")
					p.Axe()
					p.Fits(320)
					p.Screenshot("replay-" + name)
				}
			}
		})
	}
}

// bannered puts a sentence on top of every page, as the demo does.
func bannered(c *web.Config) { c.Banner = "Demo: nothing here is real." }

func emptyPagesInABrowser(t *testing.T, browser *webtest.Browser) {
	t.Helper()
	o := officeWith(t, nil, bannered)
	token, _, err := o.account.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := browser.Open(t, webtest.Device{Width: 390, Height: 844, Mobile: true, ReducedMotion: true})
	p.Goto(o.server.URL + "/admin/setup?token=" + token)
	p.Axe()
	p.Fits(320)
	p.Screenshot("setup-phone-light")
	p.Fill("#name", "David Moore")
	p.Fill("#email", adminEmail)
	p.Fill("#password", adminPassword)
	p.Click("button.primary")
	p.WaitPath("/admin/dashboard")
	p.Axe()
	p.Fits(320)
	p.Screenshot("empty-phone-light")
	p.Click("nav.tabs a[href='/admin/sessions']")
	p.WaitPath("/admin/sessions")
	p.Axe()
	p.Screenshot("none-phone-light")
	p.Click("form.who button")
	p.WaitPath("/admin/login")
	if got := p.Text(".notice"); got != "You are signed out." {
		t.Errorf("after signing out the page says %q", got)
	}
}

// again makes the page refresh now, as it does when the browser brings it
// back from its cache.
const again = `dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true}))`

const today = `document.querySelectorAll(".card .value")[1].textContent`

func refreshesWithoutReload(t *testing.T, browser *webtest.Browser) {
	t.Helper()
	o := withLogin(t)
	o.visits(3, 10)
	p := browser.Open(t, webtest.Device{ReducedMotion: true})
	signIn(t, p, o, "/admin/dashboard")
	before := webtest.Get[string](p, today)
	p.Click("#figures .funnel summary")
	webtest.Get[bool](p, `(() => { window.kept = true; window.delays = []; const wait = setTimeout;
		window.setTimeout = (f, ms) => { delays.push(ms); return wait(f, ms); }; return true; })()`)

	// New figures appear, while the page and its open table stay.
	o.client(ana(), 3, willing)
	webtest.Get[bool](p, again)
	p.WaitFor(today + " !== '" + before + "'")
	if !webtest.Get[bool](p, `kept && document.querySelector(".funnel details").open`) {
		t.Error("the refresh closed the open table")
	}
	p.WaitFor("delays.length > 0") // more than one where the machine is slow, or where the commit told itself
	if got := webtest.Get[[]int](p, "delays"); slices.ContainsFunc(got, func(ms int) bool { return ms != 30_000 }) {
		t.Errorf("waits after a refresh = %v ms, want 30000", got)
	}

	// Another choice counts at once, without a reload.
	webtest.Get[bool](p, `(() => { const s = document.getElementById("refresh"); s.value = "10"; return s.dispatchEvent(new Event("change")); })()`)
	if got := webtest.Get[[]int](p, "delays"); len(got) < 2 || got[len(got)-1] != 10_000 {
		t.Errorf("waits after the choice = %v ms, want 10000 at last", got)
	}
	if got := p.Path(); got != "/admin/dashboard?refresh=10" || !webtest.Get[bool](p, "kept") {
		t.Errorf("path after the choice = %s, want refresh=10 and no reload", got)
	}

	// A failure is logged, and the last figures stay.
	p.Expect("Failed to fetch metrics")
	p.Expect("500 (Internal Server Error)")
	shown := webtest.Get[string](p, today)
	o.broken.Store(true)
	webtest.Get[bool](p, again)
	p.WaitFor(`document.getElementById("dashboard-status").textContent.includes("Showing data from ")`)
	if got := webtest.Get[string](p, today); got != shown {
		t.Errorf("figure after a failure = %q, want still %q", got, shown)
	}
	p.Axe()
	p.Screenshot("failed-desktop-light")

	// The next success takes the message away.
	o.broken.Store(false)
	webtest.Get[bool](p, again)
	p.WaitFor(`document.getElementById("dashboard-status").textContent === ""`)

	// Signed out elsewhere: the figures stay, and the page says why they rest.
	o.sql(`DELETE FROM admin_sessions`)
	webtest.Get[bool](p, again)
	p.WaitFor(`document.getElementById("dashboard-status").textContent.startsWith("You are signed out")`)
	if got := webtest.Get[string](p, today); got != shown {
		t.Errorf("figure after signing out = %q, want still %q", got, shown)
	}
}

func waitsForItsFirstData(t *testing.T, browser *webtest.Browser) {
	t.Helper()
	o := withLogin(t)
	p := browser.Open(t, webtest.Device{ReducedMotion: true})
	p.Expect("Failed to fetch metrics")
	p.Expect("503 (Service Unavailable)")
	signIn(t, p, o, "/admin/sessions")
	o.sql(`ALTER TABLE rollups RENAME TO rollups_away`)
	if status := p.Visit(o.server.URL + "/admin/dashboard"); status != 503 {
		t.Errorf("status without figures = %d, want 503", status)
	}
	if got := p.Text("#figures"); got != "Loading dashboard..." {
		t.Errorf("the page without figures says %q, want the loading text", got)
	}
	p.Axe()
	o.sql(`ALTER TABLE rollups_away RENAME TO rollups`)
	p.WaitFor("!!document.querySelector('.card') || (" + again + ", false)")
	if p.Has(".loading") {
		t.Error("the loading text stays beside the figures")
	}
}

func worksWithoutScripts(t *testing.T, browser *webtest.Browser) {
	t.Helper()
	o := busy(t)
	p := browser.Open(t, webtest.Device{NoScript: true})
	signIn(t, p, o, "/admin/dashboard")
	if got := p.Text("h1"); got != "Introspect V3 Dashboard" {
		t.Errorf("heading = %q, want the dashboard's", got)
	}
	p.Click("form.refresh button")
	p.WaitFor("document.readyState === 'complete' && location.search === '?refresh=30'")
	if !p.Has(".stages li") {
		t.Error("no funnel without scripts")
	}
	p.Click("nav.tabs a[href='/admin/sessions']")
	p.WaitPath("/admin/sessions")
	p.Fill("#q", "ana")
	p.Click("form.search button")
	p.WaitFor("document.readyState === 'complete' && location.search.includes('q=ana')")
	p.Click(".c-client a")
	p.WaitFor("!!document.querySelector('.timeline')")
	p.Click("form.who button")
	p.WaitPath("/admin/login")
}

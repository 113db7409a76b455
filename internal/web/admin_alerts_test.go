package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/store/storetest"
	"applicreations.com/introspect/internal/watch"
)

// watching watches an office by the rules of the house. The test says how much
// memory is used.
func watching(tb testing.TB, o *office) *watch.Service {
	tb.Helper()
	w, err := watch.New(watch.Config{
		Store: o.store, Keys: storetest.Keys(tb), Now: func() time.Time { return o.now }, Requests: new(gauge.Requests),
		Channels: map[alert.Channel]watch.Channel{
			"page": func(context.Context, alert.Parcel) (string, error) { return "<b>queued</b>", nil },
			"pagerduty": func(context.Context, alert.Parcel) (string, error) {
				return "", errors.New("<i>the routing key was removed</i>")
			},
		},
		Routes: map[alert.Channel][]alert.Channel{"page": {"page"}, "oncall_second": {"pagerduty"}},
		Sources: map[string]gauge.Source{"memory_percent": func(context.Context, alert.Rule, time.Time) ([]alert.Reading, error) {
			return []alert.Reading{{Value: float64(o.level.Load()), Causes: []string{"session-1"}}}, nil
		}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

// round lets time pass and evaluates the rules.
func (o *office) round(d time.Duration) {
	o.tb.Helper()
	for ; d > 0; d -= 15 * time.Second {
		o.now = o.now.Add(15 * time.Second)
		if err := o.watch.Tick(o.tb.Context()); err != nil {
			o.tb.Fatal(err)
		}
	}
}

// burning is an office whose memory runs out.
func burning(tb testing.TB, o *office) {
	tb.Helper()
	o.level.Store(98)
	o.round(2 * time.Minute)
}

func withWords(tb testing.TB, what, body string, want ...string) {
	tb.Helper()
	for _, w := range want {
		if !strings.Contains(body, w) {
			tb.Errorf("%s lacks %q", what, w)
		}
	}
}

func withoutWords(tb testing.TB, what, body string, not ...string) {
	tb.Helper()
	for _, n := range not {
		if strings.Contains(body, n) {
			tb.Errorf("%s has %q, want not", what, n)
		}
	}
}

func TestAlertsPage(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	withWords(t, "the page before the first round", o.get("/admin/alerts").body, "Nothing was evaluated yet", "Nothing fires")
	o.round(15 * time.Second)
	withoutWords(t, "a quiet dashboard", o.get("/admin/dashboard").body, `class="strip`)
	burning(t, o)
	page := o.get("/admin/alerts").body
	withWords(t, "the page", page, "Memory is all but used up", "98% (alerts at 97%)", "/admin/runbook#memory", "not measured here", `href="/admin/sessions/session-1"`)
	withWords(t, "a rule about a share", o.get("/admin/alerts/target_cta").body, "there is too little to be sure of any share")
	withWords(t, "how soon", o.get("/admin/alerts/memory_critical").body, "55s after the trouble shows in its figures")
	withWords(t, "the dashboard", o.get("/admin/dashboard").body, `class="strip critical"`, "Memory is all but used up")
	withoutWords(t, "a shared dashboard", o.get("/admin/dashboard").body, "session-1")
}

// The daily check must not look well while something critical fires, and leads to
// what was drafted for the status page.
func TestDailyCheckTellsWhatFires(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	withWords(t, "the daily check before the first round", o.get("/admin/operations").body, "nothing was evaluated yet", "Not known")
	o.round(15 * time.Second)
	page := o.get("/admin/operations").body
	withWords(t, "a quiet daily check", page, "Alerts that fire", "0 critical", "0 drafts wait", "Nobody tried")
	withoutWords(t, "a quiet daily check", page, "Look at it now", "nothing was evaluated")
	burning(t, o)
	withWords(t, "the daily check", o.get("/admin/operations").body, "1 critical, 0 warnings", "Look at it now", "1 draft waits", `href="/admin/alerts"`)
	list, err := o.store.Incidents(t.Context(), o.now.Add(-time.Hour))
	if err != nil || len(list) != 1 || !list[0].Draft() {
		t.Fatalf("incidents = %+v, %v, want one draft", list, err)
	}
	withWords(t, "the draft", o.get("/admin/incidents/"+list[0].ID).body, `href="/admin/alerts/memory_critical"`, "We noticed a problem at")
	withoutWords(t, "the status page", o.get("/status").body, "We noticed a problem", "Memory is all but used up")
}

// Whoever was not woken looks for the notice, and has to see which one it is.
func TestJobsTellOfNotices(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	burning(t, o)
	page := o.get("/admin/jobs?kind=notice_urgent").body
	withWords(t, "the list of notices", page, "Firing to Page: Memory is all but used up", `href="/admin/jobs?kind=notice"`)
	if n := strings.Count(page, `class="chip`); n == 0 || strings.Contains(page, "No job matches") {
		t.Errorf("the list of notices has %d rows:\n%s", n, page)
	}
}

func TestTakeAnAlertOn(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	burning(t, o)
	episode := string(o.watch.Board().Firing()[0].States[0].State.Episode.ID)
	if a := o.post("/admin/alerts/memory_critical/take", url.Values{"episode": {episode}, "do": {"take"}}); a.status != http.StatusSeeOther {
		t.Fatalf("take = %d", a.status)
	}
	withWords(t, "the page", o.get("/admin/alerts/memory_critical").body, "David Moore is on it", "Taken on by")
	if a := o.post("/admin/alerts/memory_critical/take", url.Values{"episode": {"nothing"}}); a.status != http.StatusSeeOther {
		t.Errorf("take what is over = %d, want a redirect: there is nothing to do", a.status)
	}
}

func TestEditARule(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	o.round(15 * time.Second)
	withWords(t, "the page", o.get("/admin/alerts/memory").body, `value="90"`, `value="5m"`, "Disable the rule", "It never fired")
	for _, c := range []struct {
		name  string
		given url.Values
		want  string
	}{
		{"a limit that is no number", url.Values{"limit": {"a lot"}, "for": {"5m"}, "do": {"edit"}}, "must be a number"},
		{"a duration that is none", url.Values{"limit": {"80"}, "for": {"soon"}, "do": {"edit"}}, "is no duration"},
		{"a duration below zero", url.Values{"limit": {"80"}, "for": {"-5m"}, "do": {"edit"}}, "must not be below 0"},
	} {
		a := o.post("/admin/alerts/memory", c.given)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s = %d, want 422", c.name, a.status)
		}
		withWords(t, c.name, a.body, c.want, "Nothing was changed", `value="`+c.given.Get("limit")+`"`)
	}
	if a := o.post("/admin/alerts/memory", url.Values{"limit": {"80"}, "for": {"2m"}, "do": {"edit"}}); a.status != http.StatusSeeOther {
		t.Fatalf("edit = %d", a.status)
	}
	o.post("/admin/alerts/memory", url.Values{"do": {"disable"}})
	withWords(t, "the page after the edits", o.get("/admin/alerts/memory").body, `value="80"`, `value="2m"`, "limit 80 instead of 90, holds for 2m instead of 5m", "disabled", "Enable the rule", "<td>David Moore</td>")
	if a := o.get("/admin/alerts/nothing"); a.status != http.StatusNotFound {
		t.Errorf("an unknown rule = %d, want 404", a.status)
	}
	if a := o.post("/admin/alerts/nothing", url.Values{"do": {"disable"}}); a.status != http.StatusNotFound {
		t.Errorf("edit an unknown rule = %d, want 404", a.status)
	}
}

func TestSilencesPage(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	burning(t, o)
	a := o.post("/admin/silences", url.Values{"what": {"rule:memory_critical"}, "hours": {"1"}, "reason": {" "}})
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("a silence without a reason = %d, want 422", a.status)
	}
	withWords(t, "its page", a.body, "needs an author and a reason", `value="rule:memory_critical" selected`)
	for _, hours := range []string{"0", "x", "200"} {
		if a := o.post("/admin/silences", url.Values{"what": {"group:memory"}, "hours": {hours}, "reason": {"tests"}}); a.status != http.StatusUnprocessableEntity {
			t.Errorf("a silence of %s hours = %d, want 422", hours, a.status)
		}
	}
	o.post("/admin/silences", url.Values{"what": {"rule:memory_critical"}, "hours": {"2"}, "reason": {"a <new> machine"}})
	page := o.get("/admin/silences").body
	withWords(t, "the page", page, `trouble-head">Memory is all but used up</p>`, "a &lt;new&gt; machine", "By David Moore")
	withWords(t, "the alert", o.get("/admin/alerts/memory_critical").body, "silenced by David Moore")
	_, rest, _ := strings.Cut(page, "/admin/silences/")
	id, _, _ := strings.Cut(rest, "/end")
	if a := o.post("/admin/silences/"+id+"/end", url.Values{}); a.status != http.StatusSeeOther {
		t.Errorf("end = %d", a.status)
	}
	withoutWords(t, "the page", o.get("/admin/silences").body, "a &lt;new&gt; machine")
}

func TestWeeklyWindows(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	if a := o.post("/admin/windows", url.Values{"name": {"Night"}, "from": {"late"}, "to": {"04:00"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a window from late = %d, want 422", a.status)
	}
	o.post("/admin/windows", url.Values{"name": {"Night work"}, "day": {"0"}, "from": {"02:00"}, "to": {"04:00"}})
	if a := o.post("/admin/windows", url.Values{"name": {"Night"}, "from": {"02:00"}, "to": {"04:00"}, "zone": {"Mars/Olympus"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "is no time zone") {
		t.Errorf("a window on Mars = %d, want 422", a.status)
	}
	page := o.get("/admin/silences").body
	withWords(t, "the page", page, "Night work", "Sunday, 02:00 to 04:00")
	_, rest, _ := strings.Cut(page, "/admin/windows/")
	id, _, _ := strings.Cut(rest, "/remove")
	o.post("/admin/windows/"+id+"/remove", url.Values{})
	withoutWords(t, "the page", o.get("/admin/silences").body, "Night work")
	o.post("/admin/windows", url.Values{"name": {"Where the host is"}, "day": {"0"}, "from": {"02:00"}, "to": {"04:00"}, "zone": {"America/Los_Angeles"}})
	withWords(t, "the page", o.get("/admin/silences").body, "Sunday, 02:00 to 04:00 (America/Los_Angeles)")
	if list, err := o.store.AlertWindows(t.Context()); err != nil || len(list) != 1 || list[0].Zone.String() != "America/Los_Angeles" {
		t.Errorf("windows = %+v, %v, want one in that zone", list, err)
	}
}

func TestAckLink(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	burning(t, o)
	o.newBrowser() // whoever reads the mail is not logged in
	id := o.watch.Board().Firing()[0].States[0].State.Episode.ID
	path := o.watch.AckPath(id, o.now)
	a := o.get(path)
	withWords(t, "the page", a.body, "Memory is all but used up", "I take it on", `name="token"`)
	o.round(15 * time.Second)
	if by := o.watch.Board().Firing()[0].States[0].State.Episode.Acked; by != "" {
		t.Errorf("opening the link took it on for %q, want nobody: mail scanners open links", by)
	}
	token := strings.TrimPrefix(path, "/alerts/ack?token=")
	withWords(t, "the answer", o.post("/alerts/ack", url.Values{"token": {token}, "do": {"take"}}).body, "It is yours until it is over")
	o.round(15 * time.Second)
	if by := o.watch.Board().Firing()[0].States[0].State.Episode.Acked; by == "" {
		t.Error("nobody is on it after the button was pressed")
	}
	withWords(t, "the page for the next reader", o.get(path).body, "Somebody with the link of a notice is on it, since", "Snooze for an hour")
	o.post("/alerts/ack", url.Values{"token": {token}, "do": {"snooze"}})
	o.round(15 * time.Second)
	withWords(t, "the page after a snooze", o.get(path).body, "put it off until")
	counts, err := o.store.AuditCounts(t.Context(), o.now.Add(-time.Hour))
	if err != nil || counts["alert_taken"] != 1 || counts["alert_snoozed"] != 1 {
		t.Errorf("audit log = %v, %v, want one of either act", counts, err)
	}
	for _, bad := range []string{"", "x", token + "x"} {
		if a := o.get("/alerts/ack?token=" + bad); a.status != http.StatusGone {
			t.Errorf("GET with token %q = %d, want 410", bad, a.status)
		}
		if a := o.post("/alerts/ack", url.Values{"token": {bad}}); a.status != http.StatusGone {
			t.Errorf("POST with token %q = %d, want 410", bad, a.status)
		}
	}
}

func TestChannelTest(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	if a := o.post("/admin/alerts/test", url.Values{"channel": {"nothing"}}); a.status != http.StatusBadRequest {
		t.Errorf("test an unknown channel = %d, want 400", a.status)
	}
	a := o.post("/admin/alerts/test", url.Values{"channel": {"page"}})
	withWords(t, "the page", o.get(a.header.Get("Location")).body, "on its way")
	if _, err := job.New(job.Config{Store: o.store, Kinds: o.watch.Kinds()}).RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	withWords(t, "the page after it", o.get(a.header.Get("Location")).body, "The channel took the test", "&lt;b&gt;queued&lt;/b&gt;")
}

// tryChannels tests every channel.
func tryChannels(tb testing.TB, o *office) {
	tb.Helper()
	for _, c := range o.watch.Channels() {
		o.post("/admin/alerts/test", url.Values{"channel": {string(c)}})
	}
	if _, err := job.New(job.Config{Store: o.store, Kinds: o.watch.Kinds()}).RunDue(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// The page says what every channel answered last, and what went elsewhere.
func TestChannelsPage(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	withWords(t, "the page before anything was told", o.get("/admin/alerts").body, "PagerDuty", "Oncall second", "not used yet")
	tryChannels(t, o)
	page := o.get("/admin/alerts").body
	withWords(t, "the page", page, `<span class="chip good">accepted</span>`, `<span class="chip critical">refused</span>`,
		"&lt;b&gt;queued&lt;/b&gt;", "&lt;i&gt;the routing key was removed&lt;/i&gt;", "written to the log", "What goes to other services", `<span class="tag">Accepted </span>1204</td>`)
	withoutWords(t, "the page", page, "not used yet")
}

// A limit is tried on what was read, and nothing is changed by it.
func TestTryARule(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	o.level.Store(85)
	o.round(10 * time.Minute)
	o.level.Store(40)
	o.round(10 * time.Minute)
	page := o.get("/admin/alerts/memory").body
	withWords(t, "the page", page, "Try on the last 30 days", "fired 0 times with the limits of today, in the ", "that have readings")
	withoutWords(t, "the page", page, `id="tryout"`)
	a := o.post("/admin/alerts/memory", url.Values{"limit": {"80"}, "for": {"2m"}, "do": {"try"}})
	if a.status != http.StatusOK {
		t.Fatalf("try = %d", a.status)
	}
	withWords(t, "what came of it", a.body, "It would have fired 1 time", "with the limits of today, 0 times", "85% (alerts above 80%)", `value="80"`, `value="2m"`, "Nothing was changed")
	withWords(t, "a limit that was never reached", o.post("/admin/alerts/memory", url.Values{"limit": {"86"}, "for": {"2m"}, "do": {"try"}}).body, "It would have fired 0 times")
	withWords(t, "a rule without readings", o.post("/admin/alerts/disk_used", url.Values{"limit": {"86"}, "for": {"2m"}, "do": {"try"}}).body, "There are no readings to try this on yet")
	for _, c := range []struct{ limit, hold, want string }{{"a lot", "2m", "must be a number"}, {"80", "soon", "is no duration"}, {"80", "-1m", "must not be below 0"}} {
		a := o.post("/admin/alerts/memory", url.Values{"limit": {c.limit}, "for": {c.hold}, "do": {"try"}})
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s for %s = %d, want 422", c.limit, c.hold, a.status)
		}
		withWords(t, "what is wrong", a.body, "Nothing was tried", c.want, `value="`+c.limit+`"`)
	}
	withWords(t, "the page after all that", o.get("/admin/alerts/memory").body, `value="90"`, `value="5m"`)
	withWords(t, "the list", o.get("/admin/alerts").body, `<span class="note">in 19.8 min</span>`)

	path := "/api/admin/alerts/memory/backtest"
	withWords(t, "the answer to a program", o.get(path+"?limit=80&for=2m").body, `"fired":0,"wouldHave":1,"coveredSeconds":1185`, `"detail":"85% (alerts above 80%)"`)
	withWords(t, "the rule as it is", o.get(path).body, `"wouldHave":0`, `"episodes":[]`)
	for query, want := range map[string]int{"?limit=x": 400, "?for=soon": 400, "?for=-1m": 400} {
		if a := o.get(path + query); a.status != want {
			t.Errorf("%s = %d, want %d", query, a.status, want)
		}
	}
	if a := o.get("/api/admin/alerts/nothing/backtest"); a.status != http.StatusNotFound {
		t.Errorf("no rule = %d, want 404", a.status)
	}
	o.newBrowser()
	if a := o.get(path); a.status != http.StatusUnauthorized {
		t.Errorf("without a login = %d, want 401", a.status)
	}
	if a := o.get(path, "Authorization", "Bearer "+adminBootstrap); a.status != http.StatusOK {
		t.Errorf("with a token = %d, want 200", a.status)
	}
}

// The history of a rule says what became of every notice: here nobody took any
// before it was over.
func TestHistorySaysWhoWasTold(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	burning(t, o)
	const path = "/admin/alerts/memory_critical"
	withWords(t, "while it fires", o.get(path).body, "<li>Page: beginning, waits</li>")
	o.level.Store(10)
	o.round(10 * time.Minute)
	body := o.get(path).body
	withWords(t, "once it is over", body, "<li>Page: beginning, dropped before it arrived</li>", "<li>Page: that it was over, waits</li>")
	withoutWords(t, "once it is over", body, "beginning, waits")
}

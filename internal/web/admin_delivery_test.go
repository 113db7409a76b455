package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/webtest"
)

// work does the jobs of an office that are due.
func (o *office) work() {
	o.tb.Helper()
	r := job.New(job.Config{Store: o.store, Kinds: o.deliver.Kinds()})
	if _, err := r.RunDue(o.tb.Context()); err != nil {
		o.tb.Fatal(err)
	}
}

// effects stores what a job would leave.
func (o *office) effects(id event.SessionID, e store.Effects) {
	o.tb.Helper()
	(&site{store: o.store}).effects(o.tb, id, e)
}

// lead is a finished interview whose documents were written.
func (o *office) lead(c intake.Client) event.SessionID {
	o.tb.Helper()
	now := o.now
	o.now = now.Add(-time.Hour) // the store's clock is the real one, and jobs of the future are not due
	sess := o.client(c, 60, willing)
	o.now = now
	if sess.Status != intake.Completed {
		o.tb.Fatalf("the interview of %s does not end: %s", c.Name, sess.Current.Kind)
	}
	o.work()
	return sess.ID
}

func (o *office) hold(id event.SessionID, reasons ...string) {
	o.tb.Helper()
	o.effects(id, store.Effects{Delivery: &store.Delivery{Session: id, State: store.DeliveryHeld, Score: 84, Reasons: reasons, Critical: len(reasons) > 2}})
}

// audited reports whether an action is in the audit log.
func (o *office) audited(action string) bool {
	o.tb.Helper()
	return strings.Contains(strings.ToLower(o.get("/admin/audit").body), strings.ReplaceAll(action, "_", " "))
}

func (r reply) holds(tb testing.TB, words ...string) {
	tb.Helper()
	for _, want := range words {
		if !strings.Contains(r.body, want) {
			tb.Errorf("the answer (%d) lacks %q:\n%s", r.status, want, r.body)
			return
		}
	}
}

func (r reply) lacks(tb testing.TB, words ...string) {
	tb.Helper()
	for _, w := range words {
		if strings.Contains(r.body, w) {
			tb.Errorf("the answer (%d) holds %q", r.status, w)
		}
	}
}

// follow goes where a form leads.
func (o *office) follow(a reply) reply {
	o.tb.Helper()
	if a.status != http.StatusSeeOther {
		o.tb.Fatalf("status = %d, want 303:\n%s", a.status, a.body)
	}
	return o.get(a.header.Get("Location"))
}

func TestReview(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	id := o.lead(ana())
	page := "/admin/sessions/" + string(id)
	a := o.get(page)
	a.holds(t, "Delivered at once", "Score ", "New lead, to the team", "Proposal, to the client", "Kept here", "Documents delivered at once", o.deliver.ProposalPath(id))
	a.lacks(t, "Release and send", "Waiting for you")
	for kind, want := range map[string]string{"scope": "# Project Scope", "proposal": "%PDF"} {
		if got := o.get("/api/documents/" + kind + "/" + string(id)); !strings.HasPrefix(got.body, want) {
			t.Errorf("the %s begins with %.20q", kind, got.body)
		}
	}
	o.get("/admin/audit").holds(t, "Document downloaded", "proposal:"+string(id), "scope:"+string(id))
}

func TestRelease(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	id := o.lead(ana())
	page, link := "/admin/sessions/"+string(id), o.deliver.ProposalPath(id)
	if a := o.post(page+"/release", url.Values{"sure": {"1"}}); a.status != http.StatusConflict {
		t.Errorf("releasing what is not held = %d, want 409", a.status)
	}
	o.hold(id, "The score is <84>.", "The budget does not fit.")
	o.get(page).holds(t, "Waits for you", "The score is &lt;84&gt;.", "Release and send", "The client waits", "Documents held for the team")
	o.get("/admin/sessions").holds(t, "Waiting for you", page+"#review-title", "· 1 more reason")
	o.get("/admin/dashboard").holds(t, "1 client waits")
	o.get(link).holds(t, "is being checked")

	if a := o.post(page+"/release", nil); a.status != http.StatusBadRequest {
		t.Errorf("releasing without the box = %d, want 400", a.status)
	}
	if a := o.post(page+"/release", url.Values{"sure": {"1"}}, "Sec-Fetch-Site", "cross-site"); a.status != http.StatusForbidden {
		t.Errorf("releasing from another site = %d, want 403", a.status)
	}
	o.get(link).holds(t, "is being checked")
	o.follow(o.post(page+"/release", url.Values{"sure": {"1"}})).holds(t, "The documents are released", "Released", "Released by David Moore")
	o.work()
	o.get(link).holds(t, "What we propose")
	o.get("/admin/sessions").lacks(t, "Waiting for you")
	if !o.audited("documents_released") {
		t.Error("the release is not in the audit log")
	}
	if a := o.post(page+"/release", url.Values{"sure": {"1"}}); a.status != http.StatusConflict {
		t.Errorf("releasing twice = %d, want 409", a.status)
	}
	o.follow(o.post(page+"/write", nil)).holds(t, "The documents are being written again", "about to be written")
	o.work()
	o.get(page).lacks(t, "about to be written")
	if !o.audited("documents_written_again") {
		t.Error("writing again is not in the audit log")
	}
	if a := o.post("/admin/sessions/nothing/write", nil); a.status != http.StatusNotFound {
		t.Errorf("writing the documents of nobody = %d, want 404", a.status)
	}
}

func TestDecisionsInAdmin(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	id := o.lead(ana())
	for _, d := range []store.Decision{
		{Session: id, Kind: store.DecisionQuestion, Text: "Is <b>hosting</b> included?\n\nAnd SSL?"},
		{Session: id, Kind: store.DecisionAccepted, Text: "Ana Moreau"},
	} {
		if err := o.deliver.Decide(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	o.work()
	o.get("/admin/sessions/"+string(id)).holds(t, "Is &lt;b&gt;hosting&lt;/b&gt; included?", "Signed as Ana Moreau", "The client accepted the proposal", "Accepted, to the team", "Question, to the team")
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	o.get("/admin/outbox").holds(t, "No mail was written yet")
	id := o.lead(ana())
	list := o.get("/admin/outbox")
	list.holds(t, "New lead, to the team", "Proposal, to the client", "No mail service is set", "Kept here")
	o.get("/admin/outbox?state=bounced").holds(t, "No mail matches")
	mails, err := o.deliver.Mails(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mails {
		path := "/admin/outbox/" + m.ID
		a := o.get(path)
		a.holds(t, "Message-ID", "Auto-Submitted", `<iframe class="mail-frame" src="`+path+`/html"`, "sandbox", path+"/files/0", "As plain text")
		if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-src 'self'") || strings.Contains(csp, "unsafe") {
			t.Errorf("policy of the page = %q", csp)
		}
		inner := o.get(path + "/html")
		if csp := inner.header.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") || strings.Contains(csp, "script-src") || !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("policy of the mail = %q", csp)
		}
		file := o.get(path + "/files/0")
		if want := map[string]string{deliver.MailTeam: "# Project Scope", deliver.MailClient: "%PDF"}[m.Kind]; !strings.HasPrefix(file.body, want) || !strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("the file of the mail to the %s begins with %.20q, %v", m.Kind, file.body, file.header)
		}
		for _, wrong := range []string{"/files/1", "/files/-1", "/files/x"} {
			if got := o.get(path + wrong).status; got != http.StatusNotFound {
				t.Errorf("GET %s = %d, want 404", wrong, got)
			}
		}
	}
	o.follow(o.post("/admin/outbox/"+mails[0].ID+"/resend", nil)).holds(t, "The mail is on its way once more")
	o.work()
	if again, err := o.deliver.Mails(t.Context(), id); err != nil || len(again) != len(mails)+1 {
		t.Errorf("after sending again there are %d mails, %v, want %d", len(again), err, len(mails)+1)
	}
	for _, action := range []string{"mail_read", "mail_resent"} {
		if !o.audited(action) {
			t.Errorf("the audit log lacks %s", action)
		}
	}
	if got := o.get("/admin/outbox/nothing").status; got != http.StatusNotFound {
		t.Errorf("an unknown mail = %d, want 404", got)
	}
	o.newBrowser()
	for _, path := range []string{"/admin/outbox", "/admin/outbox/" + mails[0].ID, "/admin/outbox/" + mails[0].ID + "/html", "/admin/outbox/" + mails[0].ID + "/files/0", "/admin/jobs", "/admin/webhooks"} {
		if a := o.get(path); a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/admin/login") {
			t.Errorf("GET %s without a login = %d", path, a.status)
		}
	}
	for _, path := range []string{"/admin/outbox/" + mails[0].ID + "/resend", "/admin/jobs/x/replay", "/admin/webhooks", "/admin/sessions/" + string(id) + "/release"} {
		if a := o.post(path, url.Values{"sure": {"1"}}); a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/admin/login") {
			t.Errorf("POST %s without a login = %d", path, a.status)
		}
	}
}

func TestJobsPage(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	o.get("/admin/jobs").holds(t, "There was no work yet", "All 0")
	id := o.lead(ana())
	o.get("/admin/jobs").holds(t, "Done", "Documents", "Mail", "Announce", `data-live="/admin/changes"`)
	o.get("/admin/jobs?state=dead").holds(t, "No job matches")
	o.get("/admin/jobs?state=nonsense&kind=<b>").holds(t, "Done")

	if err := o.deliver.WriteAgain(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	jobs, err := o.store.Lease(t.Context(), []string{deliver.KindDocuments}, 1, time.Hour)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("Lease() = %d, %v", len(jobs), err)
	}
	replay := "/admin/jobs/" + jobs[0].ID + "/replay"
	if a := o.post(replay, nil); a.status != http.StatusConflict {
		t.Errorf("replaying what runs = %d, want 409", a.status)
	}
	if err := o.store.BuryJob(t.Context(), jobs[0], "the disk <is> full"); err != nil {
		t.Fatal(err)
	}
	o.get("/admin/jobs").holds(t, "1 job was given up.</strong>", "the disk &lt;is&gt; full", "Replay")
	o.get("/admin/sessions/"+string(id)).holds(t, "was given up: the disk &lt;is&gt; full")
	a := o.post(replay, url.Values{"back": {"/admin/jobs?state=dead"}})
	if got, want := a.header.Get("Location"), "/admin/jobs?replayed=1&state=dead"; got != want {
		t.Errorf("the replay leads to %q, want %q", got, want)
	}
	o.follow(a).holds(t, "The job is due again")
	if got := o.post(replay, url.Values{"back": {"https://evil.example/"}}).header.Get("Location"); strings.Contains(got, "evil") {
		t.Errorf("the replay leads to %q", got)
	}
	o.work()
	o.get("/admin/jobs?state=dead").holds(t, "No job matches")
	if !o.audited("job_replayed") {
		t.Error("the replay is not in the audit log")
	}
}

func TestManyJobs(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	for range 60 {
		if _, err := o.store.Enqueue(t.Context(), store.NewJob{Kind: deliver.KindAnnounce, Due: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	first := o.get("/admin/jobs?state=waiting")
	first.holds(t, "Waiting 60", "Older jobs")
	older := regexp.MustCompile(`href="([^"]*before=[^"]*)"`).FindStringSubmatch(first.body)
	if older == nil {
		t.Fatal("there is no second page")
	}
	second := o.get(strings.ReplaceAll(older[1], "&amp;", "&"))
	if got := strings.Count(second.body, `<th role="rowheader"`); got != 10 {
		t.Errorf("the second page has %d jobs, want 10", got)
	}
	second.holds(t, "Back to the newest")
}

func TestWebhooks(t *testing.T) {
	t.Parallel()
	status, answer, refused := 200, "thank you <b>", error(nil)
	type call struct{ endpoint, secret, body string }
	var calls []call
	o := withPoster(t, func(_ context.Context, endpoint, secret, _ string, _ time.Time, body []byte) (int, string, error) {
		calls = append(calls, call{endpoint, secret, string(body)})
		return status, answer, refused
	})
	o.get("/admin/webhooks").holds(t, "No endpoint yet", "A client accepted")
	for _, wrong := range []url.Values{
		{},
		{"url": {"ftp://example.com"}},
		{"url": {"https://u:p@example.com"}},
		{"url": {"not an address"}},
		{"url": {"https://example.com"}, "events": {"<script>"}},
		{"url": {"https://example.com/" + strings.Repeat("x", 2000)}},
	} {
		a := o.post("/admin/webhooks", wrong)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("adding %.60v = %d, want 422", wrong, a.status)
		}
		a.holds(t, `role="alert"`)
	}
	added := o.post("/admin/webhooks", url.Values{"url": {"https://example.com/hooks?a=<b>"}, "events": {"proposal.accepted"}})
	secret := regexp.MustCompile(`whsec_[A-Za-z0-9&#;/+=]+`).FindString(added.body)
	if added.status != http.StatusOK || secret == "" || added.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("adding = %d, %q:\n%s", added.status, secret, added.body)
	}
	o.get("/admin/webhooks").lacks(t, "whsec_", "<b>")
	hooks, err := o.store.Webhooks(t.Context())
	if err != nil || len(hooks) != 1 {
		t.Fatalf("Webhooks() = %v, %v", hooks, err)
	}
	page := "/admin/webhooks/" + hooks[0].ID
	o.get(page).holds(t, "Nothing was sent yet", "proposal.accepted")
	o.follow(o.post(page, url.Values{"do": {"test"}})).holds(t, "The test is on its way", ">ping<", "Waiting")
	o.work()
	o.get(page).holds(t, "Arrived", "200", "thank you &lt;b&gt;", "Send again")
	if len(calls) != 1 || calls[0].secret != hooks[0].Secret || !strings.Contains(calls[0].body, `"type":"ping"`) {
		t.Errorf("calls = %+v, want one signed ping", calls)
	}

	refused = &letter.SendError{Reason: "the endpoint answered 500", Err: errors.New("500")}
	o.lead(ana())
	if len(calls) != 1 {
		t.Errorf("an endpoint that hears of acceptances was told of something else: %+v", calls)
	}
	id := o.lead(intake.Client{Name: "Ben Ortiz", Email: "ben@example.com", WebsiteType: "business"})
	if err := o.deliver.Decide(t.Context(), store.Decision{Session: id, Kind: store.DecisionAccepted, Text: "Ben"}); err != nil {
		t.Fatal(err)
	}
	o.work()
	o.get(page).holds(t, ">proposal.accepted<", "Trying again", "Try now")
	refused = nil
	replay := regexp.MustCompile(`/admin/jobs/[^/]+/replay`).FindString(o.get(page).body)
	o.follow(o.post(replay, url.Values{"back": {page}})).holds(t, "on its way once more")
	o.work()
	o.get(page).lacks(t, "Trying again")
	if got := len(calls); got != 3 {
		t.Errorf("%d calls, want a ping, a refused one and a replay", got)
	}
	replay = regexp.MustCompile(`/admin/jobs/[^/]+/replay`).FindString(o.get(page).body)
	o.follow(o.post(replay, url.Values{"back": {page}}))
	o.work()
	if got := len(calls); got != 4 {
		t.Errorf("%d calls after sending again what arrived, want 4", got)
	}

	o.follow(o.post(page, url.Values{"do": {"pause"}})).holds(t, "The endpoint is paused", "Paused")
	o.follow(o.post(page, url.Values{"do": {"resume"}})).holds(t, "The endpoint is told again", "Active")
	if a := o.post(page, url.Values{"do": {"delete"}}); a.status != http.StatusBadRequest {
		t.Errorf("deleting without the box = %d, want 400", a.status)
	}
	if a := o.post(page, url.Values{"do": {"explode"}}); a.status != http.StatusBadRequest {
		t.Errorf("an unknown act = %d, want 400", a.status)
	}
	o.follow(o.post(page, url.Values{"do": {"delete"}, "sure": {"1"}})).holds(t, "The endpoint is deleted", "No endpoint yet")
	if a := o.post(page, url.Values{"do": {"test"}}); a.status != http.StatusNotFound {
		t.Errorf("testing a deleted endpoint = %d, want 404", a.status)
	}
	for _, action := range []string{"webhook_added", "webhook_tested", "webhook_paused", "webhook_resumed", "webhook_deleted"} {
		if !o.audited(action) {
			t.Errorf("the audit log lacks %s", action)
		}
	}
}

func deliveryAdminInABrowser(t *testing.T, browser *webtest.Browser) {
	t.Helper()
	o := withPoster(t, func(context.Context, string, string, string, time.Time, []byte) (int, string, error) {
		return 200, "thank you", nil
	})
	empty := withLogin(t)
	held := o.lead(ana())
	o.hold(held, "The completeness score is 84 of 100.", "The client needs compliance with HIPAA.", "The total is $4,000 above the client's budget.")
	id := o.lead(intake.Client{Name: "Ben " + strings.Repeat("Ortizortiz", 12), Email: "ben@example.com", WebsiteType: "business"})
	for _, d := range []store.Decision{{Session: id, Kind: store.DecisionQuestion, Text: "Is hosting included?\n\nAnd who writes the texts?"}, {Session: id, Kind: store.DecisionAccepted, Text: "Ben Ortiz"}} {
		if err := o.deliver.Decide(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	o.post("/admin/webhooks", url.Values{"url": {"https://example.com/a/rather/long/address/of/an/endpoint/" + strings.Repeat("x", 60)}})
	hooks, err := o.store.Webhooks(t.Context())
	if err != nil || len(hooks) != 1 {
		t.Fatalf("Webhooks() = %v, %v", hooks, err)
	}
	o.post("/admin/webhooks/"+hooks[0].ID, url.Values{"do": {"test"}})
	o.work()
	if err := o.deliver.WriteAgain(t.Context(), held); err != nil {
		t.Fatal(err)
	}
	jobs, err := o.store.Lease(t.Context(), []string{deliver.KindDocuments}, 1, time.Hour)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("Lease() = %d, %v", len(jobs), err)
	}
	if err := o.store.BuryJob(t.Context(), jobs[0], "write document scope: no room is left on the disk; free some, then replay"); err != nil {
		t.Fatal(err)
	}
	mails, err := o.deliver.Mails(t.Context(), held)
	if err != nil {
		t.Fatal(err)
	}
	for name, device := range devices() {
		t.Run(name, func(t *testing.T) {
			p := browser.Open(t, device)
			signIn(t, p, o, "/admin/dashboard")
			for shot, path := range map[string]string{
				"held": "/admin/sessions", "review-held": "/admin/sessions/" + string(held), "amend": "/admin/sessions/" + string(held) + "/amend", "review-decided": "/admin/sessions/" + string(id),
				"jobs": "/admin/jobs", "outbox": "/admin/outbox", "mail": "/admin/outbox/" + mails[0].ID,
				"webhooks": "/admin/webhooks", "webhook": "/admin/webhooks/" + hooks[0].ID, "waiting": "/admin/dashboard",
			} {
				p.Goto(o.server.URL + path)
				p.Axe()
				p.Fits(320, 920, 1100)
				p.Screenshot("delivery-" + shot + "-" + name)
			}
			p.Goto(o.server.URL + "/admin/sessions/" + string(held) + "/amend")
			p.Fill("#rebate", "a little")
			p.Expect("422")
			p.Click(".amend-end .go")
			p.WaitFor(`!!document.querySelector("#fault")`)
			p.Axe()
			p.Fits(320)
			p.Screenshot("delivery-amend-fault-" + name)
			p.Goto(o.server.URL + "/admin/webhooks")
			p.Fill("#url", "https://example.com/new")
			p.Click(".add-form .go")
			p.WaitFor(`document.querySelector(".secret-words")?.textContent.startsWith("whsec_")`)
			p.Axe()
			p.Fits(320)
			p.Screenshot("delivery-secret-" + name)
			q := browser.Open(t, device)
			signIn(t, q, empty, "/admin/dashboard")
			for _, path := range []string{"jobs", "outbox", "webhooks"} {
				q.Goto(empty.server.URL + "/admin/" + path)
				q.Axe()
				q.Fits(320)
				q.Screenshot("delivery-none-" + path + "-" + name)
			}
		})
	}
}

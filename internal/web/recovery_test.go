package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/web"
)

// foundation goes through the form and returns the first question.
func (v *visitor) foundation(email, remind string) answer {
	v.tb.Helper()
	a := v.post("/intake", url.Values{"step": {"1"}, "value": {"Ada Moreau"}, "go": {"next"}})
	step := url.Values{"step": {"2"}, "value": {email}, "go": {"next"}}
	if remind != "" {
		step.Set("remind", remind)
	}
	v.post("/intake", step)
	v.post("/intake", url.Values{"step": {"3"}, "go": {"skip"}})
	a = v.post("/intake", url.Values{"step": {"4"}, "value": {"business"}, "go": {"next"}})
	if a.Path == "" || a.Code != http.StatusOK {
		v.tb.Fatalf("the form ends at %s with %d:\n%s", a.Path, a.Code, a.Body)
	}
	return a
}

// id is the session of the visitor's cookie.
func (v *visitor) id() event.SessionID {
	v.tb.Helper()
	c := v.cookies["introspect_session"]
	if c == nil {
		v.tb.Fatal("the visitor has no key")
	}
	id, _, _ := strings.Cut(c.Value, ".")
	return event.SessionID(id)
}

// mails does what is due and returns the messages of a kind, the newest first.
func (s *site) mails(tb testing.TB, kind string) []letter.Message {
	tb.Helper()
	s.work(tb)
	list, err := s.store.Mails(tb.Context(), store.MailFilter{})
	if err != nil {
		tb.Fatal(err)
	}
	var out []letter.Message
	for _, m := range list {
		if m.Kind != kind {
			continue
		}
		one, err := s.store.Mails(tb.Context(), store.MailFilter{ID: m.ID})
		if err != nil || len(one) != 1 {
			tb.Fatalf("Mails(%s) = %v, %v", m.ID, one, err)
		}
		var msg letter.Message
		if err := json.Unmarshal(one[0].Message, &msg); err != nil {
			tb.Fatal(err)
		}
		out = append(out, msg)
	}
	return out
}

var linkPattern = regexp.MustCompile(`https://introspect\.example(/intake/continue\?token=[0-9a-f]{64})`)

// mailedLink asks for a link by mail and returns its path.
func (s *site) mailedLink(tb testing.TB, email string) string {
	tb.Helper()
	s.visitor(tb).post("/intake/continue/link", url.Values{"email": {email}})
	got := s.mails(tb, deliver.MailMagicLink)
	if len(got) == 0 {
		tb.Fatalf("no link was mailed to %s", email)
	}
	m := linkPattern.FindStringSubmatch(got[0].Text)
	if m == nil {
		tb.Fatalf("no link in:\n%s", got[0].Text)
	}
	return m[1]
}

func tokenOf(link string) string { return link[len("/intake/continue?token="):] }

func (v *visitor) continueWith(link string) answer {
	v.tb.Helper()
	return v.post("/intake/continue", url.Values{"token": {tokenOf(link)}, "go": {"continue"}})
}

func TestContinueOnAnotherBrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.visitor(t)
	first.foundation("ada@example.com", "")
	first.post("/intake/conversation", first.get("/intake/conversation").form(t, "/intake/conversation").filledWith("text", "Studio Moreau is a hair salon in Portland for women aged 25 to 55."))
	next := first.get("/intake/conversation")
	s.wait(90 * time.Minute)
	link := s.mailedLink(t, " ADA@example.com")

	second := s.visitor(t)
	welcome := second.get(link)
	checkHTML(t, welcome)
	for _, want := range []string{"Welcome back, Ada", "What is understood so far", "Portland", "answered", "left"} {
		if !strings.Contains(welcome.Body.String(), want) {
			t.Errorf("the page that welcomes back lacks %q:\n%s", want, welcome.Body)
		}
	}
	if got := welcome.Header().Get("Referrer-Policy"); got != "no-referrer" {
		t.Errorf("Referrer-Policy = %q: the link would travel on", got)
	}
	if second.cookies["introspect_session"] != nil {
		t.Error("looking at the link, as programs do, opened the session")
	}
	opened := second.continueWith(link)
	if got, want := opened.form(t, "/intake/conversation").value("actionId"), next.form(t, "/intake/conversation").value("actionId"); got != want {
		t.Errorf("the second browser is at action %s, want the next question %s", got, want)
	}
	if a := first.get("/intake/conversation"); a.Code != http.StatusUnauthorized || !strings.Contains(a.Body.String(), "/intake/continue") {
		t.Errorf("the first browser after that = %d, want 401 and the way to a link", a.Code)
	}
	if a := first.continueWith(link); a.Code != http.StatusOK {
		t.Errorf("the link once more, in the first browser = %d, want it to work", a.Code)
	}
}

// filledWith is filled with one field changed, and the button "answer".
func (f form) filledWith(name, value string) url.Values {
	out := f.filled("answer")
	out.Set(name, value)
	return out
}

func (f form) value(name string) string {
	i := slices.IndexFunc(f.Fields, func(x field) bool { return x.Name == name })
	if i < 0 {
		return ""
	}
	return f.Fields[i].Value
}

// TestLinksThatDoNotWork wants one page for all of them, word for word.
func TestLinksThatDoNotWork(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.visitor(t).foundation("ada@example.com", "")
	replaced := s.mailedLink(t, "ada@example.com")
	s.wait(3 * time.Minute)
	link := s.mailedLink(t, "ada@example.com")
	s.wait(47*time.Hour + 59*time.Minute)
	if a := s.visitor(t).continueWith(link); a.Code != http.StatusOK || !strings.HasPrefix(a.Path, "/intake/conversation") {
		t.Errorf("a link of 47:59 = %d at %s, want the conversation", a.Code, a.Path)
	}
	s.wait(2 * time.Minute)
	want := s.visitor(t).get("/intake/continue?token=unknown").Body.String()
	for name, path := range map[string]string{
		"48:01": link, "replaced": replaced, "tampered": link[:len(link)-1] + "x", "of another kind": "/intake/continue?token=" + strings.Repeat("z", 500),
	} {
		a, posted := s.visitor(t).get(path), s.visitor(t).continueWith(path)
		checkHTML(t, a)
		if a.Code != http.StatusGone || a.Body.String() != want || posted.Code != http.StatusGone || posted.Body.String() != want {
			t.Errorf("a link that is %s = %d and %d when used, want the same page as any other", name, a.Code, posted.Code)
		}
	}
	if !strings.Contains(want, `action="/intake/continue/link"`) {
		t.Errorf("the page offers no new link:\n%s", want)
	}
}

func TestAskingForALinkTellsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.visitor(t).foundation("ada@example.com", "")
	ask := func(email string) string {
		a := s.visitor(t).post("/intake/continue/link", url.Values{"email": {email}})
		checkHTML(t, a)
		return fmt.Sprint(a.Code, a.Header()["Content-Type"], a.Body)
	}
	if known, unknown := ask("ada@example.com"), ask("bob@example.com"); known != unknown {
		t.Errorf("the page tells who has a project:\n%s\n%s", known, unknown)
	}
	v := s.visitor(t)
	var all []string
	for _, body := range []string{`{"email":"ada@example.com"}`, `{"email":"nobody@example.com"}`, `{"email":"no address"}`, `{"sessionId":"01936000-0000-7000-8000-000000000001"}`} {
		a, m := v.call(http.MethodPost, "/api/send-magic-link", "", body)
		all = append(all, fmt.Sprint(a.Code, m))
	}
	if all = slices.Compact(all); len(all) != 1 || !strings.HasPrefix(all[0], "202") {
		t.Errorf("POST /api/send-magic-link answers %q, want 202 and the same for all", all)
	}
	if a, _ := v.call(http.MethodPost, "/api/send-magic-link", "", `{}`); a.Code != http.StatusBadRequest {
		t.Errorf("a question for nothing = %d, want 400", a.Code)
	}
	mails := s.mails(t, deliver.MailMagicLink)
	if len(mails) != 1 || mails[0].To.Email != "ada@example.com" {
		t.Errorf("mails = %+v, want one, to the client who has a project", mails)
	}
}

func TestOwnSessionComesFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	v.foundation("ada@example.com", "")
	link := s.mailedLink(t, "ada@example.com")
	if a := v.get(link); !strings.HasPrefix(a.Path, "/intake/conversation") {
		t.Errorf("a link to what is open here, within the hour, leads to %s, want the question", a.Path)
	}
	s.wait(61 * time.Minute)
	a := v.get(link)
	if f := a.form(t, "/intake/continue"); f.value("token") != "" {
		t.Error("a link to what is open here would change the key of this browser")
	}
	if a := v.post("/intake/continue", a.form(t, "/intake/continue").filled("continue")); !strings.HasPrefix(a.Path, "/intake/conversation") {
		t.Errorf("Continue leads to %s", a.Path)
	}
	other := s.visitor(t)
	other.foundation("bob@example.com", "")
	if f := other.get(link).form(t, "/intake/continue"); f.value("token") == "" {
		t.Error("a link to another project shows this browser's own")
	}
	if a := other.get("/intake/continue?token=bad"); !strings.Contains(a.Body.String(), "Welcome back") {
		t.Error("a bad link hides the project of this browser")
	}
	fresh := s.visitor(t)
	if a := fresh.post("/intake/continue", url.Values{"token": {tokenOf(link)}, "go": {"fresh"}}); a.Path != "/intake/restart" {
		t.Errorf("Start fresh leads to %s, want the question whether that is meant", a.Path)
	}
}

func TestLeftForADay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	v.foundation("ada@example.com", "")
	id := v.id()
	s.wait(25 * time.Hour)
	if n, err := s.interview.AbandonIdle(t.Context()); n != 1 || err != nil {
		t.Fatalf("AbandonIdle = %d, %v", n, err)
	}
	for _, path := range []string{"/intake/conversation", "/intake", "/intake/edit?slot=businessName"} {
		if a := v.get(path); a.Path != "/intake/continue" || !strings.Contains(a.Body.String(), "Welcome back") {
			t.Errorf("%s leads to %s, want the page that welcomes back", path, a.Path)
		}
	}
	if a := v.get("/"); !strings.Contains(a.Body.String(), "Welcome back") {
		t.Error("the first page does not offer to continue")
	}
	a := v.get("/intake/continue")
	if a = v.post("/intake/continue", a.form(t, "/intake/continue").filled("continue")); a.Code != http.StatusOK || !strings.HasPrefix(a.Path, "/intake/conversation") {
		t.Fatalf("Continue = %d at %s", a.Code, a.Path)
	}
	if names := s.eventsOf(t, id); !slices.Contains(names, event.NameSessionRecovered) {
		t.Errorf("events = %v, want session_recovered", names)
	}
	s.wait(25 * time.Hour)
	if _, err := s.interview.AbandonIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	v.post("/intake/restart", nil)
	rec, err := s.store.Session(t.Context(), id)
	if err != nil || !rec.Session.StartedOver {
		t.Errorf("starting over a session that was left keeps it open: %+v, %v", rec.Session.Status, err)
	}
}

func TestTooLateToRecover(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	v.foundation("ada@example.com", "")
	s.wait(25 * time.Hour)
	if _, err := s.interview.AbandonIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wait(intake.RecoverWithin)
	if a := v.get("/intake/conversation"); a.Code != http.StatusGone {
		t.Errorf("two days after it was left = %d, want 410", a.Code)
	}
	if a := v.post("/intake/continue", url.Values{"go": {"continue"}}); a.Code != http.StatusGone {
		t.Errorf("Continue two days after it was left = %d, want 410", a.Code)
	}
	if got := s.visitor(t).post("/intake/continue/link", url.Values{"email": {"ada@example.com"}}); got.Code != http.StatusOK || len(s.mails(t, deliver.MailMagicLink)) != 0 {
		t.Error("a link was mailed to a session that is closed")
	}
}

func TestReminderAndItsEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v, silent := s.visitor(t), s.visitor(t)
	form := v.get("/intake")
	v.foundation("ada@example.com", "yes")
	silent.foundation("bob@example.com", "")
	if strings.Contains(form.Body.String(), "checked") {
		t.Error("consent is ticked from the start")
	}
	s.wait(59 * time.Minute)
	if got := s.mails(t, deliver.MailReminder); len(got) != 0 {
		t.Fatalf("%d reminders before the hour is over", len(got))
	}
	s.wait(time.Minute)
	got := s.mails(t, deliver.MailReminder)
	if len(got) != 1 || got[0].To.Email != "ada@example.com" {
		t.Fatalf("reminders = %+v, want one to the client who agreed", got)
	}
	stop := strings.TrimPrefix(got[0].Headers.ListUnsubscribe, "https://introspect.example")
	mailProgram := s.visitor(t)
	asked := mailProgram.get(stop)
	checkHTML(t, asked)
	if r, _ := s.store.Reminder(t.Context(), v.id()); r.ConsentedAt.IsZero() {
		t.Error("following the link took the consent back; programs follow links")
	}
	asked.form(t, stop)
	done := mailProgram.post(stop, url.Values{"List-Unsubscribe": {"One-Click"}})
	checkHTML(t, done)
	if r, _ := s.store.Reminder(t.Context(), v.id()); !r.ConsentedAt.IsZero() || done.Code != http.StatusOK {
		t.Errorf("one click = %d, consent %v; want it taken back", done.Code, r)
	}
	for _, bad := range []string{stop + "x", "/intake/reminders/x", "/intake/reminders/" + string(v.id()) + "."} {
		if a, b := mailProgram.get(bad), mailProgram.post(bad, nil); a.Code != http.StatusNotFound || b.Code != http.StatusNotFound {
			t.Errorf("%s = %d and %d, want 404", bad, a.Code, b.Code)
		}
	}
	if a := s.visitor(t).get(linkPattern.FindStringSubmatch(got[0].Text)[1]); !strings.Contains(a.Body.String(), "Welcome back, Ada") {
		t.Error("the link of the reminder does not open the project")
	}
}

func TestDraftFollowsTheClient(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	action := v.foundation("ada@example.com", "").form(t, "/intake/conversation").value("actionId")
	draft := fmt.Sprintf(`{"sessionId":%q,"actionId":%q,"draft":{"text":"We cut <hair>","updatedAt":%d}}`, v.id(), action, s.clock().UnixMilli())
	a, m := v.call(http.MethodPost, "/api/sessions/sync", "", draft)
	if a.Code != http.StatusOK || m["newer"] != "client" || m["actionId"] != action || m["copy"] == "" || strings.Contains(a.Body.String(), "Moreau") {
		t.Fatalf("sync = %d %v", a.Code, m)
	}
	if got := v.get("/intake/conversation").form(t, "/intake/conversation").value("text"); got != "We cut <hair>" {
		t.Errorf("the same browser shows %q", got)
	}
	other := s.visitor(t)
	link := s.mailedLink(t, "ada@example.com")
	if got := other.continueWith(link).form(t, "/intake/conversation").value("text"); got != "We cut <hair>" {
		t.Errorf("another browser shows %q, want the text that was typed", got)
	}
	copyOf := m["copy"].(string)
	s.store.SaveDraft(t.Context(), store.Draft{Session: other.id(), Action: "a999", At: opening}) // lost here
	_, m = other.call(http.MethodPost, "/api/sessions/sync", "", fmt.Sprintf(`{"actionId":%q,"copy":%q}`, action, copyOf))
	if got, _ := json.Marshal(m["draft"]); !strings.Contains(string(got), "We cut") {
		t.Errorf("the copy of the browser brings back %s", got)
	}
	for name, bad := range map[string]string{"altered": copyOf[:len(copyOf)-4] + "AAAA", "no copy": "###"} {
		if a, m := other.call(http.MethodPost, "/api/sessions/sync", "", fmt.Sprintf(`{"actionId":%q,"copy":%q}`, action, bad)); a.Code != http.StatusOK || m["newer"] != "none" {
			t.Errorf("a copy that is %s = %d %v, want it left aside", name, a.Code, m)
		}
	}
}

func TestSyncRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	v.foundation("ada@example.com", "")
	stranger := s.visitor(t)
	foreign := s.visitor(t)
	foreign.cookies, foreign.header = v.cookies, http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}
	for name, c := range map[string]struct {
		who    *visitor
		bearer string
		body   string
		want   int
	}{
		"without a key":             {stranger, "", `{"actionId":"a"}`, 401},
		"with a wrong token":        {stranger, string(v.id()) + ".wrong", `{}`, 401},
		"with a token":              {stranger, v.cookies["introspect_session"].Value, `{}`, 200},
		"of another session":        {v, "", `{"sessionId":"01936000-0000-7000-8000-000000000001"}`, 401},
		"from a page of others":     {foreign, "", `{}`, 401},
		"with too long a draft":     {v, "", `{"draft":{"text":"` + strings.Repeat("a", intake.MaxBrief+1) + `"}}`, 400},
		"with a body above a MB":    {v, "", `{"draft":{"text":"` + strings.Repeat("a", 1<<20) + `"}}`, 413},
		"with a body of 900 KB":     {v, "", `{"unknown":"` + strings.Repeat("a", 900<<10) + `"}`, 200},
		"with a time before time":   {v, "", `{"draft":{"text":"a","updatedAt":-5}}`, 200},
		"with another kind of text": {v, "", `{"draft":"a"}`, 400},
	} {
		if a, m := c.who.call(http.MethodPost, "/api/sessions/sync", c.bearer, c.body); a.Code != c.want {
			t.Errorf("sync %s = %d %v, want %d", name, a.Code, m, c.want)
		}
	}
	if a, _ := foreign.call(http.MethodPost, "/api/sessions/link", "", `{}`); a.Code != http.StatusUnauthorized {
		t.Errorf("a link for a page of others = %d, want 401", a.Code)
	}
}

func TestSyncHasABucketOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *web.Config) { c.Production, c.Limits.RelaxedPerMinute = true, 3 })
	token := s.plant(t, at("01936000-0000-7000-8000-000000000001", textQuestion()))
	v := s.visitor(t).with(token)
	var codes []int
	for range 4 {
		a, _ := v.call(http.MethodPost, "/api/sessions/sync", "", `{}`)
		codes = append(codes, a.Code)
	}
	if want := []int{200, 200, 200, 429}; !slices.Equal(codes, want) {
		t.Errorf("four syncs with room for three = %v, want %v", codes, want)
	}
	if a := v.get("/intake/continue"); a.Code != http.StatusOK {
		t.Errorf("a page after that = %d, want it untouched", a.Code)
	}
}

func TestCopyLink(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	v.foundation("ada@example.com", "")
	a, m := v.call(http.MethodPost, "/api/sessions/link", "", fmt.Sprintf(`{"sessionId":%q}`, v.id()))
	link, _ := m["url"].(string)
	found := linkPattern.FindStringSubmatch(link)
	if a.Code != http.StatusOK || found == nil || m["expiresAt"] != "2026-11-25T10:00:00Z" {
		t.Fatalf("POST /api/sessions/link = %d %v", a.Code, m)
	}
	if got := s.visitor(t).continueWith(found[1]); got.Code != http.StatusOK {
		t.Errorf("the copied link = %d", got.Code)
	}
	if a, _ := v.call(http.MethodPost, "/api/send-magic-link", "", fmt.Sprintf(`{"sessionId":%q}`, v.id())); a.Code != http.StatusAccepted || len(s.mails(t, deliver.MailMagicLink)) != 0 {
		t.Error("a browser whose key was replaced still has mail sent")
	}
}

func TestAPIConsent(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, m := s.visitor(t).call(http.MethodPost, "/api/sessions", "", `{"userName":"Ada Moreau","userEmail":"ada@example.com","websiteType":"business","remind":true}`)
	r, err := s.store.Reminder(t.Context(), event.SessionID(m["sessionId"].(string)))
	if err != nil || !r.Wanted() {
		t.Errorf("consent by the API = %+v, %v", r, err)
	}
}

func TestGoldenContinue(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sess := at("01936000-0000-7000-8000-000000000001", textQuestion())
	sess.Facts = facts()
	v := s.visitor(t).with(s.plant(t, sess, talked()...))
	a := v.get("/intake/continue")
	checkHTML(t, a)
	golden(t, "continue", a)
	golden(t, "continue-link", s.visitor(t).get("/intake/continue"))
}

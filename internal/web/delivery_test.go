package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
)

// finished is a visitor at the end of an interview, with its session. Nothing is
// delivered yet.
func finished(tb testing.TB, s *site) (*visitor, event.SessionID) {
	tb.Helper()
	return finishedAs(tb, s, "Bella Vista")
}

// finishedAs gives the business a name of the test.
func finishedAs(tb testing.TB, s *site, business string) (*visitor, event.SessionID) {
	tb.Helper()
	v := s.visitor(tb)
	a := begun(v)
	for turns := 0; a.Path != "/success"; turns++ {
		if turns > 60 {
			tb.Fatalf("the interview does not end: %s", a.Path)
		}
		f := eagerly(a.form(tb, "/intake/conversation"))
		if text := f.Get("text"); strings.HasPrefix(text, "Bella Vista") {
			f.Set("text", business+text[len("Bella Vista"):])
		}
		a = v.post("/intake/conversation", f)
	}
	id, _, _ := strings.Cut(v.cookies["introspect_session"].Value, ".")
	return v, event.SessionID(id)
}

// hold makes the delivery of a session wait for a person.
func (s *site) hold(tb testing.TB, id event.SessionID) {
	tb.Helper()
	d := store.Delivery{Session: id, State: store.DeliveryHeld, Score: 84, Reasons: []string{"The score is 84."}}
	s.effects(tb, id, store.Effects{Delivery: &d})
}

// effects stores what a job would leave.
func (s *site) effects(tb testing.TB, id event.SessionID, e store.Effects) {
	tb.Helper()
	if _, err := s.store.Enqueue(tb.Context(), store.NewJob{Kind: "test", Session: id}); err != nil {
		tb.Fatal(err)
	}
	jobs, err := s.store.Lease(tb.Context(), []string{"test"}, 1, time.Minute)
	if err != nil || len(jobs) != 1 {
		tb.Fatalf("Lease() = %d jobs, %v", len(jobs), err)
	}
	if err := s.store.FinishJob(tb.Context(), jobs[0], e); err != nil {
		tb.Fatal(err)
	}
}

// holds demands words of a page.
func (a answer) holds(tb testing.TB, words ...string) {
	tb.Helper()
	for _, want := range words {
		if !strings.Contains(a.Body.String(), want) {
			tb.Errorf("%s (%d) lacks %q:\n%s", a.Path, a.Code, want, a.Body)
			return
		}
	}
}

func (a answer) lacks(tb testing.TB, words ...string) {
	tb.Helper()
	for _, w := range words {
		if strings.Contains(a.Body.String(), w) {
			tb.Errorf("%s (%d) holds %q", a.Path, a.Code, w)
		}
	}
}

func TestDocumentsBeingMade(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v, id := finished(t, s)
	a := v.get("/success")
	checkHTML(t, a)
	a.holds(t, "Your documents are being made", `<noscript><meta http-equiv="refresh" content="2">`, `aria-current="step"`, "/success?closed=1")
	a.lacks(t, "goes on in the background")

	jobs, err := s.store.Lease(t.Context(), []string{deliver.KindDocuments}, 1, time.Hour)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("Lease() = %d jobs, %v, want the documents", len(jobs), err)
	}
	if err := s.store.StageJob(t.Context(), &jobs[0], deliver.StageScope, time.Hour); err != nil {
		t.Fatal(err)
	}
	v.get("/success").holds(t, "Calculating the price<span class=\"hidden\">: done", "Writing the scope document<span class=\"hidden\">: under way", `data-say="Writing the scope document"`)

	s.wait(10 * time.Second)
	v.get("/success").holds(t, "It goes on in the background")
	closed := v.get("/success?closed=1")
	checkHTML(t, closed)
	closed.holds(t, "Your Project Scope is Ready!", "Client PDF: being prepared", `data-every="3000"`)

	if err := s.store.RetryJob(t.Context(), jobs[0], time.Now().Add(time.Hour), "the disk <is> full"); err != nil {
		t.Fatal(err)
	}
	again := v.get("/success")
	again.holds(t, "The first attempt did not work")
	again.lacks(t, "disk")
	if err := s.deliver.Replay(t.Context(), jobs[0].ID); err != nil {
		t.Fatal(err)
	}
	s.work(t)
	done := v.get("/success")
	checkHTML(t, done)
	done.holds(t, "Your Project Scope is Ready!", "Open your proposal", "/api/documents/proposal/"+string(id))
	done.lacks(t, "data-every", "http-equiv")
}

func TestDocumentsGivenUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v, _ := finished(t, s)
	jobs, err := s.store.Lease(t.Context(), []string{deliver.KindDocuments}, 1, time.Hour)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("Lease() = %d jobs, %v", len(jobs), err)
	}
	if err := s.store.BuryJob(t.Context(), jobs[0], "a secret reason"); err != nil {
		t.Fatal(err)
	}
	a := v.get("/success")
	checkHTML(t, a)
	a.holds(t, "Something held this up", "Your answers are safe")
	a.lacks(t, "a secret reason")
	v.get("/success?closed=1").holds(t, "Download SCOPE.md", "Client PDF: being prepared")
}

func TestMailStates(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		state     store.MailState
		provider  string
		want      string
		canResend bool
	}{
		{store.MailSent, "smtp", ">Sent<", true},
		{store.MailSent, deliver.Outbox, "This installation sends no mail yet", false},
		{store.MailDelivered, "resend", ">Delivered<", true},
		{store.MailBounced, "resend", "The address refused the mail", true},
		{store.MailComplained, "resend", ">Marked as spam<", true},
	} {
		t.Run(string(tt.state)+" by "+tt.provider, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			v, id := finished(t, s)
			s.work(t)
			mails, err := s.deliver.Mails(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range mails {
				if m.Kind == deliver.MailClient {
					s.effects(t, id, store.Effects{Mails: []store.Mail{{ID: m.ID, Session: id, Kind: m.Kind, State: tt.state, Provider: tt.provider}}})
				}
			}
			a := v.get("/success")
			checkHTML(t, a)
			a.holds(t, "ada@example.com", "The team at Applicreations", tt.want)
			if got := strings.Contains(a.Body.String(), `action="/success/mail"`); got != tt.canResend {
				t.Errorf("the page offers to send again = %t, want %t", got, tt.canResend)
			}
		})
	}
}

func TestMailAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v, id := finished(t, s)
	s.work(t)
	mailed := func() (n int) {
		t.Helper()
		mails, err := s.deliver.Mails(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mails {
			if m.Kind == deliver.MailClient {
				n++
				s.effects(t, id, store.Effects{Mails: []store.Mail{{ID: m.ID, Session: id, Kind: m.Kind, State: store.MailSent, Provider: "smtp"}}})
			}
		}
		return n
	}
	if got := mailed(); got != 1 {
		t.Fatalf("%d mails to the client, want 1", got)
	}
	for i := range 5 {
		a := v.post("/success/mail", url.Values{})
		if a.Code != http.StatusOK {
			t.Fatalf("asking %d times = %d", i+1, a.Code)
		}
		a.holds(t, "The mail is on its way once more", ">Sending<")
		v.post("/success/mail", url.Values{}).holds(t, "on its way already")
		s.work(t)
		if got := mailed(); got != i+2 {
			t.Fatalf("%d mails after asking %d times", got, i+1)
		}
	}
	if a := v.post("/success/mail", url.Values{}); a.Code != http.StatusTooManyRequests {
		t.Errorf("asking a sixth time = %d, want 429", a.Code)
	}
	stranger := s.visitor(t).post("/success/mail", url.Values{})
	if stranger.Path != "/intake?lost=1" {
		t.Errorf("a stranger who asks for a mail is led to %s, want the start", stranger.Path)
	}
}

func TestHeldDocuments(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v, id := finished(t, s)
	link := s.deliver.ProposalPath(id)
	early := v.get(link)
	checkWait(t, early, "Your proposal is being written")
	s.work(t)
	s.hold(t, id)
	a := v.get("/success")
	checkHTML(t, a)
	a.holds(t, "checks your proposal first", "Download SCOPE.md")
	a.lacks(t, link, "/api/documents/proposal/")
	checkWait(t, v.get(link), "Your proposal is being checked")
	for _, path := range []string{"/pdf", "/accept", "/question"} {
		checkWait(t, v.get(link+path), "Your proposal is being checked")
	}
	checkWait(t, v.post(link+"/accept", url.Values{"name": {"Ada"}}), "Your proposal is being checked")
	if list, err := s.store.Decisions(t.Context(), id); err != nil || len(list) != 0 {
		t.Errorf("a held proposal was decided: %v, %v", list, err)
	}
	if err := s.deliver.Release(t.Context(), id, "user"); err != nil {
		t.Fatal(err)
	}
	v.get(link).holds(t, "What we propose")
	v.get("/success").holds(t, link)
}

func checkWait(tb testing.TB, a answer, want string) {
	tb.Helper()
	if a.Code != http.StatusOK || a.Header().Get("Cache-Control") != "no-store" {
		tb.Errorf("%s = %d, %q, want 200 that is not kept", a.Path, a.Code, a.Header().Get("Cache-Control"))
	}
	a.holds(tb, want)
	a.lacks(tb, "$", "Bella")
}

func TestProposalOnTheWeb(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v, id := finished(t, s)
	s.work(t)
	link := s.deliver.ProposalPath(id)
	a := s.visitor(t).get(link)
	if a.Code != http.StatusOK {
		t.Fatalf("GET %s = %d\n%s", link, a.Code, s.log)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow, noarchive"} {
		if got := a.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if csp := a.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy = %q", csp)
	}
	a.Header().Set("Cache-Control", "private, no-cache") // as other pages, for what follows
	checkHTML(t, a)
	p, err := s.deliver.Proposal(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	a.holds(t, "Proposal for Ada Lovelace", "In short", "What you told us", p.Solution.Package+" package", "Options, not in the price",
		"Next steps", "Snapshot "+p.Snapshot, link+"/accept", link+"/question", link+"/pdf", `<meta name="robots" content="noindex">`, "prices hold until")
	for _, m := range p.Timeline.Milestones {
		a.holds(t, m.Name)
	}
	for _, pos := range p.Investment.Positions {
		a.holds(t, pos.Name)
	}
	for _, o := range p.Options {
		a.holds(t, o.Name)
	}
	pdf := v.get(link + "/pdf")
	if !strings.HasPrefix(pdf.Body.String(), "%PDF") || !strings.HasPrefix(pdf.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("GET pdf = %d %v", pdf.Code, pdf.Header())
	}
	other := strings.Replace(link, ".", ".A", 1)
	for _, wrong := range []string{other, link[:len(link)-2], "/proposal/x", "/proposal/" + string(id), link + "/nothing", "/proposal/%00.%00"} {
		if got := s.visitor(t).get(wrong); got.Code != http.StatusNotFound || strings.Contains(got.Body.String(), "Bella") {
			t.Errorf("GET %s = %d, want a neutral 404", wrong, got.Code)
		}
	}
}

func TestAccept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v, id := finished(t, s)
	s.work(t)
	link := s.deliver.ProposalPath(id)
	v.get(link+"/accept").holds(t, "Accept the proposal", "Nothing is charged now", `name="name"`)
	for _, name := range []string{"", " ", "A", strings.Repeat("x", 121), "\xff\xfe\xfd"} {
		a := v.post(link+"/accept", url.Values{"name": {name}})
		if a.Code != http.StatusUnprocessableEntity {
			t.Errorf("accepting as %q = %d, want 422", name, a.Code)
		}
		a.holds(t, `role="alert"`, `aria-invalid="true"`)
	}
	a := v.post(link+"/accept", url.Values{"name": {"Ada <b>Lovelace</b>"}})
	a.holds(t, "has your answer", "<strong>Accepted</strong> by Ada &lt;b&gt;Lovelace&lt;/b&gt; on", "Nov 23, 2026")
	a.lacks(t, link+"/accept")
	second := v.post(link+"/accept", url.Values{"name": {"Somebody Else"}})
	second.holds(t, "Ada &lt;b&gt;")
	second.lacks(t, "Somebody", "has your answer")
	if got := v.get(link + "/accept"); got.Path != link {
		t.Errorf("accepting again leads to %s, want the proposal", got.Path)
	}
	list, err := s.store.Decisions(t.Context(), id)
	if err != nil || len(list) != 1 || list[0].Kind != store.DecisionAccepted {
		t.Errorf("decisions = %v, %v, want one acceptance", list, err)
	}
	s.work(t)
	mails, err := s.deliver.Mails(t.Context(), id)
	if err != nil || mails[0].Kind != deliver.MailAccepted || mails[0].State != store.MailSent {
		t.Errorf("the newest mail is %+v, %v, want the acceptance", mails[0], err)
	}
}

func TestAcceptTooLate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v, id := finished(t, s)
	s.work(t)
	link := s.deliver.ProposalPath(id)
	s.wait(30 * 24 * time.Hour)
	v.get(link).holds(t, link+"/accept")
	s.wait(3 * 24 * time.Hour)
	v.get(link).holds(t, "The prices held until", "Ask for new prices")
	v.post(link+"/accept", url.Values{"name": {"Ada Lovelace"}}).holds(t, "The prices held until")
	if list, err := s.store.Decisions(t.Context(), id); err != nil || len(list) != 0 {
		t.Errorf("an old proposal was accepted: %v, %v", list, err)
	}
}

func TestQuestions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v, id := finished(t, s)
	s.work(t)
	link := s.deliver.ProposalPath(id)
	v.get(link+"/question").holds(t, "Ask a question", "Up to 5,000 characters")
	for _, text := range []string{"", " \n ", strings.Repeat("é", 5001)} {
		if a := v.post(link+"/question", url.Values{"text": {text}}); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body.String(), `role="alert"`) {
			t.Errorf("asking %.10q = %d, want 422", text, a.Code)
		}
	}
	texts := []string{strings.Repeat("é", 5000), "<script>alert(1)</script>", "## Is *this*\r\n\r\nMarkdown?", "four", "five"}
	for _, text := range texts {
		v.post(link+"/question", url.Values{"text": {text}}).holds(t, "Your question is with Applicreations")
	}
	a := v.post(link+"/question", url.Values{"text": {"kept <words>"}})
	if a.Code != http.StatusTooManyRequests || a.Header().Get("Retry-After") == "" {
		t.Errorf("a sixth question = %d, want 429 with a time", a.Code)
	}
	a.holds(t, "Please wait", "kept &lt;words&gt;</textarea>")
	list, err := s.store.Decisions(t.Context(), id)
	if err != nil || len(list) != len(texts) || list[2].Text != "## Is *this*\n\nMarkdown?" {
		t.Errorf("questions = %d, %v", len(list), err)
	}
	foreign := s.visitor(t)
	foreign.header.Set("Sec-Fetch-Site", "cross-site")
	if a := foreign.post(link+"/question", url.Values{"text": {"from elsewhere"}}); a.Code != http.StatusForbidden {
		t.Errorf("a question from another site = %d, want 403", a.Code)
	}
}

func TestHostileProposal(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Wörter ", 570)
	for _, name := range []string{`<img src=x onerror=alert(1)> & "Co"`, "**Bold** [link](javascript:alert(1)) `code`", "{{.Agency}} ${7*7}", long, "Łódź 東京 👩🏽‍🔧 \u202eevil"} {
		t.Run(name[:12], func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			v, id := finishedAs(t, s, name)
			s.work(t)
			s.hold(t, id)
			if err := s.deliver.Release(t.Context(), id, "user"); err != nil {
				t.Fatal(err)
			}
			link := s.deliver.ProposalPath(id)
			for _, path := range []string{link, link + "/accept", link + "/question", "/success"} {
				a := v.get(path)
				if a.Code != http.StatusOK {
					t.Fatalf("GET %s = %d\n%s", path, a.Code, s.log)
				}
				a.lacks(t, "<img src=x", "href=\"javascript:")
				if tags := regexp.MustCompile(`<(script|img|iframe|style)[^>]*>`).FindAllString(a.Body.String(), -1); path == link && len(tags) != 1 {
					t.Errorf("%s has the elements %v, want our script only", path, tags)
				}
			}
		})
	}
}

func TestDocumentsOfTheAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v, id := finished(t, s)
	token := v.cookies["introspect_session"].Value
	states := func() (out []string) {
		t.Helper()
		_, m := s.visitor(t).call(http.MethodGet, "/api/sessions/"+string(id), token, "")
		list, _ := m["documents"].([]any)
		for _, d := range list {
			d, _ := d.(map[string]any)
			out = append(out, text(d, "type")+" "+text(d, "status"))
			if got, want := text(d, "url") != "", text(d, "status") == "ready"; got != want {
				t.Errorf("%v has an address = %t, want %t", d, got, want)
			}
		}
		return out
	}
	for _, tt := range []struct {
		name string
		do   func()
		want []string
	}{
		{"before the work", func() {}, []string{"scope ready", "client_pdf preparing", "web_proposal preparing"}},
		{"after the work", func() { s.work(t) }, []string{"scope ready", "client_pdf ready", "web_proposal ready"}},
		{"held", func() { s.hold(t, id) }, []string{"scope ready", "client_pdf held", "web_proposal held"}},
	} {
		tt.do()
		if diff := cmp.Diff(tt.want, states()); diff != "" {
			t.Errorf("documents %s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func BenchmarkProposalPage(b *testing.B) {
	s := newSite(b)
	v, id := finished(b, s)
	s.work(b)
	link := s.deliver.ProposalPath(id)
	for b.Loop() {
		if a := v.send(http.MethodGet, link, "", http.NoBody); a.Code != http.StatusOK {
			b.Fatalf("GET = %d", a.Code)
		}
	}
}

func BenchmarkSuccessPage(b *testing.B) {
	s := newSite(b)
	v, _ := finished(b, s)
	s.work(b)
	for b.Loop() {
		if a := v.send(http.MethodGet, "/success", "", http.NoBody); a.Code != http.StatusOK {
			b.Fatalf("GET = %d", a.Code)
		}
	}
}

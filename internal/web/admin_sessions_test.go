package web_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
	"applicreations.com/introspect/internal/store"
)

func TestSessionsList(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	if a := o.get("/admin/sessions"); a.status != 200 || !strings.Contains(a.body, "Nobody has begun an interview yet") {
		t.Errorf("GET /admin/sessions without any = %d, want 200 and a word about it", a.status)
	}
	done := o.client(ana(), 60, willing)
	o.client(intake.Client{Name: "Eve & \"Co\"", Email: "eve@example.com", WebsiteType: "business"}, 6, attacker)
	all := o.get("/admin/sessions").body
	if a, e := strings.Index(all, "Ana Brandt"), strings.Index(all, "Eve &amp; &#34;Co&#34;"); a < 0 || e < 0 || e > a {
		t.Errorf("list shows Ana at %d and Eve at %d, want both, the newest first", a, e)
	}
	for _, want := range []string{"Completed", "In progress", "1 injection attempt", "/admin/sessions/" + string(done.ID), "Service"} {
		if !strings.Contains(all, want) {
			t.Errorf("the list lacks %q", want)
		}
	}
	for query, want := range map[string]string{
		"?status=completed":          "Ana",
		"?status=in_progress":        "Eve",
		"?status=abandoned":          "",
		"?q=ana%40EXAMPLE.com":       "Ana",
		"?q=nobody":                  "",
		"?status=completed&q=eve":    "",
		"?status=made_up":            "Ana Eve",
		"?before=" + string(done.ID): "",
	} {
		a := o.get("/admin/sessions" + query)
		for _, name := range []string{"Ana", "Eve"} {
			if got := strings.Contains(a.body, name+" "); got != strings.Contains(want, name) || a.status != 200 {
				t.Errorf("GET /admin/sessions%s = %d, shows %s: %v, want %q", query, a.status, name, got, want)
			}
		}
	}
	if a := o.get("/admin/sessions?status=abandoned"); !strings.Contains(a.body, "No session matches") {
		t.Error("an empty filter says nothing")
	}
	if a := o.get("/admin/sessions?q=" + strings.Repeat("x", 300)); a.status != 400 {
		t.Errorf("a search text of 300 letters = %d, want 400", a.status)
	}
}

func TestSessionsPages(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	for i := range 27 {
		o.client(intake.Client{Name: fmt.Sprintf("Client %02d", i), Email: "c@example.com", WebsiteType: "business"}, 0, willing)
	}
	link := regexp.MustCompile(`class="next" href="([^"]+)"`)
	row := regexp.MustCompile(`>Client (\d\d)<`)
	first := o.get("/admin/sessions").body
	next := link.FindStringSubmatch(first)
	if n := len(row.FindAllString(first, -1)); n != 25 || next == nil {
		t.Fatalf("first page shows %d sessions and next %v, want 25 and a link", n, next)
	}
	second := o.get(strings.ReplaceAll(next[1], "&amp;", "&")).body
	rows := row.FindAllStringSubmatch(second, -1)
	if len(rows) != 2 || rows[0][1] != "01" || rows[1][1] != "00" || link.MatchString(second) {
		t.Errorf("second page shows %v, want Client 01 and 00 and no further page", rows)
	}
	if !strings.Contains(second, "Back to the newest") || strings.Contains(first, "Back to the newest") {
		t.Error("the way back to the newest belongs on later pages only")
	}
}

func TestSessionPage(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	sess := o.client(ana(), 60, willing)
	outside := store.Incoming{Event: event.New(sess.ID, 9999, o.now, event.NewSessionComplete(1, 1, 100))}
	if _, err := o.store.Record(t.Context(), []store.Incoming{outside}); err != nil {
		t.Fatal(err)
	}
	a := o.get("/admin/sessions/" + string(sess.ID))
	if a.status != 200 {
		t.Fatalf("GET the session = %d, want 200", a.status)
	}
	for _, want := range []string{
		"Ana Brandt", "mailto:ana@example.com", "tel:&#43;15035550134", "Studio Moreau",
		"/api/documents/scope/" + string(sess.ID),
		"<q>", "Confirmed", "question 5", // evidence
		"Validation Loop 1", "Correct",
		"Hosting a month", "First year", sess.Features.Estimate.Total.String(),
		"Session started", "business_model_classified", "Document generated",
		"from outside, not counted",
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the session page lacks %q", want)
		}
	}
	// A finished interview is not 100% beside fewer than all sections.
	if strings.Contains(a.body, "<dt>Progress</dt>") || !regexp.MustCompile(`<dt>Sections</dt>\s*<dd class="value">\d+ of 14</dd>`).MatchString(a.body) {
		t.Error("the card of a finished interview does not count its sections alone")
	}
	if strings.Contains(a.body, "injection attempt") {
		t.Error("a harmless session is accused of an injection attempt")
	}
	// The timeline tells the story in order.
	at := 0
	for _, part := range []string{"Session started", "question 5", "business_model_classified", "features_recommended", "features_selected", "session_complete"} {
		i := strings.Index(a.body[at:], part)
		if i < 0 {
			t.Fatalf("%q does not follow in the timeline", part)
		}
		at += i
	}
	if a := o.get("/admin/sessions/unknown"); a.status != 404 {
		t.Errorf("GET an unknown session = %d, want 404", a.status)
	}
}

func TestAContradictionThatIsLeftOverIsNotCalledResolved(t *testing.T) {
	t.Parallel()
	for word, answer := range map[string]intake.Answer{
		"Left to the team": {Skip: true}, "Own words, to be read": {Text: "my uncle helps"}, "Resolved": {},
	} {
		o := withLogin(t)
		sess := o.client(ana(), 60, func(a intake.Action) intake.Answer {
			if a.Kind == intake.ConflictResolution && word != "Resolved" {
				return answer
			}
			return willing(a)
		})
		page := o.get("/admin/sessions/" + string(sess.ID)).body
		_, conflicts, _ := strings.Cut(page, `id="conflicts-title"`)
		conflicts, _, _ = strings.Cut(conflicts, "</section>")
		chips := regexp.MustCompile(`<span class="chip [a-z]+">([^<]*)</span>`).FindAllStringSubmatch(conflicts, -1)
		if len(sess.Conflicts) == 0 || len(chips) != len(sess.Conflicts) {
			t.Fatalf("%d contradictions and %d chips, want as many, and some", len(sess.Conflicts), len(chips))
		}
		for _, chip := range chips {
			if chip[1] != word {
				t.Errorf("a contradiction is called %q, want %q", chip[1], word)
			}
		}
	}
}

func TestInjectionAttemptsAreVisible(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	sess := o.client(intake.Client{Name: "Eve", Email: "eve@example.com", WebsiteType: "other", OtherDescription: `a "club" & more`}, 6, attacker)
	withWords(t, "the daily check", o.get("/admin/operations").body, `href="/admin/sessions/`+string(sess.ID)+`">`, "1 phrase")
	body := o.get("/admin/sessions/" + string(sess.ID)).body
	for _, want := range []string{"1 injection attempt</strong>", `class="event attempt"`, "patternId", "Other: a &#34;club&#34; &amp; more"} {
		if !strings.Contains(body, want) {
			t.Errorf("the session page lacks %q", want)
		}
	}
	if value, _ := card(t, o.get("/admin/dashboard").body, "Injection attempts"); value != "1" {
		t.Errorf("injection attempts on the dashboard = %s, want 1", value)
	}
}

func TestReadingPersonalDataIsAudited(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	sess := o.client(ana(), 3, willing)
	o.get("/admin/sessions")
	o.get("/admin/sessions/" + string(sess.ID))
	o.post("/admin/login", url.Values{"email": {"eve@example.com"}, "password": {"a wild long guess"}})
	entries, err := o.store.AuditLog(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	var log []string
	for _, e := range entries {
		log = append(log, e.Action+" "+e.Object)
	}
	all := strings.Join(log, "\n")
	for _, want := range []string{"sessions_listed sessions", "session_read session:" + string(sess.ID), "login_ok", "login_failed"} {
		if !strings.Contains(all, want) {
			t.Errorf("audit log lacks %q:\n%s", want, all)
		}
	}
	page := o.get("/admin/audit")
	if page.status != 200 || !strings.Contains(page.body, "Login failed") || !strings.Contains(page.body, "Session read") {
		t.Errorf("GET /admin/audit = %d, want the entries in plain words", page.status)
	}
	if !regexp.MustCompile(`David Moore <span class="sub code">admin:[0-9a-f-]{36}</span>`).MatchString(page.body) {
		t.Error("the audit page does not say whose id it shows")
	}
	if strings.Contains(page.body, "@example.com") {
		t.Error("the audit page shows an address")
	}
}

// TestSessionPageSaysWhatWasAssumed: what nobody chose reads as its option reads
// to a client, with the sentence that the documents have for it.
func TestSessionPageSaysWhatWasAssumed(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	sess := o.client(ana(), 60, func(a intake.Action) intake.Answer {
		if a.Kind == intake.AskQuestion && len(a.Question.Question.Groups) > 0 {
			return intake.Answer{Unsure: true} // so that much has to be assumed
		}
		return willing(a)
	})
	page := o.get("/admin/sessions/" + string(sess.ID)).body
	shown := map[string]string{}
	for _, m := range regexp.MustCompile(`(?s)<dt>([^<]*)</dt><dd class="fact-value">(.*?)</dd>\s*<dd class="fact-source">(.*?)</dd>`).FindAllStringSubmatch(page, -1) {
		shown[html.UnescapeString(m[1])] = html.UnescapeString(m[2] + " " + m[3])
	}
	labels, assumed := map[slot.Key]string{}, 0
	for _, d := range slot.Defs() {
		labels[d.Key] = d.Label
	}
	for _, f := range sess.CurrentFacts() {
		if f.Status != intake.Assumed || f.Note == "" {
			continue
		}
		assumed++
		if !strings.Contains(shown[labels[f.Slot]], f.Note) {
			t.Errorf("%s shows %q, want also %q", f.Slot, shown[labels[f.Slot]], f.Note)
		}
	}
	if assumed < 5 {
		t.Fatalf("%d facts were assumed, want more to look at", assumed)
	}
	for label, want := range map[string]string{"Brand typography": "Please suggest", "Training": "An introduction", "Animation": "Subtle"} {
		if got := shown[label]; got != "" && !strings.HasPrefix(got, want) {
			t.Errorf("%s reads %q, want %q", label, got, want)
		}
	}
	if _, some := shown["Brand typography"]; !some {
		t.Error("nothing was assumed about the typefaces")
	}
}

// TestSessionPageTellsWhyAndWhatWasBefore: the agency sees why each question
// was asked, and what a fact replaced.
func TestSessionPageTellsWhyAndWhatWasBefore(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	told := 0
	sess := o.client(ana(), 60, func(a intake.Action) intake.Answer {
		if a.Kind == intake.ValidateUnderstanding && told == 0 {
			told++
			return intake.Answer{Response: "clarify", Text: "Industry: wedding cakes"}
		}
		return willing(a)
	})
	page := o.get("/admin/sessions/" + string(sess.ID)).body
	for _, want := range []string{"Why these questions", "The most information in the least time", "earlier value", "wedding cakes", "Everything else follows from it"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of the session lacks %q", want)
		}
	}
	past := regexp.MustCompile(`(?s)<details class="past">.*?</details>`).FindString(page)
	if !strings.Contains(past, "question ") || !strings.Contains(past, "<q>") {
		t.Errorf("an earlier value has neither question nor words: %s", past)
	}
}

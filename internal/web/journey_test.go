package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/store"
)

type storedEvent = store.StoredEvent

// begun leads a visitor through the foundation form.
func begun(v *visitor) answer {
	v.tb.Helper()
	a := v.post(v.get("/").form(v.tb, "/intake/begin").Action, nil)
	for _, value := range []string{"Ada Lovelace", "ada@example.com", "", "business"} {
		a = v.fill(a, value, "next")
	}
	return a
}

// eagerly fills in a conversation form as an eager client would.
func eagerly(f form) url.Values {
	switch f.kind() {
	case intake.ValidateUnderstanding:
		return f.filled("correct")
	case intake.RecommendFeatures:
		out := f.filled("answer")
		for _, x := range f.Fields {
			if x.Name == "features" && len(out["features"]) < 2 {
				out.Add("features", x.Value)
			}
		}
		return out
	default:
	}
	out := f.filled("answer")
	for _, x := range f.Fields {
		if (x.Type == "radio" || x.Type == "checkbox") && !out.Has(x.Name) && x.Value != "other:" {
			out.Set(x.Name, x.Value)
		}
	}
	if f.has("text") && !slices.ContainsFunc(f.Fields, func(x field) bool { return x.Type == "radio" || x.Type == "checkbox" }) {
		out.Set("text", "Bella Vista is a hair salon in Portland with 50 appointments a week at $85 each; busy women aged 25 to 55 book in the evening, in 10 weeks.")
	}
	return out
}

// TestJourney goes from the landing page to SCOPE.md without scripts.
func TestJourney(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	a := begun(v)
	seen := map[intake.Kind]int{}
	for turns := 0; a.Path != "/success"; turns++ {
		if turns > 60 {
			t.Fatalf("no end after %d turns: %v", turns, seen)
		}
		if a.Code != http.StatusOK {
			t.Fatalf("turn %d: %s = %d\n%s\n%s", turns, a.Path, a.Code, a.Body, s.log)
		}
		checkHTML(t, a)
		f := a.form(t, "/intake/conversation")
		seen[f.kind()]++
		s.wait(30 * time.Second)
		a = v.post("/intake/conversation", eagerly(f))
	}
	checkHTML(t, a)
	a = v.get("/success?closed=1") // the documents are being made meanwhile
	checkHTML(t, a)
	if seen[intake.RecommendFeatures] < 1 || seen[intake.ValidateUnderstanding] < 1 || seen[intake.AskQuestion] < 8 {
		t.Errorf("kinds of screens = %v, want questions, a loop and the feature screen", seen)
	}
	href := `href="/api/documents/scope/`
	at := strings.Index(a.Body.String(), href)
	if at < 0 {
		t.Fatalf("success page has no document:\n%s", a.Body)
	}
	path, _, _ := strings.Cut(a.Body.String()[at+len(`href="`):], `"`)
	doc := v.get(path)
	if doc.Code != 200 || doc.Header().Get("Content-Type") != "text/markdown; charset=utf-8" || !strings.HasPrefix(doc.Header().Get("Content-Disposition"), "attachment;") {
		t.Errorf("GET %s = %d %v", path, doc.Code, doc.Header())
	}
	if !strings.HasPrefix(doc.Body.String(), "# Project Scope") {
		t.Errorf("document begins with %.60q", doc.Body)
	}
	if again := v.get("/intake/conversation"); again.Path != "/success" {
		t.Errorf("the conversation of a finished interview leads to %s, want /success", again.Path)
	}
	id := event.SessionID(strings.TrimPrefix(path, "/api/documents/scope/"))
	names := s.eventsOf(t, id)
	for _, want := range []event.Name{event.NameLandingView, event.NameCTAClick, event.NameFoundationStart, event.NameSessionComplete, event.NameDocumentGenerated} {
		if !slices.Contains(names, want) {
			t.Errorf("events of the journey lack %s: %v", want, names)
		}
	}
	proposal := strings.Replace(path, "scope", "proposal", 1)
	if early := v.get(proposal); early.Code != http.StatusNotFound || problemKind(t, early) != "being_prepared" {
		t.Errorf("the PDF before it is drawn = %d\n%s", early.Code, early.Body)
	}
	s.work(t)
	d, err := s.store.Delivery(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	pdf := v.get(proposal)
	if held := d.State == store.DeliveryHeld; held && problemKind(t, pdf) != "held" || !held && !strings.HasPrefix(pdf.Body.String(), "%PDF-") {
		t.Errorf("the PDF of a delivery that is %s = %d\n%.300s", d.State, pdf.Code, pdf.Body)
	}
	if staff := s.visitor(t).bearer(bootstrapToken, proposal); !strings.HasPrefix(staff.Body.String(), "%PDF-") {
		t.Errorf("the PDF for the team = %d\n%.300s", staff.Code, staff.Body)
	}
}

func TestAnswerTwiceAndLate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	first := begun(v)
	form := eagerly(first.form(t, "/intake/conversation"))
	second := v.post("/intake/conversation", form)
	id := second.form(t, "/intake/conversation").filled("").Get("actionId")
	if got := v.post("/intake/conversation", form); got.Code != 200 || got.form(t, "/intake/conversation").filled("").Get("actionId") != id {
		t.Errorf("the same answer twice = %d at %s, want 200 at %s", got.Code, got.form(t, "/intake/conversation").filled("").Get("actionId"), id)
	}
	// Another tab, or the browser's own Back: other words for the same question.
	form.Set("text", "Harbour Dental is a practice in Bristol.")
	other := v.post("/intake/conversation", form)
	checkHTML(t, other)
	if other.Code != http.StatusConflict {
		t.Errorf("another answer to the previous question = %d, want 409", other.Code)
	}
	other.holds(t, "belonged to an earlier question", "What was typed, to copy", "Harbour Dental is a practice in Bristol.")
	third := v.post("/intake/conversation", eagerly(second.form(t, "/intake/conversation")))
	late := v.post("/intake/conversation", form)
	checkHTML(t, late)
	if late.Code != http.StatusConflict || !strings.Contains(late.Body.String(), "belonged to an earlier question") {
		t.Errorf("a late answer = %d, want 409 with a notice:\n%s", late.Code, late.Body)
	}
	if got, want := late.form(t, "/intake/conversation").filled("").Get("actionId"), third.form(t, "/intake/conversation").filled("").Get("actionId"); got != want {
		t.Errorf("after a late answer the page asks %s, want %s", got, want)
	}
}

func TestABrowserWithoutItsKeyIsToldSo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	form := eagerly(begun(s.visitor(t)).form(t, "/intake/conversation"))
	for name, ask := range map[string]func(*visitor) answer{
		"the conversation": func(v *visitor) answer { return v.get("/intake/conversation") },
		"an answer":        func(v *visitor) answer { return v.post("/intake/conversation", form) },
		"the summary":      func(v *visitor) answer { return v.get("/success") },
	} {
		v := s.visitor(t)
		a := ask(v)
		checkHTML(t, a)
		if a.Path != "/intake?lost=1" {
			t.Errorf("%s without a key leads to %s, want the form that says so", name, a.Path)
		}
		a.holds(t, "No conversation is open in this browser", `href="/intake/continue"`)
		if next := v.fill(a, "Ada", "next"); strings.Contains(next.Body.String(), "No conversation is open") {
			t.Errorf("%s: the notice stays after the first step", name)
		}
	}
	if a := s.visitor(t).get("/intake"); strings.Contains(a.Body.String(), "No conversation is open") {
		t.Error("who begins is told about a conversation")
	}
}

func TestRefusedAnswerKeepsInput(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		action intake.Action
		form   url.Values
		want   []string
	}{
		{"nothing", textQuestion(), url.Values{"text": {"  "}}, []string{`aria-invalid="true"`, `aria-describedby="error help"`}},
		{"too much", lineQuestion(), url.Values{"text": {strings.Repeat("é", 5001)}}, []string{strings.Repeat("é", 5001), "5001 characters"}},
		{"no choice", choiceQuestion(intake.Select), url.Values{"cards": {"1"}}, []string{`aria-invalid="true"`}},
		{"an unknown choice", choiceQuestion(intake.MultiSelect), url.Values{"cards": {"1"}, "values": {"gold", "service"}}, []string{`value="service" checked`}},
		{"no example", examplesAction(), url.Values{"cards": {"1"}, "value": {"other:"}}, []string{`value="other:" checked`}},
		{"no resolution", conflictAction(), url.Values{"cards": {"1"}}, []string{"How should this be settled?"}},
		{"an empty clarification", validationAction(), url.Values{"go": {"clarify"}}, []string{"<details class=\"clarify\" open"}},
		{"a note beside yes", validationAction(), url.Values{"go": {"correct"}, "text": {"but green"}}, []string{"but green", "There is a note in the box"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			sess := at("01936000-0000-7000-8000-000000000011", tt.action)
			if tt.action.Kind == intake.ConflictResolution {
				sess.Conflicts = []intake.ConflictRecord{{Type: intake.BudgetVsFeatures, Key: "budget"}}
			}
			tt.form.Set("actionId", "a007")
			a := s.visitor(t).with(s.plant(t, sess)).post("/intake/conversation", tt.form)
			checkHTML(t, a)
			if a.Code != http.StatusUnprocessableEntity {
				t.Fatalf("POST = %d, want 422\n%s", a.Code, s.log)
			}
			for _, want := range append(tt.want, `role="alert"`) {
				if !strings.Contains(a.Body.String(), want) {
					t.Errorf("page lacks %q:\n%s", want, a.Body)
				}
			}
		})
	}
}

func TestConversationPostWithoutSession(t *testing.T) {
	t.Parallel()
	v := newSite(t).visitor(t)
	if a := v.post("/intake/conversation", url.Values{"actionId": {"a001"}}); a.Path != "/intake?lost=1" {
		t.Errorf("an answer without a session leads to %s, want the start", a.Path)
	}
}

func TestLandingEvents(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, agent, path, referer, want string
	}{
		{"a desktop", "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0", "/?utm_source=News%3Cletter", "https://www.search.example/secret?q=me", `{"referrer":"www.search.example","source":"newsletter","device":"desktop"}`},
		{"a phone", "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Mobile/15E148", "/", "", `{"device":"phone"}`},
		{"a tablet", "Mozilla/5.0 (Linux; Android 16; SM-X910) Safari", "/", "", `{"device":"tablet"}`},
		{"an automated test is a person", "Mozilla/5.0 (X11) HeadlessChrome/156.0", "/", "", `{"device":"desktop"}`},
		{"a crawler", "Mozilla/5.0 (compatible; Googlebot/2.1)", "/", "", `{"device":"desktop","bot":"user agent: bot"}`},
		{"nobody", "", "/", "", `{"device":"desktop","bot":"no user agent"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			v := s.visitor(t)
			v.header = http.Header{"User-Agent": {tt.agent}, "Referer": {tt.referer}}
			v.get(tt.path)
			v.get(tt.path)
			events, err := s.store.Events(t.Context(), event.SessionID(v.cookies["introspect_visit"].Value))
			if err != nil {
				t.Fatal(err)
			}
			if len(events) != 1 || string(events[0].Properties) != tt.want {
				t.Errorf("two views made %d events, the first with %s, want one with %s", len(events), events[0].Properties, tt.want)
			}
		})
	}
}

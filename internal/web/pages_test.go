package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
)

// TestEveryScreen renders every action with everything set and with nothing
// set, before and after a refused answer.
func TestEveryScreen(t *testing.T) {
	t.Parallel()
	empty := func(k intake.Kind) intake.Action {
		a := intake.Action{Kind: k}
		switch k {
		case intake.AskQuestion:
			a.Question = &intake.Ask{}
		case intake.RecommendFeatures:
			a.Features = &intake.Features{}
		case intake.ValidateUnderstanding:
			a.Validation = &intake.Validation{}
		case intake.ExampleOptions:
			a.Examples = &intake.Examples{}
		case intake.ConflictResolution:
			a.Conflict = &intake.Conflict{}
		case intake.Complete:
			a.Done = &intake.Done{}
		}
		return a
	}
	for _, tt := range []struct {
		name   string
		action intake.Action
		want   []string
	}{
		{"a long text question", textQuestion(), []string{"<textarea", "Why this question", "Women aged 25 to 55", `value="unsure"`}},
		{"a short text question", lineQuestion(), []string{`<input type="text" id="text"`}},
		{"a single choice", choiceQuestion(intake.Select), []string{`role="radiogroup"`, "Something else", `value="other:"`, "Time &amp; skill"}},
		{"a multiple choice", choiceQuestion(intake.MultiSelect), []string{`type="checkbox" name="values" value="service"`, "Choose all that apply"}},
		{"a bundled question", bundleQuestion(), []string{`type="radio" name="values.pageCount"`, `type="checkbox" name="values"`, "choose one", "Anything else"}},
		{"a validation loop", validationAction(), []string{"Yes, that’s right", "Let me clarify something…", "What follows from this"}},
		{"examples", examplesAction(), []string{"None of these", "In own words"}},
		{"a conflict", conflictAction(), []string{"On one side", "On the other side", "Budget: $3,000", "Total: $6,000", "Decide later"}},
		{"the feature screen", featuresAction(), []string{`aria-label="Recommended Features"`, "Continue with These Features", "$4,500", "$23,400", "Update price"}},
		{"the end", doneAction(), []string{"Your Project Scope is Ready!", "Download SCOPE.md", "Client PDF: being prepared", "$5,600"}},
		{"an empty question", empty(intake.AskQuestion), nil},
		{"an empty feature screen", empty(intake.RecommendFeatures), nil},
		{"an empty validation loop", empty(intake.ValidateUnderstanding), nil},
		{"empty examples", empty(intake.ExampleOptions), nil},
		{"an empty conflict", empty(intake.ConflictResolution), nil},
		{"an empty end", empty(intake.Complete), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			sess := at("01936000-0000-7000-8000-000000000001", tt.action)
			var messages []intake.Message
			if tt.want != nil {
				sess.Facts, messages = facts(), talked()
				sess.Features = choice()
			}
			v := s.visitor(t).with(s.plant(t, sess, messages...))
			a := v.get("/intake/conversation")
			if a.Code != http.StatusOK {
				t.Fatalf("GET = %d, want 200\n%s\n%s", a.Code, a.Body, s.log)
			}
			checkHTML(t, a)
			for _, want := range tt.want {
				if !strings.Contains(a.Body.String(), want) {
					t.Errorf("page lacks %q", want)
				}
			}
			if tt.action.Kind == intake.Complete {
				return
			}
			refused := v.post("/intake/conversation", url.Values{"actionId": {"a007"}, "go": {"answer"}, "text": {strings.Repeat("x", 5001)}, "value": {"other:"}, "choice": {"other:"}})
			if refused.Code != http.StatusUnprocessableEntity {
				t.Errorf("POST of 5,001 characters = %d, want 422", refused.Code)
			}
			checkHTML(t, refused)
			if !strings.Contains(refused.Body.String(), `role="alert"`) {
				t.Error("refused answer has no alert")
			}
		})
	}
}

func TestGoldenPages(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		path   string
		action intake.Action
	}{
		{"landing", "/", intake.Action{}},
		{"question", "/intake/conversation", textQuestion()},
		{"features", "/intake/conversation", featuresAction()},
		{"success", "/success", doneAction()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			v := s.visitor(t)
			if tt.action.Kind != "" {
				sess := at("01936000-0000-7000-8000-000000000002", tt.action)
				sess.Facts, sess.Features = facts(), choice()
				v.with(s.plant(t, sess, talked()...))
			}
			golden(t, tt.name, v.get(tt.path))
		})
	}
}

// TestTheCountFitsTheWords: near the target nobody reads "22 of about 22" beside a
// third of the way and eight more questions.
func TestTheCountFitsTheWords(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i, tt := range []struct {
		questions int
		want      []string
	}{
		{19, []string{"Question 19 of about 22"}},
		{22, []string{"Question 22 of at most 30", "At most 8 more questions"}},
		{26, []string{"Question 26 of at most 30", "4 questions remaining"}},
	} {
		sess := at(event.SessionID(fmt.Sprintf("01936000-0000-7000-8000-0000000003%02d", i)), textQuestion())
		sess.Questions, sess.Furthest = tt.questions, 36
		page := s.visitor(t).with(s.plant(t, sess, talked()...)).get("/intake/conversation").Body.String()
		for _, want := range tt.want {
			if !strings.Contains(page, want) {
				t.Errorf("after %d questions the page lacks %q", tt.questions, want)
			}
		}
	}
}

func TestConversationSide(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sess := at("01936000-0000-7000-8000-000000000003", textQuestion())
	sess.Facts = facts()
	page := s.visitor(t).with(s.plant(t, sess, talked()...)).get("/intake/conversation").Body.String()
	for _, want := range []string{
		"Bella Vista &lt;Salon&gt; &amp; Spa", "$4,500.50", "18%", "Online scheduling of appointments, own idea", "March 15, 2027",
		"There is one", "To be settled later", "Confirmed", "Understood", "Assumed", "Open", `role="log"`, "10:04",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("page lacks %q", want)
		}
	}
	if strings.Contains(page, "The prompt that waits") {
		t.Error("the prompt that waits is shown among the messages too")
	}
	recent := page[strings.LastIndex(page, `<ol class="messages"`):]
	if strings.Contains(recent, "What is the business called?") || !strings.Contains(recent, "What should the website achieve?") {
		t.Error("the visible part is not the last two exchanges")
	}
}

func TestPagesWithoutSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, tt := range []struct {
		name, path string
		status     int
		want       string
	}{
		{"landing", "/", 200, "Begin Your Project Discovery"},
		{"privacy notice", "/privacy", 200, "legitimate interest"},
		{"the form", "/intake", 200, "Step 1 of 4"},
		{"a later step leads to the first open one", "/intake?step=4", 200, "Step 1 of 4"},
		{"start over", "/intake/restart", 200, "Start over?"},
		{"conversation leads to the form", "/intake/conversation", 200, "Step 1 of 4"},
		{"success leads to the form", "/success", 200, "Step 1 of 4"},
		{"an unknown page", "/no/such/page", 404, "Page not found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := s.visitor(t).get(tt.path)
			checkHTML(t, a)
			if a.Code != tt.status || !strings.Contains(a.Body.String(), tt.want) {
				t.Errorf("GET %s = %d, want %d with %q:\n%s", tt.path, a.Code, tt.status, tt.want, a.Body)
			}
		})
	}
}

func TestForeignAndOldSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := event.SessionID("01936000-0000-7000-8000-000000000004")
	token := s.plant(t, at(id, textQuestion()))
	for _, tt := range []struct {
		name, token, want string
		status            int
	}{
		{"a wrong secret", string(id) + ".other", "This conversation is not open here", 401},
		{"an unknown session", "01936000-0000-7000-8000-00000000ffff.secret", "No such conversation", 404},
	} {
		a := s.visitor(t).with(tt.token).get("/intake/conversation")
		checkHTML(t, a)
		if a.Code != tt.status || !strings.Contains(a.Body.String(), tt.want) || !strings.Contains(a.Body.String(), "Start a new conversation") {
			t.Errorf("%s: GET = %d, want %d with %q and a way on:\n%s", tt.name, a.Code, tt.status, tt.want, a.Body)
		}
	}
	s.wait(49 * 60 * 60 * 1e9)
	v := s.visitor(t).with(token)
	if a := v.get("/intake/conversation"); a.Code != 401 || !strings.Contains(a.Body.String(), "This conversation has ended") {
		t.Errorf("after 49 hours: GET = %d, want 401:\n%s", a.Code, a.Body)
	}
	if a := v.post("/intake/restart", nil); a.Path != "/" || len(v.cookies["introspect_session"].String()) > 0 {
		t.Errorf("starting anew leads to %s with cookies %v, want / without a session", a.Path, v.cookies)
	}
}

func TestLandingKnowsTheVisitor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	open := s.visitor(t).with(s.plant(t, at("01936000-0000-7000-8000-000000000005", textQuestion())))
	if a := open.get("/"); !strings.Contains(a.Body.String(), "Welcome back, Ada.") || !strings.Contains(a.Body.String(), "29%") {
		t.Errorf("landing with an open interview does not welcome back:\n%s", a.Body)
	}
	if a := open.post("/intake/begin", nil); a.Path != "/intake/conversation" {
		t.Errorf("beginning with an open interview leads to %s, want the conversation", a.Path)
	}
	if a := open.get("/intake"); a.Path != "/intake/conversation" {
		t.Errorf("the form with an open interview leads to %s, want the conversation", a.Path)
	}
	done := at("01936000-0000-7000-8000-000000000006", doneAction())
	done.Features = choice()
	closed := s.visitor(t).with(s.plant(t, done))
	if a := closed.get("/"); !strings.Contains(a.Body.String(), `href="/success"`) {
		t.Errorf("landing with a finished interview does not lead to it:\n%s", a.Body)
	}
	if a := closed.get("/intake/restart"); !strings.Contains(a.Body.String(), "Start another project?") {
		t.Errorf("start over of a finished interview asks:\n%s", a.Body)
	}
	if a := closed.post("/intake/restart", nil); a.Path != "/" {
		t.Errorf("start over leads to %s, want /", a.Path)
	}
}

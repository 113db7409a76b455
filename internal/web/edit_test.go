package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

const described = "Bella Vista is a hair salon in Portland with four stylists. Clients book appointments by phone, and the website is outdated."

var actionField = regexp.MustCompile(`name="actionId" value="([^"]+)"`)

// actionOf reads the action that a page shows.
func actionOf(t *testing.T, a answer) string {
	t.Helper()
	m := actionField.FindStringSubmatch(a.Body.String())
	if m == nil {
		t.Fatalf("the page names no action:\n%s", a.Body)
	}
	return m[1]
}

// talking is a visitor behind the first answer, with the page that follows.
func talking(t *testing.T, s *site) (*visitor, answer) {
	t.Helper()
	v := s.visitor(t)
	_, token, _ := v.open()
	v = v.with(token)
	return v, v.reply(t, v.get("/intake/conversation"), url.Values{"text": {described}, "go": {"answer"}})
}

// reply sends a form to the conversation and follows to the next page.
func (v *visitor) reply(t *testing.T, page answer, form url.Values) answer {
	t.Helper()
	form.Set("actionId", actionOf(t, page))
	return v.post("/intake/conversation", form)
}

func lacks(t *testing.T, a answer, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(a.Body.String(), w) {
			t.Errorf("the page lacks %q", w)
		}
	}
}

func TestBackShowsTheAnswerAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v, page := talking(t, s)
	lacks(t, page, `formaction="/intake/back"`)
	again := v.post("/intake/back", url.Values{"actionId": {actionOf(t, page)}, "go": {"back"}})
	lacks(t, again, described+"</textarea>")
	if strings.Contains(again.Body.String(), `formaction="/intake/back"`) {
		t.Error("the first question offers a way back")
	}
	same := v.post("/intake/back", url.Values{"actionId": {actionOf(t, again)}})
	if actionOf(t, same) != actionOf(t, again) {
		t.Error("going back from the first question led elsewhere")
	}
	next := v.reply(t, again, url.Values{"text": {described}, "go": {"answer"}})
	if next.Code != http.StatusOK || strings.Contains(next.Body.String(), described+"</textarea>") {
		t.Errorf("the answer given again was not taken: %d", next.Code)
	}
}

func TestEditOneFact(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v, page := talking(t, s)
	lacks(t, page, `href="/intake/edit?slot=businessName"`)
	form := v.get("/intake/edit?slot=businessName")
	checkHTML(t, form)
	lacks(t, form, "Edit: Business or project name", `value="Bella Vista"`, "Save", "Not known yet")
	bad := v.post("/intake/edit", url.Values{"actionId": {actionOf(t, form)}, "slot": {"businessName"}, "text": {""}, "go": {"answer"}})
	if bad.Code != http.StatusUnprocessableEntity {
		t.Errorf("an empty edit = %d, want 422", bad.Code)
	}
	lacks(t, bad, `role="alert"`, `name="slot" value="businessName"`)
	stale := v.post("/intake/edit", url.Values{"actionId": {"a000"}, "slot": {"businessName"}, "text": {"Bella <b>Nova</b>"}, "go": {"answer"}})
	if stale.Code != http.StatusConflict || !strings.Contains(stale.Body.String(), "Bella &lt;b&gt;Nova&lt;/b&gt;") {
		t.Errorf("an edit from an old page = %d, want 409 with the text kept and escaped", stale.Code)
	}
	saved := v.post("/intake/edit", url.Values{"actionId": {actionOf(t, form)}, "slot": {"businessName"}, "text": {"Bella <b>Nova</b>"}, "go": {"answer"}})
	lacks(t, saved, "Changed: Business or project name.", "Bella Nova")
	if again := v.get("/intake/conversation"); !strings.Contains(again.Body.String(), "Bella Nova") {
		t.Error("the edited name is not kept")
	}
	for path, want := range map[string]int{
		"/intake/edit?slot=shoeSize": 422, "/intake/edit?slot=serviceSubtype": 422, "/intake/edit": 422,
	} {
		if got := v.get(path); got.Code != want {
			t.Errorf("GET %s = %d, want %d", path, got.Code, want)
		}
	}
	if got := s.visitor(t).get("/intake/edit?slot=businessName"); got.Path != "/intake?lost=1" {
		t.Errorf("a stranger's edit leads to %s, want the start", got.Path)
	}
}

func TestAnEarlierStepCanBeLookedAt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v, page := talking(t, s)
	past := v.get("/intake/conversation?step=a001")
	checkHTML(t, past)
	lacks(t, past, "An earlier answer", "Bella Vista is a hair salon", "Go on with the current question", `action="/intake/back"`)
	for _, step := range []string{"a999", "", actionOf(t, page), "<script>"} {
		if got := v.get("/intake/conversation?step=" + url.QueryEscape(step)); actionOf(t, got) != actionOf(t, page) {
			t.Errorf("step %q shows %s, want the current question", step, actionOf(t, got))
		}
	}
}

func TestAnAnswerToAnEarlierQuestionIsNotLost(t *testing.T) {
	t.Parallel()
	v, _ := talking(t, newSite(t))
	a := v.post("/intake/conversation", url.Values{"actionId": {"a000"}, "text": {"Typed with <care>."}, "go": {"answer"}})
	if a.Code != http.StatusConflict {
		t.Errorf("a stale answer = %d, want 409", a.Code)
	}
	lacks(t, a, "Typed with &lt;care&gt;.", "earlier question")
}

func TestSkippedQuestionIsAnOpenPoint(t *testing.T) {
	t.Parallel()
	v, page := talking(t, newSite(t))
	next := v.reply(t, page, url.Values{"go": {"skip"}})
	lacks(t, next, "Skipped")
	if actionOf(t, next) == actionOf(t, page) {
		t.Error("skipping led nowhere")
	}
}

func TestBriefIsReadAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	_, token, _ := v.open()
	v = v.with(token)
	page := v.get("/intake/conversation")
	lacks(t, page, "Already have a brief?")
	brief := described + "\n\nTarget audience: women aged 25 to 55 in Portland who work late.\n\nGoal: 30 online bookings a week.\n\nBudget: $6,000\n\n" +
		strings.Repeat("The rooms are bright and the chairs are comfortable. ", 30)
	next := v.reply(t, page, url.Values{"text": {brief}, "go": {"answer"}})
	lacks(t, next, "points were understood from the brief", "women aged 25 to 55")
	long := v.post("/intake/conversation", url.Values{"actionId": {actionOf(t, next)}, "text": {strings.Repeat("é", 5001)}, "go": {"answer"}})
	if long.Code != http.StatusUnprocessableEntity {
		t.Errorf("5,001 characters after the first question = %d, want 422", long.Code)
	}
}

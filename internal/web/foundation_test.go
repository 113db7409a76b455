package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
)

// fill sends one step of the form as shown, with a value and a button.
func (v *visitor) fill(a answer, value, button string) answer {
	v.tb.Helper()
	form := a.form(v.tb, "/intake").filled(button)
	form.Set("value", value)
	return v.post("/intake", form)
}

func TestFoundationForm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	a := v.post("/intake/begin", nil)
	for i, step := range []struct{ value, next string }{
		{"  Ada   Lovelace ", "Good to meet you, Ada."}, {"ada@example.com", "phone number"}, {"+44 20 7946 0018", "What kind of website"},
	} {
		if want := fmt.Sprintf("Step %d of 4", i+1); !strings.Contains(a.Body.String(), want) {
			t.Fatalf("page lacks %q:\n%s", want, a.Body)
		}
		checkHTML(t, a)
		s.wait(20 * time.Second)
		if a = v.fill(a, step.value, "next"); !strings.Contains(a.Body.String(), step.next) {
			t.Fatalf("after %q the page lacks %q:\n%s", step.value, step.next, a.Body)
		}
	}
	checkHTML(t, a)
	visit := event.SessionID(v.cookies["introspect_visit"].Value)
	if a = v.fill(a, "nonprofit", "next"); a.Path != "/intake/conversation" {
		t.Fatalf("the last step leads to %s, want the conversation:\n%s", a.Path, a.Body)
	}
	id, _, _ := strings.Cut(v.cookies["introspect_session"].Value, ".")
	if id != string(visit) {
		t.Errorf("session %s did not grow from visit %s", id, visit)
	}
	rec, err := s.store.Session(t.Context(), visit)
	if err != nil {
		t.Fatal(err)
	}
	want := intake.Client{Name: "Ada Lovelace", Email: "ada@example.com", Phone: "+44 20 7946 0018", WebsiteType: "nonprofit", NoAI: true} // nobody told of a model, so none may be asked later
	if diff := cmp.Diff(want, rec.Session.Client); diff != "" {
		t.Errorf("client (-want +got):\n%s", diff)
	}
	if _, ok := v.cookies["introspect_draft"]; ok {
		t.Error("the draft cookie outlived the form")
	}
	names := s.eventsOf(t, visit)
	for name, want := range map[event.Name]int{
		event.NameCTAClick: 1, event.NameFoundationStart: 1, event.NameFoundationField: 4, event.NameFoundationComplete: 1, event.NameSessionStart: 1,
	} {
		got := 0
		for _, n := range names {
			if n == name {
				got++
			}
		}
		if got != want {
			t.Errorf("%d events %s, want %d (of %v)", got, name, want, names)
		}
	}
}

func TestFoundationFieldTimes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	a := v.get("/intake")
	s.wait(12 * time.Second)
	v.fill(a, "Ada", "next")
	events, err := s.store.Events(t.Context(), event.SessionID(v.cookies["introspect_visit"].Value))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(events, func(e storedEvent) bool { return e.Name == event.NameFoundationField })
	if i < 0 {
		t.Fatalf("no field event in %v", events)
	}
	if got, want := string(events[i].Properties), `{"field":"userName","timeSpent":12}`; got != want {
		t.Errorf("field event has %s, want %s", got, want)
	}
}

func TestFoundationRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		before []string // values of the steps before
		value  string
		want   string
	}{
		{"no name", nil, "   ", "enter a name"},
		{"one letter", nil, "A", "at least 2"},
		{"a name without end", nil, strings.Repeat("n", 201), "200"},
		{"an enormous name", nil, strings.Repeat("n", 9000), "200"},
		{"no address", []string{"Ada"}, "", "e-mail"},
		{"half an address", []string{"Ada"}, "ada@", "valid"},
		{"letters in a phone number", []string{"Ada", "ada@example.com"}, "call me", "phone number"},
		{"no kind of website", []string{"Ada", "ada@example.com", ""}, "", "choose"},
		{"an unknown kind", []string{"Ada", "ada@example.com", ""}, "castle", "choose"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := newSite(t).visitor(t)
			a := v.get("/intake")
			for _, value := range tt.before {
				a = v.fill(a, value, "next")
			}
			a = v.fill(a, tt.value, "next")
			checkHTML(t, a)
			if a.Code != http.StatusUnprocessableEntity {
				t.Fatalf("POST %q = %d, want 422", tt.value, a.Code)
			}
			body := a.Body.String()
			alert := body[strings.Index(body, `role="alert"`):]
			for _, want := range []string{tt.want, `aria-invalid="true"`, `aria-describedby="error`} {
				if !strings.Contains(body, want) {
					t.Errorf("page lacks %q", want)
				}
			}
			if !strings.Contains(strings.SplitN(alert, "</div>", 2)[0], tt.want) {
				t.Errorf("alert does not say %q: %.300s", tt.want, alert)
			}
			fields := a.form(t, "/intake").Fields
			kept := slices.ContainsFunc(fields, func(f field) bool { return f.Name == "value" && f.Value == tt.value })
			if len(tt.before) < 3 && !kept {
				t.Errorf("the input %q is gone: %+v", tt.value, fields)
			}
		})
	}
}

func TestFoundationBackAndSkip(t *testing.T) {
	t.Parallel()
	v := newSite(t).visitor(t)
	a := v.fill(v.fill(v.get("/intake"), "Ada", "next"), "not finished@", "back")
	if !strings.Contains(a.Body.String(), `value="Ada"`) || strings.Contains(a.Body.String(), `role="alert"`) {
		t.Errorf("back does not show the name without an alert:\n%s", a.Body)
	}
	a = v.get("/intake?step=2")
	if !strings.Contains(a.Body.String(), `value="not finished@"`) {
		t.Errorf("the unfinished address is gone:\n%s", a.Body)
	}
	a = v.fill(v.fill(a, "ada@example.com", "next"), "555 not a number", "skip")
	if !strings.Contains(a.Body.String(), "Step 4 of 4") {
		t.Errorf("skip does not lead on:\n%s", a.Body)
	}
	form := a.form(t, "/intake").filled("next")
	form.Set("value", "other")
	form.Set("otherDescription", strings.Repeat("o", 201))
	if a = v.post("/intake", form); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body.String(), "200 characters") {
		t.Errorf("a description of 201 characters = %d, want 422:\n%s", a.Code, a.Body)
	}
	form.Set("otherDescription", "A wiki")
	if a = v.post("/intake", form); a.Path != "/intake/conversation" {
		t.Errorf("the last step leads to %s:\n%s", a.Path, a.Body)
	}
}

func TestFoundationDraftIsSealed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	v.fill(v.get("/intake"), "Ada Lovelace", "next")
	draft := v.cookies["introspect_draft"]
	if draft == nil || !draft.HttpOnly || draft.SameSite != http.SameSiteLaxMode || strings.Contains(draft.Value, "QWRh") {
		t.Fatalf("draft cookie = %v, want a sealed one", draft)
	}
	if a := v.get("/intake"); !strings.Contains(a.Body.String(), "Step 2 of 4") {
		t.Errorf("a reload does not keep the step:\n%s", a.Body)
	}
	other := s.visitor(t)
	other.get("/")
	other.cookies["introspect_draft"] = draft
	if a := other.get("/intake"); !strings.Contains(a.Body.String(), "Step 1 of 4") || strings.Contains(a.Body.String(), "Ada") {
		t.Errorf("the draft of another visit opens:\n%s", a.Body)
	}
	v.cookies["introspect_draft"] = &http.Cookie{Name: "introspect_draft", Value: draft.Value[:len(draft.Value)-4] + "AAAA"}
	if a := v.get("/intake"); a.Code != 200 || !strings.Contains(a.Body.String(), "Step 1 of 4") {
		t.Errorf("a damaged draft = %d, want a fresh form", a.Code)
	}
}

func TestEmailSuggestion(t *testing.T) {
	t.Parallel()
	for typed, meant := range map[string]string{
		"ada@gmial.com": "ada@gmail.com", "ada@gmai.com": "ada@gmail.com", "ada@gmaill.com": "ada@gmail.com", "ada@yaho.com": "ada@yahoo.com",
		"ada@hotmail.con": "ada@hotmail.com", "ada@OUTLOK.com": "ada@outlook.com", "ada@icloud.co": "ada@icloud.com",
		"ada@gmail.com": "", "ada@mail.com": "", "ada@ymail.com": "", "ada@yahoo.ca": "", "ada@example.com": "", "ada@gimlet.com": "",
	} {
		t.Run(typed, func(t *testing.T) {
			t.Parallel()
			v := newSite(t).visitor(t)
			a := v.fill(v.fill(v.get("/intake"), "Ada", "next"), typed, "next")
			if meant == "" {
				if !strings.Contains(a.Body.String(), "Step 3 of 4") {
					t.Errorf("%s is questioned:\n%s", typed, a.Body)
				}
				return
			}
			if !strings.Contains(a.Body.String(), "Did you mean <strong>"+meant+"</strong>?") {
				t.Fatalf("%s is not questioned:\n%s", typed, a.Body)
			}
			checkHTML(t, a)
			kept := v.fill(a, typed, "next")
			if !strings.Contains(kept.Body.String(), "Step 3 of 4") {
				t.Errorf("%s is questioned a second time:\n%s", typed, kept.Body)
			}
			taken := v.fill(v.get("/intake?step=2"), typed, "suggestion")
			if back := v.get("/intake?step=2"); !strings.Contains(taken.Body.String(), "Step 3 of 4") || !strings.Contains(back.Body.String(), `value="`+meant+`"`) {
				t.Errorf("the suggestion %s is not taken:\n%s", meant, back.Body)
			}
		})
	}
}

func TestFoundationBadForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, form := range map[string]url.Values{
		"no step":       {"value": {"Ada"}},
		"a step beyond": {"step": {"5"}, "value": {"Ada"}},
		"no number":     {"step": {"one"}, "value": {"Ada"}},
	} {
		if a := s.visitor(t).post("/intake", form); a.Code != http.StatusBadRequest {
			t.Errorf("%s: POST /intake = %d, want 400", name, a.Code)
		}
	}
	if a := s.visitor(t).post("/intake", url.Values{"step": {"1"}, "value": {strings.Repeat("n", 300<<10)}}); a.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("300 KB: POST /intake = %d, want 413", a.Code)
	}
	a := s.visitor(t).post("/intake", url.Values{"step": {"4"}, "value": {"business"}})
	if a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body.String(), "Step 1 of 4") {
		t.Errorf("the last step alone = %d, want 422 at the first:\n%s", a.Code, a.Body)
	}
}

package sentry_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	sdk "github.com/getsentry/sentry-go"
	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/sentry"
)

// Wherever the SDK or we could put something of a person, it must not leave
// (S45).
func TestScrub(t *testing.T) {
	t.Parallel()
	const who = "ana@bellanails.example"
	e := sdk.NewEvent()
	e.User = sdk.User{ID: "7", Email: who, Username: "ana", IPAddress: "203.0.113.9"}
	e.Request = &sdk.Request{
		URL: "https://intake.example.com/intake?email=" + who, Method: "POST", Data: `{"userName":"Ana"}`, QueryString: "email=" + who,
		Cookies: "session=abc", Headers: map[string]string{"Authorization": "Bearer abc"}, Env: map[string]string{"REMOTE_ADDR": "203.0.113.9"},
	}
	e.Message = "mail to " + who + " failed"
	e.Transaction = "GET /continue?token=abc"
	e.Exception = []sdk.Exception{{Type: "*errors.errorString", Value: "call +1 555-555-0142 at /r?x=abc now"}}
	e.Fingerprint = []string{who}
	e.Tags = map[string]string{"to": who}
	e.Contexts = map[string]sdk.Context{"custom": {"to": who, "deep": map[string]any{"phone": "+1 555-555-0142"}, "n": 7}}
	e.Breadcrumbs = []*sdk.Breadcrumb{{Message: who, Data: map[string]any{"to": who}}}
	e.Spans = []*sdk.Span{{Description: who, Data: map[string]any{who: who}}}
	e.Attachments = []*sdk.Attachment{{Filename: "answers.txt", Payload: []byte(who)}}

	got := sentry.Scrub(e)
	body, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"ana@", "Ana", "abc", "0142", "203.0.113", `"ana"`} {
		if strings.Contains(string(body), secret) {
			t.Errorf("the report says %q: %s", secret, body)
		}
	}
	if got.Attachments != nil || got.Request.Method != http.MethodPost || got.Request.URL != "https://intake.example.com/intake" {
		t.Errorf("request = %+v, attachments %v", got.Request, got.Attachments)
	}
	if diff := cmp.Diff("call {{phone}} at /r?[query] now", got.Exception[0].Value); diff != "" {
		t.Errorf("what helps to find the fault is gone (-want +got):\n%s", diff)
	}
}

func TestScrubLeavesWhatNamesNobody(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"commit session 5f6c1c7e: disk I/O error", "GET /api/sessions/{id}", "is it broken? yes", "17 of 61 = 27.87% in 5m", "", "   indented\n\tat main.go:77",
	} {
		e := sdk.NewEvent()
		e.Message = text
		if got := sentry.Scrub(e).Message; got != text {
			t.Errorf("scrubbed %q to %q", text, got)
		}
	}
}

// Breadcrumbs belong to all reports at once, so a report may not change them.
func TestScrubCopiesShared(t *testing.T) {
	t.Parallel()
	shared := map[string]any{"session": "s-1", "to": "ana@bellanails.example"}
	e := sdk.NewEvent()
	crumb := &sdk.Breadcrumb{Message: "to ana@bellanails.example", Data: shared}
	e.Breadcrumbs = []*sdk.Breadcrumb{crumb}
	sentry.Scrub(e)
	if shared["to"] != "ana@bellanails.example" || crumb.Message != "to ana@bellanails.example" {
		t.Errorf("the shared breadcrumb became %+v", crumb)
	}
}

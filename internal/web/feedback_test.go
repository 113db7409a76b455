package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
)

// TestAVoteCountsOnceAndMayBeChanged votes through the API: the last opinion
// about a prompt counts, the same one twice makes one event, and the interview
// stands where it stood.
func TestAVoteCountsOnceAndMayBeChanged(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	begun, err := o.interview.Begin(t.Context(), "", ana())
	if err != nil {
		t.Fatal(err)
	}
	at := begun.Session.Current.ID
	vote := func(token, body string) reply {
		return o.do(o.request(http.MethodPost, "/api/feedback", body, "Content-Type", "application/json", "Authorization", "Bearer "+token))
	}
	for _, body := range []string{`{"rating":"helpful"}`, `{"rating":"helpful"}`, `{"questionId":"business","rating":"confusing","text":"What is a must?"}`} {
		o.now = o.now.Add(time.Second)
		if a := vote(begun.Token, body); a.status != 200 || !strings.Contains(a.body, `"questionId":"business"`) {
			t.Fatalf("vote %s = %d %s", body, a.status, a.body)
		}
	}
	for body, want := range map[string]int{
		`{"rating":"great"}`: 422, `{"questionId":"never_shown","rating":"helpful"}`: 422, `{"rating":"helpful","text":"` + strings.Repeat("é", 501) + `"}`: 422,
		`{"sessionId":"another","rating":"helpful"}`: 401, `{`: 400,
	} {
		if a := vote(begun.Token, body); a.status != want {
			t.Errorf("vote %.60s = %d, want %d: %s", body, a.status, want, a.body)
		}
	}
	if a := vote("wrong.token", `{"rating":"helpful"}`); a.status != 401 && a.status != 404 {
		t.Errorf("a vote with a wrong token = %d", a.status)
	}
	rec, err := o.store.Session(t.Context(), begun.Session.ID)
	if err != nil {
		t.Fatal(err)
	}
	if rec.Session.Current.ID != at || rec.Session.Votes["business"] != event.RatingConfusing {
		t.Errorf("after the votes: at %s with %v, want still %s with confusing", rec.Session.Current.ID, rec.Session.Votes, at)
	}
	events, err := o.store.Events(t.Context(), begun.Session.ID)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range events {
		if e.Name != event.NameFeedback {
			continue
		}
		n++
		if strings.Contains(string(e.Properties), "must") {
			t.Errorf("the remark stands in an event: %s", e.Properties)
		}
	}
	if n != 2 {
		t.Errorf("%d feedback events, want 2: the opinion and its change", n)
	}
	if page := o.get("/admin/sessions/" + string(begun.Session.ID)).body; !strings.Contains(page, "What is a must?") || !strings.Contains(page, "about this prompt") {
		t.Error("the remark is not on the page of the session")
	}
	rows := o.sheet("panel=questions")
	if len(rows) != 2 || rows[1][0] != "business" || rows[1][8] != "1" || rows[1][9] != "0" || rows[1][10] != "1" {
		t.Errorf("questions = %v, want one confusing vote about the first", rows)
	}
}

// TestAVoteAfterTheEndMakesNoSecondDocument: votes are taken after the
// interview too, and SCOPE.md is made once.
func TestAVoteAfterTheEndMakesNoSecondDocument(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	begun, err := o.interview.Begin(t.Context(), "", ana())
	if err != nil {
		t.Fatal(err)
	}
	for sess := begun.Session; sess.Current.Kind != intake.Complete; {
		answer := willing(sess.Current)
		answer.ActionID = sess.Current.ID
		if sess, err = o.interview.Answer(t.Context(), sess.ID, begun.Token, answer); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.interview.Vote(t.Context(), begun.Session.ID, begun.Token, intake.Vote{Rating: event.RatingHelpful}); err != nil {
		t.Fatal(err)
	}
	events, err := o.store.Events(t.Context(), begun.Session.ID)
	if err != nil {
		t.Fatal(err)
	}
	count := map[event.Name]int{}
	for _, e := range events {
		count[e.Name]++
	}
	if count[event.NameFeedback] != 1 || count[event.NameDocumentGenerated] != 1 || count[event.NameSessionComplete] != 1 {
		t.Errorf("events = %v, want one vote, one document, one end", count)
	}
}

package web_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/store"
)

// TestReplayShowsOneMessageMoreAtATime goes through an interview by its links,
// and sees every message once, in order.
func TestReplayShowsOneMessageMoreAtATime(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	o.client(ana(), 6, willing)
	list, err := o.store.Sessions(t.Context(), store.SessionFilter{})
	if err != nil || len(list) != 1 {
		t.Fatalf("sessions = %v, %v", list, err)
	}
	messages, err := o.store.Messages(t.Context(), list[0].ID)
	if err != nil || len(messages) < 8 {
		t.Fatalf("%d messages, %v", len(messages), err)
	}
	page := "/admin/sessions/" + string(list[0].ID)
	o.get(page).holds(t, page+"/replay")
	address := page + "/replay"
	for n := 1; address != ""; n++ {
		body := o.get(address).body
		if got := strings.Count(body, `class="said`); got != n {
			t.Fatalf("step %d shows %d messages", n, got)
		}
		if want := html.EscapeString(messages[n-1].Text); !strings.Contains(body[strings.Index(body, `id="now"`):], want) {
			t.Errorf("step %d does not end with %q", n, want)
		}
		next := regexp.MustCompile(`href="([^"]+)#now" rel="next"`).FindStringSubmatch(body)
		if address = ""; next != nil {
			address = next[1]
		} else if n != len(messages) {
			t.Errorf("the replay ends after %d of %d messages", n, len(messages))
		}
	}
	for _, at := range []string{"0", "-3", "x"} {
		o.get(page+"/replay?at="+at).holds(t, "Message 1 of ")
	}
	o.get(page+"/replay?at=9999").holds(t, "after the beginning")
	if a := o.get("/admin/sessions/nobody/replay"); a.status != 404 {
		t.Errorf("an unknown session = %d, want 404", a.status)
	}
	o.newBrowser()
	if a := o.get(page + "/replay"); a.status != 303 {
		t.Errorf("without a login = %d", a.status)
	}
}

package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// programs adds three visits that look like those of programs.
func (o *office) programs() {
	o.tb.Helper()
	crawler := event.New("crawler", 1, o.now.Add(-time.Hour), event.LandingView{Source: "news", Device: "desktop", Bot: "user agent: bot"})
	fast := event.New("fast", 1, o.now.Add(-2*time.Hour), event.LandingView{Source: "news", Device: "phone"})
	click := event.New("fast", 2, o.now.Add(-2*time.Hour).Add(time.Second), event.Plain{Name: event.NameCTAClick})
	click.Bot = "headless:headlesschrome,speed"
	driven := event.New("driven", 1, o.now.Add(-3*time.Hour), event.LandingView{Source: "news", Device: "desktop"})
	driven.Bot = "webdriver"
	if _, err := o.store.Record(o.tb.Context(), storetest.Outside(crawler, fast, click, driven)); err != nil {
		o.tb.Fatal(err)
	}
}

// TestVisitsOfPrograms lists what is marked with the reasons, and lets the
// owner have the last word: every figure follows, and nothing drifts.
func TestVisitsOfPrograms(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	o.get("/admin/visits").holds(t, "No visit looks like one of a program")
	o.get("/admin/visits?show=all").holds(t, "There was no visit yet")
	o.programs()
	o.get("/admin/visits").holds(t, "crawler", "It calls itself a program (bot)", "A browser without a window (headlesschrome)",
		"Faster than anybody can read and type", "The browser says that a program drives it", "Program, by its marks")
	landed := func() string { return o.sheet("panel=funnel")[1][1] }
	if got := landed(); got != "0" {
		t.Errorf("%s landing views count, want none", got)
	}
	o.get("/admin/dashboard").holds(t, `Without 3 landing views of <a href="/admin/visits">programs</a>`)

	a := o.post("/admin/visits/fast", url.Values{"maker": {event.MakerPerson}, "back": {"show=all"}})
	if got, want := a.header.Get("Location"), "/admin/visits?show=all&done=person"; got != want {
		t.Errorf("the way back is %q, want %q", got, want)
	}
	o.get(a.header.Get("Location")).holds(t, "counts as one of a person now", "Person, as you said", "A program<span")
	if got := landed(); got != "1" {
		t.Errorf("%s landing views count, want one", got)
	}
	if body := o.get("/admin/visits?show=judged").body; !strings.Contains(body, "fast") || strings.Contains(body, "crawler") {
		t.Errorf("decided by hand:\n%s", body)
	}
	o.post("/admin/visits/fast", url.Values{"maker": {event.MakerProgram}})
	if got := landed(); got != "0" {
		t.Errorf("%s landing views count after the second word, want none", got)
	}
	storetest.NoDrift(t, o.store)
	o.get("/admin/visits?id=driven").holds(t, "driven", "A person<span")
	o.get("/admin/visits?id=nobody").holds(t, "There is no visit of this id")
	if a := o.post("/admin/visits/nobody", url.Values{"maker": {event.MakerPerson}}); a.status != 404 {
		t.Errorf("a visit that is none = %d, want 404", a.status)
	}
	if a := o.post("/admin/visits/fast", url.Values{"maker": {"<b>"}}); a.status != 400 {
		t.Errorf("a maker that is none = %d, want 400", a.status)
	}
	o.get("/admin/audit").holds(t, "Visit judged person", "session:fast")
	o.newBrowser()
	for _, a := range []reply{o.get("/admin/visits"), o.post("/admin/visits/fast", url.Values{"maker": {event.MakerPerson}})} {
		if a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), "/admin/login") {
			t.Errorf("without a login = %d to %q", a.status, a.header.Get("Location"))
		}
	}
}

// TestAnInterviewIsTakenOutOfTheFigures judges from the page of a session.
func TestAnInterviewIsTakenOutOfTheFigures(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	o.client(ana(), 5, willing)
	list, err := o.store.Sessions(t.Context(), store.SessionFilter{})
	if err != nil || len(list) != 1 {
		t.Fatalf("sessions = %v, %v", list, err)
	}
	page := "/admin/sessions/" + string(list[0].ID)
	o.get(page).holds(t, "Visit of:", "It was a program")
	a := o.post("/admin/visits/"+string(list[0].ID), url.Values{"maker": {event.MakerProgram}, "back": {"session=1"}})
	if got := a.header.Get("Location"); got != page+"?done=program" {
		t.Fatalf("the way back is %q", got)
	}
	o.get(page).holds(t, "It counts in no figure.", "It was a person", "Visit judged")
	for _, row := range o.sheet("panel=days")[1:] {
		if row[1] != "0" {
			t.Errorf("%s has %s sessions, want none", row[0], row[1])
		}
	}
	storetest.NoDrift(t, o.store)
}

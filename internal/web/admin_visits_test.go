package web_test

import (
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
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

// TestTheFunnelLeadsToWhoStopped: behind each stage stand exactly the visits
// that were dropped before it or are still open, under any filters. (Visits that
// skip a stage would be missing among the dropped; those on phones skip none.)
func TestTheFunnelLeadsToWhoStopped(t *testing.T) {
	t.Parallel()
	o := busy(t)
	listed := o.listed
	some := 0
	for _, view := range []string{"by=device:phone", "by=device:phone&by=websiteType:business&days=7"} {
		page := o.get("/admin/funnel?" + view).body
		for _, row := range o.sheet("panel=funnel&" + view)[2:] {
			want := count(t, row[7]) + count(t, row[8])
			if got := listed("/admin/visits?stage=" + row[0] + "&" + view); got != want {
				t.Errorf("%d visits stopped before %s of %q, want %d", got, row[0], view, want)
			}
			if strings.Contains(page, "stage="+row[0]) != (want > 0) {
				t.Errorf("the funnel of %q does not lead to those before %s", view, row[0])
			}
			some += want
		}
	}
	if some < 20 {
		t.Errorf("only %d visits were looked for", some)
	}
	o.get("/admin/visits?stage=nonsense").holds(t, "It calls itself a program")
}

// listed counts the visits in all pages of a list of them.
func (o *office) listed(address string) (n int) {
	o.tb.Helper()
	for address != "" {
		body := o.get(address).body
		n += strings.Count(body, `action="/admin/visits/`)
		next := regexp.MustCompile(`<a class="next" href="([^"]+)"`).FindStringSubmatch(body)
		if address = ""; next != nil {
			address = html.UnescapeString(next[1])
		}
	}
	return n
}

// TestAQuestionLeadsToWhoStoppedThere: behind what a question would bring back
// stand those who stopped there, not those who finished at it, and under a filter
// that the list of sessions does not know, the list of visits.
func TestAQuestionLeadsToWhoStoppedThere(t *testing.T) {
	t.Parallel()
	o := busy(t)
	some := 0
	for _, view := range []string{"by=device:phone", "by=device:phone&by=websiteType:business&days=7"} {
		page := o.get("/admin/questions?" + view).body
		for _, row := range o.sheet("panel=places&" + view)[1:] {
			want := count(t, row[3]) + count(t, row[4])
			if got := o.listed("/admin/visits?question=" + row[0] + "&" + view); got != want {
				t.Errorf("%d visits stopped at question %s of %q, want %d", got, row[0], view, want)
			}
			if !strings.Contains(page, "question="+row[0]+`"`) || strings.Contains(page, `"/admin/sessions?`) {
				t.Errorf("the page of %q leads from question %s to sessions of other visits", view, row[0])
			}
			some += want
		}
	}
	if some < 10 {
		t.Errorf("only %d visits were looked for", some)
	}
	links := regexp.MustCompile(`<a href="([^"]+)">See the sessions`).FindAllStringSubmatch(o.get("/admin/questions?by=businessModel:service").body, -1)
	if len(links) == 0 {
		t.Fatal("no question would bring anybody back")
	}
	for _, l := range links {
		if to := html.UnescapeString(l[1]); !strings.Contains(to, "model=service") || !strings.Contains(to, "status=abandoned") {
			t.Errorf("a question leads to %s, want the abandoned ones of the model", to)
		}
	}
}

// TestAttemptsLeadToTheirSessions: behind the count of injection attempts stand
// the sessions that it was counted in, of the same view.
func TestAttemptsLeadToTheirSessions(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	for i, source := range []string{"news", "ads", "ads"} {
		id := event.SessionID("visit-" + strconv.Itoa(i))
		evs := []event.Event{
			event.New(id, 1, o.now, event.LandingView{Source: source, Device: "phone"}), event.New(id, 2, o.now, event.SessionStart{WebsiteType: "business"}),
		}
		if i < 2 {
			evs = append(evs, event.New(id, 3, o.now, event.InjectionSuspected{PatternID: "ignore-previous"}))
		}
		if _, err := o.store.Record(t.Context(), storetest.Outside(evs...)); err != nil {
			t.Fatal(err)
		}
	}
	for view, want := range map[string]int{"days=30": 2, "days=30&by=source:news": 1} {
		page := o.get("/admin/dashboard?" + view).body
		if value, _ := card(t, page, "Injection attempts"); value != strconv.Itoa(want) {
			t.Errorf("%s counts %s attempts, want %d", view, value, want)
		}
		link := regexp.MustCompile(`<a href="(/admin/visits[^"]*attempts=yes[^"]*)">See the sessions`).FindStringSubmatch(page)
		if link == nil {
			t.Fatalf("the dashboard of %s does not lead to the attempts", view)
		}
		if got := o.listed(html.UnescapeString(link[1])); got != want {
			t.Errorf("%s leads to %d visits, want %d", view, got, want)
		}
	}
	// The daily check counts 30 days, and lists a week below.
	o.get("/admin/operations").holds(t, `href="/admin/visits?attempts=yes"`)
	if got := o.listed("/admin/visits?attempts=yes"); got != 2 {
		t.Errorf("the daily check leads to %d visits, want 2", got)
	}
}

// TestTheDashboardSaysWhatIsUnderWay: money of interviews that are not finished,
// marks on the axis, and files of the panels that have no page.
func TestTheDashboardSaysWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	o := busy(t)
	was, before, err := o.store.Pipeline(t.Context(), o.now.AddDate(0, 0, -30), o.now.AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	o.client(intake.Client{Name: "Mia Cole", Email: "mia@example.com", WebsiteType: "business"}, 15, willing)
	n, sum, err := o.store.Pipeline(t.Context(), o.now.AddDate(0, 0, -30), o.now.AddDate(0, 0, 1))
	if err != nil || n != was+1 || sum <= before {
		t.Fatalf("Pipeline() = %d, %d, %v, want one interview more than %d", n, sum, err, was)
	}
	o.post("/admin/annotations", url.Values{"day": {o.now.Format(time.DateOnly)}, "text": {"New headline"}})
	o.get("/admin/dashboard").holds(t, " more in "+strconv.Itoa(n)+" interviews under way", "Cost a session",
		`<g class="happened note"><title>`+o.now.Format("Jan 2")+`: New headline</title>`)
	if body := o.get("/admin/dashboard?by=device:phone").body; strings.Contains(body, "under way") || strings.Contains(body, "Cost a session") {
		t.Error("what is not known by dimension is shown under a filter")
	}
	if loops := o.sheet("panel=loops"); len(loops) < 2 || loops[0][0] != "loop" {
		t.Errorf("loops = %v", loops)
	}
	o.get("/admin/questions").holds(t, "Contradictions", "Budget vs features")
}

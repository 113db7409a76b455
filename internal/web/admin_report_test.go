package web_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/csv"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// sheet reads a panel as a file.
func (o *office) sheet(query string) [][]string {
	o.tb.Helper()
	a := o.get("/admin/figures.csv?" + query)
	if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") || !strings.Contains(a.header.Get("Content-Disposition"), "attachment") {
		o.tb.Fatalf("GET figures.csv?%s = %d %s %s", query, a.status, a.header.Get("Content-Type"), a.header.Get("Content-Disposition"))
	}
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil {
		o.tb.Fatalf("figures.csv?%s is no CSV: %v", query, err)
	}
	return rows
}

func count(tb testing.TB, text string) int {
	tb.Helper()
	n, err := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// TestEveryPanelIsAFileWithTheSameFigures compares the files with the pages.
func TestEveryPanelIsAFileWithTheSameFigures(t *testing.T) {
	t.Parallel()
	o := busy(t)
	funnel := o.sheet("panel=funnel")
	if len(funnel) != 10 || funnel[1][0] != "landing_view" {
		t.Fatalf("funnel = %v, want nine stages under a head", funnel)
	}
	page := o.get("/admin/funnel").body
	for _, row := range funnel[1:] {
		if want := row[1] + " reached, " + row[6] + " in the days before"; !strings.Contains(page, want) {
			t.Errorf("the funnel page lacks %q of the file", want)
		}
	}
	started := 0
	for _, row := range o.sheet("panel=days")[1:] {
		started += count(t, row[1])
	}
	models := 0
	for _, row := range o.sheet("panel=models")[1:] {
		models += count(t, row[1])
	}
	if started == 0 || models > started {
		t.Errorf("%d sessions by day, %d by model", started, models)
	}
	places := o.sheet("panel=places")
	for i := 2; i < len(places); i++ {
		if count(t, places[i][1]) > count(t, places[i-1][1]) {
			t.Errorf("question %s was reached more often than the one before: %v", places[i][0], places[i-1:i+1])
		}
	}
	for _, panel := range []string{"ordered", "questions", "features"} {
		if rows := o.sheet("panel=" + panel); len(rows) < 3 {
			t.Errorf("panel %s has %d rows", panel, len(rows))
		}
	}
	files := map[string]bool{}
	o.post("/admin/trials", newTest())
	o.post("/admin/annotations", url.Values{"day": {o.now.Format(time.DateOnly)}, "text": {"=SUM(A1) of the campaign"}})
	for _, address := range []string{"dashboard", "funnel", "questions", "trials", "advisor"} {
		for _, link := range regexp.MustCompile(`/admin/figures\.csv\?[^"]*panel=(\w+)`).FindAllStringSubmatch(o.get("/admin/"+address).body, -1) {
			if files[link[1]] = true; len(o.sheet("panel="+link[1])) < 2 {
				t.Errorf("panel %s, which %s leads to, is an empty file", link[1], address)
			}
		}
	}
	for _, panel := range []string{"days", "targets", "funnel", "ordered", "questions", "places", "contradictions", "loops", "models", "features", "notes", "service", "trials", "advisor"} {
		if !files[panel] {
			t.Errorf("no page leads to the file of panel %s", panel)
		}
	}
	for _, row := range o.sheet("panel=contradictions")[1:] {
		if !strings.HasPrefix(row[0], "conflict_") {
			t.Errorf("%s is among the contradictions", row[0])
		}
	}
	targets := o.sheet("panel=targets")
	if value, note := card(t, o.get("/admin/dashboard").body, "Completion rate"); value != targets[1][3]+"%" || !strings.HasPrefix(note, targets[1][1]+" of "+targets[1][2]) {
		t.Errorf("the page says %s, %s and the file %v", value, note, targets[1])
	}
	unknown := 0
	for _, row := range o.sheet("panel=advisor")[1:] {
		if (row[4] != "0") != (row[3] == "") {
			t.Errorf("a day of %s calls without a price costs %q", row[4], row[3])
		}
		unknown += count(t, row[4])
	}
	if unknown != 1 {
		t.Errorf("%d calls of unknown price in the file, want 1", unknown)
	}
	if rows := o.sheet("panel=notes"); rows[1][1] != "note" || rows[1][2] != "'=SUM(A1) of the campaign" {
		t.Errorf("notes = %v", rows)
	}
	if rows := o.sheet("panel=trials"); len(rows) != 3 || rows[1][0] != "hero" || rows[1][3] != "control" || rows[2][3] != "treatment" || !strings.HasPrefix(rows[1][10], "No verdict yet") {
		t.Errorf("trials = %v", rows)
	}
	if a := o.get("/admin/figures.csv?panel=secrets"); a.status != http.StatusBadRequest {
		t.Errorf("an unknown panel = %d, want 400", a.status)
	}
}

// TestAFormulaIsNoFormula keeps names that come from outside from being run by
// a spreadsheet.
func TestAFormulaIsNoFormula(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	evs := []event.Event{
		event.New("v", 1, o.now, event.SessionStart{WebsiteType: "business"}),
		event.New("v", 2, o.now, event.NewBusinessModelClassified(`=cmd|' /C calc'!A0`, 90, 5)),
	}
	if _, err := o.store.Record(t.Context(), storetest.Outside(evs...)); err != nil {
		t.Fatal(err)
	}
	rows := o.sheet("panel=models")
	if len(rows) != 2 || rows[1][0] != `'=cmd|' /C calc'!A0` {
		t.Errorf("models = %q, want the name with a mark before it", rows)
	}
	// Where numbers have commas, a semicolon ends a cell.
	if _, err := o.store.Record(t.Context(), storetest.Outside(event.New("v", 3, o.now.Add(time.Second), event.NewBusinessModelClassified("a;=1+1;-2;\u003d3", 90, 6)))); err != nil {
		t.Fatal(err)
	}
	if rows = o.sheet("panel=models"); rows[1][0] != "a;'=1+1;'-2;'=3" {
		t.Errorf("models = %q, want a mark before each formula", rows[1])
	}
}

// TestWhatIsUnknownIsAnEmptyCell: a mean, a target or a chance of nothing is no 0,
// which a spreadsheet would count with.
func TestWhatIsUnknownIsAnEmptyCell(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	evs := []event.Event{
		event.New("v", 1, o.now, event.LandingView{}), event.New("v", 2, o.now, event.SessionStart{WebsiteType: "business"}),
		event.New("v", 3, o.now, event.NewBusinessModelClassified("service", 90, 5)),
	}
	if _, err := o.store.Record(t.Context(), storetest.Outside(evs...)); err != nil {
		t.Fatal(err)
	}
	for panel, empty := range map[string][]string{
		"funnel": {"target", "p"}, "models": {"questions", "minutes"}, "ordered": {"median_seconds", "p95_seconds"}, "days": {"average_questions"}, "targets": {"before"},
	} {
		rows := o.sheet("panel=" + panel)
		for _, name := range empty {
			if at := slices.Index(rows[0], name); at < 0 || rows[1][at] != "" {
				t.Errorf("panel %s: %s of %v is filled, want an empty cell", panel, name, rows[1])
			}
		}
	}
}

// TestAViewIsOneAddress: period and filter stand in the address, what makes no
// sense is the standard, and a filter shows fewer sessions on every page.
func TestAViewIsOneAddress(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	for i, source := range []string{"news", "news", "ads"} {
		id := event.SessionID("visit-" + strconv.Itoa(i))
		evs := []event.Event{
			event.New(id, 1, o.now, event.LandingView{Source: source, Device: "phone"}),
			event.New(id, 2, o.now, event.SessionStart{WebsiteType: "business"}), event.New(id, 3, o.now, event.NewQuestionEfficiency(6)),
		}
		if _, err := o.store.Record(t.Context(), storetest.Outside(evs...)); err != nil {
			t.Fatal(err)
		}
	}
	reached := func(query string) string {
		rows := o.sheet("panel=places&" + query)
		if len(rows) < 2 {
			return "0"
		}
		return rows[1][1]
	}
	today, yesterday := o.now.Format(time.DateOnly), o.now.AddDate(0, 0, -1).Format(time.DateOnly)
	for query, want := range map[string]string{
		"": "3", "days=1": "3", "days=x": "3", "days=-4": "3", "days=99999": "3",
		"from=" + today + "&to=" + today: "3", "from=" + yesterday + "&to=" + yesterday: "0",
		"from=" + today + "&to=" + yesterday: "3", // the wrong way round is the standard
		"by=source:news":                     "2", "by=source:ads": "1", "by=source:none": "0", "by=device:phone": "3", "by=nothing:x": "3", "by=source:": "3",
		"by=source:news&by=device:phone": "2", "by=device:phone&by=source:news&by=": "2", "by=source:news&by=device:tablet": "0",
		"by=source:ads&by=websiteType:business&by=device:phone": "1", "by=source:ads&by=source:news": "2",
	} {
		if got := reached(query); got != want {
			t.Errorf("%q shows %s sessions, want %s", query, got, want)
		}
	}
	for _, path := range []string{"/admin/dashboard", "/admin/funnel", "/admin/questions"} {
		body := o.get(path + "?days=7&by=source:news").body
		for _, want := range []string{`<option value="7" selected>`, `<option value="source:news" selected>`, path + `?days=7" aria-label="Remove Source: News"`} {
			if !strings.Contains(body, want) {
				t.Errorf("%s of a filter lacks %q", path, want)
			}
		}
		body = o.get(path + "?by=device:phone&by=source:news&days=7").body
		for _, want := range []string{
			path + `?by=device%3Aphone&amp;days=7" aria-label="Remove Source: News"`, path + `?by=source%3Anews&amp;days=7" aria-label="Remove Device: Phone"`,
			`<option value="device:phone" selected>`, "panel=", `by=source%3Anews&amp;by=device%3Aphone`,
		} {
			if !strings.Contains(body, want) {
				t.Errorf("%s of two filters lacks %q", path, want)
			}
		}
	}
}

// TestASharedViewShowsCountsOnly opens a link without a login: the figures are
// there, persons and ways on are not, and neither another view nor a later day
// can be had by it.
func TestASharedViewShowsCountsOnly(t *testing.T) {
	t.Parallel()
	o := busy(t)
	o.post("/admin/annotations", url.Values{"day": {o.now.Format(time.DateOnly)}, "text": {"Call with Rosa Lindgren"}})
	for kind, text := range map[string]string{store.KindIncident: "Mails are stuck", store.KindFailure: "Deployment of 9.9.8 failed", store.KindDeployment: "Version 9.9.9"} {
		if _, err := o.store.Annotate(t.Context(), store.Annotation{At: o.now, Kind: kind, Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	o.get("/admin/dashboard").holds(t, "Rosa Lindgren", "Mails are stuck", "9.9.8", "Version 9.9.9")
	if err := o.store.MarkSimulated(t.Context(), "one that never was"); err != nil {
		t.Fatal(err)
	}
	a := o.post("/admin/share", url.Values{"view": {"days=7&by=device%3Aphone"}})
	link := regexp.MustCompile(`/shared/([A-Za-z0-9_-]+)"`).FindStringSubmatch(a.body)
	if a.status != 200 || link == nil {
		t.Fatalf("POST /admin/share = %d without a link:\n%.400s", a.status, a.body)
	}
	o.newBrowser()
	page := o.get("/shared/" + link[1])
	if page.status != 200 || !strings.Contains(page.body, "Conversion Funnel") || !strings.Contains(page.body, "Device: Phone") || !strings.Contains(page.body, "Version 9.9.9") {
		t.Fatalf("the shared page = %d:\n%.300s", page.status, page.body)
	}
	for _, secret := range []string{"Ana Brandt", "Ben Ortiz", "Eve Malory", "Studio Moreau", "Rosa Lindgren", "Mails are stuck", "9.9.8", "@example.com", "/admin/sessions", "/admin/dashboard\"", "Sign out", "<form", "/admin/changes", "Injection attempts", "introspect simulate"} {
		if strings.Contains(page.body, secret) {
			t.Errorf("the shared page holds %q", secret)
		}
	}
	data, err := base64.RawURLEncoding.DecodeString(link[1])
	if err != nil {
		t.Fatal(err)
	}
	for i := range data { // each byte: its end, its view, its signature
		forged := append([]byte(nil), data...)
		forged[i] ^= 1
		if got := o.get("/shared/" + base64.RawURLEncoding.EncodeToString(forged)); got.status != http.StatusGone {
			t.Fatalf("a link with byte %d changed = %d, want 410", i, got.status)
		}
	}
	for _, none := range []string{"x", "AAAA", strings.Repeat("A", 3000)} {
		if got := o.get("/shared/" + none); got.status != http.StatusGone {
			t.Errorf("GET /shared/%.10s = %d, want 410", none, got.status)
		}
	}
	o.now = o.now.Add(31 * 24 * time.Hour)
	if got := o.get("/shared/" + link[1]); got.status != http.StatusGone {
		t.Errorf("after 31 days = %d, want 410", got.status)
	}
	if got := o.post("/admin/share", url.Values{"view": {"days=7"}}); got.status != http.StatusSeeOther {
		t.Errorf("sharing without a login = %d, want a redirect to it", got.status)
	}
}

func TestNotesOnTheTimeAxis(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	day := o.now.Format(time.DateOnly)
	if a := o.post("/admin/annotations", url.Values{"day": {day}, "text": {" New  <headline> "}, "view": {"days=7"}}); a.status != 303 || a.header.Get("Location") != "/admin/dashboard?days=7" {
		t.Fatalf("adding = %d to %q", a.status, a.header.Get("Location"))
	}
	body := o.get("/admin/dashboard").body
	if !strings.Contains(body, "New &lt;headline&gt;") {
		t.Error("the note is not on the dashboard")
	}
	for _, bad := range []url.Values{{"day": {day}, "text": {" "}}, {"day": {"soon"}, "text": {"x"}}, {"day": {day}, "text": {strings.Repeat("é", 201)}}} {
		if a := o.post("/admin/annotations", bad); a.status != 400 {
			t.Errorf("a bad note = %d, want 400", a.status)
		}
	}
	id := regexp.MustCompile(`/admin/annotations/([^/"]+)/remove`).FindStringSubmatch(body)
	if id == nil {
		t.Fatal("no way to remove the note")
	}
	o.post("/admin/annotations/"+id[1]+"/remove", nil)
	if strings.Contains(o.get("/admin/dashboard").body, "&lt;headline&gt;") {
		t.Error("the note is still there")
	}
	if _, err := o.store.Annotate(t.Context(), store.Annotation{At: o.now, Kind: store.KindDeployment, Text: "v1.2.3"}); err != nil {
		t.Fatal(err)
	}
	if body := o.get("/admin/dashboard").body; !strings.Contains(body, "v1.2.3") || strings.Contains(body, "/remove") {
		t.Error("a deployment is not shown, or can be removed")
	}
}

// TestTheFunnelDrawsWhatIsOpen: of four who opened the landing page one goes on, one
// is gone for three days, and two may still go on; the bar shows all three.
func TestTheFunnelDrawsWhatIsOpen(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	for i, ago := range []time.Duration{time.Hour, 72 * time.Hour, time.Hour, 2 * time.Hour} {
		id := event.SessionID("visit-" + strconv.Itoa(i))
		evs := []event.Event{event.New(id, 1, o.now.Add(-ago), event.LandingView{})}
		if i == 0 {
			evs = append(evs, event.New(id, 2, o.now.Add(-ago).Add(time.Second), event.Plain{Name: event.NameCTAClick}))
		}
		if _, err := o.store.Record(t.Context(), storetest.Outside(evs...)); err != nil {
			t.Fatal(err)
		}
	}
	body := o.get("/admin/funnel").body
	for _, want := range []string{
		`<rect class="fill gone" x="75%" width="25%"`, `<rect class="fill waits" x="25%" width="50%"`, "1 dropped, 2 open", "</span>Still open</li>",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the funnel lacks %s", want)
		}
	}
}

// TestDaysOfAnotherYearSaySo: what a view is compared with is told with its year
// where that is another one.
func TestDaysOfAnotherYearSaySo(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	for query, want := range map[string]string{
		"from=2026-06-08&to=2026-06-14": "Compared with Jun 1 – Jun 7, the", "from=2026-01-05&to=2026-01-11": "Compared with Dec 29, 2025 – Jan 4, 2026, the",
		"from=2025-01-02&to=2025-01-02": "Compared with Dec 26, 2024, the",
	} {
		if body := o.get("/admin/dashboard?" + query).body; !strings.Contains(body, want) {
			t.Errorf("%s lacks %q", query, want)
		}
	}
}

// TestMarksOfAnotherYear: in a view of more than a year two days have the same
// month and date, and a mark stands on that of its own year.
func TestMarksOfAnotherYear(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	for i, ago := range []int{400, 1} {
		id := event.SessionID("visit-" + strconv.Itoa(i))
		if _, err := o.store.Record(t.Context(), storetest.Outside(event.New(id, 1, o.now.AddDate(0, 0, -ago), event.NewSessionComplete(20, time.Minute, 90)))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.store.Annotate(t.Context(), store.Annotation{At: o.now, Kind: store.KindDeployment, Text: "v9"}); err != nil {
		t.Fatal(err)
	}
	body := o.get("/admin/dashboard?from=" + o.now.AddDate(0, 0, -400).Format(time.DateOnly) + "&to=" + o.now.Format(time.DateOnly)).body
	if want := "<title>" + o.now.Format("Jan 2, 2006") + `: v9</title><line x1="100%"`; !strings.Contains(body, want) {
		t.Errorf("the mark of today does not stand at the end: %s", regexp.MustCompile(`(?s)<g class="happened.*?</g>`).FindString(body))
	}
}

// TestTheLiveBoardShowsWhoIsStuck: a client in the middle of an interview is
// on it, and stands out after a while.
func TestTheLiveBoardShowsWhoIsStuck(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	if body := o.get("/admin/live").body; !strings.Contains(body, "Nobody is in an interview right now") {
		t.Error("the empty board does not say so")
	}
	o.client(ana(), 3, willing)
	o.now = o.now.Add(time.Minute)
	body := o.get("/admin/live").body
	if !strings.Contains(body, "Studio Moreau") || !strings.Contains(body, "for 60 s") || strings.Contains(body, "Stuck") {
		t.Errorf("after a minute the board shows:\n%s", body[strings.Index(body, "<main"):])
	}
	o.now = o.now.Add(10 * time.Minute)
	if body := o.get("/admin/live").body; !strings.Contains(body, "Stuck") || !strings.Contains(body, "1 person is") {
		t.Error("after eleven minutes nobody is stuck")
	}
	o.now = o.now.Add(time.Hour)
	if body := o.get("/admin/live").body; strings.Contains(body, "Studio Moreau") {
		t.Error("after an hour the client is still on the board")
	}
}

// TestTheLiveBoardOfManyCountsThemAll: a board that cannot show everybody says so,
// and takes none of its own for somebody else's.
func TestTheLiveBoardOfManyCountsThemAll(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	for range 53 {
		o.client(ana(), 0, willing)
	}
	body := o.get("/admin/live").body
	if n := strings.Count(body, `class="live-client"`); n != 50 || !strings.Contains(body, "And 3 interviews more") {
		t.Errorf("%d of 53 interviews are on the board, and it does not say that there are 3 more", n)
	}
	if strings.Contains(body, "of other front ends") {
		t.Error("interviews that have no place on the board are called those of other front ends")
	}
}

// TestLookingAtTheLiveBoardIsTracedOnce: the board fetches itself every few
// seconds, and must not bury the audit log under lines about itself.
func TestLookingAtTheLiveBoardIsTracedOnce(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	o.client(ana(), 3, willing)
	looks := func() int {
		counts, err := o.store.AuditCounts(t.Context(), o.now.Add(-time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return counts["sessions_listed"]
	}
	for range 5 {
		o.get("/admin/live")
		o.now = o.now.Add(2 * time.Second)
	}
	if got := looks(); got != 1 {
		t.Errorf("five looks within ten seconds leave %d lines, want 1", got)
	}
	o.now = o.now.Add(16 * time.Minute)
	if o.get("/admin/live"); looks() != 2 {
		t.Errorf("a look a quarter of an hour later leaves %d lines in all, want 2", looks())
	}
}

// TestAListNarrowedByWhereItEnded: the figures lead to the sessions behind.
func TestAListNarrowedByWhereItEnded(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	ben := o.client(ana(), 3, willing)
	o.client(ana(), 60, willing)
	rows := func(query string) int { return strings.Count(o.get("/admin/sessions?"+query).body, `class="c-client"`) }
	day := o.now.Format(time.DateOnly)
	before := o.now.AddDate(0, 0, -2).Format(time.DateOnly)
	for query, want := range map[string]int{
		"": 2, "question=" + strconv.Itoa(ben.Questions): 1, "question=1": 0, "question=x": 2, "model=service": 2, "model=product": 0,
		"from=" + before + "&to=" + day: 2, "from=" + before + "&to=" + before: 0, "from=" + before: 2, "from=" + day + "&to=": 2, "model=&question=&from=&to=": 2, "status=completed&question=" + strconv.Itoa(ben.Questions): 0,
	} {
		if got := rows(query); got != want {
			t.Errorf("%q lists %d sessions, want %d", query, got, want)
		}
	}
	body := o.get("/admin/sessions?q=Studio&status=completed&model=product").body
	for _, field := range []string{`<option value="product" selected>Product</option>`, `<option value="hybrid">`, `id="from" name="from" type="date"`, `id="question"`, `name="status" value="completed"`, `name="q" value="Studio"`} {
		if !strings.Contains(body, field) {
			t.Errorf("the list cannot be narrowed by hand: it lacks %s", field)
		}
	}
	body = o.get("/admin/sessions?question=8&status=completed&q=x").body
	if !strings.Contains(body, `href="/admin/sessions?q=x&amp;status=completed">At question 8`) {
		t.Errorf("no way to remove one filter and keep the others")
	}
}

// TestChangesAreToldAtOnce listens to the stream: it needs a login, says
// something after a commit, and nothing about whom.
func TestChangesAreToldAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	if a := o.get("/admin/changes"); a.status != http.StatusSeeOther {
		t.Errorf("without a login = %d, want a redirect", a.status)
	}
	o = withLogin(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	resp, err := o.browser.Do(o.request(http.MethodGet, "/admin/changes", "").WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" || resp.Header.Get("X-Accel-Buffering") != "no" {
		t.Errorf("stream of type %q, buffering %q", got, resp.Header.Get("X-Accel-Buffering"))
	}
	lines := bufio.NewScanner(resp.Body)
	if !lines.Scan() || lines.Text() != "retry: 5000" {
		t.Fatalf("the stream begins with %q", lines.Text())
	}
	if _, err := o.store.Record(t.Context(), storetest.Outside(event.New("v", 1, o.now, event.LandingView{}))); err != nil {
		t.Fatal(err)
	}
	var told []string
	for lines.Scan() && len(told) < 2 {
		if lines.Text() != "" {
			told = append(told, lines.Text())
		}
	}
	if len(told) != 2 || told[0] != "event: changed" || told[1] != "data: {}" {
		t.Errorf("after an event the stream says %q", told)
	}
}

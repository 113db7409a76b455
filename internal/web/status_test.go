package web_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/metric"
	statuspage "applicreations.com/introspect/internal/status"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/web"
)

// publish drafts and publishes an incident.
func (s *site) publish(tb testing.TB, title string, impact statuspage.Impact, parts ...statuspage.Component) string {
	tb.Helper()
	id, err := s.store.AddIncident(tb.Context(), statuspage.Incident{Title: title, Impact: impact, Components: parts})
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.store.PublishIncident(tb.Context(), id, "We are looking into <it>."); err != nil {
		tb.Fatal(err)
	}
	return id
}

// from sends one request from an address, with one header when it is named.
func (s *site) from(tb testing.TB, addr, path, header, value string) *httptest.ResponseRecorder {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodGet, path, http.NoBody)
	r.RemoteAddr = addr + ":4321"
	if header != "" {
		r.Header.Set(header, value)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// percentile of some durations.
func percentile(list []time.Duration, p int) time.Duration {
	slices.Sort(list)
	return list[(len(list)-1)*p/100]
}

func TestStatusPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	if a := v.get("/status"); a.Code != http.StatusOK || !strings.Contains(a.Body.String(), "All systems operational") {
		t.Fatalf("GET /status = %d\n%.500s", a.Code, a.Body)
	}
	if _, err := s.store.DraftIncident(t.Context(), "A secret draft", "x", "alert:1"); err != nil {
		t.Fatal(err)
	}
	s.publish(t, "Mails arrive late", statuspage.Major, statuspage.Documents)
	if a := v.get("/status"); strings.Contains(a.Body.String(), "Mails arrive late") {
		t.Error("the page read the database within ten seconds")
	}
	s.wait(10 * time.Second)
	body := v.get("/status").Body.String()
	for _, want := range []string{"Partial service outage", "Mails arrive late", "We are looking into &lt;it&gt;.", "Documents and mail", "No incidents."} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, "A secret draft") {
		t.Error("the page shows a draft")
	}
	var sum struct {
		Page      struct{ URL string }
		Status    struct{ Indicator string }
		Incidents []struct{ Name string }
	}
	a := v.get("/status.json")
	if err := json.Unmarshal(a.Body.Bytes(), &sum); err != nil || sum.Status.Indicator != "major" || len(sum.Incidents) != 1 || !strings.HasSuffix(sum.Page.URL, "/status") || a.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("GET /status.json = %+v, %v, %v", sum, err, a.Header())
	}
	for _, path := range []string{"/api/v2/summary.json", "/api/v2/status.json"} {
		if same := v.get(path); same.Code != http.StatusOK || same.Body.String() != a.Body.String() {
			t.Errorf("GET %s = %d %s, want what /status.json says", path, same.Code, same.Body)
		}
	}
	var feed struct {
		Entries []struct {
			Title string `xml:"title"`
		} `xml:"entry"`
		Items []struct {
			Title string `xml:"title"`
		} `xml:"channel>item"`
	}
	for path, mime := range map[string]string{"/status.atom": "application/atom+xml; charset=utf-8", "/status.rss": "application/rss+xml; charset=utf-8"} {
		a = v.get(path)
		if err := xml.Unmarshal(a.Body.Bytes(), &feed); err != nil || a.Header().Get("Content-Type") != mime {
			t.Errorf("GET %s: %v, %v", path, err, a.Header())
		}
	}
	if len(feed.Entries) != 1 || len(feed.Items) != 1 || feed.Entries[0].Title != feed.Items[0].Title {
		t.Errorf("the feeds have %+v, want the incident in each", feed)
	}
}

// The page is needed most when the database does not answer.
func TestStatusPageWithoutItsDatabase(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	s.publish(t, "Known before", statuspage.Minor)
	if a := v.get("/status"); !strings.Contains(a.Body.String(), "Known before") {
		t.Fatal("the incident is not shown")
	}
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	s.wait(time.Hour)
	for _, path := range []string{"/status", "/status.json", "/status.rss", "/status.atom"} {
		if a := v.get(path); a.Code != http.StatusOK || !strings.Contains(a.Body.String(), "Known before") {
			t.Errorf("GET %s without a database = %d", path, a.Code)
		}
	}
}

// The copy is written at every change of what is said, and survives the server.
func TestStatusExport(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "public")
	s := newSite(t, func(c *web.Config) { c.StatusExport, c.AppURL = dir, "https://intake.example" })
	server := s.server
	ctx, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	ticks := make(chan time.Time)
	done.Go(func() { server.KeepStatus(ctx, ticks) })
	read := func(name string) string {
		t.Helper()
		body, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	tick := func() { ticks <- time.Time{}; ticks <- time.Time{} } // the second is taken when the first is done
	tick()
	html := read("index.html")
	for _, want := range []string{"All systems operational", `href="status.css"`, `href="status.json"`, `href="https://intake.example/privacy"`} {
		if !strings.Contains(html, want) {
			t.Errorf("the copy lacks %q", want)
		}
	}
	for _, not := range []string{"/static/", "<script"} {
		if strings.Contains(html, not) {
			t.Errorf("the copy has %q", not)
		}
	}
	if !strings.Contains(read("status.json"), `"url": "https://intake.example/status"`) {
		t.Errorf("status.json = %s", read("status.json"))
	}
	if read("api/v2/summary.json") != read("status.json") || !strings.Contains(read("status.rss"), `<rss version="2.0"`) || !strings.Contains(read("status.atom"), "2005/Atom") {
		t.Error("the copy lacks a form of the page for programs")
	}
	if err := os.Remove(filepath.Join(dir, "index.html")); err != nil {
		t.Fatal(err)
	}
	tick()
	if _, err := os.Stat(filepath.Join(dir, "index.html")); err == nil {
		t.Error("the copy was written without a change")
	}
	s.publish(t, "Something broke", statuspage.Critical, statuspage.API)
	s.wait(11 * time.Second)
	tick()
	if html := read("index.html"); !strings.Contains(html, "Something broke") {
		t.Error("the copy does not follow a change")
	}
	before := read("status.json") // before the clock moves: a round may still be under way
	s.wait(5 * time.Minute)
	tick()
	if read("status.json") == before {
		t.Error("the copy is older than five minutes")
	}
	stop()
	done.Wait()
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("files left behind: %v, %v", left, err)
	}
}

func TestMaintenanceMode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	going, fresh := s.visitor(t), s.visitor(t)
	_, token, _ := going.open()
	going.with(token)
	set := func(m statuspage.Mode) {
		t.Helper()
		if err := s.store.SetMode(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		s.wait(time.Second)
	}
	if a := fresh.get("/"); a.Code != http.StatusOK {
		t.Fatalf("GET / = %d", a.Code)
	}
	set(statuspage.Mode{On: true, Message: "A new disk, <b>soon</b>.", Until: s.clock().Add(20 * time.Minute)})
	a := fresh.get("/")
	if a.Code != http.StatusServiceUnavailable || a.Header().Get("Retry-After") != "1199" || !strings.Contains(a.Body.String(), "A new disk, &lt;b&gt;soon&lt;/b&gt;.") {
		t.Errorf("GET / of a visitor = %d, Retry-After %q\n%.800s", a.Code, a.Header().Get("Retry-After"), a.Body)
	}
	for _, path := range []string{"/intake", "/intake/conversation", "/success", "/intake/restart"} {
		if a := fresh.get(path); a.Code != http.StatusServiceUnavailable {
			t.Errorf("GET %s of a visitor = %d, want 503", path, a.Code)
		}
	}
	for _, path := range []string{"/livez", "/readyz", "/api/health", "/status", "/status.json", "/admin/login", "/collector.js", "/privacy", "/openapi.json"} {
		if a := fresh.get(path); a.Code != http.StatusOK && (path != "/api/health" || a.Code != http.StatusServiceUnavailable) {
			t.Errorf("GET %s = %d, want 200", path, a.Code)
		}
	}
	if a := fresh.get("/status"); !strings.Contains(a.Body.String(), "Service under maintenance") {
		t.Error("the status page does not tell of the maintenance")
	}
	a, p := s.visitor(t).call(http.MethodPost, "/api/sessions", "", client)
	if a.Code != http.StatusServiceUnavailable || text(p, "type") != "urn:introspect:problem:maintenance" || a.Header().Get("Retry-After") == "" {
		t.Errorf("POST /api/sessions = %d %v", a.Code, p)
	}
	for _, path := range []string{"/", "/intake/conversation"} {
		if a := going.get(path); a.Code != http.StatusOK {
			t.Errorf("GET %s of an interview under way = %d, want 200", path, a.Code)
		}
	}
	if a := going.get("/intake/restart"); a.Code != http.StatusServiceUnavailable {
		t.Errorf("giving up an interview = %d, want 503: no other could be started", a.Code)
	}
	s.wait(20 * time.Minute)
	if a := fresh.get("/"); a.Code != http.StatusOK {
		t.Errorf("after its end maintenance answers %d, want 200", a.Code)
	}
	set(statuspage.Emergency("", "the last image", s.clock(), time.Time{}))
	if a := fresh.get("/"); a.Code != http.StatusServiceUnavailable {
		t.Errorf("GET / in an emergency = %d, want 503", a.Code)
	}
	set(statuspage.Mode{})
	if a := fresh.get("/"); a.Code != http.StatusOK {
		t.Errorf("GET / afterwards = %d, want 200", a.Code)
	}
	// What was refused on purpose is neither an error nor slow.
	s.observing.Lock()
	defer s.observing.Unlock()
	for k, v := range s.requests.Delta(s.clock()) {
		if v[0] != 0 {
			t.Errorf("maintenance counts %d errors under %v", v[0], k)
		}
	}
}

func TestMetricsAreProtected(t *testing.T) {
	t.Parallel()
	shown := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("introspect_build_info 1\n")) })
	const token = "sixteen characters"
	for _, tt := range []struct {
		name          string
		cfg           web.Config
		from          string
		header, value string
		want          int
	}{
		{"no metrics", web.Config{}, "192.0.2.1", "", "", 404},
		{"anybody in development", web.Config{Metrics: shown}, "192.0.2.1", "", "", 200},
		{"this machine", web.Config{Metrics: shown, Production: true}, "127.0.0.1", "", "", 200},
		{"a private network", web.Config{Metrics: shown, Production: true}, "10.1.2.3", "", "", 200},
		{"a private network of IPv6", web.Config{Metrics: shown, Production: true}, "[fd00::1]", "", "", 200},
		{"the world", web.Config{Metrics: shown, Production: true}, "192.0.2.1", "", "", 404},
		{"the world through a proxy that nobody declared", web.Config{Metrics: shown, Production: true}, "127.0.0.1", "X-Forwarded-For", "192.0.2.1", 404},
		{"the world through our own proxy", web.Config{Metrics: shown, Production: true, TrustedProxy: true}, "127.0.0.1", "X-Forwarded-For", "192.0.2.1", 404},
		{"a neighbour through our own proxy", web.Config{Metrics: shown, Production: true, TrustedProxy: true}, "127.0.0.1", "X-Forwarded-For", "10.0.0.9", 200},
		{"without the token", web.Config{Metrics: shown, MetricsToken: token}, "127.0.0.1", "", "", 401},
		{"with another token", web.Config{Metrics: shown, MetricsToken: token}, "127.0.0.1", "Authorization", "Bearer another one here", 401},
		{"with the token, from anywhere", web.Config{Metrics: shown, MetricsToken: token, Production: true}, "192.0.2.1", "Authorization", "Bearer " + token, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(c *web.Config) {
				c.Metrics, c.MetricsToken, c.Production, c.TrustedProxy = tt.cfg.Metrics, tt.cfg.MetricsToken, tt.cfg.Production, tt.cfg.TrustedProxy
			})
			if a := s.from(t, tt.from, "/metrics", tt.header, tt.value); a.Code != tt.want {
				t.Errorf("GET /metrics = %d, want %d", a.Code, tt.want)
			}
		})
	}
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, tt := range []struct {
		given string
		kept  bool
	}{
		{"0192f3a0-1234-7abc-8def-0123456789ab", true},
		{"req_1234.5678", true},
		{"short", false},
		{strings.Repeat("x", 65), false},
		{"eve@example.com!", false},
		{"two words here", false},
		{"", false},
	} {
		got := s.from(t, "192.0.2.1", "/livez", "X-Request-Id", tt.given).Header().Get("X-Request-Id")
		if (got == tt.given) != tt.kept || got == "" {
			t.Errorf("id of a request that brought %q = %q, want it kept: %v", tt.given, got, tt.kept)
		}
	}
}

func TestIncidentsOfAnAdmin(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	form := url.Values{"title": {"Mails are late"}, "impact": {"major"}, "body": {"The provider."}, "part": {"documents", "nonsense"}}
	a := o.post("/admin/incidents", form)
	at := a.header.Get("Location")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(at, "/admin/incidents/") {
		t.Fatalf("draft = %d %s", a.status, a.body)
	}
	do := func(want int, pairs ...string) {
		t.Helper()
		values := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			values.Add(pairs[i], pairs[i+1])
		}
		a := o.post(at, values)
		if a.status != want {
			t.Errorf("%v = %d, want %d", pairs, a.status, want)
		}
	}
	do(422, "do", "publish", "text", " ")
	do(400, "do", "sing")
	do(409, "do", "update", "phase", "monitoring", "text", "x")
	if a := o.get("/status"); strings.Contains(a.body, "Mails are late") {
		t.Error("a draft is public")
	}
	do(303, "do", "publish", "text", "We are looking.")
	if a := o.get("/status"); !strings.Contains(a.body, "Mails are late") || !strings.Contains(a.body, "We are looking.") {
		t.Error("a published incident is not public at once")
	}
	if a := o.get("/admin/dashboard"); !strings.Contains(a.body, "Mails are late") {
		t.Error("the incident is no mark on the time axis")
	}
	do(409, "do", "discard")
	do(422, "do", "update", "phase", "done", "text", "x")
	do(303, "do", "update", "phase", "identified", "text", "It is the provider.")
	do(303, "do", "edit", "title", "Mails were late", "impact", "minor", "part", "documents")
	do(422, "do", "edit", "title", "", "impact", "minor")
	do(303, "do", "update", "phase", "resolved", "text", "Over.")
	do(303, "do", "postmortem", "text", "Line one.\r\nLine two.")
	if a := o.get("/status"); !strings.Contains(a.body, "Line one.\nLine two.") || !strings.Contains(a.body, "All systems operational") {
		t.Error("the postmortem is not public, or the incident goes on")
	}
	if a := o.get("/admin/incidents"); !strings.Contains(a.body, "Resolved") {
		t.Error("the list does not tell that it is resolved")
	}
	if a := o.post("/admin/incidents", url.Values{"title": {strings.Repeat("x", 121)}, "impact": {"major"}, "body": {"kept words"}}); a.status != 422 || !strings.Contains(a.body, "kept words") {
		t.Errorf("a title that is too long = %d", a.status)
	}
	if a := o.get("/admin/incidents/none"); a.status != 404 {
		t.Errorf("an unknown incident = %d, want 404", a.status)
	}
	o.wantsAudited(t, "incident_drafted", "incident_published", "incident_updated", "incident_edited", "incident_resolved", "incident_postmortem")
}

// wantsAudited wants acts in the audit log.
func (o *office) wantsAudited(t *testing.T, want ...string) {
	t.Helper()
	entries, err := o.store.AuditLog(t.Context(), 200)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range entries {
		seen[e.Action] = seen[e.Action] || strings.HasPrefix(e.Actor, "admin:")
	}
	for _, action := range want {
		if !seen[action] {
			t.Errorf("the audit log has no %s by an admin", action)
		}
	}
}

func TestMaintenanceOfAnAdmin(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	do := func(want int, pairs ...string) reply {
		t.Helper()
		values := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			values.Add(pairs[i], pairs[i+1])
		}
		a := o.post("/admin/maintenance", values)
		if a.status != want {
			t.Errorf("%v = %d, want %d", pairs, a.status, want)
		}
		return a
	}
	visitor := func() int {
		t.Helper()
		jar := o.browser.Jar
		defer func() { o.browser.Jar = jar }()
		o.newBrowser()
		return o.get("/").status
	}
	later := func(d time.Duration) string { return o.now.Add(d).Format("2006-01-02T15:04") }
	do(303, "do", "on", "message", "Soon.", "until", later(time.Hour))
	if got := visitor(); got != 503 {
		t.Errorf("a visitor gets %d, want 503", got)
	}
	if a := o.get("/admin/maintenance"); !strings.Contains(a.body, "Let visitors in") || !strings.Contains(a.body, "Soon.") {
		t.Error("the page does not show that the mode is on")
	}
	do(303, "do", "off")
	if got := visitor(); got != 200 {
		t.Errorf("a visitor gets %d, want 200 at once", got)
	}
	do(422, "do", "on", "until", later(-time.Hour))
	do(422, "do", "emergency")
	do(303, "do", "emergency", "rollback", "the last image")
	o.now = o.now.Add(2*time.Hour + time.Minute)
	if got := visitor(); got != 200 {
		t.Errorf("two hours into an emergency a visitor gets %d, want 200", got)
	}
	if a := do(422, "do", "plan", "title", "New disk", "text", "We move.", "start", later(time.Hour), "end", later(time.Hour), "part", "intake"); !strings.Contains(a.body, "We move.") {
		t.Error("what was typed is gone")
	}
	do(303, "do", "plan", "title", "New disk", "text", "We move.", "start", later(50*time.Hour), "end", later(51*time.Hour), "part", "intake")
	if a := o.get("/status"); !strings.Contains(a.body, "New disk") {
		t.Error("what is planned is not public")
	}
	list, err := o.store.Maintenances(t.Context(), o.now)
	if err != nil || len(list) != 1 {
		t.Fatalf("planned = %v, %v", list, err)
	}
	do(303, "do", "cancel", "id", list[0].ID)
	do(409, "do", "cancel", "id", list[0].ID)
	do(404, "do", "cancel", "id", "none")
	do(422, "do", "window", "weekday", "0", "from", "04:00", "to", "02:00", "zone", "UTC")
	do(422, "do", "window", "weekday", "0", "from", "02:00", "to", "04:00", "zone", "Mars")
	day := o.now.Add(24 * time.Hour)
	do(303, "do", "window", "weekday", string(rune('0'+int(day.Weekday()))), "from", "22:00", "to", "00:00", "zone", "UTC", "enabled", "1")
	if a := o.get("/status"); !strings.Contains(a.body, "Regular maintenance") {
		t.Error("the weekly window is not announced within 48 hours")
	}
	o.wantsAudited(t, "maintenance_on", "maintenance_off", "maintenance_emergency", "maintenance_planned", "maintenance_cancelled", "maintenance_window")
}

func TestUptimeIsOneFigureEverywhere(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	d := metric.Delta{}
	for range 43 { // 43 of 44 are 97.7272...%
		d.Merge(metric.Probe(true, o.now, time.UTC), 1)
	}
	d.Merge(metric.Probe(false, o.now, time.UTC), 1)
	if err := o.store.AddRollups(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := o.store.AddProbes(t.Context(), o.now, map[string]statuspage.Tally{health.Service: {Good: 43, Bad: 1}}); err != nil {
		t.Fatal(err)
	}
	body := o.get("/admin/dashboard").body
	if value, _ := card(t, body, "System Health"); value != "97.72%" {
		t.Errorf("System Health = %s, want 97.72%% like the panel below", value)
	}
	for _, title := range []string{"Uptime, 30 days", "Error budget left"} {
		value := regexp.MustCompile(`<dt>` + title + `</dt>\s*<dd class="value">([^<]*)</dd>`).FindStringSubmatch(body)
		if want := map[string]string{"Uptime, 30 days": "97.72%", "Error budget left": "98.8%"}[title]; value == nil || value[1] != want {
			t.Errorf("%s = %q, want %s", title, value, want)
		}
	}
	if body := o.get("/admin/health").body; strings.Contains(body, "Too fast") {
		t.Error("one probe that failed on the first day burns the budget of three days too fast")
	}
}

func TestHealthAndOperationsPages(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	seen := store.ErrorKind{Hash: "a", What: "GET /x: internal: no row", First: o.now, Last: o.now, Count: 3}
	if err := o.store.AddErrorKinds(t.Context(), []store.ErrorKind{seen}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{
		"/admin/health":     {"Database, writing", "Error budget left", "Real requests", "Last 30 days"},
		"/admin/operations": {"Errors today", "Interviews that are stuck", "Injection attempts", "Logins that failed", "Jobs that were given up", "Nothing failed today or yesterday.", "GET /x: internal: no row"},
		"/admin/dashboard":  {"Uptime, 30 days", "Burn, last hour", "P95; P50 "},
	} {
		a := o.get(path)
		for _, w := range want {
			if a.status != 200 || !strings.Contains(a.body, w) {
				t.Errorf("GET %s = %d, lacks %q", path, a.status, w)
			}
		}
	}
	if a := o.get("/api/admin/health"); a.status != 200 || a.header.Get("Content-Type") != "application/health+json" || !strings.Contains(a.body, `"database_write":[{"componentId":"database_write"`) {
		t.Errorf("GET /api/admin/health = %d %s", a.status, a.body)
	}
	o.newBrowser()
	if a := o.get("/api/admin/health", "Authorization", "Bearer "+adminBootstrap); a.status != 200 {
		t.Errorf("GET /api/admin/health with a token = %d", a.status)
	}
	if a := o.get("/api/admin/health"); a.status != 401 {
		t.Errorf("GET /api/admin/health of a stranger = %d, want 401", a.status)
	}
	for _, path := range []string{"/admin/health", "/admin/operations", "/admin/incidents", "/admin/maintenance"} {
		if a := o.get(path); a.status != 303 {
			t.Errorf("GET %s of a stranger = %d, want the login", path, a.status)
		}
	}
}

// The daily check lists the newest kinds of errors with their first and last time,
// and says how many older ones there are.
func TestNewKindsOfErrors(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	list := []store.ErrorKind{{Hash: "often", What: "GET /x: internal: often", First: o.now.Add(time.Minute), Last: o.now.Add(50 * time.Minute), Count: 12_000}}
	for n := range 100 {
		list = append(list, store.ErrorKind{Hash: strconv.Itoa(n), What: "rare", First: o.now, Last: o.now, Count: 1})
	}
	clock := func(after time.Duration) string { return o.now.Add(after).UTC().Format(">Jan 2, 2006, 15:04</time>") }
	for _, tt := range []struct {
		list []store.ErrorKind
		says []string
		more bool
	}{
		{list[:100], []string{"GET /x: internal: often</th>", clock(time.Minute), clock(50 * time.Minute), ">12,000<"}, false},
		{list[100:], []string{"GET /x: internal: often</th>", "Not shown: 1 kind first seen before these."}, true},
	} {
		if err := o.store.AddErrorKinds(t.Context(), tt.list); err != nil {
			t.Fatal(err)
		}
		a := o.get("/admin/operations")
		for _, want := range tt.says {
			if !strings.Contains(a.body, want) {
				t.Errorf("GET /admin/operations lacks %q", want)
			}
		}
		if strings.Contains(a.body, "Not shown") != tt.more {
			t.Errorf("GET /admin/operations says that kinds are left out: %t, want %t", !tt.more, tt.more)
		}
	}
}

// Faults are counted by route and by network, and the network cannot be read
// from them.
func TestFaultsAreCounted(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *web.Config) { c.Production, c.Limits = true, web.Limits{PerMinute: 1} })
	for range 3 {
		s.from(t, "192.0.2.77", "/api/documents/scope/none", "", "")
	}
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	s.from(t, "198.51.100.1", "/api/documents/scope/none", "Authorization", "Bearer 0192f3a0-1234-7abc-8def-0123456789ab.abcdefghijklmnopqrstuvwx")
	counts := map[string]int{}
	for _, f := range s.server.TakeFaults() {
		counts[f.Kind] += f.Count
		if strings.Contains(f.What, "192.0.2") {
			t.Errorf("a fault tells the network: %+v", f)
		}
	}
	if counts["limit"] != 2 {
		t.Errorf("refusals = %d, want 2 of 3 requests; all: %v", counts["limit"], counts)
	}
	if again := s.server.TakeFaults(); len(again) != 0 {
		t.Errorf("taken twice: %v", again)
	}
}

// Probes are cheap on a busy day: the platform asks every few seconds.
func BenchmarkProbes(b *testing.B) {
	s := newSite(b)
	const sessions = 1000
	var all sync.WaitGroup
	for worker := range 20 {
		all.Go(func() {
			for n := range sessions / 20 {
				id := event.SessionID(fmt.Sprintf("01936000-0000-7000-8000-%012d", worker*1000+n))
				s.plant(b, at(id, intake.Action{Kind: intake.AskQuestion}))
			}
		})
	}
	all.Wait()
	v := s.visitor(b)
	if a := v.get("/api/health"); !strings.Contains(a.Body.String(), `"sessionsToday":1000`) {
		b.Fatalf("GET /api/health = %s", a.Body)
	}
	for _, path := range []string{"/readyz", "/api/health", "/status", "/status.json"} {
		b.Run(strings.ReplaceAll(path[1:], "/", "-"), func(b *testing.B) {
			v.get(path)
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				v.get(path)
				took = append(took, time.Since(start))
			}
			b.ReportMetric(float64(percentile(took, 50).Microseconds()), "p50-µs")
			b.ReportMetric(float64(percentile(took, 99).Microseconds()), "p99-µs")
		})
	}
}

package web_test

import (
	"context"
	"math/rand/v2"
	"net/url"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/backup"
	statuspage "applicreations.com/introspect/internal/status"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/web"
	"applicreations.com/introspect/internal/webtest"
)

// troubled is an office with ninety days of probes, incidents in every state and
// maintenance ahead.
func troubled(tb testing.TB, change ...func(*web.Config)) *office {
	tb.Helper()
	o := withLogin(tb, change...)
	o.visits(10, 10)
	o.served()
	ctx := tb.Context()
	rng := rand.New(rand.NewPCG(8, 9))
	for ago := range 80 {
		tallies := map[string]statuspage.Tally{"service": {Good: 2880}}
		for _, c := range statuspage.Components() {
			bad := int64(0)
			switch rng.IntN(25) {
			case 0:
				bad = 4
			case 1:
				bad = 80
			case 2:
				bad = 400
			}
			tallies[string(c)] = statuspage.Tally{Good: 2880 - bad, Bad: bad}
		}
		if err := o.store.AddProbes(ctx, o.now.AddDate(0, 0, -ago), tallies); err != nil {
			tb.Fatal(err)
		}
	}
	list := []store.Fault{
		{Day: o.day(0), Kind: store.FaultError, What: "POST /api/conversation", Count: 3},
		{Day: o.day(-1), Kind: store.FaultError, What: "POST /intake/conversation", Count: 1},
		{Day: o.day(0), Kind: store.FaultLimit, What: "3fa9c0d17b22", Count: 140},
	}
	if err := o.store.AddFaults(ctx, list); err != nil {
		tb.Fatal(err)
	}
	begin := o.now
	o.now = begin.AddDate(0, 0, -3)
	old := o.incident(tb, "Documents could not be downloaded", statuspage.Minor, statuspage.Documents)
	o.now = begin.AddDate(0, 0, -3).Add(50 * time.Minute)
	o.must(tb, o.store.UpdateIncident(ctx, old, statuspage.Resolved, "All documents can be downloaded again."))
	o.must(tb, o.store.Postmortem(ctx, old, "A certificate had expired.\nIt is renewed two weeks earlier now, and a check warns."))
	o.now = begin.Add(-40 * time.Minute)
	open := o.incident(tb, "Mails arrive late", statuspage.Major, statuspage.Documents)
	o.now = begin
	o.must(tb, o.store.UpdateIncident(ctx, open, statuspage.Identified, "Our mail provider has an outage. Mails are kept and sent later."))
	if _, err := o.store.DraftIncident(ctx, "Error rate above 5%", "Fired at 12:03 with 7.1%.", "alert:error_rate"); err != nil {
		tb.Fatal(err)
	}
	if _, err := o.store.PlanMaintenance(ctx, statuspage.Maintenance{
		Title: "New disk", Text: "We move the data to a larger disk. The service is away for a few minutes.", Components: statuspage.Components(),
		Start: begin.Add(30 * time.Hour), End: begin.Add(31 * time.Hour),
	}); err != nil {
		tb.Fatal(err)
	}
	o.probe(tb)
	return o
}

// probe makes every check once.
func (o *office) probe(tb testing.TB) {
	tb.Helper()
	ctx, stop := context.WithCancel(tb.Context())
	var running sync.WaitGroup
	running.Go(func() { o.health.Run(ctx) })
	o.probes <- o.now // taken when the first probe is done
	stop()
	running.Wait()
}

func (o *office) must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// day is the bucket of a day in UTC.
func (o *office) day(ahead int) int64 { return o.now.Unix()/86400 + int64(ahead) }

func (o *office) incident(tb testing.TB, title string, impact statuspage.Impact, parts ...statuspage.Component) string {
	tb.Helper()
	id, err := o.store.AddIncident(tb.Context(), statuspage.Incident{Title: title, Impact: impact, Components: parts})
	o.must(tb, err)
	o.must(tb, o.store.PublishIncident(tb.Context(), id, "We have noticed it and are looking for the reason."))
	return id
}

func TestStatusInABrowser(t *testing.T) {
	browser := webtest.Start(t)
	for name, device := range devices() {
		t.Run(name, func(t *testing.T) {
			change, until := keepingBackups(t)
			o := troubled(t, change)
			p := browser.Open(t, device)
			look := func(shot, path string) {
				t.Helper()
				p.Goto(o.server.URL + path)
				p.Axe()
				p.Fits(320)
				p.Screenshot(shot + "-" + name)
			}
			look("status", "/status")
			signIn(t, p, o, "/admin/health")
			look("health", "/admin/health")
			look("operations", "/admin/operations")
			if a := o.post("/admin/backups", url.Values{"task": {"backup"}}); a.status != 303 {
				t.Fatalf("backup = %d", a.status)
			}
			until(func(st backup.Status) bool { return st.Newest.ID != "" && st.Busy == "" })
			look("backups", "/admin/backups")
			look("incidents", "/admin/incidents")
			look("service-panel", "/admin/dashboard")
			list, err := o.store.Incidents(t.Context(), o.now.AddDate(0, 0, -9))
			o.must(t, err)
			for _, i := range list {
				look("incident-"+string(i.Phase())+map[bool]string{true: "-draft"}[i.Draft()], "/admin/incidents/"+i.ID)
			}
			look("maintenance-off", "/admin/maintenance")
			if a := o.post("/admin/maintenance", url.Values{"do": {"emergency"}, "rollback": {"Start the image of yesterday again."}}); a.status != 303 {
				t.Fatalf("emergency = %d", a.status)
			}
			look("maintenance-on", "/admin/maintenance")
			p.Expect("503 (Service Unavailable)")
			p.Visit(o.server.URL + "/")
			p.Axe()
			p.Fits(320)
			p.Screenshot("closed-" + name)
			look("status-emergency", "/status")
		})
	}
}

// Everything about an incident works without scripts, as on a phone in a bad
// network.
func TestIncidentWithoutScripts(t *testing.T) {
	browser := webtest.Start(t)
	o := withLogin(t)
	p := browser.Open(t, webtest.Device{NoScript: true})
	signIn(t, p, o, "/admin/incidents")
	p.Fill("#title", "Slow answers")
	p.Click("#new button")
	p.WaitFor("document.readyState === 'complete' && location.pathname.length > 20")
	p.Fill("#publish-text", "Answers take long.")
	p.Click("button[value=publish]")
	p.WaitFor("document.readyState === 'complete' && !!document.querySelector('#update-text')")
	p.Goto(o.server.URL + "/status")
	if got := p.Text("#headline"); got != "Minor service disruption" && got != "All systems operational" {
		t.Errorf("headline = %q", got)
	}
	if !p.Has(".entry") {
		t.Error("the incident is not on the status page")
	}
}

package status_test

import (
	"encoding/json"
	"encoding/xml"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/status"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestWindowOverDaylightSaving(t *testing.T) {
	t.Parallel()
	pacific := status.Standard()
	pacific.Enabled = true
	berlin := status.Window{Enabled: true, Weekday: time.Sunday, From: 120, To: 240, Zone: "Europe/Berlin"}
	utc := func(s string) time.Time {
		at, err := time.Parse("2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	tests := []struct {
		name            string
		window          status.Window
		now, start, end string
	}{
		{"an ordinary Sunday in winter", pacific, "2026-11-24 12:00", "2026-11-29 10:00", "2026-11-29 12:00"},
		{"an ordinary Sunday in summer", pacific, "2026-07-01 12:00", "2026-07-05 09:00", "2026-07-05 11:00"},
		{"while it goes on it is the present one", pacific, "2026-11-29 11:59", "2026-11-29 10:00", "2026-11-29 12:00"},
		{"at its end it is the next one", pacific, "2026-11-29 12:00", "2026-12-06 10:00", "2026-12-06 12:00"},
		{"spring: 02:00 is skipped, it begins at the jump and lasts one hour", pacific, "2026-03-05 12:00", "2026-03-08 10:00", "2026-03-08 11:00"},
		{"autumn: 02:00 comes once, after the jump", pacific, "2026-10-30 12:00", "2026-11-01 10:00", "2026-11-01 12:00"},
		{"Berlin in autumn: 02:00 comes twice, it lasts three hours", berlin, "2026-10-24 12:00", "2026-10-25 00:00", "2026-10-25 03:00"},
		{"Berlin in spring: it begins at the jump", berlin, "2026-03-28 12:00", "2026-03-29 01:00", "2026-03-29 02:00"},
		{"late on Saturday there, Sunday here", pacific, "2026-11-29 07:30", "2026-11-29 10:00", "2026-11-29 12:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			start, end, ok := tt.window.Next(utc(tt.now))
			if !ok || !start.Equal(utc(tt.start)) || !end.Equal(utc(tt.end)) {
				t.Errorf("Next(%s) = %s to %s, %v, want %s to %s", tt.now, start.UTC(), end.UTC(), ok, tt.start, tt.end)
			}
		})
	}
	if _, _, ok := status.Standard().Next(noon); ok {
		t.Error("a window that is off has a next occurrence")
	}
}

// Every window of every zone, at any moment: it is not over, it does not come
// later than in eight days, and it lasts as long as it says, give or take the
// jump of a clock.
func TestWindowsAreNeverOver(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	zones := []string{"UTC", "America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"}
	for range 5000 {
		from := rng.IntN(23 * 60)
		w := status.Window{Enabled: true, Weekday: time.Weekday(rng.IntN(7)), From: from, To: from + 61 + rng.IntN(24*60-from-60), Zone: zones[rng.IntN(len(zones))]}
		if w.To > 24*60 {
			w.To = 24 * 60
		}
		now := noon.Add(time.Duration(rng.Int64N(int64(2*365*24*time.Hour))) - 365*24*time.Hour)
		start, end, ok := w.Next(now)
		want := time.Duration(w.To-w.From) * time.Minute
		if !ok || !end.After(now) || !end.After(start) || start.Sub(now) > 8*24*time.Hour || (end.Sub(start)-want).Abs() > time.Hour {
			t.Fatalf("Next(%s) of %+v = %s to %s, %v", now, w, start, end, ok)
		}
	}
}

func TestWindowChecks(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]status.Window{
		"no zone":               {To: 60},
		"a zone that is none":   {To: 60, Zone: "Mars/Olympus"},
		"an end before a begin": {From: 90, To: 60, Zone: "UTC"},
		"an end at its begin":   {From: 60, To: 60, Zone: "UTC"},
		"a ninth day":           {Weekday: 9, To: 60, Zone: "UTC"},
		"longer than a day":     {To: 25 * 60, Zone: "UTC"},
	} {
		if err := w.Check(); err == nil {
			t.Errorf("a window with %s is accepted", name)
		}
	}
	if err := status.Standard().Check(); err != nil {
		t.Errorf("the standard window is refused: %v", err)
	}
}

func TestUptime(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		tally      status.Tally
		shown      float64
		known      bool
		burn, left float64
	}{
		{"nothing measured", status.Tally{}, 0, false, 0, 100},
		{"nothing failed", status.Tally{Good: 86400}, 100, true, 0, 100},
		{"one of a million does not read as a hundred", status.Tally{Good: 999_999, Bad: 1}, 99.99, true, 0.001, 99.9},
		{"exactly the budget", status.Tally{Good: 999, Bad: 1}, 99.9, true, 1, 0},
		{"fifty times the budget", status.Tally{Good: 95, Bad: 5}, 95, true, 50, -4900},
		{"nothing but failures", status.Tally{Bad: 7}, 0, true, 1000, -99900},
	}
	for _, tt := range tests {
		shown, known := tt.tally.Shown()
		burn, left := tt.tally.Burn(status.Objective), tt.tally.Left(status.Objective)
		if shown != tt.shown || known != tt.known || abs(burn-tt.burn) > 1e-6 || abs(left-tt.left) > 0.05 {
			t.Errorf("%s: shown %v %v, burn %v, left %v; want %v %v, %v, %v", tt.name, shown, known, burn, left, tt.shown, tt.known, tt.burn, tt.left)
		}
	}
}

// The error budget of thirty days is that of thirty days, also on the first: a probe
// that failed then is one of 86 that may.
func TestBudgetOfAYoungInstallation(t *testing.T) {
	t.Parallel()
	const month = 86_400
	for tally, want := range map[status.Tally]float64{
		{Good: 99, Bad: 1}: 98.8, {Good: 1000, Bad: 43}: 50.2, {Good: 5, Bad: 100}: -15.7, {Good: month - 43, Bad: 43}: 50.2, {Good: 2 * month, Bad: 173}: 0, {}: 100,
	} {
		if got := tally.Of(month).Left(status.Objective); abs(got-want) > 0.15 {
			t.Errorf("of %v are left %v %%, want %v %%", tally, got, want)
		}
	}
}

// Whatever the tallies: uptime lies between its parts, never rounds up, and the
// budget is empty exactly where the objective is missed.
func TestUptimeArithmetic(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		a := status.Tally{Good: rng.Int64N(1e6), Bad: rng.Int64N(1e3)}
		b := status.Tally{Good: 1 + rng.Int64N(1e6), Bad: rng.Int64N(1e3)}
		sum := a.Add(b)
		up, _ := sum.Uptime()
		ua, ok := a.Uptime()
		ub, _ := b.Uptime()
		shown, _ := sum.Shown()
		switch {
		case ok && (up > max(ua, ub)+1e-9 || up < min(ua, ub)-1e-9):
			t.Fatalf("uptime of %v and %v = %v, outside %v to %v", a, b, up, ua, ub)
		case shown > up+1e-9 || up-shown > 0.01+1e-9:
			t.Fatalf("shown %v of uptime %v", shown, up)
		case sum.Bad > 0 && shown == 100:
			t.Fatalf("%v reads as 100 %%", sum)
		case (sum.Left(status.Objective) < -0.05) && up > 100*status.Objective+1e-9:
			t.Fatalf("%v has spent its budget but meets the objective", sum)
		}
	}
}

func abs(x float64) float64 { return max(x, -x) }

// incident is a published one.
func incident(id string, impact status.Impact, published time.Time, parts ...status.Component) status.Incident {
	return status.Incident{
		ID: id, Title: "Trouble " + id, Impact: impact, Components: parts, CreatedAt: published, PublishedAt: published,
		Updates: []status.Update{{ID: "u" + id, At: published, Phase: status.Investigating, Text: "We look <into> it."}},
	}
}

func TestStatesAndWords(t *testing.T) {
	t.Parallel()
	work := func(parts ...status.Component) []status.Maintenance {
		return []status.Maintenance{{ID: "m", Title: "Work", Components: parts, Start: noon.Add(-time.Minute), End: noon.Add(time.Minute)}}
	}
	draft := incident("d", status.Critical, noon, status.Intake)
	draft.PublishedAt = time.Time{}
	over := incident("o", status.Critical, noon, status.Intake)
	over.ResolvedAt = noon
	cancelled := work(status.API)
	cancelled[0].CancelledAt = noon
	tests := []struct {
		name      string
		in        status.Input
		intake    status.State
		indicator status.Impact
		words     string
	}{
		{"nothing wrong", status.Input{}, status.Operational, status.None, "All systems operational"},
		{"a measured outage", status.Input{Health: map[status.Component]status.State{status.Intake: status.MajorOutage}}, status.MajorOutage, status.Critical, "Major service outage"},
		{"slow is minor", status.Input{Health: map[status.Component]status.State{status.Intake: status.Degraded}}, status.Degraded, status.Minor, "Minor service disruption"},
		{"an incident speaks for its components", status.Input{Incidents: []status.Incident{incident("1", status.Major, noon, status.Intake)}}, status.PartialOutage, status.Major, "Partial service outage"},
		{"an incident of no component counts as well", status.Input{Incidents: []status.Incident{incident("1", status.Major, noon)}}, status.Operational, status.Major, "Partial service outage"},
		{"an incident without impact only informs", status.Input{Incidents: []status.Incident{incident("1", status.None, noon, status.Intake)}}, status.Operational, status.None, "All systems operational"},
		{"a draft says nothing", status.Input{Incidents: []status.Incident{draft}}, status.Operational, status.None, "All systems operational"},
		{"what is resolved is over", status.Input{Incidents: []status.Incident{over}}, status.Operational, status.None, "All systems operational"},
		{"maintenance explains an outage", status.Input{Maintenances: work(status.Intake), Health: map[status.Component]status.State{status.Intake: status.MajorOutage}}, status.UnderMaintenance, status.None, "Service under maintenance"},
		{"what was cancelled is none", status.Input{Maintenances: cancelled}, status.Operational, status.None, "All systems operational"},
		{"maintenance mode", status.Input{Mode: status.Mode{On: true}}, status.UnderMaintenance, status.None, "Service under maintenance"},
		{"maintenance mode that has ended by itself", status.Input{Mode: status.Mode{On: true, Until: noon}}, status.Operational, status.None, "All systems operational"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.in.Now = noon
			p := status.Build(tt.in)
			if p.Components[0].State != tt.intake || p.Indicator != tt.indicator || p.Words != tt.words {
				t.Errorf("got intake %s, %s, %q; want %s, %s, %q", p.Components[0].State, p.Indicator, p.Words, tt.intake, tt.indicator, tt.words)
			}
		})
	}
}

func TestMaintenanceIsAnnounced(t *testing.T) {
	t.Parallel()
	w := status.Standard()
	w.Enabled = true
	sunday := time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		now  time.Time
		want int
	}{
		{"49 hours before nobody is told", sunday.Add(-49 * time.Hour), 0},
		{"48 hours before everybody is", sunday.Add(-48 * time.Hour), 1},
		{"at its last second it is still there", sunday.Add(2*time.Hour - time.Second), 1},
		{"afterwards it is gone", sunday.Add(2 * time.Hour), 0},
	} {
		if got := status.Build(status.Input{Now: tt.now, Window: w}).Planned; len(got) != tt.want {
			t.Errorf("%s: %d announcements, want %d", tt.name, len(got), tt.want)
		}
	}
	emergency := status.Emergency("", "restore the last image", noon, noon.Add(9*time.Hour))
	if got := emergency.Until.Sub(noon); got != 2*time.Hour {
		t.Errorf("an emergency lasts %s, want 2 h at most", got)
	}
	if got := status.Emergency("", "x", noon, noon.Add(time.Hour)).Until.Sub(noon); got != time.Hour {
		t.Errorf("an emergency with an earlier end lasts %s, want 1 h", got)
	}
	p := status.Build(status.Input{Now: noon.Add(time.Hour), Mode: emergency})
	if len(p.Planned) != 1 || !p.Planned[0].Emergency || p.Notice == "" {
		t.Errorf("an emergency announces %+v with notice %q", p.Planned, p.Notice)
	}
	if p := status.Build(status.Input{Now: noon.Add(2 * time.Hour), Mode: emergency}); len(p.Planned) != 0 || p.Notice != "" {
		t.Errorf("after two hours an emergency still says %+v, %q", p.Planned, p.Notice)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		until time.Time
		want  time.Duration
	}{
		{time.Time{}, 10 * time.Minute},
		{noon.Add(20 * time.Minute), 20 * time.Minute},
		{noon.Add(time.Second), time.Minute},
		{noon.Add(9 * time.Hour), time.Hour},
	} {
		if got := (status.Mode{On: true, Until: tt.until}).RetryAfter(noon); got != tt.want {
			t.Errorf("RetryAfter with end %s = %s, want %s", tt.until, got, tt.want)
		}
	}
}

func TestPastIncidentsByDay(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	late := incident("late", status.Minor, time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)) // still the 23rd there
	late.ResolvedAt = noon
	old := incident("old", status.Minor, noon.AddDate(0, 0, -14))
	old.ResolvedAt = noon
	p := status.Build(status.Input{Now: noon, Zone: zone, Incidents: []status.Incident{late, old}})
	var got []string
	for _, d := range p.Past {
		for _, i := range d.Incidents {
			got = append(got, d.Date.Format(time.DateOnly)+" "+i.ID)
		}
	}
	if diff := cmp.Diff([]string{"2026-11-23 late"}, got); diff != "" || len(p.Past) != status.PastDays {
		t.Errorf("%d days, past incidents (-want +got):\n%s", len(p.Past), diff)
	}
}

func example() status.Page {
	open := incident("1", status.Major, noon.Add(-time.Hour), status.Documents)
	open.Updates = append([]status.Update{{ID: "u2", At: noon.Add(-time.Minute), Phase: status.Monitoring, Text: "Better & better."}}, open.Updates...)
	over := incident("2", status.Minor, noon.Add(-3*time.Hour))
	over.ResolvedAt, over.Postmortem = noon.Add(-2*time.Hour), "A full disk."
	return status.Build(status.Input{
		Now: noon, Incidents: []status.Incident{open, over},
		Maintenances: []status.Maintenance{{ID: "m", Title: "New disk", Components: []status.Component{status.API}, CreatedAt: noon.Add(-time.Hour), Start: noon.Add(time.Hour), End: noon.Add(2 * time.Hour)}},
		Days:         map[status.Component][]status.Day{status.Intake: {{Date: "2026-11-24", Tally: status.Tally{Good: 999, Bad: 1}}}},
	})
}

func TestSummaryHasTheShapeOfStatuspage(t *testing.T) {
	t.Parallel()
	body, err := json.Marshal(example().Summary("Acme", "https://acme.example/status", time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Page       struct{ Name, URL string }
		Status     struct{ Indicator, Description string }
		Components []struct {
			ID, Status string
			Uptime     *float64 `json:"uptime_90_days"`
		}
		Incidents []struct {
			Name, Status, Impact string
			Updates              []struct{ Status, Body string } `json:"incident_updates"`
			Monitoring           *time.Time                      `json:"monitoring_at"`
			Resolved             *time.Time                      `json:"resolved_at"`
		}
		Scheduled []struct {
			Name, Status string
			For          time.Time `json:"scheduled_for"`
		} `json:"scheduled_maintenances"`
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	switch {
	case got.Page.Name != "Acme" || got.Status.Indicator != "major" || got.Status.Description == "":
		t.Errorf("page %+v, status %+v", got.Page, got.Status)
	case len(got.Components) != 4 || got.Components[0].Uptime == nil || *got.Components[0].Uptime != 99.9 || got.Components[1].Uptime != nil || got.Components[1].Status != "partial_outage":
		t.Errorf("components = %+v", got.Components)
	case len(got.Incidents) != 1 || got.Incidents[0].Status != "monitoring" || got.Incidents[0].Monitoring == nil || got.Incidents[0].Resolved != nil || len(got.Incidents[0].Updates) != 2:
		t.Errorf("incidents = %+v", got.Incidents)
	case len(got.Scheduled) != 1 || got.Scheduled[0].Status != "scheduled" || !got.Scheduled[0].For.Equal(noon.Add(time.Hour)):
		t.Errorf("maintenance = %+v", got.Scheduled)
	}
	empty, err := json.Marshal(status.Build(status.Input{Now: noon}).Summary("Acme", "x", time.UTC))
	if err != nil || strings.Contains(string(empty), `"incidents":null`) || !strings.Contains(string(empty), `"scheduled_maintenances":[]`) {
		t.Errorf("an empty summary = %s, %v", empty, err)
	}
}

// RFC 4287 wants title, id and updated of a feed and of every entry, ids that
// differ, and an author.
func TestFeedIsValidAtom(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]status.Page{"full": example(), "empty": status.Build(status.Input{Now: noon})} {
		body, err := page.Feed("Acme", "https://acme.example/status")
		if err != nil {
			t.Fatal(err)
		}
		var feed struct {
			XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
			Title   string   `xml:"title"`
			ID      string   `xml:"id"`
			Updated string   `xml:"updated"`
			Author  string   `xml:"author>name"`
			Links   []struct {
				Rel string `xml:"rel,attr"`
			} `xml:"link"`
			Entries []struct {
				Title   string `xml:"title"`
				ID      string `xml:"id"`
				Updated string `xml:"updated"`
				Content string `xml:"content"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal(body, &feed); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := time.Parse(time.RFC3339, feed.Updated); err != nil || feed.Title == "" || feed.ID == "" || feed.Author == "" || len(feed.Links) != 2 {
			t.Errorf("%s: head of the feed = %+v, %v", name, feed, err)
		}
		seen := map[string]bool{}
		for i, e := range feed.Entries {
			if _, err := time.Parse(time.RFC3339, e.Updated); err != nil || e.Title == "" || seen[e.ID] || i > 0 && e.Updated > feed.Entries[i-1].Updated {
				t.Errorf("%s: entry %d = %+v", name, i, e)
			}
			seen[e.ID] = true
		}
		if want := map[string]int{"full": 3}[name]; len(feed.Entries) != want {
			t.Errorf("%s: %d entries, want %d", name, len(feed.Entries), want)
		}
		if again, _ := page.Feed("Acme", "https://acme.example/status"); string(again) != string(body) {
			t.Errorf("%s: the same page gives another feed", name)
		}
	}
}

// RSS 2.0 wants title, link and description of the channel, dates by RFC 822 and
// items that a reader can tell apart, also after a change of one.
func TestFeedIsValidRSS(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]status.Page{"full": example(), "empty": status.Build(status.Input{Now: noon})} {
		body, err := page.RSS("Acme & Sons", "https://acme.example/status")
		if err != nil {
			t.Fatal(err)
		}
		var feed struct {
			XMLName xml.Name `xml:"rss"`
			Version string   `xml:"version,attr"`
			Channel struct {
				Title       string   `xml:"title"`
				Links       []string `xml:"link"`
				Description string   `xml:"description"`
				Built       string   `xml:"lastBuildDate"`
				Items       []struct {
					Title       string `xml:"title"`
					Link        string `xml:"link"`
					GUID        string `xml:"guid"`
					Published   string `xml:"pubDate"`
					Description string `xml:"description"`
				} `xml:"item"`
			} `xml:"channel"`
		}
		if err := xml.Unmarshal(body, &feed); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c := feed.Channel
		if _, err := time.Parse(time.RFC1123Z, c.Built); err != nil || feed.Version != "2.0" || c.Title != "Acme & Sons status" || c.Links[0] != "https://acme.example/status" || c.Description == "" {
			t.Errorf("%s: head of the feed = %+v, %v", name, c, err)
		}
		if !strings.Contains(string(body), `<atom:link rel="self" type="application/rss+xml" href="https://acme.example/status.rss">`) {
			t.Errorf("%s: the feed does not name itself:\n%s", name, body)
		}
		seen := map[string]bool{}
		for _, i := range c.Items {
			if _, err := time.Parse(time.RFC1123Z, i.Published); err != nil || i.Title == "" || !strings.HasPrefix(i.Link, "https://") || seen[i.GUID] {
				t.Errorf("%s: item %+v", name, i)
			}
			seen[i.GUID] = true
		}
		if want := map[string]int{"full": 3}[name]; len(c.Items) != want {
			t.Errorf("%s: %d items, want %d", name, len(c.Items), want)
		}
		if name == "full" && !strings.Contains(c.Items[0].Description, "Better &amp; better.") {
			t.Errorf("the description is HTML, and %q is not escaped for it", c.Items[0].Description)
		}
	}
}

// What readers of Statuspage expect is there, also where there is nothing to say.
func TestSummaryHasAllFields(t *testing.T) {
	t.Parallel()
	body, err := json.Marshal(example().Summary("Acme", "https://acme.example/status", time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]json.RawMessage
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	for part, fields := range map[string]string{
		"components": "id name status created_at updated_at position description showcase start_date group_id page_id group only_show_if_degraded",
		"incidents":  "id name status created_at updated_at monitoring_at resolved_at impact shortlink started_at page_id incident_updates components",
		"scheduled_maintenances": "id name status created_at updated_at monitoring_at resolved_at impact shortlink started_at page_id incident_updates components " +
			"scheduled_for scheduled_until",
	} {
		var list []map[string]any
		if err := json.Unmarshal(got[part], &list); err != nil || len(list) == 0 {
			t.Fatalf("%s: %v in %s", part, err, body)
		}
		for _, field := range strings.Fields(fields) {
			if _, there := list[0][field]; !there {
				t.Errorf("%s lack %s: %v", part, field, list[0])
			}
		}
	}
}

func TestWorst(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		list []status.State
		want status.State
	}{
		{nil, status.Operational},
		{[]status.State{status.Degraded, status.Operational}, status.Degraded},
		{[]status.State{status.UnderMaintenance, status.PartialOutage, status.Degraded}, status.PartialOutage},
		{[]status.State{status.MajorOutage, status.UnderMaintenance}, status.MajorOutage},
		{[]status.State{"unheard of"}, status.Operational},
	} {
		if got := status.Worst(tt.list...); got != tt.want {
			t.Errorf("Worst(%v) = %s, want %s", tt.list, got, tt.want)
		}
	}
	for state, up := range map[status.State]bool{
		status.Operational: true, status.Degraded: true, status.UnderMaintenance: true, status.PartialOutage: false, status.MajorOutage: false,
	} {
		if state.Serves() != up || state.Words() == string(state) {
			t.Errorf("%s serves: %v, want %v; in words: %q", state, state.Serves(), up, state.Words())
		}
	}
}

// Every word of a list is known, has words of its own, and nothing else is known.
func TestVocabulary(t *testing.T) {
	t.Parallel()
	for _, c := range status.Components() {
		if !c.Known() || c.Name() == string(c) {
			t.Errorf("component %s: known %v, name %q", c, c.Known(), c.Name())
		}
	}
	for _, i := range status.Impacts() {
		if !i.Known() {
			t.Errorf("impact %s is not known", i)
		}
	}
	for _, p := range status.Phases() {
		if !p.Known() {
			t.Errorf("phase %s is not known", p)
		}
	}
	if status.Component("x").Known() || status.Impact("x").Known() || status.Phase("x").Known() {
		t.Error("a word that does not exist is known")
	}
}

// The life of an incident, as it reads.
func TestIncidentReads(t *testing.T) {
	t.Parallel()
	i := status.Incident{CreatedAt: noon}
	if !i.Draft() || !i.Open() || i.Phase() != status.Investigating || !i.Changed().IsZero() {
		t.Errorf("a draft: draft %v, open %v, phase %s, changed %s", i.Draft(), i.Open(), i.Phase(), i.Changed())
	}
	i.DiscardedAt = noon
	if i.Open() {
		t.Error("a discarded draft is open")
	}
	i = incident("1", status.Major, noon)
	i.Updates = append([]status.Update{{At: noon.Add(time.Hour), Phase: status.Monitoring}}, i.Updates...)
	if i.Draft() || i.Phase() != status.Monitoring || !i.Changed().Equal(noon.Add(time.Hour)) {
		t.Errorf("a published one: draft %v, phase %s, changed %s", i.Draft(), i.Phase(), i.Changed())
	}
}

func TestMaintenanceUnderWay(t *testing.T) {
	t.Parallel()
	m := status.Maintenance{ID: "m", Title: "Work", Components: []status.Component{status.API}, Start: noon, End: noon.Add(time.Hour)}
	for _, tt := range []struct {
		at   time.Duration
		want string
	}{{-time.Second, "scheduled"}, {0, "in_progress"}, {time.Hour - 1, "in_progress"}} {
		now := noon.Add(tt.at)
		body, err := json.Marshal(status.Build(status.Input{Now: now, Maintenances: []status.Maintenance{m}}).Summary("A", "x", time.UTC))
		if err != nil || !strings.Contains(string(body), `"status":"`+tt.want+`"`) {
			t.Errorf("%s from its begin: %v, no status %s in\n%s", tt.at, err, tt.want, body)
		}
	}
	if p := status.Build(status.Input{Now: m.End, Maintenances: []status.Maintenance{m}}); len(p.Planned) != 0 {
		t.Error("maintenance that is over is still announced")
	}
}

// Bars and their sum say the same.
func TestTallyOfAllDays(t *testing.T) {
	t.Parallel()
	days := []status.Day{{Date: "2026-11-22"}, {Date: "2026-11-23", Tally: status.Tally{Good: 10, Bad: 2}}, {Date: "2026-11-24", Tally: status.Tally{Good: 5}}}
	p := status.Build(status.Input{Now: noon, Days: map[status.Component][]status.Day{status.API: days}})
	if got := p.Components[3]; got.ID != status.API || got.Tally != (status.Tally{Good: 15, Bad: 2}) || len(got.Days) != 3 {
		t.Errorf("API = %+v", got)
	}
	if _, ok := p.Components[0].Tally.Shown(); ok {
		t.Error("a component that was never measured has an uptime")
	}
}

package status_test

import (
	"encoding/json"
	"encoding/xml"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/status"
)

// feed reads the Atom feed of a page.
func feed(t *testing.T, p status.Page) (updated string, entries []string) {
	t.Helper()
	body, err := p.Feed("Acme", "https://acme.example/status")
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Updated string `xml:"updated"`
		Entries []struct {
			Title   string `xml:"title"`
			Updated string `xml:"updated"`
			Content string `xml:"content"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	for _, e := range got.Entries {
		entries = append(entries, e.Updated+" "+e.Title+": "+e.Content)
	}
	return got.Updated, entries
}

// The feed tells every update, the latest change first, and is as new as that.
func TestFeedTellsWhatWasTold(t *testing.T) {
	t.Parallel()
	updated, entries := feed(t, example())
	want := []string{
		"2026-11-24T11:59:00Z Trouble 1: Nov 24, 11:59 UTC, monitoring: Better & better.\nNov 24, 11:00 UTC, investigating: We look <into> it.",
		"2026-11-24T11:00:00Z Maintenance: New disk: Nov 24, 13:00 to Nov 24, 14:00 UTC:",
		"2026-11-24T09:00:00Z Resolved: Trouble 2: Nov 24, 09:00 UTC, investigating: We look <into> it.\nPostmortem: A full disk.",
	}
	if diff := cmp.Diff(want, entries); diff != "" || updated != "2026-11-24T11:59:00Z" {
		t.Errorf("feed of %s, entries (-want +got):\n%s", updated, diff)
	}
	planned := status.Input{Now: noon, Maintenances: []status.Maintenance{{ID: "m", Title: "Work", CreatedAt: noon.Add(-time.Hour), Start: noon.Add(time.Hour), End: noon.Add(2 * time.Hour)}}}
	if updated, _ := feed(t, status.Build(planned)); updated != "2026-11-24T11:00:00Z" {
		t.Errorf("a feed with announced work alone is of %s, want when it was announced", updated)
	}
	early, _ := feed(t, status.Build(status.Input{Now: noon}))
	late, _ := feed(t, status.Build(status.Input{Now: noon.Add(5 * time.Hour)}))
	if early != "2026-11-24T00:00:00Z" || late != early {
		t.Errorf("an empty feed is of %s and then of %s, want midnight, or there seems to be news", early, late)
	}
}

// What is open stands with the newest first, what is planned with the next first,
// days with the present one first, each from midnight to midnight there.
func TestOrderOfThePage(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	work := func(id string, in time.Duration) status.Maintenance {
		return status.Maintenance{ID: id, Title: id, Start: noon.Add(in), End: noon.Add(in + time.Hour), Components: []status.Component{status.API}, Text: "Why " + id}
	}
	p := status.Build(status.Input{
		Now: noon, Zone: zone, Incidents: []status.Incident{incident("older", status.Minor, noon.Add(-2*time.Hour), status.Intake), incident("newer", status.Minor, noon.Add(-time.Hour), status.Documents)},
		Maintenances: []status.Maintenance{work("second", 3*time.Hour), work("first", time.Hour)},
	})
	var got []string
	for _, i := range p.Open {
		got = append(got, i.ID)
	}
	for _, m := range p.Planned {
		got = append(got, m.ID)
	}
	for _, d := range p.Past[:2] {
		got = append(got, d.Date.Format(time.RFC3339))
	}
	if diff := cmp.Diff([]string{"newer", "older", "first", "second", "2026-11-24T00:00:00-08:00", "2026-11-23T00:00:00-08:00"}, got); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
	body, err := json.Marshal(p.Summary("Acme", "https://acme.example/status", time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var sum struct {
		Components []struct {
			ID       string
			Position int
		}
		Incidents []struct {
			Monitoring *time.Time `json:"monitoring_at"`
			Components []struct{ ID string }
		}
		Scheduled []struct {
			Components []struct{ ID string }
			Updates    []struct{ ID, Body string } `json:"incident_updates"`
		} `json:"scheduled_maintenances"`
	}
	if err := json.Unmarshal(body, &sum); err != nil {
		t.Fatal(err)
	}
	for i, c := range sum.Components {
		if c.Position != i+1 {
			t.Errorf("%s stands at %d, want %d", c.ID, c.Position, i+1)
		}
	}
	if i := sum.Incidents[0]; i.Monitoring != nil || len(i.Components) != 1 || i.Components[0].ID != string(status.Documents) {
		t.Errorf("the newer incident = %+v, want documents alone, and nobody who watches them yet", i)
	}
	if m := sum.Scheduled[0]; len(m.Components) != 1 || len(m.Updates) != 1 || m.Updates[0].Body != "Why first" || m.Updates[0].ID != "first-1" {
		t.Errorf("the next work = %+v, want its component and why", m)
	}
}

// Without a probe nothing is known, and a hundred percent can be no objective.
func TestUptimeIsKnown(t *testing.T) {
	t.Parallel()
	if up, ok := (status.Tally{}).Uptime(); ok || up != 0 {
		t.Errorf("uptime of nothing = %v, %v", up, ok)
	}
	if up, ok := (status.Tally{Good: 1}).Uptime(); !ok || up != 100 {
		t.Errorf("uptime of one good probe = %v, %v", up, ok)
	}
	if shown, ok := (status.Tally{Good: 1}).Shown(); !ok || shown != 100 {
		t.Errorf("one good probe is shown as %v, %v", shown, ok)
	}
	if burn := (status.Tally{Bad: 1}).Burn(1); burn != 0 {
		t.Errorf("the budget of an objective of all is burnt %v times, want 0: there is none", burn)
	}
	if burn := (status.Tally{Bad: 1}).Burn(0.5); burn != 2 {
		t.Errorf("one failure of one burns half a budget %v times, want twice", burn)
	}
}

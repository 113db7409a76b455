package summary_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/summary"
)

// reported is the report of a day with one finished session, and its rows.
func reported(t *testing.T) (metric.Report, []metric.Row) {
	t.Helper()
	at := time.Date(2026, 5, 29, 12, 0, 0, 0, time.UTC)
	var f metric.Facts
	for i, p := range []event.Payload{
		event.LandingView{Source: "ads"},
		event.SessionStart{WebsiteType: "business", Timestamp: at},
		event.NewBusinessModelClassified("service", 90, 5),
		event.NewFeaturesRecommended([]string{"booking", "blog"}, "professional", 6500, 11), event.NewFeaturesSelected([]string{"booking"}, []string{"blog"}, 5250),
		event.NewSessionComplete(21, time.Hour, 96),
	} {
		f.Apply(event.New("visit-1", i+1, at.Add(time.Duration(i)*time.Minute), p))
	}
	var rows []metric.Row
	for k, v := range metric.Contribution(f, time.UTC) {
		rows = append(rows, metric.Row{Key: k, Vector: v})
	}
	probes := metric.Probe(true, at, time.UTC)
	probes.Merge(metric.Probe(false, at, time.UTC), 1)
	probes.Merge(metric.Probe(true, at, time.UTC), 1)
	for k, v := range probes {
		rows = append(rows, metric.Row{Key: k, Vector: v})
	}
	day := metric.DayBucket(at, time.UTC)
	return metric.NewReport(metric.View{From: day, To: day}, rows, rows, metric.Open{}, func(id string) (string, int64) { return id, 0 }), rows
}

func TestOf(t *testing.T) {
	t.Parallel()
	report, rows := reported(t)
	for _, c := range []struct {
		period summary.Period
		title  string
		head   string
		want   [][2]string
	}{
		{summary.Daily, "Interviews of Friday, May 29, 2026", "Figures", [][2]string{
			{"Sessions started", "1"},
			{"Completed", "1 of 1 (100.0%)"},
			{"Questions a session", "21.0"},
			{"Features chosen of those offered", "1 of 2 (50.0%)"},
			{"Documents made of those completed", "0 of 1 (0.0%)"},
		}},
		{summary.Weekly, "Interviews of the week, May 29, 2026", "Interviews", [][2]string{
			{"Classified by question 7", "1 of 1 (100.0%)"},
			{"Understood at once", ""},
			{"Questions a session", "21.0"},
			{"Minutes a session", "60.0"},
			{"Value of the completed projects", "$5,250"},
			{"Value in the week before", "$0"},
		}},
		{summary.Monthly, "Interviews of May 29, 2026", "Figures", [][2]string{
			{"Projects", "1"},
			{"Found helpful", ""},
			{"Uptime", "66.66%"},
			{"Value of the projects", "$5,250"},
			{"Value of a project", "$5,250"},
			{"Value in the day before", "$0"},
		}},
	} {
		title, blocks := summary.Of(c.period, report, rows)
		if title != c.title {
			t.Errorf("title of a %s = %q, want %q", c.period, title, c.title)
		}
		if diff := cmp.Diff(letter.FigureBlock{Head: c.head, Rows: c.want}, blocks[len(blocks)-1]); diff != "" {
			t.Errorf("figures of a %s (-want +got):\n%s", c.period, diff)
		}
	}
}

// Nothing is said of what there is nothing to say about.
func TestOfNothing(t *testing.T) {
	t.Parallel()
	for _, p := range []summary.Period{summary.Daily, summary.Weekly, summary.Monthly} {
		_, blocks := summary.Of(p, metric.NewReport(metric.View{}, nil, nil, metric.Open{}, func(string) (string, int64) { return "", 0 }), nil)
		for _, b := range blocks {
			for _, row := range b.Rows {
				if v := row[1]; v != "" && v != "0" && v != "$0" {
					t.Errorf("a %s without sessions says %s: %s", p, row[0], v)
				}
			}
		}
	}
}

// Titles are dates as people write them; a whole month is called by its name.
func TestTitles(t *testing.T) {
	t.Parallel()
	bucket := func(text string) int64 {
		day, ok := metric.DayOf(text)
		if !ok {
			t.Fatalf("%s is no day", text)
		}
		return day
	}
	for _, c := range []struct {
		period         summary.Period
		from, to, want string
	}{
		{summary.Weekly, "2026-11-16", "2026-11-22", "Interviews of the week, November 16 to 22, 2026"},
		{summary.Weekly, "2026-11-30", "2026-12-06", "Interviews of the week, November 30 to December 6, 2026"},
		{summary.Weekly, "2026-12-28", "2027-01-03", "Interviews of the week, December 28, 2026 to January 3, 2027"},
		{summary.Monthly, "2028-02-01", "2028-02-29", "Interviews of February 2028"},
		{summary.Monthly, "2026-10-02", "2026-10-31", "Interviews of October 2 to 31, 2026"},
	} {
		report := metric.NewReport(metric.View{From: bucket(c.from), To: bucket(c.to)}, nil, nil, metric.Open{}, func(string) (string, int64) { return "", 0 })
		if got, _ := summary.Of(c.period, report, nil); got != c.want {
			t.Errorf("title = %q, want %q", got, c.want)
		}
	}
}

func TestCosts(t *testing.T) {
	t.Parallel()
	got := summary.Costs(summary.Spent{Micro: 2_500_000, Unpriced: 3}, metric.Report{Started: 10, Value: 123_456_00})
	want := letter.FigureBlock{Head: "Cost of the model", Rows: [][2]string{
		{"In all", "$2.5000"}, {"Calls of unknown price, not in it", "3"}, {"Of a session", "$0.2500"}, {"Value of the projects for each dollar", "$49,382"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("costs (-want +got):\n%s", diff)
	}
}

// A reader sees words, and never the name of an event.
func TestStagesHaveWords(t *testing.T) {
	t.Parallel()
	report, _ := reported(t)
	for _, step := range report.Funnel {
		if word := summary.Stage(string(step.Stage)); word == string(step.Stage) || strings.Contains(word, "_") {
			t.Errorf("stage %s is called %q", step.Stage, word)
		}
	}
}

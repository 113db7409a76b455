package web_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/web"
)

func ana() intake.Client {
	return intake.Client{Name: "Ana Brandt", Email: "ana@example.com", Phone: "+1 503 555 0134", WebsiteType: "business"}
}

// seedShape is the interface DashboardMetrics of the seed: names and types.
const seedShape = `{
	"activeSessions": 0, "sessionsToday": 0, "completionsToday": 0,
	"funnelMetrics": [{"stage": "", "count": 0, "rate": 0}],
	"businessModels": [{"model": "", "count": 0, "percentage": 0}],
	"featureAdoption": [{"feature": "", "adoptionRate": 0, "revenue": 0}],
	"questionEfficiency": [{"date": "", "average": 0, "target": 0}],
	"validationStats": [{"loopNumber": 0, "correctRate": 0, "clarificationRate": 0}],
	"performance": {"apiLatencyP95": 0, "errorRate": 0, "uptime": 0}
}`

// differs tells where got lacks a key of want or has another type. Further
// keys are allowed, empty lists only when they may be.
func differs(path string, want, got any, emptyLists bool) []string {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %T, want an object", path, got)}
		}
		var out []string
		for key, value := range want {
			inner, ok := object[key]
			if !ok {
				out = append(out, path+"."+key+" is missing")
				continue
			}
			out = append(out, differs(path+"."+key, value, inner, emptyLists)...)
		}
		return out
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) == 0 && !emptyLists {
			return []string{fmt.Sprintf("%s is %v, want a list with entries", path, got)}
		}
		var out []string
		for i, entry := range list {
			out = append(out, differs(fmt.Sprintf("%s[%d]", path, i), want[0], entry, emptyLists)...)
		}
		return out
	}
	if fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got) {
		return []string{fmt.Sprintf("%s is %T, want %T", path, got, want)}
	}
	return nil
}

func parse(tb testing.TB, text string) map[string]any {
	tb.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		tb.Fatalf("no JSON: %v\n%.300s", err, text)
	}
	return v
}

func TestMetricsAreTheSeeds(t *testing.T) {
	t.Parallel()
	want := parse(t, seedShape)
	o := withLogin(t)
	empty := o.get("/api/admin/metrics")
	if empty.status != 200 || empty.header.Get("Content-Type") != "application/json" {
		t.Fatalf("GET /api/admin/metrics = %d %s, want 200 JSON", empty.status, empty.header.Get("Content-Type"))
	}
	if d := differs("metrics", want, parse(t, empty.body), true); len(d) > 0 {
		t.Errorf("without data: %v", d)
	}
	if strings.Contains(empty.body, "null") {
		t.Errorf("without data the figures contain null: %s", empty.body)
	}

	o.visits(5, 20)
	o.served()
	full := o.get("/api/admin/metrics")
	got := parse(t, full.body)
	if d := differs("metrics", want, got, false); len(d) > 0 {
		t.Errorf("with data: %v", d)
	}
	o.newBrowser()
	byToken := o.get("/api/admin/metrics", "Authorization", "Bearer "+adminBootstrap)
	if diff := cmp.Diff(got, parse(t, byToken.body)); byToken.status != 200 || diff != "" {
		t.Errorf("by token: status %d, mismatch to the login's (-login +token):\n%s", byToken.status, diff)
	}
	plain, err := o.account.CreateToken(t.Context(), "grafana")
	if err != nil {
		t.Fatal(err)
	}
	if a := o.get("/api/admin/metrics", "Authorization", "Bearer "+plain); a.status != 200 {
		t.Errorf("by a created token: status %d, want 200", a.status)
	}
}

// card finds the value and note of a card by its title.
func card(tb testing.TB, body, title string) (value, note string) {
	tb.Helper()
	m := regexp.MustCompile(`<dt>` + regexp.QuoteMeta(title) + `</dt>\s*<dd class="value">([^<]*)</dd>\s*<dd class="note">([^<]*)</dd>`).FindStringSubmatch(body)
	if m == nil {
		tb.Fatalf("no card %q in the page", title)
	}
	return m[1], m[2]
}

func TestDashboardWithoutData(t *testing.T) {
	t.Parallel()
	a := withLogin(t).get("/admin/dashboard")
	if a.status != 200 {
		t.Fatalf("GET /admin/dashboard = %d, want 200", a.status)
	}
	for _, want := range []string{
		"<title>Introspect V3 Dashboard</title>", "<h1>Introspect V3 Dashboard</h1>",
		"Conversion Funnel", "Business Model Distribution", "Feature Adoption Rates", "Question Efficiency Trend", "Validation Loop Effectiveness",
		`<noscript><meta http-equiv="refresh" content="30"></noscript>`,
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the empty dashboard lacks %q", want)
		}
	}
	for _, never := range []string{"NaN", "Inf", "Loading", "<no value>", "style="} {
		if strings.Contains(a.body, never) {
			t.Errorf("the empty dashboard contains %q", never)
		}
	}
	for title, want := range map[string][2]string{
		"Active Now":           {"0", "Current sessions"},
		"Today&#39;s Sessions": {"0", "0 completed (0%)"},
		"API Performance":      {"0 ms", "P95 latency, no requests yet"},
		"System Health":        {"–", "No probe yet. Error rate: 0%"},
	} {
		if value, note := card(t, a.body, title); value != want[0] || note != want[1] {
			t.Errorf("card %s = %q, %q; want %q, %q", title, value, note, want[0], want[1])
		}
	}
}

func TestDashboardMovesWithEvents(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	record := func(session string, payloads ...event.Payload) {
		t.Helper()
		var batch []store.Incoming
		for i, p := range payloads {
			batch = append(batch, store.Incoming{Event: event.New(event.SessionID(session), i, o.now.Add(-time.Minute), p)})
		}
		if _, err := o.store.Record(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	start := event.SessionStart{WebsiteType: "business", Timestamp: o.now}
	record("a", event.LandingView{}, event.Plain{Name: event.NameCTAClick}, start,
		event.NewBusinessModelClassified("service", 91, 6),
		event.NewFeaturesRecommended([]string{"appointment_scheduling", "payment_processing"}, "professional", 2000, 11),
		event.NewFeaturesSelected([]string{"appointment_scheduling"}, []string{"payment_processing"}, 1200),
		event.ValidationLoop{LoopNumber: 1, Response: "correct"}, event.NewQuestionEfficiency(27), event.NewSessionComplete(27, 20*time.Minute, 90))
	record("b", event.LandingView{}, start, event.NewQuestionEfficiency(8))
	record("c", event.LandingView{}, start, event.ValidationLoop{LoopNumber: 1, Response: "clarify", HadClarification: true})
	o.served()

	body := o.get("/admin/dashboard").body
	for title, want := range map[string][2]string{
		"Active Now":               {"2", "Current sessions"},
		"Today&#39;s Sessions":     {"3", "1 completed (33%)"},
		"API Performance":          {"398 ms", "P95 latency"},
		"System Health":            {"99.9%", "Uptime. Error rate: 0.2%"},
		"Completion rate":          {"33.3%", "1 of 3, target above 35%"},
		"Classified by question 7": {"100%", "1 of 2, target above 95%"},
		"Feature adoption":         {"50%", "1 of 2, target above 60%"},
	} {
		if title == "Classified by question 7" {
			continue // counted below, by its parts
		}
		if value, note := card(t, body, title); value != want[0] || !strings.HasPrefix(note, want[1]) {
			if title == "API Performance" && strings.HasSuffix(value, " ms") {
				continue // the bins of latencies are 1 % wide
			}
			t.Errorf("card %s = %q, %q; want %q, %q", title, value, note, want[0], want[1])
		}
	}
	for _, want := range []string{
		"Warning: above 25", // 27 questions on average
		"50% correct first time", "Service", "Appointment Scheduling",
		"↓ </span>target 60%", // one click of three visits
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the dashboard lacks %q", want)
		}
	}
	got := parse(t, o.get("/api/admin/metrics").body)
	if n := got["sessionsToday"]; n != 3.0 {
		t.Errorf("sessionsToday = %v, want 3", n)
	}
}

func TestDashboardRefreshChoice(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	for query, want := range map[string]int{"": 30, "?refresh=10": 10, "?refresh=60": 60, "?refresh=300": 300, "?refresh=1": 30, "?refresh=x": 30} {
		body := o.get("/admin/dashboard" + query).body
		_, choice, _ := strings.Cut(body, `name="refresh"`)
		choice, _, _ = strings.Cut(choice, "</select>")
		if !strings.Contains(choice, fmt.Sprintf(`<option value="%d" selected>`, want)) || strings.Count(choice, " selected>") != 1 {
			t.Errorf("GET /admin/dashboard%s: want %d s selected", query, want)
		}
		if !strings.Contains(body, fmt.Sprintf(`<meta http-equiv="refresh" content="%d">`, want)) {
			t.Errorf("GET /admin/dashboard%s: want a reload after %d s without scripts", query, want)
		}
	}
	body := o.get("/admin/dashboard").body
	for _, label := range []string{"10s refresh", "30s refresh", "1m refresh", "5m refresh"} {
		if !strings.Contains(body, ">"+label+"</option>") {
			t.Errorf("the selector lacks %q", label)
		}
	}
}

// Choosing a refresh keeps the view, and choosing a view keeps the refresh.
func TestOneChoiceKeepsTheOther(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	body := o.get("/admin/dashboard?days=7&by=device:phone&by=source:news&refresh=60").body
	for class, fields := range map[string][]string{
		"refresh": {`name="days" value="7"`, `name="by" value="device:phone"`, `name="by" value="source:news"`},
		"view":    {`name="refresh" value="60"`},
	} {
		_, form, _ := strings.Cut(body, `<form class="`+class+`"`)
		form, _, _ = strings.Cut(form, "</form>")
		for _, field := range fields {
			if !strings.Contains(form, `<input type="hidden" `+field+`>`) {
				t.Errorf("the form %s loses %s", class, field)
			}
		}
	}
}

func TestARateIsJudgedBeforeItIsRounded(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		hits, of int64
		want     string
	}{
		{153, 161, "On target"}, // 95.03%, shown as 95%
		{152, 160, "Below target"},
		{9496, 10000, "Below target"},
	} {
		if got := web.Verdict(metric.Compared{Rate: stat.Rate{Hits: tt.hits, Of: tt.of}, Target: 95}); got != tt.want {
			t.Errorf("%d of %d, target above 95%%: %q, want %q", tt.hits, tt.of, got, tt.want)
		}
	}
	for open, want := range map[int64]string{5: "Below target", 6: "Too early to tell"} { // 95 and 96 of 100 at the best
		if got := web.Verdict(metric.Compared{Rate: stat.Rate{Hits: 90, Of: 100}, Target: 95, Open: open}); got != want {
			t.Errorf("90 of 100 and %d open, target above 95%%: %q, want %q", open, got, want)
		}
	}
}

// An interview that was left at its seventh question is no short one: a day without a
// finished interview is a gap in the trend, unless there is nothing else to show.
func TestTheTrendIsOfFinishedInterviews(t *testing.T) {
	t.Parallel()
	day := func(n int, basis string) metric.QuestionDay {
		return metric.QuestionDay{Date: fmt.Sprintf("2026-11-%02d", n), Average: 22, Sessions: 1, Basis: basis}
	}
	for want, days := range map[int][]metric.QuestionDay{
		0: nil,
		2: {day(1, "completed"), day(2, "open"), day(3, "completed")},
		1: {day(4, "open")},
	} {
		if got := web.TrendDots(days...); got != want {
			t.Errorf("%d days are drawn of %+v, want %d", got, days, want)
		}
	}
}

// TestNothingIsJudgedWhileItIsOpen: the first interview of an installation is under
// way, and neither missed a target nor needed few questions.
func TestNothingIsJudgedWhileItIsOpen(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	o.client(ana(), 1, willing)
	body := o.get("/admin/dashboard").body
	for _, never := range []string{"target 70%<span class=\"sr\"> missed", "Within limits", "Furthest below"} {
		if strings.Contains(body, never) {
			t.Errorf("the dashboard of one interview under way says %q", never)
		}
	}
	if !strings.Contains(body, "Too early to tell") {
		t.Error("the dashboard does not say that it is too early")
	}
	if page := o.get("/admin/funnel").body; !strings.Contains(page, "Target 70% not met yet") || strings.Contains(page, "missed") {
		t.Error("the funnel calls a target missed that may still be met")
	}
	if n := strings.Count(o.get("/admin/funnel").body, `<rect class="track" width="100%"`); n != 6 {
		t.Errorf("%d of the six stages that nobody reached have an empty bar", n)
	}
	if page := o.get("/admin/questions").body; !strings.Contains(page, `</td><td class="num">0</td><td class="num">–</td><td class="num"></td><td class="num">1</td>`) {
		t.Error("of the question at which all are open a share stops")
	}
	o.now = o.now.Add(72 * time.Hour)
	if page := o.get("/admin/funnel").body; !strings.Contains(page, "Target 70% missed") {
		t.Error("after three days the funnel does not say that the target was missed")
	}
}

package metric_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

// checkBounds checks what holds for every dashboard.
func checkBounds(tb testing.TB, d metric.Dashboard) {
	tb.Helper()
	if _, err := json.Marshal(d); err != nil { // refuses NaN and infinity
		tb.Errorf("Marshal(dashboard) err = %v", err)
	}
	share := func(what string, x float64) {
		if !(x >= 0 && x <= 100) {
			tb.Errorf("%s = %v, want 0 to 100", what, x)
		}
	}
	if d.CompletionsToday > d.SessionsToday {
		tb.Errorf("completionsToday %d > sessionsToday %d", d.CompletionsToday, d.SessionsToday)
	}
	for _, s := range d.FunnelMetrics {
		share("rate of "+string(s.Stage), s.Rate)
	}
	tenths := 0
	for _, m := range d.BusinessModels {
		tenths += int(math.Round(10 * m.Percentage))
	}
	if len(d.BusinessModels) > 0 && tenths != 1000 {
		tb.Errorf("business models add up to %d tenths of a percent, want 1000", tenths)
	}
	for _, f := range d.FeatureAdoption {
		share("adoption of "+f.Feature, f.AdoptionRate)
	}
	for _, v := range d.ValidationStats {
		if v.CorrectRate+v.ClarificationRate != 100 || math.Round(10*v.ClarificationRate)/10 != v.ClarificationRate {
			tb.Errorf("loop %d: %v + %v is not 100 in tenths", v.LoopNumber, v.CorrectRate, v.ClarificationRate)
		}
	}
	for i, q := range d.QuestionEfficiency {
		if q.Target != 22 || q.Average <= 0 || i > 0 && d.QuestionEfficiency[i-1].Date >= q.Date {
			tb.Errorf("questionEfficiency[%d] = %+v", i, q)
		}
	}
	for what, r := range map[string]metric.Rate{"onTime": d.ClassifiedOnTime, "adoption": d.Adoption, "completion": d.Completion} {
		share(what, r.Rate)
	}
	share("errorRate", d.Performance.ErrorRate)
	share("uptime", d.Performance.Uptime)
}

func TestEmptyDashboard(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(metric.NewDashboard(nil, metric.Live{Now: now}, prices))
	if err != nil {
		t.Fatal(err)
	}
	stage := func(name string, target float64) map[string]any {
		s := map[string]any{"stage": name, "count": 0., "rate": 0., "meetsTarget": false}
		if target > 0 {
			s["target"] = target
		}
		return s
	}
	rate := func(target float64) any { return map[string]any{"rate": 0., "count": 0., "of": 0., "target": target} }
	want := map[string]any{
		"activeSessions": 0., "sessionsToday": 0., "completionsToday": 0.,
		"funnelMetrics": []any{
			stage("landing_view", 0), stage("cta_click", 60), stage("foundation_start", 90), stage("foundation_complete", 95),
			stage("conversation_start", 50), stage("features_recommended", 70), stage("session_complete", 60),
			stage("document_generated", 90), stage("emails_sent", 100),
		},
		"businessModels": []any{}, "featureAdoption": []any{}, "questionEfficiency": []any{}, "validationStats": []any{},
		"performance": map[string]any{"apiLatencyP95": 0., "errorRate": 0., "uptime": 0., "requests": 0., "probes": 0., "errors": 0.},
		"generatedAt": "2026-11-23T18:00:00Z",
		"period":      map[string]any{"from": "2026-10-25", "to": "2026-11-23", "days": 30., "timeZone": "UTC"},
		"totals": map[string]any{
			"sessions": 0., "completions": 0., "documents": 0., "conflicts": 0., "injectionAttempts": 0., "revenue": 0.,
			"averageDuration": 0., "averageConfidence": 0.,
		},
		"averageQuestions": map[string]any{"average": 0., "target": 22., "band": "none"},
		"classifiedOnTime": rate(95), "adoption": rate(60), "completion": rate(35),
	}
	if diff := cmp.Diff(any(want), generic(t, text)); diff != "" {
		t.Errorf("empty dashboard (-want +got):\n%s", diff)
	}
}

// sessions makes n sessions that did the same at the same time.
func sessions(n int, prefix string, at time.Time, did ...event.Payload) []*visit {
	var list []*visit
	for i := range n {
		list = append(list, newVisit(event.SessionID(fmt.Sprintf("%s-%d", prefix, i)), at).did(did...))
	}
	return list
}

func join(lists ...[]*visit) []*visit {
	var all []*visit
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func TestFunnel(t *testing.T) {
	t.Parallel()
	names := []event.Name{
		event.NameLandingView, event.NameCTAClick, event.NameFoundationStart, event.NameFoundationComplete, event.NameConversationStart,
		event.NameFeaturesRecommended, event.NameSessionComplete, event.NameDocumentGenerated, event.NameEmailsSent,
	}
	upTo := func(n int) []event.Payload {
		var list []event.Payload
		for _, name := range names[:n] {
			list = append(list, plain(name), plain(name)) // twice: sessions count, not events
		}
		return list
	}
	type stage struct {
		Count int64
		Rate  float64
		Meets bool
	}
	for _, row := range []struct {
		name   string
		visits []*visit
		want   []stage
	}{
		{
			"targets that must be exceeded", join(sessions(4, "a", now, upTo(1)...), sessions(6, "b", now, upTo(9)...)),
			[]stage{{10, 100, true}, {6, 60, false}, {6, 100, true}, {6, 100, true}, {6, 100, true}, {6, 100, true}, {6, 100, true}, {6, 100, true}, {6, 100, true}},
		},
		{
			"targets that must be reached", join(sessions(1, "a", now, upTo(3)...), sessions(19, "b", now, upTo(7)...), sessions(1, "c", now, upTo(8)...)),
			[]stage{{21, 100, true}, {21, 100, true}, {21, 100, true}, {20, 95.2, true}, {20, 100, true}, {20, 100, true}, {20, 100, true}, {1, 5, false}, {0, 0, false}},
		},
		{
			"the seed's collector knows no landing and no foundation_complete", sessions(3, "a", now, event.SessionStart{}, event.NewSessionComplete(20, 0, 0)),
			[]stage{{0, 0, false}, {0, 0, false}, {0, 0, false}, {3, 0, false}, {0, 0, false}, {0, 0, false}, {3, 0, false}, {0, 0, false}, {0, 0, false}},
		},
		{
			"a stage of mixed front ends has at most 100 %", join(sessions(1, "a", now, upTo(4)...), sessions(4, "b", now, event.SessionStart{})),
			[]stage{{1, 100, true}, {1, 100, true}, {1, 100, true}, {5, 100, true}, {0, 0, false}, {0, 0, false}, {0, 0, false}, {0, 0, false}, {0, 0, false}},
		},
		{
			"a target missed by less than the rounding", join(sessions(1999, "a", now, upTo(9)...), sessions(1, "b", now, upTo(8)...)),
			[]stage{{2000, 100, true}, {2000, 100, true}, {2000, 100, true}, {2000, 100, true}, {2000, 100, true}, {2000, 100, true}, {2000, 100, true}, {2000, 100, true}, {1999, 100, false}},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d := dashboard(row.visits...)
			var got []stage
			for _, s := range d.FunnelMetrics {
				got = append(got, stage{s.Count, s.Rate, s.MeetsTarget})
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("funnel (-want +got):\n%s", diff)
			}
			checkBounds(t, d)
		})
	}
}

// TestTargets measures each stage at exactly its target: the seed's targets
// must be exceeded, the others reached (DOMAIN 9.3).
func TestTargets(t *testing.T) {
	t.Parallel()
	for stage, row := range []struct {
		target int64
		met    bool
	}{1: {60, false}, {90, false}, {95, true}, {50, false}, {70, false}, {60, false}, {90, true}, {100, true}} {
		if stage == 0 {
			continue
		}
		for _, more := range []int64{-1, 0, 1} {
			d := metric.Delta{}
			k := metric.Key{Tier: metric.Day, Metric: metric.Funnel, Dimension: metric.All, Bucket: metric.DayBucket(now, berlin)}
			d.Add(k, stage-1, 1000)
			d.Add(k, stage, 10*row.target+more)
			want := more > 0 || more == 0 && row.met
			got := metric.NewDashboard(rows(d), metric.Live{Now: now, Zone: berlin}, prices).FunnelMetrics[stage]
			if got.MeetsTarget != want || got.Target != float64(row.target) {
				t.Errorf("%d of 1000 at %s: target %v met = %v, want %v and %v", got.Count, got.Stage, got.Target, got.MeetsTarget, row.target, want)
			}
		}
	}
}

// TestDays places sessions around the ends of the period and of today: the
// funnel by entry, the rest by start.
func TestDays(t *testing.T) {
	t.Parallel()
	begin := func(at string) []event.Event {
		start, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		return newVisit(event.SessionID(at), start).did(event.SessionStart{}, event.NewSessionComplete(20, 0, 0)).events
	}
	for _, row := range []struct {
		name                              string
		events                            []event.Event
		entered                           int64
		begun, today, completed, inPeriod int
	}{
		{"the last second of yesterday", begin("2026-11-22T22:59:59Z"), 1, 1, 0, 0, 1},
		{"the first second of today", begin("2026-11-22T23:00:00Z"), 1, 1, 1, 1, 1},
		{"the first second of the period", begin("2026-10-24T22:00:00Z"), 1, 1, 0, 0, 1},
		{"the second before the period", begin("2026-10-24T21:59:59Z"), 0, 0, 0, 0, 0},
		{"only a look around", newVisit("s", now).did(plain(event.NameLandingView), plain(event.NameCTAClick)).events, 0, 0, 0, 0, 0},
		{
			"entered yesterday, begun today",
			append(newVisit("s", now.Add(-20*time.Hour)).did(plain(event.NameLandingView)).events, begin("2026-11-23T09:00:00Z")...), 1, 1, 1, 1, 1,
		},
		{
			"entered before the period, begun in it",
			append(newVisit("s", now.AddDate(0, 0, -40)).did(plain(event.NameLandingView)).events, begin("2026-11-23T09:00:00Z")...), 0, 1, 1, 1, 1,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			d := dashboard(&visit{events: row.events})
			got := []int{int(d.FunnelMetrics[3].Count), int(d.Totals.Sessions), d.SessionsToday, d.CompletionsToday, int(d.Totals.Completions)}
			if diff := cmp.Diff([]int{int(row.entered), row.begun, row.today, row.completed, row.inPeriod}, got); diff != "" {
				t.Errorf("entered, begun, today, completed today, completed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBusinessModels(t *testing.T) {
	t.Parallel()
	model := func(name string) event.Payload { return event.NewBusinessModelClassified(name, 90, 5) }
	for _, row := range []struct {
		name   string
		visits []*visit
		want   []metric.ModelShare
	}{
		{
			"thirds", join(sessions(1, "a", now, model("b")), sessions(1, "b", now, model("c")), sessions(1, "c", now, model("a"))),
			[]metric.ModelShare{{Model: "a", Count: 1, Percentage: 33.4}, {Model: "b", Count: 1, Percentage: 33.3}, {Model: "c", Count: 1, Percentage: 33.3}},
		},
		{
			"the largest remainder gets the tenth", join(sessions(4, "a", now, model("x")), sessions(3, "b", now, model("y"))),
			[]metric.ModelShare{{Model: "x", Count: 4, Percentage: 57.1}, {Model: "y", Count: 3, Percentage: 42.9}},
		},
		{"only one", sessions(2, "a", now, model("x")), []metric.ModelShare{{Model: "x", Count: 2, Percentage: 100}}},
		{"a correction moves the session", []*visit{newVisit("s", now).did(model("x"), model("y"))}, []metric.ModelShare{{Model: "y", Count: 1, Percentage: 100}}},
		{"an unnamed model does not count", []*visit{newVisit("s", now).did(model("x"), model(" "))}, []metric.ModelShare{{Model: "x", Count: 1, Percentage: 100}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(row.want, dashboard(row.visits...).BusinessModels); diff != "" {
				t.Errorf("businessModels (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSharesAddUp(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 6))
	for range 300 {
		d := metric.Delta{}
		counts := map[string]int64{}
		var total int64
		for i := range 1 + r.IntN(12) {
			name, n := fmt.Sprint("m", i), 1+r.Int64N(1000)
			d.Add(metric.Key{Tier: metric.Day, Metric: metric.Models, Dimension: metric.DimModel, Value: name, Bucket: metric.DayBucket(now, berlin)}, 0, n)
			counts[name], total = n, total+n
		}
		got := metric.NewDashboard(rows(d), metric.Live{Now: now, Zone: berlin}, prices)
		checkBounds(t, got)
		for _, m := range got.BusinessModels {
			if exact := 100 * float64(counts[m.Model]) / float64(total); math.Abs(exact-m.Percentage) >= 0.1 {
				t.Fatalf("%v of %d: %s has %v %%, want %v", counts, total, m.Model, m.Percentage, exact)
			}
		}
	}
}

func TestFeatureAdoption(t *testing.T) {
	t.Parallel()
	offer := func(ids ...string) event.Payload { return event.NewFeaturesRecommended(ids, "starter", 0, 10) }
	choose := func(selected, rejected []string) event.Payload {
		return event.NewFeaturesSelected(selected, rejected, 0)
	}
	list := func(ids ...string) []string { return ids }
	got := dashboard(
		newVisit("s-1", now).did(offer("booking", "gallery", "blog", "chat"), choose(list("booking", "gallery"), list("blog", "chat"))),
		newVisit("s-2", now).did(offer("booking", "gallery"), choose(list("booking", "gallery"), nil), choose(list("booking"), list("gallery"))), // the last choice holds
		newVisit("s-3", now).did(offer("booking")),                             // offered, nothing chosen yet
		newVisit("s-4", now).did(choose(list("gallery"), list("blog"))),        // the recommendation got lost
		newVisit("s-6", now).did(choose(list("forms"), nil), choose(nil, nil)), // chosen once, so it was on offer
		newVisit("s-5", now).did(offer("chat"), offer("chat", " ", "chat")),
	)
	want := []metric.FeatureAdoption{
		{Feature: "booking", Name: "Online booking", AdoptionRate: 66.7, Revenue: 900, Selections: 2, Recommendations: 3},
		{Feature: "gallery", Name: "Photo gallery", AdoptionRate: 66.7, Revenue: 399, Selections: 2, Recommendations: 3},
		{Feature: "blog", Name: "blog", AdoptionRate: 0, Revenue: 0, Selections: 0, Recommendations: 2},
		{Feature: "chat", Name: "chat", AdoptionRate: 0, Revenue: 0, Selections: 0, Recommendations: 2},
		{Feature: "forms", Name: "forms", AdoptionRate: 0, Revenue: 0, Selections: 0, Recommendations: 1},
	}
	if diff := cmp.Diff(want, got.FeatureAdoption); diff != "" {
		t.Errorf("featureAdoption (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(metric.Rate{Rate: 36.4, Count: 4, Of: 11, Target: 60}, got.Adoption); diff != "" {
		t.Errorf("adoption (-want +got):\n%s", diff)
	}
	order := dashboard(
		newVisit("s-1", now).did(choose(list("a", "b"), nil)), newVisit("s-2", now).did(choose(list("b"), nil)),
	).FeatureAdoption
	if order[0].Feature != "b" || order[1].Feature != "a" {
		t.Errorf("of two features at 100 %% the one selected more often comes first: %+v", order)
	}
}

func TestQuestions(t *testing.T) {
	t.Parallel()
	yesterday := now.AddDate(0, 0, -1)
	asked := func(n int) event.Payload { return event.NewQuestionEfficiency(n) }
	done := func(n int) event.Payload { return event.NewSessionComplete(n, 0, 90) }
	got := dashboard(
		newVisit("s-1", yesterday).did(event.SessionStart{}, asked(30), done(22)),                     // the final count holds
		newVisit("s-2", yesterday).did(event.SessionStart{}, asked(24), asked(23), done(30), done(0)), // the last final count says nothing
		newVisit("s-3", yesterday).did(event.SessionStart{}, asked(5)),                                // under way beside completed ones
		newVisit("s-4", now).did(event.SessionStart{}, asked(4), asked(7), asked(6)),
		newVisit("s-5", now).did(event.SessionStart{}, asked(8)),
		newVisit("s-6", now).did(event.SessionStart{}), // asked nothing
		newVisit("s-7", now.AddDate(0, 0, -2)).did(event.SessionStart{}),
	)
	want := []metric.QuestionDay{
		{Date: "2026-11-22", Average: 23, Target: 22, Sessions: 2, Basis: "completed"},
		{Date: "2026-11-23", Average: 7.5, Target: 22, Sessions: 2, Basis: "open"},
	}
	if diff := cmp.Diff(want, got.QuestionEfficiency); diff != "" {
		t.Errorf("questionEfficiency (-want +got):\n%s", diff)
	}
	for _, row := range []struct {
		did  event.Payload
		want metric.Questions
	}{
		{asked(9), metric.Questions{Average: 9, Target: 22, Basis: "open", Band: "good"}},
		{done(25), metric.Questions{Average: 25, Target: 22, Basis: "completed", Band: "good"}},
		{done(26), metric.Questions{Average: 26, Target: 22, Basis: "completed", Band: "warning"}},
		{done(28), metric.Questions{Average: 28, Target: 22, Basis: "completed", Band: "warning"}},
		{done(29), metric.Questions{Average: 29, Target: 22, Basis: "completed", Band: "critical"}},
		{event.SessionStart{}, metric.Questions{Target: 22, Band: "none"}},
		{asked(201), metric.Questions{Target: 22, Band: "none"}}, // nobody answers 201 questions
		{asked(-1), metric.Questions{Target: 22, Band: "none"}},
	} {
		if diff := cmp.Diff(row.want, dashboard(newVisit("s", now).did(row.did)).AverageQuestions); diff != "" {
			t.Errorf("after %+v (-want +got):\n%s", row.did, diff)
		}
	}
}

func TestValidationStats(t *testing.T) {
	t.Parallel()
	loop := func(n int, response string) event.Payload {
		return event.ValidationLoop{LoopNumber: n, Response: response}
	}
	got := dashboard(
		newVisit("s-1", now).did(loop(1, "clarify"), loop(1, "correct"), loop(2, "correct")), // the first response counts
		newVisit("s-2", now).did(loop(1, "correct"), loop(4, "clarify")),
		newVisit("s-3", now).did(loop(1, "correct")),
		newVisit("s-4", now).did(loop(-1, "correct"), loop(0, "correct"), loop(21, "correct"), loop(3, "unsure"), loop(20, "correct")),
	).ValidationStats
	want := []metric.ValidationFigures{
		{LoopNumber: 1, CorrectRate: 66.7, ClarificationRate: 33.3, Responses: 3},
		{LoopNumber: 2, CorrectRate: 100, ClarificationRate: 0, Responses: 1},
		{LoopNumber: 4, CorrectRate: 0, ClarificationRate: 100, Responses: 1},
		{LoopNumber: 20, CorrectRate: 100, ClarificationRate: 0, Responses: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("validationStats (-want +got):\n%s", diff)
	}
	for correct := range int64(1001) {
		d := metric.Delta{}
		k := metric.Key{Tier: metric.Day, Metric: metric.Loops, Dimension: metric.All, Bucket: metric.DayBucket(now, berlin)}
		d.Add(k, 2, correct)
		d.Add(k, 3, 1000-correct)
		checkBounds(t, metric.NewDashboard(rows(d), metric.Live{Now: now, Zone: berlin}, prices))
	}
}

func TestClassifiedOnTime(t *testing.T) {
	t.Parallel()
	at := func(q int) event.Payload { return event.NewBusinessModelClassified("service", 90, q) }
	for _, row := range []struct {
		name      string
		visit     *visit
		count, of int64
	}{
		{"at question 1", newVisit("s", now).did(at(1)), 1, 1},
		{"at question 7", newVisit("s", now).did(at(7)), 1, 1},
		{"at question 8", newVisit("s", now).did(at(8)), 0, 1},
		{"corrected later", newVisit("s", now).did(at(6), at(12)), 1, 1},
		{"not yet due", newVisit("s", now).did(event.NewQuestionEfficiency(7)), 0, 0},
		{"never, and past question 7", newVisit("s", now).did(event.NewQuestionEfficiency(8)), 0, 1},
		{"reported as uncertain", newVisit("s", now).did(event.ClassificationUncertain{}), 0, 1},
		{"on time by word only", newVisit("s", now).raw("business_model_classified", `{"model":"x","classificationTiming":"on_time"}`), 1, 1},
		{"the number beats the word", newVisit("s", now).raw("business_model_classified", `{"model":"x","questionNumber":9,"classificationTiming":"on_time"}`), 0, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := dashboard(row.visit).ClassifiedOnTime
			if got.Count != row.count || got.Of != row.of || got.Target != 95 {
				t.Errorf("classifiedOnTime = %+v, want %d of %d", got, row.count, row.of)
			}
		})
	}
}

func TestTotals(t *testing.T) {
	t.Parallel()
	got := dashboard(
		newVisit("s-1", now).did(event.NewFeaturesSelected(nil, nil, 100), event.NewFeaturesSelected(nil, nil, 2800.55),
			event.ConflictResolution{}, event.ConflictResolution{}, event.NewSessionComplete(22, 15*time.Minute, 95),
			event.NewDocumentGenerated("scope", 1, 0), event.NewDocumentGenerated("client_pdf", 1, 0)),
		newVisit("s-2", now).did(event.InjectionSuspected{}, event.NewFeaturesSelected(nil, nil, 999)), // not complete: no revenue
		newVisit("s-3", now).raw("session_complete", `{"duration":600.4,"confidence":90,"questionCount":"many"}`).
			raw("features_selected", `{"totalPrice":-5}`),
		newVisit("s-5", now).raw("session_complete", `{"duration":-900,"confidence":-1}`),
		newVisit("s-4", now).raw("session_complete", `{"duration":1e9,"confidence":101}`).raw("features_selected", `{"totalPrice":1e12}`),
	)
	want := metric.Totals{
		Sessions: 5, Completions: 4, Documents: 2, Conflicts: 2, InjectionAttempts: 1, Revenue: 2800.55,
		AverageDuration: 375, AverageConfidence: 46.25,
	}
	if diff := cmp.Diff(want, got.Totals); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(metric.Rate{Rate: 80, Count: 4, Of: 5, Target: 35}, got.Completion); diff != "" {
		t.Errorf("completion (-want +got):\n%s", diff)
	}
}

// TestForeignRows hands over rows that nobody asked for.
func TestForeignRows(t *testing.T) {
	t.Parallel()
	d := rollups(berlin, newVisit("s", now).did(event.SessionStart{WebsiteType: "business"}, event.NewBusinessModelClassified("x", 90, 3)))
	want := metric.NewDashboard(rows(d), metric.Live{Now: now, Zone: berlin}, prices)
	if want.FunnelMetrics[3].Count != 1 {
		t.Fatalf("count = %d, want 1: each dimension repeats the session", want.FunnelMetrics[3].Count)
	}
	for _, row := range rows(d) {
		later, tier := row.Key, row.Key
		later.Bucket += 40
		tier.Tier = 3
		d[later], d[tier] = row.Vector, row.Vector
	}
	if diff := cmp.Diff(want, metric.NewDashboard(rows(d), metric.Live{Now: now, Zone: berlin}, prices)); diff != "" {
		t.Errorf("rows outside of Needed changed the dashboard (-want +got):\n%s", diff)
	}
}

func TestRandomDashboards(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 8))
		var visits []*visit
		for i := range r.IntN(40) {
			visits = append(visits, &visit{events: randomEvents(r, sessionID(i), r.IntN(40))})
		}
		d := dashboard(visits...)
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		checkBounds(t, d)
		checkSeedShape(t, text)
	}
}

package metric_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

// TestContribution holds the stored form of one session: keys and indexes are
// kept for long, so they may not move.
func TestContribution(t *testing.T) {
	t.Parallel()
	// 23:50 in Berlin: the interview begins on the next local day.
	v := newVisit("s-1", time.Date(2026, 11, 22, 22, 50, 0, 0, time.UTC)).
		did(event.LandingView{Source: "news", Device: "phone", Language: "de"}, plain(event.NameCTAClick))
	v.at = time.Date(2026, 11, 22, 23, 20, 0, 0, time.UTC)
	v.did(event.SessionStart{WebsiteType: "business", PromptVersion: "v7"}, event.NewBusinessModelClassified("service", 90, 6),
		event.NewFeaturesRecommended([]string{"booking", "gallery"}, "professional", 3000, 11),
		event.NewFeaturesSelected([]string{"booking"}, []string{"gallery"}, 2800.5),
		event.ValidationLoop{LoopNumber: 1, Response: "clarify"}, event.ConflictResolution{}, event.InjectionSuspected{},
		event.NewQuestionEfficiency(2), event.MessageSent{QuestionNumber: 1, QuestionID: "goal", TimeToRespond: 1},
		event.MessageSent{QuestionNumber: 2, QuestionID: "goal_clarify"}, event.Feedback{QuestionID: "goal", Rating: "not_helpful"},
		event.NewSessionComplete(21, 800*time.Second, 96), event.NewDocumentGenerated(event.DocumentScope, 1, 0))
	funnel := func(dimension, value string) metric.Key {
		return metric.Key{Tier: metric.Day, Metric: "funnel", Dimension: dimension, Value: value, Bucket: 20779}
	}
	day := func(m, dimension, value string) metric.Key {
		return metric.Key{Tier: metric.Day, Metric: m, Dimension: dimension, Value: value, Bucket: 20780}
	}
	stages := metric.Vector{0: 1, 1: 1, 3: 1, 5: 1, 6: 1, 7: 1}
	figures := metric.Vector{0: 1, 1: 1, 2: 1, 3: 21, 6: 800, 7: 96, 8: 1, 9: 1, 10: 1, 11: 1, 12: 1, 13: 280050}
	want := metric.Delta{
		funnel("all", ""):                  stages,
		funnel("businessModel", "service"): stages,
		funnel("websiteType", "business"):  stages,
		funnel("source", "news"):           stages,
		funnel("device", "phone"):          stages,
		funnel("package", "professional"):  stages,
		funnel("language", "de"):           stages,
		funnel("promptVersion", "v7"):      stages,
		day("sessions", "all", ""):         figures,
		{Tier: metric.Quarter, Metric: "sessions", Dimension: "all", Bucket: 1994877}: figures,
		day("models", "businessModel", "service"):                                     {0: 1},
		day("features", "feature", "booking"):                                         {0: 1, 1: 1},
		day("features", "feature", "gallery"):                                         {0: 1},
		day("loops", "all", ""):                                                       {3: 1},

		day("survival", "all", ""):               {1: 1, 2: 1, 257: 1, 258: 1, 513: 1, 514: 1},
		day("asked", "question", "goal"):         {0: 1, 1: 1, 3: 1, 5: 1, 16: 1},
		day("asked", "question", "goal_clarify"): {0: 1, 5: 2},
		// In order: from the landing page to the click a minute later (bin 206 of
		// 60 seconds), and alone at the form.
		{Tier: metric.Day, Metric: "ordered", Dimension: "all", Bucket: 20779}: {0: 1, 1: 1, 19: 1, 1024*2 + 205: 1},
	}
	got := metric.Contribution(factsOf(v.events), berlin)
	sliced := map[string]metric.Vector{}
	for k, v := range got {
		if dimensions := []string{"businessModel", "websiteType", "source", "device", "package", "language", "promptVersion"}; k.Metric != "funnel" &&
			slices.Contains(dimensions, k.Dimension) && (k.Metric != "models" || k.Dimension != "businessModel") {
			sliced[k.Metric+" "+k.Dimension+" "+k.Value] = v
			delete(got, k)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Contribution (-want +got):\n%s", diff)
	}
	for key, v := range map[string]metric.Vector{
		"sessions source news": figures, "features device phone\x1fgallery": {0: 1}, "loops language de": {3: 1},
		"models promptVersion v7\x1fservice": {0: 1}, "asked businessModel service\x1fgoal_clarify": {0: 1, 5: 2},
	} {
		if diff := cmp.Diff(v, sliced[key]); diff != "" {
			t.Errorf("%q (-want +got):\n%s", key, diff)
		}
	}
}

func TestBotsCountApart(t *testing.T) {
	t.Parallel()
	v := newVisit("s-1", now).did(event.LandingView{Bot: "headless"}, event.SessionStart{}, event.NewQuestionEfficiency(3),
		event.NewBusinessModelClassified("service", 90, 6), event.NewFeaturesRecommended([]string{"a"}, "p", 1, 10))
	for k := range metric.Contribution(factsOf(v.events), berlin) {
		if k.Dimension != metric.DimBot || k.Tier != metric.Day {
			t.Errorf("a bot contributes to %+v", k)
		}
	}
	if got := dashboard(v); got.SessionsToday != 0 || got.FunnelMetrics[0].Count != 0 || len(got.BusinessModels) != 0 {
		t.Errorf("the dashboard counts a bot: %+v", got)
	}
	human := newVisit("s-1", now).did(event.LandingView{}, event.SessionStart{})
	if got := dashboard(human); got.SessionsToday != 1 {
		t.Errorf("SessionsToday without the bot mark = %d, want 1", got.SessionsToday)
	}
}

// TestDimensionsAddUp checks the invariants of the rollups: the values of each
// dimension add up to all, and the days to the quarters.
func TestDimensionsAddUp(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 5))
	var visits []*visit
	for i := range 150 {
		visits = append(visits, &visit{events: randomEvents(r, sessionID(i), r.IntN(30))})
	}
	sums := map[string]metric.Vector{}
	tiers := map[metric.Tier]metric.Vector{}
	for k, v := range rollups(berlin, visits...) {
		switch {
		case k.Metric == metric.Funnel && k.Dimension != metric.DimBot:
			if sums[k.Dimension] == nil {
				sums[k.Dimension] = metric.Vector{}
			}
			sums[k.Dimension].Merge(v, 1)
		case k.Metric == metric.Sessions && k.Dimension == metric.All:
			if tiers[k.Tier] == nil {
				tiers[k.Tier] = metric.Vector{}
			}
			tiers[k.Tier].Merge(v, 1)
		}
	}
	if len(sums) != 8 || len(sums[metric.All]) != 9 {
		t.Fatalf("the funnel has %d dimensions and %d stages, want 8 and 9", len(sums), len(sums[metric.All]))
	}
	for dimension, sum := range sums {
		if diff := cmp.Diff(sums[metric.All], sum); diff != "" {
			t.Errorf("sum of %s (-all +sum):\n%s", dimension, diff)
		}
	}
	if diff := cmp.Diff(tiers[metric.Day], tiers[metric.Quarter]); diff != "" || len(tiers) != 2 {
		t.Errorf("sum of the quarters (-days +quarters):\n%s", diff)
	}
}

// TestSourceOfAVisit keeps the first landing, the last website type and the
// last package.
func TestSourceOfAVisit(t *testing.T) {
	t.Parallel()
	v := newVisit("s-1", now.Add(-time.Hour)).did(
		event.LandingView{Source: " ads ", Device: "desktop"}, event.LandingView{Source: "news", Device: "phone"},
		event.SessionStart{WebsiteType: "personal"}, event.SessionStart{WebsiteType: "business"}, event.SessionStart{},
		event.NewFeaturesRecommended(nil, "starter", 0, 10), event.NewFeaturesRecommended(nil, "enterprise", 0, 10),
		event.NewBusinessModelClassified(strings.Repeat("é", 40), 90, 6))
	got := map[string]string{}
	for k := range metric.Contribution(factsOf(v.events), berlin) {
		if k.Metric == metric.Funnel {
			got[k.Dimension] = k.Value
		}
	}
	want := map[string]string{
		"all": "", "language": "", "promptVersion": "", "source": "ads", "device": "desktop", "websiteType": "business", "package": "enterprise",
		"businessModel": strings.Repeat("é", 32), // cut to 64 bytes
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dimensions (-want +got):\n%s", diff)
	}
}

// TestManyFeatures keeps one session from filling the tables, without losing
// order independence: what was selected stays on offer.
func TestManyFeatures(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 200 {
		many = append(many, string(sessionID(i)))
	}
	v := newVisit("s-1", now).did(event.NewFeaturesRecommended(many[:60], "", 0, 10), event.NewFeaturesRecommended(many[60:], "", 0, 11),
		event.NewFeaturesSelected([]string{"z-1", "z-2"}, many, 0))
	var offered, selected int64
	for k, vector := range metric.Contribution(factsOf(v.events), berlin) {
		if k.Metric == metric.Features {
			offered += vector[0]
			selected += vector[1]
		}
	}
	if offered != 66 || selected != 2 {
		t.Errorf("offered, selected = %d, %d, want 64 and the two selected ones, 2", offered, selected)
	}
}

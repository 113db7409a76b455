package metric_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

// TestLabels compares the values that an event announces with the rollups that
// it makes: none may come unannounced, however its properties are spelled.
func TestLabels(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name       event.Name
		properties string
		want       []metric.Label
	}{
		{event.NameLandingView, `{"source":" ads ","device":"phone","referrer":"x"}`, []metric.Label{{metric.DimSource, "ads"}, {metric.DimDevice, "phone"}}},
		{event.NameLandingView, `{"SOURCE":"ads","Device":7}`, []metric.Label{{metric.DimSource, "ads"}}},
		{event.NameLandingView, `{"source":["ads"]}`, nil},
		{event.NameSessionStart, `{"websiteType":"a\/b"}`, []metric.Label{{metric.DimWebsite, "a/b"}}},
		{event.NameBusinessModelClassified, `{"model":"service"}`, []metric.Label{{metric.DimModel, "service"}}},
		{
			event.NameFeaturesRecommended, `{"features":["blog",5,""],"package":"starter"}`,
			[]metric.Label{{metric.DimPackage, "starter"}, {metric.DimFeature, "blog"}},
		},
		{
			event.NameFeaturesSelected, `{"selected":["a","b"],"rejected":["c"],"package":""}`,
			[]metric.Label{{metric.DimFeature, "a"}, {metric.DimFeature, "b"}, {metric.DimFeature, "c"}},
		},
		{event.NameMessageSent, `{"questionId":"goal","questionNumber":4}`, []metric.Label{{metric.DimQuestion, "goal"}}},
		{event.NameFeedback, `{"questionId":"goal","rating":"helpful"}`, []metric.Label{{metric.DimQuestion, "goal"}}},
		{event.NameSessionStart, `{"language":"de","promptVersion":"v2"}`, []metric.Label{{metric.DimLanguage, "de"}, {metric.DimPrompt, "v2"}}},
		{event.NameLandingView, `{"trials":["hero:treatment"],"source":"ads"}`, []metric.Label{{metric.DimSource, "ads"}, {metric.DimTrial, "hero:treatment"}}},
		{event.NameLandingView, `{"language":"de"}`, []metric.Label{{metric.DimLanguage, "de"}}},
		{event.NameLandingView, `{}`, nil},
		{event.NameLandingView, ``, nil},
		{event.NameFeedback, `{"source":"x"}`, nil},
		{"theirs", `{"model":"x"}`, nil},
	} {
		e := event.Event{ID: "e", Name: row.name, SessionID: "s", At: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), Properties: json.RawMessage(row.properties)}
		got := metric.Labels(nil, e.Name, metric.Read(e).Properties())
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("Labels(%s %s) (-want +got):\n%s", row.name, row.properties, diff)
		}
		announced := map[metric.Label]bool{}
		for _, l := range got {
			announced[l] = true
		}
		var f metric.Facts
		f.Apply(event.Event{ID: "start", Name: event.NameConversationStart, SessionID: "s", At: e.At, Properties: json.RawMessage(`{}`)})
		f.Apply(e)
		for k := range metric.Contribution(f, time.UTC) {
			value, _, _ := strings.Cut(k.Value, "\x1f") // what is counted inside has a row of its own
			if value != "" && !announced[metric.Label{Dimension: k.Dimension, Value: value}] {
				t.Errorf("%s %s makes the row %+v unannounced", row.name, row.properties, k)
			}
		}
	}
}

// TestFactsOfTheFirstVersion reads facts that were kept before events had
// running numbers, and keeps them in the new form. What older versions did not
// keep is missing until the session is folded again.
func TestFactsOfTheFirstVersion(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	evs := []event.Event{
		event.New("s", 1, at, event.LandingView{Source: "ads", Device: "phone"}),
		event.New("s", 2, at.Add(time.Minute), event.ValidationLoop{LoopNumber: 1, Response: "correct"}),
	}
	var want metric.Facts
	for _, e := range evs {
		want.Apply(e)
	}
	got, err := metric.DecodeFacts([]byte(firstVersion))
	if err != nil {
		t.Fatalf("DecodeFacts: %v", err)
	}
	again, err := metric.DecodeFacts(got.Encode())
	if err != nil {
		t.Fatalf("DecodeFacts of the new form: %v", err)
	}
	before := metric.Contribution(want, time.UTC)
	for k := range before {
		if k.Metric == metric.Ordered {
			delete(before, k)
		}
	}
	if diff := cmp.Diff(before, metric.Contribution(again, time.UTC)); diff != "" {
		t.Errorf("contribution (-want +got):\n%s", diff)
	}
	if _, err := metric.DecodeFacts([]byte("\x0c" + firstVersion[1:])); err == nil {
		t.Error("DecodeFacts of a version to come = nil, want an error")
	}
}

// firstVersion is what version 1 encoded of these events.
const firstVersion = "\x02\x80\xf8\xb7\x84\xc1h©\a©\a\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x02Hfa3090c3-06f5-879f-b3d9-768139f0621f\x06ads\nphone\x00\x00\x00\x00\x00\x00\x02\x02©\aH78f55a90-e66a-85ad-8bf9-d536ae352110\x02\x00\x00\x00\x00\x00"

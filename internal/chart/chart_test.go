package chart_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/chart"
)

func TestPercent(t *testing.T) {
	t.Parallel()
	for in, want := range map[float64]string{
		0: "0%", 100: "100%", 62.5: "62.5%", 33.333: "33.3%", 66.67: "66.7%", 99.96: "100%",
		math.NaN(): "0%", math.Inf(1): "0%", 133.3: "133.3%",
	} {
		if got := chart.Percent(in); got != want {
			t.Errorf("Percent(%v) = %q, want %q", in, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[float64]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 12480: "12,480", 1234567.25: "1,234,567.3",
		21.44: "21.4", -1500: "-1,500", -0.01: "0", math.NaN(): "0",
	} {
		if got := chart.Number(in); got != want {
			t.Errorf("Number(%v) = %q, want %q", in, got, want)
		}
	}
}

func TestFunnel(t *testing.T) {
	t.Parallel()
	got := chart.NewFunnel("funnel", "Conversion Funnel", []chart.Stage{
		{Label: "Landing", Count: 1200},
		{Label: "CTA Click", Count: 780, Rate: 65, Target: 60, Verdict: chart.Met},
		{Label: "Foundation Start", Count: 390, Rate: 50, Target: 90, Verdict: chart.Missed},
		{Label: "Foundation Done", Count: 400, Rate: 102.6, Target: 95, Verdict: chart.Met},
		{Label: "Complete", Count: 0, Rate: 0},
	})
	want := chart.Funnel{
		Figure: chart.Figure{
			ID: "funnel", Title: "Conversion Funnel",
			Desc: "5 stages from Landing with 1,200 sessions to Complete with 0 sessions. 2 of 3 targets met. " +
				"Furthest below: Foundation Start with 50% against 90%.",
			Table: chart.Table{
				Head: []string{"Stage", "Sessions", "Rate", "Target", "Target met"},
				Rows: [][]string{
					{"Landing", "1,200", "100%", "–", "–"},
					{"CTA Click", "780", "65%", "60%", "yes"},
					{"Foundation Start", "390", "50%", "90%", "no"},
					{"Foundation Done", "400", "102.6%", "95%", "yes"},
					{"Complete", "0", "0%", "–", "–"},
				},
			},
		},
		Bars: []chart.FunnelBar{
			{Label: "Landing", Count: "1,200", Rate: "100%", Length: 100},
			{Label: "CTA Click", Count: "780", Rate: "65%", Target: "60%", Verdict: chart.Met, Length: 65, TargetX: 60},
			{Label: "Foundation Start", Count: "390", Rate: "50%", Target: "90%", Verdict: chart.Missed, Length: 50, TargetX: 90},
			{Label: "Foundation Done", Count: "400", Rate: "102.6%", Target: "95%", Verdict: chart.Met, Length: 100, TargetX: 95},
			{Label: "Complete", Count: "0", Rate: "0%"},
		},
		Judged: 3, Met: 2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("NewFunnel mismatch (-want +got):\n%s", diff)
	}
}

func TestFunnelNamesTheWidestMiss(t *testing.T) {
	t.Parallel()
	f := chart.NewFunnel("f", "F", []chart.Stage{
		{Label: "A", Count: 10},
		{Label: "B", Count: 5, Rate: 50, Target: 60, Verdict: chart.Missed},
		{Label: "C", Count: 1, Rate: 20, Target: 90, Verdict: chart.Missed},
		{Label: "D", Count: 1, Rate: 40, Target: 80, Verdict: chart.Missed},
	})
	if want := "Furthest below: C with 20% against 90%."; !strings.Contains(f.Desc, want) {
		t.Errorf("Desc = %q, want it to contain %q", f.Desc, want)
	}
}

func TestDonut(t *testing.T) {
	t.Parallel()
	got := chart.NewDonut("models", "Business Models", []chart.Slice{
		{Label: "service", Count: 3, Percent: 75},
		{Label: "product", Count: 0, Percent: 0},
		{Label: "hybrid", Count: 1, Percent: 25},
	})
	want := chart.Donut{
		Figure: chart.Figure{
			ID: "models", Title: "Business Models",
			Desc: "4 sessions in 2 parts. The largest is service with 3, 75%.",
			Table: chart.Table{
				Head: []string{"Part", "Sessions", "Share"},
				Rows: [][]string{{"service", "3", "75%"}, {"product", "0", "0%"}, {"hybrid", "1", "25%"}},
			},
		},
		Arcs: []chart.Arc{
			{Label: "service", Count: "3", Percent: "75%", Dash: "74.2 25.8", Offset: 0, Index: 0},
			{Label: "product", Count: "0", Percent: "0%", Dash: "0 100", Offset: 0, Index: 1},
			{Label: "hybrid", Count: "1", Percent: "25%", Dash: "24.2 75.8", Offset: -75, Index: 2},
		},
		Total: "4",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("NewDonut mismatch (-want +got):\n%s", diff)
	}
}

func TestDonutOfOnePartIsClosed(t *testing.T) {
	t.Parallel()
	d := chart.NewDonut("d", "D", []chart.Slice{{Label: "service", Count: 1, Percent: 100}})
	if got, want := d.Arcs[0].Dash, "100 0"; got != want {
		t.Errorf("Dash of the only slice = %q, want %q", got, want)
	}
	if want := "1 session in 1 part. The largest is service with 1, 100%."; d.Desc != want {
		t.Errorf("Desc = %q, want %q", d.Desc, want)
	}
}

func TestBars(t *testing.T) {
	t.Parallel()
	got := chart.NewBars("adoption", "Adoption", [3]string{"Feature", "Adoption", "Revenue"}, []chart.Rate{
		{Label: "Scheduling", Percent: 80, Note: "$4,500"},
		{Label: "Payments", Percent: 60},
		{Label: "CRM", Percent: 12.5, Note: "$900"},
	}, 60)
	want := chart.Bars{
		Figure: chart.Figure{
			ID: "adoption", Title: "Adoption",
			Desc: "3 features. Highest: Scheduling with 80%. Lowest: CRM with 12.5%. 2 of 3 reach the target of 60%.",
			Table: chart.Table{
				Head: []string{"Feature", "Adoption", "Revenue"},
				Rows: [][]string{{"Scheduling", "80%", "$4,500"}, {"Payments", "60%", "–"}, {"CRM", "12.5%", "$900"}},
			},
		},
		Bars: []chart.Bar{
			{Label: "Scheduling", Value: "80%", Note: "$4,500", Length: 80, Met: true},
			{Label: "Payments", Value: "60%", Length: 60, Met: true},
			{Label: "CRM", Value: "12.5%", Note: "$900", Length: 12.5},
		},
		Target: "60%", TargetX: 60,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("NewBars mismatch (-want +got):\n%s", diff)
	}
}

func TestBarsWithoutTarget(t *testing.T) {
	t.Parallel()
	b := chart.NewBars("b", "B", [3]string{"Plan", "B", "C"}, []chart.Rate{{Label: "x", Percent: 10}, {Label: "y", Percent: 40}}, 0)
	if b.Target != "" || b.Bars[1].Met {
		t.Errorf("NewBars(no target) Target = %q, Met = %v, want none", b.Target, b.Bars[1].Met)
	}
	if want := "2 plans. Highest: y with 40%. Lowest: x with 10%."; b.Desc != want {
		t.Errorf("Desc = %q, want %q", b.Desc, want)
	}
}

func TestPairs(t *testing.T) {
	t.Parallel()
	got := chart.NewPairs("loops", "Validation", "Loop", "Correct", "Needed clarification", []chart.Pair{
		{Label: "Validation Loop 1", First: 80, Rest: 20, Count: 10},
		{Label: "Validation Loop 2", First: 66.7, Rest: 33.3, Count: 3},
		{Label: "Validation Loop 3"},
	})
	want := chart.Pairs{
		Figure: chart.Figure{
			ID: "loops", Title: "Validation",
			Desc: "3 loops. Lowest share of correct: Validation Loop 2 with 66.7%.",
			Table: chart.Table{
				Head: []string{"Loop", "Correct", "Needed clarification", "Answers"},
				Rows: [][]string{
					{"Validation Loop 1", "80%", "20%", "10"},
					{"Validation Loop 2", "66.7%", "33.3%", "3"},
					{"Validation Loop 3", "0%", "0%", "0"},
				},
			},
		},
		FirstName: "Correct", RestName: "Needed clarification",
		Rows: []chart.PairRow{
			{Label: "Validation Loop 1", First: "80%", Rest: "20%", Count: "10", FirstLength: 80, RestX: 80, RestLength: 20},
			{Label: "Validation Loop 2", First: "66.7%", Rest: "33.3%", Count: "3", FirstLength: 66.7, RestX: 66.7, RestLength: 33.3},
			{Label: "Validation Loop 3", First: "0%", Rest: "0%", Count: "0"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("NewPairs mismatch (-want +got):\n%s", diff)
	}
}

func TestEmptyCharts(t *testing.T) {
	t.Parallel()
	for name, fig := range map[string]chart.Figure{
		"a funnel without stages":         chart.NewFunnel("i", "T", nil).Figure,
		"a funnel nobody entered":         chart.NewFunnel("i", "T", []chart.Stage{{Label: "Landing"}}).Figure,
		"a donut without slices":          chart.NewDonut("i", "T", nil).Figure,
		"a donut of zero counts":          chart.NewDonut("i", "T", []chart.Slice{{Label: "service"}}).Figure,
		"bars without rates":              chart.NewBars("i", "T", [3]string{}, nil, 60).Figure,
		"pairs without rows":              chart.NewPairs("i", "T", "L", "A", "B", nil).Figure,
		"pairs nobody answered":           chart.NewPairs("i", "T", "L", "A", "B", []chart.Pair{{Label: "1"}}).Figure,
		"a line without points":           chart.NewLine("i", "T", [2]string{}, nil, 22).Figure,
		"a line of days without sessions": chart.NewLine("i", "T", [2]string{}, []chart.Point{{Label: "Nov 1"}}, 22).Figure,
	} {
		if !fig.Empty {
			t.Errorf("%s: Empty = false, want true", name)
		}
		if !strings.HasSuffix(fig.Desc, " yet.") {
			t.Errorf("%s: Desc = %q, want a sentence about nothing yet", name, fig.Desc)
		}
	}
}

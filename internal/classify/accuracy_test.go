package classify_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/classify"
	"applicreations.com/introspect/internal/classify/classifytest"
)

func descriptions(tb testing.TB) []classifytest.Labelled {
	tb.Helper()
	rows, err := classifytest.Descriptions()
	if err != nil {
		tb.Fatal(err)
	}
	return rows
}

// only keeps the rows of a split.
func only(rows []classifytest.Labelled, s classifytest.Split) []classifytest.Labelled {
	return slices.DeleteFunc(slices.Clone(rows), func(r classifytest.Labelled) bool { return r.Split != s })
}

// TestAccuracy holds the classifier to its figures. Faults are named for the
// split "tune" only, so that nobody mends the tables for the others.
func TestAccuracy(t *testing.T) {
	t.Parallel()
	rows := descriptions(t)
	for _, tc := range []struct {
		name          string
		rows          []classifytest.Labelled
		accuracy      float64 // at least
		acceptedWrong float64 // share, at most
	}{
		{"tune", only(rows, classifytest.Tune), 0.95, 0.01},
		{"test", only(rows, classifytest.Test), 0.92, 0.02},
		{"fresh", only(rows, classifytest.Fresh), 0.77, 0.03},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := classifytest.Measure(tc.rows)
			t.Logf("%s\n%s", got, got.Markdown())
			if got.Accuracy() < tc.accuracy {
				t.Errorf("accuracy = %.3f, want at least %.2f", got.Accuracy(), tc.accuracy)
			}
			if got.AcceptedWrongShare() > tc.acceptedWrong {
				t.Errorf("wrong and accepted = %.3f, want at most %.2f", got.AcceptedWrongShare(), tc.acceptedWrong)
			}
			if tc.name == "tune" {
				faults(t, tc.rows)
			}
		})
	}
}

func faults(tb testing.TB, rows []classifytest.Labelled) {
	tb.Helper()
	for _, r := range rows {
		if got := classify.Classify(r.Text, nil); got.Model != r.Model {
			tb.Logf("%d %q = %q, want %q (scores %v, indicators %v)", r.ID, r.Text, got.Model, r.Model, got.Scores, got.Indicators)
		}
	}
}

func TestLabelsAreSound(t *testing.T) {
	t.Parallel()
	ids, texts := map[int]bool{}, map[string]int{}
	for _, r := range descriptions(t) {
		if ids[r.ID] {
			t.Errorf("id %d occurs twice", r.ID)
		}
		ids[r.ID] = true
		if twin := texts[r.Text]; twin != 0 {
			t.Errorf("rows %d and %d have the same text", twin, r.ID)
		}
		texts[r.Text] = r.ID
		if !slices.Contains([]classifytest.Split{classifytest.Tune, classifytest.Test, classifytest.Fresh}, r.Split) {
			t.Errorf("row %d has the split %q", r.ID, r.Split)
		}
		if len(r.Parts) > 0 != (r.Model == classify.Hybrid) && r.Round > 1 {
			t.Errorf("row %d is %q with the parts %v", r.ID, r.Model, r.Parts)
		}
	}
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	got := classifytest.Measure([]classifytest.Labelled{
		{Model: classify.Service, Text: "We run a hair salon."},
		{Model: classify.Service, Text: "Something nice."},
		{Model: "", Text: "Something else."},
		{Model: classify.Product, Text: "A clinic, a salon, a spa."},
		{Model: "", Text: "A restaurant."},
		{Model: classify.Hybrid, Parts: []classify.Model{classify.Product, classify.Service}, Text: "salon, clinic, lawyer, boutique"},
		{Model: classify.Hybrid, Parts: []classify.Model{classify.Product, classify.Content}, Text: "salon, clinic, lawyer, boutique"},
	})
	want := classifytest.Report{
		Rows: 7, Right: 4, Undecided: 1, Wrong: 2, AcceptedWrong: 1, Hybrids: 2, HybridParts: 1,
		Confusion: map[classify.Model]map[classify.Model]int{
			classify.Service: {classify.Service: 1, "": 1},
			classify.Product: {classify.Service: 1},
			classify.Hybrid:  {classify.Hybrid: 2},
			"":               {"": 1, classify.Service: 1},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Measure (-want +got):\n%s", diff)
	}
	if line := "| service | 1 | 0 | 0 | 0 | 0 | 1 |"; !strings.Contains(got.Markdown(), line) {
		t.Errorf("Markdown() = %q, want a line %q", got.Markdown(), line)
	}
	if line := "4 of 7 right, accuracy 0.571"; !strings.Contains(got.String(), line) {
		t.Errorf("String() = %q, want %q in it", got, line)
	}
	if none := classifytest.Measure(nil); none.Accuracy() != 0 || none.AcceptedWrongShare() != 0 {
		t.Errorf("shares without rows = %v, %v, want 0", none.Accuracy(), none.AcceptedWrongShare())
	}
}

package classify_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/classify"
)

// description is one labelled row of testdata/descriptions.json. The words of
// the tables were tuned on the rows of the split "tune" only; the rows of the
// split "test" stand for clients we have not met.
type description struct {
	ID    int            `json:"id"`
	Split string         `json:"split"`
	Model classify.Model `json:"model"` // empty: nobody could tell
	Text  string         `json:"text"`
	// Fresh rows were written after the tables were fixed; nothing was changed
	// because of them.
	Fresh bool `json:"fresh"`
}

func descriptions(tb testing.TB) []description {
	tb.Helper()
	raw, err := os.ReadFile("testdata/descriptions.json")
	if err != nil {
		tb.Fatal(err)
	}
	var rows []description
	if err := json.Unmarshal(raw, &rows); err != nil {
		tb.Fatal(err)
	}
	return rows
}

func TestAccuracyOnDescriptions(t *testing.T) {
	t.Parallel()
	for _, split := range []string{"tune", "test", "fresh"} {
		t.Run(split, func(t *testing.T) {
			t.Parallel()
			matrix, right, total := map[[2]classify.Model]int{}, 0, 0
			for _, d := range descriptions(t) {
				if d.Split != split && (split != "fresh" || !d.Fresh) {
					continue
				}
				got := classify.Classify(d.Text, nil)
				total++
				matrix[[2]classify.Model{d.Model, got.Model}]++
				if got.Model == d.Model {
					right++
				} else if split == "tune" {
					t.Logf("row %d: %q = %q, want %q (scores %v, indicators %v)", d.ID, d.Text, got.Model, d.Model, got.Scores, got.Indicators)
				}
			}
			accuracy := float64(right) / float64(total)
			t.Logf("%d of %d right, accuracy %.3f\n%s", right, total, accuracy, confusion(matrix))
			if split != "fresh" && accuracy < 0.9 {
				t.Errorf("accuracy on %s = %.3f, want at least 0.9", split, accuracy)
			}
		})
	}
}

// confusion prints the labels down and the answers across.
func confusion(matrix map[[2]classify.Model]int) string {
	models := []classify.Model{classify.Service, classify.Product, classify.Content, classify.Membership, classify.Hybrid, ""}
	var b strings.Builder
	fmt.Fprintf(&b, "%-12s", "label")
	for _, m := range models {
		fmt.Fprintf(&b, "%-12s", short(m))
	}
	for _, label := range models {
		fmt.Fprintf(&b, "\n%-12s", short(label))
		for _, m := range models {
			fmt.Fprintf(&b, "%-12d", matrix[[2]classify.Model{label, m}])
		}
	}
	return b.String()
}

func short(m classify.Model) string {
	if m == "" {
		return "none"
	}
	return string(m)
}

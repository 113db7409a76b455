package stat_test

import (
	"slices"
	"testing"

	"applicreations.com/introspect/internal/stat"
)

// What lies on an edge of what is allowed counts like its neighbours inside.
func TestEdges(t *testing.T) {
	t.Parallel()
	// Of a huge difference the p value is 0 to a float64.
	if got := stat.Discoveries([]float64{0, 1, 0.04}, 0.05); !slices.Equal(got, []bool{true, false, false}) {
		t.Errorf("Discoveries(0, 1, 0.04) = %v, want the first alone", got)
	}
	half := stat.Rate{Hits: 500, Of: 1000}
	if got := (stat.Test{}).Look(half, half); got.P != 1 || got.Diff != 0 || got.Verdict != stat.Noise {
		t.Errorf("Look at two equal rates = %+v, want a p value of 1", got)
	}
	for _, got := range []stat.Look{(stat.Test{}).Look(half, stat.Rate{}), (stat.Test{}).Look(stat.Rate{}, half)} {
		if got.Diff != 0 || got.Verdict != stat.Few || got.Low != -1 || got.High != 1 {
			t.Errorf("Look at one rate alone = %+v, want no difference and nothing known", got)
		}
	}
	usual, _ := stat.Test{Least: 0.2}.SampleSize(0.5)
	if got, ok := (stat.Test{Least: 0.2, Power: 1}).SampleSize(0.5); !ok || got != usual {
		t.Errorf("with the power of certainty %d are needed, %v; want %d, those of the usual power", got, ok, usual)
	}
	for _, base := range []float64{0.8, 0, 1} {
		least := 0.2
		if base == 1 {
			least = -0.2
		}
		if got, ok := (stat.Test{Least: least}).SampleSize(base); !ok || got < 10 || got > 100 {
			t.Errorf("from %v by %v %d are needed, %v; want some tens", base, least, got, ok)
		}
	}
}

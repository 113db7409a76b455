package metric_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"applicreations.com/introspect/internal/metric"
)

const window = int64(metric.Window / 1e6) // milliseconds

// deepest is the oracle: it tries every start and every way through the stages.
func deepest(events []metric.Walked, first, last int) int {
	best := 0
	var try func(from int, stage int, start int64)
	try = func(from int, stage int, start int64) {
		best = max(best, stage-first)
		if stage > last {
			return
		}
		for i := from; i < len(events); i++ {
			e := events[i]
			if int(e.Stage) == stage && e.At >= start && e.At-start <= window {
				try(i+1, stage+1, start)
			}
		}
	}
	for i, e := range events {
		if int(e.Stage) == first {
			try(i+1, first+1, e.At)
			best = max(best, 1)
		}
	}
	return best
}

// TestOrderAgainstBruteForce compares 20,000 random sessions with the oracle:
// repeats, stages out of order, gaps beyond the window.
func TestOrderAgainstBruteForce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 4))
	deep := map[int]int{}
	for range 20_000 {
		events := make([]metric.Walked, r.IntN(14))
		at := int64(1)
		for i := range events {
			gap := r.Int64N(3 * 60_000)
			if r.IntN(6) == 0 {
				gap = r.Int64N(window)
			}
			at += gap
			events[i] = metric.Walked{At: at, Stage: int64(r.IntN(5))}
		}
		first := r.IntN(2)
		got, offsets := metric.Order(events, first, 4)
		if want := deepest(events, first, 4); got != want {
			t.Fatalf("order(%v, from %d) = %d stages, want %d", events, first, got, want)
		}
		if !slices.IsSorted(offsets) || len(offsets) > 0 && (offsets[0] != 0 || offsets[len(offsets)-1] > window) {
			t.Fatalf("order(%v) has the times %v", events, offsets)
		}
		deep[got]++
	}
	for reached := range 6 {
		if deep[reached] == 0 {
			t.Errorf("no session reached %d stages: %v", reached, deep)
		}
	}
}

// TestFirstTimesAreNotEnough: B, A, B reaches B, though the first B came
// before the first A; and a visitor who comes again after the window starts anew.
func TestFirstTimesAreNotEnough(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		events []metric.Walked
		want   int
	}{
		{"b a b", []metric.Walked{{1, 1}, {2, 0}, {3, 1}}, 2},
		{"b a", []metric.Walked{{1, 1}, {2, 0}}, 1},
		{"at the same moment, in order", []metric.Walked{{5, 0}, {5, 1}, {5, 2}}, 3},
		{"a week later from the start", []metric.Walked{{1, 0}, {7 * window, 0}, {7*window + 5, 1}}, 2},
		{"a week later without the start", []metric.Walked{{1, 0}, {7 * window, 1}}, 1},
		{"a later start does not undo a deeper chain", []metric.Walked{{1, 0}, {2, 1}, {3, 0}, {4, 2}}, 3},
		{"nothing", nil, 0},
	} {
		if got, _ := metric.Order(tc.events, 0, 4); got != tc.want {
			t.Errorf("%s: %d stages, want %d", tc.name, got, tc.want)
		}
	}
	// Of two ways that lead as far the first one was the visitor's.
	if _, offsets := metric.Order([]metric.Walked{{1, 0}, {20, 1}, {100, 0}, {105, 1}}, 0, 4); !slices.Equal(offsets, []int64{0, 19}) {
		t.Errorf("a visitor who went the same way twice took %v, want the first time, 0 and 19", offsets)
	}
}

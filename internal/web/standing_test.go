package web

import (
	"context"
	"errors"
	"testing"
	"time"

	"applicreations.com/introspect/internal/metric"
)

// TestStandings: few visits are read for every view, many at most every ten
// seconds, and what a failed read found is not remembered.
func TestStandings(t *testing.T) {
	t.Parallel()
	var s standings
	start := time.Date(2026, time.November, 28, 9, 0, 0, 0, time.UTC)
	many, few := make([]metric.Standing, fewStanding+1), make([]metric.Standing, fewStanding)
	gone := errors.New("the database is away")
	for i, step := range []struct {
		after time.Duration
		there []metric.Standing
		err   error
		want  int
		reads bool
	}{
		{0, few, nil, fewStanding, true},
		{0, few, nil, fewStanding, true},
		{0, many, gone, fewStanding + 1, true},
		{0, many, nil, fewStanding + 1, true},
		{standingFresh, few, nil, fewStanding + 1, false},
		{standingFresh + time.Second, few, nil, fewStanding, true},
		{standingFresh + time.Second, many, nil, fewStanding + 1, true},
		{standingFresh, few, nil, fewStanding, true}, // the clock was set back
	} {
		read := false
		got, err := s.of(t.Context(), start.Add(step.after), func(context.Context) ([]metric.Standing, error) {
			read = true
			return step.there, step.err
		})
		if len(got) != step.want || read != step.reads || !errors.Is(err, step.err) {
			t.Errorf("step %d: %d visits, read %v, %v; want %d, %v, %v", i, len(got), read, err, step.want, step.reads, step.err)
		}
	}
}

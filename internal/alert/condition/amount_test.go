package condition_test

import (
	"testing"

	"applicreations.com/introspect/internal/alert/condition"
)

// The noun follows the figure, in every unit that a rule may have.
func TestAmount(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		v    float64
		unit string
		want string
	}{
		{1, " errors", "1 error"},
		{2, " errors", "2 errors"},
		{0, " errors", "0 errors"},
		{1.5, " questions", "1.5 questions"},
		{1, " errors in 60 s", "1 error in 60 s"},
		{1, " times in 10 min", "1 time in 10 min"},
		{1, " times the median", "1 times the median"},
		{1, " robust deviations", "1 robust deviation"},
		{1, " breakers open", "1 breaker open"},
		{1, " people", "1 person"},
		{1, " queries", "1 query"},
		{1, " in a row", "1 in a row"},
		{1, " s", "1 s"},
		{1, "%", "1%"},
		{1, "% of the limit", "1% of the limit"},
		{1, "", "1"},
	} {
		if got := condition.Amount(tt.v, tt.unit); got != tt.want {
			t.Errorf("Amount(%v, %q) = %q, want %q", tt.v, tt.unit, got, tt.want)
		}
	}
	c := condition.Condition{Threshold: &condition.Threshold{Op: condition.AtLeast, Fire: 1, Unit: " errors"}}
	if got, want := c.Words(condition.Finding{}), "0 errors (alerts at 1 error)"; got != want {
		t.Errorf("Words = %q, want %q", got, want)
	}
}

package condition_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert/condition"
)

func TestLimit(t *testing.T) {
	t.Parallel()
	at := func(v float64) *float64 { return &v }
	for _, c := range []struct {
		name  string
		when  condition.Condition
		label string
		value float64
		want  condition.Condition // with the limit doubled
	}{
		{
			"a threshold",
			condition.Condition{Threshold: &condition.Threshold{Fire: 90, Clear: at(80), Unit: "%"}},
			"Limit in %", 90,
			condition.Condition{Threshold: &condition.Threshold{Fire: 180, Clear: at(160), Unit: "%"}},
		},
		{
			"a threshold that is over a tenth within",
			condition.Condition{Threshold: &condition.Threshold{Fire: 3}},
			"Limit", 3,
			condition.Condition{Threshold: &condition.Threshold{Fire: 6}},
		},
		{
			"a share",
			condition.Condition{Ratio: &condition.Ratio{Op: condition.Above, Fire: 0.05, Clear: at(0.025)}},
			"Limit as a share from 0 to 1", 0.05,
			condition.Condition{Ratio: &condition.Ratio{Op: condition.Above, Fire: 0.1, Clear: at(0.05)}},
		},
		{
			"a share that must not be low is over before it is more than all",
			condition.Condition{Ratio: &condition.Ratio{Op: condition.Below, Fire: 0.25, Clear: at(0.625)}},
			"Limit as a share from 0 to 1", 0.25,
			condition.Condition{Ratio: &condition.Ratio{Op: condition.Below, Fire: 0.5, Clear: at(0.75)}},
		},
		{
			"a drop",
			condition.Condition{Drop: &condition.Drop{Least: 0.2, Clear: 0.1}},
			"Smallest change that matters, as a share", 0.2,
			condition.Condition{Drop: &condition.Drop{Least: 0.4, Clear: 0.2}},
		},
		{
			"a budget",
			condition.Condition{Burn: &condition.Burn{Objective: 0.4}},
			"Share of requests that must be good", 0.4,
			condition.Condition{Burn: &condition.Burn{Objective: 0.8}},
		},
		{"an absence", condition.Condition{Absence: &condition.Absence{}}, "", 0, condition.Condition{Absence: &condition.Absence{}}},
	} {
		if label, value := c.when.Limit(); label != c.label || value != c.value {
			t.Errorf("%s: Limit() = %q, %v, want %q, %v", c.name, label, value, c.label, c.value)
		}
		c.when.SetLimit(2 * c.value)
		if diff := cmp.Diff(c.want, c.when); diff != "" {
			t.Errorf("%s with the limit doubled (-want +got):\n%s", c.name, diff)
		}
	}
}

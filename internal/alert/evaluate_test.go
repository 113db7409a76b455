package alert_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
)

// point is a figure at a minute and the name of the state after it.
type point struct {
	minute int
	value  float64
	want   string
}

func TestPhases(t *testing.T) {
	t.Parallel()
	held := func(r *alert.Rule) { r.For, r.Evaluations = minutes(2), 2 }
	tests := []struct {
		name   string
		edit   func(*alert.Rule)
		points []point
		log    []string
	}{
		{"quiet stays quiet", nil, []point{{0, 1, "inactive"}, {1, 10, "inactive"}}, nil},
		{"without for it fires at once", nil, []point{{0, 11, "firing"}}, []string{"12:00 firing page 1"}},
		{"a trouble that leaves while pending", held, []point{{0, 11, "pending"}, {1, 9, "inactive"}}, nil},
		{"at the limit it does not fire", nil, []point{{0, 10, "inactive"}}, nil},
		{"for waits", held, []point{{0, 11, "pending"}, {1, 11, "pending"}, {2, 11, "firing"}}, []string{"12:02 firing page 1"}},
		{"for starts anew when the trouble leaves", held, []point{{0, 11, "pending"}, {1, 9, "inactive"}, {2, 11, "pending"}, {4, 11, "firing"}}, []string{"12:04 firing page 1"}},
		{
			"a late evaluation alone does not fire", func(r *alert.Rule) { r.For, r.Evaluations = minutes(2), 3 },
			[]point{{0, 11, "pending"}, {30, 11, "pending"}, {31, 11, "firing"}},
			[]string{"12:31 firing page 1"},
		},
		{
			"looking twice at an instant counts once", func(r *alert.Rule) { r.Evaluations = 2 },
			[]point{{0, 11, "pending"}, {0, 11, "pending"}, {1, 11, "firing"}},
			[]string{"12:01 firing page 1"},
		},
		{
			"between the limits it stays", nil,
			[]point{{0, 11, "firing"}, {1, 7, "firing"}, {2, 5, "resolved"}, {3, 7, "resolved"}},
			[]string{"12:00 firing page 1", "12:02 resolved page 1"},
		},
		{
			"keep firing waits", func(r *alert.Rule) { r.KeepFiring = minutes(2) },
			[]point{{0, 11, "firing"}, {1, 1, "recovering"}, {2, 1, "recovering"}, {3, 1, "resolved"}},
			[]string{"12:00 firing page 1", "12:03 resolved page 1"},
		},
		{
			"a relapse while recovering is the same episode", func(r *alert.Rule) { r.KeepFiring = minutes(2) },
			[]point{{0, 11, "firing"}, {1, 1, "recovering"}, {2, 11, "firing"}, {3, 1, "recovering"}, {4, 7, "firing"}},
			[]string{"12:00 firing page 1"},
		},
		{
			"clear evaluations count", func(r *alert.Rule) { r.ClearEvaluations = 3 },
			[]point{{0, 11, "firing"}, {1, 1, "recovering"}, {2, 1, "recovering"}, {2, 1, "recovering"}, {3, 1, "resolved"}},
			[]string{"12:00 firing page 1", "12:03 resolved page 1"},
		},
		{
			"it fires again after it was resolved", nil,
			[]point{{0, 11, "firing"}, {1, 1, "resolved"}, {2, 11, "firing"}},
			[]string{"12:00 firing page 1", "12:01 resolved page 1", "12:02 firing page 1"},
		},
		{
			"pending after resolved may come to nothing", held,
			[]point{{0, 11, "pending"}, {2, 11, "firing"}, {3, 1, "resolved"}, {4, 11, "pending"}, {5, 1, "inactive"}},
			[]string{"12:02 firing page 1", "12:03 resolved page 1"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := simple()
			if tt.edit != nil {
				tt.edit(&r)
			}
			run := newRun(t, r)
			for _, p := range tt.points {
				if got := run.value(p.minute, p.value).state.Name(); got != p.want {
					t.Errorf("after %v at minute %d the state is %q, want %q", p.value, p.minute, got, p.want)
				}
			}
			if run.state.Phase == alert.Inactive && run.state.Detail != "" {
				t.Errorf("it is quiet, and still says %q", run.state.Detail)
			}
			if diff := cmp.Diff(tt.log, run.log); diff != "" {
				t.Errorf("notices (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBuiltinIsComplete(t *testing.T) {
	t.Parallel()
	for _, r := range builtin(t) {
		if err := r.Check(); err != nil {
			t.Error(err)
		}
		if r.Every.Long() < 10*time.Second {
			t.Errorf("rule %s is evaluated every %s, which is too often", r.ID, r.Every)
		}
	}
}

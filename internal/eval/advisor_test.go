package eval_test

import (
	"math"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/eval"
	"applicreations.com/introspect/internal/persona"
)

// scores of a report that a bad advisor could lower or raise, higher is better.
func scoresOf(r eval.Report) map[string]float64 {
	return map[string]float64{
		"recall of told": r.Recall, "recall of all": r.RecallAll, "told": r.ToldShare, "precision": r.Precision, "implicit": r.Implicit,
		"contradictions": r.Conflicts, "no redundancy": 1 - r.Redundancy, "no false alarms": -r.FalseAlarms, "classification": r.Model, "features in window": r.Window,
	}
}

// TestAdvisorsHarmNobody lets each fake sit in on interviews: a hostile one must
// cost no score more than a point, and a perfect one must add something.
func TestAdvisorsHarmNobody(t *testing.T) {
	t.Parallel()
	e, lib := engine(t), library(t)
	measure := func(a eval.Advisor) eval.Outcome {
		return eval.Measure(e, eval.Suite{Library: lib, Briefs: lib.Briefs, Presets: persona.Presets(), Each: 1, Seeds: 1, Now: began(), Advisor: a, Once: true})
	}
	rules := measure(nil)
	for name, advisor := range eval.Advisors(engine(t).Options()) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := measure(advisor)
			for score, want := range scoresOf(rules.All) {
				if have := scoresOf(got.All)[score]; have < want-0.01 {
					t.Errorf("%s: %s is %.4f, want at least %.4f, a point below rules only", name, score, have, want-0.01)
				} else if math.Abs(have-want) > 0.0005 {
					t.Logf("%s: %s %.4f against %.4f", name, score, have, want)
				}
			}
			if got.All.Escapes > 0 || got.All.Ungrounded > rules.All.Ungrounded || got.All.PriceError > 0 || got.All.Dead > 0 {
				t.Errorf("%s: escapes %d, ungrounded %d, price errors %d, dead ends %d, want none", name, got.All.Escapes, got.All.Ungrounded, got.All.PriceError, got.All.Dead)
			}
			if name == "fake-perfect" && got.All.RecallAll < rules.All.RecallAll {
				t.Errorf("perfect advice gives recall %.4f, want no less than the rules' %.4f", got.All.RecallAll, rules.All.RecallAll)
			}
		})
	}
}

// TestAdvisedReplays repeats advised interviews, which must come out the same
// byte for byte.
func TestAdvisedReplays(t *testing.T) {
	t.Parallel()
	lib := library(t)
	for name, advisor := range eval.Advisors(engine(t).Options()) {
		o := eval.Measure(engine(t), eval.Suite{Library: lib, Briefs: lib.Briefs[:2], Presets: persona.Presets()[:1], Seeds: 1, Now: began(), Advisor: advisor})
		if !o.Replayed {
			t.Errorf("%s: a replay was different", name)
		}
		if got := eval.Compare(name, o.All, o.All); !strings.Contains(got, "+0.00") {
			t.Errorf("%s compared with itself differs:\n%s", name, got)
		}
	}
}

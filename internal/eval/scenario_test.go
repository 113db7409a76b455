package eval_test

import (
	"os"
	"testing"
	"testing/fstest"

	"applicreations.com/introspect/internal/eval"
)

// TestScenarios reads files of the ReqElicitGym shape, one scenario or a list
// of them, and reports on each requirement.
func TestScenarios(t *testing.T) {
	t.Parallel()
	list, err := eval.Scenarios(engine(t), library(t), os.DirFS("testdata/scenarios"), began())
	if err != nil {
		t.Fatal(err)
	}
	byName, touched, held := map[string]int{}, 0, 0
	for _, touch := range list {
		byName[touch.Scenario]++
		if len(touch.Questions) > 0 && len(touch.Slots) > 0 {
			touched++
		}
		if touch.Held {
			held++
		}
	}
	if byName["Harbour Books"] != 4 || len(byName) < 2 {
		t.Errorf("requirements by scenario = %v, want 4 of Harbour Books and some of others", byName)
	}
	if touched == 0 || held == 0 {
		t.Errorf("%d requirements were touched and %d kept, want some of each", touched, held)
	}
}

func TestScenariosRefuse(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, file string }{
		{"text that is no JSON", "ask me anything"},
		{"a scenario without requirements", `{"name": "Empty", "initial_requirements": "A website."}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			dir := fstest.MapFS{"bad.json": {Data: []byte(row.file)}}
			if list, err := eval.Scenarios(engine(t), library(t), dir, began()); err == nil {
				t.Errorf("Scenarios = %v, want an error", list)
			}
		})
	}
}

package main

import (
	"strings"
	"testing"
)

// TestEvalRefuses checks the options of eval that would mislead.
func TestEvalRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		args []string
		want string
	}{
		{"misses of the held-back half", []string{"--split", "test", "--misses"}, "not with the test half"},
		{"misses without a split, which is the held-back half", []string{"--misses"}, "not with the test half"},
		{"two forms of output", []string{"--json", "--markdown"}, "choose one"},
		{"a split that does not exist", []string{"--split", "dev"}, `no split "dev"`},
		{"an advisor that does not exist", []string{"--advisor", "oracle"}, `no advisor "oracle"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			out := new(output)
			err := evaluate(t.Context(), environment{getenv(nil), out, new(output), nil}, row.args)
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("eval %v = %v, want an error that says %q", row.args, err, row.want)
			}
			if got := out.String(); got != "" {
				t.Errorf("eval %v printed %q before it was refused", row.args, got)
			}
		})
	}
}

func TestEvalPrintsScenarios(t *testing.T) {
	t.Parallel()
	out := new(output)
	if err := evaluate(t.Context(), environment{getenv(nil), out, new(output), nil}, []string{"--scenarios", "../../internal/eval/testdata/scenarios"}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, "Harbour Books") || !strings.Contains(got, "requirements are in the facts") {
		t.Errorf("eval --scenarios printed %q, want a row for each requirement and the sum", got)
	}
}

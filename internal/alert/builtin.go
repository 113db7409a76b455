package alert

import (
	_ "embed" // the rules of the house
	"fmt"
)

//go:embed rules.json
var rulesFile []byte

// Builtin returns the rules of the house, complete and in an order to evaluate
// them in: every alert of the runbook, and what no runbook thinks of until it
// happened. The mapping is in builtin_test.go.
func Builtin() ([]Rule, error) {
	rules, err := Parse(rulesFile)
	if err != nil {
		return nil, fmt.Errorf("read the built-in alert rules: %w", err)
	}
	return rules, nil
}

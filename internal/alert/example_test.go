package alert_test

import (
	"fmt"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/stat"
)

// A caller reads what a rule asks for, evaluates it, commits the state with its
// notices, and hands the receipts to the next evaluation.
func ExampleEvaluate() {
	rules, err := alert.Parse([]byte(`{
		"format": 1,
		"severities": {"warning": {"channels": ["slack"], "repeat": "24h"}},
		"rules": [{
			"id": "mails", "version": 1, "severity": "warning", "enabled": true, "group": "email", "runbook": "email",
			"title": "Mails are not accepted", "metric": "email_failed", "every": "5m",
			"when": {"ratio": {"op": "above", "fire": 0.05, "windows": [{"span": "1h", "sample": 20}]}}
		}]
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	var state alert.State
	var receipts []alert.Receipt
	now := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	for _, failed := range []int64{0, 7, 7, 0} {
		reading := alert.Reading{At: now, Counts: []condition.Count{{Span: alert.Duration(time.Hour), Now: stat.Rate{Hits: failed, Of: 61}}}}
		var notices []alert.Notice
		state, notices = alert.Evaluate(rules[0], state, reading, alert.Env{Now: now, Receipts: receipts})
		receipts = nil
		for _, parcel := range alert.Together(notices) {
			fmt.Println(parcel.Headline())
			fmt.Println("  " + parcel.Notices[0].Detail)
			receipts = append(receipts, parcel.Receipts(now, false)...)
		}
		now = now.Add(5 * time.Minute)
	}
	fmt.Println(state.Name())
	// Output:
	// [WARNING] Mails are not accepted (email): firing, began 2026-03-04 12:05 UTC
	//   7 of 61 = 11.48% in 1h (alerts above 5%)
	// [WARNING] Mails are not accepted (email): resolved, began 2026-03-04 12:05 UTC
	//   0 of 61 = 0% in 1h (alerts above 5%)
	// resolved
}

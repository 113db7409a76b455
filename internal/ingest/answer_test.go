package ingest_test

import (
	"encoding/json"
	"testing"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/ingest"
)

// TestAppendJSON holds the answer to encoding/json.
func TestAppendJSON(t *testing.T) {
	t.Parallel()
	var each []ingest.Result
	for c := range 256 { // alone, so that none hides behind another
		each = append(each, ingest.Result{ID: event.ID([]byte{'a', byte(c)}), Result: "ok"})
	}
	for _, r := range []ingest.Report{
		{},
		{Accepted: 123, Duplicates: 456, Dropped: 789, Retry: 321, Results: each},
		{Results: []ingest.Result{}},
		{Accepted: 2, Duplicates: 3, Dropped: 4, Retry: 5, Evicted: 6, RetryAfter: 7, Results: []ingest.Result{
			{ID: "a", Result: "ok"},
			{ID: "<&>\"\\\n\x7f\u2028 \xff ü", Result: "warning", Details: "bot,no_timestamp"},
			{ID: "index:7", Result: "drop", Details: "bad_json", Hint: "The line is not JSON & no more."},
		}},
	} {
		want, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.AppendJSON([]byte("x")); string(got) != "x"+string(want) {
			t.Errorf("AppendJSON = %s, want x%s", got, want)
		}
	}
}

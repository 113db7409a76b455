package watch_test

import (
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/status"
)

// What is critical is drafted for the status page when people are told of it: once
// for all channels and for all times that it fires on that day. Warnings, and what
// is silenced, draft nothing.
func TestCriticalAlertsDraftIncidents(t *testing.T) {
	t.Parallel()
	errors := plainRule("errors", alert.Critical, "page", "slack")
	errors.Group = "errors"
	w := newWorld(t, errors, plainRule("quiet", alert.Critical, "page"), plainRule("warning", alert.Warning, "slack"))
	if _, err := w.watch.Silence(t.Context(), alert.Silence{Match: []alert.Matcher{{Label: "rule", Value: "quiet"}}, Author: "owner", Reason: "known", From: w.now, To: w.now.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	drafts := func() []status.Incident {
		t.Helper()
		list, err := w.store.Incidents(t.Context(), noon().AddDate(0, 0, -1))
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	fires := func(level float64) {
		t.Helper()
		w.level["errors"], w.level["quiet"], w.level["warning"] = level, level, level
		w.steps(time.Minute)
	}
	fires(20)
	list := drafts()
	if len(list) != 1 {
		t.Fatalf("%d incidents were drafted, want the one of errors: %+v", len(list), list)
	}
	i := list[0]
	if !i.Draft() || i.Title != "Too much errors" || i.Cause != "alert:errors" || i.Impact != status.Major || len(i.Components) != 3 {
		t.Errorf("the draft is %+v", i)
	}
	if !strings.Contains(i.Body, "12:00 UTC") || strings.Contains(i.Body, "20") {
		t.Errorf("visitors would read %q, want since when, and no figures", i.Body)
	}
	w.start() // another process
	fires(0)
	fires(20)
	if list = drafts(); len(list) != 1 {
		t.Errorf("fired twice on a day, %d incidents were drafted, want one", len(list))
	}
	fires(0)
	w.step(25 * time.Hour)
	fires(20)
	if list = drafts(); len(list) != 3 { // the silence has ended, too
		t.Errorf("a day later there are %d drafts, want a new one of each", len(list))
	}
}

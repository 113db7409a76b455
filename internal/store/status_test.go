package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/status"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// tuesday is a moment whose clock a test moves.
func tuesday(tb testing.TB) (*store.Store, *time.Time) {
	tb.Helper()
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	return storetest.SQLite(tb, store.Config{Now: func() time.Time { return now }}), &now
}

func TestIncidentFromDraftToPostmortem(t *testing.T) {
	t.Parallel()
	s, now := tuesday(t)
	ctx := t.Context()
	begun := *now
	id, err := s.DraftIncident(ctx, "Mails are late", "The provider answers 503.", "alert:mail")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.DraftIncident(ctx, "Mails are late again", "", "alert:mail"); err != nil || again != id {
		t.Errorf("second draft of an open cause = %q, %v, want the first one, %q", again, err, id)
	}
	if err := s.UpdateIncident(ctx, id, status.Monitoring, "Looks better."); !errors.Is(err, store.ErrState) {
		t.Errorf("update of a draft = %v, want ErrState", err)
	}
	edited := status.Incident{ID: id, Title: "Mails are late", Body: "b", Impact: status.Minor, Components: []status.Component{status.Documents}}
	if err := s.EditIncident(ctx, edited); err != nil {
		t.Fatal(err)
	}
	*now = begun.Add(5 * time.Minute)
	if err := s.PublishIncident(ctx, id, "Mails arrive late. We are looking into it."); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{"publish twice": s.PublishIncident(ctx, id, "x"), "discard what is published": s.DiscardIncident(ctx, id)} {
		if !errors.Is(err, store.ErrState) {
			t.Errorf("%s = %v, want ErrState", what, err)
		}
	}
	*now = begun.Add(time.Hour)
	if err := s.UpdateIncident(ctx, id, status.Resolved, "All mails were sent."); err != nil {
		t.Fatal(err)
	}
	if err := s.UpdateIncident(ctx, id, status.Monitoring, "x"); !errors.Is(err, store.ErrState) {
		t.Errorf("update after the end = %v, want ErrState", err)
	}
	if err := s.Postmortem(ctx, id, "Their certificate had expired."); err != nil {
		t.Fatal(err)
	}
	got, err := s.Incident(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	want := status.Incident{
		ID: id, Title: "Mails are late", Body: "b", Cause: "alert:mail", Impact: status.Minor, Components: []status.Component{status.Documents},
		CreatedAt: begun, PublishedAt: begun.Add(5 * time.Minute), ResolvedAt: begun.Add(time.Hour), Postmortem: "Their certificate had expired.",
		Updates: []status.Update{
			{At: begun.Add(time.Hour), Phase: status.Resolved, Text: "All mails were sent."},
			{At: begun.Add(5 * time.Minute), Phase: status.Investigating, Text: "Mails arrive late. We are looking into it."},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(status.Update{}, "ID")); diff != "" {
		t.Errorf("incident (-want +got):\n%s", diff)
	}
	marks, err := s.Annotations(ctx, begun, begun.Add(time.Hour))
	if err != nil || len(marks) != 1 || marks[0].Kind != store.KindIncident || marks[0].Text != "Mails are late" {
		t.Errorf("marks on the time axis = %v, %v, want one of the incident", marks, err)
	}
	if next, err := s.DraftIncident(ctx, "Mails are late", "", "alert:mail"); err != nil || next == id {
		t.Errorf("draft after the end = %q, %v, want a new one", next, err)
	}
}

func TestIncidentLists(t *testing.T) {
	t.Parallel()
	s, now := tuesday(t)
	ctx := t.Context()
	var ids []string
	for range 3 {
		id, err := s.DraftIncident(ctx, "Something", "", "")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := s.DiscardIncident(ctx, ids[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.PublishIncident(ctx, ids[1], "x"); err != nil {
		t.Fatal(err)
	}
	if err := s.UpdateIncident(ctx, ids[1], status.Resolved, "y"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		since time.Time
		want  []string
	}{
		{"what is open and what ended since", *now, []string{ids[2], ids[1]}},
		{"only what is open", now.Add(time.Minute), []string{ids[2]}},
	} {
		list, err := s.Incidents(ctx, tt.since)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, i := range list {
			got = append(got, i.ID)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if _, err := s.Incident(ctx, "none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown incident = %v, want ErrNotFound", err)
	}
	if err := s.Postmortem(ctx, "none", "x"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("postmortem of an unknown incident = %v, want ErrNotFound", err)
	}
}

func TestMaintenanceIsPlannedAndCancelled(t *testing.T) {
	t.Parallel()
	s, now := tuesday(t)
	ctx := t.Context()
	m := status.Maintenance{
		Title: "New disk", Text: "We move the data.", Components: []status.Component{status.Intake, status.API},
		Start: now.Add(72 * time.Hour), End: now.Add(74 * time.Hour),
	}
	id, err := s.PlanMaintenance(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Maintenances(ctx, *now)
	if err != nil {
		t.Fatal(err)
	}
	m.ID, m.CreatedAt = id, *now
	if diff := cmp.Diff([]status.Maintenance{m}, got); diff != "" {
		t.Errorf("planned (-want +got):\n%s", diff)
	}
	if err := s.CancelMaintenance(ctx, id); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Maintenances(ctx, *now); err != nil || len(got) != 0 {
		t.Errorf("after cancelling = %v, %v, want none", got, err)
	}
	if marks, err := s.Annotations(ctx, *now, now.Add(100*time.Hour)); err != nil || len(marks) != 0 {
		t.Errorf("marks after cancelling = %v, %v, want none", marks, err)
	}
	if err := s.CancelMaintenance(ctx, id); !errors.Is(err, store.ErrState) {
		t.Errorf("cancel twice = %v, want ErrState", err)
	}
	if err := s.CancelMaintenance(ctx, "none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("cancel nothing = %v, want ErrNotFound", err)
	}
}

// The switch is set by another process, so it must not be cached here.
func TestModeIsSeenByAnotherProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server, cli := storetest.SQLite(t, store.Config{Path: dir}), storetest.SQLite(t, store.Config{Path: dir})
	if m, err := server.Mode(t.Context()); err != nil || m.On {
		t.Errorf("mode of a new store = %+v, %v, want off", m, err)
	}
	want := status.Mode{On: true, Message: "Back at noon.", Since: storetest.Start(), Until: storetest.Start().Add(time.Hour)}
	if err := cli.SetMode(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	got, err := server.Mode(t.Context())
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("mode after another process set it: %v (-want +got):\n%s", err, diff)
	}
	if w, err := server.Window(t.Context()); err != nil || w != status.Standard() {
		t.Errorf("window of a new store = %+v, %v, want the standard, off", w, err)
	}
	changed := status.Window{Enabled: true, Weekday: time.Saturday, From: 60, To: 90, Zone: "Europe/Berlin"}
	if err := cli.SetWindow(t.Context(), changed); err != nil {
		t.Fatal(err)
	}
	if w, err := server.Window(t.Context()); err != nil || w != changed {
		t.Errorf("window = %+v, %v, want %+v", w, err, changed)
	}
}

func TestProbesAddUpAndAge(t *testing.T) {
	t.Parallel()
	s, now := tuesday(t)
	ctx := t.Context()
	count := func(at time.Time, good, bad int64) {
		t.Helper()
		if err := s.AddProbes(ctx, at, map[string]status.Tally{"intake": {Good: good, Bad: bad}}); err != nil {
			t.Fatal(err)
		}
	}
	count(now.Add(-40*24*time.Hour), 5, 5)
	count(now.Add(-2*time.Hour), 10, 1)
	count(*now, 3, 0)
	count(*now, 1, 1)
	for _, tt := range []struct {
		name  string
		since time.Duration
		want  status.Tally
	}{
		{"this quarter", 0, status.Tally{Good: 4, Bad: 1}},
		{"three hours", 3 * time.Hour, status.Tally{Good: 14, Bad: 2}},
		{"what is older than five weeks is kept by day only", 50 * 24 * time.Hour, status.Tally{Good: 14, Bad: 2}},
	} {
		if got, err := s.ProbesSince(ctx, "intake", now.Add(-tt.since)); err != nil || got != tt.want {
			t.Errorf("%s = %+v, %v, want %+v", tt.name, got, err, tt.want)
		}
	}
	today := metric.DayBucket(*now, time.UTC)
	got, err := s.ProbeDays(ctx, today-89)
	want := map[string]map[int64]status.Tally{"intake": {today: {Good: 14, Bad: 2}, today - 40: {Good: 5, Bad: 5}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("days: %v (-want +got):\n%s", err, diff)
	}
}

func TestCountsForOperators(t *testing.T) {
	t.Parallel()
	s, now := tuesday(t)
	ctx := t.Context()
	if err := s.ProbeWrite(ctx); err != nil {
		t.Errorf("write probe = %v", err)
	}
	if size, err := s.Size(ctx); err != nil || size < 4096 {
		t.Errorf("size = %d, %v, want at least a page", size, err)
	}
	if _, ok, err := s.DueJob(ctx); ok || err != nil {
		t.Errorf("due job of an empty store = %v, %v, want none", ok, err)
	}
	if _, err := s.Enqueue(ctx, store.NewJob{ID: store.NewJobID(), Kind: "mail", Payload: []byte("{}"), Due: now.Add(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if due, ok, err := s.DueJob(ctx); !ok || err != nil || !due.Equal(now.Add(-time.Hour)) {
		t.Errorf("due job = %v, %v, %v, want an hour ago", due, ok, err)
	}
	for _, action := range []string{"login", "login_failed", "login_failed"} {
		if err := s.Audit(ctx, store.AuditEntry{At: *now, Actor: "admin:1", Action: action}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.AuditCounts(ctx, *now)
	if diff := cmp.Diff(map[string]int{"login": 1, "login_failed": 2}, got); diff != "" || err != nil {
		t.Errorf("audit counts: %v (-want +got):\n%s", err, diff)
	}
	if got, err := s.SessionCounts(ctx); err != nil || len(got) != 0 {
		t.Errorf("sessions of an empty store = %v, %v, want none", got, err)
	}
}

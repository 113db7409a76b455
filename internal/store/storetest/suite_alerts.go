package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/alert/trace"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
)

// alertSuite is the part of the suite about alerts.
func alertSuite(t *testing.T, open Open) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(t *testing.T, open Open)
	}{
		{"what was stored comes back", alertsRoundTrip},
		{"a caller who left stores nothing", alertsAtomic},
		{"a notice has the outcome of its job", alertOutcomes},
		{"what is over is dropped", alertVoid},
		{"what is over is not replayed", alertReplayed},
		{"rules have versions", alertRules},
		{"silences end", alertSilences},
		{"acknowledgements are those of open episodes", alertAcks},
		{"windows come with their zone", alertWindows},
		{"facts are read by entry and last sight", factsSince},
		{"readings come back until they are forgotten", alertReadings},
		{"results are told once", operationResults},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, open)
		})
	}
}

// sameAs compares what came back.
func sameAs(tb testing.TB, what string, got, want any) {
	tb.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func alertNotice(key alert.Key, made time.Time) alert.Notice {
	return alert.Notice{
		Key: key, Kind: alert.KindFiring, Episode: "episode-1", Channel: "page", N: 1, Rule: "load", Version: 1, Fingerprint: "print-1",
		Severity: alert.Critical, Title: "Too much load", Group: "test", Runbook: "test", From: made, At: made, Detail: "20",
	}
}

func alertChange(made time.Time) store.AlertChange {
	return store.AlertChange{
		States: []store.AlertState{{Rule: "load", State: alert.State{
			Fingerprint: "print-1", Labels: map[string]string{"disk": "a"}, Phase: alert.Firing, Since: made, At: made,
			Episode: &alert.Open{ID: "episode-1", From: made, TellAt: made, Told: []alert.Told{{Channel: "page", Firing: 1, Waiting: []alert.Key{"n1"}}}}, Episodes: 1,
		}}},
		Episodes: []store.AlertEpisode{{
			ID: "episode-1", Rule: "load", Fingerprint: "print-1", Severity: alert.Critical, From: made, Told: made, Title: "Too much load", Detail: "20",
			Labels: map[string]string{"disk": "a"}, Causes: []string{"session-1"},
		}},
		Notices: []alert.Notice{alertNotice("n1", made), alertNotice("n2", made.Add(time.Second))},
	}
}

// Blocks of readings are stored over what was stored of them, handed out by rule
// and time, and forgotten by age; one that cannot be read is counted.
func alertReadings(t *testing.T, open Open) {
	t.Helper()
	s := open(t, store.Config{Now: Start})
	var rounds trace.Rounds
	var track trace.Track
	block := func(at time.Time, bodies ...store.AlertReadings) store.AlertChange {
		c := store.AlertChange{Readings: append(bodies, store.AlertReadings{Body: rounds.Pack()})}
		for i := range c.Readings {
			c.Readings[i].Block = at
		}
		return c
	}
	save := func(c store.AlertChange) {
		t.Helper()
		if err := s.SaveAlerts(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 3 {
		rounds.Add(Start().Add(time.Duration(n) * trace.Usual))
		track.Add(n, alert.Reading{Value: 7}, false)
		save(block(Start(), store.AlertReadings{Rule: "load", Fingerprint: "print-1", Body: track.Pack()}))
	}
	broken := block(Start().Add(time.Hour), store.AlertReadings{Rule: "load", Fingerprint: "print-1", Body: []byte{9, 9, 9}}, store.AlertReadings{Rule: "other", Fingerprint: "print-2", Body: track.Pack()})
	save(broken)
	var got []time.Time
	read := func(since time.Time) int {
		t.Helper()
		got = nil
		unread, err := s.Readings(t.Context(), "load", since, func(f alert.Fingerprint, in *alert.Stretch) {
			if f != "print-1" || in.Value != 7 {
				t.Errorf("Readings() hands out %v of %s, want 7 of print-1", in.Value, f)
			}
			got = append(got, in.Times...)
		})
		if err != nil {
			t.Fatal(err)
		}
		return unread
	}
	if unread := read(Start()); unread != 1 {
		t.Errorf("Readings() counts %d blocks that cannot be read, want 1", unread)
	}
	sameAs(t, "times", got, []time.Time{Start(), Start().Add(trace.Usual), Start().Add(2 * trace.Usual)})
	if rows, size, err := s.ReadingsSize(t.Context()); err != nil || rows != 5 || size < 50 {
		t.Errorf("ReadingsSize() = %d, %d, %v; want five rows", rows, size, err)
	}
	save(store.AlertChange{Forget: Start().Add(time.Hour)})
	if read(Start()); len(got) != 0 {
		t.Errorf("%d readings are left of what was forgotten", len(got))
	}
}

// A result is kept once, and a bad one marks the time axis once.
func operationResults(t *testing.T, open Open) {
	t.Helper()
	s := open(t, store.Config{Now: Start})
	bad := store.OperationResult{ID: "a", Kind: store.OperationDeploy, At: Start().Add(-time.Hour), Version: "3.2.0", Step: "site", Detail: "it answers 500"}
	good := store.OperationResult{ID: "b", Kind: store.OperationSmoke, At: Start(), Good: true}
	for i, r := range []store.OperationResult{bad, bad, good} {
		isNew, err := s.NoteResult(t.Context(), r)
		if err != nil || isNew != (i != 1) {
			t.Errorf("NoteResult(%d) = %t, %v", i, isNew, err)
		}
	}
	bad.Received, good.Received = Start(), Start()
	list, err := s.Results(t.Context(), Start().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	sameAs(t, "results", list, []store.OperationResult{good, bad})
	if list, err = s.Results(t.Context(), Start()); err != nil || len(list) != 1 {
		t.Errorf("Results(since now) = %d, %v; want 1", len(list), err)
	}
	marks, err := s.Annotations(t.Context(), Start().Add(-2*time.Hour), Start().Add(time.Hour))
	if err != nil || len(marks) != 1 || marks[0].Kind != store.KindFailure || marks[0].Text != "Deployment of 3.2.0 failed at site" {
		t.Errorf("Annotations() = %+v, %v; want one failure", marks, err)
	}
}

// A state, its episode, its notices and their job come back as they were stored.
func alertsRoundTrip(t *testing.T, open Open) {
	t.Helper()
	s := open(t, store.Config{Now: Start})
	want := alertChange(Start())
	if err := s.SaveAlerts(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	states, unread, err := s.AlertStates(t.Context())
	if err != nil || unread != 0 {
		t.Fatalf("AlertStates() unread %d, %v", unread, err)
	}
	sameAs(t, "states", states, want.States)
	episodes, err := s.Episodes(t.Context(), store.EpisodeFilter{Rule: "load"})
	if err != nil {
		t.Fatal(err)
	}
	sameAs(t, "episodes", episodes, want.Episodes)
	notices, err := s.OpenNotices(t.Context())
	if err != nil || len(notices) != 2 {
		t.Fatalf("OpenNotices() = %d, %v; want 2", len(notices), err)
	}
	sameAs(t, "first notice", notices[0], store.AlertNotice{Notice: want.Notices[0]})
	want.Episodes[0].To = Start().Add(time.Hour)
	want.Notices[0].Title = "Another title"
	if err := s.SaveAlerts(t.Context(), store.AlertChange{Episodes: want.Episodes, Notices: want.Notices[:1], Drop: []alert.Fingerprint{"print-1"}}); err != nil {
		t.Fatal(err)
	}
	if states, _, err = s.AlertStates(t.Context()); err != nil || len(states) != 0 {
		t.Errorf("AlertStates() = %v, %v after it was dropped, want none", states, err)
	}
	if episodes, err = s.Episodes(t.Context(), store.EpisodeFilter{ID: "episode-1"}); err != nil || len(episodes) != 1 || !episodes[0].To.Equal(Start().Add(time.Hour)) {
		t.Errorf("Episodes() = %+v, %v; want one that is over", episodes, err)
	}
	if notices, err = s.EpisodeNotices(t.Context(), "episode-1"); err != nil || len(notices) != 2 || notices[0].Title != "Too much load" {
		t.Errorf("EpisodeNotices() = %+v, %v; want both as they were made first", notices, err)
	}
	if episodes, err = s.Episodes(t.Context(), store.EpisodeFilter{Since: Start().Add(2 * time.Hour)}); err != nil || len(episodes) != 0 {
		t.Errorf("Episodes(since later) = %v, %v, want none", episodes, err)
	}
}

// A change that cannot be stored whole leaves nothing.
func alertsAtomic(t *testing.T, open Open) {
	t.Helper()
	s := open(t, store.Config{Now: Start})
	c := alertChange(Start())
	c.Jobs = []store.NewJob{{ID: "same", Kind: "notice", Key: "a", Due: Start()}, {ID: "same", Kind: "notice", Key: "b", Due: Start()}}
	c.Parcels = map[alert.Key][]alert.Key{"a": {"n1"}}
	if err := s.SaveAlerts(t.Context(), c); err != nil { // a second job of an id is not made, which is no fault
		t.Fatal(err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.SaveAlerts(canceled, store.AlertChange{Drop: []alert.Fingerprint{"print-1"}}); err == nil {
		t.Error("SaveAlerts() of a caller that left = nil, want an error")
	}
	if states, _, err := s.AlertStates(t.Context()); err != nil || len(states) != 1 {
		t.Errorf("AlertStates() = %v, %v, want the state that was there", states, err)
	}
}

// waiting holds how many notices nobody has taken yet.
func waiting(t *testing.T, s *store.Store, except alert.Channel, want int) {
	t.Helper()
	n, oldest, err := s.WaitingNotices(t.Context(), except)
	if err != nil || n != want || (want > 0) != oldest.Equal(Start()) {
		t.Errorf("WaitingNotices(without %q) = %d since %s, %v; want %d since they were made", except, n, oldest, err, want)
	}
}

// A notice is accepted with the end of its job, and dead when the job is.
func alertOutcomes(t *testing.T, open Open) {
	t.Helper()
	s := open(t, store.Config{Now: Start})
	c := alertChange(Start())
	c.Parcels = map[alert.Key][]alert.Key{"notice/1": {"n1"}, "notice/2": {"n2"}}
	c.Jobs = []store.NewJob{{Kind: "notice", Key: "notice/1", Due: Start()}, {Kind: "notice", Key: "notice/2", Due: Start().Add(-time.Second)}}
	if err := s.SaveAlerts(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	waiting(t, s, "", 2)
	waiting(t, s, c.Notices[0].Channel, 0)
	jobs, err := s.Lease(t.Context(), []string{"notice"}, 5, time.Minute)
	if err != nil || len(jobs) != 2 {
		t.Fatalf("Lease() = %d, %v", len(jobs), err)
	}
	if err := s.BuryJob(t.Context(), jobs[0], "refused"); err != nil { // notice/2
		t.Fatal(err)
	}
	if err := s.FinishJob(t.Context(), jobs[1], store.Effects{Accepted: "notice/1"}); err != nil {
		t.Fatal(err)
	}
	waiting(t, s, "", 0)
	open1, err := s.OpenNotices(t.Context())
	if err != nil || len(open1) != 2 || open1[0].Outcome != store.NoticeAccepted || open1[1].Outcome != store.NoticeDead || !open1[1].KnownAt.Equal(Start()) {
		t.Fatalf("OpenNotices() = %+v, %v; want an accepted and a dead one", open1, err)
	}
	receipts := []alert.Receipt{{Key: "n1", At: Start()}, {Key: "n2", At: Start(), Dead: true}, {Key: "nothing", At: Start()}}
	if err := s.SaveAlerts(t.Context(), store.AlertChange{Receipts: receipts}); err != nil {
		t.Fatal(err)
	}
	if open1, err = s.OpenNotices(t.Context()); err != nil || len(open1) != 0 {
		t.Errorf("OpenNotices() = %v, %v once their state knows, want none", open1, err)
	}
	for rule, want := range map[alert.RuleID]int{"": 1, "load": 0, "other": 1} {
		if n, err := s.DeadNotices(t.Context(), Start(), rule); err != nil || n != want {
			t.Errorf("DeadNotices(without %q) = %d, %v, want %d", rule, n, err, want)
		}
	}
}

// Of two people who edit the same version one is told.
func alertRules(t *testing.T, open Open) {
	t.Helper()
	s := open(t, store.Config{Now: Start})
	rule := alert.Rule{
		ID: "load", Version: 2, Title: "Too much load", Severity: alert.Critical, Enabled: true, Every: alert.Duration(time.Minute),
		When: condition.Condition{Threshold: &condition.Threshold{Op: condition.Above, Fire: 5}},
	}
	v := store.RuleVersion{Rule: rule, At: Start(), By: "user-1", Note: "limit 5"}
	if err := s.SaveRule(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveRule(t.Context(), v); !errors.Is(err, store.ErrExists) {
		t.Errorf("SaveRule(again) err = %v, want %v", err, store.ErrExists)
	}
	next := v
	next.Rule.Version, next.Note = 3, "disabled"
	if err := s.SaveRule(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	list, err := s.RuleVersions(t.Context(), "load")
	if err != nil {
		t.Fatal(err)
	}
	sameAs(t, "versions", list, []store.RuleVersion{next, v})
	if list, err = s.RuleVersions(t.Context(), "other"); err != nil || len(list) != 0 {
		t.Errorf("RuleVersions(other) = %v, %v, want none", list, err)
	}
}

func alertSilences(t *testing.T, open Open) {
	t.Helper()
	s := open(t, store.Config{Now: Start})
	q := alert.Silence{Match: []alert.Matcher{{Label: "rule", Value: "load"}}, Author: "Ana Ruiz", Reason: "a new disk", From: Start(), To: Start().Add(time.Hour)}
	id, err := s.Silence(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Silences(t.Context(), Start())
	if err != nil {
		t.Fatal(err)
	}
	sameAs(t, "silences", list, []store.AlertSilence{{Silence: q, ID: id}})
	if list, err = s.Silences(t.Context(), Start().Add(time.Hour)); err != nil || len(list) != 0 {
		t.Errorf("Silences(after its end) = %v, %v, want none", list, err)
	}
	if err := s.EndSilence(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if list, err = s.Silences(t.Context(), Start()); err != nil || len(list) != 1 || !list[0].To.Equal(Start()) {
		t.Errorf("Silences() = %+v, %v; want one that ended by hand", list, err)
	}
	if err := s.EndSilence(t.Context(), id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("EndSilence(twice) err = %v, want %v", err, store.ErrNotFound)
	}
}

func alertAcks(t *testing.T, open Open) {
	t.Helper()
	s := open(t, store.Config{Now: Start})
	if err := s.SaveAlerts(t.Context(), alertChange(Start())); err != nil {
		t.Fatal(err)
	}
	acks := []alert.Ack{{Episode: "episode-1", By: "Ana Ruiz", At: Start(), Until: Start().Add(time.Hour)}, {Episode: "episode-1", By: "Ben", At: Start().Add(time.Minute)}}
	for _, a := range append(acks, alert.Ack{Episode: "episode-0", By: "Eve", At: Start()}) {
		if err := s.Acknowledge(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Acks(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	sameAs(t, "acknowledgements of open episodes", got, acks)
	if got, err = s.Acks(t.Context(), "episode-0"); err != nil || len(got) != 1 {
		t.Errorf("Acks(episode-0) = %v, %v, want one", got, err)
	}
}

func alertWindows(t *testing.T, open Open) {
	t.Helper()
	s := open(t, store.Config{Now: Start})
	win := alert.Window{Name: "Night", Days: []time.Weekday{time.Sunday}, From: 120, To: 240, ZoneName: "America/Los_Angeles"}
	winID, err := s.AddAlertWindow(t.Context(), win)
	if err != nil {
		t.Fatal(err)
	}
	windows, err := s.AlertWindows(t.Context())
	if err != nil || len(windows) != 1 || windows[0].Zone.String() != win.ZoneName || windows[0].From != win.From || windows[0].Name != win.Name {
		t.Errorf("AlertWindows() = %+v, %v, want %+v with its zone", windows, err, win)
	}
	if err := s.RemoveAlertWindow(t.Context(), winID); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveAlertWindow(t.Context(), winID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("RemoveAlertWindow(twice) err = %v, want %v", err, store.ErrNotFound)
	}
}

// The facts of sessions are handed out by entry and by last sight.
func factsSince(t *testing.T, open Open) {
	t.Helper()
	s := open(t, store.Config{Now: Start})
	for i, at := range []time.Time{Start().Add(-48 * time.Hour), Start().Add(-time.Hour)} {
		id := event.SessionID([]string{"old", "new"}[i])
		if _, err := s.Record(t.Context(), Outside(event.New(id, 1, at, event.LandingView{Source: "ads"}))); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		entered, seen time.Duration
		want          int
	}{{-72 * time.Hour, -72 * time.Hour, 2}, {-72 * time.Hour, -2 * time.Hour, 1}, {-2 * time.Hour, -72 * time.Hour, 1}, {0, 0, 0}} {
		n := 0
		err := s.FactsSince(t.Context(), Start().Add(c.entered), Start().Add(c.seen), func(_ event.SessionID, f metric.Facts) {
			if f.Signs(time.Hour)[metric.SignVisits] == 1 {
				n++
			}
		})
		if err != nil || n != c.want {
			t.Errorf("FactsSince(%s, %s) = %d, %v, want %d", c.entered, c.seen, n, err, c.want)
		}
	}
}

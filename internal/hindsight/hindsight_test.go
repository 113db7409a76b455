package hindsight_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/hindsight"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// hot is a rule that looks every ten seconds, and fires at ten.
func hot() alert.Rule {
	clear := 5.0
	return alert.Rule{
		ID: "hot", Version: 1, Title: "It is hot", Severity: alert.Info, Enabled: true, Metric: "heat", Group: "oven", Runbook: "oven",
		Every: alert.Duration(10 * time.Second), ClearEvaluations: 1, Tell: alert.Policy{Channels: []alert.Channel{"page"}},
		When: condition.Condition{Threshold: &condition.Threshold{Op: condition.AtLeast, Fire: 10, Clear: &clear}},
	}
}

// kept reads what is stored of the rule, a line a reading.
func kept(t *testing.T, st *store.Store) (out []string) {
	t.Helper()
	unread, err := st.Readings(t.Context(), "hot", time.UnixMilli(0), func(_ alert.Fingerprint, s *alert.Stretch) {
		for _, at := range s.Times {
			out = append(out, at.UTC().Format(time.DateTime)+" "+alert.Duration(time.Duration(s.Value)).String())
		}
	})
	if err != nil || unread > 0 {
		t.Fatalf("Readings: %d unread, %v", unread, err)
	}
	return out
}

// What is kept is what was read, through blocks, missing readings, a clock that is
// set back and a database that is away for hours; and it is written seldom.
func TestKeeperKeepsEveryReading(t *testing.T) {
	t.Parallel()
	now := storetest.Start()
	st := storetest.SQLite(t, store.Config{Now: func() time.Time { return now }})
	var k hindsight.Keeper
	f := alert.FingerprintOf("hot", nil)
	var want []string
	writes, forgets := 0, 0
	for i := range 4 * 360 { // four hours
		now = now.Add(10 * time.Second)
		if i == 500 {
			now = now.Add(-20 * time.Minute)
		}
		k.Round(now)
		if i%70 != 33 { // it was not read in every round
			in := alert.Reading{At: now, Value: float64(i / 40 % 3)}
			k.Note("hot", f, in, false)
			k.Note("hot", f, alert.Reading{At: now, Value: 99}, false) // a second one of the same round is none
			want = append(want, now.Format(time.DateTime)+" "+alert.Duration(time.Duration(in.Value)).String())
		}
		list, forget := k.Changes(now, false)
		if len(list) == 0 || i > 600 && i < 1100 { // the database is away for more than an hour
			continue
		}
		writes++
		if !forget.IsZero() {
			forgets++
		}
		if err := st.SaveAlerts(t.Context(), store.AlertChange{Readings: list, Forget: forget}); err != nil {
			t.Fatal(err)
		}
		k.Stored(now, forget)
	}
	list, _ := k.Changes(now, true)
	if err := st.SaveAlerts(t.Context(), store.AlertChange{Readings: list}); err != nil {
		t.Fatal(err)
	}
	got := kept(t, st)
	// The blocks are read in the order of their first rounds, of which one lies in
	// the twenty minutes that came twice.
	if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
		t.Errorf("readings (-read +kept):\n%s", diff)
	}
	if writes > 60 || forgets != 1 {
		t.Errorf("%d writes, and %d that forget, want one in five minutes and one a day", writes, forgets)
	}
}

func sorted(list []string) map[string]int {
	out := map[string]int{}
	for _, s := range list {
		out[s]++
	}
	return out
}

// A record is worked out once, and again when it is old, when the rule was edited
// and when the rule spoke since; what is asked in between is remembered.
func TestRecordsAreRemembered(t *testing.T) {
	t.Parallel()
	now := storetest.Start()
	st := storetest.SQLite(t, store.Config{Now: func() time.Time { return now }})
	gauges := gauge.New(gauge.Config{Store: st, Zone: time.UTC})
	tester := hindsight.NewTester(hindsight.Config{Store: st, Gauges: gauges, Now: func() time.Time { return now }})
	rules := []alert.Rule{hot(), hot()}
	rules[1].ID = "cold"
	refreshed := func(want ...bool) {
		t.Helper()
		for i, w := range want {
			if did, err := tester.Refresh(t.Context(), rules); err != nil || did != w {
				t.Errorf("refresh %d = %t, %v, want %t", i, did, err, w)
			}
		}
	}
	refreshed(true, true, false)
	now = now.Add(29 * time.Minute)
	refreshed(false)
	now = now.Add(time.Minute)
	refreshed(true, true, false)
	rules[1].Version++
	refreshed(true, false)
	now = now.Add(-time.Hour) // a clock that is set back makes nothing young
	refreshed(true, true, false)

	record := func(want int) {
		t.Helper()
		rec, err := tester.Record(t.Context(), rules[0])
		if err != nil || rec.Fired != want {
			t.Errorf("Record = %+v, %v, want %d episodes", rec, err, want)
		}
	}
	record(0)
	if err := st.SaveAlerts(t.Context(), store.AlertChange{Episodes: []store.AlertEpisode{
		{ID: "e-1", Rule: "hot", Fingerprint: "f", From: now.Add(-time.Hour), Told: now.Add(-time.Hour), To: now},
		{ID: "e-2", Rule: "hot", Fingerprint: "f", From: now.AddDate(0, 0, -31), Told: now.AddDate(0, 0, -31), To: now.AddDate(0, 0, -30).Add(-time.Hour)},
	}}); err != nil {
		t.Fatal(err)
	}
	record(1) // at once, and without those of more than thirty days ago
}

// Half an hour of readings cover half an hour, whatever was missing in them, and
// what fired in them would have fired.
func TestCovered(t *testing.T) {
	t.Parallel()
	now := storetest.Start()
	st := storetest.SQLite(t, store.Config{Now: func() time.Time { return now }})
	var k hindsight.Keeper
	for i := range 181 {
		if i == 100 {
			now = now.Add(time.Hour) // the process was away, which covers nothing
		}
		k.Round(now)
		in := alert.Reading{At: now, Value: 1}
		switch {
		case i >= 60 && i < 90: // five minutes of trouble
			in.Value = 11
		case i >= 120 && i < 150: // five without figures
			in = alert.Reading{At: now, NoData: true}
		}
		k.Note("hot", alert.FingerprintOf("hot", nil), in, false)
		now = now.Add(10 * time.Second)
	}
	now = now.Add(-10 * time.Second)
	list, _ := k.Changes(now, true)
	if err := st.SaveAlerts(t.Context(), store.AlertChange{Readings: list}); err != nil {
		t.Fatal(err)
	}
	tester := hindsight.NewTester(hindsight.Config{Store: st, Gauges: gauge.New(gauge.Config{Store: st, Zone: time.UTC}), Now: func() time.Time { return now }})
	rec, err := tester.Try(context.Background(), hot())
	if err != nil || rec.Covered != 25*time.Minute || rec.Would != 1 || !rec.Tried() || rec.Whole() || rec.Cut {
		t.Errorf("Try = %+v, %v, want 25 minutes covered and one trouble", rec, err)
	}
	if len(rec.Episodes) == 1 && rec.Episodes[0].To.Sub(rec.Episodes[0].From) != 5*time.Minute {
		t.Errorf("the trouble lasted %s, want five minutes", rec.Episodes[0].To.Sub(rec.Episodes[0].From))
	}
}

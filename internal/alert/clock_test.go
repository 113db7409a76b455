package alert_test

import (
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
)

// TestClockJumps sets the clock back and ahead in every phase.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		edit func(*alert.Rule)
		do   func(*run)
		want []string
	}{
		{"back while pending: it takes as long as ever", func(r *alert.Rule) { r.For, r.Evaluations = minutes(10), 2 }, func(r *run) {
			r.value(0, 11).value(6, 11).value(-60, 11).value(-57, 11).value(-56, 11)
		}, []string{"11:04 firing page 1"}},
		{"back while firing: reminders keep their distance", nil, func(r *run) {
			r.value(0, 11).value(10, 11).value(-300, 11).value(-281, 11).value(-280, 11)
		}, []string{"12:00 firing page 1", "07:20 reminder page 1"}},
		{"back while recovering", func(r *alert.Rule) { r.KeepFiring = minutes(10) }, func(r *run) {
			r.value(0, 11).value(1, 1).value(6, 1).value(-60, 1).value(-56, 1).value(-55, 1)
		}, []string{"12:00 firing page 1", "11:05 resolved page 1"}},
		{"back while flapping", nil, func(r *run) {
			r.value(0, 11).value(1, 1).value(2, 11).value(3, 1).value(23, 1).value(-100, 1).value(-91, 1).value(-90, 1)
		}, []string{"12:00 firing page 1", "12:01 resolved page 1", "12:02 firing page 1", "12:03 reminder page 1", "10:30 resolved page 1"}},
		{"back between turns: they count as before", nil, func(r *run) {
			r.value(0, 11).value(30, 1).value(-300, 11).value(-271, 1).value(-270, 11)
		}, []string{"12:00 firing page 1", "12:30 resolved page 1", "07:00 firing page 1", "07:29 reminder page 1"}},
		{"back between turns: those of an hour ago do not count", nil, func(r *run) {
			r.value(0, 11).value(30, 1).value(-300, 11).value(-209, 1).value(-208, 11).value(-207, 1)
		}, []string{
			"12:00 firing page 1", "12:30 resolved page 1", "07:00 firing page 1",
			"08:31 resolved page 1", "08:32 firing page 1", "08:33 resolved page 1",
		}},
		{"back while it waits for escalation", func(r *alert.Rule) { r.Tell = simple().Tell }, func(r *run) {
			r.value(0, 11).value(3, 11).value(-300, 11).value(-299, 11).value(-298, 11)
		}, []string{"12:00 firing page 1", "07:02 escalated lead 1"}},
		{"back after an inhibition: its echo is as long as ever", func(r *alert.Rule) { r.Every, r.InhibitedBy = minutes(5), []alert.RuleID{"power"} }, func(r *run) {
			r.env.Firing = map[alert.RuleID]bool{"power": true}
			r.value(0, 11)
			r.env.Firing = nil
			r.value(3, 11).value(-300, 11).value(-299, 11).value(-298, 11)
		}, []string{"07:02 firing page 1"}},
		{"back and again: the keys of a second are apart", nil, func(r *run) {
			r.value(0, 11).value(1, 1).value(0, 11).value(1, 1)
		}, []string{"12:00 firing page 1", "12:01 resolved page 1", "12:00 firing page 1", "12:01 reminder page 1"}},
		{"ahead while pending: one look more is asked for", func(r *alert.Rule) { r.For, r.Evaluations = minutes(10), 3 }, func(r *run) {
			r.value(0, 11).value(9000, 11).value(9001, 11)
		}, []string{"18:01 firing page 1"}},
		{"ahead while firing: one reminder, not all that were missed", nil, func(r *run) {
			r.value(0, 11).value(9000, 11).value(9001, 11)
		}, []string{"12:00 firing page 1", "18:00 reminder page 1"}},
		{"a receipt from the future counts as one of now", nil, func(r *run) {
			r.deliver = false
			r.value(0, 11)
			r.env.Receipts = []alert.Receipt{{Key: r.notices[0].Key, At: start.Add(1000 * time.Hour)}}
			r.value(1, 11).value(30, 11).value(31, 11)
		}, []string{"12:00 firing page 1", "12:31 reminder page 1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rule := lonely()
			if tt.edit != nil {
				tt.edit(&rule)
			}
			r := newRun(t, rule)
			tt.do(r)
			r.wants(tt.want...)
			keys := make(map[alert.Key]bool)
			for _, n := range r.notices {
				if keys[n.Key] {
					t.Errorf("key %s was made twice", n.Key)
				}
				keys[n.Key] = true
			}
		})
	}
}

// A trouble of ten minutes is one of ten minutes, whatever the clock did in it.
func TestClockJumpKeepsTheAgeOfTheTrouble(t *testing.T) {
	t.Parallel()
	r := newRun(t, lonely()).value(0, 11).value(10, 11).value(-300, 11)
	if got, want := r.state.Episode.From, start.Add(-310*time.Minute); !got.Equal(want) {
		t.Errorf("the trouble began at %s, want %s: ten minutes before, as it was", got, want)
	}
}

// What is stored, and compared, is in UTC and without the reading of a monotonic
// clock, whatever the caller's clock says.
func TestStateIsInUTC(t *testing.T) {
	t.Parallel()
	at := func(now time.Time) string {
		s, _ := alert.Evaluate(simple(), alert.State{}, alert.Reading{Value: 11}, alert.Env{Now: now})
		data, err := s.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if got, want := at(start.In(time.FixedZone("UTC-8", -8*3600))), at(start); got != want {
		t.Errorf("in another zone the state is\n%s, want\n%s", got, want)
	}
}

// The states in the store, and the trouble tickets of others, are found again by
// their fingerprints after an upgrade.
func TestFingerprintStays(t *testing.T) {
	t.Parallel()
	if got, want := alert.FingerprintOf("error_rate", map[string]string{"route": "/api/turn"}), alert.Fingerprint("d3bde6bf0ac31257697a"); got != want {
		t.Errorf("the fingerprint is %s, want %s: every open alert would begin anew", got, want)
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	a := alert.FingerprintOf("r", map[string]string{"a": "1", "b": "2"})
	if b := alert.FingerprintOf("r", map[string]string{"b": "2", "a": "1"}); a != b {
		t.Errorf("the order of labels counts: %s and %s", a, b)
	}
	for _, other := range []alert.Fingerprint{
		alert.FingerprintOf("r2", map[string]string{"a": "1", "b": "2"}), alert.FingerprintOf("r", nil),
		alert.FingerprintOf("r", map[string]string{"a": "12", "b": ""}), alert.FingerprintOf("r", map[string]string{"a": "1"}),
	} {
		if a == other {
			t.Errorf("two things are called %s", a)
		}
	}
}

// TestStateOfSomebodyElse holds that a broken state starts anew.
func TestStateOfSomebodyElse(t *testing.T) {
	t.Parallel()
	for _, s := range []alert.State{{Phase: alert.Firing}, {Phase: alert.Flapping}, {Phase: "burning"}, {Episode: &alert.Open{ID: "x"}}} {
		got, _ := alert.Evaluate(simple(), s, alert.Reading{Value: 1}, alert.Env{Now: start})
		if got.Name() != "inactive" || got.Episode != nil {
			t.Errorf("%v became %v", s, got)
		}
	}
}

// BenchmarkEvaluate evaluates 200 rules of which a tenth fires.
func BenchmarkEvaluate(b *testing.B) {
	rules, readings := manyRules(b)
	states := make([]alert.State, len(rules))
	now := start
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(10 * time.Second)
		for i := range rules {
			states[i], _ = alert.Evaluate(rules[i], states[i], readings[i], alert.Env{Now: now})
		}
	}
}

func manyRules(tb testing.TB) (rules []alert.Rule, readings []alert.Reading) {
	tb.Helper()
	all := make(map[alert.RuleID]alert.Rule)
	for _, r := range builtin(tb) {
		all[r.ID] = r
	}
	for i := range 200 {
		m := mapping[i%len(mapping)]
		rules = append(rules, all[m.rule])
		in := m.edge
		if i%10 == 0 {
			in = m.fires
		}
		readings = append(readings, in)
	}
	return rules, readings
}

func BenchmarkTogether(b *testing.B) {
	all := manyLabels(b, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		alert.Together(all)
	}
}

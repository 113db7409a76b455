package alert_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
)

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

func silence(from, to int) alert.Silence {
	return alert.Silence{
		Match: []alert.Matcher{{Label: "rule", Value: "hot"}}, Author: "ann", Reason: "the oven is cleaned",
		From: start.Add(time.Duration(from) * time.Minute), To: start.Add(time.Duration(to) * time.Minute),
	}
}

func TestSilence(t *testing.T) {
	t.Parallel()
	r := newRun(t, lonely())
	r.env.Silences = []alert.Silence{silence(0, 30)}
	r.value(0, 11).value(29, 11)
	r.wants()
	if want := "silenced by ann until 2026-03-04 12:30 UTC: the oven is cleaned"; r.state.Muted != want || !r.state.Fires() {
		t.Errorf("muted %q, firing %v; want %q and firing", r.state.Muted, r.state.Fires(), want)
	}
	r.value(30, 11).wants("12:30 firing page 1")
	if got := r.notices[0]; !got.From.Equal(start) || !strings.Contains(got.Reason, "still there after it was held back: silenced by ann") {
		t.Errorf("the notice is from %s for %q", got.From, got.Reason)
	}
	r.value(60, 11).wants("12:30 firing page 1", "13:00 reminder page 1")
	if got := r.notices[1].Reason; got != "" {
		t.Errorf("the silence is told of again: %q", got)
	}
	r.env.Silences = []alert.Silence{silence(61, 200)}
	r.value(100, 11).wants("12:30 firing page 1", "13:00 reminder page 1")
	r.value(101, 1).wants("12:30 firing page 1", "13:00 reminder page 1", "13:41 resolved page 1")
	if r.state.Muted != "" {
		t.Errorf("muted %q when it is over", r.state.Muted)
	}
}

func TestSilencedFromFirstToLastIsNeverTold(t *testing.T) {
	t.Parallel()
	r := newRun(t, simple())
	r.env.Silences = []alert.Silence{silence(0, 60)}
	r.value(0, 11).value(20, 11).value(30, 1).wants()
}

func TestSilenceMatches(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		match []alert.Matcher
		want  bool
	}{
		{"the rule", []alert.Matcher{{"rule", "hot"}}, true},
		{"another rule", []alert.Matcher{{"rule", "cold"}}, false},
		{"the group", []alert.Matcher{{"group", "oven"}}, true},
		{"the severity", []alert.Matcher{{"severity", "critical"}}, true},
		{"a label", []alert.Matcher{{"route", "/a"}}, true},
		{"another value", []alert.Matcher{{"route", "/b"}}, false},
		{"a label that is not there", []alert.Matcher{{"host", ""}}, false},
		{"all must fit", []alert.Matcher{{"route", "/a"}, {"severity", "info"}}, false},
		{"no matcher is not valid, and silences nothing", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := silence(0, 30)
			s.Match = tt.match
			in := alert.Reading{Value: 11, Labels: map[string]string{"route": "/a"}}
			got, _ := alert.Evaluate(simple(), alert.State{}, in, alert.Env{Now: start, Silences: []alert.Silence{s}})
			if (got.Muted != "") != tt.want {
				t.Errorf("muted %q, want %v", got.Muted, tt.want)
			}
		})
	}
}

func TestSilenceCheck(t *testing.T) {
	t.Parallel()
	if err := silence(0, 7*24*60).Check(); err != nil {
		t.Errorf("seven days: %v", err)
	}
	for want, edit := range map[string]func(*alert.Silence){
		"needs a matcher":        func(s *alert.Silence) { s.Match = nil },
		"needs an author":        func(s *alert.Silence) { s.Author = "" },
		"author and a reason":    func(s *alert.Silence) { s.Reason = "" },
		"needs an end":           func(s *alert.Silence) { s.To = time.Time{} },
		"an end after its start": func(s *alert.Silence) { s.To = s.From },
		"choose 7d at most":      func(s *alert.Silence) { s.To = s.From.Add(7*24*time.Hour + 1) },
	} {
		s := silence(0, 30)
		edit(&s)
		if err := s.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Check = %v, want an error with %q", err, want)
		}
	}
}

func TestSilenceRemindAt(t *testing.T) {
	t.Parallel()
	if got, want := silence(0, 100).RemindAt(), start.Add(80*time.Minute); !got.Equal(want) {
		t.Errorf("RemindAt = %s, want %s", got, want)
	}
}

func TestDeployIsNamed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		deploy alert.Deploy
		want   string
	}{
		{"none is known", alert.Deploy{}, ""},
		{"four minutes before", alert.Deploy{Version: "Version 3.2.1", At: start.Add(-4 * time.Minute)}, "Version 3.2.1 went live 4m before; roll it back?"},
		{"half an hour before", alert.Deploy{Version: "Version 3.2.1", At: start.Add(-30 * time.Minute)}, "Version 3.2.1 went live 30m before; roll it back?"},
		{"longer ago", alert.Deploy{Version: "Version 3.2.1", At: start.Add(-31 * time.Minute)}, ""},
		{"after it began", alert.Deploy{Version: "Version 3.2.1", At: start.Add(time.Second)}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRun(t, lonely())
			r.env.Deploy = tt.deploy
			if got := r.value(0, 11).notices[0].Reason; got != tt.want {
				t.Errorf("reason %q, want %q", got, tt.want)
			}
		})
	}
}

func TestInhibition(t *testing.T) {
	t.Parallel()
	rule := lonely()
	rule.InhibitedBy = []alert.RuleID{"power"}
	rule.Every = minutes(5)
	r := newRun(t, rule)
	r.env.Firing = map[alert.RuleID]bool{"power": true}
	r.value(0, 11).wants()
	if r.state.Muted != "power explains it" {
		t.Errorf("muted %q", r.state.Muted)
	}
	r.env.Firing = nil
	r.value(4, 11).wants() // what is left of it may be an echo
	r.value(5, 11).wants("12:05 firing page 1")
	r.env.Firing = map[alert.RuleID]bool{"power": true}
	r.value(60, 11).value(61, 1).wants("12:05 firing page 1", "13:01 resolved page 1")
}

// A window of days holds figures of the trouble for days; the cause explains them
// for ten minutes at the most.
func TestEchoIsBounded(t *testing.T) {
	t.Parallel()
	rule := lonely()
	rule.InhibitedBy = []alert.RuleID{"power"}
	rule.Every = minutes(60)
	r := newRun(t, rule)
	r.env.Firing = map[alert.RuleID]bool{"power": true}
	r.value(0, 11)
	r.env.Firing = nil
	r.value(9, 11).wants()
	r.value(10, 11).wants("12:10 firing page 1")
}

// sunday is the window that the runbook asks for.
func sunday(tb testing.TB) alert.Window {
	tb.Helper()
	return alert.Window{Name: "weekly", Days: []time.Weekday{time.Sunday}, From: 120, To: 240, ZoneName: "America/Los_Angeles", Zone: zone(tb, "America/Los_Angeles")}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	la := zone(t, "America/Los_Angeles")
	at := func(w alert.Window, days []time.Weekday, from, to alert.Clock) alert.Window {
		w.Days, w.From, w.To = days, from, to
		return w
	}
	weekly := sunday(t)
	night := at(weekly, []time.Weekday{time.Saturday}, 23*60, 60)
	twice := at(weekly, nil, 90, 150) // 01:30 to 02:30
	early := at(weekly, nil, 30, 90)  // 00:30 to 01:30
	gap := at(weekly, nil, 130, 170)  // 02:10 to 02:50
	lordHowe := alert.Window{From: 100, To: 125, Zone: zone(t, "Australia/Lord_Howe")}
	tests := []struct {
		name     string
		window   alert.Window
		now      string
		from, to string // empty: closed
	}{
		{"winter", weekly, "2026-01-04T10:00:00Z", "2026-01-04T10:00:00Z", "2026-01-04T12:00:00Z"},
		{"just before", weekly, "2026-01-04T09:59:59Z", "", ""},
		{"its last moment and the grace", weekly, "2026-01-04T12:04:59Z", "2026-01-04T10:00:00Z", "2026-01-04T12:00:00Z"},
		{"after the grace", weekly, "2026-01-04T12:05:00Z", "", ""},
		{"summer", weekly, "2026-07-05T10:30:00Z", "2026-07-05T09:00:00Z", "2026-07-05T11:00:00Z"},
		{"another day", weekly, "2026-01-05T10:30:00Z", "", ""},
		{"the clocks jump ahead: two does not come, and an hour is left", weekly, "2026-03-08T10:30:00Z", "2026-03-08T10:00:00Z", "2026-03-08T11:00:00Z"},
		{"the clocks go back before it begins", weekly, "2026-11-01T10:30:00Z", "2026-11-01T10:00:00Z", "2026-11-01T12:00:00Z"},
		{"half past one comes twice: from the first to the last", twice, "2026-11-01T08:30:00Z", "2026-11-01T08:30:00Z", "2026-11-01T10:30:00Z"},
		{"it stays open through the second one", twice, "2026-11-01T09:15:00Z", "2026-11-01T08:30:00Z", "2026-11-01T10:30:00Z"},
		{"its end comes twice: until the second", early, "2026-11-01T09:15:00Z", "2026-11-01T07:30:00Z", "2026-11-01T09:30:00Z"},
		{"its end does not come: until the clocks jump", twice, "2026-03-08T09:45:00Z", "2026-03-08T09:30:00Z", "2026-03-08T10:00:00Z"},
		{"neither end comes: it is left out", gap, "2026-03-08T10:02:00Z", "", ""},
		{"over midnight, before it", night, "2026-01-04T07:30:00Z", "2026-01-04T07:00:00Z", "2026-01-04T09:00:00Z"},
		{"over midnight, after it", night, "2026-01-04T08:59:00Z", "2026-01-04T07:00:00Z", "2026-01-04T09:00:00Z"},
		{"the day is that of its begin", night, "2026-01-05T07:30:00Z", "", ""},
		{"grace over midnight", at(weekly, nil, 22*60, 23*60+58), "2026-01-05T08:02:00Z", "2026-01-05T06:00:00Z", "2026-01-05T07:58:00Z"},
		{"half an hour back", lordHowe, "2026-04-04T15:00:00Z", "2026-04-04T14:40:00Z", "2026-04-04T15:35:00Z"},
		{"no zone is UTC", alert.Window{From: 60, To: 120}, "2026-03-08T01:00:00Z", "2026-03-08T01:00:00Z", "2026-03-08T02:00:00Z"},
		{"equal ends are a day", alert.Window{From: 60, To: 60}, "2026-03-08T00:59:00Z", "2026-03-07T01:00:00Z", "2026-03-08T01:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, tt.now)
			if err != nil {
				t.Fatal(err)
			}
			from, to, open := tt.window.At(now)
			got := [2]string{}
			if open {
				got = [2]string{from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339)}
			}
			if want := [2]string{tt.from, tt.to}; got != want {
				t.Errorf("at %s (%s) the window is %v, want %v", tt.now, now.In(la), got, want)
			}
		})
	}
}

func TestMaintenance(t *testing.T) {
	t.Parallel()
	r := newRun(t, simple())
	r.env.Maintenance = []alert.Window{sunday(t)}
	r.env.Now = start
	begin := time.Date(2026, time.March, 8, 10, 0, 0, 0, time.UTC).Sub(start) // clocks jump ahead
	r.at(begin, alert.Reading{Value: 11}).at(begin+64*time.Minute, alert.Reading{Value: 11}).wants()
	if want := `maintenance "weekly" until 2026-03-08 11:00 UTC`; r.state.Muted != want {
		t.Errorf("muted %q, want %q", r.state.Muted, want)
	}
	r.at(begin+65*time.Minute, alert.Reading{Value: 11}).wants("11:05 firing page 1")
	other := sunday(t)
	other.Match = []alert.Matcher{{Label: "group", Value: "fridge"}}
	r = newRun(t, simple())
	r.env.Maintenance = []alert.Window{other}
	r.at(begin, alert.Reading{Value: 11}).wants("10:00 firing page 1")
}

func TestWindowIsJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(sunday(t))
	want := `{"name":"weekly","days":[0],"from":"02:00","to":"04:00","zone":"America/Los_Angeles"}`
	if err != nil || string(data) != want {
		t.Errorf("Marshal = %s, %v, want %s", data, err, want)
	}
	var got alert.Window
	if err := json.Unmarshal(data, &got); err != nil || got.From != 120 || got.To != 240 {
		t.Errorf("Unmarshal = %v, %v", got, err)
	}
	if err := json.Unmarshal([]byte(`{"from":"25:00"}`), &got); err == nil || !strings.Contains(err.Error(), `write it as "02:00"`) {
		t.Errorf("Unmarshal(25:00) = %v", err)
	}
}

func TestSides(t *testing.T) {
	t.Parallel()
	none, broken := alert.Reading{NoData: true}, alert.Reading{Err: "no route to host"}
	type look struct {
		minute int
		in     alert.Reading
		want   string // name, phase
	}
	alarm := alert.Missing{Policy: alert.Alarm, After: minutes(5)}
	tests := []struct {
		name  string
		edit  func(*alert.Rule)
		looks []look
	}{
		{"nothing changes without figures", nil, []look{{0, none, "no_data "}, {9, broken, "error "}, {10, figure(11), "firing firing"}, {11, none, "no_data firing"}, {900, broken, "error firing"}, {901, figure(1), "resolved resolved"}}},
		{"figures that went away end nothing", func(r *alert.Rule) { r.KeepFiring = minutes(2) }, []look{
			{0, figure(11), "firing firing"}, {1, figure(1), "recovering recovering"}, {20, none, "no_data recovering"}, {21, figure(1), "recovering recovering"}, {22, figure(1), "resolved resolved"},
		}},
		{"time without figures is no trouble either", func(r *alert.Rule) { r.For, r.Evaluations = minutes(2), 2 }, []look{
			{0, figure(11), "pending pending"}, {20, none, "no_data pending"}, {21, figure(11), "pending pending"}, {22, figure(11), "firing firing"},
		}},
		{"no figures may be fine", func(r *alert.Rule) { r.NoData = alert.Missing{Policy: alert.Fine} }, []look{{0, figure(11), "firing firing"}, {1, none, "no_data resolved"}}},
		{"or alarming", func(r *alert.Rule) { r.NoData = alarm }, []look{{0, none, "no_data "}, {4, none, "no_data "}, {5, none, "no_data firing"}, {6, figure(1), "resolved resolved"}}},
		{"and honour for", func(r *alert.Rule) { r.NoData, r.For, r.Evaluations = alarm, minutes(2), 2 }, []look{{0, none, "no_data "}, {5, none, "no_data pending"}, {7, none, "no_data firing"}}},
		{"an error may be alarming while no figures are not", func(r *alert.Rule) { r.OnError = alarm }, []look{{0, broken, "error "}, {4, none, "no_data "}, {5, none, "no_data "}, {6, broken, "error firing"}}},
		{"too few are neither", func(r *alert.Rule) { r.When.Threshold.MinSample, r.NoData = 10, alarm }, []look{{0, mean(11, 9), "insufficient_data "}, {60, mean(11, 9), "insufficient_data "}, {61, mean(11, 10), "firing firing"}, {62, mean(1, 9), "insufficient_data firing"}}},
		{"and do not count as no figures", func(r *alert.Rule) { r.When.Threshold.MinSample, r.NoData = 10, alarm }, []look{{0, mean(11, 9), "insufficient_data "}, {6, none, "no_data "}, {11, none, "no_data firing"}}},
		{"what is not a number", nil, []look{{0, figure(nan()), "error "}}},
		{"an old reading is none", nil, []look{{0, alert.Reading{Value: 11, At: start.Add(-4 * time.Minute)}, "no_data "}, {1, alert.Reading{Value: 11, At: start}, "firing firing"}}},
		{"flapping waits for figures", nil, []look{
			{0, figure(11), "firing firing"},
			{1, figure(1), "resolved resolved"},
			{2, figure(11), "firing firing"},
			{3, figure(1), "flapping flapping"},
			{40, none, "no_data flapping"},
			{41, figure(1), "flapping flapping"},
			{70, figure(1), "resolved resolved"},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rule := lonely()
			rule.When.Threshold = new(*rule.When.Threshold)
			if tt.edit != nil {
				tt.edit(&rule)
			}
			r := newRun(t, rule)
			for _, l := range tt.looks {
				r.at(time.Duration(l.minute)*time.Minute, l.in)
				if got := r.state.Name() + " " + string(r.state.Phase); strings.TrimPrefix(got, "inactive ") != strings.TrimPrefix(l.want, "inactive ") {
					t.Errorf("at minute %d the state is %q, want %q", l.minute, got, l.want)
				}
			}
		})
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule alert.RuleID
		in   alert.Reading
		want string
		side alert.Side
	}{
		{"memory", figure(91), "91% (alerts above 90%)", ""},
		{"disk_used", figure(91), "91% (alerts at 80%)", ""},
		{"feature_adoption", mean(0.3, 30), "0.3 (alerts below 0.4)", ""},
		{"feature_adoption", mean(0.3, 3), "too little was counted to judge", condition.Insufficient},
		{"error_rate", in("30m", 7, 61), "7 of 61 = 11.48% in 30m (alerts above 5%)", ""},
		{"conversion_cta", against("3d", rate(30, 100), rate(420, 700)), "30 of 100 = 30% in 3d, before 420 of 700 = 60% (alerts at a drop of more than 20% that is no chance)", ""},
		{"clarification_rise", against("7d", rate(60, 100), rate(100, 400)), "60 of 100 = 60% in 7d, before 100 of 400 = 25% (alerts at a rise of more than 25% that is no chance)", ""},
		{"heartbeat_missing", alert.Reading{Last: start.Add(-200 * time.Second)}, "nothing for 3m20s (alerts at 2m)", ""},
		{"heartbeat_missing", alert.Reading{}, "there are no figures", condition.NoData},
		{"error_budget_slow", in("6h", 6, 1000, in("3d", 60, 10000)), "60 of 10000 = 0.6% in 3d, 1.2 times the error budget of 0.5%", ""},
		{"memory", alert.Reading{Err: "no such file"}, "it could not be measured: no such file", condition.Broken},
		{"memory", figure(nan()), "it could not be measured: the figure is not a number", condition.Broken},
	}
	for _, tt := range tests {
		got, side := alert.Describe(rule(t, tt.rule), tt.in, start)
		if diff := cmp.Diff(tt.want, got); diff != "" || side != tt.side {
			t.Errorf("Describe(%s) side %q, want %q (-want +got):\n%s", tt.rule, side, tt.side, diff)
		}
	}
}

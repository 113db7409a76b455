package alert_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
)

func TestBacktest(t *testing.T) {
	t.Parallel()
	rule := lonely()
	rule.Enabled = false // what it would do is asked before it is switched on
	rule.For, rule.Evaluations = minutes(1), 2
	var series []alert.Reading
	at := func(minute int) time.Time { return start.Add(time.Duration(minute) * time.Minute) }
	for minute, v := range []float64{1, 11, 12, 13, 1, 1, 11, 1, 14, 15, 16} {
		series = append(series, alert.Reading{At: at(minute), Value: v})
	}
	want := []alert.Episode{
		{From: at(1), Told: at(2), To: at(4), Detail: "12 (alerts above 10)"},
		{From: at(8), Told: at(9), Detail: "15 (alerts above 10)"},
	}
	if diff := cmp.Diff(want, alert.Backtest(rule, alert.Once(series))); diff != "" {
		t.Errorf("episodes (-want +got):\n%s", diff)
	}
	if got := alert.Backtest(rule, nil); got != nil {
		t.Errorf("nothing measured makes %v", got)
	}
}

func TestBacktestFlaps(t *testing.T) {
	t.Parallel()
	var series []alert.Reading
	for minute := range 30 {
		series = append(series, alert.Reading{At: start.Add(time.Duration(minute) * time.Minute), Value: float64(20 * ((minute + 1) % 2))})
	}
	got := alert.Backtest(lonely(), alert.Once(series))
	if len(got) != 2 || got[0].Flaps || !got[1].Flaps || !got[1].To.IsZero() {
		t.Errorf("Backtest = %v, want an episode that ends and one that flaps", got)
	}
}

// A stretch is a way to write readings down, and the rerun goes through it in
// leaps; what it finds is what Evaluate finds in one reading after the other.
func TestRerunIsTheHistory(t *testing.T) {
	t.Parallel()
	absent := lonely()
	absent.When.Threshold, absent.When.Absence = nil, &condition.Absence{After: minutes(3), Expected: 1}
	alarmed := lonely()
	alarmed.KeepFiring, alarmed.NoData = minutes(3), alert.Missing{Policy: alert.Alarm, After: minutes(4)}
	for name, rule := range map[string]alert.Rule{"a figure": lonely(), "no figures alarm": alarmed, "a sign of life": absent} {
		for seed := range uint64(200) {
			r := rand.New(rand.NewPCG(seed, 5))
			series, readings := stretches(r)
			want := history(rule, readings)
			if diff := cmp.Diff(want, alert.Backtest(rule, series)); diff != "" {
				t.Fatalf("%s, seed %d (-evaluated +rerun):\n%s", name, seed, diff)
			}
		}
	}
}

// stretches makes some by chance, and the readings that they stand for.
func stretches(r *rand.Rand) (series []alert.Stretch, readings []alert.Reading) {
	at, last := start, alert.Reading{}
	for range 1 + r.IntN(30) {
		in := alert.Reading{Value: float64(r.IntN(3) * 6), NoData: r.IntN(8) == 0, Expected: 2}
		s := alert.Stretch{Reading: in, Again: len(series) > 0 && r.IntN(6) == 0}
		if !s.Again && r.IntN(5) > 0 {
			s.Silent = new(time.Duration(r.IntN(6)) * time.Minute)
		}
		for range 1 + r.IntN(12) {
			at = at.Add(time.Minute)
			s.Times = append(s.Times, at)
			if !s.Again {
				last = in
				if last.At = at; s.Silent != nil {
					last.Last = at.Add(-*s.Silent)
				}
			}
			readings = append(readings, last)
		}
		series = append(series, s)
	}
	return series, readings
}

// history evaluates every reading a minute after the other, and notes episodes.
func history(rule alert.Rule, readings []alert.Reading) (out []alert.Episode) {
	var s alert.State
	env := alert.Env{Now: start}
	for _, in := range readings {
		env.Now = env.Now.Add(time.Minute)
		open := s.Fires()
		var told []alert.Notice
		s, told = alert.Evaluate(rule, s, in, env)
		env.Receipts = nil
		for _, n := range told {
			env.Receipts = append(env.Receipts, alert.Receipt{Key: n.Key, At: env.Now})
		}
		switch flaps := s.Phase == alert.Flapping; {
		case s.Fires() && !open:
			out = append(out, alert.Episode{From: s.Episode.From, Told: env.Now, Detail: s.Detail, Flaps: flaps})
		case open && !s.Fires():
			out[len(out)-1].To = env.Now
		case open && flaps:
			out[len(out)-1].Flaps = true
		}
	}
	return out
}

func TestPower(t *testing.T) {
	t.Parallel()
	if drop, ok := alert.Power(rule(t, "conversion_complete"), 500); !ok || drop < 0.2 || drop > 0.25 {
		t.Errorf("Power at 500 a day = %v, %v, want a little more than what matters", drop, ok)
	}
	if drop, ok := alert.Power(simple(), 500); ok {
		t.Errorf("Power of a threshold = %v", drop)
	}
	if share, window, ok := alert.SharePower(rule(t, "target_complete"), 100); !ok || share <= 0 || window <= 0 {
		t.Errorf("SharePower at 100 a day = %v of %s, %v, want what the window finds", share, window, ok)
	}
	if share, _, ok := alert.SharePower(simple(), 500); ok {
		t.Errorf("SharePower of a threshold = %v", share)
	}
}

func TestAbsence(t *testing.T) {
	t.Parallel()
	r := simple()
	r.When.Threshold, r.When.Absence = nil, &condition.Absence{After: minutes(60), Expected: 7}
	tests := []struct {
		name     string
		silent   time.Duration
		expected float64
		want     string
	}{
		{"an hour where seven are usual", time.Hour, 7, "firing"},
		{"an hour where six are usual", time.Hour, 6, "insufficient_data"},
		{"a little less", time.Hour - time.Second, 7, "inactive"},
		{"something happened, whatever is usual", time.Minute, 0, "inactive"},
		{"it will happen, says a clock", -time.Hour, 7, "inactive"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, _ := alert.Evaluate(r, alert.State{}, alert.Reading{Last: start.Add(-tt.silent), Expected: tt.expected}, alert.Env{Now: start})
			if got.Name() != tt.want {
				t.Errorf("the state is %q, want %q", got.Name(), tt.want)
			}
		})
	}
}

// TestWindowsWiden holds that the first window with its sample decides, and that
// the notice says which.
func TestWindowsWiden(t *testing.T) {
	t.Parallel()
	r := rule(t, "conversion_complete")
	day, three, week := against("24h", rate(30, 50), rate(420, 700)), against("3d", rate(10, 150), rate(420, 700)), against("7d", rate(70, 350), rate(840, 1400))
	small, young := against("24h", rate(0, 49), rate(420, 700)), against("24h", rate(0, 50), rate(140, 249))
	both := func(a, b alert.Reading) alert.Reading {
		return alert.Reading{Counts: append(a.Counts[:1:1], b.Counts...)}
	}
	tests := []struct {
		name string
		in   alert.Reading
		want string // beginning of the words
		held bool
	}{
		{"the day is enough, and well", both(day, three), "30 of 50 = 60% in 24h", false},
		{"the day is too small", both(small, three), "10 of 150 = 6.667% in 3d", true},
		{"the time before it is too young", both(young, week), "70 of 350 = 20% in 7d", true},
		{"nothing is enough", small, "too little was counted", false},
		{"nothing was read", alert.Reading{}, "too little was counted", false},
		{"nobody ever succeeded", against("24h", rate(0, 50), rate(0, 700)), "0 of 50 = 0% in 24h", false},
		{"counts that cannot be", against("24h", rate(51, 50), rate(420, 700)), "too little was counted", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, _ := alert.Describe(r, tt.in, start)
			if len(text) < len(tt.want) || text[:len(tt.want)] != tt.want {
				t.Errorf("Describe = %q, want %q first", text, tt.want)
			}
			if got := hold(t, r, tt.in); got != tt.held {
				t.Errorf("fires = %v, want %v", got, tt.held)
			}
		})
	}
}

// TestClearing holds when a trouble is over, kind by kind.
func TestClearing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                string
		rule                alert.RuleID
		fires, stays, clear alert.Reading
	}{
		{"a figure with its own limit", "memory", figure(91), figure(85.1), figure(85)},
		{"a low figure", "feature_adoption", mean(0.3, 20), mean(0.43, 20), mean(0.44, 20)},
		{"a share", "error_rate", in("5m", 30, 100), in("5m", 3, 100), in("5m", 2, 100)},
		{"a sure share without a limit of its own", "target_complete", in("7d", 15, 50), in("7d", 17, 50), in("7d", 25, 50)},
		{"a drop that is less", "conversion_complete", against("3d", rate(48, 150), rate(420, 700)), against("3d", rate(73, 150), rate(420, 700)), against("3d", rate(82, 150), rate(420, 700))},
		{"a drop that is chance", "conversion_complete", against("24h", rate(10, 50), rate(420, 700)), against("24h", rate(20, 50), rate(420, 700)), against("24h", rate(27, 50), rate(420, 700))},
		{"a budget", "error_budget_slow", in("6h", 6, 1000, in("3d", 60, 10000)), in("6h", 6, 1000, in("3d", 40, 10000)), in("6h", 5, 1000, in("3d", 60, 10000))},
		{"a sign of life", "heartbeat_missing", silent("3m"), silent("2m"), silent("1m")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := rule(t, tt.rule)
			r.KeepFiring, r.ClearEvaluations = 0, 0
			var s alert.State
			now := start
			look := func(in alert.Reading) bool {
				if r.When.Absence != nil {
					in = alert.Reading{Last: now.Add(-time.Duration(in.Expected))}
				}
				s, _ = alert.Evaluate(r, s, in, alert.Env{Now: now})
				now = now.Add(r.Every.Long())
				return s.Fires()
			}
			for range 2 + r.Evaluations + int(r.For/r.Every) {
				look(tt.fires)
			}
			if !look(tt.stays) {
				t.Error("it is over too early")
			}
			if look(tt.clear) {
				t.Error("it is not over")
			}
		})
	}
}

// The delay of a rule is what it takes until its first notice, at the worst.
func TestDelay(t *testing.T) {
	t.Parallel()
	for id, want := range map[alert.RuleID]time.Duration{
		"site_down":       20 * time.Second,                // every 10 s, and 10 s for company
		"db_ping":         20 * time.Second,                // its window adds two pings
		"memory_critical": 15*time.Second + 40*time.Second, // must hold 30 s
		"error_rate":      2*time.Minute + 10*time.Second,  // twice
		"latency_3s":      20*time.Minute + 30*time.Second,
		"disk_slope":      20*time.Minute + 10*time.Second,
	} {
		if got := alert.Delay(rule(t, id)); got != want {
			t.Errorf("Delay(%s) = %s, want %s", id, got, want)
		}
	}
	// What must hold for 25 s is seen by the third look, 30 s after the first.
	odd := lonely()
	odd.Every, odd.For, odd.Evaluations = long("10s"), long("25s"), 2
	if got, want := alert.Delay(odd), 40*time.Second; got != want {
		t.Errorf("Delay of a rule that must hold two and a half evaluations = %s, want %s", got, want)
	}
}

package alert_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
)

// world is a caller with a bad day: its clock jumps, its process is killed
// between a commit and a delivery, and its channels lose or repeat what they are
// given. It checks what Evaluate promises at every step.
type world struct {
	tb    testing.TB
	r     *rand.Rand
	rule  alert.Rule
	state alert.State
	now   time.Time

	outbox   []alert.Notice // not delivered yet
	receipts []alert.Receipt
	keys     map[alert.Key]bool
	arrived  map[string]bool // "episode/channel" of what was delivered
	resolved map[string]bool
	last     alert.EpisodeID // that fired
	acks     []alert.Ack
	trace    []string
}

func newWorld(tb testing.TB, seed uint64) *world {
	tb.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	rule := simple()
	rule.When.Threshold = new(*rule.When.Threshold)
	rule.For, rule.KeepFiring = minutes(r.IntN(3)), minutes(r.IntN(3))
	rule.ClearEvaluations = r.IntN(3)
	rule.When.Threshold.MinSample = int64(r.IntN(2) * 5)
	policies := []alert.Missing{{}, {Policy: alert.Fine}, {Policy: alert.Alarm, After: minutes(3)}}
	rule.NoData, rule.OnError = policies[r.IntN(3)], policies[r.IntN(3)]
	rule.InhibitedBy = []alert.RuleID{"power"}
	if seed%3 == 0 {
		rule.Severity = alert.Warning
	}
	return &world{
		tb: tb, r: r, rule: rule, now: start, keys: make(map[alert.Key]bool), arrived: make(map[string]bool),
		resolved: make(map[string]bool),
	}
}

func (w *world) chance(percent int) bool { return w.r.IntN(100) < percent }

func (w *world) fail(format string, args ...any) {
	w.tb.Helper()
	w.tb.Fatalf(format+"\ntrace: %v", append(args, w.trace)...)
}

// tick moves the clock, mostly on, sometimes not at all, far, or back.
func (w *world) tick() {
	switch w.r.IntN(20) {
	case 0:
		w.now = w.now.Add(-time.Duration(w.r.IntN(7200)) * time.Second)
	case 1:
		w.now = w.now.Add(time.Duration(w.r.IntN(48)) * time.Hour)
	case 2:
	default:
		w.now = w.now.Add(time.Duration(30+w.r.IntN(600)) * time.Second)
	}
}

func (w *world) reading() alert.Reading {
	in := alert.Reading{Value: float64(w.r.IntN(3)) * 7, Sample: int64(w.r.IntN(12))} // 0, 7 or 14
	switch w.r.IntN(12) {
	case 0:
		in.NoData = true
	case 1:
		in.Err = "down"
	case 2:
		in.Value = nan()
	}
	return in
}

func (w *world) step() {
	w.tick()
	if w.chance(2) {
		w.rule.Version++
		w.rule.Enabled = w.chance(70)
		w.rule.Tell.Channels = []alert.Channel{"page", "slack"}[:1+w.r.IntN(2)]
	} else if !w.rule.Enabled {
		w.rule.Enabled = true
	}
	env := alert.Env{Now: w.now, Receipts: w.receipts, Acks: w.acks, Summary: "digest", Firing: map[alert.RuleID]bool{"power": w.chance(5)}}
	if w.chance(10) {
		s := silence(0, 60)
		s.From, s.To = w.now.Add(-time.Minute), w.now.Add(time.Minute)
		env.Silences = []alert.Silence{s}
	}
	in, before := w.reading(), encode(w.tb, w.state)
	next, out := alert.Evaluate(w.rule, w.state, in, env)
	if again, more := alert.Evaluate(w.rule, w.state, in, env); !reflect.DeepEqual(next, again) || !reflect.DeepEqual(out, more) {
		w.fail("Evaluate is not deterministic: %s", cmp.Diff(next, again))
	}
	if after := encode(w.tb, w.state); after != before {
		w.fail("Evaluate changed the state that it was given from %s to %s", before, after)
	}
	if w.chance(5) {
		return // killed before the commit: nothing of it happened
	}
	w.state, w.receipts = next, nil
	w.trace = append(w.trace, fmt.Sprintf("%s %v=%s", w.now.Format("02T15:04:05"), in.Value, next.Name()))
	for _, n := range out {
		w.check(n)
	}
	w.outbox = append(w.outbox, out...)
	if w.chance(3) && next.Episode != nil {
		w.acks = append(w.acks, alert.Ack{Episode: next.Episode.ID, By: "ann", At: w.now, Until: w.now.Add(time.Duration(w.r.IntN(2)) * time.Hour)})
	}
	w.restart()
	w.deliver()
}

// check holds a notice against the promises.
func (w *world) check(n alert.Notice) {
	w.tb.Helper()
	w.trace = append(w.trace, string(n.Key))
	if w.keys[n.Key] {
		w.fail("key %s was made twice", n.Key)
	}
	w.keys[n.Key] = true
	place := string(n.Episode) + "/" + string(n.Channel)
	if n.Kind.Ends() {
		if n.Kind == alert.KindMissed && w.arrived[place] {
			w.fail("%s, but something of the episode arrived there", n.Key)
		}
		if n.Kind == alert.KindResolved && !w.arrived[place] {
			w.fail("%s, but nothing of the episode arrived there", n.Key)
		}
		if w.resolved[place] {
			w.fail("%s is told twice", n.Key)
		}
		w.resolved[place] = true
		if w.state.Episode != nil && w.state.Episode.ID == n.Episode {
			w.fail("%s, but the episode is open", n.Key)
		}
		return
	}
	if w.state.Episode == nil || w.state.Episode.ID != n.Episode {
		w.fail("%s of an episode that is not the open one", n.Key)
	}
	if w.resolved[place] {
		w.fail("%s comes after its end", n.Key)
	}
	if n.Kind == alert.KindFiring && n.Channel == "page" { // a second open episode would be told like the first
		if w.last != "" && w.last == n.Episode {
			w.fail("%s fires twice", n.Key)
		}
		w.last = n.Episode
	}
}

// restart writes the state and reads it back.
func (w *world) restart() {
	w.tb.Helper()
	got, err := alert.DecodeState([]byte(encode(w.tb, w.state)))
	if err != nil {
		w.fail("%v", err)
	}
	if !reflect.DeepEqual(got, w.state) {
		w.fail("decoding what was encoded (-want +got):\n%s", cmp.Diff(w.state, got))
	}
	w.state = got
}

// deliver sends some of the outbox, in any order; receipts may come twice, late
// or never.
func (w *world) deliver() {
	w.r.Shuffle(len(w.outbox), func(i, j int) { w.outbox[i], w.outbox[j] = w.outbox[j], w.outbox[i] })
	w.outbox = slices.DeleteFunc(w.outbox, func(n alert.Notice) bool {
		if !w.chance(60) {
			return false
		}
		receipt := alert.Receipt{Key: n.Key, At: w.now, Dead: w.chance(15)}
		if over := w.state.Episode == nil || w.state.Episode.ID != n.Episode; over && !n.Kind.Ends() && w.chance(50) {
			receipt.Dead, receipt.Dropped = false, true
		}
		if receipt.Unsure = (receipt.Dead || receipt.Dropped) && w.chance(20); receipt.Unsure || !receipt.Dead && !receipt.Dropped {
			w.arrived[string(n.Episode)+"/"+string(n.Channel)] = true
		}
		w.receipts = append(w.receipts, receipt)
		if w.chance(20) {
			w.receipts = append(w.receipts, receipt)
		}
		return true
	})
}

func encode(tb testing.TB, s alert.State) string {
	tb.Helper()
	data, err := s.Encode()
	if err != nil {
		tb.Fatalf("Encode: %v", err)
	}
	return string(data)
}

func TestPromises(t *testing.T) {
	t.Parallel()
	seeds := uint64(400)
	if testing.Short() {
		seeds = 50
	}
	kinds := make(map[alert.NoticeKind]int)
	phases := make(map[string]int)
	for seed := range seeds {
		w := newWorld(t, seed)
		for range 300 {
			w.step()
			phases[w.state.Name()]++
		}
		for key := range w.keys {
			for _, k := range []alert.NoticeKind{alert.KindFiring, alert.KindReminder, alert.KindEscalated, alert.KindResolved, alert.KindMissed} {
				if strings.Contains(string(key), "/"+string(k)+"/") {
					kinds[k]++
				}
			}
		}
		w.settle()
	}
	t.Logf("notices %v, states %v", kinds, phases)
	if len(kinds) != 5 || len(phases) != 9 {
		t.Errorf("only %v and %v were seen; the days are not bad enough", slices.Sorted(maps.Keys(kinds)), slices.Sorted(maps.Keys(phases)))
	}
}

// settle lets the trouble end and everything be delivered; then everybody who
// heard of an episode must have heard of its end.
func (w *world) settle() {
	w.tb.Helper()
	w.rule.Enabled, w.rule.When.Threshold.MinSample = true, 0
	for range 200 {
		w.now = w.now.Add(time.Minute)
		var out []alert.Notice
		w.state, out = alert.Evaluate(w.rule, w.state, alert.Reading{}, alert.Env{Now: w.now, Receipts: w.receipts, Summary: "digest"})
		w.receipts = nil
		for _, n := range out {
			w.check(n)
		}
		w.outbox = append(w.outbox, out...)
		for _, n := range w.outbox {
			w.arrived[string(n.Episode)+"/"+string(n.Channel)] = true
			w.receipts = append(w.receipts, alert.Receipt{Key: n.Key, At: w.now})
		}
		w.outbox = nil
	}
	if w.state.Closed != nil {
		w.fail("the ends of %v are still to be told", w.state.Closed)
	}
	for place := range w.arrived {
		if !w.resolved[place] {
			w.fail("%s heard of the trouble and not of its end", place)
		}
	}
}

// FuzzEvaluate gives anything at all to Evaluate, which must not panic and must
// leave a state that can be read again.
func FuzzEvaluate(f *testing.F) {
	rules, err := alert.Builtin()
	if err != nil {
		f.Fatal(err)
	}
	state := encode(f, newRun(f, simple()).value(0, 11).value(1, 1).value(2, 11).value(3, 1).state)
	for _, r := range rules {
		data, err := json.Marshal(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data), state, `{"counts":[{"span":"5m","now":{"Hits":9,"Of":50}}],"last":"2026-03-04T11:00:00Z"}`, int64(300))
	}
	f.Add(`{"when":{"threshold":{}}}`, `{"phase":"firing"}`, `{}`, int64(-1))
	f.Add(`{"when":{"drop":{"windows":[{}]}},"every":"-1h","enabled":true}`, `{"phase":"flapping","episode":{}}`, `{"counts":[{"now":{"Hits":-1,"Of":1}}]}`, int64(1))
	f.Fuzz(func(t *testing.T, ruleText, stateText, readingText string, seconds int64) {
		var r alert.Rule
		var s alert.State
		var in alert.Reading
		if json.Unmarshal([]byte(ruleText), &r) != nil || json.Unmarshal([]byte(stateText), &s) != nil || json.Unmarshal([]byte(readingText), &in) != nil {
			return
		}
		now := start.Add(time.Duration(seconds%(1<<31)) * time.Second)
		for range 3 {
			s, _ = alert.Evaluate(r, s, in, alert.Env{Now: now})
			alert.Describe(r, in, now)
			now = now.Add(time.Minute)
		}
		alert.Power(r, 50)
		if data, err := s.Encode(); err == nil {
			if _, err := alert.DecodeState(data); err != nil {
				t.Fatalf("DecodeState(%s): %v", data, err)
			}
		}
	})
}

// FuzzParse reads any rules file: it is refused with lines, or every rule of it
// is whole.
func FuzzParse(f *testing.F) {
	f.Add(smallFile)
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := alert.Parse([]byte(text))
		if err != nil {
			return
		}
		for _, r := range rules {
			if err := r.Check(); err != nil {
				t.Errorf("Parse let through: %v", err)
			}
		}
	})
}

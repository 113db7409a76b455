package alert_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/strictjson"
)

// smallFile is a rules file that is right.
const smallFile = `{
"format": 1,
"severities": {"critical": {"channels": ["page"], "repeat": "30m"}},
"rules": [
{"id": "hot", "version": 1, "severity": "critical", "enabled": true, "title": "It is hot", "metric": "heat", "group": "oven", "runbook": "oven", "every": "1m",
"inhibitedBy": ["power"],
"threshold": {"op": "above", "fire": 10.5}},
{"id": "power", "version": 2, "severity": "critical", "enabled": false, "title": "No power", "metric": "power", "group": "oven", "runbook": "power", "every": "90s",
"tell": {"channels": ["lead"]},
"absence": {"after": "2d"}}
]
}
`

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := alert.Parse([]byte(smallFile))
	if err != nil {
		t.Fatal(err)
	}
	want := []alert.Rule{
		{
			ID: "power", Version: 2, Title: "No power", Severity: alert.Critical, Metric: "power", Group: "oven", Runbook: "power", Every: alert.Duration(90 * time.Second),
			Tell: alert.Policy{Channels: []alert.Channel{"lead"}}, Absence: &alert.Absence{After: long("48h")},
		},
		{
			ID: "hot", Version: 1, Title: "It is hot", Severity: alert.Critical, Enabled: true, Metric: "heat", Group: "oven", Runbook: "oven", Every: minutes(1),
			InhibitedBy: []alert.RuleID{"power"}, Tell: alert.Policy{Channels: []alert.Channel{"page"}, Repeat: minutes(30)},
			Threshold: &alert.Threshold{Op: alert.Above, Fire: 10.5},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestParseNamesTheLine(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, with, want string }{
		{"another format", `"format": 1`, `"format": 2`, "line 2: format: this program reads format 1"},
		{"a severity that is none", `"critical": {"ch`, `"fatal": {"ch`, `line 3: severities["fatal"]: no severity; known are critical, warning and info`},
		{"an unknown field", `"threshold"`, `"treshold"`, "line 7: rules[0].treshold: unknown field"},
		{"no duration", `"30m"`, `"half an hour"`, `line 3: severities["critical"].repeat: "half an hour" is no duration; write it as "90s", "5m", "2h" or "14d"`},
		{"text for a number", `10.5`, `"10.5"`, "line 7: rules[0].threshold.fire: must be a number"},
		{"a parent that is not there", `["power"]`, `["pwer"]`, `line 6: rules[0].inhibitedBy[0]: there is no rule "pwer"`},
		{"a ring", `"absence"`, `"inhibitedBy": ["hot"], "absence"`, `line 10: rules[1].inhibitedBy[0]: "hot" is itself inhibited by this rule`},
		{"two of a name", `"id": "power"`, `"id": "hot"`, `line 8: rules[1].id: another rule is called "hot" already`},
		{"a bad rule", `"version": 2`, `"version": 0`, "line 8: rules[1].version: must be 1 or more"},
		{"a bad policy", `"repeat": "30m"`, `"repeat": "30s"`, `line 3: severities["critical"].repeat: must be a minute at least`},
		{"nobody to tell", `{"critical": {"channels": ["page"], "repeat": "30m"}}`, `{}`, "line 5: rules[0].tell: nobody would be told"},
		{"no JSON", `{`, `[`, "line 2: this is not valid JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(smallFile, tt.old, tt.with, 1)
			_, err := alert.Parse([]byte(text))
			if _, ok := errors.AsType[strictjson.Problems](err); !ok || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Parse err = %v, want a line with %q", err, tt.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	ratio := func(r *alert.Rule) *alert.Ratio {
		r.Threshold, r.Ratio = nil, &alert.Ratio{Op: alert.Above, Fire: 0.05, Windows: []alert.Need{{Span: minutes(5), Sample: 50, Events: 5}}}
		return r.Ratio
	}
	drop := func(r *alert.Rule) *alert.Drop {
		r.Threshold, r.Drop = nil, &alert.Drop{
			Least: 0.2, Clear: 0.1, Confidence: 0.99, Usual: 0.6, Age: minutes(120),
			Windows: []alert.Lookback{{Span: long("24h"), Before: long("14d"), Sample: 50}},
		}
		return r.Drop
	}
	burn := func(r *alert.Rule) *alert.Burn {
		r.Threshold, r.Burn = nil, &alert.Burn{Objective: 0.995, Events: 5, Pairs: []alert.Pair{{Times: 6, Long: minutes(60), Short: minutes(5)}}}
		return r.Burn
	}
	tests := []struct {
		want string // empty: the rule is right
		edit func(*alert.Rule)
	}{
		{"", func(*alert.Rule) {}},
		{"", func(r *alert.Rule) { ratio(r) }},
		{"", func(r *alert.Rule) { drop(r) }},
		{"", func(r *alert.Rule) { burn(r) }},
		{"id: must be lower case", func(r *alert.Rule) { r.ID = "a/b" }},
		{`severity: "bad" is unknown`, func(r *alert.Rule) { r.Severity = "bad" }},
		{"runbook: must not be empty", func(r *alert.Rule) { r.Runbook = "" }},
		{"every: must be longer than 0", func(r *alert.Rule) { r.Every = 0 }},
		{"for: for and keepFiring must not be below 0", func(r *alert.Rule) { r.KeepFiring = -1 }},
		{"evaluations: evaluations and clear", func(r *alert.Rule) { r.ClearEvaluations = -1 }},
		{"evaluations: must be 2 or more with for", func(r *alert.Rule) { r.For, r.Evaluations = 1, 1 }},
		{"noData.after: only counts with policy alert", func(r *alert.Rule) { r.NoData.After = 1 }},
		{"onError.after: must say how long", func(r *alert.Rule) { r.OnError.Policy = alert.Alarm }},
		{`onError.policy: "no" is unknown`, func(r *alert.Rule) { r.OnError.Policy = "no" }},
		{"inhibitedBy: a rule cannot inhibit itself", func(r *alert.Rule) { r.InhibitedBy = []alert.RuleID{"hot"} }},
		{"tell: nobody would be told", func(r *alert.Rule) { r.Tell.Channels = nil }},
		{`tell.channels: "a b" must be lower case`, func(r *alert.Rule) { r.Tell.Channels = []alert.Channel{"a b"} }},
		{`tell.channels: "a" is named twice`, func(r *alert.Rule) { r.Tell.Channels = []alert.Channel{"a", "a"} }},
		{"tell.repeat: repeat, repeatAcked and groupWait", func(r *alert.Rule) { r.Tell.GroupWait = -1 }},
		{"tell.escalation[1].after: must be longer", func(r *alert.Rule) { r.Tell.Escalation[1].After = minutes(5) }},
		{"tell.escalation[0].channels: names nobody", func(r *alert.Rule) { r.Tell.Escalation[0].Channels = nil }},
		{"threshold: exactly one of threshold, ratio, drop, absence and burn must be given, not 0", func(r *alert.Rule) { r.Threshold = nil }},
		{"not 2", func(r *alert.Rule) { r.Absence = &alert.Absence{After: 1} }},
		{`threshold.op: "over" is unknown`, func(r *alert.Rule) { r.Threshold.Op = "over" }},
		{"threshold.fire: must be a number", func(r *alert.Rule) { r.Threshold.Fire = nan() }},
		{"threshold.clear: must be on the good side of fire (10)", func(r *alert.Rule) { *r.Threshold.Clear = 11 }},
		{"absence.after: must be longer than 0", func(r *alert.Rule) { r.Threshold, r.Absence = nil, &alert.Absence{} }},
		{"ratio.fire: must be a share", func(r *alert.Rule) { ratio(r).Fire = 5 }},
		{"ratio.sure: must be 0 or", func(r *alert.Rule) { ratio(r).Sure = 1 }},
		{"ratio.windows: must name a window", func(r *alert.Rule) { ratio(r).Windows = nil }},
		{"ratio.windows[0].sample: must be 1 or more", func(r *alert.Rule) { ratio(r).Windows[0].Sample = 0 }},
		{"ratio.windows[0].events: must be from 0 to the sample", func(r *alert.Rule) { ratio(r).Windows[0].Events = 51 }},
		{"ratio.windows[1].span: must be longer", func(r *alert.Rule) { q := ratio(r); q.Windows = append(q.Windows, q.Windows[0]) }},
		{"drop.least: must be a share", func(r *alert.Rule) { drop(r).Least = 1 }},
		{"drop.clear: must be from 0 to below least", func(r *alert.Rule) { drop(r).Clear = 0.2 }},
		{"drop.confidence: must be from 0.9", func(r *alert.Rule) { drop(r).Confidence = 0.5 }},
		{"drop.usual: must be a share", func(r *alert.Rule) { drop(r).Usual = 0 }},
		{"drop.age: must not be below 0", func(r *alert.Rule) { drop(r).Age = -1 }},
		{"drop.windows[0].before: must be as long", func(r *alert.Rule) { drop(r).Windows[0].Before = 1 }},
		{"burn.objective: must be a share", func(r *alert.Rule) { burn(r).Objective = 1 }},
		{"burn.events: must be 1 or more", func(r *alert.Rule) { burn(r).Events = 0 }},
		{"burn.pairs: must name a pair", func(r *alert.Rule) { burn(r).Pairs = nil }},
		{"burn.pairs[0]: times must be above 0", func(r *alert.Rule) { burn(r).Pairs[0].Long = 1 }},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			r := simple()
			tt.edit(&r)
			err := r.Check()
			if tt.want == "" {
				if err != nil {
					t.Errorf("Check = %v, want nil", err)
				}
				return
			}
			if bad, ok := errors.AsType[*alert.Invalid](err); !ok || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Check = %v (%v), want a reason with %q", err, bad, tt.want)
			}
		})
	}
}

func TestRulesAreJSON(t *testing.T) {
	t.Parallel()
	rules := builtin(t)
	data, err := json.Marshal(alert.File{Format: alert.Format, Severities: map[string]alert.Policy{}, Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	got, err := alert.Parse(data)
	if err != nil {
		t.Fatalf("Parse what was encoded: %v", err)
	}
	if diff := cmp.Diff(rules, got); diff != "" {
		t.Errorf("rules after encoding (-want +got):\n%s", diff)
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"90s": "1m30s", "5m": "5m", "60m": "1h", "24h": "24h", "14d": "14d", "48h": "2d", "1d": "24h", "36h": "36h", "0s": "0s", "1h0m5s": "1h0m5s", "1500ms": "1.5s",
	} {
		if got := long(text).String(); got != want {
			t.Errorf("%s is written %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"", "d", "1.5d", "99999d", "soon"} {
		var d alert.Duration
		if err := d.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("UnmarshalText(%q) = %v, want an error", text, d)
		}
	}
}

func TestDecodeStateRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{`, `{"phase":"burning"}`, `{"phase":"firing"}`, `{"phase":"pending","episode":{}}`, `{"since":"yesterday"}`} {
		if s, err := alert.DecodeState([]byte(text)); err == nil {
			t.Errorf("DecodeState(%s) = %v, want an error", text, s)
		}
	}
	if _, err := alert.DecodeState([]byte(`{"phase":"pending","later":1}`)); err != nil {
		t.Errorf("a field of a newer program: %v", err)
	}
}

package alert_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/strictjson"
)

// smallFile is a rules file that is right.
const smallFile = `{
"format": 1,
"severities": {"critical": {"channels": ["page"], "repeat": "30m"}},
"rules": [
{"id": "hot", "version": 1, "severity": "critical", "enabled": true, "title": "It is hot", "metric": "heat", "group": "oven", "runbook": "oven", "every": "1m",
"inhibitedBy": ["power"],
"when": {"threshold": {"op": "above", "fire": 10.5}}},
{"id": "power", "version": 2, "severity": "critical", "enabled": false, "title": "No power", "metric": "power", "group": "oven", "runbook": "power", "every": "90s",
"tell": {"channels": ["lead"]},
"when": {"absence": {"after": "2d"}}}
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
			Tell: alert.Policy{Channels: []alert.Channel{"lead"}}, When: condition.Condition{Absence: &condition.Absence{After: long("48h")}},
		},
		{
			ID: "hot", Version: 1, Title: "It is hot", Severity: alert.Critical, Enabled: true, Metric: "heat", Group: "oven", Runbook: "oven", Every: minutes(1),
			InhibitedBy: []alert.RuleID{"power"}, Tell: alert.Policy{Channels: []alert.Channel{"page"}, Repeat: minutes(30)},
			When: condition.Condition{Threshold: &condition.Threshold{Op: condition.Above, Fire: 10.5}},
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
		{"an unknown field", `"threshold"`, `"treshold"`, "line 7: rules[0].when.treshold: unknown field"},
		{"no duration", `"30m"`, `"half an hour"`, `line 3: severities["critical"].repeat: "half an hour" is no duration; write it as "90s", "5m", "2h" or "14d"`},
		{"text for a number", `10.5`, `"10.5"`, "line 7: rules[0].when.threshold.fire: must be a number"},
		{"a parent that is not there", `["power"]`, `["pwer"]`, `line 6: rules[0].inhibitedBy[0]: there is no rule "pwer"`},
		{"a ring", `"when": {"absence"`, `"inhibitedBy": ["hot"], "when": {"absence"`, `line 10: rules[1].inhibitedBy[0]: "hot" is itself inhibited by this rule`},
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
	tests := []struct {
		want string // empty: the rule is right
		edit func(*alert.Rule)
	}{
		{"", func(*alert.Rule) {}},
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
		{`tell.escalation[1].channels: "b c" must be lower case`, func(r *alert.Rule) { r.Tell.Escalation[1].Channels = []alert.Channel{"b c"} }},
		{"when: exactly one of threshold, ratio, drop, absence and burn must be given, not 0", func(r *alert.Rule) { r.When.Threshold = nil }},
		{"not 2", func(r *alert.Rule) { r.When.Absence = &condition.Absence{After: 1} }},
		{`when.threshold.op: "over" is unknown`, func(r *alert.Rule) { r.When.Threshold.Op = "over" }},
		{"when.threshold.fire: must be a number", func(r *alert.Rule) { r.When.Threshold.Fire = nan() }},
		{"when.threshold.clear: must be on the good side of fire (10)", func(r *alert.Rule) { *r.When.Threshold.Clear = 11 }},
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

package alert

import (
	"fmt"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/strictjson"
)

// Format is the version of rules files that Parse reads.
const Format = 1

// File is a file of rules.
type File struct {
	Format     int               `json:"format"`
	Severities map[string]Policy `json:"severities"` // by Severity
	Rules      []Rule            `json:"rules"`
}

// Parse reads a rules file strictly. The error is of type strictjson.Problems
// and lists every mistake with its line. The rules that it returns are complete,
// and come after the rules that inhibit them, so that evaluating them in order
// gives Env.Firing what it needs.
func Parse(data []byte) ([]Rule, error) {
	var file File
	doc, err := strictjson.Decode(data, &file)
	if err != nil {
		return nil, err
	}
	if file.Format != Format {
		doc.Wrong("format", "this program reads format %d", Format)
	}
	for name, policy := range file.Severities {
		at := strictjson.Key("severities", name)
		if !Severity(name).known() {
			doc.Wrong(at, "no severity; known are critical, warning and info")
		}
		checkPolicy(func(path, format string, args ...any) { doc.Wrong(at+"."+path, format, args...) }, policy)
	}
	for i := range file.Rules {
		r := &file.Rules[i]
		if len(r.Tell.Channels) == 0 {
			r.Tell = file.Severities[string(r.Severity)]
		}
		for _, f := range r.faults() {
			doc.Wrong(fmt.Sprintf("rules[%d].%s", i, f.path), "%s", f.text)
		}
	}
	sorted := file.sorted(doc)
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return sorted, nil
}

// sorted puts every rule after those that inhibit it.
func (f File) sorted(doc *strictjson.File) []Rule {
	index := make(map[RuleID]int, len(f.Rules))
	for i, r := range f.Rules {
		if _, twice := index[r.ID]; twice {
			doc.Wrong(fmt.Sprintf("rules[%d].id", i), "another rule is called %q already", r.ID)
			return nil
		}
		index[r.ID] = i
	}
	const open, done = 1, 2
	var out []Rule
	seen := make([]int, len(f.Rules))
	var visit func(i int)
	visit = func(i int) {
		seen[i] = open
		for k, id := range f.Rules[i].InhibitedBy {
			at, known := index[id]
			path := fmt.Sprintf("rules[%d].inhibitedBy[%d]", i, k)
			switch {
			case !known:
				doc.Wrong(path, "there is no rule %q", id)
			case seen[at] == open:
				doc.Wrong(path, "%q is itself inhibited by this rule, so that both could be silent for ever", id)
			case seen[at] == 0:
				visit(at)
			}
		}
		seen[i] = done
		out = append(out, f.Rules[i])
	}
	for i := range f.Rules {
		if seen[i] == 0 {
			visit(i)
		}
	}
	return out
}

type faultOf struct{ path, text string }

// Invalid says what is wrong with a rule.
type Invalid struct {
	Rule    RuleID
	Reasons []string // "field: what is wrong and what would be right"
}

// Error lists the reasons.
func (i *Invalid) Error() string {
	return fmt.Sprintf("rule %q cannot be used: %s", i.Rule, strings.Join(i.Reasons, "; "))
}

// Check is nil or an *Invalid. It does not know other rules.
func (r Rule) Check() error {
	list := r.faults()
	if len(list) == 0 {
		return nil
	}
	bad := &Invalid{Rule: r.ID}
	for _, f := range list {
		bad.Reasons = append(bad.Reasons, f.path+": "+f.text)
	}
	return bad
}

func (s Severity) known() bool { return s == Critical || s == Warning || s == Info }

// wrong notes a mistake at a path.
type wrong = condition.Wrong

// joined is the path of a part.
func joined(path, part string) string { return strings.TrimSuffix(path+"."+part, ".") }

func (r Rule) faults() (out []faultOf) {
	w := func(path, format string, args ...any) {
		out = append(out, faultOf{path, fmt.Sprintf(format, args...)})
	}
	if !name(string(r.ID)) {
		w("id", "must be lower case letters, digits and _, because it becomes part of keys")
	}
	if r.Version < 1 {
		w("version", "must be 1 or more, so that an edit can be told from its original")
	}
	if !r.Severity.known() {
		w("severity", "%q is unknown; choose critical, warning or info", r.Severity)
	}
	for _, text := range []struct{ path, value string }{{"title", r.Title}, {"metric", r.Metric}, {"group", r.Group}, {"runbook", r.Runbook}} {
		if text.value == "" {
			w(text.path, "must not be empty")
		}
	}
	r.checkTimes(w)
	checkMissing(w, "noData", r.NoData)
	checkMissing(w, "onError", r.OnError)
	if slices.Contains(r.InhibitedBy, r.ID) {
		w("inhibitedBy", "a rule cannot inhibit itself")
	}
	if len(r.Tell.Channels) == 0 {
		w("tell", "nobody would be told; name channels here or for the severity")
	}
	checkPolicy(func(path, format string, args ...any) { w("tell."+path, format, args...) }, r.Tell)
	r.When.Check(func(path, format string, args ...any) { w(joined("when", path), format, args...) })
	return out
}

func (r Rule) checkTimes(w wrong) {
	if r.Every <= 0 {
		w("every", "must be longer than 0, or the rule is never evaluated")
	}
	if r.For < 0 || r.KeepFiring < 0 {
		w("for", "for and keepFiring must not be below 0")
	}
	if r.Evaluations < 0 || r.ClearEvaluations < 0 {
		w("evaluations", "evaluations and clearEvaluations must not be below 0")
	}
	if r.For > 0 && r.Evaluations == 1 {
		w("evaluations", "must be 2 or more with for, because one late evaluation would fire")
	}
}

func checkMissing(w wrong, path string, m Missing) {
	switch m.Policy {
	case "", Keep, Fine:
		if m.After != 0 {
			w(path+".after", "only counts with policy alert")
		}
	case Alarm:
		if m.After <= 0 {
			w(path+".after", "must say how long it may be so before it alerts, such as \"5m\"")
		}
	default:
		w(path+".policy", "%q is unknown; choose keep, ok or alert", m.Policy)
	}
}

func checkPolicy(w wrong, p Policy) {
	if p.Repeat < 0 || p.RepeatAcked < 0 || p.GroupWait < 0 {
		w("repeat", "repeat, repeatAcked and groupWait must not be below 0")
	}
	if p.Repeat > 0 && p.Repeat < Duration(minute) {
		w("repeat", "must be a minute at least, or it floods people")
	}
	channels(w, "channels", p.Channels)
	last := Duration(0)
	for i, step := range p.Escalation {
		if step.After <= last {
			w(fmt.Sprintf("escalation[%d].after", i), "must be longer than the step before it")
		}
		if len(step.Channels) == 0 {
			w(fmt.Sprintf("escalation[%d].channels", i), "names nobody")
		}
		channels(w, fmt.Sprintf("escalation[%d].channels", i), step.Channels)
		last = step.After
	}
}

func channels(w wrong, path string, list []Channel) {
	for i, c := range list {
		if !name(string(c)) {
			w(path, "%q must be lower case letters, digits and _, because it becomes part of keys", c)
		}
		if slices.Contains(list[:i], c) {
			w(path, "%q is named twice", c)
		}
	}
}

// name reports whether s can be part of a key.
func name(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == "" && len(s) <= 64
}

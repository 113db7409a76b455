package alert_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
)

// documented is what docs/alerts.md must say of a rule: the columns that follow
// from the rules file. The others are written by hand.
func documented(r alert.Rule) string {
	return fmt.Sprintf("| `%s` | %s | %s | `%s` | %s |", r.ID, r.Severity, limits(r), r.Metric, alert.Duration(alert.Delay(r)))
}

// limits says in a few words from when on a rule alerts.
func limits(r alert.Rule) string {
	percent := func(v float64) string { return fmt.Sprintf("%.4g%%", 100*v) }
	sure := func(v float64) string {
		if v == 0 {
			return ""
		}
		return ", sure to " + percent(v)
	}
	op := func(o condition.Op) string {
		return map[condition.Op]string{condition.Above: "above", condition.AtLeast: "from", condition.Below: "below", condition.AtMost: "at most"}[o]
	}
	var parts []string
	switch w := r.When; {
	case w.Threshold != nil:
		text := op(w.Threshold.Op) + " " + condition.Amount(w.Threshold.Fire, w.Threshold.Unit)
		if w.Threshold.MinSample > 0 {
			text += fmt.Sprintf(", of %d", w.Threshold.MinSample)
		}
		return text
	case w.Ratio != nil:
		for _, n := range w.Ratio.Windows {
			parts = append(parts, fmt.Sprintf("%s of %d", n.Span, n.Sample))
		}
		return op(w.Ratio.Op) + " " + percent(w.Ratio.Fire) + " in " + strings.Join(parts, ", ") + sure(w.Ratio.Sure)
	case w.Drop != nil:
		way := "falls"
		if w.Drop.Rise {
			way = "rises"
		}
		for _, n := range w.Drop.Windows {
			parts = append(parts, fmt.Sprintf("%s of %d against %s", n.Span, n.Sample, n.Before))
		}
		return way + " by " + percent(w.Drop.Least) + " in " + strings.Join(parts, ", ") + sure(w.Drop.Confidence)
	case w.Absence != nil:
		return "nothing for " + w.Absence.After.String()
	case w.Burn != nil:
		for _, p := range w.Burn.Pairs {
			parts = append(parts, fmt.Sprintf("%g× in %s and %s", p.Times, p.Long, p.Short))
		}
		return strings.Join(parts, "; ") + " of " + percent(w.Burn.Objective)
	}
	return ""
}

// The document of the alerts has every rule of the house with its limits, and
// names the tests that hold each of them.
func TestDocument(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../docs/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	known := map[string]bool{}
	for _, r := range builtin(t) {
		known[string(r.ID)] = true
		at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "| `"+string(r.ID)+"` |") })
		if at < 0 {
			t.Errorf("docs/alerts.md lacks\n%s", documented(r))
			continue
		}
		if !strings.HasPrefix(lines[at], documented(r)) {
			t.Errorf("docs/alerts.md says\n%s\nand the rule\n%s", lines[at], documented(r))
		}
		cells := strings.Split(strings.Trim(lines[at], "| "), " | ")
		if last := cells[len(cells)-1]; len(cells) != 8 || !regexp.MustCompile("^`Test[A-Za-z]+`(, `Test[A-Za-z]+`)*$").MatchString(last) {
			t.Errorf("%s: its row has %d cells and ends with %q, want eight and the test of what measures it", r.ID, len(cells), last)
		}
		if r.Severity == alert.Critical && !strings.Contains(lines[at], "critical") {
			t.Errorf("%s: not critical in the document", r.ID)
		}
	}
	tests := testNames(t)
	for _, name := range regexp.MustCompile("`Test[A-Za-z]+").FindAllString(string(data), -1) {
		if !tests[strings.Trim(name, "`")] {
			t.Errorf("docs/alerts.md names %s, and there is no such test", name)
		}
	}
	for _, l := range lines {
		if name, row := strings.CutPrefix(l, "| `"); row {
			if id, _, ok := strings.Cut(name, "` | "); ok && !known[id] {
				t.Errorf("docs/alerts.md has a rule %s that is none", id)
			}
		}
	}
}

// testNames are the tests of the packages that the document speaks of.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, dir := range []string{".", "condition", "../gauge", "../vitals", "../watch", "../hindsight", "../outcome", "../health", "../store", "../../cmd/introspect"} {
		files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no tests in %s: %v", dir, err)
		}
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(`(?m)^func (Test[A-Za-z]+)`).FindAllStringSubmatch(string(data), -1) {
				out[m[1]] = true
			}
		}
	}
	return out
}

package trial_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/trial"
)

func hero() trial.Test {
	return trial.Test{
		Name: "hero", Place: trial.Headline, Text: "A scope in ten minutes", Share: 50, Metric: trial.Completion, Least: 100, Status: trial.Running,
	}
}

// TestBucketsAreStickyFairAndIndependent: the same visit sees the same, the
// shares come out, and one test says nothing about another.
func TestBucketsAreStickyFairAndIndependent(t *testing.T) {
	t.Parallel()
	a, b := hero(), hero()
	b.Name, b.Share = "button", 20
	const visits = 20_000
	first, second, both := 0, 0, 0
	for i := range visits {
		id := event.SessionID(fmt.Sprintf("visit-%d", i))
		if again := hero(); a.Variant(id) != again.Variant(id) {
			t.Fatalf("%s sees two variants", id)
		}
		x, y := a.Variant(id) == trial.Treatment, b.Variant(id) == trial.Treatment
		first, second, both = first+truth(x), second+truth(y), both+truth(x && y)
	}
	for name, c := range map[string]struct{ got, want int }{"half": {first, visits / 2}, "a fifth": {second, visits / 5}, "both": {both, visits / 10}} {
		if c.got < c.want*95/100 || c.got > c.want*105/100 {
			t.Errorf("%s: %d of %d visits, want about %d", name, c.got, visits, c.want)
		}
	}
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestAssign(t *testing.T) {
	t.Parallel()
	running, over := hero(), hero()
	over.Name, over.Status = "over", trial.Stopped
	running.Share = 99
	treated := 0
	for i := range 50 {
		tags, texts := trial.Assign([]trial.Test{running, over}, event.SessionID("visit-"+strconv.Itoa(i)))
		if len(tags) != 1 || !strings.HasPrefix(tags[0], "hero:") {
			t.Fatalf("tags = %v, want one of the running test", tags)
		}
		if texts[trial.Headline] == running.Text != (tags[0] == "hero:treatment") {
			t.Errorf("tag %s with the texts %v", tags[0], texts)
		}
		treated += truth(tags[0] == "hero:treatment")
	}
	if treated < 45 {
		t.Errorf("%d of 50 treated, want nearly all of 99 %%", treated)
	}
}

// TestTwoTestsOfOneText: a visit that both would treat sees the text of the
// first, and is counted for both.
func TestTwoTestsOfOneText(t *testing.T) {
	t.Parallel()
	first, second := hero(), hero()
	second.Name, second.Text = "second", "Another headline"
	treated := 0
	for i := range 50 {
		tags, texts := trial.Assign([]trial.Test{first, second}, event.SessionID("visit-"+strconv.Itoa(i)))
		if len(tags) != 2 {
			t.Fatalf("tags = %v, want one of each test", tags)
		}
		want := ""
		switch {
		case tags[0] == "hero:treatment":
			want = first.Text
			treated += truth(tags[1] == "second:treatment")
		case tags[1] == "second:treatment":
			want = second.Text
		}
		if texts[trial.Headline] != want {
			t.Errorf("tags %v with the headline %q, want %q", tags, texts[trial.Headline], want)
		}
	}
	if treated == 0 {
		t.Error("no visit of 50 was treated by both, so nothing was tried")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, edge := range map[string]func(*trial.Test){
		"a usual one": func(*trial.Test) {}, "one visit of a hundred": func(t *trial.Test) { t.Share = 1 }, "all but one": func(t *trial.Test) { t.Share = 99 },
		"the longest text": func(t *trial.Test) { t.Text = strings.Repeat("é", 300) },
	} {
		x := hero()
		edge(&x)
		if err := x.Check(); err != nil {
			t.Errorf("%s = %v", name, err)
		}
	}
	for name, spoil := range map[string]func(*trial.Test){
		"no name": func(t *trial.Test) { t.Name = "" }, "a name with spaces": func(t *trial.Test) { t.Name = "the hero" },
		"a rule": func(t *trial.Test) { t.Place = "interview.limit" }, "no text": func(t *trial.Test) { t.Text = "" },
		"a book": func(t *trial.Test) { t.Text = strings.Repeat("a", 301) }, "everybody": func(t *trial.Test) { t.Share = 100 },
		"nobody": func(t *trial.Test) { t.Share = 0 }, "a wish": func(t *trial.Test) { t.Metric = "happiness" }, "a handful": func(t *trial.Test) { t.Least = 99 },
	} {
		x := hero()
		spoil(&x)
		if x.Check() == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// TestJudge: nothing below the sample, noise stays undecided, a clear
// difference is decided either way, and times are never judged.
func TestJudge(t *testing.T) {
	t.Parallel()
	clear := [2]stat.Rate{{Hits: 60, Of: 400}, {Hits: 140, Of: 400}}
	for _, tc := range []struct {
		name               string
		test               trial.Test
		control, treatment stat.Rate
		decided            bool
		winner             trial.Variant
		missing            int64
	}{
		{"too few", hero(), stat.Rate{Hits: 1, Of: 99}, stat.Rate{Hits: 90, Of: 99}, false, "", 1},
		{"nobody yet", hero(), stat.Rate{}, stat.Rate{}, false, "", 100},
		{"noise", hero(), stat.Rate{Hits: 100, Of: 400}, stat.Rate{Hits: 108, Of: 400}, false, "", 0},
		{"better", hero(), clear[0], clear[1], true, trial.Treatment, 0},
		{"worse", hero(), clear[1], clear[0], true, trial.Control, 0},
	} {
		got := tc.test.Judge(tc.control, tc.treatment)
		if got.Decided != tc.decided || got.Winner != tc.winner || got.Missing != tc.missing {
			t.Errorf("%s: decided %v for %q, %d missing; want %v, %q, %d (p %.4f)", tc.name, got.Decided, got.Winner, got.Missing, tc.decided, tc.winner, tc.missing, got.P)
		}
	}
}

// TestJudgeTimes: the shorter times win, a single overnight visit does not, and
// nothing is said of too few.
func TestJudgeTimes(t *testing.T) {
	t.Parallel()
	timed := hero()
	timed.Metric = trial.Time
	usual := stat.Numbers{{Value: 600, Count: 60}, {Value: 800, Count: 80}, {Value: 1000, Count: 60}}
	quick := stat.Numbers{{Value: 400, Count: 60}, {Value: 600, Count: 80}, {Value: 800, Count: 60}}
	night := append(append(stat.Numbers{}, usual...), stat.Bin{Value: 40_000, Count: 1})
	for _, tc := range []struct {
		name               string
		control, treatment stat.Numbers
		winner             trial.Variant
		missing            int64
	}{
		{"shorter", usual, quick, trial.Treatment, 0},
		{"longer", quick, usual, trial.Control, 0},
		{"one overnight", usual, night, "", 0},
		{"too few", usual[:1], quick, "", 40},
		{"too few, however clear", usual[2:], quick[:1], "", 40},
		// One look would find a difference here (p 0.015): one of many such looks does.
		{"what one of many looks finds", slower(100, 0), slower(100, 17), "", 0},
	} {
		got := timed.JudgeTimes(tc.control, tc.treatment)
		if got.Winner != tc.winner || got.Missing != tc.missing || got.Decided != (tc.winner != "") {
			t.Errorf("%s: %+v; want %q with %d missing", tc.name, got, tc.winner, tc.missing)
		}
	}
}

// slower are the times of n that finish, some of them in 800 seconds instead of 600.
func slower(n, some int64) stat.Numbers {
	return stat.Numbers{{Value: 600, Count: n/2 - some}, {Value: 800, Count: n/2 + some}}
}

package lookout_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/lookout"
)

var start = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

// rounds plays rounds of 30 seconds. Each is a word of one letter per target: u
// answers, d does not; a capital D means that the control host fails too.
func rounds(script string) (told []string) {
	var l lookout.Lookout
	for i, round := range strings.Fields(script) {
		var outcomes []lookout.Outcome
		for n, c := range strings.ToLower(round) {
			o := lookout.Outcome{Target: string(rune('a' + n))}
			if c == 'd' {
				o.Fault = "status 503"
			}
			outcomes = append(outcomes, o)
		}
		control := func() bool {
			if strings.ContainsAny(round, "u") {
				told = append(told, "the control host was asked although a target answers")
			}
			return !strings.Contains(round, "D")
		}
		for _, n := range l.Round(start.Add(time.Duration(i)*30*time.Second), outcomes, control) {
			line := string(n.Kind)
			if n.Target != "" {
				line += " " + n.Target
			}
			if n.Pages() {
				line = "page: " + line
			}
			told = append(told, line)
		}
	}
	return told
}

func TestRounds(t *testing.T) {
	t.Parallel()
	hour := strings.Repeat("du ", 121)
	for _, tt := range []struct {
		name, script string
		want         []string
	}{
		{"all is well", "uu uu uu", nil},
		{"one failure is none", "uu du uu du uu", nil},
		{"two in a row are an outage, told once", "uu du du du", []string{"page: down a"}},
		{"and its end", "du du uu uu", []string{"page: down a", "page: up a"}},
		{"each target on its own", "du dd ud uu", []string{"page: down a", "page: up a", "page: down b", "page: up b"}},
		{"all targets, while the control host answers", "dd dd", []string{"page: down a", "page: down b"}},
		{"the network here", "uu DD DD uu", []string{"blind", "sighted"}},
		{"failures of a blind host count for nothing", "uu DD DD DD du uu", []string{"blind", "sighted"}},
		{"an outage goes on behind a blind host", "du du DD du uu", []string{"page: down a", "blind", "sighted", "page: up a"}},
		{"a blind host that sees an outage afterwards", "DD dd dd", []string{"blind", "sighted", "page: down a", "page: down b"}},
		{"once an hour again", "uu " + hour + "du uu", []string{"page: down a", "page: reminder a", "page: up a"}},
	} {
		if diff := cmp.Diff(tt.want, rounds(tt.script)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// An outage lasts from its first failure, which by itself was none, and one that is
// over takes its begin with it.
func TestSince(t *testing.T) {
	t.Parallel()
	var l lookout.Lookout
	at := func(n int) time.Time { return start.Add(time.Duration(n) * 30 * time.Second) }
	var got []string
	for i, c := range "ududduuudd" {
		o := lookout.Outcome{Target: "a"}
		if c == 'd' {
			o.Fault = "status 503"
		}
		for _, n := range l.Round(at(i), []lookout.Outcome{o, {Target: "b"}}, nil) {
			got = append(got, string(n.Kind)+" since "+n.Since.Format(time.TimeOnly))
		}
	}
	if diff := cmp.Diff([]string{"down since 03:01:30", "up since 03:01:30", "down since 03:04:00"}, got); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
	if got := l.Round(at(20), nil, func() bool { return false }); len(got) != 0 {
		t.Errorf("without targets %v is told, want nothing", got)
	}
}

// Whatever happens, of each target outages and ends alternate, and nobody is
// paged while nothing can be reached.
func TestOutagesAlternate(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		words := make([]string, 60)
		for i := range words {
			words[i] = []string{"uu", "du", "ud", "dd", "DD"}[rng.IntN(5)]
		}
		down := map[string]bool{}
		for _, line := range rounds(strings.Join(words, " ")) {
			word, target, _ := strings.Cut(strings.TrimPrefix(line, "page: "), " ")
			switch word {
			case "down":
				if down[target] {
					t.Fatalf("%s is told down twice in %v", target, words)
				}
				down[target] = true
			case "up":
				if !down[target] {
					t.Fatalf("%s is told up without an outage in %v", target, words)
				}
				down[target] = false
			}
		}
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	n := lookout.Notice{Kind: lookout.Down, Target: "https://a.example", Fault: "status <503> & worse", Since: start, At: start.Add(30 * time.Second)}
	body, err := n.Slack()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Text        string
		Attachments []struct {
			Color string
			TS    int64
		}
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	want := "DOWN: https://a.example does not answer since 03:00:00 UTC: status &lt;503&gt; &amp; worse"
	if got.Text != want || len(got.Attachments) != 1 || got.Attachments[0].Color != "danger" || got.Attachments[0].TS != n.At.Unix() {
		t.Errorf("body = %s, want text %q", body, want)
	}
	for kind, want := range map[lookout.Kind]string{
		lookout.Up: "UP: https://a.example answers again after 30s", lookout.Reminder: "STILL DOWN: https://a.example does not answer for 30s: status <503> & worse",
		lookout.Sighted: "The network of this host works again after 30s",
	} {
		n.Kind = kind
		if got := n.Text(); got != want {
			t.Errorf("text of %s = %q, want %q", kind, got, want)
		}
		colour := `"color":"good"`
		if kind == lookout.Reminder {
			colour = `"color":"danger"`
		}
		if body, err := n.Slack(); err != nil || !strings.Contains(string(body), colour) {
			t.Errorf("%s is shown as %s, %v, want %s", kind, body, err, colour)
		}
	}
}

// The channels of alerts are told of one trouble from its beginning to its end, and
// no two keys are the same.
func TestParcels(t *testing.T) {
	t.Parallel()
	keys := map[alert.Key]bool{}
	var episode alert.EpisodeID
	for i, tt := range []struct {
		kind lookout.Kind
		want alert.NoticeKind
	}{{lookout.Down, alert.KindFiring}, {lookout.Reminder, alert.KindReminder}, {lookout.Reminder, alert.KindReminder}, {lookout.Up, alert.KindResolved}} {
		n := lookout.Notice{Kind: tt.kind, Target: "https://a.example", Fault: "status 503", Since: start, At: start.Add(time.Duration(i) * time.Hour)}
		p := n.Parcel("pagerduty")
		got := p.Notices[0]
		if episode == "" {
			episode = got.Episode
		}
		if p.Kind != tt.want || p.Severity != alert.Critical || p.Channel != "pagerduty" || got.Episode != episode || keys[p.Key] || got.To.IsZero() == tt.want.Ends() {
			t.Errorf("%s is %+v, want %s of episode %s under a key of its own", tt.kind, p, tt.want, episode)
		}
		keys[p.Key] = true
	}
	later := (lookout.Notice{Kind: lookout.Down, Target: "https://a.example", Since: start.Add(24 * time.Hour), At: start.Add(25 * time.Hour)}).Parcel("pagerduty")
	if later.Notices[0].Episode != episode || keys[later.Key] {
		t.Errorf("the next outage is %+v, want the same episode under another key", later)
	}
	if other := (lookout.Notice{Target: "https://b.example", Since: start}).Parcel("slack").Notices[0]; other.Episode == episode {
		t.Errorf("two targets share episode %s", episode)
	}
}

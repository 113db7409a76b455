package speak_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/speak"
	"applicreations.com/introspect/internal/channeltest"
)

func voice() speak.Voice { return speak.Voice{Base: "https://intake.example.com"} }

func changes(list ...time.Duration) (out []speak.Change) {
	for i, before := range list {
		out = append(out, speak.Change{At: channeltest.At().Add(-before), Text: fmt.Sprintf("Version %d", i+1)})
	}
	return out
}

func TestSpeakSaysEverything(t *testing.T) {
	t.Parallel()
	p := channeltest.Parcel(alert.KindFiring)
	n := p.Notices[0]
	got := voice().Speak(p, changes(6*time.Minute))
	want := speak.Message{
		Key: n.Key, Kind: alert.KindFiring, Severity: alert.Critical, Group: "errors", At: channeltest.At(),
		Title:  "[CRITICAL] Too many requests fail",
		Short:  "[CRITICAL] Too many requests fail: 17 of 61 = 27.87% in 5m (alerts above 5%), since Nov 27, 09:00 UTC, 4m",
		Before: []string{"Version 1, 2m before"},
		Items: []speak.Item{{
			Rule: "error_rate", Fingerprint: n.Fingerprint, Episode: n.Episode, From: n.From,
			Title: "Too many requests fail", Where: "route /intake", Since: "Nov 27, 09:00 UTC, 4m",
			Figures: "17 of 61 = 27.87% in 5m (alerts above 5%)", Why: "version 3.2.1 went live 4m before; roll it back?",
			Links: []speak.Link{
				{"What to do", "https://intake.example.com/admin/runbook#errors"},
				{"Take it on", "https://intake.example.com/admin/alerts?episode=" + string(n.Episode)},
				{"First session behind it", "https://intake.example.com/admin/sessions/s-1"},
			},
		}},
		Link: speak.Link{"All alerts", "https://intake.example.com/admin/alerts"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Speak (-want +got):\n%s", diff)
	}
}

func TestTitles(t *testing.T) {
	t.Parallel()
	for kind, want := range map[alert.NoticeKind]string{
		alert.KindFiring:    "[CRITICAL] Too many requests fail",
		alert.KindReminder:  "[CRITICAL] still: Too many requests fail",
		alert.KindEscalated: "[CRITICAL] nobody took it on: Too many requests fail",
		alert.KindResolved:  "[OVER] Too many requests fail",
	} {
		if got := voice().Speak(channeltest.Parcel(kind), nil).Title; got != want {
			t.Errorf("title of %s = %q, want %q", kind, got, want)
		}
	}
	several := alert.Together([]alert.Notice{
		channeltest.Notice("a", alert.KindFiring, nil), channeltest.Notice("b", alert.KindFiring, nil), channeltest.Notice("c", alert.KindFiring, nil),
	})[0]
	if got, want := voice().Speak(several, nil).Title, "[CRITICAL] Too many requests fail and 2 more"; got != want {
		t.Errorf("title of three = %q, want %q", got, want)
	}
	if got := voice().Speak(alert.Parcel{}, nil); got.Title != "" || got.Short != "" || got.Text() == "" {
		t.Errorf("an empty parcel says %+v", got)
	}
}

func TestOnlyWhatChangedJustBefore(t *testing.T) {
	t.Parallel()
	// The trouble began four minutes before the notice.
	for _, tt := range []struct {
		name string
		list []speak.Change
		want []string
	}{
		{"nothing", nil, nil},
		{"after it began, so not its cause", changes(3 * time.Minute), nil},
		{"more than half an hour before", changes(35 * time.Minute), nil},
		{"at the edge", changes(34 * time.Minute), []string{"Version 1, 30m before"}},
		{"the newest first, three at most", changes(20*time.Minute, 5*time.Minute, 9*time.Minute, 14*time.Minute), []string{
			"Version 2, 1m before", "Version 3, 5m before", "Version 4, 10m before",
		}},
	} {
		got := voice().Speak(channeltest.Parcel(alert.KindFiring), tt.list).Before
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if got := voice().Speak(channeltest.Parcel(alert.KindResolved), changes(6*time.Minute)).Before; got != nil {
		t.Errorf("what is over has no cause to look for, got %v", got)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	p := channeltest.Parcel(alert.KindFiring)
	if got := (speak.Voice{}).Speak(p, nil); len(got.Items[0].Links) != 0 || got.Link.URL != "" {
		t.Errorf("without an address there are links: %+v", got)
	}
	own := speak.Voice{Base: "https://x.example", Runbook: "https://wiki.example/run", Ack: func(n alert.Notice) string { return "https://x.example/ack/" + string(n.Episode) }}
	links := own.Speak(p, nil).Items[0].Links
	if links[0].URL != "https://wiki.example/run#errors" || links[1].URL != "https://x.example/ack/"+string(p.Notices[0].Episode) {
		t.Errorf("links = %v, want those that were given", links)
	}
	own.Ack = func(alert.Notice) string { return "" }
	if links := own.Speak(p, nil).Items[0].Links; !strings.Contains(links[1].URL, "/admin/alerts?episode=") {
		t.Errorf("links = %v, want the page of alerts where there is no one-click link", links)
	}
}

// Labels come from whoever sends requests. Nothing of them may name a person,
// break a line, hide text or make the message longer than a phone shows.
func TestHostileLabels(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 10, 40} {
		m := voice().Speak(channeltest.Hostile(n), nil)
		if len(m.Items) != min(n, speak.MaxItems) || m.More != n-len(m.Items) {
			t.Errorf("%d notices make %d items and %d more", n, len(m.Items), m.More)
		}
		if a, b := utf8.RuneCountInString(m.Title), utf8.RuneCountInString(m.Short); a > 80 || b > 170 {
			t.Errorf("title has %d characters and the notification %d, want 80 and 170", a, b)
		}
		lines := []string{m.Title, m.Short, m.Group}
		for _, i := range m.Items {
			lines = append(lines, i.Title, i.Where, i.Since, i.Figures, i.Why)
		}
		for _, line := range lines {
			if strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) || !utf8.ValidString(line) {
				t.Errorf("line hides or breaks something: %q", line)
			}
			if utf8.RuneCountInString(line) > 240 {
				t.Errorf("line has %d characters", utf8.RuneCountInString(line))
			}
		}
		for _, body := range [][]byte{[]byte(m.Text()), m.Signed(), m.Seed()} {
			channeltest.Clean(t, body)
		}
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"17 of 61 = 27.87% in 5m (alerts above 5%)": "17 of 61 = 27.87% in 5m (alerts above 5%)",
		"write to ana@bellanails.example":           "write to [address]",
		"+49 30 1234567 and +49 30 7654321":         "[number] and [number]",
		"a@b.example c@d.example":                   "[address] [address]",
		"{{email}} {{phone_2}}":                     "{ {email}} { {phone_2}}",
		" a\tb\r\nc\u200b ":                         "a b c",
		"":                                          "",
		strings.Repeat("x", 50):                     strings.Repeat("x", 39) + "…",
	} {
		if got := speak.Line(in, 40+3); in != strings.Repeat("x", 50) && got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
		if got := speak.Line(in, 40); in == strings.Repeat("x", 50) && got != want {
			t.Errorf("Line(%q, 40) = %q, want %q", in, got, want)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Add("ana@bellanails.example {{email", 20)
	f.Add("{{brace}}{{{{phone_1}}", 8)
	f.Fuzz(func(t *testing.T, s string, most int) {
		most %= 500
		got := speak.Line(s, most)
		if n := utf8.RuneCountInString(got); n > max(most, 0) || !utf8.ValidString(got) || strings.ContainsAny(got, "\r\n\x00") {
			t.Errorf("Line(%q, %d) = %q", s, most, got)
		}
	})
}

func TestSeedBody(t *testing.T) {
	t.Parallel()
	var got map[string]any
	if err := json.Unmarshal(voice().Speak(channeltest.Parcel(alert.KindFiring), nil).Seed(), &got); err != nil {
		t.Fatal(err)
	}
	context, _ := got["context"].(map[string]any)
	if len(got) != 4 || got["type"] != "alert" || got["message"] != "[CRITICAL] Too many requests fail" || got["timestamp"] != "2026-11-27T09:04:00.000Z" {
		t.Errorf("body = %v, want the four members of the seed (S64)", got)
	}
	if context["rule"] != "error_rate" || context["what_to_do"] != "https://intake.example.com/admin/runbook#errors" || context["more"] != nil {
		t.Errorf("context = %v", context)
	}
}

func TestSignedBody(t *testing.T) {
	t.Parallel()
	type body struct {
		Type      string
		Timestamp time.Time
		Data      struct {
			Title, URL string
			Alerts     []struct{ Rule, Figures string }
			Before     []string
			More       int
		}
	}
	for _, n := range []int{1, 10, 60} {
		raw := voice().Speak(channeltest.Hostile(n), nil).Signed()
		var got body
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		if got.Type != "alert.firing" || !got.Timestamp.Equal(channeltest.At()) || len(got.Data.Alerts)+got.Data.More != n || got.Data.Before == nil || len(raw) > 20<<10 {
			t.Errorf("%d notices make %d bytes: %+v", n, len(raw), got)
		}
	}
}

// Receivers verify the id in a header, where dots and spaces have a meaning.
func TestID(t *testing.T) {
	t.Parallel()
	for key, want := range map[alert.Key]string{
		"abc-1-1/slack/firing/1":            "abc-1-1/slack/firing/1",
		"a.b c\n/é":                         "a_b_c_/_",
		"":                                  "alert",
		alert.Key(strings.Repeat("k", 400)): strings.Repeat("k", 200),
	} {
		if got := (speak.Message{Key: key}).ID(); got != want {
			t.Errorf("ID(%q) = %q, want %q", key, got, want)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	got := voice().Speak(channeltest.Parcel(alert.KindFiring), changes(6*time.Minute)).Text()
	want := `Too many requests fail
Where: route /intake
Since: Nov 27, 09:00 UTC, 4m
Figures: 17 of 61 = 27.87% in 5m (alerts above 5%)
Why now: version 3.2.1 went live 4m before; roll it back?
What to do: https://intake.example.com/admin/runbook#errors
Take it on: https://intake.example.com/admin/alerts?episode=` + string(channeltest.Parcel(alert.KindFiring).Notices[0].Episode) + `
First session behind it: https://intake.example.com/admin/sessions/s-1

Changed before: Version 1, 2m before
All alerts: https://intake.example.com/admin/alerts`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Text (-want +got):\n%s", diff)
	}
}

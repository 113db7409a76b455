package letter_test

import (
	"flag"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/letter"
)

var update = flag.Bool("update", false, "write the golden files anew")

func agency() letter.Agency {
	return letter.Agency{
		Name:     "AppliCreations",
		From:     letter.Address{Name: "Introspect", Email: "introspect@applicreations.com"},
		Team:     letter.Address{Name: "AppliCreations", Email: "david@applicreations.com"},
		Phone:    "+1 555 0100",
		Calendar: "https://cal.example.com/applicreations",
	}
}

func scope() letter.Attachment {
	return letter.Attachment{Name: "SCOPE_Bella_Nails.md", Type: "text/markdown; charset=utf-8", Data: []byte("# Scope of Bella Nails\n")}
}

func pdf() letter.Attachment {
	return letter.Attachment{Name: "Proposal_Bella_Nails.pdf", Type: "application/pdf", Data: []byte("%PDF-1.7\n")}
}

func person() letter.Person {
	return letter.Person{Name: "Ana Ruiz", Company: "Bella Nails", Email: "ana@bellanails.example", Phone: "+1 555 0199"}
}

func lead() letter.Lead {
	return letter.Lead{
		ID: "lead-7f3a", Project: "Bella Nails booking site", Package: "Professional", Total: 745000, Hosting: 12900,
		Timeline: "6 weeks, live before 1 March", Model: "Service booking",
		Features: []string{"Online booking", "Deposits", "Reminders by text message"}, Quality: 93, Client: person(),
		Review: []string{"The stated budget is $5,000 below the total.", "Card data is handled (PCI-DSS)."},
		Next:   []string{"Call Ana within a day about the budget.", "Release the proposal."},
		Admin:  "https://intake.example.com/admin/sessions/7f3a", Scope: scope(), Held: true,
	}
}

func deal() letter.Deal {
	at := time.Date(2026, 11, 27, 9, 5, 0, 0, time.FixedZone("EST", -5*3600))
	return letter.Deal{
		ID: "deal-7f3a", Project: "Bella Nails booking site", Total: 745000, Client: person(), At: at,
		Text:  "Can the deposits start later?\n\nWe open the second shop in May <first week>.",
		Admin: "https://intake.example.com/admin/sessions/7f3a",
	}
}

func ana() letter.Address { return letter.Address{Name: "Ana Ruiz", Email: "ana@bellanails.example"} }

func proposal() letter.Proposal {
	return letter.Proposal{
		ID: "proposal-7f3a", To: ana(), Project: "Bella Nails booking site", Total: 745000, Hosting: 12900,
		Timeline: "6 weeks, live before 1 March", Web: "https://intake.example.com/p/Zk3T?x=1&y=2", PDF: pdf(),
	}
}

func nudge() letter.Nudge {
	return letter.Nudge{
		ID: "reminder-7f3a", To: ana(), Project: "Bella Nails booking site", Answered: 11, Minutes: 9,
		URL: "https://intake.example.com/r/5c1e", Unsubscribe: "https://intake.example.com/u/5c1e",
	}
}

func written() map[string]letter.Message {
	return map[string]letter.Message{
		"team": letter.Team(agency(), lead()), "client": letter.Client(agency(), proposal()),
		"magic":    letter.MagicLink(agency(), letter.Link{ID: "link-5c1e", To: ana(), URL: "https://intake.example.com/r/5c1e"}),
		"data":     letter.DataLink(agency(), letter.Link{ID: "data-5c1e", To: ana(), URL: "https://intake.example.com/privacy/requests?token=5c1e"}),
		"reminder": letter.Reminder(agency(), nudge()),
		"accepted": letter.Accepted(agency(), deal()), "question": letter.Question(agency(), deal()),
	}
}

// all writes every mail with the values of a client.
func all(project, name, email, words string) map[string]letter.Message {
	l, d, p, n := lead(), deal(), proposal(), nudge()
	l.Project, l.Client, l.Package, l.Timeline, l.Review, l.Features = project, letter.Person{Name: name, Company: name, Email: email, Phone: words}, name, words, []string{words}, []string{words}
	d.Project, d.Client, d.Text = project, l.Client, words
	to := letter.Address{Name: name, Email: email}
	p.Project, p.To, p.Timeline, p.Next = project, to, words, []string{words}
	n.Project, n.To = project, to
	return map[string]letter.Message{
		"team": letter.Team(agency(), l), "accepted": letter.Accepted(agency(), d), "question": letter.Question(agency(), d),
		"client": letter.Client(agency(), p), "reminder": letter.Reminder(agency(), n),
		"magic": letter.MagicLink(agency(), letter.Link{ID: "link-5c1e", To: to, URL: "https://intake.example.com/r/5c1e"}),
		"data":  letter.DataLink(agency(), letter.Link{ID: "data-5c1e", To: to, URL: "https://intake.example.com/privacy/requests?token=5c1e"}),
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, m := range written() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := m.Check(); err != nil {
				t.Fatalf("Check() = %v, want nil", err)
			}
			var head strings.Builder
			fmt.Fprintf(&head, "Message-ID: <%s>\nFrom: %s\nTo: %s\nReply-To: %s\nSubject: %s\n", m.MessageID(), m.From, m.To, m.ReplyTo, m.Subject)
			for _, f := range m.Headers.Fields() {
				head.WriteString(f.Name + ": " + f.Value + "\n")
			}
			for _, a := range m.Attachments {
				head.WriteString("Attachment: " + a.Name + ", " + a.Type + "\n")
			}
			golden(t, name+".txt", head.String()+"\n"+m.Text)
			golden(t, name+".html", m.HTML)
		})
	}
}

func golden(tb testing.TB, name, got string) {
	tb.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		tb.Errorf("%s (-want +got), -update accepts it:\n%s", path, diff)
	}
}

func TestTextAndHTMLSayTheSame(t *testing.T) {
	t.Parallel()
	for name, m := range written() {
		if diff := cmp.Diff(spoken(m.Text), spoken(strip(m.HTML))); diff != "" {
			t.Errorf("%s (-text +html):\n%s", name, diff)
		}
	}
}

// strip returns what a reader sees of our HTML, with links written out as in
// the text part.
func strip(s string) string {
	_, s, _ = strings.Cut(s, "<body")
	s = regexp.MustCompile(`<a [^>]*href="([^"]*)"[^>]*>([^<]*)</a>`).ReplaceAllString(s, "$2: $1")
	s = regexp.MustCompile(`<dt[^>]*>([^<]*)</dt>`).ReplaceAllString(s, "$1: ")
	s = regexp.MustCompile(`^[^>]*>|<[^>]*>`).ReplaceAllString(s, " ")
	return html.UnescapeString(s)
}

// spoken returns the words of a text without the marks of its layout.
func spoken(s string) []string {
	var out []string
	for _, w := range strings.Fields(s) {
		if w = strings.Trim(w, "-=>"); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// stray returns the first tag that no mail of ours has.
func stray(s string) string {
	known := " !doctype html head meta title style body div h1 h2 p blockquote br dl dt dd ul li a "
	for _, m := range regexp.MustCompile(`</?([a-zA-Z!?][^\s>]*)`).FindAllStringSubmatch(s, -1) {
		if !strings.Contains(known, " "+strings.TrimSuffix(m[1], "/")+" ") {
			return m[0]
		}
	}
	return ""
}

func TestSubjectOfALead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		project, pack string
		total         catalog.Cents
		want          string
	}{
		{"Bella Nails", "Starter", 450000, "New lead: Bella Nails, Starter, $4,500"},
		{"Bella Nails booking site for two shops", "Professional", 745000, "New lead: Bella Nails booking site…, Professional, $7,450"},
		{"", "Custom", 1234567, "New lead: a new project, Custom, $12,345.67"},
		{"Bella\r\nBcc: x@example.com", "", 0, "New lead: Bella Bcc: x@example.com, $0"},
		{strings.Repeat("ü", 100), "Starter", 450000, "New lead: " + strings.Repeat("ü", 32) + "…, Starter, $4,500"},
		{strings.Repeat("x", 100), strings.Repeat("y", 100), 9007199254740992, "New lead: xxx…, yyyyyyyyyyyyyyyyyyy…, $90,071,992,547,409.92"},
	} {
		l := lead()
		l.Project, l.Package, l.Total = tt.project, tt.pack, tt.total
		got := letter.Team(agency(), l).Subject
		if n := utf8.RuneCountInString(got); got != tt.want || n > 60 {
			t.Errorf("subject = %q (%d characters), want %q", got, n, tt.want)
		}
	}
}

// A mail to the team is answered to the client, one to a client to the team.
func TestReplies(t *testing.T) {
	t.Parallel()
	for name, m := range written() {
		want := agency().Team
		if m.To == agency().Team {
			want = ana()
		}
		if m.ReplyTo != want {
			t.Errorf("%s: Reply-To = %v, want %v", name, m.ReplyTo, want)
		}
		if !m.Headers.AutoSubmitted {
			t.Errorf("%s: not marked as sent by a machine", name)
		}
	}
	l := lead()
	l.Client.Email = "nobody\r\n"
	if m := letter.Team(agency(), l); m.ReplyTo != (letter.Address{}) || m.Check() != nil {
		t.Errorf("a lead without an address: Reply-To = %v, Check() = %v, want none", m.ReplyTo, m.Check())
	}
}

func BenchmarkTeam(b *testing.B) {
	for b.Loop() {
		if m := letter.Team(agency(), lead()); m.HTML == "" {
			b.Fatal("empty")
		}
	}
}

package letter_test

import (
	"fmt"
	"html"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/letter"
)

// The mails keep the rules of DOMAIN 7.5 and 9.7 in their words.
func TestWhatTheMailsSay(t *testing.T) {
	t.Parallel()
	mails := written()
	free := lead()
	free.Held, free.Review, free.Hosting, free.Client = false, nil, 0, letter.Person{}
	mails["a lead that needs no look"] = letter.Team(agency(), free)
	own := proposal()
	own.Next, own.Web, own.Timeline = []string{"Call us on Monday."}, "", ""
	mails["a proposal with steps of its own"] = letter.Client(agency(), own)
	short := deal()
	short.Text, short.At = " \n\r\n", time.Time{}
	mails["an acceptance without a word"] = letter.Accepted(agency(), short)
	early := nudge()
	early.Answered, early.Minutes, early.Project = 0, -1, "https://evil.example"
	mails["a reminder that knows little"] = letter.Reminder(agency(), early)
	for _, tt := range []struct {
		mail     string
		has, not []string
	}{
		{"team", []string{"until you release it", "Please look at", "PCI-DSS", "/admin/sessions/7f3a", "Call Ana"}, nil},
		{"a lead that needs no look", []string{"Key facts"}, []string{"release it", "Please look at", "Hosting", "Contact"}},
		{"client", []string{"thank you", "attached", "Sign the agreement.", "Pay the deposit.", "cal.example.com", "david@applicreations.com", "/p/Zk3T"}, nil},
		{"a proposal with steps of its own", []string{"Call us on Monday."}, []string{"Pay the deposit.", "on the web", "Timeline"}},
		{"magic", []string{"48 hours", "ignore this mail"}, []string{"Do not write again"}},
		{"data", []string{"download everything", "have it erased", "48 hours", "do not pass it on", "ignore this mail"}, []string{"Do not write again", "continue", "Bella Nails"}},
		{"reminder", []string{"48 hours", "only reminder", "Do not write again", "“Bella Nails booking site”"}, nil},
		{"a reminder that knows little", []string{"describe your project."}, []string{"evil", "Where you are"}},
		{"accepted", []string{"accepted the proposal", "Note from the client", "November 27, 2026, 09:05 EST"}, nil},
		{"an acceptance without a word", nil, []string{"Note from", "When"}},
		{"question", []string{"> Can the deposits start later?\n>\n> We open"}, nil},
	} {
		m, ok := mails[tt.mail]
		if !ok {
			t.Fatalf("no mail %q", tt.mail)
		}
		if err := m.Check(); err != nil {
			t.Errorf("%s: Check() = %v", tt.mail, err)
		}
		for _, has := range tt.has {
			if !strings.Contains(m.Text, has) {
				t.Errorf("%s does not say %q:\n%s", tt.mail, has, m.Text)
			}
		}
		for _, not := range tt.not {
			if strings.Contains(m.Text+m.HTML+m.Subject, not) {
				t.Errorf("%s says %q:\n%s", tt.mail, not, m.Text)
			}
		}
	}
}

// DOMAIN 10.4: "we", never "I"; no hype.
func TestVoice(t *testing.T) {
	t.Parallel()
	for name, m := range written() {
		if found := regexp.MustCompile(`\bI\b|\b[Mm]y\b|!|(?i)\b(amazing|awesome|excited|simply|just)\b`).FindString(m.Subject + "\n" + m.Text); found != "" {
			t.Errorf("%s says %q", name, found)
		}
	}
}

// A question may be long and oddly broken; it stays a quotation.
func TestQuotations(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"lines of any kind", "a\nb\r\nc\rd", []string{"> a", "> b", ">", "> c", "> d"}},
		{"empty lines around and between", "\n\n a \n\n\n\t\nb\n\n", []string{"> a", ">", "> b"}},
		{"a signature of another mail", "-- \nPay to <https://evil.example>", []string{"> --", "> Pay to <https://evil.example>"}},
		{"marks that hide text", "safe\u202e\x1b[8m evil\x00", []string{"> safe [8m evil"}},
		{"a line that is far too long", strings.Repeat("word ", 300), []string{"> " + strings.TrimSpace(strings.Repeat("word ", 199)) + "…"}},
	} {
		d := deal()
		d.Text = tt.text
		m := letter.Question(agency(), d)
		var got []string
		for line := range strings.Lines(m.Text) {
			if strings.HasPrefix(line, ">") {
				got = append(got, strings.TrimSuffix(line, "\n"))
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	d := deal()
	d.Text = strings.Repeat("line\n", 1000)
	if n := strings.Count(letter.Question(agency(), d).Text, "> line"); n != 40 {
		t.Errorf("a question of 1000 lines is quoted with %d, want 40", n)
	}
}

// Mail programs run no scripts, drop style sheets and block what lies
// elsewhere; Gmail cuts a mail above 102 KB.
func TestHTMLStandsAlone(t *testing.T) {
	t.Parallel()
	mails := written()
	for kind, m := range all(strings.Repeat("<&> ", 3000), "Ana", "ana@example.com", strings.Repeat("\"'<&>\n", 3000)) {
		mails["far too long "+kind] = m
	}
	for name, m := range mails {
		for _, refused := range []string{"<table", "<img", "<script", "<link", "src=", "url(", "@import", "ZgotmplZ"} {
			if strings.Contains(m.HTML, refused) {
				t.Errorf("%s has %q", name, refused)
			}
		}
		for _, needed := range []string{`<html lang="en">`, `name="viewport"`, `content="light dark"`, "prefers-color-scheme: dark"} {
			if !strings.Contains(m.HTML, needed) {
				t.Errorf("%s lacks %q", name, needed)
			}
		}
		for _, tag := range regexp.MustCompile(`<(?:body|div|h1|h2|p|a|ul|li|dl|dt|dd|blockquote)\b[^>]*>`).FindAllString(m.HTML, -1) {
			if !strings.Contains(tag, `style="`) {
				t.Errorf("%s: %s has no style of its own", name, tag)
			}
		}
		if len(m.HTML) > 102<<10 || len(m.Text) > 102<<10 {
			t.Errorf("%s has %d bytes of HTML and %d of text, want at most 102 KB", name, len(m.HTML), len(m.Text))
		}
		for _, u := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(m.HTML, -1) {
			if address := html.UnescapeString(u[1]); !strings.Contains(m.Text, address) {
				t.Errorf("%s links to %s, which the text part does not name", name, address)
			}
		}
	}
}

// Text must be readable by day and by night: 4.5 to 1 (WCAG 2.1 AA).
func TestContrast(t *testing.T) {
	t.Parallel()
	m := written()["team"]
	for _, tt := range []struct{ name, ink, paper string }{
		{"text", "#0b0b0b", "#ffffff"},
		{"names of facts", "#484848", "#ffffff"},
		{"links", "#1f6a96", "#ffffff"},
		{"the button, day and night", "#ffffff", "#1f6a96"},
		{"text at night", "#ececec", "#202020"},
		{"names of facts at night", "#b9b9b9", "#202020"},
		{"links at night", "#8cc8ec", "#202020"},
	} {
		if !strings.Contains(written()["client"].HTML, tt.ink) || !strings.Contains(m.HTML, tt.paper) {
			t.Errorf("%s: the layout has no %s on %s; measure what it has", tt.name, tt.ink, tt.paper)
		}
		if got := contrast(tt.ink, tt.paper); got < 4.5 {
			t.Errorf("%s: contrast of %s on %s is %.2f, want 4.5", tt.name, tt.ink, tt.paper, got)
		}
	}
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func luminance(colour string) float64 {
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			panic(err) // a colour of the table above
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func TestAddressAsHeader(t *testing.T) {
	t.Parallel()
	for want, a := range map[string]letter.Address{
		"<ana@example.com>":                           {Email: "ana@example.com"},
		`"Ana, Nails" <ana@example.com>`:              {Name: "Ana, Nails", Email: "ana@example.com"},
		`"Ana \"N\"" <ana@example.com>`:               {Name: `Ana "N"`, Email: "ana@example.com"},
		"=?utf-8?q?Ana_Ru=C3=ADz?= <ana@example.com>": {Name: "Ana Ruíz", Email: "ana@example.com"},
		`"a@b.example" <ana@example.com>`:             {Name: "a@b.example", Email: "ana@example.com"},
		`"x <b@example.com>," <ana@example.com>`:      {Name: "x <b@example.com>,", Email: "ana@example.com"},
	} {
		if got := a.String(); got != want {
			t.Errorf("String() = %s, want %s", got, want)
		}
	}
}

// An agency that configured little still sends mails that make sense.
func TestAgencyWithoutAName(t *testing.T) {
	t.Parallel()
	a := letter.Agency{From: agency().From, Team: letter.Address{Email: "team@example.com"}}
	m := letter.Client(a, proposal())
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(m.Text, "\n\n--\nteam@example.com\n") || strings.Contains(m.Text, "Book a call") {
		t.Errorf("text = %s", m.Text)
	}
}

func ExampleMagicLink() {
	a := letter.Agency{
		Name: "Example Studio",
		From: letter.Address{Name: "Introspect", Email: "introspect@example.com"},
		Team: letter.Address{Email: "team@example.com"},
	}
	m := letter.MagicLink(a, letter.Link{
		ID:  "link-1",
		To:  letter.Address{Name: "Ana", Email: "ana@example.com"},
		URL: "https://intake.example.com/r/5c1e",
	})
	fmt.Println(m.Check())
	fmt.Println(m.To, m.Subject)
	// Output:
	// <nil>
	// "Ana" <ana@example.com> Your link to continue
}

package letter_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"applicreations.com/introspect/internal/letter"
)

// sound returns a message that Check accepts.
func sound() letter.Message {
	return letter.Message{
		ID:      "sess-1.team",
		From:    letter.Address{Name: "Introspect", Email: "introspect@applicreations.com"},
		To:      letter.Address{Email: "ana@example.com"},
		Subject: "Hello",
		Text:    "Hello",
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	file := letter.Attachment{Name: "SCOPE_Bella Nails.md", Type: "text/markdown; charset=utf-8", Data: []byte("# Scope")}
	for _, tt := range []struct {
		name   string
		change func(*letter.Message)
		want   string // part of the error; empty for none
	}{
		{"a plain mail", func(*letter.Message) {}, ""},
		{"a file", func(m *letter.Message) { m.Attachments = []letter.Attachment{file} }, ""},
		{"a reply address", func(m *letter.Message) { m.ReplyTo = letter.Address{Email: "team@example.com"} }, ""},
		{"a name in any script", func(m *letter.Message) { m.To.Name = "李 Ana “Nails”, Ltd." }, ""},
		{"an unsubscribe link", func(m *letter.Message) { m.Headers.ListUnsubscribe = "https://example.com/u/1?x=%2C" }, ""},
		{"the zero value", func(m *letter.Message) { *m = letter.Message{} }, "message ID"},
		{"an ID with a bracket", func(m *letter.Message) { m.ID = "a>b" }, "message ID"},
		{"an ID with a line break", func(m *letter.Message) { m.ID = "a\r\nBcc: x@example.com" }, "message ID"},
		{"an ID that ends with a dot", func(m *letter.Message) { m.ID = "a." }, "message ID"},
		{"an ID with two dots", func(m *letter.Message) { m.ID = "a..b" }, "message ID"},
		{"an ID that begins with a dot", func(m *letter.Message) { m.ID = ".a" }, "message ID"},
		{"the longest ID", func(m *letter.Message) { m.ID = strings.Repeat("a", 128) }, ""},
		{"an ID that is too long", func(m *letter.Message) { m.ID = strings.Repeat("a", 129) }, "message ID"},
		{"the longest thread", func(m *letter.Message) { m.Headers.Thread = strings.Repeat("a", 300) }, ""},
		{"a thread that is too long", func(m *letter.Message) { m.Headers.Thread = strings.Repeat("a", 301) }, "thread"},
		{"a thread with a header", func(m *letter.Message) { m.Headers.Thread = "a@b\r\nBcc: c" }, "thread"},
		{"no sender", func(m *letter.Message) { m.From = letter.Address{} }, "sender"},
		{"no recipient", func(m *letter.Message) { m.To = letter.Address{} }, "recipient"},
		{"a recipient with a header", func(m *letter.Message) { m.To.Email = "a@example.com\r\nBcc: b@example.com" }, "recipient"},
		{"two recipients in one", func(m *letter.Message) { m.To.Email = "a@example.com,b@example.com" }, "recipient"},
		{"a recipient with a name inside", func(m *letter.Message) { m.To.Email = "Ana <a@example.com>" }, "recipient"},
		{"a recipient without a domain", func(m *letter.Message) { m.To.Email = "ana" }, "recipient"},
		{"a recipient in quotes", func(m *letter.Message) { m.To.Email = `"a b"@example.com` }, "recipient"},
		{"a recipient in another script", func(m *letter.Message) { m.To.Email = "ana@exämple.com" }, "recipient"},
		{"a recipient that is too long", func(m *letter.Message) { m.To.Email = strings.Repeat("a", 250) + "@b.com" }, "recipient"},
		{"a name with a header", func(m *letter.Message) { m.From.Name = "I\nBcc: b@example.com" }, "sender"},
		{"a name with a line separator", func(m *letter.Message) { m.From.Name = "I\u2028Bcc" }, "sender"},
		{"a name that is too long", func(m *letter.Message) { m.From.Name = strings.Repeat("n", 201) }, "sender"},
		{"a reply address with NUL", func(m *letter.Message) { m.ReplyTo = letter.Address{Email: "a\x00@example.com"} }, "reply address"},
		{"a reply name without an address", func(m *letter.Message) { m.ReplyTo = letter.Address{Name: "Ana"} }, "reply address"},
		{"no subject", func(m *letter.Message) { m.Subject = " " }, "subject"},
		{"a subject with a header", func(m *letter.Message) { m.Subject = "Hi\r\nBcc: b@example.com" }, "subject"},
		{"a subject with a bare carriage return", func(m *letter.Message) { m.Subject = "Hi\rBcc: b@example.com" }, "subject"},
		{"a subject with NUL", func(m *letter.Message) { m.Subject = "Hi\x00" }, "subject"},
		{"a subject that reads backwards", func(m *letter.Message) { m.Subject = "Hi \u202eevil" }, "subject"},
		{"a subject that decodes to a header", func(m *letter.Message) { m.Subject = "=?utf-8?q?a=0D=0ABcc:_b?=" }, "subject"},
		{"a name that decodes to a header", func(m *letter.Message) { m.To.Name = "=?utf-8?b?DQpCY2M6IGI=?=" }, "recipient"},
		{"a subject that is no UTF-8", func(m *letter.Message) { m.Subject = "Hi \xff" }, "subject"},
		{"a subject that is too long", func(m *letter.Message) { m.Subject = strings.Repeat("ä", 201) }, "subject"},
		{"no text", func(m *letter.Message) { m.Text, m.HTML = "\n ", "<p>Hello</p>" }, "text"},
		{"a text that is no UTF-8", func(m *letter.Message) { m.Text = "\xff" }, "UTF-8"},
		{"HTML with NUL", func(m *letter.Message) { m.HTML = "<p>\x00" }, "NUL"},
		{"exactly 10 MB", func(m *letter.Message) { m.Text = strings.Repeat("a", 10<<20-len(m.Subject)) }, ""},
		{"a byte more", func(m *letter.Message) { m.Text = strings.Repeat("a", 10<<20-len(m.Subject)+1) }, "10485761 bytes"},
		{"a file that is too large", func(m *letter.Message) {
			big := file
			big.Data = make([]byte, 10<<20)
			m.Attachments = []letter.Attachment{big}
		}, "more than 10485760"},
		{"a file name with a path", func(m *letter.Message) { f := file; f.Name = "../x.md"; m.Attachments = []letter.Attachment{f} }, "attachment 1"},
		{"a file name with a quote", func(m *letter.Message) { f := file; f.Name = `x"; a="b.md`; m.Attachments = []letter.Attachment{f} }, "attachment 1"},
		{"a file name of dots", func(m *letter.Message) { f := file; f.Name = ".. "; m.Attachments = []letter.Attachment{file, f} }, "attachment 2"},
		{"a file without a name", func(m *letter.Message) { f := file; f.Name = ""; m.Attachments = []letter.Attachment{f} }, "attachment 1"},
		{"the longest file name", func(m *letter.Message) {
			f := file
			f.Name = strings.Repeat("a", 128)
			m.Attachments = []letter.Attachment{f}
		}, ""},
		{"a file name that is too long", func(m *letter.Message) {
			f := file
			f.Name = strings.Repeat("a", 129)
			m.Attachments = []letter.Attachment{f}
		}, "attachment 1"},
		{"a file of no type", func(m *letter.Message) { f := file; f.Type = "pdf"; m.Attachments = []letter.Attachment{f} }, "media type"},
		{"a file that is a mail inside the mail", func(m *letter.Message) {
			f := file
			f.Type = "Multipart/mixed; boundary=x"
			m.Attachments = []letter.Attachment{f}
		}, "media type"},
		{"a type with a header", func(m *letter.Message) { f := file; f.Type = "a/b\r\nX: y"; m.Attachments = []letter.Attachment{f} }, "media type"},
		{"an empty file", func(m *letter.Message) { f := file; f.Data = nil; m.Attachments = []letter.Attachment{f} }, "empty"},
		{"unsubscribe without TLS", func(m *letter.Message) { m.Headers.ListUnsubscribe = "http://example.com/u" }, "unsubscribe"},
		{"unsubscribe without a host", func(m *letter.Message) { m.Headers.ListUnsubscribe = "https:///u" }, "unsubscribe"},
		{"unsubscribe that is too long", func(m *letter.Message) { m.Headers.ListUnsubscribe = "https://example.com/" + strings.Repeat("u", 900) }, "unsubscribe"},
		{"unsubscribe with a comma", func(m *letter.Message) { m.Headers.ListUnsubscribe = "https://example.com/u,b" }, "unsubscribe"},
		{"unsubscribe with a header", func(m *letter.Message) { m.Headers.ListUnsubscribe = "https://example.com/u\r\nBcc: b@example.com" }, "unsubscribe"},
		{"unsubscribe with a second address", func(m *letter.Message) { m.Headers.ListUnsubscribe = "https://example.com/u>,<mailto:b@example.com" }, "unsubscribe"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := sound()
			tt.change(&m)
			err := m.Check()
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Check() = %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestHeadersOnTheWire(t *testing.T) {
	t.Parallel()
	h := letter.Headers{AutoSubmitted: true, ListUnsubscribe: "https://example.com/u"}
	want := []letter.Field{
		{Name: "Auto-Submitted", Value: "auto-generated"},
		{Name: "List-Unsubscribe", Value: "<https://example.com/u>"},
		{Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"},
	}
	if diff := cmp.Diff(want, h.Fields()); diff != "" {
		t.Errorf("Fields() (-want +got):\n%s", diff)
	}
	if got := (letter.Headers{}).Fields(); len(got) != 0 {
		t.Errorf("Fields(none) = %v, want none", got)
	}
}

func TestMessageIDIsAtTheSendersDomain(t *testing.T) {
	t.Parallel()
	if got, want := sound().MessageID(), "sess-1.team@applicreations.com"; got != want {
		t.Errorf("MessageID() = %q, want %q", got, want)
	}
}

// The composers take what a client typed. Whatever that is, the mail has the
// recipient, the sender and the headers that were meant, and the words arrive
// as words.
func FuzzCompose(f *testing.F) {
	f.Add("Bella Nails", "Ana", "ana@example.com", "How long?\nThank you.")
	f.Add("a\r\nBcc: b@example.com", "Ana\x00<b>", "ana@example.com,b@example.com", "<script>alert(1)</script>")
	f.Add("=?utf-8?q?a=0D=0ABcc:_b?=", "=?a", "=?@b", "=\x00?")
	f.Add("\u202e\u2028", "\xff\xfe", "", "\r\r\n{{.}}")
	f.Add(strings.Repeat("long ", 100), "http://evil.example", "x", "javascript:alert(1)")
	f.Fuzz(func(t *testing.T, project, name, email, words string) {
		for kind, m := range all(project, name, email, words) {
			if err := m.Check(); err != nil {
				bad := letter.Address{Email: email}
				if bad.Check() != nil && m.To.Email == email {
					continue // an address nobody can write to is refused, as it should be
				}
				t.Errorf("%s: Check() = %v", kind, err)
			}
			if got := m.From; got != agency().From {
				t.Errorf("%s: From = %v", kind, got)
			}
			if strings.ContainsAny(m.Subject+m.To.Name+m.ReplyTo.Name, "\r\n\x00") {
				t.Errorf("%s: a name breaks the line: %q %q", kind, m.Subject, m.To)
			}
			if tags := stray(m.HTML); tags != "" {
				t.Errorf("%s: HTML has %s, which the layout has not", kind, tags)
			}
			if diff := cmp.Diff(spoken(m.Text), spoken(strip(m.HTML))); diff != "" {
				t.Errorf("%s: text and HTML differ (-text +html):\n%s", kind, diff)
			}
		}
	})
}

func TestWhatTheComposersCannotUse(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]letter.Message{
		"a magic link that is a script": letter.MagicLink(agency(), letter.Link{ID: "a", To: sound().To, URL: "javascript:alert(1)"}),
		"no magic link":                 letter.MagicLink(agency(), letter.Link{ID: "a", To: sound().To}),
		"no link to the own data":       letter.DataLink(agency(), letter.Link{ID: "a", To: sound().To}),
		"no way to unsubscribe":         letter.Reminder(agency(), letter.Nudge{ID: "a", To: sound().To, URL: "https://example.com/r"}),
		"an admin link without a host":  letter.Team(agency(), letter.Lead{ID: "a", Admin: "https:/admin", Scope: scope()}),
		"a calendar that is a file": func() letter.Message {
			a := agency()
			a.Calendar = "file:///etc/passwd"
			return letter.Client(a, letter.Proposal{ID: "a", To: sound().To, PDF: pdf()})
		}(),
	} {
		if err := m.Check(); err == nil || !strings.Contains(err.Error(), "link") {
			t.Errorf("%s: Check() = %v, want a fault of the link", name, err)
		}
	}
	if err := letter.Team(agency(), letter.Lead{ID: "a"}).Check(); err == nil || !strings.Contains(err.Error(), "attachment") {
		t.Errorf("a lead without SCOPE.md: Check() = %v, want a fault of the attachment", err)
	}
}

func TestGreetingsCarryNoAdvertisement(t *testing.T) {
	t.Parallel()
	for name, greeted := range map[string]bool{
		"Ana": true, "J. R. Smith": true, "Siân O'Brien-Müller": true, "王芳": true, "Dr. Ana": true,
		"J.R. Smith": true, "x.com": false, "a.evil.example": false, "evil.example-a.b": false, "Ana, a.b.evil.example.": false,
		"Win at www.evil.example": false, "http://evil.example": false, "evil.example": false, "a@b.com": false,
		"buy 100 now": false, strings.Repeat("An ", 30): false, "": false, "<b>Ana</b>": false,
	} {
		to := letter.Address{Name: name, Email: "ana@example.com"}
		m := letter.MagicLink(agency(), letter.Link{ID: "a", To: to, URL: "https://example.com/r/1"})
		if got := strings.Contains(m.Text, "Hello "+name+","); got != greeted {
			t.Errorf("greets %q = %v, want %v", name, got, greeted)
		}
		if !greeted && m.To.Name != "" {
			t.Errorf("To carries %q", m.To.Name)
		}
	}
	for project, named := range map[string]bool{"Bella Nails": true, "Acme.com, new": true, "see https://evil.example": false, "www.evil.example": false} {
		m := letter.Client(agency(), letter.Proposal{ID: "a", To: sound().To, Project: project, PDF: pdf()})
		if got := strings.Contains(m.Subject, project); got != named {
			t.Errorf("subject names %q = %v, want %v", project, got, named)
		}
	}
}

// TestReminderWithoutTLS: an installation without TLS has a link to take the consent
// back and no header for it, which only https may have; its reminder still leaves.
func TestReminderWithoutTLS(t *testing.T) {
	t.Parallel()
	for link, header := range map[string]string{"http://example.com/u/1": "", "https://example.com/u/1": "https://example.com/u/1"} {
		m := letter.Reminder(agency(), letter.Nudge{ID: "a", To: sound().To, URL: "https://example.com/r/1", Unsubscribe: link})
		if err := m.Check(); err != nil || m.Headers.ListUnsubscribe != header || !strings.Contains(m.Text, link) {
			t.Errorf("a reminder with %s: Check() = %v, header %q, want %q", link, err, m.Headers.ListUnsubscribe, header)
		}
	}
}

func TestTheSameLeadGivesTheSameMail(t *testing.T) {
	t.Parallel()
	m := letter.Team(agency(), lead())
	if !bytes.Equal(m.Attachments[0].Data, scope().Data) {
		t.Error("the attachment is not the document")
	}
	again := letter.Team(agency(), lead())
	if diff := cmp.Diff(m, again, cmpopts.IgnoreUnexported(letter.Message{})); diff != "" {
		t.Errorf("the same lead gives another mail (-first +second):\n%s", diff)
	}
}

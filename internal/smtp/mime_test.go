package smtp_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/smtp"
)

// parsed is a mail as a reader's program sees it.
type parsed struct {
	head  mail.Header
	parts []part // leaves in order
}

type part struct{ kind, file, body string }

func parse(tb testing.TB, raw []byte) parsed {
	tb.Helper()
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		tb.Fatalf("read the mail: %v\n%s", err, raw)
	}
	p := parsed{head: msg.Header}
	p.walk(tb, msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), "", msg.Body)
	return p
}

func (p *parsed) walk(tb testing.TB, kind, encoding, file string, body io.Reader) {
	tb.Helper()
	kind, params, err := mime.ParseMediaType(kind)
	if err != nil {
		tb.Fatal(err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		for r := multipart.NewReader(body, params["boundary"]); ; {
			next, err := r.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				tb.Fatal(err)
			}
			_, disposition, _ := mime.ParseMediaType(next.Header.Get("Content-Disposition"))
			p.walk(tb, next.Header.Get("Content-Type"), next.Header.Get("Content-Transfer-Encoding"), disposition["filename"], next)
		}
	}
	switch encoding {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	b, err := io.ReadAll(body)
	if err != nil {
		tb.Fatal(err)
	}
	p.parts = append(p.parts, part{kind, file, string(b)})
}

// checkMail says how a mail differs from the message it was written from: in a
// header, a reader or a word.
func checkMail(tb testing.TB, m letter.Message, raw []byte) {
	tb.Helper()
	got := parse(tb, raw)
	want := []string{"Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To"}
	if m.ReplyTo.Email != "" {
		want = append(want, "Reply-To")
	}
	if len(got.parts) == 1 {
		want = append(want, "Content-Transfer-Encoding")
	}
	for _, f := range m.Headers.Fields() {
		want = append(want, f.Name)
		if got.head.Get(f.Name) != f.Value {
			tb.Errorf("%s = %q, want %q", f.Name, got.head.Get(f.Name), f.Value)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got.head))); diff != "" {
		tb.Errorf("headers (-want +got):\n%s", diff)
	}
	for name, values := range got.head {
		if len(values) != 1 {
			tb.Errorf("%s stands %d times", name, len(values))
		}
	}
	for name, want := range map[string]letter.Address{"From": m.From, "To": m.To, "Reply-To": m.ReplyTo} {
		if want == (letter.Address{}) {
			continue
		}
		list, err := got.head.AddressList(name)
		if err != nil || len(list) != 1 || list[0].Address != want.Email || squeeze(list[0].Name) != squeeze(want.Name) {
			tb.Errorf("%s = %v, %v, want %v", name, list, err, want)
		}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(got.head.Get("Subject"))
	if err != nil || squeeze(subject) != squeeze(m.Subject) {
		tb.Errorf("Subject = %q, %v, want %q", subject, err, m.Subject)
	}
	parts := []part{{"text/plain", "", m.Text}}
	if m.HTML != "" {
		parts = append(parts, part{"text/html", "", m.HTML})
	}
	for _, a := range m.Attachments {
		kind, _, _ := mime.ParseMediaType(a.Type)
		parts = append(parts, part{kind, a.Name, string(a.Data)})
	}
	for i := range got.parts {
		if got.parts[i].file == "" {
			got.parts[i].body = unix(got.parts[i].body)
		}
	}
	for i := range parts {
		if parts[i].file == "" {
			parts[i].body = unix(parts[i].body)
		}
	}
	if diff := cmp.Diff(parts, got.parts, cmp.AllowUnexported(part{})); diff != "" {
		tb.Errorf("parts (-want +got):\n%s", diff)
	}
	for line := range bytes.Lines(raw) {
		if len(line) > 1000 || !bytes.HasSuffix(line, []byte("\r\n")) {
			tb.Errorf("line of %d bytes ends in %q, want at most 1000 and CRLF", len(line), line[max(0, len(line)-2):])
		}
	}
}

// squeeze makes runs of spaces one: folding a header may change their number.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// unix makes all line ends alike, which mail does not keep apart.
func unix(s string) string {
	return strings.TrimRight(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s), "\n")
}

func TestRender(t *testing.T) {
	t.Parallel()
	plain := message()
	plain.HTML, plain.Attachments, plain.ReplyTo, plain.Headers = "", nil, letter.Address{}, letter.Headers{}
	two := message()
	two.Attachments = append(two.Attachments, letter.Attachment{Name: "SCOPE.md", Type: "text/markdown; charset=utf-8", Data: []byte("# Scope\n")})
	long := message()
	long.Subject, long.To.Name = strings.Repeat("Näils ", 30), strings.Repeat("Ña", 60)
	for name, m := range map[string]letter.Message{"the usual": message(), "plain text": plain, "two files": two, "long names": long} {
		raw, err := smtp.Render(m, noon())
		if err != nil {
			t.Fatalf("%s: Render() = %v", name, err)
		}
		checkMail(t, m, raw)
	}
}

// Whatever stands in a message that Check lets pass, the mail has the headers,
// the readers and the words that were meant, and no more.
func FuzzMessage(f *testing.F) {
	f.Add("Hello", "Ana", "ana@example.com", "Hello\n", "<p>Hello</p>", "a.pdf", "application/pdf", "https://example.com/u")
	f.Add("a\r\nBcc: b@example.com", "Ana\r\n", "ana@example.com>\r\nRCPT TO:<b@example.com", ".\r\nQUIT\r\n", "", "a\".pdf", "a/b; c=\"d\"", "")
	f.Add("=?utf-8?q?a=0D=0ABcc:_b?=", "=?utf-8?b?DQpCY2M6IGI=?=", "a'+/=@example.com", "\r\r\n.\r\n", "\x0b", "...a", "x/y", "https://a/?q=%0d%0aBcc")
	f.Add(strings.Repeat("é", 200), strings.Repeat("n", 199), "a@b", strings.Repeat("x", 2000), "--\r\n--x", "a b", "text/plain; charset=x", "https://[::1]/")
	f.Fuzz(func(t *testing.T, subject, name, email, text, html, file, kind, unsubscribe string) {
		m := message()
		// A value that Check refuses is left out, so that the others still go.
		for _, set := range []func(*letter.Message){
			func(m *letter.Message) { m.Subject = subject },
			func(m *letter.Message) { m.From.Name, m.To.Name, m.ReplyTo.Name = name, name, name },
			func(m *letter.Message) { m.To.Email, m.ReplyTo.Email = email, email },
			func(m *letter.Message) { m.Text = text },
			func(m *letter.Message) { m.HTML = html },
			func(m *letter.Message) { m.Attachments[0].Name = file },
			func(m *letter.Message) { m.Attachments[0].Type = kind },
			func(m *letter.Message) { m.Headers.ListUnsubscribe = unsubscribe },
		} {
			next := m
			next.Attachments = slices.Clone(m.Attachments)
			if set(&next); next.Check() == nil {
				m = next
			}
		}
		raw, err := smtp.Render(m, noon())
		if err != nil {
			t.Fatalf("Render() = %v for what passed Check", err)
		}
		checkMail(t, m, raw)
	})
}

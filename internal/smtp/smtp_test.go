package smtp_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/smtp"
)

func message() letter.Message {
	return letter.Message{
		ID:          "proposal-7f3a",
		From:        letter.Address{Name: "Introspect", Email: "introspect@applicreations.com"},
		To:          letter.Address{Name: "Ana \"Nails\" Ruíz", Email: "ana@example.com"},
		ReplyTo:     letter.Address{Email: "david@applicreations.com"},
		Subject:     "Your project summary: Bella Näils",
		Text:        "Hello\n.\n.. dots\nFrom here\n",
		HTML:        "<p>Hello</p>",
		Attachments: []letter.Attachment{{Name: "Proposal Bella.pdf", Type: "application/pdf", Data: []byte("%PDF\xff\r\n.\r\n")}},
		Headers:     letter.Headers{AutoSubmitted: true, ListUnsubscribe: "https://example.com/u"},
	}
}

func noon() time.Time { return time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) }

const sentID = "proposal-7f3a@applicreations.com"

// refused asserts that Send gave one kind of error, with no secret in it.
func refused(tb testing.TB, id string, err error) *letter.SendError {
	tb.Helper()
	var e *letter.SendError
	if !errors.As(err, &e) {
		tb.Fatalf("Send() = %q, %v, want a *letter.SendError", id, err)
	}
	if id != "" {
		tb.Errorf("Send() gave the id %q beside %v", id, err)
	}
	if strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "@") {
		tb.Errorf("error %q gives a password or an address away", err)
	}
	return e
}

func TestSend(t *testing.T) {
	t.Parallel()
	cert, roots := certificate(t)
	const login = "ana:p4ss%20w%C3%B6rd%40%3A%2F@"
	for _, tt := range []struct {
		name, address  string
		implicit, auth bool
	}{
		{"with STARTTLS and a password", "smtp://" + login + "%s", false, true},
		{"with STARTTLS said out loud", "smtp://" + login + "%s?starttls=required", false, true},
		{"encrypted at once with a password", "smtps://" + login + "%s", true, true},
		{"encrypted without a password", "smtps://%s", true, false},
		{"in the open without a password", "smtp://%s?starttls=never", false, false},
		{"in the open with a password, on this machine", "smtp://" + login + "%s/?starttls=never", false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(s *server) { s.cert, s.implicit, s.auth = cert, tt.implicit, tt.auth })
			c := s.client(tt.address)
			c.Roots, c.Now = roots, noon
			id, err := c.Send(t.Context(), message(), "key")
			if err != nil || id != sentID {
				t.Fatalf("Send() = %q, %v, want %q", id, err, sentID)
			}
			took := s.took()
			if len(took) != 1 || took[0].from != "FROM:<introspect@applicreations.com> BODY=8BITMIME" || took[0].to != "TO:<ana@example.com>" {
				t.Fatalf("server took %q, want one from us to Ana", took)
			}
			got := parse(t, []byte(took[0].data))
			if got.head["Message-Id"][0] != "<"+sentID+">" || got.head["Date"][0] != "Fri, 27 Nov 2026 12:00:00 +0000" {
				t.Errorf("Message-ID %q of %q", got.head["Message-Id"], got.head["Date"])
			}
			if encrypted := strings.Contains(tt.address, "smtps:") || s.heard("STARTTLS"); encrypted == strings.Contains(tt.address, "never") {
				t.Errorf("encrypted = %v", encrypted)
			}
			if !s.heard("EHLO applicreations.com") || !s.heard("QUIT") {
				t.Errorf("conversation: %q", s.said)
			}
		})
	}
}

func TestSendAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		script    map[string]string
		status    int
		permanent bool
		reason    string
	}{
		{"a server that closes", map[string]string{"greeting": "421 4.3.2 closing"}, 421, false, "4.3.2 closing"},
		{"a server that never takes mail", map[string]string{"greeting": "554 no mail here"}, 554, true, "no mail here"},
		{"a server that is no mail server", map[string]string{"greeting": "HTTP/1.1 400 Bad Request"}, 0, false, ""},
		{"a full server", map[string]string{"MAIL": "452 4.3.1 no space"}, 452, false, "no space"},
		{"a sender that may not", map[string]string{"MAIL": "550 5.7.1 not yours"}, 550, true, "not yours"},
		{"greylisting", map[string]string{"RCPT": "450 4.2.0 <ana@example.com>: greylisted"}, 450, false, "[address] greylisted"},
		{"no such mailbox", map[string]string{"RCPT": "550 5.1.1 <ana@example.com>: user unknown"}, 550, true, "5.1.1 [address] user unknown"},
		{"an answer in lines", map[string]string{"RCPT": "550-5.1.1 one\r\n550 5.1.1 two"}, 550, true, "one 5.1.1 two"},
		{"closing at the recipient", map[string]string{"RCPT": "421 4.7.0 too many"}, 421, false, "too many"},
		{"no data now", map[string]string{"DATA": "451 4.3.0 later"}, 451, false, "later"},
		{"no data ever", map[string]string{"DATA": "554 5.5.1 no"}, 554, true, "5.5.1 no"},
		{"refused at the end for now", map[string]string{"end": "451 4.7.1 later"}, 451, false, "later"},
		{"spam", map[string]string{"end": "554 5.7.1 spam"}, 554, true, "spam"},
		{"too large", map[string]string{"end": "552 5.3.4 too large"}, 552, true, "too large"},
		{"a reset at the greeting", map[string]string{"greeting": "reset"}, 0, false, ""},
		{"a reset at the hello", map[string]string{"EHLO": "reset", "HELO": "reset"}, 0, false, ""},
		{"a reset at the sender", map[string]string{"MAIL": "reset"}, 0, false, ""},
		{"a reset within the message", map[string]string{"within": "reset"}, 0, false, ""},
		{"a line that drops within the message", map[string]string{"within": "drop"}, 0, false, ""},
		{"a line that drops before the message is taken", map[string]string{"end": "drop"}, 0, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(s *server) { s.script = tt.script })
			m := message()
			m.Attachments[0].Data = []byte(strings.Repeat("x", 1<<20)) // more than a line's buffers hold
			id, err := s.client("smtp://%s?starttls=never").Send(t.Context(), m, "key")
			e := refused(t, id, err)
			if e.Status != tt.status || e.Permanent != tt.permanent || !strings.Contains(e.Reason, tt.reason) || e.Reason == "" {
				t.Errorf("Send() = %#v, want status %d, permanent %v, %q", e, tt.status, tt.permanent, tt.reason)
			}
			if took := s.took(); len(took) != 0 {
				t.Errorf("server took %d messages, want none", len(took))
			}
		})
	}
}

// What goes wrong after the server took the message must not send it again.
func TestSendIsDoneWhenTheServerTookIt(t *testing.T) {
	t.Parallel()
	for _, after := range []string{"drop", "reset", "500 what", "421 closing", "hang"} {
		s := start(t, func(s *server) { s.script = map[string]string{"QUIT": after} })
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if after == "hang" {
			go func() { <-s.hung; cancel() }()
		}
		id, err := s.client("smtp://%s?starttls=never").Send(ctx, message(), "key")
		if err != nil || id != sentID || len(s.took()) != 1 {
			t.Errorf("%s after the message: Send() = %q, %v, want it sent once", after, id, err)
		}
	}
}

// When the line breaks between the end of the message and the answer, nobody
// knows. The second attempt carries the same Message-ID.
func TestSecondAttemptsAreTheSameMessage(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *server) { s.script = map[string]string{"end": "taken, then drop"} })
	c := s.client("smtp://%s?starttls=never")
	for range 2 {
		id, err := c.Send(t.Context(), message(), "key")
		if e := refused(t, id, err); e.Permanent {
			t.Errorf("Send() = %v, want temporary", err)
		}
	}
	took := s.took()
	if len(took) != 2 {
		t.Fatalf("server took %d, want 2", len(took))
	}
	first, second := parse(t, []byte(took[0].data)), parse(t, []byte(took[1].data))
	if diff := cmp.Diff(first.head["Message-Id"], second.head["Message-Id"]); diff != "" {
		t.Errorf("Message-ID (-first +second):\n%s", diff)
	}
}

func TestSendEndsWithTheContext(t *testing.T) {
	t.Parallel()
	cert, roots := certificate(t)
	for _, step := range []string{"greeting", "EHLO", "STARTTLS", "MAIL", "RCPT", "DATA", "within", "end"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(s *server) { s.cert, s.script = cert, map[string]string{step: "hang"} })
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() { <-s.hung; cancel() }()
			c := s.client("smtp://%s")
			c.Roots = roots
			id, err := c.Send(ctx, message(), "key")
			if e := refused(t, id, err); e.Permanent || !errors.Is(err, context.Canceled) {
				t.Errorf("Send(canceled) = %v, want temporary and canceled", err)
			}
			if took := s.took(); len(took) != 0 {
				t.Errorf("server took %d messages, want none", len(took))
			}
		})
	}
}

func TestSendHasAnEndOfItsOwn(t *testing.T) {
	t.Parallel()
	cert, _ := certificate(t)
	for name, s := range map[string]*server{
		"smtp://%s?starttls=never": start(t, func(s *server) { s.script = map[string]string{"MAIL": "hang"} }),
		// The server waits for a greeting while we wait for its certificate.
		"smtps://%s": start(t, func(s *server) { s.cert, s.script = cert, map[string]string{"greeting": "hang"} }),
	} {
		c := s.client(name)
		c.Timeout = 50 * time.Millisecond
		id, err := c.Send(t.Context(), message(), "key")
		if e := refused(t, id, err); e.Permanent || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: Send(hanging) = %v, want temporary after the deadline", name, err)
		}
	}
}

func TestPasswordsStayAtHome(t *testing.T) {
	t.Parallel()
	cert, roots := certificate(t)
	for _, tt := range []struct {
		name, address string
		change        func(*server)
		trusted       bool
		permanent     bool
		status        int
	}{
		{"a server that cannot encrypt", "smtp://ana:secret@%s", func(s *server) { s.auth = true }, true, true, 0},
		{"a server that will not encrypt now", "smtp://ana:secret@%s", func(s *server) {
			s.auth, s.cert, s.script = true, cert, map[string]string{"STARTTLS": "454 4.7.0 later"}
		}, true, false, 454},
		{"a certificate that nobody trusts", "smtp://ana:secret@%s", func(s *server) { s.auth, s.cert = true, cert }, false, false, 0},
		{"an untrusted server that is encrypted at once", "smtps://ana:secret@%s", func(s *server) { s.auth, s.cert, s.implicit = true, cert, true }, false, false, 0},
		{"a server that knows no passwords", "smtp://ana:secret@%s", func(s *server) { s.cert = cert }, true, true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, tt.change)
			c := s.client(tt.address)
			if tt.trusted {
				c.Roots = roots
			}
			id, err := c.Send(t.Context(), message(), "key")
			if e := refused(t, id, err); e.Permanent != tt.permanent || e.Status != tt.status {
				t.Errorf("Send() = %v, want permanent %v with status %d", err, tt.permanent, tt.status)
			}
			if s.heard("AUTH") || s.heard("MAIL") {
				t.Errorf("conversation went on: %q", s.said)
			}
		})
	}
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	cert, roots := certificate(t)
	for said, permanent := range map[string]bool{"": true, "454 4.7.0 later": false} {
		s := start(t, func(s *server) {
			s.auth, s.cert = true, cert
			if said != "" {
				s.script = map[string]string{"AUTH": said}
			}
		})
		c := s.client("smtp://bob:p4ss%20w%C3%B6rd%40%3A%2F@%s")
		c.Roots = roots
		id, err := c.Send(t.Context(), message(), "key")
		if e := refused(t, id, err); e.Permanent != permanent || e.Status == 0 {
			t.Errorf("Send(wrong password) = %v, want permanent %v with a status", err, permanent)
		} else if permanent && !strings.Contains(e.Reason, "[password]") {
			t.Errorf("reason %q repeats the password in part", e.Reason)
		}
	}
}

// A password must not go over an open line to another machine. The name is not
// local for the library, though it leads to our server.
func TestOpenLinesCarryNoPassword(t *testing.T) {
	t.Parallel()
	s := start(t, func(s *server) { s.auth = true })
	_, port, err := net.SplitHostPort(s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c, err := smtp.New("smtp://ana:secret@127.0.0.2:" + port + "?starttls=never")
	if err != nil {
		t.Fatal(err)
	}
	id, err := c.Send(t.Context(), message(), "key")
	refused(t, id, err)
	if s.heard("AUTH") {
		t.Errorf("conversation: %q", s.said)
	}
}

func TestSendOfNobody(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	c, err := smtp.New("smtp://" + address)
	if err != nil {
		t.Fatal(err)
	}
	id, err := c.Send(t.Context(), message(), "key")
	if e := refused(t, id, err); e.Permanent || e.Status != 0 {
		t.Errorf("Send(nobody) = %v, want temporary without a status", err)
	}
	m := message()
	m.Subject = "Hi\r\nBcc: all@example.com"
	id, err = c.Send(t.Context(), m, "key")
	if e := refused(t, id, err); !e.Permanent {
		t.Errorf("Send(bad subject) = %v, want permanent", err)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"smtp://mail.example.com":                      true,
		"smtp://user:secret@mail.example.com:587":      true,
		"smtps://user:secret@mail.example.com:465":     true,
		"smtp://[::1]:25/?starttls=never":              true,
		"smtps://mail.example.com?starttls=never":      false,
		"smtp://mail.example.com?starttls=sometimes":   false,
		"http://mail.example.com":                      false,
		"mail.example.com:587":                         false,
		"smtp:mail.example.com":                        false,
		"smtp://":                                      false,
		"smtp://:25":                                   false,
		"smtp://user:secret@mail.example.com/path":     false,
		"smtp://user:secret@mail.example.com:0":        false,
		"smtp://user:secret@mail.example.com:65536":    false,
		"smtp://user:secret@mail.example.com:99999999": false,
		"smtp://user:secret@mail exam%ple.com":         false,
		"smtp://user:secret@mail.example.com#fragment": false,
		"": false,
	} {
		c, err := smtp.New(address)
		if (err == nil) != ok || (c != nil) != ok {
			t.Errorf("New(%q) = %v, want ok = %v", address, err, ok)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("error %q gives the password away", err)
		}
	}
}

package smtp_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"

	"applicreations.com/introspect/internal/smtp"
)

// received is a message that the server took.
type received struct{ from, to, data string }

// server is a small mail server that speaks SMTP on a real connection.
type server struct {
	tb       testing.TB
	listener net.Listener
	cert     *tls.Config // nil: cannot encrypt
	implicit bool
	auth     bool // asks for ana with the password below
	// script replaces answers: a line such as "550 no", or "hang", "drop" and
	// "reset". Its keys are the verbs, "greeting", "within" for the second line
	// of a message and "end" for the dot behind it.
	script map[string]string
	hung   chan struct{} // closed when a script hangs for the first time

	wg    sync.WaitGroup
	mu    sync.Mutex
	once  sync.Once
	said  []string
	mails []received
}

const password = "p4ss wörd@:/"

// start runs a server until the test ends.
func start(tb testing.TB, change func(*server)) *server {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &server{tb: tb, listener: l, hung: make(chan struct{})}
	if change != nil {
		change(s)
	}
	s.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.wg.Go(func() { s.serve(conn) })
		}
	})
	tb.Cleanup(func() {
		l.Close()
		s.wg.Wait()
	})
	return s
}

// certificate returns one for 127.0.0.1 and a pool that trusts it.
func certificate(tb testing.TB) (*tls.Config, *x509.CertPool) {
	tb.Helper()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates}, roots
}

// client returns one for the server, for an address such as smtp://%s.
func (s *server) client(address string) *smtp.Client {
	s.tb.Helper()
	c, err := smtp.New(strings.Replace(address, "%s", s.listener.Addr().String(), 1))
	if err != nil {
		s.tb.Fatal(err)
	}
	return c
}

func (s *server) took() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

func (s *server) heard(verb string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.said, func(l string) bool { return strings.HasPrefix(l, verb) })
}

// talk is one connection.
type talk struct {
	*server

	conn   net.Conn
	raw    *net.TCPConn
	reader *bufio.Reader
	secure bool
	mail   received
}

func (s *server) serve(conn net.Conn) {
	defer conn.Close()
	t := &talk{server: s, conn: conn, raw: conn.(*net.TCPConn), secure: s.implicit}
	if s.implicit {
		t.conn = tls.Server(conn, s.cert)
	}
	t.reader = bufio.NewReader(t.conn)
	if !t.answer("greeting", "220 test ESMTP") {
		return
	}
	for {
		line, err := t.reader.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.mu.Lock()
		s.said = append(s.said, line)
		s.mu.Unlock()
		if !t.handle(line) {
			return
		}
	}
}

// answer writes what the script says for a step, or usual. It returns false
// when the conversation is over.
func (t *talk) answer(step, usual string) bool {
	said, ok := t.script[step]
	if !ok {
		said = usual
	}
	switch said {
	case "hang":
		t.once.Do(func() { close(t.hung) })
		io.Copy(io.Discard, t.conn) // until the other side gives up
		return false
	case "drop":
		return false
	case "reset":
		t.raw.SetLinger(0)
		return false
	}
	_, err := io.WriteString(t.conn, said+"\r\n")
	return err == nil && !strings.HasPrefix(said, "421")
}

func (t *talk) handle(line string) bool {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb = strings.ToUpper(verb); verb {
	case "EHLO":
		lines := []string{"250-test", "250-8BITMIME"}
		if t.cert != nil && !t.secure {
			lines = append(lines, "250-STARTTLS")
		}
		if t.auth {
			lines = append(lines, "250-AUTH PLAIN LOGIN")
		}
		return t.answer(verb, strings.Join(append(lines, "250 ENHANCEDSTATUSCODES"), "\r\n"))
	case "STARTTLS":
		if !t.answer(verb, "220 go ahead") {
			return false
		}
		t.conn, t.secure = tls.Server(t.conn, t.cert), true
		t.reader = bufio.NewReader(t.conn)
		return true
	case "AUTH":
		want := "PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00ana\x00"+password))
		if rest != want {
			return t.answer(verb, "535 5.7.8 wrong password "+password)
		}
		return t.answer(verb, "235 2.7.0 welcome")
	case "MAIL":
		t.mail = received{from: rest}
		return t.answer(verb, "250 2.1.0 ok")
	case "RCPT":
		t.mail.to += rest
		return t.answer(verb, "250 2.1.5 ok")
	case "DATA":
		return t.data()
	case "QUIT":
		t.answer(verb, "221 2.0.0 bye")
		return false
	}
	return t.answer(verb, "250 2.0.0 ok")
}

func (t *talk) data() bool {
	if said, ok := t.script["DATA"]; ok {
		return t.answer("DATA", said)
	}
	t.answer("354", "354 send it")
	dots := textproto.NewReader(t.reader).DotReader()
	if said := t.script["within"]; said != "" {
		io.ReadFull(dots, make([]byte, 20))
		return t.answer("within", said)
	}
	data, err := io.ReadAll(dots)
	if err != nil {
		return false // the message was not finished, so it is dropped
	}
	said := t.script["end"]
	if said == "" || said[0] == '2' || said == "taken, then drop" {
		t.mail.data = string(data)
		t.mu.Lock()
		t.mails = append(t.mails, t.mail)
		t.mu.Unlock()
	}
	if said == "taken, then drop" {
		return false
	}
	return t.answer("end", "250 2.0.0 queued as 4711")
}

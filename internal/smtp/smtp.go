// Package smtp hands messages to one mail server over SMTP. It sends one at a
// time on a connection of its own, never a password over an open line, and
// tells what passes from what will not. It does not retry and has no queue.
// Start with New and Client.Send.
package smtp

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	vendor "github.com/wneessen/go-mail/smtp"

	"applicreations.com/introspect/internal/letter"
)

// defaultTimeout bounds one Send. A proposal on a slow line needs some of it.
const defaultTimeout = time.Minute

// goodbye bounds the QUIT after a message was taken.
const goodbye = 2 * time.Second

// Client reaches one server. The zero value is of no use; see New.
type Client struct {
	Timeout time.Duration    // of one Send; 0: a minute
	Now     func() time.Time // dates messages; nil: time.Now
	Roots   *x509.CertPool   // nil: those of the system

	host           string
	port           int
	user, password string
	lock           lock
}

// lock is how the connection is encrypted.
type lock int

const (
	startTLS lock = iota // in the open first, then encrypted, or not at all
	implicit             // encrypted from the first byte
	open                 // never; for a relay on this machine
)

// New reads SMTP_URL: smtp://user:password@host:587 demands STARTTLS,
// smtps://user:password@host:465 is encrypted at once, and ?starttls=never
// speaks in the open, where a password goes only to a server on this machine. It does not connect. The error does not repeat the URL, which may
// hold a password.
func New(address string) (*Client, error) {
	bad := errors.New("read the address of the mail server: no mail can be sent; want smtp://[user:password@]host[:port][?starttls=required|never] or smtps://[user:password@]host[:port]")
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Opaque != "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return nil, bad
	}
	c := &Client{host: u.Hostname()}
	c.password, _ = u.User.Password()
	c.user = u.User.Username()
	port := u.Port()
	switch mode := u.Query().Get("starttls"); {
	case u.Scheme == "smtps" && mode == "":
		c.lock, port = implicit, cmp.Or(port, "465")
	case u.Scheme == "smtp" && (mode == "" || mode == "required"):
		c.lock, port = startTLS, cmp.Or(port, "587")
	case u.Scheme == "smtp" && mode == "never":
		c.lock, port = open, cmp.Or(port, "25")
	default:
		return nil, bad
	}
	if c.port, err = strconv.Atoi(port); err != nil || c.port < 1 || c.port > 65535 {
		return nil, bad
	}
	return c, nil
}

// Send hands over one message and returns its Message-ID, by which the server's
// log and bounces name it. SMTP knows no idempotency keys: after a line that
// broke at the very end the message may have been accepted, and a second
// attempt carries the same Message-ID, by which most receivers drop the double.
// Every error is a *letter.SendError.
func (c *Client) Send(ctx context.Context, m letter.Message, _ string) (string, error) {
	if err := m.Check(); err != nil {
		return "", &letter.SendError{Permanent: true, Reason: letter.Line(err.Error(), maxReason), Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.Timeout, defaultTimeout))
	defer cancel()

	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	l := &line{client: c}
	session, err := c.session(m, l)
	if err != nil {
		return "", &letter.SendError{Permanent: true, Reason: "the mail server cannot be asked; check SMTP_URL", Err: err}
	}
	msg := render(m, now())
	// The library minds the context only while it dials.
	stop := context.AfterFunc(ctx, l.cut)
	defer stop()
	defer l.cut()
	conversation, err := session.DialToSMTPClientWithContext(ctx)
	if err == nil {
		err = session.SendWithSMTPClient(conversation, msg)
	}
	if msg.IsDelivered() {
		// What fails after the server took the message does not take it back.
		l.hurry()
		_ = session.CloseWithSMTPClient(conversation)
		return m.MessageID(), nil
	}
	// The line is cut without QUIT: within a message, any command would end it
	// and the server would deliver one half.
	return "", c.refusal(ctx, err)
}

// session prepares a conversation about one message.
func (c *Client) session(m letter.Message, l *line) (*gomail.Client, error) {
	_, domain, _ := strings.Cut(m.From.Email, "@")
	options := []gomail.Option{
		gomail.WithPort(c.port),
		gomail.WithHELO(domain), // a container's own name means nothing to others
		gomail.WithDialContextFunc(l.dial),
		// The context ends the conversation. The library's own end lies behind
		// it by far, so that the reason is always the context's.
		gomail.WithTimeout(time.Minute + cmp.Or(c.Timeout, defaultTimeout)),
		gomail.WithTLSConfig(c.tls()),
		gomail.WithoutNoop(),
		gomail.WithoutRset(),
	}
	switch c.lock {
	case startTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case implicit:
		options = append(options, gomail.WithSSL())
	case open:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if c.user != "" {
		options = append(
			options,
			gomail.WithUsername(c.user), gomail.WithPassword(c.password),
			// PLAIN and LOGIN refuse an open line by themselves.
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthCramMD5, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin),
		)
	}
	session, err := gomail.NewClient(c.host, options...)
	if err != nil {
		return nil, fmt.Errorf("prepare the mail server: %w", err)
	}
	return session, nil
}

func (c *Client) tls() *tls.Config {
	return &tls.Config{ServerName: c.host, MinVersion: tls.VersionTLS12, RootCAs: c.Roots}
}

// line is the connection of one Send, which another goroutine may cut.
type line struct {
	client *Client

	mu   sync.Mutex
	conn net.Conn
	over bool
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("dial the mail server: %w", err)
	}
	if !l.keep(conn) {
		return nil, fmt.Errorf("dial the mail server: %w", net.ErrClosed)
	}
	if l.client.lock != implicit {
		return conn, nil
	}
	secure := tls.Client(conn, l.client.tls())
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("encrypt the line: %w", err)
	}
	return secure, nil
}

// keep takes a connection, or closes it if the line was cut meanwhile.
func (l *line) keep(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		_ = conn.Close() // nothing was said on it
		return false
	}
	l.conn = conn
	return true
}

// hurry leaves a moment for the goodbye.
func (l *line) hurry() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.conn.SetDeadline(time.Now().Add(goodbye)) // without it, the context ends the line
}

// cut closes the line now and for later.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	if l.conn != nil {
		_ = l.conn.Close() // closed twice is closed
	}
}

// render writes a message as a mail. Everything in it has passed Check.
func render(m letter.Message, at time.Time) *gomail.Msg {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	// Not by the library's Format functions, which change quotes in a name.
	msg.FromMailAddress(mailbox(m.From))
	msg.ToMailAddress(mailbox(m.To))
	if m.ReplyTo.Email != "" {
		msg.ReplyToMailAddress(mailbox(m.ReplyTo))
	}
	msg.SetMessageIDWithValue(m.MessageID())
	msg.SetDateWithValue(at)
	msg.Subject(m.Subject)
	for _, f := range m.Headers.Fields() {
		msg.SetGenHeaderPreformatted(gomail.Header(f.Name), f.Value)
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, a := range m.Attachments {
		msg.AttachReadSeeker(a.Name, bytes.NewReader(a.Data), gomail.WithFileContentType(gomail.ContentType(a.Type)))
	}
	return msg
}

func mailbox(a letter.Address) *mail.Address {
	return &mail.Address{Name: a.Name, Address: a.Email}
}

// maxReason is the length of what the server's words may take in ours.
const maxReason = 200

// refusal says what a conversation means that ended without delivery.
func (c *Client) refusal(ctx context.Context, err error) *letter.SendError {
	if err == nil {
		err = errors.New("the mail server took nothing")
	}
	e := &letter.SendError{Status: status(err), Err: err}
	e.Permanent = e.Status >= 500 || hopeless(err)
	if ctx.Err() != nil {
		// Our own end closes the line; its error would hide why.
		e.Err = fmt.Errorf("%w: %v", ctx.Err(), err) //nolint:errorlint // one cause is enough
	}
	said := err.Error()
	if c.password != "" {
		said = strings.ReplaceAll(said, c.password, "[password]")
	}
	// The library appends whom it concerned, which is nobody's business here.
	said, _, _ = strings.Cut(said, ", affected recipient")
	said, _, _ = strings.Cut(said, ", affected message")
	// Go quotes what a server said; its lines become one.
	said = strings.NewReplacer(`\n`, " ", `"`, "").Replace(said)
	e.Reason = letter.Line(said, maxReason)
	return e
}

// status returns the server's code, 0 if it said none.
func status(err error) int {
	var send *gomail.SendError
	if errors.As(err, &send) {
		return send.ErrorCode()
	}
	var proto *textproto.Error
	if errors.As(err, &proto) {
		return proto.Code
	}
	return 0
}

// hopeless reports whether server and settings do not fit, so that waiting
// changes nothing.
func hopeless(err error) bool {
	return errors.Is(err, vendor.ErrUnencrypted) || errors.Is(err, gomail.ErrNoSupportedAuthDiscovered) ||
		strings.Contains(err.Error(), "does not support") // the library has no sentinel for STARTTLS and AUTH
}

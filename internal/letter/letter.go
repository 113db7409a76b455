// Package letter composes the mails of DOMAIN 7.5 and says whether a message
// may leave. A composer takes plain values and returns a Message; nothing a
// client wrote can become HTML, a header or a second recipient. The text part
// and the HTML part are written from one page, so they say the same.
//
// It sends nothing and keeps no time: the wires resend and smtp take a Message
// and answer with a SendError. Start with Message.Check and Team.
package letter

import (
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Most bytes of a message before encoding. Receivers commonly refuse mails
// above 25 MB, and base64 adds a third.
const maxBytes = 10 << 20

// Message is one mail to one reader. The zero value is refused by Check.
type Message struct {
	// ID is the local part of the Message-ID. The caller derives it from what
	// the mail is about, so that a second attempt carries the same.
	ID       string
	From, To Address
	ReplyTo  Address // the zero value leaves the header out

	Subject     string
	Text        string // never empty
	HTML        string // says the same as Text; empty for plain mail
	Attachments []Attachment
	Headers     Headers

	fault error // why the composer could not write the mail; Check returns it
}

// Address is a mailbox with an optional display name.
type Address struct {
	Name  string
	Email string // ASCII; an international domain in its xn-- form
}

// String writes the address as a header value, with the name encoded.
func (a Address) String() string {
	return (&mail.Address{Name: a.Name, Address: a.Email}).String()
}

// Attachment is a file that travels with a message.
type Attachment struct {
	Name string // ASCII letters, digits, space, dot, hyphen, underscore
	Type string // media type, such as application/pdf
	Data []byte
}

// Headers are the only further headers that a message can have.
type Headers struct {
	// AutoSubmitted marks mail that no person sent, so that holiday notices
	// stay away (RFC 3834).
	AutoSubmitted bool
	// ListUnsubscribe is an https URL that ends further mail by one POST (RFC
	// 8058), or empty.
	ListUnsubscribe string
	// Thread is a message ID without angle brackets that all mails of one matter
	// name, so that readers show them together. It need not have been sent.
	Thread string
}

// Field is one header as it goes on the wire.
type Field struct{ Name, Value string }

// Fields lists the headers in a fixed order.
func (h Headers) Fields() []Field {
	var out []Field
	if h.AutoSubmitted {
		out = append(out, Field{"Auto-Submitted", "auto-generated"})
	}
	if h.ListUnsubscribe != "" {
		out = append(
			out,
			Field{"List-Unsubscribe", "<" + h.ListUnsubscribe + ">"},
			Field{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"},
		)
	}
	if h.Thread != "" {
		out = append(out, Field{"In-Reply-To", "<" + h.Thread + ">"}, Field{"References", "<" + h.Thread + ">"})
	}
	return out
}

// MessageID returns the Message-ID without angle brackets: ID at the domain of
// the sender.
func (m Message) MessageID() string {
	_, domain, _ := strings.Cut(m.From.Email, "@")
	return m.ID + "@" + domain
}

// Check says why the message must not leave, or nil. Wires call it before they
// send, because a message that fails here would be refused or would carry a
// header nobody meant.
func (m Message) Check() error {
	if m.fault != nil {
		return m.fault
	}
	if err := m.checkEnvelope(); err != nil {
		return err
	}
	if err := m.Headers.check(); err != nil {
		return err
	}
	if err := m.checkBody(); err != nil {
		return err
	}
	for i, a := range m.Attachments {
		if err := a.check(); err != nil {
			return fmt.Errorf("attachment %d: %w", i+1, err)
		}
	}
	return nil
}

func (m Message) checkEnvelope() error {
	if m.ID == "" || len(m.ID) > 128 || strings.Trim(m.ID, idRunes) != "" || strings.Contains(strings.Trim(m.ID, "."), "..") ||
		strings.HasPrefix(m.ID, ".") || strings.HasSuffix(m.ID, ".") {
		return errors.New("message ID is no plain word: retries could not be told apart; use letters, digits, dots, hyphens and underscores, at most 128")
	}
	for _, end := range []struct {
		name     string
		address  Address
		optional bool
	}{{"sender", m.From, false}, {"recipient", m.To, false}, {"reply address", m.ReplyTo, true}} {
		if end.optional && end.address == (Address{}) {
			continue
		}
		if err := end.address.Check(); err != nil {
			return fmt.Errorf("%s: %w", end.name, err)
		}
	}
	switch {
	case strings.TrimSpace(m.Subject) == "":
		return errors.New("subject is empty: the mail would look like spam; give it a subject")
	case utf8.RuneCountInString(m.Subject) > 200:
		return errors.New("subject is longer than 200 characters: readers cut it and some servers refuse it; shorten it")
	case !oneLine(m.Subject):
		return errLines("subject")
	}
	return nil
}

func (m Message) checkBody() error {
	size := len(m.Subject) + len(m.Text) + len(m.HTML)
	for _, a := range m.Attachments {
		size += len(a.Data)
	}
	switch {
	case strings.TrimSpace(m.Text) == "":
		return errors.New("text is empty: the mail would say nothing in a plain reader; write the text part")
	case !utf8.ValidString(m.Text) || !utf8.ValidString(m.HTML):
		return errors.New("body is not UTF-8: it would arrive garbled; clean the text first")
	case strings.ContainsRune(m.Text, 0) || strings.ContainsRune(m.HTML, 0):
		return errors.New("body holds a NUL character: servers refuse it; clean the text first")
	case size > maxBytes:
		return fmt.Errorf("message has %d bytes: more than %d do not arrive everywhere; link to the file instead", size, maxBytes)
	}
	return nil
}

// Check says why mail cannot go to the address, or nil. It knows the form, not
// whether somebody reads there.
func (a Address) Check() error {
	if !oneLine(a.Email) || !oneLine(a.Name) {
		return errLines("address")
	}
	if len(a.Name) > 200 {
		return errors.New("name is longer than 200 bytes: servers refuse such a header; shorten it")
	}
	parsed, err := mail.ParseAddress(a.Email)
	if err != nil || parsed.Address != a.Email || len(a.Email) > 254 ||
		strings.ContainsAny(a.Email, "\"<>()[],;:\\ ") || strings.ContainsFunc(a.Email, func(r rune) bool { return r > unicode.MaxASCII }) {
		return errors.New("address is not of the form name@example.com: the mail could not be delivered; correct the address")
	}
	return nil
}

func (a Attachment) check() error {
	switch kind, _, err := mime.ParseMediaType(a.Type); {
	case a.Name == "" || len(a.Name) > 128 || strings.Trim(a.Name, idRunes+" ") != "" || strings.Trim(a.Name, ". ") == "":
		return errors.New("file name has other characters than ASCII letters, digits, space, dot, hyphen and underscore: mail programs show such names differently; rename the file")
	case err != nil || !strings.Contains(kind, "/") || strings.HasPrefix(kind, "multipart/") || !oneLine(a.Type):
		return errors.New("media type is unreadable or that of a whole mail: readers could not open the file; give one such as application/pdf")
	case len(a.Data) == 0:
		return errors.New("file is empty: the reader would get nothing; attach its content")
	}
	return nil
}

func (h Headers) check() error {
	if strings.Trim(h.Thread, idRunes+"@") != "" || len(h.Thread) > 300 {
		return errors.New("thread is no message ID: it could add a header nobody meant; use letters, digits, dots, hyphens, underscores and one @")
	}
	if h.ListUnsubscribe == "" {
		return nil
	}
	u, err := url.Parse(h.ListUnsubscribe)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.String() != h.ListUnsubscribe || len(h.ListUnsubscribe) > 900 || strings.ContainsAny(h.ListUnsubscribe, "<>, ") {
		return errors.New("unsubscribe link is no plain https address: readers could not end the mail; give a full https URL of at most 900 characters")
	}
	return nil
}

// idRunes are the letters of a message ID and of a file name.
const idRunes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

// oneLine reports whether s is UTF-8 without control characters, line breaks of
// any script, marks that turn the direction of reading, or the beginning of an
// encoded word: readers would decode "=?utf-8?q?=0ABcc:..." to a line break.
func oneLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, breaks) && !strings.Contains(s, encoded)
}

// encoded begins an encoded word of RFC 2047.
const encoded = "=?"

// breaks reports whether r could end a line or hide what stands there.
func breaks(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
}

func errLines(what string) error {
	return fmt.Errorf("%s holds a control character or an encoded word: it could add a header nobody meant; write it on one line", what)
}

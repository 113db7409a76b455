package ingest

import (
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"strings"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
)

// Request is one batch on its way in. Only Body and ContentType are needed.
type Request struct {
	Body        io.Reader
	Length      int64  // of Body in bytes; 0 or less: not known
	ContentType string // application/json, application/x-ndjson, or text/plain, which beacons use
	Encoding    string // gzip; empty or identity: plain
	Anonymous   bool   // the sender asked not to be followed
	Bot         string // why the sender looks automated, reasons joined by commas; empty: it does not
	// Admit asks whether a session may send so many events now, or else how
	// long it has to wait. Nil lets everything pass.
	Admit func(session event.SessionID, events int) (wait time.Duration, ok bool)
}

// form tells how the body is spelled.
func (r *Request) form() (event.Form, error) {
	kind, _, err := mime.ParseMediaType(r.ContentType)
	if err != nil {
		kind = ""
	}
	switch kind {
	case "application/json":
		return event.FormJSON, nil
	case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines":
		return event.FormLines, nil
	case "text/plain":
		return event.FormText, nil
	}
	return 0, &Unsupported{ContentType: r.ContentType}
}

func (r *Request) packed() (bool, error) {
	switch strings.ToLower(strings.TrimSpace(r.Encoding)) {
	case "", "identity":
		return false, nil
	case "gzip", "x-gzip":
		return true, nil
	}
	return false, &Unsupported{ContentType: r.ContentType, Encoding: r.Encoding}
}

// read reads the whole body and unpacks it, but never more than a body may
// have. Until done is called the body counts against the memory of all.
func (s *Service) read(r Request) (body []byte, done func(), err error) {
	done = func() {}
	packed, err := r.packed()
	if err != nil {
		return nil, done, err
	}
	size := int64(s.maxBytes)
	if !packed && r.Length > 0 {
		size = min(size, r.Length)
	}
	done = func() { s.pending.Add(-size) }
	if s.pending.Add(size) > s.maxPending {
		return nil, done, store.ErrBusy
	}
	if !packed {
		hint := int64(unknown)
		if r.Length > 0 {
			hint = size
		}
		body, err = s.whole(r.Body, hint)
		return body, done, err
	}
	body, err = s.unpack(r.Body)
	return body, done, err
}

// unknown is the length that is expected of a body that does not tell.
const unknown = 32 << 10

// whole reads to the end, or to one byte beyond what a body may have. The hint
// is the length to expect.
func (s *Service) whole(r io.Reader, hint int64) ([]byte, error) {
	body := make([]byte, 0, hint+512)
	r = io.LimitReader(r, int64(s.maxBytes)+1)
	for {
		n, err := r.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > s.maxBytes:
			return nil, &TooLarge{Limit: s.maxBytes, Unit: "bytes"}
		case errors.Is(err, io.EOF):
			return body, nil
		case err != nil:
			return nil, err
		}
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
	}
}

func (s *Service) unpack(r io.Reader) ([]byte, error) {
	z, _ := s.unpackers.Get().(*gzip.Reader)
	if z == nil {
		z = new(gzip.Reader)
	}
	defer s.unpackers.Put(z)
	body, err := []byte(nil), z.Reset(r)
	if err == nil {
		body, err = s.whole(z, unknown)
	}
	if err != nil && badPack(err) {
		return nil, &Malformed{Reason: "The body is not whole gzip data."}
	}
	return body, err
}

// badPack reports whether the data is to blame, and not the connection.
func badPack(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrHeader) ||
		errors.Is(err, gzip.ErrChecksum) || strings.HasPrefix(err.Error(), "flate: corrupt input")
}

// waits tells which events their sessions have to send later.
type waits struct {
	held    []bool // by place among the good events; nil: none
	count   int
	longest time.Duration
}

func (w *waits) holds(i int) bool { return w.held != nil && w.held[i] }

// all reports whether there are events and none of them is let in.
func (w *waits) all() bool { return w.held != nil && w.count == len(w.held) }

// admit asks for each session of a batch, once.
func admit(ask func(event.SessionID, int) (time.Duration, bool), evs []event.Incoming) waits {
	var w waits
	if ask == nil {
		return w
	}
	counts := make(map[event.SessionID]int)
	for i := range evs {
		counts[evs[i].SessionID]++
	}
	late := make(map[event.SessionID]bool)
	for id, n := range counts {
		if wait, ok := ask(id, n); !ok {
			late[id], w.longest = true, max(w.longest, wait)
		}
	}
	if len(late) == 0 {
		return w
	}
	w.held = make([]bool, len(evs))
	for i := range evs {
		if w.held[i] = late[evs[i].SessionID]; w.held[i] {
			w.count++
		}
	}
	return w
}

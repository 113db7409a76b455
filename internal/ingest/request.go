package ingest

import (
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"slices"
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

// read reads the whole body into a space and unpacks it, but never more than a
// body may have. Until done is called the body counts against the memory of all.
func (s *Service) read(r Request, sp *space) (done func(), err error) {
	done = func() {}
	packed, err := r.packed()
	if err != nil {
		return done, err
	}
	var held int64
	done = func() { s.pending.Add(-held) }
	hold := func(n int) error {
		held += int64(n)
		if s.pending.Add(int64(n)) > s.maxPending {
			return store.ErrBusy
		}
		return nil
	}
	if packed {
		return done, s.unpack(r.Body, sp, hold)
	}
	size := unknown
	if r.Length > 0 {
		size = int(min(r.Length, int64(firstPiece)))
	}
	return done, s.whole(r.Body, sp, size, hold)
}

// A body gets memory as it arrives, beginning with so much when its length is
// not known, and so much at the most: many slow senders of long bodies must not
// take what is for all.
const (
	unknown    = 32 << 10
	firstPiece = 64 << 10
)

// whole reads to the end, or to one byte beyond what a body may have. The size
// is what to begin with; hold is asked for every piece of memory.
func (s *Service) whole(r io.Reader, sp *space, size int, hold func(bytes int) error) error {
	size += 512 // so that the end is seen without growing
	if err := hold(size); err != nil {
		return err
	}
	// Of a space that has more, only so much is used: the rest is not accounted
	// for.
	whole := sp.body
	fits := cap(whole) >= size
	body := slices.Grow(whole[:0:min(size, cap(whole))], size)
	defer func() {
		if sp.body = body; fits {
			sp.body = whole[:len(body)]
		}
	}()
	r = io.LimitReader(r, int64(s.maxBytes)+1)
	for {
		n, err := r.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > s.maxBytes:
			return &TooLarge{Limit: s.maxBytes, Unit: "bytes"}
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if len(body) == cap(body) {
			more := min(cap(body), max(s.maxBytes+512-cap(body), 512))
			if err := hold(more); err != nil {
				return err
			}
			body, fits = append(make([]byte, 0, cap(body)+more), body...), false
		}
	}
}

func (s *Service) unpack(r io.Reader, sp *space, hold func(bytes int) error) error {
	z, _ := s.unpackers.Get().(*gzip.Reader)
	if z == nil {
		z = new(gzip.Reader)
	}
	defer s.unpackers.Put(z)
	err := z.Reset(r)
	if err == nil {
		err = s.whole(z, sp, unknown, hold)
	}
	if err != nil && badPack(err) {
		return &Malformed{Reason: "The body is not whole gzip data."}
	}
	return err
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

package claude

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// maxBody is far above any answer of the tokens that we pay for.
const maxBody = 1 << 20

var errTooLarge = errors.New("the answer has more than 1 MB; it is refused because no advice is that long")

// seen is what one try saw of the vendor, whatever the SDK makes of it.
type seen struct {
	status     int
	requestID  string
	retryAfter time.Duration
	tooLarge   bool
	cut        bool // the answer ended by an error of the network
}

type seenKey struct{}

func withSeen(ctx context.Context) (context.Context, *seen) {
	s := &seen{}
	return context.WithValue(ctx, seenKey{}, s), s
}

// watch is a transport that notes the answer's head and refuses long bodies.
type watch struct {
	next http.RoundTripper
	now  func() time.Time
}

// RoundTrip does one exchange.
func (w watch) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := w.next.RoundTrip(req)
	if err != nil {
		return resp, err //nolint:wrapcheck // the SDK reads it
	}
	s, ok := req.Context().Value(seenKey{}).(*seen)
	if !ok {
		return resp, nil
	}
	s.status = resp.StatusCode
	s.requestID = clip(resp.Header.Get("Request-Id"))
	s.retryAfter = retryAfter(resp.Header, w.now())
	resp.Body = &limited{body: resp.Body, left: maxBody, seen: s}
	return resp, nil
}

// clip keeps a header of a stranger short and printable.
func clip(id string) string {
	if len(id) > 64 {
		return ""
	}
	for _, r := range id {
		if r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return ""
		}
	}
	return id
}

// limited refuses a body above its limit, counted after decompression.
type limited struct {
	body io.ReadCloser
	left int
	seen *seen
}

// Read fails once the limit is passed.
func (l *limited) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, errTooLarge
	}
	if len(p) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.body.Read(p)
	l.left -= n
	switch {
	case l.left < 0:
		l.seen.tooLarge = true
		return 0, errTooLarge
	case err != nil && !errors.Is(err, io.EOF):
		l.seen.cut = true
	}
	return n, err
}

// Close ends the exchange.
func (l *limited) Close() error { return l.body.Close() }

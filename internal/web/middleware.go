package web

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"

	"applicreations.com/introspect/internal/veil"
)

// The largest request bodies (DOMAIN 8.1).
const (
	maxBody  = 256 << 10
	maxBatch = 1 << 20
)

// policy lets a page load nothing but our own files: no inline script, no
// inline style, no foreign host.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// recorder remembers what was answered. Unwrap keeps Flush and deadlines
// reachable for streams.
type recorder struct {
	http.ResponseWriter
	status  int
	bytes   int64
	planned bool // refused because of maintenance, which is no fault
}

// Unwrap serves http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// started reports whether a response is already on its way.
func started(w http.ResponseWriter) bool {
	rec, ok := w.(*recorder)
	return ok && rec.status != 0
}

func requestID(r *http.Request) string { return veil.Request(r.Context()) }

// newRequestID takes over the id that a proxy or a program gave to the request
// when it is a sane one, so that its lines can be found here too.
func newRequestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if len(id) < 8 || len(id) > 64 {
		return uuid.NewString()
	}
	for _, c := range []byte(id) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '_' && c != '.' {
			return uuid.NewString()
		}
	}
	return id
}

// wrap puts around the mux what every request gets: an id, security headers
// and a styled answer for paths that do not exist.
func (s *Server) wrap(m *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := newRequestID(r)
		r = r.WithContext(veil.WithRequest(r.Context(), id))
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if s.secure(r) {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		if found, pattern := m.Handler(r); pattern == "" {
			s.unmatched(w, r, found)
			return
		}
		m.ServeHTTP(w, r)
	})
}

// unmatched answers unknown paths (404) and known paths with another method
// (405). The mux says which by its own plain answer, of which only the status
// and Allow are kept.
func (s *Server) unmatched(w http.ResponseWriter, r *http.Request, found http.Handler) {
	probe := &discard{header: http.Header{}}
	found.ServeHTTP(probe, r)
	k := page
	if strings.HasPrefix(r.URL.Path, "/api/") {
		k = api
	}
	p := notFound()
	if probe.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", probe.header.Get("Allow"))
		p = &problem{
			Status: http.StatusMethodNotAllowed, Kind: "method_not_allowed", Title: "That does not work here",
			Detail: "This address takes " + probe.header.Get("Allow") + " only.", Level: slog.LevelInfo,
		}
	}
	s.fail(w, r, k, p)
}

// discard keeps the status and the headers of an answer.
type discard struct {
	header http.Header
	status int
}

// Header implements http.ResponseWriter.
func (d *discard) Header() http.Header { return d.header }

// Write implements http.ResponseWriter.
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader implements http.ResponseWriter.
func (d *discard) WriteHeader(status int) { d.status = status }

// treat puts around a handler what its route asks for.
func (s *Server) treat(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w}
		start := time.Now()
		r, err := s.canary(r)
		if s.cfg.Trace != nil && rt.kind != quiet {
			ctx, end := s.cfg.Trace(r.Context(), r.Method, rt.pattern, r.Header)
			r = r.WithContext(ctx)
			defer func() { end(cmp.Or(rec.status, http.StatusOK)) }()
		}
		defer func() {
			if v := recover(); v != nil {
				s.panicked(rec, r, rt.kind, v)
			}
			s.done(rec, r, rt, time.Since(start))
		}()
		if err == nil {
			err = s.serve(rec, r, rt)
		}
		if err != nil {
			s.fail(rec, r, rt.kind, err)
		}
	})
}

// serve applies the limits of the route and calls its handler.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, rt route) error {
	if rt.kind == page {
		if err := s.origins.Check(r); err != nil {
			return &problem{
				Status: http.StatusForbidden, Kind: "cross_origin", Title: "Sent from another site",
				Detail: "This form was sent from another website and was therefore ignored.", Level: slog.LevelInfo,
			}
		}
	} else {
		s.allowOrigins(w, r, rt)
	}
	if err := s.admit(r, rt.bucket); err != nil {
		return err
	}
	if out, err := s.keptOut(w, r, rt); out || err != nil {
		return err
	}
	limit := int64(maxBody)
	if rt.bucket == batches || rt.bucket == syncs {
		limit = maxBatch
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	if rt.kind == page {
		if err := s.heed(w, r); err != nil {
			return err
		}
	}
	return rt.handle(w, r)
}

// allowOrigins lets scripts of any site read API answers: they prove
// themselves by a token they hold, and no cookie is ever sent along (no
// Allow-Credentials). Admin answers stay out of it.
func (s *Server) allowOrigins(w http.ResponseWriter, r *http.Request, rt route) {
	origin, path := r.Header.Get("Origin"), pathOf(rt.pattern)
	if path == batchPath && !s.cfg.Collect.Open {
		// Only those who may send may read what became of it.
		w.Header().Add("Vary", "Origin")
		if origin != "" && s.listed(origin) {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Expose-Headers", "Retry-After, X-Request-Id")
		}
		return
	}
	if rt.kind == api && origin != "" && !strings.HasPrefix(path, "/api/admin/") {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Expose-Headers", "Retry-After, Location, X-Request-Id")
	}
}

// preflight answers the browser's question before a cross-origin request.
func (s *Server) preflight(w http.ResponseWriter, r *http.Request) error {
	if r.Header.Get("Access-Control-Request-Method") != "" && w.Header().Get("Access-Control-Allow-Origin") != "" {
		w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
		w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Encoding, Content-Type")
		w.Header().Set("Access-Control-Max-Age", "7200")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// panicked turns a panic into an error of our own, unless net/http asked for it.
func (s *Server) panicked(w http.ResponseWriter, r *http.Request, k kind, v any) {
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(v)
	}
	s.fail(w, r, k, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
}

// done logs the request without personal data (the pattern, not the path) and
// measures it when a client waited for it.
func (s *Server) done(w *recorder, r *http.Request, rt route, took time.Duration) {
	status := w.status
	if status == 0 {
		status = http.StatusOK
	}
	level := slog.LevelInfo
	if rt.kind == quiet {
		level = slog.LevelDebug
	} else if s.cfg.Observe != nil && !w.planned && !isCanary(r) {
		s.cfg.Observe(took, status)
	}
	s.called(r, rt)
	if s.cfg.Seen != nil && rt.pattern != changesPattern && !isCanary(r) {
		s.cfg.Seen(rt.pattern, status, took)
	}
	if !w.planned {
		s.note(r, rt, status)
	}
	s.log.LogAttrs(r.Context(), level, "request",
		slog.String("method", r.Method), slog.String("pattern", rt.pattern), slog.Int("status", status),
		slog.Int64("bytes", w.bytes), slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.String("request_id", requestID(r)))
}

// secure reports whether the client speaks TLS, so that cookies may be Secure.
func (s *Server) secure(r *http.Request) bool {
	switch {
	case r.TLS != nil:
		return true
	case s.cfg.TrustedProxy && r.Header.Get("X-Forwarded-Proto") != "":
		return r.Header.Get("X-Forwarded-Proto") == "https"
	}
	return s.cfg.AppURL == "https://"+r.Host
}

// pathOf cuts the method off a route pattern.
func pathOf(pattern string) string {
	_, path, _ := strings.Cut(pattern, " ")
	return path
}

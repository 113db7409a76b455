package web

import (
	"encoding/hex"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
)

// maxFaults bounds what is counted between two writings; beyond it everything
// else is one.
const maxFaults = 500

// faults counts what an operator wants to know in the morning.
type faults struct {
	mu     sync.Mutex
	counts map[store.Fault]int // by a fault without its count
}

func (f *faults) add(of store.Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.counts == nil {
		f.counts = make(map[store.Fault]int)
	}
	if _, known := f.counts[of]; !known && len(f.counts) >= maxFaults {
		of.What = "others"
	}
	f.counts[of]++
}

// TakeFaults returns the faults since the last call, for the store to keep.
func (s *Server) TakeFaults() []store.Fault {
	f := &s.faults
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]store.Fault, 0, len(f.counts))
	for of, n := range f.counts {
		of.Count = n
		out = append(out, of)
	}
	f.counts = nil
	return out
}

// note counts an answer that is a fault.
func (s *Server) note(r *http.Request, rt route, status int) {
	day := metric.DayBucket(s.now(), s.cfg.Zone)
	switch {
	case status >= http.StatusInternalServerError && rt.kind != quiet:
		s.faults.add(store.Fault{Day: day, Kind: store.FaultError, What: rt.pattern})
	case status == http.StatusTooManyRequests:
		s.faults.add(store.Fault{Day: day, Kind: store.FaultLimit, What: s.networkHash(r, day)})
	}
}

// called counts a request of the public by its network. Behind a proxy that is
// not declared everybody seems to be one, and the agency's own pages ask often.
func (s *Server) called(r *http.Request, rt route) {
	if s.cfg.Called == nil || rt.kind == quiet || isCanary(r) || strings.HasPrefix(pathOf(rt.pattern), "/admin") || strings.HasPrefix(pathOf(rt.pattern), "/api/admin") {
		return
	}
	if s.cfg.TrustedProxy || r.Header.Get("X-Forwarded-For") == "" {
		s.cfg.Called(networkKey(s.clientIP(r)))
	}
}

// failed tells of a fault of our own.
func (s *Server) failed(r *http.Request, p *problem, err error) {
	if s.cfg.Failed == nil || p.Status < http.StatusInternalServerError || p.Level < slog.LevelWarn {
		return
	}
	f := Failure{Route: r.Pattern, Kind: p.Kind, Text: err.Error(), Network: s.networkHash(r, metric.DayBucket(s.now(), s.cfg.Zone))}
	if k, ok := cookieKey(r); ok {
		f.Session = string(k.id)
	}
	s.cfg.Failed(f)
}

// networkHash names a network for one day, without telling which it is.
func (s *Server) networkHash(r *http.Request, day int64) string {
	sum := s.cfg.Keys.MAC("network of a day", []byte(strconv.FormatInt(day, 10)+" "+networkKey(s.clientIP(r))))
	return hex.EncodeToString(sum[:6])
}

package web

import (
	"crypto/subtle"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// httprate was tried first: it has one window and a fixed Retry-After, while
// DOMAIN 8.5 wants two windows and a back-off that doubles.

// maxVisitors bounds the memory of a limiter; beyond it, strangers share one
// entry.
const maxVisitors = 50_000

// The back-off of DOMAIN 8.5.
const (
	firstBackOff = time.Minute
	maxBackOff   = time.Hour
	cleanTime    = time.Hour // without a violation, the next one counts as the first
)

// window allows Limit requests in any stretch of Period.
type window struct {
	Limit  int
	Period time.Duration
}

// limiter counts requests per key in sliding windows.
type limiter struct {
	windows []window
	backOff bool // a violation shuts the key out for 1, 2, 4 ... 60 minutes

	mu       sync.Mutex
	visitors map[string]*visitor
	swept    time.Time
}

type visitor struct {
	counts  []count // one for each window
	seen    time.Time
	strikes int
	shutOut time.Time // until when nothing is taken
}

// count approximates a sliding window: the previous fixed window counts by
// the share of it that is still inside.
type count struct {
	start     time.Time
	prev, cur int
}

func newLimiter(backOff bool, windows ...window) *limiter {
	return &limiter{windows: windows, backOff: backOff, visitors: make(map[string]*visitor)}
}

// allow counts one request of key at now, or reports how long to wait.
func (l *limiter) allow(key string, now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	v := l.visitor(key)
	v.seen = now
	if now.Before(v.shutOut) {
		return v.shutOut.Sub(now), false
	}
	for i, w := range l.windows {
		wait = max(wait, v.counts[i].wait(w, now))
	}
	if wait == 0 {
		for i := range v.counts {
			v.counts[i].cur++
		}
		return 0, true
	}
	if l.backOff {
		wait = max(wait, v.strike(now))
		v.shutOut = now.Add(wait)
	}
	return wait, false
}

func (l *limiter) visitor(key string) *visitor {
	v, ok := l.visitors[key]
	if !ok && len(l.visitors) >= maxVisitors {
		key = "overflow"
		v, ok = l.visitors[key]
	}
	if !ok {
		v = &visitor{counts: make([]count, len(l.windows))}
		l.visitors[key] = v
	}
	return v
}

// sweep forgets, once a minute, who is not needed any more.
func (l *limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < time.Minute {
		return
	}
	l.swept = now
	for key, v := range l.visitors {
		if now.Sub(v.seen) > 2*cleanTime {
			delete(l.visitors, key)
		}
	}
}

// strike notes a violation and returns its back-off.
func (v *visitor) strike(now time.Time) time.Duration {
	if now.Sub(v.shutOut) > cleanTime {
		v.strikes = 0
	}
	v.strikes++
	return min(firstBackOff<<min(v.strikes-1, 6), maxBackOff)
}

// wait moves the count to now and reports how long until one more request
// fits into the window.
func (c *count) wait(w window, now time.Time) time.Duration {
	switch past := now.Sub(c.start); {
	case past >= 2*w.Period:
		*c = count{start: now}
	case past >= w.Period:
		*c = count{start: c.start.Add(w.Period), prev: c.cur}
	}
	past := now.Sub(c.start)
	inside := float64(c.prev) * float64(w.Period-past) / float64(w.Period)
	if inside+float64(c.cur)+1 <= float64(w.Limit) {
		return 0
	}
	if c.cur < w.Limit { // It fits once enough of the previous window has slid out.
		keep := float64(w.Limit-c.cur-1) / float64(c.prev)
		return max(time.Duration((1-keep)*float64(w.Period))-past, time.Millisecond)
	}
	slide := 1 - float64(w.Limit-1)/float64(c.cur)
	return w.Period - past + time.Duration(slide*float64(w.Period))
}

func (s *Server) newLimiters() map[bucket]*limiter {
	l := s.cfg.Limits
	return map[bucket]*limiter{
		general: newLimiter(true, window{l.PerMinute, time.Minute}, window{l.PerHour, time.Hour}),
		relaxed: newLimiter(false, window{l.RelaxedPerMinute, time.Minute}),
		batches: newLimiter(false, window{l.RelaxedPerMinute, time.Minute}),
	}
}

// admit refuses a request over the limit of its bucket.
func (s *Server) admit(r *http.Request, b bucket) error {
	l := s.limits[b]
	if l == nil || r.Method == http.MethodOptions || s.bypass(r) {
		return nil
	}
	ip := s.clientIP(r)
	if ip.IsLoopback() && !s.cfg.Production {
		return nil
	}
	wait, ok := l.allow(limitKey(ip), s.now())
	if ok {
		return nil
	}
	return &problem{
		Status: http.StatusTooManyRequests, Kind: "rate_limited", Title: "A short pause, please",
		Detail: "Many requests came from your connection in a short time. Please wait a moment and try again; nothing was lost.",
		Retry:  wait, Level: slog.LevelInfo,
	}
}

func (s *Server) bypass(r *http.Request) bool {
	given := r.Header.Get("X-Introspect-Bypass")
	return s.cfg.Limits.Bypass != "" && subtle.ConstantTimeCompare([]byte(given), []byte(s.cfg.Limits.Bypass)) == 1
}

// clientIP is the last untrusted hop: the peer, or what our own proxy saw.
func (s *Server) clientIP(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if s.cfg.TrustedProxy {
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if last := strings.TrimSpace(hops[len(hops)-1]); last != "" {
			host = last
		}
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return netip.IPv4Unspecified()
	}
	return ip.Unmap()
}

// limitKey groups IPv6 addresses by /64, which is what one client is given.
func limitKey(ip netip.Addr) string {
	if ip.Is6() {
		if p, err := ip.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

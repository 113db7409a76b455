package web

import (
	"context"
	"crypto/subtle"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"applicreations.com/introspect/internal/interview"
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

// limiter counts requests, or other things, per key in sliding windows.
type limiter struct {
	windows []window
	backOff bool // a violation shuts the key out for 1, 2, 4 ... 60 minutes
	lenient bool // where there are too many keys to count, everything passes

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
	return l.allowMany(key, 1, now)
}

// allowMany counts n things at once: all of them, or none. More than a window
// takes are let in when it is empty.
func (l *limiter) allowMany(key string, n int, now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	v := l.visitor(key)
	if v == nil {
		return 0, true
	}
	v.seen = now
	if now.Before(v.shutOut) {
		return v.shutOut.Sub(now), false
	}
	for i, w := range l.windows {
		wait = max(wait, v.counts[i].wait(w, min(n, w.Limit), now))
	}
	if wait == 0 {
		for i, w := range l.windows {
			v.counts[i].cur += min(n, w.Limit)
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
		if l.lenient {
			return nil
		}
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
	needed := 2 * cleanTime
	if !l.backOff {
		needed = 0
		for _, w := range l.windows {
			needed = max(needed, 2*w.Period)
		}
	}
	for key, v := range l.visitors {
		if now.Sub(v.seen) > needed {
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

// wait moves the count to now and reports how long until n more fit into the
// window.
func (c *count) wait(w window, n int, now time.Time) time.Duration {
	switch past := now.Sub(c.start); {
	case past >= 2*w.Period:
		*c = count{start: now}
	case past >= w.Period:
		*c = count{start: c.start.Add(w.Period), prev: c.cur}
	}
	past := now.Sub(c.start)
	inside := float64(c.prev) * float64(w.Period-past) / float64(w.Period)
	if inside+float64(c.cur+n) <= float64(w.Limit) {
		return 0
	}
	if c.cur+n <= w.Limit { // They fit once enough of the previous window has slid out.
		keep := float64(w.Limit-c.cur-n) / float64(c.prev)
		return max(time.Duration((1-keep)*float64(w.Period))-past, time.Millisecond)
	}
	slide := 1 - float64(w.Limit-n)/float64(c.cur)
	return w.Period - past + time.Duration(slide*float64(w.Period))
}

func (s *Server) newLimiters() map[bucket]*limiter {
	l := s.cfg.Limits
	return map[bucket]*limiter{
		general:  newLimiter(true, window{l.PerMinute, time.Minute}, window{l.PerHour, time.Hour}),
		relaxed:  newLimiter(false, window{l.RelaxedPerMinute, time.Minute}),
		batches:  newLimiter(false, window{l.BatchPerMinute, time.Minute}),
		syncs:    newLimiter(false, window{l.RelaxedPerMinute, time.Minute}),
		networks: newLimiter(false, window{l.NetworkPerMinute, time.Minute}),
	}
}

// newSessionLimiter counts events. Sessions are easily invented, so they must
// not crowd out each other; who invents them is limited by address.
func (s *Server) newSessionLimiter() *limiter {
	l := newLimiter(false, window{s.cfg.Limits.SessionPerMinute, time.Minute})
	l.lenient = true
	return l
}

// newAskLimiter counts what makes a mail: a few an hour of each kind for one
// session, whatever address the requests come from.
func newAskLimiter() *limiter { return newLimiter(false, window{5, time.Hour}) }

// admit refuses a request over the limit of its bucket. Event batches are
// limited by network too, since whoever floods a collector has many addresses.
func (s *Server) admit(r *http.Request, b bucket) error {
	if s.limits[b] == nil || r.Method == http.MethodOptions || s.unlimited(r) {
		return nil
	}
	ip, now := s.clientIP(r), s.now()
	wait, ok := s.limits[b].allow(limitKey(ip), now)
	if ok && b == batches {
		wait, ok = s.limits[networks].allow(networkKey(ip), now)
	}
	if ok {
		return nil
	}
	return rateLimited("Many requests came from your connection in a short time. Please wait a moment and try again; nothing was lost.", wait)
}

// seconds writes a wait for the Retry-After header.
func seconds(wait time.Duration) string { return strconv.Itoa(int(math.Ceil(wait.Seconds()))) }

func rateLimited(detail string, wait time.Duration) *problem {
	return &problem{
		Status: http.StatusTooManyRequests, Kind: "rate_limited", Title: "A short pause, please", Detail: detail,
		Retry: wait, Level: slog.LevelInfo,
	}
}

// unlimited reports whether a request is exempt from every limit: a test with
// the bypass, a canary of ours, or a program of this machine outside production.
func (s *Server) unlimited(r *http.Request) bool {
	return s.bypass(r) || isCanary(r) || !s.cfg.Production && s.clientIP(r).IsLoopback()
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

// withNetwork is the context of a request that may cost money, with the network
// that it came from.
func (s *Server) withNetwork(r *http.Request) context.Context {
	return interview.WithNetwork(r.Context(), networkKey(s.clientIP(r)))
}

// networkKey groups addresses by network: /24 of IPv4, /48 of IPv6.
func networkKey(ip netip.Addr) string {
	bits := 24
	if ip.Is6() {
		bits = 48
	}
	if p, err := ip.WithZone("").Prefix(bits); err == nil {
		return p.String()
	}
	return ip.String()
}

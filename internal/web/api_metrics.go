package web

import (
	"crypto/subtle"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/ingest"
)

// batchPath is where events from outside arrive.
const batchPath = "/api/metrics/batch"

// metricsBatch takes events from outside: POST /api/metrics/batch
// (ARCHITECTURE 4). text/plain is what a closing page can send without asking
// first.
func (s *Server) metricsBatch(w http.ResponseWriter, r *http.Request) error {
	if err := s.mayCollect(r); err != nil {
		return err
	}
	req := ingest.Request{
		Body: r.Body, Length: r.ContentLength, ContentType: r.Header.Get("Content-Type"),
		Encoding: r.Header.Get("Content-Encoding"), Anonymous: unfollowed(r), Bot: automated(r),
	}
	if !s.unlimited(r) {
		req.Admit = func(session event.SessionID, events int) (time.Duration, bool) {
			return s.perSess.allowMany(string(session), events, s.now())
		}
	}
	report, err := s.cfg.Ingest.Take(r.Context(), req)
	if err != nil {
		return unread(err)
	}
	if s.cfg.Taken != nil && !isCanary(r) {
		s.cfg.Taken(report)
	}
	if report.Evicted > 0 {
		s.log.LogAttrs(r.Context(), slog.LevelInfo, "a sender lost events", slog.Int("events", report.Evicted), slog.String("request_id", requestID(r)))
	}
	if report.Retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(report.RetryAfter.Seconds()))))
	}
	buf, _ := s.answers.Get().(*[]byte)
	if buf == nil {
		buf = new([]byte)
	}
	*buf = append(report.AppendJSON((*buf)[:0]), '\n')
	w.Header().Set("Content-Length", strconv.Itoa(len(*buf)))
	sendJSON(w, http.StatusOK, *buf)
	s.answers.Put(buf)
	return nil
}

// mayCollect refuses senders by their origin and write key. A write key stands
// in the source of the pages that use it and is no secret; it tells one front
// end from another and can be replaced.
func (s *Server) mayCollect(r *http.Request) error {
	c, origin := s.cfg.Collect, r.Header.Get("Origin")
	switch {
	case isCanary(r):
		return nil
	case origin != "" && s.origins.Check(r) == nil: // our own pages
		return nil
	case origin == "":
		if c.Open || c.holds(writeKey(r)) {
			return nil
		}
		return unauthorized("This installation takes events from known origins or with a write key only.")
	case !s.listed(origin):
		return &problem{
			Status: http.StatusForbidden, Kind: "unknown_origin", Title: "This site may not send events",
			Detail: "The origin of the page is not among those that may send events to this installation.", Level: slog.LevelInfo,
		}
	case len(c.Keys) > 0 && !c.holds(writeKey(r)):
		return unauthorized("Pages of other sites need a write key of this installation, as a bearer token or as ?key=.")
	}
	return nil
}

// listed reports whether pages of a foreign origin may send at all: any may
// when everybody may, or when the write key alone decides.
func (s *Server) listed(origin string) bool {
	c := s.cfg.Collect
	return c.Open || slices.Contains(c.Origins, origin) || len(c.Origins) == 0 && len(c.Keys) > 0
}

// holds compares in constant time.
func (c *Collect) holds(given string) bool {
	return slices.ContainsFunc(c.Keys, func(key string) bool {
		return key != "" && subtle.ConstantTimeCompare([]byte(given), []byte(key)) == 1
	})
}

// writeKey reads the write key of a request. A closing page cannot set headers
// and sends it in the address, which is not logged.
func writeKey(r *http.Request) string {
	if key := bearer(r); key != "" {
		return key
	}
	return r.URL.Query().Get("key")
}

// unfollowed reports whether the browser asks not to be followed: Global
// Privacy Control, or its predecessor.
func unfollowed(r *http.Request) bool {
	return r.Header.Get("Sec-GPC") == "1" || r.Header.Get("DNT") == "1"
}

// automated says why the sender of a batch is taken for a program: reasons,
// joined by commas. Only browsers that say so themselves are meant. A program
// that fetches addresses is no reason: collectors run on servers as well, and
// what they tell is what people did there.
func automated(r *http.Request) string {
	agent := strings.ToLower(r.UserAgent())
	var reasons []string
	for _, word := range []string{"headlesschrome", "phantomjs", "slimerjs", "htmlunit"} {
		if strings.Contains(agent, word) || strings.Contains(strings.ToLower(r.Header.Get("Sec-CH-UA")), word) {
			reasons = append(reasons, "headless:"+word)
		}
	}
	for _, word := range []string{
		"googlebot", "bingbot", "yandexbot", "baiduspider", "duckduckbot", "applebot", "ahrefsbot", "semrushbot", "mj12bot",
		"gptbot", "claudebot", "ccbot", "bytespider", "petalbot", "slurp", "facebookexternalhit", "twitterbot", "linkedinbot",
		"crawler", "spider", "lighthouse", "uptimerobot", "pingdom",
	} {
		if strings.Contains(agent, word) {
			reasons = append(reasons, "agent:"+word)
			break
		}
	}
	return strings.Join(reasons, ",")
}

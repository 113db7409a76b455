package web

import (
	"crypto/subtle"
	"net/http"
)

// metrics shows the figures for Prometheus: GET /metrics. With a token it is
// for whoever has that; without one, a server in production shows them to
// private networks only.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) error {
	switch {
	case s.cfg.Metrics == nil:
		return notFound()
	case s.cfg.MetricsToken != "":
		if subtle.ConstantTimeCompare([]byte(bearer(r)), []byte(s.cfg.MetricsToken)) != 1 {
			return unauthorized("Send the value of METRICS_TOKEN as Authorization: Bearer <token>.")
		}
	case s.cfg.Production:
		ip := s.clientIP(r)
		// Behind a proxy that is not declared, everybody seems to be near.
		hidden := !s.cfg.TrustedProxy && (r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "")
		if near := ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast(); hidden || !near {
			return notFound()
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	s.cfg.Metrics.ServeHTTP(w, r)
	return nil
}
